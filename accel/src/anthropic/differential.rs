//! The tokenizer beside its oracle, for the tests and the fuzz target.

use std::collections::HashMap;

use unicode_normalization_alignments::UnicodeNormalization;

use super::{Tokenizer, added};
use crate::tables::vocabulary::Vocabulary;
use crate::tokens::{Text, oracle};

/// The tokenizer, counted both ways.
pub struct Differential {
    fast: Tokenizer,
    ranks: HashMap<Vec<u8>, u32>,
}

impl Differential {
    /// With the vocabulary that the extension carries.
    ///
    /// # Panics
    /// Its file is not readable.
    #[must_use]
    pub fn new() -> Self {
        let packed = include_bytes!("../../vocabularies/anthropic.bin");
        let vocabulary = Vocabulary::unpack(packed).expect("as `build.rs` read it");
        Self {
            fast: Tokenizer::new(),
            ranks: vocabulary.tokens().iter().cloned().zip(0..).collect(),
        }
    }

    /// Counts a text both ways.
    ///
    /// # Panics
    /// The counts differ.
    pub fn check(&self, text: &str) {
        let codes: Vec<u32> = text.chars().map(u32::from).collect();
        let fast = self.fast.count(Text::Ucs4(&codes));
        assert_eq!(fast, Some(self.slowly(text)), "{text:?}");
    }

    /// By the definition, step by step, and without cutting.
    fn slowly(&self, text: &str) -> usize {
        let found = added::TOKENS
            .iter()
            .filter_map(|token| text.find(token).map(|at| (at, token.len())))
            .min();
        let before = &text[..found.map_or(text.len(), |(at, _)| at)];
        let normal: String = before.nfkc().map(|(char, _)| char).collect();
        let count = oracle::split(oracle::BYTE_LEVEL, &normal)
            .iter()
            .map(|piece| oracle::encode(&self.ranks, piece.as_bytes()).len())
            .sum();
        match found {
            None => count,
            Some((at, length)) => count + 1 + self.slowly(&text[at + length..]),
        }
    }
}

impl Default for Differential {
    fn default() -> Self {
        Self::new()
    }
}
