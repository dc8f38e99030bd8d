//! LiteLLM's `InMemoryCache`, read and written where it keeps things.

use std::cell::RefCell;
use std::slice;

use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt, PyString};

use super::entries::Entries;
use super::locks::WriteLock;
use super::reading::number;
use crate::limiter::{Counters, Field, Operation};

/// More digits than that are left to LiteLLM.
const MOST_DIGITS: usize = 18;

/// The keys of one scope.
pub enum ScopeKeys<'py> {
    /// Window, requests, tokens.
    All([Bound<'py, PyString>; 3]),
    /// Only tokens are counted.
    Tokens(Bound<'py, PyString>),
}

impl<'py> ScopeKeys<'py> {
    fn of(&self, field: Field) -> &Bound<'py, PyString> {
        match self {
            Self::All(keys) => &keys[field as usize],
            Self::Tokens(key) => key,
        }
    }

    fn each(&self) -> &[Bound<'py, PyString>] {
        match self {
            Self::All(keys) => keys,
            Self::Tokens(key) => slice::from_ref(key),
        }
    }
}

/// What the cache asks for the time.
pub enum Clock<'py> {
    /// The system's, read once: a request is over before it matters.
    Steady(f64),
    /// A caller's own, called as often as LiteLLM calls it.
    Own(Bound<'py, PyAny>),
}

impl Clock<'_> {
    pub fn now_s(&self) -> PyResult<f64> {
        match self {
            Self::Steady(now_s) => Ok(*now_s),
            Self::Own(clock) => clock.call0()?.extract(),
        }
    }
}

/// What is not the cache's own.
pub struct Helpers {
    /// `report(operation, error)` says what LiteLLM says.
    pub report: Py<PyAny>,
}

impl Helpers {
    /// LiteLLM logs what fails in the cache and goes on; an interrupt ends the request.
    pub fn report(&self, py: Python<'_>, operation: Operation, error: PyErr) -> PyResult<()> {
        if !error.is_instance_of::<PyException>(py) {
            return Err(error);
        }
        let name = match operation {
            Operation::Read => "async_get_cache",
            Operation::ReadAll => "async_batch_get_cache",
            Operation::Write => "async add_cache",
            Operation::Charge => "async_increment_cache_pipeline",
        };
        self.report.bind(py).call1((name, error.into_value(py)))?;
        Ok(())
    }
}

/// The cache behind one limiter, during one call.
pub struct Live<'a, 'py> {
    pub py: Python<'py>,
    pub entries: Entries<'a, 'py>,
    pub max_size: usize,
    pub clock: Clock<'py>,
    /// Whether the clock is asked also of a value that never expires, as since 1.109.
    pub asks_of_any: bool,
    /// How long a new value stays.
    pub stay_s: f64,
    pub scopes: &'a [ScopeKeys<'py>],
    /// Where the cache has one, as since 1.108.
    pub write_lock: Option<WriteLock<'a, 'py>>,
    pub helpers: &'a Helpers,
    /// The last start that was written, as text.
    pub start: RefCell<Option<(i64, Bound<'py, PyString>)>>,
}

impl Live<'_, '_> {
    /// Whether each value of these scopes is one that a limiter writes. Changes nothing.
    pub fn is_plain(&self) -> PyResult<bool> {
        for scope in self.scopes {
            for key in scope.each() {
                if let Some(value) = self.entries.values.get_item(key)?
                    && whole(&value).is_none()
                {
                    return Ok(false);
                }
                if let Some(deadline) = self.entries.deadlines.get_item(key)?
                    && !deadline.is_exact_instance_of::<PyFloat>()
                {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

impl Counters for Live<'_, '_> {
    type Error = PyErr;

    fn read(&mut self, scope: usize, field: Field) -> PyResult<Option<i64>> {
        let key = self.scopes[scope].of(field);
        let Some(value) = self.entries.values.get_item(key)? else {
            return Ok(None);
        };
        let deadline = self.entries.deadlines.get_item(key)?;
        if deadline.is_some() || self.asks_of_any {
            let now_s = self.clock.now_s()?;
            if let Some(deadline) = deadline
                && now_s > deadline.extract()?
            {
                self.entries.remove(key)?;
                return Ok(None);
            }
        }
        match whole(&value) {
            Some(value) => Ok(Some(value)),
            None => Err(PyRuntimeError::new_err(format!(
                "the rate limiter's value at {key:?} was replaced by {value:?} while it was being counted; \
                 expected a whole number. Leave the cache alone in its own clock"
            ))),
        }
    }

    fn write(&mut self, scope: usize, field: Field, value: i64) -> PyResult<()> {
        if self.max_size == 0 {
            return Ok(());
        }
        let _held = self.write_lock.as_ref().map(WriteLock::hold).transpose()?;
        self.entries.evict(self.max_size, self.clock.now_s()?)?;
        let key = self.scopes[scope].of(field);
        if field == Field::Start {
            self.entries.values.set_item(key, self.start_text(value))?;
        } else {
            self.entries.values.set_item(key, value)?;
        }
        let is_over = match self.entries.deadlines.get_item(key)? {
            Some(deadline) => deadline.extract::<f64>()? < self.clock.now_s()?,
            None => true,
        };
        if is_over {
            self.entries
                .expire(key, self.clock.now_s()? + self.stay_s)?;
        }
        Ok(())
    }

    fn report(&mut self, operation: Operation, error: PyErr) -> PyResult<()> {
        self.helpers.report(self.py, operation, error)
    }
}

impl<'py> Live<'_, 'py> {
    fn start_text(&self, start_s: i64) -> Bound<'py, PyString> {
        let mut kept = self.start.borrow_mut();
        match &*kept {
            Some((kept_s, text)) if *kept_s == start_s => text.clone(),
            _ => {
                let text = PyString::new(self.py, &start_s.to_string());
                *kept = Some((start_s, text.clone()));
                text
            }
        }
    }
}

/// What reading a value and `int` make of it, where that is a whole number as a limiter writes it.
pub fn whole(value: &Bound<'_, PyAny>) -> Option<i64> {
    if value.is_exact_instance_of::<PyInt>() {
        return number(value).ok();
    }
    let text = value.cast_exact::<PyString>().ok()?.to_str().ok()?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_canonical = !digits.is_empty()
        && digits.len() <= MOST_DIGITS
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == text || digits != "0")
        && (!digits.starts_with('0') || digits.len() == 1);
    if is_canonical {
        text.parse().ok()
    } else {
        None
    }
}
