//! GraphQL types, queries and mutations of policies.
mod draft;
mod proposal;
mod suspension;

pub use draft::{PolicyDraftLoader, policy_draft};
use proposal::{
    PolicyProposal, PolicyProposalPayload, PolicyProposalWithdrawalPayload, load_proposal,
    requests_previous,
};
pub use suspension::PolicySuspension;

use async_graphql::{Context, Json, Lookahead, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::model::{
    PolicyDifference, PolicyId, PolicyInput, PolicyProposalId, PolicyWithdrawalInput,
    ReinstatementInput, SuspensionInput,
};
use super::service::{
    self, ConfirmedProposal, PolicyInclude, PolicyWithChildren, PublishedOrProposed,
    PublishedPolicy, SuspendedOrProposed,
};
use crate::clock::to_microseconds;
use crate::database::Database;
use crate::fault::{Result, UserError};
use crate::gate::policy::PolicyText;
use crate::gate::{self, RuleCode, Severity};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::lookahead::node_lookahead;
use crate::graphql::payload::split_user_errors;
use crate::page::PageArguments;
use crate::scalar::Date;

/// One version of the ordinance.
#[derive(Clone, Debug)]
pub struct Policy(PolicyWithChildren);

impl From<PolicyWithChildren> for Policy {
    fn from(loaded: PolicyWithChildren) -> Self {
        Self(loaded)
    }
}

/// Returns the children of a policy that a selection requests.
#[must_use]
pub fn policy_include(selection: &Lookahead<'_>) -> PolicyInclude {
    PolicyInclude {
        previous: selection.field("differences").exists(),
        suspensions: selection.field("suspensions").exists(),
        withdrawal: selection.field("withdrawnAt").exists()
            || selection.field("withdrawalReason").exists(),
    }
}

/// Loads the children of a policy that a selection requests.
pub async fn load_policy(
    db: &Database,
    policy: Option<PublishedPolicy>,
    selection: &Lookahead<'_>,
) -> Result<Option<Policy>> {
    let policies = policy.into_iter().collect();
    let loaded = service::load_children(&db.read, policies, policy_include(selection)).await?.pop();
    Ok(loaded.map(Policy::from))
}

impl Policy {
    const fn content(&self) -> &gate::Policy {
        &self.0.published.policy
    }
}

/// One version of the ordinance, as data: what must be disclosed, how recent a disclosure must be,
/// and which rules block a bid, hold it for review, or only add a note. It never changes once
/// published, and may be withdrawn until it begins.
#[Object(crate = "crate::budget")]
impl Policy {
    /// The policy's identifier.
    pub async fn id(&self) -> PolicyId {
        self.0.published.row.id
    }
    /// The version number, from 1 without gaps.
    async fn version(&self) -> u32 {
        self.content().version()
    }
    /// The policy's title.
    async fn title(&self) -> &str {
        self.content().title()
    }
    /// The mark of the policy's draft texts, such as `Draft for the City Attorney`; null once its texts
    /// are adopted.
    async fn draft(&self) -> Option<&str> {
        self.content().draft()
    }
    /// When the version was withdrawn before it began (UTC); null if it was not.
    async fn withdrawn_at(&self) -> Result<Option<DateTime<Utc>>> {
        Ok(self.0.withdrawal.get()?.as_ref().map(|it| it.withdrawn_at))
    }
    /// Why the version was withdrawn; null if it was not.
    async fn withdrawal_reason(&self) -> Result<Option<&str>> {
        Ok(self.0.withdrawal.get()?.as_ref().map(|it| it.reason.as_str()))
    }
    /// The local day at whose midnight the policy takes effect.
    async fn effective_from(&self) -> Date {
        self.content().effective_from().into()
    }
    /// The SHA-256 (hex) of the complete policy as canonical JSON (RFC 8785).
    async fn sha256(&self) -> &str {
        &self.0.published.row.sha256
    }
    /// When the policy was published (UTC).
    async fn enacted_at(&self) -> DateTime<Utc> {
        self.0.published.row.enacted_at
    }
    /// Every parameter with its source, ordered by name.
    async fn parameters(&self) -> Vec<PolicyParameter> {
        let parameters = self.content().to_json_value()["parameters"].take();
        let Some(parameters) = parameters.as_object() else {
            return Vec::new();
        };
        let parameters = parameters.iter().map(|(name, parameter)| PolicyParameter {
            name: name.clone(),
            value: Json(parameter["value"].clone()),
            source: parameter["source"].as_str().unwrap_or_default().to_owned(),
        });
        parameters.collect()
    }
    /// The severities of every rule. A rule that came after the version was published is left out: it
    /// does not apply.
    async fn rules(&self) -> Vec<PolicyRule> {
        let rules = RuleCode::ALL.iter().filter_map(|code| {
            let rule = self.content().rule(*code)?;
            Some(PolicyRule {
                code: code.as_str(),
                bid: rule.bid,
                award: rule.award,
                renewal: rule.renewal,
                cure_days: self.content().cure_days(*code),
                citation: rule.citation.clone(),
                public_works_citation: rule.public_works_citation.clone(),
            })
        });
        rules.collect()
    }
    /// The settings that differ from the previous version that was not withdrawn; empty for the first.
    async fn differences(&self) -> Result<Vec<PolicyDifference>> {
        let before = self.0.previous.get()?;
        let differences =
            before.as_ref().map(|before| service::list_differences(before, self.content()));
        Ok(differences.unwrap_or_default())
    }
    /// The suspensions of this version or of some of its rules, earliest first, including those that
    /// have ended.
    async fn suspensions(&self) -> Result<Vec<PolicySuspension>> {
        let suspensions = self.0.suspensions.get()?;
        Ok(suspensions.iter().cloned().map(PolicySuspension::from).collect())
    }
    /// The notice that every solicitation carries.
    async fn notice(&self) -> PolicyTextObject {
        self.content().notice().into()
    }
    /// The clause that every contract carries.
    async fn clause(&self) -> PolicyTextObject {
        self.content().clause().into()
    }
    /// The declaration that the signatory of a disclosure signs.
    async fn attestation(&self) -> PolicyTextObject {
        self.content().attestation().into()
    }
}

/// A parameter of the policy with its source.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicyParameter {
    /// The parameter's name in the policy file.
    name: String,
    /// The parameter's value, as JSON.
    value: Json<serde_json::Value>,
    /// The law, practice or choice that the value comes from.
    source: String,
}

