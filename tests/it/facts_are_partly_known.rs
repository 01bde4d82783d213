//! Forms accept what a firm knows: a start by month or year, or the reason why it is unknown; processors
//! in five answers; places outside the United States. Each gap and each answer says what it leads to.
use candor_tests::awards::AwardSummary;
use candor_tests::due_times::march::DUE;
use candor_tests::fixtures::{
    Firm, agreements_statement, e_verify_agreement, list_finding_codes, no_dealings,
};
use candor_tests::steps::{
    CREATE_ORGANIZATION, ENTER_PAPER_DISCLOSURE, FILE_DISCLOSURE, SAVE_DRAFT, detention_agreement,
    format_user_errors, signatory_attestation, text,
};
use candor_tests::{Role, TestApp, stories, subject_email};
use serde_json::{Value, json};

stories![
    partly_known_facts_are_filed_compared_screened_and_printed,
    an_award_is_covered_by_an_agreement_whose_start_is_partly_known,
    gaps_and_answers_say_what_they_lead_to,
    the_missing_email_address_is_a_gap_before_signing,
    places_outside_the_united_states_need_no_state,
];

/// An agreement whose start is known as `start` says, or unknown.
fn agreement(component: &str, start: Option<&str>) -> Value {
    let mut agreement = detention_agreement();
    let fields = agreement.as_object_mut().expect("fields");
    fields.insert("component".to_owned(), json!(component));
    fields.insert("identifier".to_owned(), json!(format!("{component}-1")));
    if let Some(start) = start {
        fields.insert("startDate".to_owned(), json!(start));
    } else {
        fields.remove("startDate");
        fields.insert("startUnknownReason".to_owned(), json!("Bought with a Quimbyville firm."));
    }
    agreement
}

/// Three payroll services, in five answers.
fn payroll() -> Value {
    json!({
        "recipientClass": "payroll", "recipientCount": 3,
        "dataCategories": ["EMPLOYMENT_INFORMATION"], "includesCityData": false,
        "onwardToDhs": "UNKNOWN",
    })
}

/// A day, a month, a year and an unknown start, and an enrollment by year; and processors.
fn partly_known() -> Value {
    let mut enrollment = e_verify_agreement();
    enrollment["startDate"] = json!("2019");
    let agreements = [
        agreement("ICE", Some("2009-06-01")),
        agreement("CBP", Some("2011-05")),
        agreement("FEMA", Some("2013")),
        agreement("TSA", None),
        enrollment,
    ];
    json!({ "dhs": { "agreements": agreements }, "dataSharing": { "arrangements": [payroll()] } })
}

async fn count_bids(app: &TestApp, filter: Value) -> i64 {
    let count = "query($filter: BidFilter) { screenBids(filter: $filter) { totalCount } }";
    let counted = app.query(&app.reviewer_token(), count, json!({ "filter": filter })).await;
    counted["screenBids"]["totalCount"].as_i64().expect("a number")
}

