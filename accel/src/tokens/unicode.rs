//! Character classes, as the regex engine inside tiktoken sees them.

use std::sync::OnceLock;

use super::unicode_data::CHANGES;

/// `\p{L}`
pub const LETTER: u8 = 1;
/// `\p{N}`
pub const NUMBER: u8 = 2;
/// `\s`
pub const SPACE: u8 = 4;
/// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
pub const UPPER: u8 = 8;
/// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
pub const LOWER: u8 = 16;

const BLOCK: usize = 256;
const CODE_POINTS: usize = 0x11_0000;

/// Two-stage table: most blocks of 256 code points are equal to another one.
pub struct Classes {
    block_of: Vec<u16>,
    blocks: Vec<u8>,
}

impl Classes {
    /// The classes of all code points, built once per process.
    pub fn get() -> &'static Self {
        static CLASSES: OnceLock<Classes> = OnceLock::new();
        CLASSES.get_or_init(Self::build)
    }

    fn build() -> Self {
        let mut flat = vec![0; CODE_POINTS];
        for (index, &(start, bits)) in CHANGES.iter().enumerate() {
            let end = CHANGES
                .get(index + 1)
                .map_or(CODE_POINTS, |next| next.0 as usize);
            flat[start as usize..end].fill(bits);
        }
        let mut known = std::collections::HashMap::new();
        let mut blocks = Vec::new();
        let block_of = flat
            .chunks(BLOCK)
            .map(|block| {
                *known.entry(block).or_insert_with(|| {
                    blocks.extend_from_slice(block);
                    u16::try_from(blocks.len() / BLOCK - 1).expect("4,352 blocks at most")
                })
            })
            .collect();
        Self { block_of, blocks }
    }

    /// Class bits of a code point; none above U+10FFFF.
    #[inline]
    pub fn of(&self, code: u32) -> u8 {
        let code = code as usize;
        match self.block_of.get(code / BLOCK) {
            Some(&block) => self.blocks[usize::from(block) * BLOCK + code % BLOCK],
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_stages_say_what_the_list_of_changes_says() {
        let classes = Classes::get();
        let mut changes = CHANGES.iter().peekable();
        let mut bits = 0;
        for code in 0..0x11_0000 {
            if let Some(&&(start, next)) = changes.peek()
                && start == code
            {
                bits = next;
                changes.next();
            }
            assert_eq!(classes.of(code), bits, "U+{code:04X}");
        }
        assert_eq!(classes.of(u32::MAX), 0);
    }
}
