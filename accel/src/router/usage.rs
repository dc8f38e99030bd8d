//! Usage-based routing: the deployments that have had the fewest tokens in this minute.

/// What a deployment has used in this minute, and what it may; limits are infinite where none is set.
///
/// All numbers are exact: the caller steps aside on what a float cannot hold.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Tokens so far.
    pub tokens: f64,
    /// Tokens per minute.
    pub token_limit: f64,
    /// None where no request has been counted.
    pub requests: Option<f64>,
    /// Requests per minute.
    pub request_limit: f64,
}

impl Usage {
    fn allows(&self, input_tokens: f64) -> bool {
        let requests_left = self
            .requests
            .is_none_or(|requests| requests + 1.0 < self.request_limit);
        self.tokens + input_tokens <= self.token_limit && requests_left
    }
}

/// Where those stand that a request of so many tokens may go to and that have used the fewest.
#[must_use]
pub fn least_used(usages: &[Usage], input_tokens: f64) -> Vec<usize> {
    let mut fewest = f64::INFINITY;
    let mut ties = Vec::new();
    for (index, usage) in usages.iter().enumerate() {
        if !usage.allows(input_tokens) || usage.tokens > fewest {
            continue;
        }
        if usage.tokens < fewest {
            fewest = usage.tokens;
            ties.clear();
        }
        ties.push(index);
    }
    ties
}

#[cfg(test)]
mod tests {
    use super::super::differential::check_least_used;
    use super::*;
    use crate::numbers::Numbers;

    #[test]
    fn one_request_below_its_limit_is_full() {
        let usage = Usage {
            tokens: 0.0,
            token_limit: 10.0,
            requests: Some(4.0),
            request_limit: 5.0,
        };
        assert!(least_used(&[usage], 0.0).is_empty());
        let unused = Usage {
            requests: None,
            ..usage
        };
        assert_eq!(least_used(&[usage, unused], 10.0), [1]);
        assert!(least_used(&[unused], 11.0).is_empty());
    }

    #[test]
    fn as_the_oracle_does() {
        let mut numbers = Numbers::new(3);
        for _ in 0..20_000 {
            let usages: Vec<Usage> = (0..numbers.below(8))
                .map(|_| Usage {
                    tokens: numbers.small(5),
                    token_limit: numbers.small(9),
                    requests: (numbers.below(3) > 0).then(|| numbers.small(5)),
                    request_limit: numbers.small(8),
                })
                .collect();
            check_least_used(&usages, numbers.small(4));
        }
    }
}
