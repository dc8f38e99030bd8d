//! Characters beyond ASCII: the tokens that each becomes by itself, and where that may be taken for granted.
//!
//! Merging goes by rank, and a token's rank is above those of its parts. So what is merged inside a
//! character comes before any merge of the whole character with others, and may be done beforehand:
//! unless a token holds *a part* of the character and bytes of its neighbour. Such tokens are few, and
//! beside which bytes they may be is known.

use std::collections::{HashMap, HashSet};

use super::merges::Query;
use super::vocabulary::Vocabulary;

/// Code points from here on, which are rare, are not in the table.
const CODE_POINTS: usize = 0x2_0000;
const FILTER_BITS: u32 = 14;
const FILTER_WORDS: usize = (1 << FILTER_BITS) / 64;

/// Marks of an entry, above its token: some token that begins inside a character goes on with this one, or
/// some that ends inside a character has this one before it.
const CONTINUES: u32 = 1 << 30;
const PRECEDES: u32 = 1 << 31;

/// What [`Characters`] looks things up in.
pub struct Built {
    pub entries: Vec<u32>,
    pub mixed: Vec<u64>,
}

/// Split every character, and find the tokens that hold parts of characters beside others.
pub fn build(vocabulary: &Vocabulary) -> Built {
    let tokens = vocabulary.tokens();
    let ids: HashMap<&[u8], u32> = tokens.iter().map(Vec::as_slice).zip(0..).collect();
    let mut built = Built {
        entries: vec![0; CODE_POINTS],
        mixed: vec![0; 2 * FILTER_WORDS],
    };
    let mut borders = Borders::default();
    for token in tokens {
        built.note(token, &mut borders);
    }
    for (code, entry) in (0..).zip(&mut built.entries) {
        if let Some(char) = char::from_u32(code) {
            let mut utf8 = [0; 4];
            let utf8 = char.encode_utf8(&mut utf8).as_bytes();
            *entry = alone(&ids, utf8) | borders.marks(utf8);
        }
    }
    built
}

/// What stands at the borders of characters in the tokens that hold parts of some.
#[derive(Default)]
struct Borders {
    /// After a part: a character, or its beginning.
    after: HashSet<Vec<u8>>,
    /// Before a part: the last two bytes of a character, or its only one.
    before: HashSet<Vec<u8>>,
}

impl Borders {
    fn marks(&self, char: &[u8]) -> u32 {
        let continues = (1..=char.len()).any(|len| self.after.contains(&char[..len]));
        let precedes = self.before.contains(&char[char.len().saturating_sub(2)..]);
        (u32::from(continues) * CONTINUES) | (u32::from(precedes) * PRECEDES)
    }
}

/// The token of a character; if they are several, their number above [`Query::NOBODY`].
fn alone(ids: &HashMap<&[u8], u32>, char: &[u8]) -> u32 {
    let mut ends: Vec<usize> = (0..=char.len()).collect();
    let rank = |ends: &[usize], at: usize| ids.get(&char[ends[at]..ends[at + 2]]).copied();
    while let Some((_, at)) = (0..ends.len() - 2)
        .filter_map(|at| Some((rank(&ends, at)?, at)))
        .min()
    {
        ends.remove(at + 1);
    }
    match ends.len() - 1 {
        1 => ids[char],
        several => Query::NOBODY + u32::try_from(several).expect("at most 4"),
    }
}

