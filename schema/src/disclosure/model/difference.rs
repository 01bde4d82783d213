//! The differences between two statements of one organization.
use async_graphql::{Json, OutputType, SimpleObject};
use serde_json::Value;

use super::{Agreement, Arrangement, Attachment, ConfidentialityClaim};

string_enum! {
    /// The change of an item between two statements.
    pub enum ItemChange {
        /// Only the later statement has the item.
        Added,
        /// Only the earlier statement has the item.
        Removed,
        /// Both statements have the item, with different content.
        Changed,
    }
}

/// The differences between two statements, field by field. List items are paired by content, not by
/// index. Everything is empty for equal statements.
#[derive(Clone, Debug, Default, PartialEq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct Difference {
    /// Fields outside the lists, such as `["dhs", "noneAttested"]`.
    pub fields: Vec<FieldDifference>,
    /// Agreements with the Department of Homeland Security.
    pub agreements: Vec<ItemDifference<Agreement>>,
    /// Data-sharing arrangements.
    pub arrangements: Vec<ItemDifference<Arrangement>>,
    /// Attachments, paired by digest.
    pub attachments: Vec<ItemDifference<Attachment>>,
    /// Confidentiality claims, paired by the part that they concern, even if its index changed.
    pub confidentiality_claims: Vec<ItemDifference<ConfidentialityClaim>>,
}

/// A field whose value differs between two statements.
#[derive(Clone, Debug, PartialEq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct FieldDifference {
    /// The path of the field, starting at the statement or the item.
    pub path: Vec<String>,
    /// The earlier value; null if there is none.
    pub before: Option<Json<Value>>,
    /// The later value; null if there is none.
    pub after: Option<Json<Value>>,
}

/// An item that was added, removed or changed between two statements.
#[derive(Clone, Debug, PartialEq, SimpleObject)]
#[graphql(crate = "crate::budget")]
#[graphql(
    concrete(name = "AgreementDifference", params(Agreement)),
    concrete(name = "ArrangementDifference", params(Arrangement)),
    concrete(name = "AttachmentDifference", params(Attachment)),
    concrete(name = "ConfidentialityClaimDifference", params(ConfidentialityClaim))
)]
pub struct ItemDifference<T: OutputType> {
    /// The change.
    pub change: ItemChange,
    /// The item in the earlier statement; null if it was added.
    pub before: Option<T>,
    /// The item in the later statement; null if it was removed.
    pub after: Option<T>,
    /// The index in the earlier statement's list, from 0.
    pub before_index: Option<usize>,
    /// The index in the later statement's list, from 0.
    pub after_index: Option<usize>,
    /// The fields that differ, if the item changed. The order of lists, such as the nature of work,
    /// is ignored.
    pub fields: Vec<FieldDifference>,
}
