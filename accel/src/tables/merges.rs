//! Which two tokens each token was merged from, and which tokens may stand side by side.

use super::fetch::fetch;
use super::processor::Processor;
use super::trie::NONE;
use super::vocabulary::{Vocabulary, VocabularyError};

use std::collections::HashMap;

const ID_BITS: u32 = 18;
const ID_MASK: u64 = (1 << ID_BITS) - 1;
const WAYS: usize = 4;
/// In the last entry of a bucket: keys that had no room here are in the next.
const OVERFLOWED: u64 = 1 << ID_BITS;
/// Above it is the pair.
const PAIR_SHIFT: u32 = ID_BITS + 1;

/// The ids of the single bytes, then what each pair of bytes merges into, 0 if nothing.
const BYTES: usize = 256 + (1 << 16);

#[inline(always)]
fn pair_of_bytes(first: u8, second: u8) -> usize {
    256 + (usize::from(first) << 8 | usize::from(second))
}

/// Entries `left, right, overflowed, merged` of 18, 18, 1 and 18 bits, filled from the front; 0 is empty (nothing merges into 0).
#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub struct Bucket([u64; WAYS]);

impl Bucket {
    /// The entries.
    #[cfg_attr(test, allow(dead_code))] // for `build.rs`
    pub fn entries(self) -> [u64; WAYS] {
        self.0
    }
}

/// What [`Merges`] looks things up in.
pub struct Built {
    pub bytes: Vec<u32>,
    pub split: Vec<[u32; 2]>,
    pub pairs: Vec<Bucket>,
    pub filter: Vec<u64>,
}

/// Find the merge of every token; `prefix` is the longest other token that each one starts with.
///
/// # Errors
/// A token cannot be reached by merging: greedy matching would then be wrong.
pub fn build(vocabulary: &Vocabulary, prefix: &[u32]) -> Result<Built, VocabularyError> {
    let tokens = vocabulary.tokens();
    let ids: HashMap<&[u8], u32> = tokens.iter().map(Vec::as_slice).zip(0..).collect();
    let buckets = (tokens.len() * 2 / WAYS).next_power_of_two().max(2);
    let mut bytes = vec![0; BYTES];
    for (id, token) in (0..).zip(tokens) {
        match token[..] {
            [byte] => bytes[usize::from(byte)] = id,
            [first, second] => bytes[pair_of_bytes(first, second)] = id,
            _ => {}
        }
    }
    let mut built = Built {
        bytes,
        split: (0..).zip(tokens).map(|(id, _)| [id, id]).collect(),
        pairs: vec![Bucket([0; WAYS]); buckets],
        filter: vec![0; buckets / 2],
    };
    for (id, token) in (0..).zip(tokens).filter(|(_, token)| token.len() > 1) {
        let mut left = prefix[id as usize];
        loop {
            if left == NONE {
                return Err(VocabularyError::new(format!("token {id} cannot be merged")));
            }
            let rest = ids.get(&token[tokens[left as usize].len()..]);
            if let Some(&right) = rest
                && left.max(right) < id
                && built.view().may_touch(left, right)
            {
                built.insert(left, right, id);
                break;
            }
            left = prefix[left as usize];
        }
    }
    Ok(built)
}

impl Built {
    /// To look things up.
    pub fn view(&self) -> Merges<'_> {
        Merges::new(&self.bytes, &self.split, &self.pairs, &self.filter)
    }

    fn insert(&mut self, left: u32, right: u32, merged: u32) {
        self.split[merged as usize] = [left, right];
        let key = u64::from(left) << ID_BITS | u64::from(right);
        let hash = hash(key);
        let (word, bit) = self.view().filtered(hash);
        self.filter[word] |= bit;
        let mut at = self.view().bucket(hash);
        loop {
            if let Some(free) = self.pairs[at].0.iter_mut().find(|entry| **entry == 0) {
                *free = key << PAIR_SHIFT | u64::from(merged);
                return;
            }
            // Marked in each full bucket on the way, so that a search ends where no key went on.
            self.pairs[at].0[WAYS - 1] |= OVERFLOWED;
            at = (at + 1) & (self.pairs.len() - 1);
        }
    }
}

/// The pair of an entry.
#[inline(always)]
fn pair_of(entry: u64) -> u64 {
    entry >> PAIR_SHIFT
}

/// Well mixed in its upper bits.
#[inline(always)]
fn hash(key: u64) -> u64 {
    key.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// A pair that was asked for, and where its answer is.
#[derive(Clone, Copy)]
pub struct Query {
    key: u64,
    bucket: usize,
}

impl Query {
    /// A neighbour that merges with nothing.
    pub const NOBODY: u32 = 1 << ID_BITS;
    /// A query that finds nothing: no pair has that many bits.
    pub const NONE: Self = Self {
        key: u64::MAX,
        bucket: 0,
    };
}

/// Merges of an encoding, by token and by pair.
#[derive(Clone, Copy)]
pub struct Merges<'a> {
    /// By byte and by pair of bytes.
    bytes: &'a [u32; BYTES],
    /// `[left, right]` of each token; a single byte is `[itself, itself]`.
    split: &'a [[u32; 2]],
    /// By hash of the pair; a full bucket continues in the next.
    pairs: &'a [Bucket],
    shift: u32,
    /// A bit for the hash of each pair, in a fraction of the memory: most pairs asked for do not merge,
    /// and nearly all of these end here. 16 to 32 bits a bucket leave one wrong guess in ten.
    filter: &'a [u64],
    filter_shift: u32,
}

