//! The review queue holds each matter once, and officers have their own items in it.
use candor_tests::awards::{AwardSummary, DISMISS_MATCH};
use candor_tests::contracts::{APPROVE_WAIVER, CLAIM_EXEMPTION, EXECUTE_RENEWAL, REQUEST_WAIVER};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Firm, agreements_statement, no_dealings, usd};
use candor_tests::steps::{
    ACCEPT_DISCLOSURE, AMEND_SOLICITATION, ANSWER_CLARIFICATION, CREATE_ORGANIZATION,
    REOPEN_REVIEW, classified_agreement, text,
};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    a_verdict_that_frees_a_bid_is_one_matter_with_it,
    a_held_bid_with_an_overdue_question_is_one_matter,
    an_answer_that_is_asked_again_is_one_matter,
    an_answer_waits_again_once_a_later_question_is_withdrawn,
    filings_without_a_bid_are_listed_by_name_only,
    waivers_and_exemptions_are_matters,
    a_party_that_the_city_verified_as_another_is_a_matter,
    a_proposed_merge_is_a_matter,
    bids_are_sorted_by_cure_deadline,
    pages_have_each_item_once,
    held_bids_move_with_their_due_times,
    officers_have_freed_bids_and_waiting_actions,
    an_order_and_its_vehicle_are_one_matter,
];

const UEI: &str = "QW3JX8L5T9R2";

const QUEUE: &str =
    "query($kinds: [ReviewItemKind!]! = [], $sort: QueueSort! = DUE_AT, $first: Int,
    $after: String, $last: Int, $before: String) {
    reviewQueue(kinds: $kinds, sort: $sort, first: $first, after: $after, last: $last,
        before: $before) { totalCount
    pageInfo { startCursor hasPreviousPage endCursor hasNextPage }
    nodes { id kind dueAt overdue detail disclosure { id organization { legalName } } bid { id }
        clarification { id answer } waiver { id } exemption { id followUpBy } contract { id }
        renewal { id } organizations { legalName } } } }";

async fn list_queue(app: &TestApp, token: &str, variables: Value) -> Vec<Value> {
    let data = app.query(token, QUEUE, variables).await;
    let nodes = data["reviewQueue"]["nodes"].as_array().expect("items").clone();
    assert_eq!(data["reviewQueue"]["totalCount"], nodes.len());
    let mut ids: Vec<_> = nodes.iter().map(|it| text(&it["id"])).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), nodes.len(), "each item has an identifier of its own");
    nodes
}

fn kinds(nodes: &[Value]) -> Vec<String> {
    nodes.iter().map(|it| text(&it["kind"])).collect()
}

/// The kinds of the reviewer's queue.
async fn list_kinds(app: &TestApp, of: Value) -> Vec<String> {
    kinds(&list_queue(app, &app.reviewer_token(), json!({ "kinds": of })).await)
}

async fn answer(app: &TestApp, firm: &Firm, question: &Value) {
    let input = json!({ "input": { "clarificationId": question, "answer": "Long Beach." } });
    app.mutate_ok(&firm.token, ANSWER_CLARIFICATION, input).await;
}

async fn a_verdict_that_frees_a_bid_is_one_matter_with_it(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Prime Paving").await;
    let statement = agreements_statement(&[classified_agreement()]);
    let filed = app.file_and_load_disclosure(&firm, statement).await["id"].clone();
    let bid = app.submit_bid(&firm, &solicitation, "1000").await["bid"]["id"].clone();
    let reviewer = app.reviewer_token();
    let question = app.request_clarification(&reviewer, &filed, "2026-02-09").await;
    app.advance_to("2026-02-03T20:00:00Z");
    answer(&app, &firm, &question).await;
    // A missing item would tell that there is a sealed bid.
    assert_eq!(list_kinds(&app, json!([])).await, ["ANSWER_RECEIVED"]);
    app.advance_to(AFTER);
    let nodes = list_queue(&app, &reviewer, json!({})).await;
    assert_eq!(kinds(&nodes), ["BID_HELD"]);
    let held = (&nodes[0]["bid"]["id"], &nodes[0]["clarification"]["answer"]);
    assert_eq!(held, (&bid, &json!("Long Beach.")));
    // Whoever asks for answers has them.
    assert_eq!(list_kinds(&app, json!(["ANSWER_RECEIVED"])).await, ["ANSWER_RECEIVED"]);
    let both = json!(["ANSWER_RECEIVED", "BID_HELD"]);
    assert_eq!(list_kinds(&app, both).await, ["BID_HELD"]);
    app.mutate_ok(&reviewer, ACCEPT_DISCLOSURE, json!({ "id": filed })).await;
    assert_eq!(list_kinds(&app, json!([])).await, Vec::<String>::new());
}

