//! The caller of a request, with roles and memberships, and every check of a role: features call these
//! checks and name no set of roles of their own.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{DepartmentId, EmailAddress, MemberRole, OrganizationId, PersonName};
use crate::database::Tx;
use crate::fault::{Fault, Result};
use crate::ledger::model::Actor;
use crate::principal::{Principal, ServiceActor};

string_enum! {
    /// A role that a token grants. The organizations that a person acts for are memberships in the
    /// database, never a token claim.
    pub enum Role {
        /// Files disclosures and submits bids for its organizations.
        Bidder,
        /// Reviews disclosures and bids for the Bureau of Contract Administration.
        BcaReviewer,
        /// Reviews, approves waivers, and decides appeals against other reviewers' decisions.
        BcaSupervisor,
        /// Creates, amends and publishes its departments' solicitations, and awards and renews their
        /// contracts.
        ContractOfficer,
        /// Reads for the City Administrative Officer.
        CaoAnalyst,
        /// Reads everything and changes nothing.
        Auditor,
        /// Registers departments and their officers, and publishes policies.
        Admin,
        /// A service account of the City's procurement system.
        ProcurementSystem,
        /// A service account that reads exports.
        ExportReader,
        /// A service account that reads events.
        EventReader,
    }
}

/// The caller of a request. Created once for each request, so that the whole request uses one time;
/// [`Self::with_effective_time`] adjusts it under a lock.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The person; the ledger's actor.
    pub subject: Principal,
    /// The token's e-mail address, if its issuer verified it.
    pub email: Option<String>,
    /// The token's name of the person, if it is readable.
    pub name: Option<PersonName>,
    pub roles: BTreeSet<Role>,
    /// The organizations that the person is a member of.
    pub organizations: Vec<(OrganizationId, MemberRole)>,
    /// The departments that the person is a contract officer of.
    pub departments: Vec<DepartmentId>,
    /// When the complete request had arrived: UTC, in whole microseconds.
    pub now: DateTime<Utc>,
}

impl Viewer {
    /// Returns a command of the service as a viewer, without roles.
    #[must_use]
    pub fn of_service(actor: ServiceActor, now: DateTime<Utc>) -> Self {
        Self::of_actor(actor.into(), now)
    }

    /// Returns who asked for an import, or a command of the service, as a viewer without roles: what the
    /// import does for it is no use of a role.
    #[must_use]
    pub fn of_actor(actor: Principal, now: DateTime<Utc>) -> Self {
        Self {
            subject: actor,
            name: None,
            email: None,
            roles: BTreeSet::new(),
            organizations: Vec::new(),
            departments: Vec::new(),
            now,
        }
    }

    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Returns whether the person may read the data of every organization: reviewers, supervisors,
    /// analysts, auditors and administrators, but not bidders and contract officers.
    #[must_use]
    pub fn can_read_all(&self) -> bool {
        use Role::{Admin, Auditor, BcaReviewer, BcaSupervisor, CaoAnalyst};
        [BcaReviewer, BcaSupervisor, CaoAnalyst, Auditor, Admin]
            .iter()
            .any(|role| self.has_role(*role))
    }

