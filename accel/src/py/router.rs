//! `_accel.DeploymentPicker`: LiteLLM's choice of a deployment, in one walk over the router's live dicts.
//!
//! Everything is read first, and nothing is changed before all of it is known; where anything is not as it was
//! examined, LiteLLM's own method runs instead, from the state that it would have found.

mod attributes;
mod caches;
mod candidates;
mod chance;
mod choice;
mod cooldowns;
mod cost;
mod deployments;
mod examined;
mod images;
mod latency;
mod least_busy;
mod log;
mod names;
mod native;
mod request;
mod router_core;
mod shuffle;
mod strategies;
mod surroundings;
mod usage;

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};

use super::given;
use attributes::Attributes;
use caches::Caches;
use chance::Chance;
use choice::{Choice, Strategies};
use cooldowns::Cooldowns;
use deployments::{Candidate, Deployments};
use examined::Examined;
use images::Images;
use names::Names;
use native::{Native, exact, only_if};
use request::{Request, Requests};
use router_core::Core;
use surroundings::Surroundings;

/// The native choice for every router in this process; it holds no state of any of them.
#[pyclass(frozen, module = "pytest_fastllm._accel")]
pub struct DeploymentPicker {
    router: Examined,
    surroundings: Surroundings,
    core: Option<Core>,
    attributes: Attributes,
    names: Names,
    images: Images,
    caches: Caches,
    cooldowns: Cooldowns,
    requests: Requests,
    chance: Chance,
    strategies: Strategies,
    deployments: Deployments,
    native_calls: AtomicU64,
}

/// A call of one of the two methods that are replaced.
struct Call<'a, 'py> {
    router: &'a Bound<'py, PyAny>,
    model: &'a Bound<'py, PyAny>,
    messages: &'a Bound<'py, PyAny>,
    input: &'a Bound<'py, PyAny>,
    specific: &'a Bound<'py, PyAny>,
    kwargs: &'a Bound<'py, PyAny>,
    asynchronous: bool,
}

/// A call that asks for nothing that is not done here.
struct Asked<'py> {
    /// The router's attributes.
    router: Bound<'py, PyDict>,
    model: Bound<'py, PyString>,
    request: Request<'py>,
}

/// A model group as a router has it.
struct Walked<'py> {
    group: Vec<Candidate<'py>>,
    cooling: Vec<Bound<'py, PyString>>,
}

/// A call that can be answered, with nothing changed yet.
struct Known<'py> {
    model: Bound<'py, PyString>,
    request: Request<'py>,
    candidates: Vec<Candidate<'py>>,
    choice: Choice<'py>,
}

#[pymethods]
impl DeploymentPicker {
    /// `known` describes LiteLLM; see `pytest_fastllm/components/_router/native.py`, the only caller.
    #[new]
    fn new(known: &Bound<'_, PyDict>) -> PyResult<Self> {
        super::versions::ask(known.py())?;
        Ok(Self {
            router: Examined::new(&given::item(known, "router")?)?,
            surroundings: Surroundings::new(known)?,
            core: Core::new(known)?,
            attributes: Attributes::new(known)?,
            names: Names::new(known.py()),
            images: Images::new(known)?,
            caches: Caches::new(known)?,
            cooldowns: Cooldowns::new(known)?,
            requests: Requests::new(known)?,
            chance: Chance::new(known)?,
            strategies: Strategies::new(known)?,
            deployments: Deployments::new(known)?,
            native_calls: AtomicU64::new(0),
        })
    }

    /// What `Router.get_available_deployment` returns, or what its async sibling comes to; None if LiteLLM's own
    /// method has to be asked.
    #[pyo3(signature = (router, model, messages, input, specific_deployment, request_kwargs, asynchronous, /))]
    #[expect(
        clippy::too_many_arguments,
        reason = "LiteLLM's own, and which of its two methods"
    )]
    fn pick<'py>(
        &self,
        router: &Bound<'py, PyAny>,
        model: &Bound<'py, PyAny>,
        messages: &Bound<'py, PyAny>,
        input: &Bound<'py, PyAny>,
        specific_deployment: &Bound<'py, PyAny>,
        request_kwargs: &Bound<'py, PyAny>,
        asynchronous: bool,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let call = Call {
            router,
            model,
            messages,
            input,
            specific: specific_deployment,
            kwargs: request_kwargs,
            asynchronous,
        };
        let Some(known) = self.find(&call)? else {
            return Ok(None);
        };
        let chosen = self.act(&call, known)?;
        // The interpreter lock is held, so this needs no atomic addition.
        let calls = self.native_calls.load(Ordering::Relaxed);
        self.native_calls.store(calls + 1, Ordering::Relaxed);
        Ok(Some(chosen))
    }

    /// Calls that were answered without LiteLLM's own methods.
    #[getter]
    fn native_calls(&self) -> u64 {
        self.native_calls.load(Ordering::Relaxed)
    }
}

