//! Awarding a contract: from a bid, or by a method that needs none. The award's own gate decides.
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::standing::stood;
use super::{AttemptRow, Contract, ContractRow, Include, TermRow, store};
use crate::bidding;
use crate::bidding::service::ToAward;
use crate::contracting::model::{AwardInput, Basis, ContractId};
use crate::contracting::rules::{self, FromBid, Read};
use crate::database::{Database, Tx};
use crate::decision::model::{Named, Parties, Subject};
use crate::decision::service::{Considered, Kept, consider, keep, lock_parties, resolve_parties};
use crate::disclosure::model::DisclosureId;
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::facts::ContractFacts;
use crate::gate::{Method, Outcome, SubjectKind, is_gated};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::money::Money;
use crate::organization;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::policy;
use crate::waiver;
use crate::waiver::model::Sought;

/// What came of an award: the decision if the gate spoke, the contract unless it did not admit.
#[derive(Clone, Debug)]
pub struct Awarded {
    pub contract: Option<Contract>,
    pub decision: Option<Kept>,
}

/// What is awarded, to whom, how.
struct Wanted {
    department: DepartmentId,
    organization: OrganizationId,
    method: Method,
    public_works: bool,
    bid: Option<ToAward>,
    read: Read,
}

impl Wanted {
    fn new(input: &AwardInput, bid: Option<ToAward>, today: NaiveDate) -> Result<Self> {
        let from = bid
            .as_ref()
            .map(|bid| FromBid { title: bid.title.clone(), amount: bid.amount.clone() });
        let read = rules::award(input, from.as_ref(), today)?;
        let unread = || Fault::Internal("an award without a problem lacks a part".into());
        let (department, organization, method, public_works) = match &bid {
            Some(bid) => (bid.department, bid.organization, bid.method, bid.public_works),
            None => (
                input.department_id.ok_or_else(unread)?,
                input.organization_id.ok_or_else(unread)?,
                input.method.ok_or_else(unread)?,
                input.public_works,
            ),
        };
        Ok(Self { department, organization, method, public_works, bid, read })
    }

    /// Whom it names: those of the bid as they were kept with it.
    fn named(&self) -> Named<'_> {
        match &self.bid {
            Some(bid) => Named::Kept(&bid.parties),
            None => Named::Submitted(&self.read.subcontractors),
        }
    }

    /// By which waivers and exemptions on the bid are found.
    fn on_solicitation(&self) -> Option<(uuid::Uuid, OrganizationId)> {
        self.bid.as_ref().map(|bid| (bid.solicitation.uuid(), bid.organization))
    }
}

/// Awards a contract: decided and written in one transaction. Only what the gate admits is written;
/// what it does not is kept with its decision, and may be tried again.
///
/// # Errors
/// `Forbidden` to all but the department's contract officers, `NotFound` without such a bid or
/// organization, `Invalid` with all that is wrong, `Conflict` if the bid does not count any more.
pub async fn award(
    db: &Database,
    viewer: &Viewer,
    input: &AwardInput,
    include: Include,
) -> Result<Awarded> {
    let seen = match input.bid_id {
        Some(id) => Some(bidding::service::to_award(&db.read, viewer, id).await?),
        None => None,
    };
    let timeline = policy::service::timeline(&db.read).await?;
    let today = timeline.date(viewer.now);
    if let Some(department) = seen.as_ref().map(|bid| bid.department).or(input.department_id) {
        viewer.officer_of(department)?;
    }
    let wanted = Wanted::new(input, seen, today)?;
    let tx = db.begin().await?;
    lock_parties(&tx, wanted.organization, wanted.named(), viewer.now).await?;
    organization::service::lock_one(&tx, wanted.organization).await?;
    let named = wanted.read.subcontractors.iter().map(|(party, _)| party);
    let at = FieldPath::argument("input").at("subcontractors");
    organization::service::refuse_self_subcontracting(&*tx, wanted.organization, named, &at)
        .await?;
    let wanted = match &wanted.bid {
        Some(seen) => {
            let bid = bidding::service::lock_to_award(&tx, viewer, seen).await?;
            Wanted::new(input, Some(bid), today)?
        }
        None => wanted,
    };
    // The bid may have been decided anew, and a party of it resolved, before it was locked.
    let parties = resolve_parties(&*tx, wanted.organization, wanted.named(), viewer.now).await?;
    let taken = store::same_number(&*tx, wanted.department, &wanted.read.number).await?;
    if taken.is_some() {
        let told = "The department has a contract of this number; choose another.";
        return Err(Fault::invalid(&FieldPath::argument("input").at("number"), "taken", told));
    }
    let signed = timeline.midnight(wanted.read.signed_on, viewer.now).max(viewer.now);
    let (number, organization) = (&wanted.read.number, wanted.organization);
    let tried = store::attempt(&tx, wanted.department, number, organization).await?;
    let contract = ContractToBe {
        id: tried.as_ref().map_or_else(ContractId::generate, |tried| tried.id),
        is_begun: tried.is_some(),
    };
    let version = match &wanted.bid {
        Some(bid) => Some(bid.policy_version),
        None => timeline.at(signed).map(|policy| i64::from(policy.version())),
    };
    let considered = match version {
        Some(version) => {
            gated(&tx, viewer, (&wanted, &parties), contract.id, (signed, version)).await?
        }
        None => None,
    };
    let Some(considered) = considered else {
        let made = write(&tx, viewer, (&wanted, &parties), &contract, None).await?;
        let contract = shown(tx, viewer, made, include).await?;
        return Ok(Awarded { contract: Some(contract), decision: None });
    };
    let disclosure = considered.disclosure;
    let kept = keep(&tx, viewer.actor(), considered).await?;
    if kept.row.outcome != Outcome::Admit {
        try_again_later(&tx, viewer, &wanted, &contract, &kept).await?;
        tx.commit().await?;
        return Ok(Awarded { contract: None, decision: Some(kept) });
    }
    let decided = Some((&kept, disclosure));
    let made = write(&tx, viewer, (&wanted, &parties), &contract, decided).await?;
    let contract = shown(tx, viewer, made, include).await?;
    Ok(Awarded { contract: Some(contract), decision: Some(kept) })
}

