//! A reviewer requests clarifications, accepts and rejects; a firm answers and appeals; a
//! supervisor decides.
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Firm, agreements_statement, no_dealings};
use candor_tests::steps::{
    ACCEPT_DISCLOSURE, ANSWER_CLARIFICATION, APPEAL_REJECTION, DECIDE_APPEAL, REJECT_DISCLOSURE,
    REOPEN_REVIEW, REQUEST_CLARIFICATION, TAKE_REVIEW, WITHDRAW_DISCLOSURE, classified_agreement,
    find_fault_code, list_last_findings, list_outcomes,
};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_clarification_is_requested_and_answered,
    a_clarification_is_not_answered_in_time,
    a_rejection_is_appealed_upheld_and_reopened,
    an_appeal_that_is_granted_lifts_the_rejection,
    a_withdrawn_disclosure_cannot_be_reviewed_or_appealed,
    one_accepts_while_another_rejects,
    the_assigned_reviewer_is_shown,
    invalid_review_actions_change_nothing,
    the_review_queue_is_in_due_order,
];

/// Creates a firm with a disclosure and a bid on a solicitation that is due by now.
async fn create_opened_bid(app: &TestApp, statement: Value) -> (Firm, Value, Value) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Prime Paving").await;
    let filed = app.file_and_load_disclosure(&firm, statement).await;
    let bid = app.submit_bid(&firm, &solicitation, "100000").await;
    app.advance_to(AFTER);
    (firm, filed["id"].clone(), bid["bid"]["id"].clone())
}

async fn a_clarification_is_requested_and_answered(app: TestApp) {
    let (firm, disclosure, bid) =
        create_opened_bid(&app, agreements_statement(&[classified_agreement()])).await;
    let input = json!({
        "disclosureId": disclosure, "question": "Which office is it with?", "dueOn": "2026-02-18",
        "path": ["dhs", "agreements", "0", "office"],
    });
    let payload = app
        .mutate_ok(&app.reviewer_token(), REQUEST_CLARIFICATION, json!({ "input": input }))
        .await;
    let data = &payload["disclosure"];
    assert_eq!(
        (&data["review"], &data["reviewer"]),
        (&json!("CLARIFICATION_REQUESTED"), &json!("reviewer"))
    );
    assert_eq!(data["clarifications"][0]["dueAt"], "2026-02-19T08:00:00+00:00");
    let held = app.load_bid(&firm.token, &bid).await;
    let found = ["disclosure.partly_withheld REVIEW", "clarification.open REVIEW"];
    assert_eq!(list_last_findings(&held)[..2], found);
    let message = held["decisions"][1]["findings"][1]["message"].as_str().expect("words");
    assert!(message.contains("the disclosure (agreement 1, office)"), "{message}");
    assert!(message.contains("due by the end of Wednesday, February 18, 2026"), "{message}");

    let answer = json!({ "clarificationId": data["clarifications"][0]["id"], "answer": "The analysis center." });
    let rival = app.register_firm("Rival").await;
    let fault =
        app.fault_code(&rival.token, ANSWER_CLARIFICATION, json!({ "input": answer })).await;
    assert_eq!(fault, "NOT_FOUND");
    let preparer = app.invite_member(&firm, "PREPARER").await;
    let answered = app.mutate_ok(&preparer, ANSWER_CLARIFICATION, json!({ "input": answer })).await;
    assert_eq!(answered["disclosure"]["review"], "UNREVIEWED");
    assert_eq!(answered["disclosure"]["clarifications"][0]["answer"], "The analysis center.");
    let fault = app.fault_code(&preparer, ANSWER_CLARIFICATION, json!({ "input": answer })).await;
    assert_eq!(fault, "CONFLICT", "it is answered once");
    app.mutate_ok(&app.reviewer_token(), ACCEPT_DISCLOSURE, json!({ "id": disclosure })).await;
    let admitted = app.load_bid(&firm.token, &bid).await;
    assert_eq!(list_outcomes(&admitted), ["REVIEW", "REVIEW", "REVIEW", "ADMIT"]);
    assert_eq!(admitted["status"], "ADMITTED");
    app.assert_verifies().await;
}

