//! The caller of a request, with roles and memberships.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{DepartmentId, EmailAddress, MemberRole, OrganizationId};
use crate::database::Tx;
use crate::fault::{Fault, Result};
use crate::ledger::model::Actor;
use crate::principal::Principal;

vocabulary! {
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
    pub roles: BTreeSet<Role>,
    /// The organizations that the person is a member of.
    pub organizations: Vec<(OrganizationId, MemberRole)>,
    /// The departments that the person is a contract officer of.
    pub departments: Vec<DepartmentId>,
    /// When the complete request had arrived: UTC, in whole microseconds.
    pub now: DateTime<Utc>,
}

impl Viewer {
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

    /// Requires one of the roles.
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) if the viewer has none of them.
    pub fn require_role(&self, roles: &[Role], reason: &'static str) -> Result<()> {
        if roles.iter().any(|role| self.has_role(*role)) {
            Ok(())
        } else {
            Err(Fault::Forbidden(reason))
        }
    }

    /// Requires the role of a reviewer or a supervisor.
    ///
    /// # Errors
    /// `Forbidden` (with `reason`) otherwise.
    pub fn require_reviewer(&self, reason: &'static str) -> Result<()> {
        self.require_role(&[Role::BcaReviewer, Role::BcaSupervisor], reason)
    }

    /// Requires that the viewer is a contract officer of a department.
    ///
    /// # Errors
    /// `Forbidden` otherwise.
    pub fn require_officer(&self, department: DepartmentId) -> Result<()> {
        if self.own_departments().contains(&department) {
            return Ok(());
        }
        Err(Fault::Forbidden("only a contract officer of that department may do this"))
    }
}

/// A person as a verified token identifies it.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The person: the token's issuer and subject.
    pub subject: Principal,
    /// The token's e-mail address, if its issuer verified it.
    pub email: Option<EmailAddress>,
    pub roles: BTreeSet<Role>,
}
