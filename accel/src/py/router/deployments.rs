//! What is read of one deployment, and read again only when one of its dicts has changed.

use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyString};

use super::names::Names;
use super::native::{Aside, Native, exact, item, number, only_if, set_item, text, unset};
use crate::py::given;
use crate::py::versions::{self, Version};

/// Models with this prefix choose among others; they are never called themselves.
const STRATEGY_MARKER: &str = "auto_router/";
const PLACES: usize = 2048;

/// What simple-shuffle weighs by.
#[derive(Clone, Copy)]
pub enum Metric {
    Unset,
    Is(f64),
    /// LiteLLM's to judge.
    Odd,
}

/// What a deployment says besides its texts.
#[derive(Clone, Copy)]
pub struct Facts {
    pub order: Option<i64>,
    pub blocked: bool,
    /// Weight, requests and tokens per minute.
    pub metrics: [Metric; 3],
    filters_tags: bool,
}

/// A deployment and those of its parts that are looked at again.
pub struct Candidate<'py> {
    pub deployment: Bound<'py, PyDict>,
    pub params: Bound<'py, PyDict>,
    pub info: Bound<'py, PyDict>,
    pub name: Bound<'py, PyString>,
    pub model: Bound<'py, PyString>,
    pub id: Bound<'py, PyString>,
    pub facts: Facts,
}

/// What was read of deployments, as long as they stay as they were.
pub struct Deployments {
    known: Mutex<Vec<Option<Known>>>,
    unset: Unset,
}

/// Entries of a deployment's information and of its parameters with which LiteLLM keeps requests from it, or
/// changes it.
struct Unset {
    info: Vec<Py<PyString>>,
    params: Vec<Py<PyString>>,
}

/// Objects of a deployment by their addresses: they are alive for as long as the versions are the dicts'.
struct Known {
    deployment: Version,
    info: Version,
    params: Version,
    info_at: NonNull<ffi::PyObject>,
    params_at: NonNull<ffi::PyObject>,
    name_at: NonNull<ffi::PyObject>,
    model_at: NonNull<ffi::PyObject>,
    id_at: NonNull<ffi::PyObject>,
    facts: Facts,
}

// SAFETY: only addresses, which are followed by `Known::still` alone, with the interpreter attached.
unsafe impl Send for Known {}

impl Deployments {
    pub fn new(known: &Bound<'_, PyDict>) -> PyResult<Self> {
        let (info, params): (Bound<'_, PyAny>, Bound<'_, PyAny>) =
            given::item(known, "unset_in_deployments")?.extract()?;
        Ok(Self {
            known: Mutex::new((0..PLACES).map(|_| None).collect()),
            unset: Unset {
                info: given::interned_all(&info)?,
                params: given::interned_all(&params)?,
            },
        })
    }

    /// To read with; while another thread reads, all is read anew.
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            known: self.known.try_lock().ok(),
            unset: &self.unset,
        }
    }
}

pub struct Reader<'a> {
    known: Option<MutexGuard<'a, Vec<Option<Known>>>>,
    unset: &'a Unset,
}

impl Reader<'_> {
    /// A deployment, if it may take part in a choice at all.
    #[inline]
    pub fn read<'py>(
        &mut self,
        deployment: Bound<'py, PyDict>,
        asynchronous: bool,
        names: &Names,
    ) -> Native<Candidate<'py>> {
        let place = deployment.as_ptr().addr() / 64 % PLACES;
        let known = self.known.as_ref().and_then(|known| known[place].as_ref());
        if let Some(candidate) = known.and_then(|known| known.still(&deployment)) {
            only_if(!asynchronous || !candidate.facts.filters_tags)?;
            return Ok(candidate);
        }
        let version = versions::of(&deployment);
        let (candidate, versions) = anew(deployment, self.unset, names)?;
        if let (Some(known), Some(deployment), Some((info, params))) =
            (self.known.as_mut(), version, versions)
        {
            known[place] = Known::new(&candidate, deployment, info, params);
        }
        only_if(!asynchronous || !candidate.facts.filters_tags)?;
        Ok(candidate)
    }

    /// Whether all of a deployment was read and is as it was.
    #[inline]
    pub fn knows(&self, deployment: &Bound<'_, PyDict>) -> bool {
        let place = deployment.as_ptr().addr() / 64 % PLACES;
        let known = self.known.as_ref().and_then(|known| known[place].as_ref());
        known.is_some_and(|known| known.parts(deployment).is_some())
    }
}

impl Known {
    fn new(
        candidate: &Candidate<'_>,
        deployment: Version,
        info: Version,
        params: Version,
    ) -> Option<Self> {
        Some(Self {
            deployment,
            info,
            params,
            info_at: NonNull::new(candidate.info.as_ptr())?,
            params_at: NonNull::new(candidate.params.as_ptr())?,
            name_at: NonNull::new(candidate.name.as_ptr())?,
            model_at: NonNull::new(candidate.model.as_ptr())?,
            id_at: NonNull::new(candidate.id.as_ptr())?,
            facts: candidate.facts,
        })
    }

