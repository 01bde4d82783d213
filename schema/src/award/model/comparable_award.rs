//! The parts of a federal award that are compared with disclosed agreements.
use chrono::NaiveDate;

use crate::gate::DhsComponent;

/// The parts of a federal award that are compared with disclosed agreements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparableAward {
    /// The component of the Department of Homeland Security.
    pub component: DhsComponent,
    /// The award number, as published.
    pub number: String,
    /// The number of the vehicle, or for a subaward of the prime award.
    pub parent_number: Option<String>,
    /// Whether the award is a subcontract or subgrant; the parent is then the prime award.
    pub is_subaward: bool,
    /// The first day, if known.
    pub starts_on: Option<NaiveDate>,
    /// The last day, if known.
    pub ends_on: Option<NaiveDate>,
    /// The known amounts (obligated, current, ceiling) in US cents.
    pub amounts_cents: Vec<i64>,
}
