//! Suspends a policy or some of its rules, and reinstates them.
use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::proposals::{Proposal, ProposedChange, propose, require_second_person};
use super::{PublishedPolicy, store};
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::facts::SuspensionFacts;
use crate::gate::{RuleCode, facts};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization::model::{Role, Viewer};
use crate::policy::entity::{policy, suspension::Model};
use crate::policy::model::{
    PolicyProposalId, ReinstatementInput, RuleCodes, SuspensionId, SuspensionInput,
};
use crate::policy::rules::{self, ValidSuspension};
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_LINE_CHARS, validate_required};
use crate::user_message::UserMessage;

const ADMIN_ONLY_MESSAGE: &str = "only an administrator may suspend or reinstate a policy";

/// A suspension that is in effect or has ended, or the proposal of that change.
#[derive(Debug, Default)]
pub struct SuspendedOrProposed {
    pub suspension: Option<Model>,
    pub proposal: Option<Proposal>,
}

/// Suspends a policy or some of its rules at once, also for what is pinned to that version, or proposes
/// it where the policy in force says that two people suspend. Decisions made meanwhile carry a
/// `policy.suspended` finding with the citation.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator, `Invalid` for an unknown or withdrawn version, an
/// unknown rule or a missing citation, `Conflict` if the same rules are suspended already.
#[tracing::instrument(skip_all)]
pub async fn suspend(
    db: &Database,
    viewer: &Viewer,
    input: &SuspensionInput,
) -> Result<SuspendedOrProposed> {
    viewer.require_admin(ADMIN_ONLY_MESSAGE)?;
    let ValidSuspension { rules, citation } = rules::validate_suspension(input)?;
    let path = FieldPath::argument("input").at("version");
    let (version, tx) = (i64::from(input.version), db.begin().await?);
    let second_person = require_second_person(&*tx, viewer.now, None).await?;
    let result = if let Some(second_person) = second_person {
        lock_suspendable(&tx, version, &rules, &path).await?;
        let rules = RuleCodes(rules);
        let change = ProposedChange::Suspension { version, rules, citation };
        let proposal = Some(propose(&tx, viewer, second_person, change).await?);
        SuspendedOrProposed { proposal, suspension: None }
    } else {
        let order = Order { version, rules, citation, proposal: None };
        let row = suspend_in_tx(&tx, viewer, order, &path).await?;
        SuspendedOrProposed { suspension: Some(row), proposal: None }
    };
    tx.commit().await?;
    Ok(result)
}

/// Locks a version whose rules can be suspended.
async fn lock_suspendable(
    tx: &Tx,
    version: i64,
    rules: &BTreeSet<RuleCode>,
    path: &FieldPath,
) -> Result<policy::Model> {
    let refused = |message| Fault::invalid(path, message);
    let policy = store::lock_for_suspension(tx, version).await?;
    let policy = policy.ok_or_else(|| refused(UserMessage::PolicyVersionUnknown { version }))?;
    if !store::load_withdrawals(&**tx, vec![version]).await?.is_empty() {
        return Err(refused(UserMessage::PolicyVersionWithdrawn { version }));
    }
    let in_effect = store::list_suspensions_in_effect(&**tx, version).await?;
    if let Some(same) = in_effect.iter().find(|row| row.rules.0 == *rules) {
        return Err(Fault::conflict(format!(
            "suspension {} already covers the same rules (order: {}); reinstate it first",
            same.id, same.citation
        )));
    }
    Ok(policy)
}

/// An order to suspend rules of a version, all if there are none.
pub(super) struct Order {
    pub version: i64,
    pub rules: BTreeSet<RuleCode>,
    pub citation: String,
    /// The confirmed proposal, where two people suspend.
    pub proposal: Option<PolicyProposalId>,
}

/// Suspends rules of a version, with the ledger entry. The caller commits. `path` names the version in the
/// input.
pub(super) async fn suspend_in_tx(
    tx: &Tx,
    viewer: &Viewer,
    order: Order,
    path: &FieldPath,
) -> Result<Model> {
    let Order { version, rules, citation, proposal } = order;
    let policy = lock_suspendable(tx, version, &rules, path).await?;
    let row = Model {
        id: SuspensionId::generate(),
        policy_id: policy.id,
        policy_version: version,
        rules: RuleCodes(rules.clone()),
        citation,
        suspended_by: viewer.subject.clone(),
        suspended_at: viewer.now,
        reinstated_by: None,
        reinstated_at: None,
        reinstatement: None,
    };
    let row = store::insert_suspension(tx, row).await?;
    let mut data = json!({ "suspension": row.id, "rules": row.rules, "citation": row.citation });
    if let Some(proposal) = proposal {
        data["proposal"] = json!(proposal);
    }
    append(tx, viewer.actor(), policy.id, LedgerAction::PolicySuspended, &data).await?;
    let change = Change {
        source: ChangeSource::Policy,
        subject_id: policy.id.uuid(),
        lifted_rules: LiftedRules::rules_or_all(&rules),
        not_before: viewer.now,
    };
    enqueue(tx, change).await?;
    Ok(row)
}

