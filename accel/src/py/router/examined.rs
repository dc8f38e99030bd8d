//! LiteLLM's classes, of which only the very ones that were examined are known.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::native::{Aside, Native, only_if};
use crate::py::attributes::attributes;
use crate::py::versions::{self, Seen};

/// A class, and the methods that an instance may not replace with its own. That the class has them as they were
/// examined is for `Guards`.
pub struct Examined {
    class: Py<PyType>,
    methods: Vec<Py<PyString>>,
    plain: Seen,
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
            plain: Seen::default(),
        })
    }

    /// The attributes of an instance of this very class.
    #[inline]
    pub fn attributes<'py>(&self, object: &Bound<'py, PyAny>) -> Native<Bound<'py, PyDict>> {
        let py = object.py();
        only_if(object.get_type_ptr() == self.class.bind(py).as_type_ptr())?;
        let dict = attributes(object).ok_or(Aside)?;
        let version = versions::of(&dict);
        if self.plain.has(version, &dict) {
            return Ok(dict);
        }
        for method in &self.methods {
            only_if(!dict.contains(method.bind(py))?)?;
        }
        self.plain.add(version, &dict);
        Ok(dict)
    }
}
