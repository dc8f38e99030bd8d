//! What an encoding is looked up in: built once, by `build.rs`, and part of the extension's file.
//!
//! `build.rs` compiles these files as well, so they know nothing of the rest of the crate.

#[cfg(target_arch = "x86_64")]
pub mod avx2;
pub mod characters;
pub mod fetch;
pub mod lines;
pub mod merges;
pub mod pieces;
pub mod processor;
pub mod short_pieces;
#[cfg(target_arch = "x86_64")]
mod sse2;
pub mod trie;
pub mod vocabulary;

use characters::Characters;
use merges::Merges;
use pieces::Pieces;
use short_pieces::ShortPieces;
use trie::Trie;
use vocabulary::{Vocabulary, VocabularyError};

/// All tables of one encoding.
#[derive(Clone, Copy)]
pub struct Tables<'a> {
    /// The tokens of at most 8 bytes.
    pub short_pieces: ShortPieces<'a>,
    /// The tokens of 9 to 15 bytes.
    pub pieces: Pieces<'a>,
    /// All tokens, to find the longest that fits.
    pub trie: Trie<'a>,
    /// What the tokens were merged from.
    pub merges: Merges<'a>,
    /// The characters beyond ASCII.
    pub characters: Characters<'a>,
    /// The longest other token that each token starts with.
    pub prefix: &'a [u32],
    /// Bytes of each token.
    pub len: &'a [u16],
}

/// The memory of [`Tables`] that were not built beforehand.
pub struct Built {
    /// Of [`ShortPieces`].
    pub short_pieces: Vec<short_pieces::Bucket>,
    /// Of [`Pieces`].
    pub pieces: Vec<pieces::Bucket>,
    /// Of [`Trie`].
    pub nodes: Vec<trie::Node>,
    /// Of [`Merges`].
    pub merges: merges::Built,
    /// Of [`Characters`].
    pub characters: characters::Built,
    /// Of [`Tables`].
    pub prefix: Vec<u32>,
    /// Of [`Tables`].
    pub len: Vec<u16>,
}

impl Built {
    /// The tables of a vocabulary.
    ///
    /// # Errors
    /// The vocabulary is not one of byte-pair merges.
    pub fn new(vocabulary: &Vocabulary) -> Result<Self, VocabularyError> {
        let tokens = vocabulary.tokens();
        let nodes = trie::build(tokens.iter().map(Vec::as_slice).zip(0..));
        let trie = Trie { nodes: &nodes };
        let prefix: Vec<u32> = tokens
            .iter()
            .map(|token| trie.longest(&token[..token.len() - 1]).0)
            .collect();
        Ok(Self {
            short_pieces: short_pieces::build(vocabulary),
            pieces: pieces::build(vocabulary),
            merges: merges::build(vocabulary, &prefix)?,
            characters: characters::build(vocabulary),
            len: tokens
                .iter()
                .map(|token| u16::try_from(token.len()).expect("checked by the vocabulary"))
                .collect(),
            prefix,
            nodes,
        })
    }

    /// To look things up.
    pub fn view(&self) -> Tables<'_> {
        Tables {
            short_pieces: ShortPieces::new(&self.short_pieces),
            pieces: Pieces::new(&self.pieces),
            trie: Trie { nodes: &self.nodes },
            merges: self.merges.view(),
            characters: self.characters.view(),
            prefix: &self.prefix,
            len: &self.len,
        }
    }
}
