//! How clients see disclosures.
mod review_operations;
mod reviews;

pub use review_operations::ReviewMutation;
pub use reviews::{Appeal, Clarification, Review, ReviewsOfDisclosures};

use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use self::reviews::{Answered, QuestionsNews};
use super::model::{
    Attestation, AttestationForm, AttestationInput, Difference, DisclosureDraftInput, DisclosureId,
    DisclosureStatus, FilingInput, FilingKind, Statement,
};
use super::service::{self, Draft, Filed, Reviews};
use crate::database::Database;
use crate::fault::{Fault, Result, UserError};
use crate::gate::ReviewState;
use crate::graphql::connection::{Connection, connection, counted};
use crate::organization::graphql::{Organization, asker, organization_include, told};
use crate::organization::model::{OrganizationId, Viewer};
use crate::organization::service::{Include, Organization as Loaded, by_ids};
use crate::page::{Arguments, Sheet};

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
#[Object]
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
        let (db, viewer) = asker(ctx)?;
        match self.draft() {
            Some(draft) => service::gaps(db, draft, viewer.now).await,
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
        let (_, viewer) = asker(ctx)?;
        let filed = self.filed().filter(|_| viewer.is_staff());
        Ok(filed.and_then(|filed| filed.row.reviewer.as_deref()))
    }
    /// It was entered by staff from a signed paper form.
    async fn paper(&self) -> Result<bool> {
        let Some(filed) = self.filed() else { return Ok(false) };
        Ok(service::attestation(&filed.filing)?.form == AttestationForm::Paper)
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

/// Reads the organizations of several disclosures. Made anew for each request.
#[derive(Clone, Debug)]
pub struct Organizations {
    pub db: Database,
}

impl Loader<(OrganizationId, Include)> for Organizations {
    type Value = Loaded;
    type Error = Fault;

    async fn load(
        &self,
        keys: &[(OrganizationId, Include)],
    ) -> Result<HashMap<(OrganizationId, Include), Loaded>> {
        let include = keys.iter().map(|(_, include)| *include);
        let include = include.reduce(Include::both).unwrap_or_default();
        let ids = keys.iter().map(|(id, _)| id.uuid()).collect();
        let found = by_ids(&self.db.read, ids, include).await?;
        let found = keys.iter().filter_map(|key| Some((*key, found.get(&key.0)?.clone())));
        Ok(found.collect())
    }
}

/// Reads the drafts and the filings of several organizations. Made anew for each request: it holds
/// the viewer.
#[derive(Clone, Debug)]
pub struct DisclosuresOfOrganizations {
    pub db: Database,
    pub viewer: Viewer,
}

impl Loader<OrganizationId> for DisclosuresOfOrganizations {
    type Value = Draft;
    type Error = Fault;

    async fn load(&self, ids: &[OrganizationId]) -> Result<HashMap<OrganizationId, Draft>> {
        let ids = ids.iter().map(|id| id.uuid()).collect();
        let drafts = service::drafts(&self.db, &self.viewer, ids).await?;
        Ok(drafts.into_values().map(|draft| (draft.organization_id, draft)).collect())
    }
}

/// One organization's page of the filings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilingsAsked {
    organization: OrganizationId,
    arguments: Arguments,
    counted: bool,
}

impl Loader<FilingsAsked> for DisclosuresOfOrganizations {
    type Value = (Sheet<Filed>, Option<u64>);
    type Error = Fault;

    async fn load(&self, keys: &[FilingsAsked]) -> Result<HashMap<FilingsAsked, Self::Value>> {
        let mut lists = HashMap::<(&Arguments, bool), Vec<uuid::Uuid>>::new();
        for key in keys {
            let list = lists.entry((&key.arguments, key.counted)).or_default();
            list.push(key.organization.uuid());
        }
        let mut found = HashMap::new();
        for ((arguments, counted), organizations) in lists {
            let pages =
                service::pages(&self.db, &self.viewer, organizations, arguments, counted).await?;
            for (organization, page) in pages {
                let organization = OrganizationId::from_uuid(organization);
                let arguments = arguments.clone();
                found.insert(FilingsAsked { organization, arguments, counted }, page);
            }
        }
        Ok(found)
    }
}

