//! What is done on many numbers at once, by the widest instructions that the processor has.
//!
//! A key is compared with all of a bucket: which one it is cannot be predicted, so branching costs more.

/// In this order [`Processor::equal_128`] answers: it is the one that costs nothing.
pub const ORDER_128: [usize; 4] = [0, 2, 1, 3];

/// A kind of processor. A value of it is the proof that this is one: whoever has it may use its instructions.
pub trait Processor: Copy {
    /// A bit for each of four numbers, set if it is `key` in all bits but the `ignored`: bit n is that of
    /// number [`ORDER_128`]`[n]`.
    fn equal_128(self, numbers: &[u128; 4], ignored: u128, key: &u128) -> u32;

    /// Whether one of eight numbers is `key`.
    fn any_64(self, numbers: &[u64; 8], key: u64) -> bool;

    /// A bit for each of four numbers, set if it is `key` above its lowest `SHIFT` bits.
    fn equal_64<const SHIFT: i32>(self, numbers: &[u64; 4], key: u64) -> u32;

    /// The least of a multiple of eight numbers.
    fn least<const N: usize>(self, numbers: &[u32; N]) -> u32;
}

/// Any processor.
#[derive(Clone, Copy)]
pub struct Any;

impl Processor for Any {
    #[inline(always)]
    fn equal_128(self, numbers: &[u128; 4], ignored: u128, key: &u128) -> u32 {
        let same = |(bit, at)| u32::from(numbers[at] & !ignored == *key) << bit;
        (0..4).zip(ORDER_128).map(same).sum()
    }

    #[inline(always)]
    fn any_64(self, numbers: &[u64; 8], key: u64) -> bool {
        numbers
            .iter()
            .fold(false, |found, &number| found | (number == key))
    }

    #[inline(always)]
    fn equal_64<const SHIFT: i32>(self, numbers: &[u64; 4], key: u64) -> u32 {
        let same = |(at, number): (u32, &u64)| u32::from(number >> SHIFT == key) << at;
        (0..).zip(numbers).map(same).sum()
    }

    #[inline(always)]
    fn least<const N: usize>(self, numbers: &[u32; N]) -> u32 {
        numbers
            .iter()
            .fold(u32::MAX, |least, &number| least.min(number))
    }
}

/// One with AVX2 and the bit instructions of its time (x86-64-v3, from 2013 on).
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub struct Avx2(());

#[cfg(target_arch = "x86_64")]
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

#[cfg(target_arch = "x86_64")]
impl Processor for Avx2 {
    #[inline(always)]
    fn equal_128(self, numbers: &[u128; 4], ignored: u128, key: &u128) -> u32 {
        // SAFETY: only `detect` makes an `Avx2`, and only where there is AVX2.
        unsafe { avx2_equal_128(numbers, ignored, key) }
    }

    #[inline(always)]
    fn any_64(self, numbers: &[u64; 8], key: u64) -> bool {
        // SAFETY: only `detect` makes an `Avx2`, and only where there is AVX2.
        unsafe { avx2_any_64(numbers, key) }
    }

    #[inline(always)]
    fn equal_64<const SHIFT: i32>(self, numbers: &[u64; 4], key: u64) -> u32 {
        // SAFETY: only `detect` makes an `Avx2`, and only where there is AVX2.
        unsafe { avx2_equal_64::<SHIFT>(numbers, key) }
    }

