//! What the Python side hands over once: dicts with agreed entries.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use super::super::guards::Guard;

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

/// A list of entries that have to stay as they are; see `Guard::from_tuple`.
pub fn guards(list: &Bound<'_, PyAny>) -> PyResult<Vec<Guard>> {
    let list = list.cast::<PyList>()?;
    list.iter()
        .map(|guard| Guard::from_tuple(guard.cast::<PyTuple>()?))
        .collect()
}

/// Whether all of them are as they were.
pub fn hold(guards: &[Guard], py: Python<'_>) -> bool {
    guards
        .iter()
        .all(|guard| guard.holds(py).unwrap_or_default())
}
