//! The first of the smallest.

/// Where the first of the smallest values stands; None without values, none of which may be NaN.
#[must_use]
pub fn first_of_smallest(values: &[f64]) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (index, &value) in values.iter().enumerate() {
        if best.is_none_or(|(_, least)| value < least) {
            best = Some((index, value));
        }
    }
    best.map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::super::differential::check_first_of_smallest;
    use super::*;
    use crate::numbers::Numbers;

    #[test]
    fn the_first_wins_a_tie() {
        assert_eq!(first_of_smallest(&[3.0, 1.0, 1.0]), Some(1));
        assert_eq!(first_of_smallest(&[]), None);
    }

    #[test]
    fn as_the_oracle_does() {
        let mut numbers = Numbers::new(2);
        for _ in 0..20_000 {
            check_first_of_smallest(&numbers.list(0..9, 4));
        }
    }
}
