//! The rules and the table beside their oracles, for the tests and the fuzz target.

use std::collections::HashMap;

use super::oracle::{self, Map, Plain};
use super::{Demand, Field, Table, check, reserve, slide};

/// Two stores: the passes write to one, the plain rules to the other.
#[derive(Default)]
pub struct WindowsDifferential {
    native: Plain,
    plain: Plain,
}

impl WindowsDifferential {
    /// Counts one more both ways, and compares all that is stored.
    ///
    /// # Panics
    /// They differ.
    pub fn slide(&mut self, demands: &[Demand], now_s: i64, window_s: i64) {
        assert_eq!(
            slide(&mut self.native, demands, now_s, window_s),
            Ok(oracle::slide(&mut self.plain, demands, now_s, window_s)),
            "{demands:?} {now_s} {window_s}"
        );
        assert_eq!(self.native, self.plain);
    }

    /// Reserves an amount both ways, and compares all that is stored.
    ///
    /// # Panics
    /// They differ.
    pub fn reserve(&mut self, demands: &[Demand], amount: i64, now_s: i64, window_s: i64) {
        assert_eq!(
            reserve(&mut self.native, demands, amount, now_s, window_s),
            Ok(oracle::reserve(
                &mut self.plain,
                demands,
                amount,
                now_s,
                window_s
            )),
            "{demands:?} {amount} {now_s} {window_s}"
        );
        assert_eq!(self.native, self.plain);
    }

    /// Looks at the counters, and that nothing changes by it.
    ///
    /// # Panics
    /// One is not what is stored.
    pub fn check(&mut self, demands: &[Demand]) {
        let stored = |demand: &Demand| {
            let counter = (demand.scope, demand.field);
            self.plain.values.get(&counter).copied()
        };
        let stored = demands.iter().map(stored).collect();
        assert_eq!(check(&mut self.native, demands), Ok(Some(stored)));
        assert_eq!(self.native, self.plain);
    }
}

/// The table beside a map.
pub struct TableDifferential {
    table: Table,
    map: Map,
}

/// So few entries are all looked at for the oldest one.
const ALL_LOOKED_AT: usize = 16;

impl TableDifferential {
    /// See [`Table::new`].
    #[must_use]
    pub fn new(max_scopes: usize, window_s: i64) -> Self {
        Self {
            table: Table::new(max_scopes, window_s),
            map: Map {
                entries: HashMap::new(),
                window_s,
            },
        }
    }

    /// Stores a value in both, and follows what the table forgot for it.
    ///
    /// # Panics
    /// It forgot a current one without need or not the oldest, or holds too many.
    pub fn set(&mut self, id: u128, field: Field, value: i64, now_s: i64) {
        let max_scopes = self.table.max_scopes();
        let is_new = !self.map.entries.contains_key(&id);
        if is_new && self.map.entries.len() == max_scopes {
            self.map.forget_over(now_s);
        }
        let is_full = is_new && self.map.entries.len() == max_scopes;
        assert!(self.table.set(id, field, value, now_s));
        if is_full {
            // Tokens are told of everything current.
            let forgotten = |id: &u128| self.table.get(*id, Field::Tokens, now_s).is_none();
            let forgotten: Vec<_> = self.map.entries.keys().copied().filter(forgotten).collect();
            let [forgotten] = forgotten[..] else {
                panic!("{} of {max_scopes} forgotten for one", forgotten.len());
            };
            let oldest_s = self.map.oldest_s();
            let gone = self.map.entries.remove(&forgotten);
            if max_scopes <= ALL_LOOKED_AT {
                assert_eq!(gone.map(|entry| entry.begun_s), oldest_s);
            }
        }
        self.map.set(id, field, value, now_s);
        assert_eq!(self.table.len(), self.map.entries.len());
    }

