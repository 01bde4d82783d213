//! What was disclosed later than the duty to amend gives.
use async_graphql::SimpleObject;

use crate::scalar::Date;

vocabulary! {
    /// Which list of a statement something stands in.
    pub enum StatementPart {
        /// The agreements with the Department of Homeland Security.
        Agreement,
        /// The arrangements of data sharing.
        Arrangement,
    }
}

/// Something that a disclosure has which the one before it did not, and that began longer ago than
/// the policy gives to amend.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct LateChange {
    /// The list that it stands in.
    pub part: StatementPart,
    /// Its place in that list, from 0.
    pub index: usize,
    /// The day on which it began.
    pub began_on: Date,
    /// The last local day on which it would have been in time.
    pub due_on: Date,
    /// How many local days later it was filed.
    pub days_late: i64,
}
