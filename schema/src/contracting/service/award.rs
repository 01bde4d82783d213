//! Awards a contract, from a bid or by a method that does not require bids, with a decision of its own.
use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::contract_status::with_status;
use super::{
    AttemptRow, Contract, ContractInclude, ContractRow, TermRow, include_contracts, store,
};
use crate::bidding;
use crate::bidding::service::AwardableBid;
use crate::contracting::model::{Admission, AwardInput, Basis, ContractId};
use crate::contracting::rules::{self, BidDefaults, ValidContract};
use crate::database::{Database, Tx};
use crate::decision::model::{EvaluationRequest, Parties, PartyOwner, PartySource};
use crate::decision::service::{
    Evaluation, StoredDecision, SubcontractorList, evaluate, insert_parties, lock_parties,
    resolve_parties, save, validate_subcontractors,
};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::facts::ContractFacts;
use crate::gate::{AwardMethod, Outcome, SubjectKind, is_gated};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::money::Money;
use crate::organization;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::policy;
use crate::user_message::UserMessage;
use crate::waiver;
use crate::waiver::model::{AwardedContract, ReliefLookup};

/// The result of an award: the decision if there was one, and the contract if it was admitted.
#[derive(Clone, Debug)]
pub struct AwardResult {
    pub contract: Option<Contract>,
    pub decision: Option<StoredDecision>,
}

/// A validated request to award a contract.
struct AwardRequest {
    department: DepartmentId,
    organization: OrganizationId,
    method: AwardMethod,
    public_works: bool,
    bid: Option<AwardableBid>,
    contract: ValidContract,
}

impl AwardRequest {
    fn new(input: &AwardInput, bid: Option<AwardableBid>, today: NaiveDate) -> Result<Self> {
        let defaults = bid
            .as_ref()
            .map(|bid| BidDefaults { title: bid.title.clone(), amount: bid.amount.clone() });
        let mut errors = InputErrors::default();
        let list = SubcontractorList {
            owner: PartyOwner::Contract,
            prime: input.organization_id,
            subcontractors: &input.subcontractors,
        };
        let at = FieldPath::argument("input").at("subcontractors");
        let subcontractors = validate_subcontractors(list, &at, &mut errors);
        let contract =
            rules::validate_award(input, defaults.as_ref(), subcontractors, today, errors)?;
        let missing_field = || Fault::Internal("a validated award lacks a required field".into());
        let (department, organization, method, public_works) = match &bid {
            Some(bid) => (bid.department, bid.organization, bid.method, bid.public_works),
            None => (
                input.department_id.ok_or_else(missing_field)?,
                input.organization_id.ok_or_else(missing_field)?,
                input.method.ok_or_else(missing_field)?,
                input.public_works,
            ),
        };
        Ok(Self { department, organization, method, public_works, bid, contract })
    }

    /// The parties to resolve: those stored with the bid, or those of the input.
    fn named_parties(&self) -> PartySource<'_> {
        match &self.bid {
            Some(bid) => PartySource::Stored(&bid.parties),
            None => PartySource::Submitted(&self.contract.subcontractors),
        }
    }

    /// The solicitation and bidder, by which waivers and exemptions for the bid are found.
    fn solicitation_and_bidder(&self) -> Option<(uuid::Uuid, OrganizationId)> {
        self.bid.as_ref().map(|bid| (bid.solicitation.uuid(), bid.organization))
    }
}

