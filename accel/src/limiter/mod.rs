//! The windows of LiteLLM's rate limiter: what is counted, when a window starts anew, who is admitted.
//!
//! The rules are written against [`Counters`], so that one piece of code decides over LiteLLM's own cache and
//! over a table of our own.

mod charge;
mod counters;
#[cfg(any(test, feature = "oracle"))]
mod differential;
#[cfg(any(test, feature = "oracle"))]
mod oracle;
mod siphash;
mod table;
mod windows;

pub use charge::{Charge, charge};
pub use counters::{Counters, Field, Operation};
#[cfg(feature = "oracle")]
pub use differential::{TableDifferential, WindowsDifferential};
pub use siphash::Secret;
pub use table::Table;
pub use windows::{Demand, Reservation, check, is_over, reserve, slide};
