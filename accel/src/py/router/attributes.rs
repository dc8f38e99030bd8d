//! The names under which a router keeps its state: they are others from LiteLLM 1.109 on.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::py::given;

pub struct Attributes {
    pub routing_plugins: Py<PyString>,
    pub routing_groups: Py<PyString>,
    pub model_names: Py<PyString>,
    pub model_group_alias: Py<PyString>,
    pub indices_by_name: Py<PyString>,
    pub indices_by_team: Py<PyString>,
    pub model_list: Py<PyString>,
    pub health_check_routing: Py<PyString>,
    pub pre_call_checks: Py<PyString>,
    pub tag_filtering: Py<PyString>,
    pub routing_strategy: Py<PyString>,
    pub cooldown_cache: Py<PyString>,
    pub auto_routers: Py<PyString>,
    pub complexity_routers: Py<PyString>,
    pub adaptive_routers: Py<PyString>,
    pub quality_routers: Py<PyString>,
}

impl Attributes {
    /// From a dict with each name of before 1.109, and what it is now.
    pub fn new(known: &Bound<'_, PyDict>) -> PyResult<Self> {
        let now = given::item(known, "attributes")?.cast_into::<PyDict>()?;
        let name = |before| given::interned(&given::item(&now, before)?);
        Ok(Self {
            routing_plugins: name("routing_plugins")?,
            routing_groups: name("routing_groups")?,
            model_names: name("model_names")?,
            model_group_alias: name("model_group_alias")?,
            indices_by_name: name("model_name_to_deployment_indices")?,
            indices_by_team: name("team_model_to_deployment_indices")?,
            model_list: name("model_list")?,
            health_check_routing: name("enable_health_check_routing")?,
            pre_call_checks: name("enable_pre_call_checks")?,
            tag_filtering: name("enable_tag_filtering")?,
            routing_strategy: name("routing_strategy")?,
            cooldown_cache: name("cooldown_cache")?,
            auto_routers: name("auto_routers")?,
            complexity_routers: name("complexity_routers")?,
            adaptive_routers: name("adaptive_routers")?,
            quality_routers: name("quality_routers")?,
        })
    }
}
