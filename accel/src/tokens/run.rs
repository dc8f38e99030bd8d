//! Number of tokens of one byte repeated, in time logarithmic in its length.
//!
//! While such a piece is merged as the definition says, it is a row of few stretches of the same token. Of
//! equal pairs the leftmost merges first, so a stretch of n tokens becomes n / 2 merged ones and, if n is
//! odd, one of the old behind them. Nothing merges in between: a pair that holds a merged token has a higher
//! rank than that token.

use crate::tables::merges::Merges;
use crate::tables::trie::NONE;

/// A token, and how often it stands there.
pub type Stretch = (u32, usize);

/// Whether all bytes of a piece are the same.
#[inline(always)]
pub fn is_run(piece: &[u8]) -> bool {
    // The first two tell nearly always.
    piece.len() > 1 && piece[0] == piece[1] && piece[1..] == piece[..piece.len() - 1]
}

/// Number of tokens of `times` times a byte; `row` is reused memory.
pub fn count(merges: &Merges<'_>, byte: u8, times: usize, row: &mut Vec<Stretch>) -> usize {
    row.clear();
    row.push((merges.byte(byte), times));
    while let Some((at, inside, merged)) = first(merges, row) {
        if inside {
            let (_, times) = &mut row[at];
            let pairs = *times / 2;
            *times %= 2;
            row.insert(at, (merged, pairs));
        } else {
            row[at].1 -= 1;
            row[at + 1].1 -= 1;
            row.insert(at + 1, (merged, 1));
        }
        row.retain(|&(_, times)| times > 0);
    }
    row.iter().map(|&(_, times)| times).sum()
}

/// The pairs that merge first: of which stretch, whether inside of it or of its last token and the next
/// stretch's first, and into what.
#[inline(always)]
fn first(merges: &Merges<'_>, row: &[Stretch]) -> Option<(usize, bool, u32)> {
    let mut found = (0, false, NONE);
    for (at, &(token, times)) in row.iter().enumerate() {
        let inside = (times > 1).then_some((token, true));
        let next = row.get(at + 1).map(|&(next, _)| (next, false));
        for (right, inside) in [inside, next].into_iter().flatten() {
            let id = merges.merged(token, right);
            if id < found.2 {
                found = (at, inside, id);
            }
        }
    }
    (found.2 != NONE).then_some(found)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::oracle::{self, Random};
    use super::*;
    use crate::embedded;
    use crate::tables::vocabulary::Vocabulary;
    use crate::tables::{Built, Tables};

    #[test]
    fn only_runs_are_runs() {
        for run in [&b"aa"[..], b"    ", b"\0\0\0"] {
            assert!(is_run(run));
        }
        for other in [&b""[..], b"a", b"ab", b"aab", b"abb", b"aaaaaaaab"] {
            assert!(!is_run(other));
        }
    }

    fn check(tables: &Tables<'_>, ranks: &HashMap<Vec<u8>, u32>, byte: u8, times: usize) {
        let wanted = oracle::encode(ranks, &vec![byte; times]).len();
        let found = count(&tables.merges, byte, times, &mut Vec::new());
        assert_eq!(found, wanted, "{times} times {byte}");
    }

    #[test]
    fn every_byte_in_every_encoding() {
        let packed = [
            &include_bytes!("../../vocabularies/cl100k_base.bin")[..],
            &include_bytes!("../../vocabularies/o200k_base.bin")[..],
            &include_bytes!("../../vocabularies/anthropic.bin")[..],
        ];
        let tables = [embedded::CL100K, embedded::O200K, embedded::ANTHROPIC];
        for (packed, tables) in packed.into_iter().zip(tables) {
            let vocabulary = Vocabulary::unpack(packed).unwrap();
            let ranks = vocabulary.tokens().iter().cloned().zip(0..).collect();
            for byte in 0..=255 {
                // Of these there are many tokens, up to 128 of them.
                let many = b" =-*\n".contains(&byte);
                let lengths = (1..if many { 135 } else { 10 }).chain((15..100).step_by(17));
                for times in
                    lengths.chain(many.then_some([255, 256, 260, 300]).into_iter().flatten())
                {
                    check(&tables, &ranks, byte, times);
                }
            }
        }
    }

    #[test]
    fn trained_on_runs() {
        let mut random = Random(14);
        for merges in [1, 2, 3, 5, 8, 13, 21] {
            for _ in 0..20 {
                let tokens = oracle::trained(&mut random, b"a", merges);
                let ranks = tokens.iter().cloned().zip(0..).collect();
                let built = Built::new(&Vocabulary::new(tokens).unwrap()).unwrap();
                for times in 1..70 {
                    check(&built.view(), &ranks, b'a', times);
                }
            }
        }
    }
}
