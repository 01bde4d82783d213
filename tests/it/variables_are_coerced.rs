//! Variables mean what the GraphQL specification says: one that was not sent changes nothing, and a default counts
//! everywhere.
use candor_tests::fixtures::Firm;
use candor_tests::steps::find_fault_code;
use candor_tests::{Method, TestApp, stories};
use serde_json::{Value, json};

stories![
    what_is_not_sent_stays_as_it_is,
    a_default_decides_what_is_skipped,
    an_argument_has_its_own_default,
    a_document_is_refused_with_or_without_its_variables,
    root_fields_are_in_the_order_of_the_selection,
];

/// A firm with an address and an owner.
async fn register(app: &TestApp) -> Firm {
    let input = json!({
        "kind": "CORPORATION", "legalName": "Prime Paving",
        "address": { "street": "1 First St", "city": "Los Angeles", "region": "CA",
            "postalCode": "90012", "country": "US" },
        "immediateOwner": { "name": "Prime Holdings" },
    });
    app.register_organization("prime", input).await
}

async fn load(app: &TestApp, firm: &Firm) -> Value {
    let query = "query($id: ID!) { organization(id: $id) { revision legalName doingBusinessAs
        address { city } immediateOwner { name } } }";
    app.query(&firm.token, query, json!({ "id": firm.id })).await["organization"].take()
}

const UPDATE_PARTS: &str =
    "mutation($id: ID!, $revision: Int!, $name: String, $address: AddressInput,
    $owner: OwnerInput) {
    updateOrganization(id: $id, revision: $revision, input: {
        legalName: $name, address: $address, immediateOwner: $owner }) {
        organization { revision } userErrors { path message } } }";

async fn what_is_not_sent_stays_as_it_is(app: TestApp) {
    let firm = register(&app).await;
    let mut revision = load(&app, &firm).await["revision"].clone();
    // Twice, because the second request finds a document that has passed validation.
    for name in ["First Paving", "Second Paving"] {
        let variables = json!({ "id": firm.id, "revision": revision, "name": name });
        let answer = app.execute(&firm.token, UPDATE_PARTS, variables).await;
        let updated = &answer["data"]["updateOrganization"];
        assert_eq!(updated["userErrors"], json!([]), "{answer:#}");
        revision = updated["organization"]["revision"].clone();
        let now = load(&app, &firm).await;
        let kept = (&now["legalName"], &now["address"]["city"], &now["immediateOwner"]["name"]);
        assert_eq!(kept, (&json!(name), &json!("Los Angeles"), &json!("Prime Holdings")));
    }
    // A null that is sent removes the owner.
    let variables = json!({ "id": firm.id, "revision": revision, "owner": null });
    app.execute(&firm.token, UPDATE_PARTS, variables).await;
    let now = load(&app, &firm).await;
    assert_eq!(
        (&now["legalName"], &now["immediateOwner"]),
        (&json!("Second Paving"), &Value::Null)
    );
    assert_eq!(now["address"]["city"], "Los Angeles");
}