impl<'a> Merges<'a> {
    /// From tables that [`build`] made; there are 2, 4, 8 … buckets, and half as many words of the filter.
    pub const fn new(
        bytes: &'a [u32],
        split: &'a [[u32; 2]],
        pairs: &'a [Bucket],
        filter: &'a [u64],
    ) -> Self {
        let Some(bytes) = bytes.first_chunk() else {
            panic!("a table of another size")
        };
        Self {
            bytes,
            split,
            pairs,
            shift: 64 - pairs.len().trailing_zeros(),
            filter,
            filter_shift: 64 - (filter.len() * 64).trailing_zeros(),
        }
    }

    /// Word and bit of the filter.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // the shift leaves as many bits as there are
    fn filtered(&self, hash: u64) -> (usize, u64) {
        let bit = hash >> self.filter_shift;
        ((bit / 64) as usize, 1 << (bit % 64))
    }

    /// What a token was merged from.
    #[cfg(test)]
    pub fn split(&self, token: u32) -> [u32; 2] {
        self.split[token as usize]
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the shift leaves as many bits as there are buckets
    fn bucket(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize
    }

    /// The id of a byte.
    #[inline(always)]
    pub fn byte(&self, byte: u8) -> u32 {
        self.bytes[usize::from(byte)]
    }

    /// What two bytes merge into, 0 if nothing.
    #[inline(always)]
    pub fn merged_bytes(&self, first: u8, second: u8) -> u32 {
        self.bytes[pair_of_bytes(first, second)]
    }

    /// Ask what a pair merges into: its memory is fetched in the meantime.
    #[inline(always)]
    pub fn query(&self, left: u32, right: u32) -> Query {
        let nobody = u64::from((left | right) / Query::NOBODY);
        let key = u64::from(left) << ID_BITS | u64::from(right) | nobody.wrapping_neg();
        let bucket = self.bucket(hash(key));
        fetch(self.pairs, bucket);
        Query { key, bucket }
    }

    /// What the pair of a query merges into, 0 if nothing.
    #[inline(always)]
    pub fn resolve(&self, processor: impl Processor, Query { key, bucket }: Query) -> u32 {
        let Bucket(entries) = &self.pairs[bucket];
        let found = processor.equal_64::<{ PAIR_SHIFT.cast_signed() }>(entries, key);
        // One comparison for "overflowed and not found": which of the two it is cannot be predicted.
        if u32::from(entries[WAYS - 1] & OVERFLOWED != 0) > found {
            return self.overflowed(key, bucket);
        }
        let entry = entries[found.trailing_zeros() as usize % WAYS];
        #[allow(clippy::cast_possible_truncation)] // 18 bits
        let merged = (entry & ID_MASK) as u32;
        if found == 0 { 0 } else { merged }
    }

    #[cold]
    #[inline(never)]
    fn overflowed(&self, key: u64, full: usize) -> u32 {
        let mut at = full;
        loop {
            at = (at + 1) & (self.pairs.len() - 1);
            let Bucket(entries) = &self.pairs[at];
            for entry in entries {
                if pair_of(*entry) == key {
                    #[allow(clippy::cast_possible_truncation)] // 18 bits
                    return (entry & ID_MASK) as u32;
                }
            }
            if entries[WAYS - 1] & OVERFLOWED == 0 {
                return 0;
            }
        }
    }

    /// What a pair merges into, [`NONE`] if nothing.
    #[inline(always)]
    pub fn merged(&self, left: u32, right: u32) -> u32 {
        let key = u64::from(left) << ID_BITS | u64::from(right);
        let hash = hash(key);
        let (word, bit) = self.filtered(hash);
        if self.filter[word] & bit == 0 {
            return NONE;
        }
        let mut at = self.bucket(hash);
        loop {
            let Bucket(entries) = &self.pairs[at];
            // All are compared: which one it is cannot be predicted, so branching would cost more.
            let mut found = NONE;
            for entry in entries {
                if pair_of(*entry) == key {
                    #[allow(clippy::cast_possible_truncation)] // 18 bits
                    let id = (entry & ID_MASK) as u32;
                    found = if *entry == 0 { found } else { id };
                }
            }
            if found != NONE || entries[WAYS - 1] & OVERFLOWED == 0 {
                return found;
            }
            at = (at + 1) & (self.pairs.len() - 1);
        }
    }

    /// Whether encoding the bytes of `left` and `right` together gives exactly these two tokens.
    ///
    /// Takes back the merges of both in reverse order, and looks at each step whether a merge across
    /// the border would have come before the one taken back. Equal ranks merge from left to right, so
    /// a merge across the border is earlier than an equal one on its right and later than an equal
    /// one on its left.
    #[inline]
    pub fn may_touch(&self, mut left: u32, mut right: u32) -> bool {
        // A merge across the border with a lower rank than this would have happened.
        let mut bound = NONE;
        loop {
            if self.merged(left, right) < bound {
                return false;
            }
            let left_is_later = left > right;
            let (first, second) = if left_is_later {
                (left, right)
            } else {
                (right, left)
            };
            // Bytes have lower ids than merged tokens, so the higher id is a byte only if both are.
            let [a, b] = self.split[first as usize];
            if a == b && a == first {
                debug_assert!(self.split[second as usize][0] == second);
                return true;
            }
            if left_is_later {
                bound = left;
                left = b;
            } else {
                bound = right + 1;
                right = a;
            }
        }
    }
}
