//! One slice of a text as UTF-8, with a bit per byte for each character class.
//!
//! Every byte of a character carries the character's class, so that a run of letters is a run of
//! one-bits whatever their width.

use super::text::Text;
use super::unicode::{Classes, LETTER, LOWER, NUMBER, SPACE, UPPER};
use crate::tables::processor::Processor;

/// Readers take 16 bytes at any position of a block that holds a piece; these are there to be read past the end.
const PADDING: usize = BLOCK + 16;
const BLOCK: usize = 64;
const MAX_UTF8: usize = 4;
const REPLACEMENT: u32 = 0xFFFD;

/// The classes of 64 bytes, one bit each; the words of most use share a cache line.
#[derive(Clone, Copy, Default, Debug)]
#[repr(align(64))]
pub struct Masks {
    pub letter: u64,
    pub upper: u64,
    pub lower: u64,
    pub number: u64,
    pub space: u64,
    /// `[^\s\p{L}\p{N}]`: marks count as upper, lower and other.
    pub other: u64,
    /// `[\r\n]`
    pub newline: u64,
    /// The space itself.
    pub blank: u64,
    /// The apostrophe.
    pub quote: u64,
}

/// A reusable buffer that holds one slice at a time.
#[derive(Default)]
pub struct Chunk {
    bytes: Vec<u8>,
    /// Of each byte its character's, if there are others than ASCII.
    classes: Vec<u8>,
    masks: Vec<Masks>,
    len: usize,
    ascii: bool,
    zeros: bool,
}

impl Chunk {
    /// Whether all characters are ASCII.
    pub fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// Whether a byte is zero.
    pub fn has_zeros(&self) -> bool {
        self.zeros
    }

    /// The classes of a block of 64 bytes.
    #[inline(always)]
    pub fn masks(&self, block: usize) -> Masks {
        self.masks[block]
    }

    /// Length in UTF-8 bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The byte at a position; zero from the end on.
    #[inline(always)]
    pub fn byte(&self, at: usize) -> u8 {
        self.bytes[at]
    }

    /// The bytes of a piece.
    #[inline(always)]
    pub fn piece(&self, start: usize, end: usize) -> &[u8] {
        &self.bytes[start..end]
    }

    /// All bytes, and more to be read past their end.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes of a block, and the 16 behind them.
    #[inline(always)]
    pub fn block_and_sixteen(&self, block: usize) -> &[u8; BLOCK + 16] {
        self.bytes[block * BLOCK..]
            .first_chunk()
            .expect("with the padding")
    }

    /// 32 bytes from a position on.
    #[inline(always)]
    pub fn thirty_two(&self, at: usize) -> [u8; 32] {
        self.bytes[at..at + 32].try_into().expect("32 bytes")
    }

    /// Whether the byte at a position is in a class.
    #[inline(always)]
    pub fn is(&self, class: impl Fn(&Masks) -> u64, at: usize) -> bool {
        class(&self.masks[at / 64]) >> (at % 64) & 1 == 1
    }

    /// Where the run of a class that starts at a position ends; the position itself if there is none.
    #[inline(always)]
    pub fn run(&self, class: impl Fn(&Masks) -> u64, at: usize) -> usize {
        let mut word = at / 64;
        let rest = !class(&self.masks[word]) >> (at % 64);
        if rest != 0 {
            return at + rest.trailing_zeros() as usize;
        }
        // The last block always ends in zeros (padding), so this terminates.
        loop {
            word += 1;
            let rest = !class(&self.masks[word]);
            if rest != 0 {
                return word * 64 + rest.trailing_zeros() as usize;
            }
        }
    }

    /// The last position in `start..end` that is in a class.
    pub fn last(&self, class: impl Fn(&Masks) -> u64, start: usize, end: usize) -> Option<usize> {
        (start..end).rev().find(|&at| self.is(&class, at))
    }

    /// Length in bytes of the character that starts at a position.
    #[inline(always)]
    pub fn char_len(&self, at: usize) -> usize {
        match self.bytes[at] {
            0..0xC0 => 1,
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        }
    }

