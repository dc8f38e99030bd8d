//! Number of tokens of one piece, in time linear in its length and without merging.
//!
//! Method: Hendrik van Antwerpen and Alexander Neubeck, "So many tokens, so little time: introducing
//! a faster, more flexible byte-pair tokenizer", GitHub blog 2024. A sequence of tokens is *the*
//! encoding if and only if each two neighbours are an encoding by themselves. So take the longest
//! token that fits behind the last one, and when nothing fits take the last one back.

use super::run::{self, Stretch};
use crate::tables::Tables;
use crate::tables::trie::NONE;

/// Reused memory of [`count`].
#[derive(Default)]
pub struct Scratch {
    tokens: Vec<u32>,
    dead: Vec<u64>,
    row: Vec<Stretch>,
}

/// Pieces below this length need no memory but the stack, and one word for their positions.
const SHORT: usize = 64;

/// Number of tokens of a piece.
#[inline(always)]
pub fn count(tables: &Tables<'_>, piece: &[u8], scratch: &mut Scratch) -> usize {
    let Scratch { tokens, dead, row } = scratch;
    if run::is_run(piece) {
        // Of spaces there are tokens of nearly every length, few of which may touch: each would be tried.
        run::count(&tables.merges, piece[0], piece.len(), row)
    } else if piece.len() < SHORT {
        cover(tables, piece, &mut [0; SHORT], &mut [0])
    } else {
        tokens.resize(tokens.len().max(piece.len()), 0);
        dead.clear();
        dead.resize(piece.len() / 64 + 1, 0);
        cover(tables, piece, tokens, dead)
    }
}

/// Number of tokens of a piece. `tokens` has room for one a byte; `dead` has a zero bit for each
/// position, set when no encoding of what comes before ends there.
#[inline(always)]
fn cover(tables: &Tables<'_>, piece: &[u8], tokens: &mut [u32], dead: &mut [u64]) -> usize {
    let mut count = 0;
    let mut at = 0;
    let (mut candidate, mut length) = tables.trie.longest(piece);
    while at < piece.len() {
        let end = at + length;
        let left = if count == 0 { NONE } else { tokens[count - 1] };
        if dead[end / 64] >> (end % 64) & 1 == 0
            && (left == NONE || tables.merges.may_touch(left, candidate))
        {
            tokens[count] = candidate;
            count += 1;
            at = end;
            (candidate, length) = tables.trie.longest(&piece[at..]);
            continue;
        }
        candidate = tables.prefix[candidate as usize];
        if candidate == NONE {
            // Each position dies at most once, which bounds the whole. Something is always there to
            // be taken back, as the single bytes are tokens and so every piece has an encoding.
            dead[at / 64] |= 1 << (at % 64);
            count -= 1;
            candidate = tokens[count];
            at -= usize::from(tables.len[candidate as usize]);
        }
        length = usize::from(tables.len[candidate as usize]);
    }
    count
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::oracle::{self, Random};
    use super::*;
    use crate::tables::Built;
    use crate::tables::vocabulary::Vocabulary;

    fn both(tokens: Vec<Vec<u8>>) -> (Built, HashMap<Vec<u8>, u32>) {
        let ranks = tokens.iter().cloned().zip(0..).collect();
        (
            Built::new(&Vocabulary::new(tokens).unwrap()).unwrap(),
            ranks,
        )
    }

    #[test]
    fn counts_are_those_of_merging_by_the_book() {
        let mut random = Random(5);
        for letters in [&b"a"[..], b"ab", b"abc", b"abcdefgh", b" the\xE4\xB8"] {
            for merges in [1, 5, 40, 120] {
                let (bpe, ranks) = both(oracle::trained(&mut random, letters, merges));
                let mut scratch = Scratch::default();
                for round in 0..400 {
                    // Some are too long for the stack.
                    let length = random.below(if round % 8 == 0 { 150 } else { 60 });
                    let piece: Vec<u8> = (0..length).map(|_| *random.choose(letters)).collect();
                    let wanted = if piece.is_empty() {
                        0
                    } else {
                        oracle::encode(&ranks, &piece).len()
                    };
                    assert_eq!(
                        count(&bpe.view(), &piece, &mut scratch),
                        wanted,
                        "{piece:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_token_is_one_token() {
        let mut scratch = Scratch::default();
        let (bpe, ranks) = both(oracle::trained(&mut Random(9), b"abcd", 150));
        for token in ranks.keys() {
            assert_eq!(count(&bpe.view(), token, &mut scratch), 1);
        }
    }

    #[test]
    fn tokens_that_merging_cannot_reach_are_refused() {
        let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        tokens.push(b"abc".to_vec());
        let error = Built::new(&Vocabulary::new(tokens).unwrap()).err().unwrap();
        assert_eq!(error.to_string(), "token 256 cannot be merged");
    }

    #[test]
    fn long_pieces_take_linear_time() {
        // Nothing is timed: quadratic work on a megabyte would take hours here.
        let mut scratch = Scratch::default();
        let mut random = Random(1);
        let (bpe, _) = both(oracle::trained(&mut random, b"ab", 150));
        let same = vec![b'a'; 1 << 20];
        let nearly_same = [&same[..], b"b"].concat();
        let mixed: Vec<u8> = (0..1 << 20).map(|_| *random.choose(b"ab")).collect();
        for piece in [same, nearly_same, mixed] {
            assert!(count(&bpe.view(), &piece, &mut scratch) > 1000);
        }
    }
}
