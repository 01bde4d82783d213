//! How clients see organizations, departments and their people.
use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Lookahead, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::model::{
    Address, DepartmentId, DepartmentInput, Identifier, IdentifierDisputeId, IdentifierState,
    InvitationInput, MemberId, MemberRole, OfficerInput, OrganizationId, OrganizationIdentifier,
    OrganizationInput, OrganizationKind, Owner, Party, Role, Viewer,
};
use super::service::{self, Include};
use crate::database::Database;
use crate::disclosure::graphql::{Disclosure, load_draft, load_filings, load_paper_on_file};
use crate::fault::{Fault, Result, UserError};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::page::PageArguments;

/// The database and who asks: what every resolver needs.
///
/// # Errors
/// `Unauthenticated` without a viewer: nothing is answered to nobody.
pub fn request_context<'a>(ctx: &'a Context<'_>) -> Result<(&'a Database, &'a Viewer)> {
    let viewer = ctx.data_opt().ok_or(Fault::Unauthenticated)?;
    Ok((ctx.data_unchecked(), viewer))
}

/// Turns a use case's result into a payload's two parts: the only place that tells what the
/// person can mend from what is a fault.
///
/// # Errors
/// Any fault but `Invalid`.
pub fn split_user_errors<T, N: From<T>>(result: Result<T>) -> Result<(Option<N>, Vec<UserError>)> {
    match result {
        Ok(thing) => Ok((Some(thing.into()), Vec::new())),
        Err(Fault::Invalid(errors)) => Ok((None, errors)),
        Err(fault) => Err(fault),
    }
}

/// Which of an organization's children stand in a selection.
#[must_use]
pub fn organization_include(selection: &Lookahead<'_>) -> Include {
    Include {
        identifiers: selection.field("identifiers").exists(),
        joint_venture_members: selection.field("jointVentureMembers").exists(),
        members: selection.field("members").exists(),
    }
}

/// Which of the nodes' children stand in a connection's selection.
pub fn node_lookahead<T>(
    ctx: &Context<'_>,
    include: impl Fn(&Lookahead<'_>) -> T,
    both: impl Fn(T, T) -> T,
) -> T {
    let ahead = ctx.look_ahead();
    both(include(&ahead.field("nodes")), include(&ahead.field("edges").field("node")))
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
    /// Its identifier here.
    pub async fn id(&self) -> OrganizationId {
        self.0.row.id
    }
    /// What kind of organization it is.
    async fn kind(&self) -> OrganizationKind {
        self.0.row.kind
    }
    /// The name in its articles.
    async fn legal_name(&self) -> &str {
        &self.0.row.legal_name
    }
    /// The names it does business under, if they differ.
    async fn doing_business_as(&self) -> &[String] {
        &self.0.row.doing_business_as.0
    }
    /// What others call it by.
    async fn identifiers(&self) -> Result<&[OrganizationIdentifier]> {
        Ok(self.0.identifiers.get()?)
    }
    /// Where it is.
    async fn address(&self) -> Option<&Address> {
        self.0.row.address.as_ref()
    }
    /// Who owns most of it.
    async fn immediate_owner(&self) -> Option<&Owner> {
        self.0.row.ownership.immediate_owner.as_ref()
    }
    /// Who stands at the top of its owners.
    async fn highest_owner(&self) -> Option<&Owner> {
        self.0.row.ownership.highest_owner.as_ref()
    }
    /// Whom it succeeded, or took over.
    async fn predecessors(&self) -> &[Owner] {
        &self.0.row.ownership.predecessors
    }
    /// A joint venture's members, in the order it gave; empty for any other kind.
    async fn joint_venture_members(&self) -> Result<&[Party]> {
        Ok(self.0.joint_venture_members.get()?)
    }
    /// Who may act for it, and who is invited to; to its own members and to who reads all.
    async fn members(&self) -> Result<Vec<Member>> {
        Ok(self.0.members.get()?.iter().cloned().map(Member).collect())
    }
    /// The disclosure that it is drafting; to its members alone, null to others.
    async fn draft(&self, ctx: &Context<'_>) -> Result<Option<Disclosure>> {
        load_draft(ctx, self.0.row.id).await
    }
    /// Every disclosure it has filed, the newest version first.
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
    /// The paper form that staff of the City entered for it, if that is what it has on file now; its
    /// `paperEntry` says when. A signatory who finds it wrong files a new disclosure or asks the
    /// Bureau of Contract Administration.
    async fn paper_on_file(&self, ctx: &Context<'_>) -> Result<Option<Disclosure>> {
        load_paper_on_file(ctx, self.0.row.id).await
    }
    /// When it was registered (UTC).
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.row.created_at
    }
    /// When it was last corrected (UTC).
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

/// An identifier that several organizations claim. The first claim holds until the City decides,
/// the others are disputed.
#[Object(crate = "crate::budget")]
impl IdentifierDispute {
    /// The dispute's own identifier.
    async fn id(&self) -> IdentifierDisputeId {
        self.0.id
    }
    /// What is claimed.
    async fn identifier(&self) -> &Identifier {
        &self.0.identifier
    }
    /// When the first disputed claim was made (UTC).
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }
    /// Who claims it, the earliest first.
    async fn claims(&self) -> Vec<IdentifierClaim> {
        self.0.claims.iter().cloned().map(IdentifierClaim).collect()
    }
}

