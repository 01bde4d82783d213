//! Federal award data is compared with disclosures. A firm gets notice and time to respond before a
//! match can block an award.
use candor_tests::awards::{
    ANSWER_MATCH, APPEAL_MATCH, AwardSummary, CONFIRM_MATCH, DECIDE_MATCH_APPEAL, DISMISS_MATCH,
    LINK_MATCH,
};
use candor_tests::contracts::{AWARD_CONTRACT, award_of_bid, list_findings};
use candor_tests::due_times::february::DUE;
use candor_tests::fixtures::{Department, Firm, agreements_statement, no_dealings};
use candor_tests::steps::{CREATE_ORGANIZATION, list_last_findings, list_outcomes, text};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    an_undisclosed_award_blocks_only_after_notice_and_response,
    an_award_outside_the_policys_scope_does_not_hold_a_bid,
    a_wider_scope_is_simulated_on_known_awards,
    a_later_match_adds_a_decision_and_changes_none,
    changed_data_of_an_award_is_decided_on_again,
    a_dismissal_lasts_until_either_side_changes,
    an_appeal_is_decided_by_another_supervisor,
    a_firm_sees_confirmed_matches_without_scores,
    a_reviewer_links_a_match_the_matcher_cannot_find,
    invalid_match_actions_are_refused,
    open_matches_are_in_the_review_queue,
];

const UEI: &str = "QW3JX8L5T9R2";
const PARENT: &str = "KN3NM7H7GWA5";
const LATER: &str = "2026-03-10T22:00:00Z";

/// Returns an agreement that discloses the award of [`AwardSummary::default`].
fn matching_agreement(number: &str) -> Value {
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
    award_of_bid(bid, number, ("2026-04-01", "2027-02-28"), 1)
}

async fn bid(app: &TestApp, firm: &Firm, department: &Department, due: &str) -> Value {
    let solicitation = app.publish_solicitation(department, due).await;
    app.submit_bid(firm, &solicitation, "98000").await
}

async fn an_undisclosed_award_blocks_only_after_notice_and_response(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    let count = app.import_award_rows(&[AwardSummary::default()]).await;
    assert_eq!((count.new, count.matches), (1, 1));

    // The next bid is held, and the finding cites the award.
    let held = bid(&app, &firm, &department, DUE).await;
    assert_eq!(held["bid"]["status"], "HELD", "{held:#}");
    assert_eq!(list_findings(&held["decision"]), ["award.probably_undisclosed REVIEW"]);
    let finding = &held["decision"]["findings"][0];
    let words = text(&finding["message"]);
    for part in
        ["70CDCR25FR0000011", "QUILLWORT PAVING INC", "USD 250,000.00", "No decision about it"]
    {
        assert!(words.contains(part), "{words}");
    }
    let open = app.load_only_match(&firm).await;
    assert_eq!((&open["status"], &open["band"]), (&json!("OPEN"), &json!("EXACT")));
    assert_eq!(open["reasons"][0]["reason"], "same UEI");
    assert_eq!(finding["path"], json!(["organization", "awards", open["id"]]));

    // A reviewer confirms the match: the firm has seven business days to respond, until the end of
    // February 11.
    let confirmed = app.confirm_match(&app.reviewer_token(), &open).await;
    assert_eq!(confirmed["respondBy"], "2026-02-12T08:00:00+00:00");
    let data = app.load_bid(&firm.token, &held["bid"]["id"]).await;
    assert_eq!(list_last_findings(&data), ["award.response_open REVIEW"]);
    let next = bid(&app, &firm, &department, LATER).await;
    assert_eq!(list_findings(&next["decision"]), ["award.response_open REVIEW"]);

    // The firm does not respond. The next bid is held, not refused.
    app.advance_to("2026-02-12T07:59:59.999999Z");
    app.sweep().await;
    let data = app.load_bid(&firm.token, &next["bid"]["id"]).await;
    assert_eq!(list_last_findings(&data), ["award.response_open REVIEW"]);
    app.advance_to("2026-02-12T08:00:15Z");
    app.sweep().await;
    let data = app.load_bid(&firm.token, &next["bid"]["id"]).await;
    assert_eq!(list_last_findings(&data), ["award.confirmed_undisclosed REVIEW"]);
    let third = bid(&app, &firm, &department, LATER).await;
    assert_eq!(list_findings(&third["decision"]), ["award.confirmed_undisclosed REVIEW"]);
    assert_eq!(third["bid"]["status"], "HELD", "a bid is never refused for falsity");

    // The award to it is blocked.
    app.advance_to("2026-03-10T22:00:15Z");
    let id = &third["bid"]["id"];
    let blocked = app.mutate_ok(&department.token, AWARD_CONTRACT, contract(id, "C-1")).await;
    assert_eq!(list_findings(&blocked["decision"]), ["award.confirmed_undisclosed BLOCK"]);
    assert_eq!(blocked["contract"], Value::Null);
    let remedy = text(&blocked["decision"]["findings"][0]["remedy"]);
    assert!(remedy.contains("File a new disclosure that lists the award"), "{remedy}");

    // The firm amends its disclosure; the match is covered and the contract awarded.
    let amended = app
        .file_and_load_disclosure(
            &firm,
            agreements_statement(&[matching_agreement("70cdcr-25-FR-0000011")]),
        )
        .await;
    let covered = app.load_only_match(&firm).await;
    assert_eq!(covered["status"], "COVERED");
    let coverage = json!({ "by": "NUMBER", "agreement": 0, "disclosure": { "id": amended["id"] } });
    assert_eq!(covered["coverage"], coverage);
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, contract(id, "C-1")).await;
    assert_eq!(awarded["contract"]["basis"], "GATED", "{awarded:#}");
    assert_eq!(list_findings(&awarded["decision"]), ["disclosure.corrected NOTE"]);
    app.assert_verifies().await;
}

