//! Exact token counts of OpenAI's byte-pair encodings, without building the tokens.
//!
//! One text goes through `text` (Python's storage) → `chunk` (UTF-8 and class masks) → `split`
//! (where pieces end) → `pieces` (whole-piece lookup) → `bpe` (the rest) → `encoding` (the sum).

mod bpe;
mod cache;
mod chunk;
mod encoding;
mod fetch;
mod merges;
#[cfg(test)]
mod oracle;
mod pieces;
mod split;
mod text;
mod trie;
mod unicode;
mod unicode_data;
mod vocabulary;

pub use encoding::Encoding;
pub use split::Pattern;
pub use text::Text;
pub use vocabulary::VocabularyError;
