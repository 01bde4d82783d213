//! Reviewers hand reviews over, accept many disclosures at once, and ask questions that are due on
//! business days.
use candor_tests::fixtures::{Firm, agreements_statement, attestation, no_dealings};
use candor_tests::steps::{
    ACCEPT_DISCLOSURE, ENTER_PAPER_DISCLOSURE, REOPEN_REVIEW, REQUEST_CLARIFICATION, TAKE_REVIEW,
    classified_agreement, find_fault_code, text,
};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_review_is_handed_over,
    a_review_is_not_handed_to_whoever_filed,
    many_disclosures_are_accepted_with_one_list_of_failures,
    too_many_disclosures_are_refused_at_once,
    a_question_is_due_on_a_business_day,
];

const ASSIGN_REVIEW: &str = "mutation($id: ID!, $to: String!) { assignReview(id: $id, to: $to) {
    disclosure { id reviewer } userErrors { path code message } } }";
const ACCEPT_DISCLOSURES: &str = "mutation($ids: [ID!]!, $remark: String) {
    acceptDisclosures(ids: $ids, remark: $remark) { disclosures { id review reviews { explanation } }
    failures { id code message } userErrors { path code message } } }";

async fn file(app: &TestApp, name: &str) -> (Firm, Value) {
    let firm = app.register_firm(name).await;
    let mut filed = app.file_and_load_disclosure(&firm, no_dealings()).await;
    (firm, filed["id"].take())
}

/// Has a reviewer enter a paper form of a firm; returns the disclosure's identifier.
async fn enter_paper(app: &TestApp, token: &str, firm: &Firm) -> Value {
    let input = json!({
        "organizationId": firm.id, "statement": no_dealings(), "signedOn": "2026-01-30",
        "attestation": attestation(),
        "paper": {
            "name": "form.pdf", "sha256": "ab".repeat(32), "link": "https://city.example/17",
        },
    });
    let mut payload = app.mutate_ok(token, ENTER_PAPER_DISCLOSURE, json!({ "input": input })).await;
    payload["disclosure"]["id"].take()
}

async fn a_review_is_handed_over(app: TestApp) {
    let (firm, id) = file(&app, "Prime Paving").await;
    let (one, two) =
        (app.token("one", &[Role::BcaReviewer]), app.token("two", &[Role::BcaReviewer]));
    let supervisor = app.supervisor_token("supervisor");
    let to = |name: &str| json!({ "id": id, "to": name });
    // Nobody holds it yet: a reviewer takes it, and only a supervisor assigns it.
    assert_eq!(app.fault_code(&one, ASSIGN_REVIEW, to("two")).await, "FORBIDDEN");
    app.mutate_ok(&one, TAKE_REVIEW, json!({ "id": id })).await;
    assert_eq!(app.fault_code(&two, ASSIGN_REVIEW, to("two")).await, "FORBIDDEN");
    let assigned = app.mutate_ok(&one, ASSIGN_REVIEW, to(" two ")).await;
    assert_eq!(assigned["disclosure"]["reviewer"], "two");
    assert_eq!(app.fault_code(&one, ASSIGN_REVIEW, to("one")).await, "FORBIDDEN");
    let before = app.select_number("SELECT COUNT(*) FROM ledger").await;
    app.mutate_ok(&two, ASSIGN_REVIEW, to("two")).await;
    for (name, expected) in [
        ("", "to required"),
        ("a\u{200B}b", "to invalid"),
        ("candor", "to invalid"),
        ("https://elsewhere.example operator", "to invalid"),
    ] {
        assert_eq!(app.mutation_errors(&two, ASSIGN_REVIEW, to(name)).await, [expected], "{name}");
    }
    assert_eq!(app.select_number("SELECT COUNT(*) FROM ledger").await, before);
    let elsewhere = "https://elsewhere.example mary";
    app.mutate_ok(&supervisor, ASSIGN_REVIEW, to(elsewhere)).await;
    app.mutate_ok(&supervisor, ASSIGN_REVIEW, to("one")).await;
    // The next reviewer acts on it as if it had been taken.
    app.mutate_ok(&one, ACCEPT_DISCLOSURE, json!({ "id": id })).await;

    let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { action actor data } } }";
    let data = app.query(&supervisor, trail, json!({ "id": id })).await;
    let entries = data["auditTrail"]["nodes"].as_array().expect("entries");
    let assigned: Vec<&Value> =
        entries.iter().filter(|entry| entry["action"] == "review.assigned").collect();
    assert_eq!(assigned.len(), 3, "{entries:#?}");
    let name = |value: &Value| text(value).rsplit(' ').next().map(str::to_owned);
    assert_eq!(name(&assigned[0]["data"]["from"]).as_deref(), Some("one"));
    assert_eq!(name(&assigned[0]["data"]["to"]).as_deref(), Some("two"));
    assert_eq!(assigned[1]["data"]["to"], elsewhere);
    let data = app.query(&firm.token, trail, json!({ "id": id })).await;
    assert!(!data.to_string().contains("review.assigned"), "{data:#}");
    app.assert_verifies().await;
}

