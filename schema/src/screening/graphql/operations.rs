//! Queries of bids and of the review queue.
use async_graphql::{Context, MergedObject, Object};

use super::facets::Facets;
use super::review_item::{ReviewItem, queue_include};
use super::screened_bid::{ScreenedBid, screened_bid_include};
use crate::bidding::model::OrderDirection;
use crate::fault::Result;
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::lookahead::node_lookahead;
use crate::page::{ListRequest, PageArguments};
use crate::screening::model::{
    BidFilter, QueueFilter, QueueSort, ReviewItemKind, ScreenOrder, ScreenOrderField,
};
use crate::screening::service::{self, QueueInclude, ScreenedBidInclude};

/// A page of screened bids (a Relay connection), and the facets over all pages.
#[derive(MergedObject)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "BidScreeningConnection")]
pub struct BidScreening(Connection<ScreenedBid>, Facets);

/// Queries of bids and of the review queue.
#[derive(Debug, Default)]
pub struct ScreeningQuery;

#[Object(crate = "crate::budget")]
impl ScreeningQuery {
    /// Screens bids by their own fields, their last decisions and their disclosures. For City staff.
    /// Bids on a sealed solicitation appear in no row, facet or count until they are due.
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, a filter, an order")]
    async fn screen_bids(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which bids; all that you may see if left out.")] filter: Option<
            BidFilter,
        >,
        #[graphql(desc = "The order; the last submitted first if left out.")] order_by: Option<
            ScreenOrder,
        >,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<BidScreening> {
        let (db, viewer) = request_context(ctx)?;
        let filter = service::validate_bid_filter(viewer, filter.unwrap_or_default())?;
        let default_order =
            ScreenOrder { field: ScreenOrderField::SubmittedAt, direction: OrderDirection::Desc };
        let arguments = PageArguments { first, after, last, before };
        let include = node_lookahead(ctx, screened_bid_include, ScreenedBidInclude::merge);
        let request = ListRequest {
            arguments: &arguments,
            includes_total: requests_total_count(ctx),
            include,
        };
        let order = order_by.unwrap_or(default_order);
        let (page, total) = service::screen_bids(db, viewer, &filter, order, request).await?;
        Ok(BidScreening(connection(page, total), Facets(filter)))
    }

    /// The review queue, each thing to decide once: held bids, answers, overdue questions, appeals,
    /// matches with federal awards, disputed identifiers, parties whose identifiers the City has
    /// verified as another's, requested waivers, exemptions, and proposed merges. Contract officers
    /// have their departments' freed bids and waiting contract actions in it instead.
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments and a filter")]
    async fn review_queue(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only items of these kinds; all kinds but FILING_UNREVIEWED if empty.",
            default
        )]
        kinds: Vec<ReviewItemKind>,
        #[graphql(desc = "Only items assigned to this reviewer.")] reviewer: Option<String>,
        #[graphql(desc = "True: only items with a reviewer. False: only items without one.")]
        assigned: Option<bool>,
        #[graphql(desc = "The order.", default_with = "QueueSort::DueAt")] sort: QueueSort,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<ReviewItem>> {
        let (db, viewer) = request_context(ctx)?;
        let filter = QueueFilter { kinds, reviewer, assigned, sort };
        let arguments = PageArguments { first, after, last, before };
        let include = node_lookahead(ctx, queue_include, QueueInclude::merge);
        let request = ListRequest {
            arguments: &arguments,
            includes_total: requests_total_count(ctx),
            include,
        };
        let (page, total) = service::review_queue(db, viewer, &filter, request).await?;
        Ok(connection(page, total))
    }
}
