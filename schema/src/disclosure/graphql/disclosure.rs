//! How clients see one disclosure.
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::loader::{DisclosuresOfOrganizations, FilingBefore, Organizations};
use super::reviews::{Answered, QuestionsNews};
use super::{Appeal, Clarification, Review, ReviewsOfDisclosures};
use crate::disclosure::model::{
    Attestation, AttestationForm, DisclosureId, DisclosureStatus, FilingKind, Statement,
};
use crate::disclosure::service::{self, Draft, Filed, Reviews};
use crate::fault::{Result, UserError};
use crate::gate::ReviewState;
use crate::organization::graphql::{Organization, request_context, organization_include};
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

/// Who entered a paper form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(crate = "crate::budget")]
pub enum EnteredBy {
    /// A reviewer or a supervisor of the City, and nobody of the organization.
    CityStaff,
}

/// How a signed paper form was entered.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PaperEntry {
    /// When it was entered (UTC). It counts from then on.
    entered_at: DateTime<Utc>,
    /// Who entered it.
    entered_by: EnteredBy,
}

/// What one organization states, as a draft or as it was filed.
#[derive(Clone, Debug)]
pub struct Disclosure(service::Disclosure);

impl<T: Into<service::Disclosure>> From<T> for Disclosure {
    fn from(disclosure: T) -> Self {
        Self(disclosure.into())
    }
}

impl Disclosure {
    fn filed(&self) -> Option<&Filed> {
        match &self.0 {
            service::Disclosure::Filed(filed) => Some(filed),
            service::Disclosure::Draft(_) => None,
        }
    }

    fn draft(&self) -> Option<&Draft> {
        match &self.0 {
            service::Disclosure::Draft(draft) => Some(draft),
            service::Disclosure::Filed(_) => None,
        }
    }

    /// The identifier of the organization that states it.
    #[must_use]
    pub fn organization_id(&self) -> OrganizationId {
        self.key().1
    }

    /// What reviewers made of it; nothing of a draft.
    async fn reviewed(&self, ctx: &Context<'_>) -> Result<Reviews> {
        let Some(filed) = self.filed() else { return Ok(Reviews::default()) };
        let loader: &DataLoader<ReviewsOfDisclosures> = ctx.data_unchecked();
        Ok(loader.load_one(filed.row.id).await?.unwrap_or_default())
    }

    fn key(&self) -> (DisclosureId, OrganizationId) {
        match &self.0 {
            service::Disclosure::Draft(draft) => (draft.id, draft.organization_id),
            service::Disclosure::Filed(filed) => (filed.row.id, filed.row.organization_id),
        }
    }
}