async fn partly_known_facts_are_filed_compared_screened_and_printed(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Acosta Sweeping").await;
    let filed = app.file_and_load_disclosure(&firm, partly_known()).await;
    let canonical = text(&filed["canonical"]);
    for part in [
        r#""startDate":"2009-06-01""#,
        r#""startDate":"2011-05""#,
        r#""startDate":"2013""#,
        r#""startUnknownReason":"Bought with a Quimbyville firm.""#,
        // Nothing but the kind is added to the five answers.
        r#"{"arrangements":[{"dataCategories":["EMPLOYMENT_INFORMATION"],"includesCityData":false,"onwardToDhs":"UNKNOWN","recipientClass":"payroll","recipientCount":3,"recipientKind":"PROCESSOR"}]}"#,
    ] {
        assert!(canonical.contains(part), "{part} is not in {canonical}");
    }

    // The bid is admitted, and its letter notes what is listed.
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let bid = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(bid["bid"]["status"], "ADMITTED", "{bid:#}");
    let letter = text(&bid["decision"]["letter"]);
    for component in ["Immigration and Customs Enforcement", "Transportation Security"] {
        assert!(letter.contains(component), "{letter}");
    }
    let receipt = "query($id: ID!) { disclosure(id: $id) { receipt } }";
    let receipt = app.query(&firm.token, receipt, json!({ "id": filed["id"] })).await;
    let receipt = text(&receipt["disclosure"]["receipt"]);
    assert!(receipt.contains('5') && receipt.contains(&text(&filed["sha256"])), "{receipt}");

    // Once bids are due, staff screen what the bid's disclosure says.
    app.advance_to("2026-03-10T22:00:15Z");
    app.sweep().await;
    let by = |filter: Value| json!({ "agreement": filter });
    for (filter, bids) in [
        (by(json!({ "startPrecision": ["YEAR"], "components": ["FEMA"] })), 1),
        (by(json!({ "startPrecision": ["YEAR"], "components": ["CBP"] })), 0),
        (by(json!({ "startPrecision": ["UNKNOWN", "MONTH"] })), 1),
        // A year and a month begin on their first day; an unknown start may be any day.
        (by(json!({ "runsUntil": "2013-01-01", "components": ["FEMA"] })), 1),
        (by(json!({ "runsUntil": " 2013-01-01 ", "components": ["FEMA"] })), 1),
        (by(json!({ "runsUntil": "2012-12-31", "components": ["FEMA"] })), 0),
        (by(json!({ "runsUntil": "2011-05-01", "components": ["CBP"] })), 1),
        (by(json!({ "runsUntil": "2011-04-30", "components": ["CBP"] })), 0),
        (by(json!({ "runsUntil": "1950-01-01", "components": ["TSA"] })), 1),
        (by(json!({ "runsUntil": "1950-01-01", "components": ["ICE"] })), 0),
        (
            json!({ "arrangement": { "recipientKinds": ["PROCESSOR"], "onwardToDhs": ["UNKNOWN"] } }),
            1,
        ),
        (json!({ "text": "Quimbyville" }), 1),
    ] {
        assert_eq!(count_bids(&app, filter.clone()).await, bids, "{filter}");
    }
    let facets =
        "{ screenBids { facets { component { value count } recipientKind { value count } } } }";
    let facets = app.query(&app.reviewer_token(), facets, json!({})).await;
    let facets = &facets["screenBids"]["facets"];
    assert_eq!(facets["component"].as_array().map(Vec::len), Some(5), "{facets}");
    assert_eq!(facets["recipientKind"], json!([{ "value": "PROCESSOR", "count": 1 }]));

    // A later filing knows more. The agreements are paired, and the starts are changes.
    let mut more = partly_known();
    let agreements = &mut more["dhs"]["agreements"];
    agreements[1]["startDate"] = json!("2011-05-17");
    agreements[3]["startDate"] = json!("2015");
    agreements[3].as_object_mut().expect("fields").remove("startUnknownReason");
    agreements[4]["startDate"] = json!("2019-03");
    let later = app.file_and_load_disclosure(&firm, more).await;
    let compare = "query($a: ID!, $b: ID!) { compareDisclosures(a: $a, b: $b) {
        agreements { change beforeIndex afterIndex fields { path before after } }
        arrangements { change } } }";
    let ids = json!({ "a": filed["id"], "b": later["id"] });
    for token in [firm.token.clone(), app.reviewer_token()] {
        let compared = app.query(&token, compare, ids.clone()).await;
        let changed = |index: i64, fields: Value| json!({ "change": "CHANGED", "beforeIndex": index, "afterIndex": index, "fields": fields });
        let agreements = json!([
            changed(
                1,
                json!([{ "path": ["startDate"], "before": "2011-05", "after": "2011-05-17" }])
            ),
            changed(
                3,
                json!([
                    { "path": ["startDate"], "before": null, "after": "2015" },
                    { "path": ["startUnknownReason"], "before": "Bought with a Quimbyville firm.",
                        "after": null },
                ])
            ),
            changed(4, json!([{ "path": ["startDate"], "before": "2019", "after": "2019-03" }])),
        ]);
        let expected = json!({ "agreements": agreements, "arrangements": [] });
        assert_eq!(compared["compareDisclosures"], expected);
    }
    app.assert_verifies().await;
}

