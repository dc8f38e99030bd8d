//! An encoding: counts texts the way LiteLLM has tiktoken count them, slice by slice.

use std::slice::IterMut;

use super::ascii::Starts;
use super::bpe::{self, Scratch};
use super::cache::Cache;
use super::chunk::{Chunk, sixteen};
use super::free::FreeOrTaken;
use super::merge::{self, Merger};
use super::split::{self, Pattern};
use super::text::Text;
use super::units::{self, Units};
use crate::embedded;
use crate::tables::Tables;
use crate::tables::pieces::{Key, MAX_PIECE, Pieces};
#[cfg(target_arch = "x86_64")]
use crate::tables::processor::Avx2;
use crate::tables::processor::{Any, Processor};
use crate::tables::short_pieces::{MAX_SHORT, ShortKey, ShortPieces};

/// Threads that count at the same time with a warm cache; more of them count without one.
const WORKERS: usize = 4;

/// Pieces are merged when as many are there: together they are faster.
const BATCH: usize = 500;

/// Pieces of fewer bytes, or units, have a merger of their own.
const FEW: usize = 16;

/// Longer pieces beyond ASCII are hardly ever few enough units to be merged.
const LONGEST_WIDE: usize = units::MOST * 4;

/// Tables of one encoding, and memory to work in.
pub struct Encoding {
    pattern: Pattern,
    tables: Tables<'static>,
    numbers_are_tokens: bool,
    workers: [FreeOrTaken<Worker>; WORKERS],
    #[cfg(target_arch = "x86_64")]
    wide: Option<Avx2>,
}

/// What one thread needs while it counts. The cache lives here, so it belongs to one encoding.
#[derive(Default)]
struct Worker {
    chunk: Chunk,
    starts: Starts,
    short: Vec<ShortKey>,
    longer: Vec<Lookup>,
    rest: Vec<(usize, usize)>,
    missed_short: Vec<ShortKey>,
    /// Room for pieces that wait to be looked up in the cache; the first `absent` do.
    missed: Vec<Key>,
    absent: usize,
    unknown: Vec<Key>,
    long: Vec<([u8; 32], usize)>,
    /// Pieces beyond ASCII, with their key if they have one.
    wide: [Vec<(Units, Key)>; 2],
    cache: Cache,
    scratch: Scratch,
    merger: Merger<FEW>,
    long_merger: Merger<32>,
}

/// A piece to look up, and where.
#[derive(Clone, Copy, Default)]
struct Lookup {
    key: Key,
    bucket: usize,
}

impl Encoding {
    /// The encoding of a pattern. This takes no time: its tables are part of the program.
    #[must_use]
    pub fn new(pattern: Pattern) -> Self {
        let tables = match pattern {
            Pattern::Cl100k => embedded::CL100K,
            Pattern::O200k => embedded::O200K,
            Pattern::ByteLevel => embedded::ANTHROPIC,
        };
        Self::with_tables(pattern, tables, pattern != Pattern::ByteLevel)
    }

    /// With other tables; `numbers_are_tokens` promises that all ASCII numbers of one to three digits are tokens.
    pub(super) fn with_tables(
        pattern: Pattern,
        tables: Tables<'static>,
        numbers_are_tokens: bool,
    ) -> Self {
        Self {
            pattern,
            tables,
            numbers_are_tokens,
            workers: Default::default(),
            #[cfg(target_arch = "x86_64")]
            wide: Avx2::detect(),
        }
    }

    /// Number of tokens: the sum over slices of `slice` characters, which is at least 1.
    #[must_use]
    pub fn count(&self, text: Text<'_>, slice: usize) -> usize {
        for worker in &self.workers {
            // Nobody waits: a thread that is counting may have released the interpreter.
            if let Some(count) = worker.with(|worker| self.count_with(worker, text, slice)) {
                return count;
            }
        }
        self.count_with(&mut Worker::default(), text, slice)
    }

