use super::super::oracle::{CHARS, Random};
use super::super::split;
use super::super::text::Text;
use super::super::unicode::{Classes, NUMBER};
use super::*;
use crate::tables::processor::Any;

const ASCII: &[char] = &[
    'a', 's', 'd', 'm', 't', 'l', 'r', 'v', 'e', 'A', 'S', 'T', 'L', 'R', 'V', 'E', '1', '\'', ' ',
    '\n', '\r', '\t', '.', '/', '\0', '\x1c', '\x7f',
];

/// `split` is compared with the patterns themselves; here it is the oracle.
fn check(text: &[char]) {
    let mut chunk = Chunk::default();
    // Leftovers of a longer text must not shine through.
    let leftover = u32::from(*b"a1 \n.'".get(text.len() % 7).unwrap_or(&0xE9));
    chunk.load(Any, Text::Ucs4(&[leftover; 3000]));
    let codes: Vec<u32> = text.iter().copied().map(u32::from).collect();
    chunk.load(Any, Text::Ucs4(&codes));
    assert_eq!(chunk.is_ascii(), text.iter().all(char::is_ascii));
    let is_wide_number =
        |char: &char| !char.is_ascii() && Classes::get().of(u32::from(*char)) & NUMBER != 0;
    let numbers_are_plain = !text.iter().any(is_wide_number);
    let mut starts = Starts::default();
    let check = |starts: &Starts, end: fn(&Chunk, usize) -> usize| {
        let mut pieces = Vec::new();
        let mut start = 0;
        while start < chunk.len() {
            pieces.push((start, end(&chunk, start)));
            start = end(&chunk, start);
        }
        for numbers_are_tokens in [false, true] {
            let known = numbers_are_tokens && numbers_are_plain;
            let mut wanted = pieces.clone();
            wanted.retain(|&(start, end)| {
                end - start > 1 && !(known && chunk.byte(start).is_ascii_digit())
            });
            let mut found = Vec::new();
            let count = starts.each(&chunk, numbers_are_tokens, |start, length, bytes| {
                assert_eq!(bytes, sixteen(chunk.bytes(), start));
                found.push((start, start + length));
            });
            assert_eq!((count, found), (pieces.len(), wanted), "{text:?}");
        }
    };
    starts.find::<false>(&chunk);
    check(&starts, split::cl100k);
    starts.find::<true>(&chunk);
    check(&starts, split::o200k);
}

fn check_all(few: &[char], longest: u32) {
    for length in 1..=longest {
        for number in 0..few.len().pow(length) {
            let text: Vec<char> = (0..length)
                .map(|place| few[number / few.len().pow(place) % few.len()])
                .collect();
            check(&text);
        }
    }
}

fn some(random: &mut Random, of: &[char], most: usize) -> Vec<char> {
    (0..=random.below(most))
        .map(|_| *random.choose(of))
        .collect()
}

#[test]
fn all_short_texts() {
    check_all(&['a', 's', 'S', '1', '\'', ' ', '\n', '\t', '.', '/'], 5);
}

#[test]
fn all_short_texts_beyond_ascii() {
    let few = [
        's', 'S', 'é', 'É', '中', '\u{301}', '½', '“', '\u{a0}', '\u{3000}', ' ', '\n', '\'',
    ];
    check_all(&few, 4);
    // With a place in front where a piece surely starts, and one behind.
    for a in few {
        for b in few {
            for c in few {
                check(&['a', ' ', 'a', a, b, c, ' ', 'b', ' ', 'c']);
            }
        }
    }
}

#[test]
fn random_texts() {
    let mut random = Random(12);
    for round in 0..60_000 {
        let of = if round % 2 == 0 { ASCII } else { CHARS };
        let few = some(&mut random, of, 8);
        let text = some(&mut random, &few, if round % 4 < 2 { 400 } else { 90 });
        check(&text);
    }
}

#[test]
fn words_beyond_ascii_here_and_there() {
    let mut random = Random(14);
    for _ in 0..20_000 {
        let rare = some(&mut random, CHARS, 3);
        let text: Vec<char> = (0..random.below(300))
            .flat_map(|_| match random.below(40) {
                0 => some(&mut random, &rare, 2),
                1..=5 => vec![' '],
                6 => vec!['\n', '/'],
                _ => some(&mut random, ASCII, 4),
            })
            .chain(['x'])
            .collect();
        check(&text);
    }
}

#[test]
fn runs_across_the_words() {
    let mut random = Random(13);
    for round in 0..20_000 {
        let of = if round % 2 == 0 { ASCII } else { CHARS };
        let mut text = Vec::new();
        for _ in 0..=random.below(8) {
            let one = *random.choose(of);
            let longest = *random.choose(&[3, 5, 70, 140]);
            let length = 1 + random.below(longest);
            text.extend(std::iter::repeat_n(one, length));
        }
        check(&text);
    }
}
