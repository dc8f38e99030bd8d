//! The bookkeeping of a connection pool, as httpcore's `ConnectionPool` does it, in one walk.
//!
//! A pass goes through `look` (what each connection says of itself) → `readable` (all idle sockets in
//! one system call) → `sweep` (which connections leave the pool) → `queue` (which connection each
//! waiting request gets), where `origin` says what serves whom.

#[cfg(any(test, feature = "oracle"))]
mod differential;
mod look;
#[cfg(any(test, feature = "oracle"))]
mod oracle;
mod origin;
mod queue;
mod readable;
mod sweep;

#[cfg(feature = "oracle")]
pub use differential::{check_serve, check_sweep};
pub use look::{Condition, Look};
pub use origin::{Origin, OriginRef};
pub use queue::{Hands, Roster, serve};
pub use readable::readable;
pub use sweep::{Removed, sweep};
