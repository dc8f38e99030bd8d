//! Classes whose methods have to be the ones that were examined.

use std::sync::atomic::{AtomicU32, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::attributes::attributes;
use super::versions;

/// Written into a class by looking at its annotations, which changes nothing that it does.
const HARMLESS: [&str; 3] = ["__annotations__", "__annotations_cache__", "__annotate__"];

/// A class, and the methods whose work is done here in their place.
pub struct GuardedClass {
    class: Py<PyType>,
    methods: Vec<(Py<PyString>, Py<PyAny>)>,
    /// Methods of the class itself, which are bound anew at each look: what its `__dict__` holds of them.
    class_methods: Vec<(Py<PyString>, Py<PyAny>)>,
    /// The class's `__dict__`, a view that is always current.
    members: Py<PyAny>,
    member_count: usize,
    /// What `__init__` sets: an instance with just as many attributes has no method of its own.
    attribute_count: Option<usize>,
    /// The version in which the class was found untouched, or 0.
    untouched_in: AtomicU32,
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
        let (mut stable, mut class_methods) = (Vec::new(), Vec::new());
        for name in methods {
            let found = class.getattr(name)?;
            if found.is(class.getattr(name)?) {
                stable.push((name.clone_ref(py), found.unbind()));
            } else {
                class_methods.push((name.clone_ref(py), members.get_item(name)?.unbind()));
            }
        }
        Ok(Self {
            class: class.clone().unbind(),
            methods: stable,
            class_methods,
            member_count: own_members(&members)?,
            members: members.unbind(),
            attribute_count,
            untouched_in: AtomicU32::new(0),
        })
    }

    /// From `(class, names of methods)`.
    pub fn from_pair(pair: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (class, methods): (Bound<'_, PyType>, Vec<Py<PyString>>) = pair.extract()?;
        Self::new(&class, &methods, None)
    }

    /// Whether an object is of this very class.
    #[inline]
    pub fn is_class_of(&self, object: &Bound<'_, PyAny>) -> bool {
        object.get_type_ptr() == self.class.bind(object.py()).as_type_ptr()
    }

    /// Whether the class does what it did: no method replaced, nothing added.
    pub fn is_untouched(&self, py: Python<'_>) -> Option<()> {
        let class = self.class.bind(py);
        let version = versions::of_class(class).map_or(0, u32::from);
        if version != 0 && version == self.untouched_in.load(Ordering::Relaxed) {
            return Some(());
        }
        let members = self.members.bind(py);
        if members.len().ok()? != self.member_count
            && own_members(members).ok()? != self.member_count
        {
            return None;
        }
        let untouched = self
            .methods
            .iter()
            .all(|(name, method)| class.getattr(name).is_ok_and(|found| found.is(method)))
            && self.class_methods.iter().all(|(name, method)| {
                let found = members.get_item(name);
                found.is_ok_and(|found| found.is(method))
            });
        self.untouched_in
            .store(if untouched { version } else { 0 }, Ordering::Relaxed);
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
        let mut methods = self.methods.iter().chain(&self.class_methods);
        (!methods.any(shadows)).then_some(dict)
    }
}

fn own_members(members: &Bound<'_, PyAny>) -> PyResult<usize> {
    let mut count = members.len()?;
    for name in HARMLESS {
        count -= usize::from(members.contains(name)?);
    }
    Ok(count)
}
