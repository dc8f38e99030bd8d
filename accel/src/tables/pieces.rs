//! Pieces of at most 15 bytes as numbers, and the set of those that are tokens and have no [`ShortKey`].

use super::lines::{self, Line, Lines};
use super::processor::Processor;
use super::short_pieces::ShortKey;
use super::vocabulary::Vocabulary;

/// Longest piece that fits a [`Key`].
pub const MAX_PIECE: usize = 15;

/// A piece: its bytes, little-endian and padded with zeros, and its length in the top four bits.
/// Bits 120 to 123 are free. No key is 0.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Key(pub u128);

const LENGTH_SHIFT: u32 = 124;

/// All bits of the first so many bytes.
const BYTES: [u128; MAX_PIECE + 1] = {
    let mut masks = [0; MAX_PIECE + 1];
    let mut len = 1;
    while len <= MAX_PIECE {
        masks[len] = u128::MAX >> (128 - 8 * len);
        len += 1;
    }
    masks
};

impl Key {
    /// The key of the first `len` bytes of `sixteen`; `len` is 1 to 15.
    #[inline(always)]
    pub fn new(sixteen: u128, len: usize) -> Self {
        debug_assert!((1..=MAX_PIECE).contains(&len));
        // From a table: shifting 128 bits by a variable number takes a dozen instructions.
        Self(sixteen & BYTES[len % BYTES.len()] | (len as u128) << LENGTH_SHIFT)
    }

    /// The key of a piece, None if it is empty or too long.
    pub fn of(piece: &[u8]) -> Option<Self> {
        if piece.is_empty() || piece.len() > MAX_PIECE {
            return None;
        }
        let mut sixteen = [0; 16];
        sixteen[..piece.len()].copy_from_slice(piece);
        Some(Self::new(u128::from_le_bytes(sixteen), piece.len()))
    }

    /// Whether all its bytes are ASCII.
    #[inline(always)]
    pub fn is_ascii(self) -> bool {
        self.0 & ((u128::MAX / 0xFF * 0x80) >> 8) == 0
    }

    /// Length of the piece in bytes.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // 4 bits
    pub fn len(self) -> usize {
        (self.0 >> LENGTH_SHIFT) as usize
    }

    /// Well mixed in its upper bits.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // the two halves
    pub fn hash(self) -> u64 {
        let (low, high) = (self.0 as u64, (self.0 >> 64) as u64);
        let high = high.wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
        (low ^ high.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

impl From<ShortKey> for Key {
    #[inline(always)]
    fn from(key: ShortKey) -> Self {
        Self(u128::from(key.0) | (key.len() as u128) << LENGTH_SHIFT)
    }
}

/// Four keys.
pub type Bucket = Line<u128, 4>;

/// Buckets with the tokens that fit a key and no shorter one. Frequent tokens have low ids and so find room in theirs; of
/// the rarest a few find none, and are merged like a piece that is no token.
pub fn build(vocabulary: &Vocabulary) -> Vec<Bucket> {
    let longer = |token: &&Vec<u8>| ShortKey::of(token).is_none();
    let tokens = vocabulary.tokens().iter().filter(longer);
    let keys = tokens.filter_map(|token| Key::of(token));
    let numbers: Vec<_> = keys.map(|key| (key.hash(), key.0)).collect();
    lines::build(&numbers, 2)
}

/// Tokens that fit a key.
#[derive(Clone, Copy)]
pub struct Pieces<'a>(Lines<'a, u128, 4>);

impl<'a> Pieces<'a> {
    /// From buckets that [`build`] made.
    pub const fn new(buckets: &'a [Bucket]) -> Self {
        Self(Lines::new(buckets))
    }

    /// Where a key is, if it is a token; the table's memory is fetched in the meantime.
    #[inline(always)]
    pub fn bucket(&self, key: Key) -> usize {
        self.0.ask(key.hash())
    }

    /// Whether a piece is a token; `bucket` is its [`Pieces::bucket`]. Of some tokens this does not know it.
    #[inline(always)]
    pub fn contains(&self, processor: impl Processor, key: &Key, bucket: usize) -> bool {
        processor.equal_128(self.0.at(bucket), 0, &key.0) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::processor::Any;
    use super::*;

    #[test]
    fn keys_tell_pieces_apart() {
        let pieces: [&[u8]; 7] = [
            b"a",
            b"a\0",
            b"\0",
            b"\0\0",
            b"\0a",
            b"123456789012345",
            b"A",
        ];
        for one in pieces {
            for other in pieces {
                assert_eq!(Key::of(one) == Key::of(other), one == other);
            }
        }
        assert_eq!(Key::of(b""), None);
        assert_eq!(Key::of(b"1234567890123456"), None);
    }

    #[test]
    fn bytes_after_the_piece_do_not_count() {
        let text = u128::from_le_bytes(*b"hello, world 456");
        assert_eq!(Some(Key::new(text, 5)), Key::of(b"hello"));
        assert_eq!(Some(Key::new(text, 15)), Key::of(b"hello, world 45"));
    }

    #[test]
    fn a_full_bucket_forgets_the_rarest_and_makes_nothing_up() {
        let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        let number = |number: u32| format!("number {number}").into_bytes();
        tokens.extend((1000..4000).map(number));
        let vocabulary = Vocabulary::new(tokens).unwrap();
        let buckets = build(&vocabulary);
        let pieces = Pieces::new(&buckets);
        let known = |token: &Vec<u8>| {
            let key = Key::of(token).unwrap();
            pieces.contains(Any, &key, pieces.bucket(key))
        };
        let tokens = &vocabulary.tokens()[256..];
        let missing = tokens.iter().filter(|token| !known(token)).count();
        assert!(tokens[..256].iter().all(known));
        assert!(missing < tokens.len() / 20, "{missing} of {}", tokens.len());
        assert!(!(4000..20_000).map(number).any(|other| known(&other)));
        // The zero byte has no shorter key.
        assert!(known(&vec![0]) && !known(&b"a".to_vec()));
    }
}
