//! Token counts of any text, however stored and sliced, beside counting by the book.
//!
//! Input: one byte each for encoding, slice size, storage and repetitions, then the text.

#![no_main]

use std::sync::LazyLock;

use accel::tokens::{CHARS, Differential, Pattern, Text};
use libfuzzer_sys::fuzz_target;

static ENCODINGS: LazyLock<[Differential; 4]> = LazyLock::new(|| {
    [
        Differential::published(Pattern::Cl100k),
        Differential::published(Pattern::O200k),
        Differential::trained(Pattern::Cl100k, 1),
        Differential::trained(Pattern::O200k, 2),
    ]
});

/// LiteLLM's slice size.
const LITELLM: usize = 1024;

/// Longer than LiteLLM's slices, and than what the native side keeps for a batch.
const MOST_UNITS: usize = 2000;

fn prepare() {
    // Outside of the time that one input may take.
    LazyLock::force(&ENCODINGS);
}

fuzz_target!(init: prepare(), |input: &[u8]| {
    let [encoding, slice, storage, repetitions, text @ ..] = input else {
        return;
    };
    let encoding = &ENCODINGS[usize::from(*encoding) % ENCODINGS.len()];
    let slice = match slice {
        0 => LITELLM,
        slice => usize::from(*slice),
    };
    // Seldom, as the oracle is slow on what is long.
    let repetitions = match repetitions {
        0..0xF0 => 1,
        many => usize::from(many - 0xEF) * 16,
    };
    match storage % 4 {
        0 => encoding.check(Text::Ucs1(&repeated(text, repetitions)), slice),
        1 => encoding.check(Text::Ucs2(&repeated(&pairs(text), repetitions)), slice),
        2 => encoding.check(Text::Ucs4(&repeated(&decoded(text), repetitions)), slice),
        _ => encoding.check(Text::Ucs4(&repeated(&chosen(text), repetitions)), slice),
    }
});

/// Long texts from short inputs, which are quicker to change.
fn repeated<Unit: Copy>(text: &[Unit], repetitions: usize) -> Vec<Unit> {
    let mut long = text.repeat(repetitions);
    long.truncate(MOST_UNITS);
    long
}

/// Two bytes a character, so that surrogates come together or alone.
fn pairs(text: &[u8]) -> Vec<u16> {
    let (pairs, _) = text.as_chunks();
    pairs.iter().copied().map(u16::from_le_bytes).collect()
}

/// Any character, by its UTF-8.
fn decoded(text: &[u8]) -> Vec<u32> {
    let text = String::from_utf8_lossy(text);
    text.chars().map(u32::from).collect()
}

/// Characters that play a part in the patterns, one a byte.
fn chosen(text: &[u8]) -> Vec<u32> {
    text.iter()
        .map(|byte| u32::from(CHARS[usize::from(*byte) % CHARS.len()]))
        .collect()
}
