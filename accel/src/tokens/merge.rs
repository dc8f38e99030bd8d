//! Number of tokens of many short pieces, by merging pairs as the definition says, several pieces at a time.
//!
//! Each merge needs two lookups that depend on the one before, in a table that the nearest caches do not
//! hold. So the pieces take turns: a piece asks for its memory, and is resumed when the others have had theirs.

use super::units::Units;
use crate::tables::merges::{Merges, Query};
use crate::tables::processor::Processor;

/// Pieces that take turns: enough to outlast a wait for memory, few enough for their state to stay near.
const LANES: usize = 64;
/// Longest piece of a [`Merger`].
pub const LONGEST: usize = ROOM - 1;
const ROOM: usize = 32;

/// The low bits of a rank hold its position, so that the least of all is also the leftmost.
const POSITION_BITS: u32 = 5;
const POSITION: u32 = (1 << POSITION_BITS) - 1;
/// Ranks from here on are of pairs that do not merge.
const NEVER: u32 = 1 << 31;

/// One piece while it is merged. Position 0 is before its first byte; there and behind its last byte is
/// [`Query::NOBODY`], which merges with nothing, so that every token has neighbours.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Lane<const N: usize> {
    /// Of the pair that starts at each position.
    ranks: [u32; N],
    tokens: [u32; N],
    /// A bit for each position where a token starts.
    starts: u64,
    /// Positions whose pairs are new, and the answers to wait for.
    left: (u32, Query),
    right: (u32, Query),
    /// The position that the last merge took.
    gone: u32,
    /// Tokens beyond those that start somewhere.
    more: usize,
    item: usize,
}

/// 0, which means that a pair does not merge, wraps to the end.
#[inline(always)]
fn rank(merged: u32, at: u32) -> u32 {
    merged.wrapping_sub(1) << POSITION_BITS | at
}

impl<const N: usize> Lane<N> {
    const IDLE: Self = Self {
        ranks: [u32::MAX; N],
        tokens: [Query::NOBODY; N],
        starts: 0,
        left: (0, Query::NONE),
        right: (0, Query::NONE),
        gone: 0,
        more: 0,
        item: 0,
    };

    /// Begin with the first `len` of the bytes, 1 to N - 1.
    #[inline(always)]
    pub fn start_bytes(&mut self, table: &Merges<'_>, bytes: &[u8; N], len: usize) {
        // As many rounds for each length: a loop's end that cannot be predicted costs more than these.
        for (place, at) in (1..).zip(0..N - 1) {
            let merged = table.merged_bytes(bytes[at], bytes[at + 1]);
            let merged = if at + 1 < len { merged } else { 0 };
            self.tokens[at + 1] = table.byte(bytes[at]);
            self.ranks[at + 1] = rank(merged, place);
        }
        self.start(len, 0);
    }

    /// Begin with units, at most N - 1.
    #[inline(always)]
    pub fn start_units(&mut self, processor: impl Processor, table: &Merges<'_>, units: &Units) {
        let tokens = units.tokens();
        self.ranks = [u32::MAX; N];
        self.tokens[1..=tokens.len()].copy_from_slice(tokens);
        for (pair, (at, rank_at)) in tokens.windows(2).zip((1..).zip(&mut self.ranks[1..])) {
            *rank_at = rank(table.resolve(processor, table.query(pair[0], pair[1])), at);
        }
        self.start(tokens.len(), units.more());
    }

    #[inline(always)]
    fn start(&mut self, len: usize, more: usize) {
        self.tokens[(len + 1) % N] = Query::NOBODY;
        self.starts = (4 << len) - 1;
        self.left = (0, Query::NONE);
        self.right = (0, Query::NONE);
        self.gone = 0;
        self.more = more;
    }

    /// Write down what the new pairs merge into. The processor stalls when it is to read many numbers at once
    /// soon after it wrote one of them, so all pieces do this before any goes on.
    #[inline(always)]
    fn settle(&mut self, processor: impl Processor, table: &Merges<'_>) {
        let (left, right) = (self.left, self.right);
        let at = |position: u32| position as usize % N;
        self.ranks[at(self.gone)] = u32::MAX;
        self.ranks[at(left.0)] = rank(table.resolve(processor, left.1), left.0);
        self.ranks[at(right.0)] = rank(table.resolve(processor, right.1), right.0);
    }

    /// Make the next merge; the number of tokens if there is none.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // positions are below 32
    fn step(&mut self, processor: impl Processor, table: &Merges<'_>) -> Option<usize> {
        let least = processor.least(&self.ranks);
        if least >= NEVER {
            return Some(self.starts.count_ones() as usize - 2 + self.more);
        }
        let at = (least & POSITION) as usize;
        let merged = (least >> POSITION_BITS) + 1;
        let above = self.starts & (u64::MAX << 1 << at);
        let gone = above.trailing_zeros() as usize;
        let after = (above & (above - 1)).trailing_zeros() as usize;
        let before = 63 - (self.starts & ((1 << at) - 1)).leading_zeros() as usize;
        self.starts &= !(1 << gone);
        self.tokens[at % N] = merged;
        self.gone = gone as u32;
        self.left = (before as u32, table.query(self.tokens[before % N], merged));
        self.right = (at as u32, table.query(merged, self.tokens[after % N]));
        None
    }
}

