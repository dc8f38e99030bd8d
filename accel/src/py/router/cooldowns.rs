//! Which deployments are cooling down: LiteLLM looks at all that a router has, not only at those that it asks for.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList, PyString};

use super::attributes::Attributes;
use super::caches::Caches;
use super::deployments::Reader;
use super::examined::Examined;
use super::names::Names;
use super::native::{Aside, Native, exact, item, number, only_if, str_keys, text, unset};
use crate::py::given;

const PREFIX: &str = "deployment:";
const SUFFIX: &str = ":cooldown";
/// LiteLLM corrects an entry whose time to live is this much longer than the cooldown.
const TOLERANCE_S: f64 = 5.0;

/// How the cooldown cache is read.
pub struct Cooldowns {
    class: Examined,
}

impl Cooldowns {
    pub fn new(known: &Bound<'_, PyDict>) -> PyResult<Self> {
        let class = Examined::new(&given::item(known, "cooldown")?)?;
        Ok(Self { class })
    }

    /// The ids that are cooling down.
    pub fn ids<'py>(
        &self,
        router: &Bound<'py, PyDict>,
        caches: &Caches,
        reader: &Reader<'_>,
        attributes: &Attributes,
        names: &Names,
    ) -> Native<Vec<Bound<'py, PyString>>> {
        let cooldowns = self
            .class
            .attributes(&item(router, &attributes.cooldown_cache)?)?;
        let shared = caches.dual.attributes(&item(&cooldowns, &names.cache)?)?;
        unset(&shared, &names.redis)?;
        let mut memory = caches.memory_of(&item(&cooldowns, &names.store)?, names)?;
        let by_id: Bound<'py, PyDict> = exact(item(router, &names.index_by_id)?)?;
        let model_list = exact(item(router, &attributes.model_list)?)?;
        let nobody = memory.entries.is_empty();
        all_readable(&by_id, &model_list, nobody, reader, names)?;
        if nobody {
            return Ok(Vec::new());
        }
        let mut cooling = Vec::new();
        let mut keys = Vec::new();
        for (key, _) in memory.entries.iter() {
            let Ok(key) = key.cast_into_exact::<PyString>() else {
                continue;
            };
            let written = text(&key)?;
            let Some(id) = written
                .strip_prefix(PREFIX)
                .and_then(|rest| rest.strip_suffix(SUFFIX))
            else {
                continue;
            };
            let id = PyString::new(key.py(), id);
            if by_id.contains(&id)? {
                keys.push((id, key));
            }
        }
        for (id, key) in keys {
            let entry: Bound<'py, PyDict> = exact(memory.read(&key)?.ok_or(Aside)?)?;
            str_keys(&entry)?;
            let until = number(&item(&entry, &names.timestamp)?)?
                + number(&item(&entry, &names.cooldown_time)?)?;
            let now = caches.now(key.py())?;
            let left = until - now;
            only_if(left > 0.0)?;
            if let Some(expiry) = memory.expiries.get_item(&key)? {
                only_if(number(&expiry)? <= now + left + TOLERANCE_S)?;
            }
            cooling.push(id);
        }
        Ok(cooling)
    }
}

/// Goes on where LiteLLM's walk over all deployments raises nothing.
///
/// With nobody cooling down it does not matter which of them have an id, only that it can be asked.
fn all_readable(
    by_id: &Bound<'_, PyDict>,
    model_list: &Bound<'_, PyList>,
    nobody: bool,
    reader: &Reader<'_>,
    names: &Names,
) -> Native<()> {
    for (id, index) in by_id.iter() {
        only_if(id.is_exact_instance_of::<PyString>())?;
        let model = exact::<PyDict>(at(model_list, &index)?)?;
        if reader.knows(&model) {
            continue;
        }
        let info = exact::<PyDict>(item(&model, &names.model_info)?)?;
        only_if(nobody || info.contains(names.id.bind(info.py()))?)?;
    }
    Ok(())
}

/// An element of the model list by an index that LiteLLM keeps.
#[inline]
pub fn at<'py>(
    model_list: &Bound<'py, PyList>,
    index: &Bound<'py, PyAny>,
) -> Native<Bound<'py, PyAny>> {
    let index: usize = index.cast_exact::<PyInt>().map_err(|_| Aside)?.extract()?;
    Ok(model_list.get_item(index)?)
}
