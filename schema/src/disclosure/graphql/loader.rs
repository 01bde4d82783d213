//! Data loaders for disclosures of organizations and organizations of disclosures: one query per
//! level of nesting.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, InputType, Lookahead, SelectionField};

use super::Disclosure;
use super::disclosure::{ATTESTATION_FIELDS, STATEMENT_FIELDS};
use crate::database::Database;
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::{self, Draft, FiledDisclosure, FilingTexts, FilingsInclude};
use crate::fault::{Fault, Result};
use crate::graphql::connection::{Connection, connection};
use crate::graphql::context::request_context;
use crate::organization::model::{OrganizationId, Viewer};
use crate::organization::service::{
    Organization as Loaded, OrganizationInclude, load_visible_organizations,
};
use crate::page::{CountedPage, PageArguments};

/// Loads the organizations of disclosures for one request's viewer.
#[derive(Clone, Debug)]
pub struct OrganizationLoader {
    pub db: Arc<Database>,
    pub viewer: Arc<Viewer>,
}

#[async_graphql::async_trait::async_trait]
impl Loader<(OrganizationId, OrganizationInclude)> for OrganizationLoader {
    type Value = Loaded;
    type Error = Fault;

    async fn load(
        &self,
        keys: &[(OrganizationId, OrganizationInclude)],
    ) -> Result<HashMap<(OrganizationId, OrganizationInclude), Loaded>> {
        let include = keys.iter().map(|(_, include)| *include);
        let include = include.reduce(OrganizationInclude::merge).unwrap_or_default();
        let ids = keys.iter().map(|(id, _)| id.uuid()).collect();
        let loaded = load_visible_organizations(&self.db.read, &self.viewer, ids, include).await?;
        let loaded = keys.iter().filter_map(|key| Some((*key, loaded.get(&key.0)?.clone())));
        Ok(loaded.collect())
    }
}

/// Loads drafts and filings for one request's viewer.
#[derive(Clone, Debug)]
pub struct DisclosureLoader {
    pub db: Arc<Database>,
    pub viewer: Arc<Viewer>,
}

#[async_graphql::async_trait::async_trait]
impl Loader<OrganizationId> for DisclosureLoader {
    type Value = Draft;
    type Error = Fault;

    async fn load(&self, ids: &[OrganizationId]) -> Result<HashMap<OrganizationId, Draft>> {
        let ids = ids.iter().map(|id| id.uuid()).collect();
        let drafts = service::load_drafts(&self.db, &self.viewer, ids).await?;
        Ok(drafts.into_values().map(|draft| (draft.organization_id, draft)).collect())
    }
}

/// The key of the next filing after this one, which this organization filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NextFilingKey {
    pub organization: OrganizationId,
    pub id: DisclosureId,
}

#[async_graphql::async_trait::async_trait]
impl Loader<NextFilingKey> for DisclosureLoader {
    type Value = FiledDisclosure;
    type Error = Fault;

    async fn load(
        &self,
        keys: &[NextFilingKey],
    ) -> Result<HashMap<NextFilingKey, FiledDisclosure>> {
        let filings: Vec<_> = keys.iter().map(|key| (key.organization, key.id)).collect();
        let loaded = service::find_next_filings(&self.db.read, &self.viewer, &filings).await?;
        let loaded = keys.iter().filter_map(|key| Some((*key, loaded.get(&key.id)?.clone())));
        Ok(loaded.collect())
    }
}

/// The key of a filing's receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReceiptKey(pub DisclosureId);

#[async_graphql::async_trait::async_trait]
impl Loader<ReceiptKey> for DisclosureLoader {
    type Value = String;
    type Error = Fault;

    async fn load(&self, keys: &[ReceiptKey]) -> Result<HashMap<ReceiptKey, String>> {
        let ids = keys.iter().map(|key| key.0).collect();
        let receipts = service::load_receipts(&self.db, &self.viewer, ids).await?;
        Ok(receipts.into_iter().map(|(id, receipt)| (ReceiptKey(id), receipt)).collect())
    }
}

