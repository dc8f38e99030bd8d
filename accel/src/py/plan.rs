//! How a model is counted: LiteLLM's own answer, kept as long as what it depends on is unchanged.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySet, PyString};

use super::encoding::Encoding;

/// More models than any price list has; past it the kept answers are dropped and asked anew.
const MAX_PLANS: usize = 16_384;

/// LiteLLM's answer for one model.
#[pyclass(frozen)]
pub struct Plan {
    /// None: this model is not counted natively.
    pub encoding: Option<Py<Encoding>>,
    /// Tokens added for each message.
    pub per_message: i64,
    /// Tokens added for each name.
    pub per_name: i64,
    /// Which registries held the model when LiteLLM was asked.
    registered: u32,
}

/// Plans by model.
pub struct Plans {
    /// `litellm`'s namespace.
    namespace: Py<PyDict>,
    /// Names in it of the registries that decide, then of the flag that does.
    registries: Vec<Py<PyString>>,
    flag: Py<PyString>,
    /// `resolve(model) -> (encoding, per message, per name) | None`
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
            let Some(registry) = namespace.get_item(name.bind(py))? else {
                return Ok(None);
            };
            let held = if let Ok(registry) = registry.cast_exact::<PySet>() {
                registry.contains(model)?
            } else if let Ok(registry) = registry.cast_exact::<PyDict>() {
                registry.contains(model)?
            } else {
                registry.contains(model)?
            };
            bits = bits << 1 | u32::from(held);
        }
        let flag = namespace.get_item(self.flag.bind(py))?;
        let set = flag.is_some_and(|flag| flag.is(pyo3::types::PyBool::new(py, true)));
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
            if plan.get().registered == registered {
                return Ok(Some(plan));
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
        let (encoding, per_message, per_name) = if answer.is_none() {
            (None, 0, 0)
        } else {
            let (encoding, per_message, per_name) =
                answer.extract::<(Bound<'_, Encoding>, i64, i64)>()?;
            (Some(encoding.unbind()), per_message, per_name)
        };
        let plan = Bound::new(
            py,
            Plan {
                encoding,
                per_message,
                per_name,
                registered,
            },
        )?;
        let known = self.known.bind(py);
        if known.len() >= MAX_PLANS {
            known.clear();
        }
        known.set_item(model, &plan)?;
        Ok(Some(plan))
    }
}
