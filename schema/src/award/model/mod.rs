//! Values of federal awards and of their matches with organizations.
mod award_match;
mod comparable_award;
mod file_row;
mod inputs;

use crate::id::uuid_of_digest;

pub use award_match::{CoverageKind, Evidence, EvidenceItem, MatchStatus, round_to_thousandths};
pub use comparable_award::ComparableAward;
pub use file_row::{Agency, AwardFileRow, AwardKind, Recipient, RowScope};
pub use inputs::{
    AnswerMatchInput, AppealMatchInput, ConfirmMatchInput, DismissMatchInput, LinkMatchInput,
    MatchFilter, NameInput,
};

typed_id! {
    /// A federal award.
    AwardId, "awd"
}
typed_id! {
    /// An import of an award file, as the ledger's subject.
    ImportId, "imp"
}

impl ImportId {
    /// The id of all imports of the file with this SHA-256 (lower-case hexadecimal).
    #[must_use]
    pub fn from_sha256(sha256: &str) -> Self {
        Self::from_uuid(uuid_of_digest(sha256.as_bytes()))
    }
}

typed_id! {
    /// A recipient of awards in the public data: a name with its identifiers.
    RecipientId, "rcp"
}
typed_id! {
    /// A match of a federal award with an organization.
    MatchId, "mat"
}
