//! A reviewer asks, accepts, rejects; a firm answers and appeals; a supervisor decides.
use candor_tests::affairs::{Firm, agreements, nothing};
use candor_tests::steps::{
    ACCEPT, ANSWER, APPEAL, ASK, DECIDE_APPEAL, REJECT, REOPEN, TAKE, WITHDRAW, classified, code,
    last_found, outcomes,
};
use candor_tests::{City, Role, stories};
use serde_json::{Value, json};

stories![
    a_question_is_asked_and_answered,
    a_question_is_not_answered_in_its_time,
    a_rejection_is_appealed_upheld_and_reopened,
    an_appeal_that_is_granted_lifts_the_rejection,
    what_was_withdrawn_is_not_argued_about,
    one_accepts_while_another_rejects,
    who_is_on_it_is_told,
    what_cannot_be_done_is_told_and_changes_nothing,
    the_queue_has_what_waits_in_due_order,
];

const DUE: &str = "2026-02-11T22:00:00Z";
const AFTER: &str = "2026-02-11T22:00:15Z";

/// A firm that filed, its disclosure, its bid on a solicitation that is due by now.
async fn opened(city: &City, statement: Value) -> (Firm, Value, Value) {
    let department = city.department("BSS").await;
    let solicitation = city.solicited(&department, DUE).await;
    let firm = city.firm("Prime Paving").await;
    let filed = city.filed(&firm, statement).await;
    let bid = city.submit(&firm, &solicitation, "100000").await;
    city.advance_to(AFTER);
    (firm, filed["id"].clone(), bid["bid"]["id"].clone())
}

async fn a_question_is_asked_and_answered(city: City) {
    let (firm, disclosure, bid) = opened(&city, agreements(&[classified()])).await;
    let input = json!({
        "disclosureId": disclosure, "question": "Which office is it with?", "dueOn": "2026-02-18",
        "path": ["dhs", "agreements", "0", "office"],
    });
    let asked = city.done(&city.reviewer(), ASK, json!({ "input": input })).await;
    let seen = &asked["disclosure"];
    assert_eq!(
        (&seen["review"], &seen["reviewer"]),
        (&json!("CLARIFICATION_REQUESTED"), &json!("reviewer"))
    );
    assert_eq!(seen["clarifications"][0]["dueAt"], "2026-02-19T08:00:00+00:00");
    let held = city.bid_of(&firm.token, &bid).await;
    let found = ["disclosure.partly_withheld REVIEW", "clarification.open REVIEW"];
    assert_eq!(last_found(&held)[..2], found);
    let words = held["decisions"][1]["findings"][1]["message"].as_str().expect("words");
    assert!(words.contains("the disclosure's dhs.agreements.0.office"), "{words}");
    assert!(words.contains("until the end of Wednesday, 18 February 2026"), "{words}");

    let answer = json!({ "clarificationId": seen["clarifications"][0]["id"], "answer": "The analysis center." });
    let rival = city.firm("Rival").await;
    let fault = city.fault(&rival.token, ANSWER, json!({ "input": answer })).await;
    assert_eq!(fault, "NOT_FOUND");
    let preparer = city.member(&firm, "PREPARER").await;
    let answered = city.done(&preparer, ANSWER, json!({ "input": answer })).await;
    assert_eq!(answered["disclosure"]["review"], "UNREVIEWED");
    assert_eq!(answered["disclosure"]["clarifications"][0]["answer"], "The analysis center.");
    let fault = city.fault(&preparer, ANSWER, json!({ "input": answer })).await;
    assert_eq!(fault, "CONFLICT", "it is answered once");
    city.done(&city.reviewer(), ACCEPT, json!({ "id": disclosure })).await;
    let admitted = city.bid_of(&firm.token, &bid).await;
    assert_eq!(outcomes(&admitted), ["REVIEW", "REVIEW", "REVIEW", "ADMIT"]);
    assert_eq!(admitted["status"], "ADMITTED");
    city.verified().await;
}