/// One organization's claim of an identifier that is in dispute.
struct IdentifierClaim((service::Organization, OrganizationIdentifier));

/// One organization's claim of an identifier that is in dispute.
#[Object(crate = "crate::budget")]
impl IdentifierClaim {
    /// Who claims it.
    async fn organization(&self) -> Organization {
        self.0.0.clone().into()
    }
    /// Whether this claim is the first one, which holds, or disputed.
    async fn state(&self) -> IdentifierState {
        self.0.1.state
    }
    /// Since when (UTC).
    async fn claimed_at(&self) -> DateTime<Utc> {
        self.0.1.claimed_at
    }
}

/// A person's place in an organization or a department.
#[derive(Clone, Debug)]
pub struct Member(service::Member);

impl From<service::Member> for Member {
    fn from(row: service::Member) -> Self {
        Self(row)
    }
}

/// A person's place in an organization or a department: invited by e-mail, taken at the first
/// sign-in with that address verified.
#[Object(crate = "crate::budget")]
impl Member {
    /// The place's identifier.
    pub async fn id(&self) -> MemberId {
        self.0.id
    }
    /// What the person may do for an organization; null in a department.
    async fn role(&self) -> Option<MemberRole> {
        self.0.role
    }
    /// The address that was invited.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }
    /// Whether somebody signed in with the address.
    async fn bound(&self) -> bool {
        self.0.subject.is_some()
    }
    /// When it was made (UTC).
    async fn invited_at(&self) -> DateTime<Utc> {
        self.0.invited_at
    }
    /// When it was taken (UTC).
    async fn bound_at(&self) -> Option<DateTime<Utc>> {
        self.0.bound_at
    }
    /// When it was ended (UTC).
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
    /// Its identifier here.
    pub async fn id(&self) -> DepartmentId {
        self.0.id
    }
    /// Its short code, such as `LIB`.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Whom a firm asks.
    async fn contact(&self) -> &str {
        &self.0.contact
    }
    /// Its contract officers; to administrators, auditors and its own officers, empty to others.
    async fn officers(&self, ctx: &Context<'_>) -> Result<Vec<Member>> {
        let loader: &DataLoader<OfficersOfDepartments> = ctx.data_unchecked();
        let officers = loader.load_one(self.0.id).await?.unwrap_or_default();
        Ok(officers.into_iter().map(Member).collect())
    }
}

/// Reads the officers of several departments. Made anew for each request: it holds the viewer.
#[derive(Clone, Debug)]
pub struct OfficersOfDepartments {
    pub db: Database,
    pub viewer: Viewer,
}

impl Loader<DepartmentId> for OfficersOfDepartments {
    type Value = Vec<service::Member>;
    type Error = Fault;

    async fn load(&self, ids: &[DepartmentId]) -> Result<HashMap<DepartmentId, Self::Value>> {
        service::officers(&self.db, &self.viewer, ids.to_vec()).await
    }
}

/// Who is asking.
#[derive(Debug)]
pub struct ViewerObject<'a>(&'a Viewer);

/// Who is asking, as the service knows it.
#[Object(crate = "crate::budget", name = "Viewer")]
impl ViewerObject<'_> {
    /// The token's subject.
    async fn subject(&self) -> &str {
        self.0.subject.subject()
    }
    /// The token's issuer: the subject is one person for this issuer alone.
    async fn issuer(&self) -> Option<&str> {
        self.0.subject.issuer()
    }
    /// The token's e-mail address, if its issuer verified it.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }
    /// What the token lets its subject do.
    async fn roles(&self) -> Vec<Role> {
        self.0.roles.iter().copied().collect()
    }
    /// The organizations that the subject is a member of.
    async fn memberships(&self) -> Vec<Membership> {
        let own = self.0.organizations.iter();
        own.map(|(organization_id, role)| Membership {
            organization_id: *organization_id,
            role: *role,
        })
        .collect()
    }
    /// The departments that the subject is a contract officer of.
    async fn department_ids(&self) -> &[DepartmentId] {
        &self.0.departments
    }
}

