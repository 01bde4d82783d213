//! The use cases of disclosures, one file each.
mod accept_many;
mod amendments;
mod appeal;
mod clarification;
mod comparison;
mod drafts;
mod filing;
mod history;
mod indexing;
mod list;
mod merging;
mod paper;
mod questions;
mod receipts;
mod review;
mod review_transaction;
mod vendor_status;
mod verification;
mod withdrawal;

pub use accept_many::{Acceptances, accept_many};
pub use amendments::{Amendment, load_amendments};
pub use appeal::{appeal_rejection, decide_appeal, validate_appeal_decision};
pub use clarification::{answer_clarification, request_clarification};
pub use comparison::compare_disclosures;
pub use drafts::{discard_draft, list_answers, list_gaps, list_unsigned_drafts, save_draft};
pub use filing::{file, reaffirm};
pub use history::{
    FilingFacts, FilingHistory, FilingsAsOf, find_filings_in_effect, load_histories,
};
pub use indexing::{fill_empty_search_index, insert_missing_index_rows, verify_index};
pub use list::{export_disclosures, list_disclosures, validate_disclosure_export};
pub use merging::{find_last_withdrawal, merge_filings};
pub use paper::enter_paper;
pub use questions::{QuestionChanges, Refiling, find_question_changes, find_refiling};
pub use receipts::load_receipts;
pub use review::{accept, assign_review, reject, reopen_review, take_review};
pub use vendor_status::{VendorStatus, find_vendor_status};
pub use verification::{recorded_tables, verify_digests};
pub use withdrawal::withdraw;

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::model::{
    Agreement, AppealId, Attestation, AttestationForm, ClarificationId, DisclosureId,
    RejectionAppeal, Statement,
};
use super::{rules, store};
use crate::budget::{MAX_READ_BYTES, TOO_LARGE_MESSAGE};
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::{Groups, OrganizationId, Viewer};
use crate::page::{CountedPage, Page, PageArguments};

pub use super::entity::clarification::Model as Clarification;
pub use super::entity::disclosure::Model as DisclosureRow;
pub use super::entity::draft::Model as Draft;
pub use super::entity::filing_export::Model as DisclosureExport;
pub use super::entity::review::Model as Review;
pub use super::rules::compare_statements;
pub use store::disclosed_agreements::{DisclosedAgreement, SummedAgreements, SummedBy};
pub use store::{FiledDisclosure, Filing, FilingTexts};

/// The most statements that are read at once. Each may have a mebibyte.
const STATEMENTS_A_PART: u64 = 200;

/// A disclosure: a draft or a filing.
#[derive(Clone, Debug)]
pub enum Disclosure {
    Draft(Draft),
    Filed(Box<FiledDisclosure>),
}

impl From<Draft> for Disclosure {
    fn from(draft: Draft) -> Self {
        Self::Draft(draft)
    }
}

impl From<FiledDisclosure> for Disclosure {
    fn from(filed: FiledDisclosure) -> Self {
        Self::Filed(Box::new(filed))
    }
}

/// Parses the stored statement of disclosure `id`.
///
/// # Errors
/// `Internal` if it is malformed; only this service writes it.
pub fn parse_statement(id: DisclosureId, statement: &str) -> Result<Statement> {
    serde_json::from_str(statement)
        .map_err(|error| Fault::Internal(format!("statement of {id}: {error}").into()))
}

/// Parses the statement of a filing.
///
/// # Errors
/// `Internal` if it was not loaded, or is malformed: only this service writes it.
pub fn parse_filed_statement(filing: &Filing) -> Result<Statement> {
    parse_statement(filing.id, filing.statement.get()?)
}

/// The disclosure with this id, if `viewer` may see it. A draft is visible to its organization only.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn find(db: &Database, viewer: &Viewer, id: DisclosureId) -> Result<Option<Disclosure>> {
    if let Some(filed) = store::find(&db.read, viewer, id).await? {
        return Ok(Some(filed.into()));
    }
    Ok(store::find_draft(&db.read, viewer, id).await?.map(Disclosure::from))
}

/// The drafts of those of these organizations that are the viewer's own, by organization.
#[tracing::instrument(skip_all, fields(organizations = organizations.len()))]
pub async fn load_drafts(
    db: &Database,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
) -> Result<HashMap<Uuid, Draft>> {
    let drafts = store::list_own_drafts(&db.read, viewer, organizations).await?;
    Ok(drafts.into_iter().map(|draft| (draft.organization_id.uuid(), draft)).collect())
}

/// What pages of filings are loaded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FilingsInclude {
    /// The number of all filings of each organization's group.
    pub counts: bool,
    pub texts: FilingTexts,
}

