//! Federal awards are imported from USAspending files.
use std::fmt::Write;

use candor::import::AwardImportSummary;
use candor_tests::awards::{AWARD_MATCHES, AwardSummary, SCREEN_NAME, write_award_summaries};
use candor_tests::fixtures::{Firm, no_dealings};
use candor_tests::run::write_csv;
use candor_tests::steps::text;
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    a_file_is_imported_once,
    transactions_are_summed_into_an_award,
    a_newer_summary_replaces_an_older_one_only,
    an_interrupted_import_resumes,
    errors_are_reported_by_line,
    a_firm_is_matched_by_every_known_name,
    every_firm_is_matched_with_new_awards,
    a_decision_says_which_award_data_it_searched,
];

const UEI: &str = "QW3JX8L5T9R2";

async fn counts(app: &TestApp) -> [i64; 4] {
    let mut found = [0; 4];
    let tables = ["federal_award", "award_recipient", "award_transaction", "award_holder"];
    for (count, table) in found.iter_mut().zip(tables) {
        *count = app.select_number(&format!("SELECT COUNT(*) FROM {table}")).await;
    }
    found
}

async fn a_file_is_imported_once(app: TestApp) {
    // 1,201 awards of 400 recipients: two full transactions and a partial one.
    let numbers: Vec<(String, String)> =
        (0..1_201).map(|it| (format!("A{it}"), format!("FIRM NUMBER {} LLC", it % 400))).collect();
    let rows: Vec<AwardSummary<'_>> = numbers
        .iter()
        .map(|(number, recipient)| AwardSummary {
            number,
            recipient,
            uei: "",
            ..AwardSummary::default()
        })
        .collect();
    let path = write_award_summaries(&rows);
    let (count, messages) = app.import_award_file(&path).await;
    assert_eq!(messages, Vec::<String>::new());
    assert_eq!(count, AwardImportSummary { new: 1_201, ..AwardImportSummary::default() });
    let data = counts(&app).await;
    assert_eq!(data, [1_201, 400, 0, 1_201]);
    let revision = app.select_number("SELECT number FROM award_revision").await;
    let (count, _) = app.import_award_file(&path).await;
    assert_eq!(count, AwardImportSummary { unchanged: 1_201, ..AwardImportSummary::default() });
    assert_eq!(counts(&app).await, data);
    assert_eq!(app.select_number("SELECT number FROM award_revision").await, revision);
}

/// Returns the only firm with a name.
async fn find_by_name(app: &TestApp, name: &str) -> Value {
    let data = app.query(&app.reviewer_token(), SCREEN_NAME, json!({ "name": name })).await;
    let firms = data["screenName"].as_array().expect("firms").clone();
    let [one] = &firms[..] else { panic!("one firm: {firms:#?}") };
    one.clone()
}

const LISTING: &str = "Agency,Award ID,Recipient Name,Federal Action Obligation,Action Date,Modification,\
    Product/Service Description,NAICS Description,Transaction Description,Generated Award ID";

async fn transactions_are_summed_into_an_award(app: TestApp) {
    let key = "CONT_AWD_70B03C21F00001132_7014_70B03C21D00000003_7014";
    let row = |cents: &str, day: &str, modification: &str| {
        format!(
            "CBP,70B03C21F00001132,\"TAMARIND FLEET LEASING, INC.\",{cents},{day},{modification},\
            CARS,LEASING,\"FLEET, AND FUEL\",{key}"
        )
    };
    let first = [row("100.0", "2021-09-01", "0"), row("-40.25", "2021-09-28", "P00001")];
    let path = write_csv(&format!("{LISTING}\n{}\n", first.join("\n")));
    let (count, messages) = app.import_award_file(&path).await;
    assert_eq!((count.new, count.changed, messages.len()), (1, 1, 0));
    let firm = find_by_name(&app, "Tamarind Fleet Leasing").await;
    assert_eq!(firm["totalAmount"]["amount"], "59.75");
    assert_eq!(
        (&firm["firstDate"], &firm["lastDate"]),
        (&json!("2021-09-01"), &json!("2021-09-28"))
    );
    assert_eq!(firm["components"], json!(["CBP"]));
    // The next year's file, which repeats a row of the first.
    let next = [row("-40.25", "2021-09-28", "P00001"), row("1000", "2022-01-15", "P00002")];
    let path = write_csv(&format!("{LISTING}\n{}\n", next.join("\n")));
    let (count, _) = app.import_award_file(&path).await;
    assert_eq!((count.unchanged, count.changed), (1, 1));
    let firm = find_by_name(&app, "Tamarind Fleet Leasing").await;
    assert_eq!((&firm["totalAmount"]["amount"], &firm["awards"]), (&json!("1059.75"), &json!(1)));
    let (count, _) = app.import_award_file(&path).await;
    assert_eq!((count.unchanged, count.changed), (2, 0), "again, nothing changes");
}

