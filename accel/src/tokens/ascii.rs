//! Where pieces start in a slice of ASCII characters, 64 at a time and without following them one by one.
//!
//! The patterns are those of `split`. Within ASCII, nearly every start can be told from a character's class
//! and that of its neighbours; what cannot (contractions, most newlines) is put right one by one.

use std::num::NonZeroU64;

use super::chunk::{Chunk, Masks, sixteen};
use super::split::{contraction, is_newline};

/// Reused memory of [`Starts::find`], and what it found.
#[derive(Default)]
pub struct Starts {
    bits: Vec<u64>,
    /// Word, and what in it is to be put right: first newlines, quotes.
    specials: Vec<(usize, [u64; 2])>,
}

impl Starts {
    /// The number of pieces, after calling `piece` with start, length and first bytes of each that is not surely a
    /// token: single bytes are, and numbers if `numbers_are_tokens`. It is called from one place and compiled into it.
    #[inline(always)]
    pub fn each(
        &self,
        chunk: &Chunk,
        numbers_are_tokens: bool,
        mut piece: impl FnMut(usize, usize, &[u8; 16]),
    ) -> usize {
        let known = if numbers_are_tokens { u64::MAX } else { 0 };
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

    /// Find where the pieces of a slice start; false if that cannot be told here. The slice is ASCII and
    /// not empty.
    #[inline(always)]
    pub fn find<const O200K: bool>(&mut self, chunk: &Chunk) -> bool {
        let Self {
            bits: starts,
            specials,
        } = self;
        let words = chunk.len() / 64 + 1;
        starts.clear();
        // One more, so that each has a next one.
        starts.resize(words + 1, 0);
        specials.clear();
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
            let word_after = |m: &Masks| m.letter | m.number | m.other;
            let followed = |now: u64, then: u64| now >> 1 | then << 63;
            let gap = m.space & !m.newline;
            let gap_before = before.space & !before.newline;
            // A run of others starts at the blank before it, if there is one.
            let free = m.other & !next(m.other | m.blank, before.other | before.blank);
            // A word starts at the character before it, if that starts a piece and is no newline.
            let bare = m.letter
                & !next(
                    m.letter | free | gap,
                    before.letter | free_before | gap_before,
                );
            let numbers = Numbers::after(numbers_before, m.number);
            let space = m.space & !next(m.space, before.space);
            // The last of a run of spaces is on its own or goes with what follows.
            let last = gap & followed(word_after(&m), word_after(&after));
            *found = bare | free | numbers.starts | space | last;
            if O200K {
                *found |= m.upper & next(m.lower, before.lower);
            }

            // A newline behind others belongs to them. Followed by a word or a gap it is all there is to it.
            let newlines = m.newline & !next(m.newline, before.newline);
            let held = m.newline | m.other;
            let held = followed(held, after.newline | after.other);
            let line_ends = newlines & next(m.other, before.other) & !held;
            *found = *found & !line_ends | next(line_ends, line_ends_before) & gap;

            let quotes = m.quote & followed(m.letter, after.letter);
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
            numbers_before = numbers;
            line_ends_before = line_ends;
            free_before = free;
            before = m;
        }
        // The end of the last piece.
        self.set(chunk.len());
        self.settle::<O200K>(chunk)
    }

    fn set(&mut self, at: usize) {
        self.bits[at / 64] |= 1 << (at % 64);
    }

    fn clear(&mut self, at: usize) {
        self.bits[at / 64] &= !(1 << (at % 64));
    }

