//! The requests for a peer that makes its schema from the peers' tables: PostGraphile.
use candor_tests::steps::text;
use serde_json::{Value, json};

use crate::peer_data::{body, page_starts};
use crate::servers::Server;

/// Requests for a page of 50 after each fiftieth firm, of as many firms. The server gives the cursors.
pub async fn list(server: &Server, firms: usize) -> Vec<String> {
    let document = "query Cursors($n: Int) { allFirms(first: $n) { edges { cursor } } }";
    let request = body(document, &json!({ "n": firms }));
    let request = reqwest::Client::new().post(&server.address).body(request);
    let answer = request.header("content-type", "application/json").send().await;
    let answer: Value = answer.expect("an answer").json().await.expect("JSON");
    let edges = answer["data"]["allFirms"]["edges"].as_array();
    let edges = edges.unwrap_or_else(|| panic!("no cursors: {answer}"));
    let cursors: Vec<String> = edges.iter().map(|edge| text(&edge["cursor"])).collect();
    // No cursor is before all of them.
    let later = page_starts("", &cursors).into_iter().skip(1).map(Value::from);
    let after = std::iter::once(Value::Null).chain(later);
    let document =
        "query List($n: Int, $after: Cursor) { allFirms(first: $n, after: $after) { nodes {
        rowId name kind createdAt
        filingsByFirmId(first: 1, orderBy: FILED_AT_DESC) { nodes { rowId status filedAt
            agreementsByFilingId { nodes { identifier kind component natureOfWork } } } } } } }";
    after.map(|after| body(document, &json!({ "n": 50, "after": after }))).collect()
}

/// Requests for each of these firms.
pub fn single(firms: &[String]) -> Vec<String> {
    let document = "query Single($id: BigInt!) { firmByRowId(rowId: $id) {
        rowId name kind createdAt updatedAt } }";
    firms.iter().map(|id| body(document, &json!({ "id": id }))).collect()
}
