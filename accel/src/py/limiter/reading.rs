//! Reading attributes and entries where they are kept, with nothing of Python run.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyListMethods, PyString};

/// Sums of two stay within 64 bits.
const LARGEST: u64 = 1 << 62;

/// Something is not as a plain request has it: LiteLLM's own code has to read it.
pub struct Unusual;

pub type Plain<T> = Result<T, Unusual>;

/// Goes on where this holds.
pub fn expect(is_plain: bool) -> Plain<()> {
    if is_plain { Ok(()) } else { Err(Unusual) }
}

/// An entry of a dict. Keys here are strings: comparing them runs no code of others.
pub fn entry<'py>(dict: &Bound<'py, PyDict>, name: &Py<PyString>) -> Option<Bound<'py, PyAny>> {
    dict.get_item(name.bind(dict.py())).ok()?
}

/// Whether an entry is absent or None.
pub fn is_none(dict: &Bound<'_, PyDict>, name: &Py<PyString>) -> bool {
    entry(dict, name).is_none_or(|value| value.is_none())
}

/// An entry that is there and not None.
pub fn some<'py>(dict: &Bound<'py, PyDict>, name: &Py<PyString>) -> Option<Bound<'py, PyAny>> {
    entry(dict, name).filter(|value| !value.is_none())
}

/// A limit: None, or a whole number that LiteLLM would take as it is.
pub fn limit(dict: &Bound<'_, PyDict>, name: &Py<PyString>) -> Plain<Option<i64>> {
    some(dict, name).as_ref().map(number).transpose()
}

/// A whole number that LiteLLM would take as it is, and that can be added to another.
pub fn number(value: &Bound<'_, PyAny>) -> Plain<i64> {
    let number = value.cast_exact::<PyInt>().map_err(|_| Unusual)?;
    let number = number.extract().map_err(|_| Unusual)?;
    expect(is_small(number))?;
    Ok(number)
}

/// Whether sums with it stay within 64 bits.
pub fn is_small(number: i64) -> bool {
    number.unsigned_abs() < LARGEST
}

/// A string; None as well where it is empty.
pub fn text<'py>(
    dict: &Bound<'py, PyDict>,
    name: &Py<PyString>,
) -> Plain<Option<Bound<'py, PyString>>> {
    let Some(value) = some(dict, name) else {
        return Ok(None);
    };
    let text = value.cast_into_exact::<PyString>().map_err(|_| Unusual)?;
    Ok(Some(text).filter(|text| !is_empty(text)))
}

/// Whether two plain strings are equal.
pub fn is_same(one: &Bound<'_, PyString>, other: &Bound<'_, PyString>) -> bool {
    one.as_any().eq(other).unwrap_or(false)
}

/// A dict; None as well where there is none.
pub fn dict<'py>(
    dict: &Bound<'py, PyDict>,
    name: &Py<PyString>,
) -> Plain<Option<Bound<'py, PyDict>>> {
    let found = some(dict, name).map(Bound::cast_into_exact);
    found.transpose().map_err(|_| Unusual)
}

pub fn is_empty(text: &Bound<'_, PyString>) -> bool {
    text.len().is_ok_and(|length| length == 0)
}

/// A dict with strings as keys.
pub fn mapping<'py>(
    dict: &Bound<'py, PyDict>,
    name: &Py<PyString>,
) -> Plain<Option<Bound<'py, PyDict>>> {
    let found = self::dict(dict, name)?;
    expect(found.as_ref().is_none_or(has_string_keys))?;
    Ok(found)
}

/// Whether every key is a plain string, as LiteLLM demands of a request.
pub fn has_string_keys(dict: &Bound<'_, PyDict>) -> bool {
    dict.iter()
        .all(|(key, _)| key.is_exact_instance_of::<PyString>())
}

pub fn flag(dict: &Bound<'_, PyDict>, name: &Py<PyString>) -> Plain<bool> {
    let value = entry(dict, name).ok_or(Unusual)?;
    Ok(value.cast_exact::<PyBool>().map_err(|_| Unusual)?.is_true())
}

pub fn whole(dict: &Bound<'_, PyDict>, name: &Py<PyString>) -> Plain<i64> {
    limit(dict, name)?.ok_or(Unusual)
}

/// Whether a list is absent, None or empty.
pub fn is_no_list(dict: &Bound<'_, PyDict>, name: &Py<PyString>) -> bool {
    some(dict, name).is_none_or(|value| {
        value
            .cast_exact::<PyList>()
            .is_ok_and(PyListMethods::is_empty)
    })
}
