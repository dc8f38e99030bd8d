//! The walk over a model group's live deployments: who may get the request.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySet, PyString, PyTuple};

use super::attributes::Attributes;
use super::cooldowns::at;
use super::deployments::{Candidate, Reader};
use super::names::Names;
use super::native::{Aside, Native, empty, exact, item, only_if, same, set_item};
use super::request::{Request, among};

/// Goes on where a router resolves this model by its name alone and then only filters.
pub fn is_plain(
    router: &Bound<'_, PyDict>,
    model: &Bound<'_, PyString>,
    attributes: &Attributes,
    names: &Names,
) -> Native<()> {
    for feature in [
        &attributes.routing_plugins,
        &attributes.routing_groups,
        &names.model_to_group,
        &attributes.health_check_routing,
        &attributes.pre_call_checks,
    ] {
        empty(router, feature)?;
    }
    let known: Bound<'_, PySet> = exact(item(router, &attributes.model_names)?)?;
    only_if(known.contains(model)?)?;
    if let Some(aliases) = set_item(router, &attributes.model_group_alias)? {
        only_if(!exact::<PyDict>(aliases)?.contains(model)?)?;
    }
    Ok(())
}

/// Goes on where the async path has no further filters than the sync one.
pub fn is_plain_for_async(router: &Bound<'_, PyDict>, attributes: &Attributes) -> Native<()> {
    for feature in [
        &attributes.auto_routers,
        &attributes.complexity_routers,
        &attributes.adaptive_routers,
        &attributes.quality_routers,
        &attributes.tag_filtering,
    ] {
        empty(router, feature)?;
    }
    Ok(())
}

/// The deployments of a model group, in LiteLLM's order, before any of them is left out.
pub fn of_group<'py>(
    router: &Bound<'py, PyDict>,
    model: &Bound<'py, PyString>,
    request: &Request<'py>,
    asynchronous: bool,
    reader: &mut Reader<'_>,
    attributes: &Attributes,
    names: &Names,
) -> Native<Vec<Candidate<'py>>> {
    let model_list: Bound<'py, PyList> = exact(item(router, &attributes.model_list)?)?;
    if let Some(team) = &request.team {
        let by_team: Bound<'py, PyDict> = exact(item(router, &attributes.indices_by_team)?)?;
        only_if(
            by_team.is_empty() || !by_team.contains(PyTuple::new(model.py(), [team, model])?)?,
        )?;
    }
    let by_name: Bound<'py, PyDict> = exact(item(router, &attributes.indices_by_name)?)?;
    let indices: Bound<'py, PyList> = exact(by_name.get_item(model)?.ok_or(Aside)?)?;
    let mut found = Vec::with_capacity(indices.len());
    for index in &indices {
        let candidate = reader.read(exact(at(&model_list, &index)?)?, asynchronous, names)?;
        if same(&candidate.name, model)? {
            found.push(candidate);
        }
    }
    only_if(!found.is_empty())?;
    Ok(found)
}

/// Those that are left when LiteLLM's filters have been at them; never nobody.
pub fn left<'py>(
    mut candidates: Vec<Candidate<'py>>,
    cooling: &[Bound<'py, PyString>],
    request: &Request<'py>,
) -> Native<Vec<Candidate<'py>>> {
    if !cooling.is_empty() {
        keep(&mut candidates, |each| Ok(!among(&each.id, cooling)?))?;
    }
    candidates.retain(|each| !each.facts.blocked);
    let wanted = match request.target_order {
        None => candidates.iter().filter_map(|each| each.facts.order).min(),
        order => order,
    };
    if wanted.is_some() {
        candidates.retain(|each| each.facts.order == wanted);
    }
    if !request.excluded_ids.is_empty() {
        keep(&mut candidates, |each| Ok(!request.excludes(&each.id)?))?;
    }
    if !request.retry_skipped_ids.is_empty() {
        let skipped: Vec<bool> = candidates
            .iter()
            .map(|each| request.skips(&each.id))
            .collect::<Native<_>>()?;
        // A request that all have refused goes to any of them again.
        if skipped.contains(&false) {
            let mut skipped = skipped.into_iter();
            candidates.retain(|_| skipped.next() == Some(false));
        }
    }
    only_if(!candidates.is_empty())?;
    Ok(candidates)
}

fn keep<'py>(
    candidates: &mut Vec<Candidate<'py>>,
    stays: impl Fn(&Candidate<'py>) -> Native<bool>,
) -> Native<()> {
    let mut failure = Ok(());
    candidates.retain(|each| {
        stays(each).unwrap_or_else(|aside| {
            failure = Err(aside);
            false
        })
    });
    failure
}