/// Validates the codes of the rules to suspend, given as the argument `rules`.
///
/// # Errors
/// `Invalid` with every unknown code, and for too many.
pub fn validate_suspended_rules(codes: &[String]) -> Result<BTreeSet<RuleCode>> {
    let (path, mut errors) = (FieldPath::argument("rules"), InputErrors::default());
    let rules = rules::validate_rules(codes, &path, &mut errors);
    errors.finish()?;
    Ok(rules)
}

/// Requires that a policy version, given as the argument `version`, exists and is not withdrawn.
///
/// # Errors
/// `Invalid` if it does not exist or is withdrawn.
pub async fn require_version(db: &impl ConnectionTrait, version: i64) -> Result<()> {
    let refused = |message| Err(Fault::invalid(&FieldPath::argument("version"), message));
    if store::load_versions(db, vec![version]).await?.is_empty() {
        return refused(UserMessage::PolicyVersionUnknown { version });
    }
    if !store::load_withdrawals(db, vec![version]).await?.is_empty() {
        return refused(UserMessage::PolicyVersionWithdrawn { version });
    }
    Ok(())
}

/// Ends a suspension: its rules are in effect again from now on. Proposes it where the policy in force
/// says that two people reinstate.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator, `NotFound` for an unknown suspension,
/// `Conflict` if it has ended, `Invalid` without an order or a reason.
#[tracing::instrument(skip_all)]
pub async fn reinstate(
    db: &Database,
    viewer: &Viewer,
    input: &ReinstatementInput,
) -> Result<SuspendedOrProposed> {
    viewer.require_admin(ADMIN_ONLY_MESSAGE)?;
    let (path, mut errors) = (FieldPath::argument("input").at("citation"), InputErrors::default());
    let citation = validate_required(&input.citation, MAX_LINE_CHARS, &path, &mut errors);
    errors.finish()?;
    let tx = db.begin().await?;
    let second_person = require_second_person(&*tx, viewer.now, None).await?;
    let result = if let Some(second_person) = second_person {
        let row = lock_in_effect(&tx, input.suspension_id).await?;
        let (version, suspension) = (row.policy_version, row.id);
        let change = ProposedChange::Reinstatement { version, suspension, citation };
        let proposal = Some(propose(&tx, viewer, second_person, change).await?);
        SuspendedOrProposed { proposal, suspension: None }
    } else {
        let row = reinstate_in_tx(&tx, viewer, input.suspension_id, citation, None).await?;
        SuspendedOrProposed { suspension: Some(row), proposal: None }
    };
    tx.commit().await?;
    Ok(result)
}

/// Locks the version of a suspension that is in effect, and loads it.
async fn lock_in_effect(tx: &Tx, id: SuspensionId) -> Result<Model> {
    let suspension = store::find_suspension(&**tx, id).await?.ok_or(Fault::NotFound)?;
    store::lock_for_suspension(tx, suspension.policy_version).await?.ok_or(Fault::NotFound)?;
    let row = store::find_suspension(&**tx, id).await?.ok_or(Fault::NotFound)?;
    if row.reinstated_at.is_some() {
        return Err(Fault::conflict("this suspension has ended already; reload the page"));
    }
    Ok(row)
}

/// Ends a suspension, with the ledger entry. The caller commits.
pub(super) async fn reinstate_in_tx(
    tx: &Tx,
    viewer: &Viewer,
    id: SuspensionId,
    citation: String,
    proposal: Option<PolicyProposalId>,
) -> Result<Model> {
    let row = Model {
        reinstated_by: Some(viewer.subject.clone()),
        reinstated_at: Some(viewer.now),
        reinstatement: Some(citation),
        ..lock_in_effect(tx, id).await?
    };
    let row = store::update_suspension(tx, row).await?;
    let mut data = json!({ "suspension": row.id, "citation": row.reinstatement });
    if let Some(proposal) = proposal {
        data["proposal"] = json!(proposal);
    }
    append(tx, viewer.actor(), row.policy_id, LedgerAction::PolicyReinstated, &data).await?;
    let change = Change {
        source: ChangeSource::Policy,
        subject_id: row.policy_id.uuid(),
        lifted_rules: LiftedRules::none(),
        not_before: viewer.now,
    };
    enqueue(tx, change).await?;
    Ok(row)
}

