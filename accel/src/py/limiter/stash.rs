//! What the limiter keeps of a request until its call has ended: LiteLLM's `RequestRateLimiterStash`.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFrozenSet, PyFrozenSetMethods, PyString, PyTuple, PyType};

use super::names::Names;
use super::reading::{Plain, Unusual, entry, expect, is_same, number};
use super::seam::Seam;

/// A request's own record, in a plain state.
pub struct Stash<'py> {
    object: Bound<'py, PyAny>,
    /// Tokens taken in advance.
    pub reserved: i64,
    /// From whom: pairs of kind and name.
    pub scopes: Bound<'py, PyFrozenSet>,
    /// The group of the model that they were taken for.
    pub group: Option<Bound<'py, PyString>>,
    /// Whether they were given back already.
    pub is_released: bool,
}

/// What the context holds for a call.
pub enum Found<'py> {
    Nothing,
    Own(Stash<'py>),
    /// Another call's.
    Another,
}

/// Where stashes are found, and what they are.
pub struct StashClasses {
    /// The context's variable.
    pub variable: Py<PyAny>,
    pub stash: Py<PyType>,
    pub model: Py<PyType>,
}

impl StashClasses {
    /// The stash of a call.
    pub fn of_call<'py>(
        &self,
        call: &Bound<'py, PyDict>,
        seam: &Seam,
        names: &Names,
    ) -> Plain<Found<'py>> {
        let variable = self.variable.bind(call.py());
        let object = variable.call_method0(&names.get).map_err(|_| Unusual)?;
        if object.is_none() {
            return Ok(Found::Nothing);
        }
        expect(object.get_type().is(&self.stash))?;
        let owner = attribute(&object, &names.owner_call_id)?;
        if let Some(id) = entry(call, &names.call_id)
            && !owner.is_none()
            && id.is_instance_of::<PyString>()
        {
            let id = id.cast_into_exact::<PyString>().map_err(|_| Unusual)?;
            let owner = owner.cast_into_exact::<PyString>().map_err(|_| Unusual)?;
            if !is_same(&owner, &id) {
                return Ok(Found::Another);
            }
        }
        self.read(object, seam, names).map(Found::Own)
    }

    /// No slot to give back, and tokens of plain limits alone.
    fn read<'py>(
        &self,
        object: Bound<'py, PyAny>,
        seam: &Seam,
        names: &Names,
    ) -> Plain<Stash<'py>> {
        let lock = attribute(&object, &names.parallel_slot_release_lock)?;
        expect(
            seam.stash.are_plain(&object).map_err(|_| Unusual)? && seam.lock.is_free(&lock, names),
        )?;
        for name in [&names.itpm_reserved_tokens, &names.otpm_reserved_tokens] {
            expect(number(&attribute(&object, name)?)? <= 0)?;
        }
        let tags = attribute(&object, &names.tpm_limited_tags)?;
        expect(
            tags.cast_exact::<PyFrozenSet>()
                .is_ok_and(PyFrozenSetMethods::is_empty),
        )?;
        let group = match attribute(&object, &names.reserved_model)? {
            model if model.is_none() => None,
            model if model.get_type().is(&self.model) => {
                let group = attribute(&model, &names.group)?;
                Some(group.cast_into_exact().map_err(|_| Unusual)?)
            }
            _ => return Err(Unusual),
        };
        let released = attribute(&object, &names.reservation_released)?;
        let scopes = attribute(&object, &names.reserved_scopes)?;
        Ok(Stash {
            reserved: number(&attribute(&object, &names.reserved_tokens)?)?,
            scopes: scopes.cast_into_exact().map_err(|_| Unusual)?,
            group,
            is_released: released
                .cast_exact::<PyBool>()
                .map_err(|_| Unusual)?
                .is_true(),
            object,
        })
    }
}

impl<'py> Stash<'py> {
    /// From whom tokens were taken, in the order in which Python goes through the set.
    pub fn each_scope(
        &self,
        names: &Names,
    ) -> Plain<Vec<(Bound<'py, PyString>, Bound<'py, PyString>)>> {
        let py = self.scopes.py();
        let plain = [
            &names.api_key,
            &names.user,
            &names.team,
            &names.team_member,
            &names.end_user,
            &names.organization,
        ];
        let mut scopes = Vec::with_capacity(self.scopes.len());
        for scope in &self.scopes {
            let scope = scope.cast_into_exact::<PyTuple>().map_err(|_| Unusual)?;
            let (key, value) = scope
                .extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>()
                .map_err(|_| Unusual)?;
            let key = key.cast_into_exact::<PyString>().map_err(|_| Unusual)?;
            let value = value.cast_into_exact::<PyString>().map_err(|_| Unusual)?;
            expect(plain.iter().any(|name| is_same(&key, name.bind(py))))?;
            scopes.push((key, value));
        }
        Ok(scopes)
    }

    /// Nothing is to be given back any more.
    pub fn release(&self, names: &Names) -> PyResult<()> {
        self.object.setattr(&names.reservation_released, true)
    }
}

fn attribute<'py>(object: &Bound<'py, PyAny>, name: &Py<PyString>) -> Plain<Bound<'py, PyAny>> {
    object.getattr(name).map_err(|_| Unusual)
}
