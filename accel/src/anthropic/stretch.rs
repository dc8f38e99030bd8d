//! Where a long text can be cut without changing a count, so that it needs the memory of a short one.

/// Characters that are taken at least.
const LEAST: usize = 8192;

/// Where the first stretch of a text ends: between two characters that no piece of the split pattern holds
/// side by side, whatever is around them; no added token does either, and normalisation neither joins nor
/// reorders them.
pub fn end<Unit: Copy + Into<u32>>(text: &[Unit]) -> usize {
    let Some(pairs) = text.get(LEAST - 1..) else {
        return text.len();
    };
    let cut = pairs
        .windows(2)
        .position(|pair| parts(pair[0].into(), pair[1].into()));
    cut.map_or(text.len(), |before| LEAST + before)
}

/// Whether a text may be cut between two characters.
fn parts(before: u32, after: u32) -> bool {
    let [first, second] = [before, after].map(|code| char::from_u32(code).unwrap_or('\0'));
    match first {
        // A visible character, then a blank or newline; or a letter, then a digit.
        '!'..='~' => {
            matches!(second, ' ' | '\n') || first.is_ascii_alphabetic() && second.is_ascii_digit()
        }
        // Chinese punctuation, then a character.
        '、' | '。' | '，' => matches!(second, '一'..='龥'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_one_stretch() {
        for length in [0, 1, LEAST - 1, LEAST] {
            assert_eq!(end(&vec![b'a'; length]), length);
        }
    }

    #[test]
    fn a_stretch_ends_at_the_first_such_pair() {
        let text: Vec<u32> = "\t".repeat(3 * LEAST).chars().map(u32::from).collect();
        assert_eq!(end(&text), text.len());
        for (pair, cuts) in [
            ("a ", true),
            (")\n", true),
            ("a1", true),
            ("，中", true),
            ("\t ", false),
            ("a\t", false),
            ("1a", false),
            ("-1", false),
            (" a", false),
            ("，a", false),
            ("é ", false),
            ("中 ", false),
        ] {
            for at in [LEAST - 1, LEAST, LEAST + 10] {
                let mut text = text.clone();
                for (place, char) in text[at..].iter_mut().zip(pair.chars()) {
                    *place = char.into();
                }
                let wanted = if cuts { at + 1 } else { text.len() };
                assert_eq!(end(&text), wanted, "{pair:?} at {at}");
            }
        }
    }
}
