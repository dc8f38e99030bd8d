//! What a call used is charged to those whose tokens are counted, after the call.

use super::counters::{Counters, Field, Operation};

/// Tokens to add to a scope's, or to give back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Whose tokens.
    pub scope: usize,
    /// How many, below 2^62 in size.
    pub tokens: i64,
}

/// Add each charge to its scope's tokens, in order; after a failure of the store, which is reported, no others.
///
/// # Errors
/// A failure of the store not to go on after.
pub fn charge<C: Counters>(counters: &mut C, charges: &[Charge]) -> Result<(), C::Error> {
    for &Charge { scope, tokens } in charges {
        let added = counters.read(scope, Field::Tokens).and_then(|used| {
            counters.write(
                scope,
                Field::Tokens,
                used.unwrap_or(0).saturating_add(tokens),
            )
        });
        if let Err(error) = added {
            return counters.report(Operation::Charge, error);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Charge, charge};
    use crate::limiter::{Counters, Field, Operation};

    /// Tokens of three scopes; the third cannot be read.
    #[derive(Default)]
    struct Store {
        tokens: [Option<i64>; 2],
        reported: Vec<Operation>,
    }

    impl Counters for Store {
        type Error = &'static str;

        fn read(&mut self, scope: usize, field: Field) -> Result<Option<i64>, Self::Error> {
            assert_eq!(field, Field::Tokens);
            self.tokens.get(scope).copied().ok_or("broken")
        }

        fn write(&mut self, scope: usize, field: Field, value: i64) -> Result<(), Self::Error> {
            assert_eq!(field, Field::Tokens);
            self.tokens[scope] = Some(value);
            Ok(())
        }

        fn report(&mut self, operation: Operation, error: Self::Error) -> Result<(), Self::Error> {
            self.reported.push(operation);
            if self.reported.len() > 1 {
                return Err(error);
            }
            Ok(())
        }
    }

    #[test]
    fn each_is_added_until_the_store_fails() {
        let mut store = Store::default();
        let charges = [(0, 5), (1, -2), (0, 1), (2, 9), (1, 100)];
        let charges = charges.map(|(scope, tokens)| Charge { scope, tokens });
        assert_eq!(charge(&mut store, &charges), Ok(()));
        assert_eq!(store.tokens, [Some(6), Some(-2)]);
        assert_eq!(store.reported, [Operation::Charge]);
        assert_eq!(charge(&mut store, &charges), Err("broken"));
    }
}
