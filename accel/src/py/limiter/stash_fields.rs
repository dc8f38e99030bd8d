//! The fields of LiteLLM's stash that its limiter sets or looks at; each version has some more.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::py::given::item;

type Values = Vec<(Py<PyString>, Py<PyAny>)>;

pub struct StashFields {
    /// None in the stash of a plain request.
    absent: Vec<Py<PyString>>,
    /// What a plain request sets, limited or not.
    of_request: Values,
    /// Where the tokens that were taken in advance are noted.
    reserved: Vec<Py<PyString>>,
    /// What is set along with them.
    of_reservation: Values,
}

impl StashFields {
    /// From a description; see `components/_rate_limiter/stash.py`.
    pub fn new(litellm: &Bound<'_, PyDict>) -> PyResult<Self> {
        let fields = item(litellm, "stash_fields")?;
        let fields = fields.cast::<PyDict>()?;
        Ok(Self {
            absent: item(fields, "absent")?.extract()?,
            of_request: item(fields, "of_request")?.extract()?,
            reserved: item(fields, "reserved")?.extract()?,
            of_reservation: item(fields, "of_reservation")?.extract()?,
        })
    }

    /// Whether nothing is in it that only LiteLLM's own code settles.
    pub fn are_plain(&self, stash: &Bound<'_, PyAny>) -> PyResult<bool> {
        for name in &self.absent {
            if !stash.getattr(name)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A plain request begins.
    pub fn begin(&self, stash: &Bound<'_, PyAny>) -> PyResult<()> {
        set(stash, &self.of_request)
    }

    /// So many tokens were taken in advance.
    pub fn note_reserved(&self, stash: &Bound<'_, PyAny>, tokens: i64) -> PyResult<()> {
        for name in &self.reserved {
            stash.setattr(name, tokens)?;
        }
        set(stash, &self.of_reservation)
    }
}

fn set(stash: &Bound<'_, PyAny>, values: &Values) -> PyResult<()> {
    for (name, value) in values {
        stash.setattr(name, value)?;
    }
    Ok(())
}