async fn a_held_bid_with_an_overdue_question_is_one_matter(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Prime Paving").await;
    let filed = app.file_and_load_disclosure(&firm, no_dealings()).await["id"].clone();
    let reviewer = app.reviewer_token();
    let question = app.request_clarification(&reviewer, &filed, "2026-02-12").await;
    let bid = app.submit_bid(&firm, &solicitation, "1000").await;
    assert_eq!(bid["bid"]["status"], "HELD", "{bid:#}");
    assert_eq!(list_kinds(&app, json!([])).await, Vec::<String>::new());
    for (time, is_overdue) in [(AFTER, false), ("2026-02-13T08:00:15Z", true)] {
        app.advance_to(time);
        app.sweep().await;
        let nodes = list_queue(&app, &reviewer, json!({})).await;
        assert_eq!(kinds(&nodes), ["BID_HELD"]);
        let seen = (&nodes[0]["overdue"], &nodes[0]["clarification"]["id"]);
        assert_eq!(seen, (&json!(is_overdue), &question));
    }
    assert_eq!(list_kinds(&app, json!(["QUESTION_OVERDUE"])).await, ["QUESTION_OVERDUE"]);
}

async fn an_answer_that_is_asked_again_is_one_matter(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let filed = app.file_and_load_disclosure(&firm, no_dealings()).await["id"].clone();
    let reviewer = app.reviewer_token();
    // The clock stands still, so all of it happens at one instant.
    for _ in 0..3 {
        let question = app.request_clarification(&reviewer, &filed, "2026-02-09").await;
        assert_eq!(
            list_kinds(&app, json!([])).await,
            Vec::<String>::new(),
            "the firm is to answer"
        );
        answer(&app, &firm, &question).await;
        let nodes = list_queue(&app, &reviewer, json!({})).await;
        assert_eq!(kinds(&nodes), ["ANSWER_RECEIVED"]);
        assert_eq!(nodes[0]["clarification"]["id"], question);
    }
    app.request_clarification(&reviewer, &filed, "2026-02-09").await;
    app.advance_to(AFTER);
    assert_eq!(list_kinds(&app, json!([])).await, ["QUESTION_OVERDUE"]);
}

async fn an_answer_waits_again_once_a_later_question_is_withdrawn(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Prime Paving").await;
    let statement = agreements_statement(&[classified_agreement()]);
    let filed = app.file_and_load_disclosure(&firm, statement).await["id"].clone();
    let reviewer = app.reviewer_token();
    let first = app.request_clarification(&reviewer, &filed, "2026-02-09").await;
    answer(&app, &firm, &first).await;
    app.request_clarification(&reviewer, &filed, "2026-02-10").await;
    assert_eq!(list_kinds(&app, json!([])).await, Vec::<String>::new(), "the firm is to answer");
    let withdrawal = json!({ "id": filed, "reason": "It was asked by mistake." });
    app.mutate_ok(&reviewer, REOPEN_REVIEW, withdrawal).await;
    let nodes = list_queue(&app, &reviewer, json!({})).await;
    assert_eq!(kinds(&nodes), ["ANSWER_RECEIVED"]);
    assert_eq!(nodes[0]["clarification"]["id"], first);
    app.submit_bid(&firm, &solicitation, "1000").await;
    app.advance_to(AFTER);
    app.sweep().await;
    let nodes = list_queue(&app, &reviewer, json!({})).await;
    assert_eq!(kinds(&nodes), ["BID_HELD"]);
    assert_eq!(nodes[0]["clarification"]["id"], first);
}

async fn filings_without_a_bid_are_listed_by_name_only(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let bidder = app.register_disclosing_firm("Bidder").await;
    app.register_disclosing_firm("Idle").await;
    app.submit_admitted_bid(&bidder, &solicitation, "1000").await;
    let names = async || {
        let of = json!({ "kinds": ["FILING_UNREVIEWED"] });
        let nodes = list_queue(&app, &app.reviewer_token(), of).await;
        nodes.iter().map(|it| text(&it["disclosure"]["organization"]["legalName"])).collect()
    };
    let listed: Vec<String> = names().await;
    assert_eq!(listed, ["Bidder", "Idle"], "a sealed bid does not show");
    assert_eq!(list_kinds(&app, json!([])).await, Vec::<String>::new());
    app.advance_to(AFTER);
    let listed: Vec<String> = names().await;
    assert_eq!(listed, ["Idle"]);
}