async fn an_award_is_covered_by_an_agreement_whose_start_is_partly_known(app: TestApp) {
    const UEI: &str = "QW3JX8L5T9R2";
    let department = app.create_department("BSS").await;
    let firm = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    for (start, findings) in [
        // The award ends on 2027-03-31, and the year and the month may begin before.
        (Some("2027"), vec!["dhs.agreement_disclosed"]),
        (Some("2027-03"), vec!["dhs.agreement_disclosed"]),
        (None, vec!["dhs.agreement_disclosed"]),
        (Some("2027-04"), vec!["award.probably_undisclosed"]),
    ] {
        let mut listed = agreement("ICE", start);
        let fields = listed.as_object_mut().expect("fields");
        fields.remove("identifier");
        fields.insert("endDate".to_owned(), json!("2028-12-31"));
        fields["compensation"]["current"]["amount"]["amount"] = json!("250000");
        app.file_and_load_disclosure(&firm, agreements_statement(&[listed])).await;
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let bid = app.submit_bid(&firm, &solicitation, "98000").await;
        let codes = list_finding_codes(&bid["decision"]);
        for finding in &findings {
            assert!(codes.iter().any(|code| code == finding), "{start:?}: {codes:?}");
        }
        let is_covered = findings == ["dhs.agreement_disclosed"];
        assert_eq!(bid["decision"]["outcome"] == "ADMIT", is_covered, "{start:?}: {bid:#}");
    }
}

const GAPS: &str = "query($id: ID!) { disclosure(id: $id) {
    gaps { path part code message consequence leadsTo }
    answers { path part consequence leadsTo } } }";

async fn load_gaps(app: &TestApp, token: &str, id: &str) -> Value {
    app.query(token, GAPS, json!({ "id": id })).await["disclosure"].take()
}

/// Asserts that a text has no word of the API, such as `startDate` or `NOT_KNOWN`.
fn assert_plain_words(words: &Value) {
    let plain = text(words);
    for word in plain.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')) {
        let has_hump = word
            .chars()
            .zip(word.chars().skip(1))
            .any(|(left, right)| left.is_lowercase() && right.is_uppercase());
        assert!(!has_hump && !word.contains('_'), "{word}: {plain}");
    }
}

