//! Slow and obviously right: httpcore's two loops step by step, each asking every connection anew.

use super::look::{Condition, Look};
use super::sweep::Removed;

/// What serving a queue does to a pool, places counted over all connections ever seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A request gets the connection at a place.
    Reuse(usize, usize),
    /// A request gets a new connection, after the one at a place was taken out.
    Create(usize, Option<usize>),
}

/// Removes from a list, and counts all that is left for each idle connection.
pub fn sweep(conditions: &[Condition], max_keepalive: i64) -> Vec<Removed> {
    let mut listed: Vec<usize> = (0..conditions.len()).collect();
    let mut removed = Vec::new();
    for (index, condition) in conditions.iter().enumerate() {
        let surplus = i64::try_from(listed.len()).unwrap() > max_keepalive;
        let (leaves, closes) = match condition {
            Condition::Closed => (true, false),
            Condition::Expired => (true, true),
            Condition::Idle => (surplus, surplus),
            Condition::Busy => (false, false),
        };
        if leaves {
            listed.retain(|place| *place != index);
            removed.push(Removed { index, closes });
        }
    }
    removed
}

/// Lists what is available and what is idle anew for each request.
pub fn serve(
    pool: &[Option<(Look, u8)>],
    wanted: &[u8],
    max_connections: i64,
    created: &[Option<(Look, u8)>],
) -> (Result<usize, ()>, Vec<Event>) {
    let mut listed: Vec<(usize, Look, u8)> = pool
        .iter()
        .enumerate()
        .filter_map(|(place, each)| each.map(|(look, origin)| (place, look, origin)))
        .collect();
    let mut next_place = pool.len();
    let mut created = created.iter();
    let mut events = Vec::new();
    for (request, origin) in wanted.iter().enumerate() {
        let available: Vec<usize> = listed
            .iter()
            .filter(|(_, look, serves)| look.available && serves == origin)
            .map(|(place, ..)| *place)
            .collect();
        let idle: Vec<usize> = listed
            .iter()
            .filter(|(_, look, _)| look.condition == Condition::Idle)
            .map(|(place, ..)| *place)
            .collect();
        let mut evicted = None;
        if let Some(place) = available.first() {
            events.push(Event::Reuse(request, *place));
            continue;
        } else if i64::try_from(listed.len()).unwrap() >= max_connections {
            let Some(place) = idle.first() else { continue };
            listed.retain(|(listed, ..)| listed != place);
            evicted = Some(*place);
        }
        events.push(Event::Create(request, evicted));
        match created.next() {
            None => return (Err(()), events),
            Some(None) => return (Ok(request + 1), events),
            Some(Some((look, serves))) => listed.push((next_place, *look, *serves)),
        }
        next_place += 1;
    }
    (Ok(wanted.len()), events)
}

/// A small generator (splitmix64), so that tests repeat and need no dependency.
#[cfg(test)]
pub struct Random(pub u64);

#[cfg(test)]
impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Below `end`, which is small.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    pub fn condition(&mut self) -> Condition {
        [
            Condition::Closed,
            Condition::Expired,
            Condition::Idle,
            Condition::Idle,
            Condition::Busy,
        ][self.below(5)]
    }

    /// A limit from below nothing to more than is ever there.
    pub fn limit(&mut self) -> i64 {
        i64::try_from(self.below(10)).unwrap() - 1
    }

    pub fn origin(&mut self) -> u8 {
        u8::try_from(self.below(3)).unwrap()
    }

    pub fn look(&mut self) -> Look {
        let (condition, available) = [
            (Condition::Idle, true),
            (Condition::Idle, false),
            (Condition::Busy, false),
            (Condition::Busy, true),
        ][self.below(4)];
        Look {
            condition,
            available,
        }
    }
}
