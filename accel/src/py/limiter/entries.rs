//! What LiteLLM's `InMemoryCache` keeps: values, when they expire, and a heap of what expires first.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyList, PyString, PyTuple};

use super::names::Names;

/// Functions of `heapq`, as the cache calls them.
pub struct HeapFunctions {
    pub push: Py<PyAny>,
    pub pop: Py<PyAny>,
    /// Where the cache rebuilds a heap that has grown beyond twice its size, as since 1.108: a cache that is full
    /// while its heap is empty then forgets its oldest values, which was an error before.
    pub heapify: Option<Py<PyAny>>,
}

pub struct Entries<'a, 'py> {
    /// The cache's attributes, in which a rebuilt heap is another list.
    pub cache: Bound<'py, PyDict>,
    pub values: Bound<'py, PyDict>,
    pub deadlines: Bound<'py, PyDict>,
    pub functions: &'a HeapFunctions,
    pub names: &'a Names,
}

impl<'py> Entries<'_, 'py> {
    pub fn remove(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        for dict in [&self.values, &self.deadlines] {
            if dict.contains(key)? {
                dict.del_item(key)?;
            }
        }
        Ok(())
    }

    /// From now on a value expires then.
    pub fn expire(&self, key: &Bound<'py, PyString>, deadline_s: f64) -> PyResult<()> {
        let py = key.py();
        let deadline = PyFloat::new(py, deadline_s);
        self.deadlines.set_item(key, &deadline)?;
        let entry = PyTuple::new(py, [deadline.as_any(), key.as_any()])?;
        let push = self.functions.push.bind(py);
        push.call1((self.heap()?, entry))?;
        Ok(())
    }

    /// Make room for one more: what has expired goes first, then what expires first.
    pub fn evict(&self, max_size: usize, now_s: f64) -> PyResult<()> {
        let mut heap = self.heap()?;
        self.forget_expired(&heap, now_s)?;
        let Some(heapify) = &self.functions.heapify else {
            while self.values.len() >= max_size {
                self.forget_next(&heap)?;
            }
            return Ok(());
        };
        if heap.len() > max_size.saturating_mul(2) {
            heap = self.rebuild(&heap, heapify)?;
        }
        while !heap.is_empty() && self.values.len() >= max_size {
            self.forget_next(&heap)?;
        }
        if heap.is_empty() {
            self.forget_oldest(max_size)?;
        }
        Ok(())
    }

    fn heap(&self) -> PyResult<Bound<'py, PyList>> {
        let heap = self.cache.as_any().get_item(&self.names.expiration_heap)?;
        Ok(heap.cast_into::<PyList>()?)
    }

    fn forget_expired(&self, heap: &Bound<'py, PyList>, now_s: f64) -> PyResult<()> {
        while !heap.is_empty() {
            let (deadline, key) = pair(&heap.get_item(0)?)?;
            if !self.is_deadline_of(&key, &deadline)? {
                self.pop(heap)?;
            } else if is_at_most(&deadline, now_s)? {
                self.pop(heap)?;
                self.remove(&key)?;
            } else {
                break;
            }
        }
        Ok(())
    }

    /// Without the entries of values that are gone or expire at another time.
    fn rebuild(
        &self,
        heap: &Bound<'py, PyList>,
        heapify: &Py<PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        let current = PyList::empty(heap.py());
        for entry in heap {
            let (deadline, key) = pair(&entry)?;
            if self.is_deadline_of(&key, &deadline)? {
                current.append(entry)?;
            }
        }
        self.cache.set_item(&self.names.expiration_heap, &current)?;
        heapify.bind(heap.py()).call1((&current,))?;
        Ok(current)
    }

    /// An empty heap is an error.
    fn forget_next(&self, heap: &Bound<'py, PyList>) -> PyResult<()> {
        let (deadline, key) = pair(&self.pop(heap)?)?;
        if self.is_deadline_of(&key, &deadline)? {
            self.remove(&key)?;
        }
        Ok(())
    }

    /// Make room where no entry of the heap tells what expires first.
    fn forget_oldest(&self, max_size: usize) -> PyResult<()> {
        let too_many = (self.values.len() + 1).saturating_sub(max_size);
        if too_many == 0 {
            return Ok(());
        }
        for key in self.values.keys().iter().take(too_many) {
            self.remove(&key)?;
        }
        Ok(())
    }

    fn pop(&self, heap: &Bound<'py, PyList>) -> PyResult<Bound<'py, PyAny>> {
        self.functions.pop.bind(heap.py()).call1((heap,))
    }

    /// Whether an entry of the heap is of the value that is there now.
    fn is_deadline_of(
        &self,
        key: &Bound<'_, PyAny>,
        deadline: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        match self.deadlines.get_item(key)? {
            Some(found) => {
                if let (Some(found), Some(deadline)) = (float(&found), float(deadline)) {
                    // Bit for bit it came from the same addition, and NaN is equal to nothing.
                    #[allow(clippy::float_cmp)]
                    return Ok(found == deadline);
                }
                deadline.eq(found)
            }
            None => deadline.eq(deadline.py().None()),
        }
    }
}

/// An entry of the heap: when, and what.
fn pair<'py>(entry: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    entry.extract()
}

fn float(value: &Bound<'_, PyAny>) -> Option<f64> {
    Some(value.cast_exact::<PyFloat>().ok()?.value())
}

fn is_at_most(deadline: &Bound<'_, PyAny>, now_s: f64) -> PyResult<bool> {
    match float(deadline) {
        Some(deadline) => Ok(deadline <= now_s),
        None => deadline.le(now_s),
    }
}
