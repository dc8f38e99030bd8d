//! `_accel.LimitTable`: the counters of many scopes in a table of our own, in place of LiteLLM's dicts.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::live::{Helpers, whole};
use crate::limiter::{Counters, Field, Operation, Secret, Table};

const FIELDS: [(Field, &str); 3] = [
    (Field::Start, "}:window"),
    (Field::Requests, "}:requests"),
    (Field::Tokens, "}:tokens"),
];

/// Counters by scope, each scope known by a keyed hash of 128 bits alone.
#[pyclass(frozen, module = "pytest_fastllm._accel")]
pub struct LimitTable {
    table: Mutex<Table>,
}

#[pymethods]
impl LimitTable {
    /// For so many scopes at most, whose windows last `window_s` seconds.
    #[new]
    #[pyo3(signature = (max_keys, window_s, /))]
    fn new(max_keys: usize, window_s: i64) -> PyResult<Self> {
        if max_keys == 0 {
            return Err(PyValueError::new_err(
                "max_keys is 0; expected 1 or more: how many keys may have counters at a time",
            ));
        }
        Ok(Self {
            table: Mutex::new(Table::new(max_keys, window_s)),
        })
    }

    /// Whether a key of the cache is one of a counter, which the table holds.
    #[staticmethod]
    fn holds(key: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(scope_and_field(key)?.is_some())
    }

    /// The value of a counter, or None.
    #[pyo3(signature = (key, now_s, /))]
    fn get(&self, key: &Bound<'_, PyAny>, now_s: f64) -> PyResult<Option<i64>> {
        let Some((id, field)) = scope_and_field(key)? else {
            return Ok(None);
        };
        Ok(self.lock().get(id, field, seconds(now_s)))
    }

    /// Store a counter.
    #[pyo3(signature = (key, value, now_s, /))]
    fn set(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>, now_s: f64) -> PyResult<()> {
        if let (Some((id, field)), Some(number)) = (scope_and_field(key)?, whole(value))
            && self.lock().set(id, field, number, seconds(now_s))
        {
            return Ok(());
        }
        Err(unfit(&key.repr()?.to_string(), &value.repr()?.to_string()))
    }

    /// Forget the scope that a counter belongs to; whether it was there.
    #[pyo3(signature = (key, /))]
    fn remove(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Some((id, _)) = scope_and_field(key)? else {
            return Ok(false);
        };
        Ok(self.lock().remove(id))
    }

    /// Forget all scopes.
    fn clear(&self) {
        self.lock().clear();
    }

    /// How many scopes have counters.
    fn __len__(&self) -> usize {
        self.lock().len()
    }

    /// The most that may have.
    #[getter]
    fn max_keys(&self) -> usize {
        self.lock().max_scopes()
    }
}

impl LimitTable {
    /// The interpreter lock is held and no code of Python runs inside: nobody ever waits here.
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The table behind one limiter, during one call.
pub struct Compact<'a, 'py> {
    py: Python<'py>,
    table: Bound<'py, LimitTable>,
    now_s: i64,
    scopes: Vec<u128>,
    helpers: &'a Helpers,
}

impl<'a, 'py> Compact<'a, 'py> {
    /// `prefixes` are what the keys of each scope begin with.
    pub fn new(
        py: Python<'py>,
        table: Bound<'py, LimitTable>,
        now_s: f64,
        prefixes: impl Iterator<Item = PyResult<Bound<'py, PyString>>>,
        helpers: &'a Helpers,
    ) -> PyResult<Self> {
        let scopes = prefixes.map(|prefix| hashed(&prefix?, 0));
        Ok(Self {
            py,
            table,
            now_s: seconds(now_s),
            scopes: scopes.collect::<PyResult<_>>()?,
            helpers,
        })
    }
}

impl Counters for Compact<'_, '_> {
    type Error = PyErr;

    fn read(&mut self, scope: usize, field: Field) -> PyResult<Option<i64>> {
        let table = self.table.get().lock();
        Ok(table.get(self.scopes[scope], field, self.now_s))
    }

    fn write(&mut self, scope: usize, field: Field, value: i64) -> PyResult<()> {
        let mut table = self.table.get().lock();
        if table.set(self.scopes[scope], field, value, self.now_s) {
            return Ok(());
        }
        Err(unfit(&format!("{field:?}"), &value.to_string()))
    }

    fn report(&mut self, operation: Operation, error: PyErr) -> PyResult<()> {
        self.helpers.report(self.py, operation, error)
    }
}

fn unfit(key: &str, value: &str) -> PyErr {
    PyValueError::new_err(format!(
        "the limiter's table cannot hold {value} for {key}; expected a whole number, of requests not negative, \
         and times from 1970 to 2106. Turn max_keys off to keep such values in LiteLLM's own cache"
    ))
}

/// Whole seconds, as LiteLLM's windows count them.
fn seconds(now_s: f64) -> i64 {
    #[allow(clippy::cast_possible_truncation)] // saturates; such times do not fit and are refused
    let seconds = now_s as i64;
    seconds
}

/// What a counter's key names; None for other keys.
fn scope_and_field(key: &Bound<'_, PyAny>) -> PyResult<Option<(u128, Field)>> {
    let Ok(key) = key.cast_exact::<PyString>() else {
        return Ok(None);
    };
    let bytes = Utf8::of(key)?;
    if !bytes.get(key)?.starts_with(b"{") {
        return Ok(None);
    }
    for (field, end) in FIELDS {
        if bytes.get(key)?.ends_with(end.as_bytes()) {
            return Ok(Some((hashed(key, end.len())?, field)));
        }
    }
    Ok(None)
}

/// The keyed hash of a text without so many bytes at its end.
fn hashed(text: &Bound<'_, PyString>, without: usize) -> PyResult<u128> {
    static SECRET: OnceLock<Secret> = OnceLock::new();
    let bytes = Utf8::of(text)?;
    let bytes = bytes.get(text)?;
    let secret = SECRET.get_or_init(Secret::random);
    Ok(secret.hash(&bytes[..bytes.len().saturating_sub(without)]))
}

/// A text's bytes: Python's own where it has them, else encoded with its lone surrogates.
enum Utf8<'py> {
    Own,
    Encoded(Bound<'py, PyBytes>),
}

impl<'py> Utf8<'py> {
    fn of(text: &Bound<'py, PyString>) -> PyResult<Self> {
        if text.to_str().is_ok() {
            return Ok(Self::Own);
        }
        let encoded = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
        Ok(Self::Encoded(encoded.cast_into()?))
    }

    fn get<'a>(&'a self, text: &'a Bound<'py, PyString>) -> PyResult<&'a [u8]> {
        match self {
            Self::Own => Ok(text.to_str()?.as_bytes()),
            Self::Encoded(bytes) => Ok(bytes.as_bytes()),
        }
    }
}