async fn a_default_decides_what_is_skipped(app: TestApp) {
    let firm = register(&app).await;
    let revision = load(&app, &firm).await["revision"].clone();
    for (kind, directive) in [
        ("Boolean = true", "@skip(if: $only)"),
        ("Boolean! = true", "@skip(if: $only)"),
        ("Boolean = false", "@include(if: $only)"),
    ] {
        let document = format!(
            "mutation($id: ID!, $revision: Int!, $only: {kind}) {{
                updateOrganization(id: $id, revision: $revision, input: {{ legalName: \"No\" }})
                {directive} {{ organization {{ id }} }} }}"
        );
        let variables = json!({ "id": firm.id, "revision": revision });
        for _ in 0..2 {
            let answer = app.execute(&firm.token, &document, variables.clone()).await;
            assert_eq!(answer, json!({ "data": {} }), "{kind}");
            assert_eq!(load(&app, &firm).await["legalName"], "Prime Paving", "{kind} {directive}");
        }
    }
    // Without a default it cannot decide.
    for (directive, sent) in [("@skip", json!({})), ("@include", json!({ "only": null }))] {
        let document = format!(
            "mutation($id: ID!, $revision: Int!, $only: Boolean) {{ ...Update }}
            fragment Update on Mutation {{
                updateOrganization(id: $id, revision: $revision, input: {{ legalName: \"No\" }})
                {directive}(if: $only) {{ organization {{ id }} }} }}"
        );
        let mut variables = json!({ "id": firm.id, "revision": revision });
        variables.as_object_mut().expect("it").extend(sent.as_object().cloned().expect("it"));
        let answer = app.execute(&firm.token, &document, variables).await;
        assert_eq!(find_fault_code(&answer).as_deref(), Some("BAD_USER_INPUT"), "{answer:#}");
        assert_eq!(load(&app, &firm).await["legalName"], "Prime Paving", "{directive}");
    }
    let included =
        "query($all: Boolean = true) { viewer { subject departmentIds @include(if: $all) } }";
    let answer = app.query(&firm.token, included, json!({})).await;
    assert_eq!(answer["viewer"]["departmentIds"], json!([]), "{answer:#}");
    let answer = app.query(&firm.token, included, json!({ "all": false })).await;
    assert_eq!(answer["viewer"].get("departmentIds"), None, "{answer:#}");
}

async fn an_argument_has_its_own_default(app: TestApp) {
    let reviewer = app.reviewer_token();
    let query = "query($limit: Int, $pending: Boolean) {
        screenName(name: \"Prime Paving\", limit: $limit) { name }
        policyProposals(onlyPending: $pending) { nodes { id } } }";
    for _ in 0..2 {
        let answer = app.execute(&reviewer, query, json!({})).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
    }
    // The value of an enumeration.
    let query =
        "query($sort: QueueSort! = CURE_DEADLINE) { reviewQueue(sort: $sort) { totalCount } }";
    for _ in 0..3 {
        assert_eq!(app.query(&reviewer, query, json!({})).await["reviewQueue"]["totalCount"], 0);
    }
}

async fn a_document_is_refused_with_or_without_its_variables(app: TestApp) {
    let reviewer = app.reviewer_token();
    for document in [
        "query($it: String) { organizations(nonsense: $it) { totalCount } }",
        "query($it: ID) { disclosures(filter: { organizationId: $it, nonsense: 1 }) { totalCount } }",
        "query($it: ID) { compareDisclosures(a: \"x\", b: $it) { __typename } }",
        "query($it: Int, $unused: Int) { organizations(first: $it) { totalCount } }",
        "query($it: Int) { organizations(first: $it) { totalCount nonsense } }",
        "query($it: ID) { organization(id: $it) { nonsense } }",
    ] {
        for variables in [json!({}), json!({ "it": null }), json!({})] {
            let answer = app.execute(&reviewer, document, variables.clone()).await;
            assert_eq!(find_fault_code(&answer).as_deref(), Some("BAD_USER_INPUT"), "{document}");
            assert_eq!(answer.get("data").cloned().unwrap_or_default(), Value::Null, "{document}");
        }
    }
    // A later root field that lacks an argument keeps the earlier ones from being executed.
    let firm = register(&app).await;
    let document = "mutation($id: ID!, $revision: Int!, $bid: ID) {
        updateOrganization(id: $id, revision: $revision, input: { legalName: \"No\" }) {
            organization { id } }
        withdrawBid(id: $bid) { userErrors { message } } }";
    let revision = load(&app, &firm).await["revision"].clone();
    let variables = json!({ "id": firm.id, "revision": revision });
    let answer = app.execute(&firm.token, document, variables).await;
    assert_eq!(find_fault_code(&answer).as_deref(), Some("BAD_USER_INPUT"), "{answer:#}");
    assert_eq!(load(&app, &firm).await["legalName"], "Prime Paving");
    // In a list it is null.
    let query =
        "query($it: Outcome) { screenBids(filter: { outcome: [REVIEW, $it] }) { totalCount } }";
    for _ in 0..2 {
        let answer = app.execute(&reviewer, query, json!({})).await;
        assert_eq!(find_fault_code(&answer).as_deref(), Some("BAD_USER_INPUT"), "{answer:#}");
    }
}

async fn root_fields_are_in_the_order_of_the_selection(app: TestApp) {
    let query = "query { ...Firms viewer { subject } last: viewer { subject } }
        fragment Firms on Query { organizations(first: 5) { nodes { id } } first: viewer { subject } }";
    let request = app.http_request(Method::POST, "/graphql").bearer_auth(app.reviewer_token());
    let answer = request.json(&json!({ "query": query })).send().await.expect("an answer");
    let answer = answer.text().await.expect("a text");
    let at = |key: &str| answer.find(&format!("\"{key}\":")).expect(key);
    let places = ["organizations", "first", "viewer", "last"].map(at);
    assert!(places.is_sorted(), "{answer}");
}
