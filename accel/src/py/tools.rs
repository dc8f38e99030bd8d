//! What `tools` and `tool_choice` add to messages.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::entry_of::{Entry, entry_of};
use super::text::characters;
use crate::tokens::Text;

/// LiteLLM's constants.
const DEFINITIONS: i64 = 9;
const LESS_WITH_SYSTEM: i64 = 4;
const CHOICE_NONE: i64 = 1;
const CHOICE_NAMED: i64 = 7;

/// Tokens of the definitions, which LiteLLM's own `format` writes; None where its Python has to count.
pub fn definitions<'py>(
    tools: &Bound<'py, PyAny>,
    with_system: bool,
    format: &Bound<'py, PyAny>,
    count: impl Fn(&Bound<'py, PyString>) -> PyResult<Option<i64>>,
) -> PyResult<Option<i64>> {
    if tools.is_none() {
        return Ok(Some(0));
    }
    let Ok(tools) = tools.cast_exact::<PyList>() else {
        return Ok(None);
    };
    if tools.is_empty() {
        return Ok(Some(0));
    }
    let text = match format.call1((tools,)) {
        Ok(text) => text,
        // What it raises here it raises again, to the caller, when the call steps aside.
        Err(error) if error.is_instance_of::<PyException>(tools.py()) => return Ok(None),
        Err(interrupt) => return Err(interrupt),
    };
    let Ok(text) = text.cast_exact::<PyString>() else {
        return Ok(None);
    };
    let less = if with_system { LESS_WITH_SYSTEM } else { 0 };
    Ok(count(text)?.map(|tokens| tokens + DEFINITIONS - less))
}

/// Tokens of the choice; None where LiteLLM's Python has to count.
pub fn choice<'py>(
    choice: &Bound<'py, PyAny>,
    count: impl Fn(&Bound<'py, PyString>) -> PyResult<Option<i64>>,
) -> PyResult<Option<i64>> {
    if choice.is_none() {
        return Ok(Some(0));
    }
    if let Ok(choice) = choice.cast_exact::<PyString>() {
        let none = matches!(characters(choice)?, Text::Ucs1(b"none"));
        return Ok(Some(if none { CHOICE_NONE } else { 0 }));
    }
    // {"function": {"name": "…"}}
    let Ok(choice) = choice.cast_exact::<PyDict>() else {
        return Ok(None);
    };
    let Entry::Here(function) = entry_of(choice, b"function")? else {
        return Ok(None);
    };
    let Ok(function) = function.cast_exact::<PyDict>() else {
        return Ok(None);
    };
    let Entry::Here(name) = entry_of(function, b"name")? else {
        return Ok(None);
    };
    let Ok(name) = name.cast_exact::<PyString>() else {
        return Ok(None);
    };
    Ok(count(name)?.map(|tokens| tokens + CHOICE_NAMED))
}
