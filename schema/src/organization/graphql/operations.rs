//! Queries and mutations of organizations, departments and their members.
use async_graphql::{Context, Object, SimpleObject};

use super::merging::merge_proposal_include;
use super::{Department, Member, MergeProposal, Organization, ViewerObject, organization_include};
use crate::disclosure::graphql::preload_filings;
use crate::fault::{Fault, FieldPath, Result, UserError};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::lookahead::{node_lookahead, node_selections};
use crate::graphql::payload::split_user_errors;
use crate::organization::model::{
    DepartmentInput, FoundParty, Identifier, IdentifierDecisionInput, InvitationInput, MemberId,
    MergeProposalId, OfficerInput, OrganizationId, OrganizationInput, OrganizationSearch,
    OrganizationUpdate,
};
use crate::organization::service::{self, OrganizationInclude, Registration};
use crate::page::{ListRequest, PageArguments};
use crate::user_message::UserMessage;

/// Queries of organizations and departments.
#[derive(Debug, Default)]
pub struct OrganizationQuery;

#[Object(crate = "crate::budget")]
impl OrganizationQuery {
    /// Returns the caller.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<ViewerObject> {
        Ok(request_context(ctx)?.1.into())
    }

    /// Finds an organization by its id or by a number, such as a UEI; null if it does not exist or you may
    /// not see it. Send one of the two.
    async fn organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization's id.")] id: Option<OrganizationId>,
        #[graphql(desc = "A number of the organization. A disputed one finds nobody.")]
        identifier: Option<Identifier>,
    ) -> Result<Option<Organization>> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead());
        let found = match (id, identifier) {
            (Some(id), None) => service::find_organization(db, viewer, id, include).await?,
            (None, Some(identifier)) => {
                service::find_organization_by_identifier(db, viewer, &identifier, include).await?
            }
            _ => {
                let path = FieldPath::argument("id");
                return Err(Fault::invalid(&path, UserMessage::LookupKeyRequired));
            }
        };
        Ok(found.map(Organization::from))
    }

    /// Finds registered organizations to name in a bid, or to identify a party, by words of their names or
    /// by a number: at most ten, by legal name. Send one of the two. For bidders and City staff, 60 times
    /// an hour.
    async fn find_party(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The beginnings of words of the name: at least three letters or digits.")]
        text: Option<String>,
        #[graphql(desc = "A number, such as a UEI. A disputed one finds nobody.")]
        identifier: Option<Identifier>,
    ) -> Result<Vec<FoundParty>> {
        let (db, viewer) = request_context(ctx)?;
        service::find_parties(db, viewer, text.as_deref(), identifier.as_ref()).await
    }

    /// Lists the organizations that you may see, by legal name. City staff find any firm.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the GraphQL field")]
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The beginnings of words of a legal, trade or former name, or the beginning of a number."
        )]
        text: Option<String>,
        #[graphql(desc = "A number that the organization claims, also if it is disputed.")]
        identifier: Option<Identifier>,
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
        let request = ListRequest {
            arguments: &arguments,
            includes_total: requests_total_count(ctx),
            include,
        };
        let search = OrganizationSearch { text, identifier };
        let (page, total) = service::list_organizations(db, viewer, &search, request).await?;
        let organizations = || page.rows.iter().map(|(_, organization)| organization.row.id);
        for nodes in node_selections(ctx) {
            preload_filings(ctx, &nodes, organizations()).await;
        }
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

/// What a firm does if another organization has its name.
const NAMESAKE_NOTICE: &str = "Another organization with this name is registered. If it is your firm, ask \
    its signatory to invite you and use that one, or ask the Bureau of Contract Administration to merge \
    the two. If it is another firm, bids should name yours by a number or by its id.";

/// Result of a registration.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct RegistrationPayload {
    /// The registered organization, or the one that was registered before, with a user error; null if there
    /// are other user errors.
    organization: Option<Organization>,
    /// What to do if another organization has the same name; null if none has.
    notice: Option<&'static str>,
    /// Every error in the input.
    user_errors: Vec<UserError>,
}

