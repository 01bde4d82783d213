//! A firm's people see what waits for them, and their own organizations, bids and contracts.
use candor_tests::awards::{AwardSummary, DECIDE_MATCH_APPEAL};
use candor_tests::due_times::march::{AFTER, DUE};
use candor_tests::fixtures::{Firm, agreements_statement, no_dealings};
use candor_tests::steps::{ANSWER_CLARIFICATION, DECIDE_APPEAL, classified_agreement, text};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    what_waits_is_listed_in_due_order,
    a_held_bid_says_who_has_to_act,
    a_stale_filing_waits,
    a_rejection_and_an_upheld_notice_wait,
    own_lists_are_newest_first,
    a_rivals_desk_shows_nothing_of_ours,
];

const UEI: &str = "QW3JX8L5T9R2";

const WAITING: &str = "query($first: Int, $after: String) { viewer {
    waiting(first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage }
        nodes { kind dueAt text organizationId disclosure { id } clarification { id } match { id }
            bid { id } contract { id } } } } }";
const LISTS: &str = "{ viewer { organizations { totalCount nodes { id } }
    bids { totalCount nodes { id } } contracts { totalCount nodes { id } }
    waiting { totalCount nodes { kind } } } }";

async fn list_waiting(app: &TestApp, token: &str) -> Vec<Value> {
    let data = app.query(token, WAITING, json!({})).await;
    let waiting = &data["viewer"]["waiting"];
    let nodes = waiting["nodes"].as_array().expect("items").clone();
    assert_eq!(waiting["totalCount"], nodes.len());
    nodes
}

fn kinds(nodes: &[Value]) -> Vec<&str> {
    nodes.iter().map(|it| it["kind"].as_str().expect("a kind")).collect()
}

/// Creates a firm with a question, a match, a held bid and two contracts; returns the firm and
/// the identifiers of what waits.
async fn create_busy_firm(app: &TestApp) -> (Firm, Value) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    let days = ("2025-07-01", "2026-04-30");
    let ending = app.record_contract(&department, &firm, "C-1", days, json!({})).await;
    let days = ("2025-07-01", "2028-06-30");
    app.record_contract(&department, &firm, "C-2", days, json!({})).await;
    let statement = agreements_statement(&[classified_agreement()]);
    let filed = app.file_and_load_disclosure(&firm, statement).await["id"].clone();
    let bid = app.submit_bid(&firm, &solicitation, "1000").await;
    assert_eq!(bid["bid"]["status"], "HELD", "{bid:#}");
    let question = app.request_clarification(&app.reviewer_token(), &filed, "2026-02-09").await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    let matched = app.load_only_match(&firm).await;
    app.confirm_match(&app.reviewer_token(), &matched).await;
    let ids = json!({
        "question": question, "match": matched["id"], "bid": bid["bid"]["id"],
        "ending": ending, "filed": filed,
    });
    (firm, ids)
}

async fn what_waits_is_listed_in_due_order(app: TestApp) {
    let (firm, ids) = create_busy_firm(&app).await;
    let nodes = list_waiting(&app, &firm.token).await;
    assert_eq!(kinds(&nodes), ["QUESTION", "MATCH", "BID_TO_ANSWER", "CONTRACT_ENDING"]);
    let due: Vec<_> = nodes.iter().map(|it| text(&it["dueAt"])).collect();
    assert!(due.is_sorted(), "{due:?}");
    assert_eq!(nodes[0]["clarification"]["id"], ids["question"]);
    assert_eq!(nodes[0]["disclosure"]["id"], ids["filed"]);
    assert_eq!(nodes[1]["match"]["id"], ids["match"]);
    assert_eq!(nodes[2]["bid"]["id"], ids["bid"]);
    assert_eq!(nodes[3]["contract"]["id"], ids["ending"]);
    assert!(nodes.iter().all(|it| it["organizationId"] == firm.id));
    assert_eq!(
        nodes[0]["text"],
        "Answer the reviewer's question about your disclosure by the end of Monday, February 9, \
         2026 (Los Angeles time)."
    );
    // The bid waits for the firm, in the question and in the notice, and not for a reviewer alone.
    let held = text(&nodes[2]["text"]);
    let answer = "Answer the reviewer's question by the end of Monday, February 9, 2026 (Los \
                  Angeles time).";
    assert!(held.contains(answer), "{held}");
    assert!(held.contains("File a new disclosure that lists the award"), "{held}");
    let notice = text(&nodes[1]["text"]);
    assert!(notice.contains("say why it need not be listed by the end of"), "{notice}");
    assert!(notice.contains(", or appeal by the end of "), "{notice}");
    let ends = text(&nodes[3]["text"]);
    assert!(ends.starts_with("Contract C-1 ends on Thursday, April 30, 2026. "), "{ends}");

    // The same in pages of one.
    let mut paged = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = json!({ "first": 1, "after": after });
        let data = app.query(&firm.token, WAITING, page).await;
        let page = &data["viewer"]["waiting"];
        paged.push(page["nodes"][0].clone());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(paged, nodes);
    for (name, wrong) in [("first", json!(101)), ("first", json!(-1)), ("after", json!("x"))] {
        let answer = app.execute(&firm.token, WAITING, json!({ name: wrong })).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert!(!code.is_null() && code != "INTERNAL", "{answer:#}");
    }
    // Once a deadline has passed, the text says so.
    app.advance_to(AFTER);
    let nodes = list_waiting(&app, &firm.token).await;
    let question = text(&nodes[0]["text"]);
    assert!(question.contains("now. The answer was due by the end of Monday"), "{question}");
}

