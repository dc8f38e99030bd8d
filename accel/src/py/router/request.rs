//! What a request says to the router, and what the router takes out of it.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple, PyType};

use super::names::Names;
use super::native::{Aside, Native, empty, exact, only_if, same, set_item, str_keys, text, unset};
use crate::py::given;

/// Grants of every model, as LiteLLM writes them.
const ALL_MODELS: [&str; 2] = ["*", "all-proxy-models"];
const WEB_SEARCH: [&str; 2] = ["web_search", "web_search_preview"];

/// How requests are read.
pub struct Requests {
    /// Gives the proxy's class of authenticated callers, None while the proxy is not imported.
    caller_class: Py<PyAny>,
    known_caller: PyOnceLock<Py<PyType>>,
    compaction_class: Py<PyType>,
    /// Keywords with which LiteLLM chooses among fewer.
    unset: Vec<Py<PyString>>,
}

/// A request's keywords, as far as they concern the choice.
pub struct Request<'py> {
    pub kwargs: Option<Bound<'py, PyDict>>,
    pub metadata: Option<Bound<'py, PyDict>>,
    pub litellm_metadata: Option<Bound<'py, PyDict>>,
    pub team: Option<Bound<'py, PyString>>,
    pub target_order: Option<i64>,
    pub excluded_ids: Vec<Bound<'py, PyString>>,
    pub retry_skipped_ids: Vec<Bound<'py, PyString>>,
    pub streams: bool,
}

impl Requests {
    pub fn new(known: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self {
            caller_class: given::item(known, "caller_class")?.unbind(),
            known_caller: PyOnceLock::new(),
            compaction_class: given::item(known, "compaction_class")?.extract()?,
            unset: given::interned_all(&given::item(known, "unset_in_requests")?)?,
        })
    }

    /// Reads the keywords; aside where they ask for anything that is not done here.
    pub fn read<'py>(
        &self,
        kwargs: &Bound<'py, PyAny>,
        model: &Bound<'py, PyString>,
        names: &Names,
    ) -> Native<Request<'py>> {
        let mut request = Request {
            kwargs: None,
            metadata: None,
            litellm_metadata: None,
            team: None,
            target_order: None,
            excluded_ids: Vec::new(),
            retry_skipped_ids: Vec::new(),
            streams: false,
        };
        if kwargs.is_none() {
            return Ok(request);
        }
        let kwargs = kwargs.cast_exact::<PyDict>().map_err(|_| Aside)?;
        request.kwargs = Some(kwargs.clone());
        if kwargs.is_empty() {
            return Ok(request);
        }
        str_keys(kwargs)?;
        for asked in [
            &names.routing_strategy,
            &names.router_weights,
            &names.otel_span,
        ] {
            unset(kwargs, asked)?;
        }
        for asked in &self.unset {
            unset(kwargs, asked)?;
        }
        if let Some(params) = set_item(kwargs, &names.litellm_params)? {
            let params = exact::<PyDict>(params)?;
            if let Some(metadata) = set_item(&params, &names.metadata)? {
                unset(&exact::<PyDict>(metadata)?, &names.otel_span)?;
            }
        }
        request.metadata = dict(kwargs, &names.metadata)?;
        request.litellm_metadata = dict(kwargs, &names.litellm_metadata)?;
        if let Some(metadata) = &request.metadata {
            unset(metadata, &names.otel_span)?;
        }
        request.team = team(&request, names)?;
        self.sees_all_of(&request, model, names)?;
        request.target_order = match set_item(kwargs, &names.target_order)? {
            Some(order) => Some(exact::<PyInt>(order)?.extract()?),
            None => None,
        };
        if let Some(ids) = set_item(kwargs, &names.excluded_ids)? {
            request.excluded_ids = all_ids(&ids)?;
        }
        if let Some(ids) = set_item(kwargs, &names.retry_skipped_ids)? {
            // Anything but a tuple counts as nothing here.
            if ids.is_instance_of::<PyTuple>() {
                request.retry_skipped_ids = all_ids(&ids)?;
            }
        }
        request.streams = set_item(kwargs, &names.stream)?.is_some_and(|stream| is_true(&stream));
        Ok(request)
    }

    /// Goes on where the caller's grants do not narrow the deployments of a model.
    fn sees_all_of(
        &self,
        request: &Request<'_>,
        model: &Bound<'_, PyString>,
        names: &Names,
    ) -> Native<()> {
        let mut caller = None;
        for bucket in request.buckets() {
            if caller.is_none() {
                caller = set_item(bucket, &names.user_api_key_auth)?;
            }
        }
        let Some(caller) = caller else {
            return Ok(());
        };
        let py = model.py();
        let class = self.caller_class(py)?;
        only_if(caller.get_type_ptr() == class.as_type_ptr())?;
        let model = text(model)?;
        let mut limited = false;
        for granted in [&names.models, &names.team_models] {
            let granted = caller.getattr(granted.bind(py))?;
            if granted.is_none() {
                continue;
            }
            for grant in exact::<PyList>(granted)? {
                let grant = exact::<PyString>(grant)?;
                let grant = text(&grant)?;
                if grant == model || ALL_MODELS.contains(&grant) {
                    return Ok(());
                }
                limited = true;
            }
        }
        only_if(!limited)
    }
}

