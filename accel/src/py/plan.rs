//! How a model is counted: LiteLLM's own answer, kept as long as what it depends on is unchanged.

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};

use super::encoding::Encoding;
use super::reads::{Reads, held};

/// More models than any price list has; past it the kept answers are dropped and asked anew.
const MAX_PLANS: usize = 16_384;

/// What `resolve` says of a model.
type Answer<'py> = (
    Option<Bound<'py, Encoding>>,
    i64,
    i64,
    bool,
    Option<Bound<'py, PyAny>>,
    Option<Bound<'py, PyAny>>,
);

/// LiteLLM's answer for one model.
#[pyclass(frozen)]
pub struct Plan {
    /// None: this model is not counted natively.
    pub encoding: Option<Py<Encoding>>,
    /// Tokens added for each message.
    pub per_message: i64,
    /// Tokens added for each name.
    pub per_name: i64,
    /// Whether the model's chat template says how tools are counted, in place of the usual rule.
    pub tools_by_template: bool,
    /// Which registries held the model when LiteLLM was asked.
    registered: u32,
    /// What else in the registries the answer depends on.
    reads: Option<Reads>,
    /// The same of what LiteLLM asks as soon as a message has parts.
    part_reads: Option<Reads>,
    /// Whether these were found changed.
    outdated: AtomicBool,
}

impl Plan {
    /// Whether parts of messages are still counted as they were when LiteLLM was asked.
    #[inline]
    pub fn holds_for_parts(&self, py: Python<'_>) -> PyResult<bool> {
        let Some(reads) = &self.part_reads else {
            return Ok(true);
        };
        let hold = reads.hold(py)?;
        if !hold {
            self.outdated.store(true, Ordering::Relaxed);
        }
        Ok(hold)
    }

    #[inline]
    fn holds(&self, registered: u32, py: Python<'_>) -> PyResult<bool> {
        Ok(self.registered == registered
            && !self.outdated.load(Ordering::Relaxed)
            && match &self.reads {
                None => true,
                Some(reads) => reads.hold(py)?,
            })
    }
}

/// Plans by model.
pub struct Plans {
    /// `litellm`'s namespace.
    namespace: Py<PyDict>,
    /// Names in it of the registries that decide, then of the flag that does.
    registries: Vec<Py<PyString>>,
    flag: Py<PyString>,
    /// `resolve(model) -> (encoding, per message, per name, tools by template, reads, part reads) | None`
    resolve: Py<PyAny>,
    known: Py<PyDict>,
}

impl Plans {
    pub fn new(
        py: Python<'_>,
        namespace: Py<PyDict>,
        registries: Vec<Py<PyString>>,
        flag: Py<PyString>,
        resolve: Py<PyAny>,
    ) -> Self {
        Self {
            namespace,
            registries,
            flag,
            resolve,
            known: PyDict::new(py).unbind(),
        }
    }

    /// One bit for each registry that holds the model, and one for the flag.
    #[inline]
    fn registered(&self, model: &Bound<'_, PyString>) -> PyResult<Option<u32>> {
        let py = model.py();
        let namespace = self.namespace.bind(py);
        let mut bits = 0;
        for name in &self.registries {
            let Some(held) = held(namespace, name.bind(py), model)? else {
                return Ok(None);
            };
            bits = bits << 1 | u32::from(held);
        }
        let flag = namespace.get_item(self.flag.bind(py))?;
        let set = flag.is_some_and(|flag| flag.is(PyBool::new(py, true)));
        Ok(Some(bits << 1 | u32::from(set)))
    }

    /// The plan of a model; None where LiteLLM itself has no answer (then it says why when called).
    #[inline]
    pub fn get<'py>(&self, model: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, Plan>>> {
        let Some(registered) = self.registered(model)? else {
            return Ok(None);
        };
        if let Some(found) = self.known.bind(model.py()).get_item(model)? {
            let plan = found.cast_into::<Plan>()?;
            if plan.get().holds(registered, model.py())? {
                return Ok(Some(plan));
            }
            if plan.get().reads.is_some() || plan.get().part_reads.is_some() {
                // Each of them keeps the price list that it was made from; if that has been replaced, all shall let go.
                self.known.bind(model.py()).clear();
            }
        }
        self.ask(model, registered)
    }

    #[cold]
    fn ask<'py>(
        &self,
        model: &Bound<'py, PyString>,
        registered: u32,
    ) -> PyResult<Option<Bound<'py, Plan>>> {
        let py = model.py();
        let answer = match self.resolve.bind(py).call1((model,)) {
            Ok(answer) => answer,
            // What LiteLLM raises here it raises again, to the caller, when the call steps aside.
            Err(error) if error.is_instance_of::<PyException>(py) => return Ok(None),
            Err(interrupt) => return Err(interrupt),
        };
        let plan = if answer.is_none() {
            Plan {
                encoding: None,
                per_message: 0,
                per_name: 0,
                tools_by_template: false,
                registered,
                reads: None,
                part_reads: None,
                outdated: AtomicBool::new(false),
            }
        } else {
            let (encoding, per_message, per_name, tools_by_template, reads, part_reads): Answer<
                '_,
            > = answer.extract()?;
            let new = |noted: Option<Bound<'_, PyAny>>| {
                noted.map(|noted| Reads::new(self.namespace.bind(py), &noted))
            };
            Plan {
                encoding: encoding.map(Bound::unbind),
                per_message,
                per_name,
                tools_by_template,
                registered,
                reads: new(reads).transpose()?,
                part_reads: new(part_reads).transpose()?,
                outdated: AtomicBool::new(false),
            }
        };
        let plan = Bound::new(py, plan)?;
        let known = self.known.bind(py);
        if known.len() >= MAX_PLANS {
            known.clear();
        }
        known.set_item(model, &plan)?;
        Ok(Some(plan))
    }
}
