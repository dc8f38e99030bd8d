//! What the limiter does when a call has ended: its tokens are counted, or given back.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt};

use super::accounts::Accounts;
use super::caches::Caches;
use super::locks::{Held, ThreadLock};
use super::names::Names;
use super::proxy::Models;
use super::reading::{dict, entry, has_string_keys, is_none};
use super::request::Scope;
use super::seam::Seam;
use super::stash::{Found, Stash, StashClasses};
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
    caches: Caches,
    guards: Guards,
    stashes: StashClasses,
    usages: UsageClasses,
    lock: ThreadLock,
    variant: Variant,
}

/// What differs between versions.
struct Variant {
    /// A call whose names are not all strings is read as an empty one, as since 1.109.
    demands_names: bool,
    /// A call without a stash of its own may be a turn of a connection that has one, as since 1.109.
    has_connections: bool,
    /// New counters stay for a window, as since 1.109, and not as long as the cache keeps anything.
    stays_for_window: bool,
}

/// All that was read before anything is changed.
struct Settlement<'py> {
    accounts: Accounts<'py>,
    /// Whose reservation is given back.
    released: Option<Stash<'py>>,
}

impl Events {
    /// From a description; see `components/_rate_limiter/events.py`.
    pub fn new(litellm: &Bound<'_, PyDict>) -> PyResult<Self> {
        let item = |name| item(litellm, name);
        Ok(Self {
            handler: GuardedClass::from_pair(&item("handler")?)?,
            caches: Caches::new(litellm)?,
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
            lock: ThreadLock(item("thread_lock")?.extract()?),
            variant: Variant {
                demands_names: item("demands_names")?.extract()?,
                has_connections: item("has_connections")?.extract()?,
                stays_for_window: item("stays_for_window")?.extract()?,
            },
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
        let models = match ending {
            Ending::Success(_) => seam.proxy.models(&own, names)?,
            Ending::Failure => Models::Elsewhere,
        };
        let Some(settlement) = self.read(seam, names, &own, call, ending, &models) else {
            return Ok(None);
        };
        self.act(seam, names, &own, &settlement)
    }

    fn is_as_examined(&self, py: Python<'_>, seam: &Seam) -> PyResult<bool> {
        Ok(self.guards.hold(py)?
            && self.handler.is_untouched(py).is_some()
            && self.caches.are_untouched(py)
            && seam.is_quiet(py)?)
    }

    fn read<'py>(
        &self,
        seam: &Seam,
        names: &Names,
        own: &Bound<'py, PyDict>,
        call: &Bound<'py, PyDict>,
        ending: &Ending<'_, 'py>,
        models: &Models<'py>,
    ) -> Option<Settlement<'py>> {
        if self.variant.demands_names && !has_string_keys(call) {
            return None;
        }
        for name in [&names.metadata, &names.litellm_params] {
            // LiteLLM looks for a span in them; others than dicts would be an error there.
            dict(call, name).ok()?;
        }
        let stash = match self.stashes.of_call(call, seam, names).ok()? {
            Found::Own(stash) => Some(stash),
            Found::Another if self.variant.has_connections => return None,
            Found::Another | Found::Nothing => None,
        };
        match ending {
            Ending::Success(response) => {
                let counted = Counted::read(&seam.proxy.module(own.py())?, names).ok()?;
                let tokens = self.usages.tokens(response, counted, names).ok()?;
                let accounts =
                    Accounts::of_success(call, stash.as_ref(), tokens, seam, models, names).ok()?;
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
        let holder = accounts.holder.as_ref().map(|(team, group)| (team, group));
        if !seam.proxy.has_no_share(own, holder, names)? {
            return Ok(None);
        }
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
        let Some(dual) = self.caches.dual(own, names) else {
            return Ok(None);
        };
        if let Some(cache) = seam.stores.table_cache(&dual, names) {
            let prefixes = accounts.scopes.iter().map(Scope::prefix);
            let (Some(mut table), Some(_held)) = (
                seam.stores.compact(&cache, prefixes, names)?,
                self.hold(&cache, names),
            ) else {
                return Ok(None);
            };
            return charge(&mut table, &accounts.charges).map(Some);
        }
        let Some(memory) = self.caches.memory(&dual, names) else {
            return Ok(None);
        };
        let stay = if self.variant.stays_for_window {
            entry(own, &names.window_size)
        } else {
            entry(&memory, &names.default_ttl)
        };
        let Some(stay_s) = stay.and_then(|stay| seconds(&stay)) else {
            return Ok(None);
        };
        let keys = accounts.keys()?;
        let Some(mut live) = seam.stores.live(&memory, &keys, stay_s, names)? else {
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

    /// Keep other threads from adding to a cache; None: one of them does.
    fn hold<'py>(&self, cache: &Bound<'py, PyDict>, names: &Names) -> Option<Held<'py>> {
        self.lock.hold(entry(cache, &names.increment_lock)?, names)
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