/// What one organization states of its agreements with the Department of Homeland Security and of
/// its data sharing with third parties: a draft, or a legal statement that is frozen.
#[Object(crate = "crate::budget")]
impl Disclosure {
    /// Its identifier, from the draft's first word on.
    pub async fn id(&self) -> DisclosureId {
        self.key().0
    }
    /// The organization that states it.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        let loader: &DataLoader<Organizations> = ctx.data_unchecked();
        let include = organization_include(&ctx.look_ahead());
        let organization = loader.load_one((self.key().1, include)).await?;
        Ok(organization.map(Organization::from))
    }
    /// Where it is in its life.
    async fn status(&self) -> DisclosureStatus {
        self.filed().map_or(DisclosureStatus::Draft, |filed| filed.row.status)
    }
    /// From 1, without gaps, in each organization; null for a draft.
    async fn version(&self) -> Option<i64> {
        self.filed().map(|filed| filed.row.version)
    }
    /// The draft's revision, one more with each save; null once it is filed.
    async fn revision(&self) -> Option<i64> {
        self.draft().map(|draft| draft.revision)
    }
    /// What it states: of a draft, as typed.
    async fn statement(&self) -> Result<Statement> {
        let (id, _) = self.key();
        match &self.0 {
            service::Disclosure::Draft(draft) => service::read(id, &draft.statement),
            service::Disclosure::Filed(filed) => service::read(id, &filed.filing.statement),
        }
    }
    /// Everything that keeps a draft from being filed now, at once, each with its path; empty once
    /// it is filed.
    async fn gaps(&self, ctx: &Context<'_>) -> Result<Vec<UserError>> {
        let (db, viewer) = request_context(ctx)?;
        match self.draft() {
            Some(draft) => service::gaps(db, viewer, draft).await,
            None => Ok(Vec::new()),
        }
    }
    /// How the filing came to be; null for a draft.
    async fn kind(&self) -> Option<FilingKind> {
        self.filed().map(|filed| filed.filing.kind)
    }
    /// What reviewers have made of it; null for a draft.
    async fn review(&self) -> Option<ReviewState> {
        self.filed().map(|filed| filed.row.review)
    }
    /// The version of the policy whose questions it answers; null for a draft.
    async fn policy_version(&self) -> Option<i64> {
        self.filed().map(|filed| filed.filing.policy_version)
    }
    /// SHA-256 of the statement as canonical JSON (RFC 8785): what was signed. Null for a draft.
    async fn sha256(&self) -> Option<&str> {
        self.filed().map(|filed| filed.filing.sha256.as_str())
    }
    /// The statement as canonical JSON (RFC 8785), to hash it yourself; null for a draft.
    async fn canonical(&self) -> Option<&str> {
        self.filed().map(|filed| filed.filing.statement.as_str())
    }
    /// Who signed it, in which words; null for a draft.
    async fn attestation(&self) -> Result<Option<Attestation>> {
        let Some(filed) = self.filed() else {
            return Ok(None);
        };
        Ok(Some(service::attestation(&filed.filing)?))
    }
    /// When it was filed (UTC); null for a draft.
    async fn filed_at(&self) -> Option<DateTime<Utc>> {
        self.filed().map(|filed| filed.filing.filed_at)
    }
    /// When the draft was last saved (UTC); null once it is filed.
    async fn saved_at(&self) -> Option<DateTime<Utc>> {
        self.draft().map(|draft| draft.updated_at)
    }
    /// Reviewers' questions about it and the firm's answers, in the order in which they were asked.
    async fn clarifications(&self, ctx: &Context<'_>) -> Result<Vec<Clarification>> {
        let found = self.reviewed(ctx).await?.clarifications;
        Ok(found.into_iter().map(Clarification::from).collect())
    }
    /// How it was accepted and rejected, the earliest first; what was taken back too.
    async fn reviews(&self, ctx: &Context<'_>) -> Result<Vec<Review>> {
        Ok(self.reviewed(ctx).await?.reviews.into_iter().map(Review::from).collect())
    }
    /// The firm's appeals against rejections, the earliest first.
    async fn appeals(&self, ctx: &Context<'_>) -> Result<Vec<Appeal>> {
        Ok(self.reviewed(ctx).await?.appeals.into_iter().map(Appeal::from).collect())
    }
    /// The subject of the token of the reviewer who is on it; to staff, null to others.
    async fn reviewer(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let (_, viewer) = request_context(ctx)?;
        let filed = self.filed().filter(|_| viewer.is_staff());
        Ok(filed.and_then(|filed| filed.row.reviewer.as_ref().map(Principal::subject)))
    }
    /// It was entered by staff from a signed paper form.
    async fn paper(&self) -> Result<bool> {
        let Some(filed) = self.filed() else { return Ok(false) };
        Ok(service::attestation(&filed.filing)?.form == AttestationForm::Paper)
    }
    /// How staff of the City entered it from a signed paper form; null if it was signed here.
    async fn paper_entry(&self) -> Result<Option<PaperEntry>> {
        let Some(filed) = self.filed() else { return Ok(None) };
        let is_paper = service::attestation(&filed.filing)?.form == AttestationForm::Paper;
        Ok(is_paper.then_some(PaperEntry {
            entered_at: filed.filing.filed_at,
            entered_by: EnteredBy::CityStaff,
        }))
    }
    /// The filing that superseded it; null while there is none that you may see.
    async fn superseded_by(&self, ctx: &Context<'_>) -> Result<Option<Disclosure>> {
        let Some(filed) = self.filed() else { return Ok(None) };
        let loader: &DataLoader<DisclosuresOfOrganizations> = ctx.data_unchecked();
        let (organization, version) = (filed.row.organization_id, filed.row.version);
        let later = loader.load_one(FilingBefore { organization, version }).await?;
        Ok(later.map(Disclosure::from))
    }
    /// What the newest policy asks that it did not answer, and until when its answers count all the
    /// same; null if it answers everything.
    async fn questions_news(&self, ctx: &Context<'_>) -> Result<Option<QuestionsNews>> {
        let Some(filed) = self.filed() else { return Ok(None) };
        let loader: &DataLoader<ReviewsOfDisclosures> = ctx.data_unchecked();
        let news = loader.load_one(Answered(filed.filing.policy_version)).await?;
        Ok(news.flatten().map(QuestionsNews::from))
    }
    /// When it was withdrawn (UTC).
    async fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.filed().and_then(|filed| filed.row.withdrawn_at)
    }
    /// Why it was withdrawn.
    async fn withdrawal_reason(&self) -> Option<&str> {
        self.filed().and_then(|filed| filed.row.withdrawal_reason.as_deref())
    }
}
