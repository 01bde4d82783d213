//! Proposes, evaluates and executes contract actions, such as renewals.
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::award::save_contract_status;
use super::contract_status::{LookupContext, refresh_contract_status_in_tx};
use super::record::lock_contract;
use super::{
    Contract, ContractInclude, ContractRow, ProposedAction, Renewal, RenewalInclude, TermRow,
    include_contracts, include_renewals, store,
};
use crate::contracting::model::{
    Admission, ContractTerms, Execution, RenewalId, RenewalInput, RenewalRecord, RenewalState,
};
use crate::contracting::rules::{self, ValidRenewal};
use crate::database::{Database, Tx};
use crate::decision::model::{Parties, PartyOwner, PartySource};
use crate::decision::service::{
    Evaluation, StoredDecision, evaluate, load_parties, lock_parties, replace_contract_members,
    save,
};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{ContractAction, Outcome};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::money::Money;
use crate::organization;
use crate::organization::model::Viewer;
use crate::policy;
use crate::user_message::UserMessage;
use crate::waiver;

/// Proposes a contract action. If another one waits on the contract, the input must name it as replaced.
///
/// # Errors
/// `NotFound` if the viewer may not see the contract, `Forbidden` except to contract officers of the
/// department, `Invalid` with every error, also if another action waits that the input does not name.
#[tracing::instrument(skip_all)]
pub async fn propose_renewal(
    db: &Database,
    viewer: &Viewer,
    input: &RenewalInput,
    include: RenewalInclude,
) -> Result<Renewal> {
    let unlocked =
        store::find_visible(&db.read, viewer, input.contract_id).await?.ok_or(Fault::NotFound)?;
    viewer.require_officer(unlocked.department_id)?;
    let tx = db.begin().await?;
    if let Some(assignee) = input.assignee_id {
        require_organization(&tx, assignee).await?;
    }
    let contract = lock_contract(&tx, input.contract_id).await?;
    let today = policy::service::load_timeline(&*tx).await?.local_date(viewer.now);
    let valid = validate_renewal(&*tx, input, &contract, today).await?;
    let ids = vec![contract.id.uuid()];
    let open = store::list_open_proposals(&*tx, ids).await?.remove(&contract.id);
    let renewal = new_renewal(input, &contract, valid, viewer);
    let renewal = propose_in_tx(&tx, viewer, input, renewal, open).await?;
    let renewals = include_renewals(&*tx, viewer, vec![renewal], include).await?;
    let renewal = renewals.into_iter().next().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(renewal)
}

/// Validates a contract action against its contract; `today` is in City time. An assignee that is one
/// firm with the holder is refused as the holder itself.
///
/// # Errors
/// As [`rules::validate_renewal`].
pub(super) async fn validate_renewal(
    db: &impl ConnectionTrait,
    input: &RenewalInput,
    contract: &ContractRow,
    today: NaiveDate,
) -> Result<ValidRenewal> {
    let mut input = input.clone();
    if let Some(assignee) = input.assignee_id {
        let firm = organization::service::load_group(db, contract.organization_id).await?;
        if firm.is_same_firm(assignee, contract.organization_id) {
            input.assignee_id = Some(contract.organization_id);
        }
    }
    rules::validate_renewal(&input, &ContractTerms::from(contract), today)
}

/// Stores a proposed action of a locked contract, on which `open` waits: see [`propose_renewal`].
pub(super) async fn propose_in_tx(
    tx: &Tx,
    viewer: &Viewer,
    input: &RenewalInput,
    renewal: RenewalRecord,
    open: Option<RenewalRecord>,
) -> Result<RenewalRecord> {
    rules::check_replaced(input, open.as_ref())?;
    if let Some(open) = open {
        let state = open.state.supersede();
        let state = state.map_err(|_| Fault::conflict("the proposal has changed; reload"))?;
        let open = store::update_renewal(tx, RenewalRecord { state, ..open }).await?;
        let data = json!({ "organization": open.organization_id });
        append(tx, viewer.actor(), open.id, LedgerAction::RenewalSuperseded, &data).await?;
    }
    let data = json!({
        "contract": renewal.contract_id,
        "action": renewal.action,
        "organization": renewal.organization_id,
        "startDate": renewal.start_date,
        "endDate": renewal.end_date,
        "value": renewal.value,
    });
    let renewal = store::insert_renewal(tx, renewal).await?;
    let (actor, contract) = (viewer.actor(), renewal.contract_id);
    begin(tx, actor, renewal.id, contract, LedgerAction::RenewalProposed, &data).await?;
    refresh_contract_status_in_tx(tx, viewer.now, vec![contract.uuid()]).await?;
    Ok(renewal)
}

