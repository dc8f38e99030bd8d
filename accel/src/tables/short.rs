//! Which pieces of two or three ASCII characters are tokens, one bit each.
//!
//! They are a third of the pieces of prose and most of those of JSON. A bit is asked with a third of the
//! instructions of a lookup in `pieces`, and those in use lie close together: a row holds one first character.

use super::vocabulary::Vocabulary;

/// Bits of a character.
const CHARACTER: u32 = 7;
/// Pieces of two characters come after all of three.
const OF_TWO: u32 = 1 << (3 * CHARACTER);
const BITS: u32 = OF_TWO + (1 << (2 * CHARACTER));
/// Words of the table.
pub const WORDS: usize = (BITS / u64::BITS) as usize;

/// The bit of a piece that starts with the lowest byte of `bytes`; it has two characters or three, all ASCII.
#[inline(always)]
fn bit(bytes: u32, has_two: bool) -> u32 {
    let character = |at: u32| bytes >> (8 * at) & 0x7F;
    let three = character(0) << (2 * CHARACTER) | character(1) << CHARACTER | character(2);
    let has_two = u32::from(has_two);
    (three >> (CHARACTER * has_two)) + OF_TWO * has_two
}

/// The bits of a vocabulary.
pub fn build(vocabulary: &Vocabulary) -> Vec<u64> {
    let mut words = vec![0; WORDS];
    for token in vocabulary.tokens().iter().filter(|token| token.is_ascii()) {
        let bit = match token[..] {
            [first, second] => bit(u32::from_le_bytes([first, second, 0, 0]), true),
            [first, second, third] => bit(u32::from_le_bytes([first, second, third, 0]), false),
            _ => continue,
        };
        words[(bit / u64::BITS) as usize] |= 1 << (bit % u64::BITS);
    }
    words
}

/// The tokens of two and of three ASCII characters.
#[derive(Clone, Copy)]
pub struct Short<'a> {
    words: &'a [u64; WORDS],
}

impl<'a> Short<'a> {
    /// From bits that [`build`] made.
    pub const fn new(words: &'a [u64]) -> Self {
        match words.first_chunk() {
            Some(words) => Self { words },
            None => panic!("a table of another size"),
        }
    }

    /// Whether the piece of two or three ASCII characters that starts with the lowest byte is a token, as one bit.
    #[inline(always)]
    pub fn contains(self, bytes: u32, has_two: bool) -> u64 {
        let bit = bit(bytes, has_two);
        self.words[(bit / u64::BITS) as usize] >> (bit % u64::BITS) & 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_has_a_bit_of_its_own() {
        let mut seen = vec![false; BITS as usize];
        for first in 0..0x80 {
            for second in 0..0x80 {
                // What lies behind the piece does not count.
                let two = first | second << 8;
                assert_eq!(bit(two, true), bit(two | 0x7F_7F << 16, true));
                assert!(!std::mem::replace(&mut seen[bit(two, true) as usize], true));
                for third in 0..0x80 {
                    let three = two | third << 16;
                    assert_eq!(bit(three, false), bit(three | 0x7F << 24, false));
                    let before = std::mem::replace(&mut seen[bit(three, false) as usize], true);
                    assert!(!before);
                }
            }
        }
        assert!(seen.iter().all(|seen| *seen));
    }

    #[test]
    fn tokens_are_found_and_others_are_not() {
        let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        tokens.extend([
            b"ab".to_vec(),
            b"abc".to_vec(),
            b"b\0\0".to_vec(),
            b"abcd".to_vec(),
        ]);
        tokens.extend(["é", "éa", "中"].map(|text| text.as_bytes().to_vec()));
        let words = build(&Vocabulary::new(tokens).unwrap());
        assert_eq!(words.iter().map(|word| word.count_ones()).sum::<u32>(), 3);
        let short = Short::new(&words);
        for (bytes, two, three) in [
            (b"abc!", 1, 1),
            (b"ab\0!", 1, 0),
            (b"b\0\0!", 0, 1),
            (b"bcd!", 0, 0),
        ] {
            let bytes = u32::from_le_bytes(*bytes);
            assert_eq!(
                (short.contains(bytes, true), short.contains(bytes, false)),
                (two, three)
            );
        }
    }
}
