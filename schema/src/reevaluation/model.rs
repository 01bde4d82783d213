//! The values of a pending re-evaluation.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::gate::RuleCode;

typed_id! {
    /// A pending re-evaluation.
    ReevaluationId, "ree"
}

string_enum! {
    /// The kind of subject that changed.
    pub enum ChangeSource {
        /// An organization: its identity or its disclosures. Bids and contracts that name it depend
        /// on it.
        Organization,
        /// A policy: which of its rules apply. The bids and contracts that it decides depend on it.
        Policy,
        /// A solicitation: its due time, or a waiver or an exemption on it.
        Solicitation,
        /// A contract: its terms, or a waiver or an exemption on it.
        Contract,
    }
}

/// The rules that a change concerns. Refused bids are considered again if there are any; what is lifted for a bid,
/// `bidding::service::redecide` decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct LiftedRules(pub BTreeSet<RuleCode>);

impl LiftedRules {
    /// No rule: refused bids are not decided again.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The rules that block because of a rejected filing: of the bidder itself, a member or a
    /// subcontractor.
    #[must_use]
    pub fn rejection_rules() -> Self {
        Self(
            [
                RuleCode::DisclosureRejected,
                RuleCode::MemberMissingDisclosure,
                RuleCode::SubcontractorMissingDisclosure,
            ]
            .into(),
        )
    }

    /// `rules`, or every rule if `rules` is empty.
    #[must_use]
    pub fn rules_or_all(rules: &BTreeSet<RuleCode>) -> Self {
        Self(if rules.is_empty() { RuleCode::ALL.iter().copied().collect() } else { rules.clone() })
    }
}

/// A change after which the bids and contracts that depend on its subject are re-evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub source: ChangeSource,
    /// The identifier of the organization, policy, solicitation or contract.
    pub subject_id: Uuid,
    pub lifted_rules: LiftedRules,
    /// When the re-evaluation is due (UTC); for a future deadline, the deadline.
    pub not_before: DateTime<Utc>,
}
