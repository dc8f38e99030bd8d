//! What the Python side hands over once: dicts with agreed entries.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

/// An entry that has to be there.
pub fn item<'py>(dict: &Bound<'py, PyDict>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    dict.get_item(name)?
        .ok_or_else(|| PyValueError::new_err(format!("{name} is missing")))
}

/// A name as attributes are looked up by.
pub fn interned(name: &Bound<'_, PyAny>) -> PyResult<Py<PyString>> {
    let text: String = name.extract()?;
    Ok(PyString::intern(name.py(), &text).unbind())
}

/// A list of names.
pub fn interned_all(names: &Bound<'_, PyAny>) -> PyResult<Vec<Py<PyString>>> {
    names.try_iter()?.map(|name| interned(&name?)).collect()
}
