//! `_accel.TokenCounter`: everything the native `token_counter` knows.

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString, PyTuple};

use super::encoding::Encoding;
use super::entry::{self, Method};
use super::guards::{Guard, Guards};
use super::messages;
use super::plan::Plans;
use super::text::characters;
use super::tools;
use super::versions;

/// Parameters that LiteLLM's `token_counter` has had in every known version, in this order.
pub const KNOWN: [&str; 9] = [
    "model",
    "custom_tokenizer",
    "text",
    "messages",
    "count_response_tokens",
    "tools",
    "tool_choice",
    "use_default_image_token_count",
    "default_token_count",
];
const MODEL: usize = 0;
const CUSTOM_TOKENIZER: usize = 1;
const TEXT: usize = 2;
const MESSAGES: usize = 3;
const COUNT_RESPONSE_TOKENS: usize = 4;
const TOOLS: usize = 5;
const TOOL_CHOICE: usize = 6;

/// LiteLLM adds three tokens for the start of the reply.
const REPLY: i64 = 3;
/// LiteLLM counts this many samples of a text that is too long to count whole.
const SAMPLES: usize = 16;

/// The state behind the native function; `function()` makes the function.
#[pyclass(frozen, module = "pytest_fastllm._accel")]
pub struct TokenCounter {
    original: Py<PyAny>,
    names: Vec<Py<PyString>>,
    defaults: Vec<Py<PyAny>>,
    method: Method,
    disabled: (Py<PyDict>, Py<PyString>),
    guards: Guards,
    logging: Guard,
    refresh_logging: Py<PyAny>,
    format_tools: Py<PyAny>,
    plans: Plans,
    chunk_size: usize,
    max_exact_chars: Option<usize>,
    native_calls: AtomicU64,
}

#[pymethods]
impl TokenCounter {
    /// All arguments describe LiteLLM's function that is replaced; see
    /// `pytest_fastllm/components/token_counter.py`, the only caller.
    #[new]
    #[pyo3(signature = (*, original, signature, names, defaults, namespace, guards, logging,
        refresh_logging, format_tools, registries, registry_flag, resolve, chunk_size, max_exact_chars))]
    #[expect(
        clippy::too_many_arguments,
        reason = "keyword-only, and each is a different thing"
    )]
    fn new(
        py: Python<'_>,
        original: Py<PyAny>,
        signature: &str,
        names: &Bound<'_, PyList>,
        defaults: &Bound<'_, PyTuple>,
        namespace: Py<PyDict>,
        guards: &Bound<'_, PyList>,
        logging: &Bound<'_, PyTuple>,
        refresh_logging: Py<PyAny>,
        format_tools: Py<PyAny>,
        registries: Vec<Py<PyString>>,
        registry_flag: Py<PyString>,
        resolve: Py<PyAny>,
        chunk_size: usize,
        max_exact_chars: Option<usize>,
    ) -> PyResult<Self> {
        let given: Vec<String> = names.extract()?;
        if !given.iter().map(String::as_str).take(KNOWN.len()).eq(KNOWN) {
            return Err(PyValueError::new_err(format!(
                "parameters are {given:?}; expected them to start with {KNOWN:?}"
            )));
        }
        if defaults.len() != given.len() || given.len() > entry::MAX_PARAMETERS {
            return Err(PyValueError::new_err(format!(
                "{} defaults for {} parameters; expected as many, at most {}",
                defaults.len(),
                given.len(),
                entry::MAX_PARAMETERS
            )));
        }
        if chunk_size == 0 || max_exact_chars.is_some_and(|max| max < SAMPLES) {
            return Err(PyValueError::new_err(
                "chunk_size or max_exact_chars is too small",
            ));
        }
        versions::ask(py)?;
        let guards = Guards::new(guards)?;
        let disabled = (
            namespace.clone_ref(py),
            PyString::intern(py, "disable_token_counter").unbind(),
        );
        Ok(Self {
            original,
            names: given
                .iter()
                .map(|name| PyString::intern(py, name).unbind())
                .collect(),
            defaults: defaults.iter().map(Bound::unbind).collect(),
            method: Method::new(signature)?,
            disabled,
            guards,
            logging: Guard::from_tuple(logging)?,
            refresh_logging,
            format_tools,
            plans: Plans::new(py, namespace, registries, registry_flag, resolve),
            chunk_size,
            max_exact_chars,
            native_calls: AtomicU64::new(0),
        })
    }

    /// The native `token_counter`.
    fn function<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.get().method.bind(slf)
    }

    /// Calls that were answered without LiteLLM's Python.
    #[getter]
    fn native_calls(&self) -> u64 {
        self.native_calls.load(Ordering::Relaxed)
    }
}

