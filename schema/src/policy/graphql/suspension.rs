//! GraphQL type of policy suspensions.
use async_graphql::Object;
use chrono::{DateTime, Utc};

use crate::policy::model::SuspensionId;
use crate::policy::service;

/// An order that suspends a policy or some of its rules.
#[derive(Clone, Debug)]
pub struct PolicySuspension(service::Suspension);

impl From<service::Suspension> for PolicySuspension {
    fn from(row: service::Suspension) -> Self {
        Self(row)
    }
}

/// An order of a court or of the City that suspends a policy or some of its rules. It takes effect
/// at once, also for solicitations and contracts that are pinned to that version.
#[Object(crate = "crate::budget")]
impl PolicySuspension {
    /// The suspension's identifier.
    pub async fn id(&self) -> SuspensionId {
        self.0.id
    }
    /// The version of the suspended policy.
    async fn policy_version(&self) -> i64 {
        self.0.policy_version
    }
    /// The codes of the suspended rules; empty if the whole policy is suspended.
    async fn rules(&self) -> Vec<&'static str> {
        self.0.rules.0.iter().map(|code| code.as_str()).collect()
    }
    /// The citation of the order: court, case, date.
    async fn citation(&self) -> &str {
        &self.0.citation
    }
    /// When the suspension began (UTC).
    async fn suspended_at(&self) -> DateTime<Utc> {
        self.0.suspended_at
    }
    /// When the suspension ended (UTC); null while it is in effect.
    async fn reinstated_at(&self) -> Option<DateTime<Utc>> {
        self.0.reinstated_at
    }
    /// The order or the reason that ended the suspension; null while it is in effect.
    async fn reinstatement(&self) -> Option<&str> {
        self.0.reinstatement.as_deref()
    }
}
