//! The firms, bids and contracts of a city of any size, inserted in bulk with their ledger entries: for measuring how
//! the work of a request grows with the data. `candor verify` finds nothing wrong with it.
use crate::awards::AwardSummary;
use crate::many_bids::{build_indexes, insert_bids, submit_template_bid};
use crate::many_contracts::{Statuses, insert_contracts, insert_exemptions, insert_waivers};
use crate::many_firms::{firm_name, insert_firms, long_statement};
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
/// The number of federal awards in one imported file.
const AWARDS_PER_FILE: usize = 100_000;
/// How many awards each recipient has.
const AWARDS_PER_RECIPIENT: usize = 10;

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
        self.import_awards(app).await;
    }

    /// Imports awards of recipients of which one in twenty has the name of a firm.
    async fn import_awards(self, app: &TestApp) {
        let recipients: Vec<String> =
            (0..self.awards.div_ceil(AWARDS_PER_RECIPIENT)).map(recipient).collect();
        for from in (0..self.awards).step_by(AWARDS_PER_FILE) {
            let until = self.awards.min(from + AWARDS_PER_FILE);
            let numbers: Vec<String> = (from..until).map(|n| format!("70X{n:08}")).collect();
            let rows = numbers.iter().enumerate().map(|(at, number)| {
                let recipient = &*recipients[(from + at) / AWARDS_PER_RECIPIENT];
                AwardSummary { number, recipient, uei: "", ..AwardSummary::default() }
            });
            app.import_award_rows(&rows.collect::<Vec<_>>()).await;
        }
    }
}

/// The name of a firm for one in twenty, and otherwise one that resembles no other: the number in syllables.
fn recipient(number: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "ke", "lo", "tu", "mi", "ra", "so", "ve", "no", "pi", "da", "gu", "fe", "zo", "wa",
        "hy",
    ];
    if number.is_multiple_of(20) {
        return firm_name(number / 20);
    }
    let syllables: String =
        (0..5).map(|place| SYLLABLES[((number * 7_919) >> (place * 4)) & 15]).collect();
    format!("{syllables} Holdings")
}