async fn waivers_and_exemptions_are_matters(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Prime Paving").await;
    let days = ("2026-01-01", "2027-12-31");
    let contract = app.record_contract(&department, &firm, "C-1", days, json!({})).await;
    let waiver = json!({ "input": {
        "contractId": contract, "rule": "disclosure.missing", "expiresOn": "2026-06-30",
        "authority": "Council File 26-0417", "purpose": "The pumps must not stop.",
        "alternatives": "Three suppliers; none has the parts.", "cost": "Twice as much.",
        "costAmount": usd("500000"),
    } });
    let waiver = app.mutate_ok(&department.token, REQUEST_WAIVER, waiver).await;
    let id = waiver["waiver"]["id"].clone();
    let nodes = list_queue(&app, &app.reviewer_token(), json!({})).await;
    assert_eq!(kinds(&nodes), ["WAIVER_REQUESTED"]);
    assert_eq!((&nodes[0]["waiver"]["id"], &nodes[0]["contract"]["id"]), (&id, &json!(contract)));
    app.mutate_ok(&app.supervisor_token("supervisor"), APPROVE_WAIVER, json!({ "id": id })).await;
    assert_eq!(list_kinds(&app, json!([])).await, Vec::<String>::new());

    // No disclosure follows an exemption of a government; one follows an emergency in ten days.
    for (number, kind) in [("C-2", "GOVERNMENT_ENTITY"), ("C-3", "EMERGENCY")] {
        let parts = json!({ "clauseVersion": 1 });
        let contract = app.record_contract(&department, &firm, number, days, parts).await;
        let claim = json!({
            "contractId": contract, "kind": kind, "reason": "A flood.", "authority": "Charter 371",
        });
        app.mutate_ok(&department.token, CLAIM_EXEMPTION, json!({ "input": claim })).await;
    }
    let nodes = list_queue(&app, &app.reviewer_token(), json!({})).await;
    assert_eq!(kinds(&nodes), ["EXEMPTION_CLAIMED"]);
    let by = "2026-02-13T08:00:00+00:00";
    assert_eq!((&nodes[0]["dueAt"], &nodes[0]["overdue"]), (&json!(by), &json!(false)));
    app.advance_to("2026-02-13T08:00:15Z");
    app.sweep().await;
    let nodes = list_queue(&app, &app.reviewer_token(), json!({})).await;
    assert_eq!(kinds(&nodes), ["FOLLOW_UP_OVERDUE"]);
    assert_eq!(nodes[0]["overdue"], true);
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    assert_eq!(list_kinds(&app, json!([])).await, Vec::<String>::new());
}