async fn a_held_bid_says_who_has_to_act(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Prime Paving").await;
    let statement = agreements_statement(&[classified_agreement()]);
    let filed = app.file_and_load_disclosure(&firm, statement).await["id"].clone();
    app.submit_bid(&firm, &solicitation, "1000").await;
    let only_bid = async || {
        let nodes = list_waiting(&app, &firm.token).await;
        let bid = nodes.iter().find(|it| it["bid"]["id"] != Value::Null).expect("a bid");
        (text(&bid["kind"]), text(&bid["text"]))
    };
    let (kind, says) = only_bid().await;
    assert_eq!(kind, "BID_UNDER_REVIEW");
    assert!(says.contains("held until the City has decided. No action is needed now"), "{says}");
    let reviewer = app.reviewer_token();
    let question = app.request_clarification(&reviewer, &filed, "2026-02-09").await;
    let (kind, says) = only_bid().await;
    assert_eq!(kind, "BID_TO_ANSWER");
    assert!(says.contains("is held. Answer the reviewer's question by the end of"), "{says}");
    assert!(!says.contains("until the City has decided"), "{says}");
    app.advance_to("2026-02-10T08:00:15Z");
    app.sweep().await;
    let (kind, says) = only_bid().await;
    assert_eq!(kind, "BID_TO_ANSWER");
    assert!(says.contains("is held. Answer the reviewer's question now"), "{says}");
    // The firm has answered: the rest is the reviewer's.
    let input = json!({ "input": { "clarificationId": question, "answer": "Long Beach." } });
    app.mutate_ok(&firm.token, ANSWER_CLARIFICATION, input).await;
    let (kind, says) = only_bid().await;
    assert_eq!(kind, "BID_UNDER_REVIEW", "{says}");
}

async fn a_stale_filing_waits(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let days = ("2025-07-01", "2028-06-30");
    let parts = json!({ "clauseVersion": 1 });
    app.record_contract(&department, &firm, "C-2", days, parts).await;
    // Filed on February 2, 2026, and fresh for 365 days.
    app.advance_to("2026-12-04T20:00:00Z");
    assert_eq!(list_waiting(&app, &firm.token).await, Vec::<Value>::new());
    app.advance_to("2026-12-05T20:00:00Z");
    let nodes = list_waiting(&app, &firm.token).await;
    assert_eq!(kinds(&nodes), ["FILING_STALE"]);
    let becomes = text(&nodes[0]["text"]);
    assert!(becomes.contains("becomes stale on Wednesday, February 3, 2027"), "{becomes}");
    assert_eq!(nodes[0]["dueAt"], "2027-02-03T08:00:00+00:00");
    app.advance_to("2027-02-03T08:00:15Z");
    app.sweep().await;
    let nodes = list_waiting(&app, &firm.token).await;
    let mut listed = kinds(&nodes);
    listed.sort_unstable();
    assert_eq!(listed, ["CONTRACT_NONCOMPLIANT", "FILING_STALE"]);
    let texts: Vec<_> = nodes.iter().map(|it| text(&it["text"])).collect();
    assert!(texts.iter().all(|it| it.contains("since Wednesday, February 3, 2027")), "{texts:?}");
    // In pages of one, both are listed, although both are due at once.
    let data = app.query(&firm.token, WAITING, json!({ "first": 1 })).await;
    let after = data["viewer"]["waiting"]["pageInfo"]["endCursor"].clone();
    let data = app.query(&firm.token, WAITING, json!({ "first": 1, "after": after })).await;
    assert_eq!(data["viewer"]["waiting"]["nodes"][0], nodes[1]);
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    assert_eq!(list_waiting(&app, &firm.token).await, Vec::<Value>::new());
}

