//! Who is admitted and what is stored, beside the plain rules; the table of counters, beside a map.

#![no_main]

use accel::limiter::{Demand, Field, TableDifferential, WindowsDifferential};
use libfuzzer_sys::fuzz_target;

const TABLE_WINDOW_S: i64 = 10;

/// Which pass, how far the clock went, and the demands.
type Request = (u8, i8, Vec<u8>);

/// What to do, with which scope, and a value.
type Step = (u8, u8, u16);

fuzz_target!(|input: (u8, Vec<Request>, Vec<Step>)| {
    let (max_scopes, requests, steps) = input;
    pass(&requests);
    count(max_scopes.into(), &steps);
});

/// One request after another.
fn pass(requests: &[Request]) {
    let mut both = WindowsDifferential::default();
    let mut now_s = 1_000;
    for (how, elapsed_s, demands) in requests {
        // Clocks jump backwards, too.
        now_s += i64::from(elapsed_s % 16);
        let window_s = i64::from(how >> 4) - 1;
        let mut demands: Vec<_> = demands.iter().map(|byte| demand(*byte)).collect();
        match how % 4 {
            0 => both.check(&demands),
            1 => {
                // As LiteLLM asks: tokens only, each scope once.
                demands.retain(|demand| demand.field == Field::Tokens);
                demands.sort_by_key(|demand| demand.scope);
                demands.dedup_by_key(|demand| demand.scope);
                both.reserve(&demands, i64::from(how >> 2 & 3) + 1, now_s, window_s);
            }
            _ => both.slide(&demands, now_s, window_s),
        }
    }
}

/// Of few scopes, so that requests meet in them.
fn demand(byte: u8) -> Demand {
    Demand {
        scope: usize::from(byte & 3),
        field: if byte & 4 == 0 {
            Field::Requests
        } else {
            Field::Tokens
        },
        limit: i64::from(byte >> 3) - 2,
    }
}

/// One step after another.
fn count(max_scopes: usize, steps: &[Step]) {
    let mut both = TableDifferential::new(max_scopes, TABLE_WINDOW_S);
    let mut now_s = 1_000;
    for (act, scope, value) in steps {
        let (id, value) = (hash(*scope), i64::from(*value));
        match act % 8 {
            0 => now_s += value % 8 - 1,
            1 => both.remove(id),
            2 => both.set(id, Field::Start, now_s, now_s),
            3 => both.set(id, Field::Requests, value, now_s),
            4 => both.set(id, Field::Tokens, value, now_s),
            5 => {
                // A new window, as the passes begin one.
                both.set(id, Field::Requests, 0, now_s);
                both.set(id, Field::Tokens, 0, now_s);
                both.set(id, Field::Start, now_s, now_s);
            }
            _ => both.get(id, now_s),
        }
    }
    both.get_all(now_s);
}

/// All at the end of the table, so that searches go round.
fn hash(scope: u8) -> u128 {
    u128::MAX - u128::from(scope % 5) * (1 << 120) - u128::from(scope)
}
