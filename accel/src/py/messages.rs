//! Chat messages of plain strings.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

use super::encoding::RELEASE_FROM;
use super::plan::Plan;
use super::text::characters;
use crate::tokens::Text;

/// What LiteLLM does with the value of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    /// Counted, and with the tokens of a name added.
    Name,
    /// Counted by LiteLLM's Python, whatever the value.
    Calls,
    /// Counted by LiteLLM's Python if the value is a list.
    List,
    /// Counted if the value is a string.
    Other,
}

#[inline]
fn classify(key: &Bound<'_, PyString>) -> PyResult<Key> {
    Ok(match characters(key)? {
        Text::Ucs1(b"name") => Key::Name,
        Text::Ucs1(b"tool_calls" | b"function_call") => Key::Calls,
        Text::Ucs1(b"content" | b"search_results") => Key::List,
        _ => Key::Other,
    })
}

/// Tokens of a list of messages by `count`, None where LiteLLM's Python has to do it.
///
/// The list and its dicts cannot change during the walk: all containers and strings are of exactly the
/// built-in types, so no Python code runs, and the interpreter is not released. Texts that are long enough
/// to release it are counted afterwards.
#[inline]
pub fn count(
    messages: &Bound<'_, PyAny>,
    plan: &Plan,
    count: impl Fn(&Bound<'_, PyString>) -> PyResult<Option<i64>>,
) -> PyResult<Option<i64>> {
    let Ok(messages) = messages.cast_exact::<PyList>() else {
        return Ok(None);
    };
    let mut total = 0;
    let mut long = Vec::new();
    for message in messages.iter() {
        let Ok(message) = message.cast_exact::<PyDict>() else {
            return Ok(None);
        };
        total += plan.per_message;
        for (key, value) in message.iter() {
            let Ok(key) = key.cast_exact::<PyString>() else {
                return Ok(None);
            };
            if value.is_none() {
                continue;
            }
            let key = classify(key)?;
            if key == Key::Calls {
                return Ok(None);
            }
            if let Ok(value) = value.cast_exact::<PyString>() {
                if characters(value)?.len() < RELEASE_FROM {
                    let Some(tokens) = count(value)? else {
                        return Ok(None);
                    };
                    total += tokens;
                } else {
                    long.push(value.clone());
                }
                if key == Key::Name {
                    total += plan.per_name;
                }
            } else if value.is_exact_instance_of::<PyList>() {
                if key == Key::List {
                    return Ok(None);
                }
            } else if !(value.is_exact_instance_of::<PyDict>()
                || value.is_exact_instance_of::<PyBool>()
                || value.is_exact_instance_of::<PyInt>()
                || value.is_exact_instance_of::<PyFloat>())
            {
                // A type that might call itself a string.
                return Ok(None);
            }
        }
    }
    for text in &long {
        let Some(tokens) = count(text)? else {
            return Ok(None);
        };
        total += tokens;
    }
    Ok(Some(total))
}
