//! LiteLLM's classes, of which only the very ones that were examined are known.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use super::native::{Aside, Native, only_if};
use crate::py::guards::Guard;
use crate::py::pool::reading::attributes;

/// Entries of modules and classes that have to be the examined objects.
pub struct Guards(Vec<Guard>);

impl Guards {
    /// From a list as `Guard::from_tuple` takes them.
    pub fn new(list: &Bound<'_, PyAny>) -> PyResult<Self> {
        let guards = list.try_iter()?;
        guards
            .map(|guard| Guard::from_tuple(guard?.cast::<PyTuple>()?))
            .collect::<PyResult<_>>()
            .map(Self)
    }

    #[inline]
    pub fn hold(&self, py: Python<'_>) -> Native<()> {
        for guard in &self.0 {
            only_if(guard.holds(py)?)?;
        }
        Ok(())
    }
}

/// A class, and the methods that an instance may not replace with its own. That the class has them as they were
/// examined is for `Guards`.
pub struct Examined {
    class: Py<PyType>,
    methods: Vec<Py<PyString>>,
}

impl Examined {
    /// From `(class, names of methods)`.
    pub fn new(pair: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (class, names): (Py<PyType>, Vec<String>) = pair.extract()?;
        let methods = names
            .iter()
            .map(|name| PyString::intern(pair.py(), name).unbind());
        Ok(Self {
            class,
            methods: methods.collect(),
        })
    }

    /// The attributes of an instance of this very class.
    #[inline]
    pub fn attributes<'py>(&self, object: &Bound<'py, PyAny>) -> Native<Bound<'py, PyDict>> {
        let py = object.py();
        only_if(object.get_type_ptr() == self.class.bind(py).as_type_ptr())?;
        let dict = attributes(object).ok_or(Aside)?;
        for method in &self.methods {
            only_if(!dict.contains(method.bind(py))?)?;
        }
        Ok(dict)
    }
}
