//! LiteLLM's caches, read where they keep their entries.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyFloat, PyString};

use super::examined::Examined;
use super::names::Names;
use super::native::{Native, exact, item, only_if, unset};
use crate::py::given;

/// The classes of the caches, and the clock that they ask.
pub struct Caches {
    pub dual: Examined,
    pub memory: Examined,
    /// The code of the clock that a memory cache has by default: it asks `time.time`.
    clock_code: Py<PyAny>,
    time: Py<PyDict>,
    now: Py<PyString>,
}

impl Caches {
    pub fn new(known: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self {
            dual: Examined::new(&given::item(known, "dual")?)?,
            memory: Examined::new(&given::item(known, "memory")?)?,
            clock_code: given::item(known, "clock_code")?.unbind(),
            time: given::item(known, "time")?.cast_into::<PyDict>()?.unbind(),
            now: PyString::intern(known.py(), "time").unbind(),
        })
    }

    /// The memory of a cache that has nothing behind it.
    pub fn memory_of<'py>(
        &self,
        cache: &Bound<'py, PyAny>,
        names: &Names,
    ) -> Native<Memory<'py, '_>> {
        let attributes = self.dual.attributes(cache)?;
        unset(&attributes, &names.redis)?;
        self.memory(&item(&attributes, &names.memory)?, names)
    }

    pub fn memory<'py>(&self, cache: &Bound<'py, PyAny>, names: &Names) -> Native<Memory<'py, '_>> {
        let attributes = self.memory.attributes(cache)?;
        Ok(Memory {
            entries: exact(item(&attributes, &names.entries)?)?,
            expiries: exact(item(&attributes, &names.expiries)?)?,
            clock: item(&attributes, &names.clock)?,
            code: names.code.clone_ref(cache.py()),
            caches: self,
            now: None,
        })
    }

    /// `time.time()`, as it is looked up by LiteLLM.
    pub fn now(&self, py: Python<'_>) -> Native<f64> {
        let now = item(self.time.bind(py), &self.now)?.call0()?;
        Ok(exact::<PyFloat>(now)?.extract()?)
    }
}

/// LiteLLM's `InMemoryCache`.
pub struct Memory<'py, 'a> {
    pub entries: Bound<'py, PyDict>,
    pub expiries: Bound<'py, PyDict>,
    clock: Bound<'py, PyAny>,
    code: Py<PyString>,
    caches: &'a Caches,
    now: Option<f64>,
}

impl<'py> Memory<'py, '_> {
    /// What `get_cache` returns for a key, if it would change nothing: an expired entry is removed by reading it.
    pub fn read(&mut self, key: &Bound<'py, PyString>) -> Native<Option<Bound<'py, PyAny>>> {
        let Some(value) = self.entries.get_item(key)? else {
            return Ok(None);
        };
        if let Some(expiry) = self.expiries.get_item(key)? {
            let expiry: f64 = exact::<PyFloat>(expiry)?.extract()?;
            only_if(self.now()? <= expiry)?;
        }
        // These it would parse as JSON.
        only_if(!value.is_instance_of::<PyString>() && !value.is_instance_of::<PyBytes>())?;
        Ok(Some(value))
    }

    /// The time by the cache's own clock, one for all that is read.
    pub fn now(&mut self) -> Native<f64> {
        if let Some(now) = self.now {
            return Ok(now);
        }
        let py = self.clock.py();
        let code = self.clock.getattr(self.code.bind(py))?;
        only_if(code.is(&self.caches.clock_code))?;
        let now = self.caches.now(py)?;
        self.now = Some(now);
        Ok(now)
    }
}
