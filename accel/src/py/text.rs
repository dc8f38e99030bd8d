//! Reading a Python `str` where it lies.

use pyo3::prelude::*;
use pyo3::types::PyString;
use pyo3::types::string::PyStringData;

use crate::tokens::Text;

/// The characters of a `str`, without a UTF-8 copy (which Python would keep on the object for good).
///
/// # Errors
/// A legacy string of Python 3.10 or 3.11 could not be made ready.
#[inline]
pub fn characters<'a>(text: &'a Bound<'_, PyString>) -> PyResult<Text<'a>> {
    // SAFETY: a `str` never changes or moves, and the borrow keeps it alive as long as the slice. The
    // one exception, a string still under construction in C code, never reaches a Python call.
    let data = unsafe { text.data() }?;
    Ok(match data {
        PyStringData::Ucs1(units) => Text::Ucs1(units),
        PyStringData::Ucs2(units) => Text::Ucs2(units),
        PyStringData::Ucs4(units) => Text::Ucs4(units),
    })
}
