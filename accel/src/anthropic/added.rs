//! The tokens that were added to the vocabulary: matched in the text as it came, before all else.

/// None is the beginning of another one, so at most one stands at any place.
pub const TOKENS: [&str; 5] = ["<EOT>", "<META>", "<META_START>", "<META_END>", "<SOS>"];

/// What a text consists of.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a, Unit> {
    /// One of the added tokens.
    Added,
    /// What is before, between or after them; never empty.
    Between(&'a [Unit]),
}

/// The parts of a text, from left to right.
pub fn parts<Unit: Copy + Into<u32>>(text: &[Unit]) -> impl Iterator<Item = Part<'_, Unit>> {
    let mut rest = text;
    // Length of the added token that `rest` starts with, once what was before it has been given out.
    let mut waiting = 0;
    std::iter::from_fn(move || {
        if waiting > 0 {
            rest = &rest[waiting..];
            waiting = 0;
            return Some(Part::Added);
        }
        let (before, length) = next(rest);
        let part = &rest[..before];
        rest = &rest[before..];
        waiting = length;
        if !part.is_empty() {
            return Some(Part::Between(part));
        }
        rest = &rest[waiting..];
        (std::mem::take(&mut waiting) > 0).then_some(Part::Added)
    })
}

/// How much comes before the first added token, and how long that is; 0 if there is none.
fn next<Unit: Copy + Into<u32>>(text: &[Unit]) -> (usize, usize) {
    let mut from = 0;
    while let Some(found) = text[from..]
        .iter()
        .position(|unit| (*unit).into() == u32::from(b'<'))
    {
        let at = from + found;
        if let Some(token) = TOKENS.iter().find(|token| starts_with(&text[at..], token)) {
            return (at, token.len());
        }
        from = at + 1;
    }
    (text.len(), 0)
}

fn starts_with<Unit: Copy + Into<u32>>(text: &[Unit], token: &str) -> bool {
    text.len() >= token.len()
        && token
            .bytes()
            .zip(text)
            .all(|(byte, unit)| u32::from(byte) == (*unit).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        parts(text.as_bytes())
            .map(|part| match part {
                Part::Added => "|".to_owned(),
                Part::Between(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            })
            .collect()
    }

    #[test]
    fn parts_are_in_order_and_none_is_empty() {
        assert_eq!(split(""), [""; 0]);
        assert_eq!(split("plain"), ["plain"]);
        assert_eq!(split("<EOT>"), ["|"]);
        assert_eq!(split("a<EOT><SOS>b"), ["a", "|", "|", "b"]);
        assert_eq!(split("<META><META_START>x<META_END>"), ["|", "|", "x", "|"]);
    }

    #[test]
    fn what_only_looks_like_one_is_text() {
        for text in ["<META", "<EOT", "<eot>", "< EOT>", "<<>", "EOT>", "<META_>"] {
            assert_eq!(split(text), [text]);
        }
        assert_eq!(split("<<EOT>>"), ["<", "|", ">"]);
        assert_eq!(split("<META<META>"), ["<META", "|"]);
    }

    #[test]
    fn none_is_the_beginning_of_another() {
        for (index, token) in TOKENS.iter().enumerate() {
            for (other_index, other) in TOKENS.iter().enumerate() {
                assert!(index == other_index || !other.starts_with(token));
            }
        }
    }
}
