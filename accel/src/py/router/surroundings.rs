//! What is around a router and takes part in its choice: callbacks, traces, the logger of services.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString, PyType};

use super::examined::Examined;
use super::log::Level;
use super::names::Names;
use super::native::{Aside, Native, exact, item, only_if};
use crate::py::attributes::attributes;
use crate::py::given;
use crate::py::guards::Guards;

/// LiteLLM's modules and settings, as they were examined.
pub struct Surroundings {
    guards: Guards,
    async_guards: Guards,
    debug: Vec<Level>,
    info: Level,
    litellm: Py<PyDict>,
    model_alias_map: Py<PyString>,
    callbacks: Py<PyString>,
    service_callback: Py<PyString>,
    model_cost: Py<PyString>,
    custom_logger: Py<PyType>,
    filter_name: Py<PyString>,
    filter: Py<PyAny>,
    /// Tells of a filter that is not the base class's whether it is known to do nothing.
    lets_all_pass: Py<PyAny>,
    service_logger: Examined,
    /// Each returns None while no one listens to what the choice tells, or has a part in it.
    listeners: Vec<Py<PyAny>>,
    async_listeners: Vec<Py<PyAny>>,
    running_loop: Py<PyAny>,
}

impl Surroundings {
    pub fn new(known: &Bound<'_, PyDict>) -> PyResult<Self> {
        let interned = |name| PyString::intern(known.py(), name).unbind();
        let levels = given::item(known, "debug")?;
        Ok(Self {
            guards: Guards::new(&given::item(known, "guards")?)?,
            async_guards: Guards::new(&given::item(known, "async_guards")?)?,
            debug: levels
                .try_iter()?
                .map(|level| Level::new(&level?))
                .collect::<PyResult<_>>()?,
            info: Level::new(&given::item(known, "info")?)?,
            litellm: given::item(known, "litellm")?.extract()?,
            model_alias_map: interned("model_alias_map"),
            callbacks: interned("callbacks"),
            service_callback: interned("service_callback"),
            model_cost: interned("model_cost"),
            custom_logger: given::item(known, "custom_logger")?.extract()?,
            filter_name: interned("async_filter_deployments"),
            filter: given::item(known, "filter")?.unbind(),
            lets_all_pass: given::item(known, "lets_all_pass")?.unbind(),
            service_logger: Examined::new(&given::item(known, "service_logger")?)?,
            listeners: given::item(known, "listeners")?.extract()?,
            async_listeners: given::item(known, "async_listeners")?.extract()?,
            running_loop: given::item(known, "running_loop")?.unbind(),
        })
    }

    /// Goes on where LiteLLM is as it was examined, nothing is written of the steps and no one listens.
    pub fn are_quiet(&self, py: Python<'_>, model: &Bound<'_, PyString>) -> Native<()> {
        only_if(self.guards.hold(py)?)?;
        for level in &self.debug {
            only_if(!level.is_enabled(py)?)?;
        }
        let aliases = exact::<PyDict>(item(self.litellm.bind(py), &self.model_alias_map)?)?;
        only_if(aliases.is_empty() || !aliases.contains(model)?)?;
        nobody(&self.listeners, py)
    }

    /// Whether LiteLLM writes which deployment it has chosen.
    pub fn picks_are_logged(&self, py: Python<'_>) -> Native<bool> {
        self.info.is_enabled(py)
    }

    /// The same for the async path, which asks every callback for its filter.
    pub fn are_quiet_for_async(&self, py: Python<'_>) -> Native<()> {
        only_if(self.async_guards.hold(py)?)?;
        nobody(&self.async_listeners, py)?;
        let callbacks = exact::<PyList>(item(self.litellm.bind(py), &self.callbacks)?)?;
        for callback in &callbacks {
            if callback.is_exact_instance_of::<PyString>()
                || !callback.is_instance(self.custom_logger.bind(py))?
            {
                continue;
            }
            let filter = callback.get_type().getattr(self.filter_name.bind(py))?;
            only_if(
                filter.is(&self.filter)
                    || self.lets_all_pass.bind(py).call1((filter,))?.is_truthy()?,
            )?;
            let own = attributes(&callback).ok_or(Aside)?;
            only_if(!own.contains(self.filter_name.bind(py))?)?;
        }
        Ok(())
    }

    /// Goes on where the task that the async path starts after a choice would do nothing.
    pub fn ignore_service(&self, router: &Bound<'_, PyDict>, names: &Names) -> Native<()> {
        let py = router.py();
        let logger = self
            .service_logger
            .attributes(&item(router, &names.service_logger)?)?;
        only_if(item(&logger, &names.mock_testing)?.is(PyBool::new(py, false)))?;
        let told = exact::<PyList>(item(self.litellm.bind(py), &self.service_callback)?)?;
        only_if(told.is_empty())?;
        // Without a running loop LiteLLM could not start it, and says so.
        self.running_loop.bind(py).call0()?;
        Ok(())
    }

    /// LiteLLM's table of prices, as it is now.
    pub fn prices<'py>(&self, py: Python<'py>) -> Native<Bound<'py, PyDict>> {
        exact(item(self.litellm.bind(py), &self.model_cost)?)
    }
}

fn nobody(listeners: &[Py<PyAny>], py: Python<'_>) -> Native<()> {
    for listener in listeners {
        only_if(listener.bind(py).call0()?.is_none())?;
    }
    Ok(())
}
