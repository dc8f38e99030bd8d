//! LiteLLM's limiter, its caches and what they call, as they were examined.

use std::cell::RefCell;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyList, PyString, PyTuple, PyType};

use super::compact::{Compact, LimitTable};
use super::live::{Clock, Helpers, Live, ScopeKeys};
use super::names::Names;
use super::reading::{entry, is_none, whole};
use super::request::{Request, Scope};
use crate::py::attributes::attributes;
use crate::py::given::item;
use crate::py::guarded::GuardedClass;
use crate::py::guards::Guard;

/// The longest text that a counter makes; values below the cache's limit of size are stored.
const LONGEST_VALUE: i64 = 64;

/// Batches have a limiter of their own.
const BATCH_CALL: &str = "acreate_batch";

/// How a request came in.
pub struct CallKind {
    /// Its tokens are those of its messages.
    pub is_chat: bool,
}

pub struct Seam {
    handler: GuardedClass,
    usage_cache: GuardedClass,
    dual_cache: GuardedClass,
    memory_cache: GuardedClass,
    router: GuardedClass,
    /// Our own cache, whose counters are in a table.
    table_cache: Py<PyType>,
    user: Py<PyType>,
    lock: Py<PyType>,
    guards: Vec<Guard>,
    logging: Guard,
    refresh_logging: Py<PyAny>,
    /// Kinds of calls whose tokens LiteLLM estimates in ways of their own.
    other_calls: Py<PyFrozenSet>,
    generic_endpoint: Py<PyAny>,
    /// Defaults of the limiter's arguments.
    model_group_resolver: Py<PyAny>,
    tag_rate_limit_resolver: Py<PyAny>,
    clock_code: Py<PyAny>,
    time: Py<PyDict>,
    /// `sys.modules`, and the proxy's name in it: without it nothing is known of routers and databases.
    modules: Py<PyDict>,
    proxy_server: Py<PyString>,
    claim_stash: Py<PyAny>,
    rate_limited_model: Py<PyAny>,
    helpers: Helpers,
}

