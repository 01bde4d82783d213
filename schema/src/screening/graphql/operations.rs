//! Queries of screening.
use async_graphql::{Context, MergedObject, Object};

use super::facets::Facets;
use super::review_item::{ReviewItem, queue_include};
use super::screened_bid::{ScreenedBid, screened_bid_include};
use crate::bidding::model::OrderDirection;
use crate::fault::Result;
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::organization::graphql::{request_context, node_lookahead};
use crate::page::PageArguments;
use crate::screening::model::{
    BidFilter, QueueFilter, ReviewItemKind, ScreenOrder, ScreenOrderField,
};
use crate::screening::service::{self, QueueInclude, ScreenedBidInclude};

/// One page of screened bids, as the Relay specification has it, and the facets of all of them.
#[derive(MergedObject)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "BidScreeningConnection")]
pub struct Screening(Connection<ScreenedBid>, Facets);

/// Queries of screening.
#[derive(Debug, Default)]
pub struct ScreeningQuery;

#[Object(crate = "crate::budget")]
impl ScreeningQuery {
    /// Bids by what they are, what was decided on them and what their disclosures say, with what a
    /// reviewer decides by in each row. For the City's staff; of a sealed solicitation's bids there
    /// is nothing in rows, facets or counts before they are due.
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, a filter, an order")]
    async fn screen_bids(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which bids; all that are open to you if it is left out.")] filter: Option<
            BidFilter,
        >,
        #[graphql(desc = "By what, and which way; the last submitted first if left out.")]
        order_by: Option<ScreenOrder>,
        #[graphql(desc = "The number of rows from the start of the list, 0 to 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Screening> {
        let (db, viewer) = request_context(ctx)?;
        let checked = service::validate_bid_filter(viewer, filter.unwrap_or_default())?;
        let usual =
            ScreenOrder { field: ScreenOrderField::SubmittedAt, direction: OrderDirection::Desc };
        let arguments = PageArguments { first, after, last, before };
        let include = node_lookahead(ctx, screened_bid_include, ScreenedBidInclude::merge);
        let asked = (requests_total_count(ctx), include);
        let order = order_by.unwrap_or(usual);
        let (sheet, total) =
            service::screen_bids(db, viewer, &checked, order, &arguments, asked).await?;
        Ok(Screening(connection(sheet, total), Facets(checked)))
    }

    /// What waits for a reviewer, the earliest due first: bids that are held, answers that came,
    /// questions past their time, appeals.
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments and a filter")]
    async fn review_queue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of these kinds; all if it is empty.", default)] kinds: Vec<
            ReviewItemKind,
        >,
        #[graphql(desc = "Only what this reviewer is on.")] reviewer: Option<String>,
        #[graphql(desc = "Only what somebody is on, or nobody.")] taken: Option<bool>,
        #[graphql(desc = "The number of rows from the start of the list, 0 to 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<ReviewItem>> {
        let (db, viewer) = request_context(ctx)?;
        let filter = QueueFilter { kinds, reviewer, taken };
        let arguments = PageArguments { first, after, last, before };
        let asked = (requests_total_count(ctx), node_lookahead(ctx, queue_include, QueueInclude::merge));
        let (sheet, total) = service::review_queue(db, viewer, &filter, &arguments, asked).await?;
        Ok(connection(sheet, total))
    }
}
