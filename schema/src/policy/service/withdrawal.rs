//! Withdraws a published version before it begins.
use serde_json::json;

use super::{PublishedPolicy, store};
use crate::database::Database;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization::model::Viewer;
use crate::policy::entity::policy_use;
use crate::policy::entity::withdrawal::Model;
use crate::policy::model::{PolicyUseKind, PolicyWithdrawalInput};
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_PROSE_CHARS, validate_required};
use crate::user_message::UserMessage;

/// The most awards and renewals that a refusal names.
const MAX_NAMED_USES: u64 = 5;

/// Withdraws a version that has not begun. Its row stays, and its number is not used again.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator. `Invalid` without a reason, for an unknown or
/// withdrawn version, one that has begun, and one on which an award or a renewal rests.
#[tracing::instrument(skip_all)]
pub async fn withdraw(
    db: &Database,
    viewer: &Viewer,
    input: &PolicyWithdrawalInput,
) -> Result<PublishedPolicy> {
    viewer.require_admin("only an administrator may withdraw a policy")?;
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let reason = validate_required(&input.reason, MAX_PROSE_CHARS, &path.at("reason"), &mut errors);
    errors.finish()?;
    let version = i64::from(input.version);
    let refused = |message| Err(Fault::invalid(&path.at("version"), message));
    let tx = db.begin().await?;
    let Some(row) = store::lock_for_suspension(&tx, version).await? else {
        return refused(UserMessage::PolicyVersionUnknown { version });
    };
    let viewer = &viewer.with_effective_time(&tx);
    let published = PublishedPolicy::from_row(row)?;
    if !store::load_withdrawals(&*tx, vec![version]).await?.is_empty() {
        return refused(UserMessage::PolicyVersionWithdrawn { version });
    }
    if published.row.effective_from <= viewer.now {
        let date = published.policy.effective_from();
        return refused(UserMessage::PolicyHasBegun { version, date });
    }
    let uses = store::list_uses(&*tx, version, MAX_NAMED_USES).await?;
    if !uses.is_empty() {
        let uses = uses.iter().map(describe_use).collect::<Vec<_>>().join(", ");
        return refused(UserMessage::PolicyInUse { version, uses });
    }
    let row = Model {
        policy_id: published.row.id,
        policy_version: version,
        reason: reason.clone(),
        withdrawn_by: viewer.subject.clone(),
        withdrawn_at: viewer.now,
    };
    store::insert_withdrawal(&tx, row).await?;
    let (id, data) = (published.row.id, json!({ "version": version, "reason": reason }));
    append(&tx, viewer.actor(), id, LedgerAction::PolicyWithdrawn, &data).await?;
    let change = Change {
        source: ChangeSource::Policy,
        subject_id: id.uuid(),
        lifted_rules: LiftedRules::none(),
        not_before: viewer.now,
    };
    enqueue(&tx, change).await?;
    tx.commit().await?;
    Ok(published)
}

fn describe_use(it: &policy_use::Model) -> String {
    match it.kind {
        PolicyUseKind::Solicitation => format!("solicitation {}", it.reference),
        PolicyUseKind::Award => format!("the award of contract {}", it.reference),
        PolicyUseKind::Renewal => format!("a renewal of contract {}", it.reference),
    }
}
