//! Bids nested under a list of solicitations: one statement a level, however many solicitations.
use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use crate::bidding::model::SolicitationId;
use crate::bidding::service::{self, Bid, BidsList};
use crate::database::Database;
use crate::fault::Fault;
use crate::organization::model::Viewer;
use crate::page::Page;

/// Reads the same page of the bids of several solicitations. Made anew for each request: it holds
/// the viewer.
#[derive(Clone, Debug)]
pub struct BidsOfSolicitations {
    pub db: Database,
    pub viewer: Viewer,
}

/// One solicitation's page: the argument sets of a request are few, its solicitations may be many.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BidsAsked {
    pub solicitation: SolicitationId,
    pub list: BidsList,
}

impl Loader<BidsAsked> for BidsOfSolicitations {
    type Value = (Page<Bid>, Option<u64>);
    type Error = Fault;

    async fn load(&self, keys: &[BidsAsked]) -> Result<HashMap<BidsAsked, Self::Value>, Fault> {
        let mut lists = HashMap::<&BidsList, Vec<SolicitationId>>::new();
        for key in keys {
            lists.entry(&key.list).or_default().push(key.solicitation);
        }
        let mut found = HashMap::new();
        for (list, solicitations) in lists {
            let ids = solicitations.into_iter().map(SolicitationId::uuid).collect();
            let pages = service::pages_of_bids(&self.db, &self.viewer, ids, list).await?;
            for (solicitation, page) in pages {
                let solicitation = SolicitationId::from_uuid(solicitation);
                found.insert(BidsAsked { solicitation, list: list.clone() }, page);
            }
        }
        Ok(found)
    }
}
