//! `_accel.RateLimiter`: LiteLLM's rate limiter on the state that LiteLLM keeps itself.
//!
//! A request is read first, and nothing is changed before it is known that all of it is plain; otherwise
//! LiteLLM's own method runs, from the state that it would have found.

mod accounts;
mod answer;
mod caches;
mod compact;
mod entries;
mod estimate;
mod events;
mod live;
mod locks;
mod names;
mod proxy;
mod reading;
mod request;
mod routers;
mod seam;
mod stash;
mod stash_fields;
mod stores;
mod usage;

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyTuple};

use crate::limiter::{Counters, Demand, Reservation, check, reserve, slide};
pub use compact::LimitTable;

use answer::{Counted, response, status};
use estimate::Estimate;
use events::{Ending, Events};
use names::Names;
use reading::{entry, flag, is_small, whole};
use request::{Request, descriptors};
use seam::Seam;

/// LiteLLM's rate limiter, in one call for each request.
#[pyclass(frozen, module = "pytest_fastllm._accel")]
pub struct RateLimiter {
    seam: Seam,
    events: Events,
    names: Names,
    native_calls: AtomicU64,
}

/// A request that is to be decided here: all that was read before anything is changed.
struct Case<'a, 'py> {
    handler: &'a Bound<'py, PyAny>,
    data: &'a Bound<'py, PyDict>,
    request: &'a Request<'py>,
    stash: Bound<'py, PyAny>,
    provider: Bound<'py, PyAny>,
    window_s: i64,
    windowed: Vec<Demand>,
    /// The limits of tokens and what is to be reserved of them.
    reserved: Option<(Vec<Demand>, Estimate)>,
}

#[pymethods]
impl RateLimiter {
    /// `litellm` describes LiteLLM's limiter, `events` what it does after a call; see
    /// `components/_rate_limiter/native.py`, the only caller.
    #[new]
    #[pyo3(signature = (litellm, events, /))]
    fn new(litellm: &Bound<'_, PyDict>, events: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self {
            seam: Seam::new(litellm)?,
            events: Events::new(events)?,
            names: Names::new(litellm.py()),
            native_calls: AtomicU64::new(0),
        })
    }

    /// What the limiter's `async_pre_call_hook` does, if the request is a plain one; else False, and nothing
    /// has been changed.
    #[pyo3(signature = (handler, user, data, call_type, endpoint_type, /))]
    fn pre_call<'py>(
        &self,
        handler: &Bound<'py, PyAny>,
        user: &Bound<'py, PyAny>,
        data: &Bound<'py, PyAny>,
        call_type: &Bound<'py, PyAny>,
        endpoint_type: &Bound<'py, PyAny>,
    ) -> PyResult<bool> {
        self.counted(self.decide(handler, user, data, call_type, endpoint_type))
    }

    /// What the limiter's `async_log_success_event` does, if the call is a plain one; else False, and nothing has
    /// been changed.
    #[pyo3(signature = (handler, call, response, /))]
    fn log_success<'py>(
        &self,
        handler: &Bound<'py, PyAny>,
        call: &Bound<'py, PyAny>,
        response: &Bound<'py, PyAny>,
    ) -> PyResult<bool> {
        let ending = Ending::Success(response);
        self.counted(
            self.events
                .settle(&self.seam, &self.names, handler, call, &ending),
        )
    }

    /// The same for `async_log_failure_event`.
    #[pyo3(signature = (handler, call, /))]
    fn log_failure<'py>(
        &self,
        handler: &Bound<'py, PyAny>,
        call: &Bound<'py, PyAny>,
    ) -> PyResult<bool> {
        let ending = Ending::Failure;
        self.counted(
            self.events
                .settle(&self.seam, &self.names, handler, call, &ending),
        )
    }

    /// Calls that were decided without LiteLLM's own methods.
    #[getter]
    fn native_calls(&self) -> u64 {
        self.native_calls.load(Ordering::Relaxed)
    }
}

impl RateLimiter {
    /// Whether a call was done here; then it is counted.
    fn counted(&self, done: PyResult<Option<()>>) -> PyResult<bool> {
        if !matches!(done, Ok(None)) {
            // The interpreter lock is held, so this needs no atomic addition.
            let calls = self.native_calls.load(Ordering::Relaxed);
            self.native_calls.store(calls + 1, Ordering::Relaxed);
        }
        Ok(done?.is_some())
    }

