//! Whether a request carries an image: LiteLLM leaves out deployments that say that they see none, from 1.109 on.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList, PyString, PyTuple};

use super::Call;
use super::names::Names;
use super::native::{Native, only_if};
use super::request::Request;
use crate::py::given;

/// LiteLLM's own search of messages; None where its choice does not depend on images.
pub struct Images(Option<Py<PyAny>>);

impl Images {
    pub fn new(known: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self(given::item(known, "image_search")?.extract()?))
    }

    /// Goes on where there is none.
    pub fn are_absent(
        &self,
        call: &Call<'_, '_>,
        request: &Request<'_>,
        names: &Names,
    ) -> Native<()> {
        let Some(search) = &self.0 else {
            return Ok(());
        };
        let mut content = call.messages.clone();
        if !is_set(&content)?
            && let Some(kwargs) = &request.kwargs
        {
            let py = kwargs.py();
            for name in [&names.messages, &names.input] {
                if let Some(found) = kwargs.get_item(name.bind(py))? {
                    content = found;
                }
                if is_set(&content)? {
                    break;
                }
            }
        }
        if is_without_parts(&content, names)? {
            return Ok(());
        }
        let found = search.bind(content.py()).call1((content,))?;
        only_if(!found.is_truthy()?)
    }
}

/// Whether something is there; aside if it might have an opinion of its own.
fn is_set(value: &Bound<'_, PyAny>) -> Native<bool> {
    let plain = value.is_none()
        || value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyTuple>()
        || value.is_exact_instance_of::<PyDict>();
    only_if(plain)?;
    Ok(value.is_truthy()?)
}

/// Whether no message has a list for its content, or an output: there is nowhere for an image to be.
fn is_without_parts(content: &Bound<'_, PyAny>, names: &Names) -> Native<bool> {
    if let Ok(list) = content.cast_exact::<PyList>() {
        return all(list.iter(), names);
    }
    if let Ok(tuple) = content.cast_exact::<PyTuple>() {
        return all(tuple.iter(), names);
    }
    only_if(!content.is_instance_of::<PyList>() && !content.is_instance_of::<PyTuple>())?;
    Ok(true)
}

fn all<'py>(messages: impl Iterator<Item = Bound<'py, PyAny>>, names: &Names) -> Native<bool> {
    for message in messages {
        if let Ok(message) = message.cast_exact::<PyDict>() {
            let py = message.py();
            let content = message.get_item(names.content.bind(py))?;
            let parts = content.is_some_and(|content| content.is_instance_of::<PyList>());
            if parts || message.contains(names.output.bind(py))? {
                return Ok(false);
            }
        } else if !message.is_exact_instance_of::<PyString>()
            && !message.is_exact_instance_of::<PyInt>()
            && !message.is_exact_instance_of::<PyList>()
        {
            return Ok(false);
        }
    }
    Ok(true)
}
