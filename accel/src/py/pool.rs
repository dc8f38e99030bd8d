//! `_accel.PoolBookkeeper`: httpcore's `_assign_requests_to_connections` in one walk over the live lists.
//!
//! Everything is read first, and nothing is changed before all of it is known; where anything is not as
//! it was examined, httpcore's own method runs instead, from the state that it would have found.

mod connections;
mod origins;
mod pass;
mod reading;
mod serving;
mod sockets;

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyType};

use connections::Connections;
use origins::Origins;
use reading::Names;
use sockets::Sockets;

/// The native bookkeeping of every pool in this process; it holds no state of any of them.
#[pyclass(frozen, module = "pytest_fastllm._accel")]
pub struct PoolBookkeeper {
    original: Py<PyAny>,
    serve_rest: Py<PyAny>,
    pools: Vec<Py<PyType>>,
    names: Names,
    connections: Connections,
    origins: Origins,
    sockets: Sockets,
    native_calls: AtomicU64,
}

#[pymethods]
impl PoolBookkeeper {
    /// All arguments describe httpcore; see `pytest_fastllm/components/connection_pool.py`, the only
    /// caller.
    #[new]
    #[pyo3(signature = (*, original, serve_rest, pools, connections, requests, sockets))]
    fn new(
        py: Python<'_>,
        original: Py<PyAny>,
        serve_rest: Py<PyAny>,
        pools: Vec<Py<PyType>>,
        connections: &Bound<'_, PyDict>,
        requests: &Bound<'_, PyDict>,
        sockets: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        super::versions::ask(py)?;
        Ok(Self {
            original,
            serve_rest,
            pools,
            names: Names::new(py),
            connections: Connections::new(connections)?,
            origins: Origins::new(requests)?,
            sockets: Sockets::new(sockets)?,
            native_calls: AtomicU64::new(0),
        })
    }

    /// What `pool._assign_requests_to_connections()` does; the pool's lock is held by the caller.
    ///
    /// Returns the connections to close, in order.
    #[pyo3(signature = (pool, /))]
    fn assign<'py>(&self, pool: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let Some(pass) = self.look(pool) else {
            return self.original.bind(pool.py()).call1((pool,));
        };
        let closing = match pass.act() {
            Ok(None) => return self.original.bind(pool.py()).call1((pool,)),
            Ok(Some(closing)) => Ok(closing.into_any()),
            Err(error) => Err(error),
        };
        // The interpreter lock is held, so this needs no atomic addition.
        let calls = self.native_calls.load(Ordering::Relaxed);
        self.native_calls.store(calls + 1, Ordering::Relaxed);
        closing
    }

    /// Calls that were answered without httpcore's own method.
    #[getter]
    fn native_calls(&self) -> u64 {
        self.native_calls.load(Ordering::Relaxed)
    }
}

impl PoolBookkeeper {
    /// Whether this is one of httpcore's own pools, whose attributes are where they are looked for.
    fn knows(&self, pool: &Bound<'_, PyAny>) -> bool {
        let class = pool.get_type_ptr();
        self.pools
            .iter()
            .any(|known| known.bind(pool.py()).as_type_ptr() == class)
    }

    fn serve_rest<'py>(
        &self,
        pool: &Bound<'py, PyAny>,
        requests: &[Bound<'py, PyAny>],
        closing: &Bound<'py, PyList>,
    ) -> PyResult<()> {
        let rest = PyList::new(pool.py(), requests)?;
        let serve_rest = self.serve_rest.bind(pool.py());
        serve_rest.call1((pool, rest, closing)).map(drop)
    }
}
