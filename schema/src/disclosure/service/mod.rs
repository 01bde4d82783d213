//! The use cases of disclosures.
mod comparison;
mod drafting;
mod filing;
mod verification;
mod withdrawal;

pub use comparison::difference;
pub use drafting::{discard_draft, gaps, save_draft};
pub use filing::{file, reaffirm};
pub use verification::{borne_out, verify};
pub use withdrawal::withdraw;

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::model::{DisclosureId, Statement};
use super::{rules, store};
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::gate::facts::{DisclosureFacts, Standing};
use crate::organization::model::{OrganizationId, Viewer};
use crate::page::{Arguments, Sheet};
use crate::policy;

pub use super::entity::draft::Model as Draft;
pub use super::rules::compare;
pub use store::Filed;

/// A disclosure in either of its forms.
#[derive(Clone, Debug)]
pub enum Disclosure {
    Draft(Draft),
    Filed(Box<Filed>),
}

impl From<Draft> for Disclosure {
    fn from(draft: Draft) -> Self {
        Self::Draft(draft)
    }
}

impl From<Filed> for Disclosure {
    fn from(filed: Filed) -> Self {
        Self::Filed(Box::new(filed))
    }
}

/// What a stored statement says.
///
/// # Errors
/// `Internal` if it is none: only this service writes it.
pub fn read(id: DisclosureId, statement: &str) -> Result<Statement> {
    serde_json::from_str(statement)
        .map_err(|error| Fault::Internal(format!("statement of {id}: {error}").into()))
}

/// The disclosure, if `viewer` may see it; a draft, if it is the viewer's organization's.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find(db: &Database, viewer: &Viewer, id: DisclosureId) -> Result<Option<Disclosure>> {
    if let Some(filed) = store::find(&db.read, viewer, id).await? {
        return Ok(Some(filed.into()));
    }
    Ok(store::find_draft(&db.read, viewer, id).await?.map(Disclosure::from))
}

/// The drafts of those organizations that are the viewer's own.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn drafts(
    db: &Database,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
) -> Result<HashMap<Uuid, Draft>> {
    let drafts = store::drafts(&db.read, viewer, organizations).await?;
    Ok(drafts.into_iter().map(|draft| (draft.organization_id.uuid(), draft)).collect())
}

/// The same page of each organization's disclosures, and how many each has if it is asked for.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn pages(
    db: &Database,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
    arguments: &Arguments,
    counted: bool,
) -> Result<HashMap<Uuid, (Sheet<Filed>, Option<u64>)>> {
    let sheets = store::pages(&db.read, viewer, organizations.clone(), arguments).await?;
    let counts = if counted {
        store::counts(&db.read, viewer, organizations).await?
    } else {
        HashMap::new()
    };
    let sheets = sheets.into_iter().map(|(organization, sheet)| {
        let count = counts.get(&organization).copied().unwrap_or_default();
        (organization, (sheet, counted.then_some(count.unsigned_abs())))
    });
    Ok(sheets.collect())
}

/// Disclosures by id, for what refers to them: who may see what refers to them may see them.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Filed>> {
    let filed = store::by_ids(db, ids).await?;
    Ok(filed.into_iter().map(|filed| (filed.row.id, filed)).collect())
}

/// What the gate needs to know of the disclosures that count, of some organizations. Those that
/// have none are not in it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn standing(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
) -> Result<HashMap<OrganizationId, (DisclosureId, DisclosureFacts)>> {
    let filed = store::standing(db, organizations).await?;
    let versions = filed.iter().map(|filed| filed.filing.policy_version).collect();
    let policies = policy::service::of_versions(db, versions).await?;
    let facts = filed.into_iter().map(|filed| {
        let Filed { row, filing } = filed;
        let missing = || Fault::Internal(format!("no policy {}", filing.policy_version).into());
        let policy = policies.get(&filing.policy_version).ok_or_else(missing)?;
        let disclosed = rules::disclosed(&read(row.id, &filing.statement)?);
        let standing = Standing {
            id: row.id.to_string(),
            version: u32::try_from(row.version).unwrap_or(u32::MAX),
            sha256: filing.sha256,
            filed_at: filing.filed_at,
            policy_version: policy.version(),
            answered: policy.questions(),
            review: row.review,
        };
        let facts = DisclosureFacts {
            standing,
            withheld: disclosed.withheld,
            agreements: disclosed.agreements,
            arrangements: disclosed.arrangements,
        };
        Ok((row.organization_id, (row.id, facts)))
    });
    facts.collect()
}