async fn gaps_and_answers_say_what_they_lead_to(app: TestApp) {
    let firm = app.register_firm("Acosta Sweeping").await;
    let statement = json!({
        "dhs": { "agreements": [
            { "kind": "CONTRACT", "component": "ICE", "startDate": "about 2009",
                "withheld": [{ "path": ["holder"] }, { "path": ["sometime"] }] },
            agreement("TSA", None),
        ] },
        "attachments": [{ "name": "Contract.pdf" }],
    });
    let (id, _) = app.save_draft(&firm, statement).await;
    let read = load_gaps(&app, &firm.token, &id).await;
    let (gaps, answers) =
        (read["gaps"].as_array().expect("gaps"), read["answers"].as_array().expect("answers"));
    for words in gaps.iter().chain(answers) {
        assert_plain_words(&words["part"]);
        assert_plain_words(&words["leadsTo"]);
    }
    for gap in gaps {
        assert_plain_words(&gap["message"]);
    }
    let find = |part: &str| gaps.iter().find(|gap| gap["part"] == part).expect(part);
    let start = find("agreement 1, start");
    assert_eq!((&start["code"], &start["consequence"]), (&json!("invalid"), &json!("GAP_IN_ITEM")));
    assert!(
        text(&start["message"]).contains("only") || text(&start["message"]).contains("2009-06")
    );
    assert!(text(&start["leadsTo"]).contains("Listing it never counts against your bid"));
    let section = find("the section about data sharing");
    assert_eq!(section["consequence"], "GAP_IN_SECTION");
    let file = find("attachment 1, link");
    assert_eq!(file["consequence"], "GAP_IN_EVIDENCE");
    let part = find("agreement 1, withheld part 2, path");
    assert!(text(&part["message"]).contains("reason why the start is not known"), "{part}");

    let answers: Vec<String> = answers
        .iter()
        .map(|it| format!("{}: {}", text(&it["part"]), text(&it["consequence"])))
        .collect();
    assert_eq!(
        answers,
        [
            "agreement 1: AGREEMENT_LISTED",
            "agreement 1, holder: PART_WITHHELD",
            "agreement 1, sometime: PART_WITHHELD",
            "agreement 2: AGREEMENT_LISTED",
            "agreement 2, reason why the start is not known: NOT_KNOWN",
            "attachment 1: DOCUMENT_ATTACHED",
        ]
    );
    // A filing has answers and no gaps; whoever reads the filing reads them.
    let input = json!({ "organizationId": firm.id, "revision": 1, "statement": partly_known() });
    app.mutate_ok(&firm.token, SAVE_DRAFT, json!({ "input": input })).await;
    let input =
        json!({ "id": id, "revision": 2, "attestation": signatory_attestation("the firm") });
    app.mutate_ok(&firm.token, FILE_DISCLOSURE, json!({ "input": input })).await;
    let read = load_gaps(&app, &app.reviewer_token(), &id).await;
    assert_eq!(read["gaps"], json!([]));
    let consequences: Vec<String> = read["answers"]
        .as_array()
        .expect("answers")
        .iter()
        .map(|it| text(&it["consequence"]))
        .collect();
    assert_eq!(consequences.iter().filter(|it| *it == "AGREEMENT_LISTED").count(), 5);
    assert_eq!(consequences.iter().filter(|it| *it == "NOT_KNOWN").count(), 5, "{consequences:?}");
    app.assert_verifies().await;
}

async fn the_missing_email_address_is_a_gap_before_signing(app: TestApp) {
    let firm = app.register_firm("Acosta Sweeping").await;
    // The same signatory, at a sign-in whose address is not verified.
    let viewer = app.query(&firm.token, "{ viewer { subject } }", json!({})).await;
    let subject = text(&viewer["viewer"]["subject"]);
    let without_email =
        app.token_with_email(&subject, Role::Bidder, &subject_email(&subject), false);
    let preparer = app.invite_member(&firm, "PREPARER").await;
    let (id, revision) = app.save_draft(&firm, no_dealings()).await;
    assert_eq!(load_gaps(&app, &firm.token, &id).await["gaps"], json!([]));
    assert_eq!(load_gaps(&app, &preparer, &id).await["gaps"], json!([]), "it does not sign");
    let read = load_gaps(&app, &without_email, &id).await;
    let [gap] = &read["gaps"].as_array().expect("gaps")[..] else { panic!("one gap: {read}") };
    assert_eq!(gap["path"], json!(["attestation", "email"]));
    assert_eq!(gap["part"], "signature, e-mail address");
    assert_eq!(gap["consequence"], "GAP_IN_SIGNATURE");

    // Filing without it says the same, and with it files.
    let file = |email: Option<&str>| {
        let mut attestation = signatory_attestation("Acosta Sweeping");
        attestation["email"] = json!(email);
        json!({ "input": { "id": id, "revision": revision, "attestation": attestation } })
    };
    for missing in [None, Some(" ")] {
        let refused = app.mutate(&without_email, FILE_DISCLOSURE, file(missing)).await;
        let errors = format_user_errors(&refused["userErrors"]);
        assert_eq!(errors, ["input.attestation.email required"]);
        assert_eq!(refused["userErrors"][0]["message"], gap["message"]);
    }
    let filed = file(Some("owner@firm.example"));
    let filed = app.mutate_ok(&without_email, FILE_DISCLOSURE, filed).await;
    assert_eq!(filed["disclosure"]["attestation"]["email"], "owner@firm.example");
}

