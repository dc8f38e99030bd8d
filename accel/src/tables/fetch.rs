//! Asking for memory before it is needed.

/// Have the processor load the cache line of `table[index]` in the background. Nothing happens if there is no
/// such entry.
#[inline(always)]
pub fn fetch<T>(table: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // Not checked against the table's length: that is for whoever reads it.
        let target = table.as_ptr().wrapping_add(index);
        // SAFETY: a prefetch reads nothing that the program can see and cannot fault, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(target.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (table, index);
}
