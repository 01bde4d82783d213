//! What of a federal award is held against what was disclosed.
use chrono::NaiveDate;

use crate::gate::DhsComponent;

/// What of a federal award is held against what was disclosed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparableAward {
    /// The component that it is with.
    pub component: DhsComponent,
    /// Its number, as given.
    pub number: String,
    /// The number of the award that it stands under.
    pub parent_number: Option<String>,
    /// It is a subcontract or subgrant: the parent is the prime's award.
    pub is_subaward: bool,
    /// Its first day, as far as it is known.
    pub starts_on: Option<NaiveDate>,
    /// Its last day, as far as it is known.
    pub ends_on: Option<NaiveDate>,
    /// Its amounts that are known: obligated, current, ceiling, in cents of the dollar.
    pub amounts_cents: Vec<i64>,
}
