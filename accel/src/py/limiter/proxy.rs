//! LiteLLM's proxy, as far as the limiter asks it: for its router and its database.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::names::Names;
use super::reading::{entry, is_none};
use super::routers::Routers;
use crate::py::attributes::attributes;
use crate::py::given::item;

/// Where the limiter looks models up.
pub enum Models<'py> {
    /// Nowhere: the proxy has no router.
    Unrouted,
    /// What keeps a router's deployments.
    Routed(Bound<'py, PyAny>),
    /// In something that was not examined.
    Elsewhere,
}

pub struct Proxy {
    /// `sys.modules`, and the proxy's name in it: without it nothing is known of routers and databases.
    modules: Py<PyDict>,
    name: Py<PyString>,
    routers: Routers,
    /// Defaults of the limiter's arguments, which ask the proxy.
    model_group_resolver: Py<PyAny>,
    tag_rate_limit_resolver: Py<PyAny>,
    /// Since 1.108.
    ptu_team_ceiling_resolver: Option<Py<PyAny>>,
}

impl Proxy {
    pub fn new(litellm: &Bound<'_, PyDict>) -> PyResult<Self> {
        let item = |name| item(litellm, name);
        Ok(Self {
            modules: item("modules")?.extract()?,
            name: item("proxy_server")?.extract()?,
            routers: Routers::new(litellm)?,
            model_group_resolver: item("model_group_resolver")?.unbind(),
            tag_rate_limit_resolver: item("tag_rate_limit_resolver")?.unbind(),
            ptu_team_ceiling_resolver: item("ptu_team_ceiling_resolver")?.extract()?,
        })
    }

    /// The proxy's own module, once it is imported.
    pub fn module<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyDict>> {
        let module = entry(self.modules.bind(py), &self.name)?;
        attributes(&module)
    }

    /// Whether a tag may have a limit; without a database no tag has.
    pub fn tags_count(&self, own: &Bound<'_, PyDict>, names: &Names) -> bool {
        let has_own_resolver = entry(own, &names.tag_rate_limit_resolver)
            .is_none_or(|resolver| !resolver.is(&self.tag_rate_limit_resolver));
        has_own_resolver
            || self.module(own.py()).is_none_or(|proxy| {
                entry(&proxy, &names.prisma_client).is_none_or(|client| !client.is_none())
            })
    }

    /// Whether a team, asked for with a model's group, holds no share of provisioned throughput (PTU).
    pub fn has_no_share(
        &self,
        own: &Bound<'_, PyDict>,
        holder: Option<(&Bound<'_, PyString>, &Bound<'_, PyString>)>,
        names: &Names,
    ) -> PyResult<bool> {
        let py = own.py();
        let (Some(resolver), Some(team_and_group)) = (&self.ptu_team_ceiling_resolver, holder)
        else {
            return Ok(true);
        };
        if !entry(own, &names.ptu_team_ceiling_resolver).is_some_and(|own| own.is(resolver)) {
            return Ok(false);
        }
        if self
            .module(py)
            .is_some_and(|proxy| is_none(&proxy, &names.llm_router))
        {
            return Ok(true);
        }
        // LiteLLM's own answer, which its router remembers for each team.
        match resolver.bind(py).call1(team_and_group) {
            Ok(ceiling) => Ok(ceiling.is_none()),
            Err(error) if error.is_instance_of::<PyException>(py) => Ok(false),
            Err(interrupt) => Err(interrupt),
        }
    }

    /// Where the limiter looks models up.
    pub fn models<'py>(&self, own: &Bound<'py, PyDict>, names: &Names) -> PyResult<Models<'py>> {
        let router = || {
            let resolver = entry(own, &names.model_group_resolver)?;
            if !resolver.is(&self.model_group_resolver) {
                return None;
            }
            entry(&self.module(own.py())?, &names.llm_router)
        };
        match router() {
            None => Ok(Models::Elsewhere),
            Some(router) if router.is_none() => Ok(Models::Unrouted),
            Some(router) => Ok(self
                .routers
                .core(&router, names)?
                .map_or(Models::Elsewhere, Models::Routed)),
        }
    }

    /// Whether a model is no alias, and no deployment gives keys limits of their own.
    pub fn is_group_of_its_own(
        &self,
        models: &Models<'_>,
        model: &Bound<'_, PyString>,
        names: &Names,
    ) -> bool {
        match models {
            Models::Unrouted => true,
            Models::Routed(core) => self.routers.gives_no_limits(core, model, names).is_some(),
            Models::Elsewhere => false,
        }
    }

    /// Whether a model is no alias.
    pub fn is_no_alias(&self, models: &Models<'_>, model: &Bound<'_, PyString>) -> bool {
        match models {
            Models::Unrouted => true,
            Models::Routed(core) => self.routers.is_no_alias(core, model),
            Models::Elsewhere => false,
        }
    }
}
