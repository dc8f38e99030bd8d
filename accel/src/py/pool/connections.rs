//! What a connection says of itself, read from its attributes.

use std::cell::Cell;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple, PyType};

use super::origins::Origins;
use super::reading::{Names, flag, get, seconds};
use crate::pool::{Condition, Look};
use crate::py::given::{interned, interned_all, item};
use crate::py::guarded::GuardedClass;
use crate::py::guards::Guards;

/// How a class of connections answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// From its own state, and from its socket when idle.
    Http11,
    /// From its own state.
    Http2,
    /// As the connection that it wraps; until there is one, by whether connecting failed.
    Connecting,
    /// As the connection that it wraps.
    Wrapping,
}

struct Kind {
    guarded: GuardedClass,
    role: Role,
    /// The attribute that tells whom it serves.
    origin: Py<PyString>,
}

/// The members of a protocol's enum of states.
struct States {
    idle: Py<PyAny>,
    closed: Py<PyAny>,
    busy: Vec<Py<PyAny>>,
}

impl States {
    /// From `(idle, closed, all others ...)`.
    fn new(states: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut states = states.extract::<Vec<Py<PyAny>>>()?.into_iter();
        let (Some(idle), Some(closed)) = (states.next(), states.next()) else {
            return Err(PyValueError::new_err("expected (idle, closed, ...)"));
        };
        Ok(Self {
            idle,
            closed,
            busy: states.collect(),
        })
    }

    #[inline]
    fn condition(&self, state: &Bound<'_, PyAny>) -> Option<Condition> {
        if state.is(&self.idle) {
            Some(Condition::Idle)
        } else if self.busy.iter().any(|busy| state.is(busy)) {
            Some(Condition::Busy)
        } else {
            state.is(&self.closed).then_some(Condition::Closed)
        }
    }
}

/// Everything known of httpcore's classes of connections.
pub struct Connections {
    kinds: Vec<Kind>,
    http11_states: States,
    http2_states: States,
    /// The member and the class of h2's own state that means closed; None where h2 is not installed.
    h2_closed: Option<(Py<PyAny>, Py<PyType>)>,
    guards: Guards,
    /// Those that matter only where HTTP/2 is spoken.
    http2_guards: Guards,
    clock: (Py<PyDict>, Py<PyString>),
}

/// What is found out once in a pass, when it is first needed.
#[derive(Default)]
pub struct Once {
    /// A bit for each kind whose class was found untouched.
    untouched: Cell<u32>,
    now: Cell<Option<f64>>,
}

/// What is seen of a connection before its socket is asked.
pub struct Glance<'py> {
    pub look: Look,
    /// Set if the connection is idle only while nothing can be read from this stream.
    pub stream: Option<Bound<'py, PyAny>>,
    kind: usize,
    attributes: Bound<'py, PyDict>,
}

impl Connections {
    pub fn new(given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let methods = interned_all(&item(given, "methods")?)?;
        let mut kinds = Vec::new();
        for kind in item(given, "kinds")?.cast::<PyList>()? {
            let kind = kind.cast_into::<PyTuple>()?;
            let role: String = kind.get_item(1)?.extract()?;
            kinds.push(Kind {
                guarded: GuardedClass::new(
                    kind.get_item(0)?.cast::<PyType>()?,
                    &methods,
                    kind.get_item(3)?.extract()?,
                )?,
                role: match role.as_str() {
                    "http11" => Role::Http11,
                    "http2" => Role::Http2,
                    "connecting" => Role::Connecting,
                    "wrapping" => Role::Wrapping,
                    _ => return Err(PyValueError::new_err(format!("no role {role:?}"))),
                },
                origin: interned(&kind.get_item(2)?)?,
            });
        }
        if kinds.len() > 32 {
            return Err(PyValueError::new_err("more than 32 classes of connections"));
        }
        let clock = item(given, "clock")?.cast_into::<PyTuple>()?;
        Ok(Self {
            kinds,
            http11_states: States::new(&item(given, "http11_states")?)?,
            http2_states: States::new(&item(given, "http2_states")?)?,
            h2_closed: item(given, "h2_closed")?.extract()?,
            guards: Guards::new(&item(given, "guards")?)?,
            http2_guards: Guards::new(&item(given, "http2_guards")?)?,
            clock: (
                clock.get_item(0)?.cast_into::<PyDict>()?.unbind(),
                interned(&clock.get_item(1)?)?,
            ),
        })
    }

    /// Whether the modules that the connections' methods look things up in are as they were.
    pub fn hold(&self, py: Python<'_>) -> bool {
        self.guards.hold(py).unwrap_or_default()
    }

