//! An encoding: counts texts the way LiteLLM has tiktoken count them, slice by slice.

use std::sync::Mutex;

use super::ascii::Starts;
use super::bpe::{self, Scratch};
use super::cache::Cache;
use super::chunk::Chunk;
use super::merge::{self, Merger};
use super::split::{self, Pattern};
use super::text::Text;
use crate::embedded;
use crate::tables::Tables;
use crate::tables::pieces::{Key, MAX_PIECE};

/// Threads that count at the same time with a warm cache; more of them count without one.
const WORKERS: usize = 4;

/// Pieces are merged when as many are there: together they are faster.
const BATCH: usize = 500;

/// Tables of one encoding, and memory to work in.
pub struct Encoding {
    pattern: Pattern,
    tables: Tables<'static>,
    workers: [Mutex<Worker>; WORKERS],
    wide: bool,
}

/// What one thread needs while it counts. The cache lives here, so it belongs to one encoding.
#[derive(Default)]
struct Worker {
    chunk: Chunk,
    starts: Starts,
    short: Vec<Lookup>,
    missed: Vec<Key>,
    unknown: Vec<Key>,
    long: Vec<([u8; 32], usize)>,
    cache: Cache,
    scratch: Scratch,
    merger: Merger<16>,
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
        };
        Self::with_tables(pattern, tables)
    }

    pub(super) fn with_tables(pattern: Pattern, tables: Tables<'static>) -> Self {
        Self {
            pattern,
            tables,
            workers: Default::default(),
            wide: is_wide(),
        }
    }

    /// Number of tokens: the sum over slices of `slice` characters, which is at least 1.
    #[must_use]
    pub fn count(&self, text: Text<'_>, slice: usize) -> usize {
        for worker in &self.workers {
            // Nobody waits: a thread that is counting may have released the interpreter. One that
            // panicked leaves its worker poisoned, and that is not used again.
            if let Ok(mut worker) = worker.try_lock() {
                return self.count_with(&mut worker, text, slice);
            }
        }
        self.count_with(&mut Worker::default(), text, slice)
    }

    fn count_with(&self, worker: &mut Worker, text: Text<'_>, slice: usize) -> usize {
        #[cfg(target_arch = "x86_64")]
        if self.wide {
            // SAFETY: `wide` is only set where the processor was asked for each of these features.
            return unsafe { self.count_wide(worker, text, slice) };
        }
        self.count_slices::<false>(worker, text, slice)
    }

    /// The same, compiled for processors from 2013 on (x86-64-v3).
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn count_wide(&self, worker: &mut Worker, text: Text<'_>, slice: usize) -> usize {
        self.count_slices::<true>(worker, text, slice)
    }

    #[inline(always)]
    fn count_slices<const WIDE: bool>(
        &self,
        worker: &mut Worker,
        text: Text<'_>,
        slice: usize,
    ) -> usize {
        let slice = slice.max(1);
        let mut total = 0;
        let mut start = 0;
        while start < text.len() {
            let end = start.saturating_add(slice);
            worker.chunk.load(text.slice(start..end));
            total += match self.pattern {
                Pattern::Cl100k => worker.count::<false>(&self.tables, split::cl100k),
                Pattern::O200k => worker.count::<true>(&self.tables, split::o200k),
            };
            start = end;
            if worker.unknown.len() + worker.long.len() >= BATCH {
                total += worker.flush::<WIDE>(&self.tables);
            }
        }
        total + worker.flush::<WIDE>(&self.tables)
    }
}

/// Whether `count_wide` may run here.
fn is_wide() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

impl Worker {
    /// Number of tokens of the loaded slice. First all splits, then all lookups, then what was not
    /// found: each loop is short, and the processor overlaps its waits for memory.
    #[inline(always)]
    fn count<const O200K: bool>(
        &mut self,
        tables: &Tables<'_>,
        piece_end: impl Fn(&Chunk, usize) -> usize,
    ) -> usize {
        let Self {
            chunk,
            starts,
            short,
            missed,
            unknown,
            long,
            cache,
            scratch,
            ..
        } = self;
        // Every piece has at least one byte.
        let room = chunk.len();
        if short.len() < room {
            short.resize(room, Lookup::default());
            missed.resize(room, Key::default());
        }
        let mut shorts = 0;
        let mut total = 0;
        let mut add = |start: usize, end: usize| {
            if end - start <= MAX_PIECE {
                let key = Key::new(chunk.sixteen(start), end - start);
                short[shorts] = Lookup {
                    key,
                    bucket: tables.pieces.bucket(key),
                };
                shorts += 1;
            } else if end - start <= merge::LONGEST && chunk.piece(start, end).is_ascii() {
                long.push((chunk.thirty_two(start), end - start));
            } else {
                total += bpe::count(tables, chunk.piece(start, end), scratch);
            }
        };
        if chunk.is_ascii() && starts.find::<O200K>(chunk) {
            starts.each(chunk.len(), add);
        } else {
            let mut start = 0;
            while start < chunk.len() {
                let end = piece_end(chunk, start);
                add(start, end);
                start = end;
            }
        }
        let mut misses = 0;
        for &Lookup { key, bucket } in &short[..shorts] {
            let found = tables.pieces.contains(key, bucket);
            // Written always and kept if missed: a branch would be mispredicted at every miss.
            missed[misses] = key;
            misses += usize::from(!found);
        }
        total += shorts - misses;
        for &key in &missed[..misses] {
            cache.prepare(key);
        }
        let before = unknown.len();
        unknown.resize(before + misses, Key::default());
        let mut left = before;
        for &key in &missed[..misses] {
            let known = cache.get(key);
            total += known;
            if key.is_ascii() {
                unknown[left] = key;
                left += usize::from(known == 0);
            } else if known == 0 {
                let count = bpe::count(tables, &key.0.to_le_bytes()[..key.len()], scratch);
                cache.put(key, count);
                total += count;
            }
        }
        unknown.truncate(left);
        total
    }

    /// Number of tokens of the pieces that were left over.
    #[inline(always)]
    fn flush<const WIDE: bool>(&mut self, tables: &Tables<'_>) -> usize {
        let Self {
            unknown,
            long,
            cache,
            merger,
            long_merger,
            ..
        } = self;
        let mut total = 0;
        merger.count::<WIDE>(
            &tables.merges,
            unknown.len(),
            |at| (unknown[at].0.to_le_bytes(), unknown[at].len()),
            |at, count| {
                total += count;
                cache.put(unknown[at], count);
            },
        );
        long_merger.count::<WIDE>(
            &tables.merges,
            long.len(),
            |at| long[at],
            |_, count| total += count,
        );
        unknown.clear();
        long.clear();
        total
    }
}

#[cfg(test)]
mod tests {
    use super::super::differential::Differential;
    use super::super::oracle::Random;
    use super::*;

    const CHARS: &[char] = &[
        't', 'h', 'e', 'i', 'n', 's', 'a', ' ', ' ', '中', 'S', '\'', '1', '\n', '!', 'é',
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
