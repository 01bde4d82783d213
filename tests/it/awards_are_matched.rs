//! What public federal award data shows is held against what was disclosed, and the firm is heard
//! before anything is held against it.
use candor_tests::fixtures::{Department, Firm, agreements_statement, no_dealings};
use candor_tests::awards::{
    ANSWER_MATCH, APPEAL_MATCH, CONFIRM_MATCH, DECIDE_MATCH_APPEAL, DISMISS_MATCH, LINK_MATCH, AwardSummary,
};
use candor_tests::contracts::{AWARD_CONTRACT, list_findings};
use candor_tests::steps::{CREATE_ORGANIZATION, list_last_findings, list_outcomes, text};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    an_award_that_was_not_told_is_heard_before_it_bites,
    what_the_policy_did_not_ask_for_holds_no_bid,
    a_wider_scope_is_tried_on_what_is_known,
    a_match_found_later_is_seen_and_rewrites_no_decision,
    a_dismissal_holds_until_something_changes,
    an_appeal_is_decided_by_another_supervisor,
    a_firm_sees_what_was_put_to_it_and_no_score,
    a_reviewer_links_what_the_matcher_cannot_know,
    what_cannot_be_done_is_told,
    what_waits_stands_in_the_queue,
];

const UEI: &str = "QW3JX8L5T9R2";
const PARENT: &str = "KN3NM7H7GWA5";
const DUE: &str = "2026-02-11T22:00:00Z";
const LATER: &str = "2026-03-10T22:00:00Z";

/// An agreement that tells the award of [`Summary::default`].
fn telling(number: &str) -> Value {
    json!({
        "holder": { "relation": "SELF" }, "component": "ICE", "kind": "CONTRACT",
        "identifier": number, "startDate": "2025-04-01", "endDate": "2027-03-31",
        "stateAtSigning": "IN_FORCE", "natureOfWork": ["FACILITIES_AND_CONSTRUCTION"],
        "description": "Paving of a parking lot.",
        "compensation": { "pricing": "FIRM_FIXED", "current": { "certainty": "KNOWN",
            "amount": { "amount": "250000.00", "currency": "USD" } }, "terms": "On completion." },
    })
}

fn contract(bid: &Value, number: &str) -> Value {
    json!({ "input": {
        "bidId": bid, "number": number, "startDate": "2026-04-01", "endDate": "2027-02-28",
        "clauseVersion": 1,
    } })
}

async fn bid(app: &TestApp, firm: &Firm, department: &Department, due: &str) -> Value {
    let solicitation = app.publish_solicitation(department, due).await;
    app.submit_bid(firm, &solicitation, "98000").await
}