async fn a_clarification_is_not_answered_in_time(app: TestApp) {
    let (firm, disclosure, bid) = create_opened_bid(&app, no_dealings()).await;
    let question =
        app.request_clarification(&app.reviewer_token(), &disclosure, "2026-02-12").await;
    assert_eq!(app.load_bid(&firm.token, &bid).await["status"], "HELD");
    let unanswered = json!({
        "disclosureId": disclosure, "reasons": ["UNANSWERED"], "explanation": "No answer came.",
    });
    let unanswered = json!({ "input": unanswered });
    let early = app.fault_code(&app.reviewer_token(), REJECT_DISCLOSURE, unanswered.clone()).await;
    assert_eq!(early, "CONFLICT", "the firm still has time");
    app.advance_to("2026-02-13T07:59:59.999999Z");
    assert_eq!(app.sweep().await.changed, 0);
    app.advance_to("2026-02-13T08:00:15Z");
    assert_eq!(app.sweep().await.changed, 1);
    let overdue = app.load_bid(&firm.token, &bid).await;
    assert_eq!(list_last_findings(&overdue), ["clarification.overdue REVIEW"]);
    assert_eq!(overdue["status"], "HELD", "a bid is not refused for silence alone");
    app.mutate_ok(&app.reviewer_token(), REJECT_DISCLOSURE, unanswered).await;
    let refused = app.load_bid(&firm.token, &bid).await;
    assert_eq!(list_last_findings(&refused), ["disclosure.rejected BLOCK"]);
    assert_eq!(refused["status"], "REFUSED");
    let answer = json!({ "clarificationId": question, "answer": "Late." });
    let fault = app.fault_code(&firm.token, ANSWER_CLARIFICATION, json!({ "input": answer })).await;
    assert_eq!(fault, "CONFLICT", "it was closed by the rejection");
    app.assert_verifies().await;
}

async fn decide_appeal(app: &TestApp, token: &str, appeal: &Value, outcome: &str) -> Value {
    let input =
        json!({ "appealId": appeal, "outcome": outcome, "explanation": "As the file shows." });
    app.execute(token, DECIDE_APPEAL, json!({ "input": input })).await
}

async fn a_rejection_is_appealed_upheld_and_reopened(app: TestApp) {
    let (firm, disclosure, bid) = create_opened_bid(&app, no_dealings()).await;
    let boss = app.supervisor_token("boss");
    app.reject_disclosure(&boss, &disclosure).await;
    let refused = app.load_bid(&firm.token, &bid).await;
    assert_eq!(refused["status"], "REFUSED");
    let message = refused["decisions"][1]["findings"][0]["message"].as_str().expect("words");
    assert!(message.contains(
        "(the signatory is not authorized to sign for the firm), not for what it discloses"
    ));
    assert!(message.ends_with("The signatory is not named in the articles; send a resolution."));
    let remedy = refused["decisions"][1]["findings"][0]["remedy"].as_str().expect("words");
    assert!(remedy.contains("may appeal until the end of Thursday, March 26, 2026"), "{remedy}");
    let letter = "query($id: ID!) { node(id: $id) { ... on Bid { decision { letter } } } }";
    let letter = app.query(&firm.token, letter, json!({ "id": bid })).await;
    let letter = letter["node"]["decision"]["letter"].as_str().expect("a letter");
    assert!(letter.contains("Bids were due, and the items below block this bid."), "{letter}");

    let appeal = app.appeal_rejection(&firm, &disclosure).await;
    let bid_seen = app.load_bid(&firm.token, &bid).await;
    assert_eq!(bid_seen["status"], "HELD", "a rejection can be appealed before a bid is refused");
    assert_eq!(list_last_findings(&bid_seen), ["disclosure.rejected REVIEW"]);
    let again = json!({ "input": { "disclosureId": disclosure, "grounds": "Again." } });
    assert_eq!(app.fault_code(&firm.token, APPEAL_REJECTION, again.clone()).await, "CONFLICT");
    // Neither the person who rejected it nor a reviewer may decide the appeal.
    assert_eq!(
        find_fault_code(&decide_appeal(&app, &boss, &appeal, "UPHELD").await).as_deref(),
        Some("FORBIDDEN")
    );
    let reviewer = decide_appeal(&app, &app.reviewer_token(), &appeal, "UPHELD").await;
    assert_eq!(find_fault_code(&reviewer).as_deref(), Some("FORBIDDEN"));
    let reopen = json!({ "id": disclosure, "reason": "A resolution came." });
    let fault = app.fault_code(&app.reviewer_token(), REOPEN_REVIEW, reopen.clone()).await;
    assert_eq!(fault, "CONFLICT", "the appeal is open");

    let other = app.supervisor_token("other");
    let upheld = decide_appeal(&app, &other, &appeal, "UPHELD").await;
    assert_eq!(upheld["data"]["decideAppeal"]["disclosure"]["review"], "REJECTED", "{upheld:#}");
    assert_eq!(app.load_bid(&firm.token, &bid).await["status"], "REFUSED");
    assert_eq!(app.fault_code(&firm.token, APPEAL_REJECTION, again).await, "CONFLICT");
    assert_eq!(
        find_fault_code(&decide_appeal(&app, &other, &appeal, "REOPENED").await).as_deref(),
        Some("CONFLICT")
    );

    // After another supervisor reopens it, the bid counts again.
    assert_eq!(
        app.fault_code(&app.reviewer_token(), REOPEN_REVIEW, reopen.clone()).await,
        "FORBIDDEN"
    );
    app.mutate_ok(&app.supervisor_token("third"), REOPEN_REVIEW, reopen).await;
    let back = app.load_bid(&firm.token, &bid).await;
    assert_eq!(back["status"], "ADMITTED");
    assert_eq!(list_outcomes(&back), ["ADMIT", "BLOCK", "REVIEW", "BLOCK", "ADMIT"]);
    app.assert_verifies().await;
}

