//! LiteLLM's routers, as far as the limiter asks them: for aliases and for limits of deployments.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::names::Names;
use super::reading::{entry, is_none};
use crate::py::attributes::attributes;
use crate::py::given::item;
use crate::py::guarded::GuardedClass;

pub struct Routers {
    /// Of that which keeps the deployments: the router itself, or since 1.109 its core.
    core: GuardedClass,
    /// Since 1.109 a router is asked for its registry, which knows the core.
    registry: Option<GuardedClass>,
    // what the core keeps them under
    model_list: Py<PyString>,
    model_group_alias: Py<PyString>,
    pattern_router: Py<PyString>,
}

impl Routers {
    /// From a description; see `components/_rate_limiter/routers.py`.
    pub fn new(litellm: &Bound<'_, PyDict>) -> PyResult<Self> {
        let routers = item(litellm, "routers")?;
        let item = |name| item(routers.cast::<PyDict>()?, name);
        Ok(Self {
            core: GuardedClass::from_pair(&item("core")?)?,
            registry: item("registry")?
                .extract::<Option<Bound<'_, PyAny>>>()?
                .map(|registry| GuardedClass::from_pair(&registry))
                .transpose()?,
            model_list: item("model_list")?.extract()?,
            model_group_alias: item("model_group_alias")?.extract()?,
            pattern_router: item("pattern_router")?.extract()?,
        })
    }

    /// What keeps a router's deployments; None if it is not LiteLLM's own.
    pub fn core<'py>(
        &self,
        router: &Bound<'py, PyAny>,
        names: &Names,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let core = match &self.registry {
            None => router.clone(),
            Some(class) => match router.call_method0(&names.registry) {
                Ok(registry)
                    if class.is_class_of(&registry)
                        && class.is_untouched(router.py()).is_some() =>
                {
                    registry.getattr(&names.registry_router)?
                }
                Ok(_) => return Ok(None),
                Err(error) if error.is_instance_of::<PyException>(router.py()) => return Ok(None),
                Err(interrupt) => return Err(interrupt),
            },
        };
        Ok(self.core.is_class_of(&core).then_some(core))
    }

    /// Whether a model is no alias.
    pub fn is_no_alias(&self, core: &Bound<'_, PyAny>, model: &Bound<'_, PyString>) -> bool {
        attributes(core).is_some_and(|core| self.is_alias(&core, model) == Some(false))
    }

    /// None: ask the router itself.
    pub fn gives_no_limits(
        &self,
        core: &Bound<'_, PyAny>,
        model: &Bound<'_, PyString>,
        names: &Names,
    ) -> Option<()> {
        self.core.is_untouched(core.py())?;
        let core = self.core.attributes(core)?;
        if self.is_alias(&core, model)? {
            return None;
        }
        let patterns = attributes(&entry(&core, &self.pattern_router)?)?;
        let patterns = entry(&patterns, &names.patterns)?;
        if !patterns.cast_exact::<PyDict>().ok()?.is_empty() {
            return None;
        }
        let deployments = entry(&core, &self.model_list)?;
        for deployment in deployments.cast_exact::<PyList>().ok()? {
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

    /// Whether a model is known by another name.
    fn is_alias(&self, core: &Bound<'_, PyDict>, model: &Bound<'_, PyString>) -> Option<bool> {
        let aliases = entry(core, &self.model_group_alias)?;
        aliases.cast_exact::<PyDict>().ok()?.contains(model).ok()
    }
}
