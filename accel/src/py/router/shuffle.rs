//! `simple-shuffle`: a random pick, weighted where weights, requests or tokens per minute are set.

use super::deployments::{Candidate, Metric};
use super::native::{Aside, Native};
use crate::router::weights::relative;

/// The weights of a pick; None where all are equally likely.
pub fn weights(candidates: &[Candidate<'_>]) -> Native<Option<Vec<f64>>> {
    for metric in 0..3 {
        if let Some(weights) = by(metric, candidates)?.as_deref().and_then(relative) {
            return Ok(Some(weights));
        }
    }
    Ok(None)
}

/// A metric of all of them; None where none has it.
fn by(metric: usize, candidates: &[Candidate<'_>]) -> Native<Option<Vec<f64>>> {
    let mut weights = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let weight = match candidate.facts.metrics[metric] {
            Metric::Unset => continue,
            Metric::Is(weight) => weight,
            Metric::Odd => return Err(Aside),
        };
        if weights.is_empty() {
            weights.resize(candidates.len(), 0.0);
        }
        weights[index] = weight;
    }
    Ok((!weights.is_empty()).then_some(weights))
}
