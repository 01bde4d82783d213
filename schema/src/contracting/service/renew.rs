//! Carrying a contract on: proposed, tried on the gate, executed.
use chrono::{DateTime, Utc};
use serde_json::json;

use super::award::stand;
use super::record::lock_contract;
use super::standing::{Around, Carried, refresh};
use super::{Contract, ContractRow, Include, Renewal, RenewalInclude, RenewalRow, TermRow, store};
use crate::contracting::model::{Basis, RenewalId, RenewalInput, RenewalStatus};
use crate::contracting::rules;
use crate::database::{Database, Tx};
use crate::decision::model::{Named, Parties};
use crate::decision::service::{Considered, Kept, consider, keep, lock_parties};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{Action, Outcome};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::money::Money;
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::waiver;

/// Proposes to carry a contract on; it takes the place of a proposal that waits.
///
/// # Errors
/// `NotFound` if the contract is not the viewer's to see, `Forbidden` to all but the department's
/// contract officers, `Invalid` with all that is wrong.
pub async fn propose(
    db: &Database,
    viewer: &Viewer,
    input: &RenewalInput,
    include: RenewalInclude,
) -> Result<Renewal> {
    let seen = store::find(&db.read, viewer, input.contract_id).await?.ok_or(Fault::NotFound)?;
    viewer.officer_of(seen.department_id)?;
    let tx = db.begin().await?;
    if let Some(assignee) = input.assignee_id {
        known(&tx, assignee).await?;
    }
    let contract = lock_contract(&tx, input.contract_id).await?;
    let today = policy::service::timeline(&*tx).await?.date(viewer.now);
    let read = rules::renewal(input, &contract, today)?;
    let ids = vec![contract.id.uuid()];
    if let Some(open) = store::open_of(&*tx, ids).await?.remove(&contract.id) {
        let status = open.status.supersede().map_err(|_| Fault::conflict("reload: it changed"))?;
        let open = store::update_renewal(&tx, RenewalRow { status, ..open }).await?;
        let data = json!({ "organization": open.organization_id });
        append(&tx, viewer.actor(), open.id, LedgerAction::RenewalSuperseded, &data).await?;
    }
    let row = row(input, &contract, read, viewer);
    let data = json!({
        "contract": row.contract_id,
        "action": row.action,
        "organization": row.organization_id,
        "startDate": row.start_date,
        "endDate": row.end_date,
        "value": Money { cents: row.value_cents, currency: row.currency.clone() },
    });
    let row = store::insert_renewal(&tx, row).await?;
    let actor = viewer.actor();
    begin(&tx, actor, row.id, contract.id, LedgerAction::RenewalProposed, &data).await?;
    refresh(&tx, viewer.now, vec![contract.id.uuid()]).await?;
    let made = store::include_renewals(&*tx, viewer, vec![row], include).await?;
    let made = made.into_iter().next().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(made)
}

async fn known(tx: &Tx, assignee: organization::model::OrganizationId) -> Result<()> {
    let found = organization::service::lock(tx, vec![assignee]).await?;
    if found.is_empty() {
        let path = FieldPath::argument("input").at("assigneeId");
        return Err(Fault::invalid(&path, "invalid", "There is no such organization."));
    }
    Ok(())
}

fn row(
    input: &RenewalInput,
    contract: &ContractRow,
    read: rules::ReadRenewal,
    viewer: &Viewer,
) -> RenewalRow {
    RenewalRow {
        id: RenewalId::generate(),
        contract_id: contract.id,
        action: input.action,
        status: RenewalStatus::Proposed,
        organization_id: read.organization,
        number: read.number,
        start_date: read.start_date,
        end_date: read.end_date,
        value_cents: read.value.cents,
        currency: read.value.currency,
        proposed_at: viewer.now,
        proposed_by: viewer.subject.clone(),
        executed_at: None,
        executed_by: None,
        basis: None,
        decision_id: None,
        decision_outcome: None,
        disclosure_id: None,
    }
}

