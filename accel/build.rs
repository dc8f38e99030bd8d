//! Computes the tables of the encodings from their vocabularies, so that loading them takes no time.

// The crate uses all of it; this script only builds and writes.
#[allow(dead_code)]
#[path = "src/tables/mod.rs"]
mod tables;

use std::path::PathBuf;

use tables::Built;
use tables::vocabulary::Vocabulary;

fn main() {
    println!("cargo::rerun-if-changed=src/tables");
    println!("cargo::rerun-if-changed=vocabularies");
    let target = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    for encoding in ["cl100k_base", "o200k_base", "anthropic"] {
        let source = format!("vocabularies/{encoding}.bin");
        let packed = std::fs::read(&source).unwrap_or_else(|error| panic!("{source}: {error}"));
        let built = Vocabulary::unpack(&packed)
            .and_then(|vocabulary| Built::new(&vocabulary))
            .unwrap_or_else(|error| panic!("{source}: {error}"));
        let write = |name: &str, content: Vec<u8>| {
            let file = target.join(format!("{encoding}.{name}"));
            std::fs::write(&file, content)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        };
        let words = |words: &[[u32; 2]]| {
            words
                .iter()
                .flatten()
                .flat_map(|word| word.to_le_bytes())
                .collect()
        };
        let keys = built.short_pieces.iter().flat_map(|bucket| bucket.0);
        write("short_pieces", keys.flat_map(u64::to_le_bytes).collect());
        let keys = built.pieces.iter().flat_map(|bucket| bucket.0);
        write("pieces", keys.flat_map(u128::to_le_bytes).collect());
        let nodes: Vec<[u32; 2]> = built.nodes.iter().map(|node| node.words()).collect();
        write("trie", words(&nodes));
        let bytes = built.merges.bytes.iter();
        write("bytes", bytes.flat_map(|word| word.to_le_bytes()).collect());
        write("split", words(&built.merges.split));
        let entries = built
            .merges
            .pairs
            .iter()
            .flat_map(|bucket| bucket.entries());
        write("pairs", entries.flat_map(u64::to_le_bytes).collect());
        let characters = built.characters.entries.iter();
        write(
            "characters",
            characters.flat_map(|id| id.to_le_bytes()).collect(),
        );
        let mixed = built.characters.mixed.iter();
        write("mixed", mixed.flat_map(|word| word.to_le_bytes()).collect());
        let filter = built.merges.filter.iter();
        write(
            "filter",
            filter.flat_map(|word| word.to_le_bytes()).collect(),
        );
        write(
            "prefix",
            built
                .prefix
                .iter()
                .flat_map(|id| id.to_le_bytes())
                .collect(),
        );
        let len = built.len.iter();
        write("len", len.flat_map(|len| len.to_le_bytes()).collect());
    }
}
