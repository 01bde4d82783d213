//! Previews which bids a suspension would revive.
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::attempts::Attempts;
use super::redecide::{is_block_lifted, list_blocking, orders_admitting};
use super::store;
use super::submit_bid::{BidSubject, request_in};
use crate::bidding::model::{
    BidId, BidRecord, BidState, BidStatus, SolicitationId, SolicitationRecord,
};
use crate::compute::Compute;
use crate::database::Database;
use crate::decision::model::PartyOwner;
use crate::decision::service::{
    Evaluation, PreparedEvaluations, StoredDecision, list_parties, load_unparsed_by_ids,
    prepare_all,
};
use crate::fault::{Fault, Result};
use crate::organization;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::page::cut_batch;
use crate::policy::service::PreviewedOrder;
use crate::preloaded::Preloaded;
use crate::reevaluation::model::LiftedRules;

/// The number of bids that are loaded and decided together.
const BATCH_SIZE: u64 = 200;
/// The most bids of one preview.
const MAX_BIDS: u64 = 10_000;

/// What a preview lists and counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PreviewedBids {
    /// Whether all bids are decided and counted. Otherwise only the page is.
    pub includes_counts: bool,
    /// The size of the page.
    pub first: usize,
    /// The last bid of the page before.
    pub after: Option<BidId>,
}

/// The bids that a suspension would revive.
#[derive(Clone, Debug, Default)]
pub struct SuspensionPreview {
    pub counts: Preloaded<RevivedCounts>,
    /// One page of these bids, by identifier.
    pub bids: Vec<RevivedBid>,
}

/// How many bids a suspension would revive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RevivedCounts {
    /// How many refused bids it would admit.
    pub refused_to_admitted: u64,
    /// How many refused bids it would hold.
    pub refused_to_held: u64,
    /// How many held bids it would admit.
    pub held_to_admitted: u64,
    /// Whether every bid under the policy was counted.
    pub is_complete: bool,
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

/// Decides the refused and held bids under a policy version as if an order suspended rules now. Writes
/// nothing. Bids that are not due yet, and those on solicitations that were canceled or awarded, are left
/// out, as the suspension itself leaves them alone or they are sealed.
///
/// # Errors
/// As [`Compute::run`].
#[tracing::instrument(skip_all)]
pub async fn preview_suspension(
    db: &Database,
    viewer: &Viewer,
    order: &Arc<PreviewedOrder>,
    request: PreviewedBids,
) -> Result<SuspensionPreview> {
    let PreviewedBids { includes_counts, first, after } = request;
    let (mut counts, mut bids) = (RevivedCounts::default(), Vec::new());
    // Without counts, the bids before the page are not decided again.
    let mut cursor = if includes_counts { None } else { after.map(BidId::uuid) };
    let mut left = MAX_BIDS;
    while includes_counts || bids.len() < first {
        let rows =
            store::list_revivable(&db.read, viewer, order.version, cursor, BATCH_SIZE + 1).await?;
        let (batch, has_more) = cut_batch(rows, BATCH_SIZE.min(left));
        left -= batch.len() as u64;
        cursor = batch.last().map(|last| last.id.uuid());
        for bid in decide_batch(db, viewer, order, batch).await? {
            match (bid.before, bid.after) {
                (BidStatus::Refused, BidStatus::Admitted) => counts.refused_to_admitted += 1,
                (BidStatus::Refused, BidStatus::Held) => counts.refused_to_held += 1,
                _ => counts.held_to_admitted += 1,
            }
            if bids.len() < first && after.is_none_or(|after| bid.id > after) {
                bids.push(bid);
            }
        }
        counts.is_complete = !has_more;
        if !has_more || left == 0 {
            break;
        }
    }
    Ok(SuspensionPreview { counts: Preloaded::if_requested(includes_counts, || counts), bids })
}

