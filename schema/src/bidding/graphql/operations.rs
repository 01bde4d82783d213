//! Queries and mutations of solicitations and bids.
use async_graphql::{Context, Object, SimpleObject};

use super::{Bid, Solicitation, bid_include, solicitation_include};
use crate::bidding::model::{
    BidId, BidInput, OrderDirection, SolicitationAmendment, SolicitationId, SolicitationInput,
    SolicitationOrder, SolicitationOrderField, SolicitationStatus,
};
use crate::bidding::service::{self, Attempt, Filter, Include};
use crate::decision::graphql::{Decision, Readiness};
use crate::fault::{Fault, Result, UserError};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::organization::graphql::{request_context, node_lookahead, split_user_errors};
use crate::organization::model::DepartmentId;
use crate::page::PageArguments;

/// Queries of solicitations and bids.
#[derive(Debug, Default)]
pub struct BiddingQuery;

#[Object(crate = "crate::budget")]
impl BiddingQuery {
    /// One solicitation; null if there is none or it is not yours to see.
    async fn solicitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The solicitation's identifier.")] id: SolicitationId,
    ) -> Result<Option<Solicitation>> {
        let (db, viewer) = request_context(ctx)?;
        let include = solicitation_include(&ctx.look_ahead());
        Ok(service::find(db, viewer, id, include).await?.map(Solicitation::from))
    }

    /// The solicitations that you may see: published ones, and your own departments' drafts.
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, a filter, an order")]
    async fn solicitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this department's.")] department_id: Option<DepartmentId>,
        #[graphql(desc = "Only of this status.")] status: Option<SolicitationStatus>,
        #[graphql(desc = "By what, and which way; the earliest due first if left out.")]
        order_by: Option<SolicitationOrder>,
        #[graphql(desc = "The number of rows from the start of the list, 0 to 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Solicitation>> {
        let (db, viewer) = request_context(ctx)?;
        let filter = Filter { department: department_id, status };
        let usual = SolicitationOrder {
            field: SolicitationOrderField::DueAt,
            direction: OrderDirection::Asc,
        };
        let part = (filter, order_by.unwrap_or(usual));
        let arguments = PageArguments { first, after, last, before };
        let include = node_lookahead(ctx, solicitation_include, Include::both);
        let (sheet, total) =
            service::page(db, viewer, part, &arguments, requests_total_count(ctx), include).await?;
        Ok(connection(sheet, total))
    }

    /// What the gate would say of a bid if it were submitted now. Nothing is written, nobody is
    /// told. For members of the organization.
    async fn bid_readiness(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The bid as it would be submitted.")] input: BidInput,
    ) -> Result<Readiness> {
        let (db, viewer) = request_context(ctx)?;
        Ok(service::readiness(db, viewer, &input).await?.into())
    }
}

/// The solicitation, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct SolicitationPayload {
    /// As it is now; null if anything is to mend.
    solicitation: Option<Solicitation>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

fn payload(result: Result<service::Solicitation>) -> Result<SolicitationPayload> {
    let (solicitation, user_errors) = split_user_errors(result)?;
    Ok(SolicitationPayload { solicitation, user_errors })
}

/// What came of submitting a bid.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct SubmitBidPayload {
    /// The bid; null if it was refused.
    bid: Option<Bid>,
    /// What the gate said, with its findings; null if the request itself is to mend.
    decision: Option<Decision>,
    /// Everything to mend in the request, at once.
    user_errors: Vec<UserError>,
}

/// The bid, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct BidPayload {
    /// As it is now; null if anything is to mend.
    bid: Option<Bid>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

/// Mutations of solicitations and bids.
#[derive(Debug, Default)]
pub struct BiddingMutation;

fn shown(ctx: &Context<'_>) -> Include {
    solicitation_include(&ctx.look_ahead().field("solicitation"))
}

#[Object(crate = "crate::budget")]
impl BiddingMutation {
    /// Drafts a solicitation. For the department's contract officers.
    async fn create_solicitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is bought, how and until when.")] input: SolicitationInput,
    ) -> Result<SolicitationPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::create(db, viewer, input, shown(ctx)).await)
    }

    /// Changes a draft, or adds an addendum to a published solicitation, perhaps with a later due
    /// time. For the department's contract officers.
    async fn amend_solicitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: SolicitationAmendment,
    ) -> Result<SolicitationPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::amend(db, viewer, input, shown(ctx)).await)
    }

    /// Opens a solicitation to bids. It pins the policy in force now. For the department's
    /// contract officers.
    async fn publish_solicitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The solicitation's identifier.")] id: SolicitationId,
    ) -> Result<SolicitationPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::publish(db, viewer, id, shown(ctx)).await)
    }

    /// Calls a solicitation off; its bids are closed. For the department's contract officers.
    async fn cancel_solicitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The solicitation's identifier.")] id: SolicitationId,
        #[graphql(desc = "Why; every bidder may read it.")] reason: String,
    ) -> Result<SolicitationPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::cancel(db, viewer, id, &reason, shown(ctx)).await)
    }

    /// Submits a bid. The gate decides at once; of a blocked bid the decision is returned with its
    /// findings, and no bid. For members of the organization.
    async fn submit_bid(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The bid.")] input: BidInput,
    ) -> Result<SubmitBidPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = bid_include(&ctx.look_ahead().field("bid"));
        match service::submit(db, viewer, &input, include).await {
            Ok(Attempt { bid, decision }) => Ok(SubmitBidPayload {
                bid: bid.map(Bid::from),
                decision: Some(decision.into()),
                user_errors: Vec::new(),
            }),
            Err(Fault::Invalid(user_errors)) => {
                Ok(SubmitBidPayload { bid: None, decision: None, user_errors })
            }
            Err(fault) => Err(fault),
        }
    }

    /// Takes a bid back, until bids are due. For members of the organization.
    async fn withdraw_bid(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The bid's identifier.")] id: BidId,
    ) -> Result<BidPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = bid_include(&ctx.look_ahead().field("bid"));
        let (bid, user_errors) = split_user_errors(service::withdraw_bid(db, viewer, id, include).await)?;
        Ok(BidPayload { bid, user_errors })
    }
}
