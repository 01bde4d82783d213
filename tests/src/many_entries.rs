//! A ledger of any length: the demonstration city with as many contracts as needed.
use candor::command::demo::seed;
use candor_schema::contracting::service::{
    ContractFileRow, ContractImport, ContractListImport, RowOutcome,
};
use candor_schema::database::Database;
use candor_schema::principal::ServiceActor;
use chrono::{DateTime, Utc};

/// Number of contracts recorded in one transaction.
const CONTRACTS_PER_BATCH: usize = 500;

/// Seeds the demonstration city at `now` (UTC) in an empty database and records contracts, each
/// with its own contractor, until the ledger has at least `entries` entries.
pub async fn write_entries(database: &Database, now: DateTime<Utc>, entries: usize) {
    seed(database, now).await.expect("the demonstration city");
    let by = ContractImport {
        actor: ServiceActor::ImportContractsCommand.into(),
        at: now,
        file: "contracts.csv".to_owned(),
        is_dry_run: false,
    };
    let mut import = ContractListImport::begin(database, by).await.expect("an import");
    // A contract and its contractor have one entry each.
    for first in (0..entries.div_ceil(2)).step_by(CONTRACTS_PER_BATCH) {
        let rows: Vec<_> = (first..first + CONTRACTS_PER_BATCH).map(contract).collect();
        let imported = import.import_rows(&rows).await.expect("rows");
        let refused = imported.iter().find(|row| row.outcome != RowOutcome::Recorded);
        assert_eq!(refused, None);
    }
}

fn contract(number: usize) -> ContractFileRow {
    ContractFileRow {
        line: u64::try_from(number).expect("a line") + 2,
        number: format!("K-{number:07}"),
        department: "LIB".to_owned(),
        vendor: format!("Supplier {number:07} Inc."),
        new_vendor: "yes".to_owned(),
        identifiers: Vec::new(),
        title: format!("Supplies, lot {number}"),
        value: "12500.00".to_owned(),
        currency: "USD".to_owned(),
        signed_on: "2024-06-30".to_owned(),
        start_date: "2024-07-01".to_owned(),
        end_date: "2027-06-30".to_owned(),
        options_left: "1".to_owned(),
        method: "BIDS".to_owned(),
        public_works: "false".to_owned(),
        clause_version: String::new(),
        master: String::new(),
    }
}
