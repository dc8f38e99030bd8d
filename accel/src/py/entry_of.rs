//! Looking into a dict of plain keys without running any Python code.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::text::characters;
use crate::tokens::Text;

/// What a dict has under a name.
pub enum Entry<'py> {
    Here(Bound<'py, PyAny>),
    Absent,
    /// There is a key that is not a plain string, and asking it whether it equals the name is Python's.
    Unknown,
}

/// The entry of a name. The dicts in messages are small, so it is searched for and not hashed: a lookup might
/// call the `__eq__` of some other key, which could change the containers that are being walked.
pub fn entry_of<'py>(dict: &Bound<'py, PyDict>, name: &[u8]) -> PyResult<Entry<'py>> {
    for (key, value) in dict.iter() {
        let Ok(key) = key.cast_exact::<PyString>() else {
            return Ok(Entry::Unknown);
        };
        if matches!(characters(key)?, Text::Ucs1(units) if units == name) {
            return Ok(Entry::Here(value));
        }
    }
    Ok(Entry::Absent)
}
