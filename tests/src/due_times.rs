//! Times at which bids of stories are due, in local time of the first policy's city.

/// Nine days after stories start.
pub mod february {
    /// A Wednesday, 2:00 p.m.
    pub const DUE: &str = "2026-02-11T22:00:00Z";
    /// When staff see the bids and award them.
    pub const AFTER: &str = "2026-02-11T22:00:15Z";
}

/// After the clocks have changed.
pub mod march {
    /// A Tuesday, 3:00 p.m.
    pub const DUE: &str = "2026-03-10T22:00:00Z";
    /// When staff see the bids and award them.
    pub const AFTER: &str = "2026-03-10T22:00:15Z";
}