async fn an_award_that_was_not_told_is_heard_before_it_bites(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    let count = app.import_award_rows(&[AwardSummary::default()]).await;
    assert_eq!((count.new, count.matches), (1, 1));

    // The next bid is held, with the award cited.
    let held = bid(&app, &firm, &department, DUE).await;
    assert_eq!(held["bid"]["status"], "HELD", "{held:#}");
    assert_eq!(list_findings(&held["decision"]), ["award.probably_undisclosed REVIEW"]);
    let finding = &held["decision"]["findings"][0];
    let words = text(&finding["message"]);
    for part in
        ["70CDCR25FR0000011", "QUILLWORT PAVING INC", "USD 250,000.00", "Nothing is decided"]
    {
        assert!(words.contains(part), "{words}");
    }
    let open = app.load_only_match(&firm).await;
    assert_eq!((&open["status"], &open["band"]), (&json!("OPEN"), &json!("EXACT")));
    assert_eq!(open["reasons"][0]["reason"], "same UEI");
    assert_eq!(finding["path"], json!(["organization", "awards", open["id"]]));

    // A reviewer confirms it: the firm has seven business days, to the end of 11 February.
    let confirmed = app.confirm_match(&app.reviewer_token(), &open).await;
    assert_eq!(confirmed["respondBy"], "2026-02-12T08:00:00+00:00");
    let seen = app.load_bid(&firm.token, &held["bid"]["id"]).await;
    assert_eq!(list_last_findings(&seen), ["award.response_open REVIEW"]);
    let next = bid(&app, &firm, &department, LATER).await;
    assert_eq!(list_findings(&next["decision"]), ["award.response_open REVIEW"]);

    // It does not answer. The next bid is held, and not refused.
    app.advance_to("2026-02-12T07:59:59.999999Z");
    app.sweep().await;
    let seen = app.load_bid(&firm.token, &next["bid"]["id"]).await;
    assert_eq!(list_last_findings(&seen), ["award.response_open REVIEW"]);
    app.advance_to("2026-02-12T08:00:15Z");
    app.sweep().await;
    let seen = app.load_bid(&firm.token, &next["bid"]["id"]).await;
    assert_eq!(list_last_findings(&seen), ["award.confirmed_undisclosed REVIEW"]);
    let third = bid(&app, &firm, &department, LATER).await;
    assert_eq!(list_findings(&third["decision"]), ["award.confirmed_undisclosed REVIEW"]);
    assert_eq!(third["bid"]["status"], "HELD", "a bid is never refused for falsity");

    // Its award is blocked.
    app.advance_to("2026-03-10T22:00:15Z");
    let id = &third["bid"]["id"];
    let blocked = app.mutate_ok(&department.token, AWARD_CONTRACT, contract(id, "C-1")).await;
    assert_eq!(list_findings(&blocked["decision"]), ["award.confirmed_undisclosed BLOCK"]);
    assert_eq!(blocked["contract"], Value::Null);
    let remedy = text(&blocked["decision"]["findings"][0]["remedy"]);
    assert!(remedy.contains("Amend the disclosure so that it lists the award"), "{remedy}");

    // It amends and lists it; it is covered, and the contract awarded.
    let amended = app.file_and_load_disclosure(&firm, agreements_statement(&[telling("70cdcr-25-FR-0000011")])).await;
    let covered = app.load_only_match(&firm).await;
    assert_eq!(covered["status"], "COVERED");
    let coverage = json!({ "by": "NUMBER", "agreement": 0, "disclosure": { "id": amended["id"] } });
    assert_eq!(covered["coverage"], coverage);
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, contract(id, "C-1")).await;
    assert_eq!(awarded["contract"]["basis"], "GATED", "{awarded:#}");
    assert_eq!(list_findings(&awarded["decision"]), ["disclosure.corrected NOTE"]);
    app.assert_verifies().await;
}