    /// Reads one scope from both.
    ///
    /// # Panics
    /// They differ.
    pub fn get(&self, id: u128, now_s: i64) {
        for field in [Field::Start, Field::Requests, Field::Tokens] {
            assert_eq!(
                self.table.get(id, field, now_s),
                self.map.get(id, field, now_s),
                "{field:?} of {id} at {now_s}"
            );
        }
    }

    /// Forgets a scope in both.
    ///
    /// # Panics
    /// One of them did not hold it.
    pub fn remove(&mut self, id: u128) {
        let held = self.map.entries.remove(&id).is_some();
        assert_eq!(self.table.remove(id), held);
        assert_eq!(self.table.len(), self.map.entries.len());
    }

    /// Reads every scope from both.
    ///
    /// # Panics
    /// They differ.
    pub fn get_all(&self, now_s: i64) {
        for id in self.map.entries.keys() {
            self.get(*id, now_s);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::is_over;
    use super::*;
    use crate::numbers::Numbers;

    fn small(numbers: &mut Numbers, end: u64) -> i64 {
        i64::try_from(numbers.below(end)).unwrap()
    }

    fn random_demands(numbers: &mut Numbers) -> Vec<Demand> {
        let mut demands = Vec::new();
        for scope in 0..usize::try_from(numbers.below(4)).unwrap() {
            for field in [Field::Requests, Field::Tokens] {
                if numbers.below(3) > 0 {
                    let limit = small(numbers, 12) - 2;
                    demands.push(Demand {
                        scope,
                        field,
                        limit,
                    });
                }
            }
        }
        demands
    }

    #[test]
    fn passes_agree_with_the_plain_rules() {
        let mut numbers = Numbers::new(0x9E37_79B9_7F4A_7C15);
        for _ in 0..300 {
            let mut both = WindowsDifferential::default();
            let mut now_s = 1_000;
            for _ in 0..60 {
                // Clocks jump backwards, too.
                now_s += small(&mut numbers, 9) - 3;
                let window_s = small(&mut numbers, 12) - 1;
                let mut demands = random_demands(&mut numbers);
                match numbers.below(3) {
                    0 => both.slide(&demands, now_s, window_s),
                    1 => {
                        demands.retain(|demand| demand.field == Field::Tokens);
                        both.reserve(&demands, 1 + small(&mut numbers, 6), now_s, window_s);
                    }
                    _ => both.check(&demands),
                }
            }
        }
    }

    #[test]
    fn the_table_forgets_as_said() {
        let mut numbers = Numbers::new(3);
        for max_scopes in [1, 4, 16, 40, 300] {
            let mut both = TableDifferential::new(max_scopes, 10);
            let mut now_s = 1_000;
            for _ in 0..3_000 {
                let id = u128::MAX - u128::from(numbers.below(60));
                match numbers.below(8) {
                    0 => now_s += small(&mut numbers, 6) - 1,
                    1 => both.remove(id),
                    2 => both.set(id, Field::Start, now_s, now_s),
                    3 => both.set(id, Field::Requests, small(&mut numbers, 9), now_s),
                    4 | 5 => both.set(id, Field::Tokens, small(&mut numbers, 9), now_s),
                    _ => both.get(id, now_s),
                }
            }
            both.get_all(now_s);
        }
    }

    #[test]
    fn a_failing_store_is_reported_and_passed_over() {
        let demand = Demand {
            scope: 0,
            field: Field::Requests,
            limit: 5,
        };
        let mut table = Plain {
            broken: Some((0, Field::Start)),
            ..Plain::default()
        };
        assert_eq!(check(&mut table, &[demand]), Ok(None));
        assert_eq!(table.reported, 1);
        // Its start can be neither read nor written: every request is the first of a window.
        for _ in 0..3 {
            assert_eq!(slide(&mut table, &[demand], 10, 60), Ok(vec![1]));
        }
        assert_eq!(table.reported, 7);
    }

    #[test]
    fn a_counter_is_over_only_beyond_its_limit() {
        assert!(!is_over(None, -1));
        assert!(!is_over(Some(5), 5));
        assert!(is_over(Some(6), 5));
    }
}
