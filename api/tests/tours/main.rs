//! Runs the queries and commands in README.md and in the tours, and compares their answers with
//! the documents.
//!
//! ```text
//! cargo test -p candor --test tours                          # compare
//! SNAPSHOTS=overwrite cargo test -p candor --test tours      # write the answers into the documents
//! ```
//!
//! Each document is followed from top to bottom in a demonstration city of its own (SQLite), which
//! `candor demo` made on one Monday at noon. Identifiers become `[ID]`, digests `[DIGEST]`, cursors
//! `[CURSOR]`, secrets `[SECRET]` and measured seconds `[SECONDS]`; everything else is compared as it is. A fenced block
//! counts by its language:
//!
//! - `graphql as=REVIEWER` is sent with the token of that name. `$NAME` in it is replaced by the
//!   value that `demo.env` or an earlier block gives to the name. `keep=BID:/data/…` keeps the value
//!   at that JSON pointer of the answer under a name; `after=3m` sets the city's clock forward first
//!   (minutes, hours `h` or days `d`).
//! - `json` after it is the answer. It is compared as a JSON value; its layout is free until it is
//!   overwritten.
//! - `console` is run by `sh`: a line that begins with `$ ` is a command (a line that ends with a
//!   backslash goes on), the lines up to the next one are what it prints. `$ export NAME=$(…)` keeps
//!   what is printed. `candor` is the built binary; commands that open the database run in a
//!   process of this test's binary instead, at the city's time. `curl` to `127.0.0.1:8080` reaches the
//!   city's service. `after=3m` counts as above.
//! - `sh` is not run, but each `candor` command in it must have arguments that exist.
//! - Any other language is text; `csv file=contracts.csv` also writes it into that file.
mod city;
mod document;
mod layout;

use city::{City, Outputs};
use document::{follow, missing_files};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readme() {
    follow("README.md").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tour_bidder() {
    follow("docs/tour-bidder.md").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tour_reviewer() {
    follow("docs/tour-reviewer.md").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tour_officer() {
    follow("docs/tour-officer.md").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tour_portal() {
    follow("docs/tour-portal.md").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn federal_awards() {
    follow("docs/federal-awards.md").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn screening_a_list() {
    follow("docs/screening-a-list.md").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graphql() {
    follow("docs/graphql.md").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations() {
    follow("docs/operations.md").await;
}

/// Each file that a document names in code font, and each document that it links to, exists.
#[test]
fn files_in_documents_exist() {
    let missing: Vec<String> =
        document::all().iter().flat_map(|name| missing_files(name)).collect();
    assert_eq!(missing, Vec::<String>::new());
}

/// `demo.env` as a shell reads it: every name has a value, only its owner may read it, and `ask`
/// sends the document on its input as JSON.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn demo_env_can_be_sourced() {
    use std::os::unix::fs::PermissionsExt;
    let city = City::copy().await;
    let file = city.directory().join(".candor/demo.env");
    let mode = std::fs::metadata(&file).expect("demo.env").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let script = "set -eu; . .candor/demo.env; curl() { cat; }
        ask \"$BIDDER\" <<END
{ bidReadiness(input: {organizationId: \"$FIRM\"}) {
  outcome } }
END";
    let printed = city.sh(script, Outputs::Standard);
    let body: serde_json::Value = serde_json::from_str(&printed).expect(&printed);
    let firm = city.value("FIRM").expect("the firm");
    let expected =
        format!("{{ bidReadiness(input: {{organizationId: \"{firm}\"}}) {{\n  outcome }} }}\n");
    assert_eq!(body, serde_json::json!({ "query": expected }));
}

/// A command in a process of its own, at the time of the city that asked for it; in any other
/// process, does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the tours start it, in a process of its own"]
async fn command_at_the_citys_time() {
    city::run_command().await;
}