async fn a_newer_summary_replaces_an_older_one_only(app: TestApp) {
    let summary_file = |signed_on, obligated| {
        write_award_summaries(&[AwardSummary { signed_on, obligated, ..AwardSummary::default() }])
    };
    app.import_award_file(&summary_file("2025-04-01", "100.00")).await;
    app.import_award_file(&summary_file("2025-09-01", "250.00")).await;
    app.import_award_file(&summary_file("2025-04-01", "100.00")).await;
    assert_eq!(find_by_name(&app, "Quillwort Paving").await["totalAmount"]["amount"], "250.00");
    // Transactions add nothing to a summary.
    let key = "CONT_AWD_70CDCR25FR0000011_7012_-NONE-_-NONE-";
    let row = format!("ICE,70CDCR25FR0000011,QUILLWORT PAVING INC,100.0,2025-04-01,0,A,B,C,{key}");
    app.import_award_file(&write_csv(&format!("{LISTING}\n{row}\n"))).await;
    assert_eq!(find_by_name(&app, "Quillwort Paving").await["totalAmount"]["amount"], "250.00");
}

async fn an_interrupted_import_resumes(app: TestApp) {
    let numbers: Vec<String> = (0..600).map(|it| format!("A{it}")).collect();
    let rows: Vec<AwardSummary<'_>> =
        numbers.iter().map(|number| AwardSummary { number, ..AwardSummary::default() }).collect();
    let path = write_award_summaries(&rows);
    let (count, _) = app.import_award_file(&path).await;
    assert_eq!(count.new, 600);
    // As after a crash between the two transactions.
    app.run_sql("UPDATE award_import SET finished_at = NULL, last_line = 501")
        .await
        .expect("a crash");
    let (count, _) = app.import_award_file(&path).await;
    assert_eq!(count, AwardImportSummary { unchanged: 100, ..AwardImportSummary::default() });
    let (count, _) = app.import_award_file(&path).await;
    assert_eq!(count.unchanged, 600, "a completed part is read again as unchanged");
}

async fn errors_are_reported_by_line(app: TestApp) {
    let long = "X".repeat(10_000);
    let mut list = format!("\u{FEFF}{LISTING}\r\n");
    let key = |number: &str| format!("CONT_AWD_{number}_7014_-NONE-_-NONE-");
    for (number, recipient, amount) in [
        ("A1", "FINE FIRM LLC", "1"),
        ("A2", "", "1"),
        ("A3", "NO AMOUNT LLC", "1,000"),
        ("A4", long.as_str(), "1"),
        ("A5", "\"QUOTED\nNAME LLC\"", "2.50"),
    ] {
        write!(
            list,
            "CBP,{number},{recipient},\"{amount}\",2021-09-01,0,A,B,C,{}\r\n",
            key(number)
        )
        .expect("room");
    }
    write!(list, "CBP,A6,NO KEY LLC,1,2021-09-01,0,A,B,C,\r\n").expect("room");
    write!(list, "CBP,A7\r\n").expect("room");
    let (count, messages) = app.import_award_file(&write_csv(&list)).await;
    assert_eq!((count.new, count.rejected), (2, 5), "{messages:#?}");
    let lines: Vec<&str> = messages.iter().filter_map(|it| it.split(':').next()).collect();
    for line in ["3", "4", "5", "8", "9"] {
        assert!(lines.contains(&line), "line {line}: {messages:#?}");
    }
    for message in ["recipient", "1,000", "10000 characters", "Generated Award ID"] {
        let message = message.to_lowercase();
        assert!(
            messages.iter().any(|it| it.to_lowercase().contains(&message)),
            "{message}: {messages:#?}"
        );
    }
    assert_eq!(counts(&app).await[0], 2);
    app.assert_verifies().await;
}

