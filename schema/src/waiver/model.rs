//! Identifiers, states and inputs of waivers and exemptions.
use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::gate::ExemptionKind;
use crate::money::MoneyText;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::scalar::Date;

typed_id! {
    /// A waiver of one rule for one subject.
    WaiverId, "wvr"
}
typed_id! {
    /// An exemption claimed for one subject.
    ExemptionId, "exm"
}

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

/// The current status does not allow this transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTransition;

impl WaiverStatus {
    /// Returns the status after approval.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless the waiver is requested.
    pub fn approve(self) -> Result<Self, InvalidTransition> {
        if self == Self::Requested { Ok(Self::Approved) } else { Err(InvalidTransition) }
    }

    /// Returns the status after revocation.
    ///
    /// # Errors
    /// [`InvalidTransition`] if the waiver is revoked already.
    pub fn revoke(self) -> Result<Self, InvalidTransition> {
        if self == Self::Revoked { Err(InvalidTransition) } else { Ok(Self::Revoked) }
    }
}

/// The subject of a waiver or an exemption, as the feature that owns the subject gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReliefSubject {
    /// An organization on a solicitation: its bid and the award from it.
    Bid { department: DepartmentId, solicitation: Uuid, organization: OrganizationId },
    /// A contract, awarded or not yet, by its number in the department; limited to one renewal if
    /// `renewal` is set.
    Contract {
        department: DepartmentId,
        number: String,
        contract: Option<Uuid>,
        renewal: Option<Uuid>,
    },
}

impl ReliefSubject {
    /// Returns the department that the subject belongs to.
    #[must_use]
    pub const fn department(&self) -> DepartmentId {
        match self {
            Self::Bid { department, .. } | Self::Contract { department, .. } => *department,
        }
    }
}

/// The subject of a gate decision, with the keys by which its waivers and exemptions are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReliefLookup {
    /// A bid: the solicitation's bare UUID and the bidding organization.
    Bid(Uuid, OrganizationId),
    /// An award: its bid, if any, and the number of the contract to award.
    Award { bid: Option<(Uuid, OrganizationId)>, department: DepartmentId, number: String },
    /// A renewal: the bare UUIDs of contract and renewal, and when the contract was awarded (UTC).
    Renewal { contract: Uuid, awarded_at: DateTime<Utc>, renewal: Uuid },
}

/// A request for a waiver: its rule, grounds and expiry.
#[derive(Clone, Debug, InputObject)]
#[graphql(name = "WaiverGroundsInput")]
pub struct WaiverRequest {
    /// The rule to lower to a note, by its code, such as `contract.clause_missing`.
    pub rule: String,
    /// What the contract is for, and why it needs the waiver.
    #[graphql(default)]
    pub purpose: String,
    /// The alternative suppliers that were considered, and the result.
    #[graphql(default)]
    pub alternatives: String,
    /// What an alternative supplier would cost, in words.
    #[graphql(default)]
    pub cost: String,
    /// What an alternative supplier would cost, as an amount.
    pub cost_amount: Option<MoneyText>,
    /// The code section or Council file that allows the waiver.
    #[graphql(default)]
    pub authority: String,
    /// The last local day on which the waiver is in effect.
    pub expires_on: Date,
}

/// A claim of an exemption.
#[derive(Clone, Debug, InputObject)]
#[graphql(name = "ExemptionGroundsInput")]
pub struct ExemptionClaim {
    /// The kind of exemption; the policy lists the available kinds.
    pub kind: ExemptionKind,
    /// Why the exemption applies.
    pub reason: String,
    /// The law that allows the exemption; by default the authority that the policy gives for the kind.
    pub authority: Option<String>,
}