    #[inline(always)]
    fn settle<const O200K: bool>(&mut self, chunk: &Chunk) -> bool {
        // Where the last contraction ended: another one cannot follow without a word.
        let mut ended = 0;
        for index in 0..self.specials.len() {
            let (word, [newlines, quotes]) = self.specials[index];
            for at in ones(newlines, word) {
                if !self.newlines::<O200K>(chunk, at) {
                    return false;
                }
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
        true
    }

    /// Put right what follows a run of newlines.
    #[inline(always)]
    fn newlines<const O200K: bool>(&mut self, chunk: &Chunk, at: usize) -> bool {
        let after = chunk.run(|m| m.newline, at);
        let gap = chunk.is(|m| m.space, after);
        if at > 0 && chunk.is(|m| m.other, at - 1) {
            // They belong to the others before; what else may belong to these is not followed here.
            self.clear(at);
            if gap {
                self.set(after);
            }
            return !(O200K && chunk.byte(after) == b'/');
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
        true
    }
}

/// Where numbers start in a word: they have at most three digits.
#[derive(Clone, Copy, Default)]
struct Numbers {
    digits: u64,
    /// With a digit before, with two.
    second: u64,
    third: u64,
    starts: u64,
}

impl Numbers {
    #[inline(always)]
    fn after(before: Self, digits: u64) -> Self {
        let second = digits & next(digits, before.digits);
        let third = second & next(second, before.second);
        let fourth = third & next(third, before.third);
        let first = digits & !second;
        // A start is followed by another one three places on, if all in between are digits; then these by two.
        let mut starts = first | before.starts >> 61 & fourth;
        starts |= starts << 3 & fourth;
        let next_two = fourth & fourth << 3;
        starts |= starts << 6 & next_two;
        let next_four = next_two & next_two << 6;
        if next_four != 0 {
            starts |= starts << 12 & next_four;
            let next_eight = next_four & next_four << 12;
            starts |= starts << 24 & next_eight;
            starts |= starts << 48 & next_eight & next_eight << 24;
        }
        Self {
            digits,
            second,
            third,
            starts,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::super::oracle::Random;
    use super::super::split;
    use super::super::text::Text;
    use super::*;
    use crate::tables::processor::Any;

    /// `split` is compared with the patterns themselves; here it is the oracle.
    fn check(text: &[u8]) {
        let mut chunk = Chunk::default();
        // Leftovers of a longer text must not shine through.
        chunk.load(Any, Text::Ucs1(&[b"a1 \n.'"[text.len() % 6]; 3000]));
        chunk.load(Any, Text::Ucs1(text));
        assert!(chunk.is_ascii());
        let mut starts = Starts::default();
        let check = |starts: &Starts, end: fn(&Chunk, usize) -> usize| {
            let mut pieces = Vec::new();
            let mut start = 0;
            while start < chunk.len() {
                pieces.push((start, end(&chunk, start)));
                start = end(&chunk, start);
            }
            for numbers_are_tokens in [false, true] {
                let mut wanted = pieces.clone();
                wanted.retain(|&(start, end)| {
                    end - start > 1 && !(numbers_are_tokens && text[start].is_ascii_digit())
                });
                let mut found = Vec::new();
                let count = starts.each(&chunk, numbers_are_tokens, |start, length, bytes| {
                    assert_eq!(bytes, sixteen(chunk.bytes(), start));
                    found.push((start, start + length));
                });
                let shown = String::from_utf8_lossy(text);
                assert_eq!((count, found), (pieces.len(), wanted), "{shown:?}");
            }
        };
        assert!(starts.find::<false>(&chunk));
        check(&starts, split::cl100k);
        if starts.find::<true>(&chunk) {
            check(&starts, split::o200k);
        } else {
            let shown = String::from_utf8_lossy(text);
            assert!(shown.contains("\n/") || shown.contains("\r/"), "{shown:?}");
        }
    }

    const CHARS: &[u8] = b"asdmtlrveASTLRVE1' \n\r\t./\0\x1c\x7f";

    #[test]
    fn all_short_texts() {
        let few = b"asS1' \n\t./";
        for length in 1..=5 {
            for number in 0..few.len().pow(length) {
                let text: Vec<u8> = (0..length)
                    .map(|place| few[number / few.len().pow(place) % few.len()])
                    .collect();
                check(&text);
            }
        }
    }

    #[test]
    fn random_texts() {
        let mut random = Random(12);
        for round in 0..60_000 {
            let few: Vec<u8> = (0..=random.below(8))
                .map(|_| *random.choose(CHARS))
                .collect();
            let length = 1 + random.below(if round % 4 == 0 { 400 } else { 90 });
            let text: Vec<u8> = (0..length).map(|_| *random.choose(&few)).collect();
            check(&text);
        }
    }

    #[test]
    fn runs_across_the_words() {
        let mut random = Random(13);
        for _ in 0..20_000 {
            let mut text = Vec::new();
            for _ in 0..=random.below(8) {
                let one = *random.choose(CHARS);
                let longest = *random.choose(&[3, 5, 70, 140]);
                let length = 1 + random.below(longest);
                text.extend(std::iter::repeat_n(one, length));
            }
            check(&text);
        }
    }
}