async fn a_firm_is_matched_by_every_known_name(app: TestApp) {
    // The award data connects the two names, which share no word.
    app.import_award_file(&write_award_summaries(&[
        AwardSummary {
            number: "A1",
            recipient: "QUILLWORT IMAGING INC",
            ..AwardSummary::default()
        },
        AwardSummary {
            number: "A2",
            recipient: "SPICEBUSH OUTFITTERS LLC",
            ..AwardSummary::default()
        },
    ]))
    .await;
    for name in ["Quillwort Imaging", "Spicebush Outfitters, LLC"] {
        let firm = find_by_name(&app, name).await;
        assert_eq!((&firm["awards"], &firm["uei"]), (&json!(2), &json!(UEI)), "{firm:#}");
        assert_eq!(firm["names"].as_array().map(Vec::len), Some(2));
    }
    let input = json!({ "kind": "CORPORATION", "legalName": "Spicebush Outfitters" });
    let firm = app.register_organization("spicebush", input).await;
    let data = app.list_matches(&app.reviewer_token(), &firm).await;
    assert_eq!(data.len(), 2, "registered after the import, it is matched at once: {data:#?}");
    assert!(data.iter().all(|it| it["band"] == "PROBABLE"));
}

async fn every_firm_is_matched_with_new_awards(app: TestApp) {
    let (one, two) = (
        app.register_firm("Quillwort Paving").await,
        app.register_firm("Spicebush Logistics").await,
    );
    app.import_award_rows(&[AwardSummary { uei: "", ..AwardSummary::default() }]).await;
    assert_eq!(app.list_matches(&app.reviewer_token(), &one).await.len(), 1);
    assert_eq!(app.list_matches(&app.reviewer_token(), &two).await.len(), 0);
    let more = AwardSummary {
        number: "A2",
        recipient: "SPICEBUSH LOGISTICS",
        uei: "",
        ..AwardSummary::default()
    };
    let count = app
        .import_award_rows(&[
            AwardSummary { number: "A3", uei: "", ..AwardSummary::default() },
            more,
        ])
        .await;
    assert_eq!(count.matches, 2, "a new award of a known recipient is matched too");
    // Read in pages, without loss or repetition.
    let (mut data, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = app
            .query(&app.reviewer_token(), AWARD_MATCHES, json!({ "first": 2, "after": after }))
            .await;
        let page = &page["awardMatches"];
        assert_eq!(page["totalCount"], 3);
        data.extend(page["nodes"].as_array().expect("rows").iter().map(|it| it["id"].to_string()));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    data.sort();
    data.dedup();
    assert_eq!(data.len(), 3);
    app.assert_verifies().await;
}

async fn a_decision_says_which_award_data_it_searched(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, "2026-03-10T22:00:00Z").await;
    let submit = async |firm: &Firm| {
        let mut bid = app.submit_bid(firm, &solicitation, "100000").await;
        let facts = app.select_text("SELECT facts FROM decision ORDER BY id DESC LIMIT 1").await;
        let facts: Value = serde_json::from_str(&facts).expect("facts");
        (text(&bid["decision"]["letter"]), facts["awardData"].clone(), bid["bid"]["id"].take())
    };
    let first = app.register_disclosing_firm("Prime Paving").await;
    let (letter, data, bid) = submit(&first).await;
    assert!(letter.contains("not compared with public award data"), "{letter}");
    assert_eq!(data, json!({ "revision": 0 }));

    let row = |number, signed_on| AwardSummary {
        number,
        recipient: "ANOTHER FIRM LLC",
        uei: "",
        signed_on,
        ..AwardSummary::default()
    };
    app.import_award_rows(&[row("A1", "2025-11-03"), row("A2", "2025-12-17")]).await;
    let newest = app.select_text("SELECT CAST(MAX(latest_on) AS text) FROM federal_award").await;
    let revision = app.select_number("SELECT number FROM award_revision").await;
    // Nothing changed for the firm: no new decision, not even when it is evaluated again.
    let filed =
        app.file_and_load_disclosure(&app.register_firm("Unrelated").await, no_dealings()).await;
    assert_ne!(filed["id"], Value::Null);
    app.sweep().await;
    let loaded = app.load_bid(&first.token, &bid).await;
    assert_eq!(loaded["decisions"].as_array().map(Vec::len), Some(1), "{loaded:#}");

    let second = app.register_disclosing_firm("Second Paving").await;
    let (letter, data, _) = submit(&second).await;
    assert!(letter.contains("was compared with public award data up to"), "{letter}");
    assert_eq!(data["newestOn"], json!(newest));
    assert_eq!(data["revision"], revision);
    assert_eq!(data["sha256"].as_str().map(str::len), Some(64), "{data}");
    app.assert_verifies().await;
    // The newest day of the data is compared with the awards.
    app.run_sql("UPDATE award_revision SET newest_on = '2030-01-01'").await.expect("a change");
    let found = app.find_inconsistency().await;
    assert!(found.contains("newest day"), "{found}");
}