/// The requested page of the disclosures of each organization's group, in the order of the organizations,
/// with their number and their long texts if `include` says so.
///
/// # Errors
/// `Invalid` for a cursor of another list, `LimitExceeded` for more than 32 MiB of statements.
#[tracing::instrument(skip_all, fields(organizations = organizations.len()))]
pub async fn load_pages(
    db: &Database,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
    arguments: &PageArguments,
    include: FilingsInclude,
) -> Result<Vec<(Uuid, CountedPage<FiledDisclosure>)>> {
    let FilingsInclude { counts: with_counts, texts } = include;
    let pages = if texts.statements {
        load_pages_with_statements(db, viewer, &organizations, arguments, texts).await?
    } else {
        store::load_pages(&db.read, viewer, organizations.clone(), arguments, texts).await?
    };
    let counts = if with_counts {
        store::count_visible(&db.read, viewer, organizations).await?
    } else {
        HashMap::new()
    };
    let pages = pages.into_iter().map(|(organization, page)| {
        let count = counts.get(&organization).copied().unwrap_or_default();
        (organization, (page, with_counts.then_some(count.unsigned_abs())))
    });
    Ok(pages.collect())
}

/// As [`load_pages`], in parts of at most [`STATEMENTS_A_PART`] statements.
async fn load_pages_with_statements(
    db: &Database,
    viewer: &Viewer,
    organizations: &[Uuid],
    arguments: &PageArguments,
    texts: FilingTexts,
) -> Result<Vec<(Uuid, Page<FiledDisclosure>)>> {
    let pages_a_part = STATEMENTS_A_PART.checked_div(arguments.max_rows()).unwrap_or_default();
    let (mut pages, mut bytes) = (Vec::new(), ReadBytes::default());
    for part in organizations.chunks(usize::try_from(pages_a_part.max(1)).unwrap_or(usize::MAX)) {
        let loaded = store::load_pages(&db.read, viewer, part.to_vec(), arguments, texts).await?;
        let filed = loaded.iter().flat_map(|(_, page)| &page.rows);
        bytes.add(filed.map(|(_, filed)| filed))?;
        pages.extend(loaded);
    }
    Ok(pages)
}

/// The bytes of the statements that were loaded for one answer in parts.
#[derive(Debug, Default)]
struct ReadBytes(usize);

impl ReadBytes {
    /// Adds the statements of a part.
    ///
    /// # Errors
    /// `LimitExceeded` if all of them have more than [`MAX_READ_BYTES`].
    fn add<'a>(&mut self, filed: impl Iterator<Item = &'a FiledDisclosure>) -> Result<()> {
        for filed in filed {
            self.0 += filed.filing.statement.get()?.len();
        }
        if self.0 > MAX_READ_BYTES {
            return Err(Fault::LimitExceeded(TOO_LARGE_MESSAGE.into()));
        }
        Ok(())
    }
}

/// The disclosures of `ids` that `viewer` may see, by id.
#[tracing::instrument(skip_all)]
pub async fn load_visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, FiledDisclosure>> {
    let filed = store::list_visible_by_ids(db, viewer, ids).await?;
    Ok(filed.into_iter().map(|filed| (filed.record.id, filed)).collect())
}

/// The agreements of each group's disclosure on file, with the disclosure's id, by the survivor.
pub async fn load_agreements_on_file(
    db: &impl ConnectionTrait,
    groups: &Groups,
) -> Result<HashMap<OrganizationId, (DisclosureId, Vec<Agreement>)>> {
    let filed = store::list_on_file(db, groups.all_uuids()).await?;
    let agreements = filed.into_iter().map(|FiledDisclosure { record, filing }| {
        let statement = parse_filed_statement(&filing)?;
        let firm = groups.survivor_of(record.organization_id);
        Ok((firm, (record.id, statement.dhs.agreements)))
    });
    agreements.collect()
}

/// Parses the stored attestation of a filing.
///
/// # Errors
/// `Internal` if it was not loaded, or is malformed: only this service writes it.
pub fn parse_attestation(filing: &Filing) -> Result<Attestation> {
    serde_json::from_str(filing.attestation.get()?)
        .map_err(|error| Fault::Internal(format!("attestation of {}: {error}", filing.id).into()))
}

/// The clarifications, verdicts and appeals of one disclosure. Whoever may see the disclosure may see
/// them.
#[derive(Clone, Debug, Default)]
pub struct Reviews {
    pub clarifications: Vec<Clarification>,
    pub reviews: Vec<Review>,
    pub appeals: Vec<RejectionAppeal>,
}

