//! The same choices written as LiteLLM's Python is, with no thought of speed; and numbers to try them with.

use std::ops::Range;

use super::usage::Usage;

pub fn relative(weights: &[f64]) -> Option<Vec<f64>> {
    let mut largest = weights.first().copied().unwrap_or(0.0);
    for &weight in weights {
        if weight > largest {
            largest = weight;
        }
    }
    if largest <= 0.0 {
        return None;
    }
    let mut parts = Vec::new();
    for weight in weights {
        parts.push(weight / largest);
    }
    (parts.iter().sum::<f64>() > 0.0).then_some(parts)
}

pub fn first_of_smallest(values: &[f64]) -> Option<usize> {
    (0..values.len()).find(|&index| values.iter().all(|value| values[index] <= *value))
}

pub fn least_used(usages: &[Usage], input_tokens: f64) -> Vec<usize> {
    let open: Vec<usize> = (0..usages.len())
        .filter(|&index| {
            let usage = usages[index];
            let full = usage.tokens + input_tokens > usage.token_limit
                || usage
                    .requests
                    .is_some_and(|requests| requests + 1.0 >= usage.request_limit);
            !full
        })
        .collect();
    let is_fewest = |index: &usize| {
        open.iter()
            .all(|other| usages[*index].tokens <= usages[*other].tokens)
    };
    open.iter().copied().filter(is_fewest).collect()
}

pub fn nearly_fastest(latencies: &[(usize, f64)], buffer: f64) -> Vec<usize> {
    let mut left = latencies.to_vec();
    let mut sorted: Vec<(usize, f64)> = Vec::new();
    while !left.is_empty() {
        let mut at = 0;
        for index in 1..left.len() {
            if left[index].1 < left[at].1 {
                at = index;
            }
        }
        sorted.push(left.remove(at));
    }
    let mut chosen = Vec::new();
    for each in &sorted {
        if each.1 <= sorted[0].1 + buffer * sorted[0].1 {
            chosen.push(each.0);
        }
    }
    chosen
}

/// Reproducible numbers, small ones, so that ties are common.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        // Knuth's constants; the high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    pub fn small(&mut self, limit: u64) -> f64 {
        let number = u32::try_from(self.below(limit)).expect("small");
        f64::from(number)
    }

    pub fn list(&mut self, lengths: Range<u64>, limit: u64) -> Vec<f64> {
        let length = lengths.start + self.below(lengths.end - lengths.start);
        (0..length).map(|_| self.small(limit)).collect()
    }
}
