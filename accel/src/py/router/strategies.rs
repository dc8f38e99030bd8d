//! What the strategies share: their caches, their limits, and the deployments whose copies LiteLLM makes.

use std::collections::HashMap;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyNone, PyString, PyTuple};

use super::deployments::Candidate;
use super::examined::Examined;
use super::names::Names;
use super::native::{Aside, Native, exact, item, number, only_if, set_item, text};
use crate::py::given;
use crate::py::guards::Guards;

/// How deep a deployment may be; real ones are at most three deep.
const DEEPEST: usize = 6;

/// A strategy's class, where a router keeps its instance, and what has to be as it was.
pub struct Strategy {
    class: Examined,
    attribute: Py<PyString>,
    name: Py<PyString>,
    guards: Guards,
}

impl Strategy {
    pub fn new(name: &Bound<'_, PyString>, known: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self {
            class: Examined::new(&given::item(known, "class")?)?,
            attribute: given::interned(&given::item(known, "attribute")?)?,
            name: name.clone().unbind(),
            guards: Guards::new(&given::item(known, "guards")?)?,
        })
    }

    /// The attributes of a router's own selector, if no request has brought its own.
    pub fn selector<'py>(
        &self,
        router: &Bound<'py, PyDict>,
        names: &Names,
    ) -> Native<Bound<'py, PyDict>> {
        let py = router.py();
        only_if(self.guards.hold(py)?)?;
        let selector = item(router, &self.attribute)?;
        let overrides: Bound<'py, PyDict> = exact(item(router, &names.override_selectors)?)?;
        let other = overrides.get_item(self.name.bind(py))?;
        only_if(other.is_none_or(|other| !other.is(&selector)))?;
        self.class.attributes(&selector)
    }
}

/// Which limit an absent one leaves: LiteLLM's strategies differ in what they take for absent.
#[derive(Clone, Copy)]
pub enum Absent {
    /// Only None.
    None,
    /// None and zero, as `or` has it.
    Falsy,
}

/// A deployment's limit per minute: its own, its parameters' or its information's.
pub fn limit(candidate: &Candidate<'_>, name: &Py<PyString>, absent: Absent) -> Native<f64> {
    for place in [&candidate.deployment, &candidate.params, &candidate.info] {
        if let Some(value) = set_item(place, name)? {
            let value = number(&value)?;
            if value != 0.0 || matches!(absent, Absent::None) {
                return Ok(value);
            }
        }
    }
    Ok(f64::INFINITY)
}

/// A count in a dict; zero where it is missing.
pub fn count(dict: &Bound<'_, PyDict>, name: &Py<PyString>) -> Native<f64> {
    match dict.get_item(name.bind(dict.py()))? {
        Some(value) => number(&value),
        None => Ok(0.0),
    }
}

/// Goes on where LiteLLM can copy the deployment for its log line, which it does even if nobody reads it.
pub fn is_copyable(candidate: &Candidate<'_>, names: &Names) -> Native<()> {
    let params = &candidate.params;
    if let Some(key) = params.get_item(names.api_key.bind(params.py()))? {
        only_if(key.is_exact_instance_of::<PyString>())?;
    }
    is_plain(candidate.deployment.as_any(), DEEPEST)
}

fn is_plain(value: &Bound<'_, PyAny>, deepest: usize) -> Native<()> {
    let simple = value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyBool>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyNone>();
    if simple {
        return Ok(());
    }
    let deepest = deepest.checked_sub(1).ok_or(Aside)?;
    if let Ok(dict) = value.cast_exact::<PyDict>() {
        return dict.iter().try_for_each(|(key, value)| {
            is_plain(&key, 0).and_then(|()| is_plain(&value, deepest))
        });
    }
    if let Ok(list) = value.cast_exact::<PyList>() {
        return list.iter().try_for_each(|value| is_plain(&value, deepest));
    }
    let tuple = value.cast_exact::<PyTuple>().map_err(|_| Aside)?;
    tuple.iter().try_for_each(|value| is_plain(&value, deepest))
}

/// LiteLLM's table of what each deployment has done, in a cache; None in place of one that it would drop again.
pub struct Done<'py> {
    pub table: Option<Bound<'py, PyDict>>,
}

impl<'py> Done<'py> {
    pub fn of(cached: Option<Bound<'py, PyAny>>) -> Native<Self> {
        let table = cached.map(exact::<PyDict>).transpose()?;
        Ok(Self {
            table: table.filter(|table| !table.is_empty()),
        })
    }

    /// For each entry, in order, the candidate it is of and what it says; then one for each that has none yet.
    pub fn entries(&self, candidates: &[Candidate<'py>]) -> Native<Entries<'py>> {
        let places = places(candidates)?;
        let mut seen = vec![false; candidates.len()];
        let mut found = Vec::new();
        for (id, entry) in self.table.iter().flatten() {
            let of = places.get(text(&exact(id)?)?).copied();
            let entry = match of {
                None => None,
                Some(at) => {
                    seen[at] = true;
                    Some((at, exact(entry)?))
                }
            };
            found.push(entry);
        }
        let missing = (0..candidates.len()).filter(|&at| !seen[at]).collect();
        Ok(Entries { found, missing })
    }

    /// Adds what LiteLLM adds for candidates that have no entry.
    pub fn add(
        &self,
        missing: &[usize],
        candidates: &[Candidate<'py>],
        entry: impl Fn() -> PyResult<Bound<'py, PyDict>>,
    ) -> PyResult<()> {
        if let Some(table) = &self.table {
            for &at in missing {
                table.set_item(&candidates[at].id, entry()?)?;
            }
        }
        Ok(())
    }
}

/// Where each id stands; aside if two deployments have the same.
pub fn places<'a>(candidates: &'a [Candidate<'_>]) -> Native<HashMap<&'a str, usize>> {
    let mut places = HashMap::with_capacity(candidates.len());
    for (at, candidate) in candidates.iter().enumerate() {
        only_if(places.insert(text(&candidate.id)?, at).is_none())?;
    }
    Ok(places)
}

/// What a table says of the candidates.
pub struct Entries<'py> {
    /// One for each entry of the table; None where it is of no candidate.
    pub found: Vec<Option<(usize, Bound<'py, PyDict>)>>,
    /// Candidates without an entry; LiteLLM adds one.
    pub missing: Vec<usize>,
}