impl TokenCounter {
    pub fn original<'py>(&self, py: Python<'py>) -> &Bound<'py, PyAny> {
        self.original.bind(py)
    }

    /// Parameter names, interned, in the order of the arguments.
    pub fn names(&self) -> &[Py<PyString>] {
        &self.names
    }

    /// The answer to a call, None to step aside. An argument that was not given is None.
    #[inline]
    pub fn answer(
        &self,
        py: Python<'_>,
        arguments: &[Option<Borrowed<'_, '_, PyAny>>],
    ) -> PyResult<Option<i64>> {
        let answer = match self.try_answer(py, arguments) {
            // What fails here may not fail there: LiteLLM says what comes of it.
            Err(error) if error.is_instance_of::<PyException>(py) => None,
            answer => answer?,
        };
        if answer.is_some() {
            // The interpreter lock is held, so this needs no atomic addition.
            let calls = self.native_calls.load(Ordering::Relaxed);
            self.native_calls.store(calls + 1, Ordering::Relaxed);
        }
        Ok(answer)
    }

    #[inline]
    fn try_answer(
        &self,
        py: Python<'_>,
        arguments: &[Option<Borrowed<'_, '_, PyAny>>],
    ) -> PyResult<Option<i64>> {
        let argument = |index: usize| {
            arguments[index]
                .as_deref()
                .unwrap_or(self.defaults[index].bind(py))
        };
        if !argument(CUSTOM_TOKENIZER).is_none()
            || (KNOWN.len()..self.names.len()).any(|new| !argument(new).is(&self.defaults[new]))
            || !self.as_examined(py)?
        {
            return Ok(None);
        }
        let (namespace, disabled) = &self.disabled;
        match namespace.bind(py).get_item(disabled.bind(py))? {
            Some(disabled) if disabled.is(PyBool::new(py, true)) => return Ok(Some(0)),
            Some(_) => {}
            None => return Ok(None),
        }
        let Ok(model) = argument(MODEL).cast_exact::<PyString>() else {
            return Ok(None);
        };
        let (text, messages) = (argument(TEXT), argument(MESSAGES));
        if text.is_none() == messages.is_none() {
            return Ok(None);
        }
        let Some(plan) = self.plans.get(model)? else {
            return Ok(None);
        };
        let plan = plan.get();
        let Some(encoding) = &plan.encoding else {
            return Ok(None);
        };
        let count = |text: &Bound<'_, PyString>| self.count(encoding.get(), text);
        let (tools, choice) = (argument(TOOLS), argument(TOOL_CHOICE));
        if !text.is_none() {
            return match text.cast_exact::<PyString>() {
                Ok(text) if tools.is_none() && choice.is_none() => count(text),
                _ => Ok(None),
            };
        }
        if plan.tools_by_template && !(tools.is_none() && choice.is_none()) {
            return Ok(None);
        }
        let Some(counted) = messages::count(messages, plan, count)? else {
            return Ok(None);
        };
        if !argument(COUNT_RESPONSE_TOKENS).is(PyBool::new(py, false)) {
            return Ok(Some(counted.tokens));
        }
        let format = self.format_tools.bind(py);
        let Some(definitions) = tools::definitions(tools, counted.with_system, format, count)?
        else {
            return Ok(None);
        };
        let choice = tools::choice(choice, count)?;
        Ok(choice.map(|choice| counted.tokens + REPLY + definitions + choice))
    }

    /// Whether LiteLLM is as it was examined, and is not to log what it counts.
    #[inline]
    fn as_examined(&self, py: Python<'_>) -> PyResult<bool> {
        if !self.logging.holds(py)? {
            // `logging` forgets what it knows of a level whenever any logger is configured.
            self.refresh_logging.bind(py).call0()?;
            if !self.logging.holds(py)? {
                return Ok(false);
            }
        }
        self.guards.hold(py)
    }

    /// Tokens of one text. A very long one is left to the caller's Python unless sampling is known.
    #[inline]
    fn count(&self, encoding: &Encoding, text: &Bound<'_, PyString>) -> PyResult<Option<i64>> {
        let py = text.py();
        let characters = characters(text)?;
        let length = characters.len();
        let Some(max) = self.max_exact_chars.filter(|max| length > *max) else {
            let count = encoding.count_text(py, characters, self.chunk_size);
            return Ok(count.and_then(|count| i64::try_from(count).ok()));
        };
        // Samples evenly spaced from the first to the last character.
        let sample = max / SAMPLES;
        let last_start = length - sample;
        let mut counted = 0;
        for index in 0..SAMPLES {
            let start = last_start * index / (SAMPLES - 1);
            let sample = characters.slice(start..start + sample);
            let Some(count) = encoding.count_text(py, sample, self.chunk_size) else {
                return Ok(None);
            };
            counted += count;
        }
        // Python's own integers and rounding, so that the last bit is the same.
        let product = counted.into_pyobject(py)?.mul(length)?;
        let ratio = product.div(sample * SAMPLES)?;
        ratio.call_method0("__round__")?.extract().map(Some)
    }
}
