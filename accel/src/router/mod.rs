//! How a deployment is chosen, over plain numbers.
//!
//! All of LiteLLM's comparisons, in its order of operations: which of two equal ones is taken is visible.

pub mod latency;
#[cfg(test)]
mod oracle;
pub mod smallest;
pub mod usage;
pub mod weights;
