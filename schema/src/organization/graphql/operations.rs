//! Queries and mutations of organizations, departments and their members.
use async_graphql::{Context, Object, SimpleObject};

use super::{Department, Member, Organization, ViewerObject, organization_include};
use crate::fault::{Result, UserError};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::lookahead::node_lookahead;
use crate::graphql::payload::split_user_errors;
use crate::organization::model::{
    DepartmentInput, InvitationInput, MemberId, OfficerInput, OrganizationId, OrganizationInput,
};
use crate::organization::service::{self, OrganizationInclude};
use crate::page::PageArguments;

/// Queries of organizations and departments.
#[derive(Debug, Default)]
pub struct OrganizationQuery;

#[Object(crate = "crate::budget")]
impl OrganizationQuery {
    /// Returns the caller.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<ViewerObject> {
        Ok(request_context(ctx)?.1.into())
    }

    /// Finds an organization; null if it does not exist or you may not see it.
    async fn organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization's identifier.")] id: OrganizationId,
    ) -> Result<Option<Organization>> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead());
        Ok(service::find_organization(db, viewer, id, include).await?.map(Organization::from))
    }

    /// Lists the organizations that you may see, by legal name.
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Organization>> {
        let (db, viewer) = request_context(ctx)?;
        let include = node_lookahead(ctx, organization_include, OrganizationInclude::merge);
        let arguments = PageArguments { first, after, last, before };
        let (page, total) =
            service::list_organizations(db, viewer, &arguments, requests_total_count(ctx), include)
                .await?;
        Ok(connection(page, total))
    }

    /// Lists the City's departments, by name.
    async fn departments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Department>> {
        let (db, _) = request_context(ctx)?;
        let arguments = PageArguments { first, after, last, before };
        let (page, total) =
            service::list_departments(db, &arguments, requests_total_count(ctx)).await?;
        Ok(connection(page, total))
    }
}

/// Result of a mutation of an organization.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct OrganizationPayload {
    /// The organization after the change; null if there are user errors.
    organization: Option<Organization>,
    /// Every error in the input.
    user_errors: Vec<UserError>,
}

/// Result of `createDepartment`.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct DepartmentPayload {
    /// The registered department; null if there are user errors.
    department: Option<Department>,
    /// Every error in the input.
    user_errors: Vec<UserError>,
}

/// Result of a mutation of a membership.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct MemberPayload {
    /// The membership after the change; null if there are user errors.
    member: Option<Member>,
    /// Every error in the input.
    user_errors: Vec<UserError>,
}

/// Mutations of organizations, departments and their members.
#[derive(Debug, Default)]
pub struct OrganizationMutation;

#[Object(crate = "crate::budget")]
impl OrganizationMutation {
    /// Registers an organization. The caller becomes its first signatory. For bidders.
    async fn create_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization's data.")] input: OrganizationInput,
    ) -> Result<OrganizationPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead().field("organization"));
        let (organization, user_errors) =
            split_user_errors(service::register_organization(db, viewer, input, include).await)?;
        Ok(OrganizationPayload { organization, user_errors })
    }

    /// Updates an organization: the input replaces every field. For its signatories.
    async fn update_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization's identifier.")] id: OrganizationId,
        #[graphql(desc = "The complete data, which replaces the previous data.")]
        input: OrganizationInput,
    ) -> Result<OrganizationPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead().field("organization"));
        let updated = service::update_organization(db, viewer, id, input, include).await;
        let (organization, user_errors) = split_user_errors(updated)?;
        Ok(OrganizationPayload { organization, user_errors })
    }

    /// Registers a department. For administrators.
    async fn create_department(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The department's data.")] input: DepartmentInput,
    ) -> Result<DepartmentPayload> {
        let (db, viewer) = request_context(ctx)?;
        let (department, user_errors) =
            split_user_errors(service::create_department(db, viewer, &input).await)?;
        Ok(DepartmentPayload { department, user_errors })
    }

    /// Invites a contract officer to a department by e-mail. For administrators.
    async fn add_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The department and the officer's e-mail address.")] input: OfficerInput,
    ) -> Result<MemberPayload> {
        let (db, viewer) = request_context(ctx)?;
        let (member, user_errors) =
            split_user_errors(service::add_officer(db, viewer, &input).await)?;
        Ok(MemberPayload { member, user_errors })
    }

    /// Invites a person to an organization by e-mail. For its signatories.
    async fn invite_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization, the person's e-mail address and role.")]
        input: InvitationInput,
    ) -> Result<MemberPayload> {
        let (db, viewer) = request_context(ctx)?;
        let (member, user_errors) =
            split_user_errors(service::invite_member(db, viewer, &input).await)?;
        Ok(MemberPayload { member, user_errors })
    }

    /// Ends a membership or withdraws an invitation: in an organization for its signatories, in a
    /// department for administrators.
    async fn remove_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The membership's identifier.")] id: MemberId,
    ) -> Result<MemberPayload> {
        let (db, viewer) = request_context(ctx)?;
        let (member, user_errors) =
            split_user_errors(service::remove_member(db, viewer, id).await)?;
        Ok(MemberPayload { member, user_errors })
    }
}