async fn a_party_that_the_city_verified_as_another_is_a_matter(app: TestApp) {
    let register = async |name: &str, disputed: bool| {
        let input = json!({
            "kind": "CORPORATION", "legalName": name, "identifiersChecked": true,
            "identifiers": [{ "scheme": "UEI", "id": UEI }], "disputed": disputed,
        });
        let token = app.token(&name.to_lowercase(), &[candor_tests::Role::Bidder]);
        app.mutate_ok(&token, CREATE_ORGANIZATION, json!({ "input": input })).await;
    };
    register("First", false).await;
    register("Second", true).await;
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let prime = app.register_disclosing_firm("Prime Paving").await;
    let named = json!([
        { "name": "First", "identifier": { "scheme": "UEI", "id": UEI }, "amount": usd("100") },
        { "name": "Second", "identifier": { "scheme": "UEI", "id": UEI }, "amount": usd("100") },
    ]);
    let bid = app.submit_bid_with(&prime, &solicitation, "100000", named.clone()).await;
    let bid = text(&bid["bid"]["id"]);
    let parts = json!({ "subcontractors": named });
    let days = ("2026-01-01", "2026-02-28");
    let contract = app.record_contract(&department, &prime, "C-1", days, parts).await;
    for statement in [
        "UPDATE organization_identifier SET state = 'DISPUTED',
            dispute_id = (SELECT id FROM identifier_dispute) WHERE state = 'CLAIMED'",
        "UPDATE organization_identifier SET state = 'VERIFIED', dispute_id = NULL,
            verified_by = 'staff', verified_at = '2026-02-02T20:00:00+00:00'
            WHERE organization_id = (SELECT id FROM organization WHERE legal_name = 'Second')",
        "UPDATE identifier_dispute SET decided_at = '2026-02-02T20:00:00+00:00'",
    ] {
        app.run_sql(statement).await.expect(statement);
    }
    let reviewer = app.reviewer_token();
    let nodes = list_queue(&app, &reviewer, json!({})).await;
    assert_eq!(kinds(&nodes), ["PARTY_IDENTIFIER_VERIFIED"], "the bid is sealed");
    assert_eq!(nodes[0]["contract"]["id"], contract);
    app.advance_to(AFTER);
    let nodes = list_queue(&app, &reviewer, json!({})).await;
    assert_eq!(kinds(&nodes), ["PARTY_IDENTIFIER_VERIFIED", "PARTY_IDENTIFIER_VERIFIED"]);
    let ids: Vec<_> = nodes.iter().map(|it| text(&it["id"])).collect();
    assert!(ids.contains(&format!("{bid}:parties")), "{ids:?}");
    // A contract that has ended is nobody's matter.
    app.advance_to("2026-03-01T20:00:00Z");
    let nodes = list_queue(&app, &reviewer, json!({})).await;
    let bids: Vec<_> = nodes.iter().map(|it| text(&it["bid"]["id"])).collect();
    assert_eq!(bids, [bid]);
}

async fn a_proposed_merge_is_a_matter(app: TestApp) {
    for name in ["Harbor Paint", "Harbor Paint Co"] {
        app.register_firm(name).await;
    }
    let propose = "INSERT INTO merge_proposal
        (id, organization_id, other_id, grounds, proposed_by, proposed_at)
        SELECT one.id, one.id, other.id, 'The same tax number.', 'staff', one.created_at
        FROM organization one JOIN organization other ON one.id < other.id";
    app.run_sql(propose).await.expect("a proposal");
    let nodes = list_queue(&app, &app.reviewer_token(), json!({})).await;
    assert_eq!(kinds(&nodes), ["MERGE_PROPOSED"]);
    assert_eq!(nodes[0]["detail"], "The same tax number.");
    let names = json!([{ "legalName": "Harbor Paint" }, { "legalName": "Harbor Paint Co" }]);
    assert_eq!(nodes[0]["organizations"], names);
    assert!(text(&nodes[0]["id"]).starts_with("mrg_"), "{nodes:#?}");
    let decide = "UPDATE merge_proposal SET outcome = 'DISMISSED', decided_by = 'staff',
        decided_at = proposed_at, reason = 'Two firms.'";
    app.run_sql(decide).await.expect("a decision");
    assert_eq!(list_kinds(&app, json!([])).await, Vec::<String>::new());
}

