//! Merged organizations, and proposals to merge.
use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Lookahead, Object};
use chrono::{DateTime, Utc};

use super::{Organization, organization_include};
use crate::disclosure::graphql::OrganizationLoader;
use crate::fault::{Fault, Result};
use crate::organization::model::{MergeOutcome, MergeProposalId, OrganizationId};
use crate::organization::service::{self, OrganizationInclude, load_merged_from};

/// The key of the organizations that were merged into this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MergedFromKey {
    survivor: OrganizationId,
    include: OrganizationInclude,
}

#[async_graphql::async_trait::async_trait]
impl Loader<MergedFromKey> for OrganizationLoader {
    type Value = Vec<service::Organization>;
    type Error = Fault;

    async fn load(&self, keys: &[MergedFromKey]) -> Result<HashMap<MergedFromKey, Self::Value>> {
        let include = keys.iter().map(|key| key.include);
        let include = include.reduce(OrganizationInclude::merge).unwrap_or_default();
        let survivors = keys.iter().map(|key| key.survivor.uuid()).collect();
        let merged = load_merged_from(&self.db.read, &self.viewer, survivors, include).await?;
        let merged = keys.iter().filter_map(|key| Some((*key, merged.get(&key.survivor)?.clone())));
        Ok(merged.collect())
    }
}

/// The organization that another was merged into, if the viewer may see it.
pub async fn load_merged_into(
    ctx: &Context<'_>,
    survivor: Option<OrganizationId>,
) -> Result<Option<Organization>> {
    let Some(survivor) = survivor else { return Ok(None) };
    let loader: &DataLoader<OrganizationLoader> = ctx.data_unchecked();
    let include = organization_include(&ctx.look_ahead());
    Ok(loader.load_one((survivor, include)).await?.map(Organization::from))
}

/// The organizations that were merged into another and that the viewer may see.
pub async fn load_merged(ctx: &Context<'_>, survivor: OrganizationId) -> Result<Vec<Organization>> {
    let loader: &DataLoader<OrganizationLoader> = ctx.data_unchecked();
    let include = organization_include(&ctx.look_ahead());
    let merged = loader.load_one(MergedFromKey { survivor, include }).await?.unwrap_or_default();
    Ok(merged.into_iter().map(Organization::from).collect())
}

/// Two organizations that may be one firm.
#[derive(Clone, Debug)]
pub struct MergeProposal(service::MergeProposal);

impl From<service::MergeProposal> for MergeProposal {
    fn from(proposal: service::MergeProposal) -> Self {
        Self(proposal)
    }
}

/// A proposal to merge two organizations that may be one firm. A supervisor merges them with
/// `mergeOrganizations`, or keeps them apart with `dismissMerge`.
#[Object(crate = "crate::budget")]
impl MergeProposal {
    /// The proposal's identifier.
    async fn id(&self) -> MergeProposalId {
        self.0.row.id
    }
    /// One of the two organizations.
    async fn organization(&self) -> Option<Organization> {
        self.0.organization.clone().map(Organization::from)
    }
    /// The other one.
    async fn other(&self) -> Option<Organization> {
        self.0.other.clone().map(Organization::from)
    }
    /// Why they may be one firm.
    async fn grounds(&self) -> &str {
        &self.0.row.grounds
    }
    /// When it was proposed (UTC).
    async fn proposed_at(&self) -> DateTime<Utc> {
        self.0.row.proposed_at
    }
    /// The decision; null while it is open.
    async fn outcome(&self) -> Option<MergeOutcome> {
        self.0.row.outcome
    }
    /// When it was decided (UTC).
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.decided_at
    }
    /// Why it was decided so.
    async fn reason(&self) -> Option<&str> {
        self.0.row.reason.as_deref()
    }
}

/// Returns the children of a proposal's organizations that a selection requests.
#[must_use]
pub fn merge_proposal_include(selection: &Lookahead<'_>) -> OrganizationInclude {
    let organization = organization_include(&selection.field("organization"));
    organization.merge(organization_include(&selection.field("other")))
}
