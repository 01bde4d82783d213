//! What federal awards, and their matches with organizations, are made of.
mod found;
mod inputs;
mod row;
mod terms;

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
    /// Who receives awards, as the award data knows it: a name with its identifiers.
    RecipientId, "rcp"
}
typed_id! {
    /// A match of a federal award with an organization.
    MatchId, "mat"
}
