//! What federal awards, and their matches with organizations, are made of.
mod found;
mod inputs;
mod row;
mod terms;

use sha2::{Digest, Sha256};
use uuid::Builder;

pub use found::{CoverageKind, Evidence, EvidenceItem, InvalidTransition, MatchStatus, rounded};
pub use inputs::{
    AnswerMatchInput, AppealMatchInput, ConfirmMatchInput, DismissMatchInput, LinkMatchInput,
    MatchFilter, NameInput,
};
pub use row::{Agency, AwardKind, AwardRow, Recipient, Told};
pub use terms::Terms;

typed_id! {
    /// A federal award.
    AwardId, "awd"
}
typed_id! {
    /// An import of an award file, as the ledger names it.
    ImportId, "imp"
}

impl ImportId {
    /// The imports of a file with this SHA-256: a UUID of version 8 (RFC 9562) made of it.
    #[must_use]
    pub fn of(sha256: &str) -> Self {
        let digest = Sha256::digest(sha256.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self::from_uuid(Builder::from_custom_bytes(bytes).into_uuid())
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
