//! The border to Python: argument conversion, error mapping and nothing else.

mod attributes;
mod encoding;
mod entry;
mod entry_of;
mod given;
mod guarded;
mod guards;
mod limiter;
mod messages;
mod names;
mod plan;
mod pool;
mod reads;
mod router;
mod text;
mod token_counter;
mod tools;
mod versions;

use pyo3::prelude::*;

/// How this extension was compiled: `"release"` or `"debug"`. A debug build refuses to be timed.
#[pyfunction]
fn build_profile() -> &'static str {
    if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    }
}

// Without the interpreter lock the call counter and the walk over a caller's dicts would race.
#[pymodule(gil_used = true)]
fn _accel(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(build_profile, module)?)?;
    module.add_class::<encoding::Encoding>()?;
    module.add_class::<limiter::LimitTable>()?;
    module.add_class::<limiter::RateLimiter>()?;
    module.add_class::<pool::PoolBookkeeper>()?;
    module.add_class::<router::DeploymentPicker>()?;
    module.add_class::<token_counter::TokenCounter>()
}