/// Decides a batch of bids on a blocking thread, and returns those that the order would revive.
async fn decide_batch(
    db: &Database,
    viewer: &Viewer,
    order: &Arc<PreviewedOrder>,
    bids: Vec<BidRecord>,
) -> Result<Vec<RevivedBid>> {
    let compute = db.cached::<Compute>();
    let decisions = bids.iter().map(|bid| bid.decision.id.uuid()).collect();
    let decisions = load_unparsed_by_ids(&db.read, viewer, decisions).await?;
    let decisions = compute.run(&viewer.subject, move || decisions.parse()).await??;
    let batch = Batch::load(&db.read, &bids, decisions).await?;
    let candidates = bids.into_iter().filter(|bid| batch.may_be_revived(bid, viewer));
    let (bids, prepared) = batch.prepare(&db.read, viewer, candidates.collect()).await?;
    let order = Arc::clone(order);
    let decide = move || {
        let decided = bids.into_iter().zip(prepared.decide()?);
        let revived = decided.filter_map(|(bid, now)| batch.revive(&order, &bid, now));
        Ok::<_, Fault>(revived.collect())
    };
    compute.run(&viewer.subject, decide).await?
}

/// Bids with what their decisions depend on.
struct Batch {
    solicitations: HashMap<SolicitationId, SolicitationRecord>,
    departments: HashMap<DepartmentId, organization::service::Department>,
    /// The last decision of each bid.
    decisions: HashMap<Uuid, StoredDecision>,
    attempts: Attempts,
}

impl Batch {
    async fn load(
        db: &impl ConnectionTrait,
        bids: &[BidRecord],
        decisions: Vec<StoredDecision>,
    ) -> Result<Self> {
        let ids: BTreeSet<Uuid> = bids.iter().map(|bid| bid.solicitation_id.uuid()).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let solicitations = store::list_by_ids(db, ids.clone()).await?;
        let departments = solicitations.iter().map(|it| it.department_id.uuid()).collect();
        Ok(Self {
            departments: organization::service::load_departments(db, departments).await?,
            solicitations: solicitations.into_iter().map(|it| (it.id, it)).collect(),
            decisions: decisions.into_iter().map(|it| (it.row.subject_id, it)).collect(),
            attempts: Attempts::load(db, ids).await?,
        })
    }

    fn may_be_revived(&self, bid: &BidRecord, viewer: &Viewer) -> bool {
        let may_become_bid = || {
            let solicitation = self.solicitations.get(&bid.solicitation_id);
            solicitation.is_some_and(|it| self.attempts.may_become_bid(bid, it, viewer.now))
        };
        self.decisions.contains_key(&bid.id.uuid())
            && (bid.status() == BidStatus::Held || may_become_bid())
    }

    async fn prepare(
        &self,
        db: &impl ConnectionTrait,
        viewer: &Viewer,
        bids: Vec<BidRecord>,
    ) -> Result<(Vec<BidRecord>, PreparedEvaluations)> {
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
        Ok((bids, prepare_all(db, requests).await?))
    }

    /// Decides a bid under the order, and returns it if the order would revive it.
    fn revive(
        &self,
        order: &PreviewedOrder,
        bid: &BidRecord,
        now: Evaluation,
    ) -> Option<RevivedBid> {
        let suspended = now.under_suspension(&order.suspension);
        let after = BidState::from_decision(suspended.decision.outcome, None).status();
        let before = self.decisions.get(&bid.id.uuid())?;
        let is_lifted = || {
            list_blocking(before)
                .all(|code| is_block_lifted(code, &LiftedRules::none(), before, &suspended))
        };
        let is_revived = match (bid.status(), after) {
            (BidStatus::Refused, BidStatus::Admitted | BidStatus::Held) => is_lifted(),
            (BidStatus::Held, BidStatus::Admitted) => true,
            _ => false,
        };
        let solicitation = self.solicitations.get(&bid.solicitation_id)?;
        is_revived.then(|| RevivedBid {
            id: bid.id,
            solicitation: solicitation.id,
            number: solicitation.number.clone(),
            title: solicitation.title.clone(),
            department: solicitation.department_id,
            organization: bid.organization_id,
            name: suspended.facts.organization.name,
            before: bid.status(),
            after,
        })
    }
}
