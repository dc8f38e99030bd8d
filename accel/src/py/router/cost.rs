//! `cost-based-routing`: the cheapest deployment.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::deployments::Candidate;
use super::names::Names;
use super::native::{Aside, Native, exact, number, only_if, set_item, str_keys};
use super::strategies::{Absent, Done, Entries, count, limit};
use crate::router::smallest::first_of_smallest;

/// What LiteLLM takes for a price per token that it does not know.
const UNKNOWN_PRICE: f64 = 5.0;

/// All that is known before anything is changed.
pub struct Look<'py> {
    done: Done<'py>,
    entries: Entries<'py>,
    minute: Bound<'py, PyString>,
    chosen: usize,
}

/// Looks for the cheapest of those that have room for so many tokens more.
pub fn look<'py>(
    candidates: &[Candidate<'py>],
    cached: Option<Bound<'py, PyAny>>,
    input_tokens: f64,
    minute: Bound<'py, PyString>,
    prices: &Bound<'py, PyDict>,
    names: &Names,
) -> Native<Look<'py>> {
    let done = Done::of(cached)?;
    let entries = done.entries(candidates)?;
    let (mut fitting, mut costs) = (Vec::new(), Vec::new());
    let known = entries
        .found
        .iter()
        .flatten()
        .map(|(at, entry)| (*at, Some(entry)));
    let unknown = entries.missing.iter().map(|&at| (at, None));
    for (at, entry) in known.chain(unknown) {
        let candidate = &candidates[at];
        let (mut tokens, mut requests) = (0.0, 0.0);
        if let Some(used) = entry
            .map(|entry| entry.get_item(&minute))
            .transpose()?
            .flatten()
        {
            let used = exact::<PyDict>(used)?;
            tokens = count(&used, &names.tpm)?;
            requests = count(&used, &names.rpm)?;
        }
        let cost = cost(candidate, prices, names)?;
        if tokens + input_tokens <= limit(candidate, &names.tpm, Absent::Falsy)?
            && requests + 1.0 <= limit(candidate, &names.rpm, Absent::Falsy)?
        {
            fitting.push(at);
            costs.push(cost);
        }
    }
    let cheapest = first_of_smallest(&costs).ok_or(Aside)?;
    Ok(Look {
        chosen: fitting[cheapest],
        done,
        entries,
        minute,
    })
}

/// Input and output price per token together.
fn cost(candidate: &Candidate<'_>, prices: &Bound<'_, PyDict>, names: &Names) -> Native<f64> {
    let (params, info) = (&candidate.params, &candidate.info);
    if let Some(base) = params.get_item(names.api_base.bind(params.py()))? {
        only_if(base.is_none() || base.is_exact_instance_of::<PyString>())?;
    }
    for dict in [&candidate.deployment, params, info] {
        str_keys(dict)?;
    }
    let (input, output) = listed(candidate, prices, names)?;
    let own = |name| match set_item(params, name)? {
        Some(price) => number(&price).map(Some),
        None => Ok(None),
    };
    // A price of zero counts as none.
    let input = own(&names.input_cost)?
        .filter(|price| *price != 0.0)
        .or(input);
    let output = own(&names.output_cost)?
        .filter(|price| *price != 0.0)
        .or(output);
    let cost = input.unwrap_or(UNKNOWN_PRICE) + output.unwrap_or(UNKNOWN_PRICE);
    only_if(cost.is_finite())?;
    Ok(cost)
}

/// LiteLLM's own prices for a deployment, by its base model, then by its model.
fn listed(
    candidate: &Candidate<'_>,
    prices: &Bound<'_, PyDict>,
    names: &Names,
) -> Native<(Option<f64>, Option<f64>)> {
    let base = match base_model(&candidate.info, names)? {
        None => base_model(&candidate.params, names)?,
        base => base,
    };
    for model in base.iter().chain([&candidate.model]) {
        let Some(row) = prices.get_item(model)? else {
            continue;
        };
        let row = exact::<PyDict>(row)?;
        str_keys(&row)?;
        let price = |name| {
            let price = set_item(&row, name)?;
            price.map(|price| number(&price)).transpose()
        };
        let found = (price(&names.input_cost)?, price(&names.output_cost)?);
        if found.0.is_some() || found.1.is_some() {
            return Ok(found);
        }
    }
    Ok((None, None))
}

fn base_model<'py>(
    dict: &Bound<'py, PyDict>,
    names: &Names,
) -> Native<Option<Bound<'py, PyString>>> {
    let base: Option<Bound<'py, PyString>> =
        set_item(dict, &names.base_model)?.map(exact).transpose()?;
    Ok(base.filter(|base| base.len().is_ok_and(|length| length > 0)))
}

impl<'py> Look<'py> {
    /// Adds to the table what LiteLLM adds.
    pub fn act(self, candidates: &[Candidate<'py>], names: &Names) -> PyResult<usize> {
        let py = self.minute.py();
        self.done.add(&self.entries.missing, candidates, || {
            let entry = PyDict::new(py);
            entry.set_item(&self.minute, super::choice::nothing_used(py, names)?)?;
            Ok(entry)
        })?;
        Ok(self.chosen)
    }
}