async fn bids_are_sorted_by_cure_deadline(app: TestApp) {
    let department = app.create_department("BSS").await;
    // The first filing is stale when bids are due: its firm can cure the bid, and the later the bids
    // are due, the later it must.
    let stale = app.register_disclosing_firm("Stale").await;
    let (early, late) = ("2027-02-10T22:00:00Z", "2027-02-17T22:00:00Z");
    let last = app.publish_solicitation(&department, late).await;
    let first = app.publish_solicitation(&department, early).await;
    let under_review = app.register_firm("Reviewed").await;
    app.advance_to("2026-12-01T20:00:00Z");
    let statement = agreements_statement(&[classified_agreement()]);
    app.file_and_load_disclosure(&under_review, statement).await;
    let mut bids = Vec::new();
    for (firm, solicitation) in [(&under_review, &first), (&stale, &last), (&stale, &first)] {
        let bid = app.submit_bid(firm, solicitation, "1000").await;
        assert_eq!(bid["bid"]["status"], "HELD", "{bid:#}");
        bids.push(bid["bid"]["id"].clone());
    }
    app.advance_to("2027-02-17T22:00:15Z");
    let reviewer = app.reviewer_token();
    let sorted = json!({ "sort": "CURE_DEADLINE", "kinds": ["BID_HELD"] });
    let nodes = list_queue(&app, &reviewer, sorted).await;
    let listed: Vec<_> = nodes.iter().map(|it| it["bid"]["id"].clone()).collect();
    assert_eq!(listed, [bids[2].clone(), bids[1].clone(), bids[0].clone()]);
    // The same in pages of one.
    let mut paged = Vec::new();
    let mut after = Value::Null;
    for _ in 0..3 {
        let page = json!({
            "sort": "CURE_DEADLINE", "kinds": ["BID_HELD"], "first": 1, "after": after,
        });
        let data = app.query(&reviewer, QUEUE, page).await;
        paged.push(data["reviewQueue"]["nodes"][0]["bid"]["id"].clone());
        after = data["reviewQueue"]["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(paged, listed);
    let other = json!({ "sort": "DUE_AT", "after": after });
    let answer = app.execute(&reviewer, QUEUE, other).await;
    assert!(answer["errors"][0]["message"].as_str().is_some(), "{answer:#}");
}

/// Reads the queue in pages of two from its beginning to its end, or from its end.
async fn read_pages(app: &TestApp, kinds: &Value, sort: &str, from_end: bool) -> Vec<Value> {
    let names = if from_end {
        ["last", "before", "startCursor", "hasPreviousPage"]
    } else {
        ["first", "after", "endCursor", "hasNextPage"]
    };
    let [size, position, cursor, has_more] = names;
    let (mut ids, mut at) = (Vec::new(), Value::Null);
    loop {
        let page = json!({ "kinds": kinds, "sort": sort, size: 2, position: at });
        let data = app.query(&app.reviewer_token(), QUEUE, page).await;
        let queue = &data["reviewQueue"];
        let nodes = queue["nodes"].as_array().expect("items").iter().map(|it| it["id"].clone());
        if from_end {
            ids.splice(0..0, nodes);
        } else {
            ids.extend(nodes);
        }
        if queue["pageInfo"][has_more] == false {
            return ids;
        }
        at = queue["pageInfo"][cursor].clone();
    }
}

/// PostgreSQL reads held bids, found matches and all others each by itself.
async fn pages_have_each_item_once(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (early, late) = ("2027-02-10T22:00:00Z", "2027-02-17T22:00:00Z");
    let stale = app.register_disclosing_firm("Stale").await;
    let first = app.publish_solicitation(&department, early).await;
    let last = app.publish_solicitation(&department, late).await;
    app.advance_to("2026-12-01T20:00:00Z");
    // Two that are due at one time, and one to be cured, in two solicitations each.
    for (name, solicitation) in [("One", &first), ("Two", &first), ("Three", &last)] {
        let firm = app.register_firm(name).await;
        let statement = agreements_statement(&[classified_agreement()]);
        app.file_and_load_disclosure(&firm, statement).await;
        assert_eq!(app.submit_bid(&firm, solicitation, "1000").await["bid"]["status"], "HELD");
    }
    for solicitation in [&first, &last] {
        let bid = app.submit_bid(&stale, solicitation, "1000").await;
        assert_eq!(bid["bid"]["status"], "HELD", "{bid:#}");
    }
    app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    for (number, time) in [("70CDCR17F1", None), ("70CDCR17F2", Some("2027-02-12T20:00:00Z"))] {
        if let Some(time) = time {
            app.advance_to(time);
        }
        app.import_award_rows(&[AwardSummary { number, ..AwardSummary::default() }]).await;
    }
    let holder = app.register_firm("Prime Paving").await;
    let days = ("2026-01-01", "2027-12-31");
    for number in ["C-1", "C-2"] {
        let contract = app.record_contract(&department, &holder, number, days, json!({})).await;
        let waiver = json!({ "input": {
            "contractId": contract, "rule": "disclosure.missing", "expiresOn": "2027-06-30",
            "authority": "Council File 26-0417", "purpose": "The pumps must not stop.",
            "alternatives": "Three suppliers; none has the parts.", "cost": "Twice as much.",
            "costAmount": usd("500000"),
        } });
        app.mutate_ok(&department.token, REQUEST_WAIVER, waiver).await;
    }
    app.advance_to("2027-02-17T22:00:15Z");
    for (kinds, number) in [
        (json!([]), 9),
        (json!(["BID_HELD"]), 5),
        (json!(["MATCH_FOUND", "WAIVER_REQUESTED"]), 4),
        (json!(["BID_HELD", "MATCH_FOUND"]), 7),
        (json!(["WAIVER_REQUESTED"]), 2),
    ] {
        for sort in ["DUE_AT", "CURE_DEADLINE"] {
            let asked = json!({ "kinds": kinds, "sort": sort });
            let whole = list_queue(&app, &app.reviewer_token(), asked).await;
            let whole: Vec<Value> = whole.iter().map(|it| it["id"].clone()).collect();
            assert_eq!(whole.len(), number, "{kinds} {sort}");
            for from_end in [false, true] {
                let paged = read_pages(&app, &kinds, sort, from_end).await;
                assert_eq!(paged, whole, "{kinds} {sort}");
            }
        }
    }
}

/// A bid has copies of its solicitation's department and times, by which lists of bids are sorted and filtered.
async fn held_bids_move_with_their_due_times(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Prime Paving").await;
    let statement = agreements_statement(&[classified_agreement()]);
    app.file_and_load_disclosure(&firm, statement).await;
    let times = ["2026-02-10T22:00:00Z", "2026-02-11T22:00:00Z", "2026-02-12T22:00:00Z"];
    let (mut bids, mut first) = (Vec::new(), None);
    for time in times {
        let solicitation = app.publish_solicitation(&department, time).await;
        let bid = app.submit_bid(&firm, &solicitation, "1000").await;
        assert_eq!(bid["bid"]["status"], "HELD", "{bid:#}");
        bids.push(bid["bid"]["id"].clone());
        first.get_or_insert(solicitation);
    }
    let first = first.expect("a solicitation");
    let later =
        json!({ "id": first, "addendum": "A later time.", "dueAt": "2026-02-13T22:00:00Z" });
    app.mutate_ok(&department.token, AMEND_SOLICITATION, json!({ "input": later })).await;
    let listed = async || {
        let nodes = list_queue(&app, &app.reviewer_token(), json!({ "kinds": ["BID_HELD"] })).await;
        nodes.iter().map(|it| it["bid"]["id"].clone()).collect::<Vec<_>>()
    };
    app.advance_to("2026-02-12T22:00:15Z");
    assert_eq!(listed().await, [bids[1].clone(), bids[2].clone()], "the first is sealed again");
    app.advance_to("2026-02-13T22:00:15Z");
    assert_eq!(listed().await, [bids[1].clone(), bids[2].clone(), bids[0].clone()]);
    app.assert_verifies().await;
}

async fn officers_have_freed_bids_and_waiting_actions(app: TestApp) {
    let (department, neighbor) =
        (app.create_department("BSS").await, app.create_department("LIB").await);
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Prime Paving").await;
    let statement = agreements_statement(&[classified_agreement()]);
    let filed = app.file_and_load_disclosure(&firm, statement).await["id"].clone();
    let other = app.register_disclosing_firm("Never Held").await;
    let bid = app.submit_bid(&firm, &solicitation, "1000").await["bid"]["id"].clone();
    app.submit_admitted_bid(&other, &solicitation, "1000").await;
    let days = ("2025-07-01", "2026-06-30");
    let parts = json!({ "clauseVersion": 1 });
    let contract = app.record_contract(&department, &other, "C-1", days, parts).await;
    let input = json!({ "contractId": contract, "action": "RENEWAL", "endDate": "2027-06-30" });
    let renewal = app.propose_renewal(&department, input).await;
    let reviewer = app.reviewer_token();
    app.advance_to("2026-02-03T20:00:00Z");
    app.mutate_ok(&reviewer, ACCEPT_DISCLOSURE, json!({ "id": filed })).await;
    let officer = department.token.as_str();
    let nodes = list_queue(&app, officer, json!({})).await;
    assert_eq!(kinds(&nodes), ["RENEWAL_WAITING"], "bids are sealed");
    assert_eq!(
        (&nodes[0]["renewal"]["id"], &nodes[0]["contract"]["id"]),
        (&json!(renewal), &json!(contract))
    );
    app.advance_to(AFTER);
    app.sweep().await;
    let nodes = list_queue(&app, officer, json!({})).await;
    assert_eq!(kinds(&nodes), ["RENEWAL_WAITING", "BID_FREED"]);
    assert_eq!(nodes[1]["bid"]["id"], bid);
    assert_eq!(list_queue(&app, &neighbor.token, json!({})).await, Vec::<Value>::new());
    assert_eq!(list_kinds(&app, json!([])).await, Vec::<String>::new(), "the Bureau has neither");
    let held = list_queue(&app, officer, json!({ "kinds": ["BID_HELD", "MATCH_FOUND"] })).await;
    assert_eq!(held, Vec::<Value>::new());
    app.mutate_ok(officer, EXECUTE_RENEWAL, json!({ "id": renewal })).await;
    let nodes = list_queue(&app, officer, json!({})).await;
    assert_eq!(kinds(&nodes), ["BID_FREED"]);
}

async fn an_order_and_its_vehicle_are_one_matter(app: TestApp) {
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    let vehicle = |number| AwardSummary { number, is_vehicle: true, ..AwardSummary::default() };
    let order = AwardSummary { number: "70CDCR17F1", vehicle: "70CDCR17D1", ..Default::default() };
    app.import_award_rows(&[
        vehicle("70CDCR17D1"),
        order.clone(),
        AwardSummary { number: "70CDCR17F2", ..order },
        // The same number, of another agency.
        AwardSummary { awarding: ("070", "7014"), ..vehicle("70CDCR17D1") },
        // A vehicle without a known order.
        vehicle("70CDCR17D2"),
    ])
    .await;
    let reviewer = app.reviewer_token();
    let matches = "query($filter: AwardMatchFilter) { awardMatches(filter: $filter) { totalCount
        nodes { id hasMatchedOrder award { awardId component } } } }";
    let of_number = async |number: &str, component: &str| {
        let data = app.query(&reviewer, matches, json!({})).await;
        let nodes = data["awardMatches"]["nodes"].as_array().expect("matches");
        let award = json!({ "awardId": number, "component": component });
        nodes.iter().find(|it| it["award"] == award).expect("a match").clone()
    };
    let is_queued = async |found: &Value| {
        let queue = list_queue(&app, &reviewer, json!({ "kinds": ["MATCH_FOUND"] })).await;
        queue.iter().any(|it| it["id"] == found["id"])
    };
    let queued =
        async || list_queue(&app, &reviewer, json!({ "kinds": ["MATCH_FOUND"] })).await.len();
    assert_eq!(queued().await, 4, "two orders, and two vehicles without one");
    let with_order = of_number("70CDCR17D1", "ICE").await;
    assert!(!is_queued(&with_order).await);
    assert_eq!(with_order["hasMatchedOrder"], true);
    for (number, component) in [("70CDCR17D1", "CBP"), ("70CDCR17D2", "ICE"), ("70CDCR17F1", "ICE")]
    {
        let alone = of_number(number, component).await;
        assert!(is_queued(&alone).await, "{number} of {component}");
        assert_eq!(alone["hasMatchedOrder"], false);
    }
    // A reviewer still finds the vehicle's match, and both lists have the same numbers.
    let count = async |token: &str, filter: Value| {
        let data = app.query(token, matches, json!({ "filter": filter })).await;
        data["awardMatches"]["totalCount"].as_i64().expect("a number")
    };
    assert_eq!(count(&reviewer, json!({})).await, 5);
    assert_eq!(count(&reviewer, json!({ "hasMatchedOrder": true })).await, 1);
    assert_eq!(count(&reviewer, json!({ "hasMatchedOrder": false })).await, 4);

    // Once no order is left, the vehicle is a matter itself.
    let dismiss = async |number: &str| {
        let order = of_number(number, "ICE").await;
        let input = json!({ "input": { "matchId": order["id"], "reason": "Another firm's." } });
        app.mutate_ok(&reviewer, DISMISS_MATCH, input).await;
    };
    dismiss("70CDCR17F1").await;
    assert!(!is_queued(&with_order).await, "an order is left");
    // A firm sees the match of which it has notice, and learns of no other.
    let confirmed = of_number("70CDCR17F2", "ICE").await;
    app.confirm_match(&app.supervisor_token("boss"), &confirmed).await;
    assert!(!is_queued(&with_order).await, "a confirmed order counts");
    let data = app.query(&firm.token, matches, json!({})).await;
    assert_eq!(data["awardMatches"]["totalCount"], 1);
    assert_eq!(data["awardMatches"]["nodes"][0]["hasMatchedOrder"], Value::Null);
    assert_eq!(count(&firm.token, json!({ "hasMatchedOrder": true })).await, 0);
    assert_eq!(count(&firm.token, json!({ "hasMatchedOrder": false })).await, 1);
    dismiss("70CDCR17F2").await;
    assert!(is_queued(&with_order).await);
    assert_eq!(of_number("70CDCR17D1", "ICE").await["hasMatchedOrder"], false);
    assert_eq!(queued().await, 3, "three vehicles");
    app.assert_verifies().await;
}
