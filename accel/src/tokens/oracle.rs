//! Slow and obviously right: what the tests compare the fast code with.

use std::collections::HashMap;

use super::unicode::{Classes, LETTER, LOWER, NUMBER, SPACE, UPPER};

/// Byte-pair encoding by its definition: merge the leftmost pair of lowest rank until none is left.
pub fn encode(ranks: &HashMap<Vec<u8>, u32>, piece: &[u8]) -> Vec<u32> {
    if let Some(&rank) = ranks.get(piece) {
        return vec![rank];
    }
    // Where parts start, and the end.
    let mut edges: Vec<usize> = (0..=piece.len()).collect();
    loop {
        let ranked = edges
            .windows(3)
            .enumerate()
            .filter_map(|(at, pair)| Some((*ranks.get(&piece[pair[0]..pair[2]])?, at)));
        let Some((_, at)) = ranked.min() else { break };
        edges.remove(at + 1);
    }
    edges
        .windows(2)
        .map(|part| ranks[&piece[part[0]..part[1]]])
        .collect()
}

/// What Python says of `text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")`.
pub fn replaced(codes: &[u32]) -> String {
    let mut units = Vec::with_capacity(codes.len());
    for &code in codes {
        if let Ok(unit) = u16::try_from(code) {
            units.push(unit);
        } else {
            let char = char::from_u32(code).expect("only surrogates are no characters");
            units.extend_from_slice(char.encode_utf16(&mut [0; 2]));
        }
    }
    String::from_utf16_lossy(&units)
}

/// One step of a pattern: how many characters it can take at a position, in the order of preference
/// of a backtracking regex engine.
pub type Step = fn(&[char], usize) -> Vec<usize>;

fn is(char: char, class: u8) -> bool {
    Classes::get().of(u32::from(char)) & class != 0
}

fn newline(char: char) -> bool {
    char == '\r' || char == '\n'
}

fn at_most(text: &[char], at: usize, most: usize, accept: impl Fn(char) -> bool) -> usize {
    text[at..]
        .iter()
        .take(most)
        .take_while(|char| accept(**char))
        .count()
}

/// `x*`: all of the run, then ever less.
fn star(text: &[char], at: usize, accept: impl Fn(char) -> bool) -> Vec<usize> {
    (0..=at_most(text, at, usize::MAX, accept)).rev().collect()
}

/// `x+`
fn plus(text: &[char], at: usize, accept: impl Fn(char) -> bool) -> Vec<usize> {
    (1..=at_most(text, at, usize::MAX, accept)).rev().collect()
}

/// `x?`
fn maybe(text: &[char], at: usize, accept: impl Fn(char) -> bool) -> Vec<usize> {
    (0..=at_most(text, at, 1, accept)).rev().collect()
}

fn contraction(text: &[char], at: usize) -> Vec<usize> {
    if text.get(at) != Some(&'\'') {
        return Vec::new();
    }
    let rest: String = text[at..].iter().take(3).collect();
    // The long s is an s for a regex engine that ignores case, though not for `to_lowercase`.
    let rest = rest.to_lowercase().replace('ſ', "s");
    ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"]
        .iter()
        .filter(|suffix| rest.starts_with(**suffix))
        .map(|suffix| suffix.len())
        .collect()
}

fn small_contraction(text: &[char], at: usize) -> Vec<usize> {
    let rest: String = text[at..].iter().take(3).collect();
    ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"]
        .iter()
        .filter(|suffix| rest.starts_with(**suffix))
        .map(|suffix| suffix.len())
        .collect()
}

fn maybe_contraction(text: &[char], at: usize) -> Vec<usize> {
    let mut lengths = contraction(text, at);
    lengths.push(0);
    lengths
}

fn prefix(text: &[char], at: usize) -> Vec<usize> {
    maybe(text, at, |char| {
        !newline(char) && !is(char, LETTER | NUMBER)
    })
}

fn letters(text: &[char], at: usize) -> Vec<usize> {
    plus(text, at, |char| is(char, LETTER))
}

fn numbers(text: &[char], at: usize) -> Vec<usize> {
    (1..=at_most(text, at, 3, |char| is(char, NUMBER)))
        .rev()
        .collect()
}

fn all_numbers(text: &[char], at: usize) -> Vec<usize> {
    plus(text, at, |char| is(char, NUMBER))
}

fn blank(text: &[char], at: usize) -> Vec<usize> {
    maybe(text, at, |char| char == ' ')
}

fn others(text: &[char], at: usize) -> Vec<usize> {
    plus(text, at, |char| !is(char, SPACE | LETTER | NUMBER))
}

fn newlines(text: &[char], at: usize) -> Vec<usize> {
    star(text, at, newline)
}

fn newlines_or_slashes(text: &[char], at: usize) -> Vec<usize> {
    star(text, at, |char| newline(char) || char == '/')
}

fn spaces(text: &[char], at: usize) -> Vec<usize> {
    plus(text, at, |char| is(char, SPACE))
}

fn maybe_spaces(text: &[char], at: usize) -> Vec<usize> {
    star(text, at, |char| is(char, SPACE))
}