/// The clarifications, verdicts and appeals of each disclosure, earliest first.
#[tracing::instrument(skip_all, fields(disclosures = disclosures.len()))]
pub async fn load_reviews(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Reviews>> {
    let mut clarifications = store::reviews::list_clarifications(db, disclosures.clone()).await?;
    let mut reviews = store::reviews::list_reviews(db, disclosures.clone()).await?;
    let mut appeals = store::reviews::list_appeals(db, disclosures.clone()).await?;
    let reviews = disclosures.into_iter().map(DisclosureId::from_uuid).map(|id| {
        let reviews = Reviews {
            clarifications: clarifications.remove(&id).unwrap_or_default(),
            reviews: reviews.remove(&id).unwrap_or_default(),
            appeals: appeals.remove(&id).unwrap_or_default(),
        };
        (id, reviews)
    });
    Ok(reviews.collect())
}

/// The questions of `ids` whose disclosures `viewer` may see, by id.
#[tracing::instrument(skip_all)]
pub async fn load_visible_clarifications(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<ClarificationId, Clarification>> {
    let rows = store::reviews::list_visible_clarifications(db, viewer, ids).await?;
    Ok(rows.into_iter().map(|record| (record.id, record)).collect())
}

/// The appeals of `ids` whose disclosures `viewer` may see, by id.
#[tracing::instrument(skip_all)]
pub async fn load_visible_appeals(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<AppealId, RejectionAppeal>> {
    let appeals = store::reviews::list_visible_appeals(db, viewer, ids).await?;
    Ok(appeals.into_iter().map(|appeal| (appeal.id, appeal)).collect())
}

/// The agreements of each disclosure, in the statement's order, from its screening rows.
#[tracing::instrument(skip_all)]
pub async fn load_disclosed_agreements(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Vec<DisclosedAgreement>>> {
    Ok(store::disclosed_agreements::load_disclosed_agreements(db, disclosures).await?)
}

/// The sums of the agreements of each disclosure, in any order, from their screening rows.
#[tracing::instrument(skip_all)]
pub async fn sum_disclosed_agreements(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
    by: SummedBy,
) -> Result<Vec<SummedAgreements>> {
    Ok(store::disclosed_agreements::sum_agreements(db, disclosures, by).await?)
}

/// The previous filing of the same firm before each filing that has one, by the id of the later one.
pub async fn find_previous_filings(
    db: &impl ConnectionTrait,
    filings: &[Filing],
) -> Result<HashMap<DisclosureId, Filing>> {
    let organizations = filings.iter().map(|filing| filing.organization_id.uuid()).collect();
    let histories = store::load_group_histories(db, organizations).await?;
    let pairs = filings.iter().filter_map(|filing| {
        let history = histories.get(&filing.organization_id)?;
        let place = history.iter().position(|id| *id == filing.id)?;
        Some((filing.id, *history.get(place.checked_sub(1)?)?))
    });
    let pairs: Vec<(DisclosureId, DisclosureId)> = pairs.collect();
    let ids = pairs.iter().map(|(_, previous)| previous.uuid()).collect();
    let previous = store::load_filings(db, ids).await?;
    let previous = pairs
        .into_iter()
        .filter_map(|(later, earlier)| Some((later, previous.get(&earlier)?.clone())));
    Ok(previous.collect())
}

/// The next filing of the same firm after each of `filings`, given with the organization that filed, if
/// the viewer may see it; by the id of the earlier one.
#[tracing::instrument(skip_all, fields(filings = filings.len()))]
pub async fn find_next_filings(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filings: &[(OrganizationId, DisclosureId)],
) -> Result<HashMap<DisclosureId, FiledDisclosure>> {
    let organizations = filings.iter().map(|(organization, _)| organization.uuid()).collect();
    let histories = store::load_group_histories(db, organizations).await?;
    let pairs = filings.iter().filter_map(|(organization, id)| {
        let history = histories.get(organization)?;
        let place = history.iter().position(|filed| filed == id)?;
        Some((*id, *history.get(place + 1)?))
    });
    let pairs: Vec<(DisclosureId, DisclosureId)> = pairs.collect();
    let ids = pairs.iter().map(|(_, next)| next.uuid()).collect();
    let next = load_visible_by_ids(db, viewer, ids).await?;
    let next =
        pairs.into_iter().filter_map(|(earlier, later)| Some((earlier, next.get(&later)?.clone())));
    Ok(next.collect())
}

/// The disclosure on file of each organization's group that was entered from a paper form and that the
/// viewer may see.
#[tracing::instrument(skip_all, fields(organizations = organizations.len()))]
pub async fn find_paper_on_file(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
) -> Result<HashMap<OrganizationId, FiledDisclosure>> {
    let groups = organization::service::load_groups(db, organizations).await?;
    let mut paper = HashMap::new();
    for filed in store::list_visible_on_file(db, viewer, groups.all_uuids()).await? {
        if parse_attestation(&filed.filing)?.form == AttestationForm::Paper {
            let group = groups.ids_of(filed.record.organization_id);
            paper.extend(group.into_iter().map(|id| (id, filed.clone())));
        }
    }
    Ok(paper)
}
