//! The caller of a request.
use async_graphql::{ComplexObject, Context, SimpleObject};

use super::{Organization, organization_include};
use crate::bidding::graphql::{Bid, list_own_bids};
use crate::contracting::graphql::{Contract, list_own_contracts};
use crate::fault::Result;
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::lookahead::node_lookahead;
use crate::organization::model::{
    DepartmentId, MemberRole, OrganizationId, PersonName, Role, Viewer,
};
use crate::organization::service::{self, OrganizationInclude};
use crate::page::{ListRequest, PageArguments};
use crate::screening::graphql::{WaitingItem, list_waiting};

/// The caller, with roles and memberships, and what it works on for its own organizations. The lists
/// of a caller without organizations are empty.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget", name = "Viewer", complex)]
pub struct ViewerObject {
    /// The token's subject.
    subject: String,
    /// The token's issuer; a subject identifies a person only together with its issuer.
    issuer: Option<String>,
    /// The token's e-mail address, if its issuer verified it.
    email: Option<String>,
    /// The token's name of the caller; null if it gives none, or none that is readable.
    name: Option<String>,
    /// The roles that the token grants.
    roles: Vec<Role>,
}

#[ComplexObject(crate = "crate::budget")]
impl ViewerObject {
    /// The caller's memberships in organizations.
    async fn memberships(&self, ctx: &Context<'_>) -> Result<Vec<Membership>> {
        let (db, viewer) = request_context(ctx)?;
        let (organizations, _) = service::load_own_memberships(db, viewer).await?;
        let own = organizations.into_iter();
        Ok(own.map(|(organization_id, role)| Membership { organization_id, role }).collect())
    }
    /// The departments that the caller is a contract officer of.
    async fn department_ids(&self, ctx: &Context<'_>) -> Result<Vec<DepartmentId>> {
        let (db, viewer) = request_context(ctx)?;
        Ok(service::load_own_memberships(db, viewer).await?.1)
    }
    /// What waits for the people of your organizations, the earliest due first: open questions,
    /// notices about federal awards, held bids, contracts that end within 180 days or are out of
    /// compliance, and filings that are stale or will be within 60 days.
    async fn waiting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
    ) -> Result<Connection<WaitingItem>> {
        list_waiting(ctx, PageArguments { first, after, ..PageArguments::default() }).await
    }
    /// Your own organizations, the last registered first.
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Organization>> {
        let (db, viewer) = request_context(ctx)?;
        let arguments = PageArguments { first, after, last, before };
        let include = node_lookahead(ctx, organization_include, OrganizationInclude::merge);
        let includes_total = requests_total_count(ctx);
        let request = ListRequest { arguments: &arguments, includes_total, include };
        let (page, total) = service::list_own_organizations(db, viewer, request).await?;
        Ok(connection(page, total))
    }
    /// The bids of your own organizations, the last submitted first.
    async fn bids(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Bid>> {
        list_own_bids(ctx, PageArguments { first, after, last, before }).await
    }
    /// The contracts that your own organizations hold, the last recorded first.
    async fn contracts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Contract>> {
        list_own_contracts(ctx, PageArguments { first, after, last, before }).await
    }
}

impl From<&Viewer> for ViewerObject {
    fn from(viewer: &Viewer) -> Self {
        Self {
            subject: viewer.subject.subject().to_owned(),
            issuer: viewer.subject.issuer().map(ToOwned::to_owned),
            email: viewer.email.clone(),
            name: viewer.name.as_ref().map(PersonName::as_str).map(ToOwned::to_owned),
            roles: viewer.roles.iter().copied().collect(),
        }
    }
}

/// A membership of the caller in an organization.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct Membership {
    /// The organization.
    organization_id: OrganizationId,
    /// The caller's role in it.
    role: MemberRole,
}
