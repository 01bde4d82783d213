//! The firms, bids and contracts of a city of any size, inserted in bulk with their ledger entries: for measuring how
//! the work of a request grows with the data. `candor verify` finds nothing wrong with it.
use crate::many_awards::insert_awards;
use crate::many_bids::{build_indexes, insert_bids, submit_template_bid};
use crate::many_contracts::{Statuses, insert_contracts, insert_exemptions, insert_waivers};
use crate::many_firms::{insert_firms, long_statement};
use crate::recorded_rows::record_rows;
use crate::test_app::TestApp;

/// The numbers of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CitySize {
    pub firms: usize,
    pub bids: usize,
    pub contracts: usize,
    pub awards: usize,
}

/// How many agreements the first filing of each firm has, which a later one replaced.
const AGREEMENTS_PER_FIRM: usize = 50;

impl CitySize {
    /// A city with `factor` times 1,000 firms with 50,000 agreements, 10,000 bids, 10,000 contracts and 30,000
    /// federal awards.
    #[must_use]
    pub const fn times(factor: usize) -> Self {
        Self {
            firms: 1_000 * factor,
            bids: 10_000 * factor,
            contracts: 10_000 * factor,
            awards: 30_000 * factor,
        }
    }

    /// Inserts everything into an empty database.
    pub async fn insert(self, app: &TestApp) {
        submit_template_bid(app).await;
        let earlier = long_statement(AGREEMENTS_PER_FIRM);
        let firms = insert_firms(app, self.firms, |_| true, Some(&earlier)).await;
        insert_bids(app, &firms, self.bids).await;
        insert_contracts(app, self.firms, self.contracts, Statuses::Expired).await;
        insert_waivers(app, self.contracts).await;
        insert_exemptions(app, self.contracts).await;
        build_indexes(app).await;
        record_rows(app).await;
        // Boxed, because this large future would otherwise be part of the caller's.
        Box::pin(insert_awards(app, self.firms, self.awards)).await;
    }
}
