//! What one connection says of itself.

/// The first of these that is true, in the order in which a pool asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It was closed already: forgotten without a further close.
    Closed,
    /// Kept for too long, or the other end hung up: to be closed.
    Expired,
    /// Open and unused.
    Idle,
    /// In use, or still connecting.
    Busy,
}

/// One connection at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether it may stay.
    pub condition: Condition,
    /// Whether it takes another request: when idle, or at any time if it carries several.
    pub available: bool,
}
