//! Changes disclosed later than the duty to amend allows.
use async_graphql::SimpleObject;

use crate::scalar::{Date, PartialDate};

string_enum! {
    /// A list of a statement.
    pub enum StatementPart {
        /// The agreements with the Department of Homeland Security.
        Agreement,
        /// The data-sharing arrangements.
        Arrangement,
    }
}

/// An item that is new in a disclosure, and began more days before it was filed than the policy's
/// `updateDutyDays`.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct LateChange {
    /// The list that contains the item.
    pub part: StatementPart,
    /// The index in that list, from 0.
    pub index: usize,
    /// The start of the item.
    pub began_on: PartialDate,
    /// The last local day on which disclosing it was in time; counted from the last day of a start that
    /// is known by month or year.
    pub due_on: Date,
    /// The number of local days from `dueOn` to the filing.
    pub days_late: i64,
}
