//! The tables that `build.rs` computed, as parts of the extension's file: loading an encoding takes no
//! time, only the pages that are used are read, and all processes share them.

use crate::tables::Tables;
use crate::tables::characters::Characters;
use crate::tables::merges::{self, Merges};
use crate::tables::pieces::{self, Pieces};
use crate::tables::short_pieces::{self, ShortPieces};
use crate::tables::trie::{self, Trie};

#[cfg(not(target_endian = "little"))]
compile_error!("build.rs writes the tables for little-endian processors");

/// Bytes at an address that suits every table.
#[repr(C, align(64))]
struct Aligned<Bytes: ?Sized>(Bytes);

/// Types that any bytes are a value of.
///
/// # Safety
/// Every bit pattern is a value, there is no padding, and the alignment is at most 64.
unsafe trait Plain {}

// SAFETY: an integer.
unsafe impl Plain for u16 {}
// SAFETY: an integer.
unsafe impl Plain for u32 {}
// SAFETY: an integer.
unsafe impl Plain for u64 {}
// SAFETY: an array of integers.
unsafe impl Plain for [u32; 2] {}
// SAFETY: two `u32` in C layout.
unsafe impl Plain for trie::Node {}
// SAFETY: 32 bytes of four `u64` in C layout, aligned to 32.
unsafe impl Plain for merges::Bucket {}
// SAFETY: 64 bytes of four `u128` in C layout, aligned to 64.
unsafe impl Plain for pieces::Bucket {}
// SAFETY: 64 bytes of eight `u64` in C layout, aligned to 64.
unsafe impl Plain for short_pieces::Bucket {}

/// Bytes as a table. A length that is not a whole number of entries does not compile.
const fn table<Entry: Plain>(bytes: &'static Aligned<[u8]>) -> &'static [Entry] {
    let size = size_of::<Entry>();
    assert!(bytes.0.len().is_multiple_of(size) && align_of::<Entry>() <= 64);
    // SAFETY: the bytes live for ever, are aligned to 64, and are `len / size` entries of a type that any
    // bytes are a value of.
    unsafe { std::slice::from_raw_parts(bytes.0.as_ptr().cast(), bytes.0.len() / size) }
}

macro_rules! section {
    ($encoding:literal, $name:literal) => {{
        static BYTES: &Aligned<[u8]> = &Aligned(*include_bytes!(concat!(
            env!("OUT_DIR"),
            "/",
            $encoding,
            ".",
            $name
        )));
        table(BYTES)
    }};
}

macro_rules! encoding {
    ($encoding:literal) => {
        Tables {
            short_pieces: ShortPieces::new(section!($encoding, "short_pieces")),
            pieces: Pieces::new(section!($encoding, "pieces")),
            trie: Trie {
                nodes: section!($encoding, "trie"),
            },
            merges: Merges::new(
                section!($encoding, "bytes"),
                section!($encoding, "split"),
                section!($encoding, "pairs"),
                section!($encoding, "filter"),
            ),
            characters: Characters::new(
                section!($encoding, "characters"),
                section!($encoding, "mixed"),
            ),
            prefix: section!($encoding, "prefix"),
            len: section!($encoding, "len"),
        }
    };
}

/// Of `cl100k_base`.
pub static CL100K: Tables<'static> = encoding!("cl100k_base");
/// Of `o200k_base`.
pub static O200K: Tables<'static> = encoding!("o200k_base");
/// Of Anthropic's published tokenizer.
pub static ANTHROPIC: Tables<'static> = encoding!("anthropic");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Built;
    use crate::tables::processor::Any;
    use crate::tables::vocabulary::Vocabulary;

    #[test]
    fn every_entry_is_as_it_was_built() {
        let vocabularies = [
            (
                &CL100K,
                &include_bytes!("../vocabularies/cl100k_base.bin")[..],
            ),
            (
                &O200K,
                &include_bytes!("../vocabularies/o200k_base.bin")[..],
            ),
            (
                &ANTHROPIC,
                &include_bytes!("../vocabularies/anthropic.bin")[..],
            ),
        ];
        for (embedded, packed) in vocabularies {
            let vocabulary = Vocabulary::unpack(packed).unwrap();
            let built = Built::new(&vocabulary).unwrap();
            let fresh = built.view();
            assert_eq!(embedded.len, fresh.len);
            assert_eq!(embedded.prefix, fresh.prefix);
            assert_eq!(embedded.trie.nodes.len(), fresh.trie.nodes.len());
            for (token, id) in vocabulary.tokens().iter().zip(0..) {
                assert_eq!(embedded.trie.longest(token), (id, token.len()));
                assert_eq!(embedded.merges.split(id), fresh.merges.split(id));
                if let Some(key) = short_pieces::ShortKey::of(token) {
                    assert_eq!(
                        embedded.short_pieces.contains(Any, key),
                        fresh.short_pieces.contains(Any, key)
                    );
                } else if let Some(key) = pieces::Key::of(token) {
                    let found =
                        |pieces: &Pieces<'_>| pieces.contains(Any, &key, pieces.bucket(key));
                    assert_eq!(found(&embedded.pieces), found(&fresh.pieces));
                }
                let [left, right] = embedded.merges.split(id);
                if left != id {
                    assert_eq!(embedded.merges.merged(left, right), id);
                }
            }
        }
    }
}
