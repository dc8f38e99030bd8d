//! Something that one thread uses at a time and nobody waits for.
//!
//! `std::sync::Mutex` would do. Its release wakes whoever waits, for which it needs a second atomic exchange: as long
//! as the counting of a word.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, Ordering};

/// A value, and whether a thread is using it.
#[derive(Default)]
pub struct FreeOrTaken<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: only the thread that turned `taken` from false to true touches the value, until it turns it back; so the
// value is moved between threads but never shared.
unsafe impl<T: Send> Sync for FreeOrTaken<T> {}

impl<T> FreeOrTaken<T> {
    /// What `run` makes of the value, None if it is taken. It stays taken for good if `run` panics, since it
    /// may be half changed then.
    #[inline]
    pub fn with<R>(&self, run: impl FnOnce(&mut T) -> R) -> Option<R> {
        // Acquire: what the thread before did to the value has happened.
        if self.taken.swap(true, Ordering::Acquire) {
            return None;
        }
        // SAFETY: `taken` was false and is true now, so this is the only reference (a `run` that comes here again
        // finds it taken), and it ends with the call.
        let result = run(unsafe { &mut *self.value.get() });
        self.taken.store(false, Ordering::Release);
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn one_at_a_time() {
        let numbers = FreeOrTaken::<Vec<usize>>::default();
        let pushed = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let done = numbers.with(|numbers| numbers.push(numbers.len()));
                        pushed.fetch_add(usize::from(done.is_some()), Ordering::Relaxed);
                    }
                });
            }
        });
        let wanted: Vec<usize> = (0..pushed.into_inner()).collect();
        assert_eq!(numbers.with(|numbers| numbers.clone()), Some(wanted));
    }

    #[test]
    fn who_has_it_does_not_get_it_again() {
        let value = FreeOrTaken::<u8>::default();
        assert_eq!(value.with(|_| value.with(|_| ())), Some(None));
        assert_eq!(value.with(|_| ()), Some(()));
    }

    #[test]
    fn after_a_panic_nobody_gets_it() {
        let value = FreeOrTaken::<u8>::default();
        let panicked = catch_unwind(AssertUnwindSafe(|| value.with(|_| panic!("half done"))));
        assert!(panicked.is_err());
        assert_eq!(value.with(|_| ()), None);
    }
}