/// The contract that an award makes: its identifier stays the same over the attempts.
struct ContractToBe {
    id: ContractId,
    /// An earlier attempt has begun its chain.
    is_begun: bool,
}

impl ContractToBe {
    async fn append(
        &self,
        tx: &Tx,
        viewer: &Viewer,
        wanted: &Wanted,
        action: LedgerAction,
        data: &Value,
    ) -> Result<()> {
        let (actor, department) = (viewer.actor(), wanted.department);
        if self.is_begun {
            return append(tx, actor, self.id, action, data).await;
        }
        begin(tx, actor, self.id, department, action, data).await
    }
}

/// Commits, and answers with the children asked for.
pub(super) async fn shown(
    tx: Tx,
    viewer: &Viewer,
    row: ContractRow,
    include: Include,
) -> Result<Contract> {
    let made = store::include(&*tx, viewer, vec![row], include).await?;
    let made = made.into_iter().next().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(made)
}

/// What the gate says of an award; none if the policy does not have it decide.
async fn gated(
    tx: &Tx,
    viewer: &Viewer,
    (wanted, parties): (&Wanted, &Parties),
    id: ContractId,
    (signed, version): (DateTime<Utc>, i64),
) -> Result<Option<Considered>> {
    let policy = policy::service::hold(tx, version).await?.policy;
    let Read { value, .. } = &wanted.read;
    if !is_gated(&policy, Some(wanted.method), None, value) {
        return Ok(None);
    }
    let subject = subject(&**tx, (wanted, parties), id, (signed, version)).await?;
    Ok(Some(consider(&**tx, subject, viewer.now).await?))
}

async fn subject(
    db: &impl ConnectionTrait,
    (wanted, parties): (&Wanted, &Parties),
    id: ContractId,
    (signed, version): (DateTime<Utc>, i64),
) -> Result<Subject> {
    let departments = vec![wanted.department.uuid()];
    let mut departments = organization::service::departments_by_ids(db, departments).await?;
    let department = departments.remove(&wanted.department).ok_or(Fault::NotFound)?;
    let read = &wanted.read;
    Ok(Subject {
        kind: SubjectKind::ContractAward,
        id: id.into(),
        reference: read.number.clone(),
        title: read.title.clone(),
        department: department.name,
        contact: department.contact,
        reference_at: signed,
        amount: Some(read.value.clone()),
        public_works: wanted.public_works,
        method: Some(wanted.method),
        action: None,
        contract: Some(ContractFacts {
            clause_version: read.clause_version.and_then(|it| u32::try_from(it).ok()),
            signed_on: read.signed_on,
            is_under_ordinance: true,
        }),
        sought: Sought::Award {
            bid: wanted.on_solicitation(),
            department: wanted.department,
            number: read.number.clone(),
        },
        organization: wanted.organization,
        parties: parties.clone(),
        policy_version: version,
    })
}

