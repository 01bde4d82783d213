//! How two statements of one organization differ.
use async_graphql::{Json, OutputType, SimpleObject};
use serde_json::Value;

use super::{Agreement, Arrangement, Attachment, ConfidentialityClaim};

vocabulary! {
    /// What became of an item between two statements.
    pub enum Change {
        /// Only the later one has it.
        Added,
        /// Only the earlier one has it.
        Removed,
        /// Both have it, with something else in it.
        Changed,
    }
}

/// How two statements differ, field by field. Items of lists are matched by what they are, not by
/// their place; what both say alike is left out, and nothing at all is left of two that say the
/// same.
#[derive(Clone, Debug, Default, PartialEq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct Difference {
    /// What stands outside the lists, such as `["dhs", "noneAttested"]`.
    pub fields: Vec<FieldDifference>,
    /// Agreements with the Department of Homeland Security.
    pub agreements: Vec<ItemDifference<Agreement>>,
    /// Arrangements of data sharing.
    pub arrangements: Vec<ItemDifference<Arrangement>>,
    /// Papers, matched by their digest.
    pub attachments: Vec<ItemDifference<Attachment>>,
    /// Claims, matched by the part that they are about, wherever it stands now.
    pub confidentiality_claims: Vec<ItemDifference<ConfidentialityClaim>>,
}

/// A field that two statements fill differently.
#[derive(Clone, Debug, PartialEq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct FieldDifference {
    /// The field, from the statement or the item inwards.
    pub path: Vec<String>,
    /// What the earlier one says; null if nothing.
    pub before: Option<Json<Value>>,
    /// What the later one says; null if nothing.
    pub after: Option<Json<Value>>,
}

/// An item that only one of two statements has, or that they fill differently.
#[derive(Clone, Debug, PartialEq, SimpleObject)]
#[graphql(crate = "crate::budget")]
#[graphql(
    concrete(name = "AgreementDifference", params(Agreement)),
    concrete(name = "ArrangementDifference", params(Arrangement)),
    concrete(name = "AttachmentDifference", params(Attachment)),
    concrete(name = "ConfidentialityClaimDifference", params(ConfidentialityClaim))
)]
pub struct ItemDifference<T: OutputType> {
    /// What became of it.
    pub change: Change,
    /// As the earlier statement has it; null if it was added.
    pub before: Option<T>,
    /// As the later statement has it; null if it was removed.
    pub after: Option<T>,
    /// Its place in the earlier statement's list, from 0.
    pub before_index: Option<usize>,
    /// Its place in the later statement's list, from 0.
    pub after_index: Option<usize>,
    /// What differs within it, if it was changed. Of a list, such as the nature of the work, the
    /// order does not count.
    pub fields: Vec<FieldDifference>,
}
