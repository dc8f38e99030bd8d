//! A text as Python stores it: one, two or four bytes a character.

use std::ops::Range;

/// Characters of a Python `str`, which may include lone surrogates.
#[derive(Clone, Copy, Debug)]
pub enum Text<'a> {
    /// Code points up to U+00FF.
    Ucs1(&'a [u8]),
    /// Code points up to U+FFFF.
    Ucs2(&'a [u16]),
    /// All code points.
    Ucs4(&'a [u32]),
}

impl<'a> Text<'a> {
    /// Length in characters.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Ucs1(units) => units.len(),
            Self::Ucs2(units) => units.len(),
            Self::Ucs4(units) => units.len(),
        }
    }

    /// Whether there are no characters.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The characters in `range`, which is cut to the text as Python cuts a slice.
    #[must_use]
    pub fn slice(self, range: Range<usize>) -> Text<'a> {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        match self {
            Self::Ucs1(units) => Self::Ucs1(&units[start..end]),
            Self::Ucs2(units) => Self::Ucs2(&units[start..end]),
            Self::Ucs4(units) => Self::Ucs4(&units[start..end]),
        }
    }
}
