//! How clients see matches.
use async_graphql::{Context, Lookahead, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::FederalAward;
use crate::award::model::{CoverageKind, EvidenceItem, MatchId, MatchStatus};
use crate::award::service::{Appeal, Found, Include};
use crate::disclosure::graphql::Disclosure;
use crate::disclosure::model::{AppealId, AppealOutcome};
use crate::fault::Result;
use crate::gate::{EntityScope, MatchBand};
use crate::organization::graphql::{Organization, request_context, organization_include};
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

/// Which children of a match stand in a selection.
#[must_use]
pub fn match_include(selection: &Lookahead<'_>) -> Include {
    let organization = selection.field("organization");
    Include {
        organization: organization.exists().then(|| organization_include(&organization)),
        award: selection.field("award").exists(),
        covered_by: selection.field("coverage").exists(),
        appeals: selection.field("appeals").exists(),
    }
}

/// A match of a federal award with an organization.
#[derive(Clone, Debug)]
pub struct AwardMatch(Found);

impl From<Found> for AwardMatch {
    fn from(found: Found) -> Self {
        Self(found)
    }
}

impl AwardMatch {
    /// The identifier of the organization.
    #[must_use]
    pub const fn organization_id(&self) -> OrganizationId {
        self.0.row.organization_id
    }
}

/// A disclosed agreement that covers an award.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct AwardCoverage {
    /// By what it covers the award.
    by: CoverageKind,
    /// Which of the disclosure's agreements it is, from 0.
    agreement: i64,
    /// The disclosure.
    disclosure: Option<Disclosure>,
}

/// A firm's appeal against the confirmation of a match.
#[derive(Clone, Debug)]
pub struct MatchAppeal(Appeal);

/// A firm's appeal against the confirmation of a match; a supervisor who did not confirm it
/// decides.
#[Object(crate = "crate::budget")]
impl MatchAppeal {
    /// Its identifier.
    async fn id(&self) -> AppealId {
        self.0.id
    }
    /// Why the confirmation is wrong.
    async fn statement(&self) -> &str {
        &self.0.statement
    }
    /// When it was filed (UTC).
    async fn filed_at(&self) -> DateTime<Utc> {
        self.0.filed_at
    }
    /// What was decided: `UPHELD`, the confirmation stands; `REOPENED`, the match is dismissed.
    /// Null while it is open.
    async fn outcome(&self) -> Option<AppealOutcome> {
        self.0.outcome
    }
    /// Why.
    async fn explanation(&self) -> Option<&str> {
        self.0.explanation.as_deref()
    }
    /// The subject of the token of the supervisor who decided.
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_ref().map(Principal::subject)
    }
    /// When it was decided (UTC).
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
}

/// A federal award that public data shows to be an organization's, or of one that it stands in a
/// relation to. It is no finding: a reviewer looks at it, the firm is heard, and only then is it
/// held against a statement.
#[Object(crate = "crate::budget")]
impl AwardMatch {
    /// Its identifier.
    pub async fn id(&self) -> MatchId {
        self.0.row.id
    }
    /// The organization.
    async fn organization(&self) -> Result<Option<Organization>> {
        Ok(self.0.organization.get()?.clone().map(Organization::from))
    }
    /// The award.
    async fn award(&self) -> Result<Option<FederalAward>> {
        Ok(self.0.award.get()?.clone().map(FederalAward::from))
    }
    /// What the award's recipient is to the organization: `SELF` if it is the organization.
    async fn relation(&self) -> Option<EntityScope> {
        EntityScope::of(&self.0.row.relation)
    }
    /// How sure that is.
    async fn band(&self) -> MatchBand {
        self.0.row.band
    }
    /// The matcher's score, from 0 to 1. Null if a person said it, and to the firm.
    async fn score(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        let (_, viewer) = request_context(ctx)?;
        let score = self.0.row.score_thousandths.filter(|_| viewer.reads_all());
        Ok(score.and_then(|score| u16::try_from(score).ok()).map(|score| f64::from(score) / 1000.0))
    }
    /// What speaks for and against it, in the order in which it was weighed. The firm sees the
    /// evidence without its weights.
    async fn reasons(&self, ctx: &Context<'_>) -> Result<Vec<EvidenceItem>> {
        let (_, viewer) = request_context(ctx)?;
        let weighed = viewer.reads_all();
        let reasons = self.0.row.reasons.0.iter().cloned();
        Ok(reasons
            .map(|reason| EvidenceItem { weight: reason.weight.filter(|_| weighed), ..reason })
            .collect())
    }
    /// Where it is in its life.
    async fn status(&self) -> MatchStatus {
        self.0.row.status
    }
    /// The disclosed agreement that covers the award; null unless it is `COVERED`.
    async fn coverage(&self) -> Result<Option<AwardCoverage>> {
        let row = &self.0.row;
        let Some((by, agreement)) = row.coverage.zip(row.covered_agreement) else {
            return Ok(None);
        };
        let disclosure = self.0.covered_by.get()?.clone().map(Disclosure::from);
        Ok(Some(AwardCoverage { by, agreement, disclosure }))
    }
    /// When it was found (UTC).
    async fn found_at(&self) -> DateTime<Utc> {
        self.0.row.found_at
    }
    /// Who said that the award is the organization's, if the matcher did not: the subject of the
    /// token.
    async fn linked_by(&self) -> Option<&str> {
        self.0.row.linked_by.as_ref().map(Principal::subject)
    }
    /// Who confirmed it: the subject of the token.
    async fn confirmed_by(&self) -> Option<&str> {
        self.0.row.confirmed_by.as_ref().map(Principal::subject)
    }
    /// When it was confirmed and put to the firm (UTC).
    async fn confirmed_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.confirmed_at
    }
    /// What the firm was told.
    async fn notice(&self) -> Option<&str> {
        self.0.row.confirmation.as_deref()
    }
    /// Until when the firm may answer, exclusive (UTC, a local midnight).
    async fn respond_by(&self) -> Option<DateTime<Utc>> {
        self.0.row.respond_by
    }
    /// Until when the firm may appeal, exclusive (UTC, a local midnight).
    async fn appeal_by(&self) -> Option<DateTime<Utc>> {
        self.0.row.appeal_by
    }
    /// What the firm answered.
    async fn answer(&self) -> Option<&str> {
        self.0.row.answer.as_deref()
    }
    /// When it answered (UTC).
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.answered_at
    }
    /// Who considered the answer and stands by the confirmation: the subject of the token.
    async fn considered_by(&self) -> Option<&str> {
        self.0.row.considered_by.as_ref().map(Principal::subject)
    }
    /// When (UTC).
    async fn considered_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.considered_at
    }
    /// The firm's appeals, the earliest first.
    async fn appeals(&self) -> Result<Vec<MatchAppeal>> {
        Ok(self.0.appeals.get()?.iter().cloned().map(MatchAppeal).collect())
    }
    /// Who dismissed it: the subject of the token, or `candor` if it is not found any more.
    async fn dismissed_by(&self) -> Option<&str> {
        self.0.row.dismissed_by.as_ref().map(Principal::subject)
    }
    /// When it was dismissed (UTC).
    async fn dismissed_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.dismissed_at
    }
    /// Whether every award of the same recipient was dismissed with it, and so are those that are
    /// found later.
    async fn dismissed_with_recipient(&self) -> bool {
        self.0.row.dismissed_with_recipient
    }
    /// Why.
    async fn dismissal(&self) -> Option<&str> {
        self.0.row.dismissal.as_deref()
    }
}
