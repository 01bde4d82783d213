//! Contract actions, such as renewals, that a procurement portal carries out, by the City's numbers:
//! proposed and executed in one transaction.
use super::record::lock_contract;
use super::renew::{ExecutedRow, execute_in_tx, new_renewal, propose_in_tx, validate_renewal};
use super::{ContractRow, store};
use crate::bidding::service::GateMode;
use crate::contracting::model::{ContractId, RenewalId, RenewalInput, RenewalRecord};
use crate::database::{Database, Tx};
use crate::decision::model::{PartyOwner, PartySource};
use crate::decision::service::{DecisionReport, load_parties, lock_parties};
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::ContractAction;
use crate::money::MoneyText;
use crate::organization;
use crate::organization::model::Viewer;
use crate::organization::service::{
    choose_by_number, parse_number, rename_number, require_verified_vendor,
};
use crate::policy;
use crate::scalar::Date;
use crate::user_message::UserMessage;

/// A contract action as a portal sends it.
#[derive(Clone, Debug)]
pub struct PortalRenewal {
    /// The number of the contract.
    pub contract: String,
    /// The code of its department; required only if several departments have the number.
    pub department: Option<String>,
    pub action: ContractAction,
    /// As in [`RenewalInput`].
    pub start_date: Option<Date>,
    /// As in [`RenewalInput`].
    pub end_date: Option<Date>,
    /// As in [`RenewalInput`].
    pub value: Option<MoneyText>,
    /// The vendor number of the firm to which the contract is assigned; for an assignment alone.
    pub assignee: Option<String>,
    /// The number of the amendment or task order; required for a task order.
    pub number: Option<String>,
    /// The waiting action that this one replaces. The same action, sent again, replaces none.
    pub replaces: Option<RenewalId>,
}

/// What became of a portal's contract action.
#[derive(Clone, Debug)]
pub struct PortalRenewalResult {
    /// The contract action; none in a preview.
    pub renewal: Option<RenewalId>,
    /// Whether it was carried out; in a preview, whether it would be. If not, it waits on the contract.
    pub is_executed: bool,
    /// The decision; none if the action is not subject to the gate.
    pub report: Option<DecisionReport>,
}

/// Decides a contract action that a portal sends, and carries it out if it is admitted. An action that is
/// not admitted waits on the contract; sending it again decides it again. A preview writes nothing.
///
/// # Errors
/// `Forbidden` except to the procurement system; `Conflict` if the City has verified the assignee's number
/// for no firm; `Invalid` for an unknown or ambiguous contract, and with every other error, also if another
/// action waits that is not named as replaced.
#[tracing::instrument(skip_all)]
pub async fn gate_renewal(
    db: &Database,
    viewer: &Viewer,
    sent: &PortalRenewal,
    mode: GateMode,
) -> Result<PortalRenewalResult> {
    viewer.require_procurement_system("only the procurement system sends contract actions")?;
    let unlocked = require_contract(db, viewer, &sent.contract, sent.department.as_deref()).await?;
    let assignee = match &sent.assignee {
        Some(number) => {
            let path = FieldPath::argument("assignee");
            Some(require_verified_vendor(&db.read, number, &path).await?.organization)
        }
        None => None,
    };
    let input = RenewalInput {
        contract_id: unlocked.id,
        action: sent.action,
        start_date: sent.start_date.clone(),
        end_date: sent.end_date.clone(),
        value: sent.value.clone(),
        assignee_id: assignee,
        number: sent.number.clone(),
        replaces: sent.replaces,
    };
    let is_assigned = sent.action == ContractAction::Assignment;
    let firm = assignee.filter(|_| is_assigned).unwrap_or(unlocked.organization_id);
    let stored = load_parties(&db.read, PartyOwner::Contract, unlocked.id.uuid()).await?;
    let named =
        if is_assigned { PartySource::Assigned(&stored) } else { PartySource::Stored(&stored) };
    let is_preview = mode == GateMode::Preview;
    let db = if is_preview { db.for_dry_run() } else { db.clone() };
    let tx = db.begin().await?;
    lock_parties(&tx, firm, named, viewer.now).await?;
    let contract = lock_contract(&tx, unlocked.id).await?;
    if !is_assigned && contract.organization_id != firm {
        return Err(Fault::conflict("the contract was assigned meanwhile; send this again"));
    }
    let viewer = &viewer.acting_for_department(contract.department_id);
    let row = find_or_propose(&tx, viewer, &input, &contract).await?;
    // Its status was refreshed.
    let contract = lock_contract(&tx, unlocked.id).await?;
    let ExecutedRow { renewal, decision, .. } = execute_in_tx(&tx, viewer, contract, row).await?;
    tx.commit().await?;
    let report = decision.map(|decided| match mode {
        GateMode::Commit => DecisionReport::of_stored(&decided, viewer.now),
        GateMode::Preview => DecisionReport::of_dry_run(&decided),
    });
    let is_executed = renewal.state.execution().is_some();
    let renewal = (!is_preview).then_some(renewal.id);
    Ok(PortalRenewalResult { renewal, is_executed, report })
}

/// Returns the action that waits on a locked contract if it is the one that is sent, and else proposes it.
async fn find_or_propose(
    tx: &Tx,
    viewer: &Viewer,
    input: &RenewalInput,
    contract: &ContractRow,
) -> Result<RenewalRecord> {
    let today = policy::service::load_timeline(&**tx).await?.local_date(viewer.now);
    let valid = validate_renewal(&**tx, input, contract, today).await?;
    let ids = vec![contract.id.uuid()];
    let open = store::list_open_proposals(&**tx, ids).await?.remove(&contract.id);
    let sent = new_renewal(input, contract, valid, viewer);
    let firms = open.iter().chain([&sent]).map(|it| it.organization_id.uuid()).collect();
    let groups = organization::service::load_groups(&**tx, firms).await?;
    let is_same = |open: &RenewalRecord| {
        let key = |it: &RenewalRecord| {
            let (firm, days) =
                (groups.survivor_of(it.organization_id), (it.start_date, it.end_date));
            (it.action, firm, it.number.clone(), days, it.value.clone())
        };
        key(open) == key(&sent)
    };
    match open {
        Some(open) if is_same(&open) => {
            store::lock_renewal(tx, open.id).await?.ok_or(Fault::NotFound)
        }
        open => propose_in_tx(tx, viewer, input, sent, open).await,
    }
}

/// Finds the contract that a portal names by its number.
///
/// # Errors
/// `Invalid` if there is none, or several that the department would tell apart.
pub(super) async fn require_contract(
    db: &Database,
    viewer: &Viewer,
    number: &str,
    department: Option<&str>,
) -> Result<ContractRow> {
    let field = "contract";
    let lookup = parse_number::<ContractId>(&db.read, number, department, field).await?;
    let reader = viewer.reading_for_portal();
    let found = store::list_visible_by_number(&db.read, &reader, &lookup).await?;
    let found =
        choose_by_number(&db.read, &lookup, found, |it| (it.department_id, &it.number)).await;
    let found = found.map_err(|fault| rename_number(fault, field))?;
    found.ok_or_else(|| {
        let given = number.to_owned();
        Fault::invalid(&FieldPath::argument(field), UserMessage::ContractUnknown { given })
    })
}