async fn an_appeal_that_is_granted_lifts_the_rejection(app: TestApp) {
    let (firm, disclosure, bid) = create_opened_bid(&app, no_dealings()).await;
    app.reject_disclosure(&app.reviewer_token(), &disclosure).await;
    let preparer = app.invite_member(&firm, "PREPARER").await;
    let input = json!({ "input": { "disclosureId": disclosure, "grounds": "The owner signed." } });
    assert_eq!(app.fault_code(&preparer, APPEAL_REJECTION, input.clone()).await, "FORBIDDEN");
    let rival = app.register_firm("Rival").await;
    assert_eq!(app.fault_code(&rival.token, APPEAL_REJECTION, input.clone()).await, "NOT_FOUND");
    // Thirty business days, without Presidents' Day and Cesar Chavez Day, end on March 27.
    let reviews = "query($id: ID!) { disclosure(id: $id) { reviews { appealBy } } }";
    let data = app.query(&firm.token, reviews, json!({ "id": disclosure })).await;
    let appeal_by =
        data["disclosure"]["reviews"][0]["appealBy"].as_str().expect("a time").to_owned();
    assert_eq!(appeal_by, "2026-03-27T07:00:00+00:00");
    app.advance_to(&appeal_by);
    assert_eq!(
        app.fault_code(&firm.token, APPEAL_REJECTION, input).await,
        "CONFLICT",
        "the deadline has passed"
    );
    app.advance_to("2026-03-27T06:59:59.999999Z");
    let appeal = app.appeal_rejection(&firm, &disclosure).await;
    let granted = decide_appeal(&app, &app.supervisor_token("other"), &appeal, "REOPENED").await;
    assert_eq!(
        granted["data"]["decideAppeal"]["disclosure"]["review"], "UNREVIEWED",
        "{granted:#}"
    );
    assert_eq!(app.load_bid(&firm.token, &bid).await["status"], "ADMITTED");
    app.assert_verifies().await;
}

async fn a_withdrawn_disclosure_cannot_be_reviewed_or_appealed(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let filed = app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.reject_disclosure(&app.reviewer_token(), &filed["id"]).await;
    let appeal = app.appeal_rejection(&firm, &filed["id"]).await;
    let withdraw = json!({ "id": filed["id"], "reason": "A part was wrong." });
    let fault = app.fault_code(&firm.token, WITHDRAW_DISCLOSURE, withdraw.clone()).await;
    assert_eq!(fault, "CONFLICT", "the appeal is open");
    decide_appeal(&app, &app.supervisor_token("other"), &appeal, "UPHELD").await;
    app.mutate_ok(&firm.token, WITHDRAW_DISCLOSURE, withdraw).await;
    let accept = json!({ "id": filed["id"] });
    assert_eq!(app.fault_code(&app.reviewer_token(), ACCEPT_DISCLOSURE, accept).await, "CONFLICT");
    let next = app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.reject_disclosure(&app.reviewer_token(), &next["id"]).await;
    let withdraw = json!({ "id": next["id"], "reason": "A part was wrong." });
    app.mutate_ok(&firm.token, WITHDRAW_DISCLOSURE, withdraw).await;
    let late = json!({ "input": { "disclosureId": next["id"], "grounds": "Too late." } });
    assert_eq!(app.fault_code(&firm.token, APPEAL_REJECTION, late).await, "CONFLICT");
    app.assert_verifies().await;
}