    /// Replace the content by `text`, as tiktoken would see that slice: adjacent surrogates are one
    /// character, any other surrogate is U+FFFD.
    #[inline(always)]
    pub fn load(&mut self, processor: impl Processor, text: Text<'_>) {
        let room = text.len() * MAX_UTF8 + PADDING;
        if self.bytes.len() < room {
            self.bytes.resize(room, 0);
            self.masks.resize(room / 64 + 2, Masks::default());
        }
        self.len = 0;
        match text {
            Text::Ucs1(units) if units.is_ascii() => {
                self.bytes[..units.len()].copy_from_slice(units);
                self.len = units.len();
                self.ascii = true;
                let zeros = units.iter().map(|&unit| u8::from(unit == 0));
                self.zeros = zeros.fold(0, |found, zero| found | zero) != 0;
                self.finish::<false>(processor);
            }
            Text::Ucs1(units) => self.transcode(processor, units, |unit| u32::from(*unit)),
            Text::Ucs2(units) => self.transcode(processor, units, |unit| u32::from(*unit)),
            Text::Ucs4(units) => self.transcode(processor, units, |unit| *unit),
        }
    }

    #[inline(always)]
    fn transcode<Unit>(
        &mut self,
        processor: impl Processor,
        units: &[Unit],
        code_of: impl Fn(&Unit) -> u32,
    ) {
        let room = units.len() * MAX_UTF8 + PADDING;
        if self.classes.len() < room {
            self.classes.resize(room, 0);
        }
        let classes = Classes::get();
        let mut at = 0;
        let mut index = 0;
        self.zeros = false;
        while index < units.len() {
            let mut code = code_of(&units[index]);
            index += 1;
            if code & 0xF800 == 0xD800 && code < 0x1_0000 {
                let next = units.get(index).map_or(0, &code_of);
                if code < 0xDC00 && (0xDC00..0xE000).contains(&next) {
                    code = 0x1_0000 + ((code - 0xD800) << 10) + (next - 0xDC00);
                    index += 1;
                } else {
                    code = REPLACEMENT;
                }
            }
            self.zeros |= code == 0;
            let (utf8, len) = encoded(code);
            // Four bytes always: what is beyond the character is written over by the next one.
            self.bytes[at..at + 4].copy_from_slice(&utf8);
            self.classes[at..at + 4].fill(classes.of(code));
            at += len;
        }
        self.classes[at..at + PADDING].fill(0);
        self.len = at;
        self.ascii = false;
        self.finish::<true>(processor);
    }

    /// Pad, and find the masks; `CLASSES` says that there are classes for the bytes, which then are not all ASCII.
    #[inline(always)]
    fn finish<const CLASSES: bool>(&mut self, processor: impl Processor) {
        self.bytes[self.len..self.len + PADDING].fill(0);
        for word in 0..=self.len / 64 {
            let block = sixty_four(&self.bytes, word);
            let mut upper = processor.within::<b'A', b'Z'>(block);
            let mut lower = processor.within::<b'a', b'z'>(block);
            let mut number = processor.within::<b'0', b'9'>(block);
            let blank = processor.within::<b' ', b' '>(block);
            let mut space = processor.within::<9, 13>(block) | blank;
            let [line_feed, carriage_return] = [
                processor.within::<b'\n', b'\n'>(block),
                processor.within::<b'\r', b'\r'>(block),
            ];
            let masks = &mut self.masks[word];
            masks.letter = upper | lower;
            if CLASSES {
                let classes = sixty_four(&self.classes, word);
                masks.letter = processor.with_bit(classes, LETTER);
                upper = processor.with_bit(classes, UPPER);
                lower = processor.with_bit(classes, LOWER);
                number = processor.with_bit(classes, NUMBER);
                space = processor.with_bit(classes, SPACE);
            }
            (masks.upper, masks.lower) = (upper, lower);
            (masks.number, masks.space) = (number, space);
            (masks.newline, masks.blank) = (line_feed | carriage_return, blank);
            masks.quote = processor.within::<b'\'', b'\''>(block);
            let here = self.len - word * 64;
            let inside = if here < 64 { (1 << here) - 1 } else { u64::MAX };
            masks.other = inside & !(masks.letter | masks.number | masks.space);
        }
        // A run that reaches the end of the last block has to find a zero after it.
        if self.len.is_multiple_of(64) {
            self.masks[self.len / 64] = Masks::default();
        }
    }
}

/// 16 bytes from a position on.
#[inline(always)]
pub fn sixteen(bytes: &[u8], at: usize) -> &[u8; 16] {
    bytes[at..at + 16].try_into().expect("16 bytes")
}