async fn what_the_policy_did_not_ask_for_holds_no_bid(app: TestApp) {
    let department = app.create_department("BSS").await;
    let owner =
        json!({ "name": "Spicebush Holdings", "identifier": { "scheme": "UEI", "id": PARENT } });
    let input = json!({
        "kind": "CORPORATION", "legalName": "Quillwort Paving", "identifiersChecked": true,
        "identifiers": [{ "scheme": "UEI", "id": UEI }], "immediateOwner": owner,
    });
    let firm = app.register_organization("quillwort", input).await;
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.advance_to("2026-02-09T20:00:00Z");
    app.import_award_rows(&[
        AwardSummary {
            number: "A2017",
            signed_on: "2016-01-04",
            ends_on: "2017-12-31",
            ..Summary::default()
        },
        AwardSummary { number: "ANOTHING", obligated: "0.00", ..Summary::default() },
        AwardSummary { number: "AMINUS", obligated: "-1250.00", ..Summary::default() },
        AwardSummary {
            number: "APARENT",
            recipient: "SPICEBUSH HOLDINGS CORP",
            uei: PARENT,
            ..Summary::default()
        },
        AwardSummary { number: "ALATER", signed_on: "2026-02-07", ..Summary::default() },
        // Another department's.
        AwardSummary {
            number: "AARMY",
            awarding: ("097", "2100"),
            funding: ("097", "2100"),
            ..Summary::default()
        },
    ])
    .await;
    let admitted = bid(&app, &firm, &department, DUE).await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED", "{admitted:#}");
    let mut noted: Vec<String> = admitted["decision"]["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|it| {
            assert_eq!(
                (&it["code"], &it["severity"]),
                (&json!("award.out_of_scope"), &json!("NOTE"))
            );
            text(&it["message"])
        })
        .collect();
    noted.sort();
    let expected = [
        ("it ended before the time that the policy asks for", "A2017"),
        ("it is that of a firm that owns it, and the policy does not ask for those", "APARENT"),
        ("it is worth nothing by itself", "AMINUS"),
        ("it is worth nothing by itself", "ANOTHING"),
        ("it was signed after the filing, and the days to amend are not over", "ALATER"),
    ];
    assert_eq!(noted.len(), expected.len(), "{noted:#?}");
    for (words, (why, award)) in noted.iter().zip(expected) {
        assert!(words.contains(why) && words.contains(award), "{words}");
    }
    // One that the General Services Administration placed with CBP's money counts.
    app.import_award_rows(&[AwardSummary {
        number: "AGSA",
        awarding: ("047", "4732"),
        funding: ("070", "7014"),
        ..Summary::default()
    }])
    .await;
    let held = bid(&app, &firm, &department, DUE).await;
    assert_eq!(list_findings(&held["decision"])[0], "award.probably_undisclosed REVIEW");
    let words = text(&held["decision"]["findings"][0]["message"]);
    assert!(words.contains("AGSA, U.S. Customs and Border Protection"), "{words}");
    app.assert_verifies().await;
}

async fn a_wider_scope_is_tried_on_what_is_known(app: TestApp) {
    let department = app.create_department("BSS").await;
    let owner =
        json!({ "name": "Spicebush Holdings", "identifier": { "scheme": "UEI", "id": PARENT } });
    let input = json!({
        "kind": "CORPORATION", "legalName": "Quillwort Paving", "immediateOwner": owner,
        "identifiersChecked": true,
    });
    let firm = app.register_organization("quillwort", input).await;
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    let owners = ("SPICEBUSH HOLDINGS CORP", PARENT);
    let ended = AwardSummary { number: "A2", ends_on: "2025-06-30", ..Summary::default() };
    let rows = [AwardSummary::default(), ended];
    app.import_award_rows(&rows.map(|it| AwardSummary { recipient: owners.0, uei: owners.1, ..it })).await;
    assert_eq!(bid(&app, &firm, &department, DUE).await["bid"]["status"], "ADMITTED");
    app.advance_to("2026-02-11T22:00:15Z");
    let query = "query($change: PolicyChange!, $scope: SimulationScope!) {
        simulatePolicy(change: $change, scope: $scope) { subjects changed
            changedSubjects { before after addedFindings } } }";
    for (months, found) in [(0, 1), (12, 2)] {
        let change = json!({ "parameters": [
            { "name": "entityScope", "value": ["SELF", "JOINT_VENTURE_MEMBER", "PARENT"] },
            { "name": "lookBackMonths", "value": months },
        ] });
        let tried = json!({ "change": change, "scope": { "bids": {} } });
        let tried = app.query(&app.analyst_token(), query, tried).await;
        let changed = &tried["simulatePolicy"]["changedSubjects"][0];
        assert_eq!((&changed["before"], &changed["after"]), (&json!("ADMIT"), &json!("REVIEW")));
        let codes = changed["addedFindings"].as_array().expect("codes").iter();
        let probably = codes.filter(|code| **code == "award.probably_undisclosed").count();
        assert!(probably >= 1 && probably <= found, "{tried:#}");
    }
}

