//! GraphQL queries and mutations of solicitations and bids.
use async_graphql::{Context, Object, SimpleObject};

use super::suspension_preview::{PreviewArguments, SuspensionPreview, preview};
use super::{Bid, Solicitation, bid_include, solicitation_include};
use crate::bidding::model::{
    BidId, BidInput, OrderDirection, SolicitationAmendment, SolicitationId, SolicitationInput,
    SolicitationOrder, SolicitationOrderField, SolicitationStatus,
};
use crate::bidding::service::{
    self, BidSubmission, SolicitationFilter, SolicitationInclude, SolicitationListQuery,
};
use crate::decision::graphql::{Decision, Readiness};
use crate::fault::{Fault, FieldPath, InputErrors, Result, UserError};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::lookahead::node_lookahead;
use crate::graphql::payload::split_user_errors;
use crate::organization::graphql::{OrganizationPayload, organization_include};
use crate::organization::model::{DepartmentId, LookupArguments, MergeInput};
use crate::organization::service::parse_lookup;
use crate::page::PageArguments;
use crate::search::validate_words;

/// Queries of solicitations and bids.
#[derive(Debug, Default)]
pub struct BiddingQuery;

#[Object(crate = "crate::budget")]
impl BiddingQuery {
    /// A solicitation by its identifier or its number; null if it does not exist or you may not see it.
    async fn solicitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identifier of the solicitation, instead of its number.")] id: Option<
            SolicitationId,
        >,
        #[graphql(desc = "The number, in upper or lower case.")] number: Option<String>,
        #[graphql(
            desc = "The code, name or identifier of the department; needed if several have the number."
        )]
        department: Option<String>,
    ) -> Result<Option<Solicitation>> {
        let (db, viewer) = request_context(ctx)?;
        let lookup = parse_lookup(&db.read, LookupArguments { id, number, department }).await?;
        let include = solicitation_include(&ctx.look_ahead());
        let found = service::look_up_solicitation(db, viewer, &lookup, include).await?;
        Ok(found.map(Solicitation::from))
    }

    /// The bids that a suspension of a policy or of some of its rules would revive, as if it began now, and
    /// the contracts whose readiness it would change. Nothing is written. For administrators and analysts.
    async fn preview_suspension(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version of the policy.")] version: i32,
        #[graphql(
            desc = "The codes of the rules; an empty list suspends the whole policy.",
            default
        )]
        rules: Vec<String>,
        #[graphql(desc = "The number of bids to list, at most the page limit; 20 if omitted.")]
        first: Option<i32>,
        #[graphql(desc = "The last bid of the page before.")] after: Option<BidId>,
    ) -> Result<SuspensionPreview> {
        preview(ctx, PreviewArguments { version, rules, first, after }).await
    }

    /// The solicitations that you may see: all published ones, and your departments' drafts.
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, a filter, an order")]
    async fn solicitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only solicitations of this department.")] department_id: Option<
            DepartmentId,
        >,
        #[graphql(desc = "Only solicitations with this status.")] status: Option<
            SolicitationStatus,
        >,
        #[graphql(
            desc = "Only solicitations that take bids now, or only those that do not: drafts, canceled \
                    ones and those whose bids were due."
        )]
        open: Option<bool>,
        #[graphql(
            desc = "Words, or beginnings of words. Each must occur in the number or the title."
        )]
        text: Option<String>,
        #[graphql(desc = "The order; by due time if omitted.")] order_by: Option<SolicitationOrder>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from the end of the list, at most the page limit.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Solicitation>> {
        let (db, viewer) = request_context(ctx)?;
        let default_order = SolicitationOrder {
            field: SolicitationOrderField::DueAt,
            direction: OrderDirection::Asc,
        };
        let (path, mut errors) = (FieldPath::argument("text"), InputErrors::default());
        let words = text.map(|text| validate_words(&text, &path, &mut errors));
        errors.finish()?;
        let query = SolicitationListQuery {
            filter: SolicitationFilter { department: department_id, status, open, words },
            order: order_by.unwrap_or(default_order),
            arguments: PageArguments { first, after, last, before },
            includes_total: requests_total_count(ctx),
        };
        let include = node_lookahead(ctx, solicitation_include, SolicitationInclude::merge);
        let (page, total) = service::list_solicitations(db, viewer, &query, include).await?;
        Ok(connection(page, total))
    }

    /// The decision that the gate would make on a bid if it were submitted now. Nothing is stored, and
    /// the City does not see the request. For members of the organization.
    async fn bid_readiness(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The bid to check.")] input: BidInput,
    ) -> Result<Readiness> {
        let (db, viewer) = request_context(ctx)?;
        Ok(service::evaluate_bid(db, viewer, &input).await?.into())
    }
}

