//! USAspending's files in their older and delta forms, with days as spreadsheets leave them, and with
//! transactions that the source deleted.
use std::path::PathBuf;

use candor::command::import::import_award_files;
use candor::import::{AwardImportOptions, AwardImportSummary};
use candor_tests::awards::AwardSummary;
use candor_tests::fixtures::Firm;
use candor_tests::run::write_csv;
use candor_tests::steps::{BID_READINESS, bid_input, text};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    transactions_without_keys_are_imported,
    older_and_newer_forms_have_one_transaction,
    older_assistance_and_vehicles_are_imported,
    a_day_in_another_form_is_settled_or_lost_alone,
    days_in_spreadsheets_forms_are_read,
    a_complete_file_removes_deleted_transactions,
    a_complete_file_removes_only_in_its_span_and_if_newer,
    a_complete_download_may_have_several_files,
    a_deleted_transaction_is_removed_in_either_order,
    a_corrected_transaction_replaces_the_older_version,
    an_end_before_the_signing_is_unknown,
    other_files_are_named,
    tables_are_read_as_spreadsheets_save_them,
];

/// The columns of 2017 and 2018 that an import reads.
const OLDER: &str = "award_id_piid,modification_number,transaction_number,parent_award_agency_id,\
    parent_award_id,federal_action_obligation,action_date,period_of_performance_start_date,\
    period_of_performance_current_end_date,awarding_agency_code,awarding_agency_name,\
    awarding_sub_agency_code,awarding_sub_agency_name,recipient_duns,recipient_name,\
    award_or_idv_flag,award_type";

const TRANSACTIONS: &str = "correction_delete_ind,contract_transaction_unique_key,\
    contract_award_unique_key,award_id_piid,modification_number,recipient_name,awarding_agency_code,\
    awarding_sub_agency_code,federal_action_obligation,action_date,last_modified_date";

const SUMMARIES: &str = "contract_award_unique_key,award_id_piid,recipient_name,awarding_agency_code,\
    awarding_sub_agency_code,total_obligated_amount,award_base_action_date,award_latest_action_date,\
    period_of_performance_current_end_date";

/// Imports files together; returns the row counts and the messages about rejected rows.
async fn import(
    app: &TestApp,
    texts: &[&str],
    complete: Option<(&str, &str)>,
) -> (AwardImportSummary, String) {
    let files: Vec<PathBuf> = texts.iter().map(|text| write_csv(text)).collect();
    let day = |day: &str| day.parse().expect("a day");
    let complete = complete.map(|(from, to)| (day(from), day(to)));
    let options = AwardImportOptions { every_agency: false, complete };
    let mut messages = Vec::new();
    let summary = import_award_files(&app.database, &files, options, app.now(), &mut messages);
    let summary = summary.await.expect("an import");
    (summary, String::from_utf8(messages).expect("text"))
}

/// A row of a file of transactions.
fn transaction(modification: &str, dollars: &str, day: &str, modified: &str) -> String {
    format!(
        ",7014_-NONE-_70B02C25P00000131_{modification}_-NONE-_0,\
        CONT_AWD_70B02C25P00000131_7014_-NONE-_-NONE-,70B02C25P00000131,{modification},\
        QUARLO GATES LLC,070,7014,{dollars},{day},{modified}"
    )
}

/// A file of transactions.
fn transactions(rows: &[String]) -> String {
    format!("{TRANSACTIONS}\n{}\n", rows.join("\n"))
}

/// The obligation of an award in US cents.
async fn cents(app: &TestApp, key: &str) -> i64 {
    app.select_number(&format!("SELECT obligated_cents FROM federal_award WHERE key = '{key}'"))
        .await
}

/// A day of an award; "none" if it is unknown.
async fn day(app: &TestApp, column: &str, key: &str) -> String {
    app.select_text(&format!(
        "SELECT COALESCE(CAST({column} AS text), 'none') FROM federal_award WHERE key = '{key}'"
    ))
    .await
}

const GATES: &str = "CONT_AWD_70B02C25P00000131_7014_-NONE-_-NONE-";

