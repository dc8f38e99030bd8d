//! Pieces that are not tokens as a whole. They wait for others to be counted with: a merge waits for memory most of
//! its time, which several pieces can do together.

use super::bpe::{self, Scratch};
use super::cache::Cache;
use super::chunk::Chunk;
use super::merge::{self, Merger};
use super::units::{self, Units};
use crate::tables::Tables;
use crate::tables::pieces::Key;
use crate::tables::processor::Processor;

/// Pieces of fewer bytes, or units, have a merger of their own.
const FEW: usize = 16;

/// Longer pieces beyond ASCII are hardly ever few enough units to be merged.
const LONGEST_WIDE: usize = units::MOST * 4;

/// The pieces, and what they need to be counted.
#[derive(Default)]
pub struct Waiting {
    /// Room for pieces to look up in the cache; the first `absent` are there.
    missed: Vec<Key>,
    absent: usize,
    unknown: Vec<Key>,
    long: Vec<([u8; 32], usize)>,
    /// Pieces beyond ASCII, with their key if they have one.
    wide: [Vec<(Units, Key)>; 2],
    cache: Cache,
    scratch: Scratch,
    merger: Merger<FEW>,
    long_merger: Merger<32>,
}

impl Waiting {
    /// Number of pieces.
    pub fn len(&self) -> usize {
        let wide: usize = self.wide.iter().map(Vec::len).sum();
        self.absent + self.long.len() + wide
    }

    /// Room for `more` pieces that are not tokens; [`Waiting::ask`] says how many there are.
    #[inline(always)]
    pub fn room(&mut self, more: usize) -> &mut [Key] {
        if self.missed.len() < self.absent + more {
            self.missed.resize(self.absent + more, Key::default());
        }
        &mut self.missed[self.absent..]
    }

    /// Let the first `more` pieces in the room wait. The memory to look them up is fetched in the meantime.
    #[inline(always)]
    pub fn ask(&mut self, more: usize) {
        for key in &self.missed[self.absent..][..more] {
            self.cache.prepare(*key);
        }
        self.absent += more;
    }

    /// Let the pieces wait that have no key, given by start and end; the tokens of those that are counted at once.
    #[inline(always)]
    pub fn rest(&mut self, tables: &Tables<'_>, chunk: &Chunk, rest: &[(usize, usize)]) -> usize {
        let Self {
            long,
            wide,
            scratch,
            ..
        } = self;
        let mut total = 0;
        for &(start, end) in rest {
            let piece = chunk.piece(start, end);
            if chunk.is_ascii() || piece.is_ascii() {
                if piece.len() <= merge::LONGEST {
                    long.push((chunk.thirty_two(start), piece.len()));
                    continue;
                }
            } else if piece.len() <= LONGEST_WIDE
                && let Some(units) = Units::of(tables, chunk.piece(start, end + 1), piece.len())
            {
                put(wide, units, Key::default());
                continue;
            }
            total += bpe::count(tables, piece, scratch);
        }
        total
    }

    /// Number of tokens of all; then none waits.
    #[inline(always)]
    pub fn count(&mut self, processor: impl Processor, tables: &Tables<'_>) -> usize {
        // A short text that is all tokens would take as long to find five empty lists as to be split.
        if self.len() == 0 {
            return 0;
        }
        let known = self.look_up(processor, tables);
        known + self.merge(processor, tables)
    }

    /// Look up in the cache what is to be; the tokens of what is found. The rest waits to be merged.
    #[inline(always)]
    fn look_up(&mut self, processor: impl Processor, tables: &Tables<'_>) -> usize {
        let Self {
            missed,
            absent,
            unknown,
            wide,
            cache,
            scratch,
            ..
        } = self;
        unknown.resize(*absent, Key::default());
        let mut left = 0;
        let mut total = 0;
        for &key in &missed[..*absent] {
            let known = cache.get(processor, &key);
            total += known;
            if key.is_ascii() {
                unknown[left] = key;
                left += usize::from(known == 0);
            } else if known == 0 {
                let bytes = key.0.to_le_bytes();
                if let Some(units) = Units::of(tables, &bytes, key.len()) {
                    put(wide, units, key);
                } else {
                    total += bpe::count(tables, &bytes[..key.len()], scratch);
                }
            }
        }
        unknown.truncate(left);
        *absent = 0;
        total
    }

    /// Merge all; the tokens that are left.
    #[inline(always)]
    fn merge(&mut self, processor: impl Processor, tables: &Tables<'_>) -> usize {
        let Self {
            unknown,
            long,
            wide,
            cache,
            merger,
            long_merger,
            ..
        } = self;
        let merges = &tables.merges;
        let mut total = 0;
        merger.count(
            processor,
            merges,
            unknown.len(),
            |lane, at| lane.start_bytes(merges, &unknown[at].0.to_le_bytes(), unknown[at].len()),
            |at, count| {
                total += count;
                cache.put(unknown[at], count);
            },
        );
        long_merger.count(
            processor,
            merges,
            long.len(),
            |lane, at| lane.start_bytes(merges, &long[at].0, long[at].1),
            |_, count| total += count,
        );
        let [few, many] = wide;
        let mut count_wide = |(_, key): &(Units, Key), count| {
            total += count;
            if *key != Key::default() {
                cache.put(*key, count);
            }
        };
        merger.count(
            processor,
            merges,
            few.len(),
            |lane, at| lane.start_units(processor, merges, &few[at].0),
            |at, count| count_wide(&few[at], count),
        );
        long_merger.count(
            processor,
            merges,
            many.len(),
            |lane, at| lane.start_units(processor, merges, &many[at].0),
            |at, count| count_wide(&many[at], count),
        );
        unknown.clear();
        long.clear();
        wide.iter_mut().for_each(Vec::clear);
        total
    }
}

/// Let a piece wait with the few units or with the many.
#[inline(always)]
fn put(wide: &mut [Vec<(Units, Key)>; 2], units: Units, key: Key) {
    wide[usize::from(units.tokens().len() >= FEW)].push((units, key));
}
