//! How a deployment is chosen, over plain numbers.
//!
//! All of LiteLLM's comparisons, in its order of operations: which of two equal ones is taken is visible.

#[cfg(any(test, feature = "oracle"))]
mod differential;
pub mod latency;
#[cfg(any(test, feature = "oracle"))]
mod oracle;
pub mod smallest;
pub mod usage;
pub mod weights;

#[cfg(feature = "oracle")]
pub use differential::{
    check_first_of_smallest, check_least_used, check_nearly_fastest, check_relative,
};
