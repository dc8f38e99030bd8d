//! The characters of a text in UTF-8, from the units in which Python stores them.

const REPLACEMENT: u32 = 0xFFFD;

/// What Python stores a text in.
pub trait Unit: Copy {
    /// The code point.
    fn code(self) -> u32;

    /// An ASCII character itself; of any other one, a byte that is none.
    fn ascii(self) -> u8;

    #[inline(always)]
    fn is_ascii(self) -> bool {
        self.code() < 0x80
    }
}

macro_rules! unit {
    ($kind:ty) => {
        impl Unit for $kind {
            #[inline(always)]
            fn code(self) -> u32 {
                self.into()
            }

            #[inline(always)]
            #[allow(clippy::cast_possible_truncation, trivial_numeric_casts)] // 128 at most
            fn ascii(self) -> u8 {
                self.min(0x80) as u8
            }
        }
    };
}

unit!(u8);
unit!(u16);
unit!(u32);

/// Sixteen units as bytes, and how many of them, from the first one on, are ASCII.
#[inline(always)]
pub fn ascii_of<U: Unit>(units: &[U; 16]) -> ([u8; 16], usize) {
    let bytes = units.map(U::ascii);
    let others = u128::from_le_bytes(bytes) & u128::from_le_bytes([0x80; 16]);
    (bytes, others.trailing_zeros() as usize / 8)
}

/// The character that a surrogate begins, as tiktoken would see it, and the units behind it: adjacent surrogates are
/// one character, any other is U+FFFD.
#[inline(always)]
pub fn surrogate<U: Unit>(first: u32, after: &[U]) -> (u32, &[U]) {
    match after
        .split_first()
        .map(|(next, after)| (next.code(), after))
    {
        Some((next @ 0xDC00..0xE000, after)) if first < 0xDC00 => {
            (0x1_0000 + ((first - 0xD800) << 10) + (next - 0xDC00), after)
        }
        _ => (REPLACEMENT, after),
    }
}

/// A character in UTF-8, and how many of the bytes it has.
#[inline(always)]
pub fn encoded(code: u32) -> ([u8; 4], usize) {
    let tail = |shift: u32| (code >> shift & 0x3F | 0x80).to_le_bytes()[0];
    let head = |shift: u32, mark: u32| (code >> shift | mark).to_le_bytes()[0];
    if code < 0x80 {
        ([head(0, 0), 0, 0, 0], 1)
    } else if code < 0x800 {
        ([head(6, 0xC0), tail(0), 0, 0], 2)
    } else if code < 0x1_0000 {
        ([head(12, 0xE0), tail(6), tail(0), 0], 3)
    } else {
        ([head(18, 0xF0), tail(12), tail(6), tail(0)], 4)
    }
}
