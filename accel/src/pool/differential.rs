//! The bookkeeping beside its oracle, for the tests and the fuzz target.

use super::look::{Condition, Look};
use super::oracle::{self, Event};
use super::queue::{Hands, Roster, serve};
use super::sweep::sweep;

/// What is seen of a connection, and whom it serves.
type Seen = (Look, u8);

/// Sweeps one pool both ways.
///
/// # Panics
/// They differ.
pub fn check_sweep(conditions: &[Condition], max_keepalive: i64) {
    assert_eq!(
        sweep(conditions.iter().copied(), conditions.len(), max_keepalive),
        oracle::sweep(conditions, max_keepalive),
        "{conditions:?} {max_keepalive}"
    );
}

/// Serves one queue both ways: the same steps, errors and end.
///
/// `pool` are the connections, None for one that has left; `created` are those that will be made, None for
/// one of which nothing is known. Making more than these is an error.
///
/// # Panics
/// They differ.
pub fn check_serve(
    pool: &[Option<Seen>],
    wanted: &[u8],
    max_connections: i64,
    created: &[Option<Seen>],
) {
    let looks = pool.iter().map(|each| each.map(|(look, _)| look)).collect();
    let roster = Roster::new(looks, max_connections);
    let origins: Vec<_> = roster
        .available()
        .filter_map(|place| Some((pool[place]?.1, place)))
        .collect();
    let mut log = Log {
        events: Vec::new(),
        created: created.iter(),
    };
    let ended = serve(roster, wanted, origins, &mut log);
    assert_eq!(
        (ended, log.events),
        oracle::serve(pool, wanted, max_connections, created),
        "{pool:?} {wanted:?} {max_connections} {created:?}"
    );
}

/// Writes down what it is told to do.
struct Log<'a> {
    events: Vec<Event>,
    created: std::slice::Iter<'a, Option<Seen>>,
}

impl Hands<u8> for Log<'_> {
    type Error = ();

    fn reuse(&mut self, request: usize, place: usize) -> Result<(), ()> {
        self.events.push(Event::Reuse(request, place));
        Ok(())
    }

    fn create(&mut self, request: usize, evicted: Option<usize>) -> Result<Option<Seen>, ()> {
        self.events.push(Event::Create(request, evicted));
        self.created.next().copied().ok_or(())
    }
}
