//! Whom requests are for and whom connections serve.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyType};

use super::reading::{Names, bytes, get, whole};
use crate::pool::OriginRef;
use crate::py::attributes::attributes;
use crate::py::given::{interned_all, item};
use crate::py::guarded::GuardedClass;

/// httpcore's classes of requests, URLs and origins.
pub struct Origins {
    pool_request: GuardedClass,
    request: Py<PyType>,
    url: GuardedClass,
    origin: GuardedClass,
    names: (Py<PyString>, Py<PyString>, Py<PyString>),
}

/// The parts of an origin, which hold what an `OriginRef` borrows.
pub struct Parts<'py> {
    scheme: Bound<'py, PyBytes>,
    host: Bound<'py, PyBytes>,
    port: Option<i64>,
}

impl Parts<'_> {
    /// The origin of a connection.
    pub fn borrow(&self) -> Option<OriginRef<'_>> {
        Some(OriginRef {
            scheme: self.scheme.as_bytes(),
            host: self.host.as_bytes(),
            port: self.port?,
        })
    }

    /// The origin of a URL.
    pub fn of_url(&self) -> Option<OriginRef<'_>> {
        OriginRef::of_url(self.scheme.as_bytes(), self.host.as_bytes(), self.port)
    }
}

impl Origins {
    pub fn new(given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let guarded = |name: &str, methods: &str| {
            let class = item(given, name)?.cast_into::<PyType>()?;
            GuardedClass::new(&class, &interned_all(&item(given, methods)?)?, None)
        };
        let py = given.py();
        Ok(Self {
            pool_request: guarded("pool_request", "pool_request_methods")?,
            request: item(given, "request")?.cast_into::<PyType>()?.unbind(),
            url: guarded("url", "url_methods")?,
            origin: guarded("origin", "origin_methods")?,
            names: (
                PyString::intern(py, "scheme").unbind(),
                PyString::intern(py, "host").unbind(),
                PyString::intern(py, "port").unbind(),
            ),
        })
    }

    /// Whether requests and origins do what they did.
    pub fn are_untouched(&self, py: Python<'_>) -> Option<()> {
        self.pool_request.is_untouched(py)?;
        self.url.is_untouched(py)?;
        self.origin.is_untouched(py)
    }

    /// Whether a pool's request waits for a connection; None where it is not one of httpcore's.
    #[inline]
    pub fn is_queued(&self, pool_request: &Bound<'_, PyAny>, names: &Names) -> Option<bool> {
        if !self.pool_request.is_class_of(pool_request) {
            return None;
        }
        let dict = self.pool_request.attributes(pool_request)?;
        Some(get(&dict, &names.connection)?.is_none())
    }

    /// The parts of a waiting request's URL.
    pub fn wanted<'py>(
        &self,
        pool_request: &Bound<'py, PyAny>,
        names: &Names,
    ) -> Option<Parts<'py>> {
        let request = get(&attributes(pool_request)?, &names.request)?;
        if !request.get_type().is(&self.request) {
            return None;
        }
        let url = get(&attributes(&request)?, &names.url)?;
        if !self.url.is_class_of(&url) {
            return None;
        }
        self.parts(&attributes(&url)?)
    }

    /// The parts of an `Origin`.
    #[inline]
    pub fn of<'py>(&self, origin: &Bound<'py, PyAny>) -> Option<Parts<'py>> {
        if !self.origin.is_class_of(origin) {
            return None;
        }
        self.parts(&attributes(origin)?)
    }

    #[inline]
    fn parts<'py>(&self, dict: &Bound<'py, PyDict>) -> Option<Parts<'py>> {
        let (scheme, host, port) = &self.names;
        let port = get(dict, port)?;
        Some(Parts {
            scheme: bytes(dict, scheme)?,
            host: bytes(dict, host)?,
            port: if port.is_none() {
                None
            } else {
                Some(whole(&port)?)
            },
        })
    }
}
