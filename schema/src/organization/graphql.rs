//! GraphQL types, queries and mutations of organizations, departments and their members.
use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Lookahead, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::model::{
    Address, DepartmentId, DepartmentInput, Identifier, IdentifierDisputeId, IdentifierState,
    InvitationInput, MemberId, MemberRole, OfficerInput, OrganizationId, OrganizationIdentifier,
    OrganizationInput, OrganizationKind, Owner, Party, Role, Viewer,
};
use super::service::{self, OrganizationInclude};
use crate::database::Database;
use crate::disclosure::graphql::{Disclosure, load_draft, load_filings, load_paper_on_file};
use crate::fault::{Fault, Result, UserError};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::page::PageArguments;

/// Returns the database and the viewer of a request.
///
/// # Errors
/// `Unauthenticated` for an anonymous caller.
pub fn request_context<'a>(ctx: &'a Context<'_>) -> Result<(&'a Database, &'a Viewer)> {
    let viewer = ctx.data_opt().ok_or(Fault::Unauthenticated)?;
    Ok((ctx.data_unchecked(), viewer))
}

/// Splits a result into value and user errors. Only `Invalid` becomes user errors; every other fault
/// propagates.
///
/// # Errors
/// Every fault except `Invalid`.
pub fn split_user_errors<T, N: From<T>>(result: Result<T>) -> Result<(Option<N>, Vec<UserError>)> {
    match result {
        Ok(value) => Ok((Some(value.into()), Vec::new())),
        Err(Fault::Invalid(errors)) => Ok((None, errors)),
        Err(fault) => Err(fault),
    }
}

/// Returns the children of an organization that a selection requests.
#[must_use]
pub fn organization_include(selection: &Lookahead<'_>) -> OrganizationInclude {
    OrganizationInclude {
        identifiers: selection.field("identifiers").exists(),
        joint_venture_members: selection.field("jointVentureMembers").exists(),
        members: selection.field("members").exists(),
    }
}

/// Returns the children of the nodes that a connection's selection requests, in `nodes` or in `edges`.
pub fn node_lookahead<T>(
    ctx: &Context<'_>,
    include: impl Fn(&Lookahead<'_>) -> T,
    merge: impl Fn(T, T) -> T,
) -> T {
    let ahead = ctx.look_ahead();
    merge(include(&ahead.field("nodes")), include(&ahead.field("edges").field("node")))
}

/// An organization that bids.
#[derive(Clone, Debug)]
pub struct Organization(service::Organization);

impl From<service::Organization> for Organization {
    fn from(organization: service::Organization) -> Self {
        Self(organization)
    }
}

/// An organization that bids: a firm, a nonprofit, a government, a joint venture.
#[Object(crate = "crate::budget")]
impl Organization {
    /// The organization's identifier.
    pub async fn id(&self) -> OrganizationId {
        self.0.row.id
    }
    /// The legal form.
    async fn kind(&self) -> OrganizationKind {
        self.0.row.kind
    }
    /// The name in the articles of incorporation, or a sole proprietor's own name.
    async fn legal_name(&self) -> &str {
        &self.0.row.legal_name
    }
    /// Other names that it does business under.
    async fn doing_business_as(&self) -> &[String] {
        &self.0.row.doing_business_as.0
    }
    /// The identifiers that it claims.
    async fn identifiers(&self) -> Result<&[OrganizationIdentifier]> {
        Ok(self.0.identifiers.get()?)
    }
    /// The postal address.
    async fn address(&self) -> Option<&Address> {
        self.0.row.address.as_ref()
    }
    /// The immediate owner.
    async fn immediate_owner(&self) -> Option<&Owner> {
        self.0.row.ownership.immediate_owner.as_ref()
    }
    /// The highest-level owner.
    async fn highest_owner(&self) -> Option<&Owner> {
        self.0.row.ownership.highest_owner.as_ref()
    }
    /// The organizations that it succeeded or acquired.
    async fn predecessors(&self) -> &[Owner] {
        &self.0.row.ownership.predecessors
    }
    /// The members of a joint venture, in its own order; empty for any other kind.
    async fn joint_venture_members(&self) -> Result<&[Party]> {
        Ok(self.0.joint_venture_members.get()?)
    }
    /// The members and invitations; visible to its own members and to City-wide readers.
    async fn members(&self) -> Result<Vec<Member>> {
        Ok(self.0.members.get()?.iter().cloned().map(Member).collect())
    }
    /// The disclosure draft; visible to its own members only, null to others.
    async fn draft(&self, ctx: &Context<'_>) -> Result<Option<Disclosure>> {
        load_draft(ctx, self.0.row.id).await
    }
    /// The filed disclosures, newest version first.
    async fn disclosures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of rows from the start of the list, 0 to 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Disclosure>> {
        load_filings(ctx, self.0.row.id, PageArguments { first, after, last, before }).await
    }
    /// The disclosure on file, if City staff entered it from a paper form; `paperEntry` says when. A
    /// signatory who finds an error files a new disclosure or contacts the Bureau of Contract
    /// Administration.
    async fn paper_on_file(&self, ctx: &Context<'_>) -> Result<Option<Disclosure>> {
        load_paper_on_file(ctx, self.0.row.id).await
    }
    /// When the organization was registered (UTC).
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.row.created_at
    }
    /// When the organization was last updated (UTC).
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.row.updated_at
    }
}

