//! Suspending a policy or rules of it, and putting them into effect again.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{Enacted, store};
use crate::database::Database;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::facts;
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization::model::{Role, Viewer};
use crate::policy::entity::suspension::Model;
use crate::policy::model::{ReinstatementInput, Rules, SuspensionId, SuspensionInput};
use crate::policy::rules;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_LINE_CHARS, validate_required};

const WHO: &str = "only an administrator suspends and reinstates a policy";

/// Lifts a policy, or rules of it, at once: for what pinned it too. Decisions go on being made and
/// kept, and say that they were lifted and by what.
///
/// # Errors
/// `Forbidden` to all but administrators, `Invalid` with all that is wrong, `Conflict` if it is
/// lifted already.
pub async fn suspend(db: &Database, viewer: &Viewer, input: &SuspensionInput) -> Result<Model> {
    viewer.requires(&[Role::Admin], WHO)?;
    let (rules, citation) = rules::suspension(input)?;
    let tx = db.begin().await?;
    let version = i64::from(input.version);
    let policy = store::lock(&tx, version).await?.ok_or_else(|| {
        let path = FieldPath::argument("input").at("version");
        Fault::invalid(&path, "invalid", format!("There is no version {version} of the policy."))
    })?;
    let standing = store::suspensions_in_effect(&*tx, version).await?;
    if let Some(same) = standing.iter().find(|standing| standing.rules.0 == rules) {
        return Err(Fault::conflict(format!(
            "{} lifts the same already, by {}; reinstate it first",
            same.id, same.citation
        )));
    }
    let row = Model {
        id: SuspensionId::generate(),
        policy_id: policy.id,
        policy_version: version,
        rules: Rules(rules.clone()),
        citation,
        suspended_by: viewer.subject.clone(),
        suspended_at: viewer.now,
        reinstated_by: None,
        reinstated_at: None,
        reinstatement: None,
    };
    let row = store::insert_suspension(&tx, row).await?;
    let data = json!({ "suspension": row.id, "rules": row.rules, "citation": row.citation });
    let actor = viewer.actor();
    append(&tx, actor, policy.id, LedgerAction::PolicySuspended, &data).await?;
    let changed = (ChangeSource::Policy, policy.id.uuid());
    enqueue(&tx, changed, LiftedRules::rules_or_all(&rules), viewer.now).await?;
    tx.commit().await?;
    Ok(row)
}

/// Puts what a suspension lifted into effect again, from now on.
///
/// # Errors
/// `Forbidden` to all but administrators, `NotFound` without such a suspension, `Conflict` if it
/// has ended, `Invalid` without an order or a reason.
pub async fn reinstate(
    db: &Database,
    viewer: &Viewer,
    input: &ReinstatementInput,
) -> Result<Model> {
    viewer.requires(&[Role::Admin], WHO)?;
    let (path, mut problems) = (FieldPath::argument("input").at("citation"), InputErrors::default());
    let reinstatement = validate_required(&input.citation, MAX_LINE_CHARS, &path, &mut problems);
    problems.finish()?;
    let seen = store::suspension(&db.read, input.suspension_id).await?.ok_or(Fault::NotFound)?;
    let tx = db.begin().await?;
    let policy = store::lock(&tx, seen.policy_version).await?.ok_or(Fault::NotFound)?;
    let row = store::suspension(&*tx, seen.id).await?.ok_or(Fault::NotFound)?;
    if let Some(at) = row.reinstated_at {
        return Err(Fault::conflict(format!("it ended already, at {at}; reload")));
    }
    let row = Model {
        reinstated_by: Some(viewer.subject.clone()),
        reinstated_at: Some(viewer.now),
        reinstatement: Some(reinstatement),
        ..row
    };
    let row = store::update_suspension(&tx, row).await?;
    let data = json!({ "suspension": row.id, "citation": row.reinstatement });
    let actor = viewer.actor();
    append(&tx, actor, policy.id, LedgerAction::PolicyReinstated, &data).await?;
    enqueue(&tx, (ChangeSource::Policy, policy.id.uuid()), LiftedRules::none(), viewer.now).await?;
    tx.commit().await?;
    Ok(row)
}

/// The suspensions of a policy that are in effect, as the gate is told them. Those that are, not
/// those that were when the request came that asks: under the lock of [`hold`] they stay so.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn in_effect(db: &impl ConnectionTrait, version: i64) -> Result<Vec<facts::SuspensionFacts>> {
    let rows = store::suspensions_in_effect(db, version).await?;
    let told = rows.into_iter().map(|row| facts::SuspensionFacts {
        id: row.id.to_string(),
        rules: row.rules.0,
        citation: row.citation,
    });
    Ok(told.collect())
}

/// Every suspension of some versions, the earliest first.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn suspensions(
    db: &impl ConnectionTrait,
    versions: Vec<i64>,
) -> Result<HashMap<i64, Vec<Model>>> {
    let mut found = HashMap::<i64, Vec<Model>>::new();
    for row in store::suspensions(db, versions).await? {
        found.entry(row.policy_version).or_default().push(row);
    }
    Ok(found)
}

/// Waits for who is suspending a policy, and lets nobody suspend or reinstate it before `tx` ends:
/// what is decided in it is decided under the rules that are in effect.
///
/// # Errors
/// `Internal` if the database fails, or without such a version.
pub async fn hold(tx: &crate::database::Tx, version: i64) -> Result<Enacted> {
    let row = store::hold(tx, version).await?;
    let missing = || Fault::Internal(format!("no policy version {version}").into());
    Enacted::read(row.ok_or_else(missing)?)
}
