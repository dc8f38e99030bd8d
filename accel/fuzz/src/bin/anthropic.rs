//! Counts of Anthropic's tokenizer for any text, beside counting by the book.

#![no_main]

use std::sync::LazyLock;

use accel::anthropic::Differential;
use libfuzzer_sys::fuzz_target;

static BOTH: LazyLock<Differential> = LazyLock::new(Differential::new);

fn prepare() {
    // Outside of the time that one input may take.
    LazyLock::force(&BOTH);
}

fuzz_target!(init: prepare(), |text: &str| BOTH.check(text));
