//! Which streams have something to read: httpcore's own through one system call, others by asking them.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::reading::{Names, get};
use crate::pool::readable;
use crate::py::given::{interned_all, item};
use crate::py::guarded::GuardedClass;
use crate::py::guards::Guards;

/// httpcore's stream over a socket, and what it asks the socket with.
pub struct Sockets {
    stream: GuardedClass,
    classes: Vec<GuardedClass>,
    /// What `fileno` is in all of them.
    fileno: Py<PyAny>,
    guards: Guards,
}

/// Streams to ask, by the place of their connection.
pub struct Question<'py> {
    pub place: usize,
    pub stream: Bound<'py, PyAny>,
    /// Whether the answer decides: a connection whose time is over leaves whatever its stream says.
    pub decides: bool,
}

/// The places whose streams have something to read, and the first error with its place.
pub struct Answer {
    pub readable: Vec<usize>,
    /// Whether a stream was asked itself, which may have run anything.
    pub asked_elsewhere: bool,
    pub error: Option<(usize, PyErr)>,
}

enum Asked {
    Known(bool),
    Socket(i32),
}

impl Sockets {
    pub fn new(given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let class = item(given, "stream")?.cast_into::<PyType>()?;
        let methods = interned_all(&item(given, "methods")?)?;
        let py = given.py();
        let classes: Vec<Bound<'_, PyType>> = item(given, "classes")?.extract()?;
        let fileno = item(given, "fileno")?;
        let name = PyString::intern(py, "fileno").unbind();
        for class in &classes {
            if !class.getattr(&name)?.is(&fileno) {
                return Err(PyValueError::new_err(format!("{class} has its own fileno")));
            }
        }
        Ok(Self {
            stream: GuardedClass::new(&class, &methods, item(given, "attributes")?.extract()?)?,
            classes: classes
                .iter()
                .map(|class| GuardedClass::new(class, &[name.clone_ref(py)], None))
                .collect::<PyResult<_>>()?,
            fileno: fileno.unbind(),
            guards: Guards::new(&item(given, "guards")?)?,
        })
    }

    /// Asks all streams; None where the system does not answer.
    pub fn ask(&self, py: Python<'_>, questions: &[Question<'_>], names: &Names) -> Option<Answer> {
        let mut answer = Answer {
            readable: Vec::new(),
            asked_elsewhere: false,
            error: None,
        };
        if questions.is_empty() {
            return Some(answer);
        }
        let classes = [&self.stream].into_iter().chain(&self.classes);
        let untouched = classes
            .into_iter()
            .all(|class| class.is_untouched(py).is_some());
        let as_examined = untouched && self.guards.hold(py).unwrap_or_default();
        let mut places = Vec::with_capacity(questions.len());
        let mut descriptors = Vec::with_capacity(questions.len());
        for question in questions {
            let own = if as_examined {
                self.own(&question.stream, names)
            } else {
                None
            };
            match own {
                Some(Asked::Socket(descriptor)) => {
                    places.push(question.place);
                    descriptors.push(descriptor);
                }
                Some(Asked::Known(readable)) => {
                    if readable {
                        answer.readable.push(question.place);
                    }
                }
                None => {
                    answer.asked_elsewhere = true;
                    match elsewhere(question, names) {
                        Ok(true) => answer.readable.push(question.place),
                        Ok(false) => {}
                        Err(error) => {
                            answer.error = Some((question.place, error));
                            break;
                        }
                    }
                }
            }
        }
        let told = readable(descriptors).ok()?;
        let places = places.into_iter().zip(told);
        answer
            .readable
            .extend(places.filter_map(|(place, readable)| readable.then_some(place)));
        Some(answer)
    }

    /// What is known of httpcore's own stream over a socket; None for any other stream.
    #[inline]
    fn own(&self, stream: &Bound<'_, PyAny>, names: &Names) -> Option<Asked> {
        if !self.stream.is_class_of(stream) {
            return None;
        }
        let socket = get(&self.stream.attributes(stream)?, &names.sock)?;
        if socket.is_none() {
            return Some(Asked::Known(true));
        }
        if !self.classes.iter().any(|known| known.is_class_of(&socket)) {
            return None;
        }
        let descriptor = self.fileno.bind(socket.py()).call1((&socket,)).ok()?;
        let descriptor: i32 = descriptor.extract().ok()?;
        // httpcore takes a socket that is closed for one that has nothing more to say.
        Some(if descriptor < 0 {
            Asked::Known(true)
        } else {
            Asked::Socket(descriptor)
        })
    }
}

/// Asks a stream itself.
fn elsewhere(question: &Question<'_>, names: &Names) -> PyResult<bool> {
    let stream = &question.stream;
    let info = names.is_readable.bind(stream.py());
    let answer = stream.call_method1(&names.get_extra_info, (info,))?;
    Ok(question.decides && answer.is_truthy()?)
}
