//! What has to be as it was when the seam was examined; looked at anew on every call.

use std::ptr;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::versions::{self, Seen};

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

/// Guards by the namespace that they are in: while it is in a version in which all of them held, none is looked at.
pub struct Guards(Vec<Namespace>);

struct Namespace {
    dict: Py<PyDict>,
    guards: Vec<Guard>,
    held: Seen,
}

impl Guards {
    /// From a list as `Guard::from_tuple` takes them.
    pub fn new(list: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut namespaces: Vec<Namespace> = Vec::new();
        for guard in list.try_iter()? {
            let guard = guard?.cast_into::<PyTuple>()?;
            let dict = guard.get_item(0)?.cast_into::<PyDict>()?;
            let guard = Guard::from_tuple(&guard)?;
            match namespaces.iter_mut().find(|each| each.dict.is(&dict)) {
                Some(namespace) => namespace.guards.push(guard),
                None => namespaces.push(Namespace {
                    dict: dict.unbind(),
                    guards: vec![guard],
                    held: Seen::default(),
                }),
            }
        }
        Ok(Self(namespaces))
    }

    /// Whether all entries are the expected objects.
    #[inline]
    pub fn hold(&self, py: Python<'_>) -> PyResult<bool> {
        for namespace in &self.0 {
            if !namespace.holds(py)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Namespace {
    #[inline]
    fn holds(&self, py: Python<'_>) -> PyResult<bool> {
        let dict = self.dict.bind(py);
        let version = versions::of(dict);
        if self.held.has(version, dict) {
            return Ok(true);
        }
        for guard in &self.guards {
            if !guard.holds(py)? {
                return Ok(false);
            }
        }
        self.held.add(version, dict);
        Ok(true)
    }
}
