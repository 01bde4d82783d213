//! Pages of open data, for City staff and keys for exports.
mod bods;
mod ocds;

use serde_json::Value;
use uuid::Uuid;

use super::store;
use crate::bidding::model::SolicitationId;
use crate::contracting::model::ContractId;
use crate::database::Database;
use crate::disclosure::model::DisclosureId;
use crate::fault::{Fault, FieldPath, Result};
use crate::organization::model::{OrganizationId, Viewer};
use crate::page::{MAX_PAGE_SIZE, cut_batch};
use crate::policy;
use crate::user_message::UserMessage;

/// The number of items of a page if the client does not say.
const DEFAULT_ITEMS: u64 = 20;

/// A page of releases, records or filings.
#[derive(Clone, Debug)]
pub struct OpenDataPage {
    /// The releases, the records, or the statements.
    pub items: Vec<Value>,
    /// What to send as `after` for the next page; none at the end.
    pub next: Option<String>,
}

/// Which page of open data is requested.
#[derive(Clone, Debug, Default)]
pub struct OpenDataRequest {
    /// The id after which it begins, as the page before gave it.
    pub after: Option<String>,
    /// The number of processes or filings, at most 100.
    pub limit: Option<u64>,
}

impl OpenDataRequest {
    fn size(&self) -> Result<u64> {
        let size = self.limit.unwrap_or(DEFAULT_ITEMS);
        if (1..=MAX_PAGE_SIZE).contains(&size) {
            return Ok(size);
        }
        let message = UserMessage::PageSizeInvalid { max: MAX_PAGE_SIZE };
        Err(Fault::invalid(&FieldPath::argument("limit"), message))
    }
}

/// Parses the id of a process: of a solicitation or a contract.
fn parse_process(text: &str) -> Result<Uuid> {
    if let Ok(contract) = text.parse::<ContractId>() {
        return Ok(contract.uuid());
    }
    text.parse::<SolicitationId>()
        .map(SolicitationId::uuid)
        .map_err(|error| Fault::invalid(&FieldPath::argument("after"), error.message()))
}

/// The releases of a page, each with its OCID.
async fn load_releases(
    db: &Database,
    viewer: &Viewer,
    request: &OpenDataRequest,
) -> Result<(Vec<ocds::Release>, Option<String>)> {
    let viewer = viewer.reading_exports()?;
    let size = request.size()?;
    let after = request.after.as_deref().map(parse_process).transpose()?;
    let processes = store::list_processes(&db.read, after, size + 1).await?;
    let (processes, has_more) = cut_batch(processes, size);
    let rows = store::load_processes(&db.read, &processes, viewer.now).await?;
    let today = policy::service::load_timeline(&db.read).await?.local_date(viewer.now);
    let at = ocds::WrittenAt { now: viewer.now, today };
    let releases = ocds::write_releases(&processes, &rows, at)?;
    let next = releases.last().filter(|_| has_more).map(|last| last.process.clone());
    Ok((releases, next))
}

/// Returns a page of OCDS releases: one of each contracting process, as it is now.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports, `Invalid` for a malformed `after` or
/// a `limit` out of range.
#[tracing::instrument(skip_all)]
pub async fn list_releases(
    db: &Database,
    viewer: &Viewer,
    request: &OpenDataRequest,
) -> Result<OpenDataPage> {
    let (releases, next) = load_releases(db, viewer, request).await?;
    Ok(OpenDataPage { items: releases.into_iter().map(|it| it.json).collect(), next })
}

/// Returns a page of OCDS records: each process with its release, embedded, and compiled.
///
/// # Errors
/// As [`list_releases`].
#[tracing::instrument(skip_all)]
pub async fn list_records(
    db: &Database,
    viewer: &Viewer,
    request: &OpenDataRequest,
) -> Result<OpenDataPage> {
    let (releases, next) = load_releases(db, viewer, request).await?;
    Ok(OpenDataPage { items: releases.into_iter().map(ocds::write_record).collect(), next })
}

/// Returns a page of BODS statements: of each firm with a disclosure on file, its entity, its owners and
/// their relationships, declared by that filing.
///
/// # Errors
/// As [`list_releases`].
#[tracing::instrument(skip_all)]
pub async fn list_statements(
    db: &Database,
    viewer: &Viewer,
    request: &OpenDataRequest,
) -> Result<OpenDataPage> {
    viewer.reading_exports()?;
    let size = request.size()?;
    let after = request.after.as_deref().map(str::parse::<DisclosureId>).transpose();
    let after =
        after.map_err(|error| Fault::invalid(&FieldPath::argument("after"), error.message()))?;
    let (filings, has_more) =
        cut_batch(store::list_on_file(&db.read, after, size + 1).await?, size);
    let ids = filings.iter().map(|filing| OrganizationId::uuid(filing.organization_id)).collect();
    let parties = store::load_parties(&db.read, ids).await?;
    let statements = filings.iter().filter_map(|filing| {
        let party = parties.get(&filing.organization_id)?;
        Some(bods::write_statements(filing, party))
    });
    let items = statements.flatten().collect();
    let next = filings.last().filter(|_| has_more).map(|last| last.disclosure_id.to_string());
    Ok(OpenDataPage { items, next })
}
