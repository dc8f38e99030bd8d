//! `latency-based-routing`: one of the deployments that have answered fastest.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyList, PyString};

use super::chance::Chance;
use super::deployments::Candidate;
use super::names::Names;
use super::native::{Aside, Native, exact, item, number, only_if, set_item, unset};
use super::request::Request;
use super::strategies::{Absent, Done, Entries, count, limit};
use crate::py::given;
use crate::router::latency::nearly_fastest;

/// All that is known before anything is changed.
pub struct Look<'py> {
    key: Py<PyString>,
    done: Done<'py>,
    entries: Entries<'py>,
    minute: Bound<'py, PyString>,
    /// By candidate.
    latencies: Vec<Latency<'py>>,
    buffer: f64,
    stamped: Option<Bound<'py, PyDict>>,
}

struct Latency<'py> {
    seconds: f64,
    fits: bool,
    api_base: Option<Bound<'py, PyString>>,
}

/// What a request brings into the comparison.
pub struct Asked<'a, 'py> {
    pub request: &'a Request<'py>,
    pub input_tokens: f64,
    pub minute: Bound<'py, PyString>,
    pub samples: &'a Samples,
    /// Python's `sum`, whose rounding is not the same in every version.
    pub sum: &'a Bound<'py, PyAny>,
}

/// How a table keeps the latencies of a deployment.
pub struct Samples {
    key: Py<PyString>,
    /// Whether those that are negative or not finite are left out.
    only_real: bool,
}

impl Samples {
    /// From `(key, whether only real ones count)`.
    pub fn new(pair: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (key, only_real): (Bound<'_, PyAny>, bool) = pair.extract()?;
        Ok(Self {
            key: given::interned(&key)?,
            only_real,
        })
    }

    /// Those of an entry that count.
    fn of<'py>(
        &self,
        entry: &Bound<'py, PyDict>,
        key: &Py<PyString>,
    ) -> Native<Option<Bound<'py, PyList>>> {
        let Some(samples) = entry.get_item(key.bind(entry.py()))? else {
            return Ok(None);
        };
        let samples: Bound<'py, PyList> = exact(samples)?;
        if !self.only_real {
            return Ok(Some(samples));
        }
        let real = PyList::empty(entry.py());
        for sample in &samples {
            if is_real(&sample)? {
                real.append(sample)?;
            }
        }
        Ok(Some(real))
    }
}

/// Whether a sample can be an elapsed time.
fn is_real(sample: &Bound<'_, PyAny>) -> Native<bool> {
    if let Ok(seconds) = sample.cast_exact::<PyFloat>() {
        let seconds: f64 = seconds.extract()?;
        return Ok(seconds.is_finite() && seconds >= 0.0);
    }
    Ok(number(sample)? >= 0.0)
}

/// Looks at what the table says of the candidates.
pub fn look<'py>(
    candidates: &[Candidate<'py>],
    cached: Option<Bound<'py, PyAny>>,
    arguments: &Bound<'py, PyDict>,
    asked: Asked<'_, 'py>,
    names: &Names,
) -> Native<Look<'py>> {
    unset(arguments, &names.ttft_percentile)?;
    let buffer = number(&item(arguments, &names.latency_buffer)?)?;
    let done = Done::of(cached)?;
    let entries = done.entries(candidates)?;
    let mut latencies: Vec<Option<Latency<'py>>> = candidates.iter().map(|_| None).collect();
    for (at, entry) in entries.found.iter().flatten() {
        latencies[*at] = Some(of(&candidates[*at], Some(entry), &asked, names)?);
    }
    for &at in &entries.missing {
        latencies[at] = Some(of(&candidates[at], None, &asked, names)?);
    }
    let latencies: Vec<_> = latencies.into_iter().collect::<Option<_>>().ok_or(Aside)?;
    let lowest = latencies
        .iter()
        .filter(|latency| latency.fits)
        .map(|latency| latency.seconds)
        .reduce(f64::min)
        .ok_or(Aside)?;
    only_if(lowest <= lowest + buffer * lowest)?;
    Ok(Look {
        key: asked.samples.key.clone_ref(asked.minute.py()),
        stamped: stamped(asked.request, names)?,
        minute: asked.minute,
        done,
        entries,
        latencies,
        buffer,
    })
}

