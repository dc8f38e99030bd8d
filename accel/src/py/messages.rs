//! Chat messages of plain strings, and the lists of plain parts in them.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

use super::encoding::RELEASE_FROM;
use super::entry_of::{Entry, entry_of};
use super::plan::Plan;
use super::text::characters;
use crate::tokens::Text;

/// What LiteLLM does with the value of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    /// Counted.
    Role,
    /// Counted, and with the tokens of a name added.
    Name,
    /// A list of calls, of which the arguments are counted.
    ToolCalls,
    /// A call, of which the arguments are counted.
    FunctionCall,
    /// Counted if the value is a string or a list of parts.
    Content,
    /// Counted by LiteLLM's Python if the value is a list.
    SearchResults,
    /// Counted by LiteLLM's Python if the value is a dict with summaries, which 1.109 counts.
    ProviderFields,
    /// Counted if the value is a string.
    Other,
}

#[inline]
fn classify(key: &Bound<'_, PyString>) -> PyResult<Key> {
    Ok(match characters(key)? {
        Text::Ucs1(b"role") => Key::Role,
        Text::Ucs1(b"name") => Key::Name,
        Text::Ucs1(b"tool_calls") => Key::ToolCalls,
        Text::Ucs1(b"function_call") => Key::FunctionCall,
        Text::Ucs1(b"content") => Key::Content,
        Text::Ucs1(b"search_results") => Key::SearchResults,
        Text::Ucs1(b"provider_specific_fields") => Key::ProviderFields,
        _ => Key::Other,
    })
}

/// What messages came to.
pub struct Counted {
    pub tokens: i64,
    /// Whether one of them has the role `system`.
    pub with_system: bool,
}

/// The sum so far, with what is still to be counted.
struct Sum<'py, Count> {
    count: Count,
    tokens: i64,
    /// Texts that are long enough to let other threads run.
    long: Vec<Bound<'py, PyString>>,
}

/// Tokens of a list of messages by `count`, None where LiteLLM's Python has to do it.
///
/// The list and its dicts cannot change during the walk: all containers and strings are of exactly the
/// built-in types, so no Python code runs, and the interpreter is not released. Texts that are long enough
/// to release it are counted afterwards.
#[inline]
pub fn count<'py>(
    messages: &Bound<'py, PyAny>,
    plan: &Plan,
    count: impl Fn(&Bound<'py, PyString>) -> PyResult<Option<i64>>,
) -> PyResult<Option<Counted>> {
    let Ok(messages) = messages.cast_exact::<PyList>() else {
        return Ok(None);
    };
    let mut with_system = false;
    let mut with_parts = false;
    let mut sum = Sum {
        count,
        tokens: 0,
        long: Vec::new(),
    };
    for message in messages.iter() {
        let Ok(message) = message.cast_exact::<PyDict>() else {
            return Ok(None);
        };
        sum.tokens += plan.per_message;
        for (key, value) in message.iter() {
            let Ok(key) = key.cast_exact::<PyString>() else {
                return Ok(None);
            };
            if value.is_none() {
                continue;
            }
            let key = classify(key)?;
            let natively = match key {
                Key::ToolCalls => sum.tool_calls(&value)?,
                Key::FunctionCall => sum.function_call(&value)?,
                _ => {
                    if let Ok(value) = value.cast_exact::<PyString>() {
                        match key {
                            Key::Name => sum.tokens += plan.per_name,
                            Key::Role => with_system |= is(value, b"system")?,
                            _ => {}
                        }
                        sum.text(value)?
                    } else if let Ok(value) = value.cast_exact::<PyList>() {
                        match key {
                            Key::Content => {
                                with_parts = true;
                                sum.parts(value)?
                            }
                            Key::SearchResults => false,
                            _ => true,
                        }
                    } else if let Ok(value) = value.cast_exact::<PyDict>() {
                        key != Key::ProviderFields
                            || matches!(entry_of(value, b"compaction_blocks")?, Entry::Absent)
                    } else {
                        // Any other type might call itself a string.
                        value.is_exact_instance_of::<PyBool>()
                            || value.is_exact_instance_of::<PyInt>()
                            || value.is_exact_instance_of::<PyFloat>()
                    }
                }
            };
            if !natively {
                return Ok(None);
            }
        }
    }
    if with_parts && !plan.holds_for_parts(messages.py())? {
        return Ok(None);
    }
    for text in &sum.long {
        let Some(tokens) = (sum.count)(text)? else {
            return Ok(None);
        };
        sum.tokens += tokens;
    }
    Ok(Some(Counted {
        tokens: sum.tokens,
        with_system,
    }))
}

#[inline]
fn is(text: &Bound<'_, PyString>, wanted: &[u8]) -> PyResult<bool> {
    Ok(matches!(characters(text)?, Text::Ucs1(units) if units == wanted))
}

/// Each adds to the sum and says whether it could: false where LiteLLM's Python has to count.
impl<'py, Count: Fn(&Bound<'py, PyString>) -> PyResult<Option<i64>>> Sum<'py, Count> {
    #[inline]
    fn text(&mut self, text: &Bound<'py, PyString>) -> PyResult<bool> {
        if characters(text)?.len() >= RELEASE_FROM {
            self.long.push(text.clone());
            return Ok(true);
        }
        let tokens = (self.count)(text)?;
        self.tokens += tokens.unwrap_or(0);
        Ok(tokens.is_some())
    }

    /// The string under a name in a dict, nothing where the name is absent.
    fn entry(&mut self, dict: &Bound<'py, PyDict>, name: &[u8]) -> PyResult<bool> {
        match entry_of(dict, name)? {
            Entry::Absent => Ok(true),
            Entry::Unknown => Ok(false),
            Entry::Here(value) => match value.cast_exact::<PyString>() {
                Ok(text) => self.text(text),
                Err(_) => Ok(false),
            },
        }
    }

    /// `[{"function": {"arguments": "…"}}, …]`
    fn tool_calls(&mut self, calls: &Bound<'py, PyAny>) -> PyResult<bool> {
        let Ok(calls) = calls.cast_exact::<PyList>() else {
            return Ok(false);
        };
        for call in calls.iter() {
            let Ok(call) = call.cast_exact::<PyDict>() else {
                return Ok(false);
            };
            match entry_of(call, b"function")? {
                Entry::Here(call) if self.function_call(&call)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// `{"arguments": "…"}`
    fn function_call(&mut self, call: &Bound<'py, PyAny>) -> PyResult<bool> {
        match call.cast_exact::<PyDict>() {
            Ok(call) => self.entry(call, b"arguments"),
            Err(_) => Ok(false),
        }
    }

    /// `["…", {"type": "text", "text": "…"}, …]`
    fn parts(&mut self, parts: &Bound<'py, PyList>) -> PyResult<bool> {
        for part in parts.iter() {
            let plain = if let Ok(text) = part.cast_exact::<PyString>() {
                self.text(text)?
            } else if let Ok(part) = part.cast_exact::<PyDict>() {
                is_text_part(part)? && self.entry(part, b"text")?
            } else {
                false
            };
            if !plain {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn is_text_part(part: &Bound<'_, PyDict>) -> PyResult<bool> {
    match entry_of(part, b"type")? {
        Entry::Here(kind) => match kind.cast_exact::<PyString>() {
            Ok(kind) => is(kind, b"text"),
            Err(_) => Ok(false),
        },
        Entry::Absent | Entry::Unknown => Ok(false),
    }
}
