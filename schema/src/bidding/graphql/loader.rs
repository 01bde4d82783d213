//! The data loader for the bids of solicitations: one statement for all solicitations of a list.
use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;

use crate::bidding::model::SolicitationId;
use crate::bidding::service::{self, Bid, BidListQuery};
use crate::database::Database;
use crate::fault::Fault;
use crate::organization::model::Viewer;
use crate::page::Page;

/// Loads the same page of bids for several solicitations. One per request, because it holds the
/// viewer.
#[derive(Clone, Debug)]
pub struct SolicitationBidsLoader {
    pub db: Arc<Database>,
    pub viewer: Arc<Viewer>,
}

/// The key of one solicitation's page of bids. Keys with equal arguments load together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SolicitationBidsKey {
    pub solicitation: SolicitationId,
    pub list: BidListQuery,
}

#[async_graphql::async_trait::async_trait]
impl Loader<SolicitationBidsKey> for SolicitationBidsLoader {
    type Value = (Page<Bid>, Option<u64>);
    type Error = Fault;

    async fn load(
        &self,
        keys: &[SolicitationBidsKey],
    ) -> Result<HashMap<SolicitationBidsKey, Self::Value>, Fault> {
        let mut lists = HashMap::<&BidListQuery, Vec<SolicitationId>>::new();
        for key in keys {
            lists.entry(&key.list).or_default().push(key.solicitation);
        }
        let mut loaded = HashMap::new();
        for (list, solicitations) in lists {
            let ids = solicitations.into_iter().map(SolicitationId::uuid).collect();
            let pages =
                service::list_bids_by_solicitation(&self.db, &self.viewer, ids, list).await?;
            for (solicitation, page) in pages {
                let solicitation = SolicitationId::from_uuid(solicitation);
                loaded.insert(SolicitationBidsKey { solicitation, list: list.clone() }, page);
            }
        }
        Ok(loaded)
    }
}
