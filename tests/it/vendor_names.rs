//! Firms with the names of a real city's vendors, with their punctuation and oddities: half of them
//! disclose and all of them bid. No page of any order loses or repeats one.
//!
//! The names are public data that is not in the repository; `CANDOR_PUBLIC_DATA` is the path of its
//! folder.
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::{Firm, attestation, list_finding_codes, no_dealings};
use candor_tests::steps::{CREATE_ORGANIZATION, format_user_errors, text};
use candor_tests::{Role, TestApp, parse_instant, stories};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use unicode_normalization::UnicodeNormalization;

stories![vendors_of_a_city_bid];

const PAYMENTS: &str = "city-payments/echeckbook_2011-12_part.csv";
const COLUMN: &str = "VENDOR NAME";
/// Number of concurrent firms.
const CONCURRENT_FIRMS: usize = 8;
/// Number of firms that bid within a minute and tie in the order of submission.
const FIRMS_PER_MINUTE: usize = 50;
/// Number of distinct amounts: fewer than firms, so that they tie.
const DISTINCT_AMOUNTS: usize = 300;
/// Page size; the last page is partial for all bids and for half.
const PAGE_SIZE: usize = 97;

/// A bid in a reviewer's list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    id: String,
    name: String,
    status: String,
    cents: u64,
    submitted_at: String,
}

/// Result for a name.
enum Outcome {
    /// Refused with user errors.
    Refused(Vec<String>),
    Bid(Row),
}

/// Returns the folder; none, with a message past the test runner's capture, if it is not set.
fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("CANDOR_PUBLIC_DATA").map(PathBuf::from);
    if folder.is_none() {
        let _ = writeln!(
            std::io::stderr(),
            "\nLEFT OUT: the names of real vendors. Run it with CANDOR_PUBLIC_DATA=<the folder \
             that has {PAYMENTS}> cargo nextest run -p candor-tests vendor_names\n"
        );
    }
    folder
}

/// Returns the distinct names as in the file.
fn names(folder: &Path) -> BTreeSet<String> {
    let path = folder.join(PAYMENTS);
    // The published file ends within its last row.
    let mut reader = csv::ReaderBuilder::new();
    let mut file = reader.flexible(true).from_path(&path).expect("the file of payments");
    let headers = file.headers().expect("a line of headers");
    let column = headers.iter().position(|header| header == COLUMN).expect(COLUMN);
    let name = |row: csv::Result<csv::StringRecord>| row.expect("a row")[column].to_owned();
    file.records().map(name).collect()
}

/// Returns a text as Candor stores it.
fn stored_text(name: &str) -> String {
    name.trim().nfc().collect()
}

fn has_disclosure(index: usize) -> bool {
    index.is_multiple_of(2)
}

/// Returns the amount of a bid in cents; neighbors differ, and some amounts are equal.
fn cents(index: usize) -> u64 {
    let amount = index * 7_919 % DISTINCT_AMOUNTS;
    100_000 + u64::try_from(amount).expect("a small number") * 12_345
}

/// Registers a firm with a name, files if it is its turn, and bids.
async fn enter(app: &TestApp, solicitation: &str, index: usize, name: &str) -> Outcome {
    let token = app.token(&format!("vendor-{index}"), &[Role::Bidder]);
    let input = json!({ "kind": "CORPORATION", "legalName": name });
    let created = app.mutate(&token, CREATE_ORGANIZATION, json!({ "input": input })).await;
    if created["organization"].is_null() {
        return Outcome::Refused(format_user_errors(&created["userErrors"]));
    }
    let organization = &created["organization"];
    assert_eq!(organization["legalName"], stored_text(name), "as it was typed");
    let firm = Firm { id: text(&organization["id"]), token };
    if has_disclosure(index) {
        let (id, revision) = app.save_draft(&firm, no_dealings()).await;
        let input = json!({ "id": id, "revision": revision, "attestation": attestation() });
        let call = "mutation ($input: FilingInput!) { fileDisclosure(input: $input) {
            disclosure { id } userErrors { path code message } } }";
        app.mutate_ok(&firm.token, call, json!({ "input": input })).await;
    }
    let cents = cents(index);
    let amount = format!("{}.{:02}", cents / 100, cents % 100);
    let submitted = app.submit_bid(&firm, solicitation, &amount).await;
    let decision = &submitted["decision"];
    assert_eq!(submitted["userErrors"], json!([]), "{name}");
    if has_disclosure(index) {
        assert_eq!(submitted["bid"]["status"], "ADMITTED", "{name}: {submitted:#}");
        assert_eq!(decision["outcome"], "ADMIT", "{name}");
    } else {
        assert_eq!(submitted["bid"], Value::Null, "{name}: {submitted:#}");
        assert_eq!(decision["outcome"], "BLOCK", "{name}");
        assert_eq!(list_finding_codes(decision), ["disclosure.missing"], "{name}");
    }
    // The firm's own view of its bid or attempt must match the reviewer's.
    let own = load_page(app, &firm.token, solicitation, &json!({ "first": 2 })).await;
    let [row] = &own.rows[..] else { panic!("{name} sees {} bids", own.rows.len()) };
    assert_eq!((&row.name, row.cents), (&stored_text(name), cents));
    Outcome::Bid(row.clone())
}