fn of<'py>(
    candidate: &Candidate<'py>,
    entry: Option<&Bound<'py, PyDict>>,
    asked: &Asked<'_, 'py>,
    names: &Names,
) -> Native<Latency<'py>> {
    let params = &candidate.params;
    let api_base = match params.get_item(names.api_base.bind(params.py()))? {
        None => Some(PyString::new(params.py(), "")),
        Some(base) if base.is_none() => None,
        Some(base) => Some(exact(base)?),
    };
    let (mut seconds, mut tokens, mut requests) = (0.0, 0.0, 0.0);
    if let Some(entry) = entry {
        let first = asked.samples.of(entry, &names.time_to_first_token)?;
        let first = first.filter(|first| asked.request.streams && !first.is_empty());
        let all = match first {
            None => asked.samples.of(entry, &asked.samples.key)?,
            first => first,
        };
        seconds = all.map_or(Ok(0.0), |all| average(&all, asked.sum))?;
        if let Some(minute) = entry.get_item(&asked.minute)? {
            let minute = exact::<PyDict>(minute)?;
            tokens = count(&minute, &names.tpm)?;
            requests = count(&minute, &names.rpm)?;
        }
    }
    let fits = tokens + asked.input_tokens <= limit(candidate, &names.tpm, Absent::Falsy)?
        && requests + 1.0 <= limit(candidate, &names.rpm, Absent::Falsy)?;
    Ok(Latency {
        seconds,
        fits,
        api_base,
    })
}

fn average(samples: &Bound<'_, PyList>, sum: &Bound<'_, PyAny>) -> Native<f64> {
    for sample in samples {
        number(&sample)?;
    }
    if samples.is_empty() {
        return Ok(0.0);
    }
    let sum = match samples.len() {
        1 => number(&samples.get_item(0)?)?,
        _ => number(&sum.call1((samples,))?)?,
    };
    let length = u32::try_from(samples.len()).map_err(|_| Aside)?;
    Ok(sum / f64::from(length))
}

/// The metadata that gets the latencies, for LiteLLM's logs.
fn stamped<'py>(request: &Request<'py>, names: &Names) -> Native<Option<Bound<'py, PyDict>>> {
    let Some(kwargs) = &request.kwargs else {
        return Ok(None);
    };
    for (name, bucket) in [
        (&names.litellm_metadata, &request.litellm_metadata),
        (&names.metadata, &request.metadata),
    ] {
        if kwargs.contains(name.bind(kwargs.py()))? {
            only_if(set_item(kwargs, name)?.is_some())?;
            return Ok(bucket.clone());
        }
    }
    Ok(None)
}

impl<'py> Look<'py> {
    /// Chooses, with all that LiteLLM changes on the way.
    pub fn act(
        self,
        candidates: &[Candidate<'py>],
        chance: &Chance,
        names: &Names,
    ) -> PyResult<usize> {
        let py = self.minute.py();
        self.done.add(&self.entries.missing, candidates, || {
            let entry = PyDict::new(py);
            entry.set_item(self.key.bind(py), PyList::new(py, [0])?)?;
            entry.set_item(&self.minute, super::choice::nothing_used(py, names)?)?;
            Ok(entry)
        })?;
        let of_entry: Vec<Option<usize>> = self
            .entries
            .found
            .iter()
            .map(|entry| entry.as_ref().map(|(at, _)| *at))
            .chain(self.entries.missing.iter().copied().map(Some))
            .collect();
        let told = PyDict::new(py);
        let mut fitting = Vec::with_capacity(candidates.len());
        for entry in chance.mixed(py, of_entry.len())? {
            let Some(at) = of_entry[entry] else {
                continue;
            };
            let latency = &self.latencies[at];
            if let (Some(api_base), Some(_)) = (&latency.api_base, &self.stamped) {
                told.set_item(api_base, latency.seconds)?;
            }
            if latency.fits {
                fitting.push((at, latency.seconds));
            }
        }
        let fastest = nearly_fastest(fitting, self.buffer);
        let chosen = fastest[chance.one_of(py, fastest.len())?];
        if let Some(metadata) = &self.stamped {
            metadata.set_item(names.latencies.bind(py), told)?;
        }
        Ok(chosen)
    }
}
