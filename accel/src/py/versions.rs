//! The state of a dict or of a class as one number, so that one comparison stands for all lookups in it.
//!
//! `CPython` gives each dict a number of its own and a new one with every change (PEP 509, 3.6 to 3.12; from 3.12 on it is
//! deprecated, and later Pythons are read without it). A number that was seen once is never given again, to no dict.

use std::num::{NonZeroU32, NonZeroU64};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

/// Whether this Python keeps them; false until `ask` has been called.
static KEPT: AtomicBool = AtomicBool::new(false);

/// The state of one dict at one time: which keys it has, and which objects behind them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Version(NonZeroU64);

/// The beginning of a dict, the same in 3.10, 3.11 and 3.12.
#[repr(C)]
struct Head {
    object: ffi::PyObject,
    used: ffi::Py_ssize_t,
    version: u64,
}

/// Finds out whether this Python keeps versions.
pub fn ask(py: Python<'_>) -> PyResult<()> {
    let name: String = py
        .import("sys")?
        .getattr("implementation")?
        .getattr("name")?
        .extract()?;
    let version = py.version_info();
    let known = (3, 10)..=(3, 12);
    KEPT.store(
        name == "cpython" && known.contains(&(version.major, version.minor)),
        Ordering::Relaxed,
    );
    Ok(())
}

/// The version of a dict; None where this Python keeps none.
#[inline]
pub fn of(dict: &Bound<'_, PyDict>) -> Option<Version> {
    if !KEPT.load(Ordering::Relaxed) {
        return None;
    }
    // SAFETY: a dict (or one of a subclass, which begins alike) of a Python whose dicts begin with these fields:
    // `KEPT` is set for no other. It is alive, and no one writes to it while the interpreter is attached.
    let head = unsafe { &*dict.as_ptr().cast::<Head>() };
    NonZeroU64::new(head.version).map(Version)
}

/// The version of a class: what is looked up in it, and in the classes that it inherits from, is as it was while this is.
///
/// None where this Python keeps none, where the class is in no version at the time, and where its own class may have
/// something to say.
#[inline]
pub fn of_class(class: &Bound<'_, PyType>) -> Option<NonZeroU32> {
    if !KEPT.load(Ordering::Relaxed) {
        return None;
    }
    // SAFETY: a class is a `PyTypeObject`; it is alive, and no one writes to it while the interpreter is attached.
    let class = unsafe { &*class.as_type_ptr() };
    let is_plain = class.ob_base.ob_base.ob_type == &raw mut ffi::PyType_Type;
    let is_current = class.tp_flags & ffi::Py_TPFLAGS_VALID_VERSION_TAG != 0;
    // As with dicts, a number is given once: where they have run out, classes are in no version.
    NonZeroU32::new(class.tp_version_tag).filter(|_| is_plain && is_current)
}

/// The versions in which something was found to hold, a few at a time.
#[derive(Default)]
pub struct Seen([AtomicU64; Seen::PLACES]);

impl Seen {
    const PLACES: usize = 4;

    #[inline]
    pub fn has(&self, version: Option<Version>, dict: &Bound<'_, PyDict>) -> bool {
        version.is_some_and(|version| {
            self.0[Self::place(dict)].load(Ordering::Relaxed) == version.0.get()
        })
    }

    pub fn add(&self, version: Option<Version>, dict: &Bound<'_, PyDict>) {
        if let Some(version) = version {
            self.0[Self::place(dict)].store(version.0.get(), Ordering::Relaxed);
        }
    }

    fn place(dict: &Bound<'_, PyDict>) -> usize {
        dict.as_ptr().addr() / 64 % Self::PLACES
    }
}
