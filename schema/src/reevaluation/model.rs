//! What a note is made of.
use std::collections::BTreeSet;

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::gate::RuleCode;

typed_id! {
    /// A note that something has changed.
    ReevaluationId, "rec"
}

vocabulary! {
    /// What has changed.
    pub enum ChangeSource {
        /// How an organization's disclosures stand, or who it is: whatever names it hangs on it.
        Organization,
        /// Whether rules of a policy are in effect: whatever it decides hangs on it.
        Policy,
        /// When a solicitation's bids are due, or what is waived or put off on it.
        Solicitation,
        /// A contract, or what is waived or put off for it.
        Contract,
    }
}

/// The rules whose refusals the change may undo: a refused attempt is looked at again only if
/// nothing else refused it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct LiftedRules(pub BTreeSet<RuleCode>);

impl LiftedRules {
    /// None: refused attempts stay as they are.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// What a rejection refuses, of the bidder's own disclosure and of those it names.
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

    /// These rules; every one if there are none of them.
    #[must_use]
    pub fn rules_or_all(rules: &BTreeSet<RuleCode>) -> Self {
        Self(if rules.is_empty() { RuleCode::ALL.iter().copied().collect() } else { rules.clone() })
    }
}