async fn a_question_is_not_answered_in_its_time(city: City) {
    let (firm, disclosure, bid) = opened(&city, nothing()).await;
    let question = city.asks(&city.reviewer(), &disclosure, "2026-02-12").await;
    assert_eq!(city.bid_of(&firm.token, &bid).await["status"], "HELD");
    let unanswered = json!({
        "disclosureId": disclosure, "reasons": ["UNANSWERED"], "explanation": "No answer came.",
    });
    let unanswered = json!({ "input": unanswered });
    let early = city.fault(&city.reviewer(), REJECT, unanswered.clone()).await;
    assert_eq!(early, "CONFLICT", "the firm still has time");
    city.advance_to("2026-02-13T07:59:59.999999Z");
    assert_eq!(city.sweep().await.decided, 0);
    city.advance_to("2026-02-13T08:00:15Z");
    assert_eq!(city.sweep().await.decided, 1);
    let overdue = city.bid_of(&firm.token, &bid).await;
    assert_eq!(last_found(&overdue), ["clarification.overdue REVIEW"]);
    assert_eq!(overdue["status"], "HELD", "a bid is not refused for silence alone");
    city.done(&city.reviewer(), REJECT, unanswered).await;
    let refused = city.bid_of(&firm.token, &bid).await;
    assert_eq!(last_found(&refused), ["disclosure.rejected BLOCK"]);
    assert_eq!(refused["status"], "REFUSED");
    let answer = json!({ "clarificationId": question, "answer": "Late." });
    let fault = city.fault(&firm.token, ANSWER, json!({ "input": answer })).await;
    assert_eq!(fault, "CONFLICT", "it was closed by the rejection");
    city.verified().await;
}

async fn decides(city: &City, token: &str, appeal: &Value, outcome: &str) -> Value {
    let input =
        json!({ "appealId": appeal, "outcome": outcome, "explanation": "As the file shows." });
    city.ask(token, DECIDE_APPEAL, json!({ "input": input })).await
}

async fn a_rejection_is_appealed_upheld_and_reopened(city: City) {
    let (firm, disclosure, bid) = opened(&city, nothing()).await;
    let boss = city.supervisor("boss");
    city.rejects(&boss, &disclosure).await;
    let refused = city.bid_of(&firm.token, &bid).await;
    assert_eq!(refused["status"], "REFUSED");
    let words = refused["decisions"][1]["findings"][0]["message"].as_str().expect("words");
    assert!(words.contains("(who signed may not sign for the firm), not for what it discloses"));
    assert!(words.ends_with("The signatory is not named in the articles; send a resolution."));
    let remedy = refused["decisions"][1]["findings"][0]["remedy"].as_str().expect("words");
    assert!(remedy.ends_with("or appeal by the end of Thursday, 26 March 2026."), "{remedy}");
    let letter = "query($id: ID!) { node(id: $id) { ... on Bid { decision { letter } } } }";
    let letter = city.data(&firm.token, letter, json!({ "id": bid })).await;
    let letter = letter["node"]["decision"]["letter"].as_str().expect("a letter");
    assert!(
        letter.contains("Bids were due, and what is named below stands in its way."),
        "{letter}"
    );

    let appeal = city.appeals(&firm, &disclosure).await;
    let heard = city.bid_of(&firm.token, &bid).await;
    assert_eq!(heard["status"], "HELD", "nobody is refused unheard");
    assert_eq!(last_found(&heard), ["disclosure.rejected REVIEW"]);
    let again = json!({ "input": { "disclosureId": disclosure, "grounds": "Again." } });
    assert_eq!(city.fault(&firm.token, APPEAL, again.clone()).await, "CONFLICT");
    // Who rejected it decides no appeal, a reviewer neither.
    assert_eq!(code(&decides(&city, &boss, &appeal, "UPHELD").await).as_deref(), Some("FORBIDDEN"));
    let reviewer = decides(&city, &city.reviewer(), &appeal, "UPHELD").await;
    assert_eq!(code(&reviewer).as_deref(), Some("FORBIDDEN"));
    let reopen = json!({ "id": disclosure, "reason": "A resolution came." });
    let fault = city.fault(&city.reviewer(), REOPEN, reopen.clone()).await;
    assert_eq!(fault, "CONFLICT", "the appeal is open");

    let other = city.supervisor("other");
    let upheld = decides(&city, &other, &appeal, "UPHELD").await;
    assert_eq!(upheld["data"]["decideAppeal"]["disclosure"]["review"], "REJECTED", "{upheld:#}");
    assert_eq!(city.bid_of(&firm.token, &bid).await["status"], "REFUSED");
    assert_eq!(city.fault(&firm.token, APPEAL, again).await, "CONFLICT");
    assert_eq!(
        code(&decides(&city, &other, &appeal, "REOPENED").await).as_deref(),
        Some("CONFLICT")
    );

    // Reopened by another supervisor: the bid counts again.
    assert_eq!(city.fault(&city.reviewer(), REOPEN, reopen.clone()).await, "FORBIDDEN");
    city.done(&city.supervisor("third"), REOPEN, reopen).await;
    let back = city.bid_of(&firm.token, &bid).await;
    assert_eq!(back["status"], "ADMITTED");
    assert_eq!(outcomes(&back), ["ADMIT", "BLOCK", "REVIEW", "BLOCK", "ADMIT"]);
    city.verified().await;
}

