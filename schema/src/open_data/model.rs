//! Values of open data.

string_enum! {
    /// What a contracting process begins with.
    pub enum ProcessKind {
        /// A published solicitation.
        Solicitation,
        /// A contract without one.
        Contract,
    }
}

/// The beginning of each OCID: Candor has no registered prefix, so a publisher replaces it by its own.
pub const OCID_PREFIX: &str = "ocds-candor";