    /// None: the request is LiteLLM's to decide.
    fn decide<'py>(
        &self,
        handler: &Bound<'py, PyAny>,
        user: &Bound<'py, PyAny>,
        data: &Bound<'py, PyAny>,
        call_type: &Bound<'py, PyAny>,
        endpoint_type: &Bound<'py, PyAny>,
    ) -> PyResult<Option<()>> {
        let py = handler.py();
        let Some((own, user, data)) = self.seam.objects(handler, user, data) else {
            return Ok(None);
        };
        if !self.seam.is_as_examined(py)? || !self.seam.is_free(&own, &self.names) {
            return Ok(None);
        }
        let tags_count = self.seam.proxy.tags_count(&own, &self.names);
        let Ok(request) = Request::read(&user, &data, &self.names, tags_count) else {
            return Ok(None);
        };
        if let Some(model) = &request.model {
            let models = self.seam.proxy.models(&own, &self.names)?;
            if !self
                .seam
                .proxy
                .is_group_of_its_own(&models, model, &self.names)
            {
                return Ok(None);
            }
        }
        let (Ok(window_s), Ok(in_advance)) = (
            whole(&own, &self.names.window_size),
            flag(&own, &self.names.tpm_reservation_enabled),
        ) else {
            return Ok(None);
        };
        let Some(call_kind) = self.seam.call_kind(call_type, endpoint_type) else {
            return Ok(None);
        };
        let tokens = if in_advance {
            request.tokens()
        } else {
            Vec::new()
        };
        let reserved = match tokens.iter().map(|demand| demand.limit).min() {
            None => None,
            Some(_) if !call_kind.is_chat => return Ok(None),
            Some(smallest) => match self.seam.estimating.read(&data, smallest, &self.names) {
                Err(_) => return Ok(None),
                Ok(estimate) => Some((tokens, estimate)),
            },
        };
        let Some(provider) = entry(&own, &self.names.time_provider) else {
            return Ok(None);
        };
        let stash = self.seam.claim_stash(&data)?;
        if !self.seam.stash.are_plain(&stash)? {
            return Ok(None);
        }
        let holder = request.team.as_ref().zip(request.model.as_ref());
        if !self.seam.proxy.has_no_share(&own, holder, &self.names)? {
            return Ok(None);
        }
        let case = Case {
            handler,
            data: &data,
            request: &request,
            stash,
            provider,
            window_s,
            windowed: request.windowed(!in_advance),
            reserved,
        };
        if let Some(mut table) = self.seam.compact(&own, &request, &self.names)? {
            return case.act(self, &mut table).map(Some);
        }
        let keys = request.scopes.iter().map(request::Scope::keys);
        let keys = keys.collect::<PyResult<Vec<_>>>()?;
        let Some(mut live) = self.seam.live(&own, &keys, window_s, &self.names)? else {
            return Ok(None);
        };
        if !live.is_plain()? {
            return Ok(None);
        }
        case.act(self, &mut live).map(Some)
    }
}

