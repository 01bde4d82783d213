//! A database that an older build wrote is migrated, replayed and verified by this one.
use std::fs;
use std::io::Read;

use candor_schema::clock::Clock;
use candor_schema::contracting::service::process_pending;
use candor_schema::database::Database;
use candor_schema::policy::service::find_in_force;
use candor_schema::verify::verify;
use chrono::{DateTime, Utc};
use flate2::read::GzDecoder;

use super::backup::restore_to;
use super::serve::{PolicyFiles, prepare_database};

/// An SQLite database of the build that named everything in plain terms: two firms, a disclosure, a
/// solicitation with an attempt that was refused, a bid that was held and one that was admitted under a
/// court's order, a contract, and a renewal that was executed.
const PLAIN_TERMS: &[u8] = include_bytes!("../../../tests/frozen/plain-terms.db.gz");

/// After the bids were due.
fn now() -> DateTime<Utc> {
    "2026-12-01T20:00:00Z".parse().expect("a time")
}

#[tokio::test]
async fn a_database_of_an_older_build_is_migrated_and_replayed() {
    let directory = std::env::temp_dir().join(format!("candor-upgrade-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a directory");
    let file = directory.join("plain-terms.db");
    let mut database = Vec::new();
    GzDecoder::new(PLAIN_TERMS).read_to_end(&mut database).expect("a database");
    fs::write(&file, database).expect("a file");

    let restored = directory.join("restored.db");
    let target = restored.to_str().expect("a path");
    restore_to(target, &file, &Clock::new(now)).await.expect("a backup that is restored");

    let url = format!("sqlite://{}", file.display());
    let database = Database::open_for_work(&url).await.expect("an open database");
    let nothing = PolicyFiles::default();
    prepare_database(&database, &nothing, &Clock::new(now)).await.expect("a migrated database");
    let swept = process_pending(&database, now()).await.expect("a sweep");
    assert!(!swept.has_remaining, "{swept:?}");
    let report = verify(&database, now(), |_| ()).await.expect("a report");
    assert_eq!(report.wrong, None, "{report:?}");
    let decisions = report.checked.iter().find(|(what, _)| *what == "decisions");
    assert!(decisions.is_some_and(|(_, count)| *count >= 7), "{report:?}");

    let policy = find_in_force(&database.read, now()).await.expect("a policy").expect("one");
    assert_eq!(policy.policy.version_name(), "version 1 (draft)");
    assert_eq!(policy.policy.parameters().second_person(), None);
    database.close().await.expect("a closed database");
    fs::remove_dir_all(&directory).expect("no directory");
}
