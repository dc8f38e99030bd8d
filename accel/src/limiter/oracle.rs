//! Slow and obviously right: the rules once more, as plainly as they can be said, and a map for the table.

use std::collections::HashMap;

use super::{Counters, Demand, Field, Operation, Reservation};

/// Values that never expire.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Plain {
    pub values: HashMap<(usize, Field), i64>,
    pub broken: Option<(usize, Field)>,
    pub reported: usize,
}

impl Counters for Plain {
    type Error = ();

    fn read(&mut self, scope: usize, field: Field) -> Result<Option<i64>, ()> {
        if self.broken == Some((scope, field)) {
            return Err(());
        }
        Ok(self.values.get(&(scope, field)).copied())
    }

    fn write(&mut self, scope: usize, field: Field, value: i64) -> Result<(), ()> {
        if self.broken == Some((scope, field)) {
            return Err(());
        }
        self.values.insert((scope, field), value);
        Ok(())
    }

    fn report(&mut self, _operation: Operation, _error: ()) -> Result<(), ()> {
        self.reported += 1;
        Ok(())
    }
}

/// One demand at a time, in a table of windows: start and both counters, or none.
pub fn slide(table: &mut Plain, demands: &[Demand], now_s: i64, window_s: i64) -> Vec<i64> {
    let values = &mut table.values;
    demands
        .iter()
        .map(|demand| {
            let start = values.get(&(demand.scope, Field::Start)).copied();
            if start.is_none() || now_s - start.unwrap() >= window_s {
                for (field, value) in [
                    (Field::Requests, 0),
                    (Field::Tokens, 0),
                    (Field::Start, now_s),
                ] {
                    values.insert((demand.scope, field), value);
                }
            }
            let counter = values.entry((demand.scope, demand.field)).or_insert(0);
            *counter += 1;
            *counter
        })
        .collect()
}

pub fn reserve(
    table: &mut Plain,
    demands: &[Demand],
    amount: i64,
    now_s: i64,
    window_s: i64,
) -> Reservation {
    let fresh = |table: &Plain, demand: &Demand| {
        let start = table.values.get(&(demand.scope, Field::Start));
        start.is_none_or(|start| now_s - start >= window_s)
    };
    let used = |table: &Plain, demand: &Demand| {
        let counter = table.values.get(&(demand.scope, demand.field)).copied();
        if fresh(table, demand) {
            0
        } else {
            counter.unwrap_or(0)
        }
    };
    for (index, demand) in demands.iter().enumerate() {
        let used = used(table, demand);
        if used + amount > demand.limit {
            return Reservation::Refused {
                demand: index,
                used,
            };
        }
    }
    let before = table.clone();
    for demand in demands.iter().filter(|demand| fresh(&before, demand)) {
        table.values.insert((demand.scope, Field::Requests), 0);
        table.values.insert((demand.scope, Field::Tokens), 0);
        table.values.insert((demand.scope, Field::Start), now_s);
    }
    let mut granted = Vec::new();
    for demand in demands {
        let counter = used(&before, demand) + amount;
        table.values.insert((demand.scope, demand.field), counter);
        granted.push(counter);
    }
    Reservation::Granted(granted)
}

/// The counters of one scope, as the table keeps them.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub begun_s: i64,
    has_window: bool,
    requests: i64,
    tokens: i64,
}

/// A map that is told what to forget.
pub struct Map {
    pub entries: HashMap<u128, Entry>,
    pub window_s: i64,
}

impl Map {
    /// A value whose window is not over.
    pub fn get(&self, id: u128, field: Field, now_s: i64) -> Option<i64> {
        let entry = self.entries.get(&id)?;
        if self.is_over(entry, now_s) {
            return None;
        }
        match field {
            Field::Start => entry.has_window.then_some(entry.begun_s),
            Field::Requests => (entry.has_window || entry.requests > 0).then_some(entry.requests),
            Field::Tokens => Some(entry.tokens),
        }
    }

    /// Store a value that the table can hold.
    pub fn set(&mut self, id: u128, field: Field, value: i64, now_s: i64) {
        let current = self.entries.get(&id).copied();
        let mut entry = current
            .filter(|entry| !self.is_over(entry, now_s))
            .unwrap_or(Entry {
                begun_s: now_s,
                has_window: false,
                requests: 0,
                tokens: 0,
            });
        match field {
            Field::Start => (entry.begun_s, entry.has_window) = (value, true),
            Field::Requests => entry.requests = value,
            Field::Tokens => entry.tokens = value,
        }
        self.entries.insert(id, entry);
    }

    /// Forget what is over.
    pub fn forget_over(&mut self, now_s: i64) {
        let window_s = self.window_s;
        self.entries
            .retain(|_, entry| now_s - entry.begun_s < window_s);
    }

    /// When the one that was counted first began.
    pub fn oldest_s(&self) -> Option<i64> {
        self.entries.values().map(|entry| entry.begun_s).min()
    }

    fn is_over(&self, entry: &Entry, now_s: i64) -> bool {
        now_s - entry.begun_s >= self.window_s
    }
}
