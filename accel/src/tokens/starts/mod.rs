//! Where pieces start in a slice, 64 bytes at a time and without following them one by one.
//!
//! The patterns are those of `split`. Nearly every start can be told from a character's class and that of its
//! neighbours. What cannot is put right one by one: contractions and most newlines here, the rest in `walk`.

mod numbers;
mod walk;

use std::num::NonZeroU64;

use super::chunk::{Chunk, Masks, sixteen};
use super::split::{contraction, is_newline};
use numbers::Numbers;

/// Reused memory of [`Starts::find`], and what it found.
#[derive(Default)]
pub struct Starts {
    bits: Vec<u64>,
    /// Word, and what in it is to be put right: first newlines, quotes.
    specials: Vec<(usize, [u64; 2])>,
    /// Word, and where in it the pieces have to be followed.
    unclear: Vec<(usize, u64)>,
    /// Whether a number beyond ASCII may be part of any number.
    has_wide_numbers: bool,
}

impl Starts {
    /// The number of pieces, after calling `piece` with start, length and first bytes of each that is not surely a
    /// token: single bytes are, and ASCII numbers if `numbers_are_tokens`. It is called from one place and compiled into
    /// it.
    #[inline(always)]
    pub fn each(
        &self,
        chunk: &Chunk,
        numbers_are_tokens: bool,
        mut piece: impl FnMut(usize, usize, &[u8; 16]),
    ) -> usize {
        let known = if numbers_are_tokens && !self.has_wide_numbers {
            u64::MAX
        } else {
            0
        };
        // The end of the last piece starts none.
        let mut pieces = 0;
        let last = chunk.len() / 64;
        for (word, pair) in self.bits.windows(2).enumerate() {
            let [bits, after] = [pair[0], pair[1]];
            let end = u64::from(word == last) << (chunk.len() % 64);
            pieces += (bits & !end).count_ones() as usize;
            // Where the next byte starts a piece.
            let ends = bits >> 1 | after << 63;
            let mut starts = bits & !(end | ends | chunk.masks(word).number & known);
            let bytes = chunk.block_and_sixteen(word);
            while let Some(rest) = NonZeroU64::new(starts) {
                let at = rest.trailing_zeros();
                // The ends from there on, the first 64.
                let here = ends >> at | (after & !1) << (63 - at);
                let start = word * 64 + at as usize;
                let length = if here == 0 {
                    self.next_start(word + 1) - start
                } else {
                    1 + here.trailing_zeros() as usize
                };
                piece(start, length, sixteen(bytes, at as usize));
                starts &= starts - 1;
            }
        }
        pieces
    }

    /// The first start in a word or in those behind it; there is one.
    #[cold]
    #[inline(never)]
    fn next_start(&self, mut word: usize) -> usize {
        while self.bits[word] == 0 {
            word += 1;
        }
        word * 64 + self.bits[word].trailing_zeros() as usize
    }

    /// Find where the pieces of a slice start, which is not empty.
    #[inline(always)]
    pub fn find<const O200K: bool>(&mut self, chunk: &Chunk) {
        if chunk.is_ascii() {
            self.find_in::<O200K, false>(chunk);
        } else {
            self.find_in::<O200K, true>(chunk);
        }
        // The end of the last piece.
        self.set(chunk.len());
        self.settle::<O200K>(chunk);
        if !self.unclear.is_empty() {
            self.walk::<O200K>(chunk);
        }
    }

