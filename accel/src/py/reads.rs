//! What an answer of LiteLLM's depends on in its registries, beside the model's own place in them.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySet, PyString};

use super::guards::Guards;

/// What was read, and what was found there.
pub struct Reads {
    /// `litellm`'s.
    namespace: Py<PyDict>,
    /// Registry, key and whether it was in there.
    members: Vec<(Py<PyString>, Py<PyString>, bool)>,
    /// Registry, and a copy of the whole set.
    wholes: Vec<(Py<PyString>, Py<PyAny>)>,
    entries: Guards,
}

impl Reads {
    /// From `(members, wholes, entries)` as `pytest_fastllm/components/_token_counter/reads.py` notes them.
    pub fn new(namespace: &Bound<'_, PyDict>, noted: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (members, wholes, entries): (_, _, Bound<'_, PyList>) = noted.extract()?;
        Ok(Self {
            namespace: namespace.clone().unbind(),
            members,
            wholes,
            entries: Guards::new(&entries)?,
        })
    }

    /// Whether the same would be found again.
    #[inline]
    pub fn hold(&self, py: Python<'_>) -> PyResult<bool> {
        let namespace = self.namespace.bind(py);
        for (registry, key, expected) in &self.members {
            if held(namespace, registry.bind(py), key.bind(py))? != Some(*expected) {
                return Ok(false);
            }
        }
        for (registry, copy) in &self.wholes {
            let same = match namespace.get_item(registry.bind(py))? {
                Some(registry) => registry.is_exact_instance_of::<PySet>() && registry.eq(copy)?,
                None => false,
            };
            if !same {
                return Ok(false);
            }
        }
        self.entries.hold(py)
    }
}

/// Whether a registry of a namespace holds a key; None where there is no such registry.
#[inline]
pub fn held(
    namespace: &Bound<'_, PyDict>,
    registry: &Bound<'_, PyString>,
    key: &Bound<'_, PyString>,
) -> PyResult<Option<bool>> {
    let Some(registry) = namespace.get_item(registry)? else {
        return Ok(None);
    };
    let held = if let Ok(registry) = registry.cast_exact::<PySet>() {
        registry.contains(key)?
    } else if let Ok(registry) = registry.cast_exact::<PyDict>() {
        registry.contains(key)?
    } else {
        registry.contains(key)?
    };
    Ok(Some(held))
}
