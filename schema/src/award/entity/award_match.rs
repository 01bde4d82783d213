//! Table `award_match`: at most one row per organization and award.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::award::model::{AwardId, CoverageKind, Evidence, MatchId, MatchStatus, RecipientId};
use crate::disclosure::model::DisclosureId;
use crate::gate::{EntityScope, MatchBand};
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "award_match")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MatchId,
    pub organization_id: OrganizationId,
    pub award_id: AwardId,
    /// The award's recipient.
    pub recipient_id: RecipientId,
    /// The recipient's relation to the organization: a word of `EntityScope`.
    pub relation: String,
    pub band: MatchBand,
    /// The matcher's score, 0 to 1,000; `None` if a person linked the award.
    pub score_thousandths: Option<i64>,
    pub reasons: Evidence,
    /// SHA-256 of the compared data of organization and recipient. A dismissal remains valid while
    /// it is unchanged.
    pub evidence_sha256: String,
    pub status: MatchStatus,
    pub found_at: DateTimeUtc,
    /// The reviewer who linked the award to the organization.
    pub linked_by: Option<Principal>,
    /// SHA-256 of the canonical JSON of the agreement that a reviewer linked to the award.
    pub linked_agreement_sha256: Option<String>,
    pub covered_by: Option<DisclosureId>,
    /// Index of the covering agreement in the filing, from 0.
    pub covered_agreement: Option<i64>,
    pub coverage: Option<CoverageKind>,
    pub confirmed_by: Option<Principal>,
    pub confirmed_at: Option<DateTimeUtc>,
    /// The text of the notice to the firm.
    pub confirmation: Option<String>,
    /// When the firm's time to respond ends: UTC, a local midnight, exclusive.
    pub respond_by: Option<DateTimeUtc>,
    /// When the firm's time to appeal ends: UTC, a local midnight, exclusive.
    pub appeal_by: Option<DateTimeUtc>,
    pub answer: Option<String>,
    pub answered_by: Option<Principal>,
    pub answered_at: Option<DateTimeUtc>,
    /// The reviewer who considered the answer and upheld the confirmation.
    pub considered_by: Option<Principal>,
    pub considered_at: Option<DateTimeUtc>,
    pub dismissed_by: Option<Principal>,
    pub dismissed_at: Option<DateTimeUtc>,
    pub dismissal: Option<String>,
    /// Whether every award of the same recipient was dismissed with it.
    pub dismissed_with_recipient: bool,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, OrganizationId, AwardId, RecipientId, Relation, Band, ScoreThousandths, EvidenceSha256,
        Status, FoundAt, LinkedBy, LinkedAgreementSha256, CoveredBy, CoveredAgreement, Coverage,
        ConfirmedBy, ConfirmedAt, RespondBy, AppealBy, AnsweredBy, AnsweredAt, ConsideredBy,
        ConsideredAt, DismissedBy, DismissedAt, DismissedWithRecipient,
    ],
    digest: [Reasons],
    personal: [Confirmation, Answer, Dismissal],
}

impl Model {
    /// A new open match in band `Exact`, without a score.
    pub fn new_open(
        organization_id: OrganizationId,
        (award_id, recipient_id): (AwardId, RecipientId),
        relation: EntityScope,
        found_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id: MatchId::generate(),
            organization_id,
            award_id,
            recipient_id,
            relation: relation.as_str().to_owned(),
            band: MatchBand::Exact,
            score_thousandths: None,
            reasons: Evidence::default(),
            evidence_sha256: String::new(),
            status: MatchStatus::Open,
            found_at,
            linked_by: None,
            linked_agreement_sha256: None,
            covered_by: None,
            covered_agreement: None,
            coverage: None,
            confirmed_by: None,
            confirmed_at: None,
            confirmation: None,
            respond_by: None,
            appeal_by: None,
            answer: None,
            answered_by: None,
            answered_at: None,
            considered_by: None,
            considered_at: None,
            dismissed_by: None,
            dismissed_at: None,
            dismissal: None,
            dismissed_with_recipient: false,
        }
    }

    /// Clears every review field, so that a new confirmation starts new deadlines. The earlier
    /// review remains in the ledger and in the appeals.
    #[must_use]
    pub fn reset_review(self) -> Self {
        let parties = (self.award_id, self.recipient_id);
        Self {
            id: self.id,
            relation: self.relation,
            band: self.band,
            score_thousandths: self.score_thousandths,
            reasons: self.reasons,
            evidence_sha256: self.evidence_sha256,
            ..Self::new_open(self.organization_id, parties, EntityScope::Own, self.found_at)
        }
    }
}
