//! Exact token counts of OpenAI's byte-pair encodings, without building the tokens.
//!
//! One text goes through `text` (Python's storage) → `chunk` (UTF-8 and class masks) → `split`
//! and `starts` (where pieces end) → `lookups` (whole pieces) → `waiting`, which has `merge`, `bpe` and `run` count the rest
//! → `encoding` (the sum).

mod bpe;
mod cache;
mod chunk;
#[cfg(any(test, feature = "oracle"))]
mod differential;
mod encoding;
mod free;
mod lookups;
mod merge;
#[cfg(any(test, feature = "oracle"))]
pub(crate) mod oracle;
mod run;
mod split;
mod starts;
mod text;
mod unicode;
mod unicode_data;
mod units;
mod utf8;
mod waiting;

#[cfg(feature = "oracle")]
pub use differential::Differential;
pub use encoding::Encoding;
#[cfg(feature = "oracle")]
pub use oracle::CHARS;
pub use split::Pattern;
pub use text::Text;