async fn require_organization(
    tx: &Tx,
    assignee: organization::model::OrganizationId,
) -> Result<()> {
    let path = FieldPath::argument("input").at("assigneeId");
    let assignee = organization::service::lock_organizations(tx, vec![assignee]).await?.pop();
    let assignee = assignee.ok_or(Fault::invalid(&path, UserMessage::OrganizationUnknown))?;
    organization::service::require_unmerged(&assignee, &path)
}

pub(super) fn new_renewal(
    input: &RenewalInput,
    contract: &ContractRow,
    valid: rules::ValidRenewal,
    viewer: &Viewer,
) -> RenewalRecord {
    RenewalRecord {
        id: RenewalId::generate(),
        contract_id: contract.id,
        action: input.action,
        organization_id: valid.organization,
        number: valid.number,
        start_date: valid.start_date,
        end_date: valid.end_date,
        value: valid.value,
        proposed_at: viewer.now,
        proposed_by: viewer.subject.clone(),
        state: RenewalState::Proposed,
    }
}

/// Evaluates a proposed action, or one described by an input, as if it were executed now; none if it is
/// not subject to the gate. Writes nothing.
///
/// # Errors
/// `NotFound` if the viewer may not see the action or the contract, `Forbidden` if a viewer who is not
/// staff asks about another firm, `Invalid` with every error, `Conflict` unless the action is proposed.
#[tracing::instrument(skip_all)]
pub async fn evaluate_renewal(
    db: &Database,
    viewer: &Viewer,
    renewal: Option<RenewalId>,
    input: Option<&RenewalInput>,
) -> Result<Option<Evaluation>> {
    let (contract, row) = match (renewal, input) {
        (Some(id), None) => {
            let row =
                store::find_visible_renewal(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
            if row.state != RenewalState::Proposed {
                return Err(Fault::conflict(state_conflict(&row)));
            }
            let contract = store::list_by_ids(&db.read, vec![row.contract_id.uuid()]).await?.pop();
            (contract.ok_or(Fault::NotFound)?, row)
        }
        (None, Some(input)) => {
            let contract = store::find_visible(&db.read, viewer, input.contract_id).await?;
            let contract = contract.ok_or(Fault::NotFound)?;
            let today = policy::service::load_timeline(&db.read).await?.local_date(viewer.now);
            let valid = validate_renewal(&db.read, input, &contract, today).await?;
            if valid.organization != contract.organization_id && !viewer.is_staff() {
                return Err(Fault::Forbidden(
                    "only City staff can check a contract action for another firm",
                ));
            }
            let row = new_renewal(input, &contract, valid, viewer);
            (contract, row)
        }
        _ => {
            return Err(Fault::invalid(&FieldPath::argument("id"), UserMessage::ActionOrInput));
        }
    };
    let action = ProposedAction::from(&row);
    let rows = std::slice::from_ref(&contract);
    let context =
        LookupContext::load(&db.read, rows, std::slice::from_ref(&action), viewer.now).await?;
    let at = context.reference_time(row.start_date, viewer.now);
    let Some((policy, true)) = context.find_gating(&contract, &action, at) else { return Ok(None) };
    let subject = context.renewal_subject(&contract, &action, &policy, at)?;
    Ok(Some(evaluate(&db.read, subject, viewer.now).await?))
}

/// The related objects of an executed contract action and of its contract to load.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExecutionInclude {
    pub renewal: RenewalInclude,
    pub contract: ContractInclude,
}

/// The result of executing a contract action. The action stays proposed if the gate did not admit it.
#[derive(Clone, Debug)]
pub struct RenewalExecution {
    pub renewal: Renewal,
    pub contract: Contract,
    pub decision: Option<StoredDecision>,
}