/// Lists the suspensions of a version that are in effect now, as facts for the gate. Under
/// [`lock_version`] they cannot change before the transaction ends.
pub async fn list_suspensions_in_effect(
    db: &impl ConnectionTrait,
    version: i64,
) -> Result<Vec<facts::SuspensionFacts>> {
    let rows = store::list_suspensions_in_effect(db, version).await?;
    Ok(rows.into_iter().map(suspension_facts).collect())
}

fn suspension_facts(row: Model) -> facts::SuspensionFacts {
    facts::SuspensionFacts {
        id: row.id.to_string(),
        rules: row.rules.0,
        citation: row.citation,
        suspended_at: Some(row.suspended_at),
    }
}

/// The orders about a policy version, as facts for the gate.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    /// The suspensions in effect.
    pub suspensions: Vec<facts::SuspensionFacts>,
    /// The suspensions that have ended.
    pub reinstatements: Vec<facts::ReinstatementFacts>,
}

/// Loads the orders about the given versions, by version, with one statement. Under [`lock_version`]
/// those of that version cannot change before the transaction ends.
pub async fn load_orders(
    db: &impl ConnectionTrait,
    versions: Vec<i64>,
) -> Result<HashMap<i64, Orders>> {
    let mut orders = HashMap::<i64, Orders>::new();
    for row in store::list_suspensions(db, versions).await? {
        let of_version = orders.entry(row.policy_version).or_default();
        match row.reinstated_at {
            None => of_version.suspensions.push(suspension_facts(row)),
            Some(reinstated_at) => of_version.reinstatements.push(facts::ReinstatementFacts {
                id: row.id.to_string(),
                rules: row.rules.0,
                reinstated_at,
            }),
        }
    }
    Ok(orders)
}

/// Loads every suspension of the given versions, by version, earliest first.
pub async fn load_suspensions(
    db: &impl ConnectionTrait,
    versions: Vec<i64>,
) -> Result<HashMap<i64, Vec<Model>>> {
    let mut suspensions = HashMap::<i64, Vec<Model>>::new();
    for row in store::list_suspensions(db, versions).await? {
        suspensions.entry(row.policy_version).or_default().push(row);
    }
    Ok(suspensions)
}

/// Locks a policy version until `tx` ends, so that nobody suspends, reinstates or withdraws it while a
/// decision is made under it.
///
/// # Errors
/// `Conflict` if it was withdrawn meanwhile, `Internal` if the version does not exist.
pub async fn lock_version(tx: &Tx, version: i64) -> Result<PublishedPolicy> {
    let row = store::lock_for_decision(tx, version).await?;
    let missing = || Fault::Internal(format!("no policy version {version}").into());
    let published = PublishedPolicy::from_row(row.ok_or_else(missing)?)?;
    if !store::load_withdrawals(&**tx, vec![version]).await?.is_empty() {
        let message = format!("policy version {version} was withdrawn meanwhile; try again");
        return Err(Fault::conflict(message));
    }
    Ok(published)
}

/// As [`lock_version`], of the policy in force at a time, if one is.
pub async fn lock_version_in_force(tx: &Tx, at: DateTime<Utc>) -> Result<()> {
    if let Some(policy) = super::load_timeline(&**tx).await?.in_force_at(at) {
        lock_version(tx, i64::from(policy.version())).await?;
    }
    Ok(())
}

/// An order that is only previewed: a suspension of a policy version, or of some of its rules, from now on.
#[derive(Clone, Debug)]
pub struct PreviewedOrder {
    pub version: i64,
    pub suspension: SuspensionFacts,
}

/// Validates an order to preview. An empty list of rules suspends the whole policy.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator or an analyst, `Invalid` for an unknown version or
/// rule.
#[tracing::instrument(skip_all)]
pub async fn validate_previewed_order(
    db: &Database,
    viewer: &Viewer,
    version: i32,
    rules: &[String],
) -> Result<PreviewedOrder> {
    if !viewer.has_role(Role::CaoAnalyst) {
        viewer.require_admin("only an administrator or an analyst may preview a suspension")?;
    }
    let rules = validate_suspended_rules(rules)?;
    let version = i64::from(version);
    require_version(&db.read, version).await?;
    Ok(PreviewedOrder {
        version,
        suspension: SuspensionFacts {
            id: "preview".to_owned(),
            rules,
            citation: "a suspension that is only previewed".to_owned(),
            suspended_at: Some(viewer.now),
        },
    })
}
