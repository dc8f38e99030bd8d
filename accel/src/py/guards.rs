//! What has to be as it was when the seam was examined; looked at anew on every call.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// An entry of a namespace, and the very object that has to be there (None: the entry is absent).
pub struct Guard {
    namespace: Py<PyDict>,
    key: Py<PyAny>,
    expected: Option<Py<PyAny>>,
}

impl Guard {
    /// From `(namespace, key, expected)` or `(namespace, key)` for absence.
    pub fn from_tuple(tuple: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let expected = match tuple.len() {
            2 => None,
            _ => Some(tuple.get_item(2)?.unbind()),
        };
        Ok(Self {
            namespace: tuple.get_item(0)?.cast_into::<PyDict>()?.unbind(),
            key: tuple.get_item(1)?.unbind(),
            expected,
        })
    }

    /// Whether the entry is the expected object.
    #[inline]
    pub fn holds(&self, py: Python<'_>) -> PyResult<bool> {
        let found = self.namespace.bind(py).get_item(self.key.bind(py))?;
        Ok(match (&found, &self.expected) {
            (Some(found), Some(expected)) => found.is(expected),
            (None, None) => true,
            _ => false,
        })
    }
}
