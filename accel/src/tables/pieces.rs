//! Pieces of at most 15 bytes as numbers, and the set of those that are tokens.

use super::fetch::fetch;
use super::processor::Processor;
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

const WAYS: usize = 4;
/// In the last key of a bucket, a free bit: keys that had no room here are in the next.
const OVERFLOWED: u128 = 1 << 120;

/// Four keys in one cache line, filled from the front; 0 is empty.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub struct Bucket([u128; WAYS]);

impl Bucket {
    /// The keys.
    #[cfg_attr(test, allow(dead_code))] // for `build.rs`
    pub fn keys(self) -> [u128; WAYS] {
        self.0
    }
}

/// Buckets with the tokens that fit a key. Frequent tokens have low ids and so come first in theirs.
pub fn build(vocabulary: &Vocabulary) -> Vec<Bucket> {
    let tokens = vocabulary.tokens();
    let mut buckets = vec![Bucket([0; WAYS]); (tokens.len() * 2 / WAYS).next_power_of_two().max(2)];
    for key in tokens.iter().filter_map(|token| Key::of(token)) {
        let mut at = Pieces::new(&buckets).bucket(key);
        loop {
            if let Some(free) = buckets[at].0.iter_mut().find(|slot| **slot == 0) {
                *free = key.0;
                break;
            }
            // Marked in each full bucket on the way, so that a search ends where no key went on.
            buckets[at].0[WAYS - 1] |= OVERFLOWED;
            at = (at + 1) & (buckets.len() - 1);
        }
    }
    buckets
}

/// The tokens that fit a key, in buckets; a full bucket continues in the next.
#[derive(Clone, Copy)]
pub struct Pieces<'a> {
    buckets: &'a [Bucket],
    shift: u32,
}

impl<'a> Pieces<'a> {
    /// From buckets that [`build`] made; there are 2, 4, 8 … of them.
    pub const fn new(buckets: &'a [Bucket]) -> Self {
        Self {
            buckets,
            shift: 64 - buckets.len().trailing_zeros(),
        }
    }

    /// Where a key is, if it is a token; the table's memory is fetched in the meantime.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // the shift leaves the bits of the table
    pub fn bucket(&self, key: Key) -> usize {
        let bucket = (key.hash() >> self.shift) as usize;
        fetch(self.buckets, bucket);
        bucket
    }

    /// Whether a piece is a token; `bucket` is its [`Pieces::bucket`].
    #[inline(always)]
    pub fn contains(&self, processor: impl Processor, key: &Key, bucket: usize) -> bool {
        let Bucket(slots) = &self.buckets[bucket];
        let found = processor.equal_128(slots, OVERFLOWED, &key.0);
        // One comparison for "overflowed and not found": which of the two it is cannot be predicted.
        if u32::from(slots[WAYS - 1] & OVERFLOWED != 0) > found {
            return self.overflowed(*key, bucket);
        }
        found != 0
    }

    #[cold]
    #[inline(never)]
    fn overflowed(&self, key: Key, full: usize) -> bool {
        let mut at = full;
        loop {
            at = (at + 1) & (self.buckets.len() - 1);
            let Bucket(slots) = &self.buckets[at];
            if slots.iter().any(|slot| slot & !OVERFLOWED == key.0) {
                return true;
            }
            if slots[WAYS - 1] & OVERFLOWED == 0 {
                return false;
            }
        }
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
    fn full_buckets_overflow() {
        let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        tokens.extend(
            (0..2000_u32)
                .map(|number| number.to_string().into_bytes())
                .filter(|t| t.len() > 1),
        );
        let vocabulary = Vocabulary::new(tokens).unwrap();
        let buckets = build(&vocabulary);
        let pieces = Pieces::new(&buckets);
        for token in vocabulary.tokens() {
            let key = Key::of(token).unwrap();
            assert!(pieces.contains(Any, &key, pieces.bucket(key)));
        }
        for number in 2000_u32..9000 {
            let key = Key::of(number.to_string().as_bytes()).unwrap();
            assert!(!pieces.contains(Any, &key, pieces.bucket(key)));
        }
    }
}
