//! Numbers to try algorithms with; a generator that needs no crate.

use std::ops::Range;

/// Reproducible numbers, small ones, so that ties are common.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        // Knuth's constants; the high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    pub fn small(&mut self, limit: u64) -> f64 {
        let number = u32::try_from(self.below(limit)).expect("small");
        f64::from(number)
    }

    pub fn list(&mut self, lengths: Range<u64>, limit: u64) -> Vec<f64> {
        let length = lengths.start + self.below(lengths.end - lengths.start);
        (0..length).map(|_| self.small(limit)).collect()
    }
}
