//! Counters of many scopes in 32 bytes each: a bounded table that forgets windows that are over first.
//!
//! A scope is known by its hash alone, see [`super::Secret`].

use super::counters::Field;

/// An entry; `id` 0 is none.
#[derive(Clone, Copy, Default)]
struct Slot {
    id: u128,
    tokens: i64,
    /// When its window began, or when it was first counted.
    begun_s: u32,
    /// The highest bit: tokens were counted, but no window has begun.
    requests: u32,
}

const NO_WINDOW: u32 = 1 << 31;
const MOST_REQUESTS: u32 = NO_WINDOW - 1;
const FEWEST_SLOTS: usize = 8;
/// Among so many the oldest goes where no window is over.
const LOOKED_AT: usize = 16;

/// Counters by scope.
pub struct Table {
    slots: Vec<Slot>,
    used: usize,
    max_scopes: usize,
    window_s: i64,
    /// No window is over before this time.
    next_over_s: i64,
    /// Where to look for something to forget.
    hand: usize,
}

impl Table {
    /// For so many scopes at most (at least 1), whose windows last so long.
    #[must_use]
    pub fn new(max_scopes: usize, window_s: i64) -> Self {
        Self {
            slots: Vec::new(),
            used: 0,
            max_scopes: max_scopes.max(1),
            window_s,
            next_over_s: i64::MIN,
            hand: 0,
        }
    }

    /// How many scopes it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.used
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// The most that it holds.
    #[must_use]
    pub fn max_scopes(&self) -> usize {
        self.max_scopes
    }

    /// How long a window lasts, in seconds.
    #[must_use]
    pub fn window_s(&self) -> i64 {
        self.window_s
    }

    /// A value whose window is not over.
    #[must_use]
    pub fn get(&self, id: u128, field: Field, now_s: i64) -> Option<i64> {
        let slot = &self.slots[self.find(named(id)).ok()?];
        if self.is_over(slot, now_s) {
            return None;
        }
        let has_window = slot.requests & NO_WINDOW == 0;
        match field {
            Field::Start => has_window.then_some(slot.begun_s.into()),
            Field::Requests => {
                let requests = slot.requests & MOST_REQUESTS;
                (has_window || requests > 0).then_some(requests.into())
            }
            Field::Tokens => Some(slot.tokens),
        }
    }

    /// Store a value; false if the table cannot hold such a one. More requests than it can count stay the most.
    pub fn set(&mut self, id: u128, field: Field, value: i64, now_s: i64) -> bool {
        let begun_s = if field == Field::Start { value } else { now_s };
        let Ok(begun_s) = u32::try_from(begun_s) else {
            return false;
        };
        if field == Field::Requests && value < 0 {
            return false;
        }
        let id = named(id);
        let place = match self.find(id) {
            Ok(place) if !self.is_over(&self.slots[place], now_s) => place,
            Ok(place) => {
                self.slots[place] = new_slot(id, begun_s);
                place
            }
            Err(_) => self.insert(id, begun_s, now_s),
        };
        self.next_over_s = self.next_over_s.min(i64::from(begun_s) + self.window_s);
        let slot = &mut self.slots[place];
        match field {
            Field::Start => {
                slot.begun_s = begun_s;
                slot.requests &= MOST_REQUESTS;
            }
            Field::Requests => {
                let requests = u32::try_from(value).unwrap_or(u32::MAX).min(MOST_REQUESTS);
                slot.requests = slot.requests & NO_WINDOW | requests;
            }
            Field::Tokens => slot.tokens = value,
        }
        true
    }

    /// Forget a scope; whether it was there.
    pub fn remove(&mut self, id: u128) -> bool {
        match self.find(named(id)) {
            Ok(place) => {
                self.remove_at(place);
                true
            }
            Err(_) => false,
        }
    }

    /// Forget all.
    pub fn clear(&mut self) {
        *self = Self::new(self.max_scopes, self.window_s);
    }

    fn is_over(&self, slot: &Slot, now_s: i64) -> bool {
        now_s - i64::from(slot.begun_s) >= self.window_s
    }