async fn a_match_found_later_is_seen_and_rewrites_no_decision(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    let admitted = bid(&app, &firm, &department, DUE).await["bid"].take();
    assert_eq!(admitted["status"], "ADMITTED");
    let signed = ("2026-01-05", "2026-12-31");
    app.record_contract(&department, &firm, "C-9", signed, json!({ "clauseVersion": 1 })).await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    let seen = app.load_bid(&firm.token, &admitted["id"]).await;
    assert_eq!(list_outcomes(&seen), ["ADMIT", "REVIEW"], "the past decision stands beside the new one");
    let found = app.load_only_match(&firm).await;
    let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { action } } }";
    let trail = app.query(&app.reviewer_token(), trail, json!({ "id": found["id"] })).await;
    assert_eq!(trail["auditTrail"]["nodes"], json!([{ "action": "match.found" }]));
    app.advance_to("2026-02-11T22:00:15Z");
    let screen = "{ screenBids(filter: { findings: [\"award.probably_undisclosed\"] }) {
        nodes { bid { id } findings { code } } } }";
    let rows = app.query(&app.reviewer_token(), screen, json!({})).await;
    assert_eq!(rows["screenBids"]["nodes"][0]["bid"]["id"], admitted["id"], "{rows:#}");
    let screen = "{ screenContracts { nodes { readiness contract { number } } } }";
    let rows = app.query(&app.analyst_token(), screen, json!({})).await;
    assert_eq!(rows["screenContracts"]["nodes"][0]["readiness"], "REVIEW");
    // Dismissed, the bid is admitted again.
    let input =
        json!({ "matchId": found["id"], "reason": "Another firm's number, by the agency." });
    app.mutate_ok(&app.reviewer_token(), DISMISS_MATCH, json!({ "input": input })).await;
    let seen = app.load_bid(&firm.token, &admitted["id"]).await;
    assert_eq!(list_outcomes(&seen), ["ADMIT", "REVIEW", "ADMIT"]);
    app.assert_verifies().await;
}

async fn a_dismissal_holds_until_something_changes(app: TestApp) {
    let firm = app.register_firm_attesting_none("Tamarind Fleet Leasing", UEI).await;
    // By name alone: the award data has no identifier.
    let award = AwardSummary { recipient: "TAMARIND FLEET LEASING INC", uei: "", ..Summary::default() };
    let other = AwardSummary { number: "A2", ..award.clone() };
    app.import_award_rows(&[award.clone(), other.clone()]).await;
    let matches = app.list_matches(&app.reviewer_token(), &firm).await;
    assert_eq!(matches.len(), 2, "{matches:#?}");
    assert!(matches.iter().all(|it| it["band"] == "PROBABLE" && it["status"] == "OPEN"));
    let input = json!({
        "matchId": matches[0]["id"], "reason": "A firm of the same name in Ohio.",
        "wholeRecipient": true,
    });
    app.mutate_ok(&app.reviewer_token(), DISMISS_MATCH, json!({ "input": input })).await;
    let statuses = async || {
        let seen = app.list_matches(&app.reviewer_token(), &firm).await;
        seen.iter().map(|it| text(&it["status"])).collect::<Vec<_>>()
    };
    assert_eq!(statuses().await, ["DISMISSED", "DISMISSED"]);
    // Imported again, filed again: nothing changes of either side.
    app.import_award_rows(&[award.clone(), other.clone()]).await;
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    assert_eq!(statuses().await, ["DISMISSED", "DISMISSED"]);
    // A later award of the same recipient is the same firm in Ohio's.
    app.import_award_rows(&[AwardSummary { number: "A3", ..award.clone() }]).await;
    assert_eq!(statuses().await, ["DISMISSED", "DISMISSED", "DISMISSED"]);
    // The firm is another one now, as far as anybody knows: it is looked at again.
    let update = async |name: &str| {
        let input = json!({
            "kind": "CORPORATION", "legalName": name,
            "identifiers": [{ "scheme": "UEI", "id": UEI }], "identifiersChecked": true,
        });
        let call = "mutation($id: ID!, $input: OrganizationInput!) {
            updateOrganization(id: $id, input: $input) { organization { id }
            userErrors { path code message } } }";
        app.mutate_ok(&firm.token, call, json!({ "id": firm.id, "input": input })).await;
    };
    update("Tamarind Fleet Leasing, Inc.").await;
    assert_eq!(statuses().await, ["OPEN", "OPEN", "OPEN"]);
    // Nobody takes away what holds its bids by another name.
    update("Spicebush Logistics").await;
    assert_eq!(statuses().await, ["OPEN", "OPEN", "OPEN"]);
    app.assert_verifies().await;
}

