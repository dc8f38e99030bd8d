//! What [`super::processor::Any`] does on x86-64, all of which have SSE2.

use std::arch::x86_64::{
    __m128i, _mm_add_epi8, _mm_and_si128, _mm_cmpeq_epi8, _mm_cmpgt_epi8, _mm_loadu_si128,
    _mm_movemask_epi8, _mm_set1_epi8,
};

/// See [`super::processor::Processor::within`].
#[inline]
#[target_feature(enable = "sse2")]
pub fn within<const FIRST: u8, const LAST: u8>(block: &[u8; 64]) -> u64 {
    sixty_four(block, |bytes| {
        if FIRST == LAST {
            return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(FIRST.cast_signed()));
        }
        // A signed `>` after moving the last to 127 tests both ends; bytes from 0x80 on land below the first.
        let shift = (127 - LAST).cast_signed();
        let floor = FIRST.cast_signed() + shift - 1;
        let shifted = _mm_add_epi8(bytes, _mm_set1_epi8(shift));
        _mm_cmpgt_epi8(shifted, _mm_set1_epi8(floor))
    })
}

/// See [`super::processor::Processor::with_bit`].
#[inline]
#[target_feature(enable = "sse2")]
pub fn with_bit(block: &[u8; 64], bit: u8) -> u64 {
    let bit = _mm_set1_epi8(bit.cast_signed());
    sixty_four(block, |bytes| {
        _mm_cmpeq_epi8(_mm_and_si128(bytes, bit), bit)
    })
}

/// A bit for each byte, set if `test` sets the byte's highest.
#[inline]
#[target_feature(enable = "sse2")]
fn sixty_four(block: &[u8; 64], test: impl Fn(__m128i) -> __m128i) -> u64 {
    let quarter = |bytes: &[u8]| {
        debug_assert_eq!(bytes.len(), 16);
        // SAFETY: 16 bytes of a live reference; they need not be aligned.
        let bytes = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
        u64::from(_mm_movemask_epi8(test(bytes)).cast_unsigned())
    };
    quarter(&block[..16])
        | quarter(&block[16..32]) << 16
        | quarter(&block[32..48]) << 32
        | quarter(&block[48..]) << 48
}
