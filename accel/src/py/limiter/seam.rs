//! LiteLLM's limiter, its caches and what they call, as they were examined.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyString, PyTuple, PyType};

use super::caches::Caches;
use super::compact::Compact;
use super::estimate::Estimating;
use super::live::{Live, ScopeKeys};
use super::locks::AsyncioLock;
use super::names::Names;
use super::proxy::Proxy;
use super::reading::{entry, is_none};
use super::request::{Request, Scope};
use super::stash_fields::StashFields;
use super::stores::Stores;
use crate::py::attributes::attributes;
use crate::py::given::item;
use crate::py::guarded::GuardedClass;
use crate::py::guards::Guard;

/// How a request came in.
pub struct CallKind {
    /// Its tokens are those of its messages.
    pub is_chat: bool,
}

pub struct Seam {
    pub proxy: Proxy,
    pub stores: Stores,
    pub stash: StashFields,
    pub estimating: Estimating,
    pub lock: AsyncioLock,
    handler: GuardedClass,
    caches: Caches,
    user: Py<PyType>,
    guards: Vec<Guard>,
    logging: Guard,
    refresh_logging: Py<PyAny>,
    /// Kinds of calls that LiteLLM limits in ways of their own.
    left_calls: Py<PyFrozenSet>,
    /// Kinds of calls whose tokens LiteLLM estimates in ways of their own.
    other_calls: Py<PyFrozenSet>,
    generic_endpoint: Py<PyAny>,
    claim_stash: Py<PyAny>,
    rate_limited_model: Py<PyAny>,
}

impl Seam {
    /// From a description; see `components/_rate_limiter/native.py`.
    pub fn new(litellm: &Bound<'_, PyDict>) -> PyResult<Self> {
        let item = |name| item(litellm, name);
        let object = |name| item(name).map(Bound::unbind);
        Ok(Self {
            proxy: Proxy::new(litellm)?,
            stores: Stores::new(litellm)?,
            stash: StashFields::new(litellm)?,
            estimating: Estimating {
                output_fraction: item("output_fraction")?.extract()?,
                counts_media: item("counts_media")?.extract()?,
            },
            lock: AsyncioLock(item("lock")?.extract()?),
            handler: GuardedClass::from_pair(&item("handler")?)?,
            caches: Caches::new(litellm)?,
            user: item("user")?.extract()?,
            guards: item("guards")?
                .extract::<Vec<Bound<'_, PyTuple>>>()?
                .iter()
                .map(Guard::from_tuple)
                .collect::<PyResult<_>>()?,
            logging: Guard::from_tuple(&item("logging")?.extract()?)?,
            refresh_logging: object("refresh_logging")?,
            left_calls: item("left_calls")?.extract()?,
            other_calls: item("other_calls")?.extract()?,
            generic_endpoint: object("generic_endpoint")?,
            claim_stash: object("claim_stash")?,
            rate_limited_model: object("rate_limited_model")?,
        })
    }

    /// The attributes of the limiter and of the user, and the request's data, if all are LiteLLM's own.
    pub fn objects<'py>(
        &self,
        handler: &Bound<'py, PyAny>,
        user: &Bound<'py, PyAny>,
        data: &Bound<'py, PyAny>,
    ) -> Option<(Bound<'py, PyDict>, Bound<'py, PyDict>, Bound<'py, PyDict>)> {
        if !self.handler.is_class_of(handler) || !user.get_type().is(&self.user) {
            return None;
        }
        let own = self.handler.attributes(handler)?;
        Some((own, attributes(user)?, data.cast_exact().ok()?.clone()))
    }

    /// Whether no function or method was replaced, and nobody wants to read what LiteLLM does.
    pub fn is_as_examined(&self, py: Python<'_>) -> PyResult<bool> {
        for guard in &self.guards {
            if !guard.holds(py)? {
                return Ok(false);
            }
        }
        if self.handler.is_untouched(py).is_none() || !self.caches.are_untouched(py) {
            return Ok(false);
        }
        self.is_quiet(py)
    }

    /// Whether nobody wants to read what LiteLLM does.
    pub fn is_quiet(&self, py: Python<'_>) -> PyResult<bool> {
        if self.logging.holds(py)? {
            return Ok(true);
        }
        // `logging` forgets what it knows of a level whenever any logger is configured.
        self.refresh_logging.bind(py).call0()?;
        self.logging.holds(py)
    }

    /// Whether there is no Redis, and nobody holds or awaits the limiter's lock.
    pub fn is_free(&self, own: &Bound<'_, PyDict>, names: &Names) -> bool {
        let scripts = [
            &names.batch_rate_limiter_script,
            &names.check_and_increment_by_n_script,
        ];
        if !scripts.into_iter().all(|script| is_none(own, script)) {
            return false;
        }
        entry(own, &names.lock).is_some_and(|lock| self.lock.is_free(&lock, names))
    }

    /// How a request came in; None for kinds that are not counted here at all.
    pub fn call_kind(
        &self,
        call_type: &Bound<'_, PyAny>,
        endpoint_type: &Bound<'_, PyAny>,
    ) -> Option<CallKind> {
        let py = call_type.py();
        let kind = call_type.cast_exact::<PyString>().ok()?;
        if !endpoint_type.is(&self.generic_endpoint)
            || self.left_calls.bind(py).contains(kind).ok()?
        {
            return None;
        }
        let is_chat = kind.len().ok()? > 0 && !self.other_calls.bind(py).contains(kind).ok()?;
        Some(CallKind { is_chat })
    }

    /// The table behind the limiter and the time there, where the cache is one of ours.
    pub fn compact<'py>(
        &self,
        own: &Bound<'py, PyDict>,
        request: &Request<'py>,
        names: &Names,
    ) -> PyResult<Option<Compact<'_, 'py>>> {
        let cache = self
            .caches
            .dual(own, names)
            .and_then(|dual| self.stores.table_cache(&dual, names));
        let prefixes = request.scopes.iter().map(Scope::prefix);
        match cache {
            Some(cache) => self.stores.compact(&cache, prefixes, names),
            None => Ok(None),
        }
    }

    /// The cache behind the limiter; None if it is not one of LiteLLM's own in memory.
    pub fn live<'a, 'py>(
        &'a self,
        own: &Bound<'py, PyDict>,
        scopes: &'a [ScopeKeys<'py>],
        window_s: i64,
        names: &'a Names,
    ) -> PyResult<Option<Live<'a, 'py>>> {
        let memory = self
            .caches
            .dual(own, names)
            .and_then(|dual| self.caches.memory(&dual, names));
        #[allow(clippy::cast_precision_loss)] // as Python's float() rounds
        let stay_s = window_s as f64;
        match memory {
            Some(memory) => self.stores.live(&memory, scopes, stay_s, names),
            None => Ok(None),
        }
    }

    /// The request's own record of what was taken for it.
    pub fn claim_stash<'py>(&self, data: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
        self.claim_stash.bind(data.py()).call1((data,))
    }

    /// What LiteLLM remembers of the model; it is a group of its own.
    pub fn rate_limited_model<'py>(
        &self,
        py: Python<'py>,
        model: Option<&Bound<'py, PyString>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        model
            .map(|model| self.rate_limited_model.bind(py).call1((model, model)))
            .transpose()
    }
}