async fn transactions_without_keys_are_imported(app: TestApp) {
    let row =
        |number: &str, modification: &str, dollars: &str, day: &str, end: &str, rest: &str| {
            format!(
                "{number},{modification},0,7012,,{dollars},{day},{day} 0:00,{end} 0:00,70,\
            DEPARTMENT OF HOMELAND SECURITY (DHS),7012,ICE,{rest},AWARD,BPA CALL"
            )
        };
    let rows = [
        row(
            "HSCEDM14P00901",
            "P00002",
            "1200000",
            "18/03/2016",
            "31/03/2017",
            "001234567,\"QUARLO GUARD SERVICES, INC.\"",
        ),
        row(
            "HSCEDM14P00901",
            "P00001",
            "-150000",
            "2/05/2016",
            "31/05/2017",
            "001234567,QUARLO GUARD SERVICES INC",
        ),
        row(
            "HSCEDM15C00902",
            "P00004",
            "42000",
            "7/06/2015",
            "11/04/2016",
            "009876543,TAMSIN AIR CHARTER LLC",
        ),
        row(
            "HSCEDM16P00903",
            "0",
            "9100.5",
            "15/09/2016",
            "31/05/2019",
            "005550001,ORBISON LINEN SUPPLY CO",
        ),
    ];
    let file = format!("{OLDER}\n{}\n", rows.join("\n"));
    let (count, messages) = import(&app, &[&file], None).await;
    assert_eq!((count.new, count.changed, count.rejected), (3, 1, 0), "{messages}");
    let guard = "CONT_AWD_HSCEDM14P00901_7012_-NONE-_7012";
    assert_eq!(cents(&app, guard).await, 105_000_000);
    assert_eq!(day(&app, "signed_on", guard).await, "2016-03-18");
    assert_eq!(day(&app, "latest_on", guard).await, "2016-05-02");
    assert_eq!(day(&app, "ends_on", guard).await, "2017-05-31");
    let charter = "CONT_AWD_HSCEDM15C00902_7012_-NONE-_7012";
    assert_eq!(day(&app, "signed_on", charter).await, "2015-06-07");
    let linen = "CONT_AWD_HSCEDM16P00903_7012_-NONE-_7012";
    assert_eq!(cents(&app, linen).await, 910_050);
    let duns = "SELECT COUNT(*) FROM award_recipient WHERE duns IN ('001234567', '009876543', '005550001')";
    assert_eq!(app.select_number(duns).await, 4);
    let components = "SELECT COUNT(*) FROM federal_award WHERE component = 'ICE'";
    assert_eq!(app.select_number(components).await, 3);
    let (count, _) = import(&app, &[&file], None).await;
    assert_eq!((count.unchanged, count.new + count.changed), (4, 0));
    app.assert_verifies().await;
}

async fn older_and_newer_forms_have_one_transaction(app: TestApp) {
    let older = format!(
        "{OLDER}\n70B02C25P00000131,0,0,,,100000,2025-01-15,,,070,DHS,7014,CBP,001234567,\
        QUARLO GATES LLC,AWARD,DEFINITIVE CONTRACT\n"
    );
    import(&app, &[&older], None).await;
    let newer = transactions(&[transaction("0", "100000.00", "2025-01-15", "")]);
    let (count, messages) = import(&app, &[&newer], None).await;
    assert_eq!((count.new, count.rejected), (0, 0), "{messages}");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM award_transaction").await, 1);
    assert_eq!(cents(&app, GATES).await, 10_000_000);
}

