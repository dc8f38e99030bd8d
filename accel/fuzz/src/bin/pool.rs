//! Which connections a pool closes, reuses and makes, beside httpcore's loops step by step.

#![no_main]

use accel::pool::{Condition, Look, check_serve, check_sweep};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (i8, i8, Vec<u8>, Vec<u8>, Vec<u8>)| {
    let (max_keepalive, max_connections, pool, created, wanted) = input;

    let conditions: Vec<_> = pool.iter().map(|byte| condition(*byte)).collect();
    check_sweep(&conditions, max_keepalive.into());

    let pool: Vec<_> = pool.iter().map(|byte| connection(*byte)).collect();
    let created: Vec<_> = created.iter().map(|byte| connection(*byte)).collect();
    let wanted: Vec<_> = wanted.iter().map(|byte| origin(*byte)).collect();
    check_serve(&pool, &wanted, max_connections.into(), &created);
});

fn condition(byte: u8) -> Condition {
    match byte % 4 {
        0 => Condition::Idle,
        1 => Condition::Busy,
        2 => Condition::Expired,
        _ => Condition::Closed,
    }
}

/// Few, so that requests and connections meet.
fn origin(byte: u8) -> u8 {
    byte % 4
}

/// None: it has left, or nothing is known of it.
fn connection(byte: u8) -> Option<(Look, u8)> {
    let look = Look {
        condition: condition(byte),
        available: byte & 4 != 0,
    };
    (byte < 224).then(|| (look, origin(byte >> 3)))
}
