//! GraphQL type of policy suspensions.
use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Utc};

use super::policy_draft;
use crate::fault::Result;
use crate::policy::model::SuspensionId;
use crate::policy::service;

/// An order of a court or of the City that suspends a policy or some of its rules. It takes effect
/// at once, also for solicitations and contracts that are pinned to that version.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget", complex)]
pub struct PolicySuspension {
    /// The suspension's identifier.
    id: SuspensionId,
    /// The version of the suspended policy.
    policy_version: i64,
    /// The codes of the suspended rules; empty if the whole policy is suspended.
    rules: Vec<&'static str>,
    /// The citation of the order: court, case, date.
    citation: String,
    /// When the suspension began (UTC).
    suspended_at: DateTime<Utc>,
    /// When the suspension ended (UTC); null while it is in effect.
    reinstated_at: Option<DateTime<Utc>>,
    /// The order or the reason that ended the suspension; null while it is in effect.
    reinstatement: Option<String>,
}

#[ComplexObject(crate = "crate::budget")]
impl PolicySuspension {
    /// The mark of the draft texts of that version; null once they are adopted.
    async fn policy_draft(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        policy_draft(ctx, Some(self.policy_version)).await
    }
}

impl From<service::Suspension> for PolicySuspension {
    fn from(row: service::Suspension) -> Self {
        Self {
            id: row.id,
            policy_version: row.policy_version,
            rules: row.rules.0.iter().map(|code| code.as_str()).collect(),
            citation: row.citation,
            suspended_at: row.suspended_at,
            reinstated_at: row.reinstated_at,
            reinstatement: row.reinstatement,
        }
    }
}
