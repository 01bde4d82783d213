//! Table `award_match`: at most one row per organization and award.
use sea_orm::entity::prelude::*;

use crate::award::model::{
    AwardId, AwardMatch, Confirmation, Consideration, Coverage, CoverageKind, Dismissal, Evidence,
    FirmAnswer, MatchAssessment, MatchId, MatchLink, MatchState, MatchStatus, RecipientId,
};
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

impl TryFrom<Model> for AwardMatch {
    /// `Type` if columns contradict the status, which the table's CHECK constraints refuse.
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        let Model {
            id,
            organization_id,
            award_id,
            recipient_id,
            relation,
            band,
            score_thousandths,
            reasons,
            evidence_sha256,
            status,
            found_at,
            linked_by,
            linked_agreement_sha256,
            covered_by,
            covered_agreement,
            coverage,
            confirmed_by,
            confirmed_at,
            confirmation,
            respond_by,
            appeal_by,
            answer,
            answered_by,
            answered_at,
            considered_by,
            considered_at,
            dismissed_by,
            dismissed_at,
            dismissal,
            dismissed_with_recipient,
        } = row;
        let contradiction =
            || DbErr::Type(format!("award_match {id}: columns contradict its status"));
        let consideration =
            considered_by.zip(considered_at).map(|(by, at)| Consideration { by, at });
        let answer = answer.zip(answered_by.zip(answered_at)).map(|(text, (by, at))| FirmAnswer {
            text,
            by,
            at,
            consideration,
        });
        let confirmation = match (confirmed_by, confirmed_at, confirmation, respond_by, appeal_by) {
            (Some(by), Some(at), Some(notice), Some(respond_by), Some(appeal_by)) => {
                Some(Confirmation { by, at, notice, respond_by, appeal_by, answer })
            }
            _ => None,
        };
        let dismissal = dismissed_by.zip(dismissed_at).zip(dismissal).map(|((by, at), reason)| {
            Dismissal { by, at, reason, with_recipient: dismissed_with_recipient }
        });
        let coverage = covered_by
            .zip(covered_agreement)
            .zip(coverage)
            .map(|((disclosure_id, agreement), kind)| Coverage { disclosure_id, agreement, kind });
        let state = match (status, confirmation, dismissal, coverage) {
            (MatchStatus::Open, None, None, None) => MatchState::Open,
            (MatchStatus::Confirmed, Some(confirmation), None, None) => {
                MatchState::Confirmed(confirmation)
            }
            (MatchStatus::Dismissed, confirmation, Some(dismissal), None) => {
                MatchState::Dismissed { dismissal, confirmation }
            }
            (MatchStatus::Covered, confirmation, None, Some(coverage)) => {
                MatchState::Covered { coverage, confirmation }
            }
            _ => return Err(contradiction()),
        };
        let relation = EntityScope::from_word(&relation).ok_or_else(contradiction)?;
        Ok(Self {
            id,
            organization_id,
            award_id,
            recipient_id,
            assessment: MatchAssessment {
                relation,
                band,
                score_thousandths,
                reasons,
                evidence_sha256,
            },
            found_at,
            link: linked_by.map(|by| MatchLink { by, agreement_sha256: linked_agreement_sha256 }),
            state,
        })
    }
}

impl From<AwardMatch> for Model {
    fn from(found: AwardMatch) -> Self {
        let AwardMatch {
            id,
            organization_id,
            award_id,
            recipient_id,
            assessment,
            found_at,
            link,
            state,
        } = found;
        let MatchAssessment { relation, band, score_thousandths, reasons, evidence_sha256 } =
            assessment;
        let status = state.status();
        let (confirmation, dismissal, coverage) = match state {
            MatchState::Open => (None, None, None),
            MatchState::Confirmed(confirmation) => (Some(confirmation), None, None),
            MatchState::Dismissed { dismissal, confirmation } => {
                (confirmation, Some(dismissal), None)
            }
            MatchState::Covered { coverage, confirmation } => (confirmation, None, Some(coverage)),
        };
        let mut row = Self {
            id,
            organization_id,
            award_id,
            recipient_id,
            relation: relation.as_str().to_owned(),
            band,
            score_thousandths,
            reasons,
            evidence_sha256,
            status,
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
        };
        if let Some(MatchLink { by, agreement_sha256 }) = link {
            row.linked_by = Some(by);
            row.linked_agreement_sha256 = agreement_sha256;
        }
        if let Some(Coverage { disclosure_id, agreement, kind }) = coverage {
            row.covered_by = Some(disclosure_id);
            row.covered_agreement = Some(agreement);
            row.coverage = Some(kind);
        }
        if let Some(Dismissal { by, at, reason, with_recipient }) = dismissal {
            row.dismissed_by = Some(by);
            row.dismissed_at = Some(at);
            row.dismissal = Some(reason);
            row.dismissed_with_recipient = with_recipient;
        }
        if let Some(Confirmation { by, at, notice, respond_by, appeal_by, answer }) = confirmation {
            row.confirmed_by = Some(by);
            row.confirmed_at = Some(at);
            row.confirmation = Some(notice);
            row.respond_by = Some(respond_by);
            row.appeal_by = Some(appeal_by);
            if let Some(FirmAnswer { text, by, at, consideration }) = answer {
                row.answer = Some(text);
                row.answered_by = Some(by);
                row.answered_at = Some(at);
                if let Some(Consideration { by, at }) = consideration {
                    row.considered_by = Some(by);
                    row.considered_at = Some(at);
                }
            }
        }
        row
    }
}