fn is_inside(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// Length of the character that a byte begins.
#[inline(always)]
pub fn char_len(byte: u8) -> usize {
    match byte {
        0..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

/// Word and bit of a filter for three bytes.
#[inline(always)]
fn filtered(a: u8, b: u8, c: u8) -> (usize, u64) {
    let key = u32::from_le_bytes([a, b, c, 0]);
    let bit = key.wrapping_mul(0x9E37_79B1) >> (32 - FILTER_BITS);
    (bit as usize / 64, 1 << (bit % 64))
}

impl Built {
    /// To look things up.
    pub fn view(&self) -> Characters<'_> {
        Characters::new(&self.entries, &self.mixed)
    }

    /// Remember where a token may be that begins or ends inside a character and goes beyond it.
    fn note(&mut self, token: &[u8], borders: &mut Borders) {
        let starts: Vec<usize> = (1..token.len())
            .filter(|&at| !is_inside(token[at]))
            .collect();
        let (Some(&first), Some(&last)) = (starts.first(), starts.last()) else {
            return;
        };
        if is_inside(token[0]) {
            let end = token.len().min(first + char_len(token[first]));
            borders.after.insert(token[first..end].to_vec());
            let seconds = match token.get(first + 1) {
                _ if token[first] < 0x80 => 0..=0,
                Some(&second) => second..=second,
                None => 0x80..=0xBF,
            };
            for second in seconds {
                let (word, bit) = filtered(token[first - 1], token[first], second);
                self.mixed[word] |= bit;
            }
        }
        // Where only one byte is before it, that is a part of a character too, and so was noted above.
        if last + char_len(token[last]) > token.len() && (last > 1 || token[0] < 0x80) {
            let (start, before) = if token[last - 1] < 0x80 {
                (last - 1, 0)
            } else {
                (last - 2, token[last - 2])
            };
            borders.before.insert(token[start..last].to_vec());
            let (word, bit) = filtered(before, token[last - 1], token[last]);
            self.mixed[FILTER_WORDS + word] |= bit;
        }
    }
}

/// What is known of a character.
#[derive(Clone, Copy)]
pub struct Entry(u32);

impl Entry {
    /// Of no character: it mixes with none.
    pub const NONE: Self = Self(0);

    /// Its token; if they are several, their number above [`Query::NOBODY`].
    #[inline(always)]
    pub fn token(self) -> u32 {
        self.0 & !(CONTINUES | PRECEDES)
    }

    /// Whether there is any neighbour on its right, or on the left of `right`, that it makes sense to ask
    /// [`Characters::may_mix`] about.
    #[inline(always)]
    pub fn may_mix(self, right: Self) -> bool {
        (self.0 & PRECEDES) | (right.0 & CONTINUES) != 0
    }
}

/// Characters beyond ASCII, of an encoding.
#[derive(Clone, Copy)]
pub struct Characters<'a> {
    /// By code point.
    entries: &'a [u32; CODE_POINTS],
    /// Where a token may begin inside a character, then where one may end inside.
    begins: &'a [u64; FILTER_WORDS],
    ends: &'a [u64; FILTER_WORDS],
}

impl<'a> Characters<'a> {
    /// From tables that [`build`] made.
    pub const fn new(entries: &'a [u32], mixed: &'a [u64]) -> Self {
        let (begins, ends) = mixed.split_at(FILTER_WORDS);
        match (
            entries.first_chunk(),
            begins.first_chunk(),
            ends.first_chunk(),
        ) {
            (Some(entries), Some(begins), Some(ends)) => Self {
                entries,
                begins,
                ends,
            },
            _ => panic!("a table of another size"),
        }
    }

    /// The entry of a character; None for a code point that is not in the table.
    #[inline(always)]
    pub fn entry(&self, code: u32) -> Option<Entry> {
        self.entries.get(code as usize).copied().map(Entry)
    }

    /// Whether a part of one of two neighbours may merge with the other. `left` is the last two bytes of the
    /// left one and `right` the first two of the right one; in place of what an ASCII character lacks is 0.
    #[inline(always)]
    pub fn may_mix(&self, left: [u8; 2], right: [u8; 2]) -> bool {
        let (begin, begin_bit) = filtered(left[1], right[0], right[1]);
        let (end, end_bit) = filtered(left[0], left[1], right[0]);
        self.begins[begin] & begin_bit | self.ends[end] & end_bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(tokens: &[&[u8]]) -> Built {
        let bytes = (0..=255).map(|byte| vec![byte]);
        let tokens = bytes.chain(tokens.iter().map(|token| token.to_vec()));
        build(&Vocabulary::new(tokens.collect()).unwrap())
    }

    #[test]
    fn a_character_is_one_token_or_several() {
        let built = built(&[b"\xC3\xA9", b"\xE4\xB8", b"\xE4\xB8\xAD", b"\x98\x80"]);
        let token = |char: char| built.view().entry(u32::from(char)).map(Entry::token);
        assert_eq!(token('é'), Some(256));
        assert_eq!(token('中'), Some(258));
        assert_eq!(token('上'), Some(Query::NOBODY + 2));
        assert_eq!(token('è'), Some(Query::NOBODY + 2));
        assert_eq!(token('😀'), Some(Query::NOBODY + 3));
        assert_eq!(token('😁'), Some(Query::NOBODY + 4));
        assert_eq!(token('a'), Some(u32::from(b'a')));
        assert_eq!(token('\u{20000}'), None);
    }

    #[test]
    fn lower_ranks_merge_first() {
        let low_first = built(&[b"\x98\x80", b"\xF0\x9F", b"\x9F\x98"]);
        assert_eq!(low_first.entries[0x1_F600], Query::NOBODY + 2);
        let inner_first = built(&[b"\x9F\x98", b"\x98\x80", b"\xF0\x9F"]);
        assert_eq!(inner_first.entries[0x1_F600], Query::NOBODY + 3);
    }

    /// Every token that holds a part of a character and more is noticed wherever it stands.
    #[test]
    fn neighbours_mix_where_a_token_goes() {
        let tokens: [&[u8]; 7] = [
            b" \xE4",
            "中\u{e9}".as_bytes(),
            b"\xAD\xE5\x9B",
            b"\xE4\xB8\xAD\xE5",
            b"\x98\x80a",
            b"\x80\xF0",
            b"a\xC3",
        ];
        let built = built(&tokens);
        let chars: Vec<char> = " aé中上国图😀😁à".chars().collect();
        for left in &chars {
            for right in &chars {
                let both = String::from_iter([left, right]);
                let border = left.len_utf8();
                let mixed = tokens.iter().any(|token| {
                    (0..both.len()).any(|start| {
                        let end = start + token.len();
                        let part = start > 0 || end < both.len();
                        let inside = |at: usize| !both.is_char_boundary(at);
                        both.as_bytes()[start..].starts_with(token)
                            && start < border
                            && border < end
                            && part
                            && (inside(start) || inside(end))
                    })
                });
                let two = |bytes: &[u8]| match bytes {
                    &[.., a, b] => [a, b],
                    &[a] => [0, a],
                    [] => unreachable!(),
                };
                let mut first = [both.as_bytes()[border], 0];
                if let Some(&second) = both.as_bytes().get(border + 1) {
                    first[1] = second;
                }
                let before = &both.as_bytes()[..border];
                let entry = |char: &char| built.view().entry(u32::from(*char)).unwrap();
                let found =
                    entry(left).may_mix(entry(right)) && built.view().may_mix(two(before), first);
                assert!(found || !mixed, "{both:?}");
                assert!(
                    !found || mixed || "上中图国".contains([*left, *right]),
                    "{both:?}"
                );
            }
        }
    }
}
