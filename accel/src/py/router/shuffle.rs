//! `simple-shuffle`: a random pick, weighted where weights, requests or tokens per minute are set.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString};

use super::candidates::Candidate;
use super::names::Names;
use super::native::{Native, number, only_if, set_item};
use crate::router::weights::relative;

/// The weights of a pick; None where all are equally likely.
pub fn weights(candidates: &[Candidate<'_>], names: &Names) -> Native<Option<Vec<f64>>> {
    for metric in [&names.weight, &names.rpm, &names.tpm] {
        if let Some(weights) = by(metric, candidates)?.as_deref().and_then(relative) {
            return Ok(Some(weights));
        }
    }
    Ok(None)
}

/// A metric of all of them; None where none has it.
fn by(metric: &Py<PyString>, candidates: &[Candidate<'_>]) -> Native<Option<Vec<f64>>> {
    let mut weights = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let Some(value) = set_item(&candidate.params, metric)? else {
            continue;
        };
        let weight = match value.cast_exact::<PyBool>() {
            Ok(flag) => f64::from(u8::from(flag.is_true())),
            Err(_) => number(&value)?,
        };
        only_if(weight >= 0.0)?;
        if weights.is_empty() {
            weights.resize(candidates.len(), 0.0);
        }
        weights[index] = weight;
    }
    Ok((!weights.is_empty()).then_some(weights))
}
