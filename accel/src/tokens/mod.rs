//! Exact token counts of OpenAI's byte-pair encodings, without building the tokens.
//!
//! One text goes through `text` (Python's storage) → `chunk` (UTF-8 and class masks) → `split`
//! (where pieces end) → `pieces` (whole-piece lookup) → `bpe` (the rest) → `encoding` (the sum).

mod ascii;
mod bpe;
mod cache;
mod chunk;
mod encoding;
mod merge;
#[cfg(test)]
mod oracle;
mod split;
mod text;
mod unicode;
mod unicode_data;

pub use encoding::Encoding;
pub use split::Pattern;
pub use text::Text;
