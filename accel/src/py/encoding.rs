//! `_accel.Encoding`: counts texts by themselves.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::text::characters;
use crate::tokens::{self, Pattern, Text};

/// Other threads may run while a text of at least this many characters is counted: that takes longer
/// than the switch costs.
pub const RELEASE_FROM: usize = 32_768;

/// An encoding that counts tokens; `cl100k_base` or `o200k_base`.
#[pyclass(frozen, module = "pytest_fastllm._accel")]
pub struct Encoding {
    name: String,
    inner: tokens::Encoding,
}

#[pymethods]
impl Encoding {
    /// The encoding of a name; its tables are part of the extension.
    #[new]
    #[pyo3(signature = (name, /))]
    fn new(name: &str) -> PyResult<Self> {
        let pattern = match name {
            "cl100k_base" => Pattern::Cl100k,
            "o200k_base" => Pattern::O200k,
            _ => {
                return Err(PyValueError::new_err(format!(
                    "encoding {name:?}: expected cl100k_base or o200k_base"
                )));
            }
        };
        Ok(Self {
            name: name.to_owned(),
            inner: tokens::Encoding::new(pattern),
        })
    }

    /// The name it was loaded by.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// Number of tokens: the sum over slices of `chunk_size` characters.
    #[pyo3(signature = (text, chunk_size, /))]
    fn count(&self, text: &Bound<'_, PyString>, chunk_size: usize) -> PyResult<usize> {
        if chunk_size == 0 {
            return Err(PyValueError::new_err(
                "chunk_size is 0; expected at least 1",
            ));
        }
        Ok(self.count_text(text.py(), characters(text)?, chunk_size))
    }
}

impl Encoding {
    /// Number of tokens of a text, with the interpreter released when it is long.
    #[inline]
    pub fn count_text(&self, py: Python<'_>, text: Text<'_>, slice: usize) -> usize {
        if text.len() < RELEASE_FROM {
            return self.inner.count(text, slice);
        }
        py.detach(|| self.inner.count(text, slice))
    }
}
