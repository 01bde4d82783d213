//! GraphQL type of proposed policy changes.
use async_graphql::{Context, Lookahead, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::{Policy, PolicySuspension};
use crate::database::Database;
use crate::fault::{Result, UserError};
use crate::organization::graphql::person_name;
use crate::policy::model::{
    PolicyDifference, PolicyProposalId, PolicyProposalKind, PolicyProposalStatus, SuspensionId,
};
use crate::policy::service;
use crate::principal::Principal;
use crate::scalar::Date;

/// A publication, suspension or reinstatement that one administrator proposed, where the policy says
/// that another confirms it.
#[derive(Clone, Debug)]
pub struct PolicyProposal(service::Proposal);

impl From<service::Proposal> for PolicyProposal {
    fn from(proposal: service::Proposal) -> Self {
        Self(proposal)
    }
}

/// Returns whether a selection requests the version that a proposed publication follows.
#[must_use]
pub fn requests_previous(selection: &Lookahead<'_>) -> bool {
    selection.field("differences").exists()
}

/// Loads the children of a proposal that a selection requests.
pub async fn load_proposal(
    db: &Database,
    proposal: Option<service::Proposal>,
    selection: &Lookahead<'_>,
) -> Result<Option<PolicyProposal>> {
    let proposals = proposal.into_iter().collect();
    let loaded = service::add_previous(&db.read, proposals, requests_previous(selection)).await?;
    Ok(loaded.into_iter().next().map(PolicyProposal::from))
}

/// A publication, suspension or reinstatement that one administrator proposed, where the policy says
/// that another confirms it. It changes nothing until then.
#[Object(crate = "crate::budget")]
impl PolicyProposal {
    /// The proposal's identifier.
    pub async fn id(&self) -> PolicyProposalId {
        self.0.row.id
    }
    /// What it changes.
    async fn kind(&self) -> PolicyProposalKind {
        self.0.row.kind
    }
    /// The status.
    async fn status(&self) -> PolicyProposalStatus {
        self.0.status
    }
    /// The version to publish, to suspend or to reinstate.
    async fn policy_version(&self) -> i64 {
        self.0.row.policy_version
    }
    /// Of a publication: the local day at whose midnight the policy would take effect.
    async fn effective_from(&self) -> Option<Date> {
        self.0.policy.as_ref().map(|policy| policy.effective_from().into())
    }
    /// Of a publication: the mark of its draft texts; null if its texts are adopted.
    async fn draft(&self) -> Option<&str> {
        self.0.policy.as_ref()?.draft()
    }
    /// Of a publication: the complete policy as canonical JSON (RFC 8785).
    async fn terms(&self) -> Option<&str> {
        self.0.row.terms.as_deref()
    }
    /// Of a publication: the SHA-256 (hex) of `terms`.
    async fn sha256(&self) -> Option<&str> {
        self.0.row.sha256.as_deref()
    }
    /// Of a publication: the settings that differ from the latest version; empty before the first.
    async fn differences(&self) -> Result<Vec<PolicyDifference>> {
        let before = self.0.previous.get()?.as_ref().zip(self.0.policy.as_ref());
        Ok(before
            .map(|(before, after)| service::list_differences(before, after))
            .unwrap_or_default())
    }
    /// Of a suspension: the codes of the rules; empty for the whole policy, and for other changes.
    async fn rules(&self) -> Vec<&'static str> {
        self.0.row.rules.iter().flat_map(|rules| &rules.0).map(|code| code.as_str()).collect()
    }
    /// Of a reinstatement: the suspension to end.
    async fn suspension_id(&self) -> Option<SuspensionId> {
        self.0.row.suspension_id
    }
    /// Of a suspension or a reinstatement: the order, or the reason.
    async fn citation(&self) -> Option<&str> {
        self.0.row.citation.as_deref()
    }
    /// The token subject of the person who proposed it.
    async fn proposed_by(&self) -> &str {
        self.0.row.proposed_by.subject()
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn proposed_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, Some(&self.0.row.proposed_by)).await
    }
    /// When it was proposed (UTC).
    async fn proposed_at(&self) -> DateTime<Utc> {
        self.0.row.proposed_at
    }
    /// The end of the time to confirm it, exclusive (UTC, a local midnight).
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.row.expires_at
    }
    /// The token subject of the person who confirmed or withdrew it; null if nobody did.
    async fn decided_by(&self) -> Option<&str> {
        self.0.row.decided_by.as_ref().map(Principal::subject)
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn decided_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.0.row.decided_by.as_ref()).await
    }
    /// When it was confirmed or withdrawn (UTC); null if it was not.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.decided_at
    }
}

/// Result of `withdrawPolicyProposal`.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicyProposalWithdrawalPayload {
    /// The withdrawn proposal; null if there are user errors.
    pub proposal: Option<PolicyProposal>,
    /// Every error in the input.
    pub user_errors: Vec<UserError>,
}

/// Result of `confirmPolicyProposal`.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicyProposalPayload {
    /// The proposal after the change; null if there are user errors.
    pub proposal: Option<PolicyProposal>,
    /// The policy that was published; null for other changes.
    pub policy: Option<Policy>,
    /// The suspension that began or ended; null for other changes.
    pub suspension: Option<PolicySuspension>,
    /// Every error in the input.
    pub user_errors: Vec<UserError>,
}