/// A character in UTF-8, and how many of the bytes it has.
#[inline(always)]
fn encoded(code: u32) -> ([u8; 4], usize) {
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

/// A block of 64 bytes.
#[inline(always)]
fn sixty_four(bytes: &[u8], block: usize) -> &[u8; BLOCK] {
    bytes[block * BLOCK..]
        .first_chunk()
        .expect("with the padding")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::processor::Any;

    /// What Python says of `text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")`.
    fn expected(codes: &[u32]) -> String {
        let units: Vec<u16> = codes
            .iter()
            .flat_map(|&code| match u16::try_from(code) {
                Ok(unit) => vec![unit],
                Err(_) => char::from_u32(code)
                    .unwrap()
                    .encode_utf16(&mut [0; 2])
                    .to_vec(),
            })
            .collect();
        String::from_utf16_lossy(&units)
    }

    fn check(codes: &[u32]) {
        let mut chunk = Chunk::default();
        // Leftovers of a longer text must not shine through.
        chunk.load(Any, Text::Ucs2(&[0x4E2D; 300]));
        chunk.load(Any, Text::Ucs4(codes));
        let expected = expected(codes);
        assert_eq!(chunk.piece(0, chunk.len()), expected.as_bytes());
        let classes = Classes::get();
        for (at, char) in expected.char_indices() {
            let bits = classes.of(u32::from(char));
            assert_eq!(chunk.char_len(at), char.len_utf8());
            for at in at..at + char.len_utf8() {
                assert_eq!(chunk.is(|m| m.letter, at), bits & LETTER != 0, "{char:?}");
                assert_eq!(chunk.is(|m| m.upper, at), bits & UPPER != 0, "{char:?}");
                assert_eq!(chunk.is(|m| m.lower, at), bits & LOWER != 0, "{char:?}");
                assert_eq!(chunk.is(|m| m.number, at), bits & NUMBER != 0, "{char:?}");
                assert_eq!(chunk.is(|m| m.space, at), bits & SPACE != 0, "{char:?}");
                let other = bits & (LETTER | NUMBER | SPACE) == 0;
                assert_eq!(chunk.is(|m| m.other, at), other, "{char:?}");
            }
        }
        for at in chunk.len()..chunk.len() + 16 {
            assert_eq!(chunk.byte(at), 0);
            assert!(!chunk.is(
                |m| m.letter | m.upper | m.lower | m.number | m.space | m.other,
                at
            ));
        }
    }

    #[test]
    fn every_character_has_its_bytes_and_classes() {
        for plane in (0..0x11_0000_u32).collect::<Vec<_>>().chunks(777) {
            let scalars: Vec<u32> = plane
                .iter()
                .copied()
                .filter(|c| char::from_u32(*c).is_some())
                .collect();
            check(&scalars);
        }
    }

    #[test]
    fn surrogates_join_or_are_replaced() {
        let units = [
            0x61, 0xD83D, 0xDE00, 0xDE00, 0xD83D, 0xD83D, 0xDE00, 0x1_F600, 0xD83D,
        ];
        for start in 0..units.len() {
            for end in start..=units.len() {
                check(&units[start..end]);
            }
        }
    }

    #[test]
    fn runs_end_at_the_end_of_the_text() {
        let mut chunk = Chunk::default();
        for len in [1_usize, 63, 64, 65, 127, 128, 129, 1024] {
            chunk.load(Any, Text::Ucs1(&vec![b'z'; len]));
            assert_eq!(chunk.run(|m| m.lower, 0), len);
            assert_eq!(chunk.run(|m| m.letter, len - 1), len);
            assert_eq!(chunk.run(|m| m.upper, 0), 0);
            chunk.load(Any, Text::Ucs1(&vec![b'-'; len]));
            assert_eq!(chunk.run(|m| m.other, 0), len);
        }
    }

    #[test]
    fn narrow_and_wide_storage_agree() {
        let narrow: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let wide: Vec<u32> = narrow.iter().map(|&byte| u32::from(byte)).collect();
        let (mut one, mut four) = (Chunk::default(), Chunk::default());
        one.load(Any, Text::Ucs1(&narrow));
        four.load(Any, Text::Ucs4(&wide));
        assert_eq!(one.piece(0, one.len()), four.piece(0, four.len()));
    }
}
