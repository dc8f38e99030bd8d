//! Which pieces of a slice are tokens as a whole.

use std::slice::IterMut;

use super::chunk::{Chunk, sixteen};
use super::split::{self, Pattern};
use super::starts::Starts;
use crate::tables::Tables;
use crate::tables::pieces::{Key, MAX_PIECE, Pieces};
use crate::tables::processor::Processor;
use crate::tables::short_pieces::{MAX_SHORT, ShortKey, ShortPieces};

/// Reused memory to split a slice and to look its pieces up.
#[derive(Default)]
pub struct Lookups {
    starts: Starts,
    short: Vec<ShortKey>,
    longer: Vec<Lookup>,
    /// Start and end of the pieces that are too long for a key.
    rest: Vec<(usize, usize)>,
    missed: Vec<ShortKey>,
}

/// A piece to look up, and where.
#[derive(Clone, Copy, Default)]
struct Lookup {
    key: Key,
    bucket: usize,
}

/// How many pieces a slice has, and how many of which kind; what is of none is surely a token.
pub struct Split {
    pub pieces: usize,
    short: usize,
    longer: usize,
    rest: usize,
}

impl Split {
    /// Pieces to look up.
    #[inline(always)]
    pub fn lookups(&self) -> usize {
        self.short + self.longer
    }
}

impl Lookups {
    /// Split the loaded slice. The memory that the lookups need is fetched in the meantime.
    #[inline(always)]
    pub fn split(
        &mut self,
        chunk: &Chunk,
        tables: &Tables<'_>,
        pattern: Pattern,
        numbers_are_tokens: bool,
    ) -> Split {
        // Every piece has at least one byte, and is the last or begins before it.
        let room = chunk.len();
        if self.short.len() < room {
            self.short.resize(room, ShortKey::default());
            self.longer.resize(room, Lookup::default());
            self.rest.resize(room, (0, 0));
            self.missed.resize(room, ShortKey::default());
        }
        let mut found = Found {
            short_pieces: tables.short_pieces,
            pieces: tables.pieces,
            // What ends in a zero has no shorter key.
            max_short: if chunk.has_zeros() { 0 } else { MAX_SHORT },
            short: self.short.iter_mut(),
            longer: self.longer.iter_mut(),
            rest: self.rest.iter_mut(),
        };
        let pieces = match pattern {
            Pattern::ByteLevel => found.follow(chunk, split::byte_level),
            // Where bits would tell next to nothing.
            Pattern::O200k if chunk.is_dense_with_marks() => found.follow(chunk, split::o200k),
            Pattern::Cl100k | Pattern::O200k => {
                if pattern == Pattern::Cl100k {
                    self.starts.find::<false>(chunk);
                } else {
                    self.starts.find::<true>(chunk);
                }
                self.starts
                    .each(chunk, numbers_are_tokens, |start, length, bytes| {
                        found.add(start, length, bytes);
                    })
            }
        };
        let unused = (found.short.len(), found.longer.len(), found.rest.len());
        Split {
            pieces,
            short: self.short.len() - unused.0,
            longer: self.longer.len() - unused.1,
            rest: self.rest.len() - unused.2,
        }
    }

    /// Look up the pieces of a split; the number of those that are not found, which are written to `missed`.
    #[inline(always)]
    pub fn look_up(
        &mut self,
        processor: impl Processor,
        tables: &Tables<'_>,
        split: &Split,
        missed: &mut [Key],
    ) -> usize {
        // Written always and kept if missed: a branch would be mispredicted at every miss.
        let mut absent = 0;
        let missed_short = &mut self.missed[..split.short];
        for &key in &self.short[..split.short] {
            missed_short[absent] = key;
            absent += usize::from(!tables.short_pieces.contains(processor, key));
        }
        for (key, missed) in missed_short[..absent].iter().zip(&mut *missed) {
            *missed = Key::from(*key);
        }
        for Lookup { key, bucket } in &self.longer[..split.longer] {
            missed[absent] = *key;
            absent += usize::from(!tables.pieces.contains(processor, key, *bucket));
        }
        absent
    }

    /// Start and end of the pieces of a split that are too long to be looked up.
    #[inline(always)]
    pub fn rest(&self, split: &Split) -> &[(usize, usize)] {
        &self.rest[..split.rest]
    }
}

/// The pieces of a slice, as they are found.
struct Found<'a> {
    short_pieces: ShortPieces<'a>,
    pieces: Pieces<'a>,
    /// Longest piece that has a shorter key.
    max_short: usize,
    /// Room for them.
    short: IterMut<'a, ShortKey>,
    longer: IterMut<'a, Lookup>,
    /// Room for start and end of those that are too long for a key.
    rest: IterMut<'a, (usize, usize)>,
}

impl Found<'_> {
    /// Add all pieces, each from where the one before ends; their number.
    #[inline(always)]
    fn follow(&mut self, chunk: &Chunk, piece_end: impl Fn(&Chunk, usize) -> usize) -> usize {
        let mut pieces = 0;
        let mut start = 0;
        while start < chunk.len() {
            let end = piece_end(chunk, start);
            self.add(start, end - start, sixteen(chunk.bytes(), start));
            pieces += 1;
            start = end;
        }
        pieces
    }

    #[inline(always)]
    fn add(&mut self, start: usize, length: usize, bytes: &[u8; 16]) {
        if length <= self.max_short {
            let eight = bytes.first_chunk().expect("of sixteen");
            let key = ShortKey::new(u64::from_le_bytes(*eight), length);
            self.short_pieces.prepare(key);
            *self.short.next().expect("one a byte is there") = key;
        } else if length <= MAX_PIECE {
            let key = Key::new(u128::from_le_bytes(*bytes), length);
            let bucket = self.pieces.bucket(key);
            let room = self.longer.next().expect("one a byte is there");
            *room = Lookup { key, bucket };
        } else {
            *self.rest.next().expect("one a byte is there") = (start, start + length);
        }
    }
}
