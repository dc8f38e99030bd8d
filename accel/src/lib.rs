//! Rust components of pytest-fastllm: LiteLLM's hot paths.
//!
//! Every algorithm is plain Rust that knows nothing of Python; all lines that touch the
//! interpreter are in `py`, which the feature `python` adds.

pub mod anthropic;
mod embedded;
pub mod limiter;
#[cfg(test)]
mod numbers;
pub mod pool;
#[cfg(feature = "python")]
mod py;
pub mod router;
// Building is for `build.rs`, the tests and the fuzz targets.
#[cfg_attr(not(test), allow(dead_code))]
mod tables;
pub mod tokens;
