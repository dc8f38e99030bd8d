//! Exact token counts of Anthropic's published tokenizer, as Hugging Face's `tokenizers` counts with it.
//!
//! A text is cut into stretches (`stretch`), the five added tokens are found in each (`added`), what is between
//! them is normalised (`normal`), and the engine in [`tokens`](crate::tokens) splits and merges it. Its merges
//! are a list of pairs and not of byte strings, but each token can only come from its own pair, so that both
//! give the same tokens; `accel/tools/vocabularies.py` and the equivalence tests check the premises.

mod added;
#[cfg(any(test, feature = "oracle"))]
mod differential;
mod normal;
mod stretch;

use crate::tokens::{Encoding, Pattern, Text};
use added::Part;
#[cfg(any(test, feature = "oracle"))]
pub use differential::Differential;
use normal::Form;

/// Longer stretches, in characters, are seldom: runs of one letter, text without blanks or punctuation.
const UNCUT: usize = 1 << 16;

fn engine() -> Encoding {
    Encoding::new(Pattern::ByteLevel)
}

/// The tokenizer.
pub struct Tokenizer {
    engine: Encoding,
}

impl Tokenizer {
    /// This takes no time: its tables are part of the program.
    #[must_use]
    pub fn new() -> Self {
        Self { engine: engine() }
    }

    /// Number of tokens; None if there are surrogates, which the reference refuses.
    #[must_use]
    pub fn count(&self, text: Text<'_>) -> Option<usize> {
        match text {
            Text::Ucs1(units) => self.count_units(units, |units| Text::Ucs1(units)),
            Text::Ucs2(units) => self.count_units(units, |units| Text::Ucs2(units)),
            Text::Ucs4(units) => self.count_units(units, |units| Text::Ucs4(units)),
        }
    }

    fn count_units<Unit: Copy + Into<u32>>(
        &self,
        mut rest: &[Unit],
        view: fn(&[Unit]) -> Text<'_>,
    ) -> Option<usize> {
        let mut total = 0;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(stretch::end(rest));
            rest = later;
            // What a text needs that cannot be cut is given back at once.
            let once = (now.len() > UNCUT).then(engine);
            let engine = once.as_ref().unwrap_or(&self.engine);
            for part in added::parts(now) {
                total += match part {
                    Part::Added => 1,
                    Part::Between(units) => match normal::form(units)? {
                        Form::AsItIs => engine.count(view(units), usize::MAX),
                        Form::Changed(codes) => engine.count(Text::Ucs4(&codes), usize::MAX),
                    },
                };
            }
        }
        Some(total)
    }
}

impl Default for Tokenizer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::oracle::Random;

    const FRAGMENTS: &[&str] = &[
        "the",
        " The",
        "tokenization",
        "xqz",
        " ",
        "  ",
        "\n",
        "\t",
        "\u{a0}",
        "\u{3000}",
        "'s",
        "'S",
        "'",
        "12345",
        "½",
        "²",
        "!",
        " ?!",
        "<EOT>",
        "<META>",
        "<META_START>",
        "<META_END>",
        "<SOS>",
        "<META",
        "<",
        ">",
        "EOT>",
        "é",
        "e\u{301}",
        "ﬁ",
        "Å",
        "\u{301}",
        "\u{345}\u{334}",
        "가",
        "\u{1100}\u{1161}",
        "㋿",
        "中文",
        "😀",
        "ｅ",
        "¨",
        "\u{1d15e}",
        "\u{f900}",
        "\0",
    ];

    #[test]
    fn counts_are_those_of_the_slow_way() {
        let both = Differential::new();
        let mut random = Random(17);
        for round in 0..4000 {
            let length = if round % 100 == 0 { 3000 } else { 20 };
            let text: String = (0..random.below(length))
                .map(|_| *random.choose(FRAGMENTS))
                .collect();
            both.check(&text);
        }
    }

    #[test]
    fn narrow_and_wide_storage_agree() {
        let fast = Tokenizer::new();
        let mut random = Random(23);
        for _ in 0..200 {
            let narrow: Vec<u8> = (0..random.below(12_000))
                .map(|_| *random.choose(b"the quick  <EOT>\n'\xA0\xE9\xBD"))
                .collect();
            let middle: Vec<u16> = narrow.iter().map(|&unit| unit.into()).collect();
            let wide: Vec<u32> = narrow.iter().map(|&unit| unit.into()).collect();
            let count = fast.count(Text::Ucs1(&narrow));
            assert_eq!(fast.count(Text::Ucs2(&middle)), count);
            assert_eq!(fast.count(Text::Ucs4(&wide)), count);
        }
    }

    #[test]
    fn surrogates_are_refused_wherever_they_stand() {
        let fast = Tokenizer::new();
        for surrogate in [0xD800, 0xDBFF, 0xDC00, 0xDFFF] {
            let mut text = vec![u16::from(b'a'); 20_000];
            for at in [0, 1, 9_999, 19_999] {
                text[at] = surrogate;
                assert_eq!(fast.count(Text::Ucs2(&text)), None);
                text[at] = u16::from(b' ');
            }
            assert!(fast.count(Text::Ucs2(&text)).is_some());
        }
    }
}