    fn count_with(&self, worker: &mut Worker, text: Text<'_>, slice: usize) -> usize {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = self.wide {
            // SAFETY: an `Avx2` is the proof that the processor has these features.
            return unsafe { self.count_wide(avx2, worker, text, slice) };
        }
        self.count_slices(Any, worker, text, slice)
    }

    /// The same, compiled for wider processors.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn count_wide(&self, avx2: Avx2, worker: &mut Worker, text: Text<'_>, slice: usize) -> usize {
        self.count_slices(avx2, worker, text, slice)
    }

    #[inline(always)]
    fn count_slices(
        &self,
        processor: impl Processor,
        worker: &mut Worker,
        text: Text<'_>,
        slice: usize,
    ) -> usize {
        let slice = slice.max(1);
        let mut total = 0;
        let mut start = 0;
        while start < text.len() {
            let end = start.saturating_add(slice);
            worker.chunk.load(processor, text.slice(start..end));
            let (tables, numbers) = (&self.tables, self.numbers_are_tokens);
            total += match self.pattern {
                Pattern::Cl100k => {
                    let find = Starts::find::<false>;
                    worker.count(processor, tables, numbers, find, split::cl100k)
                }
                Pattern::O200k => {
                    let find = Starts::find::<true>;
                    worker.count(processor, tables, numbers, find, split::o200k)
                }
                Pattern::ByteLevel => {
                    worker.count(processor, tables, numbers, |_, _| false, split::byte_level)
                }
            };
            start = end;
            if worker.waiting() >= BATCH {
                total += worker.flush(processor, &self.tables);
            }
        }
        total + worker.flush(processor, &self.tables)
    }
}

impl Worker {
    /// Number of tokens of the loaded slice. First all splits, then all lookups, then what was not
    /// found: each loop is short, and the processor overlaps its waits for memory.
    #[inline(always)]
    fn count(
        &mut self,
        processor: impl Processor,
        tables: &Tables<'_>,
        numbers_are_tokens: bool,
        find_in_ascii: impl Fn(&mut Starts, &Chunk) -> bool,
        piece_end: impl Fn(&Chunk, usize) -> usize,
    ) -> usize {
        // Every piece has at least one byte, and is the last or begins before it.
        let room = self.chunk.len();
        if self.short.len() < room {
            self.short.resize(room, ShortKey::default());
            self.longer.resize(room, Lookup::default());
            self.missed_short.resize(room, ShortKey::default());
            self.missed.resize(BATCH + room, Key::default());
            self.rest.resize(room, (0, 0));
        }
        let Self {
            chunk,
            starts,
            short,
            longer,
            rest,
            missed_short,
            missed,
            absent,
            cache,
            ..
        } = self;
        let ascii = chunk.is_ascii();
        let mut pieces = 0;
        let mut found = Found {
            short_pieces: tables.short_pieces,
            pieces: tables.pieces,
            // What ends in a zero has no shorter key.
            max_short: if chunk.has_zeros() { 0 } else { MAX_SHORT },
            short: short.iter_mut(),
            longer: longer.iter_mut(),
            rest: rest.iter_mut(),
        };
        if ascii && find_in_ascii(starts, chunk) {
            pieces = starts.each(chunk, numbers_are_tokens, |start, length, bytes| {
                found.add(start, length, bytes);
            });
        } else {
            let mut start = 0;
            while start < chunk.len() {
                let end = piece_end(chunk, start);
                found.add(start, end - start, sixteen(chunk.bytes(), start));
                pieces += 1;
                start = end;
            }
        }
        let unused = (found.short.len(), found.longer.len(), found.rest.len());
        let (shorts, longers) = (short.len() - unused.0, longer.len() - unused.1);
        let rests = rest.len() - unused.2;
        // Written always and kept if missed: a branch would be mispredicted at every miss.
        let mut absent_short = 0;
        let missed_short = &mut missed_short[..room];
        for &key in &short[..shorts] {
            missed_short[absent_short] = key;
            absent_short += usize::from(!tables.short_pieces.contains(processor, key));
        }
        let missed = &mut missed[*absent..][..room];
        for (key, missed) in missed_short[..absent_short].iter().zip(&mut *missed) {
            *missed = Key::from(*key);
        }
        let mut new = absent_short;
        for Lookup { key, bucket } in &longer[..longers] {
            missed[new] = *key;
            new += usize::from(!tables.pieces.contains(processor, key, *bucket));
        }
        for key in &missed[..new] {
            cache.prepare(*key);
        }
        *absent += new;
        pieces - rests - new + self.rest(tables, rests)
    }