/// A membership of the viewer's.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct Membership {
    /// The organization.
    organization_id: OrganizationId,
    /// What the viewer may do for it.
    role: MemberRole,
}

/// Queries of organizations and departments.
#[derive(Debug, Default)]
pub struct OrganizationQuery;

#[Object(crate = "crate::budget")]
impl OrganizationQuery {
    /// Who is asking.
    async fn viewer<'a>(&self, ctx: &'a Context<'_>) -> Result<ViewerObject<'a>> {
        Ok(ViewerObject(request_context(ctx)?.1))
    }

    /// One organization; null if there is none or it is not yours to see.
    async fn organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization's identifier.")] id: OrganizationId,
    ) -> Result<Option<Organization>> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead());
        Ok(service::find(db, viewer, id, include).await?.map(Organization))
    }

    /// The organizations that you may see, by name.
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
        let include = node_lookahead(ctx, organization_include, Include::both);
        let arguments = PageArguments { first, after, last, before };
        let (sheet, total) = service::page(db, viewer, &arguments, requests_total_count(ctx), include).await?;
        Ok(connection(sheet, total))
    }

    /// The City's departments, by name.
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
        let (sheet, total) = service::departments(db, &arguments, requests_total_count(ctx)).await?;
        Ok(connection(sheet, total))
    }
}

/// The organization, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct OrganizationPayload {
    /// As it is now; null if anything is to mend.
    organization: Option<Organization>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

/// The department, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct DepartmentPayload {
    /// As it is now; null if anything is to mend.
    department: Option<Department>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

/// The member, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct MemberPayload {
    /// As it is now; null if anything is to mend.
    member: Option<Member>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

/// Mutations of organizations, departments and their people.
#[derive(Debug, Default)]
pub struct OrganizationMutation;

#[Object(crate = "crate::budget")]
impl OrganizationMutation {
    /// Registers an organization; who does so is its first signatory.
    async fn create_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is known of it.")] input: OrganizationInput,
    ) -> Result<OrganizationPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead().field("organization"));
        let (organization, user_errors) =
            split_user_errors(service::register(db, viewer, input, include).await)?;
        Ok(OrganizationPayload { organization, user_errors })
    }

    /// Corrects what is known of an organization: the input replaces all of it. For signatories.
    async fn update_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization's identifier.")] id: OrganizationId,
        #[graphql(desc = "All that is known of it.")] input: OrganizationInput,
    ) -> Result<OrganizationPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = organization_include(&ctx.look_ahead().field("organization"));
        let updated = service::update(db, viewer, id, input, include).await;
        let (organization, user_errors) = split_user_errors(updated)?;
        Ok(OrganizationPayload { organization, user_errors })
    }

    /// Registers a department. For administrators.
    async fn create_department(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the department is.")] input: DepartmentInput,
    ) -> Result<DepartmentPayload> {
        let (db, viewer) = request_context(ctx)?;
        let made = service::create_department(db, viewer, &input).await;
        let (department, user_errors) = split_user_errors(made)?;
        Ok(DepartmentPayload { department, user_errors })
    }

    /// Gives a contract officer a place in a department, by e-mail. For administrators.
    async fn add_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The department and the officer's address.")] input: OfficerInput,
    ) -> Result<MemberPayload> {
        let (db, viewer) = request_context(ctx)?;
        let (member, user_errors) = split_user_errors(service::add_officer(db, viewer, &input).await)?;
        Ok(MemberPayload { member, user_errors })
    }

    /// Invites a person to act for an organization, by e-mail. For its signatories.
    async fn invite_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization, the person's address and role.")]
        input: InvitationInput,
    ) -> Result<MemberPayload> {
        let (db, viewer) = request_context(ctx)?;
        let (member, user_errors) = split_user_errors(service::invite(db, viewer, &input).await)?;
        Ok(MemberPayload { member, user_errors })
    }

    /// Ends a membership, or withdraws an invitation: of an organization for its signatories, of a
    /// department for administrators.
    async fn remove_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The membership's identifier.")] id: MemberId,
    ) -> Result<MemberPayload> {
        let (db, viewer) = request_context(ctx)?;
        let (member, user_errors) = split_user_errors(service::remove(db, viewer, id).await)?;
        Ok(MemberPayload { member, user_errors })
    }
}
