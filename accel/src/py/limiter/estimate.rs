//! How many tokens a chat request is expected to need: LiteLLM's estimate, for requests of plain parts.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::names::Names;
use super::reading::{Plain, Unusual, expect, is_none, is_same, limit, some};

/// The output that is expected where a request does not say; a fraction of it is LiteLLM's floor.
const EXPECTED_OUTPUT_TOKENS: i64 = 4096;
const CHARS_PER_TOKEN: usize = 4;
/// What is asked for beyond these is left to LiteLLM; their product stays within 64 bits.
const MOST_TOKENS: i64 = 1 << 40;
const MOST_CANDIDATES: i64 = 1 << 20;

/// What a request is expected to need.
pub struct Estimate {
    /// Input and output together, at least 1.
    pub tokens: i64,
    /// The `max_tokens` that LiteLLM writes into a request without one if a limit is small.
    pub cap: Option<i64>,
}

/// How LiteLLM estimates.
pub struct Estimating {
    /// Of a limit, and of the output that is expected: what is reserved for an output of unknown length.
    pub output_fraction: f64,
    /// Whether pictures, sounds and files count, as since 1.109.
    pub counts_media: bool,
}

impl Estimating {
    /// From a chat request's data and the smallest limit of tokens; every part of which has to be plain.
    pub fn read(
        &self,
        data: &Bound<'_, PyDict>,
        smallest_limit: i64,
        names: &Names,
    ) -> Plain<Estimate> {
        let chars = self.chars(data, names)?;
        let asked = [&names.max_tokens, &names.max_completion_tokens];
        let mut explicit = None;
        for name in asked {
            explicit = explicit.max(optional(data, name, MOST_TOKENS)?);
        }
        let mut candidates = 1;
        for name in [&names.n, &names.best_of] {
            candidates = candidates.max(optional(data, name, MOST_CANDIDATES)?.unwrap_or(1));
        }
        let input = if chars == 0 {
            0
        } else {
            i64::try_from((chars / CHARS_PER_TOKEN).max(1)).map_err(|_| Unusual)?
        };
        let base_floor = self.fraction_of(EXPECTED_OUTPUT_TOKENS);
        let floor = self.fraction_of(smallest_limit).max(1).min(base_floor);
        let cap = (floor < base_floor && explicit.is_none()).then_some(floor);
        let output = match explicit.or(cap) {
            Some(tokens) => tokens,
            None if chars == 0 => 0,
            None => input.max(floor),
        };
        Ok(Estimate {
            tokens: (input + output * candidates).max(1),
            cap,
        })
    }

    /// `int(tokens * fraction)`. Of what is below 2^53 a quarter is exact, and what is above is never the smallest.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
    fn fraction_of(&self, tokens: i64) -> i64 {
        (tokens as f64 * self.output_fraction) as i64
    }

    /// The characters of all messages.
    fn chars(&self, data: &Bound<'_, PyDict>, names: &Names) -> Plain<usize> {
        let Some(messages) = some(data, &names.messages) else {
            return Ok(0);
        };
        let mut chars = 0;
        for message in messages.cast_exact::<PyList>().map_err(|_| Unusual)? {
            let message = message.cast_into_exact::<PyDict>().map_err(|_| Unusual)?;
            expect(is_none(&message, &names.search_results))?;
            expect(!self.counts_media || is_none(&message, &names.kind))?;
            let Some(content) = some(&message, &names.content) else {
                continue;
            };
            if let Ok(text) = content.cast_exact::<PyString>() {
                chars += length(text)?;
                continue;
            }
            for part in content.cast_exact::<PyList>().map_err(|_| Unusual)? {
                let part = part.cast_into_exact::<PyDict>().map_err(|_| Unusual)?;
                expect(!self.counts_media || is_text(&part, names))?;
                if let Some(text) = some(&part, &names.text) {
                    chars += length(text.cast_exact::<PyString>().map_err(|_| Unusual)?)?;
                }
            }
        }
        Ok(chars)
    }
}

/// Whether a part of a message is of the kind that is text, or of none.
fn is_text(part: &Bound<'_, PyDict>, names: &Names) -> bool {
    some(part, &names.kind).is_none_or(|kind| {
        kind.cast_exact::<PyString>()
            .is_ok_and(|kind| is_same(kind, names.text.bind(kind.py())))
    })
}

/// A whole number of moderate size, or nothing.
fn optional(data: &Bound<'_, PyDict>, name: &Py<PyString>, most: i64) -> Plain<Option<i64>> {
    let number = limit(data, name)?;
    expect(number.is_none_or(|number| number.abs() <= most))?;
    Ok(number)
}

fn length(text: &Bound<'_, PyString>) -> Plain<usize> {
    text.len().map_err(|_| Unusual)
}
