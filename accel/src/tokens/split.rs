//! Where pieces end: the split patterns of the encodings, by hand instead of by a regex engine.
//!
//! Each function finds the end of the piece that starts at a position. The alternatives of a
//! pattern are tried in its order; the comments quote them.

use super::chunk::{Chunk, Masks};

/// A split pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Of `cl100k_base`.
    Cl100k,
    /// Of `o200k_base` and `o200k_harmony`.
    O200k,
    /// Of GPT-2, `ByteLevel` in `tokenizers`.
    ByteLevel,
}

/// Length of a contraction `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` at a position, in any case; 0
/// without one. The long s (U+017F) is an s in another case.
#[inline(always)]
pub fn contraction(chunk: &Chunk, at: usize) -> usize {
    if chunk.byte(at) != b'\'' {
        return 0;
    }
    let second = chunk.byte(at + 2) | 0x20;
    match chunk.byte(at + 1) {
        b's' | b'S' | b'd' | b'D' | b'm' | b'M' | b't' | b'T' => 2,
        b'l' | b'L' if second == b'l' => 3,
        b'v' | b'V' | b'r' | b'R' if second == b'e' => 3,
        0xC5 if chunk.byte(at + 2) == 0xBF => 3,
        _ => 0,
    }
}

/// `[\r\n]`
#[inline(always)]
pub fn is_newline(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// Where `[^\r\n\p{L}\p{N}]?` may end: after the character at a position, or at it.
#[inline(always)]
fn after_prefix(chunk: &Chunk, at: usize) -> usize {
    let byte = chunk.byte(at);
    if byte < 0x80 {
        at + usize::from(!byte.is_ascii_alphanumeric() && !is_newline(byte))
    } else if chunk.is(|m| m.space | m.other, at) {
        at + chunk.char_len(at)
    } else {
        at
    }
}

/// `\p{N}{1,3}`
#[inline(always)]
fn numbers(chunk: &Chunk, start: usize) -> usize {
    let mut end = start;
    for _ in 0..3 {
        if !chunk.is(|m| m.number, end) {
            break;
        }
        end += chunk.char_len(end);
    }
    end
}

/// ` ?[^\s\p{L}\p{N}]+` and then any of the bytes in `tail`; the start itself if there is none.
#[inline(always)]
fn others(chunk: &Chunk, start: usize, tail: impl Fn(u8) -> bool) -> usize {
    let from = start + usize::from(chunk.byte(start) == b' ');
    let mut end = chunk.run(|m| m.other, from);
    if end == from {
        return start;
    }
    while tail(chunk.byte(end)) {
        end += 1;
    }
    end
}

/// End of the last `[\r\n]` of a run of whitespace.
#[inline(always)]
fn after_last_newline(chunk: &Chunk, start: usize, end: usize) -> Option<usize> {
    (start..end)
        .rev()
        .find(|&at| is_newline(chunk.byte(at)))
        .map(|at| at + 1)
}

/// `\s+(?!\S)|\s`: a run gives its last character to the word that follows, unless it is alone.
#[inline(always)]
fn all_but_last(chunk: &Chunk, start: usize, end: usize) -> usize {
    let mut last = end - 1;
    while chunk.byte(last) & 0xC0 == 0x80 {
        last -= 1;
    }
    if last > start { last } else { end }
}

/// `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|`
/// `\s*[\r\n]|\s+(?!\S)|\s`
#[inline(always)]
pub fn cl100k(chunk: &Chunk, start: usize) -> usize {
    let contraction = contraction(chunk, start);
    if contraction > 0 {
        return start + contraction;
    }
    let from = after_prefix(chunk, start);
    let end = chunk.run(|m| m.letter, from);
    if end > from {
        return end;
    }
    let end = numbers(chunk, start);
    if end > start {
        return end;
    }
    let end = others(chunk, start, is_newline);
    if end > start {
        return end;
    }
    let end = chunk.run(|m| m.space, start);
    if end == chunk.len() {
        return end;
    }
    after_last_newline(chunk, start, end).unwrap_or_else(|| all_but_last(chunk, start, end))
}

const UPPER: fn(&Masks) -> u64 = |m| m.upper;

/// `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|`
/// `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|`
/// `\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
#[inline(always)]
pub fn o200k(chunk: &Chunk, start: usize) -> usize {
    if let Some(end) = o200k_word(chunk, start) {
        return end + contraction(chunk, end);
    }
    let end = numbers(chunk, start);
    if end > start {
        return end;
    }
    let end = others(chunk, start, |byte| is_newline(byte) || byte == b'/');
    if end > start {
        return end;
    }
    let end = chunk.run(|m| m.space, start);
    if let Some(end) = after_last_newline(chunk, start, end) {
        return end;
    }
    if end == chunk.len() {
        end
    } else {
        all_but_last(chunk, start, end)
    }
}

/// The first two alternatives without their contraction.
#[inline(always)]
fn o200k_word(chunk: &Chunk, start: usize) -> Option<usize> {
    let from = after_prefix(chunk, start);
    let upper_end = chunk.run(UPPER, from);
    let end = chunk.run(|m| m.lower, upper_end);
    if end > upper_end {
        return Some(end);
    }
    if upper_end == from {
        // Only a mark is prefix and letter at once, and may stand alone.
        return (from > start && chunk.is(UPPER, start)).then_some(from);
    }
    // Nothing lower follows: the second part takes back the last character that is both.
    if let Some(both) = chunk.last(|m| m.upper & m.lower, from, upper_end) {
        return Some(both + 1);
    }
    // A mark taken as the prefix is given back before the second alternative is tried.
    Some(if from > start && chunk.is(UPPER, start) {
        from
    } else {
        upper_end
    })
}

/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
#[inline(always)]
pub fn byte_level(chunk: &Chunk, start: usize) -> usize {
    if chunk.byte(start) == b'\'' {
        match [chunk.byte(start + 1), chunk.byte(start + 2)] {
            [b's' | b't' | b'm' | b'd', _] => return start + 2,
            [b'r' | b'v', b'e'] | [b'l', b'l'] => return start + 3,
            _ => {}
        }
    }
    let from = start + usize::from(chunk.byte(start) == b' ');
    let classes: [fn(&Masks) -> u64; 3] = [|m| m.letter, |m| m.number, |m| m.other];
    for class in classes {
        let end = chunk.run(class, from);
        if end > from {
            return end;
        }
    }
    let end = chunk.run(|m| m.space, start);
    if end == chunk.len() {
        end
    } else {
        all_but_last(chunk, start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle::{self, CHARS, Random};
    use super::super::text::Text;
    use super::*;
    use crate::tables::processor::Any;

    fn pieces(pattern: Pattern, text: &str) -> Vec<String> {
        let codes: Vec<u32> = text.chars().map(u32::from).collect();
        let mut chunk = Chunk::default();
        chunk.load(Any, Text::Ucs4(&codes));
        let mut pieces = Vec::new();
        let mut start = 0;
        while start < chunk.len() {
            let end = match pattern {
                Pattern::Cl100k => cl100k(&chunk, start),
                Pattern::O200k => o200k(&chunk, start),
                Pattern::ByteLevel => byte_level(&chunk, start),
            };
            assert!(end > start, "no progress at {start} of {text:?}");
            let piece = chunk.piece(start, end).to_vec();
            pieces.push(String::from_utf8(piece).expect("whole characters"));
            start = end;
        }
        pieces
    }

    fn check(text: &str) {
        assert_eq!(
            pieces(Pattern::Cl100k, text),
            oracle::split(oracle::CL100K, text),
            "{text:?}"
        );
        assert_eq!(
            pieces(Pattern::O200k, text),
            oracle::split(oracle::O200K, text),
            "{text:?}"
        );
        assert_eq!(
            pieces(Pattern::ByteLevel, text),
            oracle::split(oracle::BYTE_LEVEL, text),
            "{text:?}"
        );
    }

    #[test]
    fn all_short_texts() {
        for a in CHARS {
            check(&String::from(*a));
            for b in CHARS {
                check(&String::from_iter([a, b]));
                for c in CHARS {
                    check(&String::from_iter([a, b, c]));
                }
            }
        }
    }

    #[test]
    fn random_texts() {
        let mut random = Random(11);
        for _ in 0..20_000 {
            let few: Vec<char> = (0..=random.below(5))
                .map(|_| *random.choose(CHARS))
                .collect();
            let text: String = (0..random.below(40))
                .map(|_| *random.choose(&few))
                .collect();
            check(&text);
        }
    }

    #[test]
    fn runs_of_every_length_around_the_blocks() {
        for char in CHARS {
            for length in (60..70).chain(125..131) {
                let run: String = std::iter::repeat_n(*char, length).collect();
                check(&run);
                check(&format!(" {run}x"));
                check(&format!("x{run}\n"));
            }
        }
    }
}