/// The severities of one rule.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicyRule {
    /// The rule's code, such as `disclosure.missing`.
    code: &'static str,
    /// Severity when a bid is submitted; null if the rule does not apply.
    bid: Option<Severity>,
    /// Severity at an award; null if the rule does not apply.
    award: Option<Severity>,
    /// Severity at a renewal; null if the rule does not apply.
    renewal: Option<Severity>,
    /// Business days after the due date within which a bid's defect can be cured; 0 if it cannot.
    cure_days: u32,
    /// The law or policy setting that the rule comes from.
    citation: String,
    /// The citation for public works, where it is another one.
    public_works_citation: Option<String>,
}

/// A text of the policy: notice, clause or attestation.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "PolicyText")]
pub struct PolicyTextObject {
    /// The version of the text; it increases when the text changes.
    version: u32,
    /// The draft label that is shown with the text; null once the text is adopted.
    draft: Option<String>,
    /// The text.
    text: String,
}

impl From<&PolicyText> for PolicyTextObject {
    fn from(text: &PolicyText) -> Self {
        Self { version: text.version, draft: text.draft.clone(), text: text.text.clone() }
    }
}

/// Queries of policies.
#[derive(Debug, Default)]
pub struct PolicyQuery;

#[Object(crate = "crate::budget")]
impl PolicyQuery {
    /// Returns the policy in force at a time, by default now; null if none was.
    async fn policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The time (UTC); now if omitted.")] as_of: Option<DateTime<Utc>>,
    ) -> Result<Option<Policy>> {
        let (db, viewer) = request_context(ctx)?;
        let as_of = as_of.map_or(viewer.now, to_microseconds);
        let policy = service::find_as_of(&db.read, as_of).await?;
        load_policy(db, policy, &ctx.look_ahead()).await
    }

    /// Lists every policy, newest version first, including those that take effect later and those that
    /// were withdrawn.
    async fn policies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Policy>> {
        let (db, _) = request_context(ctx)?;
        let arguments = PageArguments { first, after, last, before };
        let (page, total) =
            service::list_policies(db, &arguments, requests_total_count(ctx)).await?;
        let (page, rows) = page.split();
        let include = node_lookahead(ctx, policy_include, PolicyInclude::merge);
        let rows = service::load_children(&db.read, rows, include).await?;
        Ok(connection(page.replace(|_| rows), total))
    }

    /// Lists the proposed changes of policies, newest first: publications, suspensions and
    /// reinstatements where the policy says that two people make them. For City staff with City-wide
    /// access.
    async fn policy_proposals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether to list only those that can be confirmed now.", default = true)]
        only_pending: bool,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<PolicyProposal>> {
        let (db, viewer) = request_context(ctx)?;
        let arguments = PageArguments { first, after, last, before };
        let includes_total = requests_total_count(ctx);
        let (page, total) =
            service::list_proposals(db, viewer, only_pending, &arguments, includes_total).await?;
        let (page, rows) = page.split();
        let is_requested = node_lookahead(ctx, requests_previous, |one, other| one || other);
        let rows = service::add_previous(&db.read, rows, is_requested).await?;
        Ok(connection(page.replace(|_| rows), total))
    }
}

