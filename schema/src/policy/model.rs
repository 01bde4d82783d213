//! Identifiers, states and inputs of policies, of their suspensions and of proposed changes.
use std::collections::BTreeSet;

use async_graphql::{InputObject, Json, SimpleObject};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::gate::RuleCode;

typed_id! {
    /// One version of the policy.
    PolicyId, "pol"
}
typed_id! {
    /// A suspension of a policy or of some of its rules.
    SuspensionId, "sus"
}
typed_id! {
    /// A proposed publication, suspension or reinstatement that a second administrator confirms.
    PolicyProposalId, "ppr"
}

/// A set of rule codes; in a suspension, empty means every rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct RuleCodes(pub BTreeSet<RuleCode>);

string_enum! {
    /// What a proposal changes.
    pub enum PolicyProposalKind {
        /// It publishes the next version.
        Publication,
        /// It suspends a policy or some of its rules.
        Suspension,
        /// It ends a suspension.
        Reinstatement,
    }
    /// How a proposal ended.
    pub enum PolicyProposalOutcome {
        /// A second administrator confirmed it.
        Confirmed,
        /// An administrator withdrew it.
        Withdrawn,
    }
    /// The status of a proposal.
    pub enum PolicyProposalStatus {
        /// It can be confirmed.
        Pending,
        /// A second administrator confirmed it.
        Confirmed,
        /// An administrator withdrew it.
        Withdrawn,
        /// Nobody confirmed it in time.
        Lapsed,
    }
    /// What rests on a policy version.
    pub enum PolicyUseKind {
        /// A solicitation that is pinned to it.
        Solicitation,
        /// An award that was admitted under it.
        Award,
        /// An executed renewal that was admitted under it.
        Renewal,
    }
    /// A kind of policy setting.
    pub enum PolicyPart {
        /// A parameter: a number or a choice.
        Parameter,
        /// A rule: its severities and the days to cure its defect.
        Rule,
        /// A text: notice, clause or attestation.
        Text,
    }
}

/// A setting that differs from the previous version.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicyDifference {
    /// The kind of setting.
    pub part: PolicyPart,
    /// The parameter's name, the rule's code, or the text's name.
    pub name: String,
    /// The value in the previous version; null if it had none.
    pub before: Option<Json<serde_json::Value>>,
    /// The value in this version; null if it has none.
    pub after: Option<Json<serde_json::Value>>,
}

/// A policy to publish.
#[derive(Clone, Debug, InputObject)]
pub struct PolicyInput {
    /// The complete policy file (TOML, in the form of `policies/version-1.toml`). It must be the next
    /// version and take effect at a future local midnight.
    pub text: String,
}

/// A version to withdraw before it begins.
#[derive(Clone, Debug, InputObject)]
pub struct PolicyWithdrawalInput {
    /// The version of the policy.
    pub version: i32,
    /// The reason.
    pub reason: String,
}

/// An order that suspends a policy or some of its rules.
#[derive(Clone, Debug, InputObject)]
pub struct SuspensionInput {
    /// The version of the policy to suspend.
    pub version: i32,
    /// The codes of the rules to suspend; an empty list suspends the whole policy.
    #[graphql(default)]
    pub rules: Vec<String>,
    /// The citation of the order: court, case, date.
    pub citation: String,
}

/// An order, or a decision of the City, that ends a suspension.
#[derive(Clone, Debug, InputObject)]
pub struct ReinstatementInput {
    /// The suspension to end.
    pub suspension_id: SuspensionId,
    /// The citation of the order, or the reason.
    pub citation: String,
}
