//! Identifiers, subjects and inputs of waivers and exemptions.
mod filter;
mod waiver;

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::gate::ExemptionKind;
use crate::money::MoneyText;
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::scalar::Date;

pub use filter::{ExemptionFilter, ValidExemptionFilter, ValidWaiverFilter, WaiverFilter};
pub use waiver::{Approval, Revocation, Waiver, WaiverState, WaiverStatus};

typed_id! {
    /// A waiver of one rule for one subject.
    WaiverId, "wvr"
}
typed_id! {
    /// An exemption claimed for one subject.
    ExemptionId, "exm"
}

string_enum! {
    /// Whether a second person has approved an exemption that needs it.
    pub enum ExemptionApproval {
        /// Claimed and awaiting approval; it has no effect.
        Requested,
        /// Approved by another person than its claimant; it is in effect.
        Approved,
        /// Declined; it has no effect.
        Declined,
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

/// The columns, common to both tables, that identify the subject of a waiver or an exemption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectColumns {
    pub department: DepartmentId,
    /// The bidding organization; set together with the solicitation.
    pub organization: Option<OrganizationId>,
    /// The solicitation's bare UUID.
    pub solicitation: Option<Uuid>,
    /// The contract's number in the department; the contract may not be awarded yet.
    pub number: Option<String>,
    /// The contract's bare UUID, once it is awarded.
    pub contract: Option<Uuid>,
    /// The bare UUID of the renewal that it is limited to, if any.
    pub renewal: Option<Uuid>,
}

impl From<ReliefSubject> for SubjectColumns {
    fn from(target: ReliefSubject) -> Self {
        match target {
            ReliefSubject::Bid { department, solicitation, organization } => Self {
                department,
                organization: Some(organization),
                solicitation: Some(solicitation),
                number: None,
                contract: None,
                renewal: None,
            },
            ReliefSubject::Contract { department, number, contract, renewal } => Self {
                department,
                organization: None,
                solicitation: None,
                number: Some(number),
                contract,
                renewal,
            },
        }
    }
}

/// An awarded contract, with the bid and the number that named it before its award.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwardedContract<'a> {
    /// The contract's bare UUID.
    pub contract: Uuid,
    pub department: DepartmentId,
    /// The contract's number in the department.
    pub number: &'a str,
    /// The solicitation's bare UUID and the organizations of the bidder's group, if it was awarded from a
    /// bid.
    pub bid: Option<(Uuid, &'a [OrganizationId])>,
}

/// The subject of a gate decision, with the keys by which its waivers and exemptions are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReliefLookup {
    /// A bid: the solicitation's bare UUID and the bidding organization.
    Bid(Uuid, OrganizationId),
    /// An award: its bid, if any, and the number of the contract to award.
    Award { bid: Option<(Uuid, OrganizationId)>, department: DepartmentId, number: String },
    /// A renewal: the bare UUIDs of contract and renewal, when the contract was awarded (UTC), and the
    /// bare UUIDs of its earlier renewals that were executed.
    Renewal { contract: Uuid, awarded_at: DateTime<Utc>, renewal: Uuid, executed: Vec<Uuid> },
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
    /// Required if the policy gives none.
    pub authority: Option<String>,
}
