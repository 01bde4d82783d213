//! Organizations that bid.
use async_graphql::{Context, Lookahead, Object};
use chrono::{DateTime, Utc};

use super::Member;
use super::merging::{load_merged, load_merged_into};
use crate::disclosure::graphql::{Disclosure, load_draft, load_filings, load_paper_on_file};
use crate::fault::Result;
use crate::graphql::connection::Connection;
use crate::organization::model::{
    Address, FormerName, OrganizationId, OrganizationIdentifier, OrganizationKind, Owner, Party,
};
use crate::organization::service::{self, OrganizationInclude};
use crate::page::PageArguments;

/// An organization that bids.
#[derive(Clone, Debug)]
pub struct Organization(service::Organization);

impl From<service::Organization> for Organization {
    fn from(organization: service::Organization) -> Self {
        Self(organization)
    }
}

/// An organization that bids: a firm, a nonprofit, a government, a joint venture.
#[Object(crate = "crate::budget")]
impl Organization {
    /// The organization's identifier.
    pub async fn id(&self) -> OrganizationId {
        self.0.row.id
    }
    /// The legal form.
    async fn kind(&self) -> OrganizationKind {
        self.0.row.kind
    }
    /// The name in the articles of incorporation, or a sole proprietor's own name.
    async fn legal_name(&self) -> &str {
        &self.0.row.legal_name
    }
    /// Other names that it does business under.
    async fn doing_business_as(&self) -> &[String] {
        &self.0.row.doing_business_as.0
    }
    /// The legal names that it had, earliest first; awards and lists may still use them.
    async fn former_names(&self) -> &[FormerName] {
        &self.0.row.former_names.0
    }
    /// The number of the last update, which the next update sends.
    async fn revision(&self) -> i64 {
        self.0.row.revision
    }
    /// The identifiers that it claims.
    async fn identifiers(&self) -> Result<&[OrganizationIdentifier]> {
        Ok(self.0.identifiers.get()?)
    }
    /// The postal address.
    async fn address(&self) -> Option<&Address> {
        self.0.row.address.as_ref()
    }
    /// The immediate owner.
    async fn immediate_owner(&self) -> Option<&Owner> {
        self.0.row.ownership.immediate_owner.as_ref()
    }
    /// The highest-level owner.
    async fn highest_owner(&self) -> Option<&Owner> {
        self.0.row.ownership.highest_owner.as_ref()
    }
    /// The organizations that it succeeded or acquired.
    async fn predecessors(&self) -> &[Owner] {
        &self.0.row.ownership.predecessors
    }
    /// The members of a joint venture, in its own order; empty for any other kind.
    async fn joint_venture_members(&self) -> Result<&[Party]> {
        Ok(self.0.joint_venture_members.get()?)
    }
    /// The members and invitations; visible to its own members and to City-wide readers.
    async fn members(&self) -> Result<Vec<Member>> {
        Ok(self.0.members.get()?.iter().cloned().map(Member::from).collect())
    }
    /// The disclosure draft; visible to its own members only, null to others.
    async fn draft(&self, ctx: &Context<'_>) -> Result<Option<Disclosure>> {
        load_draft(ctx, self.0.row.id).await
    }
    /// The filed disclosures, newest first: one history with those of the organizations that were merged.
    async fn disclosures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Disclosure>> {
        load_filings(ctx, self.0.row.id, PageArguments { first, after, last, before }).await
    }
    /// The disclosure on file, if City staff entered it from a paper form; `paperEntry` says when. A
    /// signatory who finds an error files a new disclosure or contacts the Bureau of Contract
    /// Administration.
    async fn paper_on_file(&self, ctx: &Context<'_>) -> Result<Option<Disclosure>> {
        load_paper_on_file(ctx, self.0.row.id).await
    }
    /// The organization that this one was merged into, which goes on for both; null if it was not merged or
    /// you may not see that one.
    async fn merged_into(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        load_merged_into(ctx, self.0.row.merged_into).await
    }
    /// When it was merged (UTC).
    async fn merged_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.merged_at
    }
    /// The organizations that were merged into this one and that you may see, earliest first. What they
    /// filed belongs to `disclosures`.
    async fn merged_from(&self, ctx: &Context<'_>) -> Result<Vec<Organization>> {
        load_merged(ctx, self.0.row.id).await
    }
    /// When the organization was registered (UTC).
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.row.created_at
    }
    /// When the organization was last updated (UTC).
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.row.updated_at
    }
}

/// Returns the children of an organization that a selection requests.
#[must_use]
pub fn organization_include(selection: &Lookahead<'_>) -> OrganizationInclude {
    OrganizationInclude {
        identifiers: selection.field("identifiers").exists(),
        joint_venture_members: selection.field("jointVentureMembers").exists(),
        members: selection.field("members").exists(),
    }
}
