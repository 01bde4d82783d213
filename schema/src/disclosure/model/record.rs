//! A filed disclosure: where it is in its life, and its review.
use chrono::{DateTime, Utc};

use super::{DisclosureId, DisclosureStatus};
use crate::gate::ReviewState;
use crate::organization::model::{OrganizationId, Viewer};
use crate::principal::Principal;
use crate::transition::{InvalidTransition, transition};

/// A filed disclosure, without its statement. A draft is a separate object until it is filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosureRecord {
    pub id: DisclosureId,
    pub organization_id: OrganizationId,
    /// Starts at 1 and increases with each filing of the organization. After a merge it is also above the version
    /// on file, so that numbers may be skipped.
    pub version: i64,
    pub state: DisclosureState,
    pub review: ReviewState,
    /// UTC.
    pub filed_at: DateTime<Utc>,
    pub assignment: Option<Assignment>,
}

/// The state of a filed disclosure, with the data that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisclosureState {
    /// The organization's disclosure on file.
    Filed,
    /// Replaced by a later filing; still valid for bids and contracts that rely on it.
    Superseded,
    /// Withdrawn by the organization.
    Withdrawn(Withdrawal),
}

/// The withdrawal of a disclosure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// UTC.
    pub at: DateTime<Utc>,
    pub reason: String,
}

/// The assignment of a disclosure to a reviewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub reviewer: Principal,
    /// UTC.
    pub at: DateTime<Utc>,
}

impl DisclosureState {
    /// The status, without data.
    #[must_use]
    pub const fn status(&self) -> DisclosureStatus {
        match self {
            Self::Filed => DisclosureStatus::Filed,
            Self::Superseded => DisclosureStatus::Superseded,
            Self::Withdrawn(_) => DisclosureStatus::Withdrawn,
        }
    }
}

impl DisclosureRecord {
    /// The status, without data.
    #[must_use]
    pub const fn status(&self) -> DisclosureStatus {
        self.state.status()
    }

    /// The withdrawal, if it was withdrawn.
    #[must_use]
    pub const fn withdrawal(&self) -> Option<&Withdrawal> {
        match &self.state {
            DisclosureState::Withdrawn(withdrawal) => Some(withdrawal),
            DisclosureState::Filed | DisclosureState::Superseded => None,
        }
    }

    /// The assigned reviewer.
    #[must_use]
    pub fn reviewer(&self) -> Option<&Principal> {
        self.assignment.as_ref().map(|assignment| &assignment.reviewer)
    }

    /// The disclosure after a later filing.
    ///
    /// # Errors
    /// If it is not on file.
    pub fn supersede(self) -> Result<Self, InvalidTransition<DisclosureStatus>> {
        self.change(DisclosureState::Superseded)
    }

    /// The disclosure after its withdrawal.
    ///
    /// # Errors
    /// If it is not on file: a superseded disclosure cannot be withdrawn.
    pub fn withdraw(
        self,
        withdrawal: Withdrawal,
    ) -> Result<Self, InvalidTransition<DisclosureStatus>> {
        self.change(DisclosureState::Withdrawn(withdrawal))
    }

    fn change(self, state: DisclosureState) -> Result<Self, InvalidTransition<DisclosureStatus>> {
        transition(self.status(), &[DisclosureStatus::Filed], state.status())?;
        Ok(Self { state, ..self })
    }

    /// The disclosure with the viewer as its reviewer, unless it already has one.
    #[must_use]
    pub fn assign_if_unassigned(self, viewer: &Viewer) -> Self {
        let assignment = self
            .assignment
            .unwrap_or_else(|| Assignment { reviewer: viewer.subject.clone(), at: viewer.now });
        Self { assignment: Some(assignment), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::{DisclosureRecord, DisclosureState, Withdrawal};
    use crate::disclosure::model::{DisclosureId, DisclosureStatus};
    use crate::gate::ReviewState;
    use crate::organization::model::OrganizationId;
    use crate::transition::InvalidTransition;

    fn filed() -> DisclosureRecord {
        DisclosureRecord {
            id: DisclosureId::generate(),
            organization_id: OrganizationId::generate(),
            version: 1,
            state: DisclosureState::Filed,
            review: ReviewState::Unreviewed,
            filed_at: "2026-03-01T17:00:00Z".parse().expect("a time"),
            assignment: None,
        }
    }

    fn withdrawal() -> Withdrawal {
        let at = "2026-03-02T17:00:00Z".parse().expect("a time");
        Withdrawal { at, reason: "Filed by mistake.".to_owned() }
    }

    #[test]
    fn only_the_disclosure_on_file_changes() {
        use DisclosureStatus::{Superseded, Withdrawn};
        let superseded = filed().supersede().expect("on file");
        let withdrawn = filed().withdraw(withdrawal()).expect("on file");
        assert_eq!(withdrawn.withdrawal(), Some(&withdrawal()));
        for (record, from) in [(superseded, Superseded), (withdrawn, Withdrawn)] {
            assert_eq!(record.status(), from);
            assert_eq!(record.withdrawal().is_some(), from == Withdrawn);
            let refused = |to| Err(InvalidTransition { from, to });
            assert_eq!(record.clone().supersede(), refused(Superseded));
            assert_eq!(record.withdraw(withdrawal()), refused(Withdrawn));
        }
    }
}
