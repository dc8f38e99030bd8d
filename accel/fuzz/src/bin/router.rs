//! Which deployments are chosen, beside LiteLLM's comparisons written out.
//!
//! Input: one byte for the choice, one for its parameter, then what is known of the deployments.

#![no_main]

use accel::router::usage::Usage;
use accel::router::{
    check_first_of_smallest, check_least_used, check_nearly_fastest, check_relative,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let [choice, parameter, deployments @ ..] = input else {
        return;
    };
    let parameter = u16::from(*parameter);
    match choice % 4 {
        0 => check_relative(&numbers(deployments, not_negative)),
        1 => check_first_of_smallest(&numbers(deployments, signed)),
        2 => {
            let (usages, _) = deployments.as_chunks();
            let usages: Vec<_> = usages.iter().copied().map(usage).collect();
            check_least_used(&usages, f64::from(parameter));
        }
        _ => {
            let latencies = numbers(deployments, signed);
            let latencies: Vec<_> = latencies.into_iter().enumerate().collect();
            check_nearly_fastest(&latencies, f64::from(parameter) / 16.0);
        }
    }
});

/// Two bytes each.
fn numbers(bytes: &[u8], number: fn([u8; 2]) -> f64) -> Vec<f64> {
    let (pairs, _) = bytes.as_chunks();
    pairs.iter().copied().map(number).collect()
}

/// Close ones, far ones, and some that are not exact in binary.
fn not_negative([digits, scale]: [u8; 2]) -> f64 {
    let scale = match scale % 4 {
        0 => 1.0,
        1 => 0.1,
        2 => 1e-300,
        _ => 1e300,
    };
    f64::from(digits) * scale
}

/// Also both zeros and the infinities.
fn signed([digits, scale]: [u8; 2]) -> f64 {
    let number = match digits {
        255 => f64::INFINITY,
        _ => not_negative([digits, scale]),
    };
    if scale & 4 == 0 { number } else { -number }
}

/// Few values, so that limits are met exactly; limits may be infinite, and requests not counted.
fn usage([tokens, token_limit, requests, request_limit]: [u8; 4]) -> Usage {
    let limit = |byte: u8| match byte {
        255 => f64::INFINITY,
        _ => f64::from(byte),
    };
    Usage {
        tokens: f64::from(tokens),
        token_limit: limit(token_limit),
        requests: (requests != 255).then(|| f64::from(requests)),
        request_limit: limit(request_limit),
    }
}