/// Result of `publishPolicy`.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicyPayload {
    /// The published policy; null if there are user errors, or another administrator has to confirm it.
    policy: Option<Policy>,
    /// The proposal that another administrator has to confirm; null if none has to.
    proposal: Option<PolicyProposal>,
    /// Every error in the file, each with its line.
    user_errors: Vec<UserError>,
}

/// Result of `withdrawPolicy`.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicyWithdrawalPayload {
    /// The withdrawn policy; null if there are user errors.
    policy: Option<Policy>,
    /// Every error in the input.
    user_errors: Vec<UserError>,
}

/// Result of `suspendPolicy` and `reinstatePolicy`.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicySuspensionPayload {
    /// The suspension after the change; null if there are user errors, or another administrator has to
    /// confirm it.
    suspension: Option<PolicySuspension>,
    /// The proposal that another administrator has to confirm; null if none has to.
    proposal: Option<PolicyProposal>,
    /// Every error in the input.
    user_errors: Vec<UserError>,
}

async fn suspension_payload(
    ctx: &Context<'_>,
    db: &Database,
    result: Result<SuspendedOrProposed>,
) -> Result<PolicySuspensionPayload> {
    let (changed, user_errors) = split_user_errors::<_, SuspendedOrProposed>(result)?;
    let SuspendedOrProposed { suspension, proposal } = changed.unwrap_or_default();
    let proposal = load_proposal(db, proposal, &ctx.look_ahead().field("proposal")).await?;
    Ok(PolicySuspensionPayload {
        suspension: suspension.map(PolicySuspension::from),
        proposal,
        user_errors,
    })
}

/// Mutations of policies.
#[derive(Debug, Default)]
pub struct PolicyMutation;

