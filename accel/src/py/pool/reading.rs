//! Reading attributes where they are kept: in the object's own dict, with nothing of Python run.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyString};

use crate::py::names::names;

names! {
    /// The names of httpcore's attributes, interned.
    pub struct Names;

    connections = "_connections",
    requests = "_requests",
    max_connections = "_max_connections",
    max_keepalive = "_max_keepalive_connections",
    inner = "_connection",
    connect_failed = "_connect_failed",
    http1 = "_http1",
    http2 = "_http2",
    state = "_state",
    expire_at = "_expire_at",
    stream = "_network_stream",
    connection_error = "_connection_error",
    used_all_stream_ids = "_used_all_stream_ids",
    h2_state = "_h2_state",
    state_machine = "state_machine",
    machine_state = "state",
    sock = "_sock",
    get_extra_info = "get_extra_info",
    is_readable = "is_readable",
    connection = "connection",
    request = "request",
    url = "url",
    origin = "origin",
    create_connection = "create_connection",
    assign_to_connection = "assign_to_connection",
}

/// An attribute of an object, by the dict that holds it.
pub fn get<'py>(dict: &Bound<'py, PyDict>, name: &Py<PyString>) -> Option<Bound<'py, PyAny>> {
    dict.get_item(name.bind(dict.py())).ok()?
}

pub fn flag(dict: &Bound<'_, PyDict>, name: &Py<PyString>) -> Option<bool> {
    let value = get(dict, name)?;
    Some(value.cast_exact::<PyBool>().ok()?.is_true())
}

pub fn bytes<'py>(dict: &Bound<'py, PyDict>, name: &Py<PyString>) -> Option<Bound<'py, PyBytes>> {
    get(dict, name)?.cast_into_exact().ok()
}

/// A whole number, which may not be a bool.
pub fn whole(value: &Bound<'_, PyAny>) -> Option<i64> {
    value.cast_exact::<PyInt>().ok()?.extract().ok()
}

pub fn seconds(value: &Bound<'_, PyAny>) -> Option<f64> {
    value.cast_exact::<PyFloat>().ok()?.extract().ok()
}
