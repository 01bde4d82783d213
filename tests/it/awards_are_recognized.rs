//! A firm's award is found whatever words its name has, and covered however its number is written.
use candor_tests::awards::{AwardSummary, SCREEN_NAME};
use candor_tests::contracts::list_findings;
use candor_tests::due_times::february::DUE;
use candor_tests::fixtures::agreements_statement;
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    no_word_of_its_own_name_hides_a_firm,
    a_uei_that_many_recipients_share_identifies_none,
    a_number_with_words_around_it_covers_its_award,
    a_name_is_found_in_another_spelling,
];

const UEI: &str = "QB3KR8M4N6P5";
const NUMBER: &str = "70B02C25P00000301";

/// An award of Customs and Border Protection.
fn award(recipient: &'static str, uei: &'static str) -> AwardSummary<'static> {
    let customs = ("070", "7014");
    AwardSummary {
        number: NUMBER,
        recipient,
        uei,
        awarding: customs,
        funding: customs,
        obligated: "700000.00",
        ..AwardSummary::default()
    }
}

async fn no_word_of_its_own_name_hides_a_firm(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firms = [
        ("Ostrava Redacted Binding LLC", "QB3KR8M4N6P5", "C1234561"),
        ("Privacy-Personnel Binding Inc", "QB3KR8M4N6P6", "C1234562"),
        ("Miscellaneous Foreign Bindings", "QB3KR8M4N6P7", "C1234563"),
        ("Undisclosed Recipients Theater", "QB3KR8M4N6P8", "C1234564"),
    ];
    let rows =
        firms.map(|(_, uei, number)| AwardSummary { number, ..award("OSTRAVA BINDING LLC", uei) });
    app.import_award_rows(&rows).await;
    for (name, uei, _) in firms {
        let firm = app.register_firm_attesting_none(name, uei).await;
        let matches = app.list_matches(&app.reviewer_token(), &firm).await;
        let exact: Vec<&Value> = matches.iter().filter(|it| it["band"] == "EXACT").collect();
        assert_eq!(exact.len(), 1, "{name}: {matches:#?}");
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let held = app.submit_bid(&firm, &solicitation, "98000").await;
        let findings = list_findings(&held["decision"]);
        assert!(findings.contains(&"award.probably_undisclosed REVIEW".to_owned()), "{name}");
    }
    // A recipient that is not named is nobody's by its name.
    app.import_award_rows(&[AwardSummary {
        number: "70B02C25P00000302",
        ..award("MISCELLANEOUS FOREIGN AWARDEES", "")
    }])
    .await;
    let reviewer = app.reviewer_token();
    let screened = app
        .query(&reviewer, SCREEN_NAME, json!({ "name": "Miscellaneous Foreign Awardees" }))
        .await;
    assert_eq!(screened["screenName"], json!([]));
    app.assert_verifies().await;
}

async fn a_uei_that_many_recipients_share_identifies_none(app: TestApp) {
    let recipients =
        ["QUARLO LADDERS", "ZIMBEL FENCES", "TAMBOR PAVING", "WEXLEY GLASS", "HOLLICK SIGNS"];
    let numbers = ["A1234561", "A1234562", "A1234563", "A1234564", "A1234565"];
    let rows: Vec<AwardSummary<'_>> = recipients
        .into_iter()
        .zip(numbers)
        .map(|(recipient, number)| AwardSummary { number, ..award(recipient, UEI) })
        .collect();
    let reviewer = app.reviewer_token();
    let search = json!({ "name": "Ostrava Binding", "uei": UEI });
    app.import_award_rows(&rows[..4]).await;
    let found = app.query(&reviewer, SCREEN_NAME, search.clone()).await;
    assert_eq!(found["screenName"][0]["band"], "EXACT");
    app.import_award_rows(&rows[4..]).await;
    let found = app.query(&reviewer, SCREEN_NAME, search).await;
    assert_eq!(found["screenName"], json!([]));
    let search = json!({ "name": "Zimbel Fences Inc", "uei": UEI });
    let found = app.query(&reviewer, SCREEN_NAME, search).await;
    assert_eq!(found["screenName"][0]["names"], json!(["ZIMBEL FENCES"]));
    app.assert_verifies().await;
}

