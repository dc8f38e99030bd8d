//! Classes whose methods have to be the ones that were examined.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::reading::attributes;

/// Written into a class by looking at its annotations, which changes nothing that it does.
const HARMLESS: [&str; 3] = ["__annotations__", "__annotations_cache__", "__annotate__"];

/// A class, and the methods whose work is done here in their place.
pub struct GuardedClass {
    class: Py<PyType>,
    methods: Vec<(Py<PyString>, Py<PyAny>)>,
    /// The class's `__dict__`, a view that is always current.
    members: Py<PyAny>,
    member_count: usize,
    /// What `__init__` sets: an instance with just as many attributes has no method of its own.
    attribute_count: Option<usize>,
}

impl GuardedClass {
    /// `attribute_count` is None where it varies.
    pub fn new(
        class: &Bound<'_, PyType>,
        methods: &[Py<PyString>],
        attribute_count: Option<usize>,
    ) -> PyResult<Self> {
        let py = class.py();
        let members = class.getattr("__dict__")?;
        let methods = methods
            .iter()
            .map(|name| Ok((name.clone_ref(py), class.getattr(name)?.unbind())))
            .collect::<PyResult<_>>()?;
        Ok(Self {
            class: class.clone().unbind(),
            methods,
            member_count: own_members(&members)?,
            members: members.unbind(),
            attribute_count,
        })
    }

    /// Whether an object is of this very class.
    #[inline]
    pub fn is_class_of(&self, object: &Bound<'_, PyAny>) -> bool {
        object.get_type_ptr() == self.class.bind(object.py()).as_type_ptr()
    }

    /// Whether the class does what it did: no method replaced, nothing added.
    pub fn is_untouched(&self, py: Python<'_>) -> Option<()> {
        let class = self.class.bind(py);
        let members = self.members.bind(py);
        if members.len().ok()? != self.member_count
            && own_members(members).ok()? != self.member_count
        {
            return None;
        }
        let untouched = self
            .methods
            .iter()
            .all(|(name, method)| class.getattr(name).is_ok_and(|found| found.is(method)));
        untouched.then_some(())
    }

    /// The attributes of an instance, unless one of them stands for a method.
    #[inline]
    pub fn attributes<'py>(&self, object: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
        let dict = attributes(object)?;
        if self.attribute_count == Some(dict.len()) {
            return Some(dict);
        }
        let shadows = |(name, _): &(Py<PyString>, _)| dict.contains(name).unwrap_or(true);
        (!self.methods.iter().any(shadows)).then_some(dict)
    }
}

fn own_members(members: &Bound<'_, PyAny>) -> PyResult<usize> {
    let mut count = members.len()?;
    for name in HARMLESS {
        count -= usize::from(members.contains(name)?);
    }
    Ok(count)
}