/// A page of the solicitation's bids.
struct Page {
    rows: Vec<Row>,
    total: usize,
    info: Value,
}

async fn load_page(app: &TestApp, token: &str, solicitation: &str, variables: &Value) -> Page {
    let query = "query($id: ID!, $status: [BidStatus!]! = [], $order: BidOrder, $first: Int,
        $after: String, $last: Int, $before: String) { solicitation(id: $id) {
        bids(status: $status, orderBy: $order, first: $first, after: $after, last: $last,
            before: $before) {
            totalCount pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
            nodes { id status submittedAt amount { amount currency }
                organization { legalName } } } } }";
    let mut variables = variables.clone();
    variables["id"] = json!(solicitation);
    let mut answer = app.query(token, query, variables).await;
    let bids = answer["solicitation"]["bids"].take();
    let row = |bid: &Value| {
        assert_eq!(bid["amount"]["currency"], "USD");
        Row {
            id: text(&bid["id"]),
            name: text(&bid["organization"]["legalName"]),
            status: text(&bid["status"]),
            cents: text(&bid["amount"]["amount"]).replace('.', "").parse().expect("cents"),
            submitted_at: text(&bid["submittedAt"]),
        }
    };
    let total = bids["totalCount"].as_u64().expect("a number");
    Page {
        rows: bids["nodes"].as_array().expect("bids").iter().map(row).collect(),
        total: usize::try_from(total).expect("a small number"),
        info: bids["pageInfo"].clone(),
    }
}

/// Reads a whole list in an order, in pages from the start or the end; returns it in forward order.
async fn read_list(
    app: &TestApp,
    solicitation: &str,
    order: &Value,
    backward: bool,
    expected: usize,
) -> Vec<Row> {
    let reviewer = app.reviewer_token();
    let (count, cursor_argument, more, cursor) = if backward {
        ("last", "before", "hasPreviousPage", "startCursor")
    } else {
        ("first", "after", "hasNextPage", "endCursor")
    };
    let (mut pages, mut variables) = (Vec::new(), json!({ "order": order, count: PAGE_SIZE }));
    loop {
        let load_page = load_page(app, &reviewer, solicitation, &variables).await;
        assert_eq!(load_page.total, expected, "{variables}");
        let is_last = load_page.info[more] == json!(false);
        assert!(
            is_last || load_page.rows.len() == PAGE_SIZE,
            "{variables}: {} rows",
            load_page.rows.len()
        );
        pages.push(load_page.rows);
        if is_last {
            break;
        }
        assert!(pages.len() < expected, "{order}: there is no end of pages");
        variables[cursor_argument] = load_page.info[cursor].clone();
    }
    assert_eq!(pages.len(), expected.div_ceil(PAGE_SIZE), "{order}");
    if backward {
        pages.reverse();
    }
    pages.concat()
}

/// Returns whether the rows are sorted by a field.
fn is_sorted_by(rows: &[Row], field: &str) -> bool {
    match field {
        "SUBMITTED_AT" => rows.is_sorted_by_key(|row| &row.submitted_at),
        "AMOUNT" => rows.is_sorted_by_key(|row| row.cents),
        _ => rows.is_sorted_by_key(|row| &row.status),
    }
}