/// An identifier that several organizations claim.
#[derive(Clone, Debug)]
pub struct IdentifierDispute(service::IdentifierDispute);

impl From<service::IdentifierDispute> for IdentifierDispute {
    fn from(dispute: service::IdentifierDispute) -> Self {
        Self(dispute)
    }
}

/// A dispute about an identifier that several organizations claim. The first claim is in effect until
/// the City decides; the others are disputed.
#[Object(crate = "crate::budget")]
impl IdentifierDispute {
    /// The dispute's identifier.
    async fn id(&self) -> IdentifierDisputeId {
        self.0.id
    }
    /// The disputed identifier.
    async fn identifier(&self) -> &Identifier {
        &self.0.identifier
    }
    /// When the first disputed claim was made (UTC).
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }
    /// The claims, earliest first.
    async fn claims(&self) -> Vec<IdentifierClaim> {
        self.0.claims.iter().cloned().map(IdentifierClaim).collect()
    }
}

/// One organization's claim to a disputed identifier.
struct IdentifierClaim((service::Organization, OrganizationIdentifier));

/// One organization's claim to a disputed identifier.
#[Object(crate = "crate::budget")]
impl IdentifierClaim {
    /// The claiming organization.
    async fn organization(&self) -> Organization {
        self.0.0.clone().into()
    }
    /// The state of the claim; only the first one is undisputed.
    async fn state(&self) -> IdentifierState {
        self.0.1.state
    }
    /// When the organization claimed it (UTC).
    async fn claimed_at(&self) -> DateTime<Utc> {
        self.0.1.claimed_at
    }
}

/// A person's membership in an organization or a department.
#[derive(Clone, Debug)]
pub struct Member(service::Member);

impl From<service::Member> for Member {
    fn from(row: service::Member) -> Self {
        Self(row)
    }
}

/// A person's membership in an organization or a department. The person is invited by e-mail and becomes
/// a member at the first sign-in with that verified address.
#[Object(crate = "crate::budget")]
impl Member {
    /// The membership's identifier.
    pub async fn id(&self) -> MemberId {
        self.0.id
    }
    /// The person's role in an organization; null in a department.
    async fn role(&self) -> Option<MemberRole> {
        self.0.role
    }
    /// The invited e-mail address.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }
    /// Whether the person has signed in and accepted the invitation.
    async fn is_bound(&self) -> bool {
        self.0.subject.is_some()
    }
    /// When the person was invited (UTC).
    async fn invited_at(&self) -> DateTime<Utc> {
        self.0.invited_at
    }
    /// When the person first signed in (UTC); null before.
    async fn bound_at(&self) -> Option<DateTime<Utc>> {
        self.0.bound_at
    }
    /// When the membership ended (UTC); null while it lasts.
    async fn removed_at(&self) -> Option<DateTime<Utc>> {
        self.0.removed_at
    }
}

