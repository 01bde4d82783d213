//! The peers' tables, with as many rows as Candor's, and the requests for them.
use candor_tests::{TestApp, administer_on};
use serde_json::json;

const TABLES: [&str; 5] = [
    "CREATE SCHEMA peer",
    "CREATE TABLE peer.firm (id bigint PRIMARY KEY, name text NOT NULL, kind text NOT NULL,
        created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL)",
    "CREATE TABLE peer.filing (id bigint PRIMARY KEY, firm_id bigint NOT NULL REFERENCES peer.firm,
        status text NOT NULL, filed_at timestamptz NOT NULL)",
    "CREATE TABLE peer.agreement (id bigint PRIMARY KEY,
        filing_id bigint NOT NULL REFERENCES peer.filing, identifier text NOT NULL,
        kind text NOT NULL, component text NOT NULL, nature_of_work text NOT NULL,
        description text NOT NULL)",
    "CREATE TABLE peer.membership (subject text PRIMARY KEY,
        firm_id bigint NOT NULL REFERENCES peer.firm)",
];

/// The ids of the firms in the peers' own tables, in their order.
pub fn ids(firms: usize) -> Vec<String> {
    (1..=firms).map(|id| id.to_string()).collect()
}

/// The ids after which a page of 50 begins, of firms with these ids: `zero` is before all of them.
pub fn page_starts(zero: &str, ids: &[String]) -> Vec<String> {
    let later = ids.iter().skip(49).step_by(50).filter(|id| Some(*id) != ids.last());
    std::iter::once(zero.to_owned()).chain(later.cloned()).collect()
}

/// Creates and fills the tables.
pub async fn write(app: &TestApp, firms: usize) {
    let rows = [
        format!(
            "INSERT INTO peer.firm SELECT i, 'Firm ' || to_char(i, 'FM000000') || ' Works Inc.',
                'CORPORATION', timestamptz '2026-01-01' + i * interval '1 minute', now()
             FROM generate_series(1, {firms}) i"
        ),
        format!(
            "INSERT INTO peer.filing SELECT i, i, 'FILED',
                timestamptz '2026-01-02' + i * interval '1 minute' FROM generate_series(1, {firms}) i"
        ),
        format!(
            "INSERT INTO peer.agreement SELECT i * 5 + k, i, '70C' || to_char(i, 'FM000000') || k,
                'CONTRACT', (ARRAY['ICE', 'CBP', 'FEMA', 'TSA', 'CISA'])[1 + (i + k) % 5],
                'INFORMATION_TECHNOLOGY', 'Service ' || k || ' of firm ' || i || ' for a facility'
             FROM generate_series(1, {firms}) i, generate_series(0, 4) k"
        ),
        "INSERT INTO peer.membership VALUES ('analyst 0', 1)".to_owned(),
        "CREATE INDEX ON peer.filing (firm_id, filed_at DESC)".to_owned(),
        "CREATE INDEX ON peer.agreement (filing_id)".to_owned(),
    ];
    for statement in TABLES.iter().copied().chain(rows.iter().map(|it| &**it)) {
        app.run_sql(statement).await.expect(statement);
    }
    administer_on(app.owner_url(), "VACUUM ANALYZE").await;
}

/// Requests for a page of 50 after each of these firms.
pub fn list(after: &[String]) -> Vec<String> {
    let document = "query List($n: Int, $after: ID) { firms(first: $n, after: $after) {
        id legalName kind createdAt newestFiling { id status filedAt
            agreements { identifier kind component natureOfWork } } } }";
    after.iter().map(|after| body(document, &json!({ "n": 50, "after": after }))).collect()
}

/// Requests for each of these firms.
pub fn single(firms: &[String]) -> Vec<String> {
    let document =
        "query Single($id: ID!) { firm(id: $id) { id legalName kind createdAt updatedAt } }";
    firms.iter().map(|id| body(document, &json!({ "id": id }))).collect()
}

/// Returns the body of a request, in one line.
pub fn body(document: &str, variables: &serde_json::Value) -> String {
    let document = document.split_whitespace().collect::<Vec<_>>().join(" ");
    json!({ "query": document, "variables": variables }).to_string()
}