async fn an_appeal_is_decided_by_another_supervisor(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    let open = app.load_only_match(&firm).await;
    let boss = app.supervisor_token("boss");
    app.confirm_match(&boss, &open).await;
    let appeal = app.appeal_match(&firm, &open).await;
    let held = bid(&app, &firm, &department, LATER).await;
    assert_eq!(list_findings(&held["decision"]), ["award.under_appeal REVIEW"]);
    let decide = |outcome: &str| json!({ "input": { "appealId": appeal, "outcome": outcome, "explanation": "As filed." } });
    assert_eq!(app.fault_code(&boss, DECIDE_MATCH_APPEAL, decide("UPHELD")).await, "FORBIDDEN");
    let reviewer = app.fault_code(&app.reviewer_token(), DECIDE_MATCH_APPEAL, decide("UPHELD")).await;
    assert_eq!(reviewer, "FORBIDDEN");
    // While it is open, nobody else takes it back, and time does not run out.
    let dismiss = json!({ "input": { "matchId": open["id"], "reason": "So." } });
    assert_eq!(app.fault_code(&app.reviewer_token(), DISMISS_MATCH, dismiss).await, "CONFLICT");
    app.advance_to("2026-02-12T08:00:15Z");
    app.sweep().await;
    let seen = app.load_bid(&firm.token, &held["bid"]["id"]).await;
    assert_eq!(list_last_findings(&seen), ["award.under_appeal REVIEW"]);
    let other = app.supervisor_token("other");
    let upheld = app.mutate_ok(&other, DECIDE_MATCH_APPEAL, decide("UPHELD")).await;
    assert_eq!(upheld["match"]["status"], "CONFIRMED");
    assert_eq!(upheld["match"]["appeals"][0]["decidedBy"], "other");
    let seen = app.load_bid(&firm.token, &held["bid"]["id"]).await;
    assert_eq!(list_last_findings(&seen), ["award.confirmed_undisclosed REVIEW"]);
    assert_eq!(app.fault_code(&other, DECIDE_MATCH_APPEAL, decide("REOPENED")).await, "CONFLICT");
    let again = json!({ "input": { "matchId": open["id"], "statement": "Again." } });
    assert_eq!(
        app.fault_code(&firm.token, APPEAL_MATCH, again).await,
        "CONFLICT",
        "it is appealed once"
    );

    // Another firm's appeal is granted: its match is dismissed, and its bid admitted.
    let rival = app.register_firm_attesting_none("Rival Paving", PARENT).await;
    app.import_award_rows(&[AwardSummary {
        number: "A2",
        recipient: "RIVAL PAVING",
        uei: PARENT,
        ..Summary::default()
    }])
    .await;
    let open = app.load_only_match(&rival).await;
    app.confirm_match(&boss, &open).await;
    let appeal = app.appeal_match(&rival, &open).await;
    let held = bid(&app, &rival, &department, LATER).await;
    let granted = json!({ "input": {
        "appealId": appeal, "outcome": "REOPENED", "explanation": "It is another firm's." } });
    let granted = app.mutate_ok(&other, DECIDE_MATCH_APPEAL, granted).await;
    assert_eq!(granted["match"]["status"], "DISMISSED");
    let seen = app.load_bid(&rival.token, &held["bid"]["id"]).await;
    assert_eq!(seen["status"], "ADMITTED");
    // What was lifted does not come back by itself: looked at anew, nobody was heard yet.
    let link = json!({ "input": {
        "organizationId": rival.id, "awardId": open["award"]["id"], "reason": "All the same." } });
    assert_eq!(app.fault_code(&app.reviewer_token(), LINK_MATCH, link).await, "FORBIDDEN");
    let input = json!({
        "kind": "CORPORATION", "legalName": "Rival Paving", "doingBusinessAs": ["Rival Roads"],
        "identifiers": [{ "scheme": "UEI", "id": PARENT }], "identifiersChecked": true,
    });
    let update = "mutation($id: ID!, $input: OrganizationInput!) {
        updateOrganization(id: $id, input: $input) { organization { id }
        userErrors { path code message } } }";
    app.mutate_ok(&rival.token, update, json!({ "id": rival.id, "input": input })).await;
    let again = app.load_only_match(&rival).await;
    assert_eq!((&again["status"], &again["respondBy"]), (&json!("OPEN"), &Value::Null));
    let seen = app.load_bid(&rival.token, &held["bid"]["id"]).await;
    assert_eq!(list_last_findings(&seen), ["award.probably_undisclosed REVIEW"]);
    // The database itself refuses that who confirmed decides.
    let forged = "UPDATE match_appeal SET decided_by = against";
    app.run_sql(forged).await.expect_err("a refusal");
    app.assert_verifies().await;
}

