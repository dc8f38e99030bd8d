//! Where numbers start.

use super::next;

/// Where numbers start in a word: they have at most three digits.
#[derive(Clone, Copy, Default)]
pub struct Numbers {
    digits: u64,
    /// With a digit before, with two.
    second: u64,
    third: u64,
    pub starts: u64,
}

impl Numbers {
    #[inline(always)]
    pub fn after(before: Self, digits: u64) -> Self {
        let second = digits & next(digits, before.digits);
        let third = second & next(second, before.second);
        let fourth = third & next(third, before.third);
        let first = digits & !second;
        // A start is followed by another one three places on, if all in between are digits; then these by two.
        let mut starts = first | before.starts >> 61 & fourth;
        starts |= starts << 3 & fourth;
        let next_two = fourth & fourth << 3;
        starts |= starts << 6 & next_two;
        let next_four = next_two & next_two << 6;
        if next_four != 0 {
            starts |= starts << 12 & next_four;
            let next_eight = next_four & next_four << 12;
            starts |= starts << 24 & next_eight;
            starts |= starts << 48 & next_eight & next_eight << 24;
        }
        Self {
            digits,
            second,
            third,
            starts,
        }
    }
}