    /// One look at a connection; None where it is not as it was examined.
    ///
    /// `serving` tells whether requests wait, so that it matters if it takes another one.
    #[inline]
    pub fn glance<'py>(
        &self,
        connection: &Bound<'py, PyAny>,
        serving: bool,
        names: &Names,
        origins: &Origins,
        once: &Once,
    ) -> Option<Glance<'py>> {
        let (kind, attributes) = self.open(connection, once)?;
        let (mut place, mut dict) = (kind, attributes.clone());
        // httpcore wraps twice at most: a forward around a connection around a protocol.
        for _ in 0..3 {
            let kind_here = &self.kinds[place];
            let (look, stream) = match kind_here.role {
                Role::Http11 => self.http11(&dict, names, once)?,
                Role::Http2 => (self.http2(&dict, serving, names, once)?, None),
                Role::Connecting | Role::Wrapping => {
                    let inner = get(&dict, &names.inner)?;
                    if !inner.is_none() {
                        (place, dict) = self.open(&inner, once)?;
                        continue;
                    }
                    if kind_here.role == Role::Wrapping {
                        return None;
                    }
                    let origin = get(&dict, &kind_here.origin)?;
                    (connecting(&dict, &origin, names, origins)?, None)
                }
            };
            return Some(Glance {
                look,
                stream,
                kind,
                attributes,
            });
        }
        None
    }

    /// The `Origin` that a connection serves.
    #[inline]
    pub fn origin<'py>(&self, glance: &Glance<'py>) -> Option<Bound<'py, PyAny>> {
        get(&glance.attributes, &self.kinds[glance.kind].origin)
    }

    /// Which kind a connection is of, and its attributes.
    #[inline]
    fn open<'py>(
        &self,
        connection: &Bound<'py, PyAny>,
        once: &Once,
    ) -> Option<(usize, Bound<'py, PyDict>)> {
        let known = |kind: &Kind| kind.guarded.is_class_of(connection);
        let place = self.kinds.iter().position(known)?;
        let guarded = &self.kinds[place].guarded;
        if once.untouched.get() & (1 << place) == 0 {
            guarded.is_untouched(connection.py())?;
            let http2 = self.kinds[place].role == Role::Http2;
            if http2 && !self.http2_guards.hold(connection.py()).unwrap_or_default() {
                return None;
            }
            once.untouched.set(once.untouched.get() | (1 << place));
        }
        Some((place, guarded.attributes(connection)?))
    }

    #[inline]
    fn http11<'py>(
        &self,
        dict: &Bound<'py, PyDict>,
        names: &Names,
        once: &Once,
    ) -> Option<(Look, Option<Bound<'py, PyAny>>)> {
        let state = get(dict, &names.state)?;
        let mut condition = self.http11_states.condition(&state)?;
        let idle = condition == Condition::Idle;
        // An idle one's stream is asked even if its time is over, as httpcore does.
        let stream = if idle {
            Some(get(dict, &names.stream)?)
        } else {
            None
        };
        if condition != Condition::Closed && self.is_over(dict, names, once)? {
            condition = Condition::Expired;
        }
        let look = Look {
            condition,
            available: idle,
        };
        Some((look, stream))
    }

    fn http2(
        &self,
        dict: &Bound<'_, PyDict>,
        serving: bool,
        names: &Names,
        once: &Once,
    ) -> Option<Look> {
        let mut condition = self.http2_states.condition(&get(dict, &names.state)?)?;
        if condition != Condition::Closed && self.is_over(dict, names, once)? {
            condition = Condition::Expired;
        }
        let (closed, class) = self.h2_closed.as_ref()?;
        let available = serving
            && condition != Condition::Closed
            && !flag(dict, &names.connection_error)?
            && !flag(dict, &names.used_all_stream_ids)?
            && {
                let machine = get(dict, &names.h2_state)?
                    .getattr(&names.state_machine)
                    .and_then(|machine| machine.getattr(&names.machine_state));
                let state = machine.ok()?;
                if !state.get_type().is(class) {
                    return None;
                }
                !state.is(closed)
            };
        Some(Look {
            condition,
            available,
        })
    }

    /// Whether a connection has been kept for too long.
    #[inline]
    fn is_over(&self, dict: &Bound<'_, PyDict>, names: &Names, once: &Once) -> Option<bool> {
        let expire_at = get(dict, &names.expire_at)?;
        if expire_at.is_none() {
            return Some(false);
        }
        let now = if let Some(now) = once.now.get() {
            now
        } else {
            // One moment for all connections, by whatever clock httpcore would look at.
            let (namespace, name) = &self.clock;
            let clock = get(namespace.bind(dict.py()), name)?;
            let now = seconds(&clock.call0().ok()?)?;
            once.now.set(Some(now));
            now
        };
        Some(now > seconds(&expire_at)?)
    }
}

/// A connection that is not made yet: it may turn out to carry several requests.
fn connecting(
    dict: &Bound<'_, PyDict>,
    origin: &Bound<'_, PyAny>,
    names: &Names,
    origins: &Origins,
) -> Option<Look> {
    if flag(dict, &names.connect_failed)? {
        return Some(Look {
            condition: Condition::Closed,
            available: false,
        });
    }
    let available = flag(dict, &names.http2)?
        && (origins.of(origin)?.borrow()?.scheme == b"https" || !flag(dict, &names.http1)?);
    Some(Look {
        condition: Condition::Busy,
        available,
    })
}
