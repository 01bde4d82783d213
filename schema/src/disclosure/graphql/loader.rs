//! Disclosures nested under organizations, and organizations under disclosures: one statement a
//! level.
use std::collections::HashMap;

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader};

use super::Disclosure;
use crate::database::Database;
use crate::disclosure::service::{self, Draft, Filed};
use crate::fault::{Fault, Result};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::organization::model::{OrganizationId, Viewer};
use crate::organization::service::{Include, Organization as Loaded, visible_by_ids};
use crate::page::{PageArguments, Page};

/// Reads the organizations of several disclosures. Made anew for each request: it holds the viewer.
#[derive(Clone, Debug)]
pub struct Organizations {
    pub db: Database,
    pub viewer: Viewer,
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
        let found = visible_by_ids(&self.db.read, &self.viewer, ids, include).await?;
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

/// A filing, for the one that came after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FilingBefore {
    pub organization: OrganizationId,
    pub version: i64,
}

impl Loader<FilingBefore> for DisclosuresOfOrganizations {
    type Value = Filed;
    type Error = Fault;

    async fn load(&self, keys: &[FilingBefore]) -> Result<HashMap<FilingBefore, Filed>> {
        let filings: Vec<_> = keys.iter().map(|key| (key.organization, key.version)).collect();
        let found = service::filings_after(&self.db.read, &self.viewer, &filings).await?;
        let found = found.into_iter().map(|((organization, version), filed)| {
            (FilingBefore { organization, version }, filed)
        });
        Ok(found.collect())
    }
}

/// An organization, for the paper form that it has on file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaperOf(OrganizationId);

impl Loader<PaperOf> for DisclosuresOfOrganizations {
    type Value = Filed;
    type Error = Fault;

    async fn load(&self, keys: &[PaperOf]) -> Result<HashMap<PaperOf, Filed>> {
        let ids = keys.iter().map(|key| key.0.uuid()).collect();
        let found = service::paper_on_file(&self.db.read, &self.viewer, ids).await?;
        Ok(found.into_iter().map(|(organization, filed)| (PaperOf(organization), filed)).collect())
    }
}

/// The paper form that the City entered for an organization and that is on file now: for the
/// organization's own type.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn paper_on_file(
    ctx: &Context<'_>,
    organization: OrganizationId,
) -> Result<Option<Disclosure>> {
    let loader: &DataLoader<DisclosuresOfOrganizations> = ctx.data_unchecked();
    Ok(loader.load_one(PaperOf(organization)).await?.map(Disclosure::from))
}

/// One organization's page of the filings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilingsAsked {
    organization: OrganizationId,
    arguments: PageArguments,
    counted: bool,
}

impl Loader<FilingsAsked> for DisclosuresOfOrganizations {
    type Value = (Page<Filed>, Option<u64>);
    type Error = Fault;

    async fn load(&self, keys: &[FilingsAsked]) -> Result<HashMap<FilingsAsked, Self::Value>> {
        let mut lists = HashMap::<(&PageArguments, bool), Vec<uuid::Uuid>>::new();
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
    arguments: PageArguments,
) -> Result<Connection<Disclosure>> {
    let loader: &DataLoader<DisclosuresOfOrganizations> = ctx.data_unchecked();
    let asked = FilingsAsked { organization, arguments, counted: requests_total_count(ctx) };
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