async fn a_review_is_not_handed_to_whoever_filed(app: TestApp) {
    let firm = app.register_firm("Old Paving").await;
    let (clerk, one) =
        (app.token("clerk", &[Role::BcaReviewer]), app.token("one", &[Role::BcaReviewer]));
    let on_paper = enter_paper(&app, &clerk, &firm).await;
    app.mutate_ok(&one, TAKE_REVIEW, json!({ "id": on_paper })).await;
    let to_clerk = json!({ "id": on_paper, "to": "clerk" });
    let refused = app.mutate(&one, ASSIGN_REVIEW, to_clerk.clone()).await;
    assert_eq!(refused["userErrors"][0]["path"], json!(["to"]));
    let message = text(&refused["userErrors"][0]["message"]);
    assert!(message.contains("entered its paper form"), "{message}");
    // Nor does the clerk hand on what others must review.
    assert_eq!(app.fault_code(&clerk, ASSIGN_REVIEW, to_clerk).await, "FORBIDDEN");
}

async fn many_disclosures_are_accepted_with_one_list_of_failures(app: TestApp) {
    let (first_firm, first) = file(&app, "First").await;
    let (_, second) = file(&app, "Second").await;
    let (_, third) = file(&app, "Third").await;
    let (_, asked) = file(&app, "Asked").await;
    let unfiled = app.register_firm("Unfiled").await;
    let (draft, _) = app.save_draft(&unfiled, no_dealings()).await;
    let paper = app.register_firm("Paper").await;
    let reviewer = app.reviewer_token();
    let on_paper = enter_paper(&app, &reviewer, &paper).await;
    app.request_clarification(&reviewer, &asked, "2026-02-20").await;
    app.mutate_ok(&reviewer, ACCEPT_DISCLOSURE, json!({ "id": second })).await;
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, "2026-02-11T22:00:00Z").await;
    let held_firm = app.register_firm("Held").await;
    let statement = agreements_statement(&[classified_agreement()]);
    let held = app.file_and_load_disclosure(&held_firm, statement).await["id"].take();
    let bid = app.submit_bid(&held_firm, &solicitation, "1000").await["bid"]["id"].take();
    app.advance_to("2026-02-11T22:00:15Z");

    let ids = json!([third, first, second, first, asked, on_paper, draft, held]);
    let variables = json!({ "ids": ids, "remark": "Read." });
    for token in [&first_firm.token, &department.token, &app.analyst_token()] {
        let fault = app.fault_code(token, ACCEPT_DISCLOSURES, variables.clone()).await;
        assert_eq!(fault, "FORBIDDEN");
    }
    let payload = app.mutate_ok(&reviewer, ACCEPT_DISCLOSURES, variables).await;
    let accepted = payload["disclosures"].as_array().expect("disclosures");
    let accepted: Vec<&Value> = accepted.iter().map(|it| &it["id"]).collect();
    assert_eq!(accepted, [&third, &first, &held]);
    for disclosure in payload["disclosures"].as_array().expect("disclosures") {
        assert_eq!(disclosure["review"], "ACCEPTED");
        assert_eq!(disclosure["reviews"], json!([{ "explanation": "Read." }]));
    }
    let failures = payload["failures"].as_array().expect("failures");
    let codes: Vec<_> = failures.iter().map(|it| (&it["id"], it["code"].as_str())).collect();
    let draft = json!(draft);
    assert_eq!(
        codes,
        [
            (&second, Some("CONFLICT")),
            (&asked, Some("CONFLICT")),
            (&on_paper, Some("FORBIDDEN")),
            (&draft, Some("NOT_FOUND")),
        ]
    );
    let messages = ["reviewer accepted it", "a question is open", "you entered this paper form"];
    for (failure, message) in failures.iter().zip(messages) {
        assert!(text(&failure["message"]).contains(message), "{failure}");
    }
    let alone = app.execute(&reviewer, ACCEPT_DISCLOSURE, json!({ "id": second })).await;
    assert_eq!(find_fault_code(&alone).as_deref(), Some("CONFLICT"));
    assert_eq!(alone["errors"][0]["message"], failures[0]["message"]);
    // What depended on them was decided again.
    assert_eq!(app.load_bid(&held_firm.token, &bid).await["status"], "ADMITTED");
    app.mutate_ok(&reviewer, REOPEN_REVIEW, json!({ "id": first, "reason": "Once more." })).await;
    app.assert_verifies().await;
}

