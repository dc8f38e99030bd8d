//! From a strategy's name to what it chooses.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::attributes::Attributes;
use super::caches::{Caches, Memory};
use super::deployments::Candidate;
use super::examined::Examined;
use super::latency::{Asked, Samples};
use super::names::Names;
use super::native::{Aside, Native, exact, item, number, only_if, text};
use super::request::Request;
use super::strategies::{Strategy, is_copyable};
use super::surroundings::Surroundings;
use super::{Call, cost, latency, least_busy, shuffle, usage};
use crate::py::given;

/// What is left to do when all is known: draw, change LiteLLM's tables.
pub enum Choice<'py> {
    Any,
    Weighted(Vec<f64>),
    /// LiteLLM's `simple_shuffle` draws, because it also writes what it has drawn.
    Logged,
    One(usize),
    OneOf(Vec<usize>),
    Fastest(latency::Look<'py>),
    Cheapest(cost::Look<'py>),
}

/// A call, and what has been found out about it.
pub struct Scene<'a, 'py> {
    pub router: Bound<'py, PyDict>,
    pub model: Bound<'py, PyString>,
    pub call: &'a Call<'a, 'py>,
    pub request: &'a Request<'py>,
    pub surroundings: &'a Surroundings,
    pub caches: &'a Caches,
    pub attributes: &'a Attributes,
    pub names: &'a Names,
}

/// LiteLLM's strategies, and the functions of Python's that they call.
pub struct Strategies {
    least_busy: Strategy,
    latency: Strategy,
    usage: Strategy,
    cost: Strategy,
    latency_arguments: Examined,
    latency_samples: Samples,
    simple_shuffle: Py<PyAny>,
    alias_method: Py<PyString>,
    count_tokens: Py<PyAny>,
    /// The minute in a strategy's keys, by LiteLLM's clock for it.
    latency_minute: Py<PyAny>,
    cost_minute: Py<PyAny>,
    usage_minute: Py<PyAny>,
    sum: Py<PyAny>,
}

type Chosen<'py> = (Vec<Candidate<'py>>, Choice<'py>);

impl Strategies {
    pub fn new(known: &Bound<'_, PyDict>) -> PyResult<Self> {
        let strategies = given::item(known, "strategies")?.cast_into::<PyDict>()?;
        let strategy = |name: &str| {
            let known = given::item(&strategies, name)?.cast_into::<PyDict>()?;
            Strategy::new(&PyString::intern(strategies.py(), name), &known)
        };
        let function = |name| given::item(known, name).map(Bound::unbind);
        Ok(Self {
            least_busy: strategy("least-busy")?,
            latency: strategy("latency-based-routing")?,
            usage: strategy("usage-based-routing-v2")?,
            cost: strategy("cost-based-routing")?,
            latency_arguments: Examined::new(&given::item(known, "latency_arguments")?)?,
            latency_samples: Samples::new(&given::item(known, "latency_samples")?)?,
            simple_shuffle: function("simple_shuffle")?,
            alias_method: given::interned(&given::item(known, "alias_method")?)?,
            count_tokens: function("count_tokens")?,
            latency_minute: function("latency_minute")?,
            cost_minute: function("cost_minute")?,
            usage_minute: function("usage_minute")?,
            sum: function("sum")?,
        })
    }

    /// Whom the filters leave of a group, and how one of them is chosen.
    pub fn look<'py>(
        &self,
        scene: &Scene<'_, 'py>,
        group: Vec<Candidate<'py>>,
        left: impl FnOnce(Vec<Candidate<'py>>) -> Native<Vec<Candidate<'py>>>,
    ) -> Native<Chosen<'py>> {
        let py = scene.model.py();
        let strategy: Bound<'py, PyString> =
            exact(item(&scene.router, &scene.attributes.routing_strategy)?)?;
        let strategy = text(&strategy)?;
        if strategy == "simple-shuffle" {
            let candidates = left(group)?;
            let choice = match shuffle::weights(&candidates)? {
                None => Choice::Any,
                Some(_) if scene.surroundings.picks_are_logged(py)? => Choice::Logged,
                Some(weights) => Choice::Weighted(weights),
            };
            return Ok((candidates, choice));
        }
        only_if(!scene.surroundings.picks_are_logged(py)?)?;
        if scene.call.asynchronous {
            scene
                .surroundings
                .ignore_service(&scene.router, scene.names)?;
        }
        let candidates = |group| -> Native<Vec<Candidate<'py>>> {
            let candidates = left(group)?;
            candidates
                .iter()
                .try_for_each(|each| is_copyable(each, scene.names))?;
            Ok(candidates)
        };
        match strategy {
            "least-busy" => {
                let selector = self.least_busy.selector(&scene.router, scene.names)?;
                let candidates = candidates(group)?;
                let mut memory = memory(scene, &selector)?;
                let chosen = least_busy::choose(&scene.model, &candidates, &mut memory)?;
                Ok((candidates, Choice::One(chosen)))
            }
            "usage-based-routing-v2" => {
                let selector = self.usage.selector(&scene.router, scene.names)?;
                let minute = minute(&self.usage_minute, py)?;
                let minute = text(&minute)?;
                let mut memory = memory(scene, &selector)?;
                if scene.call.asynchronous {
                    usage::all_fresh(&group, minute, &mut memory)?;
                }
                let candidates = candidates(group)?;
                let tokens = self.input_tokens(scene)?;
                let least = usage::least(&candidates, tokens, minute, &mut memory, scene.names)?;
                Ok((candidates, Choice::OneOf(least)))
            }
            "latency-based-routing" => {
                let selector = self.latency.selector(&scene.router, scene.names)?;
                let arguments = item(&selector, &scene.names.routing_args)?;
                let arguments = self.latency_arguments.attributes(&arguments)?;
                let cached = cached(scene, &selector, &format!("{}_map", text(&scene.model)?))?;
                let candidates = candidates(group)?;
                let asked = Asked {
                    request: scene.request,
                    input_tokens: self.input_tokens(scene)?,
                    minute: minute(&self.latency_minute, py)?,
                    samples: &self.latency_samples,
                    sum: self.sum.bind(py),
                };
                let look = latency::look(&candidates, cached, &arguments, asked, scene.names)?;
                Ok((candidates, Choice::Fastest(look)))
            }
            // LiteLLM's sync path has no such strategy.
            "cost-based-routing" if scene.call.asynchronous => {
                let selector = self.cost.selector(&scene.router, scene.names)?;
                let cached = cached(
                    scene,
                    &selector,
                    &format!("cost_map:{}", text(&scene.model)?),
                )?;
                let candidates = candidates(group)?;
                let look = cost::look(
                    &candidates,
                    cached,
                    self.input_tokens(scene)?,
                    minute(&self.cost_minute, py)?,
                    &scene.surroundings.prices(py)?,
                    scene.names,
                )?;
                Ok((candidates, Choice::Cheapest(look)))
            }
            _ => Err(Aside),
        }
    }

    /// Has LiteLLM draw, which writes the pick as it always does.
    pub fn log_pick<'py>(
        &self,
        call: &Call<'_, 'py>,
        model: &Bound<'py, PyString>,
        candidates: &[Candidate<'py>],
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = model.py();
        let alias = call.router.getattr(self.alias_method.bind(py))?;
        let deployments = PyList::new(py, candidates.iter().map(|each| &each.deployment))?;
        self.simple_shuffle
            .bind(py)
            .call1((alias, deployments, model, call.kwargs))
    }

    /// The request's tokens, which LiteLLM's own counter counts; it fails without a text, and that counts as none.
    fn input_tokens(&self, scene: &Scene<'_, '_>) -> Native<f64> {
        let (messages, input) = (scene.call.messages, scene.call.input);
        if messages.is_none() && input.is_none() {
            return Ok(0.0);
        }
        let count_tokens = self.count_tokens.bind(scene.model.py());
        number(&count_tokens.call1((messages, input))?)
    }
}

fn memory<'a, 'py>(
    scene: &Scene<'a, 'py>,
    selector: &Bound<'py, PyDict>,
) -> Native<Memory<'py, 'a>> {
    scene
        .caches
        .memory_of(&item(selector, &scene.names.router_cache)?, scene.names)
}

fn cached<'py>(
    scene: &Scene<'_, 'py>,
    selector: &Bound<'py, PyDict>,
    key: &str,
) -> Native<Option<Bound<'py, PyAny>>> {
    memory(scene, selector)?.read(&PyString::new(scene.model.py(), key))
}

fn minute<'py>(clock: &Py<PyAny>, py: Python<'py>) -> Native<Bound<'py, PyString>> {
    exact(clock.bind(py).call0()?)
}

/// The counts that LiteLLM starts a deployment's minute with.
pub fn nothing_used<'py>(py: Python<'py>, names: &Names) -> PyResult<Bound<'py, PyDict>> {
    let used = PyDict::new(py);
    used.set_item(names.tpm.bind(py), 0)?;
    used.set_item(names.rpm.bind(py), 0)?;
    Ok(used)
}
