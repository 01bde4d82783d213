//! What federal awards, and their matches with organizations, are made of.
mod found;
mod inputs;
mod row;
mod terms;

use crate::id::uuid_of_digest;

pub use found::{CoverageKind, Evidence, EvidenceItem, InvalidTransition, MatchStatus, round_to_thousandths};
pub use inputs::{
    AnswerMatchInput, AppealMatchInput, ConfirmMatchInput, DismissMatchInput, LinkMatchInput,
    MatchFilter, NameInput,
};
pub use row::{Agency, AwardKind, AwardFileRow, Recipient, RowScope};
pub use terms::ComparableAward;

typed_id! {
    /// A federal award.
    AwardId, "awd"
}
typed_id! {
    /// An import of an award file, as the ledger names it.
    ImportId, "imp"
}

impl ImportId {
    /// The imports of a file with this SHA-256.
    #[must_use]
    pub fn from_sha256(sha256: &str) -> Self {
        Self::from_uuid(uuid_of_digest(sha256.as_bytes()))
    }
}

typed_id! {
    /// Who receives awards, as the award data knows it: a name with its identifiers.
    RecipientId, "rcp"
}
typed_id! {
    /// A match of a federal award with an organization.
    MatchId, "mat"
}
