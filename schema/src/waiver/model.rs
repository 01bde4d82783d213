//! What a waiver and an exemption are made of.
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
    /// An exemption that was claimed for one subject.
    ExemptionId, "exm"
}

vocabulary! {
    /// Where a waiver is in its life.
    pub enum WaiverStatus {
        /// Asked for; it lowers nothing.
        Requested,
        /// It lowers its rule until it expires.
        Approved,
        /// Declined, or taken back: it lowers nothing any more.
        Revoked,
    }
}

/// A step that the present status does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTransition;

impl WaiverStatus {
    /// # Errors
    /// Unless it is asked for.
    pub fn approve(self) -> Result<Self, InvalidTransition> {
        if self == Self::Requested { Ok(Self::Approved) } else { Err(InvalidTransition) }
    }

    /// # Errors
    /// If it was revoked already.
    pub fn revoke(self) -> Result<Self, InvalidTransition> {
        if self == Self::Revoked { Err(InvalidTransition) } else { Ok(Self::Revoked) }
    }
}

/// What a waiver or an exemption is for, as the feature that has the subject knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An organization on a solicitation: its bid, and the award that comes of it.
    Bid { department: DepartmentId, solicitation: Uuid, organization: OrganizationId },
    /// A contract by its number in the department, awarded or to be; one of its renewals alone if
    /// that is named.
    Contract {
        department: DepartmentId,
        number: String,
        contract: Option<Uuid>,
        renewal: Option<Uuid>,
    },
}

impl Target {
    /// Whose affair it is.
    #[must_use]
    pub const fn department(&self) -> DepartmentId {
        match self {
            Self::Bid { department, .. } | Self::Contract { department, .. } => *department,
        }
    }
}

/// What is decided on, by what waivers and exemptions are found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// A bid: a solicitation's bare UUID, and who bids.
    Bid(Uuid, OrganizationId),
    /// An award: from which bid, if it is from one, and the contract's number to be.
    Award { bid: Option<(Uuid, OrganizationId)>, department: DepartmentId, number: String },
    /// A renewal: the contract's bare UUID, when it was awarded (UTC), and the renewal's own.
    Renewal { contract: Uuid, awarded_at: DateTime<Utc>, renewal: Uuid },
}

/// A request for a waiver: what is asked, on which grounds and until when.
#[derive(Clone, Debug, InputObject)]
#[graphql(name = "WaiverGroundsInput")]
pub struct WaiverRequest {
    /// The rule to lower to a note, by its code, such as `contract.clause_missing`.
    pub rule: String,
    /// What the contract is for, and why it cannot go without.
    #[graphql(default)]
    pub purpose: String,
    /// Which other suppliers were looked for, and what came of it.
    #[graphql(default)]
    pub alternatives: String,
    /// What it would cost to use one of them, in words.
    #[graphql(default)]
    pub cost: String,
    /// The same as an amount.
    pub cost_amount: Option<MoneyText>,
    /// The code section or the Council file that allows it.
    #[graphql(default)]
    pub authority: String,
    /// The last local day on which it holds.
    pub expires_on: Date,
}

/// A claim of an exemption.
#[derive(Clone, Debug, InputObject)]
#[graphql(name = "ExemptionGroundsInput")]
pub struct ExemptionClaim {
    /// Which one: the policy says which are available.
    pub kind: ExemptionKind,
    /// Why it holds here.
    pub reason: String,
    /// The law that allows it; the policy's own authority for the kind if it is left out.
    pub authority: Option<String>,
}