/// The filings of one organization, the newest version first: for the organization's own type.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn filings(
    ctx: &Context<'_>,
    organization: OrganizationId,
    arguments: Arguments,
) -> Result<Connection<Disclosure>> {
    let loader: &DataLoader<DisclosuresOfOrganizations> = ctx.data_unchecked();
    let asked = FilingsAsked { organization, arguments, counted: counted(ctx) };
    let (sheet, total) = loader.load_one(asked).await?.ok_or(Fault::NotFound)?;
    Ok(connection(sheet, total))
}

/// The draft of one organization, to its members alone: for the organization's own type.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn draft(ctx: &Context<'_>, organization: OrganizationId) -> Result<Option<Disclosure>> {
    let loader: &DataLoader<DisclosuresOfOrganizations> = ctx.data_unchecked();
    Ok(loader.load_one(organization).await?.map(Disclosure::from))
}

/// Queries of disclosures.
#[derive(Debug, Default)]
pub struct DisclosureQuery;

#[Object]
impl DisclosureQuery {
    /// One disclosure; null if there is none or it is not yours to see. Drafts are their
    /// organization's alone.
    async fn disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
    ) -> Result<Option<Disclosure>> {
        let (db, viewer) = asker(ctx)?;
        Ok(service::find(db, viewer, id).await?.map(Disclosure))
    }

    /// How two disclosures of one organization differ, field by field; null if there is no such
    /// disclosure or one of them is not yours to see. An organization may compare its draft.
    async fn compare_disclosures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The earlier one's identifier.")] a: DisclosureId,
        #[graphql(desc = "The later one's identifier.")] b: DisclosureId,
    ) -> Result<Option<Difference>> {
        let (db, viewer) = asker(ctx)?;
        service::difference(db, viewer, a, b).await
    }
}

/// The disclosure, or what to mend.
#[derive(SimpleObject)]
pub struct DisclosurePayload {
    /// As it is now; null if anything is to mend.
    disclosure: Option<Disclosure>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

fn payload<T: Into<service::Disclosure>>(result: Result<T>) -> Result<DisclosurePayload> {
    let (disclosure, user_errors) = told(result)?;
    Ok(DisclosurePayload { disclosure, user_errors })
}

/// The draft that was discarded.
#[derive(SimpleObject)]
pub struct DiscardedDraftPayload {
    /// Its identifier; null if anything is to mend.
    discarded_id: Option<DisclosureId>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

/// Mutations of disclosures.
#[derive(Debug, Default)]
pub struct DisclosureMutation;

#[Object]
impl DisclosureMutation {
    /// Keeps a draft as typed, however incomplete. For members of the organization.
    async fn save_disclosure_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole draft, and the revision that was read.")]
        input: DisclosureDraftInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = asker(ctx)?;
        payload(service::save_draft(db, viewer, input).await)
    }

    /// Throws a draft away. For members of the organization.
    async fn discard_disclosure_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft's identifier.")] id: DisclosureId,
        #[graphql(desc = "The revision that was read.")] revision: i64,
    ) -> Result<DiscardedDraftPayload> {
        let (db, viewer) = asker(ctx)?;
        let draft = service::discard_draft(db, viewer, id, revision).await?;
        Ok(DiscardedDraftPayload { discarded_id: Some(draft.id), user_errors: Vec::new() })
    }

    /// Files a draft as it was read; it is frozen from then on. For signatories.
    async fn file_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft, its revision and the signature.")] input: FilingInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = asker(ctx)?;
        payload(service::file(db, viewer, &input).await)
    }

    /// Files a certificate of no change: the last filing's statement, newly attested. For
    /// signatories.
    async fn reaffirm_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization that discloses.")] organization_id: OrganizationId,
        #[graphql(desc = "The signature.")] attestation: AttestationInput,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = asker(ctx)?;
        payload(service::reaffirm(db, viewer, organization_id, &attestation).await)
    }

    /// Withdraws the disclosure that counts, unless a live bid of the organization's own rests on
    /// it. The filing stays on the record. For signatories.
    async fn withdraw_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The disclosure's identifier.")] id: DisclosureId,
        #[graphql(desc = "Why.")] reason: String,
    ) -> Result<DisclosurePayload> {
        let (db, viewer) = asker(ctx)?;
        payload(service::withdraw(db, viewer, id, &reason).await)
    }
}
