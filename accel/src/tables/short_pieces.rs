//! Pieces of at most eight bytes as numbers, and the set of those that are tokens.
//!
//! Eight of them are a cache line, and most tokens are among them: with a table of their own all tokens take half the
//! memory, so more of it is near when it is asked for.

use super::lines::{self, Line, Lines};
use super::processor::Processor;
use super::vocabulary::Vocabulary;

/// Longest piece that fits a [`ShortKey`].
pub const MAX_SHORT: usize = 8;

/// A piece: its bytes, little-endian and padded with zeros. A piece that ends in a zero byte has none, so no key is 0.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct ShortKey(pub u64);

impl ShortKey {
    /// The key of the first `len` bytes of `eight`; `len` is 1 to 8, and the last of them is not zero.
    #[inline(always)]
    pub fn new(eight: u64, len: usize) -> Self {
        debug_assert!((1..=MAX_SHORT).contains(&len) && eight >> (8 * len - 8) & 0xFF != 0);
        Self(eight & u64::MAX >> (64 - 8 * len))
    }

    /// The key of a piece, None if it is empty, too long or ends in a zero byte.
    pub fn of(piece: &[u8]) -> Option<Self> {
        if piece.len() > MAX_SHORT || matches!(piece, [] | [.., 0]) {
            return None;
        }
        let mut eight = [0; MAX_SHORT];
        eight[..piece.len()].copy_from_slice(piece);
        Some(Self(u64::from_le_bytes(eight)))
    }

    /// Length of the piece in bytes.
    #[inline(always)]
    pub fn len(self) -> usize {
        MAX_SHORT - self.0.leading_zeros() as usize / 8
    }

    /// Well mixed in its upper bits.
    #[inline(always)]
    fn hash(self) -> u64 {
        self.0.wrapping_mul(0xC2B2_AE3D_27D4_EB4F)
    }
}

/// Eight keys.
pub type Bucket = Line<u64, 8>;

/// Buckets with the tokens that fit a key. Frequent tokens have low ids and so find room in theirs; of the rarest, two
/// in a hundred find none, and are merged like a piece that is no token.
pub fn build(vocabulary: &Vocabulary) -> Vec<Bucket> {
    let tokens = vocabulary.tokens().iter();
    let keys = tokens.filter_map(|token| ShortKey::of(token));
    let numbers: Vec<_> = keys.map(|key| (key.hash(), key.0)).collect();
    lines::build(&numbers, 6)
}

/// Tokens that fit a key.
#[derive(Clone, Copy)]
pub struct ShortPieces<'a>(Lines<'a, u64, 8>);

impl<'a> ShortPieces<'a> {
    /// From buckets that [`build`] made.
    pub const fn new(buckets: &'a [Bucket]) -> Self {
        Self(Lines::new(buckets))
    }

    /// Fetch the memory that a lookup will need.
    #[inline(always)]
    pub fn prepare(&self, key: ShortKey) {
        self.0.ask(key.hash());
    }

    /// Whether a piece is a token; of some tokens this does not know it.
    #[inline(always)]
    pub fn contains(&self, processor: impl Processor, key: ShortKey) -> bool {
        processor.any_64(self.0.of(key.hash()), key.0)
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
            b"\0a",
            b"a\0a",
            b"A",
            b"12345678",
            b"1234567",
            "é".as_bytes(),
        ];
        for one in pieces {
            for other in pieces {
                assert_eq!(ShortKey::of(one) == ShortKey::of(other), one == other);
            }
            assert_eq!(ShortKey::of(one).unwrap().len(), one.len());
        }
        for none in [&b""[..], b"a\0", b"\0", b"123456789"] {
            assert_eq!(ShortKey::of(none), None);
        }
    }

    #[test]
    fn bytes_after_the_piece_do_not_count() {
        let text = u64::from_le_bytes(*b"hello, w");
        assert_eq!(Some(ShortKey::new(text, 5)), ShortKey::of(b"hello"));
        assert_eq!(Some(ShortKey::new(text, 8)), ShortKey::of(b"hello, w"));
    }

    #[test]
    fn a_full_bucket_forgets_the_rarest_and_makes_nothing_up() {
        let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        let number = |number: u32| number.to_string().into_bytes();
        tokens.extend((10..4000).map(number));
        let vocabulary = Vocabulary::new(tokens).unwrap();
        let buckets = build(&vocabulary);
        let pieces = ShortPieces::new(&buckets);
        let known = |token: &Vec<u8>| pieces.contains(Any, ShortKey::of(token).unwrap());
        let tokens = &vocabulary.tokens()[1..]; // without the zero byte
        let missing = tokens.iter().filter(|token| !known(token)).count();
        assert!(tokens[..255].iter().all(known));
        assert!(missing < tokens.len() / 20, "{missing} of {}", tokens.len());
        assert!(!(4000..20_000).map(number).any(|other| known(&other)));
    }
}