async fn older_assistance_and_vehicles_are_imported(app: TestApp) {
    let vehicles = format!(
        "{OLDER}\nHSBP1014D00001,0,0,,,0,2014-05-01,,,70,DHS,7014,CBP,001234567,QUARLO GUARD INC,IDV,\
        INDEFINITE DELIVERY CONTRACT\n\
        HSBP1014J00002,0,0,7014,HSBP1014D00001,500,2014-06-01,,,70,DHS,7014,CBP,001234567,\
        QUARLO GUARD INC,AWARD,DELIVERY ORDER\n"
    );
    let grants = "award_id_fain,modification_number,award_id_uri,federal_action_obligation,action_date,\
        awarding_agency_code,awarding_sub_agency_code,recipient_duns,recipient_name,cfda_number,\
        record_type_code\n\
        EMW2014FR0001,0,,7000,2014-05-01,70,7022,001234567,PERENNIAL FIRE DISTRICT,97.044,2\n\
        EMW2014FR0001,1,,500,2014-06-01,70,7022,001234567,PERENNIAL FIRE DISTRICT,97.044,2\n\
        ,0,SAI-1,900,2014-06-01,70,7022,,MULTIPLE RECIPIENTS,97.022,1\n";
    let (count, messages) = import(&app, &[&vehicles, grants], None).await;
    assert_eq!((count.new, count.changed, count.rejected), (4, 1, 0), "{messages}");
    for (key, kind, amount) in [
        ("CONT_IDV_HSBP1014D00001_7014", "VEHICLE", 0),
        ("CONT_AWD_HSBP1014J00002_7014_HSBP1014D00001_7014", "ORDER", 50_000),
        ("ASST_NON_EMW2014FR0001_7022", "ASSISTANCE", 750_000),
        ("ASST_AGG_SAI-1_7022", "ASSISTANCE", 90_000),
    ] {
        assert_eq!(cents(&app, key).await, amount, "{key}");
        let select = format!("SELECT kind FROM federal_award WHERE key = '{key}'");
        assert_eq!(app.select_text(&select).await, kind, "{key}");
    }
}

/// A row of a file of summaries.
fn summary(number: &str, dollars: &str, days: &str) -> String {
    format!(
        "CONT_AWD_{number}_7014_-NONE-_-NONE-,{number},QUARLO BARRIERS LLC,070,7014,{dollars},{days}"
    )
}

fn key_of(number: &str) -> String {
    format!("CONT_AWD_{number}_7014_-NONE-_-NONE-")
}

async fn a_day_in_another_form_is_settled_or_lost_alone(app: TestApp) {
    let rows = [
        summary("A1", "1000.00", "2015-01-15,2015-06-01,2016-01-14"),
        summary("A2", "2000.00", "2015-02-15,2015-06-02,2016-02-14"),
        summary("A3", "3000.00", "2015-03-15,2015-06-03,2016-03-14"),
        summary("A4", "4000.00", "04/28/2015,06/28/2015,04/28/2016"),
        // The first is settled by the day above; nothing shows the order of the second.
        summary("A5", "5000.00", "04/05/2015,2015-06-05,04/05/2016"),
    ];
    let file = format!("{SUMMARIES}\n{}\n", rows.join("\n"));
    let (count, messages) = import(&app, &[&file], None).await;
    assert_eq!((count.new, count.rejected), (5, 0), "{messages}");
    for (number, signed, latest, ends) in [
        ("A1", "2015-01-15", "2015-06-01", "2016-01-14"),
        ("A3", "2015-03-15", "2015-06-03", "2016-03-14"),
        ("A4", "2015-04-28", "2015-06-28", "2016-04-28"),
        ("A5", "2015-04-05", "2015-06-05", "2016-04-05"),
    ] {
        let key = key_of(number);
        assert_eq!(day(&app, "signed_on", &key).await, signed);
        assert_eq!(day(&app, "latest_on", &key).await, latest);
        assert_eq!(day(&app, "ends_on", &key).await, ends);
    }
    let rows = [
        summary("B1", "1.00", "2015-01-15,2015-06-01,2016-01-14"),
        summary("B2", "2.00", "04/05/2015,2015-06-02,04/05/2016"),
        summary("B3", "3.00", "soon,2015-06-02,2016-01-14"),
        summary("B4", "4.00", "42122,2015-06-02,2016-01-14"),
    ];
    let file = format!("{SUMMARIES}\n{}\n", rows.join("\n"));
    let (count, messages) = import(&app, &[&file], None).await;
    assert_eq!((count.new, count.rejected), (2, 2), "{messages}");
    assert_eq!(day(&app, "signed_on", &key_of("B1")).await, "2015-01-15");
    assert_eq!(day(&app, "signed_on", &key_of("B2")).await, "none");
    assert_eq!(day(&app, "latest_on", &key_of("B2")).await, "2015-06-02");
    for message in [
        ":4: award_base_action_date: \"soon\" is not a date",
        ":5: award_base_action_date: \"42122\" is a spreadsheet's number of a day",
    ] {
        assert!(messages.contains(message), "{messages}");
    }
}

