//! Previews which bids a suspension would revive.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::redecide::{is_block_lifted, list_blocking, orders_admitting};
use super::store;
use super::submit_bid::{BidSubject, request_in};
use crate::bidding::model::{
    BidId, BidRecord, BidState, BidStatus, SolicitationId, SolicitationRecord,
    SuspensionPreviewInput,
};
use crate::database::Database;
use crate::decision::model::PartyOwner;
use crate::decision::service::{
    Evaluation, StoredDecision, evaluate_all, list_parties, load_unparsed_by_ids,
};
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::decide;
use crate::gate::facts::SuspensionFacts;
use crate::organization;
use crate::organization::model::{DepartmentId, OrganizationId, Role, Viewer};
use crate::page::MAX_PAGE_SIZE;
use crate::policy;
use crate::reevaluation::model::LiftedRules;
use crate::user_message::UserMessage;

/// The number of bids that are loaded and decided together.
const BATCH: u64 = 200;
/// The most bids of one preview.
const MAX_BIDS: u64 = 10_000;

/// The bids that a suspension would revive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SuspensionPreview {
    /// How many refused bids it would admit.
    pub refused_to_admitted: u64,
    /// How many refused bids it would hold.
    pub refused_to_held: u64,
    /// How many held bids it would admit.
    pub held_to_admitted: u64,
    /// Whether every bid under the policy was counted.
    pub is_complete: bool,
    /// One page of these bids, by identifier.
    pub bids: Vec<RevivedBid>,
}

/// A bid that a suspension would revive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevivedBid {
    pub id: BidId,
    pub solicitation: SolicitationId,
    /// The solicitation's number.
    pub number: String,
    /// The solicitation's title.
    pub title: String,
    pub department: DepartmentId,
    pub organization: OrganizationId,
    /// The firm's name.
    pub name: String,
    pub before: BidStatus,
    pub after: BidStatus,
}

/// Decides the refused and held bids under a policy version as if the rules, or the whole policy if the
/// list is empty, were suspended now. Writes nothing. Bids that are not due yet, and those on
/// solicitations that were canceled or awarded, are left out, as the suspension itself leaves them alone
/// or they are sealed.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator or an analyst, `Invalid` for an unknown version or
/// rule, or a page size out of range.
#[tracing::instrument(skip_all)]
pub async fn preview_suspension(
    db: &Database,
    viewer: &Viewer,
    input: &SuspensionPreviewInput,
) -> Result<SuspensionPreview> {
    if !viewer.has_role(Role::CaoAnalyst) {
        viewer.require_admin("only an administrator or an analyst may preview a suspension")?;
    }
    let first = input.first.unwrap_or(20);
    let first = usize::try_from(first).ok().filter(|it| *it as u64 <= MAX_PAGE_SIZE);
    let first = first.ok_or_else(|| {
        let max = MAX_PAGE_SIZE;
        Fault::invalid(&FieldPath::argument("first"), UserMessage::PageSizeInvalid { max })
    })?;
    let rules = policy::service::validate_suspended_rules(&input.rules)?;
    let version = i64::from(input.version);
    policy::service::require_version(&db.read, version).await?;
    let order = SuspensionFacts {
        id: "preview".to_owned(),
        rules: rules.clone(),
        citation: "a suspension that is only previewed".to_owned(),
        suspended_at: Some(viewer.now),
    };
    let lifted = LiftedRules::rules_or_all(&rules);
    let (mut preview, mut after, mut seen) = (SuspensionPreview::default(), None, 0);
    loop {
        let bids = store::list_revivable(&db.read, viewer, version, after, BATCH).await?;
        let Some(last) = bids.last() else {
            preview.is_complete = true;
            return Ok(preview);
        };
        after = Some(last.id.uuid());
        seen += bids.len() as u64;
        let batch = Batch::load(&db.read, viewer, &bids).await?;
        let candidates = bids.into_iter().filter(|bid| {
            batch.decisions.contains_key(&bid.id.uuid())
                && (bid.status() == BidStatus::Held || batch.may_become_bid(bid))
        });
        for (bid, evaluation) in batch.evaluate(&db.read, viewer, candidates.collect()).await? {
            let suspended = suspend_in(evaluation, &order);
            let status = BidState::from_decision(suspended.decision.outcome, None).status();
            let is_lifted = batch.decisions.get(&bid.id.uuid()).is_some_and(|before| {
                list_blocking(before).all(|code| is_block_lifted(code, &lifted, before, &suspended))
            });
            let count = match (bid.status(), status) {
                (BidStatus::Refused, BidStatus::Admitted) if is_lifted => {
                    &mut preview.refused_to_admitted
                }
                (BidStatus::Refused, BidStatus::Held) if is_lifted => &mut preview.refused_to_held,
                (BidStatus::Held, BidStatus::Admitted) => &mut preview.held_to_admitted,
                _ => continue,
            };
            *count += 1;
            if preview.bids.len() < first && input.after.is_none_or(|after| bid.id > after) {
                preview.bids.extend(batch.revived(&bid, suspended.facts.organization.name, status));
            }
        }
        if seen >= MAX_BIDS {
            return Ok(preview);
        }
    }
}

