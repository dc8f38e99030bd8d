//! One slice of a text as UTF-8, with a bit per byte for each character class.
//!
//! Every byte of a character carries the character's class, so that a run of letters is a run of
//! one-bits whatever their width.

use super::text::Text;
use super::unicode::{Classes, LETTER, LOWER, NUMBER, SPACE, UPPER};
use super::utf8::{self, Unit};
use crate::tables::processor::Processor;

/// Readers take 16 bytes at any position of a block that holds a piece; these are there to be read past the end.
const PADDING: usize = BLOCK + 16;
const BLOCK: usize = 64;
const MAX_UTF8: usize = 4;

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
    /// Of characters beyond ASCII, if there are any.
    pub wide: u64,
    /// Of these, all bytes but the first.
    pub inner: u64,
}

impl Masks {
    /// Letters, numbers and others.
    #[inline(always)]
    pub fn words(&self) -> u64 {
        self.letter | self.number | self.other
    }
}

/// A reusable buffer that holds one slice at a time.
#[derive(Default)]
pub struct Chunk {
    bytes: Vec<u8>,
    /// Of each byte its character's, if that is beyond ASCII.
    classes: Vec<u8>,
    masks: Vec<Masks>,
    len: usize,
    ascii: bool,
    zeros: bool,
    dense_with_marks: bool,
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

    /// Whether most characters are far beyond ASCII and some are marks.
    pub fn is_dense_with_marks(&self) -> bool {
        self.dense_with_marks
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
        match text {
            Text::Ucs1(units) if units.is_ascii() => {
                self.bytes[..units.len()].copy_from_slice(units);
                self.finish::<false>(processor, units.len(), units.len());
            }
            Text::Ucs1(units) => self.transcode(processor, units),
            Text::Ucs2(units) => self.transcode(processor, units),
            Text::Ucs4(units) => self.transcode(processor, units),
        }
    }

    #[inline(always)]
    fn transcode<U: Unit>(&mut self, processor: impl Processor, units: &[U]) {
        let room = units.len() * MAX_UTF8 + PADDING;
        if self.classes.len() < room {
            self.classes.resize(room, 0);
        }
        let table = Classes::get();
        let (bytes, classes) = (&mut self.bytes[..room], &mut self.classes[..room]);
        let mut at = 0;
        let mut rest = units;
        while !rest.is_empty() {
            if let Some(sixteen) = rest.first_chunk() {
                let (ascii, count) = utf8::ascii_of(sixteen);
                bytes[at..at + 16].copy_from_slice(&ascii);
                classes[at..at + 16].fill(0);
                if count == 16 {
                    // By a number that is known, so that the next sixteen need not wait for these.
                    at += 16;
                    rest = &rest[16..];
                    continue;
                }
                at += count;
                rest = &rest[count..];
            }
            while let Some((&unit, mut after)) = rest.split_first() {
                let mut code = unit.code();
                if (0xD800..0xE000).contains(&code) {
                    (code, after) = utf8::surrogate(code, after);
                }
                let (utf8, len) = utf8::encoded(code);
                // Four bytes always: what is beyond the character is written over by the next one.
                bytes[at..at + 4].copy_from_slice(&utf8);
                classes[at..at + 4].fill(table.of(code));
                at += len;
                rest = after;
                // Sixteen at once pay where many of them are ASCII.
                if let Some(eight) = rest.first_chunk::<8>()
                    && eight[0].is_ascii()
                    && eight[7].is_ascii()
                {
                    break;
                }
            }
        }
        if at == units.len() {
            self.finish::<false>(processor, at, units.len());
        } else {
            self.classes[at..at + PADDING].fill(0);
            self.finish::<true>(processor, at, units.len());
        }
    }

    /// Pad, and find the masks; `WIDE`: there are characters beyond ASCII, and classes for their bytes.
    #[inline(always)]
    fn finish<const WIDE: bool>(&mut self, processor: impl Processor, len: usize, units: usize) {
        self.len = len;
        self.ascii = !WIDE;
        self.bytes[len..len + PADDING].fill(0);
        let (mut zeros, mut any_marks) = (0, 0);
        for word in 0..=len / 64 {
            let block = sixty_four(&self.bytes, word);
            let mut upper = processor.within::<b'A', b'Z'>(block);
            let mut lower = processor.within::<b'a', b'z'>(block);
            let mut letter = upper | lower;
            let mut number = processor.within::<b'0', b'9'>(block);
            let blank = processor.within::<b' ', b' '>(block);
            let mut space = processor.within::<9, 13>(block) | blank;
            let [line_feed, carriage_return] = [
                processor.within::<b'\n', b'\n'>(block),
                processor.within::<b'\r', b'\r'>(block),
            ];
            let masks = &mut self.masks[word];
            if WIDE {
                masks.wide = processor.with_bit(block, 0x80);
                masks.inner = masks.wide & !processor.with_bit(block, 0x40);
                // Also where all is ASCII: behind a branch, the compiler takes vectors apart.
                let classes = sixty_four(&self.classes, word);
                letter |= processor.with_bit(classes, LETTER);
                upper |= processor.with_bit(classes, UPPER);
                lower |= processor.with_bit(classes, LOWER);
                number |= processor.with_bit(classes, NUMBER);
                space |= processor.with_bit(classes, SPACE);
                any_marks |= upper & lower & !letter;
            }
            (masks.letter, masks.upper, masks.lower) = (letter, upper, lower);
            (masks.number, masks.space) = (number, space);
            (masks.newline, masks.blank) = (line_feed | carriage_return, blank);
            masks.quote = processor.within::<b'\'', b'\''>(block);
            let here = len - word * 64;
            let inside = if here < 64 { (1 << here) - 1 } else { u64::MAX };
            masks.other = inside & !(letter | number | space);
            zeros |= inside & processor.within::<0, 0>(block);
        }
        self.zeros = zeros != 0;
        self.dense_with_marks = any_marks != 0 && len > units * 2;
        // A run that reaches the end of the last block has to find a zero after it.
        if len.is_multiple_of(64) {
            self.masks[len / 64] = Masks::default();
        }
    }
}

/// 16 bytes from a position on.
#[inline(always)]
pub fn sixteen(bytes: &[u8], at: usize) -> &[u8; 16] {
    bytes[at..at + 16].try_into().expect("16 bytes")
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
                // Also among ASCII characters, which are read sixteen at a time.
                let among = [&[0x61; 13], &units[start..end], &[0x61; 13]].concat();
                (0..13).for_each(|at| check(&among[at..]));
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