/// Lists the bids in every order from both ends.
async fn assert_every_order(app: &TestApp, solicitation: &str, expected: &BTreeSet<Row>) {
    for field in ["SUBMITTED_AT", "AMOUNT", "STATUS"] {
        let mut ascending = Vec::new();
        for direction in ["ASC", "DESC"] {
            let order = json!({ "field": field, "direction": direction });
            let mut rows = read_list(app, solicitation, &order, false, expected.len()).await;
            let from_its_end = read_list(app, solicitation, &order, true, expected.len()).await;
            assert_eq!(rows, from_its_end, "{order} is the same read from its end");
            let once: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
            assert_eq!(once.len(), rows.len(), "{order} repeats one");
            assert_eq!(&rows.iter().cloned().collect::<BTreeSet<_>>(), expected, "{order}");
            if direction == "DESC" {
                rows.reverse();
                assert_eq!(rows, ascending, "{field} descending is ascending reversed");
            }
            assert!(is_sorted_by(&rows, field), "{order}");
            ascending = rows;
        }
    }
}

async fn vendors_of_a_city_bid(app: TestApp) {
    let Some(folder) = folder() else { return };
    let start = Instant::now();
    let names: Vec<(usize, String)> = names(&folder).into_iter().enumerate().collect();
    assert!(names.len() > DISTINCT_AMOUNTS, "{} names make no ties", names.len());
    let app = Arc::new(app);
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;

    let (mut bids, mut refused) = (BTreeMap::new(), Vec::new());
    for (minute, group) in names.chunks(FIRMS_PER_MINUTE).enumerate() {
        let minutes = TimeDelta::minutes(i64::try_from(minute).expect("a small number"));
        app.advance_to(&(parse_instant(candor_tests::STORY_START) + minutes).to_rfc3339());
        let mut at_once = JoinSet::new();
        for part in group.chunks(FIRMS_PER_MINUTE.div_ceil(CONCURRENT_FIRMS)) {
            let (app, solicitation) = (Arc::clone(&app), solicitation.clone());
            let part = part.to_vec();
            at_once.spawn(async move {
                let mut results = Vec::new();
                for (index, name) in part {
                    let entered = enter(&app, &solicitation, index, &name).await;
                    results.push((index, name, entered));
                }
                results
            });
        }
        for (index, name, results) in at_once.join_all().await.into_iter().flatten() {
            match results {
                Outcome::Bid(row) => drop(bids.insert(index, row)),
                Outcome::Refused(errors) => refused.push((name, errors)),
            }
        }
    }
    let entered = start.elapsed();
    for (name, errors) in &refused {
        assert!(errors.iter().all(|error| error.starts_with("input.legalName ")), "{name:?}");
        assert_ne!(errors.len(), 0, "{name:?} is refused without a user error");
    }
    assert_eq!(bids.len() + refused.len(), names.len(), "every name has a result");

    app.advance_to(AFTER);
    let reviewer = app.reviewer_token();
    let admitted = bids.keys().filter(|index| has_disclosure(**index)).count();
    for (statuses, expected) in [
        (json!(["ADMITTED"]), admitted),
        (json!(["REFUSED"]), bids.len() - admitted),
        (json!(["HELD", "CLOSED"]), 0),
        (json!([]), bids.len()),
    ] {
        let variables = json!({ "status": statuses, "first": 0 });
        let load_page = load_page(&app, &reviewer, &solicitation, &variables).await;
        assert_eq!(load_page.total, expected, "{statuses}");
    }
    // The firm's own view before the due time, and every list of the reviewer after it.
    let expected: BTreeSet<Row> = bids.values().cloned().collect();
    assert_every_order(&app, &solicitation, &expected).await;
    app.assert_verifies().await;
    let (all, total) = (names.len(), start.elapsed());
    let _ = writeln!(
        std::io::stderr(),
        "{:?}: {all} names, {} refused {refused:?}; {admitted} admitted, {} blocked; entered in \
         {entered:.1?}, all in {total:.1?}",
        app.engine,
        refused.len(),
        bids.len() - admitted,
    );
}
