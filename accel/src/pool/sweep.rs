//! Which connections leave the pool before any request is served.

use super::look::Condition;

/// A connection that leaves, by its place in the list as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its place.
    pub index: usize,
    /// Whether it still has to be closed.
    pub closes: bool,
}

/// Walks the connections in order and tells which leave.
///
/// `listed` is how many the pool holds, which may be more than are walked. An idle one leaves where the
/// pool holds more connections than `max_keepalive`: connections of *any* kind, as in httpcore 1.0.9,
/// whose own count of the idle ones counts all.
pub fn sweep(
    conditions: impl IntoIterator<Item = Condition>,
    listed: usize,
    max_keepalive: i64,
) -> Vec<Removed> {
    let mut left = i64::try_from(listed).unwrap_or(i64::MAX);
    let mut removed = Vec::new();
    for (index, condition) in conditions.into_iter().enumerate() {
        let closes = match condition {
            Condition::Closed => false,
            Condition::Expired => true,
            Condition::Idle if left > max_keepalive => true,
            Condition::Idle | Condition::Busy => continue,
        };
        left -= 1;
        removed.push(Removed { index, closes });
    }
    removed
}

#[cfg(test)]
mod tests {
    use super::super::differential::check_sweep;
    use super::super::oracle::Random;
    use super::*;

    #[test]
    fn a_busy_pool_above_the_limit_closes_its_only_idle_connection() {
        let mut conditions = vec![Condition::Busy; 25];
        conditions.push(Condition::Idle);
        let gone = sweep(conditions, 26, 20);
        assert_eq!(
            gone,
            [Removed {
                index: 25,
                closes: true
            }]
        );
    }

    #[test]
    fn the_oracle_agrees() {
        let mut random = Random(1);
        for _ in 0..20_000 {
            let conditions: Vec<_> = (0..random.below(9)).map(|_| random.condition()).collect();
            check_sweep(&conditions, random.limit());
        }
    }
}
