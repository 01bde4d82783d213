//! Which bids of firms on solicitations may be decided again.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::store;
use crate::bidding::model::{BidId, BidRecord, SolicitationId, SolicitationRecord};
use crate::fault::Result;
use crate::organization;
use crate::organization::model::{Groups, OrganizationId};

/// A firm, given by the survivor of its group, on a solicitation.
type Bidder = (SolicitationId, OrganizationId);

/// Every bid on some solicitations, in any status.
pub(super) struct Attempts {
    /// The latest bid of each firm.
    latest: HashMap<Bidder, (DateTime<Utc>, BidId)>,
    /// The firms with an admitted or held bid.
    live: HashSet<Bidder>,
    groups: Groups,
}

impl Attempts {
    pub(super) async fn load(db: &impl ConnectionTrait, solicitations: Vec<Uuid>) -> Result<Self> {
        let attempts = store::list_attempts(db, solicitations).await?;
        let firms = attempts.iter().map(|it| it.bidder.uuid()).collect();
        let groups = organization::service::load_groups(db, firms).await?;
        let (mut latest, mut live) = (HashMap::new(), HashSet::new());
        for attempt in attempts {
            let bidder = (attempt.solicitation, groups.survivor_of(attempt.bidder));
            if attempt.status.is_live() {
                live.insert(bidder);
            }
            let this = (attempt.submitted_at, attempt.id);
            let newest = latest.entry(bidder).or_insert(this);
            *newest = (*newest).max(this);
        }
        Ok(Self { latest, live, groups })
    }

    /// Whether a refused bid may become a bid at `now`: only after bids are due, because before that the firm
    /// can submit again; and only its last attempt.
    pub(super) fn may_become_bid(
        &self,
        bid: &BidRecord,
        solicitation: &SolicitationRecord,
        now: DateTime<Utc>,
    ) -> bool {
        now > solicitation.due_at && self.is_last_attempt(bid)
    }

    /// Whether a refused bid is the firm's latest, and no other of its bids is open.
    pub(super) fn is_last_attempt(&self, bid: &BidRecord) -> bool {
        let bidder = (bid.solicitation_id, self.groups.survivor_of(bid.organization_id));
        self.latest.get(&bidder).is_some_and(|(_, latest)| *latest == bid.id)
            && !self.live.contains(&bidder)
    }
}