async fn a_number_with_words_around_it_covers_its_award(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm_attesting_none("Quarlo Fences LLC", UEI).await;
    app.import_award_rows(&[award("QUARLO FENCES LLC", UEI)]).await;
    let key = format!("CONT_AWD_{NUMBER}_7014_-NONE-_-NONE-");
    for (identifier, status) in [
        (format!("Contract No. {NUMBER}"), "COVERED"),
        (format!("PIID: {NUMBER}"), "COVERED"),
        (format!("{NUMBER} Mod P00003"), "COVERED"),
        (format!("{NUMBER}/P00003"), "COVERED"),
        (key, "COVERED"),
        ("purchase order 70B-02C-25P-00000301".to_owned(), "COVERED"),
        (format!("Contract No. {NUMBER}1"), "OPEN"),
        (format!("Contract No. X{NUMBER}"), "OPEN"),
    ] {
        let agreement = json!({
            "holder": { "relation": "SELF" }, "component": "CBP", "kind": "CONTRACT",
            "identifier": identifier, "startDate": "2025-04-01", "endDate": "2027-03-31",
            "stateAtSigning": "IN_FORCE", "natureOfWork": ["FACILITIES_AND_CONSTRUCTION"],
            "description": "Fences.",
            "compensation": { "pricing": "FIRM_FIXED", "current": { "certainty": "KNOWN",
                "amount": { "amount": "700000.00", "currency": "USD" } }, "terms": "Monthly." },
        });
        app.file_and_load_disclosure(&firm, agreements_statement(&[agreement])).await;
        let found = app.load_only_match(&firm).await;
        assert_eq!(found["status"], status, "{identifier}");
        if status == "COVERED" {
            assert_eq!(found["coverage"]["by"], "NUMBER", "{identifier}");
        }
    }
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let held = app.submit_bid(&firm, &solicitation, "98000").await;
    let findings = list_findings(&held["decision"]);
    assert!(findings.contains(&"award.probably_undisclosed REVIEW".to_owned()), "{findings:?}");
    app.assert_verifies().await;
}

async fn a_name_is_found_in_another_spelling(app: TestApp) {
    let recipients = [
        "JAEGER RIGGING CORP",
        "THREE RIVERS ROOFING",
        "QUORVATH MGMT SVCS INC",
        "OOO STROYTREST VEKTOR",
    ];
    let numbers = ["B1234561", "B1234562", "B1234563", "B1234564"];
    let ueis = ["QB3KR8M4N6P5", "QB3KR8M4N6P6", "QB3KR8M4N6P7", "QB3KR8M4N6P8"];
    let rows: Vec<AwardSummary<'_>> = (0..recipients.len())
        .map(|at| AwardSummary { number: numbers[at], ..award(recipients[at], ueis[at]) })
        .collect();
    app.import_award_rows(&rows).await;
    let reviewer = app.reviewer_token();
    let band = async |name: &str| {
        let found = app.query(&reviewer, SCREEN_NAME, json!({ "name": name })).await;
        let first: Value = found["screenName"][0].clone();
        (first["name"].clone(), first["band"].clone())
    };
    for (name, recipient, expected) in [
        ("Jäger Rigging", recipients[0], "PROBABLE"),
        ("3 Rivers Roofing", recipients[1], "PROBABLE"),
        ("Quorvath Management Services", recipients[2], "PROBABLE"),
        ("ООО «Стройтрест Вектор»", recipients[3], "PROBABLE"),
        ("Stroytrest Vektor LLC", recipients[3], "PROBABLE"),
    ] {
        assert_eq!(band(name).await, (json!(recipient), json!(expected)), "{name}");
    }
    // Another legal form may be another firm.
    let (name, found) = band("Jäger Rigging LLC").await;
    assert_eq!(name, recipients[0]);
    assert_eq!(found, "POSSIBLE");
}