impl DeploymentPicker {
    /// What is to be chosen; None for LiteLLM's own method. It fails where waiting for a core's lock does.
    fn find<'py>(&self, call: &Call<'_, 'py>) -> PyResult<Option<Known<'py>>> {
        let Ok(asked) = self.read(call) else {
            return Ok(None);
        };
        let held = match &self.core {
            None => None,
            Some(core) => {
                let Ok(lock) = core.lock(&asked.router) else {
                    return Ok(None);
                };
                Some(core.hold(lock)?)
            }
        };
        let Ok(walked) = self.walk(call, &asked) else {
            return Ok(None);
        };
        drop(held);
        Ok(self.look(call, asked, walked).ok())
    }

    /// The call, if it asks for nothing that is not done here.
    #[inline]
    fn read<'py>(&self, call: &Call<'_, 'py>) -> Native<Asked<'py>> {
        let (py, names, attributes) = (call.router.py(), &self.names, &self.attributes);
        let specific = call.specific;
        only_if(specific.is_none() || specific.is(PyBool::new(py, false)))?;
        let model: Bound<'py, PyString> = exact(call.model.clone())?;
        self.surroundings.are_quiet(py, &model)?;
        let router = self.router.attributes(call.router)?;
        if let Some(core) = &self.core {
            core.is_plain(call.router, &router)?;
        }
        candidates::is_plain(&router, &model, attributes, names)?;
        let request = self.requests.read(call.kwargs, &model, names)?;
        if call.asynchronous {
            self.surroundings.are_quiet_for_async(py)?;
            candidates::is_plain_for_async(&router, attributes)?;
            request.is_plain_for_async(names)?;
            self.requests.compacts_nothing(&request, names)?;
        }
        self.images.are_absent(call, &request, names)?;
        Ok(Asked {
            router,
            model,
            request,
        })
    }

    /// The model group, and the ids of all deployments that are cooling down.
    #[inline]
    fn walk<'py>(&self, call: &Call<'_, 'py>, asked: &Asked<'py>) -> Native<Walked<'py>> {
        let (names, attributes) = (&self.names, &self.attributes);
        let mut reader = self.deployments.reader();
        let group = candidates::of_group(
            &asked.router,
            &asked.model,
            &asked.request,
            call.asynchronous,
            &mut reader,
            attributes,
            names,
        )?;
        let cooling =
            self.cooldowns
                .ids(&asked.router, &self.caches, &reader, attributes, names)?;
        Ok(Walked { group, cooling })
    }

    #[inline]
    fn look<'py>(
        &self,
        call: &Call<'_, 'py>,
        asked: Asked<'py>,
        walked: Walked<'py>,
    ) -> Native<Known<'py>> {
        let Asked {
            router,
            model,
            request,
        } = asked;
        let scene = choice::Scene {
            router,
            model: model.clone(),
            call,
            request: &request,
            surroundings: &self.surroundings,
            caches: &self.caches,
            attributes: &self.attributes,
            names: &self.names,
        };
        let left = |group| candidates::left(group, &walked.cooling, &request);
        let (candidates, choice) = self.strategies.look(&scene, walked.group, left)?;
        Ok(Known {
            model,
            request,
            candidates,
            choice,
        })
    }

    fn act<'py>(&self, call: &Call<'_, 'py>, known: Known<'py>) -> PyResult<Bound<'py, PyAny>> {
        let py = known.model.py();
        let names = &self.names;
        if call.asynchronous {
            known.request.clear_decision(names)?;
        }
        known.request.take_out(names)?;
        let candidates = &known.candidates;
        let chosen = match known.choice {
            Choice::Any => self.chance.one_of(py, candidates.len())?,
            Choice::Weighted(weights) => self.chance.one_weighted(py, &weights)?,
            Choice::Logged => return self.strategies.log_pick(call, &known.model, candidates),
            Choice::One(chosen) => chosen,
            Choice::OneOf(among) => among[self.chance.one_of(py, among.len())?],
            Choice::Fastest(look) => look.act(candidates, &self.chance, names)?,
            Choice::Cheapest(look) => look.act(candidates, names)?,
        };
        Ok(candidates[chosen].deployment.clone().into_any())
    }
}