fn one_newline(text: &[char], at: usize) -> Vec<usize> {
    (1..=at_most(text, at, 1, newline)).collect()
}

fn some_newlines(text: &[char], at: usize) -> Vec<usize> {
    plus(text, at, newline)
}

fn one_space(text: &[char], at: usize) -> Vec<usize> {
    (1..=at_most(text, at, 1, |char| is(char, SPACE))).collect()
}

fn at_end(text: &[char], at: usize) -> Vec<usize> {
    if at == text.len() { vec![0] } else { vec![] }
}

fn no_word_follows(text: &[char], at: usize) -> Vec<usize> {
    if text.get(at).is_none_or(|char| is(*char, SPACE)) {
        vec![0]
    } else {
        vec![]
    }
}

fn uppers(text: &[char], at: usize) -> Vec<usize> {
    plus(text, at, |char| is(char, UPPER))
}

fn maybe_uppers(text: &[char], at: usize) -> Vec<usize> {
    star(text, at, |char| is(char, UPPER))
}

fn lowers(text: &[char], at: usize) -> Vec<usize> {
    plus(text, at, |char| is(char, LOWER))
}

fn maybe_lowers(text: &[char], at: usize) -> Vec<usize> {
    star(text, at, |char| is(char, LOWER))
}

/// The alternatives of `cl100k_base`. Its possessive quantifiers never matter to what matches.
pub const CL100K: &[&[Step]] = &[
    &[contraction],
    &[prefix, letters],
    &[numbers],
    &[blank, others, newlines],
    &[spaces, at_end],
    &[maybe_spaces, one_newline],
    &[spaces, no_word_follows],
    &[one_space],
];

/// The alternatives of `o200k_base`.
pub const O200K: &[&[Step]] = &[
    &[prefix, maybe_uppers, lowers, maybe_contraction],
    &[prefix, uppers, maybe_lowers, maybe_contraction],
    &[numbers],
    &[blank, others, newlines_or_slashes],
    &[maybe_spaces, some_newlines],
    &[spaces, no_word_follows],
    &[spaces],
];

/// The alternatives of GPT-2, `ByteLevel` in `tokenizers`.
pub const BYTE_LEVEL: &[&[Step]] = &[
    &[small_contraction],
    &[blank, letters],
    &[blank, all_numbers],
    &[blank, others],
    &[spaces, no_word_follows],
    &[spaces],
];

/// End of the first way to match all steps, as a backtracking engine finds it.
fn matched(text: &[char], at: usize, steps: &[Step]) -> Option<usize> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(at);
    };
    step(text, at)
        .into_iter()
        .find_map(|length| matched(text, at + length, rest))
}

/// The pieces of a text.
pub fn split(alternatives: &[&[Step]], text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let end = alternatives
            .iter()
            .find_map(|steps| matched(&chars, at, steps));
        let end = end.expect("every character is matched by an alternative");
        pieces.push(chars[at..end].iter().collect());
        at = end;
    }
    pieces
}

/// At least one character of each class and of each special role in a pattern.
pub const CHARS: &[char] = &[
    'a',
    'e',
    'l',
    'r',
    's',
    'v',
    'A',
    'S',
    'L',
    'ſ',
    'é',
    'É',
    'ǅ',
    'ʰ',
    '中',
    '\u{301}',
    '\u{900}',
    '1',
    '٣',
    '½',
    '𝟘',
    ' ',
    '\n',
    '\r',
    '\t',
    '\u{a0}',
    '\u{3000}',
    '\'',
    '/',
    '!',
    '’',
    '😀',
    '\u{10ffff}',
    '\0',
];

/// Reproducible random numbers (xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift
/// generators, scrambled", 2016), so that the tests need no further crate.
pub struct Random(pub u64);

impl Random {
    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).expect("31 bits") % bound
    }

    /// One of `items`.
    pub fn choose<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// A vocabulary trained on random text over few letters: many merges that compete for the same bytes.
pub fn trained(random: &mut Random, letters: &[u8], merges: usize) -> Vec<Vec<u8>> {
    let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
    let mut words: Vec<Vec<Vec<u8>>> = (0..200)
        .map(|_| (0..20).map(|_| vec![*random.choose(letters)]).collect())
        .collect();
    for _ in 0..merges {
        let mut frequency: HashMap<(Vec<u8>, Vec<u8>), usize> = HashMap::new();
        for pair in words.iter().flat_map(|word| word.windows(2)) {
            *frequency
                .entry((pair[0].clone(), pair[1].clone()))
                .or_default() += 1;
        }
        let Some((pair, _)) = frequency
            .into_iter()
            .max_by_key(|(pair, count)| (*count, pair.clone()))
        else {
            break;
        };
        let joined = [pair.0.as_slice(), pair.1.as_slice()].concat();
        if !tokens.contains(&joined) {
            tokens.push(joined.clone());
        }
        for word in &mut words {
            let mut at = 0;
            while at + 1 < word.len() {
                if word[at] == pair.0 && word[at + 1] == pair.1 {
                    word[at].clone_from(&joined);
                    word.remove(at + 1);
                }
                at += 1;
            }
        }
    }
    tokens
}
