//! Number of tokens of many short pieces, by merging pairs as the definition says, several pieces at a time.
//!
//! Each merge needs two lookups that depend on the one before, in a table that the nearest caches do not
//! hold. So the pieces take turns: a piece asks for its memory, and is resumed when the others have had theirs.

use crate::tables::merges::{Merges, Query};

/// Pieces that take turns: enough to outlast a wait for memory, few enough for their state to stay near.
const LANES: usize = 24;
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
struct Lane<const N: usize> {
    /// Of the pair that starts at each position.
    ranks: [u32; N],
    tokens: [u32; ROOM + 1],
    /// A bit for each position where a token starts.
    starts: u64,
    /// Positions whose pairs are new, and the answers to wait for.
    left: (u32, Query),
    right: (u32, Query),
    /// The position that the last merge took.
    gone: u32,
    item: usize,
}

/// 0, which means that a pair does not merge, wraps to the end.
#[inline(always)]
fn rank(merged: u32, at: u32) -> u32 {
    merged.wrapping_sub(1) << POSITION_BITS | at
}

/// Write the changes, `(position, rank)`, the later ones over the earlier ones; the least rank then.
///
/// All ranks are written and not only these: the processor stalls when it is to read many at once soon after
/// it wrote one of them.
#[inline(always)]
fn settle<const N: usize, const WIDE: bool>(ranks: &mut [u32; N], changes: [(u32, u32); 3]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if WIDE {
        // SAFETY: `WIDE` is set by `Encoding::count_wide` only, which runs where there is AVX2.
        return unsafe { settle_wide(ranks, changes) };
    }
    let mut least = u32::MAX;
    for (at, rank) in (0..).zip(ranks) {
        for (changed, new) in changes {
            *rank = if at == changed { new } else { *rank };
        }
        least = least.min(*rank);
    }
    least
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn settle_wide<const N: usize>(ranks: &mut [u32; N], changes: [(u32, u32); 3]) -> u32 {
    use std::arch::x86_64::{
        __m256i, _mm_cvtsi128_si32, _mm_min_epu32, _mm_shuffle_epi32, _mm256_add_epi32,
        _mm256_blendv_epi8, _mm256_castsi256_si128, _mm256_cmpeq_epi32, _mm256_extracti128_si256,
        _mm256_loadu_si256, _mm256_min_epu32, _mm256_set1_epi32, _mm256_setr_epi32,
        _mm256_storeu_si256,
    };
    let all = |value: u32| _mm256_set1_epi32(value.cast_signed());
    let changes = changes.map(|(at, new)| (all(at), all(new)));
    let mut at = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    let mut least = all(u32::MAX);
    for eight in ranks.chunks_exact_mut(8) {
        let place: *mut __m256i = eight.as_mut_ptr().cast();
        // SAFETY: eight ranks are 32 bytes, which need not be aligned.
        let mut new = unsafe { _mm256_loadu_si256(place) };
        for (changed, rank) in changes {
            new = _mm256_blendv_epi8(new, rank, _mm256_cmpeq_epi32(at, changed));
        }
        // SAFETY: as above, and they are borrowed to be written.
        unsafe { _mm256_storeu_si256(place, new) };
        least = _mm256_min_epu32(least, new);
        at = _mm256_add_epi32(at, all(8));
    }
    let four = _mm_min_epu32(
        _mm256_castsi256_si128(least),
        _mm256_extracti128_si256::<1>(least),
    );
    let two = _mm_min_epu32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
    let one = _mm_min_epu32(two, _mm_shuffle_epi32::<0b10_11_00_01>(two));
    _mm_cvtsi128_si32(one).cast_unsigned()
}

impl<const N: usize> Lane<N> {
    const IDLE: Self = Self {
        ranks: [u32::MAX; N],
        tokens: [Query::NOBODY; ROOM + 1],
        starts: 0,
        left: (0, Query::NONE),
        right: (0, Query::NONE),
        gone: 0,
        item: 0,
    };

    /// Begin with the first `len` of the bytes, 1 to N - 1.
    #[inline(always)]
    fn start(&mut self, table: &Merges<'_>, (bytes, len): ([u8; N], usize), item: usize) {
        // As many rounds for each length: a loop's end that cannot be predicted costs more than these.
        for (place, at) in (1..).zip(0..N - 1) {
            let merged = table.merged_bytes(bytes[at], bytes[at + 1]);
            let merged = if at + 1 < len { merged } else { 0 };
            self.tokens[at + 1] = table.byte(bytes[at]);
            self.ranks[at + 1] = rank(merged, place);
        }
        self.tokens[len + 1] = Query::NOBODY;
        self.starts = (4 << len) - 1;
        self.left = (0, Query::NONE);
        self.right = (0, Query::NONE);
        self.gone = 0;
        self.item = item;
    }

    /// Make the next merge; the number of tokens if there is none.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // positions are below 32
    fn step<const WIDE: bool>(&mut self, table: &Merges<'_>) -> Option<usize> {
        let left = rank(table.resolve(self.left.1), self.left.0);
        let right = rank(table.resolve(self.right.1), self.right.0);
        let changes = [
            (self.gone, u32::MAX),
            (self.left.0, left),
            (self.right.0, right),
        ];
        let least = settle::<N, WIDE>(&mut self.ranks, changes);
        if least >= NEVER {
            return Some(self.starts.count_ones() as usize - 2);
        }
        let at = (least & POSITION) as usize;
        let merged = (least >> POSITION_BITS) + 1;
        let above = self.starts & (u64::MAX << 1 << at);
        let gone = above.trailing_zeros() as usize;
        let after = (above & (above - 1)).trailing_zeros() as usize;
        let before = 63 - (self.starts & ((1 << at) - 1)).leading_zeros() as usize;
        self.starts &= !(1 << gone);
        self.tokens[at] = merged;
        self.gone = gone as u32;
        self.left = (before as u32, table.query(self.tokens[before], merged));
        self.right = (at as u32, table.query(merged, self.tokens[after]));
        None
    }
}

/// Reused memory to merge pieces of 1 to N - 1 bytes in.
#[derive(Default)]
pub struct Merger<const N: usize> {
    lanes: Vec<Lane<N>>,
}

impl<const N: usize> Merger<N> {
    /// Tells `done` the number of tokens of each of `items` pieces; `piece` gives their bytes and how many
    /// count, 1 to N - 1.
    #[inline(always)]
    pub fn count<const WIDE: bool>(
        &mut self,
        table: &Merges<'_>,
        items: usize,
        piece: impl Fn(usize) -> ([u8; N], usize),
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
            lanes[running].start(table, piece(next), next);
            running += 1;
            next += 1;
        }
        while running > 0 {
            let mut turn = 0;
            while turn < running {
                let lane = &mut lanes[turn];
                if let Some(tokens) = lane.step::<WIDE>(table) {
                    done(lane.item, tokens);
                    if next < items {
                        lane.start(table, piece(next), next);
                        next += 1;
                    } else {
                        running -= 1;
                        lanes[turn] = lanes[running];
                        continue;
                    }
                }
                turn += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::oracle::{self, Random};
    use super::*;
    use crate::tables::Built;
    use crate::tables::vocabulary::Vocabulary;

    fn counts<const N: usize, const WIDE: bool>(bpe: &Built, pieces: &[Vec<u8>]) -> Vec<usize> {
        let mut counts = vec![0; pieces.len()];
        let piece = |at: usize| {
            // What lies behind a piece is not its own.
            let mut bytes = [b'a'; N];
            bytes[..pieces[at].len()].copy_from_slice(&pieces[at]);
            (bytes, pieces[at].len())
        };
        let view = bpe.view();
        let mut merger = Merger::<N>::default();
        for _again in 0..2 {
            counts.fill(0);
            merger.count::<WIDE>(&view.merges, pieces.len(), piece, |at, count| {
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
                    assert_eq!(counts::<16, false>(&bpe, &short), wanted(&short));
                    assert_eq!(counts::<32, false>(&bpe, &long), wanted(&long));
                    #[cfg(target_arch = "x86_64")]
                    if is_x86_feature_detected!("avx2") {
                        assert_eq!(counts::<16, true>(&bpe, &short), wanted(&short));
                        assert_eq!(counts::<32, true>(&bpe, &long), wanted(&long));
                    }
                }
            }
        }
    }
}
