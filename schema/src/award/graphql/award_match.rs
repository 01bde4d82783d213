//! GraphQL types `AwardMatch`, `AwardCoverage` and `MatchAppeal`.
use async_graphql::{Context, Lookahead, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::FederalAward;
use crate::award::model::{
    Confirmation, ConfirmationAppeal, Consideration, CoverageKind, Dismissal, EvidenceItem,
    FirmAnswer, MatchId, MatchStatus,
};
use crate::award::service::{LoadedMatch, MatchInclude};
use crate::disclosure::graphql::{AppealCourse, Disclosure};
use crate::disclosure::model::AppealId;
use crate::fault::Result;
use crate::gate::{EntityScope, MatchBand};
use crate::graphql::context::request_context;
use crate::organization::graphql::{Organization, organization_include, person_name};
use crate::organization::model::OrganizationId;

/// The children of a match that a selection requests.
#[must_use]
pub fn match_include(selection: &Lookahead<'_>) -> MatchInclude {
    let organization = selection.field("organization");
    MatchInclude {
        organization: organization.exists().then(|| organization_include(&organization)),
        award: selection.field("award").exists(),
        covered_by: selection.field("coverage").exists(),
        appeals: selection.field("appeals").exists(),
        has_matched_order: selection.field("hasMatchedOrder").exists(),
    }
}

/// A match of a federal award with an organization.
#[derive(Clone, Debug)]
pub struct AwardMatch(LoadedMatch);

impl From<LoadedMatch> for AwardMatch {
    fn from(found: LoadedMatch) -> Self {
        Self(found)
    }
}

impl AwardMatch {
    /// The identifier of the organization.
    #[must_use]
    pub const fn organization_id(&self) -> OrganizationId {
        self.0.award_match.organization_id
    }

    const fn confirmation(&self) -> Option<&Confirmation> {
        self.0.award_match.state.confirmation()
    }

    fn firm_answer(&self) -> Option<&FirmAnswer> {
        self.confirmation()?.answer.as_ref()
    }

    fn consideration(&self) -> Option<&Consideration> {
        self.firm_answer()?.consideration.as_ref()
    }

    const fn dismissed(&self) -> Option<&Dismissal> {
        self.0.award_match.state.dismissal()
    }
}

/// A disclosed agreement that covers an award.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct AwardCoverage {
    /// How the agreement covers the award.
    by: CoverageKind,
    /// Index of the agreement in the disclosure, from 0.
    agreement: i64,
    /// The disclosure.
    disclosure: Option<Disclosure>,
}

/// A firm's appeal against the confirmation of a match. A supervisor who did not confirm the match
/// decides it.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct MatchAppeal {
    /// Its identifier.
    id: AppealId,
    /// Why the confirmation is wrong.
    statement: String,
    #[graphql(flatten)]
    course: AppealCourse,
}

impl From<ConfirmationAppeal> for MatchAppeal {
    fn from(appeal: ConfirmationAppeal) -> Self {
        let course = AppealCourse::from(&appeal);
        Self { id: appeal.id, statement: appeal.statement, course }
    }
}