/// Awards a contract: decides and stores it in one transaction. If the gate does not admit the award,
/// stores the attempt with its decision; the next attempt keeps the contract's identifier.
///
/// # Errors
/// `Forbidden` except to contract officers of the department, `NotFound` if the viewer may not see the
/// bid or the organization does not exist, `Invalid` with every error, `Conflict` if the bid cannot be
/// awarded.
#[tracing::instrument(skip_all)]
pub async fn award_contract(
    db: &Database,
    viewer: &Viewer,
    input: &AwardInput,
    include: ContractInclude,
) -> Result<AwardResult> {
    let unlocked = match input.bid_id {
        Some(id) => Some(bidding::service::find_awardable_bid(&db.read, viewer, id).await?),
        None => None,
    };
    let timeline = policy::service::load_timeline(&db.read).await?;
    let today = timeline.local_date(viewer.now);
    if let Some(department) = unlocked.as_ref().map(|bid| bid.department).or(input.department_id) {
        viewer.require_officer(department)?;
    }
    let request = AwardRequest::new(input, unlocked, today)?;
    let tx = db.begin().await?;
    let parties =
        lock_parties(&tx, request.organization, request.named_parties(), viewer.now).await?;
    let firm = organization::service::lock_organization(&tx, request.organization).await?;
    if request.bid.is_none() {
        let at = FieldPath::argument("input").at("organizationId");
        organization::service::require_unmerged(&firm, &at)?;
    }
    let group = organization::service::load_group(&*tx, request.organization).await?;
    let group = group.ids_of(request.organization);
    let named = parties.subcontractors.iter().map(|it| &it.party);
    let at = FieldPath::argument("input").at("subcontractors");
    organization::service::validate_subcontractors_are_others(
        &*tx,
        request.organization,
        named,
        &at,
    )
    .await?;
    let request = match &request.bid {
        Some(unlocked) => {
            let bid = bidding::service::lock_awardable_bid(&tx, viewer, unlocked).await?;
            AwardRequest::new(input, Some(bid), today)?
        }
        None => request,
    };
    // The bid may have been decided again, and a party resolved, before it was locked.
    let parties =
        resolve_parties(&*tx, request.organization, request.named_parties(), viewer.now).await?;
    let duplicate =
        store::find_by_number(&*tx, request.department, &request.contract.number).await?;
    if duplicate.is_some() {
        return Err(Fault::invalid(
            &FieldPath::argument("input").at("number"),
            UserMessage::ContractNumberTaken,
        ));
    }
    let signed = timeline.local_midnight(request.contract.signed_on, viewer.now).max(viewer.now);
    let (number, organization) = (&request.contract.number, request.organization);
    let attempt = store::lock_attempt(&tx, request.department, number, organization).await?;
    let award = Award {
        request: &request,
        parties: &parties,
        group: &group,
        id: attempt.as_ref().map_or_else(ContractId::generate, |attempt| attempt.id),
        has_ledger_entries: attempt.is_some(),
    };
    let version = match &request.bid {
        Some(bid) => bid.policy_version,
        // Whether an award needs a decision is for a policy to say.
        None => i64::from(timeline.require_in_force_at(signed)?.version()),
    };
    let pinned = PinnedPolicy { signed, version };
    let evaluation = evaluate_if_gated(&tx, viewer, &award, pinned).await?;
    let Some(evaluation) = evaluation else {
        let holder = firm.merged_into.unwrap_or(request.organization);
        let row = insert_contract(&tx, viewer, &award, holder, None).await?;
        let contract = commit_and_load(tx, viewer, row, include).await?;
        return Ok(AwardResult { contract: Some(contract), decision: None });
    };
    let (disclosure_id, holder) = (evaluation.disclosure, evaluation.row_organization);
    let decision = save(&tx, viewer.actor(), evaluation).await?;
    if decision.row.outcome != Outcome::Admit {
        save_attempt(&tx, viewer, &award, &decision).await?;
        tx.commit().await?;
        return Ok(AwardResult { contract: None, decision: Some(decision) });
    }
    let admission = Admission { decision_id: decision.row.id, disclosure_id };
    let row = insert_contract(&tx, viewer, &award, holder, Some(admission)).await?;
    let contract = commit_and_load(tx, viewer, row, include).await?;
    Ok(AwardResult { contract: Some(contract), decision: Some(decision) })
}

/// An award to decide and to store. Its identifier, the contract's, is the same for all attempts.
struct Award<'a> {
    id: ContractId,
    request: &'a AwardRequest,
    parties: &'a Parties,
    /// The firm's organizations.
    group: &'a [OrganizationId],
    /// Whether an earlier attempt has started its ledger chain.
    has_ledger_entries: bool,
}

impl Award<'_> {
    async fn append(
        &self,
        tx: &Tx,
        viewer: &Viewer,
        action: LedgerAction,
        data: &Value,
    ) -> Result<()> {
        let (actor, department) = (viewer.actor(), self.request.department);
        if self.has_ledger_entries {
            return append(tx, actor, self.id, action, data).await;
        }
        begin(tx, actor, self.id, department, action, data).await
    }
}

/// The version of the policy that decides an award signed at a time (UTC).
#[derive(Clone, Copy)]
struct PinnedPolicy {
    signed: DateTime<Utc>,
    version: i64,
}

/// Loads the requested related objects and commits.
pub(super) async fn commit_and_load(
    tx: Tx,
    viewer: &Viewer,
    row: ContractRow,
    include: ContractInclude,
) -> Result<Contract> {
    let contracts = include_contracts(&*tx, viewer, vec![row], include).await?;
    let contract = contracts.into_iter().next().ok_or(Fault::NotFound)?;
    tx.commit().await?;
    Ok(contract)
}

/// Evaluates an award; none if it is not subject to the gate.
async fn evaluate_if_gated(
    tx: &Tx,
    viewer: &Viewer,
    award: &Award<'_>,
    pinned: PinnedPolicy,
) -> Result<Option<Evaluation>> {
    let policy = policy::service::lock_version(tx, pinned.version).await?.policy;
    let AwardRequest { method, contract, .. } = award.request;
    if !is_gated(&policy, Some(*method), None, &contract.value) {
        return Ok(None);
    }
    let subject = award_subject(&**tx, award, pinned).await?;
    Ok(Some(evaluate(&**tx, subject, viewer.now).await?))
}

