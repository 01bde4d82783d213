//! What names a policy, and how it is published and suspended.
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
    /// A suspension of a policy, or of rules of it.
    SuspensionId, "sus"
}

/// Rules of a policy by their codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct RuleCodes(pub BTreeSet<RuleCode>);

vocabulary! {
    /// Which part of a policy differs.
    pub enum PolicyPart {
        /// A number or a choice.
        Parameter,
        /// What a rule weighs, or how long its defect can be mended.
        Rule,
        /// What people read and sign.
        Text,
    }
}

/// A part of a policy that differs from the version before.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicyDifference {
    /// Which part.
    pub part: PolicyPart,
    /// Its name: the parameter's, the rule's code, the text's.
    pub name: String,
    /// What it was; null if it was not there.
    pub before: Option<Json<serde_json::Value>>,
    /// What it is; null if it is not there.
    pub after: Option<Json<serde_json::Value>>,
}

/// A policy as it is published.
#[derive(Clone, Debug, InputObject)]
pub struct PolicyInput {
    /// The whole policy file (TOML), as `policies/version-1.toml` shows its form: the next version,
    /// in effect from a local midnight that lies ahead.
    pub text: String,
}

/// An order that lifts a policy or rules of it.
#[derive(Clone, Debug, InputObject)]
pub struct SuspensionInput {
    /// The version of the policy.
    pub version: i32,
    /// The rules that are lifted, by their codes; the whole policy if it is empty.
    #[graphql(default)]
    pub rules: Vec<String>,
    /// The order, as it is cited: court, case, date.
    pub citation: String,
}

/// An order, or a decision of the City's, that puts what was lifted into effect again.
#[derive(Clone, Debug, InputObject)]
pub struct ReinstatementInput {
    /// The suspension that ends.
    pub suspension_id: SuspensionId,
    /// The order or the reason, as it is cited.
    pub citation: String,
}
