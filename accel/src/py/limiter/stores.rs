//! Where a cache in memory keeps its counters: LiteLLM's in its dicts, ours in a table.

use std::cell::RefCell;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyType};

use super::compact::{Compact, LimitTable};
use super::entries::{Entries, HeapFunctions};
use super::live::{Clock, Helpers, Live, ScopeKeys};
use super::locks::ThreadLock;
use super::names::Names;
use super::reading::{entry, whole};
use crate::py::attributes::attributes;
use crate::py::given::item;

/// The longest text that a counter makes; values below the cache's limit of size are stored.
const LONGEST_VALUE: i64 = 64;

pub struct Stores {
    /// Our own cache, whose counters are in a table.
    table_cache: Py<PyType>,
    clock_code: Py<PyAny>,
    time: Py<PyDict>,
    heap: HeapFunctions,
    /// The class of the lock under which values are stored; None where there is no such lock.
    write_lock: Option<ThreadLock>,
    asks_of_any: bool,
    helpers: Helpers,
}

impl Stores {
    pub fn new(litellm: &Bound<'_, PyDict>) -> PyResult<Self> {
        let item = |name| item(litellm, name);
        let object = |name| item(name).map(Bound::unbind);
        Ok(Self {
            table_cache: item("table_cache")?.extract()?,
            clock_code: object("clock_code")?,
            time: item("time")?.extract()?,
            heap: HeapFunctions {
                push: object("heappush")?,
                pop: object("heappop")?,
                heapify: item("heapify")?.extract()?,
            },
            write_lock: item("write_lock")?.extract::<Option<_>>()?.map(ThreadLock),
            asks_of_any: item("asks_of_any")?.extract()?,
            helpers: Helpers {
                report: object("report")?,
            },
        })
    }

    /// The attributes of our own cache, where it is the one in memory.
    pub fn table_cache<'py>(
        &self,
        dual: &Bound<'py, PyDict>,
        names: &Names,
    ) -> Option<Bound<'py, PyDict>> {
        let memory = entry(dual, &names.in_memory_cache)?;
        let is_ours = memory.get_type().is(&self.table_cache);
        is_ours.then(|| attributes(&memory)).flatten()
    }

    /// The table of our own cache and the time there, for scopes whose keys begin so.
    pub fn compact<'py>(
        &self,
        table_cache: &Bound<'py, PyDict>,
        prefixes: impl Iterator<Item = PyResult<Bound<'py, PyString>>>,
        names: &Names,
    ) -> PyResult<Option<Compact<'_, 'py>>> {
        let py = table_cache.py();
        let (Some(table), Some(clock)) = (
            entry(table_cache, &names.table),
            entry(table_cache, &names.clock),
        ) else {
            return Ok(None);
        };
        let Some(clock) = self.clock(clock, names)? else {
            return Ok(None);
        };
        let (Ok(table), now_s) = (table.cast_into::<LimitTable>(), clock.now_s()?) else {
            return Ok(None);
        };
        Compact::new(py, table, now_s, prefixes, &self.helpers).map(Some)
    }

    /// The dicts of LiteLLM's cache in memory, in which new values stay so long.
    pub fn live<'a, 'py>(
        &'a self,
        memory: &Bound<'py, PyDict>,
        scopes: &'a [ScopeKeys<'py>],
        stay_s: f64,
        names: &'a Names,
    ) -> PyResult<Option<Live<'a, 'py>>> {
        let read = || {
            let max_size = whole(memory, &names.max_size_in_memory).ok()?;
            let max_size = usize::try_from(max_size).ok()?;
            if whole(memory, &names.max_size_per_item).ok()? < LONGEST_VALUE {
                return None;
            }
            let values = entry(memory, &names.cache_dict)?;
            let deadlines = entry(memory, &names.ttl_dict)?;
            let heap = entry(memory, &names.expiration_heap)?;
            heap.cast_exact::<PyList>().ok()?;
            let entries = Entries {
                cache: memory.clone(),
                values: values.cast_into_exact::<PyDict>().ok()?,
                deadlines: deadlines.cast_into_exact::<PyDict>().ok()?,
                functions: &self.heap,
                names,
            };
            let write_lock = match &self.write_lock {
                Some(class) => Some(class.for_writing(entry(memory, &names.write_lock)?, names)?),
                None => None,
            };
            Some((max_size, entries, write_lock, entry(memory, &names.clock)?))
        };
        let Some((max_size, entries, write_lock, clock)) = read() else {
            return Ok(None);
        };
        let Some(clock) = self.clock(clock, names)? else {
            return Ok(None);
        };
        Ok(Some(Live {
            py: memory.py(),
            entries,
            max_size,
            clock,
            asks_of_any: self.asks_of_any,
            stay_s,
            scopes,
            write_lock,
            helpers: &self.helpers,
            start: RefCell::new(None),
        }))
    }

    /// The system's clock is read here; a caller's own is asked whenever LiteLLM would.
    fn clock<'py>(&self, clock: Bound<'py, PyAny>, names: &Names) -> PyResult<Option<Clock<'py>>> {
        let py = clock.py();
        if !clock
            .getattr(&names.code)
            .is_ok_and(|code| code.is(&self.clock_code))
        {
            return Ok(Some(Clock::Own(clock)));
        }
        let Some(time) = entry(self.time.bind(py), &names.time) else {
            return Ok(None);
        };
        Ok(time.call0()?.extract().ok().map(Clock::Steady))
    }
}