/// The evaluation with one more suspension among its facts.
fn suspend_in(evaluation: Evaluation, order: &SuspensionFacts) -> Evaluation {
    let mut facts = evaluation.facts;
    facts.suspensions.push(order.clone());
    let facts = facts.sorted();
    Evaluation { decision: decide(&evaluation.policy, &facts), facts, ..evaluation }
}

/// Bids with what their decisions depend on.
struct Batch {
    solicitations: HashMap<SolicitationId, SolicitationRecord>,
    departments: HashMap<DepartmentId, organization::service::Department>,
    /// The last decision of each bid.
    decisions: HashMap<Uuid, StoredDecision>,
    /// The latest bid of each firm on each solicitation.
    latest: HashMap<(SolicitationId, OrganizationId), BidId>,
    /// The firms with an admitted or held bid.
    live: HashSet<(SolicitationId, OrganizationId)>,
    groups: organization::model::Groups,
}

impl Batch {
    async fn load(db: &impl ConnectionTrait, viewer: &Viewer, bids: &[BidRecord]) -> Result<Self> {
        let ids: BTreeSet<Uuid> = bids.iter().map(|bid| bid.solicitation_id.uuid()).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let solicitations = store::list_by_ids(db, ids.clone()).await?;
        let departments = solicitations.iter().map(|it| it.department_id.uuid()).collect();
        let decisions = bids.iter().map(|bid| bid.decision.id.uuid()).collect();
        let decisions = load_unparsed_by_ids(db, viewer, decisions).await?.parse()?;
        let attempts = store::list_attempts(db, ids).await?;
        let firms = attempts.iter().map(|it| it.bidder.uuid()).collect();
        let groups = organization::service::load_groups(db, firms).await?;
        let (mut latest, mut live) = (BTreeMap::new(), HashSet::new());
        for attempt in attempts {
            let key = (attempt.solicitation, groups.survivor_of(attempt.bidder));
            if attempt.status.is_live() {
                live.insert(key);
            }
            let this = (attempt.submitted_at, attempt.id);
            let newest = latest.entry(key).or_insert(this);
            *newest = (*newest).max(this);
        }
        Ok(Self {
            departments: organization::service::load_departments(db, departments).await?,
            solicitations: solicitations.into_iter().map(|it| (it.id, it)).collect(),
            decisions: decisions.into_iter().map(|it| (it.row.subject_id, it)).collect(),
            latest: latest.into_iter().map(|(key, (_, id))| (key, id)).collect(),
            live,
            groups,
        })
    }

    /// Whether a refused bid is its firm's latest on the solicitation, and the firm has no other.
    fn may_become_bid(&self, bid: &BidRecord) -> bool {
        let key = (bid.solicitation_id, self.groups.survivor_of(bid.organization_id));
        self.latest.get(&key) == Some(&bid.id) && !self.live.contains(&key)
    }

    async fn evaluate(
        &self,
        db: &impl ConnectionTrait,
        viewer: &Viewer,
        bids: Vec<BidRecord>,
    ) -> Result<Vec<(BidRecord, Evaluation)>> {
        let ids = bids.iter().map(|bid| bid.id.uuid()).collect();
        let mut parties = list_parties(db, PartyOwner::Bid, ids).await?;
        let mut requests = Vec::with_capacity(bids.len());
        for bid in &bids {
            let solicitation =
                self.solicitations.get(&bid.solicitation_id).ok_or(Fault::NotFound)?;
            let department =
                self.departments.get(&solicitation.department_id).ok_or(Fault::NotFound)?;
            let before = self.decisions.get(&bid.id.uuid());
            let input = BidSubject {
                id: bid.id,
                organization: bid.organization_id,
                received_at: Some(bid.submitted_at),
                amount: bid.amount.clone(),
                parties: parties.remove(&bid.id.uuid()).unwrap_or_default(),
                solicitation,
                admitted_under: before.map(orders_admitting).unwrap_or_default(),
            };
            requests.push((request_in(input, department)?, viewer.now));
        }
        let evaluations = evaluate_all(db, requests).await?;
        Ok(bids.into_iter().zip(evaluations).collect())
    }

    fn revived(&self, bid: &BidRecord, name: String, after: BidStatus) -> Option<RevivedBid> {
        let solicitation = self.solicitations.get(&bid.solicitation_id)?;
        Some(RevivedBid {
            id: bid.id,
            solicitation: solicitation.id,
            number: solicitation.number.clone(),
            title: solicitation.title.clone(),
            department: solicitation.department_id,
            organization: bid.organization_id,
            name,
            before: bid.status(),
            after,
        })
    }
}
