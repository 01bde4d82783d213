//! The status of a disclosure: draft, filed, superseded or withdrawn.
use async_graphql::InputObject;

use super::Statement;
use crate::organization::model::OrganizationId;

typed_id! {
    /// The identifier of a disclosure, from draft to withdrawal.
    DisclosureId, "disc"
}

string_enum! {
    /// The status of a disclosure.
    pub enum DisclosureStatus {
        /// In preparation; not binding.
        Draft,
        /// The organization's disclosure on file: a legal statement that cannot be changed.
        Filed,
        /// Replaced by a later filing; still valid for bids and contracts that rely on it.
        Superseded,
        /// Withdrawn by the organization.
        Withdrawn,
    }

    /// How a firm's disclosure stands on a day.
    pub enum DisclosureStanding {
        /// A disclosure is on file that is neither stale, outdated nor rejected.
        Current,
        /// No disclosure is on file.
        Missing,
        /// The disclosure on file is stale or answers outdated questions.
        Lapsed,
        /// The disclosure on file was rejected.
        Rejected,
    }

    /// The kind of a filing.
    pub enum FilingKind {
        /// The organization's first filing.
        Original,
        /// A new statement that replaces an earlier one.
        Amendment,
        /// A certificate of no change: the last statement, newly attested.
        NoChange,
    }
}

/// A draft to save: the whole statement, which may be incomplete.
#[derive(Clone, Debug, InputObject)]
pub struct DisclosureDraftInput {
    /// The organization that discloses.
    pub organization_id: OrganizationId,
    /// The revision that the client read; omit it to start a draft.
    pub revision: Option<i64>,
    /// The statement so far, saved unchanged.
    pub statement: Option<Statement>,
    /// An earlier filing whose statement the draft starts with, instead of `statement`.
    pub copy_from: Option<DisclosureId>,
}
