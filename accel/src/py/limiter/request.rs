//! Whose limits a request has to keep: LiteLLM's descriptors of the plain kinds.
//!
//! Nothing is changed here. [`Unusual`] is what only LiteLLM's own code reads right: tags, agents, limits of a
//! model, limits that are no whole numbers, and so on.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::live::ScopeKeys;
use super::names::Names;
use super::reading::{
    Plain, Unusual, expect, has_string_keys, is_no_list, is_none, limit, mapping, some, text,
};
use crate::limiter::{Demand, Field};

/// A key, user, team, ... with its limits.
pub struct Scope<'py> {
    pub key: Bound<'py, PyString>,
    pub value: Bound<'py, PyString>,
    pub requests: Option<i64>,
    pub tokens: Option<i64>,
}

impl<'py> Scope<'py> {
    /// The names that its values are kept under.
    pub fn keys(&self) -> PyResult<ScopeKeys<'py>> {
        let py = self.key.py();
        let prefix = self.prefix()?;
        let end = |end: &str| -> PyResult<Bound<'py, PyString>> {
            Ok(prefix.add(PyString::intern(py, end))?.cast_into()?)
        };
        Ok(ScopeKeys::All([
            end("}:window")?,
            end("}:requests")?,
            end("}:tokens")?,
        ]))
    }

    /// The name that its tokens alone are kept under.
    pub fn tokens_key(&self) -> PyResult<ScopeKeys<'py>> {
        let end = PyString::intern(self.key.py(), "}:tokens");
        let key = self.prefix()?.add(end)?.cast_into()?;
        Ok(ScopeKeys::Tokens(key))
    }

    /// What these names begin with: `{key:value`.
    pub fn prefix(&self) -> PyResult<Bound<'py, PyString>> {
        let kind = format!("{{{}:", self.key.to_str()?);
        let kind = PyString::intern(self.key.py(), &kind);
        Ok(kind.add(&self.value)?.cast_into()?)
    }
}

/// What a request asks of the limiter.
pub struct Request<'py> {
    pub scopes: Vec<Scope<'py>>,
    pub model: Option<Bound<'py, PyString>>,
    pub team: Option<Bound<'py, PyString>>,
}

impl<'py> Request<'py> {
    /// The limits of requests (and of tokens, where they are counted rather than reserved), in LiteLLM's order.
    pub fn windowed(&self, with_tokens: bool) -> Vec<Demand> {
        let mut demands = Vec::with_capacity(2 * self.scopes.len());
        for (scope, limits) in self.scopes.iter().enumerate() {
            let tokens = limits.tokens.filter(|_| with_tokens);
            for (field, limit) in [(Field::Requests, limits.requests), (Field::Tokens, tokens)] {
                demands.extend(limit.map(|limit| Demand {
                    scope,
                    field,
                    limit,
                }));
            }
        }
        demands
    }

    /// The limits of tokens.
    pub fn tokens(&self) -> Vec<Demand> {
        let field = Field::Tokens;
        let demand = |(scope, limits): (usize, &Scope<'_>)| {
            limits.tokens.map(|limit| Demand {
                scope,
                field,
                limit,
            })
        };
        self.scopes.iter().enumerate().filter_map(demand).collect()
    }

    /// Read it from LiteLLM's own objects.
    ///
    /// `user` holds the attributes of the `UserAPIKeyAuth`. `tags_count` is false where nothing can come of tags.
    pub fn read(
        user: &Bound<'py, PyDict>,
        data: &Bound<'py, PyDict>,
        names: &Names,
        tags_count: bool,
    ) -> Plain<Self> {
        expect(has_string_keys(data))?;
        is_plain_user(user, names)?;
        is_plain_data(data, names, tags_count)?;
        let model = text(data, &names.model)?;
        Ok(Self {
            scopes: scopes(user, names)?,
            model,
            team: text(user, &names.team_id)?,
        })
    }
}

