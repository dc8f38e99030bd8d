//! LiteLLM's caches behind the limiter, as they were examined: one for usage, over one of two layers, over one in memory.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::names::Names;
use super::reading::{entry, is_none};
use crate::py::given::item;
use crate::py::guarded::GuardedClass;

pub struct Caches {
    usage: GuardedClass,
    dual: GuardedClass,
    memory: GuardedClass,
}

impl Caches {
    pub fn new(litellm: &Bound<'_, PyDict>) -> PyResult<Self> {
        let class = |name| GuardedClass::from_pair(&item(litellm, name)?);
        Ok(Self {
            usage: class("usage_cache")?,
            dual: class("dual_cache")?,
            memory: class("memory_cache")?,
        })
    }

    /// Whether their classes do what they did.
    pub fn are_untouched(&self, py: Python<'_>) -> bool {
        [&self.usage, &self.dual, &self.memory]
            .into_iter()
            .all(|class| class.is_untouched(py).is_some())
    }

    /// The cache of two layers, without its second; `own` are the limiter's attributes.
    pub fn dual<'py>(&self, own: &Bound<'py, PyDict>, names: &Names) -> Option<Bound<'py, PyDict>> {
        let usage = guarded(own, &names.internal_usage_cache, &self.usage)?;
        let dual = guarded(&usage, &names.dual_cache, &self.dual)?;
        is_none(&dual, &names.redis_cache).then_some(dual)
    }

    /// Its first layer.
    pub fn memory<'py>(
        &self,
        dual: &Bound<'py, PyDict>,
        names: &Names,
    ) -> Option<Bound<'py, PyDict>> {
        guarded(dual, &names.in_memory_cache, &self.memory)
    }
}

/// The attributes of one of LiteLLM's objects, if it is of the very class, with no method of its own.
fn guarded<'py>(
    owner: &Bound<'py, PyDict>,
    name: &Py<PyString>,
    class: &GuardedClass,
) -> Option<Bound<'py, PyDict>> {
    let object = entry(owner, name)?;
    if class.is_class_of(&object) {
        class.attributes(&object)
    } else {
        None
    }
}
