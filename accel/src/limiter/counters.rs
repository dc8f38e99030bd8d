//! Where counters are kept.

/// One of the three values that belong to a limited scope (a key, a user, a team).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// When its window began, in whole seconds.
    Start,
    /// Requests in the window.
    Requests,
    /// Tokens in the window.
    Tokens,
}

/// What was being done when the store failed; LiteLLM reports each in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Reading one value.
    Read,
    /// Reading the values of all demands at once.
    ReadAll,
    /// Writing one value.
    Write,
    /// Adding to the tokens of several scopes, one after the other.
    Charge,
}

/// The values of all scopes of one request, each scope by its number.
pub trait Counters {
    /// Why the store failed.
    type Error;

    /// The value, or None if there is none or it has expired.
    ///
    /// # Errors
    /// What the store says.
    fn read(&mut self, scope: usize, field: Field) -> Result<Option<i64>, Self::Error>;

    /// Store a value; it expires a window after it was first stored.
    ///
    /// # Errors
    /// What the store says.
    fn write(&mut self, scope: usize, field: Field, value: i64) -> Result<(), Self::Error>;

    /// A failure is reported, and the limiter goes on as if nothing were there.
    ///
    /// # Errors
    /// The failure itself, where it is not one to go on after.
    fn report(&mut self, operation: Operation, error: Self::Error) -> Result<(), Self::Error>;

    /// As `read`, with failures reported.
    ///
    /// # Errors
    /// A failure not to go on after.
    fn get(&mut self, scope: usize, field: Field) -> Result<Option<i64>, Self::Error> {
        match self.read(scope, field) {
            Ok(value) => Ok(value),
            Err(error) => self.report(Operation::Read, error).map(|()| None),
        }
    }

    /// As `write`, with failures reported.
    ///
    /// # Errors
    /// A failure not to go on after.
    fn set(&mut self, scope: usize, field: Field, value: i64) -> Result<(), Self::Error> {
        match self.write(scope, field, value) {
            Ok(()) => Ok(()),
            Err(error) => self.report(Operation::Write, error),
        }
    }
}
