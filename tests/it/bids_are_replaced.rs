//! A bidder replaces its bid before bids are due, and proposes without a price; a signatory reaffirms
//! once.
use candor_tests::contracts::{AWARD_CONTRACT, Ordinance, award_of_bid};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Firm, usd};
use candor_tests::steps::{
    BID_READINESS, REAFFIRM_DISCLOSURE, SUBMIT_BID, bid_input, format_user_errors, reaffirmation,
    text,
};
use candor_tests::{TestApp, stories_under_both_policies};
use serde_json::{Value, json};

stories_under_both_policies![
    a_bid_replaces_the_firms_open_bid,
    a_blocked_replacement_leaves_the_earlier_bid,
    two_replacements_at_once_leave_one_bid,
    a_proposal_needs_no_price,
    the_database_refuses_a_bid_without_a_price,
    a_double_click_reaffirms_once,
];

const LIVE_BIDS: &str = "SELECT COUNT(*) FROM bid WHERE status IN ('ADMITTED', 'HELD')";

/// Returns a bid as an API input that replaces another.
fn replacement(firm: &Firm, solicitation: &str, amount: &str, replaced: &Value) -> Value {
    let mut input = bid_input(firm, solicitation, amount, &json!([]));
    input["replaces"] = replaced.clone();
    json!({ "input": input })
}

async fn trail_of(app: &TestApp, token: &str, id: &Value) -> Vec<Value> {
    let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { action data } } }";
    let mut data = app.query(token, trail, json!({ "id": id })).await;
    let Value::Array(entries) = data["auditTrail"]["nodes"].take() else { panic!("entries") };
    entries
}

async fn a_bid_replaces_the_firms_open_bid(app: TestApp, _law: Ordinance) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let other = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let rival = app.register_disclosing_firm("Rival Paving").await;
    let rivals = app.submit_admitted_bid(&rival, &solicitation, "95000").await;

    let too_early = replacement(&firm, &solicitation, "1", &json!(rivals));
    let errors = app.mutation_errors(&firm.token, SUBMIT_BID, too_early).await;
    assert_eq!(errors, ["input.replaces invalid"], "there is no bid to replace");
    let first = json!(app.submit_admitted_bid(&firm, &solicitation, "100000").await);
    let elsewhere = json!(app.submit_admitted_bid(&firm, &other, "100000").await);

    let second = json!({ "input": bid_input(&firm, &solicitation, "90000", &json!([])) });
    let answer = app.execute(&firm.token, SUBMIT_BID, second).await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "CONFLICT");
    assert!(text(&error["message"]).contains("the bid to replace"), "{error:#}");

    // Neither a rival's bid, one elsewhere nor an unknown one is replaced.
    for wrong in [json!(rivals), elsewhere.clone(), json!("bid_01kb0000000000000000000000")] {
        let input = replacement(&firm, &solicitation, "90000", &wrong);
        let payload = app.mutate(&firm.token, SUBMIT_BID, input.clone()).await;
        assert_eq!(format_user_errors(&payload["userErrors"]), ["input.replaces invalid"]);
        let message = text(&payload["userErrors"][0]["message"]);
        assert!(message.contains(&text(&first)), "{message}");
        let readiness = app.execute(&firm.token, BID_READINESS, input).await;
        assert!(readiness["errors"].is_array(), "{readiness:#}");
    }
    assert_eq!(app.select_number(LIVE_BIDS).await, 3);

    let input = replacement(&firm, &solicitation, "90000", &first);
    let replaced = app.mutate_ok(&firm.token, SUBMIT_BID, input.clone()).await;
    assert_eq!(replaced["bid"]["status"], "ADMITTED");
    let second = replaced["bid"]["id"].clone();
    assert_eq!(app.load_bid(&firm.token, &first).await["status"], "WITHDRAWN");
    let last = trail_of(&app, &firm.token, &first).await.pop().expect("an entry");
    assert_eq!(last["action"], "bid.withdrawn");
    assert_eq!(last["data"], json!({ "replacedBy": second }));
    let trail = trail_of(&app, &firm.token, &second).await;
    let submitted = trail.iter().find(|it| it["action"] == "bid.submitted").expect("an entry");
    assert_eq!(submitted["data"]["replaces"], first);
    assert_eq!(app.select_number(LIVE_BIDS).await, 3);

    // The same request again changes nothing.
    let payload = app.mutate(&firm.token, SUBMIT_BID, input).await;
    assert_eq!(format_user_errors(&payload["userErrors"]), ["input.replaces invalid"]);
    let message = text(&payload["userErrors"][0]["message"]);
    assert!(message.contains(&text(&second)), "{message}");
    assert_eq!(app.select_number(LIVE_BIDS).await, 3);
    app.advance_to(AFTER);
    let late = replacement(&firm, &solicitation, "1", &second);
    let errors = app.mutation_errors(&firm.token, SUBMIT_BID, late).await;
    assert_eq!(errors, ["input.solicitationId past_due"]);
    app.assert_verifies().await;
}

