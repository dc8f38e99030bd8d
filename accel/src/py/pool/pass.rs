//! One pass: everything that is known before anything is changed, and the changes.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::PoolBookkeeper;
use super::connections::{Glance, Once};
use super::reading::{get, whole};
use super::serving::Serving;
use super::sockets::{Answer, Question};
use crate::pool::{Condition, Look, Origin, Removed, Roster, serve, sweep};
use crate::py::attributes::attributes;

/// What one pass is going to do.
pub struct Pass<'a, 'py> {
    keeper: &'a PoolBookkeeper,
    pool: &'a Bound<'py, PyAny>,
    /// The pool's own list.
    listed: Bound<'py, PyList>,
    connections: Vec<Bound<'py, PyAny>>,
    /// Whether a stream that is not httpcore's was asked.
    asked_elsewhere: bool,
    removed: Vec<Removed>,
    /// Raised by a stream once these were removed.
    error: Option<PyErr>,
    queued: Vec<Bound<'py, PyAny>>,
    wanted: Vec<Origin>,
    roster: Roster,
    available: Vec<(Origin, usize)>,
}

impl PoolBookkeeper {
    /// Looks at a pool without changing it; None where anything is not as it was examined.
    pub fn look<'a, 'py>(&'a self, pool: &'a Bound<'py, PyAny>) -> Option<Pass<'a, 'py>> {
        let py = pool.py();
        if !self.knows(pool) || !self.connections.hold(py) {
            return None;
        }
        let names = &self.names;
        let dict = attributes(pool)?;
        let listed: Bound<'py, PyList> = get(&dict, &names.connections)?.cast_into_exact().ok()?;
        let max_keepalive = whole(&get(&dict, &names.max_keepalive)?)?;
        let max_connections = whole(&get(&dict, &names.max_connections)?)?;
        let queued = self.queued(&dict)?;

        let once = Once::default();
        let connections: Vec<_> = listed.iter().collect();
        let mut glances = Vec::with_capacity(connections.len());
        let mut questions = Vec::with_capacity(connections.len());
        for (place, connection) in connections.iter().enumerate() {
            let serving = !queued.is_empty();
            let mut glance =
                self.connections
                    .glance(connection, serving, names, &self.origins, &once)?;
            if let Some(stream) = glance.stream.take() {
                questions.push(Question {
                    place,
                    stream,
                    decides: glance.look.condition == Condition::Idle,
                });
            }
            glances.push(glance);
        }
        let Answer {
            readable,
            asked_elsewhere,
            error,
        } = self.sockets.ask(py, &questions, names)?;
        for place in readable {
            glances[place].look.condition = Condition::Expired;
        }
        let (walked, error) = match error {
            Some((place, error)) => (place, Some(error)),
            None => (glances.len(), None),
        };
        let conditions = glances[..walked].iter().map(|glance| glance.look.condition);
        let removed = sweep(conditions, listed.len(), max_keepalive);

        let mut pass = Pass {
            keeper: self,
            pool,
            listed,
            connections,
            asked_elsewhere,
            removed,
            error,
            queued,
            wanted: Vec::new(),
            roster: Roster::new(Vec::new(), max_connections),
            available: Vec::new(),
        };
        if pass.error.is_none() && !pass.queued.is_empty() {
            pass.match_up(&glances, max_connections)?;
        }
        Some(pass)
    }

    /// The requests that wait.
    fn queued<'py>(&self, pool: &Bound<'py, PyDict>) -> Option<Vec<Bound<'py, PyAny>>> {
        let names = &self.names;
        let requests: Bound<'py, PyList> = get(pool, &names.requests)?.cast_into_exact().ok()?;
        if requests.is_empty() {
            return Some(Vec::new());
        }
        self.origins.are_untouched(pool.py())?;
        let mut queued = Vec::new();
        for request in requests {
            if self.origins.is_queued(&request, names)? {
                queued.push(request);
            }
        }
        Some(queued)
    }
}

impl<'py> Pass<'_, 'py> {
    /// Reads what the queue needs: whom requests are for, and whom available connections serve.
    fn match_up(&mut self, glances: &[Glance<'py>], max_connections: i64) -> Option<()> {
        let keeper = self.keeper;
        for request in &self.queued {
            let parts = keeper.origins.wanted(request, &keeper.names)?;
            self.wanted.push(parts.of_url()?.owned());
        }
        let mut looks: Vec<Option<Look>> = glances.iter().map(|glance| Some(glance.look)).collect();
        for removed in &self.removed {
            looks[removed.index] = None;
        }
        self.roster = Roster::new(looks, max_connections);
        for place in self.roster.available() {
            let origin = keeper.connections.origin(&glances[place])?;
            let parts = keeper.origins.of(&origin)?;
            let origin = parts.borrow()?;
            // Most often one request waits: the first that fits it is all that matters.
            if let [wanted] = &self.wanted[..] {
                if wanted.is(origin) {
                    self.available = vec![(origin.owned(), place)];
                    break;
                }
            } else {
                self.available.push((origin.owned(), place));
            }
        }
        Some(())
    }

    /// Whether the pool's list is still the one that was looked at.
    fn is_as_seen(&self) -> bool {
        let is_in_place = |place: usize| {
            let found = self.listed.get_item(place);
            found.is_ok_and(|found| found.is(&self.connections[place]))
        };
        if self.asked_elsewhere {
            // The stream may have run anything.
            let names = &self.keeper.names;
            let listed = attributes(self.pool).and_then(|dict| get(&dict, &names.connections));
            let all = self.connections.len();
            return listed.is_some_and(|listed| listed.is(&self.listed))
                && self.listed.len() == all
                && (0..all).all(is_in_place);
        }
        // A finaliser may have, too; these are the places that are going to be emptied.
        self.removed.iter().all(|gone| is_in_place(gone.index))
    }

    /// Does it. Returns the connections to close, or None if the pool was changed since the look.
    pub fn act(self) -> PyResult<Option<Bound<'py, PyList>>> {
        let closing = PyList::empty(self.pool.py());
        if !self.is_as_seen() {
            return Ok(None);
        }
        for Removed { index, closes } in &self.removed {
            if *closes {
                closing.append(&self.connections[*index])?;
            }
        }
        for Removed { index, .. } in self.removed.iter().rev() {
            self.listed.del_item(*index)?;
        }
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.queued.is_empty() {
            return Ok(Some(closing));
        }
        let mut hands = Serving::new(
            self.keeper,
            self.pool,
            self.listed,
            self.connections,
            &self.queued,
            closing.clone(),
        );
        let served = serve(self.roster, &self.wanted, self.available, &mut hands)?;
        if served < self.queued.len() {
            self.keeper
                .serve_rest(self.pool, &self.queued[served..], &closing)?;
        }
        Ok(Some(closing))
    }
}
