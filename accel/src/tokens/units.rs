//! A piece beyond ASCII as the tokens that its characters become by themselves.

use crate::tables::Tables;
use crate::tables::characters::{Entry, char_len};
use crate::tables::merges::Query;

/// Most units that a piece may have.
pub const MOST: usize = super::merge::LONGEST;

/// What is to be merged: a token for each character, or for each byte where a token may hold a part of the
/// character. A character of several tokens merges with nothing.
#[derive(Clone, Copy)]
pub struct Units {
    tokens: [u32; MOST],
    len: usize,
    /// Tokens beyond one a unit.
    more: usize,
}

impl Units {
    /// The tokens to merge; [`Query::NOBODY`] and more are not ones.
    #[inline(always)]
    pub fn tokens(&self) -> &[u32] {
        &self.tokens[..self.len]
    }

    /// Tokens beyond one a unit.
    #[inline(always)]
    pub fn more(&self) -> usize {
        self.more
    }

    /// The units of the first `len` bytes, which are whole characters; what they merge into is fetched. None
    /// if they are too many, or a character is not in the tables. Behind the bytes is at least one more.
    #[inline(always)]
    pub fn of(tables: &Tables<'_>, bytes: &[u8], len: usize) -> Option<Self> {
        let mut units = Self {
            tokens: [Query::NOBODY; MOST],
            len: 0,
            more: 0,
        };
        let mut at = 0;
        let mut mixed = false;
        let mut entry = entry_at(tables, bytes, 0)?;
        while at < len {
            let next = at + char_len(bytes[at]);
            let after = if next < len {
                entry_at(tables, bytes, next)?
            } else {
                Entry::NONE
            };
            let mixed_before = mixed;
            mixed = entry.may_mix(after) && next < len && mixes(tables, bytes, next);
            if (mixed_before | mixed) && next - at > 1 {
                for &byte in &bytes[at..next] {
                    units.push(tables.merges.byte(byte))?;
                }
            } else {
                let token = entry.token();
                units.more += (token.max(Query::NOBODY + 1) - (Query::NOBODY + 1)) as usize;
                units.push(token)?;
            }
            (at, entry) = (next, after);
        }
        for pair in units.tokens().windows(2) {
            tables.merges.query(pair[0], pair[1]);
        }
        Some(units)
    }

    #[inline(always)]
    fn push(&mut self, token: u32) -> Option<()> {
        *self.tokens.get_mut(self.len)? = token;
        self.len += 1;
        Some(())
    }
}

/// What is known of the character at a position.
#[inline(always)]
fn entry_at(tables: &Tables<'_>, bytes: &[u8], at: usize) -> Option<Entry> {
    let low = |at: usize| u32::from(bytes[at] & 0x3F);
    let head = u32::from(bytes[at]);
    tables.characters.entry(match char_len(bytes[at]) {
        1 => head,
        2 => (head & 0x1F) << 6 | low(at + 1),
        3 => (head & 0x0F) << 12 | low(at + 1) << 6 | low(at + 2),
        _ => (head & 0x07) << 18 | low(at + 1) << 12 | low(at + 2) << 6 | low(at + 3),
    })
}

/// Whether a part of one of the characters on both sides of a position may merge with the other.
#[inline(always)]
fn mixes(tables: &Tables<'_>, bytes: &[u8], border: usize) -> bool {
    let (last, first) = (bytes[border - 1], bytes[border]);
    let before = if last < 0x80 { 0 } else { bytes[border - 2] };
    let second = if first < 0x80 { 0 } else { bytes[border + 1] };
    tables.characters.may_mix([before, last], [first, second])
}

#[cfg(test)]
mod tests {
    use super::super::bpe::{self, Scratch};
    use super::super::merge::Merger;
    use super::super::oracle::Random;
    use super::*;
    use crate::embedded::{CL100K, O200K};
    use crate::tables::processor::Any;

    /// Of scripts whose tokens end inside characters, and of others.
    const SCRIPTS: &[&str] = &[
        "的一是在不了有和人这中大为上个国我以要他选择信息北京赛车鑫犇",
        "\u{3001}\u{3002}\u{ff0c}\u{ff1f}\u{2019}\u{2026}",
        "ひらがなカタカナーしたフ",
        "한국어입니다실제장이",
        "оеаитнсрвлПривет",
        "üéàñßçãöåøœ",
        "नमस्ते्ािीह",
        "აბგდერუქართული",
        "שלוםיו\u{627}\u{644}\u{639}\u{631}\u{628}",
        "😀😂🤔👍🏽👩\u{200d}💻🇩🇪",
        "𝟘𐀀\u{20000}\u{30000}",
        " abet(.'",
    ];

    #[test]
    fn merging_units_counts_as_covering_does() {
        let mut random = Random(21);
        let mut merged = 0;
        for round in 0..60_000 {
            let scripts: Vec<char> = (0..=random.below(3))
                .flat_map(|_| random.choose(SCRIPTS).chars())
                .collect();
            let length = 1 + random.below(if round % 3 == 0 { 30 } else { 6 });
            let piece: String = (0..length).map(|_| *random.choose(&scripts)).collect();
            let bytes = format!("{piece}\0\0");
            for tables in [&CL100K, &O200K] {
                let wanted = bpe::count(tables, piece.as_bytes(), &mut Scratch::default());
                let Some(units) = Units::of(tables, bytes.as_bytes(), piece.len()) else {
                    assert!(length > 7 || piece.chars().any(|char| char >= '\u{20000}'));
                    continue;
                };
                let mut count = 0;
                let start = |lane: &mut _, _| lane_of(lane, tables, &units);
                Merger::<32>::default().count(Any, &tables.merges, 1, start, |_, tokens| {
                    count = tokens;
                });
                assert_eq!(count, wanted, "{piece:?}");
                merged += 1;
            }
        }
        assert!(merged > 50_000);
    }

    fn lane_of(lane: &mut super::super::merge::Lane<32>, tables: &Tables<'_>, units: &Units) {
        lane.start_units(Any, &tables.merges, units);
    }
}
