//! Number of tokens of one piece, in time linear in its length and without merging.
//!
//! Method: Hendrik van Antwerpen and Alexander Neubeck, "So many tokens, so little time: introducing
//! a faster, more flexible byte-pair tokenizer", GitHub blog 2024. A sequence of tokens is *the*
//! encoding if and only if each two neighbours are an encoding by themselves. So take the longest
//! token that fits behind the last one, and when nothing fits take the last one back.

use super::merges::Merges;
use super::trie::{NONE, Trie};
use super::vocabulary::{Vocabulary, VocabularyError};

/// Byte-pair encoding of one vocabulary.
pub struct Bpe {
    trie: Trie,
    merges: Merges,
    /// Bytes of each token.
    len: Vec<u8>,
    /// The longest other token that each token starts with.
    prefix: Vec<u32>,
}

/// Reused memory of [`Bpe::count`].
#[derive(Default)]
pub struct Scratch {
    tokens: Vec<u32>,
    /// Bit set: no encoding of what comes before can end at this position.
    dead: Vec<u64>,
}

impl Bpe {
    /// Build the tables of a vocabulary.
    ///
    /// # Errors
    /// The vocabulary is not one of byte-pair merges.
    pub fn new(vocabulary: &Vocabulary) -> Result<Self, VocabularyError> {
        let tokens = vocabulary.tokens();
        let trie = Trie::new(tokens.iter().map(Vec::as_slice).zip(0..));
        let prefix: Vec<u32> = tokens
            .iter()
            .map(|token| trie.longest(&token[..token.len() - 1]))
            .collect();
        let merges = Merges::new(vocabulary, &prefix)?;
        // At most 255 bytes, checked by the vocabulary.
        let len = tokens
            .iter()
            .map(|token| token.len().to_le_bytes()[0])
            .collect();
        Ok(Self {
            trie,
            merges,
            len,
            prefix,
        })
    }

    /// Number of tokens of a piece.
    #[inline]
    pub fn count(&self, piece: &[u8], scratch: &mut Scratch) -> usize {
        let Scratch { tokens, dead } = scratch;
        tokens.clear();
        dead.clear();
        dead.resize(piece.len() / 64 + 1, 0);
        let mut at = 0;
        let mut candidate = self.trie.longest(piece);
        while at < piece.len() {
            let end = at + usize::from(self.len[candidate as usize]);
            let fits = dead[end / 64] >> (end % 64) & 1 == 0
                && tokens
                    .last()
                    .is_none_or(|&last| self.merges.may_touch(last, candidate));
            if fits {
                tokens.push(candidate);
                at = end;
                candidate = self.trie.longest(&piece[at..]);
                continue;
            }
            candidate = self.prefix[candidate as usize];
            if candidate == NONE {
                // Each position dies at most once, which bounds the whole.
                dead[at / 64] |= 1 << (at % 64);
                let Some(last) = tokens.pop() else {
                    unreachable!("single bytes are tokens, so every piece has an encoding");
                };
                at -= usize::from(self.len[last as usize]);
                candidate = last;
            }
        }
        tokens.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::oracle::{self, Random};
    use super::*;

    fn both(tokens: Vec<Vec<u8>>) -> (Bpe, HashMap<Vec<u8>, u32>) {
        let ranks = tokens.iter().cloned().zip(0..).collect();
        (Bpe::new(&Vocabulary::new(tokens).unwrap()).unwrap(), ranks)
    }

    #[test]
    fn counts_are_those_of_merging_by_the_book() {
        let mut random = Random(5);
        let mut scratch = Scratch::default();
        for letters in [&b"a"[..], b"ab", b"abc", b"abcdefgh", b" the\xE4\xB8"] {
            for merges in [1, 5, 40, 120] {
                let (bpe, ranks) = both(oracle::trained(&mut random, letters, merges));
                for _ in 0..400 {
                    let length = random.below(60);
                    let piece: Vec<u8> = (0..length).map(|_| *random.choose(letters)).collect();
                    let wanted = if piece.is_empty() {
                        0
                    } else {
                        oracle::encode(&ranks, &piece).len()
                    };
                    assert_eq!(bpe.count(&piece, &mut scratch), wanted, "{piece:?}");
                }
            }
        }
    }

    #[test]
    fn a_token_is_one_token() {
        let mut scratch = Scratch::default();
        let (bpe, ranks) = both(oracle::trained(&mut Random(9), b"abcd", 150));
        for token in ranks.keys() {
            assert_eq!(bpe.count(token, &mut scratch), 1);
        }
    }

    #[test]
    fn tokens_that_merging_cannot_reach_are_refused() {
        let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        tokens.push(b"abc".to_vec());
        let error = Bpe::new(&Vocabulary::new(tokens).unwrap()).err().unwrap();
        assert_eq!(error.to_string(), "token 256 cannot be merged");
    }

    #[test]
    fn long_pieces_take_linear_time() {
        // Nothing is timed: quadratic work on a megabyte would take hours here.
        let mut scratch = Scratch::default();
        let mut random = Random(1);
        let (bpe, _) = both(oracle::trained(&mut random, b"ab", 150));
        let same = vec![b'a'; 1 << 20];
        let mixed: Vec<u8> = (0..1 << 20).map(|_| *random.choose(b"ab")).collect();
        for piece in [same, mixed] {
            assert!(bpe.count(&piece, &mut scratch) > 1000);
        }
    }
}
