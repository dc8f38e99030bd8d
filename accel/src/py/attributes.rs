//! The attributes of an object where they are kept: in its own dict, with nothing of Python run.

use std::ptr;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The dict that holds an object's attributes; None where it has none.
pub fn attributes<'py>(object: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
    // SAFETY: any object may be given, and the second argument is unused.
    let dict = unsafe { ffi::PyObject_GenericGetDict(object.as_ptr(), ptr::null_mut()) };
    // SAFETY: a new reference, or null with an exception set, which is dropped.
    let dict = unsafe { Bound::from_owned_ptr_or_err(object.py(), dict) };
    dict.ok()?.cast_into_exact().ok()
}
