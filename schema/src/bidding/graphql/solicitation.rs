//! How clients see solicitations.
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Lookahead, Object};
use chrono::{DateTime, Utc};

use super::loader::{BidsAsked, BidsOfSolicitations};
use super::{Bid, bid_include};
use crate::bidding::model::{
    BidOrder, BidOrderField, BidStatus, OrderDirection, SolicitationId, SolicitationStatus,
};
use crate::bidding::service::{self, BidInclude, BidsList, Include};
use crate::fault::{Fault, Result};
use crate::gate::Method;
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::organization::graphql::{Department, request_context, node_lookahead};
use crate::organization::model::DepartmentId;
use crate::page::PageArguments;

/// Which of a solicitation's children stand in a selection.
#[must_use]
pub fn solicitation_include(selection: &Lookahead<'_>) -> Include {
    Include {
        department: selection.field("department").exists(),
        addenda: selection.field("addenda").exists(),
        notice: selection.field("notice").exists(),
    }
}

/// What a department asks bids for.
#[derive(Clone, Debug)]
pub struct Solicitation(service::Solicitation);

impl From<service::Solicitation> for Solicitation {
    fn from(solicitation: service::Solicitation) -> Self {
        Self(solicitation)
    }
}

impl Solicitation {
    /// The identifier of the department that buys.
    #[must_use]
    pub const fn department_id(&self) -> DepartmentId {
        self.0.row.department_id
    }
}

/// What a department asks bids for.
#[Object(crate = "crate::budget")]
impl Solicitation {
    /// Its identifier.
    pub async fn id(&self) -> SolicitationId {
        self.0.row.id
    }
    /// The department that buys.
    async fn department(&self) -> Result<Option<Department>> {
        Ok(self.0.department.get()?.clone().map(Department::from))
    }
    /// Its number, one of a kind in the department.
    async fn number(&self) -> &str {
        &self.0.row.number
    }
    /// Its title.
    async fn title(&self) -> &str {
        &self.0.row.title
    }
    /// What is bought, in words.
    async fn description(&self) -> &str {
        &self.0.row.description
    }
    /// How the contract will be awarded.
    async fn method(&self) -> Method {
        self.0.row.method
    }
    /// It is a public work, whose subcontractors count from a lower amount.
    async fn public_works(&self) -> bool {
        self.0.row.public_works
    }
    /// Where it is in its life.
    async fn status(&self) -> SolicitationStatus {
        self.0.row.status
    }
    /// Whether a bid that arrived now would be in time.
    async fn open(&self, ctx: &Context<'_>) -> Result<bool> {
        let (_, viewer) = request_context(ctx)?;
        let published = self.0.row.status == SolicitationStatus::Published;
        Ok(published && viewer.now <= self.0.row.due_at)
    }
    /// When bids are due (UTC); that very instant is in time.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.row.due_at
    }
    /// Whether the City sees no bid, nor that there is one, before bids are due.
    async fn sealed(&self) -> bool {
        self.0.row.sealed
    }
    /// The version of the policy that it pinned at publication.
    async fn policy_version(&self) -> Option<i64> {
        self.0.row.policy_version
    }
    /// The notice to bidders of the policy that it pinned.
    async fn notice(&self) -> Result<Option<&str>> {
        Ok(self.0.notice.get()?.as_deref())
    }
    /// Its addenda, in the order of their numbers.
    async fn addenda(&self) -> Result<Vec<Addendum>> {
        Ok(self.0.addenda.get()?.iter().cloned().map(Addendum).collect())
    }
    /// When it was published (UTC).
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.published_at
    }
    /// When it was cancelled (UTC).
    async fn cancelled_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.cancelled_at
    }
    /// Why it was cancelled.
    async fn cancellation_reason(&self) -> Option<&str> {
        self.0.row.cancellation_reason.as_deref()
    }
    /// The bids on it that you may see, refused attempts among them: your own at any time, the
    /// others' only if you are staff, and sealed ones only once bids are due.
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, a filter, an order")]
    async fn bids(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only bids of one of these statuses; all if it is empty.", default)]
        status: Vec<BidStatus>,
        #[graphql(desc = "By what, and which way; the earliest submitted first if left out.")]
        order_by: Option<BidOrder>,
        #[graphql(desc = "The number of rows from the start of the list, 0 to 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Bid>> {
        let usual = BidOrder { field: BidOrderField::SubmittedAt, direction: OrderDirection::Asc };
        let asked = BidsList {
            status,
            order: order_by.unwrap_or(usual),
            arguments: PageArguments { first, after, last, before },
            counted: requests_total_count(ctx),
            include: node_lookahead(ctx, bid_include, BidInclude::both),
        };
        let loader: &DataLoader<BidsOfSolicitations> = ctx.data_unchecked();
        let found = loader.load_one(BidsAsked { solicitation: self.0.row.id, list: asked }).await?;
        let (sheet, total) = found.ok_or(Fault::NotFound)?;
        Ok(connection(sheet, total))
    }
}

/// A change to a published solicitation.
#[derive(Clone, Debug)]
pub struct Addendum(service::Addendum);

/// A change to a published solicitation.
#[Object(crate = "crate::budget")]
impl Addendum {
    /// From 1, without gaps, on each solicitation.
    async fn number(&self) -> i64 {
        self.0.number
    }
    /// What it says.
    async fn text(&self) -> &str {
        &self.0.text
    }
    /// The due time from this addendum on (UTC).
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }
    /// When it was issued (UTC).
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }
}