async fn too_many_disclosures_are_refused_at_once(app: TestApp) {
    let (_, filed) = file(&app, "First").await;
    let reviewer = app.reviewer_token();
    for (ids, remark, expected) in [
        (json!([]), "", "ids required"),
        (json!(vec![filed.clone(); 101]), "", "ids too_long"),
        (json!([filed]), "a\u{202E}b", "remark invalid"),
    ] {
        let variables = json!({ "ids": ids, "remark": remark });
        assert_eq!(app.mutation_errors(&reviewer, ACCEPT_DISCLOSURES, variables).await, [expected]);
    }
    let review = "query($id: ID!) { disclosure(id: $id) { review } }";
    let data = app.query(&reviewer, review, json!({ "id": filed })).await;
    assert_eq!(data["disclosure"]["review"], "UNREVIEWED");
    let variables = json!({ "ids": vec![filed; 100] });
    let payload = app.mutate_ok(&reviewer, ACCEPT_DISCLOSURES, variables).await;
    assert_eq!(payload["disclosures"].as_array().map(Vec::len), Some(1));
    assert_eq!(payload["failures"], json!([]));
}

async fn a_question_is_due_on_a_business_day(app: TestApp) {
    // Monday, February 2; Monday, February 16, is Presidents' Day.
    let (_, id) = file(&app, "Prime Paving").await;
    let reviewer = app.reviewer_token();
    let ask = |due_on: Option<&str>| json!({ "input": { "disclosureId": id, "question": "Which office?", "dueOn": due_on } });
    for (due_on, words) in [
        ("2026-02-01", "Choose the next business day, Tuesday, February 3, 2026"),
        ("2026-02-02", "Choose the next business day, Tuesday, February 3, 2026"),
        (
            "2026-02-07",
            "not a business day in the City. Choose the next one, Monday, February 9, 2026",
        ),
        ("2026-02-14", "Choose the next one, Tuesday, February 17, 2026"),
        ("2026-02-16", "Choose the next one, Tuesday, February 17, 2026"),
        ("2036-02-01", "more than a year away"),
    ] {
        let refused = app.mutate(&reviewer, REQUEST_CLARIFICATION, ask(Some(due_on))).await;
        assert_eq!(refused["userErrors"][0]["path"], json!(["input", "dueOn"]), "{due_on}");
        let message = text(&refused["userErrors"][0]["message"]);
        assert!(message.contains(words), "{due_on}: {message}");
    }
    let asked = app.mutate_ok(&reviewer, REQUEST_CLARIFICATION, ask(Some("2026-02-03"))).await;
    let questions = &asked["disclosure"]["clarifications"];
    assert_eq!(questions[0]["dueAt"], "2026-02-04T08:00:00+00:00");
    let withdraw = json!({ "id": id, "reason": "Asked too soon." });
    app.mutate_ok(&reviewer, REOPEN_REVIEW, withdraw).await;
    // Ten business days, without Presidents' Day.
    let asked = app.mutate_ok(&reviewer, REQUEST_CLARIFICATION, ask(None)).await;
    let questions = asked["disclosure"]["clarifications"].as_array().expect("questions");
    assert_eq!(questions.len(), 2);
    assert_eq!(questions[1]["dueAt"], "2026-02-18T08:00:00+00:00");
    app.assert_verifies().await;
}
