//! A set of numbers in cache lines, each number in the one line that its hash says: a lookup is one access to memory.

use super::fetch::fetch;

/// As many numbers as fit a cache line, filled from the front; 0 is empty.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub struct Line<Number, const WAYS: usize>(pub [Number; WAYS]);

/// Lines with the numbers, each given with its hash; about `filled` in a line. Where a line is full, those that come
/// last have no room and are left out.
pub fn build<Number, const WAYS: usize>(
    numbers: &[(u64, Number)],
    filled: usize,
) -> Vec<Line<Number, WAYS>>
where
    Number: Copy + Default + PartialEq,
{
    let count = (numbers.len() / filled).next_power_of_two().max(2);
    let empty = Number::default();
    let mut lines = vec![Line([empty; WAYS]); count];
    for &(hash, number) in numbers {
        let Line(ways) = &mut lines[place(hash, shift(count))];
        if let Some(free) = ways.iter_mut().find(|way| **way == empty) {
            *free = number;
        }
    }
    lines
}

const fn shift(lines: usize) -> u32 {
    64 - lines.trailing_zeros()
}

#[inline(always)]
#[allow(clippy::cast_possible_truncation)] // the shift leaves the bits of the number of lines
fn place(hash: u64, shift: u32) -> usize {
    (hash >> shift) as usize
}

/// Lines that [`build`] made, to look numbers up in.
#[derive(Clone, Copy)]
pub struct Lines<'a, Number, const WAYS: usize> {
    lines: &'a [Line<Number, WAYS>],
    shift: u32,
}

impl<'a, Number, const WAYS: usize> Lines<'a, Number, WAYS> {
    /// There are 2, 4, 8 … of them.
    pub const fn new(lines: &'a [Line<Number, WAYS>]) -> Self {
        Self {
            lines,
            shift: shift(lines.len()),
        }
    }

    /// Which line a number of that hash is in; its memory is fetched in the meantime.
    #[inline(always)]
    pub fn ask(&self, hash: u64) -> usize {
        let place = place(hash, self.shift);
        fetch(self.lines, place);
        place
    }

    /// The numbers of a line that was asked for.
    #[inline(always)]
    pub fn at(&self, place: usize) -> &'a [Number; WAYS] {
        &self.lines[place].0
    }

    /// The numbers of the line that a number of that hash is in.
    #[inline(always)]
    pub fn of(&self, hash: u64) -> &'a [Number; WAYS] {
        self.at(place(hash, self.shift))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes that fall on all lines.
    fn numbers(count: u64) -> Vec<(u64, u64)> {
        let hash = |number: u64| number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (1..=count).map(|number| (hash(number), number)).collect()
    }

    #[test]
    fn what_has_room_is_found_where_its_hash_says() {
        let numbers = numbers(3000);
        let built = build::<u64, 8>(&numbers, 6);
        let lines = Lines::new(&built);
        let found = |(hash, number): &&(u64, u64)| lines.of(*hash).contains(number);
        for (hash, _) in &numbers {
            assert_eq!(lines.at(lines.ask(*hash)), lines.of(*hash));
        }
        assert_eq!(numbers.iter().filter(found).count(), {
            let held = built.iter().flat_map(|line| line.0);
            held.filter(|number| *number != 0).count()
        });
        assert!(numbers.iter().filter(found).count() > 2900);
    }

    #[test]
    fn a_full_line_keeps_those_that_came_first() {
        let same: Vec<(u64, u64)> = (1..=10).map(|number| (7, number)).collect();
        let built = build::<u64, 8>(&same, 100);
        let kept = Lines::new(&built).of(7);
        assert_eq!(kept, &[1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
