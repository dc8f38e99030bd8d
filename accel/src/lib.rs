//! Rust components of pytest-fastllm: LiteLLM's hot paths.
//!
//! Every algorithm is plain Rust that knows nothing of Python; all lines that touch the
//! interpreter are in [`py`].

mod py;
pub mod tokens;
