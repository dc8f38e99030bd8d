//! Processors with AVX2.

use std::arch::x86_64::{
    __m128i, __m256i, _mm_cvtsi128_si32, _mm_loadu_si128, _mm_min_epu32, _mm_shuffle_epi32,
    _mm256_add_epi8, _mm256_and_si256, _mm256_andnot_si256, _mm256_broadcastsi128_si256,
    _mm256_castsi256_pd, _mm256_castsi256_si128, _mm256_cmpeq_epi8, _mm256_cmpeq_epi64,
    _mm256_cmpgt_epi8, _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_min_epu32,
    _mm256_movemask_epi8, _mm256_movemask_pd, _mm256_or_si256, _mm256_set1_epi8, _mm256_set1_epi32,
    _mm256_set1_epi64x, _mm256_srli_epi64, _mm256_testz_si256, _mm256_unpackhi_epi64,
    _mm256_unpacklo_epi64,
};

use super::processor::Processor;

/// One with AVX2 and the bit instructions of its time (x86-64-v3, from 2013 on).
#[derive(Clone, Copy)]
pub struct Avx2(());

impl Avx2 {
    /// The proof, if this is one.
    pub fn detect() -> Option<Self> {
        let detected = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        detected.then_some(Self(()))
    }
}

impl Processor for Avx2 {
    #[inline(always)]
    fn within<const FIRST: u8, const LAST: u8>(self, block: &[u8; 64]) -> u64 {
        // SAFETY: only `detect` makes an `Avx2`, and only where there is AVX2.
        unsafe { within::<FIRST, LAST>(block) }
    }

    #[inline(always)]
    fn with_bit(self, block: &[u8; 64], bit: u8) -> u64 {
        // SAFETY: only `detect` makes an `Avx2`, and only where there is AVX2.
        unsafe { with_bit(block, bit) }
    }

    #[inline(always)]
    fn equal_128(self, numbers: &[u128; 4], ignored: u128, key: &u128) -> u32 {
        // SAFETY: only `detect` makes an `Avx2`, and only where there is AVX2.
        unsafe { equal_128(numbers, ignored, key) }
    }

    #[inline(always)]
    fn any_64(self, numbers: &[u64; 8], key: u64) -> bool {
        // SAFETY: only `detect` makes an `Avx2`, and only where there is AVX2.
        unsafe { any_64(numbers, key) }
    }

    #[inline(always)]
    fn equal_64<const SHIFT: i32>(self, numbers: &[u64; 4], key: u64) -> u32 {
        // SAFETY: only `detect` makes an `Avx2`, and only where there is AVX2.
        unsafe { equal_64::<SHIFT>(numbers, key) }
    }

    #[inline(always)]
    fn least<const N: usize>(self, numbers: &[u32; N]) -> u32 {
        // SAFETY: only `detect` makes an `Avx2`, and only where there is AVX2.
        unsafe { least(numbers) }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn equal_128(numbers: &[u128; 4], ignored: u128, key: &u128) -> u32 {
    let twice = |number: &u128| {
        let number: *const __m128i = std::ptr::from_ref(number).cast();
        // SAFETY: 16 bytes of a live reference; they need not be aligned.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(number) })
    };
    let (ignored, key) = (twice(&ignored), twice(key));
    let same = |two: &[u128]| {
        debug_assert_eq!(two.len(), 2);
        // SAFETY: 32 bytes of a live reference; they need not be aligned.
        let two = unsafe { _mm256_loadu_si256(two.as_ptr().cast()) };
        _mm256_cmpeq_epi64(_mm256_andnot_si256(ignored, two), key)
    };
    let (first, last) = (same(&numbers[..2]), same(&numbers[2..]));
    let both = _mm256_and_si256(
        _mm256_unpacklo_epi64(first, last),
        _mm256_unpackhi_epi64(first, last),
    );
    _mm256_movemask_pd(_mm256_castsi256_pd(both)).cast_unsigned()
}

#[inline]
#[target_feature(enable = "avx2")]
fn any_64(numbers: &[u64; 8], key: u64) -> bool {
    let key = _mm256_set1_epi64x(key.cast_signed());
    let same = |four: &[u64]| {
        debug_assert_eq!(four.len(), 4);
        // SAFETY: 32 bytes of a live reference; they need not be aligned.
        let four = unsafe { _mm256_loadu_si256(four.as_ptr().cast()) };
        _mm256_cmpeq_epi64(four, key)
    };
    let both = _mm256_or_si256(same(&numbers[..4]), same(&numbers[4..]));
    _mm256_testz_si256(both, both) == 0
}

#[inline]
#[target_feature(enable = "avx2")]
fn equal_64<const SHIFT: i32>(numbers: &[u64; 4], key: u64) -> u32 {
    // SAFETY: 32 bytes of a live reference; they need not be aligned.
    let numbers = unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) };
    let key = _mm256_set1_epi64x(key.cast_signed());
    let same = _mm256_cmpeq_epi64(_mm256_srli_epi64::<SHIFT>(numbers), key);
    _mm256_movemask_pd(_mm256_castsi256_pd(same)).cast_unsigned()
}

#[inline]
#[target_feature(enable = "avx2")]
fn least<const N: usize>(numbers: &[u32; N]) -> u32 {
    const { assert!(N.is_multiple_of(8)) };
    let mut least = _mm256_set1_epi32(-1);
    for eight in numbers.chunks_exact(8) {
        // SAFETY: 32 bytes of a live reference; they need not be aligned.
        let eight = unsafe { _mm256_loadu_si256(eight.as_ptr().cast()) };
        least = _mm256_min_epu32(least, eight);
    }
    let four = _mm_min_epu32(
        _mm256_castsi256_si128(least),
        _mm256_extracti128_si256::<1>(least),
    );
    let two = _mm_min_epu32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
    let one = _mm_min_epu32(two, _mm_shuffle_epi32::<0b10_11_00_01>(two));
    _mm_cvtsi128_si32(one).cast_unsigned()
}

#[inline]
#[target_feature(enable = "avx2")]
fn within<const FIRST: u8, const LAST: u8>(block: &[u8; 64]) -> u64 {
    sixty_four(block, |bytes| {
        if FIRST == LAST {
            return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(FIRST.cast_signed()));
        }
        // A signed `>` after moving the last to 127 tests both ends; bytes from 0x80 on land below the first.
        let shift = (127 - LAST).cast_signed();
        let floor = FIRST.cast_signed() + shift - 1;
        let shifted = _mm256_add_epi8(bytes, _mm256_set1_epi8(shift));
        _mm256_cmpgt_epi8(shifted, _mm256_set1_epi8(floor))
    })
}

#[inline]
#[target_feature(enable = "avx2")]
fn with_bit(block: &[u8; 64], bit: u8) -> u64 {
    let bit = _mm256_set1_epi8(bit.cast_signed());
    sixty_four(block, |bytes| {
        _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit), bit)
    })
}

/// A bit for each byte, set if `test` sets the byte's highest.
#[inline]
#[target_feature(enable = "avx2")]
fn sixty_four(block: &[u8; 64], test: impl Fn(__m256i) -> __m256i) -> u64 {
    let half = |bytes: &[u8]| {
        debug_assert_eq!(bytes.len(), 32);
        // SAFETY: 32 bytes of a live reference; they need not be aligned.
        let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
        u64::from(_mm256_movemask_epi8(test(bytes)).cast_unsigned())
    };
    half(&block[..32]) | half(&block[32..]) << 32
}
