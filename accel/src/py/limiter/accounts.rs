//! Whose tokens a call is charged to: LiteLLM's targets of the plain kinds, in its order.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::live::ScopeKeys;
use super::names::Names;
use super::proxy::Models;
use super::reading::{Plain, Unusual, dict, expect, is_empty, is_none, is_same, is_small, text};
use super::request::{Scope, joined};
use super::seam::Seam;
use super::stash::Stash;
use crate::limiter::Charge;

/// Scopes, and what is charged to them or given back.
#[derive(Default)]
pub struct Accounts<'py> {
    pub scopes: Vec<Scope<'py>>,
    pub charges: Vec<Charge>,
    /// The team and the model's group of a call that succeeded: the team may hold a share of provisioned throughput.
    pub holder: Option<Target<'py>>,
}

type Target<'py> = (Bound<'py, PyString>, Bound<'py, PyString>);

impl<'py> Accounts<'py> {
    /// After a call that succeeded: what it used, less what was taken in advance from those that it was taken from.
    pub fn of_success(
        call: &Bound<'py, PyDict>,
        stash: Option<&Stash<'py>>,
        tokens: i64,
        seam: &Seam,
        models: &Models<'py>,
        names: &Names,
    ) -> Plain<Self> {
        let request = request_metadata(call, names)?;
        let group = match stash.and_then(|stash| stash.group.clone()) {
            Some(group) => Some(group),
            None => model_group(call, seam, models, names)?,
        };
        if group.is_some()
            && let Some(request) = &request
        {
            is_without_limits_of_models(request, names)?;
        }
        let (reserved, taken) = match stash {
            Some(stash) => (stash.reserved, stash.each_scope(names)?),
            None => (0, Vec::new()),
        };
        let group = group.filter(|group| !is_empty(group));
        let metadata = logged_metadata(call, names)?;
        let mut accounts = Self::default();
        for target in targets(call, &metadata, group.as_ref(), names)? {
            let is_reserved = taken
                .iter()
                .any(|taken| is_same(&taken.1, &target.1) && is_same(&taken.0, &target.0));
            accounts.add(
                target,
                if is_reserved {
                    tokens - reserved
                } else {
                    tokens
                },
            )?;
        }
        accounts.holder = text(&metadata, &names.key_team_id)?.zip(group);
        Ok(accounts)
    }

    /// After a call that failed: what was taken in advance is given back to those that it was taken from.
    pub fn of_failure(stash: &Stash<'py>, names: &Names) -> Plain<Self> {
        let mut accounts = Self::default();
        for target in stash.each_scope(names)? {
            accounts.add(target, -stash.reserved)?;
        }
        Ok(accounts)
    }

    fn add(&mut self, (key, value): Target<'py>, tokens: i64) -> Plain<()> {
        if tokens == 0 {
            return Ok(());
        }
        expect(is_small(tokens))?;
        let scope = self.scopes.len();
        self.charges.push(Charge { scope, tokens });
        self.scopes.push(Scope {
            key,
            value,
            requests: None,
            tokens: None,
        });
        Ok(())
    }

    /// The keys that these tokens are kept under.
    pub fn keys(&self) -> PyResult<Vec<ScopeKeys<'py>>> {
        self.scopes.iter().map(Scope::tokens_key).collect()
    }
}

/// The request's metadata; None if there is none.
fn request_metadata<'py>(
    call: &Bound<'py, PyDict>,
    names: &Names,
) -> Plain<Option<Bound<'py, PyDict>>> {
    let Some(params) = dict(call, &names.litellm_params)? else {
        return Ok(None);
    };
    let metadata = dict(&params, &names.metadata)?.filter(|found| !found.is_empty());
    let newer = dict(&params, &names.litellm_metadata)?.filter(|found| !found.is_empty());
    let metadata = match (metadata, newer) {
        (Some(_), Some(_)) => return Err(Unusual), // LiteLLM joins them
        (metadata, newer) => newer.or(metadata),
    };
    match metadata {
        // Calls that LiteLLM makes itself are charged in ways of their own.
        Some(metadata) if !is_none(&metadata, &names.call_origin) => Err(Unusual),
        metadata => Ok(metadata),
    }
}

/// The group of the model that a call asked for, where it is no alias.
fn model_group<'py>(
    call: &Bound<'py, PyDict>,
    seam: &Seam,
    models: &Models<'py>,
    names: &Names,
) -> Plain<Option<Bound<'py, PyString>>> {
    let Some(params) = dict(call, &names.litellm_params)? else {
        return Ok(None);
    };
    let has_newer = call
        .contains(&names.litellm_metadata)
        .map_err(|_| Unusual)?;
    let place = if has_newer {
        &names.litellm_metadata
    } else {
        &names.metadata
    };
    let Some(metadata) = dict(&params, place)? else {
        return Ok(None);
    };
    match text(&metadata, &names.model_group)? {
        Some(group) if !seam.proxy.is_no_alias(models, &group) => Err(Unusual),
        group => Ok(group),
    }
}

/// Whether the key has no limits of its own for models: those decide whether its team is charged.
fn is_without_limits_of_models(request: &Bound<'_, PyDict>, names: &Names) -> Plain<()> {
    let budget = dict(request, &names.key_model_max_budget)?;
    let metadata = dict(request, &names.key_metadata)?;
    expect(budget.is_none_or(|budget| budget.is_empty()))?;
    expect(metadata.is_none_or(|metadata| is_none(&metadata, &names.model_tpm_limit)))
}

/// What is logged of whose the call is.
fn logged_metadata<'py>(call: &Bound<'py, PyDict>, names: &Names) -> Plain<Bound<'py, PyDict>> {
    let metadata = match dict(call, &names.standard_logging_object)? {
        Some(logged) => dict(&logged, &names.metadata)?,
        None => None,
    };
    Ok(metadata.unwrap_or_else(|| PyDict::new(call.py())))
}

/// Everyone whose tokens may be counted, limited or not.
fn targets<'py>(
    call: &Bound<'py, PyDict>,
    metadata: &Bound<'py, PyDict>,
    group: Option<&Bound<'py, PyString>>,
    names: &Names,
) -> Plain<Vec<Target<'py>>> {
    let py = call.py();
    let key = text(metadata, &names.key_hash)?;
    let user = text(metadata, &names.key_user_id)?;
    let team = text(metadata, &names.key_team_id)?;
    let organization = text(metadata, &names.key_org_id)?;
    let project = text(metadata, &names.key_project_id)?;
    let end_user = match text(call, &names.user)? {
        Some(user) => Some(user),
        None => text(metadata, &names.key_end_user_id)?,
    };
    expect(is_none(metadata, &names.agent_id))?;
    let member = match (&team, &user) {
        (Some(team), Some(user)) => Some(joined(team, user)?),
        _ => None,
    };
    let of_model = |who: &Option<Bound<'py, PyString>>| match (group, who) {
        (Some(group), Some(who)) => joined(who, group).map(Some),
        _ => Ok(None),
    };
    let of_models = [
        (&names.model_per_key, of_model(&key)?),
        (&names.model_per_team, of_model(&team)?),
        (&names.model_per_organization, of_model(&organization)?),
        (&names.model_per_project, of_model(&project)?),
    ];
    let of_people = [
        (&names.api_key, key),
        (&names.user, user),
        (&names.team, team),
        (&names.team_member, member),
        (&names.end_user, end_user),
        (&names.organization, organization),
    ];
    let each = of_people.into_iter().chain(of_models);
    Ok(each
        .filter_map(|(kind, name)| Some((kind.bind(py).clone(), name?)))
        .collect())
}