    /// `WIDE`: there are characters beyond ASCII.
    #[inline(always)]
    fn find_in<const O200K: bool, const WIDE: bool>(&mut self, chunk: &Chunk) {
        let Self {
            bits: starts,
            specials,
            unclear,
            has_wide_numbers,
        } = self;
        let words = chunk.len() / 64 + 1;
        starts.clear();
        // One more, so that each has a next one.
        starts.resize(words + 1, 0);
        specials.clear();
        unclear.clear();
        *has_wide_numbers = false;
        let mut before = Masks::default();
        let mut free_before = 0;
        let mut line_ends_before = 0;
        let mut numbers_before = Numbers::default();
        for (word, found) in starts[..words].iter_mut().enumerate() {
            let m = chunk.masks(word);
            let after = if word + 1 < words {
                chunk.masks(word + 1)
            } else {
                Masks::default()
            };
            let gap = m.space & !m.newline;
            let gap_before = before.space & !before.newline;
            // A run of others starts at the blank before it, if there is one.
            let free = m.other & !next(m.other | m.blank, before.other | before.blank);
            let mut free_char = free;
            if WIDE {
                for _ in 1..4 {
                    free_char |= next(free_char, free_before) & m.inner;
                }
            }
            // A word starts at the character before it, if that starts a piece and is no newline.
            let bare = m.letter
                & !next(
                    m.letter | free_char | gap,
                    before.letter | free_before | gap_before,
                );
            let numbers = Numbers::after(numbers_before, m.number);
            let space = m.space & !next(m.space, before.space);
            // The last of a run of spaces is on its own or goes with what follows.
            let last = gap
                & if WIDE {
                    before_words(&m, &after)
                } else {
                    ahead(1, m.words(), after.words())
                };
            *found = bare | free | numbers.starts | space | last;
            if O200K {
                // Letters of no case are both, if there are any.
                let (upper, lower) = (m.upper & !m.lower, m.lower & !m.upper);
                *found |= upper & next(lower, before.lower & !before.upper);
            }

            // A newline behind others belongs to them. Followed by a word or a gap it is all there is to it.
            let newlines = m.newline & !next(m.newline, before.newline);
            let held = ahead(1, m.newline | m.other, after.newline | after.other);
            let line_ends = newlines & next(m.other, before.other) & !held;
            *found = *found & !line_ends | next(line_ends, line_ends_before) & gap;

            let quotes = m.quote & ahead(1, m.letter, after.letter);
            let quotes = quotes
                & if O200K {
                    next(m.letter, before.letter)
                } else {
                    free
                };
            let newlines = newlines & !line_ends;
            if newlines | quotes != 0 {
                specials.push((word, [newlines, quotes]));
            }
            if WIDE {
                let numbers = m.number & m.wide;
                *has_wide_numbers |= numbers != 0;
                let mut hard = numbers;
                if O200K {
                    // Marks, which are others and letters at once, and what may end a word of letters of no case.
                    let both = m.upper & m.lower;
                    let both_before = before.upper & before.lower;
                    hard |= both & !m.letter | m.upper & !m.lower & next(both, both_before);
                }
                if hard != 0 {
                    unclear.push((word, hard));
                }
            }
            numbers_before = numbers;
            line_ends_before = line_ends;
            free_before = free_char;
            before = m;
        }
    }

    fn set(&mut self, at: usize) {
        self.bits[at / 64] |= 1 << (at % 64);
    }

    fn clear(&mut self, at: usize) {
        self.bits[at / 64] &= !(1 << (at % 64));
    }

    #[inline(always)]
    fn settle<const O200K: bool>(&mut self, chunk: &Chunk) {
        // Where the last contraction ended: another one cannot follow without a word.
        let mut ended = 0;
        for index in 0..self.specials.len() {
            let (word, [newlines, quotes]) = self.specials[index];
            for at in ones(newlines, word) {
                self.newlines::<O200K>(chunk, at);
            }
            for at in ones(quotes, word) {
                let end = at + contraction(chunk, at);
                if end == at || O200K && at == ended {
                    continue;
                }
                if O200K {
                    // It belongs to the word before.
                    (at..end).for_each(|inside| self.clear(inside));
                    ended = end;
                }
                if chunk.is(|m| m.letter, end) {
                    self.set(end);
                }
            }
        }
    }

    /// Put right what follows a run of newlines.
    #[inline(always)]
    fn newlines<const O200K: bool>(&mut self, chunk: &Chunk, at: usize) {
        let after = chunk.run(|m| m.newline, at);
        let gap = chunk.is(|m| m.space, after);
        if at > 0 && chunk.is(|m| m.other, at - 1) {
            // They belong to the others before; what else may belong to these is not followed here.
            self.clear(at);
            if gap {
                self.set(after);
            }
            if O200K && chunk.byte(after) == b'/' {
                self.unclear.push((after / 64, 1 << (after % 64)));
            }
            return;
        }
        if gap {
            // The piece goes up to the last newline of the whole run of spaces, or to the end.
            let end = chunk.run(|m| m.space & !m.newline, after);
            let last = if end == chunk.len() {
                O200K
            } else {
                !is_newline(chunk.byte(end))
            };
            if last {
                self.set(after);
            }
        }
    }
}

/// The first byte of each character of one to three bytes that a word, a number or others follow.
#[inline(always)]
fn before_words(m: &Masks, after: &Masks) -> u64 {
    let inner = |by| ahead(by, m.inner, after.inner);
    let words = |by| ahead(by, m.words(), after.words());
    let (second, third) = (inner(1), inner(2));
    !m.inner & (!second & words(1) | second & !third & words(2) | second & third & words(3))
}

/// The positions of the bits of a word.
#[inline(always)]
fn ones(mut bits: u64, word: usize) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = (bits != 0).then(|| word * 64 + bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        at
    })
}

/// A bit for each position, moved to the next one; `before` is what the word before holds.
#[inline(always)]
fn next(bits: u64, before: u64) -> u64 {
    bits << 1 | before >> 63
}

/// A bit for each position, moved `by` positions back; `then` is what the next word holds.
#[inline(always)]
fn ahead(by: u32, bits: u64, then: u64) -> u64 {
    bits >> by | then << (64 - by)
}

#[cfg(test)]
mod tests;