    /// Look up the missed pieces among those that were counted before, and put the others where they wait for their
    /// turn. The memory for it was asked for while other slices were split.
    #[inline(always)]
    fn missed(&mut self, processor: impl Processor, tables: &Tables<'_>) -> usize {
        let Self {
            missed,
            absent,
            unknown,
            wide,
            cache,
            scratch,
            ..
        } = self;
        unknown.resize(*absent, Key::default());
        let mut left = 0;
        let mut total = 0;
        for &key in &missed[..*absent] {
            let known = cache.get(processor, &key);
            total += known;
            if key.is_ascii() {
                unknown[left] = key;
                left += usize::from(known == 0);
            } else if known == 0 {
                let bytes = key.0.to_le_bytes();
                if let Some(units) = Units::of(tables, &bytes, key.len()) {
                    put(wide, units, key);
                } else {
                    total += bpe::count(tables, &bytes[..key.len()], scratch);
                }
            }
        }
        unknown.truncate(left);
        *absent = 0;
        total
    }

    /// Count the pieces that are too long for the tables, or put them where they wait for their turn.
    #[inline(always)]
    fn rest(&mut self, tables: &Tables<'_>, rests: usize) -> usize {
        let Self {
            chunk,
            rest,
            long,
            wide,
            scratch,
            ..
        } = self;
        let mut total = 0;
        for &(start, end) in &rest[..rests] {
            let piece = chunk.piece(start, end);
            if chunk.is_ascii() || piece.is_ascii() {
                if piece.len() <= merge::LONGEST {
                    long.push((chunk.thirty_two(start), piece.len()));
                    continue;
                }
            } else if piece.len() <= LONGEST_WIDE
                && let Some(units) = Units::of(tables, chunk.piece(start, end + 1), piece.len())
            {
                put(wide, units, Key::default());
                continue;
            }
            total += bpe::count(tables, piece, scratch);
        }
        total
    }

    /// Pieces that wait for their turn.
    fn waiting(&self) -> usize {
        let wide: usize = self.wide.iter().map(Vec::len).sum();
        self.absent + self.long.len() + wide
    }

    /// Number of tokens of the pieces that were left over.
    #[inline(always)]
    fn flush(&mut self, processor: impl Processor, tables: &Tables<'_>) -> usize {
        // A short text that is all tokens would take as long to find five empty lists as to be split.
        if self.waiting() == 0 {
            return 0;
        }
        let mut total = self.missed(processor, tables);
        let Self {
            unknown,
            long,
            wide,
            cache,
            merger,
            long_merger,
            ..
        } = self;
        let merges = &tables.merges;
        merger.count(
            processor,
            merges,
            unknown.len(),
            |lane, at| lane.start_bytes(merges, &unknown[at].0.to_le_bytes(), unknown[at].len()),
            |at, count| {
                total += count;
                cache.put(unknown[at], count);
            },
        );
        long_merger.count(
            processor,
            merges,
            long.len(),
            |lane, at| lane.start_bytes(merges, &long[at].0, long[at].1),
            |_, count| total += count,
        );
        let [few, many] = wide;
        let mut count_wide = |(_, key): &(Units, Key), count| {
            total += count;
            if *key != Key::default() {
                cache.put(*key, count);
            }
        };
        merger.count(
            processor,
            merges,
            few.len(),
            |lane, at| lane.start_units(processor, merges, &few[at].0),
            |at, count| count_wide(&few[at], count),
        );
        long_merger.count(
            processor,
            merges,
            many.len(),
            |lane, at| lane.start_units(processor, merges, &many[at].0),
            |at, count| count_wide(&many[at], count),
        );
        unknown.clear();
        long.clear();
        wide.iter_mut().for_each(Vec::clear);
        total
    }
}