/// What the gate would say of a renewal that was proposed, or of one as it would be, if it were
/// executed now; none if the policy does not have it decide. Nothing is written.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Invalid` with all that is wrong, `Conflict` for a
/// renewal that does not wait any more.
pub async fn readiness(
    db: &Database,
    viewer: &Viewer,
    renewal: Option<RenewalId>,
    input: Option<&RenewalInput>,
) -> Result<Option<Considered>> {
    let (contract, row) = match (renewal, input) {
        (Some(id), None) => {
            let row = store::find_renewal(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
            if row.status != RenewalStatus::Proposed {
                return Err(Fault::conflict(where_it_is(&row)));
            }
            let contract = store::by_ids(&db.read, vec![row.contract_id.uuid()]).await?.pop();
            (contract.ok_or(Fault::NotFound)?, row)
        }
        (None, Some(input)) => {
            let contract = store::find(&db.read, viewer, input.contract_id).await?;
            let contract = contract.ok_or(Fault::NotFound)?;
            let today = policy::service::timeline(&db.read).await?.date(viewer.now);
            let read = rules::renewal(input, &contract, today)?;
            if read.organization != contract.organization_id && !viewer.is_staff() {
                return Err(Fault::Forbidden("only the City's staff asks about another firm"));
            }
            let row = row(input, &contract, read, viewer);
            (contract, row)
        }
        _ => {
            let told = "Give the identifier of a renewal that was proposed, or how the contract \
                would be carried on: one of the two.";
            return Err(Fault::invalid(&FieldPath::argument("id"), "contradiction", told));
        }
    };
    let carried = Carried::from(&row);
    let rows = std::slice::from_ref(&contract);
    let around = Around::of(&db.read, rows, std::slice::from_ref(&carried), viewer.now).await?;
    let at = around.reference(row.start_date, viewer.now);
    let Some((policy, true)) = around.gating(&contract, &carried, at) else { return Ok(None) };
    let subject = around.subject(&contract, &carried, &policy, at)?;
    Ok(Some(consider(&db.read, subject, viewer.now).await?))
}

/// What came of executing a renewal: the decision if the gate spoke; it stays proposed unless that
/// admits it.
#[derive(Clone, Debug)]
pub struct Executed {
    pub renewal: Renewal,
    pub contract: Contract,
    pub decision: Option<Kept>,
}

/// Executes a renewal that was proposed: decided and written in one transaction. What the gate does
/// not admit stays as it was, and the decision is kept.
///
/// # Errors
/// `NotFound` if it is not the viewer's to see, `Forbidden` to all but the department's contract
/// officers, `Conflict` if it was executed already or the contract has changed since.
pub async fn execute(
    db: &Database,
    viewer: &Viewer,
    id: RenewalId,
    (include, contract_include): (RenewalInclude, Include),
) -> Result<Executed> {
    let seen = store::find_renewal(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    let contracts = store::by_ids(&db.read, vec![seen.contract_id.uuid()]).await?;
    let held = contracts.first().ok_or(Fault::NotFound)?;
    viewer.officer_of(held.department_id)?;
    let named = store::parties(&db.read, vec![seen.contract_id.uuid()]).await?;
    let named = named.into_values().next().unwrap_or_default();
    let is_assigned = seen.organization_id != held.organization_id;
    let named = if is_assigned { Named::Assigned(&named) } else { Named::Kept(&named) };
    let tx = db.begin().await?;
    lock_parties(&tx, seen.organization_id, named, viewer.now).await?;
    let contract = lock_contract(&tx, seen.contract_id).await?;
    let row = store::lock_renewal(&tx, id).await?.ok_or(Fault::NotFound)?;
    let status = row.status.execute().map_err(|_| Fault::conflict(where_it_is(&row)))?;
    still_fits(&row, &contract)?;
    let (rows, carried) = (std::slice::from_ref(&contract), [Carried::from(&row)]);
    let around = Around::of(&*tx, rows, &carried, viewer.now).await?;
    let parties = around.parties(&contract, &carried[0]);
    let considered = decided(&tx, viewer.now, &around, &contract, &row).await?;
    let (mut kept, mut disclosure) = (None, None);
    if let Some(considered) = considered {
        disclosure = considered.disclosure;
        let decision = keep(&tx, viewer.actor(), considered).await?;
        if decision.row.outcome != Outcome::Admit {
            let renewal = store::include_renewals(&*tx, viewer, vec![row], include).await?;
            let contract = store::include(&*tx, viewer, vec![contract], contract_include).await?;
            tx.commit().await?;
            return Ok(Executed {
                renewal: renewal.into_iter().next().ok_or(Fault::NotFound)?,
                contract: contract.into_iter().next().ok_or(Fault::NotFound)?,
                decision: Some(decision),
            });
        }
        kept = Some(decision);
    }
    let row = RenewalRow {
        status,
        executed_at: Some(viewer.now),
        executed_by: Some(viewer.subject.clone()),
        basis: Some(if kept.is_some() { Basis::Gated } else { Basis::Ungated }),
        decision_id: kept.as_ref().map(|kept| kept.row.id),
        decision_outcome: kept.as_ref().map(|kept| kept.row.outcome),
        disclosure_id: disclosure,
        ..row
    };
    let row = store::update_renewal(&tx, row).await?;
    let data = json!({
        "organization": row.organization_id,
        "basis": row.basis,
        "decision": row.decision_id,
        "disclosure": row.disclosure_id,
    });
    append(&tx, viewer.actor(), row.id, LedgerAction::RenewalExecuted, &data).await?;
    let contract = carry_on(&tx, viewer, contract, &row, &parties).await?;
    let renewal = store::include_renewals(&*tx, viewer, vec![row], include).await?;
    let contract = store::include(&*tx, viewer, vec![contract], contract_include).await?;
    tx.commit().await?;
    Ok(Executed {
        renewal: renewal.into_iter().next().ok_or(Fault::NotFound)?,
        contract: contract.into_iter().next().ok_or(Fault::NotFound)?,
        decision: kept,
    })
}

fn where_it_is(row: &RenewalRow) -> String {
    match (row.status, &row.executed_by, row.executed_at) {
        (RenewalStatus::Executed, Some(by), Some(at)) => {
            format!(
                "{} executed it already, at {}; reload",
                by.subject(),
                at.format("%Y-%m-%d %H:%M:%S UTC")
            )
        }
        _ => "another proposal took its place; reload".to_owned(),
    }
}

/// The contract may have been carried on otherwise since it was proposed.
fn still_fits(row: &RenewalRow, contract: &ContractRow) -> Result<()> {
    let (path, mut problems) = (FieldPath::argument("id"), InputErrors::default());
    rules::term(row.action, contract, (row.start_date, row.end_date), &path, &mut problems);
    let told: Vec<String> = problems.into_errors().into_iter().map(|it| it.message).collect();
    if told.is_empty() {
        return Ok(());
    }
    Err(Fault::conflict(format!(
        "the contract has changed since it was proposed ({}); propose it anew",
        told.join(" ")
    )))
}

/// What the gate says of a renewal; none if the policy does not have it decide.
async fn decided(
    tx: &Tx,
    now: DateTime<Utc>,
    around: &Around,
    contract: &ContractRow,
    row: &RenewalRow,
) -> Result<Option<Considered>> {
    let carried = Carried::from(row);
    let at = around.reference(row.start_date, now);
    let Some((policy, true)) = around.gating(contract, &carried, at) else { return Ok(None) };
    policy::service::hold(tx, i64::from(policy.version())).await?;
    let subject = around.subject(contract, &carried, &policy, at)?;
    Ok(Some(consider(&**tx, subject, now).await?))
}

/// The contract as an executed renewal leaves it.
async fn carry_on(
    tx: &Tx,
    viewer: &Viewer,
    contract: ContractRow,
    row: &RenewalRow,
    parties: &Parties,
) -> Result<ContractRow> {
    let before = contract.clone();
    let mut after = contract;
    match row.action {
        Action::Renewal | Action::Option | Action::Extension | Action::Holdover => {
            after.end_date = row.end_date;
        }
        Action::Assignment => after.organization_id = row.organization_id,
        Action::Amendment => {}
        // A master carries no money of its orders.
        Action::TaskOrder => return Ok(after),
    }
    if row.action == Action::Option {
        after.options_left = after.options_left.saturating_sub(1);
    }
    after.value_cents = after.value_cents.saturating_add(row.value_cents);
    if row.basis == Some(Basis::Gated) || row.action == Action::Assignment {
        after.disclosure_id = row.disclosure_id;
    }
    let last = store::last_term(tx, after.id).await?;
    let next = TermRow {
        contract_id: after.id,
        sequence: last.map_or(0, |last| last.sequence) + 1,
        organization_id: after.organization_id,
        from_date: row.start_date,
        until_date: after.end_date.max(row.start_date),
        value_cents: after.value_cents,
        currency: after.currency.clone(),
    };
    if row.action == Action::Assignment {
        store::replace_members(tx, after.id, &parties.members).await?;
    }
    store::replace_terms(tx, next, rules::day_before(row.start_date)).await?;
    let data = json!({
        "renewal": row.id,
        "action": row.action,
        "organization": after.organization_id,
        "endDate": after.end_date,
        "value": Money { cents: after.value_cents, currency: after.currency.clone() },
        "optionsLeft": after.options_left,
        "before": { "organization": before.organization_id, "endDate": before.end_date },
    });
    // Before it is told how it stands: that reads what waits on the contract.
    let row = store::update(tx, after).await?;
    append(tx, viewer.actor(), row.id, LedgerAction::ContractCarriedOn, &data).await?;
    stand(tx, row, viewer.now).await
}

/// What a waiver or an exemption on a renewal is for.
pub(super) fn target(contract: &ContractRow, renewal: Option<RenewalId>) -> waiver::model::Target {
    waiver::model::Target::Contract {
        department: contract.department_id,
        number: contract.number.clone(),
        contract: Some(contract.id.uuid()),
        renewal: renewal.map(RenewalId::uuid),
    }
}