async fn an_appeal_that_is_granted_lifts_the_rejection(city: City) {
    let (firm, disclosure, bid) = opened(&city, nothing()).await;
    city.rejects(&city.reviewer(), &disclosure).await;
    let preparer = city.member(&firm, "PREPARER").await;
    let input = json!({ "input": { "disclosureId": disclosure, "grounds": "The owner signed." } });
    assert_eq!(city.fault(&preparer, APPEAL, input.clone()).await, "FORBIDDEN");
    let rival = city.firm("Rival").await;
    assert_eq!(city.fault(&rival.token, APPEAL, input.clone()).await, "NOT_FOUND");
    // Thirty business days, Presidents' Day and Cesar Chavez Day left out, end on 27 March.
    let reviews = "query($id: ID!) { disclosure(id: $id) { reviews { appealBy } } }";
    let seen = city.data(&firm.token, reviews, json!({ "id": disclosure })).await;
    let appeal_by =
        seen["disclosure"]["reviews"][0]["appealBy"].as_str().expect("a time").to_owned();
    assert_eq!(appeal_by, "2026-03-27T07:00:00+00:00");
    city.advance_to(&appeal_by);
    assert_eq!(city.fault(&firm.token, APPEAL, input).await, "CONFLICT", "its time is over");
    city.advance_to("2026-03-27T06:59:59.999999Z");
    let appeal = city.appeals(&firm, &disclosure).await;
    let granted = decides(&city, &city.supervisor("other"), &appeal, "REOPENED").await;
    assert_eq!(
        granted["data"]["decideAppeal"]["disclosure"]["review"], "UNREVIEWED",
        "{granted:#}"
    );
    assert_eq!(city.bid_of(&firm.token, &bid).await["status"], "ADMITTED");
    city.verified().await;
}