async fn a_firm_sees_what_was_put_to_it_and_no_score(app: TestApp) {
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    let rival = app.register_firm_attesting_none("Rival Paving", PARENT).await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    assert_eq!(app.list_matches(&firm.token, &firm).await, Vec::<Value>::new(), "nothing is put to it");
    let open = app.load_only_match(&firm).await;
    assert!(open["score"].as_f64().expect("a score") > 0.99);
    let node = "query($id: ID!) { node(id: $id) { id } }";
    for (thing, of) in [(&open["id"], "a match"), (&open["award"]["id"], "an award")] {
        let seen = app.query(&firm.token, node, json!({ "id": thing })).await;
        assert_eq!(seen["node"], Value::Null, "{of}");
    }
    app.confirm_match(&app.reviewer_token(), &open).await;
    let seen = app.list_matches(&firm.token, &firm).await;
    let [seen] = &seen[..] else { panic!("one match: {seen:#?}") };
    assert_eq!(seen["notice"], "Public data name your UEI.");
    assert_eq!(seen["score"], Value::Null);
    assert_eq!(seen["reasons"], json!([{ "reason": "same UEI", "words": UEI, "weight": null }]));
    assert_eq!(seen["award"]["awardId"], "70CDCR25FR0000011");
    assert_eq!(app.list_matches(&rival.token, &firm).await, Vec::<Value>::new());
    let answer = json!({ "input": { "matchId": open["id"], "answer": "We sold that arm." } });
    assert_eq!(app.fault_code(&rival.token, ANSWER_MATCH, answer.clone()).await, "NOT_FOUND");
    let preparer = app.invite_member(&firm, "PREPARER").await;
    let answered = app.mutate_ok(&preparer, ANSWER_MATCH, answer.clone()).await;
    assert_eq!(answered["match"]["answer"], "We sold that arm.");
    assert_eq!(
        app.fault_code(&firm.token, ANSWER_MATCH, answer).await,
        "CONFLICT",
        "it is answered once"
    );
    let appeal = json!({ "input": { "matchId": open["id"], "statement": "It is not ours." } });
    assert_eq!(app.fault_code(&preparer, APPEAL_MATCH, appeal.clone()).await, "FORBIDDEN");
    // Thirty business days end on 16 March; seven ended on 11 February.
    app.advance_to("2026-02-12T08:00:15Z");
    let late = json!({ "input": { "matchId": open["id"], "answer": "Late." } });
    assert_eq!(app.fault_code(&firm.token, ANSWER_MATCH, late).await, "CONFLICT");
    let appeal_by = text(&app.load_only_match(&firm).await["appealBy"]);
    app.advance_to(&appeal_by);
    assert_eq!(app.fault_code(&firm.token, APPEAL_MATCH, appeal).await, "CONFLICT", "its time is over");
    app.assert_verifies().await;
}

