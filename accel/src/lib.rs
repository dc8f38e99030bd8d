//! Rust components of pytest-fastllm: LiteLLM's hot paths.
//!
//! Every algorithm is plain Rust that knows nothing of Python; all lines that touch the
//! interpreter are in [`py`].

mod embedded;
pub mod pool;
mod py;
// Building is for `build.rs` and the tests.
#[cfg_attr(not(test), allow(dead_code))]
mod tables;
pub mod tokens;
