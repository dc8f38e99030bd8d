//! Which connection each waiting request gets.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::look::{Condition, Look};

/// The connections of a pool while its queue is served, each known by the place it was first seen at.
#[derive(Debug)]
pub struct Roster {
    /// None has left the pool.
    looks: Vec<Option<Look>>,
    listed: i64,
    max_connections: i64,
    /// No place before this one is idle: connections only ever leave.
    idle_from: usize,
}

impl Roster {
    /// `looks` in the pool's order; None for a connection that has left already.
    #[must_use]
    pub fn new(looks: Vec<Option<Look>>, max_connections: i64) -> Self {
        let listed = looks.iter().flatten().count();
        Self {
            looks,
            listed: i64::try_from(listed).unwrap_or(i64::MAX),
            max_connections,
            idle_from: 0,
        }
    }

    /// Places of the connections that take another request, in order.
    pub fn available(&self) -> impl Iterator<Item = usize> {
        (0..self.looks.len()).filter(|place| self.is_available(*place))
    }

    fn is_available(&self, place: usize) -> bool {
        matches!(self.looks[place], Some(look) if look.available)
    }

    fn add(&mut self, look: Look) -> usize {
        // A late idle one is found again by going back to it.
        if look.condition == Condition::Idle {
            self.idle_from = self.idle_from.min(self.looks.len());
        }
        self.looks.push(Some(look));
        self.listed += 1;
        self.looks.len() - 1
    }

    /// Takes the first idle connection out.
    fn evict(&mut self) -> Option<usize> {
        let idle =
            |look: &Option<Look>| matches!(look, Some(look) if look.condition == Condition::Idle);
        let later = &self.looks[self.idle_from..];
        let Some(steps) = later.iter().position(idle) else {
            self.idle_from = self.looks.len();
            return None;
        };
        let place = self.idle_from + steps;
        self.idle_from = place;
        self.looks[place] = None;
        self.listed -= 1;
        Some(place)
    }
}

/// What is done to the real pool, in this order; an error ends the serving where it stands.
pub trait Hands<K> {
    /// What may go wrong.
    type Error;

    /// Gives a request the connection at a place.
    ///
    /// # Errors
    /// Whatever goes wrong.
    fn reuse(&mut self, request: usize, place: usize) -> Result<(), Self::Error>;

    /// Makes a connection for a request and adds it to the end, once the one at `evicted` is taken out.
    /// Returns what is seen of it and whom it serves; None where that cannot be known.
    ///
    /// # Errors
    /// Whatever goes wrong.
    fn create(
        &mut self,
        request: usize,
        evicted: Option<usize>,
    ) -> Result<Option<(Look, K)>, Self::Error>;
}

/// Serves the waiting requests in order, in time linear in connections and requests.
///
/// `wanted` are the requests' origins; `origins` tells whom the connection at each place of
/// [`Roster::available`] serves. A connection may be given to several requests: it was available when
/// it was looked at, and which of them comes first is decided by the connection itself.
///
/// Returns how many requests were dealt with: fewer than all if nothing is known of a connection that
/// was created, so that somebody else has to go on.
///
/// # Errors
/// The first error of `hands`.
pub fn serve<K: Eq + Hash, H: Hands<K>>(
    mut roster: Roster,
    wanted: &[K],
    origins: impl IntoIterator<Item = (K, usize)>,
    hands: &mut H,
) -> Result<usize, H::Error> {
    let mut available: HashMap<K, VecDeque<usize>> = HashMap::new();
    for (origin, place) in origins {
        available.entry(origin).or_default().push_back(place);
    }
    for (request, origin) in wanted.iter().enumerate() {
        let first = available.get_mut(origin).and_then(|places| {
            while places
                .front()
                .is_some_and(|place| !roster.is_available(*place))
            {
                places.pop_front(); // evicted for an earlier request
            }
            places.front().copied()
        });
        if let Some(place) = first {
            hands.reuse(request, place)?;
            continue;
        }
        let mut evicted = None;
        if roster.listed >= roster.max_connections {
            evicted = roster.evict();
            if evicted.is_none() {
                continue; // it waits
            }
        }
        let Some((look, origin)) = hands.create(request, evicted)? else {
            return Ok(request + 1);
        };
        let place = roster.add(look);
        if look.available {
            available.entry(origin).or_default().push_back(place);
        }
    }
    Ok(wanted.len())
}

#[cfg(test)]
mod tests {
    use super::super::differential::check_serve;
    use super::super::oracle::Random;
    use super::*;

    #[test]
    fn the_oracle_agrees() {
        let mut random = Random(2);
        for _ in 0..50_000 {
            let pool: Vec<_> = (0..random.below(7))
                .map(|_| (random.below(5) > 0).then(|| (random.look(), random.origin())))
                .collect();
            let wanted: Vec<u8> = (0..random.below(7)).map(|_| random.origin()).collect();
            let max_connections = random.limit();
            let created: Vec<_> = (0..random.below(9))
                .map(|_| (random.below(20) > 0).then(|| (random.look(), random.origin())))
                .collect();
            check_serve(&pool, &wanted, max_connections, &created);
        }
    }

    /// Counts the connections that make room for another.
    struct Evictions(usize);

    impl Hands<u64> for Evictions {
        type Error = ();
        fn reuse(&mut self, _: usize, _: usize) -> Result<(), ()> {
            Err(())
        }
        fn create(&mut self, _: usize, evicted: Option<usize>) -> Result<Option<(Look, u64)>, ()> {
            self.0 += usize::from(evicted.is_some());
            let look = Look {
                condition: Condition::Busy,
                available: false,
            };
            Ok(Some((look, u64::MAX)))
        }
    }

    #[test]
    fn time_is_linear_in_connections_and_requests() {
        // A quadratic walk would take 10^10 steps here.
        let look = Look {
            condition: Condition::Idle,
            available: true,
        };
        let size = 100_000;
        let places = (0..size).map(|place| (u64::try_from(place).unwrap(), place));
        let wanted: Vec<u64> = (0..size).map(|_| u64::MAX).collect();

        let mut hands = Evictions(0);
        let roster = Roster::new(vec![Some(look); size], i64::try_from(size).unwrap());
        assert_eq!(serve(roster, &wanted, places, &mut hands), Ok(size));
        assert_eq!(hands.0, size);
    }
}
