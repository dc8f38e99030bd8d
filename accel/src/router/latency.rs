//! Latency-based routing: the fastest, and those that are nearly as fast.

use std::cmp::Ordering;

/// Those of `(deployment, latency)` that are within the buffer of the lowest latency, fastest first; of equal
/// ones the one that came first.
///
/// `buffer` is a part of the lowest latency. No latency is NaN.
#[must_use]
pub fn nearly_fastest(mut latencies: Vec<(usize, f64)>, buffer: f64) -> Vec<usize> {
    // Not `total_cmp`, which would put a negative zero before a positive one.
    latencies.sort_by(|one, other| one.1.partial_cmp(&other.1).unwrap_or(Ordering::Equal));
    let Some(&(_, lowest)) = latencies.first() else {
        return Vec::new();
    };
    let limit = lowest + buffer * lowest;
    latencies
        .into_iter()
        .filter(|(_, latency)| *latency <= limit)
        .map(|(deployment, _)| deployment)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::differential::check_nearly_fastest;
    use super::*;
    use crate::numbers::Numbers;

    #[test]
    fn ties_stay_in_their_order() {
        assert_eq!(
            nearly_fastest(vec![(2, 1.0), (0, 3.0), (1, 1.0)], 0.0),
            [2, 1]
        );
        assert_eq!(
            nearly_fastest(vec![(2, 3.0), (0, 2.0), (1, 4.1)], 1.0),
            [0, 2]
        );
        assert!(nearly_fastest(Vec::new(), 0.0).is_empty());
    }

    #[test]
    fn as_the_oracle_does() {
        let mut numbers = Numbers::new(4);
        for _ in 0..20_000 {
            let latencies: Vec<(usize, f64)> =
                numbers.list(0..8, 5).into_iter().enumerate().collect();
            check_nearly_fastest(&latencies, numbers.small(4) / 2.0);
        }
    }
}