/// The solicitation, or the errors to fix.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct SolicitationPayload {
    /// The solicitation after the change; null if there are user errors.
    solicitation: Option<Solicitation>,
    /// All errors in the request.
    user_errors: Vec<UserError>,
}

fn payload(result: Result<service::Solicitation>) -> Result<SolicitationPayload> {
    let (solicitation, user_errors) = split_user_errors(result)?;
    Ok(SolicitationPayload { solicitation, user_errors })
}

/// The result of submitting a bid.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct SubmitBidPayload {
    /// The bid; null if it was blocked or there are user errors.
    bid: Option<Bid>,
    /// The gate's decision with its findings; null if there are user errors.
    decision: Option<Decision>,
    /// All errors in the request.
    user_errors: Vec<UserError>,
}

/// The bid, or the errors to fix.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct BidPayload {
    /// The bid after the change; null if there are user errors.
    bid: Option<Bid>,
    /// All errors in the request.
    user_errors: Vec<UserError>,
}

/// Mutations of solicitations and bids.
#[derive(Debug, Default)]
pub struct BiddingMutation;

fn requested_include(ctx: &Context<'_>) -> SolicitationInclude {
    solicitation_include(&ctx.look_ahead().field("solicitation"))
}

#[Object(crate = "crate::budget")]
impl BiddingMutation {
    /// Merges an organization into another that is the same firm. The filings of both become one history,
    /// of which the newest counts. The members of the retired one lose access until they are invited to
    /// the other. Everything of both stays readable by its identifiers. For supervisors.
    async fn merge_organizations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization that ends, the one that goes on, and the reason.")]
        input: MergeInput,
    ) -> Result<OrganizationPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead().field("organization"));
        let merged = service::merge_organizations(db, viewer, &input, include).await;
        let (organization, user_errors) = split_user_errors(merged)?;
        Ok(OrganizationPayload { organization, user_errors })
    }

    /// Drafts a solicitation. For contract officers of the department.
    async fn create_solicitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The solicitation to draft.")] input: SolicitationInput,
    ) -> Result<SolicitationPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::create_solicitation(db, viewer, input, requested_include(ctx)).await)
    }

    /// Changes a draft, or issues an addendum to a published solicitation, optionally with a later due
    /// time. For contract officers of the department.
    async fn amend_solicitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: SolicitationAmendment,
    ) -> Result<SolicitationPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::amend_solicitation(db, viewer, input, requested_include(ctx)).await)
    }

    /// Publishes a solicitation, which opens it to bids and pins the policy in force now. For contract
    /// officers of the department.
    async fn publish_solicitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identifier of the solicitation.")] id: SolicitationId,
    ) -> Result<SolicitationPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::publish_solicitation(db, viewer, id, requested_include(ctx)).await)
    }

    /// Cancels a solicitation and closes its bids. For contract officers of the department.
    async fn cancel_solicitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identifier of the solicitation.")] id: SolicitationId,
        #[graphql(desc = "The reason, which every bidder can read.")] reason: String,
    ) -> Result<SolicitationPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::cancel_solicitation(db, viewer, id, &reason, requested_include(ctx)).await)
    }

    /// Submits a bid, on which the gate decides at once. For a blocked bid, returns the decision with
    /// its findings and no bid. For members of the organization.
    async fn submit_bid(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The bid.")] input: BidInput,
    ) -> Result<SubmitBidPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = bid_include(&ctx.look_ahead().field("bid"));
        match service::submit_bid(db, viewer, &input, include).await {
            Ok(BidSubmission { bid, decision }) => Ok(SubmitBidPayload {
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

    /// Withdraws a bid before bids are due. For members of the organization.
    async fn withdraw_bid(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identifier of the bid.")] id: BidId,
    ) -> Result<BidPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = bid_include(&ctx.look_ahead().field("bid"));
        let (bid, user_errors) =
            split_user_errors(service::withdraw_bid(db, viewer, id, include).await)?;
        Ok(BidPayload { bid, user_errors })
    }
}
