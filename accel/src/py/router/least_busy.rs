//! `least-busy`: the deployment with the fewest requests on their way.

use pyo3::prelude::*;
use pyo3::types::PyString;

use super::caches::Memory;
use super::deployments::Candidate;
use super::native::{Aside, Native, number, text};
use crate::router::smallest::first_of_smallest;

/// Where it stands; the first of equals.
pub fn choose<'py>(
    group: &Bound<'py, PyString>,
    candidates: &[Candidate<'py>],
    memory: &mut Memory<'py, '_>,
) -> Native<usize> {
    let group = text(group)?;
    let mut counts = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let key = format!("{group}_request_count:{}", text(&candidate.id)?);
        let count = match memory.read(&PyString::new(candidate.id.py(), &key))? {
            Some(count) => number(&count)?.trunc(),
            None => 0.0,
        };
        counts.push(count);
    }
    first_of_smallest(&counts).ok_or(Aside)
}