impl<'py> Case<'_, 'py> {
    fn act(&self, limiter: &RateLimiter, live: &mut impl Counters<Error = PyErr>) -> PyResult<()> {
        let names = &limiter.names;
        limiter.seam.stash.begin(&self.stash)?;
        if self.request.scopes.is_empty() {
            return Ok(());
        }
        let statuses = self.count(names, live)?;
        let answer = response(names, &statuses, false)?;
        self.stash.setattr(&names.rate_limit_response, answer)?;
        if let Some((demands, estimate)) = &self.reserved {
            self.reserve(limiter, live, demands, estimate, &statuses)?;
        }
        Ok(())
    }

    /// LiteLLM's `should_rate_limit`; the statuses.
    fn count(
        &self,
        names: &Names,
        live: &mut impl Counters<Error = PyErr>,
    ) -> PyResult<Bound<'py, PyList>> {
        let py = self.handler.py();
        let now_s = self.now_s(names)?;
        let (scopes, demands) = (&self.request.scopes, &self.windowed);
        if demands.is_empty() {
            return Ok(PyList::empty(py));
        }
        if let Some(counters) = check(live, demands)?
            && counters
                .iter()
                .zip(demands)
                .any(|(counter, demand)| crate::limiter::is_over(*counter, demand.limit))
        {
            let counted = Counted::new(py, names, scopes, demands, counters)?;
            return Err(self.refusal(names, &counted.statuses));
        }
        let counters = slide(live, demands, now_s, self.window_s)?;
        let counted = Counted::new(py, names, scopes, demands, counters.into_iter().map(Some))?;
        if counted.is_over_limit {
            return Err(self.refusal(names, &counted.statuses));
        }
        Ok(counted.statuses)
    }

    /// LiteLLM's `reserve_tpm_tokens`; its statuses are added to the others.
    fn reserve(
        &self,
        limiter: &RateLimiter,
        live: &mut impl Counters<Error = PyErr>,
        demands: &[Demand],
        estimate: &Estimate,
        statuses: &Bound<'py, PyList>,
    ) -> PyResult<()> {
        let (py, names, scopes) = (self.handler.py(), &limiter.names, &self.request.scopes);
        if let Some(cap) = estimate.cap {
            self.data.set_item(&names.max_tokens, cap)?;
        }
        let now_s = self.now_s(names)?;
        match reserve(live, demands, estimate.tokens, now_s, self.window_s)? {
            Reservation::Refused { demand, used } => {
                let demand = &demands[demand];
                let refused = PyList::empty(py);
                let remaining = (demand.limit - used).max(0);
                refused.append(status(names, scopes, demand, true, remaining)?)?;
                return Err(self.refusal(names, &refused));
            }
            Reservation::Granted(counters) => {
                let fields = &limiter.seam.stash;
                fields.note_reserved(&self.stash, estimate.tokens)?;
                let model = limiter
                    .seam
                    .rate_limited_model(py, self.request.model.as_ref())?;
                self.stash.setattr(&names.reserved_model, model)?;
                let reserved = demands.iter().map(|demand| {
                    let scope = &scopes[demand.scope];
                    PyTuple::new(py, [&scope.key, &scope.value])
                });
                let reserved = PyFrozenSet::new(py, reserved.collect::<PyResult<Vec<_>>>()?)?;
                self.stash.setattr(&names.reserved_scopes, reserved)?;
                for (demand, counter) in demands.iter().zip(counters) {
                    let remaining = (demand.limit - counter).max(0);
                    statuses.append(status(names, scopes, demand, false, remaining)?)?;
                }
            }
        }
        Ok(())
    }

    /// LiteLLM's own error for a response that is over a limit.
    fn refusal(&self, names: &Names, statuses: &Bound<'py, PyList>) -> PyErr {
        self.refuse(names, statuses).err().unwrap_or_else(|| {
            pyo3::exceptions::PyRuntimeError::new_err(
                "LiteLLM's _handle_rate_limit_error returned for a request that is over its limit; \
                 expected it to raise. Report this with the version of litellm",
            )
        })
    }

    fn refuse(&self, names: &Names, statuses: &Bound<'py, PyList>) -> PyResult<()> {
        let py = self.handler.py();
        let arguments = PyDict::new(py);
        arguments.set_item(&names.response, response(names, statuses, true)?)?;
        let descriptors = descriptors(py, &self.request.scopes, names)?;
        arguments.set_item(&names.descriptors, descriptors)?;
        let model = entry(self.data, &names.model);
        arguments.set_item(&names.requested_model, model)?;
        self.handler
            .getattr(&names.handle_rate_limit_error)?
            .call((), Some(&arguments))?;
        Ok(())
    }

    /// The limiter's own time in whole seconds.
    fn now_s(&self, names: &Names) -> PyResult<i64> {
        let now = self.provider.call0()?.call_method0(&names.timestamp)?;
        if let Ok(float) = now.cast_exact::<PyFloat>() {
            let seconds = float.value().trunc();
            // Any time that a clock shows: 2^62 seconds are 146 thousand million years.
            if seconds.abs() < 4.0e18 {
                #[allow(clippy::cast_possible_truncation)]
                return Ok(seconds as i64);
            }
        }
        let whole: i64 = now.py().get_type::<PyInt>().call1((now,))?.extract()?;
        if is_small(whole) {
            return Ok(whole);
        }
        Err(PyOverflowError::new_err(format!(
            "the rate limiter's clock shows {whole} seconds; expected a time within 146 thousand million \
             years. Correct its time_provider"
        )))
    }
}