/// Builds the subject of a decision on an award.
async fn award_subject(
    db: &impl ConnectionTrait,
    award: &Award<'_>,
    PinnedPolicy { signed, version }: PinnedPolicy,
) -> Result<EvaluationRequest> {
    let request = award.request;
    let departments = vec![request.department.uuid()];
    let mut departments = organization::service::load_departments(db, departments).await?;
    let department = departments.remove(&request.department).ok_or(Fault::NotFound)?;
    let fields = &request.contract;
    Ok(EvaluationRequest {
        kind: SubjectKind::ContractAward,
        id: award.id.into(),
        reference: fields.number.clone(),
        title: fields.title.clone(),
        department: department.name,
        contact: department.contact,
        reference_at: signed,
        received_at: None,
        amount: Some(fields.value.clone()),
        is_public_works: request.public_works,
        method: Some(request.method),
        action: None,
        contract: Some(ContractFacts {
            clause_version: fields.clause_version.and_then(|it| u32::try_from(it).ok()),
            signed_on: fields.signed_on,
            is_under_ordinance: true,
            clause_added_on: None,
            ends_on: Some(fields.end_date),
            runs_until: None,
        }),
        relief_lookup: ReliefLookup::Award {
            bid: request.solicitation_and_bidder(),
            department: request.department,
            number: fields.number.clone(),
        },
        organization: request.organization,
        parties: award.parties.clone(),
        admitted_under: BTreeSet::new(),
        policy_version: version,
    })
}

/// Stores an attempt that was not admitted, so that the next one keeps its identifier.
async fn save_attempt(
    tx: &Tx,
    viewer: &Viewer,
    award: &Award<'_>,
    decision: &StoredDecision,
) -> Result<()> {
    let request = award.request;
    let row = AttemptRow {
        id: award.id,
        department_id: request.department,
        number: request.contract.number.clone(),
        organization_id: request.organization,
        bid_id: request.bid.as_ref().map(|bid| bid.id),
        decision_id: decision.row.id,
        decision_outcome: decision.row.outcome,
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
    store::upsert_attempt(tx, row).await?;
    award.append(tx, viewer, LedgerAction::AwardNotAdmitted, &data).await
}

/// Inserts the contract with its holder and marks its bid as awarded.
async fn insert_contract(
    tx: &Tx,
    viewer: &Viewer,
    award: &Award<'_>,
    holder: OrganizationId,
    admission: Option<Admission>,
) -> Result<ContractRow> {
    let request = award.request;
    let fields = request.contract.clone();
    let disclosure = admission.as_ref().and_then(|it| it.disclosure_id);
    let row = ContractRow {
        id: award.id,
        department_id: request.department,
        number: fields.number,
        title: fields.title,
        organization_id: holder,
        method: Some(request.method),
        public_works: request.public_works,
        value_cents: fields.value.cents,
        currency: fields.value.currency,
        signed_on: fields.signed_on,
        start_date: fields.start_date,
        end_date: fields.end_date,
        options_left: fields.options_left,
        clause_version: fields.clause_version,
        clause_inserted_on: fields.clause_version.map(|_| fields.signed_on),
        master_id: None,
        basis: if admission.is_some() { Basis::Gated } else { Basis::Ungated },
        awarded_to: holder,
        bid_id: request.bid.as_ref().map(|bid| bid.id),
        decision_id: admission.as_ref().map(|it| it.decision_id),
        decision_outcome: admission.as_ref().map(|_| Outcome::Admit),
        award_disclosure_id: disclosure,
        disclosure_id: disclosure,
        recorded_at: viewer.now,
        recorded_by: viewer.subject.clone(),
        recorded_from: None,
        readiness: Outcome::Block,
        readiness_at_end: Outcome::Block,
        disclosure_lapses_on: None,
        noncompliance_code: None,
        noncompliant_since: None,
        status_expires_at: None,
    };
    if let Some(bid) = &request.bid {
        bidding::service::mark_bid_awarded(tx, viewer, bid.id, &award.id.to_string()).await?;
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
    let row = store::insert(tx, row).await?;
    insert_parties(tx, PartyOwner::Contract, &[(row.id.uuid(), award.parties)]).await?;
    store::insert_terms(tx, vec![first_term(&row)]).await?;
    let awarded = AwardedContract {
        contract: row.id.uuid(),
        department: row.department_id,
        number: &row.number,
        bid: request.bid.as_ref().map(|bid| (bid.solicitation.uuid(), award.group)),
    };
    waiver::service::link_to_contract(tx, viewer.actor(), awarded).await?;
    award.append(tx, viewer, LedgerAction::ContractAwarded, &data).await?;
    save_contract_status(tx, row, viewer.now).await
}

/// The first term of a contract.
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

/// Computes and stores the status of a contract that was just written.
pub(super) async fn save_contract_status(
    tx: &Tx,
    row: ContractRow,
    now: DateTime<Utc>,
) -> Result<ContractRow> {
    let row = with_status(&**tx, vec![row], now).await?.pop().ok_or(Fault::NotFound)?;
    store::update_status(tx, &row).await?;
    Ok(row)
}