impl Requests {
    /// Goes on where the state of a context's compaction is as new: without a pre-routing strategy, the async path
    /// makes it so.
    pub fn compacts_nothing(&self, request: &Request<'_>, names: &Names) -> Native<()> {
        let kwargs = request.kwargs.as_ref().ok_or(Aside)?;
        let Some(state) = set_item(kwargs, &names.compaction_state)? else {
            return Ok(());
        };
        let py = state.py();
        only_if(state.get_type_ptr() == self.compaction_class.bind(py).as_type_ptr())?;
        for field in [&names.compaction_config, &names.compaction_parent_model] {
            only_if(state.getattr(field.bind(py))?.is_none())?;
        }
        let candidates = state.getattr(names.compaction_candidates.bind(py))?;
        only_if(exact::<PyTuple>(candidates)?.is_empty())
    }

    /// The proxy's class of callers; aside while there is none.
    fn caller_class<'py>(&self, py: Python<'py>) -> Native<&Bound<'py, PyType>> {
        if let Some(class) = self.known_caller.get(py) {
            return Ok(class.bind(py));
        }
        let class = self.caller_class.bind(py).call0()?;
        let class = class.cast_into::<PyType>().map_err(|_| Aside)?.unbind();
        Ok(self.known_caller.get_or_init(py, || class).bind(py))
    }
}

impl<'py> Request<'py> {
    /// Both places for metadata, in the order in which LiteLLM looks.
    pub fn buckets(&self) -> impl Iterator<Item = &Bound<'py, PyDict>> {
        [&self.metadata, &self.litellm_metadata]
            .into_iter()
            .flatten()
    }

    /// Goes on where the async path would do no more for this request than the sync one.
    pub fn is_plain_for_async(&self, names: &Names) -> Native<()> {
        let kwargs = self.kwargs.as_ref().ok_or(Aside)?;
        empty(kwargs, &names.affinity_pinned)?;
        if let Some(filtering) = set_item(kwargs, &names.tag_filtering)? {
            only_if(!is_true(&filtering))?;
        }
        for bucket in self.buckets() {
            only_if(!bucket.contains(names.output_ceiling.bind(bucket.py()))?)?;
        }
        let Some(tools) = set_item(kwargs, &names.tools)? else {
            return Ok(());
        };
        for tool in exact::<PyList>(tools)? {
            if let Some(kind) = set_item(&exact::<PyDict>(tool)?, &names.kind)? {
                let kind = exact::<PyString>(kind)?;
                only_if(!WEB_SEARCH.contains(&text(&kind)?))?;
            }
        }
        Ok(())
    }

    /// Whether a deployment is among those that this request was tried on.
    pub fn excludes(&self, id: &Bound<'py, PyString>) -> Native<bool> {
        among(id, &self.excluded_ids)
    }

    pub fn skips(&self, id: &Bound<'py, PyString>) -> Native<bool> {
        among(id, &self.retry_skipped_ids)
    }

    /// Takes out what LiteLLM takes out of the keywords.
    pub fn take_out(&self, names: &Names) -> PyResult<()> {
        let Some(kwargs) = &self.kwargs else {
            return Ok(());
        };
        for key in [
            &names.target_order,
            &names.excluded_ids,
            &names.retry_skipped_ids,
        ] {
            remove(kwargs, key)?;
        }
        Ok(())
    }

    /// Clears what an earlier routing decision left in the metadata, as the async path does first.
    pub fn clear_decision(&self, names: &Names) -> PyResult<()> {
        for bucket in self.buckets() {
            for key in [
                &names.baseline_route,
                &names.routing_decision,
                &names.affinity_ttl,
                &names.consumed_tags,
            ] {
                remove(bucket, key)?;
            }
        }
        Ok(())
    }
}

fn remove(dict: &Bound<'_, PyDict>, key: &Py<PyString>) -> PyResult<()> {
    let key = key.bind(dict.py());
    if dict.contains(key)? {
        dict.del_item(key)?;
    }
    Ok(())
}

/// The caller's team: the first that is set.
fn team<'py>(request: &Request<'py>, names: &Names) -> Native<Option<Bound<'py, PyString>>> {
    for bucket in request.buckets() {
        let Some(team) = set_item(bucket, &names.user_team_id)? else {
            continue;
        };
        if team.is_instance_of::<PyString>() && team.is_truthy()? {
            return exact(team).map(Some);
        }
    }
    Ok(None)
}

/// An entry that is missing, None or a dict.
fn dict<'py>(
    kwargs: &Bound<'py, PyDict>,
    name: &Py<PyString>,
) -> Native<Option<Bound<'py, PyDict>>> {
    set_item(kwargs, name)?.map(exact).transpose()
}

fn is_true(value: &Bound<'_, PyAny>) -> bool {
    value.is(pyo3::types::PyBool::new(value.py(), true))
}

fn all_ids<'py>(ids: &Bound<'py, PyAny>) -> Native<Vec<Bound<'py, PyString>>> {
    let plain = ids.is_exact_instance_of::<PyTuple>()
        || ids.is_exact_instance_of::<PyList>()
        || ids.is_exact_instance_of::<PySet>()
        || ids.is_exact_instance_of::<PyFrozenSet>();
    only_if(plain)?;
    ids.try_iter()?.map(|id| exact(id?)).collect()
}

/// Whether an id is among some.
pub fn among(id: &Bound<'_, PyString>, ids: &[Bound<'_, PyString>]) -> Native<bool> {
    for each in ids {
        if same(id, each)? {
            return Ok(true);
        }
    }
    Ok(false)
}