#[Object(crate = "crate::budget")]
impl PolicyMutation {
    /// Publishes the next version of the policy, to take effect at a future local midnight. A
    /// published version never changes. Where the policy in force says that two people publish (before
    /// any is in force, where a published one or this one says so), it proposes the publication. For
    /// administrators.
    async fn publish_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete policy file.")] input: PolicyInput,
        #[graphql(
            desc = "Whether texts that are marked as drafts are published as drafts; otherwise they are \
                    refused.",
            default
        )]
        draft: bool,
    ) -> Result<PolicyPayload> {
        let (db, viewer) = request_context(ctx)?;
        let result = service::publish(db, viewer, &input, draft).await;
        let (changed, user_errors) = split_user_errors::<_, PublishedOrProposed>(result)?;
        let PublishedOrProposed { published, proposal } = changed.unwrap_or_default();
        let policy = load_policy(db, published, &ctx.look_ahead().field("policy")).await?;
        let proposal = load_proposal(db, proposal, &ctx.look_ahead().field("proposal")).await?;
        Ok(PolicyPayload { policy, proposal, user_errors })
    }

    /// Withdraws a published version before it begins. It stays in the list, marked as withdrawn, and its
    /// number is not used again. Refused while an award or a renewal rests on it. For administrators.
    async fn withdraw_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version and the reason.")] input: PolicyWithdrawalInput,
    ) -> Result<PolicyWithdrawalPayload> {
        let (db, viewer) = request_context(ctx)?;
        let result = service::withdraw(db, viewer, &input).await;
        let (withdrawn, user_errors) = split_user_errors::<_, PublishedPolicy>(result)?;
        let policy = load_policy(db, withdrawn, &ctx.look_ahead().field("policy")).await?;
        Ok(PolicyWithdrawalPayload { policy, user_errors })
    }

    /// Confirms a change of policies that another administrator proposed, and makes it at once. For
    /// administrators.
    async fn confirm_policy_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proposal.")] id: PolicyProposalId,
    ) -> Result<PolicyProposalPayload> {
        let (db, viewer) = request_context(ctx)?;
        let result = service::confirm_proposal(db, viewer, id).await;
        let (confirmed, user_errors) = split_user_errors::<_, ConfirmedProposal>(result)?;
        let Some(ConfirmedProposal { proposal, published, suspension }) = confirmed else {
            let (proposal, policy, suspension) = (None, None, None);
            return Ok(PolicyProposalPayload { proposal, policy, suspension, user_errors });
        };
        let selection = ctx.look_ahead();
        Ok(PolicyProposalPayload {
            proposal: load_proposal(db, Some(proposal), &selection.field("proposal")).await?,
            policy: load_policy(db, published, &selection.field("policy")).await?,
            suspension: suspension.map(PolicySuspension::from),
            user_errors,
        })
    }

    /// Withdraws a proposed change of policies. For administrators.
    async fn withdraw_policy_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proposal.")] id: PolicyProposalId,
    ) -> Result<PolicyProposalWithdrawalPayload> {
        let (db, viewer) = request_context(ctx)?;
        let result = service::withdraw_proposal(db, viewer, id).await;
        let (proposal, user_errors) = split_user_errors::<_, service::Proposal>(result)?;
        let proposal = load_proposal(db, proposal, &ctx.look_ahead().field("proposal")).await?;
        Ok(PolicyProposalWithdrawalPayload { proposal, user_errors })
    }

    /// Suspends a policy or some of its rules at once, also for solicitations and contracts that are
    /// pinned to that version. Requires the citation of an order. Where the policy in force says that two
    /// people suspend, it proposes the suspension. For administrators.
    async fn suspend_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version, the rules and the order.")] input: SuspensionInput,
    ) -> Result<PolicySuspensionPayload> {
        let (db, viewer) = request_context(ctx)?;
        suspension_payload(ctx, db, service::suspend(db, viewer, &input).await).await
    }

    /// Ends a suspension: its rules are in effect again from now on. Where the policy in force says that
    /// two people reinstate, it proposes that. For administrators.
    async fn reinstate_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The suspension to end, and the order or reason.")]
        input: ReinstatementInput,
    ) -> Result<PolicySuspensionPayload> {
        let (db, viewer) = request_context(ctx)?;
        suspension_payload(ctx, db, service::reinstate(db, viewer, &input).await).await
    }
}
