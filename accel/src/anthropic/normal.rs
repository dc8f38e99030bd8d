//! Normalisation form NFKC, by the tables of the crate that `tokenizers` itself uses.
//!
//! They are those of Unicode 9 and will stay so: newer ones would give other counts, as for U+32FF.

use unicode_normalization_alignments::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// A text after normalisation.
#[derive(Debug, PartialEq, Eq)]
pub enum Form {
    /// As it was before.
    AsItIs,
    /// Its code points.
    Changed(Vec<u32>),
}

/// The normal form; None if there are surrogates, of which there is none.
pub fn form<Unit: Copy + Into<u32>>(text: &[Unit]) -> Option<Form> {
    if text.iter().all(|unit| (*unit).into() < 0x80) {
        return Some(Form::AsItIs);
    }
    if text
        .iter()
        .any(|unit| char::from_u32((*unit).into()).is_none())
    {
        return None;
    }
    let chars = || {
        text.iter()
            .filter_map(|unit| char::from_u32((*unit).into()))
    };
    Some(match is_nfkc_quick(chars()) {
        IsNormalized::Yes => Form::AsItIs,
        IsNormalized::No | IsNormalized::Maybe => Form::Changed(changed(text)),
    })
}

/// The normal form of a text without surrogates.
fn changed<Unit: Copy + Into<u32>>(mut text: &[Unit]) -> Vec<u32> {
    let code = |unit: &Unit| (*unit).into();
    let mut codes = Vec::with_capacity(text.len() + text.len() / 8);
    while let Some(first) = text.iter().position(|unit| code(unit) >= 0x80) {
        // An ASCII character joins with nothing before it, but what follows may join with it.
        let (ascii, wide) = text.split_at(first.saturating_sub(1));
        let length = wide[1..].iter().position(|unit| code(unit) < 0x80);
        let (wide, rest) = wide.split_at(length.map_or(wide.len(), |length| 1 + length));
        codes.extend(ascii.iter().map(code));
        let chars = wide.iter().filter_map(|unit| char::from_u32(code(unit)));
        codes.extend(chars.nfkc().map(|(char, _)| u32::from(char)));
        text = rest;
    }
    codes.extend(text.iter().map(code));
    codes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::oracle::Random;

    fn normal(text: &str) -> String {
        let codes: Vec<u32> = text.chars().map(u32::from).collect();
        match form(&codes).unwrap() {
            Form::AsItIs => text.to_owned(),
            Form::Changed(codes) => codes.into_iter().filter_map(char::from_u32).collect(),
        }
    }

    #[test]
    fn examples() {
        assert_eq!(normal("plain"), "plain");
        assert_eq!(normal("ﬁ ½ ｅ\u{a0}"), "fi 1⁄2 e ");
        assert_eq!(normal("e\u{301}"), "é");
        assert_eq!(normal("\u{1100}\u{1161}\u{11a8}"), "각");
        assert_eq!(normal("a\u{345}\u{334}"), "a\u{334}\u{345}");
        // Unicode 12.1 made it two characters.
        assert_eq!(normal("\u{32ff}"), "\u{32ff}");
    }

    #[test]
    fn what_is_taken_as_it_is_is_its_own_normal_form() {
        let around = ["", "a", "\u{301}", "\u{345}", "\u{1100}", "\u{9c7}"];
        for char in '\0'..=char::MAX {
            for before in around {
                let text = format!("{before}{char}\u{334}");
                let wanted: String = text.nfkc().map(|(char, _)| char).collect();
                assert_eq!(normal(&text), wanted);
            }
        }
    }

    #[test]
    fn in_parts_it_is_the_form_of_the_whole() {
        let chars: Vec<char> = "ae <\u{301}\u{345}\u{334}é…ﬁ½ｅ\u{a0}\u{1100}\u{1161}\u{11a8}가\u{9c7}\u{9be}\u{338}=中😀"
            .chars()
            .collect();
        let mut random = Random(5);
        for _ in 0..50_000 {
            let text: String = (0..random.below(12))
                .map(|_| *random.choose(&chars))
                .collect();
            let wanted: String = text.nfkc().map(|(char, _)| char).collect();
            assert_eq!(normal(&text), wanted, "{text:?}");
        }
    }

    #[test]
    fn surrogates_have_none() {
        assert_eq!(form(&[0x61_u16, 0xD83D, 0xDE00]), None);
        assert_eq!(form(&[0xDFFF_u32]), None);
    }
}
