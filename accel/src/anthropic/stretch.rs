//! Where a long text can be cut without changing a count, so that it needs the memory of a short one.

/// Characters that are taken at least.
const LEAST: usize = 8192;

/// Where the first stretch of a text ends: at a blank or newline behind a visible ASCII character.
///
/// There every piece of the split pattern ends, whatever comes before; no added token holds either character;
/// and neither is changed by normalisation or joined with what is before it.
pub fn end<Unit: Copy + Into<u32>>(text: &[Unit]) -> usize {
    let Some(pairs) = text.get(LEAST - 1..) else {
        return text.len();
    };
    let cut = pairs.windows(2).position(|pair| {
        let [before, after] = [pair[0].into(), pair[1].into()];
        (0x21..0x7F).contains(&before) && (after == u32::from(b' ') || after == u32::from(b'\n'))
    });
    cut.map_or(text.len(), |before| LEAST + before)
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
    fn a_stretch_ends_before_a_blank_behind_a_visible_character() {
        let mut text = vec![b'a'; 3 * LEAST];
        assert_eq!(end(&text), text.len());
        text[LEAST + 10] = b' ';
        assert_eq!(end(&text), LEAST + 10);
        text[LEAST + 9] = b'\t';
        assert_eq!(end(&text), text.len());
        text[LEAST + 20..LEAST + 22].fill(b'\n');
        assert_eq!(end(&text), LEAST + 20);
        text[LEAST] = b'\n';
        assert_eq!(end(&text), LEAST);
    }
}