/// Reused memory to merge pieces of 1 to N - 1 bytes in.
#[derive(Default)]
pub struct Merger<const N: usize> {
    lanes: Vec<Lane<N>>,
}

impl<const N: usize> Merger<N> {
    /// Tells `done` the number of tokens of each of `items` pieces; `start` begins with one of them.
    #[inline(always)]
    pub fn count(
        &mut self,
        processor: impl Processor,
        table: &Merges<'_>,
        items: usize,
        start: impl Fn(&mut Lane<N>, usize),
        mut done: impl FnMut(usize, usize),
    ) {
        if items == 0 {
            return;
        }
        self.lanes.resize(LANES, Lane::IDLE);
        let lanes = &mut self.lanes[..];
        let mut next = 0;
        let mut running = 0;
        while running < LANES && next < items {
            start(&mut lanes[running], next);
            lanes[running].item = next;
            running += 1;
            next += 1;
        }
        while running > 0 {
            for lane in &mut lanes[..running] {
                lane.settle(processor, table);
            }
            let mut ended = false;
            for lane in &mut lanes[..running] {
                let Some(tokens) = lane.step(processor, table) else {
                    continue;
                };
                done(lane.item, tokens);
                lane.item = next;
                if next < items {
                    start(lane, next);
                    next += 1;
                } else {
                    ended = true;
                }
            }
            if ended {
                running = close_up(&mut lanes[..running], items);
            }
        }
    }
}

/// Put the pieces that go on in front of those that ended, whose item is `none`; returns their number.
#[cold]
fn close_up<const N: usize>(lanes: &mut [Lane<N>], none: usize) -> usize {
    let mut running = 0;
    for at in 0..lanes.len() {
        if lanes[at].item != none {
            lanes.swap(at, running);
            running += 1;
        }
    }
    running
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::oracle::{self, Random};
    use super::*;
    use crate::tables::Built;
    #[cfg(target_arch = "x86_64")]
    use crate::tables::avx2::Avx2;
    use crate::tables::processor::Any;
    use crate::tables::vocabulary::Vocabulary;

    fn counts<const N: usize>(
        processor: impl Processor,
        bpe: &Built,
        pieces: &[Vec<u8>],
    ) -> Vec<usize> {
        let mut counts = vec![0; pieces.len()];
        let start = |lane: &mut Lane<N>, at: usize| {
            // What lies behind a piece is not its own.
            let mut bytes = [b'a'; N];
            bytes[..pieces[at].len()].copy_from_slice(&pieces[at]);
            lane.start_bytes(&bpe.view().merges, &bytes, pieces[at].len());
        };
        let view = bpe.view();
        let mut merger = Merger::<N>::default();
        for _again in 0..2 {
            counts.fill(0);
            merger.count(processor, &view.merges, pieces.len(), start, |at, count| {
                assert_eq!(std::mem::replace(&mut counts[at], count), 0, "told twice");
            });
        }
        counts
    }

    #[test]
    fn counts_are_those_of_merging_by_the_book() {
        let mut random = Random(6);
        for letters in [&b"a"[..], b"ab", b"abc", b"abcdefgh", b" the\xE4\xB8\0"] {
            for merges in [1, 5, 40, 120] {
                let tokens = oracle::trained(&mut random, letters, merges);
                let ranks: HashMap<_, _> = tokens.iter().cloned().zip(0..).collect();
                let bpe = Built::new(&Vocabulary::new(tokens).unwrap()).unwrap();
                // Fewer than take turns, as many, and many more.
                for pieces in [0, 1, LANES - 1, LANES, LANES + 1, 100] {
                    let pieces = |longest: usize, random: &mut Random| -> Vec<Vec<u8>> {
                        (0..pieces)
                            .map(|_| {
                                (0..=random.below(longest))
                                    .map(|_| *random.choose(letters))
                                    .collect()
                            })
                            .collect()
                    };
                    let wanted = |pieces: &[Vec<u8>]| -> Vec<usize> {
                        let encode = |piece: &Vec<u8>| oracle::encode(&ranks, piece).len();
                        pieces.iter().map(encode).collect()
                    };
                    let short = pieces(15, &mut random);
                    let long = pieces(LONGEST, &mut random);
                    assert_eq!(counts::<16>(Any, &bpe, &short), wanted(&short));
                    assert_eq!(counts::<32>(Any, &bpe, &long), wanted(&long));
                    #[cfg(target_arch = "x86_64")]
                    if let Some(wide) = Avx2::detect() {
                        assert_eq!(counts::<16>(wide, &bpe, &short), wanted(&short));
                        assert_eq!(counts::<32>(wide, &bpe, &long), wanted(&long));
                    }
                }
            }
        }
    }
}
