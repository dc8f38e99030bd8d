//! Places where bits do not tell where pieces start: there each piece is followed to the next one.

use super::{Starts, ahead, next, ones};
use crate::tokens::chunk::{Chunk, Masks};
use crate::tokens::split;

impl Starts {
    /// Follow the pieces around each unclear place, from where one surely starts to where the next one surely starts.
    #[inline(never)]
    pub(super) fn walk<const O200K: bool>(&mut self, chunk: &Chunk) {
        // Two of one word become one.
        self.unclear.sort_unstable();
        self.unclear.dedup_by(|next, one| {
            let same = next.0 == one.0;
            one.1 |= if same { next.1 } else { 0 };
            same
        });
        let mut walked = 0;
        for index in 0..self.unclear.len() {
            let (word, unclear) = self.unclear[index];
            for at in ones(unclear, word) {
                if at >= walked {
                    let start = last_sure(chunk, walked, at);
                    walked = self.follow::<O200K>(chunk, start, at);
                }
            }
        }
    }

    /// Follow the pieces from a start on, until one surely starts behind `place`; where that is.
    fn follow<const O200K: bool>(
        &mut self,
        chunk: &Chunk,
        mut start: usize,
        place: usize,
    ) -> usize {
        loop {
            let end = if O200K {
                split::o200k(chunk, start)
            } else {
                split::cl100k(chunk, start)
            };
            self.set(start);
            self.clear_all(start + 1, end);
            start = end;
            if end == chunk.len() || end > place && is_sure(chunk, end) {
                return end;
            }
        }
    }

    /// No piece starts from `start` on, up to `end`.
    fn clear_all(&mut self, start: usize, end: usize) {
        let (first, last) = (start / 64, end / 64);
        let (from, to) = (u64::MAX << (start % 64), (1 << (end % 64)) - 1);
        if first == last {
            self.bits[first] &= !(from & to);
            return;
        }
        self.bits[first] &= !from;
        self.bits[first + 1..last].fill(0);
        self.bits[last] &= !to;
    }
}

/// The last place in `start..=end` where a piece surely starts; `start` if there is none.
fn last_sure(chunk: &Chunk, start: usize, end: usize) -> usize {
    let mut word = end / 64;
    let mut sure = sure(chunk, word) & (u64::MAX >> (63 - end % 64));
    while sure == 0 && word > start / 64 {
        word -= 1;
        sure = self::sure(chunk, word);
    }
    match sure.checked_ilog2() {
        Some(bit) => start.max(word * 64 + bit as usize),
        None => start,
    }
}

fn is_sure(chunk: &Chunk, at: usize) -> bool {
    sure(chunk, at / 64) >> (at % 64) & 1 == 1
}

/// Blanks with a letter or a number before and a letter behind: no piece goes on with such a one, whatever was before.
fn sure(chunk: &Chunk, word: usize) -> u64 {
    let m = chunk.masks(word);
    let before = match word {
        0 => Masks::default(),
        _ => chunk.masks(word - 1),
    };
    let after = if word < chunk.len() / 64 {
        chunk.masks(word + 1)
    } else {
        Masks::default()
    };
    let word_before = next(m.letter | m.number, before.letter | before.number);
    m.blank & word_before & ahead(1, m.letter, after.letter)
}
