//! The native function itself: from CPython's fast call to arguments and back.
//!
//! Written by hand because whatever the native side does not answer has to reach LiteLLM's function
//! exactly as it was passed, without building a tuple and a dict on every call.

use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::panic::PanicException;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use super::token_counter::TokenCounter;

/// More parameters than the function has in any known version.
pub const MAX_PARAMETERS: usize = 12;

/// CPython's description of the function. It lives in the [`TokenCounter`] that every function made
/// from it keeps alive, and its address is fixed by the boxes.
pub struct Method {
    definition: Box<ffi::PyMethodDef>,
    _doc: CString,
}

// SAFETY: the pointers in the definition are to `_doc` and to constants; nothing is changed after `new`.
unsafe impl Send for Method {}
// SAFETY: as above; all access is reading.
unsafe impl Sync for Method {}

impl Method {
    /// `signature` is the text between the parentheses, as `inspect` reads it.
    pub fn new(signature: &str) -> PyResult<Self> {
        let doc = format!(
            "token_counter($self, {signature})\n--\n\nAs LiteLLM's token_counter, counted natively \
             where that gives the same answer."
        );
        let doc = CString::new(doc).map_err(|error| PyValueError::new_err(error.to_string()))?;
        let definition = Box::new(ffi::PyMethodDef {
            ml_name: c"token_counter".as_ptr(),
            ml_meth: ffi::PyMethodDefPointer {
                PyCFunctionFastWithKeywords: token_counter,
            },
            ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
            ml_doc: doc.as_ptr(),
        });
        Ok(Self {
            definition,
            _doc: doc,
        })
    }

    /// A function whose first argument is `counter`.
    pub fn bind<'py>(&self, counter: &Bound<'py, TokenCounter>) -> PyResult<Bound<'py, PyAny>> {
        let py = counter.py();
        let module = PyString::new(py, "pytest_fastllm.components.token_counter");
        // CPython takes a mutable pointer but only reads.
        let definition = std::ptr::from_ref(self.definition.as_ref()).cast_mut();
        // SAFETY: the definition lives in `counter` (`self` is its field), and the function holds a
        // reference to `counter`; flags and signature of `token_counter` agree.
        let function =
            unsafe { ffi::PyCFunction_NewEx(definition, counter.as_ptr(), module.as_ptr()) };
        // SAFETY: a new reference, or null with an exception set.
        unsafe { Bound::from_owned_ptr_or_err(py, function) }
    }
}

/// What CPython calls.
///
/// # Safety
/// Called by CPython only: attached to the interpreter, `counter` is the object that was bound, `values`
/// points to `count` positional and then the keyword arguments named by the tuple `keywords` (or null).
unsafe extern "C" fn token_counter(
    counter: *mut ffi::PyObject,
    values: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let run = || {
        // SAFETY: see above.
        let py = unsafe { Python::assume_attached() };
        // SAFETY: CPython holds a reference during the call, and `Method::bind` made the object.
        let counter = unsafe { Borrowed::from_ptr(py, counter) };
        // SAFETY: only `Method::bind` makes functions of this definition, with a `TokenCounter`.
        let counter = unsafe { counter.cast_unchecked::<TokenCounter>() };
        // SAFETY: CPython holds a reference to the names during the call.
        let keywords_tuple = unsafe { Borrowed::from_ptr_or_opt(py, keywords) };
        // SAFETY: CPython passes a tuple or null.
        let names = keywords_tuple.map(|names| unsafe { names.cast_unchecked::<PyTuple>() });
        let keyword_count = names.map_or(0, |names| names.len());
        let positional = count.cast_unsigned();
        let values_slice = if positional + keyword_count == 0 {
            &[]
        } else {
            // SAFETY: that many pointers are there, and they stay during the call.
            unsafe { std::slice::from_raw_parts(values, positional + keyword_count) }
        };
        let answer = match arguments(py, counter.get(), values_slice, positional, names) {
            Some(arguments) => counter
                .get()
                .answer(py, &arguments[..counter.get().names().len()])?,
            None => None,
        };
        if let Some(answer) = answer {
            return Ok(answer.into_pyobject(py)?.into_any().into_ptr());
        }
        let original = counter.get().original(py).as_ptr();
        // SAFETY: the arguments are passed on as they came; the result is a new reference or null with
        // an exception set, which is what this function returns as well.
        Ok(unsafe { ffi::PyObject_Vectorcall(original, values, positional, keywords) })
    };
    let error: PyErr = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(result)) => return result,
        Ok(Err(error)) => error,
        Err(payload) => {
            let said = payload.downcast_ref::<&str>().copied();
            let said = said.or(payload.downcast_ref::<String>().map(String::as_str));
            PanicException::new_err(said.unwrap_or("a panic without words").to_owned())
        }
    };
    // SAFETY: see above.
    error.restore(unsafe { Python::assume_attached() });
    std::ptr::null_mut()
}

type Arguments<'a, 'py> = [Option<Borrowed<'a, 'py, PyAny>>; MAX_PARAMETERS];

/// Arguments by parameter; None where they do not fit, which LiteLLM's function then says.
#[inline]
fn arguments<'a, 'py>(
    py: Python<'py>,
    counter: &TokenCounter,
    values: &'a [*mut ffi::PyObject],
    positional: usize,
    names: Option<Borrowed<'a, 'py, PyTuple>>,
) -> Option<Arguments<'a, 'py>> {
    let mut arguments: Arguments<'a, 'py> = [None; MAX_PARAMETERS];
    let known = counter.names();
    if positional > known.len() {
        return None;
    }
    // SAFETY: CPython holds a reference to each argument during the call.
    let borrowed = |value: &*mut ffi::PyObject| unsafe { Borrowed::from_ptr(py, *value) };
    for (argument, value) in arguments.iter_mut().zip(&values[..positional]) {
        *argument = Some(borrowed(value));
    }
    if let Some(names) = names {
        for (name, value) in names.iter_borrowed().zip(&values[positional..]) {
            // Names in source code are interned; any other is LiteLLM's to compare.
            let parameter = known.iter().position(|known| name.is(known))?;
            if arguments[parameter].is_some() {
                return None;
            }
            arguments[parameter] = Some(borrowed(value));
        }
    }
    Some(arguments)
}