/// Files a statement of no dealings, signed as `place` says; returns the payload.
async fn sign_at(app: &TestApp, firm: &Firm, place: Value) -> Value {
    let (id, revision) = app.save_draft(firm, no_dealings()).await;
    let mut attestation = signatory_attestation("the firm");
    let fields = attestation.as_object_mut().expect("fields");
    fields.remove("state");
    for (name, part) in place.as_object().expect("fields") {
        fields.insert(name.clone(), part.clone());
    }
    let input = json!({ "id": id, "revision": revision, "attestation": attestation });
    app.mutate(&firm.token, FILE_DISCLOSURE, json!({ "input": input })).await
}

async fn places_outside_the_united_states_need_no_state(app: TestApp) {
    for (index, (place, words)) in (1..).zip([
        (json!({ "city": "Singapore", "country": "SG" }), "Singapore, SG"),
        (json!({ "city": "Tijuana", "state": "BC", "country": "MX" }), "Tijuana, BC, MX"),
        (json!({ "city": "Reno", "state": "NV", "country": "US" }), "Reno, NV"),
        (json!({ "city": "Reno", "state": "NV", "country": null }), "Reno, NV"),
    ]) {
        let firm = app.register_firm(&format!("Cranes {index}")).await;
        let filed = sign_at(&app, &firm, place.clone()).await;
        let attestation = text(&filed["disclosure"]["attestation"]["text"]);
        assert!(attestation.contains(&format!("at {words}.")), "{place}: {attestation}");
    }
    let firm = app.register_firm("Acosta Sweeping").await;
    let refused = sign_at(&app, &firm, json!({ "city": "Reno", "country": "U.S." })).await;
    let errors = format_user_errors(&refused["userErrors"]);
    assert_eq!(errors, ["input.attestation.state required"]);
    // A paper form that was signed abroad is entered likewise.
    let mut attestation = signatory_attestation("the firm");
    attestation["city"] = json!("Singapore");
    attestation["country"] = json!("SG");
    attestation.as_object_mut().expect("fields").remove("state");
    let input = json!({
        "organizationId": firm.id, "statement": no_dealings(),
        "attestation": attestation, "signedOn": "2026-02-01",
        "paper": { "name": "form.pdf", "sha256": "ab".repeat(32), "link": "https://files.example.com/f" },
    });
    app.mutate_ok(&app.reviewer_token(), ENTER_PAPER_DISCLOSURE, json!({ "input": input })).await;

    let register = |address: Value| {
        let input =
            json!({ "kind": "CORPORATION", "legalName": "Harbor Cranes", "address": address });
        json!({ "input": input })
    };
    let token = app.token("founder", &[Role::Bidder]);
    let domestic = json!({ "street": "1 Pier", "city": "Reno", "country": "US", "region": null });
    let errors = app.mutation_errors(&token, CREATE_ORGANIZATION, register(domestic)).await;
    let missing = ["input.address.region required", "input.address.postalCode required"];
    assert_eq!(errors, missing);
    let abroad = json!({ "street": "1 Quay", "city": "Singapore", "country": "SG" });
    let created = app.mutate_ok(&token, CREATE_ORGANIZATION, register(abroad)).await;
    let address = "query($id: ID!) { organization(id: $id) {
        address { street city region postalCode country } } }";
    let id = &created["organization"]["id"];
    let read = app.query(&token, address, json!({ "id": id })).await;
    assert_eq!(
        read["organization"]["address"],
        json!({ "street": "1 Quay", "city": "Singapore", "region": null, "postalCode": null,
            "country": "SG" })
    );
    app.assert_verifies().await;
}
