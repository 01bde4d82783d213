//! GraphQL queries of waivers and exemptions.
use async_graphql::{Context, Object};

use super::{Exemption, Waiver};
use crate::fault::Result;
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::page::PageArguments;
use crate::waiver::model::{ExemptionFilter, WaiverFilter};
use crate::waiver::service;

/// Queries of waivers and exemptions.
#[derive(Debug, Default)]
pub struct WaiverQuery;

#[Object(crate = "crate::budget")]
impl WaiverQuery {
    /// The waivers that match a filter, newest request first. For City staff; contract officers see
    /// those of their departments.
    async fn waivers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which waivers; all if omitted.")] filter: Option<WaiverFilter>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from the end of the list, at most the page limit.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Waiver>> {
        let (db, viewer) = request_context(ctx)?;
        let arguments = PageArguments { first, after, last, before };
        let (filter, includes_total) = (filter.unwrap_or_default(), requests_total_count(ctx));
        let listed = service::list_waivers(db, viewer, filter, &arguments, includes_total);
        let (page, total) = listed.await?;
        Ok(connection(page, total))
    }

    /// The exemptions that match a filter, newest claim first. For City staff; contract officers see
    /// those of their departments.
    async fn exemptions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which exemptions; all if omitted.")] filter: Option<ExemptionFilter>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from the end of the list, at most the page limit.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Exemption>> {
        let (db, viewer) = request_context(ctx)?;
        let arguments = PageArguments { first, after, last, before };
        let (filter, includes_total) = (filter.unwrap_or_default(), requests_total_count(ctx));
        let listed = service::list_exemptions(db, viewer, filter, &arguments, includes_total);
        let (page, total) = listed.await?;
        Ok(connection(page, total))
    }
}
