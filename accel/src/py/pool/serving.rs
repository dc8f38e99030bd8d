//! The changes that serving a queue makes to the real pool, in httpcore's order.

use pyo3::prelude::*;
use pyo3::types::PyList;

use super::PoolBookkeeper;
use super::connections::Once;
use crate::pool::{Condition, Hands, Look, Origin};

pub struct Serving<'a, 'py> {
    keeper: &'a PoolBookkeeper,
    pool: &'a Bound<'py, PyAny>,
    listed: Bound<'py, PyList>,
    /// By their places, new ones at the end.
    connections: Vec<Bound<'py, PyAny>>,
    queued: &'a [Bound<'py, PyAny>],
    closing: Bound<'py, PyList>,
}

impl<'a, 'py> Serving<'a, 'py> {
    pub fn new(
        keeper: &'a PoolBookkeeper,
        pool: &'a Bound<'py, PyAny>,
        listed: Bound<'py, PyList>,
        connections: Vec<Bound<'py, PyAny>>,
        queued: &'a [Bound<'py, PyAny>],
        closing: Bound<'py, PyList>,
    ) -> Self {
        Self {
            keeper,
            pool,
            listed,
            connections,
            queued,
            closing,
        }
    }

    fn assign(&self, request: usize, connection: &Bound<'py, PyAny>) -> PyResult<()> {
        let assign = &self.keeper.names.assign_to_connection;
        let request = &self.queued[request];
        request.call_method1(assign, (connection,)).map(drop)
    }

    fn take_out(&self, connection: &Bound<'py, PyAny>) -> PyResult<()> {
        match self.listed.iter().position(|each| each.is(connection)) {
            Some(index) => self.listed.del_item(index),
            None => self.listed.call_method1("remove", (connection,)).map(drop),
        }
    }
}

impl Hands<Origin> for Serving<'_, '_> {
    type Error = PyErr;

    fn reuse(&mut self, request: usize, place: usize) -> PyResult<()> {
        self.assign(request, &self.connections[place])
    }

    fn create(
        &mut self,
        request: usize,
        evicted: Option<usize>,
    ) -> PyResult<Option<(Look, Origin)>> {
        let keeper = self.keeper;
        let names = &keeper.names;
        let url = self.queued[request]
            .getattr(&names.request)?
            .getattr(&names.url)?;
        let origin = url.getattr(&names.origin)?;
        if let Some(place) = evicted {
            self.take_out(&self.connections[place])?;
            self.closing.append(&self.connections[place])?;
        }
        let connection = self
            .pool
            .call_method1(&names.create_connection, (origin,))?;
        self.listed.append(&connection)?;
        self.assign(request, &connection)?;
        if request + 1 == self.queued.len() {
            return Ok(None); // nobody is going to ask about it
        }
        let seen = keeper
            .connections
            .glance(&connection, true, names, &keeper.origins, &Once::default())
            // Only one that is being made is certain to be what its maker knows of it.
            .filter(|glance| glance.look.condition == Condition::Busy && glance.stream.is_none())
            .and_then(|glance| {
                let origin = keeper.connections.origin(&glance)?;
                let origin = keeper.origins.of(&origin)?.borrow()?.owned();
                Some((glance.look, origin))
            });
        self.connections.push(connection);
        Ok(seen)
    }
}
