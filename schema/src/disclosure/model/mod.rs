//! The types of a disclosure. Drafts and filed statements share one type.
//!
//! Every field is optional, since drafts are stored as entered; the rules check what a filing
//! requires. Absent fields are omitted from the JSON, so that adding a field changes no digest of an
//! older statement. Unknown fields are refused.

/// Declares parts of a statement with the derives for stored JSON, GraphQL output and GraphQL input.
macro_rules! parts {
    ($(
        $(#[$on_part:meta])*
        pub struct $name:ident {
            $($(#[$on_field:meta])* pub $field:ident: $type:ty,)+
        }
    )+) => {$(
        #[derive(
            Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize,
            async_graphql::SimpleObject, async_graphql::InputObject,
        )]
        #[graphql(crate = "crate::budget")]
        $(#[$on_part])*
        #[serde(rename_all = "camelCase", deny_unknown_fields, default)]
        pub struct $name {
            $(
                $(#[$on_field])*
                #[serde(skip_serializing_if = "crate::disclosure::model::is_absent")]
                pub $field: $type,
            )+
        }
    )+};
}

mod agreement;
mod appeal;
mod arrangement;
mod attestation;
mod compensation;
mod consequence;
mod criteria;
mod difference;
mod evidence;
mod filter;
mod late_change;
mod record;
mod review;
mod statement;
mod status;
mod withheld;

pub use agreement::{
    Agreement, AgreementKind, AgreementState, Holder, StartPrecision, SubawardTier,
};
pub use appeal::{
    Appeal, AppealDecision, AppealDecisionColumns, AppealedDecision, AppealedRejection,
    RejectionAppeal,
};
pub use arrangement::{
    Arrangement, ArrangementCompensation, DataCategory, DataSubject, OnwardToOthers, SharingBasis,
    SharingChannel,
};
pub use attestation::{Attestation, AttestationForm, AttestationInput, FilingInput};
pub use compensation::{Certainty, Compensation, Pricing, StatedAmount};
pub use consequence::{Answer, Consequence, Gap};
pub use criteria::{
    AgreementFilter, ArrangementFilter, CompensationFilter, CompensationRange, ComponentsFilter,
    DisclosureCriteria,
};
pub use difference::{Difference, FieldDifference, ItemChange, ItemDifference};
pub use evidence::{Attachment, ConfidentialityClaim};
pub use filter::{DisclosureFilter, ValidDisclosureFilter};
pub use late_change::{LateChange, StatementPart};
pub use record::{Assignment, DisclosureRecord, DisclosureState, Withdrawal};
pub use review::{
    AnswerInput, AppealDecisionInput, AppealId, AppealInput, AppealOutcome, ClarificationId,
    ClarificationInput, ClarificationStatus, PaperDisclosureInput, PartPath, PartPaths,
    RejectionInput, RejectionReasons, ReviewId, ReviewTransitions, Verdict,
};
pub use statement::{DataSharingSection, DhsSection, Statement};
pub use status::{
    DisclosureDraftInput, DisclosureId, DisclosureStanding, DisclosureStatus, FilingKind,
};
pub use withheld::Withheld;

/// Whether a field has its default value: none, an empty list or false.
pub(in crate::disclosure) fn is_absent<T: Default + PartialEq>(field: &T) -> bool {
    *field == T::default()
}
