//! LiteLLM's locks: a call for which one is not free is LiteLLM's.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString, PyType};

use super::names::Names;
use super::reading::entry;
use crate::py::attributes::attributes;

/// asyncio's lock.
pub struct AsyncioLock(pub Py<PyType>);

impl AsyncioLock {
    /// Whether an object is one that nobody holds or awaits.
    pub fn is_free(&self, lock: &Bound<'_, PyAny>, names: &Names) -> bool {
        if !lock.get_type().is(&self.0) {
            return false;
        }
        let Some(lock) = attributes(lock) else {
            return false;
        };
        let is_unlocked = entry(&lock, &names.locked)
            .is_some_and(|locked| locked.is(PyBool::new(lock.py(), false)));
        is_unlocked
            && entry(&lock, &names.waiters).is_none_or(|waiters| {
                waiters.is_none() || waiters.len().is_ok_and(|waiting| waiting == 0)
            })
    }
}

/// The lock of threads.
pub struct ThreadLock(pub Py<PyType>);

impl ThreadLock {
    /// Take it; None: somebody else has it, and LiteLLM waits for it.
    pub fn hold<'py>(&self, lock: Bound<'py, PyAny>, names: &Names) -> Option<Held<'py>> {
        if !lock.get_type().is(&self.0) {
            return None;
        }
        let is_ours = lock.call_method1(&names.acquire, (false,)).ok()?;
        let release = names.release.clone_ref(lock.py());
        is_ours.is_truthy().ok()?.then(|| Held { lock, release }) // not `then_some`: dropping one releases the lock
    }

    /// For writing under it later on; None: somebody else has it now.
    pub fn for_writing<'a, 'py>(
        &self,
        lock: Bound<'py, PyAny>,
        names: &'a Names,
    ) -> Option<WriteLock<'a, 'py>> {
        if !lock.get_type().is(&self.0) {
            return None;
        }
        let is_taken = lock.call_method0(&names.is_locked).ok()?;
        (!is_taken.is_truthy().ok()?).then_some(WriteLock { lock, names })
    }
}

/// The lock that a cache holds while it stores one value.
pub struct WriteLock<'a, 'py> {
    lock: Bound<'py, PyAny>,
    names: &'a Names,
}

impl<'py> WriteLock<'_, 'py> {
    /// Take it. It was free when the call began: whoever took it since then is waited for, as LiteLLM does.
    pub fn hold(&self) -> PyResult<Held<'py>> {
        self.lock.call_method0(&self.names.acquire)?;
        Ok(Held {
            lock: self.lock.clone(),
            release: self.names.release.clone_ref(self.lock.py()),
        })
    }
}

/// A lock that is ours until this is dropped.
pub struct Held<'py> {
    lock: Bound<'py, PyAny>,
    release: Py<PyString>,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.lock.call_method0(&self.release) {
            error.write_unraisable(self.lock.py(), Some(&self.lock));
        }
    }
}
