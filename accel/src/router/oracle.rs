//! The same choices written as LiteLLM's Python is, with no thought of speed.

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
