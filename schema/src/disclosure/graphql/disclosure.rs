//! The GraphQL type of a disclosure.
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::loader::{DisclosureLoader, NextFilingKey, OrganizationLoader, ReceiptKey};
use super::reviews::{AnsweredPolicyVersion, QuestionChanges};
use super::stored_statement::StoredStatement;
use super::{Appeal, Clarification, Review, ReviewLoader};
use crate::budget::charge_read_text;
use crate::disclosure::model::{
    self, Answer, Attestation, AttestationForm, Consequence, DisclosureId, DisclosureStatus,
    FilingKind,
};
use crate::disclosure::service::{self, Draft, FiledDisclosure, Reviews};
use crate::fault::{ReportedMessage, Result};
use crate::gate::ReviewState;
use crate::gate::wording::describe_part;
use crate::graphql::context::request_context;
use crate::organization::graphql::{Organization, organization_include, person_name};
use crate::organization::model::OrganizationId;
use crate::policy::graphql::policy_draft;
use crate::principal::Principal;

/// The group of people who entered a paper form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(crate = "crate::budget")]
pub enum EnteredBy {
    /// A reviewer or supervisor of the City, not a member of the organization.
    CityStaff,
}

/// The entry of a signed paper form.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PaperEntry {
    /// When it was entered (UTC); the filing counts from then on.
    entered_at: DateTime<Utc>,
    /// The group of people who entered it.
    entered_by: EnteredBy,
}

/// What prevents filing a draft.
struct Gap(model::Gap);

/// What prevents filing a draft: a missing answer, or one that cannot be filed.
#[Object(crate = "crate::budget")]
impl Gap {
    /// The gap's place: from `statement` inwards in the draft, or from `attestation` inwards in what is
    /// entered to sign; list items by their index from 0.
    async fn path(&self) -> &[String] {
        &self.0.error.path
    }
    /// The gap's place in words, such as `agreement 2, start`.
    async fn part(&self) -> String {
        describe_part(&self.0.error.path)
    }
    #[graphql(flatten)]
    async fn reported(&self) -> ReportedMessage {
        (&self.0.error.message).into()
    }
    /// What the gap leads to, for programs.
    async fn consequence(&self) -> Consequence {
        self.0.consequence
    }
    /// What the gap leads to, for people, such as that listing something never counts against a bid.
    async fn leads_to(&self) -> &'static str {
        self.0.consequence.english()
    }
}

/// The fields that read the statement. A page of an organization's filings is loaded with statements only if one
/// of them is selected.
pub(super) const STATEMENT_FIELDS: [&str; 3] = ["statement", "answers", "canonical"];
/// The fields that read the attestation, likewise.
pub(super) const ATTESTATION_FIELDS: [&str; 3] = ["attestation", "paper", "paperEntry"];

/// The disclosure of one organization: a draft or a filing.
#[derive(Clone, Debug)]
pub struct Disclosure(service::Disclosure);

impl<T: Into<service::Disclosure>> From<T> for Disclosure {
    fn from(disclosure: T) -> Self {
        Self(disclosure.into())
    }
}

