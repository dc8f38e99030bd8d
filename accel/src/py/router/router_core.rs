//! A router's core, which has its state from LiteLLM 1.109 on: what it asks on the way to a choice is its own.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::examined::Examined;
use super::native::{Native, empty, item, only_if, set_item};
use crate::py::given;
use crate::py::versions::{self, Seen};

/// What is examined of a core.
pub struct Core {
    host: Py<PyAny>,
    context: Py<PyType>,
    /// Views of the core that it makes once: where they are kept, and their classes.
    views: Vec<(Py<PyString>, Py<PyType>)>,
    /// What has to be empty.
    empty: Vec<Py<PyString>>,
    pod_discovery: Examined,
    lock: Py<PyType>,
    names: Names,
    plain: Seen,
}

crate::py::names::names! {
    /// What a core keeps to itself.
    pub struct Names;

    host = "_host",
    context = "_core_ctx",
    router = "_router",
    pod_discovery = "_core_kubernetes_pod_discovery",
    lock = "_deployment_index_lock",
    acquire = "acquire",
    release = "release",
}

impl Core {
    /// None where a router has no core.
    pub fn new(known: &Bound<'_, PyDict>) -> PyResult<Option<Self>> {
        let known = given::item(known, "core")?;
        if known.is_none() {
            return Ok(None);
        }
        let known = known.cast_into::<PyDict>()?;
        let views: Vec<(Bound<'_, PyAny>, Py<PyType>)> = given::item(&known, "views")?.extract()?;
        Ok(Some(Self {
            host: given::item(&known, "host")?.unbind(),
            context: given::item(&known, "context")?.extract()?,
            views: views
                .into_iter()
                .map(|(name, class)| Ok((given::interned(&name)?, class)))
                .collect::<PyResult<_>>()?,
            empty: given::interned_all(&given::item(&known, "empty")?)?,
            pod_discovery: Examined::new(&given::item(&known, "pod_discovery")?)?,
            lock: given::item(&known, "lock")?.extract()?,
            names: Names::new(known.py()),
            plain: Seen::default(),
        }))
    }

    /// Goes on where the core asks its own state of what was examined.
    #[inline]
    pub fn is_plain(&self, core: &Bound<'_, PyAny>, state: &Bound<'_, PyDict>) -> Native<()> {
        self.pod_discovery
            .attributes(&item(state, &self.names.pod_discovery)?)?;
        let version = versions::of(state);
        if self.plain.has(version, state) {
            return Ok(());
        }
        only_if(item(state, &self.names.host)?.is(&self.host))?;
        self.is_view(&item(state, &self.names.context)?, &self.context, core)?;
        for (name, class) in &self.views {
            if let Some(view) = set_item(state, name)? {
                self.is_view(&view, class, core)?;
            }
        }
        for name in &self.empty {
            empty(state, name)?;
        }
        self.plain.add(version, state);
        Ok(())
    }

    fn is_view(
        &self,
        view: &Bound<'_, PyAny>,
        class: &Py<PyType>,
        core: &Bound<'_, PyAny>,
    ) -> Native<()> {
        let py = core.py();
        only_if(view.get_type_ptr() == class.bind(py).as_type_ptr())?;
        only_if(view.getattr(self.names.router.bind(py))?.is(core))
    }

    /// The lock of the list of deployments and its indexes.
    #[inline]
    pub fn lock<'py>(&self, state: &Bound<'py, PyDict>) -> Native<Bound<'py, PyAny>> {
        let lock = item(state, &self.names.lock)?;
        only_if(lock.get_type_ptr() == self.lock.bind(state.py()).as_type_ptr())?;
        Ok(lock)
    }

    /// The lock, held. It is waited for, as LiteLLM does; only an interrupt makes that fail.
    #[inline]
    pub fn hold<'py>(&self, lock: Bound<'py, PyAny>) -> PyResult<Held<'_, 'py>> {
        lock.call_method0(self.names.acquire.bind(lock.py()))?;
        Ok(Held {
            lock,
            release: &self.names.release,
        })
    }
}

/// Lets go of the lock at its end.
pub struct Held<'a, 'py> {
    lock: Bound<'py, PyAny>,
    release: &'a Py<PyString>,
}

impl Drop for Held<'_, '_> {
    fn drop(&mut self) {
        let release = self.release.bind(self.lock.py());
        // It cannot fail: this thread has taken it.
        if let Err(error) = self.lock.call_method0(release) {
            error.write_unraisable(self.lock.py(), Some(&self.lock));
        }
    }
}
