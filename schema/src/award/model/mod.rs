//! Values of federal awards and of their matches with organizations.
mod appeal;
mod award_match;
mod comparable_award;
mod component;
mod file_row;
mod inputs;
mod transaction;

use crate::id::uuid_of_digest;

pub use appeal::{AppealedConfirmation, ConfirmationAppeal};
pub use award_match::{
    AwardMatch, Confirmation, Consideration, Coverage, CoverageKind, Dismissal, Evidence,
    EvidenceItem, FirmAnswer, MatchAssessment, MatchLink, MatchState, MatchStatus,
    round_to_thousandths,
};
pub use comparable_award::ComparableAward;
pub use component::dhs_component;
pub use file_row::{Agency, AwardFileRow, AwardKind, Recipient, RowScope};
pub use inputs::{
    AnswerMatchInput, AppealMatchInput, ConfirmMatchInput, DismissMatchInput, LinkMatchInput,
    MatchFilter, NameInput,
};
pub use transaction::{
    AwardFileEntry, CompleteSpan, ListedTransactions, TransactionDeletion, TransactionVersion,
    is_newer,
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
