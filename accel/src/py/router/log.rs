//! Whether a logger writes a level, as `logging` remembers it.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};

use super::native::{Aside, Native};

/// One level of one logger.
pub struct Level {
    /// Where `logging` keeps which levels are enabled; it empties this dict when anything is configured.
    remembered: Py<PyDict>,
    number: Py<PyAny>,
    ask: Py<PyAny>,
}

impl Level {
    /// From `(dict, level, function that asks the logger)`.
    pub fn new(given: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (remembered, number, ask) = given.extract()?;
        Ok(Self {
            remembered,
            number,
            ask,
        })
    }

    #[inline]
    pub fn is_enabled(&self, py: Python<'_>) -> Native<bool> {
        let number = self.number.bind(py);
        let enabled = match self.remembered.bind(py).get_item(number)? {
            Some(enabled) => enabled,
            None => self.ask.bind(py).call1((number,))?,
        };
        Ok(enabled.cast_exact::<PyBool>().map_err(|_| Aside)?.is_true())
    }
}