/// Let a piece wait with the few units or with the many.
#[inline(always)]
fn put(wide: &mut [Vec<(Units, Key)>; 2], units: Units, key: Key) {
    wide[usize::from(units.tokens().len() >= FEW)].push((units, key));
}

/// The pieces of a slice, as they are found.
struct Found<'a> {
    short_pieces: ShortPieces<'a>,
    pieces: Pieces<'a>,
    /// Longest piece that has a shorter key.
    max_short: usize,
    /// Room for them.
    short: IterMut<'a, ShortKey>,
    longer: IterMut<'a, Lookup>,
    /// Room for start and end of those that are too long for a key.
    rest: IterMut<'a, (usize, usize)>,
}

impl Found<'_> {
    #[inline(always)]
    fn add(&mut self, start: usize, length: usize, bytes: &[u8; 16]) {
        if length <= self.max_short {
            let eight = bytes.first_chunk().expect("of sixteen");
            let key = ShortKey::new(u64::from_le_bytes(*eight), length);
            self.short_pieces.prepare(key);
            *self.short.next().expect("one a byte is there") = key;
        } else if length <= MAX_PIECE {
            let key = Key::new(u128::from_le_bytes(*bytes), length);
            let bucket = self.pieces.bucket(key);
            let room = self.longer.next().expect("one a byte is there");
            *room = Lookup { key, bucket };
        } else {
            *self.rest.next().expect("one a byte is there") = (start, start + length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::differential::Differential;
    use super::super::oracle::Random;
    use super::*;

    const CHARS: &[char] = &[
        't', 'h', 'e', 'i', 'n', 's', 'a', ' ', ' ', '中', 'S', '\'', '1', '\n', '!', 'é', '\0',
    ];

    fn text(random: &mut Random, length: usize) -> Vec<u32> {
        (0..length)
            .map(|_| u32::from(*random.choose(CHARS)))
            .collect()
    }

    #[test]
    fn counts_are_those_of_the_slow_way() {
        // By turns, so that a cache shared between encodings would show.
        let encodings = [
            Differential::published(Pattern::Cl100k),
            Differential::published(Pattern::O200k),
            Differential::trained(Pattern::Cl100k, 1),
            Differential::trained(Pattern::O200k, 2),
        ];
        let mut random = Random(3);
        for round in 0..3000 {
            let length = random.below(60);
            let codes = text(&mut random, length);
            for encoding in &encodings {
                encoding.check(Text::Ucs4(&codes), [1, 2, 7, 1024][round % 4]);
            }
        }
    }

    #[test]
    fn short_numbers_are_tokens_where_nobody_looks() {
        for tables in [embedded::CL100K, embedded::O200K] {
            for (digits, numbers) in [(1, 10), (2, 100), (3, 1000)] {
                for number in 0..numbers {
                    let number = format!("{number:0digits$}");
                    let key = ShortKey::of(number.as_bytes()).unwrap();
                    assert!(tables.short_pieces.contains(Any, key), "{number}");
                }
            }
        }
    }

    #[test]
    fn more_threads_than_workers() {
        let encoding = Encoding::new(Pattern::O200k);
        let codes = text(&mut Random(8), 5000);
        let wanted = encoding.count(Text::Ucs4(&codes), 1024);
        std::thread::scope(|scope| {
            for _ in 0..WORKERS * 2 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        assert_eq!(encoding.count(Text::Ucs4(&codes), 1024), wanted);
                    }
                });
            }
        });
    }
}