async fn one_accepts_while_another_rejects(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    for round in 0..6 {
        let filed = app.file_and_load_disclosure(&firm, no_dealings()).await;
        let accept = json!({ "id": filed["id"] });
        let reject = json!({ "input": {
            "disclosureId": filed["id"], "reasons": ["NOT_AUTHORIZED"], "explanation": "Who signed?",
        } });
        let (one, two) =
            (app.token("first", &[Role::BcaReviewer]), app.token("second", &[Role::BcaReviewer]));
        let (accepted, rejected) = if round % 2 == 0 {
            tokio::join!(
                app.execute(&one, ACCEPT_DISCLOSURE, accept),
                app.execute(&two, REJECT_DISCLOSURE, reject)
            )
        } else {
            let (rejected, accepted) = tokio::join!(
                app.execute(&two, REJECT_DISCLOSURE, reject),
                app.execute(&one, ACCEPT_DISCLOSURE, accept)
            );
            (accepted, rejected)
        };
        let faults: Vec<_> = [(&accepted, "second rejected"), (&rejected, "first accepted")]
            .into_iter()
            .filter(|(answer, _)| answer.get("errors").is_some())
            .collect();
        let [(loser, who)] = faults[..] else { panic!("{accepted:#} {rejected:#}") };
        assert_eq!(find_fault_code(loser).as_deref(), Some("CONFLICT"));
        let message = loser["errors"][0]["message"].as_str().expect("words");
        assert!(message.starts_with(who) && message.contains("2026-02-02"), "{message}");
    }
    assert_eq!(app.select_number("SELECT COUNT(*) FROM review").await, 6);
    app.assert_verifies().await;
}

async fn the_assigned_reviewer_is_shown(app: TestApp) {
    let (firm, disclosure, _) = create_opened_bid(&app, no_dealings()).await;
    let (one, two) =
        (app.token("first", &[Role::BcaReviewer]), app.token("second", &[Role::BcaReviewer]));
    let payload = app.mutate_ok(&one, TAKE_REVIEW, json!({ "id": disclosure })).await;
    assert_eq!(payload["disclosure"]["reviewer"], "first");
    app.mutate_ok(&one, TAKE_REVIEW, json!({ "id": disclosure })).await;
    let answer = app.execute(&two, TAKE_REVIEW, json!({ "id": disclosure })).await;
    assert_eq!(find_fault_code(&answer).as_deref(), Some("CONFLICT"));
    let message = answer["errors"][0]["message"].as_str().expect("words");
    assert!(message.starts_with("first is reviewing it; to take it over"), "{message}");
    let over = app.mutate_ok(&two, TAKE_REVIEW, json!({ "id": disclosure, "from": "first" })).await;
    assert_eq!(over["disclosure"]["reviewer"], "second");
    // The firm does not see the reviewer, who is also assigned to its next filing.
    let data = "query($id: ID!) { disclosure(id: $id) { reviewer } }";
    let firms = app.query(&firm.token, data, json!({ "id": disclosure })).await;
    assert_eq!(firms["disclosure"]["reviewer"], Value::Null);
    let next = app.file_and_load_disclosure(&firm, no_dealings()).await;
    let staff = app.query(&one, data, json!({ "id": next["id"] })).await;
    assert_eq!(staff["disclosure"]["reviewer"], "second");
}

