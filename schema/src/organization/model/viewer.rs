//! Who asks, and what that person may act for.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{DepartmentId, EmailAddress, MemberRole, OrganizationId};
use crate::database::Tx;
use crate::fault::{Fault, Result};
use crate::ledger::model::Actor;
use crate::principal::Principal;

vocabulary! {
    /// What a token lets its subject do. Which organization someone acts for is a membership in
    /// our database, never a claim.
    pub enum Role {
        /// Files disclosures and bids for the organizations it is a member of.
        Bidder,
        /// Reviews disclosures and bids for the Bureau of Contract Administration.
        BcaReviewer,
        /// Reviews, and decides what another reviewer's decision is questioned for.
        BcaSupervisor,
        /// Makes, amends and publishes the solicitations of the departments it is a member of.
        ContractOfficer,
        /// Reads for the City Administrative Officer.
        CaoAnalyst,
        /// Reads all, changes nothing.
        Auditor,
        /// Registers departments and their officers.
        Admin,
        /// A service account of the City's procurement system.
        ProcurementSystem,
    }
}

/// Who asks. Made once a request; `now` is when it had arrived whole, so that one request sees one
/// time, and what it writes under a lock counts from there ([`Self::at_lock`]).
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The person: what the ledger names as the actor.
    pub subject: Principal,
    /// The token's e-mail address, only if its issuer verified it.
    pub email: Option<String>,
    pub roles: BTreeSet<Role>,
    /// The organizations this person is a member of.
    pub organizations: Vec<(OrganizationId, MemberRole)>,
    /// The departments this person is a contract officer of.
    pub departments: Vec<DepartmentId>,
    /// UTC, whole microseconds: when the whole request had arrived.
    pub now: DateTime<Utc>,
}

impl Viewer {
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether every organization's affairs are open to this person: reviewers, supervisors,
    /// analysts, auditors and administrators, but neither bidders nor contract officers.
    #[must_use]
    pub fn reads_all(&self) -> bool {
        use Role::{Admin, Auditor, BcaReviewer, BcaSupervisor, CaoAnalyst};
        [BcaReviewer, BcaSupervisor, CaoAnalyst, Auditor, Admin].iter().any(|role| self.is(*role))
    }

    /// Whether this person works for the City: all who read all, and contract officers.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.reads_all() || self.is(Role::ContractOfficer)
    }

    /// The organizations this person may act for, if its token lets it bid at all.
    #[must_use]
    pub fn own_organizations(&self) -> Vec<OrganizationId> {
        if !self.is(Role::Bidder) {
            return Vec::new();
        }
        self.organizations.iter().map(|(id, _)| *id).collect()
    }

    /// The departments whose affairs this person may conduct.
    #[must_use]
    pub fn own_departments(&self) -> &[DepartmentId] {
        if self.is(Role::ContractOfficer) { &self.departments } else { &[] }
    }

    /// This person at the time at which what was asked counts as done, now that `tx` holds the
    /// locks that it needs: what is compared with a deadline, and what is kept of it.
    #[must_use]
    pub fn at_lock(&self, tx: &Tx) -> Self {
        Self { now: tx.effective_time(self.now), ..self.clone() }
    }

    /// This person as the ledger names who did something.
    #[must_use]
    pub fn actor(&self) -> Actor<'_> {
        Actor { subject: self.subject.as_str(), at: self.now }
    }

    /// What this person is in an organization.
    ///
    /// # Errors
    /// `NotFound` to who is no member: to them the organization does not exist.
    pub fn member_of(&self, organization: OrganizationId) -> Result<MemberRole> {
        let own = self.organizations.iter().find(|(id, _)| *id == organization);
        own.filter(|_| self.is(Role::Bidder)).map(|(_, role)| *role).ok_or(Fault::NotFound)
    }

    /// # Errors
    /// `NotFound` to who is no member, `Forbidden` (with `why`) to a preparer.
    pub fn signs_for(&self, organization: OrganizationId, why: &'static str) -> Result<()> {
        match self.member_of(organization)? {
            MemberRole::Signatory => Ok(()),
            MemberRole::Preparer => Err(Fault::Forbidden(why)),
        }
    }

    /// # Errors
    /// `Forbidden` (with `why`) to who has none of the roles.
    pub fn requires(&self, roles: &[Role], why: &'static str) -> Result<()> {
        if roles.iter().any(|role| self.is(*role)) { Ok(()) } else { Err(Fault::Forbidden(why)) }
    }

    /// # Errors
    /// `Forbidden` (with `why`) to all but reviewers and supervisors.
    pub fn reviews(&self, why: &'static str) -> Result<()> {
        self.requires(&[Role::BcaReviewer, Role::BcaSupervisor], why)
    }

    /// # Errors
    /// `Forbidden` to who is no officer of the department.
    pub fn officer_of(&self, department: DepartmentId) -> Result<()> {
        if self.own_departments().contains(&department) {
            return Ok(());
        }
        Err(Fault::Forbidden("only a contract officer of that department does this"))
    }
}

/// Who a token says is asking.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The person: the token's issuer and subject.
    pub subject: Principal,
    /// The token's e-mail address, only if its issuer verified it.
    pub email: Option<EmailAddress>,
    pub roles: BTreeSet<Role>,
}