/// A federal award that public data attributes to an organization or to a related firm. A match is
/// not a finding: a reviewer confirms it first, and the firm gets notice and time to respond before
/// it can block an award.
#[Object(crate = "crate::budget")]
impl AwardMatch {
    /// Its identifier.
    pub async fn id(&self) -> MatchId {
        self.0.award_match.id
    }
    /// The organization.
    async fn organization(&self) -> Result<Option<Organization>> {
        self.0.organization.get_as()
    }
    /// The award.
    async fn award(&self) -> Result<Option<FederalAward>> {
        self.0.award.get_as()
    }
    /// The recipient's relation to the organization: `SELF` if it is the organization.
    async fn relation(&self) -> Option<EntityScope> {
        Some(self.0.award_match.assessment.relation)
    }
    /// How certain the match is.
    async fn band(&self) -> MatchBand {
        self.0.award_match.assessment.band
    }
    /// The matcher's score, from 0 to 1. Null if a reviewer linked the award, and for the firm.
    async fn score(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        let (_, viewer) = request_context(ctx)?;
        let assessment = &self.0.award_match.assessment;
        let score = assessment.score_thousandths.filter(|_| viewer.can_read_all());
        Ok(score.and_then(|score| u16::try_from(score).ok()).map(|score| f64::from(score) / 1000.0))
    }
    /// The evidence for and against the match, in the order in which the matcher weighed it. The
    /// firm sees it without weights.
    async fn reasons(&self, ctx: &Context<'_>) -> Result<Vec<EvidenceItem>> {
        let (_, viewer) = request_context(ctx)?;
        let includes_weights = viewer.can_read_all();
        let reasons = self.0.award_match.assessment.reasons.0.iter().cloned();
        Ok(reasons
            .map(|reason| EvidenceItem {
                weight: reason.weight.filter(|_| includes_weights),
                ..reason
            })
            .collect())
    }
    /// The status of the match.
    async fn status(&self) -> MatchStatus {
        self.0.award_match.status()
    }
    /// The disclosed agreement that covers the award; null unless `status` is `COVERED`.
    async fn coverage(&self) -> Result<Option<AwardCoverage>> {
        let Some(coverage) = self.0.award_match.state.coverage() else { return Ok(None) };
        let disclosure = self.0.covered_by.get()?.clone().map(Disclosure::from);
        let (by, agreement) = (coverage.kind, coverage.agreement);
        Ok(Some(AwardCoverage { by, agreement, disclosure }))
    }
    /// When it was found (UTC).
    async fn found_at(&self) -> DateTime<Utc> {
        self.0.award_match.found_at
    }
    /// The reviewer who linked the award to the organization: the subject of the token.
    async fn linked_by(&self) -> Option<&str> {
        self.0.award_match.link.as_ref().map(|link| link.by.subject())
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn linked_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.0.award_match.link.as_ref().map(|link| &link.by)).await
    }
    /// The reviewer who confirmed the match: the subject of the token.
    async fn confirmed_by(&self) -> Option<&str> {
        self.confirmation().map(|it| it.by.subject())
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn confirmed_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.confirmation().map(|it| &it.by)).await
    }
    /// When the match was confirmed and the firm received notice (UTC).
    async fn confirmed_at(&self) -> Option<DateTime<Utc>> {
        self.confirmation().map(|it| it.at)
    }
    /// The text of the notice to the firm.
    async fn notice(&self) -> Option<&str> {
        self.confirmation().map(|it| it.notice.as_str())
    }
    /// When the firm's time to respond ends: UTC, a local midnight, exclusive.
    async fn respond_by(&self) -> Option<DateTime<Utc>> {
        self.confirmation().map(|it| it.respond_by)
    }
    /// When the firm's time to appeal ends: UTC, a local midnight, exclusive.
    async fn appeal_by(&self) -> Option<DateTime<Utc>> {
        self.confirmation().map(|it| it.appeal_by)
    }
    /// The firm's answer.
    async fn answer(&self) -> Option<&str> {
        self.firm_answer().map(|it| it.text.as_str())
    }
    /// When the firm answered (UTC).
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.firm_answer().map(|it| it.at)
    }
    /// The reviewer who considered the answer and upheld the confirmation: the subject of the
    /// token.
    async fn considered_by(&self) -> Option<&str> {
        self.consideration().map(|it| it.by.subject())
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn considered_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.consideration().map(|it| &it.by)).await
    }
    /// When the confirmation was upheld (UTC).
    async fn considered_at(&self) -> Option<DateTime<Utc>> {
        self.consideration().map(|it| it.at)
    }
    /// The firm's appeals, oldest first.
    async fn appeals(&self) -> Result<Vec<MatchAppeal>> {
        Ok(self.0.appeals.get()?.iter().cloned().map(MatchAppeal::from).collect())
    }
    /// Who dismissed the match: the subject of the token, or `candor` if the matcher no longer finds
    /// it.
    async fn dismissed_by(&self) -> Option<&str> {
        self.dismissed().map(|it| it.by.subject())
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn dismissed_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.dismissed().map(|it| &it.by)).await
    }
    /// When the match was dismissed (UTC).
    async fn dismissed_at(&self) -> Option<DateTime<Utc>> {
        self.dismissed().map(|it| it.at)
    }
    /// Whether all awards of the same recipient were dismissed with it, including those found later.
    async fn dismissed_with_recipient(&self) -> bool {
        self.dismissed().is_some_and(|it| it.with_recipient)
    }
    /// Whether the award is a contract vehicle of which an order is matched to the same firm. The two are
    /// one award: the review queue and decisions list the order alone. Null for a firm.
    async fn has_matched_order(&self) -> Result<Option<bool>> {
        self.0.has_matched_order.get().copied()
    }
    /// The reason for the dismissal.
    async fn dismissal(&self) -> Option<&str> {
        self.dismissed().map(|it| it.reason.as_str())
    }
}
