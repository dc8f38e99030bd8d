//! Counts of pieces that are not tokens: a small cache that forgets instead of growing.

use crate::tables::fetch::fetch;
use crate::tables::pieces::Key;
use crate::tables::processor::{ORDER_128, Processor};

const WAYS: usize = 4;
const BUCKETS_BITS: u32 = 13;
/// The free bits of a [`Key`] hold the count: a piece of 15 bytes has at most 15 tokens.
const COUNT_SHIFT: u32 = 120;
const COUNT: u128 = 0xF << COUNT_SHIFT;

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Bucket([u128; WAYS]);

/// 512 KiB at most; nothing until the first piece is put in.
#[derive(Default)]
pub struct Cache {
    buckets: Vec<Bucket>,
}

impl Cache {
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // 13 bits
    fn bucket(key: Key) -> usize {
        (key.hash() >> (64 - BUCKETS_BITS)) as usize
    }

    /// Fetch the memory that a lookup will need.
    #[inline(always)]
    pub fn prepare(&self, key: Key) {
        fetch(&self.buckets, Self::bucket(key));
    }

    /// The number of tokens of a piece, 0 if it is not known.
    #[inline(always)]
    pub fn get(&self, processor: impl Processor, key: &Key) -> usize {
        let Some(Bucket(slots)) = self.buckets.get(Self::bucket(*key)) else {
            return 0;
        };
        let found = processor.equal_128(slots, COUNT, &key.0);
        let slot = slots[ORDER_128[found.trailing_zeros() as usize % WAYS]];
        #[allow(clippy::cast_possible_truncation)] // 4 bits
        let count = (slot >> COUNT_SHIFT & 0xF) as usize;
        if found == 0 { 0 } else { count }
    }

    /// Remember the number of tokens of a piece, 1 to 15; the oldest in its bucket is forgotten.
    #[inline]
    pub fn put(&mut self, key: Key, count: usize) {
        debug_assert!((1..=15).contains(&count));
        if self.buckets.is_empty() {
            self.buckets.resize(1 << BUCKETS_BITS, Bucket([0; WAYS]));
        }
        let Bucket(slots) = &mut self.buckets[Self::bucket(key)];
        slots.copy_within(..WAYS - 1, 1);
        slots[0] = key.0 | (count as u128) << COUNT_SHIFT;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::processor::Any;

    fn key(number: usize) -> Key {
        Key::of(number.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_it_knows_is_right_and_it_forgets_instead_of_growing() {
        let mut cache = Cache::default();
        assert_eq!(cache.get(Any, &key(1)), 0);
        for number in 0..100_000 {
            cache.put(key(number), number % 15 + 1);
            assert_eq!(cache.get(Any, &key(number)), number % 15 + 1);
        }
        let known: Vec<usize> = (0..100_000)
            .filter(|&n| cache.get(Any, &key(n)) > 0)
            .collect();
        assert!(known.iter().all(|&n| cache.get(Any, &key(n)) == n % 15 + 1));
        assert!(known.len() <= WAYS << BUCKETS_BITS);
        assert_eq!(cache.buckets.len(), 1 << BUCKETS_BITS);
    }
}
