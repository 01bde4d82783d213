//! Queries and mutations of federal awards and their matches.
use async_graphql::{Context, Object, SimpleObject};

use super::named::NameMatch;
use super::{AwardMatch, match_include};
use crate::award::model::{
    AnswerMatchInput, AppealMatchInput, ConfirmMatchInput, DismissMatchInput, LinkMatchInput,
    MatchFilter, NameInput,
};
use crate::award::service::{self, Decided, Include};
use crate::disclosure::graphql::Disclosure;
use crate::disclosure::model::AppealDecisionInput;
use crate::fault::{Fault, Result, UserError};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::organization::graphql::{request_context, node_lookahead, split_user_errors};
use crate::page::PageArguments;

/// Queries of federal awards and their matches.
#[derive(Debug, Default)]
pub struct AwardQuery;

#[Object(crate = "crate::budget")]
impl AwardQuery {
    /// Matches of federal awards with organizations, the earliest found first. For reviewers and
    /// who reads all; a firm sees those that were put to it.
    async fn award_matches(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which matches; all that you may see if it is left out.")] filter: Option<
            MatchFilter,
        >,
        #[graphql(desc = "The number of rows from the start of the list, 0 to 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<AwardMatch>> {
        let (db, viewer) = request_context(ctx)?;
        let arguments = PageArguments { first, after, last, before };
        let asked = (requests_total_count(ctx), node_lookahead(ctx, match_include, Include::both));
        let filter = filter.unwrap_or_default();
        let (sheet, total) = service::page(db, viewer, &filter, &arguments, asked).await?;
        Ok(connection(sheet, total))
    }

    /// The recipients of federal awards that are most like a name, best first. For the City's
    /// staff.
    #[expect(clippy::too_many_arguments, reason = "what is known of a name, and how much is asked")]
    async fn screen_name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name; it may hold two, as X DBA Y.")] name: String,
        #[graphql(desc = "Its Unique Entity Identifier, if it is known.")] uei: Option<String>,
        #[graphql(desc = "The city of its seat.")] city: Option<String>,
        #[graphql(desc = "The state of its seat, two letters.")] state: Option<String>,
        #[graphql(desc = "How many firms at the most, 1 to 100.", default = 10)] limit: i32,
        #[graphql(
            desc = "The least score that is told, from 0 to 1: 0.8 and more is PROBABLE, 0.5 and \
                    more POSSIBLE.",
            default = 0.5
        )]
        min_score: f64,
    ) -> Result<Vec<NameMatch>> {
        let (db, viewer) = request_context(ctx)?;
        let input = NameInput { name, uei, city, state };
        let awards = ctx.look_ahead().field("federalAwards").exists();
        let named = service::screen_name(db, viewer, &input, (limit, min_score), awards).await?;
        Ok(named.into_iter().map(NameMatch::from).collect())
    }
}

/// The match, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct MatchPayload {
    /// As it is now; null if anything is to mend.
    #[graphql(name = "match")]
    found: Option<AwardMatch>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

/// What was appealed about, or what to mend.
#[derive(Default, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct AppealPayload {
    /// The disclosure whose rejection was appealed against, as it is now.
    disclosure: Option<Disclosure>,
    /// The match whose confirmation was appealed against, as it is now.
    #[graphql(name = "match")]
    found: Option<AwardMatch>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

fn payload(result: Result<service::Found>) -> Result<MatchPayload> {
    let (found, user_errors) = split_user_errors(result)?;
    Ok(MatchPayload { found, user_errors })
}

fn asked(ctx: &Context<'_>) -> Include {
    match_include(&ctx.look_ahead().field("match"))
}

/// Mutations of matches.
#[derive(Debug, Default)]
pub struct AwardMutation;

#[Object(crate = "crate::budget")]
impl AwardMutation {
    /// Confirms that an award is the organization's, and puts it to the firm, which has the policy's
    /// days to answer before anything is held against it. Of one that the firm has answered: the
    /// answer was considered, and the confirmation stands. For reviewers.
    async fn confirm_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The match, and what the firm reads.")] input: ConfirmMatchInput,
    ) -> Result<MatchPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::confirm(db, viewer, &input, asked(ctx)).await)
    }

    /// Dismisses a match: it holds until something changes on either side. For reviewers.
    async fn dismiss_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The match, and why.")] input: DismissMatchInput,
    ) -> Result<MatchPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::dismiss(db, viewer, &input, asked(ctx)).await)
    }

    /// Holds an award to be an organization's that was not found to be, or was dismissed for it; or
    /// says which disclosed agreement covers it. For reviewers.
    async fn link_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization, the award, the agreement if one covers it, and why.")]
        input: LinkMatchInput,
    ) -> Result<MatchPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::link(db, viewer, &input, asked(ctx)).await)
    }

    /// Answers a match that was put to the firm, within the policy's days. For members of the
    /// organization.
    async fn answer_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The match and the answer.")] input: AnswerMatchInput,
    ) -> Result<MatchPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::answer(db, viewer, &input, asked(ctx)).await)
    }

    /// Appeals against the confirmation of a match, once, within the policy's days: until it is
    /// decided, nothing is refused for the award. For signatories.
    async fn appeal_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The match, and why the confirmation is wrong.")] input: AppealMatchInput,
    ) -> Result<MatchPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::appeal(db, viewer, &input, asked(ctx)).await)
    }

    /// Decides an appeal. About a rejected disclosure: the rejection stands, or is lifted and the
    /// disclosure reviewed anew. About a confirmed match: it stands, or is dismissed. For a
    /// supervisor who took no part.
    async fn decide_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The appeal, what is decided, and why.")] input: AppealDecisionInput,
    ) -> Result<AppealPayload> {
        let (db, viewer) = request_context(ctx)?;
        match service::decide_appeal(db, viewer, &input, asked(ctx)).await {
            Ok(Decided::Disclosure(filed)) => {
                Ok(AppealPayload { disclosure: Some((*filed).into()), ..AppealPayload::default() })
            }
            Ok(Decided::Match(found)) => {
                Ok(AppealPayload { found: Some((*found).into()), ..AppealPayload::default() })
            }
            Err(Fault::Invalid(user_errors)) => {
                Ok(AppealPayload { user_errors, ..AppealPayload::default() })
            }
            Err(fault) => Err(fault),
        }
    }
}
