//! Pieces of at most 15 bytes as numbers, and the set of those that are tokens.

use super::fetch::fetch;
use super::vocabulary::Vocabulary;

/// Longest piece that fits a [`Key`].
pub const MAX_PIECE: usize = 15;

/// A piece: its bytes, little-endian and padded with zeros, and its length in the top four bits.
/// Bits 120 to 123 are free. No key is 0.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Key(pub u128);

const LENGTH_SHIFT: u32 = 124;

impl Key {
    /// The key of the first `len` bytes of `sixteen`; `len` is 1 to 15.
    #[inline(always)]
    pub fn new(sixteen: u128, len: usize) -> Self {
        debug_assert!((1..=MAX_PIECE).contains(&len));
        Self(sixteen & (u128::MAX >> (128 - 8 * len)) | (len as u128) << LENGTH_SHIFT)
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

    /// Well mixed in its upper bits.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // the two halves
    pub fn hash(self) -> u64 {
        let (low, high) = (self.0 as u64, (self.0 >> 64) as u64);
        let low = low.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let high = high.wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
        (low ^ high.rotate_left(32)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
    }
}

const WAYS: usize = 4;

/// Four keys in one cache line, filled from the front; 0 is empty.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Bucket([u128; WAYS]);

/// The tokens that fit a key, in buckets; a full bucket continues in the next.
pub struct Pieces {
    buckets: Vec<Bucket>,
    shift: u32,
}

impl Pieces {
    /// The tokens of a vocabulary. Frequent tokens have low ids and so come first in their buckets.
    pub fn new(vocabulary: &Vocabulary) -> Self {
        let tokens = vocabulary.tokens();
        let bits = (tokens.len() * 2 / WAYS)
            .next_power_of_two()
            .trailing_zeros()
            .max(1);
        let mut pieces = Self {
            buckets: vec![Bucket([0; WAYS]); 1 << bits],
            shift: 64 - bits,
        };
        for key in tokens.iter().filter_map(|token| Key::of(token)) {
            pieces.insert(key);
        }
        pieces
    }

    fn insert(&mut self, key: Key) {
        let mut at = self.bucket(key);
        loop {
            if let Some(free) = self.buckets[at].0.iter_mut().find(|slot| **slot == 0) {
                *free = key.0;
                return;
            }
            at = (at + 1) & (self.buckets.len() - 1);
        }
    }

    /// Where a key is, if it is a token; the table's memory is fetched in the meantime.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // the shift leaves the bits of the table
    pub fn bucket(&self, key: Key) -> usize {
        let bucket = (key.hash() >> self.shift) as usize;
        fetch(&self.buckets[bucket]);
        bucket
    }

    /// Whether a piece is a token; `bucket` is its [`Pieces::bucket`].
    #[inline(always)]
    pub fn contains(&self, key: Key, bucket: usize) -> bool {
        let Bucket(slots) = &self.buckets[bucket];
        // All are compared: which one it is cannot be predicted, so branching would cost more.
        let found = slots
            .iter()
            .fold(false, |found, slot| found | (*slot == key.0));
        found || (slots[WAYS - 1] != 0 && self.overflowed(key, bucket))
    }

    #[cold]
    fn overflowed(&self, key: Key, full: usize) -> bool {
        let mut at = full;
        loop {
            at = (at + 1) & (self.buckets.len() - 1);
            let Bucket(slots) = &self.buckets[at];
            if slots.contains(&key.0) {
                return true;
            }
            if slots[WAYS - 1] == 0 {
                return false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
    fn full_buckets_overflow() {
        let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        tokens.extend(
            (0..2000_u32)
                .map(|number| number.to_string().into_bytes())
                .filter(|t| t.len() > 1),
        );
        let vocabulary = Vocabulary::new(tokens).unwrap();
        let pieces = Pieces::new(&vocabulary);
        for token in vocabulary.tokens() {
            let key = Key::of(token).unwrap();
            assert!(pieces.contains(key, pieces.bucket(key)));
        }
        for number in 2000_u32..9000 {
            let key = Key::of(number.to_string().as_bytes()).unwrap();
            assert!(!pieces.contains(key, pieces.bucket(key)));
        }
    }
}
