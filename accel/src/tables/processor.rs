//! What is done on many numbers at once, by the widest instructions that the processor has.
//!
//! A key is compared with all of a bucket: which one it is cannot be predicted, so branching costs more.

#[cfg(target_arch = "x86_64")]
use super::sse2;

/// In this order [`Processor::equal_128`] answers: it is the one that costs nothing.
pub const ORDER_128: [usize; 4] = [0, 2, 1, 3];

/// A kind of processor. A value of it is the proof that this is one: whoever has it may use its instructions.
pub trait Processor: Copy {
    /// A bit for each of four numbers, set if it is `key` in all bits but the `ignored`: bit n is that of
    /// number [`ORDER_128`]`[n]`.
    fn equal_128(self, numbers: &[u128; 4], ignored: u128, key: &u128) -> u32;

    /// A bit for each of 64 bytes, set if it is `FIRST` to `LAST`, which are ASCII; 0 is in no range but its own.
    fn within<const FIRST: u8, const LAST: u8>(self, block: &[u8; 64]) -> u64;

    /// A bit for each of 64 bytes, set if the byte has the bit that `bit` has.
    fn with_bit(self, block: &[u8; 64], bit: u8) -> u64;

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
    fn within<const FIRST: u8, const LAST: u8>(self, block: &[u8; 64]) -> u64 {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: SSE2 is part of x86-64; there is no such processor without it.
        return unsafe { sse2::within::<FIRST, LAST>(block) };
        #[cfg(not(target_arch = "x86_64"))]
        bits(block, |byte| (FIRST..=LAST).contains(&byte))
    }

    #[inline(always)]
    fn with_bit(self, block: &[u8; 64], bit: u8) -> u64 {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: SSE2 is part of x86-64; there is no such processor without it.
        return unsafe { sse2::with_bit(block, bit) };
        #[cfg(not(target_arch = "x86_64"))]
        bits(block, |byte| byte & bit != 0)
    }

    #[inline(always)]
    fn equal_128(self, numbers: &[u128; 4], ignored: u128, key: &u128) -> u32 {
        let same = |(bit, at)| u32::from(numbers[at] & !ignored == *key) << bit;
        (0..4).zip(ORDER_128).map(same).sum()
    }

    #[inline(always)]
    fn any_64(self, numbers: &[u64; 8], key: u64) -> bool {
        // All are compared: which one it is cannot be predicted.
        let same = |number: &u64| u32::from(*number == key);
        numbers.iter().map(same).sum::<u32>() != 0
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

/// A bit for each of 64 bytes that passes a test.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn bits(block: &[u8; 64], test: impl Fn(u8) -> bool) -> u64 {
    let bytes = block.iter().rev();
    bytes.fold(0, |bits, &byte| bits << 1 | u64::from(test(byte)))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "x86_64")]
    use super::super::avx2::Avx2;
    use super::*;

    /// What `test` says of each kind that there is here.
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
    fn every_byte_is_told_apart_at_every_place() {
        fn check(processor: impl Processor) {
            for (turn, factor) in (0..=255).flat_map(|turn: u8| [(turn, 1), (turn, 37)]) {
                let block: [u8; 64] = std::array::from_fn(|place| {
                    u8::try_from(place)
                        .unwrap()
                        .wrapping_mul(factor)
                        .wrapping_add(turn)
                });
                let wanted = |first, last| bits(&block, |byte| (first..=last).contains(&byte));
                assert_eq!(processor.within::<b'a', b'z'>(&block), wanted(b'a', b'z'));
                assert_eq!(processor.within::<1, 127>(&block), wanted(1, 127));
                assert_eq!(processor.within::<9, 13>(&block), wanted(9, 13));
                assert_eq!(processor.within::<127, 127>(&block), wanted(127, 127));
                assert_eq!(processor.within::<0, 0>(&block), wanted(0, 0));
                for bit in (0..8).map(|bit| 1 << bit) {
                    let wanted = bits(&block, |byte| byte & bit != 0);
                    assert_eq!(processor.with_bit(&block, bit), wanted);
                }
            }
        }
        on_each!(check);
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