async fn a_blocked_replacement_leaves_the_earlier_bid(app: TestApp, law: Ordinance) {
    // Under this policy a subcontractor's missing disclosure cannot be cured.
    let curable = "[rules.\"subcontractor.missing_disclosure\"]\nbid = \"BLOCK\"\naward = \"BLOCK\"\n\
        renewal = \"BLOCK\"\ncureDays = 5";
    let incurable = curable.replace("cureDays = 5", "cureDays = 0");
    let (version, from) = (law.version + 1, "2026-02-03");
    app.publish_amended_policy(law, version, from, &[(curable, &incurable)]).await;
    app.advance_to("2026-02-03T20:00:00Z");
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let silent = app.register_firm("Silent Striping").await;
    let first = json!(app.submit_admitted_bid(&firm, &solicitation, "100000").await);

    let mut input = replacement(&firm, &solicitation, "90000", &first);
    input["input"]["subcontractors"] = json!([{
        "organizationId": silent.id, "name": "Silent Striping", "amount": usd("40000"),
    }]);
    let blocked = app.mutate_ok(&firm.token, SUBMIT_BID, input).await;
    assert_eq!(blocked["bid"], Value::Null);
    assert_eq!(blocked["decision"]["outcome"], "BLOCK", "{blocked:#}");
    assert_eq!(app.load_bid(&firm.token, &first).await["status"], "ADMITTED", "it stands");
    assert_eq!(app.select_number(LIVE_BIDS).await, 1);
    assert_eq!(
        app.select_number("SELECT COUNT(*) FROM bid WHERE status = 'REFUSED'").await,
        1,
        "the attempt is stored"
    );
    // What stands can still be replaced.
    let input = replacement(&firm, &solicitation, "90000", &first);
    let second = app.mutate_ok(&firm.token, SUBMIT_BID, input).await;
    assert_eq!(second["bid"]["status"], "ADMITTED");
    assert_eq!(app.select_number(LIVE_BIDS).await, 1);
    app.assert_verifies().await;
}

async fn two_replacements_at_once_leave_one_bid(app: TestApp, _law: Ordinance) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let mut open = json!(app.submit_admitted_bid(&firm, &solicitation, "100000").await);
    for round in 0..4 {
        let input = |amount| replacement(&firm, &solicitation, amount, &open);
        let (one, two) = tokio::join!(
            app.execute(&firm.token, SUBMIT_BID, input("90000")),
            app.execute(&firm.token, SUBMIT_BID, input("80000")),
        );
        let submitted: Vec<Value> = [&one, &two]
            .into_iter()
            .map(|answer| answer["data"]["submitBid"]["bid"]["id"].clone())
            .filter(|id| !id.is_null())
            .collect();
        let [id] = &submitted[..] else { panic!("round {round}: {one:#} {two:#}") };
        assert_eq!(app.select_number(LIVE_BIDS).await, 1, "round {round}");
        assert_eq!(app.load_bid(&firm.token, &open).await["status"], "WITHDRAWN");
        open = id.clone();
    }
    app.assert_verifies().await;
}