async fn a_reviewer_links_what_the_matcher_cannot_know(app: TestApp) {
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    // Nothing in the award data says that this is the firm.
    app.import_award_rows(&[AwardSummary {
        recipient: "BRISTLECONE TOWING LLC",
        uei: PARENT,
        ..Summary::default()
    }])
    .await;
    assert_eq!(app.list_matches(&app.reviewer_token(), &firm).await, Vec::<Value>::new());
    let name = "query { screenName(name: \"Bristlecone Towing\") { federalAwards { id } } }";
    let named = app.query(&app.reviewer_token(), name, json!({})).await;
    let award = named["screenName"][0]["federalAwards"][0]["id"].clone();
    let link = |agreement: Value| {
        json!({ "input": { "organizationId": firm.id, "awardId": award, "agreement": agreement,
            "reason": "Its annual report names the subsidiary." } })
    };
    let wrong = app.mutation_errors(&app.reviewer_token(), LINK_MATCH, link(json!(0))).await;
    assert_eq!(wrong, ["input.agreement invalid"], "no agreement is on file");
    let linked = app.mutate_ok(&app.reviewer_token(), LINK_MATCH, link(Value::Null)).await;
    assert_eq!(linked["match"]["status"], "OPEN");
    assert_eq!(linked["match"]["linkedBy"], "reviewer");
    // What a person said stays when the matcher looks again.
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    assert_eq!(app.load_only_match(&firm).await["status"], "OPEN");
    // The firm tells of it under another number: a reviewer says which agreement it is.
    let mut agreement = telling("HS-2025-77");
    agreement["component"] = json!("CBP");
    app.file_and_load_disclosure(&firm, agreements_statement(&[agreement.clone()])).await;
    assert_eq!(app.load_only_match(&firm).await["status"], "OPEN");
    let linked = app.mutate_ok(&app.reviewer_token(), LINK_MATCH, link(json!(0))).await;
    assert_eq!(linked["match"]["coverage"]["by"], "LINKED", "{linked:#}");
    // It holds for the same agreement in the next filing, and no longer than that stands there.
    app.file_and_load_disclosure(&firm, agreements_statement(&[telling("OTHER"), agreement])).await;
    assert_eq!(app.load_only_match(&firm).await["coverage"]["agreement"], 1);
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    assert_eq!(app.load_only_match(&firm).await["status"], "OPEN");
    app.assert_verifies().await;
}