impl Disclosure {
    fn filed(&self) -> Option<&FiledDisclosure> {
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

    /// The identifier of the organization that discloses.
    #[must_use]
    pub fn organization_id(&self) -> OrganizationId {
        self.ids().1
    }

    /// The clarifications, verdicts and appeals; empty for a draft.
    async fn load_reviews(&self, ctx: &Context<'_>) -> Result<Reviews> {
        let Some(filed) = self.filed() else { return Ok(Reviews::default()) };
        let loader: &DataLoader<ReviewLoader> = ctx.data_unchecked();
        Ok(loader.load_one(filed.record.id).await?.unwrap_or_default())
    }

    /// The statement as JSON; of a draft, as entered.
    fn statement_text(&self) -> Result<&str> {
        Ok(match &self.0 {
            service::Disclosure::Draft(draft) => &draft.statement,
            service::Disclosure::Filed(filed) => filed.filing.statement.get()?,
        })
    }

    fn ids(&self) -> (DisclosureId, OrganizationId) {
        match &self.0 {
            service::Disclosure::Draft(draft) => (draft.id, draft.organization_id),
            service::Disclosure::Filed(filed) => (filed.record.id, filed.record.organization_id),
        }
    }
}

/// An organization's disclosure of its agreements with the Department of Homeland Security and of
/// its data sharing with third parties: a draft, or a legal statement that cannot be changed.
#[Object(crate = "crate::budget")]
impl Disclosure {
    /// The identifier, the same for the draft and its filing.
    pub async fn id(&self) -> DisclosureId {
        self.ids().0
    }
    /// The organization that discloses.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        let loader: &DataLoader<OrganizationLoader> = ctx.data_unchecked();
        let include = organization_include(&ctx.look_ahead());
        let organization = loader.load_one((self.ids().1, include)).await?;
        Ok(organization.map(Organization::from))
    }
    /// The status.
    async fn status(&self) -> DisclosureStatus {
        self.filed().map_or(DisclosureStatus::Draft, |filed| filed.record.status())
    }
    /// The version, which starts at 1 and increases with each filing of the organization; null for a draft.
    async fn version(&self) -> Option<i64> {
        self.filed().map(|filed| filed.record.version)
    }
    /// The draft's revision, incremented by each save; null once it is filed.
    async fn revision(&self) -> Option<i64> {
        self.draft().map(|draft| draft.revision)
    }
    /// The statement; of a draft, as entered.
    async fn statement(&self) -> Result<StoredStatement<'_>> {
        Ok(StoredStatement { id: self.ids().0, text: self.statement_text()? })
    }
    /// All gaps that prevent filing the draft now, each in words and with its path; empty once it is filed.
    /// For a signatory whose sign-in has no e-mail address, the last one is that address, which is then
    /// required when signing.
    async fn gaps(&self, ctx: &Context<'_>) -> Result<Vec<Gap>> {
        let (db, viewer) = request_context(ctx)?;
        let Some(draft) = self.draft() else { return Ok(Vec::new()) };
        let gaps = service::list_gaps(db, viewer, draft).await?;
        Ok(gaps.into_iter().map(Gap).collect())
    }
    /// The answers of the statement, in its order, and what each leads to: what is listed, what is stated
    /// not to exist, not known or withheld, and the documents and claims.
    async fn answers(&self, ctx: &Context<'_>) -> Result<Vec<Answer>> {
        charge_read_text(ctx.data_opt(), self.statement_text()?.len())?;
        service::list_answers(&self.0)
    }
    /// The kind of filing; null for a draft.
    async fn kind(&self) -> Option<FilingKind> {
        self.filed().map(|filed| filed.filing.kind)
    }
    /// The state of the review; null for a draft.
    async fn review(&self) -> Option<ReviewState> {
        self.filed().map(|filed| filed.record.review)
    }
    /// The version of the policy whose questions it answers; null for a draft.
    async fn policy_version(&self) -> Option<i64> {
        self.filed().map(|filed| filed.filing.policy_version)
    }
    /// The mark of the draft texts of that version; null once they are adopted.
    async fn policy_draft(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        policy_draft(ctx, self.filed().map(|filed| filed.filing.policy_version)).await
    }
    /// The SHA-256 of the statement as canonical JSON (RFC 8785), which was signed; null for a draft.
    async fn sha256(&self) -> Option<&str> {
        self.filed().map(|filed| filed.filing.sha256.as_str())
    }
    /// The statement as canonical JSON (RFC 8785), to verify `sha256`; null for a draft.
    async fn canonical(&self) -> Result<Option<&str>> {
        let Some(filed) = self.filed() else { return Ok(None) };
        Ok(Some(&**filed.filing.statement.get()?))
    }
    /// The attestation; null for a draft.
    async fn attestation(&self) -> Result<Option<Attestation>> {
        let Some(filed) = self.filed() else {
            return Ok(None);
        };
        Ok(Some(service::parse_attestation(&filed.filing)?))
    }
    /// The receipt, as plain text: what was received from which firm and when, in the City's time, with
    /// version, digest and policy; null for a draft.
    async fn receipt(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(filed) = self.filed() else { return Ok(None) };
        let loader: &DataLoader<DisclosureLoader> = ctx.data_unchecked();
        loader.load_one(ReceiptKey(filed.record.id)).await
    }
    /// When it was filed (UTC); null for a draft.
    async fn filed_at(&self) -> Option<DateTime<Utc>> {
        self.filed().map(|filed| filed.filing.filed_at)
    }
    /// When the draft was last saved (UTC); null once it is filed.
    async fn saved_at(&self) -> Option<DateTime<Utc>> {
        self.draft().map(|draft| draft.updated_at)
    }
    /// Reviewers' questions and the firm's answers, in the order of asking.
    async fn clarifications(&self, ctx: &Context<'_>) -> Result<Vec<Clarification>> {
        let clarifications = self.load_reviews(ctx).await?.clarifications;
        Ok(clarifications.into_iter().map(Clarification::from).collect())
    }
    /// The acceptances and rejections, earliest first, including reopened ones.
    async fn reviews(&self, ctx: &Context<'_>) -> Result<Vec<Review>> {
        Ok(self.load_reviews(ctx).await?.reviews.into_iter().map(Review::from).collect())
    }
    /// The firm's appeals against rejections, earliest first.
    async fn appeals(&self, ctx: &Context<'_>) -> Result<Vec<Appeal>> {
        Ok(self.load_reviews(ctx).await?.appeals.into_iter().map(Appeal::from).collect())
    }
    /// The token subject of the assigned reviewer; null unless you are staff.
    async fn reviewer(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let (_, viewer) = request_context(ctx)?;
        let filed = self.filed().filter(|_| viewer.is_staff());
        Ok(filed.and_then(|filed| filed.record.reviewer().map(Principal::subject)))
    }
    /// The name of the assigned reviewer, as the token gave it at the last sign-in; null if it gave
    /// none, and unless you are staff.
    async fn reviewer_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let (_, viewer) = request_context(ctx)?;
        let filed = self.filed().filter(|_| viewer.is_staff());
        person_name(ctx, filed.and_then(|filed| filed.record.reviewer())).await
    }
    /// Whether City staff entered it from a signed paper form.
    async fn paper(&self) -> Result<bool> {
        let Some(filed) = self.filed() else { return Ok(false) };
        Ok(service::parse_attestation(&filed.filing)?.form == AttestationForm::Paper)
    }
    /// The entry from a signed paper form; null if it was signed electronically.
    async fn paper_entry(&self) -> Result<Option<PaperEntry>> {
        let Some(filed) = self.filed() else { return Ok(None) };
        let is_paper = service::parse_attestation(&filed.filing)?.form == AttestationForm::Paper;
        Ok(is_paper.then_some(PaperEntry {
            entered_at: filed.filing.filed_at,
            entered_by: EnteredBy::CityStaff,
        }))
    }
    /// The filing that superseded it; null if there is none that you may see.
    async fn superseded_by(&self, ctx: &Context<'_>) -> Result<Option<Disclosure>> {
        let on_file = DisclosureStatus::Filed;
        let filed = self.filed().filter(|filed| filed.record.status() != on_file);
        let Some(filed) = filed else { return Ok(None) };
        let loader: &DataLoader<DisclosureLoader> = ctx.data_unchecked();
        let (organization, id) = (filed.record.organization_id, filed.record.id);
        let later = loader.load_one(NextFilingKey { organization, id }).await?;
        Ok(later.map(Disclosure::from))
    }
    /// The questions of the newest policy that it did not answer, and until when its answers still
    /// count; null if it answered all of them.
    async fn question_changes(&self, ctx: &Context<'_>) -> Result<Option<QuestionChanges>> {
        let Some(filed) = self.filed() else { return Ok(None) };
        let loader: &DataLoader<ReviewLoader> = ctx.data_unchecked();
        let changes = loader.load_one(AnsweredPolicyVersion(filed.filing.policy_version)).await?;
        Ok(changes.flatten().map(QuestionChanges::from))
    }
    /// When it was withdrawn (UTC).
    async fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.filed().and_then(|filed| filed.record.withdrawal().map(|withdrawal| withdrawal.at))
    }
    /// Why it was withdrawn.
    async fn withdrawal_reason(&self) -> Option<&str> {
        self.filed().and_then(|filed| {
            filed.record.withdrawal().map(|withdrawal| withdrawal.reason.as_str())
        })
    }
}
