//! `_accel.Encoding`: counts texts by themselves.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::text::characters;
use crate::anthropic;
use crate::tokens::{self, Pattern, Text};

/// Other threads may run while a text of at least this many characters is counted: that takes longer
/// than the switch costs.
pub const RELEASE_FROM: usize = 32_768;

/// An encoding that counts tokens; `cl100k_base`, `o200k_base` or `anthropic`.
#[pyclass(frozen, module = "pytest_fastllm._accel")]
pub struct Encoding {
    name: String,
    counts: Counts,
}

/// Who counts.
enum Counts {
    /// As tiktoken does, slice by slice.
    Tiktoken(tokens::Encoding),
    /// As Hugging Face's `tokenizers` does, the text as a whole.
    Anthropic(anthropic::Tokenizer),
}

#[pymethods]
impl Encoding {
    /// The encoding of a name; its tables are part of the extension.
    #[new]
    #[pyo3(signature = (name, /))]
    fn new(name: &str) -> PyResult<Self> {
        let counts = match name {
            "cl100k_base" => Counts::Tiktoken(tokens::Encoding::new(Pattern::Cl100k)),
            "o200k_base" => Counts::Tiktoken(tokens::Encoding::new(Pattern::O200k)),
            "anthropic" => Counts::Anthropic(anthropic::Tokenizer::new()),
            _ => {
                return Err(PyValueError::new_err(format!(
                    "encoding {name:?}: expected cl100k_base, o200k_base or anthropic"
                )));
            }
        };
        Ok(Self {
            name: name.to_owned(),
            counts,
        })
    }

    /// The name it was loaded by.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// Number of tokens of a text, or the sum over slices of `chunk_size` characters; `anthropic` takes the text
    /// as a whole always.
    #[pyo3(signature = (text, chunk_size = None, /))]
    fn count(&self, text: &Bound<'_, PyString>, chunk_size: Option<usize>) -> PyResult<usize> {
        let chunk_size = chunk_size.unwrap_or(usize::MAX);
        if chunk_size == 0 {
            return Err(PyValueError::new_err(
                "chunk_size is 0; expected at least 1",
            ));
        }
        self.count_text(text.py(), characters(text)?, chunk_size)
            .ok_or_else(|| PyValueError::new_err("surrogates; anthropic expects text without"))
    }
}

impl Encoding {
    /// Number of tokens of a text, with the interpreter released when it is long; None if the reference
    /// refuses the text.
    #[inline]
    pub fn count_text(&self, py: Python<'_>, text: Text<'_>, slice: usize) -> Option<usize> {
        if text.len() < RELEASE_FROM {
            return self.counts.count(text, slice);
        }
        py.detach(|| self.counts.count(text, slice))
    }
}

impl Counts {
    #[inline]
    fn count(&self, text: Text<'_>, slice: usize) -> Option<usize> {
        match self {
            Self::Tiktoken(encoding) => Some(encoding.count(text, slice)),
            Self::Anthropic(tokenizer) => tokenizer.count(text),
        }
    }
}