    /// Returns whether the person is City staff: everyone with City-wide read access, and contract
    /// officers.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.can_read_all() || self.has_role(Role::ContractOfficer)
    }

    /// Returns whether the person reads ledger entries whole and sees every department's officers:
    /// auditors and administrators.
    #[must_use]
    pub fn can_audit(&self) -> bool {
        self.has_role(Role::Auditor) || self.has_role(Role::Admin)
    }

    /// Returns whether the person is an administrator.
    #[must_use]
    pub fn can_administer(&self) -> bool {
        self.has_role(Role::Admin)
    }

    /// Returns whether this is a service account of the procurement system. It acts for many people, so
    /// it has no turns and no quotas.
    #[must_use]
    pub fn is_service_account(&self) -> bool {
        self.has_role(Role::ProcurementSystem)
    }

    /// Returns the viewer as exports read: a key for exports with the City-wide read access of the City's
    /// analysts, staff unchanged. Sealed bids stay sealed. The key reads nothing else in this way.
    ///
    /// # Errors
    /// `Forbidden` unless the viewer is City staff or a key for exports.
    pub fn reading_exports(&self) -> Result<Self> {
        let is_key = self.has_role(Role::ExportReader);
        let reason = "only City staff and API keys with the scope EXPORTS may read this";
        require(is_key || self.is_staff(), reason)?;
        let mut roles = self.roles.clone();
        if is_key {
            roles.insert(Role::CaoAnalyst);
        }
        Ok(Self { roles, ..self.clone() })
    }

    /// Returns the organizations that the person may act for; none without the bidder role.
    #[must_use]
    pub fn own_organizations(&self) -> Vec<OrganizationId> {
        if !self.has_role(Role::Bidder) {
            return Vec::new();
        }
        self.organizations.iter().map(|(id, _)| *id).collect()
    }

    /// Returns the departments that the person may act for; none without the contract-officer role.
    #[must_use]
    pub fn own_departments(&self) -> &[DepartmentId] {
        if self.has_role(Role::ContractOfficer) { &self.departments } else { &[] }
    }

    /// Returns the viewer at the effective time of what it does under the locks of `tx`: the time to
    /// compare with a deadline and to store.
    #[must_use]
    pub fn with_effective_time(&self, tx: &Tx) -> Self {
        Self { now: tx.effective_time(self.now), ..self.clone() }
    }

    /// Returns the viewer as the actor of a ledger entry.
    #[must_use]
    pub fn actor(&self) -> Actor<'_> {
        Actor { subject: self.subject.as_str(), at: self.now }
    }

    /// Returns the viewer's role in an organization.
    ///
    /// # Errors
    /// `NotFound` unless the viewer is a member: to others the organization does not exist.
    pub fn require_member(&self, organization: OrganizationId) -> Result<MemberRole> {
        let own = self.organizations.iter().find(|(id, _)| *id == organization);
        own.filter(|_| self.has_role(Role::Bidder)).map(|(_, role)| *role).ok_or(Fault::NotFound)
    }

    /// Requires that the viewer is a signatory of an organization.
    ///
    /// # Errors
    /// `NotFound` unless the viewer is a member, `Forbidden` (with `reason`) for a preparer.
    pub fn require_signatory(
        &self,
        organization: OrganizationId,
        reason: &'static str,
    ) -> Result<()> {
        match self.require_member(organization)? {
            MemberRole::Signatory => Ok(()),
            MemberRole::Preparer => Err(Fault::Forbidden(reason)),
        }
    }

    /// Requires a service account of the procurement system.
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) otherwise.
    pub fn require_procurement_system(&self, reason: &'static str) -> Result<()> {
        require(self.is_service_account(), reason)
    }

    /// Requires who may import lists: a service account of the procurement system, or an administrator.
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) otherwise.
    pub fn require_importer(&self, reason: &'static str) -> Result<()> {
        require(self.is_service_account() || self.can_administer(), reason)
    }

    /// Returns the procurement system's account as it acts for a firm that is signed in at a portal:
    /// with a member's access to that firm and no other. The actor of what it does is the account. Call
    /// [`Self::require_procurement_system`] first.
    #[must_use]
    pub fn acting_for_firm(&self, firm: OrganizationId) -> Self {
        Self {
            roles: BTreeSet::from([Role::ProcurementSystem, Role::Bidder]),
            organizations: vec![(firm, MemberRole::Preparer)],
            departments: Vec::new(),
            ..self.clone()
        }
    }

    /// Returns the procurement system's account as it acts for a department: with the access of its
    /// contract officers. Sealed bids stay sealed. The actor of what it does is the account. Call
    /// [`Self::require_procurement_system`] first.
    #[must_use]
    pub fn acting_for_department(&self, department: DepartmentId) -> Self {
        Self {
            roles: BTreeSet::from([Role::ProcurementSystem, Role::ContractOfficer]),
            organizations: Vec::new(),
            departments: vec![department],
            ..self.clone()
        }
    }

    /// Returns the viewer with City-wide read access if it is the procurement system's account, whose
    /// portals show every department's solicitations and contracts, and else unchanged. Sealed bids stay
    /// sealed.
    #[must_use]
    pub fn reading_for_portal(&self) -> Self {
        let mut roles = self.roles.clone();
        if self.is_service_account() {
            roles.insert(Role::CaoAnalyst);
        }
        Self { roles, ..self.clone() }
    }

    /// Requires the bidder role.
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) otherwise.
    pub fn require_bidder(&self, reason: &'static str) -> Result<()> {
        require(self.has_role(Role::Bidder), reason)
    }

    /// Requires the bidder role, or that the person is City staff.
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) otherwise.
    pub fn require_bidder_or_staff(&self, reason: &'static str) -> Result<()> {
        require(self.has_role(Role::Bidder) || self.is_staff(), reason)
    }

    /// Requires the role of a reviewer or a supervisor.
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) otherwise.
    pub fn require_reviewer(&self, reason: &'static str) -> Result<()> {
        require(self.has_role(Role::BcaReviewer) || self.has_role(Role::BcaSupervisor), reason)
    }

    /// Requires the role of a reviewer, a supervisor or a contract officer.
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) otherwise.
    pub fn require_reviewer_or_officer(&self, reason: &'static str) -> Result<()> {
        let is_allowed = [Role::BcaReviewer, Role::BcaSupervisor, Role::ContractOfficer];
        require(is_allowed.iter().any(|role| self.has_role(*role)), reason)
    }

    /// Requires the supervisor role.
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) otherwise.
    pub fn require_supervisor(&self, reason: &'static str) -> Result<()> {
        require(self.has_role(Role::BcaSupervisor), reason)
    }

    /// Requires the administrator role.
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) otherwise.
    pub fn require_admin(&self, reason: &'static str) -> Result<()> {
        require(self.can_administer(), reason)
    }

    /// Requires that the person is an auditor or an administrator: see [`Self::can_audit`].
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) otherwise.
    pub fn require_audit(&self, reason: &'static str) -> Result<()> {
        require(self.can_audit(), reason)
    }

    /// Requires City-wide read access: see [`Self::can_read_all`].
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) otherwise.
    pub fn require_reader(&self, reason: &'static str) -> Result<()> {
        require(self.can_read_all(), reason)
    }

    /// Requires that the person is City staff: see [`Self::is_staff`].
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) otherwise.
    pub fn require_staff(&self, reason: &'static str) -> Result<()> {
        require(self.is_staff(), reason)
    }

    /// Requires that the viewer is a contract officer of a department.
    ///
    /// # Errors
    /// `Forbidden` otherwise.
    pub fn require_officer(&self, department: DepartmentId) -> Result<()> {
        let reason = "only a contract officer of that department may do this";
        require(self.own_departments().contains(&department), reason)
    }
}

fn require(is_allowed: bool, reason: &'static str) -> Result<()> {
    if is_allowed { Ok(()) } else { Err(Fault::Forbidden(reason)) }
}

/// A person as a verified token identifies it.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The person: the token's issuer and subject.
    pub subject: Principal,
    /// The token's e-mail address, if its issuer verified it.
    pub email: Option<EmailAddress>,
    /// The token's name of the person, if it is readable.
    pub name: Option<PersonName>,
    pub roles: BTreeSet<Role>,
}
