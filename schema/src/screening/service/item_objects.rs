//! Loads the objects that an item of the review queue or of a firm's desk is about.
use std::collections::HashMap;

use uuid::Uuid;

use crate::award;
use crate::award::model::MatchId;
use crate::award::service::{LoadedMatch, MatchInclude};
use crate::bidding;
use crate::bidding::model::BidId;
use crate::bidding::service::{Bid, BidInclude};
use crate::contracting;
use crate::contracting::model::ContractId;
use crate::contracting::service::{Contract, ContractInclude};
use crate::database::Database;
use crate::disclosure;
use crate::disclosure::model::{ClarificationId, DisclosureId};
use crate::disclosure::service::{Clarification, FiledDisclosure};
use crate::fault::Result;
use crate::organization::model::Viewer;
use crate::preloaded::{Preloaded, merge};
use crate::screening::entity::{review_item, waiting_item};

/// The requested objects of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ItemInclude {
    pub disclosure: bool,
    pub clarification: bool,
    pub award_match: Option<MatchInclude>,
    pub bid: Option<BidInclude>,
    pub contract: Option<ContractInclude>,
}

impl ItemInclude {
    /// Returns the union of two requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            disclosure: self.disclosure || other.disclosure,
            clarification: self.clarification || other.clarification,
            award_match: merge(self.award_match, other.award_match, MatchInclude::merge_with),
            bid: merge(self.bid, other.bid, BidInclude::merge),
            contract: merge(self.contract, other.contract, ContractInclude::merge),
        }
    }
}

/// The identifiers of the objects of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ItemIds {
    disclosure: Option<DisclosureId>,
    clarification: Option<ClarificationId>,
    award_match: Option<MatchId>,
    bid: Option<BidId>,
    contract: Option<ContractId>,
}

impl From<&review_item::Model> for ItemIds {
    fn from(row: &review_item::Model) -> Self {
        Self {
            disclosure: row.disclosure_id,
            clarification: row.clarification_id,
            award_match: row.match_id,
            bid: row.bid_id,
            contract: row.contract_id,
        }
    }
}

impl From<&waiting_item::Model> for ItemIds {
    fn from(row: &waiting_item::Model) -> Self {
        Self {
            disclosure: row.disclosure_id,
            clarification: row.clarification_id,
            award_match: row.match_id,
            bid: row.bid_id,
            contract: row.contract_id,
        }
    }
}

/// The requested objects of an item, those that the viewer may see.
#[derive(Clone, Debug)]
pub struct ItemObjects {
    pub disclosure: Preloaded<Option<FiledDisclosure>>,
    pub clarification: Preloaded<Option<Clarification>>,
    pub award_match: Preloaded<Option<LoadedMatch>>,
    pub bid: Preloaded<Option<Bid>>,
    pub contract: Preloaded<Option<Contract>>,
}

/// The objects of the items of a page, by their identifiers. One object may belong to two items, such as a
/// contract with two waivers.
pub(super) struct PageObjects {
    include: ItemInclude,
    filed: HashMap<DisclosureId, FiledDisclosure>,
    clarifications: HashMap<ClarificationId, Clarification>,
    matches: HashMap<MatchId, LoadedMatch>,
    bids: HashMap<BidId, Bid>,
    contracts: HashMap<ContractId, Contract>,
}

impl PageObjects {
    /// Loads the requested objects of a page, with one load for each kind.
    pub(super) async fn load(
        db: &Database,
        viewer: &Viewer,
        items: &[ItemIds],
        include: ItemInclude,
    ) -> Result<Self> {
        let ids = |of: fn(&ItemIds) -> Option<Uuid>| -> Vec<Uuid> {
            items.iter().filter_map(of).collect()
        };
        let filed = if include.disclosure {
            let ids = ids(|it| it.disclosure.map(DisclosureId::uuid));
            disclosure::service::load_visible_by_ids(&db.read, viewer, ids).await?
        } else {
            HashMap::new()
        };
        let clarifications = if include.clarification {
            let ids = ids(|it| it.clarification.map(ClarificationId::uuid));
            disclosure::service::load_visible_clarifications(&db.read, viewer, ids).await?
        } else {
            HashMap::new()
        };
        let matches = match include.award_match {
            Some(inner) => {
                let ids = ids(|it| it.award_match.map(MatchId::uuid));
                award::service::load_visible_matches(&db.read, viewer, ids, inner).await?
            }
            None => HashMap::new(),
        };
        let bids = match include.bid {
            Some(inner) => {
                let ids = ids(|it| it.bid.map(BidId::uuid));
                bidding::service::load_visible_bids(db, viewer, ids, inner).await?
            }
            None => HashMap::new(),
        };
        let contracts = match include.contract {
            Some(inner) => {
                let ids = ids(|it| it.contract.map(ContractId::uuid));
                contracting::service::load_visible_contracts(db, viewer, ids, inner).await?
            }
            None => HashMap::new(),
        };
        Ok(Self { include, filed, clarifications, matches, bids, contracts })
    }

    /// Returns the objects of one item.
    pub(super) fn of(&self, ids: ItemIds) -> ItemObjects {
        let Self { include, filed, clarifications, matches, bids, contracts } = self;
        ItemObjects {
            disclosure: Preloaded::if_requested(include.disclosure, || {
                ids.disclosure.and_then(|id| filed.get(&id).cloned())
            }),
            clarification: Preloaded::if_requested(include.clarification, || {
                ids.clarification.and_then(|id| clarifications.get(&id).cloned())
            }),
            award_match: Preloaded::if_requested(include.award_match.is_some(), || {
                ids.award_match.and_then(|id| matches.get(&id).cloned())
            }),
            bid: Preloaded::if_requested(include.bid.is_some(), || {
                ids.bid.and_then(|id| bids.get(&id).cloned())
            }),
            contract: Preloaded::if_requested(include.contract.is_some(), || {
                ids.contract.and_then(|id| contracts.get(&id).cloned())
            }),
        }
    }
}
