//! Candor's data, filed through its public interface, and the requests for it.
use candor_tests::fixtures::{Firm, agreements_statement, usd};
use candor_tests::{Role, TestApp, administer_on};
use chrono::Utc;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::generator::Requests;
use crate::peer_data::body;

/// The number of concurrent firms while the data is filed.
const CONCURRENT_FIRMS: usize = 8;
/// The number of people that ask, so that no limit of one person counts.
const READERS: usize = 64;
/// The number of firms that ask for themselves.
const BIDDERS: usize = 64;

const LIST: &str = "query List($n: Int, $after: String) {
    organizations(first: $n, after: $after) { nodes { id legalName kind createdAt
        disclosures(first: 1) { nodes { id status filedAt
            statement { dhs { agreements { identifier kind component natureOfWork } } } } } } } }";
const CURSORS: &str = "query($after: String) { organizations(first: 50, after: $after) {
    pageInfo { hasNextPage endCursor } } }";
const SINGLE: &str = "query Single($id: ID!) {
    organization(id: $id) { id legalName kind createdAt updatedAt } }";

/// The firms of a filled database.
pub struct CandorData {
    firms: Vec<Firm>,
    /// The cursor before each page of 50 but the first.
    cursors: Vec<String>,
}

impl CandorData {
    /// Registers firms that each file five agreements.
    pub async fn write(app: &TestApp, count: usize) -> Self {
        app.set_clock(Utc::now());
        let filing = stream::iter(0..count).map(|number| async move {
            let firm = app.register_firm(&format!("Firm {number:06} Works Inc.")).await;
            let agreements: Vec<Value> = (0..5).map(|at| agreement(number, at)).collect();
            app.file_disclosure(&firm, agreements_statement(&agreements)).await;
            firm
        });
        let firms: Vec<Firm> = filing.buffer_unordered(CONCURRENT_FIRMS).collect().await;
        administer_on(app.owner_url(), "VACUUM ANALYZE").await;
        let token = reader_token(app, 0);
        let (mut cursors, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = json!({ "after": after });
            let data = app.query(&token, CURSORS, page).await;
            let info = &data["organizations"]["pageInfo"];
            if info["hasNextPage"] != true {
                break;
            }
            after = info["endCursor"].clone();
            cursors.push(after.as_str().expect("a cursor").to_owned());
        }
        Self { firms, cursors }
    }

    /// Requests for a random page of the list, by analysts.
    pub fn list(&self, app: &TestApp) -> Requests {
        let pages =
            std::iter::once(Value::Null).chain(self.cursors.iter().cloned().map(Value::from));
        let body = |after: Value| body(LIST, &json!({ "n": 50, "after": after }));
        Requests::new(pages.map(body).collect(), reader_tokens(app))
    }

    /// Requests for a random firm, by analysts.
    pub fn single(&self, app: &TestApp) -> Requests {
        let bodies = self.firms.iter().map(|firm| body(SINGLE, &json!({ "id": firm.id })));
        Requests::new(bodies.collect(), reader_tokens(app))
    }

    /// Asks in this process for some pages of the list, or for some firms, spread over all.
    pub async fn ask(&self, app: &TestApp, what: &str, requests: usize) {
        let token = reader_token(app, 0);
        for number in 0..requests {
            let (document, variables) = match what {
                super::LIST => {
                    // The first page has no cursor.
                    let page = number * (self.cursors.len() + 1) / requests;
                    let cursor = page.checked_sub(1).map(|before| &self.cursors[before]);
                    (LIST, json!({ "n": 50, "after": cursor }))
                }
                _ => (SINGLE, json!({ "id": self.firms[number * self.firms.len() / requests].id })),
            };
            app.query(&token, document, variables).await;
        }
    }

    /// Requests of firms for themselves.
    pub fn own(&self) -> Requests {
        let firms = || self.firms.iter().take(BIDDERS);
        let bodies = firms().map(|firm| body(SINGLE, &json!({ "id": firm.id })));
        Requests::paired(bodies.collect(), firms().map(|firm| firm.token.clone()).collect())
    }
}

/// Returns the ids of all firms as Candor's tables have them, in their order.
pub async fn stored_ids(app: &TestApp) -> Vec<String> {
    let select = "SELECT string_agg(id::text, ' ' ORDER BY id) FROM organization";
    app.select_text(select).await.split(' ').map(ToOwned::to_owned).collect()
}

/// Returns the token of an analyst, who may read every firm.
pub fn reader_token(app: &TestApp, number: usize) -> String {
    app.token(&format!("analyst {number}"), &[Role::CaoAnalyst])
}

fn reader_tokens(app: &TestApp) -> Vec<String> {
    (0..READERS).map(|number| reader_token(app, number)).collect()
}

fn agreement(firm: usize, at: usize) -> Value {
    const COMPONENTS: [&str; 5] = ["ICE", "CBP", "FEMA", "TSA", "CISA"];
    const WORK: [&str; 5] = [
        "DETENTION",
        "TRANSPORTATION_AND_REMOVAL",
        "FOOD",
        "INFORMATION_TECHNOLOGY",
        "FACILITIES_AND_CONSTRUCTION",
    ];
    let amount =
        |cents: usize| json!({ "certainty": "KNOWN", "amount": usd(&format!("{cents}.00")) });
    json!({
        "holder": { "relation": "SELF" },
        "component": COMPONENTS[(firm + at) % 5],
        "kind": "CONTRACT",
        "identifier": format!("70C{firm:06}{at}"),
        "startDate": format!("202{at}-0{}-01", 1 + firm % 9),
        "endDate": "2027-12-31",
        "stateAtSigning": "IN_FORCE",
        "natureOfWork": [WORK[(firm + at) % 5]],
        "description": format!("Service {at} of firm {firm} for a facility, paid by the month."),
        "compensation": {
            "pricing": "FIRM_FIXED", "obligated": amount(1_000 + firm),
            "current": amount(2_000 + firm), "ceiling": amount(3_000 + firm),
            "terms": "Paid monthly in arrears.",
        },
    })
}