async fn a_rejection_and_an_upheld_notice_wait(app: TestApp) {
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    let statement = agreements_statement(&[classified_agreement()]);
    let filed = app.file_and_load_disclosure(&firm, statement).await["id"].clone();
    app.import_award_rows(&[AwardSummary::default()]).await;
    let matched = app.load_only_match(&firm).await;
    app.confirm_match(&app.reviewer_token(), &matched).await;
    app.reject_disclosure(&app.reviewer_token(), &filed).await;
    let nodes = list_waiting(&app, &firm.token).await;
    assert_eq!(kinds(&nodes), ["MATCH", "DISCLOSURE_REJECTED"]);
    assert_eq!(nodes[1]["disclosure"]["id"], filed);
    let rejected = text(&nodes[1]["text"]);
    assert!(rejected.contains("file a new one, or appeal by the end of "), "{rejected}");

    // While the appeals are open, nothing waits for the firm.
    let decide = |appeal: &Value| {
        json!({ "input": {
            "appealId": appeal, "outcome": "UPHELD", "explanation": "Nothing new was said.",
        } })
    };
    let supervisor = app.supervisor_token("supervisor");
    let against_rejection = app.appeal_rejection(&firm, &filed).await;
    let against_match = json!(app.appeal_match(&firm, &matched).await);
    assert_eq!(list_waiting(&app, &firm.token).await, Vec::<Value>::new());
    app.mutate_ok(&supervisor, DECIDE_APPEAL, decide(&against_rejection)).await;
    app.mutate_ok(&supervisor, DECIDE_MATCH_APPEAL, decide(&against_match)).await;
    let nodes = list_waiting(&app, &firm.token).await;
    assert_eq!(kinds(&nodes), ["MATCH", "DISCLOSURE_REJECTED"]);
    let texts: Vec<_> = nodes.iter().map(|it| text(&it["text"])).collect();
    assert!(texts[1].ends_with("names and file a new one."), "{texts:?}");
    assert!(texts[0].starts_with("File a disclosure that lists federal award"), "{texts:?}");
    assert!(texts.iter().all(|it| !it.contains("or appeal by")), "{texts:?}");
    app.file_and_load_disclosure(&firm, agreements_statement(&[classified_agreement()])).await;
    assert_eq!(kinds(&list_waiting(&app, &firm.token).await), ["MATCH"]);
}

async fn own_lists_are_newest_first(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (firm, days) =
        (app.register_disclosing_firm("Prime Paving").await, ("2025-07-01", "2028-06-30"));
    let mut bids = Vec::new();
    let mut contracts = Vec::new();
    for number in 1..=3 {
        app.advance_to(&format!("2026-02-0{number}T21:00:00Z"));
        let solicitation = app.publish_solicitation(&department, DUE).await;
        bids.insert(
            0,
            json!({ "id": app.submit_admitted_bid(&firm, &solicitation, "1000").await }),
        );
        let number = format!("C-{number}");
        let contract = app.record_contract(&department, &firm, &number, days, json!({})).await;
        contracts.insert(0, json!({ "id": contract }));
    }
    let viewer = app.query(&firm.token, LISTS, json!({})).await["viewer"].take();
    assert_eq!(viewer["bids"], json!({ "totalCount": 3, "nodes": bids }));
    assert_eq!(viewer["contracts"], json!({ "totalCount": 3, "nodes": contracts }));
    assert_eq!(viewer["organizations"], json!({ "totalCount": 1, "nodes": [{ "id": firm.id }] }));
    let pages = "query($after: String) { viewer { bids(first: 2, after: $after) {
        pageInfo { endCursor hasNextPage } nodes { id } } } }";
    let page = app.query(&firm.token, pages, json!({})).await["viewer"]["bids"].take();
    assert_eq!(page["nodes"], json!(bids[..2]));
    let after = json!({ "after": page["pageInfo"]["endCursor"] });
    let page = app.query(&firm.token, pages, after).await["viewer"]["bids"].take();
    assert_eq!(page["nodes"], json!(bids[2..]));
}

async fn a_rivals_desk_shows_nothing_of_ours(app: TestApp) {
    let (firm, _) = create_busy_firm(&app).await;
    app.advance_to(AFTER);
    let nothing = json!({ "totalCount": 0, "nodes": [] });
    let rival = app.register_firm("Rival Hauling").await;
    let viewer = app.query(&rival.token, LISTS, json!({})).await["viewer"].take();
    assert_eq!(viewer["organizations"], json!({ "totalCount": 1, "nodes": [{ "id": rival.id }] }));
    for list in ["bids", "contracts", "waiting"] {
        assert_eq!(viewer[list], nothing, "{list}");
    }
    // Nor do City staff, somebody without organizations, or a member without the bidder's role
    // have a desk.
    let staff = [Role::BcaReviewer, Role::Auditor, Role::ContractOfficer].map(|role| [role]);
    let mut others: Vec<String> =
        staff.iter().map(|roles| app.token("quillwort-paving", roles)).collect();
    others.push(app.token("nobody", &[Role::Bidder]));
    for token in others {
        let viewer = app.query(&token, LISTS, json!({})).await["viewer"].take();
        for list in ["organizations", "bids", "contracts", "waiting"] {
            assert_eq!(viewer[list], nothing, "{list}");
        }
    }
    let code = app.http_request(candor_tests::Method::POST, "/graphql");
    let answer = code.json(&json!({ "query": LISTS })).send().await.expect("an answer");
    assert!(answer.text().await.expect("a text").contains("UNAUTHENTICATED"));
    assert_eq!(list_waiting(&app, &firm.token).await.len(), 4);
}