    /// Where a hash would lie in an empty table.
    fn home(&self, id: u128) -> usize {
        let scaled = (id >> 64) * self.slots.len() as u128;
        #[allow(clippy::cast_possible_truncation)] // less than the length
        let home = (scaled >> 64) as usize;
        home
    }

    fn next(&self, place: usize) -> usize {
        if place + 1 == self.slots.len() {
            0
        } else {
            place + 1
        }
    }

    /// The place of a scope, or the empty one where it would go.
    fn find(&self, id: u128) -> Result<usize, usize> {
        if self.slots.is_empty() {
            return Err(0);
        }
        let mut place = self.home(id);
        loop {
            match self.slots[place].id {
                0 => return Err(place),
                found if found == id => return Ok(place),
                _ => place = self.next(place),
            }
        }
    }

    fn insert(&mut self, id: u128, begun_s: u32, now_s: i64) -> usize {
        if self.used >= self.max_scopes {
            self.make_room(now_s);
        }
        // One in eight stays empty, so that searches are short.
        if (self.used + 1) * 8 > self.slots.len() * 7 {
            self.grow();
        }
        let (Ok(place) | Err(place)) = self.find(id);
        self.slots[place] = new_slot(id, begun_s);
        self.used += 1;
        place
    }

    /// By a quarter: more would leave half of the memory empty after each growth.
    fn grow(&mut self) {
        let larger = (self.slots.len() + self.slots.len() / 4).max(FEWEST_SLOTS);
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); larger]);
        for slot in old.into_iter().filter(|slot| slot.id != 0) {
            let (Ok(place) | Err(place)) = self.find(slot.id);
            self.slots[place] = slot;
        }
        self.hand = 0;
    }

    /// Forget every window that is over; if none is, the oldest of a few.
    fn make_room(&mut self, now_s: i64) {
        if now_s >= self.next_over_s {
            self.forget_over(now_s);
        }
        if self.used < self.max_scopes {
            return;
        }
        let mut oldest = None;
        let mut looked_at = 0;
        while looked_at < LOOKED_AT.min(self.used) {
            self.hand = self.next(self.hand.min(self.slots.len() - 1));
            let slot = &self.slots[self.hand];
            if slot.id == 0 {
                continue;
            }
            looked_at += 1;
            if oldest.is_none_or(|oldest: usize| slot.begun_s < self.slots[oldest].begun_s) {
                oldest = Some(self.hand);
            }
        }
        if let Some(oldest) = oldest {
            self.remove_at(oldest);
        }
    }

    fn forget_over(&mut self, now_s: i64) {
        let mut oldest_s = i64::MAX;
        let mut place = 0;
        while place < self.slots.len() {
            let slot = self.slots[place];
            if slot.id != 0 && self.is_over(&slot, now_s) {
                self.remove_at(place); // another one may have moved here: look again
                continue;
            }
            if slot.id != 0 {
                oldest_s = oldest_s.min(slot.begun_s.into());
            }
            place += 1;
        }
        self.next_over_s = oldest_s.saturating_add(self.window_s);
    }

    /// Empty a place, and move back those that were pushed away from theirs.
    fn remove_at(&mut self, place: usize) {
        let length = self.slots.len();
        let (mut empty, mut next) = (place, self.next(place));
        while self.slots[next].id != 0 {
            let pushed = (next + length - self.home(self.slots[next].id)) % length;
            if pushed >= (next + length - empty) % length {
                self.slots[empty] = self.slots[next];
                empty = next;
            }
            next = self.next(next);
        }
        self.slots[empty] = Slot::default();
        self.used -= 1;
    }
}

fn new_slot(id: u128, begun_s: u32) -> Slot {
    Slot {
        id,
        tokens: 0,
        begun_s,
        requests: NO_WINDOW,
    }
}

