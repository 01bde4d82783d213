//! A row of the City's vendor list, and what became of it.
use chrono::{DateTime, Utc};

use crate::principal::Principal;

/// A row of the City's vendor list, as text; an empty text for a cell without a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorFileRow {
    /// The line in the file, from 1.
    pub line: u64,
    /// The City's vendor number.
    pub number: String,
    /// The legal name.
    pub name: String,
    /// The City's tax registration number.
    pub tax_number: String,
    pub uei: String,
    pub city: String,
    /// The state, such as `CA`.
    pub state: String,
    /// The e-mail address of the first signatory.
    pub email: String,
}

/// An import of the City's vendor list.
#[derive(Clone, Debug)]
pub struct VendorImport {
    /// The actor that the ledger names.
    pub actor: Principal,
    /// UTC, whole microseconds.
    pub at: DateTime<Utc>,
    /// The name of the file, which the ledger gives as the reason.
    pub file: String,
    /// Whether nothing is stored.
    pub is_dry_run: bool,
}

/// What became of a vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VendorChange {
    /// A new organization was registered, with verified numbers.
    Registered,
    /// Numbers of a registered organization were verified.
    Verified,
    /// Nothing was new.
    Unchanged,
    /// The row was refused; the text says what to fix.
    Refused(String),
}

/// The result of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorOutcome {
    pub line: u64,
    pub change: VendorChange,
    /// Whether the first signatory was invited.
    pub is_invited: bool,
    /// The merges that were proposed, each in a sentence.
    pub proposed_merges: Vec<String>,
    /// What is probably wrong in the row, and was accepted.
    pub warnings: Vec<String>,
}