async fn a_proposal_needs_no_price(app: TestApp, law: Ordinance) {
    let department = app.create_department("BSS").await;
    let bids = app.publish_solicitation(&department, DUE).await;
    let parts = json!({ "method": "PROPOSALS", "publicWorks": true });
    let proposals = app.publish_solicitation_with(&department, DUE, parts).await;
    let silent = app.register_firm("Silent Striping").await;
    // Over a share of the bid that public works allow, and under the policy's amount.
    let naming = json!([{
        "organizationId": silent.id, "name": "Silent Striping", "amount": usd("20000"),
    }]);
    let unpriced = |firm: &Firm, solicitation: &str| {
        let mut input = bid_input(firm, solicitation, "1", &naming);
        input.as_object_mut().expect("an input").remove("amount");
        json!({ "input": input })
    };
    let mut firms = Vec::new();
    for name in ["Alder Paving", "Birch Paving", "Cedar Paving", "Dogwood Paving"] {
        firms.push(app.register_disclosing_firm(name).await);
    }
    let errors = app.mutation_errors(&firms[0].token, SUBMIT_BID, unpriced(&firms[0], &bids)).await;
    assert_eq!(errors, ["input.amount required"], "bids have a price");
    let mut ids = Vec::new();
    for firm in &firms[..2] {
        let payload = app.mutate_ok(&firm.token, SUBMIT_BID, unpriced(firm, &proposals)).await;
        assert_eq!(payload["bid"]["status"], "ADMITTED", "{payload:#}");
        ids.push(text(&payload["bid"]["id"]));
    }
    let priced = app.submit_bid_with(&firms[2], &proposals, "1000000", naming.clone()).await;
    assert_eq!(priced["bid"]["status"], "HELD", "a share of the bid is reached: {priced:#}");
    let dear = text(&priced["bid"]["id"]);
    let cheap = app.submit_admitted_bid(&firms[3], &proposals, "0").await;

    app.advance_to(AFTER);
    let listed = "query($id: ID!, $direction: OrderDirection!, $after: String) { solicitation(id: $id) {
        bids(first: 2, after: $after, orderBy: { field: AMOUNT, direction: $direction }) {
            pageInfo { endCursor } nodes { id amount { amount } } } }
        screenBids(first: 10, filter: { solicitationId: $id },
            orderBy: { field: AMOUNT, direction: $direction }) { nodes { id bid { amount { amount } } } } }";
    for (direction, first_two) in [("ASC", [&cheap, &dear]), ("DESC", [&dear, &cheap])] {
        let mut variables = json!({ "id": proposals, "direction": direction });
        let mut seen = Vec::new();
        for _ in 0..2 {
            let data = app.query(&department.token, listed, variables.clone()).await;
            let page = &data["solicitation"]["bids"];
            seen.extend(page["nodes"].as_array().expect("bids").iter().map(|it| text(&it["id"])));
            variables["after"] = page["pageInfo"]["endCursor"].clone();
            let screened = data["screenBids"]["nodes"].as_array().expect("bids");
            let order: Vec<String> = screened.iter().map(|it| text(&it["id"])).collect();
            assert_eq!(order[..2], [first_two[0].clone(), first_two[1].clone()], "{direction}");
            assert_eq!(screened[3]["bid"]["amount"], Value::Null, "{direction}");
        }
        assert_eq!(seen[..2], [first_two[0].clone(), first_two[1].clone()], "{direction}");
        let mut last = seen[2..].to_vec();
        last.sort();
        assert_eq!(last, ids, "bids without a price are last, {direction}");
    }

    let award = |parts: Value| {
        let mut award =
            award_of_bid(&json!(ids[0]), "C-1", ("2026-03-01", "2027-02-28"), law.clause);
        let input = award["input"].as_object_mut().expect("an input");
        input.extend(parts.as_object().expect("parts").clone());
        award
    };
    let errors = app.mutation_errors(&department.token, AWARD_CONTRACT, award(json!({}))).await;
    assert_eq!(errors, ["input.value required"]);
    // The award has a value, so the share of it counts; the subcontractor files first.
    let value = award(json!({ "value": usd("1000000") }));
    let refused = app.mutate_ok(&department.token, AWARD_CONTRACT, value.clone()).await;
    assert_eq!(refused["contract"], Value::Null, "{refused:#}");
    app.file_disclosure(&silent, candor_tests::fixtures::no_dealings()).await;
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, value).await;
    assert_eq!(awarded["contract"]["value"]["amount"], "1000000.00", "{awarded:#}");
    app.assert_verifies().await;
}

async fn the_database_refuses_a_bid_without_a_price(app: TestApp, _law: Ordinance) {
    let department = app.create_department("BSS").await;
    let bids = app.publish_solicitation(&department, DUE).await;
    let parts = json!({ "method": "PROPOSALS" });
    let proposals = app.publish_solicitation_with(&department, DUE, parts).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    app.submit_admitted_bid(&firm, &bids, "1").await;
    app.submit_admitted_bid(&firm, &proposals, "1").await;
    let of = |method: &str| {
        format!("solicitation_id IN (SELECT id FROM solicitation WHERE method = '{method}')")
    };
    let change = |set: &str, method: &str| format!("UPDATE bid SET {set} WHERE {}", of(method));
    let without = "amount_cents = NULL, currency = NULL";
    let refused = app.run_sql(&change(without, "BIDS")).await.expect_err("it needs a price");
    assert!(refused.contains("bid_needs_amount"), "{refused}");
    for half in ["amount_cents = NULL", "currency = NULL", "amount_cents = -1"] {
        app.run_sql(&change(half, "PROPOSALS")).await.expect_err(half);
    }
    app.run_sql(&change(without, "PROPOSALS")).await.expect("a proposal may have no price");
}

async fn a_double_click_reaffirms_once(app: TestApp, _law: Ordinance) {
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let reaffirm = |version: i64| reaffirmation(&firm, version);
    let filings = "SELECT COUNT(*) FROM filing";
    let (one, two) = tokio::join!(
        app.execute(&firm.token, REAFFIRM_DISCLOSURE, reaffirm(1)),
        app.execute(&firm.token, REAFFIRM_DISCLOSURE, reaffirm(1)),
    );
    let mut codes: Vec<Value> =
        [one, two].iter().map(|it| it["errors"][0]["extensions"]["code"].clone()).collect();
    codes.sort_by_key(Value::is_string);
    assert_eq!(codes, [Value::Null, json!("CONFLICT")]);
    assert_eq!(app.select_number(filings).await, 2);
    for stale in [1, 3, -1] {
        let code = app.fault_code(&firm.token, REAFFIRM_DISCLOSURE, reaffirm(stale)).await;
        assert_eq!(code, "CONFLICT", "version {stale}");
    }
    let mut without = reaffirm(2);
    without.as_object_mut().expect("variables").remove("version");
    let answer = app.execute(&firm.token, REAFFIRM_DISCLOSURE, without).await;
    assert!(answer["errors"].is_array(), "the version is required: {answer:#}");
    assert_eq!(app.select_number(filings).await, 2);
    let again = app.mutate_ok(&firm.token, REAFFIRM_DISCLOSURE, reaffirm(2)).await;
    assert_eq!(again["disclosure"]["version"], 3);
    app.assert_verifies().await;
}
