//! GraphQL queries and mutations of federal awards and their matches.
use async_graphql::{Context, Object, SimpleObject};

use super::name_match::NameMatch;
use super::{AwardMatch, match_include};
use crate::award::model::{
    AnswerMatchInput, AppealMatchInput, ConfirmMatchInput, DismissMatchInput, LinkMatchInput,
    MatchFilter, NameInput,
};
use crate::award::service::{self, DecidedAppeal, MatchInclude};
use crate::disclosure::graphql::Disclosure;
use crate::disclosure::model::AppealDecisionInput;
use crate::fault::{Fault, Result, UserError};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::lookahead::node_lookahead;
use crate::graphql::payload::split_user_errors;
use crate::page::{ListRequest, PageArguments};

/// Queries of federal awards and their matches.
#[derive(Debug, Default)]
pub struct AwardQuery;

#[Object(crate = "crate::budget")]
impl AwardQuery {
    /// Matches of federal awards with organizations, oldest first. For reviewers and those who read
    /// all; a firm sees the matches of which it received notice.
    async fn award_matches(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Selects matches; all that you may see if omitted.")] filter: Option<
            MatchFilter,
        >,
        #[graphql(desc = "The number of rows from the start, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from the end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<AwardMatch>> {
        let (db, viewer) = request_context(ctx)?;
        let arguments = PageArguments { first, after, last, before };
        let request = ListRequest {
            arguments: &arguments,
            includes_total: requests_total_count(ctx),
            include: node_lookahead(ctx, match_include, MatchInclude::merge_with),
        };
        let filter = filter.unwrap_or_default();
        let (page, total) = service::list_matches(db, viewer, &filter, request).await?;
        Ok(connection(page, total))
    }

    /// The recipients of federal awards most similar to a name, best first. For City staff.
    #[expect(clippy::too_many_arguments, reason = "each is an argument of the query")]
    async fn screen_name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name; it may contain two names, such as X DBA Y.")] name: String,
        #[graphql(desc = "The Unique Entity Identifier (UEI), if known.")] uei: Option<String>,
        #[graphql(desc = "The firm's city.")] city: Option<String>,
        #[graphql(desc = "The firm's state, two letters.")] state: Option<String>,
        #[graphql(desc = "The maximum number of firms, 1 to 100.", default = 10)] limit: i32,
        #[graphql(
            desc = "The minimum score, from 0 to 1; from 0.8 a match is PROBABLE, from 0.5 \
            POSSIBLE.",
            default = 0.5
        )]
        min_score: f64,
    ) -> Result<Vec<NameMatch>> {
        let (db, viewer) = request_context(ctx)?;
        let input = NameInput { name, uei, city, state };
        let includes_awards = ctx.look_ahead().field("federalAwards").exists();
        let search = service::NameSearch { limit, min_score, includes_awards };
        let firms = service::screen_name(db, viewer, &input, search).await?;
        Ok(firms.into_iter().map(NameMatch::from).collect())
    }
}

/// The changed match, or the errors in the input.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct MatchPayload {
    /// The changed match; null if there are errors.
    #[graphql(name = "match")]
    found: Option<AwardMatch>,
    /// All errors in the input.
    user_errors: Vec<UserError>,
}

/// The subject of the decided appeal, or the errors in the input.
#[derive(Default, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct AppealPayload {
    /// The disclosure after the decision, if the appeal was against its rejection.
    disclosure: Option<Disclosure>,
    /// The match after the decision, if the appeal was against its confirmation.
    #[graphql(name = "match")]
    found: Option<AwardMatch>,
    /// All errors in the input.
    user_errors: Vec<UserError>,
}

fn match_payload(result: Result<service::LoadedMatch>) -> Result<MatchPayload> {
    let (found, user_errors) = split_user_errors(result)?;
    Ok(MatchPayload { found, user_errors })
}

fn requested_children(ctx: &Context<'_>) -> MatchInclude {
    match_include(&ctx.look_ahead().field("match"))
}

/// Mutations of matches.
#[derive(Debug, Default)]
pub struct AwardMutation;

#[Object(crate = "crate::budget")]
impl AwardMutation {
    /// Confirms that an award is the organization's and gives the firm notice. The award blocks
    /// nothing before the policy's days to respond are over. If the firm has already answered:
    /// upholds the confirmation. For reviewers.
    async fn confirm_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The match, and the notice to the firm.")] input: ConfirmMatchInput,
    ) -> Result<MatchPayload> {
        let (db, viewer) = request_context(ctx)?;
        match_payload(service::confirm_match(db, viewer, &input, requested_children(ctx)).await)
    }

    /// Dismisses a match until the data of the firm or of the recipient changes. For reviewers.
    async fn dismiss_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The match, and the reason.")] input: DismissMatchInput,
    ) -> Result<MatchPayload> {
        let (db, viewer) = request_context(ctx)?;
        match_payload(service::dismiss_match(db, viewer, &input, requested_children(ctx)).await)
    }

    /// Links an award to an organization, also one that the matcher did not find or that was
    /// dismissed; or links the disclosed agreement that covers the award. For reviewers.
    async fn link_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The organization, the award, the covering agreement if any, and the reason."
        )]
        input: LinkMatchInput,
    ) -> Result<MatchPayload> {
        let (db, viewer) = request_context(ctx)?;
        match_payload(service::link_match(db, viewer, &input, requested_children(ctx)).await)
    }

    /// Answers the notice of a confirmed match, within the policy's days to respond. For members
    /// of the organization.
    async fn answer_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The match and the answer.")] input: AnswerMatchInput,
    ) -> Result<MatchPayload> {
        let (db, viewer) = request_context(ctx)?;
        match_payload(service::answer_match(db, viewer, &input, requested_children(ctx)).await)
    }

    /// Appeals against the confirmation of a match, once, within the policy's days to appeal. Until
    /// the appeal is decided, the award blocks nothing. For signatories.
    async fn appeal_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The match, and the firm's statement.")] input: AppealMatchInput,
    ) -> Result<MatchPayload> {
        let (db, viewer) = request_context(ctx)?;
        match_payload(service::appeal_match(db, viewer, &input, requested_children(ctx)).await)
    }

    /// Decides an appeal: against a rejected disclosure, upholds the rejection or reopens the
    /// review; against a confirmed match, upholds the confirmation or dismisses the match. For a
    /// supervisor who did not make the appealed decision.
    async fn decide_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The appeal, the outcome, and the explanation.")]
        input: AppealDecisionInput,
    ) -> Result<AppealPayload> {
        let (db, viewer) = request_context(ctx)?;
        match service::decide_appeal(db, viewer, &input, requested_children(ctx)).await {
            Ok(DecidedAppeal::Disclosure(filed)) => {
                Ok(AppealPayload { disclosure: Some((*filed).into()), ..AppealPayload::default() })
            }
            Ok(DecidedAppeal::Match(found)) => {
                Ok(AppealPayload { found: Some((*found).into()), ..AppealPayload::default() })
            }
            Err(Fault::Invalid(user_errors)) => {
                Ok(AppealPayload { user_errors, ..AppealPayload::default() })
            }
            Err(fault) => Err(fault),
        }
    }
}