async fn days_in_spreadsheets_forms_are_read(app: TestApp) {
    let rows = [
        summary("A1", "1", "28-Apr-2015,1/6/2015 0:00,20160428"),
        summary("A2", "1", "28.04.2015,13/6/2015 0:00,2016-04-28T00:00:00"),
        summary("A3", "1", "28-Apr-15,2015-06-01 00:00:00,2016/04/28"),
    ];
    let file = format!("{SUMMARIES}\n{}\n", rows.join("\n"));
    let (count, messages) = import(&app, &[&file], None).await;
    assert_eq!((count.new, count.rejected), (3, 0), "{messages}");
    for (number, latest) in [("A1", "2015-06-01"), ("A2", "2015-06-13"), ("A3", "2015-06-01")] {
        assert_eq!(day(&app, "signed_on", &key_of(number)).await, "2015-04-28");
        assert_eq!(day(&app, "latest_on", &key_of(number)).await, latest);
        assert_eq!(day(&app, "ends_on", &key_of(number)).await, "2016-04-28");
    }
}

const YEAR: Option<(&str, &str)> = Some(("2025-01-01", "2025-12-31"));

async fn a_complete_file_removes_deleted_transactions(app: TestApp) {
    let first = transactions(&[
        transaction("0", "100000.00", "2025-01-15", ""),
        transaction("P00001", "5000000.00", "2025-03-15", ""),
    ]);
    let second = transactions(&[transaction("0", "100000.00", "2025-01-15", "")]);
    import(&app, &[&first], None).await;
    assert_eq!(cents(&app, GATES).await, 510_000_000);
    // A file that is not said to be complete only adds.
    let (count, _) = import(&app, &[&second], None).await;
    assert_eq!((count.removed, cents(&app, GATES).await), (0, 510_000_000));
    let (count, messages) = import(&app, &[&second], YEAR).await;
    assert_eq!((count.removed, count.rejected), (1, 0), "{messages}");
    assert_eq!(cents(&app, GATES).await, 10_000_000);
    assert_eq!(day(&app, "latest_on", GATES).await, "2025-01-15");
    let newest = app.select_text("SELECT CAST(newest_on AS text) FROM award_revision").await;
    assert_eq!(newest, "2025-01-15");
    app.assert_verifies().await;
    // The older file does not add it again; said to be complete, it does.
    let (count, _) = import(&app, &[&first], None).await;
    assert_eq!((count.changed, cents(&app, GATES).await), (0, 10_000_000));
    let (count, _) = import(&app, &[&first], YEAR).await;
    assert_eq!((count.changed, cents(&app, GATES).await), (1, 510_000_000));
    let (count, _) = import(&app, &[&first], YEAR).await;
    assert_eq!((count.unchanged, count.changed, count.removed), (2, 0, 0));
    app.assert_verifies().await;
}

async fn a_complete_file_removes_only_in_its_span_and_if_newer(app: TestApp) {
    let first = transactions(&[
        transaction("0", "1.00", "2024-12-31", "2025-01-02"),
        transaction("P00001", "10.00", "2025-03-15", "2025-03-20"),
        transaction("P00002", "100.00", "2025-04-15", "2025-09-01"),
        transaction("P00003", "1000.00", "2026-01-01", "2026-01-02"),
    ]);
    import(&app, &[&first], None).await;
    assert_eq!(cents(&app, GATES).await, 111_100);
    // It knows nothing of what was modified after its last row.
    let second = transactions(&[transaction("P00009", "5.00", "2025-05-01", "2025-06-01")]);
    let (count, messages) = import(&app, &[&second], YEAR).await;
    assert_eq!((count.removed, count.changed), (1, 1), "{messages}");
    assert_eq!(cents(&app, GATES).await, 110_600);
    // A rejected row may be one of those that seem to be missing.
    let broken = format!("{second}x,,,\n");
    let other = broken.replace("P00009", "P00008").replace("2025-06-01", "2026-02-01");
    let (count, messages) = import(&app, &[&other], YEAR).await;
    assert_eq!((count.removed, count.rejected), (0, 1), "{messages}");
    // Without a day, a transaction is in no span.
    app.run_sql("UPDATE award_transaction SET action_on = NULL")
        .await
        .expect("an older build's rows");
    let third = transactions(&[transaction("P00007", "7.00", "2025-05-01", "2026-06-01")]);
    let (count, _) = import(&app, &[&third], YEAR).await;
    assert_eq!(count.removed, 0);
}

