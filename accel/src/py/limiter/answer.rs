//! What the limiter answers, as LiteLLM's own dicts.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::names::Names;
use super::request::Scope;
use crate::limiter::{Demand, Field, is_over};

/// A response: the overall code and a status for each limit.
pub fn response<'py>(
    names: &Names,
    statuses: &Bound<'py, PyList>,
    is_over_limit: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let py = statuses.py();
    let response = PyDict::new(py);
    let code = if is_over_limit {
        &names.over_limit
    } else {
        &names.ok
    };
    response.set_item(&names.overall_code, code)?;
    response.set_item(&names.statuses, statuses)?;
    Ok(response)
}

/// The response to counters of requests; None if every limit is kept.
pub struct Counted<'py> {
    pub statuses: Bound<'py, PyList>,
    pub is_over_limit: bool,
}

impl<'py> Counted<'py> {
    /// `counters` has one for each demand.
    pub fn new(
        py: Python<'py>,
        names: &Names,
        scopes: &[Scope<'py>],
        demands: &[Demand],
        counters: impl IntoIterator<Item = Option<i64>>,
    ) -> PyResult<Self> {
        let statuses = PyList::empty(py);
        let mut is_over_limit = false;
        for (demand, counter) in demands.iter().zip(counters) {
            let over = is_over(counter, demand.limit);
            is_over_limit |= over;
            let remaining = demand.limit - counter.unwrap_or(0);
            statuses.append(status(names, scopes, demand, over, remaining)?)?;
        }
        Ok(Self {
            statuses,
            is_over_limit,
        })
    }
}

/// The status of one limit.
pub fn status<'py>(
    names: &Names,
    scopes: &[Scope<'py>],
    demand: &Demand,
    over: bool,
    remaining: i64,
) -> PyResult<Bound<'py, PyDict>> {
    let scope = &scopes[demand.scope];
    let status = PyDict::new(scope.key.py());
    let kind = match demand.field {
        Field::Tokens => &names.tokens,
        _ => &names.requests,
    };
    status.set_item(
        &names.status_code,
        if over { &names.over_limit } else { &names.ok },
    )?;
    status.set_item(&names.current_limit, demand.limit)?;
    status.set_item(&names.limit_remaining, remaining)?;
    status.set_item(&names.rate_limit_type, kind)?;
    status.set_item(&names.descriptor_key, &scope.key)?;
    status.set_item(&names.descriptor_value, &scope.value)?;
    Ok(status)
}