async fn an_award_outside_the_policys_scope_does_not_hold_a_bid(app: TestApp) {
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
            ..AwardSummary::default()
        },
        AwardSummary { number: "ANOTHING", obligated: "0.00", ..AwardSummary::default() },
        AwardSummary { number: "AMINUS", obligated: "-1250.00", ..AwardSummary::default() },
        AwardSummary {
            number: "APARENT",
            recipient: "SPICEBUSH HOLDINGS CORP",
            uei: PARENT,
            ..AwardSummary::default()
        },
        AwardSummary { number: "ALATER", signed_on: "2026-02-07", ..AwardSummary::default() },
        // An award of another federal department.
        AwardSummary {
            number: "AARMY",
            awarding: ("097", "2100"),
            funding: ("097", "2100"),
            ..AwardSummary::default()
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
        (
            "it belongs to a firm that owns the firm, and the policy does not ask for such",
            "APARENT",
        ),
        ("it carries no money of its own", "AMINUS"),
        ("it carries no money of its own", "ANOTHING"),
        ("it ended before the period that the policy asks about", "A2017"),
        ("it was signed after the filing, and the time to amend has not ended", "ALATER"),
    ];
    assert_eq!(noted.len(), expected.len(), "{noted:#?}");
    for (words, (why, award)) in noted.iter().zip(expected) {
        assert!(words.contains(why) && words.contains(award), "{words}");
    }
    // An award that the General Services Administration placed with CBP's money counts.
    app.import_award_rows(&[AwardSummary {
        number: "AGSA",
        awarding: ("047", "4732"),
        funding: ("070", "7014"),
        ..AwardSummary::default()
    }])
    .await;
    let held = bid(&app, &firm, &department, DUE).await;
    assert_eq!(list_findings(&held["decision"])[0], "award.probably_undisclosed REVIEW");
    let words = text(&held["decision"]["findings"][0]["message"]);
    assert!(words.contains("AGSA, U.S. Customs and Border Protection"), "{words}");
    app.assert_verifies().await;
}