async fn a_complete_download_may_have_several_files(app: TestApp) {
    let rows = [
        transaction("0", "1.00", "2025-01-15", "2025-01-20"),
        transaction("P00001", "10.00", "2025-03-15", "2025-03-20"),
        transaction("P00002", "100.00", "2025-04-15", "2025-04-20"),
    ];
    import(&app, &[&transactions(&rows)], None).await;
    let [first, second, _] = rows.map(|row| transactions(&[row]));
    let (count, messages) = import(&app, &[&first, &second], YEAR).await;
    assert_eq!((count.removed, count.unchanged), (0, 2), "{messages}");
    assert_eq!(cents(&app, GATES).await, 11_100, "modified after the files: {messages}");
    let second = second.replace("2025-03-20", "2025-05-20");
    let (count, messages) = import(&app, &[&first, &second], YEAR).await;
    assert_eq!(count.removed, 1, "{messages}");
    assert_eq!(cents(&app, GATES).await, 1_100);
    app.assert_verifies().await;
}

async fn a_deleted_transaction_is_removed_in_either_order(app: TestApp) {
    let full = transactions(&[
        transaction("0", "100000.00", "2025-01-15", "2025-01-20"),
        transaction("P00001", "5000000.00", "2025-03-15", "2025-03-20"),
    ]);
    let deleted = |award: &str, modified: &str| {
        format!("D,7014_-NONE-_70B02C25P00000131_P00001_-NONE-_0,{award},,,,,,,,{modified}")
    };
    // As delta files have it: without the award's key.
    let delta = transactions(&[deleted("", "2025-04-01")]);
    import(&app, &[&full], None).await;
    let (count, messages) = import(&app, &[&delta], None).await;
    assert_eq!((count.removed, count.rejected), (1, 0), "{messages}");
    assert_eq!(cents(&app, GATES).await, 10_000_000);
    let (count, _) = import(&app, &[&full, &delta], None).await;
    assert_eq!((count.changed, count.removed), (0, 0), "it stays deleted");
    assert_eq!(cents(&app, GATES).await, 10_000_000);
    app.assert_verifies().await;

    // The delta before its award.
    let renamed = |text: &str| text.replace("70B02C25P00000131", "70B02C25P00000999");
    let other = renamed(GATES);
    import(&app, &[&renamed(&delta)], None).await;
    import(&app, &[&renamed(&full)], None).await;
    assert_eq!(cents(&app, &other).await, 10_000_000);
    // It was published again later.
    let again = transactions(&[transaction("P00001", "7.00", "2025-03-15", "2025-05-01")]);
    import(&app, &[&renamed(&again)], None).await;
    assert_eq!(cents(&app, &other).await, 10_000_700);
    // An earlier deletion does not remove it.
    let (count, _) = import(&app, &[&renamed(&delta)], None).await;
    assert_eq!((count.removed, cents(&app, &other).await), (0, 10_000_700));
    // With the award's key, and without a day. The last transaction leaves nothing.
    let both = [deleted(GATES, ""), deleted(GATES, "").replace("P00001", "0")];
    let (count, _) = import(&app, &[&transactions(&both)], None).await;
    assert_eq!((count.removed, cents(&app, GATES).await), (1, 0));
    app.assert_verifies().await;
}

async fn a_corrected_transaction_replaces_the_older_version(app: TestApp) {
    let older = transactions(&[transaction("0", "100.00", "2025-01-15", "2025-01-20")]);
    let newer = transactions(&[transaction("0", "70.00", "2025-01-16", "2025-02-20")]);
    import(&app, &[&newer], None).await;
    import(&app, &[&older], None).await;
    assert_eq!(cents(&app, GATES).await, 7_000);
    assert_eq!(day(&app, "latest_on", GATES).await, "2025-01-16");
    let newest = newer
        .replace("70.00", "60.00")
        .replace("2025-02-20", "2025-03-20")
        .replace("2025-01-16", "2025-01-11");
    let (count, _) = import(&app, &[&newest], None).await;
    assert_eq!((count.changed, cents(&app, GATES).await), (1, 6_000));
    for column in ["signed_on", "latest_on"] {
        assert_eq!(day(&app, column, GATES).await, "2025-01-11");
    }
    assert_eq!(app.select_number("SELECT COUNT(*) FROM award_transaction").await, 1);
    app.assert_verifies().await;
}

