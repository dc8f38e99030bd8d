//! `usage-based-routing-v2`: one of those with the fewest tokens in this minute.

use pyo3::types::PyString;

use super::caches::Memory;
use super::deployments::Candidate;
use super::names::Names;
use super::native::{Native, number, only_if, text};
use super::strategies::{Absent, limit, places};
use crate::router::usage::{Usage, least_used};

/// Where those stand; never nobody.
pub fn least<'py>(
    candidates: &[Candidate<'py>],
    input_tokens: f64,
    minute: &str,
    memory: &mut Memory<'py, '_>,
    names: &Names,
) -> Native<Vec<usize>> {
    places(candidates)?;
    let mut usages = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let (tokens, requests) = counted(candidate, minute, memory)?;
        usages.push(Usage {
            tokens: tokens.unwrap_or(0.0),
            token_limit: limit(candidate, &names.tpm, Absent::None)?,
            requests,
            request_limit: limit(candidate, &names.rpm, Absent::None)?,
        });
    }
    let least = least_used(&usages, input_tokens);
    only_if(!least.is_empty())?;
    Ok(least)
}

/// Goes on where reading their counters changes nothing: the async path reads also those of deployments that
/// are cooling down.
pub fn all_fresh<'py>(
    candidates: &[Candidate<'py>],
    minute: &str,
    memory: &mut Memory<'py, '_>,
) -> Native<()> {
    candidates
        .iter()
        .try_for_each(|candidate| counted(candidate, minute, memory).map(drop))
}

/// Tokens and requests of a deployment in a minute.
fn counted<'py>(
    candidate: &Candidate<'py>,
    minute: &str,
    memory: &mut Memory<'py, '_>,
) -> Native<(Option<f64>, Option<f64>)> {
    let (id, model) = (text(&candidate.id)?, text(&candidate.model)?);
    // LiteLLM cuts its keys at the first colon.
    only_if(!id.contains(':'))?;
    let mut read = |kind: &str| {
        let key = PyString::new(candidate.id.py(), &format!("{id}:{model}:{kind}:{minute}"));
        memory.read(&key)?.map(|count| number(&count)).transpose()
    };
    Ok((read("tpm")?, read("rpm")?))
}
