//! Three passes over the demands of one request, in LiteLLM's order of reading and writing.
//!
//! Values and amounts are below 2^62 in size, so that no sum of two overflows.

use super::counters::{Counters, Field, Operation};

/// A limit that a request has to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Whose limit it is; a scope with two limits has two demands.
    pub scope: usize,
    /// Requests or tokens.
    pub field: Field,
    /// The most in one window.
    pub limit: i64,
}

/// How a reservation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// Every demand has room; the new counters.
    Granted(Vec<i64>),
    /// The first demand without room, and how much of it is used. Nothing was changed.
    Refused {
        /// Which one.
        demand: usize,
        /// Its counter.
        used: i64,
    },
}

/// Whether a counter is beyond its limit; one that is not there is not.
#[must_use]
pub fn is_over(counter: Option<i64>, limit: i64) -> bool {
    counter.is_some_and(|counter| counter > limit)
}

/// The counters as they are; None if the store failed on the way.
///
/// Counters of windows that are over count as well, until they expire.
///
/// # Errors
/// A failure of the store not to go on after.
pub fn check<C: Counters>(
    counters: &mut C,
    demands: &[Demand],
) -> Result<Option<Vec<Option<i64>>>, C::Error> {
    let mut found = Vec::with_capacity(demands.len());
    for demand in demands {
        // Reading removes what has expired, so the start is read although nobody asks for it.
        let pair = counters
            .read(demand.scope, Field::Start)
            .and_then(|_| counters.read(demand.scope, demand.field));
        match pair {
            Ok(counter) => found.push(counter),
            Err(error) => return counters.report(Operation::ReadAll, error).map(|()| None),
        }
    }
    Ok(Some(found))
}

/// Count one more for each demand, in a new window where the old one is over. The new counters.
///
/// # Errors
/// A failure of the store not to go on after.
pub fn slide<C: Counters>(
    counters: &mut C,
    demands: &[Demand],
    now_s: i64,
    window_s: i64,
) -> Result<Vec<i64>, C::Error> {
    let mut new = Vec::with_capacity(demands.len());
    for demand in demands {
        let start = counters.get(demand.scope, Field::Start)?;
        let counter = if is_current(start, now_s, window_s) {
            counters.get(demand.scope, demand.field)?.unwrap_or(0) + 1
        } else {
            counters.set(demand.scope, Field::Requests, 0)?;
            counters.set(demand.scope, Field::Tokens, 0)?;
            counters.set(demand.scope, Field::Start, now_s)?;
            1
        };
        counters.set(demand.scope, demand.field, counter)?;
        new.push(counter);
    }
    Ok(new)
}

/// Add an amount (above 0) to each demand, or to none if one of them has no room for it.
///
/// # Errors
/// A failure of the store not to go on after.
pub fn reserve<C: Counters>(
    counters: &mut C,
    demands: &[Demand],
    amount: i64,
    now_s: i64,
    window_s: i64,
) -> Result<Reservation, C::Error> {
    let mut used = Vec::with_capacity(demands.len());
    for (index, demand) in demands.iter().enumerate() {
        let start = counters.get(demand.scope, Field::Start)?;
        let current = if is_current(start, now_s, window_s) {
            Some(counters.get(demand.scope, demand.field)?.unwrap_or(0))
        } else {
            None
        };
        if current.unwrap_or(0) + amount > demand.limit {
            return Ok(Reservation::Refused {
                demand: index,
                used: current.unwrap_or(0),
            });
        }
        used.push(current);
    }
    let begun_anew = |&(_, used): &(&Demand, &Option<i64>)| used.is_none();
    for (demand, _) in demands.iter().zip(&used).filter(begun_anew) {
        counters.set(demand.scope, Field::Requests, 0)?;
        counters.set(demand.scope, Field::Tokens, 0)?;
    }
    let mut granted = Vec::with_capacity(demands.len());
    for (demand, used) in demands.iter().zip(used) {
        if used.is_none() {
            counters.set(demand.scope, Field::Start, now_s)?;
        }
        let counter = used.unwrap_or(0) + amount;
        counters.set(demand.scope, demand.field, counter)?;
        granted.push(counter);
    }
    Ok(Reservation::Granted(granted))
}

fn is_current(start: Option<i64>, now_s: i64, window_s: i64) -> bool {
    start.is_some_and(|start| now_s - start < window_s)
}
