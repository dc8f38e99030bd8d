//! What has to be as it was when the seam was examined; looked at anew on every call.

use std::ptr;

use pyo3::ffi;
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
        // SAFETY: a dict and a key that live as long as `self`, and the interpreter is attached. The result
        // is a borrowed reference, or null with or without an exception; only its address is used.
        let found =
            unsafe { ffi::PyDict_GetItemWithError(self.namespace.as_ptr(), self.key.as_ptr()) };
        let expected = self.expected.as_ref().map_or(ptr::null_mut(), Py::as_ptr);
        if found.is_null() && PyErr::occurred(py) {
            return Err(PyErr::fetch(py));
        }
        Ok(found == expected)
    }
}