async fn what_was_withdrawn_is_not_argued_about(city: City) {
    let firm = city.firm("Prime Paving").await;
    let filed = city.filed(&firm, nothing()).await;
    city.rejects(&city.reviewer(), &filed["id"]).await;
    let appeal = city.appeals(&firm, &filed["id"]).await;
    let withdraw = json!({ "id": filed["id"], "reason": "A part was wrong." });
    let fault = city.fault(&firm.token, WITHDRAW, withdraw.clone()).await;
    assert_eq!(fault, "CONFLICT", "the appeal is open");
    decides(&city, &city.supervisor("other"), &appeal, "UPHELD").await;
    city.done(&firm.token, WITHDRAW, withdraw).await;
    let accept = json!({ "id": filed["id"] });
    assert_eq!(city.fault(&city.reviewer(), ACCEPT, accept).await, "CONFLICT");
    let next = city.filed(&firm, nothing()).await;
    city.rejects(&city.reviewer(), &next["id"]).await;
    let withdraw = json!({ "id": next["id"], "reason": "A part was wrong." });
    city.done(&firm.token, WITHDRAW, withdraw).await;
    let late = json!({ "input": { "disclosureId": next["id"], "grounds": "Too late." } });
    assert_eq!(city.fault(&firm.token, APPEAL, late).await, "CONFLICT");
    city.verified().await;
}

async fn one_accepts_while_another_rejects(city: City) {
    let firm = city.firm("Prime Paving").await;
    for round in 0..6 {
        let filed = city.filed(&firm, nothing()).await;
        let accept = json!({ "id": filed["id"] });
        let reject = json!({ "input": {
            "disclosureId": filed["id"], "reasons": ["NOT_AUTHORISED"], "explanation": "Who signed?",
        } });
        let (one, two) =
            (city.token("first", &[Role::BcaReviewer]), city.token("second", &[Role::BcaReviewer]));
        let (accepted, rejected) = if round % 2 == 0 {
            tokio::join!(city.ask(&one, ACCEPT, accept), city.ask(&two, REJECT, reject))
        } else {
            let (rejected, accepted) =
                tokio::join!(city.ask(&two, REJECT, reject), city.ask(&one, ACCEPT, accept));
            (accepted, rejected)
        };
        let faults: Vec<_> = [(&accepted, "second rejected"), (&rejected, "first accepted")]
            .into_iter()
            .filter(|(answer, _)| answer.get("errors").is_some())
            .collect();
        let [(loser, who)] = faults[..] else { panic!("{accepted:#} {rejected:#}") };
        assert_eq!(code(loser).as_deref(), Some("CONFLICT"));
        let words = loser["errors"][0]["message"].as_str().expect("words");
        assert!(words.starts_with(who) && words.contains("2026-02-02"), "{words}");
    }
    assert_eq!(city.count("SELECT COUNT(*) FROM review").await, 6);
    city.verified().await;
}

async fn who_is_on_it_is_told(city: City) {
    let (firm, disclosure, _) = opened(&city, nothing()).await;
    let (one, two) =
        (city.token("first", &[Role::BcaReviewer]), city.token("second", &[Role::BcaReviewer]));
    let taken = city.done(&one, TAKE, json!({ "id": disclosure })).await;
    assert_eq!(taken["disclosure"]["reviewer"], "first");
    city.done(&one, TAKE, json!({ "id": disclosure })).await;
    let answer = city.ask(&two, TAKE, json!({ "id": disclosure })).await;
    assert_eq!(code(&answer).as_deref(), Some("CONFLICT"));
    let words = answer["errors"][0]["message"].as_str().expect("words");
    assert!(words.starts_with("first is on it since 2026-02-11"), "{words}");
    let over = city.done(&two, TAKE, json!({ "id": disclosure, "from": "first" })).await;
    assert_eq!(over["disclosure"]["reviewer"], "second");
    // The firm does not learn who; whoever is on it stays on the next filing.
    let seen = "query($id: ID!) { disclosure(id: $id) { reviewer } }";
    let firms = city.data(&firm.token, seen, json!({ "id": disclosure })).await;
    assert_eq!(firms["disclosure"]["reviewer"], Value::Null);
    let next = city.filed(&firm, nothing()).await;
    let staff = city.data(&one, seen, json!({ "id": next["id"] })).await;
    assert_eq!(staff["disclosure"]["reviewer"], "second");
}

