//! What a call used, as the limiter counts it.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::names::Names;
use super::reading::{Plain, Unusual, dict, entry, expect, is_none, is_same, number, some};
use crate::py::attributes::attributes;

/// Which tokens of a call count: `token_rate_limit_type` of the proxy's settings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    Input,
    Output,
    Total,
}

impl Counted {
    /// From the proxy's module; whatever else is set means the total.
    pub fn read(proxy: &Bound<'_, PyDict>, names: &Names) -> Plain<Self> {
        let settings = dict(proxy, &names.general_settings)?.ok_or(Unusual)?;
        let Some(kind) = some(&settings, &names.token_rate_limit_type) else {
            return Ok(Self::Total);
        };
        let kind = kind.cast_into_exact::<PyString>().map_err(|_| Unusual)?;
        let is = |name: &Py<PyString>| is_same(&kind, name.bind(kind.py()));
        Ok(if is(&names.input) {
            Self::Input
        } else if is(&names.output) {
            Self::Output
        } else {
            Self::Total
        })
    }
}

/// The classes of answers, of their usage and of its details.
pub struct UsageClasses {
    pub responses: Vec<Py<PyType>>,
    pub usage: Py<PyType>,
    pub details: Py<PyType>,
}

impl UsageClasses {
    /// The tokens to be charged for an answer.
    pub fn tokens(
        &self,
        response: &Bound<'_, PyAny>,
        counted: Counted,
        names: &Names,
    ) -> Plain<i64> {
        let class = response.get_type();
        expect(self.responses.iter().any(|known| class.is(known)))?;
        let usage = response.getattr_opt(&names.usage).map_err(|_| Unusual)?;
        let Some(usage) = usage.filter(|usage| !usage.is_none()) else {
            return Ok(0);
        };
        expect(usage.get_type().is(&self.usage))?;
        let usage = attributes(&usage).ok_or(Unusual)?;
        let prompt = count(&usage, &names.prompt_tokens)?;
        let completion = count(&usage, &names.completion_tokens)?;
        let total = count(&usage, &names.total_tokens)?;
        let (tokens, cached) = match counted {
            Counted::Output => (completion, 0),
            Counted::Input => (prompt, self.cached(&usage, names)?),
            Counted::Total => (total, self.cached(&usage, names)?),
        };
        let tokens = if cached > 0 {
            (tokens - cached).max(0)
        } else {
            tokens
        };
        // Who tells only a total is charged it, whatever counts.
        if tokens == 0 && prompt == 0 && completion == 0 {
            return Ok(total);
        }
        Ok(tokens)
    }

    /// Tokens that the provider had in its cache; those do not count.
    fn cached(&self, usage: &Bound<'_, PyDict>, names: &Names) -> Plain<i64> {
        let Some(details) = some(usage, &names.prompt_tokens_details) else {
            return Ok(0);
        };
        expect(details.get_type().is(&self.details))?;
        count(&attributes(&details).ok_or(Unusual)?, &names.cached_tokens)
    }
}

/// A number of tokens; None is 0.
fn count(fields: &Bound<'_, PyDict>, name: &Py<PyString>) -> Plain<i64> {
    let value = entry(fields, name).ok_or(Unusual)?;
    if value.is_none() {
        return Ok(0);
    }
    number(&value)
}

/// Whether a failed call tells of no tokens that it used all the same.
pub fn is_nothing_recovered(call: &Bound<'_, PyDict>, names: &Names) -> bool {
    is_none(call, &names.combined_usage_object)
}