/// Executes a proposed contract action: decides and stores it in one transaction. If the gate does not
/// admit the action, it stays proposed and the decision is stored.
///
/// # Errors
/// `NotFound` if the viewer may not see the action, `Forbidden` except to contract officers of the
/// department, `Conflict` unless the action is proposed, or if it no longer fits the contract.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn execute_renewal(
    db: &Database,
    viewer: &Viewer,
    id: RenewalId,
    include: ExecutionInclude,
) -> Result<RenewalExecution> {
    let unlocked =
        store::find_visible_renewal(&db.read, viewer, id).await?.ok_or(Fault::NotFound)?;
    let contracts = store::list_by_ids(&db.read, vec![unlocked.contract_id.uuid()]).await?;
    let contract = contracts.first().ok_or(Fault::NotFound)?;
    viewer.require_officer(contract.department_id)?;
    let stored_parties =
        load_parties(&db.read, PartyOwner::Contract, unlocked.contract_id.uuid()).await?;
    let is_assigned = unlocked.organization_id != contract.organization_id;
    let named = if is_assigned {
        PartySource::Assigned(&stored_parties)
    } else {
        PartySource::Stored(&stored_parties)
    };
    let tx = db.begin().await?;
    lock_parties(&tx, unlocked.organization_id, named, viewer.now).await?;
    let contract = lock_contract(&tx, unlocked.contract_id).await?;
    let row = store::lock_renewal(&tx, id).await?.ok_or(Fault::NotFound)?;
    let ExecutedRow { renewal, contract, decision } =
        execute_in_tx(&tx, viewer, contract, row).await?;
    let renewal = include_renewals(&*tx, viewer, vec![renewal], include.renewal).await?;
    let contract = include_contracts(&*tx, viewer, vec![contract], include.contract).await?;
    tx.commit().await?;
    Ok(RenewalExecution {
        renewal: renewal.into_iter().next().ok_or(Fault::NotFound)?,
        contract: contract.into_iter().next().ok_or(Fault::NotFound)?,
        decision,
    })
}

/// The rows after an execution. The action stays proposed if the gate did not admit it.
pub(super) struct ExecutedRow {
    pub renewal: RenewalRecord,
    pub contract: ContractRow,
    pub decision: Option<StoredDecision>,
}

/// Executes a locked action of a locked contract, whose parties are locked too: see [`execute_renewal`].
pub(super) async fn execute_in_tx(
    tx: &Tx,
    viewer: &Viewer,
    contract: ContractRow,
    row: RenewalRecord,
) -> Result<ExecutedRow> {
    if row.state != RenewalState::Proposed {
        return Err(Fault::conflict(state_conflict(&row)));
    }
    require_fits_contract(&row, &contract)?;
    let (rows, actions) = (std::slice::from_ref(&contract), [ProposedAction::from(&row)]);
    let context = LookupContext::load(&**tx, rows, &actions, viewer.now).await?;
    let parties = context.parties_for(&contract, &actions[0]);
    let evaluation = evaluate_if_gated(tx, viewer.now, &context, &contract, &row).await?;
    let (mut decision, mut admission, mut holder) = (None, None, row.organization_id);
    if let Some(evaluation) = evaluation {
        let disclosure_id = evaluation.disclosure;
        holder = evaluation.row_organization;
        let stored = save(tx, viewer.actor(), evaluation).await?;
        if stored.row.outcome != Outcome::Admit {
            return Ok(ExecutedRow { renewal: row, contract, decision: Some(stored) });
        }
        admission = Some(Admission { decision_id: stored.row.id, disclosure_id });
        decision = Some(stored);
    }
    let execution = Execution { at: viewer.now, by: viewer.subject.clone(), admission };
    let conflict = state_conflict(&row);
    let state = row.state.execute(execution.clone()).map_err(|_| Fault::conflict(conflict))?;
    let row = RenewalRecord { organization_id: holder, state, ..row };
    let row = store::update_renewal(tx, row).await?;
    let admission = execution.admission.as_ref();
    let data = json!({
        "organization": row.organization_id,
        "basis": execution.basis(),
        "decision": admission.map(|it| it.decision_id),
        "disclosure": admission.and_then(|it| it.disclosure_id),
    });
    append(tx, viewer.actor(), row.id, LedgerAction::RenewalExecuted, &data).await?;
    let contract = apply_renewal(tx, viewer, contract, &row, &execution, &parties).await?;
    Ok(ExecutedRow { renewal: row, contract, decision })
}

/// Describes why an action that is not proposed any more cannot be executed.
fn state_conflict(renewal: &RenewalRecord) -> String {
    match renewal.state.execution() {
        Some(execution) => {
            format!("{} already executed this action; reload", execution.by.subject())
        }
        None => "another proposal replaced this action; reload".to_owned(),
    }
}