async fn an_end_before_the_signing_is_unknown(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, "2026-03-10T22:00:00Z").await;
    let ready = async |name: &str, uei: &str, signed_on: &str, ends_on: &str| {
        let recipient = name.to_uppercase();
        let row = AwardSummary {
            number: uei,
            recipient: &recipient,
            uei,
            signed_on,
            ends_on,
            ..AwardSummary::default()
        };
        app.import_award_rows(&[row]).await;
        let firm: Firm = app.register_firm_attesting_none(name, uei).await;
        app.sweep().await;
        let input = bid_input(&firm, &solicitation, "1000.00", &json!([]));
        let data = app.query(&firm.token, BID_READINESS, json!({ "input": input })).await;
        text(&data["bidReadiness"]["outcome"])
    };
    // Without an end, an award may still be in force.
    assert_eq!(
        ready("Quarlo Hinges LLC", "QH3KR8M4N6P5", "2025-01-15", "2018-01-14").await,
        "REVIEW"
    );
    assert_eq!(
        ready("Tamsin Hinges LLC", "TH3KR8M4N6P5", "2015-01-15", "2018-01-14").await,
        "ADMIT"
    );
    // An end on the day of the signing is possible.
    assert_eq!(
        ready("Orbison Latch LLC", "QL3KR8M4N6P5", "2025-01-15", "2025-01-15").await,
        "ADMIT"
    );
    let unknown = "SELECT COUNT(*) FROM federal_award WHERE ends_on IS NULL";
    assert_eq!(app.select_number(unknown).await, 1);
    // A modification after the end is none: the signing is not known.
    let row = "HSCEDM15C00902,P00004,0,,,-42.00,2019-06-07,,2018-04-11,70,DHS,7012,ICE,009876543,\
        TAMSIN AIR CHARTER LLC,AWARD,DEFINITIVE CONTRACT";
    import(&app, &[&format!("{OLDER}\n{row}\n")], None).await;
    let charter = "CONT_AWD_HSCEDM15C00902_7012_-NONE-_-NONE-";
    assert_eq!(day(&app, "ends_on", charter).await, "2018-04-11");
    let base = row.replace("P00004", "0").replace("2019-06-07", "2019-01-01");
    import(&app, &[&format!("{OLDER}\n{base}\n")], None).await;
    assert_eq!(day(&app, "ends_on", charter).await, "none");
}

async fn other_files_are_named(app: TestApp) {
    let many: Vec<String> = (0..258).map(|it| format!("column_{it}")).collect();
    let many = format!("{},x\n1,2\n", many.join(","));
    for (file, messages) in [
        ("treasury_account_symbol,object_class_code\n1,2\n", &["account data of USAspending"][..]),
        ("unique_transaction_id,dollarsobligated,vendorname\n1,2,3\n", &["before 2017"]),
        ("Award ID,Recipient Name,Award Amount\n1,2,3\n", &["search for awards"]),
        ("Unique Entity ID,Legal Business Name\n1,2\n", &["extract of SAM.gov"]),
        (&many, &["column_19 and 239 more"]),
    ] {
        let mut output = Vec::new();
        let files = [write_csv(file)];
        let options = AwardImportOptions::default();
        let refused =
            import_award_files(&app.database, &files, options, app.now(), &mut output).await;
        let message = format!("{:#}", refused.expect_err("a refusal"));
        assert!(message.contains("is not an award file of USAspending"), "{message}");
        assert!(message.len() < 1_000, "{message}");
        for part in messages {
            assert!(message.contains(part), "{message}");
        }
    }
}

async fn tables_are_read_as_spreadsheets_save_them(app: TestApp) {
    let file = format!(
        "Awards of CBP\n\n{}\n{}\n",
        SUMMARIES.replace(',', ";"),
        summary("A1", "1000.00", "2015-01-15,2015-06-01,2016-01-14").replace(',', ";"),
    );
    let (count, messages) = import(&app, &[&file], None).await;
    assert_eq!((count.new, count.rejected), (1, 0), "{messages}");
    let key = key_of("A1");
    let source: Value = app
        .select_number(&format!("SELECT source_line FROM federal_award WHERE key = '{key}'"))
        .await
        .into();
    assert_eq!(source, 4);
}