/// The key of an organization's paper form on file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaperOnFileKey(OrganizationId);

#[async_graphql::async_trait::async_trait]
impl Loader<PaperOnFileKey> for DisclosureLoader {
    type Value = FiledDisclosure;
    type Error = Fault;

    async fn load(
        &self,
        keys: &[PaperOnFileKey],
    ) -> Result<HashMap<PaperOnFileKey, FiledDisclosure>> {
        let ids = keys.iter().map(|key| key.0.uuid()).collect();
        let loaded = service::find_paper_on_file(&self.db.read, &self.viewer, ids).await?;
        Ok(loaded
            .into_iter()
            .map(|(organization, filed)| (PaperOnFileKey(organization), filed))
            .collect())
    }
}

/// The key of an organization whose draft lacks nothing but a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct UnsignedDraftKey(OrganizationId);

#[async_graphql::async_trait::async_trait]
impl Loader<UnsignedDraftKey> for DisclosureLoader {
    type Value = ();
    type Error = Fault;

    async fn load(&self, keys: &[UnsignedDraftKey]) -> Result<HashMap<UnsignedDraftKey, ()>> {
        let ids = keys.iter().map(|key| key.0.uuid()).collect();
        let complete = service::list_unsigned_drafts(&self.db, &self.viewer, ids).await?;
        Ok(complete.into_iter().map(|organization| (UnsignedDraftKey(organization), ())).collect())
    }
}

/// Whether the organization has a draft that lacks nothing but a signature. False to anybody but its
/// members.
pub async fn has_unsigned_draft(ctx: &Context<'_>, organization: OrganizationId) -> Result<bool> {
    let loader: &DataLoader<DisclosureLoader> = ctx.data_unchecked();
    Ok(loader.load_one(UnsignedDraftKey(organization)).await?.is_some())
}

/// The organization's disclosure on file, if City staff entered it from a paper form.
pub async fn load_paper_on_file(
    ctx: &Context<'_>,
    organization: OrganizationId,
) -> Result<Option<Disclosure>> {
    let loader: &DataLoader<DisclosureLoader> = ctx.data_unchecked();
    Ok(loader.load_one(PaperOnFileKey(organization)).await?.map(Disclosure::from))
}

/// The key of a page of one organization's filings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilingsPageKey {
    organization: OrganizationId,
    arguments: PageArguments,
    include: FilingsInclude,
}

/// What the selection of a connection of filings asks for.
fn filings_include(ahead: &Lookahead<'_>) -> FilingsInclude {
    let asks_for = |name| {
        let nodes = [ahead.field("nodes"), ahead.field("edges").field("node")];
        nodes.iter().any(|node| node.field(name).exists())
    };
    FilingsInclude {
        counts: ahead.field("totalCount").exists(),
        texts: FilingTexts {
            statements: STATEMENT_FIELDS.into_iter().any(asks_for),
            attestations: ATTESTATION_FIELDS.into_iter().any(asks_for),
        },
    }
}

#[async_graphql::async_trait::async_trait]
impl Loader<FilingsPageKey> for DisclosureLoader {
    type Value = CountedPage<FiledDisclosure>;
    type Error = Fault;

    async fn load(&self, keys: &[FilingsPageKey]) -> Result<HashMap<FilingsPageKey, Self::Value>> {
        let mut lists = HashMap::<(&PageArguments, FilingsInclude), Vec<uuid::Uuid>>::new();
        for key in keys {
            let list = lists.entry((&key.arguments, key.include)).or_default();
            list.push(key.organization.uuid());
        }
        let mut loaded = HashMap::new();
        for ((arguments, include), organizations) in lists {
            let pages =
                service::load_pages(&self.db, &self.viewer, organizations, arguments, include)
                    .await?;
            for (organization, page) in pages {
                let organization = OrganizationId::from_uuid(organization);
                let arguments = arguments.clone();
                loaded.insert(FilingsPageKey { organization, arguments, include }, page);
            }
        }
        Ok(loaded)
    }
}