/// Requires that an action still fits its contract, which may have changed since the proposal.
fn require_fits_contract(row: &RenewalRecord, contract: &ContractRow) -> Result<()> {
    let (path, mut errors) = (FieldPath::argument("id"), InputErrors::default());
    let terms = ContractTerms::from(contract);
    rules::check_dates(row.action, &terms, (row.start_date, row.end_date), &path, &mut errors);
    let messages: Vec<String> =
        errors.into_errors().into_iter().map(|error| error.message.english()).collect();
    if messages.is_empty() {
        return Ok(());
    }
    Err(Fault::conflict(format!(
        "the contract has changed since this action was proposed ({}); propose it again",
        messages.join(" ")
    )))
}

/// Evaluates a contract action; none if it is not subject to the gate.
async fn evaluate_if_gated(
    tx: &Tx,
    now: DateTime<Utc>,
    context: &LookupContext,
    contract: &ContractRow,
    row: &RenewalRecord,
) -> Result<Option<Evaluation>> {
    let action = ProposedAction::from(row);
    let at = context.reference_time(row.start_date, now);
    // Whether an action needs a decision is for a policy to say.
    let gating = context.find_gating(contract, &action, at);
    let (policy, is_gated) = gating.ok_or_else(|| context.timeline.none_in_force_fault())?;
    policy::service::lock_version(tx, i64::from(policy.version())).await?;
    if !is_gated {
        return Ok(None);
    }
    let subject = context.renewal_subject(contract, &action, &policy, at)?;
    Ok(Some(evaluate(&**tx, subject, now).await?))
}

/// Applies an executed action to its contract, and adds a term.
async fn apply_renewal(
    tx: &Tx,
    viewer: &Viewer,
    contract: ContractRow,
    row: &RenewalRecord,
    execution: &Execution,
    parties: &Parties,
) -> Result<ContractRow> {
    let before = contract.clone();
    let mut after = contract;
    match row.action {
        ContractAction::Renewal
        | ContractAction::Option
        | ContractAction::Extension
        | ContractAction::Holdover => {
            after.end_date = row.end_date;
        }
        ContractAction::Assignment => after.organization_id = row.organization_id,
        ContractAction::Amendment => {}
        // The value of an order is not added to its master contract.
        ContractAction::TaskOrder => return save_contract_status(tx, after, viewer.now).await,
    }
    if row.action == ContractAction::Option {
        after.options_left = after.options_left.saturating_sub(1);
    }
    after.value_cents = after.value_cents.saturating_add(row.value.cents);
    if execution.admission.is_some() || row.action == ContractAction::Assignment {
        // The organization that filed the disclosure: another of the holder's group after a merge.
        after.organization_id = row.organization_id;
        after.disclosure_id = execution.admission.as_ref().and_then(|it| it.disclosure_id);
    }
    let last = store::find_last_term(tx, after.id).await?;
    let next = TermRow {
        contract_id: after.id,
        sequence: last.map_or(0, |last| last.sequence) + 1,
        organization_id: after.organization_id,
        from_date: row.start_date,
        until_date: after.end_date.max(row.start_date),
        value_cents: after.value_cents,
        currency: after.currency.clone(),
    };
    if row.action == ContractAction::Assignment {
        replace_contract_members(tx, after.id.uuid(), &parties.members).await?;
    }
    store::shorten_and_insert_term(tx, next, rules::day_before(row.start_date)).await?;
    let data = json!({
        "renewal": row.id,
        "action": row.action,
        "organization": after.organization_id,
        "endDate": after.end_date,
        "value": Money { cents: after.value_cents, currency: after.currency.clone() },
        "optionsLeft": after.options_left,
        "before": { "organization": before.organization_id, "endDate": before.end_date },
    });
    // Before the status is computed, which reads the open proposal of the contract.
    let row = store::update(tx, after).await?;
    append(tx, viewer.actor(), row.id, LedgerAction::ContractModified, &data).await?;
    save_contract_status(tx, row, viewer.now).await
}

/// The target of a waiver or an exemption for a contract or one of its actions.
pub(super) fn waiver_target(
    contract: &ContractRow,
    renewal: Option<RenewalId>,
) -> waiver::model::ReliefSubject {
    waiver::model::ReliefSubject::Contract {
        department: contract.department_id,
        number: contract.number.clone(),
        contract: Some(contract.id.uuid()),
        renewal: renewal.map(RenewalId::uuid),
    }
}