async fn invalid_review_actions_change_nothing(app: TestApp) {
    let (firm, disclosure, bid) =
        create_opened_bid(&app, agreements_statement(&[classified_agreement()])).await;
    let reviewer = app.reviewer_token();
    let before = app.select_number("SELECT COUNT(*) FROM ledger").await;
    let ask = |parts: Value| {
        let mut input =
            json!({ "disclosureId": disclosure, "question": "Why?", "dueOn": "2026-02-20" });
        for (name, part) in parts.as_object().expect("fields") {
            input[name] = part.clone();
        }
        json!({ "input": input })
    };
    for (parts, expected) in [
        (json!({ "dueOn": "2026-02-10" }), "input.dueOn invalid"),
        (json!({ "dueOn": "0000-00-00" }), "input.dueOn invalid"),
        (json!({ "dueOn": "2036-02-10" }), "input.dueOn invalid"),
        (json!({ "question": " \n" }), "input.question required"),
        (json!({ "question": "a\u{202E}b" }), "input.question invalid"),
        (json!({ "path": ["dhs", "agreements", "7"] }), "input.path invalid"),
        (json!({ "path": ["nothing", "here"] }), "input.path invalid"),
    ] {
        assert_eq!(
            app.mutation_errors(&reviewer, REQUEST_CLARIFICATION, ask(parts.clone())).await,
            [expected],
            "{parts}"
        );
    }
    let reject = |parts: Value| {
        let mut input = json!({
            "disclosureId": disclosure, "reasons": ["CONTRADICTORY"], "explanation": "Two things.",
        });
        for (name, part) in parts.as_object().expect("fields") {
            input[name] = part.clone();
        }
        json!({ "input": input })
    };
    for (parts, expected) in [
        (json!({ "reasons": [] }), "input.reasons required"),
        (json!({}), "input.paths required"),
        (json!({ "paths": [["dhs", "walls"], ["x", "y"]] }), "input.paths.1 invalid"),
        (json!({ "reasons": ["NOT_AUTHORIZED"], "explanation": "" }), "input.explanation required"),
        (json!({ "reasons": ["UNANSWERED"] }), "input.reasons invalid"),
    ] {
        assert_eq!(
            app.mutation_errors(&reviewer, REJECT_DISCLOSURE, reject(parts.clone())).await,
            [expected],
            "{parts}"
        );
    }
    // Disclosed dealings are no reason to reject: the enum of reasons has no value for them.
    let answer = app
        .execute(&reviewer, REJECT_DISCLOSURE, reject(json!({ "reasons": ["WORKS_FOR_ICE"] })))
        .await;
    assert_eq!(find_fault_code(&answer).as_deref(), Some("BAD_USER_INPUT"), "{answer:#}");
    let nothing_rejected = json!({ "input": { "disclosureId": disclosure, "grounds": "Why?" } });
    assert_eq!(app.fault_code(&firm.token, APPEAL_REJECTION, nothing_rejected).await, "CONFLICT");
    let reopen = json!({ "id": disclosure, "reason": "A mistake." });
    assert_eq!(app.fault_code(&reviewer, REOPEN_REVIEW, reopen).await, "CONFLICT");
    for role in [Role::ContractOfficer, Role::CaoAnalyst, Role::Auditor, Role::Admin] {
        let staff = app.token("staff", &[role]);
        let fault = app.fault_code(&staff, ACCEPT_DISCLOSURE, json!({ "id": disclosure })).await;
        assert!(["FORBIDDEN", "NOT_FOUND"].contains(&&*fault), "{role:?} {fault}");
    }
    assert_eq!(app.select_number("SELECT COUNT(*) FROM ledger").await, before, "nothing changed");

    // A disclosure that was reviewed a moment ago.
    app.mutate_ok(&reviewer, ACCEPT_DISCLOSURE, json!({ "id": disclosure })).await;
    for (call, variables) in [
        (ACCEPT_DISCLOSURE, json!({ "id": disclosure })),
        (REJECT_DISCLOSURE, reject(json!({ "reasons": ["NOT_AUTHORIZED"] }))),
        (REQUEST_CLARIFICATION, ask(json!({}))),
    ] {
        assert_eq!(app.fault_code(&reviewer, call, variables).await, "CONFLICT", "{call}");
    }
    assert_eq!(list_outcomes(&app.load_bid(&firm.token, &bid).await), ["REVIEW", "ADMIT"]);
    app.assert_verifies().await;
}