/// 0 is no name; that two hashes become one has a chance of 2^-128 more.
fn named(id: u128) -> u128 {
    id.max(1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{Field, Slot, Table};
    use crate::numbers::Numbers;

    /// Hashes that crowd at the end of the table, so that searches go round.
    fn crowded(number: u64) -> u128 {
        u128::MAX - u128::from(number % 5) * (1 << 120) - u128::from(number)
    }

    fn begin(table: &mut Table, id: u128, requests: i64, now_s: i64) {
        assert!(table.set(id, Field::Requests, 0, now_s));
        assert!(table.set(id, Field::Tokens, 0, now_s));
        assert!(table.set(id, Field::Start, now_s, now_s));
        assert!(table.set(id, Field::Requests, requests, now_s));
    }

    #[test]
    fn a_slot_is_as_small_as_said() {
        assert_eq!(size_of::<Slot>(), 32);
    }

    #[test]
    fn it_holds_what_a_map_would() {
        for seed in 1..60 {
            let mut numbers = Numbers::new(seed * 77);
            let (window_s, mut now_s) = (10, 1_000);
            let mut table = Table::new(1_000, window_s);
            let mut map: HashMap<u128, (i64, i64, i64)> = HashMap::new();
            for _ in 0..2_000 {
                let id = crowded(numbers.below(200));
                let value = i64::try_from(numbers.below(100)).unwrap();
                match numbers.below(20) {
                    0 => now_s += value / 25,
                    1 => assert_eq!(table.remove(id), map.remove(&id).is_some()),
                    2..8 => {
                        begin(&mut table, id, value, now_s);
                        map.insert(id, (now_s, value, 0));
                    }
                    8..14 => {
                        if let Some((begun_s, _, tokens)) = map.get_mut(&id)
                            && now_s - *begun_s < window_s
                        {
                            *tokens = value;
                            assert!(table.set(id, Field::Tokens, value, now_s));
                        }
                    }
                    _ => {
                        let current = map.get(&id).filter(|found| now_s - found.0 < window_s);
                        assert_eq!(table.get(id, Field::Start, now_s), current.map(|c| c.0));
                        assert_eq!(table.get(id, Field::Requests, now_s), current.map(|c| c.1));
                        assert_eq!(table.get(id, Field::Tokens, now_s), current.map(|c| c.2));
                    }
                }
                assert_eq!(table.len(), map.len());
            }
        }
    }

    #[test]
    fn it_stays_bounded_and_forgets_what_is_over_first() {
        let mut numbers = Numbers::new(5);
        let mut table = Table::new(50, 10);
        let mut last: HashMap<u128, i64> = HashMap::new();
        for step in 0..5_000 {
            let now_s = 1_000 + step / 7; // 70 requests in a window of 10 s
            let id = crowded(numbers.below(40));
            if table.get(id, Field::Start, now_s).is_none() {
                begin(&mut table, id, 1, now_s);
                last.insert(id, now_s);
            }
            assert!(table.len() <= 50);
            // Never more than 40 are current, so none of them is ever lost.
            for (id, begun_s) in &last {
                let current = (now_s - begun_s < 10).then_some(*begun_s);
                assert_eq!(table.get(*id, Field::Start, now_s), current);
            }
        }
        for number in 0..500 {
            begin(&mut table, crowded(1_000 + number), 1, 2_000);
        }
        assert_eq!(table.len(), 50);
        assert_eq!(table.max_scopes(), 50);
    }

    #[test]
    fn what_it_cannot_hold_it_refuses() {
        let mut table = Table::new(5, 60);
        assert!(!table.set(1, Field::Requests, -1, 1_000));
        assert!(!table.set(1, Field::Start, -1, 1_000));
        assert!(!table.set(1, Field::Start, 1 << 32, 1_000));
        assert!(!table.set(1, Field::Tokens, 1, -5));
        assert!(table.is_empty());
        assert!(table.set(1, Field::Requests, i64::MAX, 1_000));
        assert_eq!(table.get(1, Field::Requests, 1_000), Some((1 << 31) - 1));
        assert!(table.set(2, Field::Tokens, i64::MIN, 1_000));
        assert_eq!(table.get(2, Field::Tokens, 1_000), Some(i64::MIN));
        assert_eq!(table.get(2, Field::Start, 1_000), None);
        assert_eq!(table.get(2, Field::Requests, 1_000), None);
        table.clear();
        assert!(table.is_empty());
        assert_eq!(table.window_s(), 60);
    }
}
