//! The choices beside their oracles, for the tests and the fuzz target.

use super::latency::nearly_fastest;
use super::oracle;
use super::smallest::first_of_smallest;
use super::usage::{Usage, least_used};
use super::weights::relative;

/// Weighs both ways.
///
/// # Panics
/// They differ.
pub fn check_relative(weights: &[f64]) {
    assert_eq!(relative(weights), oracle::relative(weights), "{weights:?}");
}

/// Looks for the first of the smallest both ways.
///
/// # Panics
/// They differ.
pub fn check_first_of_smallest(values: &[f64]) {
    assert_eq!(
        first_of_smallest(values),
        oracle::first_of_smallest(values),
        "{values:?}"
    );
}

/// Chooses by usage both ways.
///
/// # Panics
/// They differ.
pub fn check_least_used(usages: &[Usage], input_tokens: f64) {
    assert_eq!(
        least_used(usages, input_tokens),
        oracle::least_used(usages, input_tokens),
        "{usages:?} {input_tokens}"
    );
}

/// Chooses by latency both ways.
///
/// # Panics
/// They differ.
pub fn check_nearly_fastest(latencies: &[(usize, f64)], buffer: f64) {
    assert_eq!(
        nearly_fastest(latencies.to_vec(), buffer),
        oracle::nearly_fastest(latencies, buffer),
        "{latencies:?} {buffer}"
    );
}
