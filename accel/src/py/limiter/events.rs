//! What the limiter does when a call has ended: its tokens are counted, or given back.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt, PyString, PyType};

use super::accounts::Accounts;
use super::names::Names;
use super::reading::{dict, entry, is_none};
use super::seam::{Seam, guarded};
use super::stash::{Stash, StashClasses};
use super::usage::{Counted, UsageClasses, is_nothing_recovered};
use crate::limiter::charge;
use crate::py::given::item;
use crate::py::guarded::GuardedClass;
use crate::py::guards::Guards;

/// How a call ended.
pub enum Ending<'a, 'py> {
    Success(&'a Bound<'py, PyAny>),
    Failure,
}

/// LiteLLM's code for it, as it was examined.
pub struct Events {
    handler: GuardedClass,
    usage_cache: GuardedClass,
    dual_cache: GuardedClass,
    memory_cache: GuardedClass,
    guards: Guards,
    stashes: StashClasses,
    usages: UsageClasses,
    lock: Py<PyType>,
}

/// All that was read before anything is changed.
struct Settlement<'py> {
    accounts: Accounts<'py>,
    /// Whose reservation is given back.
    released: Option<Stash<'py>>,
}

/// The cache's lock while tokens are added; another thread's additions wait.
struct Held<'py> {
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

impl Events {
    /// From a description; see `components/_rate_limiter/events.py`.
    pub fn new(litellm: &Bound<'_, PyDict>) -> PyResult<Self> {
        let item = |name| item(litellm, name);
        let class = |name| GuardedClass::from_pair(&item(name)?);
        Ok(Self {
            handler: class("handler")?,
            usage_cache: class("usage_cache")?,
            dual_cache: class("dual_cache")?,
            memory_cache: class("memory_cache")?,
            guards: Guards::new(&item("guards")?)?,
            stashes: StashClasses {
                variable: item("stash_variable")?.unbind(),
                stash: item("stash")?.extract()?,
                model: item("rate_limited_model")?.extract()?,
            },
            usages: UsageClasses {
                responses: item("responses")?.extract()?,
                usage: item("usage")?.extract()?,
                details: item("prompt_tokens_details")?.extract()?,
            },
            lock: item("thread_lock")?.extract()?,
        })
    }

    /// What LiteLLM's `async_log_success_event` or `async_log_failure_event` does; None: it is LiteLLM's to do, and
    /// nothing has been changed.
    pub fn settle(
        &self,
        seam: &Seam,
        names: &Names,
        handler: &Bound<'_, PyAny>,
        call: &Bound<'_, PyAny>,
        ending: &Ending<'_, '_>,
    ) -> PyResult<Option<()>> {
        let py = handler.py();
        if !self.handler.is_class_of(handler) {
            return Ok(None);
        }
        let (Some(own), Ok(call)) = (
            self.handler.attributes(handler),
            call.cast_exact::<PyDict>(),
        ) else {
            return Ok(None);
        };
        if !self.is_as_examined(py, seam)? || !is_none(&own, &names.token_increment_script) {
            return Ok(None);
        }
        let Some(settlement) = self.read(seam, names, &own, call, ending) else {
            return Ok(None);
        };
        self.act(seam, names, &own, &settlement)
    }

    fn is_as_examined(&self, py: Python<'_>, seam: &Seam) -> PyResult<bool> {
        let classes = [
            &self.handler,
            &self.usage_cache,
            &self.dual_cache,
            &self.memory_cache,
        ];
        let is_untouched = |class: &GuardedClass| class.is_untouched(py).is_some();
        Ok(self.guards.hold(py)? && classes.into_iter().all(is_untouched) && seam.is_quiet(py)?)
    }

