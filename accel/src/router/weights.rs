//! What a weighted pick gives to each deployment.

/// Each weight as a part of the largest one; None where none is above zero, so that the next metric counts.
///
/// Weights are finite and not negative: the caller steps aside on others.
#[must_use]
pub fn relative(weights: &[f64]) -> Option<Vec<f64>> {
    let largest = weights.iter().copied().fold(0.0, f64::max);
    if largest <= 0.0 {
        return None;
    }
    Some(weights.iter().map(|weight| weight / largest).collect())
}

#[cfg(test)]
mod tests {
    use super::super::differential::check_relative;
    use super::*;
    use crate::numbers::Numbers;

    #[test]
    fn all_zero_is_no_choice() {
        assert_eq!(relative(&[]), None);
        assert_eq!(relative(&[0.0, 0.0]), None);
    }

    #[test]
    fn the_largest_becomes_one() {
        assert_eq!(relative(&[1.0, 4.0, 0.0]), Some(vec![0.25, 1.0, 0.0]));
    }

    #[test]
    fn as_the_oracle_does() {
        let mut numbers = Numbers::new(1);
        for _ in 0..20_000 {
            check_relative(&numbers.list(0..8, 6));
        }
    }
}