async fn what_cannot_be_done_is_told_and_changes_nothing(city: City) {
    let (firm, disclosure, bid) = opened(&city, agreements(&[classified()])).await;
    let reviewer = city.reviewer();
    let before = city.count("SELECT COUNT(*) FROM ledger").await;
    let ask = |parts: Value| {
        let mut input =
            json!({ "disclosureId": disclosure, "question": "Why?", "dueOn": "2026-02-20" });
        for (name, part) in parts.as_object().expect("fields") {
            input[name] = part.clone();
        }
        json!({ "input": input })
    };
    for (parts, told) in [
        (json!({ "dueOn": "2026-02-10" }), "input.dueOn invalid"),
        (json!({ "dueOn": "0000-00-00" }), "input.dueOn invalid"),
        (json!({ "dueOn": "2036-02-10" }), "input.dueOn invalid"),
        (json!({ "question": " \n" }), "input.question required"),
        (json!({ "question": "a\u{202E}b" }), "input.question invalid"),
        (json!({ "path": ["dhs", "agreements", "7"] }), "input.path invalid"),
        (json!({ "path": ["nothing", "here"] }), "input.path invalid"),
    ] {
        assert_eq!(city.to_mend(&reviewer, ASK, ask(parts.clone())).await, [told], "{parts}");
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
    for (parts, told) in [
        (json!({ "reasons": [] }), "input.reasons required"),
        (json!({}), "input.paths required"),
        (json!({ "paths": [["dhs", "walls"], ["x", "y"]] }), "input.paths.1 invalid"),
        (json!({ "reasons": ["NOT_AUTHORISED"], "explanation": "" }), "input.explanation required"),
        (json!({ "reasons": ["UNANSWERED"] }), "input.reasons invalid"),
    ] {
        assert_eq!(city.to_mend(&reviewer, REJECT, reject(parts.clone())).await, [told], "{parts}");
    }
    // What is disclosed is no reason: the list is closed, and there is no such word in it.
    let answer = city.ask(&reviewer, REJECT, reject(json!({ "reasons": ["WORKS_FOR_ICE"] }))).await;
    assert_eq!(code(&answer).as_deref(), Some("BAD_USER_INPUT"), "{answer:#}");
    let nothing_rejected = json!({ "input": { "disclosureId": disclosure, "grounds": "Why?" } });
    assert_eq!(city.fault(&firm.token, APPEAL, nothing_rejected).await, "CONFLICT");
    let reopen = json!({ "id": disclosure, "reason": "A mistake." });
    assert_eq!(city.fault(&reviewer, REOPEN, reopen).await, "CONFLICT");
    for role in [Role::ContractOfficer, Role::CaoAnalyst, Role::Auditor, Role::Admin] {
        let staff = city.token("staff", &[role]);
        let fault = city.fault(&staff, ACCEPT, json!({ "id": disclosure })).await;
        assert!(["FORBIDDEN", "NOT_FOUND"].contains(&&*fault), "{role:?} {fault}");
    }
    assert_eq!(city.count("SELECT COUNT(*) FROM ledger").await, before, "nothing changed");

    // Reviewing what was reviewed a moment ago.
    city.done(&reviewer, ACCEPT, json!({ "id": disclosure })).await;
    for (call, variables) in [
        (ACCEPT, json!({ "id": disclosure })),
        (REJECT, reject(json!({ "reasons": ["NOT_AUTHORISED"] }))),
        (ASK, ask(json!({}))),
    ] {
        assert_eq!(city.fault(&reviewer, call, variables).await, "CONFLICT", "{call}");
    }
    assert_eq!(outcomes(&city.bid_of(&firm.token, &bid).await), ["REVIEW", "ADMIT"]);
    city.verified().await;
}

const QUEUE: &str = "query($kinds: [ReviewItemKind!]! = [], $reviewer: String, $taken: Boolean) {
    reviewQueue(kinds: $kinds, reviewer: $reviewer, taken: $taken) { totalCount nodes {
        kind dueAt overdue reviewer bid { id } clarification { answer } appeal { grounds }
        disclosure { organization { legalName } } } } }";