/// Keeps what was tried, so that the next try continues it.
async fn try_again_later(
    tx: &Tx,
    viewer: &Viewer,
    wanted: &Wanted,
    contract: &ContractToBe,
    kept: &Kept,
) -> Result<()> {
    let row = AttemptRow {
        id: contract.id,
        department_id: wanted.department,
        number: wanted.read.number.clone(),
        organization_id: wanted.organization,
        bid_id: wanted.bid.as_ref().map(|bid| bid.id),
        decision_id: kept.row.id,
        decision_outcome: kept.row.outcome,
        attempted_at: viewer.now,
        attempted_by: viewer.subject.clone(),
    };
    let data = json!({
        "department": row.department_id,
        "number": row.number,
        "organization": row.organization_id,
        "outcome": row.decision_outcome,
        "decision": row.decision_id,
    });
    store::put_attempt(tx, row).await?;
    contract.append(tx, viewer, wanted, LedgerAction::AwardNotAdmitted, &data).await
}

/// Writes the contract, and marks the bid that it comes of.
async fn write(
    tx: &Tx,
    viewer: &Viewer,
    (wanted, parties): (&Wanted, &Parties),
    contract: &ContractToBe,
    decided: Option<(&Kept, Option<DisclosureId>)>,
) -> Result<ContractRow> {
    let read = wanted.read.clone();
    let disclosure = decided.and_then(|(_, disclosure)| disclosure);
    let row = ContractRow {
        id: contract.id,
        department_id: wanted.department,
        number: read.number,
        title: read.title,
        organization_id: wanted.organization,
        method: Some(wanted.method),
        public_works: wanted.public_works,
        value_cents: read.value.cents,
        currency: read.value.currency,
        signed_on: read.signed_on,
        start_date: read.start_date,
        end_date: read.end_date,
        options_left: read.options_left,
        clause_version: read.clause_version,
        clause_inserted_on: read.clause_version.map(|_| read.signed_on),
        master_id: None,
        basis: if decided.is_some() { Basis::Gated } else { Basis::Ungated },
        awarded_to: wanted.organization,
        bid_id: wanted.bid.as_ref().map(|bid| bid.id),
        decision_id: decided.map(|(kept, _)| kept.row.id),
        decision_outcome: decided.map(|(kept, _)| kept.row.outcome),
        award_disclosure_id: disclosure,
        disclosure_id: disclosure,
        recorded_at: viewer.now,
        recorded_by: viewer.subject.clone(),
        recorded_from: None,
        readiness: Outcome::Block,
        lapsed_for: None,
        lapsed_since: None,
        standing_until: None,
    };
    if let Some(bid) = &wanted.bid {
        bidding::service::awarded(tx, viewer, bid.id, &contract.id.to_string()).await?;
    }
    let data = json!({
        "department": row.department_id,
        "number": row.number,
        "organization": row.organization_id,
        "value": Money { cents: row.value_cents, currency: row.currency.clone() },
        "signedOn": row.signed_on,
        "basis": row.basis,
        "bid": row.bid_id,
        "decision": row.decision_id,
        "disclosure": row.award_disclosure_id,
        "clauseVersion": row.clause_version,
    });
    let row = store::insert(tx, row, parties).await?;
    store::insert_terms(tx, vec![first_term(&row)]).await?;
    let number = (row.department_id, row.number.as_str());
    waiver::service::attach(tx, viewer.actor(), wanted.on_solicitation(), number, row.id.uuid())
        .await?;
    contract.append(tx, viewer, wanted, LedgerAction::ContractAwarded, &data).await?;
    stand(tx, row, viewer.now).await
}

/// The term with which a contract begins.
pub(super) fn first_term(row: &ContractRow) -> TermRow {
    TermRow {
        contract_id: row.id,
        sequence: 1,
        organization_id: row.organization_id,
        from_date: row.start_date,
        until_date: row.end_date,
        value_cents: row.value_cents,
        currency: row.currency.clone(),
    }
}

/// Keeps how a contract that was just written stands.
pub(super) async fn stand(tx: &Tx, row: ContractRow, now: DateTime<Utc>) -> Result<ContractRow> {
    let row = stood(&**tx, vec![row], now).await?.pop().ok_or(Fault::NotFound)?;
    store::update_standing(tx, &row).await?;
    Ok(row)
}