    /// The information and the parameters of the deployment that this was read of, if all three are as they were.
    #[inline]
    fn parts<'py>(
        &self,
        deployment: &Bound<'py, PyDict>,
    ) -> Option<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
        if versions::of(deployment)? != self.deployment {
            return None;
        }
        let py = deployment.py();
        // SAFETY: no other dict has or had this version, so this is the one that was read, and it still refers to
        // the same dict as its information.
        let info = unsafe { Bound::from_borrowed_ptr(py, self.info_at.as_ptr()) };
        // SAFETY: the same for its parameters.
        let params = unsafe { Bound::from_borrowed_ptr(py, self.params_at.as_ptr()) };
        // SAFETY: it was an exact dict when it was read, and a dict's class cannot be changed.
        let info = unsafe { info.cast_into_unchecked() };
        // SAFETY: likewise.
        let params = unsafe { params.cast_into_unchecked() };
        (versions::of(&info)? == self.info && versions::of(&params)? == self.params)
            .then_some((info, params))
    }

    /// What was read, if the deployment is as it was.
    #[inline]
    fn still<'py>(&self, deployment: &Bound<'py, PyDict>) -> Option<Candidate<'py>> {
        let (info, params) = self.parts(deployment)?;
        let py = deployment.py();
        let string = |at: NonNull<ffi::PyObject>| {
            // SAFETY: the deployment, its information and its parameters are those that were read, each unchanged,
            // so that they still refer to this object.
            let string = unsafe { Bound::from_borrowed_ptr(py, at.as_ptr()) };
            // SAFETY: it was an exact str when it was read, and a str's class cannot be changed.
            unsafe { string.cast_into_unchecked() }
        };
        Some(Candidate {
            deployment: deployment.clone(),
            params,
            info,
            name: string(self.name_at),
            model: string(self.model_at),
            id: string(self.id_at),
            facts: self.facts,
        })
    }
}

type Versions = Option<(Version, Version)>;

/// A deployment as it is now, and the versions of its information and its parameters before they were read.
fn anew<'py>(
    deployment: Bound<'py, PyDict>,
    unset_in: &Unset,
    names: &Names,
) -> Native<(Candidate<'py>, Versions)> {
    let info: Bound<'py, PyDict> = exact(item(&deployment, &names.model_info)?)?;
    let params: Bound<'py, PyDict> = exact(item(&deployment, &names.litellm_params)?)?;
    let versions = versions::of(&info).zip(versions::of(&params));
    unset(&info, &names.team_id)?;
    unset(&info, &names.access_windows)?;
    unset(&info, &names.ptu_shares)?;
    for name in &unset_in.info {
        unset(&info, name)?;
    }
    for name in &unset_in.params {
        unset(&params, name)?;
    }
    let model: Bound<'py, PyString> = exact(item(&params, &names.model)?)?;
    only_if(!text(&model)?.starts_with(STRATEGY_MARKER))?;
    let order = match set_item(&params, &names.order)? {
        None => set_item(&info, &names.order)?,
        found => found,
    };
    let facts = Facts {
        order: order.map(|order| whole(&order)).transpose()?,
        blocked: is_true(&info, &names.blocked)?,
        metrics: [
            metric(&params, &names.weight)?,
            metric(&params, &names.rpm)?,
            metric(&params, &names.tpm)?,
        ],
        filters_tags: set_item(&info, &names.tag_filtering)?.is_some(),
    };
    let candidate = Candidate {
        name: exact(item(&deployment, &names.model_name)?)?,
        id: exact(item(&info, &names.id)?)?,
        model,
        deployment,
        params,
        info,
        facts,
    };
    Ok((candidate, versions))
}

fn metric(params: &Bound<'_, PyDict>, name: &Py<PyString>) -> Native<Metric> {
    let Some(value) = set_item(params, name)? else {
        return Ok(Metric::Unset);
    };
    let metric = match value.cast_exact::<PyBool>() {
        Ok(flag) => Ok(f64::from(u8::from(flag.is_true()))),
        Err(_) => number(&value),
    };
    Ok(match metric {
        Ok(metric) if metric >= 0.0 => Metric::Is(metric),
        _ => Metric::Odd,
    })
}

fn whole(value: &Bound<'_, PyAny>) -> Native<i64> {
    Ok(value.cast_exact::<PyInt>().map_err(|_| Aside)?.extract()?)
}

fn is_true(dict: &Bound<'_, PyDict>, name: &Py<PyString>) -> Native<bool> {
    let value = dict.get_item(name.bind(dict.py()))?;
    Ok(value.is_some_and(|value| value.is(PyBool::new(dict.py(), true))))
}