async fn what_cannot_be_done_is_told(app: TestApp) {
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    let open = app.load_only_match(&firm).await;
    let of = |name: &str, words: &str| json!({ "input": { "matchId": open["id"], name: words } });
    let told = app.mutation_errors(&app.reviewer_token(), CONFIRM_MATCH, of("notice", " ")).await;
    assert_eq!(told, ["input.notice required"]);
    let told = app.mutation_errors(&app.reviewer_token(), DISMISS_MATCH, of("reason", "")).await;
    assert_eq!(told, ["input.reason required"]);
    for token in [&firm.token, &app.analyst_token()] {
        let fault = app.fault_code(token, CONFIRM_MATCH, of("notice", "So.")).await;
        assert!(["FORBIDDEN", "NOT_FOUND"].contains(&&*fault), "{fault}");
    }
    let answer = app.fault_code(&firm.token, ANSWER_MATCH, of("answer", "No.")).await;
    assert_eq!(answer, "NOT_FOUND", "it was not put to the firm");
    app.confirm_match(&app.reviewer_token(), &open).await;
    let again = app.execute(&app.supervisor_token("boss"), CONFIRM_MATCH, of("notice", "So.")).await;
    let words = text(&again["errors"][0]["message"]);
    assert!(words.starts_with("reviewer confirmed it at 2026-02-02"), "{words}");
    let told = app.mutation_errors(&firm.token, ANSWER_MATCH, of("answer", "")).await;
    assert_eq!(told, ["input.answer required"]);
    let told = app.mutation_errors(&firm.token, APPEAL_MATCH, of("statement", "\u{202E}")).await;
    assert_eq!(told, ["input.statement invalid"]);
    // Names that say nothing match nobody, and nothing breaks.
    for name in ["THE COMPANY LLC", "!!! ---", "شركة الأفق", "中国建设", &"x".repeat(300)]
    {
        let seen = app
            .query(&app.reviewer_token(), candor_tests::awards::SCREEN_NAME, json!({ "name": name }))
            .await;
        assert_eq!(seen["screenName"], json!([]), "{name}");
    }
    for (variables, at) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": "x".repeat(10_000) }), "name"),
        (json!({ "name": "Quillwort", "limit": 0 }), "limit"),
        (json!({ "name": "Quillwort", "minScore": 2.0 }), "minScore"),
    ] {
        let query = candor_tests::awards::SCREEN_NAME;
        let answer = app.execute(&app.reviewer_token(), query, variables).await;
        let path = &answer["errors"][0]["extensions"]["userErrors"][0]["path"];
        assert_eq!(*path, json!([at]), "{answer:#}");
    }
    let placeholder =
        json!({ "kind": "CORPORATION", "legalName": "Miscellaneous Foreign Awardees" });
    app.mutate_ok(&firm.token, CREATE_ORGANIZATION, json!({ "input": placeholder })).await;
    app.assert_verifies().await;
}

async fn what_waits_stands_in_the_queue(app: TestApp) {
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    let queue = "{ reviewQueue { nodes { id kind dueAt match { id status
        organization { legalName } award { awardId } appeals { id } } } } }";
    let waiting = async || {
        let seen = app.query(&app.reviewer_token(), queue, json!({})).await;
        let nodes = seen["reviewQueue"]["nodes"].as_array().expect("rows").clone();
        nodes.iter().map(|it| (text(&it["kind"]), text(&it["match"]["id"]))).collect::<Vec<_>>()
    };
    let open = app.load_only_match(&firm).await;
    let id = text(&open["id"]);
    assert_eq!(waiting().await, [("MATCH_FOUND".to_owned(), id.clone())]);
    app.confirm_match(&app.reviewer_token(), &open).await;
    assert_eq!(waiting().await, [], "it is with the firm");
    let answer = json!({ "input": { "matchId": id, "answer": "We sold that arm." } });
    app.mutate_ok(&firm.token, ANSWER_MATCH, answer).await;
    assert_eq!(waiting().await, [("MATCH_ANSWERED".to_owned(), id.clone())]);
    // She considers the answer and stands by it: the firm's times stay as they are.
    let times = async || {
        let seen = app.load_only_match(&firm).await;
        (text(&seen["respondBy"]), text(&seen["appealBy"]))
    };
    let before = times().await;
    let stand = json!({ "input": { "matchId": id, "notice": "The sale was in 2019." } });
    app.mutate_ok(&app.reviewer_token(), CONFIRM_MATCH, stand.clone()).await;
    assert_eq!(times().await, before);
    assert_eq!(waiting().await, []);
    assert_eq!(app.fault_code(&app.reviewer_token(), CONFIRM_MATCH, stand).await, "CONFLICT");
    app.appeal_match(&firm, &open).await;
    assert_eq!(waiting().await, [("MATCH_APPEAL".to_owned(), id.clone())]);
    app.assert_verifies().await;
}