    #[inline(always)]
    fn least<const N: usize>(self, numbers: &[u32; N]) -> u32 {
        // SAFETY: only `detect` makes an `Avx2`, and only where there is AVX2.
        unsafe { avx2_least(numbers) }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn avx2_equal_128(numbers: &[u128; 4], ignored: u128, key: &u128) -> u32 {
    use std::arch::x86_64::{
        __m128i, _mm_loadu_si128, _mm256_and_si256, _mm256_andnot_si256,
        _mm256_broadcastsi128_si256, _mm256_castsi256_pd, _mm256_cmpeq_epi64, _mm256_loadu_si256,
        _mm256_movemask_pd, _mm256_unpackhi_epi64, _mm256_unpacklo_epi64,
    };
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

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn avx2_any_64(numbers: &[u64; 8], key: u64) -> bool {
    use std::arch::x86_64::{
        _mm256_cmpeq_epi64, _mm256_loadu_si256, _mm256_or_si256, _mm256_set1_epi64x,
        _mm256_testz_si256,
    };
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

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn avx2_equal_64<const SHIFT: i32>(numbers: &[u64; 4], key: u64) -> u32 {
    use std::arch::x86_64::{
        _mm256_castsi256_pd, _mm256_cmpeq_epi64, _mm256_loadu_si256, _mm256_movemask_pd,
        _mm256_set1_epi64x, _mm256_srli_epi64,
    };
    // SAFETY: 32 bytes of a live reference; they need not be aligned.
    let numbers = unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) };
    let key = _mm256_set1_epi64x(key.cast_signed());
    let same = _mm256_cmpeq_epi64(_mm256_srli_epi64::<SHIFT>(numbers), key);
    _mm256_movemask_pd(_mm256_castsi256_pd(same)).cast_unsigned()
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn avx2_least<const N: usize>(numbers: &[u32; N]) -> u32 {
    use std::arch::x86_64::{
        _mm_cvtsi128_si32, _mm_min_epu32, _mm_shuffle_epi32, _mm256_castsi256_si128,
        _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_min_epu32, _mm256_set1_epi32,
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What `test` says of the plain and of the wide instructions.
    macro_rules! on_each {
        ($test:ident) => {
            $test(Any);
            #[cfg(target_arch = "x86_64")]
            if let Some(wide) = Avx2::detect() {
                $test(wide);
            }
        };
    }

    #[test]
    fn every_bit_counts_but_the_ignored() {
        fn check(processor: impl Processor) {
            let key = 0x0123_4567_89AB_CDEF_0F1E_2D3C_4B5A_6978_u128;
            for (bit, place) in (0..128).flat_map(|bit| (0..5).map(move |place| (bit, place))) {
                let mut numbers = [key ^ 1 << bit; 4];
                if place < 4 {
                    numbers[place] = key;
                }
                for ignored in [0, 1 << 120, 0xF << 120] {
                    let numbers = numbers.map(|number| number | ignored);
                    let key = key & !ignored;
                    let found = processor.equal_128(&numbers, ignored, &key);
                    for (answer, at) in ORDER_128.into_iter().enumerate() {
                        let wanted = numbers[at] & !ignored == key;
                        assert_eq!(found >> answer & 1 == 1, wanted);
                    }
                    assert!(found < 16);
                }
            }
        }
        on_each!(check);
    }

    #[test]
    fn every_bit_counts_of_any() {
        fn check(processor: impl Processor) {
            let key = 0x0123_4567_89AB_CDEF;
            for (bit, place) in (0..64).flat_map(|bit| (0..9).map(move |place| (bit, place))) {
                let mut numbers = [key ^ 1 << bit; 8];
                if place < 8 {
                    numbers[place] = key;
                }
                assert_eq!(processor.any_64(&numbers, key), place < 8);
            }
        }
        on_each!(check);
    }

    #[test]
    fn every_bit_above_counts() {
        fn check(processor: impl Processor) {
            const SHIFT: i32 = 19;
            let key = 0x0123_4567_89AB;
            for (bit, place) in (0..64).flat_map(|bit| (0..5).map(move |place| (bit, place))) {
                let mut numbers = [(key << SHIFT) ^ 1 << bit; 4];
                if place < 4 {
                    numbers[place] = key << SHIFT | 0x5_5555;
                }
                let same = |at: usize| u32::from(numbers[at] >> SHIFT == key) << at;
                let wanted: u32 = (0..4).map(same).sum();
                assert_eq!(processor.equal_64::<SHIFT>(&numbers, key), wanted);
            }
        }
        on_each!(check);
    }

    #[test]
    fn the_least_may_be_anywhere() {
        fn check(processor: impl Processor) {
            for at in 0..32 {
                let mut numbers = [0xFFFF_FFFF_u32; 32];
                numbers[(at + 5) % 32] = 0x8000_0001;
                numbers[at] = 0x7FFF_FFFF;
                assert_eq!(processor.least(&numbers), 0x7FFF_FFFF);
            }
            assert_eq!(processor.least(&[u32::MAX; 8]), u32::MAX);
        }
        on_each!(check);
    }
}
