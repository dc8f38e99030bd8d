//! Stepping aside: the one way out of every look at LiteLLM's objects.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use pyo3::{PyTypeCheck, PyTypeInfo};

/// Something is not as it was examined, so that LiteLLM's own method has to answer. Nothing has been changed.
pub struct Aside;

/// A result that is known to be LiteLLM's.
pub type Native<T> = Result<T, Aside>;

impl From<PyErr> for Aside {
    /// What fails here fails there too, and there it is raised from the right place.
    fn from(_: PyErr) -> Self {
        Self
    }
}

/// Goes on where this holds.
#[inline]
pub fn only_if(holds: bool) -> Native<()> {
    if holds { Ok(()) } else { Err(Aside) }
}

/// The value as one of this very type; a subclass may answer differently.
#[inline]
pub fn exact<T: PyTypeInfo + PyTypeCheck>(value: Bound<'_, PyAny>) -> Native<Bound<'_, T>> {
    value.cast_into_exact().map_err(|_| Aside)
}

/// An entry that has to be there.
#[inline]
pub fn item<'py>(dict: &Bound<'py, PyDict>, name: &Py<PyString>) -> Native<Bound<'py, PyAny>> {
    dict.get_item(name.bind(dict.py()))?.ok_or(Aside)
}

/// An entry, None where it is missing or None.
#[inline]
pub fn set_item<'py>(
    dict: &Bound<'py, PyDict>,
    name: &Py<PyString>,
) -> Native<Option<Bound<'py, PyAny>>> {
    let found = dict.get_item(name.bind(dict.py()))?;
    Ok(found.filter(|value| !value.is_none()))
}

/// Goes on where an entry is missing or None.
#[inline]
pub fn unset(dict: &Bound<'_, PyDict>, name: &Py<PyString>) -> Native<()> {
    only_if(set_item(dict, name)?.is_none())
}

/// Goes on where an entry is missing, None, False or an empty container.
pub fn empty(dict: &Bound<'_, PyDict>, name: &Py<PyString>) -> Native<()> {
    let Some(value) = set_item(dict, name)? else {
        return Ok(());
    };
    let plain = value.is_exact_instance_of::<PyDict>()
        || value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyTuple>()
        || value.is_exact_instance_of::<PyBool>();
    only_if(plain && !value.is_truthy()?)
}

/// A number that a float holds exactly, as all sums and comparisons of such are.
pub fn number(value: &Bound<'_, PyAny>) -> Native<f64> {
    const EXACT: i64 = 1 << 52;
    if let Ok(float) = value.cast_exact::<PyFloat>() {
        let float: f64 = float.extract()?;
        only_if(float.is_finite())?;
        return Ok(float);
    }
    let whole: i64 = value.cast_exact::<PyInt>().map_err(|_| Aside)?.extract()?;
    only_if(whole.abs() <= EXACT)?;
    #[expect(clippy::cast_precision_loss, reason = "small enough to be exact")]
    Ok(whole as f64)
}

/// The characters of a str without lone surrogates.
#[inline]
pub fn text<'a>(value: &'a Bound<'_, PyString>) -> Native<&'a str> {
    Ok(value.to_str()?)
}

/// Whether two str are equal.
#[inline]
pub fn same(one: &Bound<'_, PyString>, other: &Bound<'_, PyString>) -> Native<bool> {
    Ok(one.is(other) || text(one)? == text(other)?)
}

/// Goes on where every key is a str that pydantic takes for one.
pub fn str_keys(dict: &Bound<'_, PyDict>) -> Native<()> {
    dict.iter()
        .try_for_each(|(key, _)| text(key.cast_exact::<PyString>().map_err(|_| Aside)?).map(drop))
}
