//! LiteLLM's classes, of which only the very ones that were examined are known.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use super::native::{Aside, Native, only_if};
use super::versions::{self, Seen};
use crate::py::guards::Guard;
use crate::py::pool::reading::attributes;

/// Entries of modules and classes that have to be the examined objects, by the namespace that they are in.
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

    #[inline]
    pub fn hold(&self, py: Python<'_>) -> Native<()> {
        self.0.iter().try_for_each(|namespace| namespace.holds(py))
    }
}

impl Namespace {
    #[inline]
    fn holds(&self, py: Python<'_>) -> Native<()> {
        let dict = self.dict.bind(py);
        let version = versions::of(dict);
        if self.held.has(version, dict) {
            return Ok(());
        }
        for guard in &self.guards {
            only_if(guard.holds(py)?)?;
        }
        self.held.add(version, dict);
        Ok(())
    }
}

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