const QUEUE: &str =
    "query($kinds: [ReviewItemKind!]! = [], $reviewer: String, $assigned: Boolean) {
    reviewQueue(kinds: $kinds, reviewer: $reviewer, assigned: $assigned) { totalCount nodes {
        kind dueAt overdue reviewer bid { id } clarification { answer } appeal { grounds }
        disclosure { organization { legalName } } } } }";

/// Describes the queue's items by kind and firm.
fn describe_queue(queue: &Value) -> Vec<String> {
    let items = queue["reviewQueue"]["nodes"].as_array().expect("items");
    let describe = |item: &Value| {
        let firm = item["disclosure"]["organization"]["legalName"].as_str().unwrap_or("nobody");
        format!("{} {firm}", item["kind"].as_str().expect("a kind"))
    };
    items.iter().map(describe).collect()
}

async fn the_review_queue_is_in_due_order(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (soon, later) = (
        app.publish_solicitation(&department, DUE).await,
        app.publish_solicitation(&department, "2026-02-12T22:00:00Z").await,
    );
    let mut filed = Vec::new();
    for (name, statement) in [
        ("Held", agreements_statement(&[classified_agreement()])),
        ("Sealed", agreements_statement(&[classified_agreement()])),
        ("Answers", no_dealings()),
        ("Silent", no_dealings()),
        ("Appeals", no_dealings()),
    ] {
        let firm = app.register_firm(name).await;
        let disclosure = app.file_and_load_disclosure(&firm, statement).await["id"].clone();
        filed.push((firm, disclosure));
    }
    app.submit_bid(&filed[0].0, &soon, "1000").await;
    app.submit_bid(&filed[1].0, &later, "1000").await;
    let one = app.token("first", &[Role::BcaReviewer]);
    let question = app.request_clarification(&one, &filed[2].1, "2026-02-20").await;
    app.request_clarification(&one, &filed[3].1, "2026-02-09").await;
    app.reject_disclosure(&app.reviewer_token(), &filed[4].1).await;
    app.appeal_rejection(&filed[4].0, &filed[4].1).await;
    let answer = json!({ "input": { "clarificationId": question, "answer": "None." } });
    app.advance_to("2026-02-03T20:00:00Z");
    app.mutate_ok(&filed[2].0.token, ANSWER_CLARIFICATION, answer).await;

    let data = app.query(&one, QUEUE, json!({})).await;
    assert_eq!(
        describe_queue(&data),
        ["APPEAL Appeals", "ANSWER_RECEIVED Answers"],
        "the rest is not due"
    );
    app.advance_to(AFTER);
    let data = app.query(&one, QUEUE, json!({})).await;
    let all =
        ["APPEAL Appeals", "ANSWER_RECEIVED Answers", "QUESTION_OVERDUE Silent", "BID_HELD Held"];
    assert_eq!(describe_queue(&data), all);
    assert_eq!(data["reviewQueue"]["totalCount"], 4);
    let nodes = &data["reviewQueue"]["nodes"];
    assert_eq!(nodes[0]["appeal"]["grounds"], "The owner signed.");
    assert_eq!(nodes[1]["clarification"]["answer"], "None.");
    assert_eq!((&nodes[2]["reviewer"], &nodes[3]["reviewer"]), (&json!("first"), &Value::Null));
    let mine = app.query(&one, QUEUE, json!({ "reviewer": "first" })).await;
    assert_eq!(describe_queue(&mine), [all[1], all[2]]);
    let free = app.query(&one, QUEUE, json!({ "assigned": false })).await;
    assert_eq!(describe_queue(&free), [all[3]]);
    let held = app.query(&one, QUEUE, json!({ "kinds": ["BID_HELD"] })).await;
    assert_eq!(describe_queue(&held), [all[3]]);
    // A decided item leaves the queue; the other solicitation's bid enters it when due.
    app.mutate_ok(&one, ACCEPT_DISCLOSURE, json!({ "id": filed[2].1 })).await;
    app.mutate_ok(&one, ACCEPT_DISCLOSURE, json!({ "id": filed[0].1 })).await;
    app.advance_to("2026-02-12T22:00:15Z");
    let data = app.query(&one, QUEUE, json!({})).await;
    assert_eq!(describe_queue(&data), [all[0], all[2], "BID_HELD Sealed"]);
}