impl Seam {
    /// From a description; see `components/_rate_limiter/native.py`.
    pub fn new(litellm: &Bound<'_, PyDict>) -> PyResult<Self> {
        let item = |name| item(litellm, name);
        let class = |name| GuardedClass::from_pair(&item(name)?);
        let object = |name| item(name).map(Bound::unbind);
        Ok(Self {
            handler: class("handler")?,
            usage_cache: class("usage_cache")?,
            dual_cache: class("dual_cache")?,
            memory_cache: class("memory_cache")?,
            router: class("router")?,
            table_cache: item("table_cache")?.extract()?,
            user: item("user")?.extract()?,
            lock: item("lock")?.extract()?,
            guards: item("guards")?
                .extract::<Vec<Bound<'_, PyTuple>>>()?
                .iter()
                .map(Guard::from_tuple)
                .collect::<PyResult<_>>()?,
            logging: Guard::from_tuple(&item("logging")?.extract()?)?,
            refresh_logging: object("refresh_logging")?,
            other_calls: item("other_calls")?.extract()?,
            generic_endpoint: object("generic_endpoint")?,
            model_group_resolver: object("model_group_resolver")?,
            tag_rate_limit_resolver: object("tag_rate_limit_resolver")?,
            clock_code: object("clock_code")?,
            time: item("time")?.extract()?,
            modules: item("modules")?.extract()?,
            proxy_server: item("proxy_server")?.extract()?,
            claim_stash: object("claim_stash")?,
            rate_limited_model: object("rate_limited_model")?,
            helpers: Helpers {
                heappush: object("heappush")?,
                heappop: object("heappop")?,
                report: object("report")?,
            },
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
        let classes = [
            &self.handler,
            &self.usage_cache,
            &self.dual_cache,
            &self.memory_cache,
        ];
        if classes
            .into_iter()
            .any(|class| class.is_untouched(py).is_none())
        {
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
        entry(own, &names.lock).is_some_and(|lock| self.is_unlocked(&lock, names))
    }

    /// Whether nobody holds or awaits a lock of asyncio.
    pub fn is_unlocked(&self, lock: &Bound<'_, PyAny>, names: &Names) -> bool {
        if !lock.get_type().is(&self.lock) {
            return false;
        }
        let Some(lock) = attributes(lock) else {
            return false;
        };
        let is_unlocked = entry(&lock, &names.locked)
            .is_some_and(|locked| locked.is(pyo3::types::PyBool::new(lock.py(), false)));
        is_unlocked
            && entry(&lock, &names.waiters).is_none_or(|waiters| {
                waiters.is_none() || waiters.len().is_ok_and(|waiting| waiting == 0)
            })
    }

    /// Whether a tag may have a limit; without a database no tag has.
    pub fn tags_count(&self, own: &Bound<'_, PyDict>, names: &Names) -> bool {
        let has_own_resolver = entry(own, &names.tag_rate_limit_resolver)
            .is_none_or(|resolver| !resolver.is(&self.tag_rate_limit_resolver));
        has_own_resolver
            || self.proxy(own.py()).is_none_or(|proxy| {
                entry(&proxy, &names.prisma_client).is_none_or(|client| !client.is_none())
            })
    }

    /// Whether a model is no alias, and no deployment gives keys limits of their own.
    pub fn is_group_of_its_own(
        &self,
        own: &Bound<'_, PyDict>,
        model: &Bound<'_, PyString>,
        names: &Names,
    ) -> bool {
        if self.has_own_model_resolver(own, names) {
            return false;
        }
        let router = self
            .proxy(own.py())
            .and_then(|proxy| entry(&proxy, &names.llm_router));
        match router {
            None => false,
            Some(router) if router.is_none() => true,
            Some(router) => self.gives_no_limits(&router, model, names).is_some(),
        }
    }

    /// Whether a model is no alias.
    pub fn is_no_alias(
        &self,
        own: &Bound<'_, PyDict>,
        model: &Bound<'_, PyString>,
        names: &Names,
    ) -> bool {
        if self.has_own_model_resolver(own, names) {
            return false;
        }
        let router = self
            .proxy(own.py())
            .and_then(|proxy| entry(&proxy, &names.llm_router));
        router.is_some_and(|router| {
            router.is_none()
                || (self.router.is_class_of(&router)
                    && attributes(&router)
                        .and_then(|router| entry(&router, &names.model_group_alias))
                        .and_then(|aliases| aliases.cast_into_exact::<PyDict>().ok())
                        .is_some_and(|aliases| {
                            aliases.contains(model).is_ok_and(|is_alias| !is_alias)
                        }))
        })
    }

    fn has_own_model_resolver(&self, own: &Bound<'_, PyDict>, names: &Names) -> bool {
        entry(own, &names.model_group_resolver)
            .is_none_or(|resolver| !resolver.is(&self.model_group_resolver))
    }

    /// None: ask the router itself.
    fn gives_no_limits(
        &self,
        router: &Bound<'_, PyAny>,
        model: &Bound<'_, PyString>,
        names: &Names,
    ) -> Option<()> {
        if !self.router.is_class_of(router) {
            return None;
        }
        self.router.is_untouched(router.py())?;
        let router = self.router.attributes(router)?;
        let aliases = entry(&router, &names.model_group_alias)?;
        if aliases.cast_exact::<PyDict>().ok()?.contains(model).ok()? {
            return None;
        }
        let patterns = attributes(&entry(&router, &names.pattern_router)?)?;
        if !entry(&patterns, &names.patterns)?
            .cast_exact::<PyDict>()
            .ok()?
            .is_empty()
        {
            return None;
        }
        for deployment in entry(&router, &names.model_list)?
            .cast_exact::<PyList>()
            .ok()?
        {
            let params = entry(deployment.cast_exact().ok()?, &names.litellm_params)?;
            let params = params.cast_exact::<PyDict>().ok()?;
            if !is_none(params, &names.default_rpm_limit)
                || !is_none(params, &names.default_tpm_limit)
            {
                return None;
            }
        }
        Some(())
    }

    /// The proxy's own module, once it is imported.
    pub fn proxy<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyDict>> {
        let module = entry(self.modules.bind(py), &self.proxy_server)?;
        attributes(&module)
    }

    /// How a request came in; None for kinds that are not counted here at all.
    pub fn call_kind(
        &self,
        call_type: &Bound<'_, PyAny>,
        endpoint_type: &Bound<'_, PyAny>,
    ) -> Option<CallKind> {
        let py = call_type.py();
        let kind = call_type.cast_exact::<PyString>().ok()?;
        if !endpoint_type.is(&self.generic_endpoint) || kind == BATCH_CALL {
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
        let memory = self
            .dual(own, names)
            .and_then(|dual| self.table_cache_in(&dual, names));
        let prefixes = request.scopes.iter().map(Scope::prefix);
        match memory {
            Some(memory) => self.compact_in(&memory, prefixes, names),
            None => Ok(None),
        }
    }

    /// The attributes of our own cache, where it is the one in memory.
    pub fn table_cache_in<'py>(
        &self,
        dual: &Bound<'py, PyDict>,
        names: &Names,
    ) -> Option<Bound<'py, PyDict>> {
        let memory = entry(dual, &names.in_memory_cache)?;
        let is_ours = memory.get_type().is(&self.table_cache);
        is_ours.then(|| attributes(&memory)).flatten()
    }

    /// The table of our own cache, for scopes whose keys begin so.
    pub fn compact_in<'py>(
        &self,
        memory: &Bound<'py, PyDict>,
        prefixes: impl Iterator<Item = PyResult<Bound<'py, PyString>>>,
        names: &Names,
    ) -> PyResult<Option<Compact<'_, 'py>>> {
        let py = memory.py();
        let (Some(table), Some(clock)) = (entry(memory, &names.table), entry(memory, &names.clock))
        else {
            return Ok(None);
        };
        let Some(clock) = self.clock(clock, names)? else {
            return Ok(None);
        };
        let (Ok(table), now_s) = (table.cast_into::<LimitTable>(), clock.now_s()?) else {
            return Ok(None);
        };
        Compact::new(py, table, now_s, prefixes, &self.helpers).map(Some)
    }

    /// The cache behind the limiter; None if it is not one of LiteLLM's own in memory.
    pub fn live<'a, 'py>(
        &'a self,
        own: &Bound<'py, PyDict>,
        scopes: &'a [ScopeKeys<'py>],
        window_s: i64,
        names: &Names,
    ) -> PyResult<Option<Live<'a, 'py>>> {
        Ok(match self.memory(own, names) {
            Some(memory) => {
                #[allow(clippy::cast_precision_loss)] // as Python's float() rounds
                let stay_s = window_s as f64;
                self.live_in(&memory, scopes, stay_s, names)?
            }
            None => None,
        })
    }

