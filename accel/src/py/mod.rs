//! The border to Python: argument conversion, error mapping and nothing else.

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

#[pymodule]
fn _accel(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(build_profile, module)?)
}