/// Pages of filings that were loaded together with the list of their organizations, for the fields that
/// ask for them. Each is taken once, so that a later field of the request reads the database again.
#[derive(Debug, Default)]
pub struct PreloadedFilings(Mutex<HashMap<FilingsPageKey, CountedPage<FiledDisclosure>>>);

impl PreloadedFilings {
    fn pages(&self) -> MutexGuard<'_, HashMap<FilingsPageKey, CountedPage<FiledDisclosure>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Loads the filings that the selection of a list's organizations asks for. It saves each of them the wait
/// for the loader, which collects the keys of a millisecond. What cannot be loaded here is left to the
/// field, which says why.
///
/// `ahead` is the selection of one organization.
pub async fn preload_filings(
    ctx: &Context<'_>,
    ahead: &Lookahead<'_>,
    organizations: impl Iterator<Item = OrganizationId>,
) {
    let (Some(preloaded), Ok((db, viewer))) =
        (ctx.data_opt::<PreloadedFilings>(), request_context(ctx))
    else {
        return;
    };
    // Several selections of the field have arguments of their own, and aliases.
    let fields = ahead.field("disclosures").selection_fields();
    let [field] = &fields[..] else { return };
    let Some(arguments) = page_arguments(field) else { return };
    let include = filings_include(&Lookahead::from(*field));
    let ids: Vec<_> = organizations.map(OrganizationId::uuid).collect();
    if ids.is_empty() {
        return;
    }
    let Ok(pages) = service::load_pages(db, viewer, ids, &arguments, include).await else {
        return;
    };
    let key = |organization| {
        let organization = OrganizationId::from_uuid(organization);
        FilingsPageKey { organization, arguments: arguments.clone(), include }
    };
    preloaded.pages().extend(pages.into_iter().map(|(id, page)| (key(id), page)));
}

/// The page arguments of a field; none if one is not valid.
fn page_arguments(field: &SelectionField<'_>) -> Option<PageArguments> {
    let mut arguments = PageArguments::default();
    for (name, value) in field.arguments().ok()? {
        match name.as_str() {
            "first" => arguments.first = InputType::parse(Some(value)).ok()?,
            "after" => arguments.after = InputType::parse(Some(value)).ok()?,
            "last" => arguments.last = InputType::parse(Some(value)).ok()?,
            "before" => arguments.before = InputType::parse(Some(value)).ok()?,
            _ => return None,
        }
    }
    Some(arguments)
}

/// A page of the filings of the organization's group, newest first.
///
/// # Errors
/// `Invalid` for a cursor of another list.
pub async fn load_filings(
    ctx: &Context<'_>,
    organization: OrganizationId,
    arguments: PageArguments,
) -> Result<Connection<Disclosure>> {
    let loader: &DataLoader<DisclosureLoader> = ctx.data_unchecked();
    let include = filings_include(&ctx.look_ahead());
    let key = FilingsPageKey { organization, arguments, include };
    let preloaded = ctx.data_opt::<PreloadedFilings>();
    if let Some((page, total)) = preloaded.and_then(|it| it.pages().remove(&key)) {
        return Ok(connection(page, total));
    }
    let (page, total) = loader.load_one(key).await?.ok_or(Fault::NotFound)?;
    Ok(connection(page, total))
}

/// The organization's draft, for its members only.
pub async fn load_draft(
    ctx: &Context<'_>,
    organization: OrganizationId,
) -> Result<Option<Disclosure>> {
    let loader: &DataLoader<DisclosureLoader> = ctx.data_unchecked();
    Ok(loader.load_one(organization).await?.map(Disclosure::from))
}