fn scopes<'py>(user: &Bound<'py, PyDict>, names: &Names) -> Plain<Vec<Scope<'py>>> {
    let py = user.py();
    let mut scopes = Vec::with_capacity(4);
    let mut add = |key: &Py<PyString>, value: &Option<Bound<'py, PyString>>, requests, tokens| {
        let (requests, tokens) = (limit(user, requests)?, limit(user, tokens)?);
        if let Some(value) = value
            && (requests.is_some() || tokens.is_some())
        {
            scopes.push(Scope {
                key: key.bind(py).clone(),
                value: value.clone(),
                requests,
                tokens,
            });
        }
        Ok(())
    };
    let api_key = text(user, &names.api_key)?;
    add(&names.api_key, &api_key, &names.rpm_limit, &names.tpm_limit)?;
    let user_id = text(user, &names.user_id)?;
    add(
        &names.user,
        &user_id,
        &names.user_rpm_limit,
        &names.user_tpm_limit,
    )?;
    let team_id = text(user, &names.team_id)?;
    add(
        &names.team,
        &team_id,
        &names.team_rpm_limit,
        &names.team_tpm_limit,
    )?;
    if !is_none(user, &names.team_member_rpm_limit) || !is_none(user, &names.team_member_tpm_limit)
    {
        let member = match user_id {
            Some(user_id) => Some(member(user, &user_id, names)?),
            None => None,
        };
        add(
            &names.team_member,
            &member,
            &names.team_member_rpm_limit,
            &names.team_member_tpm_limit,
        )?;
    }
    let end_user = text(user, &names.end_user_id)?;
    add(
        &names.end_user,
        &end_user,
        &names.end_user_rpm_limit,
        &names.end_user_tpm_limit,
    )?;
    // An organization's may be the empty string, unlike the others'.
    let organization = match some(user, &names.org_id) {
        Some(id) => Some(id.cast_into_exact::<PyString>().map_err(|_| Unusual)?),
        None => None,
    };
    add(
        &names.organization,
        &organization,
        &names.organization_rpm_limit,
        &names.organization_tpm_limit,
    )?;
    Ok(scopes)
}

/// `f"{team_id}:{user_id}"`.
fn member<'py>(
    user: &Bound<'py, PyDict>,
    user_id: &Bound<'py, PyString>,
    names: &Names,
) -> Plain<Bound<'py, PyString>> {
    let team = match text(user, &names.team_id)? {
        Some(team) => team,
        None if is_none(user, &names.team_id) => PyString::intern(user.py(), "None"),
        None => PyString::new(user.py(), ""),
    };
    joined(&team, user_id)
}

/// `f"{one}:{other}"`.
pub fn joined<'py>(
    one: &Bound<'py, PyString>,
    other: &Bound<'py, PyString>,
) -> Plain<Bound<'py, PyString>> {
    let joined = one.add(":").and_then(|one| one.add(other));
    let joined = joined.map_err(|_| Unusual)?;
    joined.cast_into().map_err(|_| Unusual)
}

/// Nothing of the user but plain limits.
fn is_plain_user(user: &Bound<'_, PyDict>, names: &Names) -> Plain<()> {
    let absent = [
        &names.max_parallel_requests,
        &names.budget_throttle_pct,
        &names.agent_id,
        &names.invoked_agent_id,
    ];
    expect(absent.into_iter().all(|name| is_none(user, name)))?;
    let budget = mapping(user, &names.model_max_budget)?;
    expect(budget.is_none_or(|budget| budget.is_empty()))?;
    let places = [
        &names.metadata,
        &names.team_metadata,
        &names.project_metadata,
        &names.organization_metadata,
    ];
    for place in places {
        if let Some(metadata) = mapping(user, place)?
            && !metadata.is_empty()
        {
            is_plain_metadata(&metadata, names)?;
        }
    }
    Ok(())
}

/// No limits of a model or tag, no expected output, and limits that do not depend on failures.
fn is_plain_metadata(metadata: &Bound<'_, PyDict>, names: &Names) -> Plain<()> {
    let absent = [
        &names.model_rpm_limit,
        &names.model_tpm_limit,
        &names.model_itpm_limit,
        &names.model_otpm_limit,
        &names.tag_rpm_limit,
        &names.estimated_output,
        &names.estimated_output_per_model,
    ];
    expect(absent.into_iter().all(|name| is_none(metadata, name)))?;
    for name in [&names.rpm_limit_type, &names.tpm_limit_type] {
        if let Some(kind) = some(metadata, name) {
            let kind = kind.cast_exact::<PyString>().map_err(|_| Unusual)?;
            expect(kind != "dynamic")?;
        }
    }
    Ok(())
}

/// No agent and no tags.
fn is_plain_data(data: &Bound<'_, PyDict>, names: &Names, tags_count: bool) -> Plain<()> {
    expect(!tags_count || is_no_list(data, &names.tags))?;
    for name in [&names.metadata, &names.litellm_metadata] {
        if let Some(metadata) = mapping(data, name)? {
            expect(is_none(&metadata, &names.agent_id))?;
            expect(!tags_count || is_no_list(&metadata, &names.tags))?;
        }
    }
    Ok(())
}

/// The descriptors, as far as the making of an error looks at them.
pub fn descriptors<'py>(
    py: Python<'py>,
    scopes: &[Scope<'py>],
    names: &Names,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for scope in scopes {
        let descriptor = PyDict::new(py);
        descriptor.set_item(&names.key, &scope.key)?;
        descriptor.set_item(&names.value, &scope.value)?;
        list.append(descriptor)?;
    }
    Ok(list)
}
