//! The GraphQL type of a solicitation.
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Lookahead, Object};
use chrono::{DateTime, Utc};

use super::loader::{SolicitationBidsKey, SolicitationBidsLoader};
use super::{Bid, bid_include};
use crate::bidding::model::{
    BidOrder, BidOrderField, BidStatus, OrderDirection, SolicitationId, SolicitationStatus,
};
use crate::bidding::service::{self, BidInclude, BidListQuery, SolicitationInclude};
use crate::fault::{Fault, Result};
use crate::gate::AwardMethod;
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::lookahead::node_lookahead;
use crate::organization::graphql::Department;
use crate::organization::model::DepartmentId;
use crate::page::PageArguments;
use crate::policy::graphql::policy_draft;

/// The related objects of a solicitation that a selection includes.
#[must_use]
pub fn solicitation_include(selection: &Lookahead<'_>) -> SolicitationInclude {
    SolicitationInclude {
        department: selection.field("department").exists(),
        addenda: selection.field("addenda").exists(),
        notice: selection.field("notice").exists(),
    }
}

/// A City request for bids or proposals.
#[derive(Clone, Debug)]
pub struct Solicitation(service::Solicitation);

impl From<service::Solicitation> for Solicitation {
    fn from(solicitation: service::Solicitation) -> Self {
        Self(solicitation)
    }
}

impl Solicitation {
    /// The identifier of the buying department.
    #[must_use]
    pub const fn department_id(&self) -> DepartmentId {
        self.0.record.department_id
    }
}

/// A City request for bids or proposals.
#[Object(crate = "crate::budget")]
impl Solicitation {
    /// The identifier.
    pub async fn id(&self) -> SolicitationId {
        self.0.record.id
    }
    /// The buying department.
    async fn department(&self) -> Result<Option<Department>> {
        self.0.department.get_as()
    }
    /// The number, unique within the department.
    async fn number(&self) -> &str {
        &self.0.record.number
    }
    /// The title.
    async fn title(&self) -> &str {
        &self.0.record.title
    }
    /// A description of what the City buys.
    async fn description(&self) -> &str {
        &self.0.record.description
    }
    /// How the contract will be awarded.
    async fn method(&self) -> AwardMethod {
        self.0.record.method
    }
    /// Whether this is a public work; a lower amount then applies to subcontractors.
    async fn public_works(&self) -> bool {
        self.0.record.public_works
    }
    /// The status.
    async fn status(&self) -> SolicitationStatus {
        self.0.record.state.status()
    }
    /// Whether the solicitation takes bids now.
    async fn open(&self, ctx: &Context<'_>) -> Result<bool> {
        let (_, viewer) = request_context(ctx)?;
        let published = self.0.record.state.status() == SolicitationStatus::Published;
        Ok(published && viewer.now <= self.0.record.due_at)
    }
    /// When bids are due (UTC, inclusive).
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.record.due_at
    }
    /// Whether bids, and their number, stay hidden from the City until they are due.
    async fn sealed(&self) -> bool {
        self.0.record.state.publication().is_none_or(|it| it.sealed)
    }
    /// The version of the policy pinned at publication; null for a draft.
    async fn policy_version(&self) -> Option<i64> {
        self.0.record.state.publication().map(|it| it.policy_version)
    }
    /// The mark of the draft texts of that version; null once they are adopted.
    async fn policy_draft(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        policy_draft(ctx, self.0.record.state.publication().map(|it| it.policy_version)).await
    }
    /// The notice to bidders, from the pinned policy; null for a draft.
    async fn notice(&self) -> Result<Option<&str>> {
        Ok(self.0.notice.get()?.as_deref())
    }
    /// The addenda, in the order of their numbers.
    async fn addenda(&self) -> Result<Vec<Addendum>> {
        Ok(self.0.addenda.get()?.iter().cloned().map(Addendum).collect())
    }
    /// When the solicitation was published (UTC).
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.record.state.publication().map(|it| it.at)
    }
    /// When the solicitation was canceled (UTC).
    async fn canceled_at(&self) -> Option<DateTime<Utc>> {
        self.0.record.state.cancellation().map(|(at, _)| at)
    }
    /// The reason for the cancellation.
    async fn cancellation_reason(&self) -> Option<&str> {
        self.0.record.state.cancellation().map(|(_, reason)| reason)
    }
    /// The bids on the solicitation that you may see, including refused ones: always those of your own
    /// organizations; as staff also those of others, but sealed bids only after they were due.
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, a filter, an order")]
    async fn bids(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only bids with one of these statuses; all bids if empty.", default)]
        status: Vec<BidStatus>,
        #[graphql(desc = "The order; by time of submission if omitted.")] order_by: Option<
            BidOrder,
        >,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from the end of the list, at most the page limit.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Bid>> {
        let default_order =
            BidOrder { field: BidOrderField::SubmittedAt, direction: OrderDirection::Asc };
        let query = BidListQuery {
            statuses: status,
            order: order_by.unwrap_or(default_order),
            arguments: PageArguments { first, after, last, before },
            includes_total: requests_total_count(ctx),
            include: node_lookahead(ctx, bid_include, BidInclude::merge),
        };
        let loader: &DataLoader<SolicitationBidsLoader> = ctx.data_unchecked();
        let result = loader
            .load_one(SolicitationBidsKey { solicitation: self.0.record.id, list: query })
            .await?;
        let (page, total) = result.ok_or(Fault::NotFound)?;
        Ok(connection(page, total))
    }
}

/// A change to a published solicitation.
#[derive(Clone, Debug)]
pub struct Addendum(service::IssuedAddendum);

/// A change to a published solicitation.
#[Object(crate = "crate::budget")]
impl Addendum {
    /// The number, from 1 without gaps for each solicitation.
    async fn number(&self) -> i64 {
        self.0.addendum.number
    }
    /// The text.
    async fn text(&self) -> &str {
        &self.0.addendum.text
    }
    /// The due time in effect from this addendum on (UTC, inclusive).
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.addendum.due_at
    }
    /// The due time that this addendum replaced (UTC, inclusive); null if it kept the due time.
    async fn previous_due_at(&self) -> Option<DateTime<Utc>> {
        self.0.addendum.previous_due_at
    }
    /// How this addendum changed the due time, in words and in the City's time; null if it kept the due
    /// time.
    async fn due_time_change(&self) -> Option<&str> {
        self.0.due_time_change.as_deref()
    }
    /// When the addendum was issued (UTC).
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.addendum.issued_at
    }
}
