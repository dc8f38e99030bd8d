//! The counter beside its oracle, for the tests and the fuzz target.

use std::collections::HashMap;

use super::encoding::Encoding;
use super::oracle::{self, Random, Step};
use super::split::Pattern;
use super::text::Text;
use crate::tables::Built;
use crate::tables::vocabulary::Vocabulary;

/// One encoding, counted both ways.
pub struct Differential {
    fast: Encoding,
    ranks: HashMap<Vec<u8>, u32>,
    pattern: &'static [&'static [Step]],
}

impl Differential {
    /// The encoding itself, with the tables that the extension carries.
    ///
    /// # Panics
    /// Its vocabulary file is not readable.
    #[must_use]
    pub fn published(pattern: Pattern) -> Self {
        let packed = match pattern {
            Pattern::Cl100k => &include_bytes!("../../vocabularies/cl100k_base.bin")[..],
            Pattern::O200k => &include_bytes!("../../vocabularies/o200k_base.bin")[..],
            Pattern::ByteLevel => &include_bytes!("../../vocabularies/anthropic.bin")[..],
        };
        let vocabulary = Vocabulary::unpack(packed).expect("as `build.rs` read it");
        Self::new(pattern, vocabulary.tokens(), Encoding::new(pattern))
    }

    /// The pattern with a small vocabulary, whose many merges compete for the same few letters.
    ///
    /// # Panics
    /// The training is broken.
    #[must_use]
    pub fn trained(pattern: Pattern, seed: u64) -> Self {
        let tokens = oracle::trained(&mut Random(seed), " theinsa\u{4e2d}".as_bytes(), 200);
        let vocabulary = Vocabulary::new(tokens).expect("few and short tokens");
        // Leaked: tables live as long as the program.
        let built = Box::leak(Box::new(Built::new(&vocabulary).expect("made by merging")));
        let fast = Encoding::with_tables(pattern, built.view(), false);
        Self::new(pattern, vocabulary.tokens(), fast)
    }

    fn new(pattern: Pattern, tokens: &[Vec<u8>], fast: Encoding) -> Self {
        Self {
            fast,
            ranks: tokens.iter().cloned().zip(0..).collect(),
            pattern: match pattern {
                Pattern::Cl100k => oracle::CL100K,
                Pattern::O200k => oracle::O200K,
                Pattern::ByteLevel => oracle::BYTE_LEVEL,
            },
        }
    }

    /// Counts a text in slices of `slice` characters, both ways.
    ///
    /// # Panics
    /// The counts differ.
    pub fn check(&self, text: Text<'_>, slice: usize) {
        let codes = codes(text);
        let wanted: usize = codes
            .chunks(slice)
            .flat_map(|slice| oracle::split(self.pattern, &oracle::replaced(slice)))
            .map(|piece| oracle::encode(&self.ranks, piece.as_bytes()).len())
            .sum();
        assert_eq!(
            self.fast.count(text, slice),
            wanted,
            "{text:?} by {slice}: {:?}",
            oracle::replaced(&codes)
        );
    }
}

fn codes(text: Text<'_>) -> Vec<u32> {
    match text {
        Text::Ucs1(units) => units.iter().copied().map(u32::from).collect(),
        Text::Ucs2(units) => units.iter().copied().map(u32::from).collect(),
        Text::Ucs4(units) => units.to_vec(),
    }
}