    fn memory<'py>(&self, own: &Bound<'py, PyDict>, names: &Names) -> Option<Bound<'py, PyDict>> {
        guarded(
            &self.dual(own, names)?,
            &names.in_memory_cache,
            &self.memory_cache,
        )
    }

    /// LiteLLM's cache of two layers, without its second.
    fn dual<'py>(&self, own: &Bound<'py, PyDict>, names: &Names) -> Option<Bound<'py, PyDict>> {
        let usage = guarded(own, &names.internal_usage_cache, &self.usage_cache)?;
        let dual = guarded(&usage, &names.dual_cache, &self.dual_cache)?;
        is_none(&dual, &names.redis_cache).then_some(dual)
    }

    /// LiteLLM's cache in memory, whose new values stay so long.
    pub fn live_in<'a, 'py>(
        &'a self,
        memory: &Bound<'py, PyDict>,
        scopes: &'a [ScopeKeys<'py>],
        stay_s: f64,
        names: &Names,
    ) -> PyResult<Option<Live<'a, 'py>>> {
        let read = || {
            let max_size = whole(memory, &names.max_size_in_memory).ok()?;
            let max_size = usize::try_from(max_size).ok()?;
            if whole(memory, &names.max_size_per_item).ok()? < LONGEST_VALUE {
                return None;
            }
            let values = entry(memory, &names.cache_dict)?;
            let deadlines = entry(memory, &names.ttl_dict)?;
            let heap = entry(memory, &names.expiration_heap)?;
            Some((
                max_size,
                values.cast_into_exact::<PyDict>().ok()?,
                deadlines.cast_into_exact::<PyDict>().ok()?,
                heap.cast_into_exact::<PyList>().ok()?,
                entry(memory, &names.clock)?,
            ))
        };
        let Some((max_size, values, deadlines, heap, clock)) = read() else {
            return Ok(None);
        };
        let Some(clock) = self.clock(clock, names)? else {
            return Ok(None);
        };
        Ok(Some(Live {
            values,
            deadlines,
            heap,
            max_size,
            clock,
            stay_s,
            scopes,
            helpers: &self.helpers,
            start: RefCell::new(None),
        }))
    }

    /// The system's clock is read here; a caller's own is asked whenever LiteLLM would.
    fn clock<'py>(&self, clock: Bound<'py, PyAny>, names: &Names) -> PyResult<Option<Clock<'py>>> {
        let py = clock.py();
        if !clock
            .getattr(&names.code)
            .is_ok_and(|code| code.is(&self.clock_code))
        {
            return Ok(Some(Clock::Own(clock)));
        }
        let Some(time) = entry(self.time.bind(py), &names.time) else {
            return Ok(None);
        };
        Ok(time.call0()?.extract().ok().map(Clock::Steady))
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

/// The attributes of one of LiteLLM's objects, if it is of the very class, with no method of its own.
pub fn guarded<'py>(
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