/// What waits, each as its kind and the firm.
fn waiting(queue: &Value) -> Vec<String> {
    let items = queue["reviewQueue"]["nodes"].as_array().expect("items");
    let told = |item: &Value| {
        let firm = item["disclosure"]["organization"]["legalName"].as_str().unwrap_or("nobody");
        format!("{} {firm}", item["kind"].as_str().expect("a kind"))
    };
    items.iter().map(told).collect()
}

async fn the_queue_has_what_waits_in_due_order(city: City) {
    let department = city.department("BSS").await;
    let (soon, later) = (
        city.solicited(&department, DUE).await,
        city.solicited(&department, "2026-02-12T22:00:00Z").await,
    );
    let mut filed = Vec::new();
    for (name, statement) in [
        ("Held", agreements(&[classified()])),
        ("Sealed", agreements(&[classified()])),
        ("Answers", nothing()),
        ("Silent", nothing()),
        ("Appeals", nothing()),
    ] {
        let firm = city.firm(name).await;
        let disclosure = city.filed(&firm, statement).await["id"].clone();
        filed.push((firm, disclosure));
    }
    city.submit(&filed[0].0, &soon, "1000").await;
    city.submit(&filed[1].0, &later, "1000").await;
    let one = city.token("first", &[Role::BcaReviewer]);
    let question = city.asks(&one, &filed[2].1, "2026-02-20").await;
    city.asks(&one, &filed[3].1, "2026-02-09").await;
    city.rejects(&city.reviewer(), &filed[4].1).await;
    city.appeals(&filed[4].0, &filed[4].1).await;
    let answer = json!({ "input": { "clarificationId": question, "answer": "None." } });
    city.advance_to("2026-02-03T20:00:00Z");
    city.done(&filed[2].0.token, ANSWER, answer).await;

    let seen = city.data(&one, QUEUE, json!({})).await;
    assert_eq!(
        waiting(&seen),
        ["APPEAL Appeals", "ANSWER_RECEIVED Answers"],
        "the rest is not due"
    );
    city.advance_to(AFTER);
    let seen = city.data(&one, QUEUE, json!({})).await;
    let all =
        ["APPEAL Appeals", "ANSWER_RECEIVED Answers", "QUESTION_OVERDUE Silent", "BID_HELD Held"];
    assert_eq!(waiting(&seen), all);
    assert_eq!(seen["reviewQueue"]["totalCount"], 4);
    let nodes = &seen["reviewQueue"]["nodes"];
    assert_eq!(nodes[0]["appeal"]["grounds"], "The owner signed.");
    assert_eq!(nodes[1]["clarification"]["answer"], "None.");
    assert_eq!((&nodes[2]["reviewer"], &nodes[3]["reviewer"]), (&json!("first"), &Value::Null));
    let mine = city.data(&one, QUEUE, json!({ "reviewer": "first" })).await;
    assert_eq!(waiting(&mine), [all[1], all[2]]);
    let free = city.data(&one, QUEUE, json!({ "taken": false })).await;
    assert_eq!(waiting(&free), [all[3]]);
    let held = city.data(&one, QUEUE, json!({ "kinds": ["BID_HELD"] })).await;
    assert_eq!(waiting(&held), [all[3]]);
    // What was decided waits no more; the other solicitation's bid does once it is due.
    city.done(&one, ACCEPT, json!({ "id": filed[2].1 })).await;
    city.done(&one, ACCEPT, json!({ "id": filed[0].1 })).await;
    city.advance_to("2026-02-12T22:00:15Z");
    let seen = city.data(&one, QUEUE, json!({})).await;
    assert_eq!(waiting(&seen), [all[0], all[2], "BID_HELD Sealed"]);
}
