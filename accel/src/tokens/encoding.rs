//! An encoding: counts texts the way LiteLLM has tiktoken count them, slice by slice.

use super::chunk::Chunk;
use super::free::FreeOrTaken;
use super::lookups::Lookups;
use super::split::Pattern;
use super::text::Text;
use super::waiting::Waiting;
use crate::embedded;
use crate::tables::Tables;
#[cfg(target_arch = "x86_64")]
use crate::tables::avx2::Avx2;
use crate::tables::processor::{Any, Processor};

/// Threads that count at the same time with a warm cache; more of them count without one.
const WORKERS: usize = 4;

/// Pieces are merged when as many wait: together they are faster.
const BATCH: usize = 500;

/// Tables of one encoding, and memory to work in.
pub struct Encoding {
    pattern: Pattern,
    tables: Tables<'static>,
    numbers_are_tokens: bool,
    workers: [FreeOrTaken<Worker>; WORKERS],
    #[cfg(target_arch = "x86_64")]
    wide: Option<Avx2>,
}

/// What one thread needs while it counts. A cache lives here, so it belongs to one encoding.
#[derive(Default)]
struct Worker {
    chunk: Chunk,
    lookups: Lookups,
    waiting: Waiting,
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
            total += worker.count(processor, tables, self.pattern, numbers);
            start = end;
            if worker.waiting.len() >= BATCH {
                total += worker.waiting.count(processor, &self.tables);
            }
        }
        total + worker.waiting.count(processor, &self.tables)
    }
}

impl Worker {
    /// Number of tokens of the loaded slice, but for the pieces that wait for their turn. First all splits, then
    /// all lookups, then what was not found: each loop is short, and the processor overlaps its waits for memory.
    #[inline(always)]
    fn count(
        &mut self,
        processor: impl Processor,
        tables: &Tables<'_>,
        pattern: Pattern,
        numbers_are_tokens: bool,
    ) -> usize {
        let Self {
            chunk,
            lookups,
            waiting,
        } = self;
        let split = lookups.split(chunk, tables, pattern, numbers_are_tokens);
        let room = waiting.room(split.lookups());
        let missed = lookups.look_up(processor, tables, &split, room);
        waiting.ask(missed);
        let rest = lookups.rest(&split);
        split.pieces - rest.len() - missed + waiting.rest(tables, chunk, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::super::differential::Differential;
    use super::super::oracle::Random;
    use super::*;
    use crate::tables::short_pieces::ShortKey;

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
