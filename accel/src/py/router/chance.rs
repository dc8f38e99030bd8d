//! Python's own `random`, asked as often and for the same things as LiteLLM asks it.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyRange, PyString, PyTuple};

use crate::py::given;
use crate::py::guards::Guards;

/// The functions of the module `random`; `Guards` see to it that they are still its own.
pub struct Chance {
    choice: Py<PyAny>,
    choices: Py<PyAny>,
    sample: Py<PyAny>,
    weights: Py<PyString>,
    /// What `choice` asks in the end, if it is known how; and what has to be Python's own for that.
    bits: Option<Py<PyAny>>,
    own: Guards,
}

impl Chance {
    pub fn new(known: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self {
            choice: given::item(known, "choice")?.unbind(),
            choices: given::item(known, "choices")?.unbind(),
            sample: given::item(known, "sample")?.unbind(),
            weights: PyString::intern(known.py(), "weights").unbind(),
            bits: given::item(known, "bits")?.extract()?,
            own: Guards::new(&given::item(known, "bits_guards")?)?,
        })
    }

    /// Where in a list of this length `random.choice` would have chosen.
    pub fn one_of(&self, py: Python<'_>, length: usize) -> PyResult<usize> {
        if let Some(bits) = &self.bits
            && length > 0
            && self.own.hold(py).is_ok_and(|held| held)
        {
            // As `Random._randbelow_with_getrandbits` does it.
            let width = usize::BITS - length.leading_zeros();
            loop {
                let drawn: usize = bits.bind(py).call1((width,))?.extract()?;
                if drawn < length {
                    return Ok(drawn);
                }
            }
        }
        self.choice.bind(py).call1((up_to(py, length)?,))?.extract()
    }

    /// Where `random.choices` would have chosen with these weights.
    pub fn one_weighted(&self, py: Python<'_>, weights: &[f64]) -> PyResult<usize> {
        let keywords = PyDict::new(py);
        keywords.set_item(self.weights.bind(py), PyTuple::new(py, weights)?)?;
        let chosen = self
            .choices
            .bind(py)
            .call((up_to(py, weights.len())?,), Some(&keywords))?;
        chosen.cast_into::<PyList>()?.get_item(0)?.extract()
    }

    /// Where the elements of a list of this length come from when `random.sample` has mixed all of them.
    pub fn mixed(&self, py: Python<'_>, length: usize) -> PyResult<Vec<usize>> {
        self.sample
            .bind(py)
            .call1((up_to(py, length)?, length))?
            .extract()
    }
}

fn up_to(py: Python<'_>, length: usize) -> PyResult<Bound<'_, PyRange>> {
    PyRange::new(py, 0, isize::try_from(length)?)
}
