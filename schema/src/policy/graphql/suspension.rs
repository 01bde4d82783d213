//! How clients see suspensions.
use async_graphql::Object;
use chrono::{DateTime, Utc};

use crate::policy::model::SuspensionId;
use crate::policy::service;

/// An order that lifts a policy or rules of it.
#[derive(Clone, Debug)]
pub struct PolicySuspension(service::Suspension);

impl From<service::Suspension> for PolicySuspension {
    fn from(row: service::Suspension) -> Self {
        Self(row)
    }
}

/// An order of a court or of the City that lifts a policy, or rules of it, at once and for what
/// pinned it too.
#[Object(crate = "crate::budget")]
impl PolicySuspension {
    /// Its identifier.
    pub async fn id(&self) -> SuspensionId {
        self.0.id
    }
    /// The version of the policy.
    async fn policy_version(&self) -> i64 {
        self.0.policy_version
    }
    /// The rules that are lifted, by their codes; the whole policy if it is empty.
    async fn rules(&self) -> Vec<&'static str> {
        self.0.rules.0.iter().map(|code| code.as_str()).collect()
    }
    /// The order, as it is cited.
    async fn citation(&self) -> &str {
        &self.0.citation
    }
    /// From when on they are lifted (UTC).
    async fn suspended_at(&self) -> DateTime<Utc> {
        self.0.suspended_at
    }
    /// From when on they are in effect again (UTC); null while they are lifted.
    async fn reinstated_at(&self) -> Option<DateTime<Utc>> {
        self.0.reinstated_at
    }
    /// The order or the reason for which they are in effect again.
    async fn reinstatement(&self) -> Option<&str> {
        self.0.reinstatement.as_deref()
    }
}
