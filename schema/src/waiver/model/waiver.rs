//! A waiver and its states.
use chrono::{DateTime, NaiveDate, Utc};

use super::{SubjectColumns, WaiverId};
use crate::money::Money;
use crate::principal::Principal;
use crate::transition::InvalidTransition;

string_enum! {
    /// The status of a waiver.
    pub enum WaiverStatus {
        /// Requested and awaiting approval; it has no effect.
        Requested,
        /// Approved; it lowers its rule to a note until it expires.
        Approved,
        /// Declined or revoked; it has no effect.
        Revoked,
    }
}

/// A waiver of one rule for one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    pub id: WaiverId,
    /// The code of the rule to lower, such as `contract.clause_missing`.
    pub rule: String,
    pub subject: SubjectColumns,
    /// What the contract is for, and why it needs the waiver.
    pub purpose: String,
    /// The alternative suppliers that were considered, and the result.
    pub alternatives: String,
    /// What an alternative supplier would cost, in words.
    pub cost: String,
    pub cost_amount: Option<Money>,
    /// The code section or Council file that allows the waiver.
    pub authority: String,
    /// The last local day on which the waiver is in effect.
    pub expires_on: NaiveDate,
    /// The local midnight that ends `expires_on`, in UTC; exclusive.
    pub expires_at: DateTime<Utc>,
    pub requested_by: Principal,
    pub requested_at: DateTime<Utc>,
    pub state: WaiverState,
}

/// The state of a waiver. An expired waiver stays approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaiverState {
    Requested,
    Approved(Approval),
    /// Declined, or revoked after an approval.
    Revoked {
        revocation: Revocation,
        approval: Option<Approval>,
    },
}

/// The approval of a waiver, by another person than its requester.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub by: Principal,
    pub at: DateTime<Utc>,
}

/// The reason why a waiver was declined or revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    pub by: Principal,
    pub at: DateTime<Utc>,
    pub reason: String,
}

impl WaiverState {
    /// The status, without data.
    #[must_use]
    pub const fn status(&self) -> WaiverStatus {
        match self {
            Self::Requested => WaiverStatus::Requested,
            Self::Approved(_) => WaiverStatus::Approved,
            Self::Revoked { .. } => WaiverStatus::Revoked,
        }
    }

    /// The approval, also of a waiver that was revoked later.
    #[must_use]
    pub const fn approval(&self) -> Option<&Approval> {
        match self {
            Self::Requested => None,
            Self::Approved(approval) => Some(approval),
            Self::Revoked { approval, .. } => approval.as_ref(),
        }
    }

    /// Why and by whom the waiver was declined or revoked; `None` in every other state.
    #[must_use]
    pub const fn revocation(&self) -> Option<&Revocation> {
        if let Self::Revoked { revocation, .. } = self { Some(revocation) } else { None }
    }
}

impl Waiver {
    /// Whether the waiver lowers its rule at a time.
    #[must_use]
    pub fn is_in_effect(&self, at: DateTime<Utc>) -> bool {
        self.state.status() == WaiverStatus::Approved && at < self.expires_at
    }

    /// Approves a requested waiver.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless the waiver is requested.
    pub fn approve(self, approval: Approval) -> Result<Self, InvalidTransition<WaiverStatus>> {
        match self.state {
            WaiverState::Requested => Ok(Self { state: WaiverState::Approved(approval), ..self }),
            WaiverState::Approved(_) | WaiverState::Revoked { .. } => {
                Err(InvalidTransition { from: self.state.status(), to: WaiverStatus::Approved })
            }
        }
    }

    /// Declines a requested waiver or revokes an approved one.
    ///
    /// # Errors
    /// [`InvalidTransition`] if the waiver is revoked already.
    pub fn revoke(self, revocation: Revocation) -> Result<Self, InvalidTransition<WaiverStatus>> {
        let approval = match self.state {
            WaiverState::Requested => None,
            WaiverState::Approved(approval) => Some(approval),
            WaiverState::Revoked { .. } => {
                let status = WaiverStatus::Revoked;
                return Err(InvalidTransition { from: status, to: status });
            }
        };
        Ok(Self { state: WaiverState::Revoked { revocation, approval }, ..self })
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::{
        Approval, Revocation, SubjectColumns, Waiver, WaiverId, WaiverState, WaiverStatus,
    };
    use crate::organization::model::DepartmentId;
    use crate::principal::ServiceActor;
    use crate::transition::InvalidTransition;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn requested() -> Waiver {
        Waiver {
            id: WaiverId::generate(),
            rule: "contract.clause_missing".to_owned(),
            subject: SubjectColumns {
                department: DepartmentId::generate(),
                organization: None,
                solicitation: None,
                number: Some("C-1".to_owned()),
                contract: None,
                renewal: None,
            },
            purpose: String::new(),
            alternatives: String::new(),
            cost: String::new(),
            cost_amount: None,
            authority: String::new(),
            expires_on: "2026-03-31".parse().expect("a day"),
            expires_at: at("2026-04-01T07:00:00Z"),
            requested_by: ServiceActor::Service.into(),
            requested_at: at("2026-02-02T08:00:00Z"),
            state: WaiverState::Requested,
        }
    }

    fn approval() -> Approval {
        Approval { by: ServiceActor::Operator.into(), at: at("2026-02-03T08:00:00Z") }
    }

    fn revocation() -> Revocation {
        Revocation {
            by: ServiceActor::Operator.into(),
            at: at("2026-02-04T08:00:00Z"),
            reason: "Not needed.".to_owned(),
        }
    }

    #[test]
    fn an_approved_waiver_is_in_effect_until_it_expires() {
        let approved = requested().approve(approval()).expect("a requested waiver");
        assert!(approved.is_in_effect(at("2026-04-01T06:59:59Z")));
        assert!(!approved.is_in_effect(at("2026-04-01T07:00:00Z")));
        assert!(!requested().is_in_effect(at("2026-02-03T08:00:00Z")));
        let revoked = approved.revoke(revocation()).expect("an approved waiver");
        assert!(!revoked.is_in_effect(at("2026-02-05T08:00:00Z")));
        assert_eq!(revoked.state.approval(), Some(&approval()));
    }

    #[test]
    fn an_invalid_transition_is_refused() {
        let approved = requested().approve(approval()).expect("a requested waiver");
        let refused = |from, to| Err(InvalidTransition { from, to });
        let (approve, revoke) = (WaiverStatus::Approved, WaiverStatus::Revoked);
        assert_eq!(approved.approve(approval()), refused(approve, approve));
        let declined = requested().revoke(revocation()).expect("a requested waiver");
        assert_eq!(declined.state.approval(), None);
        assert_eq!(declined.clone().approve(approval()), refused(revoke, approve));
        assert_eq!(declined.revoke(revocation()), refused(revoke, revoke));
    }
}
