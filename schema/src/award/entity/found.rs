//! The table of matches: one an organization and award.
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
    /// The recipient that matches best.
    pub recipient_id: RecipientId,
    /// A word of `EntityScope`: what the recipient is to the organization.
    pub relation: String,
    pub band: MatchBand,
    /// From 0 to 1,000; none if a person said it.
    pub score_thousandths: Option<i64>,
    pub reasons: Evidence,
    /// SHA-256 of what is known of both sides: a dismissal holds while it stays the same.
    pub evidence_sha256: String,
    pub status: MatchStatus,
    pub found_at: DateTimeUtc,
    /// Who said that the award is the organization's, if the matcher did not.
    pub linked_by: Option<Principal>,
    /// SHA-256 of the agreement, as canonical JSON, that a reviewer said covers the award.
    pub linked_agreement_sha256: Option<String>,
    pub covered_by: Option<DisclosureId>,
    /// Which of the filing's agreements, from 0.
    pub covered_agreement: Option<i64>,
    pub coverage: Option<CoverageKind>,
    pub confirmed_by: Option<Principal>,
    pub confirmed_at: Option<DateTimeUtc>,
    /// What the firm was told.
    pub confirmation: Option<String>,
    /// Until when the firm may answer, exclusive: UTC, a local midnight.
    pub respond_by: Option<DateTimeUtc>,
    /// Until when it may appeal, exclusive: UTC, a local midnight.
    pub appeal_by: Option<DateTimeUtc>,
    pub answer: Option<String>,
    pub answered_by: Option<Principal>,
    pub answered_at: Option<DateTimeUtc>,
    /// Who considered the answer and stands by the confirmation.
    pub considered_by: Option<Principal>,
    pub considered_at: Option<DateTimeUtc>,
    pub dismissed_by: Option<Principal>,
    pub dismissed_at: Option<DateTimeUtc>,
    pub dismissal: Option<String>,
    /// It was dismissed with every award of the same recipient.
    pub dismissed_with_recipient: bool,
}

impl ActiveModelBehavior for ActiveModel {}

crate::database::recorded! {
    subject: [Id],
    value: [
        Id, OrganizationId, AwardId, RecipientId, Relation, Band, ScoreThousandths, EvidenceSha256,
        Status, FoundAt, LinkedBy, LinkedAgreementSha256, CoveredBy, CoveredAgreement, Coverage,
        ConfirmedBy, ConfirmedAt, RespondBy, AppealBy, AnsweredBy, AnsweredAt, ConsideredBy,
        ConsideredAt, DismissedBy, DismissedAt, DismissedWhole,
    ],
    digest: [Reasons],
    personal: [Confirmation, Answer, Dismissal],
}

impl Model {
    /// A match that nobody has looked at, as sure as if a person had said it.
    pub fn open(
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
            relation: relation.word().to_owned(),
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

    /// The same as if nobody had looked at it: who hears of it again has all of its time again.
    /// What was said before stands in the ledger and in the appeals.
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
            ..Self::open(self.organization_id, parties, EntityScope::Own, self.found_at)
        }
    }
}