    fn read<'py>(
        &self,
        seam: &Seam,
        names: &Names,
        own: &Bound<'py, PyDict>,
        call: &Bound<'py, PyDict>,
        ending: &Ending<'_, 'py>,
    ) -> Option<Settlement<'py>> {
        for name in [&names.metadata, &names.litellm_params] {
            // LiteLLM looks for a span in them; others than dicts would be an error there.
            dict(call, name).ok()?;
        }
        let stash = self.stashes.of_call(call, seam, names).ok()?;
        match ending {
            Ending::Success(response) => {
                let counted = Counted::read(&seam.proxy(own.py())?, names).ok()?;
                let tokens = self.usages.tokens(response, counted, names).ok()?;
                let accounts =
                    Accounts::of_success(call, own, stash.as_ref(), tokens, seam, names).ok()?;
                Some(Settlement {
                    accounts,
                    released: None,
                })
            }
            Ending::Failure if !is_nothing_recovered(call, names) => None,
            Ending::Failure => {
                let reserving = stash.filter(|stash| !stash.is_released && stash.reserved > 0);
                let accounts = match &reserving {
                    Some(stash) => Accounts::of_failure(stash, names).ok()?,
                    None => Accounts::default(),
                };
                Some(Settlement {
                    accounts,
                    released: reserving,
                })
            }
        }
    }

    fn act<'py>(
        &self,
        seam: &Seam,
        names: &Names,
        own: &Bound<'py, PyDict>,
        settlement: &Settlement<'py>,
    ) -> PyResult<Option<()>> {
        let accounts = &settlement.accounts;
        if !accounts.charges.is_empty() && self.charge(seam, names, own, accounts)?.is_none() {
            return Ok(None);
        }
        if let Some(stash) = &settlement.released {
            stash.release(names)?;
        }
        Ok(Some(()))
    }

    fn charge<'py>(
        &self,
        seam: &Seam,
        names: &Names,
        own: &Bound<'py, PyDict>,
        accounts: &Accounts<'py>,
    ) -> PyResult<Option<()>> {
        let dual = guarded(own, &names.internal_usage_cache, &self.usage_cache)
            .and_then(|usage| guarded(&usage, &names.dual_cache, &self.dual_cache))
            .filter(|dual| is_none(dual, &names.redis_cache));
        let Some(dual) = dual else {
            return Ok(None);
        };
        if let Some(memory) = seam.table_cache_in(&dual, names) {
            let prefixes = accounts.scopes.iter().map(super::request::Scope::prefix);
            let (Some(mut table), Some(_held)) = (
                seam.compact_in(&memory, prefixes, names)?,
                self.hold(&memory, names),
            ) else {
                return Ok(None);
            };
            return charge(&mut table, &accounts.charges).map(Some);
        }
        let Some(memory) = guarded(&dual, &names.in_memory_cache, &self.memory_cache) else {
            return Ok(None);
        };
        let Some(stay_s) = entry(&memory, &names.default_ttl).and_then(|stay| seconds(&stay))
        else {
            return Ok(None);
        };
        let keys = accounts.keys()?;
        let Some(mut live) = seam.live_in(&memory, &keys, stay_s, names)? else {
            return Ok(None);
        };
        if !live.is_plain()? {
            return Ok(None);
        }
        let Some(_held) = self.hold(&memory, names) else {
            return Ok(None);
        };
        charge(&mut live, &accounts.charges).map(Some)
    }

    /// None: somebody else has the lock, and LiteLLM waits for it.
    fn hold<'py>(&self, memory: &Bound<'py, PyDict>, names: &Names) -> Option<Held<'py>> {
        let lock = entry(memory, &names.increment_lock)?;
        if !lock.get_type().is(&self.lock) {
            return None;
        }
        let is_ours = lock.call_method1(&names.acquire, (false,)).ok()?;
        let release = names.release.clone_ref(lock.py());
        is_ours.is_truthy().ok()?.then(|| Held { lock, release }) // not `then_some`: dropping one releases the lock
    }
}

/// A time in seconds, as a plain number.
fn seconds(value: &Bound<'_, PyAny>) -> Option<f64> {
    if value.is_exact_instance_of::<PyFloat>() || value.is_exact_instance_of::<PyInt>() {
        value.extract().ok()
    } else {
        None
    }
}