/// A department of the City.
#[derive(Clone, Debug)]
pub struct Department(service::Department);

impl From<service::Department> for Department {
    fn from(row: service::Department) -> Self {
        Self(row)
    }
}

/// A department of the City.
#[Object(crate = "crate::budget")]
impl Department {
    /// The department's identifier.
    pub async fn id(&self) -> DepartmentId {
        self.0.id
    }
    /// The department's short code, such as `LIB`.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// The department's name.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// The contact for firms.
    async fn contact(&self) -> &str {
        &self.0.contact
    }
    /// The contract officers; visible to administrators, auditors and its own officers, empty to others.
    async fn officers(&self, ctx: &Context<'_>) -> Result<Vec<Member>> {
        let loader: &DataLoader<DepartmentOfficersLoader> = ctx.data_unchecked();
        let officers = loader.load_one(self.0.id).await?.unwrap_or_default();
        Ok(officers.into_iter().map(Member).collect())
    }
}

/// Loads the officers of departments in batches. Created for each request, because it holds the viewer.
#[derive(Clone, Debug)]
pub struct DepartmentOfficersLoader {
    pub db: Database,
    pub viewer: Viewer,
}

#[async_graphql::async_trait::async_trait]
impl Loader<DepartmentId> for DepartmentOfficersLoader {
    type Value = Vec<service::Member>;
    type Error = Fault;

    async fn load(&self, ids: &[DepartmentId]) -> Result<HashMap<DepartmentId, Self::Value>> {
        service::load_officers(&self.db, &self.viewer, ids.to_vec()).await
    }
}

/// The caller of a request.
#[derive(Debug)]
pub struct ViewerObject<'a>(&'a Viewer);

/// The caller, with roles and memberships.
#[Object(crate = "crate::budget", name = "Viewer")]
impl ViewerObject<'_> {
    /// The token's subject.
    async fn subject(&self) -> &str {
        self.0.subject.subject()
    }
    /// The token's issuer; a subject identifies a person only together with its issuer.
    async fn issuer(&self) -> Option<&str> {
        self.0.subject.issuer()
    }
    /// The token's e-mail address, if its issuer verified it.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }
    /// The roles that the token grants.
    async fn roles(&self) -> Vec<Role> {
        self.0.roles.iter().copied().collect()
    }
    /// The caller's memberships in organizations.
    async fn memberships(&self) -> Vec<Membership> {
        let own = self.0.organizations.iter();
        own.map(|(organization_id, role)| Membership {
            organization_id: *organization_id,
            role: *role,
        })
        .collect()
    }
    /// The departments that the caller is a contract officer of.
    async fn department_ids(&self) -> &[DepartmentId] {
        &self.0.departments
    }
}

/// A membership of the caller in an organization.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct Membership {
    /// The organization.
    organization_id: OrganizationId,
    /// The caller's role in it.
    role: MemberRole,
}

/// Queries of organizations and departments.
#[derive(Debug, Default)]
pub struct OrganizationQuery;

#[Object(crate = "crate::budget")]
impl OrganizationQuery {
    /// Returns the caller.
    async fn viewer<'a>(&self, ctx: &'a Context<'_>) -> Result<ViewerObject<'a>> {
        Ok(ViewerObject(request_context(ctx)?.1))
    }

    /// Finds an organization; null if it does not exist or you may not see it.
    async fn organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization's identifier.")] id: OrganizationId,
    ) -> Result<Option<Organization>> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead());
        Ok(service::find_organization(db, viewer, id, include).await?.map(Organization))
    }

    /// Lists the organizations that you may see, by legal name.
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of rows from the start of the list, 0 to 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, 0 to 100.")] last: Option<i32>,
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
        #[graphql(desc = "The number of rows from the start of the list, 0 to 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, 0 to 100.")] last: Option<i32>,
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
