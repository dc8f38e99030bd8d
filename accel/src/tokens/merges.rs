//! Which two tokens each token was merged from, and which tokens may stand side by side.

use super::trie::NONE;
use super::vocabulary::{Vocabulary, VocabularyError};

use std::collections::HashMap;

const ID_BITS: u32 = 18;
const ID_MASK: u64 = (1 << ID_BITS) - 1;
const WAYS: usize = 4;

/// Entries `left, right, merged` of 18 bits each, filled from the front; 0 is empty (nothing merges into 0).
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Bucket([u64; WAYS]);

/// Merges of an encoding, by token and by pair.
pub struct Merges {
    /// `(left, right)` of each token; a single byte is `(itself, itself)`.
    split: Vec<(u32, u32)>,
    /// By hash of the pair; a full bucket continues in the next.
    pairs: Vec<Bucket>,
    shift: u32,
}

impl Merges {
    /// Find the merge of every token; `prefix` is the longest other token that each one starts with.
    ///
    /// # Errors
    /// A token cannot be reached by merging: greedy matching would then be wrong.
    pub fn new(vocabulary: &Vocabulary, prefix: &[u32]) -> Result<Self, VocabularyError> {
        let tokens = vocabulary.tokens();
        let ids: HashMap<&[u8], u32> = tokens.iter().map(Vec::as_slice).zip(0..).collect();
        let bits = (tokens.len() * 2 / WAYS)
            .next_power_of_two()
            .trailing_zeros()
            .max(1);
        let mut merges = Self {
            split: (0..).zip(tokens).map(|(id, _)| (id, id)).collect(),
            pairs: vec![Bucket([0; WAYS]); 1 << bits],
            shift: 64 - bits,
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
                    && merges.may_touch(left, right)
                {
                    merges.insert(left, right, id);
                    break;
                }
                left = prefix[left as usize];
            }
        }
        Ok(merges)
    }

    fn insert(&mut self, left: u32, right: u32, merged: u32) {
        self.split[merged as usize] = (left, right);
        let key = u64::from(left) << ID_BITS | u64::from(right);
        let mut at = self.bucket(key);
        loop {
            if let Some(free) = self.pairs[at].0.iter_mut().find(|entry| **entry == 0) {
                *free = key << ID_BITS | u64::from(merged);
                return;
            }
            at = (at + 1) & (self.pairs.len() - 1);
        }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the shift leaves as many bits as there are buckets
    fn bucket(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift) as usize
    }

    /// What a pair merges into, [`NONE`] if nothing.
    #[inline(always)]
    fn merged(&self, left: u32, right: u32) -> u32 {
        let key = u64::from(left) << ID_BITS | u64::from(right);
        let mut at = self.bucket(key);
        loop {
            let Bucket(entries) = &self.pairs[at];
            // All are compared: which one it is cannot be predicted, so branching would cost more.
            let mut found = NONE;
            for entry in entries {
                if entry >> ID_BITS == key {
                    #[allow(clippy::cast_possible_truncation)] // 18 bits
                    let id = (entry & ID_MASK) as u32;
                    found = if *entry == 0 { found } else { id };
                }
            }
            if found != NONE || entries[WAYS - 1] == 0 {
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
            let (a, b) = self.split[first as usize];
            if a == b && a == first {
                debug_assert!(self.split[second as usize].0 == second);
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