async fn a_wider_scope_is_simulated_on_known_awards(app: TestApp) {
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
    let ended = AwardSummary { number: "A2", ends_on: "2025-06-30", ..AwardSummary::default() };
    let rows = [AwardSummary::default(), ended];
    app.import_award_rows(&rows.map(|it| AwardSummary {
        recipient: owners.0,
        uei: owners.1,
        ..it
    }))
    .await;
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

async fn a_later_match_adds_a_decision_and_changes_none(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    let admitted = bid(&app, &firm, &department, DUE).await["bid"].take();
    assert_eq!(admitted["status"], "ADMITTED");
    let signed = ("2026-01-05", "2026-12-31");
    app.record_contract(&department, &firm, "C-9", signed, json!({ "clauseVersion": 1 })).await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    let data = app.load_bid(&firm.token, &admitted["id"]).await;
    assert_eq!(list_outcomes(&data), ["ADMIT", "REVIEW"], "the earlier decision remains");
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
    // After the dismissal the bid is admitted again.
    let input =
        json!({ "matchId": found["id"], "reason": "Another firm's number, by the agency." });
    app.mutate_ok(&app.reviewer_token(), DISMISS_MATCH, json!({ "input": input })).await;
    let data = app.load_bid(&firm.token, &admitted["id"]).await;
    assert_eq!(list_outcomes(&data), ["ADMIT", "REVIEW", "ADMIT"]);
    app.assert_verifies().await;
}

async fn changed_data_of_an_award_is_decided_on_again(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    let award = |obligated| AwardSummary { obligated, ..AwardSummary::default() };
    app.import_award_rows(&[award("0.00")]).await;
    let admitted = bid(&app, &firm, &department, DUE).await["bid"].take();
    assert_eq!(admitted["status"], "ADMITTED");
    let days = ("2026-01-05", "2026-12-31");
    app.record_contract(&department, &firm, "C-9", days, json!({ "clauseVersion": 1 })).await;
    // The match of the firm stays as it is: the same name and numbers.
    let count = app.import_award_rows(&[award("250000.00")]).await;
    assert_eq!((count.changed, count.matches), (1, 0));
    let data = app.load_bid(&firm.token, &admitted["id"]).await;
    assert_eq!(list_outcomes(&data), ["ADMIT", "REVIEW"]);
    assert_eq!(list_last_findings(&data), ["award.probably_undisclosed REVIEW"]);
    let screen = "{ screenContracts { nodes { readiness } } }";
    let rows = app.query(&app.analyst_token(), screen, json!({})).await;
    assert_eq!(rows["screenContracts"]["nodes"][0]["readiness"], "REVIEW");
    app.assert_verifies().await;
}

async fn a_dismissal_lasts_until_either_side_changes(app: TestApp) {
    let firm = app.register_firm_attesting_none("Tamarind Fleet Leasing", UEI).await;
    // Matched by name only: the award data has no identifier.
    let award = AwardSummary {
        recipient: "TAMARIND FLEET LEASING INC",
        uei: "",
        ..AwardSummary::default()
    };
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
        let data = app.list_matches(&app.reviewer_token(), &firm).await;
        data.iter().map(|it| text(&it["status"])).collect::<Vec<_>>()
    };
    assert_eq!(statuses().await, ["DISMISSED", "DISMISSED"]);
    // A repeated import and filing change neither side.
    app.import_award_rows(&[award.clone(), other.clone()]).await;
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    assert_eq!(statuses().await, ["DISMISSED", "DISMISSED"]);
    // A later award of the same recipient is to the same firm in Ohio.
    app.import_award_rows(&[AwardSummary { number: "A3", ..award.clone() }]).await;
    assert_eq!(statuses().await, ["DISMISSED", "DISMISSED", "DISMISSED"]);
    // The firm's data has changed: the match is reviewed again.
    let update = async |name: &str| {
        let input = json!({
            "kind": "CORPORATION", "legalName": name,
            "identifiers": [{ "scheme": "UEI", "id": UEI }], "identifiersChecked": true,
        });
        let updated = app.update_organization(&firm, input).await;
        assert_eq!(updated["userErrors"], json!([]), "{updated:#}");
    };
    update("Tamarind Fleet Leasing, Inc.").await;
    assert_eq!(statuses().await, ["OPEN", "OPEN", "OPEN"]);
    // A firm cannot remove a match that holds its bids by changing its name.
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
    let reviewer =
        app.fault_code(&app.reviewer_token(), DECIDE_MATCH_APPEAL, decide("UPHELD")).await;
    assert_eq!(reviewer, "FORBIDDEN");
    // While the appeal is open, no other supervisor can dismiss the match, and deadlines do not
    // expire.
    let dismiss = json!({ "input": { "matchId": open["id"], "reason": "So." } });
    assert_eq!(app.fault_code(&app.reviewer_token(), DISMISS_MATCH, dismiss).await, "CONFLICT");
    app.advance_to("2026-02-12T08:00:15Z");
    app.sweep().await;
    let data = app.load_bid(&firm.token, &held["bid"]["id"]).await;
    assert_eq!(list_last_findings(&data), ["award.under_appeal REVIEW"]);
    let other = app.supervisor_token("other");
    let upheld = app.mutate_ok(&other, DECIDE_MATCH_APPEAL, decide("UPHELD")).await;
    assert_eq!(upheld["match"]["status"], "CONFIRMED");
    assert_eq!(upheld["match"]["appeals"][0]["decidedBy"], "other");
    let data = app.load_bid(&firm.token, &held["bid"]["id"]).await;
    assert_eq!(list_last_findings(&data), ["award.confirmed_undisclosed REVIEW"]);
    assert_eq!(app.fault_code(&other, DECIDE_MATCH_APPEAL, decide("REOPENED")).await, "CONFLICT");
    let again = json!({ "input": { "matchId": open["id"], "statement": "Again." } });
    assert_eq!(
        app.fault_code(&firm.token, APPEAL_MATCH, again).await,
        "CONFLICT",
        "it is appealed once"
    );

    // Another firm's appeal is granted: its match is dismissed and its bid admitted.
    let rival = app.register_firm_attesting_none("Rival Paving", PARENT).await;
    app.import_award_rows(&[AwardSummary {
        number: "A2",
        recipient: "RIVAL PAVING",
        uei: PARENT,
        ..AwardSummary::default()
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
    let data = app.load_bid(&rival.token, &held["bid"]["id"]).await;
    assert_eq!(data["status"], "ADMITTED");
    // A granted appeal is final until the match is reviewed again with a new notice.
    let link = json!({ "input": {
        "organizationId": rival.id, "awardId": open["award"]["id"], "reason": "All the same." } });
    assert_eq!(app.fault_code(&app.reviewer_token(), LINK_MATCH, link).await, "FORBIDDEN");
    let input = json!({
        "kind": "CORPORATION", "legalName": "Rival Paving", "doingBusinessAs": ["Rival Roads"],
        "identifiers": [{ "scheme": "UEI", "id": PARENT }], "identifiersChecked": true,
    });
    let updated = app.update_organization(&rival, input).await;
    assert_eq!(updated["userErrors"], json!([]), "{updated:#}");
    let again = app.load_only_match(&rival).await;
    assert_eq!((&again["status"], &again["respondBy"]), (&json!("OPEN"), &Value::Null));
    let data = app.load_bid(&rival.token, &held["bid"]["id"]).await;
    assert_eq!(list_last_findings(&data), ["award.probably_undisclosed REVIEW"]);
    // The database refuses a decision by the person who confirmed.
    let forged = "UPDATE match_appeal SET decided_by = against";
    app.run_sql(forged).await.expect_err("a refusal");
    app.assert_verifies().await;
}

async fn a_firm_sees_confirmed_matches_without_scores(app: TestApp) {
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    let rival = app.register_firm_attesting_none("Rival Paving", PARENT).await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    assert_eq!(
        app.list_matches(&firm.token, &firm).await,
        Vec::<Value>::new(),
        "no match is confirmed"
    );
    let open = app.load_only_match(&firm).await;
    assert!(open["score"].as_f64().expect("a score") > 0.99);
    let node = "query($id: ID!) { node(id: $id) { id } }";
    for (thing, of) in [(&open["id"], "a match"), (&open["award"]["id"], "an award")] {
        let data = app.query(&firm.token, node, json!({ "id": thing })).await;
        assert_eq!(data["node"], Value::Null, "{of}");
    }
    app.confirm_match(&app.reviewer_token(), &open).await;
    let data = app.list_matches(&firm.token, &firm).await;
    let [data] = &data[..] else { panic!("one match: {data:#?}") };
    assert_eq!(data["notice"], "Public data name your UEI.");
    assert_eq!(data["score"], Value::Null);
    assert_eq!(data["reasons"], json!([{ "reason": "same UEI", "words": UEI, "weight": null }]));
    assert_eq!(data["award"]["awardId"], "70CDCR25FR0000011");
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
    // Thirty business days end on March 16; seven ended on February 11.
    app.advance_to("2026-02-12T08:00:15Z");
    let late = json!({ "input": { "matchId": open["id"], "answer": "Late." } });
    assert_eq!(app.fault_code(&firm.token, ANSWER_MATCH, late).await, "CONFLICT");
    let appeal_by = text(&app.load_only_match(&firm).await["appealBy"]);
    app.advance_to(&appeal_by);
    assert_eq!(
        app.fault_code(&firm.token, APPEAL_MATCH, appeal).await,
        "CONFLICT",
        "the deadline has passed"
    );
    app.assert_verifies().await;
}

async fn a_reviewer_links_a_match_the_matcher_cannot_find(app: TestApp) {
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    // Nothing in the award data identifies this firm.
    app.import_award_rows(&[AwardSummary {
        recipient: "BRISTLECONE TOWING LLC",
        uei: PARENT,
        ..AwardSummary::default()
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
    // A person's decision remains when the matcher runs again.
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    assert_eq!(app.load_only_match(&firm).await["status"], "OPEN");
    // The firm disclosed it under another number: a reviewer names the agreement.
    let mut agreement = matching_agreement("HS-2025-77");
    agreement["component"] = json!("CBP");
    app.file_and_load_disclosure(&firm, agreements_statement(&[agreement.clone()])).await;
    assert_eq!(app.load_only_match(&firm).await["status"], "OPEN");
    let linked = app.mutate_ok(&app.reviewer_token(), LINK_MATCH, link(json!(0))).await;
    assert_eq!(linked["match"]["coverage"]["by"], "LINKED", "{linked:#}");
    // The link applies to the same agreement in the next filing, and ends when that agreement is
    // removed.
    app.file_and_load_disclosure(
        &firm,
        agreements_statement(&[matching_agreement("OTHER"), agreement]),
    )
    .await;
    assert_eq!(app.load_only_match(&firm).await["coverage"]["agreement"], 1);
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    assert_eq!(app.load_only_match(&firm).await["status"], "OPEN");
    app.assert_verifies().await;
}

async fn invalid_match_actions_are_refused(app: TestApp) {
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    let open = app.load_only_match(&firm).await;
    let of = |name: &str, words: &str| json!({ "input": { "matchId": open["id"], name: words } });
    let errors = app.mutation_errors(&app.reviewer_token(), CONFIRM_MATCH, of("notice", " ")).await;
    assert_eq!(errors, ["input.notice required"]);
    let errors = app.mutation_errors(&app.reviewer_token(), DISMISS_MATCH, of("reason", "")).await;
    assert_eq!(errors, ["input.reason required"]);
    for token in [&firm.token, &app.analyst_token()] {
        let fault = app.fault_code(token, CONFIRM_MATCH, of("notice", "So.")).await;
        assert!(["FORBIDDEN", "NOT_FOUND"].contains(&&*fault), "{fault}");
    }
    let answer = app.fault_code(&firm.token, ANSWER_MATCH, of("answer", "No.")).await;
    assert_eq!(answer, "NOT_FOUND", "the match is not confirmed");
    app.confirm_match(&app.reviewer_token(), &open).await;
    let again =
        app.execute(&app.supervisor_token("boss"), CONFIRM_MATCH, of("notice", "So.")).await;
    let words = text(&again["errors"][0]["message"]);
    assert!(words.starts_with("reviewer confirmed this match already"), "{words}");
    let errors = app.mutation_errors(&firm.token, ANSWER_MATCH, of("answer", "")).await;
    assert_eq!(errors, ["input.answer required"]);
    let errors = app.mutation_errors(&firm.token, APPEAL_MATCH, of("statement", "\u{202E}")).await;
    assert_eq!(errors, ["input.statement invalid"]);
    // Names without distinctive words match no one and cause no error.
    for name in ["THE COMPANY LLC", "!!! ---", "شركة الأفق", "中国建设", &"x".repeat(300)]
    {
        let data = app
            .query(
                &app.reviewer_token(),
                candor_tests::awards::SCREEN_NAME,
                json!({ "name": name }),
            )
            .await;
        assert_eq!(data["screenName"], json!([]), "{name}");
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

async fn open_matches_are_in_the_review_queue(app: TestApp) {
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    let queue = "{ reviewQueue { nodes { id kind dueAt match { id status
        organization { legalName } award { awardId } appeals { id } } } } }";
    let waiting = async || {
        let data = app.query(&app.reviewer_token(), queue, json!({})).await;
        let nodes = data["reviewQueue"]["nodes"].as_array().expect("rows").clone();
        nodes.iter().map(|it| (text(&it["kind"]), text(&it["match"]["id"]))).collect::<Vec<_>>()
    };
    let open = app.load_only_match(&firm).await;
    let id = text(&open["id"]);
    assert_eq!(waiting().await, [("MATCH_FOUND".to_owned(), id.clone())]);
    app.confirm_match(&app.reviewer_token(), &open).await;
    assert_eq!(waiting().await, [], "the firm must respond");
    let answer = json!({ "input": { "matchId": id, "answer": "We sold that arm." } });
    app.mutate_ok(&firm.token, ANSWER_MATCH, answer).await;
    assert_eq!(waiting().await, [("MATCH_ANSWERED".to_owned(), id.clone())]);
    // The reviewer considers the response and upholds the match: the firm's deadlines do not
    // change.
    let times = async || {
        let data = app.load_only_match(&firm).await;
        (text(&data["respondBy"]), text(&data["appealBy"]))
    };
    let before = times().await;
    let uphold = json!({ "input": { "matchId": id, "notice": "The sale was in 2019." } });
    app.mutate_ok(&app.reviewer_token(), CONFIRM_MATCH, uphold.clone()).await;
    assert_eq!(times().await, before);
    assert_eq!(waiting().await, []);
    assert_eq!(app.fault_code(&app.reviewer_token(), CONFIRM_MATCH, uphold).await, "CONFLICT");
    app.appeal_match(&firm, &open).await;
    assert_eq!(waiting().await, [("MATCH_APPEAL".to_owned(), id.clone())]);
    app.assert_verifies().await;
}