fn registration_payload(registered: Result<Registration>) -> Result<RegistrationPayload> {
    let (registration, user_errors) = split_user_errors::<Registration, _>(registered)?;
    Ok(match registration {
        Some(Registration { organization, user_errors, has_namesake }) => RegistrationPayload {
            organization: Some(organization.into()),
            notice: has_namesake.then_some(NAMESAKE_NOTICE),
            user_errors,
        },
        None => RegistrationPayload { organization: None, notice: None, user_errors },
    })
}

/// Result of a mutation of an organization.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct OrganizationPayload {
    /// The organization after the change; null if there are user errors.
    pub organization: Option<Organization>,
    /// Every error in the input.
    pub user_errors: Vec<UserError>,
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

/// Result of `dismissMerge`.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct MergeProposalPayload {
    /// The dismissed proposal; null if there are user errors.
    proposal: Option<MergeProposal>,
    /// Every error in the input.
    user_errors: Vec<UserError>,
}

/// Mutations of organizations, departments and their members.
#[derive(Debug, Default)]
pub struct OrganizationMutation;

#[Object(crate = "crate::budget")]
impl OrganizationMutation {
    /// Registers an organization. The caller becomes its first signatory. If the caller already acts for
    /// one with the same name or number, returns that one with a user error. For bidders.
    async fn create_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization's data.")] input: OrganizationInput,
    ) -> Result<RegistrationPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead().field("organization"));
        registration_payload(service::register_organization(db, viewer, input, include).await)
    }

    /// Registers a firm that is not there yet, such as for an emergency award or a paper form. It has no
    /// members. If a firm with the same name or number is registered, returns that one with a user error.
    /// For reviewers and contract officers.
    async fn register_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The firm's data; its kind may be UNKNOWN.")] input: OrganizationInput,
        #[graphql(
            desc = "Send true if another firm has the same name and you mean a different one.",
            default
        )]
        another_of_same_name: bool,
    ) -> Result<RegistrationPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead().field("organization"));
        let registered = service::register_organization_for_firm(
            db,
            viewer,
            input,
            another_of_same_name,
            include,
        );
        registration_payload(registered.await)
    }

    /// Verifies an organization's number after the City compared it with its records. An unverified claim of
    /// another organization becomes disputed. For reviewers.
    async fn verify_identifier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization, the number and the reason.")]
        input: IdentifierDecisionInput,
    ) -> Result<OrganizationPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead().field("organization"));
        let (organization, user_errors) =
            split_user_errors(service::verify_identifier(db, viewer, &input, include).await)?;
        Ok(OrganizationPayload { organization, user_errors })
    }

    /// Ends an organization's claim to a number. For reviewers.
    async fn release_identifier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization, the number and the reason.")]
        input: IdentifierDecisionInput,
    ) -> Result<OrganizationPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead().field("organization"));
        let (organization, user_errors) =
            split_user_errors(service::release_identifier(db, viewer, &input, include).await)?;
        Ok(OrganizationPayload { organization, user_errors })
    }

    /// Updates an organization at the revision that you read; what is not sent stays. For its signatories.
    async fn update_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization's identifier.")] id: OrganizationId,
        #[graphql(desc = "The revision that you read.")] revision: i64,
        #[graphql(desc = "The changes.")] input: OrganizationUpdate,
    ) -> Result<OrganizationPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead().field("organization"));
        let updated = service::update_organization(db, viewer, id, revision, input, include).await;
        let (organization, user_errors) = split_user_errors(updated)?;
        Ok(OrganizationPayload { organization, user_errors })
    }

    /// Closes a proposal to merge two organizations: they are two firms. For supervisors.
    async fn dismiss_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proposal's identifier.")] id: MergeProposalId,
        #[graphql(desc = "Why they are two firms.")] reason: String,
    ) -> Result<MergeProposalPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = merge_proposal_include(&ctx.look_ahead().field("proposal"));
        let dismissed = service::dismiss_merge(db, viewer, id, &reason, include).await;
        let (proposal, user_errors) = split_user_errors(dismissed)?;
        Ok(MergeProposalPayload { proposal, user_errors })
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
