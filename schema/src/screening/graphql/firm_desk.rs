//! GraphQL type of what waits for a firm's people.
use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};

use super::item_include::item_include;
use crate::award::graphql::AwardMatch;
use crate::bidding::graphql::Bid;
use crate::contracting::graphql::Contract;
use crate::disclosure::graphql::{Clarification, Disclosure};
use crate::fault::Result;
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::lookahead::node_lookahead;
use crate::organization::model::OrganizationId;
use crate::page::{ListRequest, PageArguments};
use crate::screening::model::WaitingKind;
use crate::screening::service::{self, ItemInclude};

/// A page of what waits for the people of the caller's own organizations, the earliest due first.
///
/// # Errors
/// `Unauthenticated` for an anonymous caller, `Invalid` for invalid page arguments.
pub async fn list_waiting(
    ctx: &Context<'_>,
    arguments: PageArguments,
) -> Result<Connection<WaitingItem>> {
    let (db, viewer) = request_context(ctx)?;
    let include = node_lookahead(ctx, item_include, ItemInclude::merge);
    let includes_total = requests_total_count(ctx);
    let request = ListRequest { arguments: &arguments, includes_total, include };
    let (page, total) = service::list_waiting(db, viewer, request).await?;
    Ok(connection(page, total))
}

/// Something that waits for a firm's people.
#[derive(Clone, Debug)]
pub struct WaitingItem(service::WaitingItem);

impl From<service::WaitingItem> for WaitingItem {
    fn from(item: service::WaitingItem) -> Self {
        Self(item)
    }
}

/// Something that waits for a firm's people: a question, a notice, a held bid, a contract or a filing.
#[Object(crate = "crate::budget")]
impl WaitingItem {
    /// What waits.
    async fn kind(&self) -> WaitingKind {
        self.0.kind
    }
    /// When it is due (UTC). For a held bid without a time to cure, when bids were due; for a contract
    /// out of compliance, the start of the first day out of compliance; for a rejected disclosure, the end
    /// of the time to appeal.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }
    /// What waits and what to do, in words, with times in the City's local time.
    async fn text(&self) -> &str {
        &self.0.text
    }
    /// The identifier of the organization that it waits for.
    async fn organization_id(&self) -> OrganizationId {
        self.0.row.organization_id
    }
    /// The disclosure that a question is about, that a held bid rests on, or that becomes stale; null
    /// for other items.
    async fn disclosure(&self) -> Result<Option<Disclosure>> {
        self.0.objects.disclosure.get_as()
    }
    /// The open question; null for other items.
    async fn clarification(&self) -> Result<Option<Clarification>> {
        self.0.objects.clarification.get_as()
    }
    /// The match with a federal award to respond to; null for other items.
    #[graphql(name = "match")]
    async fn award_match(&self) -> Result<Option<AwardMatch>> {
        self.0.objects.award_match.get_as()
    }
    /// The held bid; null for other items.
    async fn bid(&self) -> Result<Option<Bid>> {
        self.0.objects.bid.get_as()
    }
    /// The contract that ends or is out of compliance; null for other items.
    async fn contract(&self) -> Result<Option<Contract>> {
        self.0.objects.contract.get_as()
    }
}
