//! Contracts that predate the ordinance are imported from a list.
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use candor::command::import::import_contracts;
use candor::import::{ContractImportSummary, RowCounts};
use candor_tests::contracts::SCREEN_CONTRACTS;
use candor_tests::fixtures::{Firm, no_dealings};
use candor_tests::steps::INVITE_MEMBER;
use candor_tests::{Role, TestApp, run, stories, subject_email};
use serde_json::json;
use uuid::Uuid;

stories![
    a_list_is_imported_once,
    errors_are_reported_by_line_and_other_rows_imported,
    a_list_without_a_required_column_is_refused,
    an_identifier_resolves_to_its_holder,
    a_contractor_is_found_by_its_spellings,
    rejected_rows_leave_nothing_behind,
    what_a_spreadsheet_changed_is_rejected,
    a_dry_run_says_what_would_happen,
];

const HEADER: &str = "number,department,vendor,title,value,start_date,end_date";

/// Writes a file for one story.
fn write_file(bytes: &[u8]) -> PathBuf {
    let path = run::directory().join(format!("contracts-{}.csv", Uuid::now_v7().simple()));
    fs::write(&path, bytes).expect("a file to write");
    path
}

async fn import_list(app: &TestApp, path: &Path) -> (ContractImportSummary, Vec<String>) {
    import(app, path, false).await
}

async fn import(
    app: &TestApp,
    path: &Path,
    is_dry_run: bool,
) -> (ContractImportSummary, Vec<String>) {
    let mut messages = Vec::new();
    let count = import_contracts(&app.database, path, is_dry_run, app.now(), &mut messages).await;
    let messages = String::from_utf8(messages).expect("text");
    // Omit the file name, which differs between runs.
    let messages = messages.lines().map(|line| line.split_once(':').expect("a file").1.to_owned());
    (count.expect("an import"), messages.collect())
}

async fn an_identifier_resolves_to_its_holder(app: TestApp) {
    app.create_department("BSS").await;
    let number = |id: &str| json!([{ "scheme": "CITY_VENDOR", "id": id }]);
    let input = |name: &str, id: &str, disputed: bool| {
        json!({
            "kind": "CORPORATION", "legalName": name, "identifiers": number(id),
            "disputed": disputed,
        })
    };
    app.register_organization("bearer", input("Perennial Paving", "V-1", false)).await;
    let gone = app.register_organization("gone", input("Gone", "V-2", false)).await;
    for id in ["V-1", "V-2"] {
        app.register_organization(id, input("Claimant", id, true)).await;
    }
    let updated = app.update_organization(&gone, json!({ "identifiers": [] })).await;
    assert_eq!(updated["userErrors"], json!([]), "{updated:#}");
    let row = |contract: &str, vendor: &str, number: &str| {
        format!("{contract},bss,{vendor},Works,1000,2024-01-01,2026-12-31,{number}\n")
    };
    let list = [
        format!("{HEADER},vendor_number\n"),
        // Another name, and an identifier disputed by another firm: it resolves to its holder.
        row("C-1", "Perennial Paving (old)", "V-1"),
        // No firm holds it, and the dispute is not decided.
        row("C-2", "Gone", "V-2"),
        row("C-3", "New", "V-3"),
        row("C-4", "New by another name", "V-3"),
    ];
    let (count, messages) = import_list(&app, &write_file(list.concat().as_bytes())).await;
    assert_eq!((count.recorded, count.rejected, count.registered), (3, 1, 1), "{messages:?}");
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(messages[0].contains("several organizations claim a number"), "{messages:?}");
    let held = "SELECT COUNT(*) FROM contract JOIN organization
        ON organization.id = contract.organization_id WHERE legal_name = 'Perennial Paving'";
    assert_eq!(app.select_number(held).await, 1);
    app.assert_verifies().await;
}

async fn a_list_is_imported_once(app: TestApp) {
    app.create_department("BSS").await;
    let known = app.register_firm("Perennial Paving").await;
    // 1,201 rows: two full transactions and a partial one; every seventh row has the same vendor.
    let mut list = format!("{HEADER},options_left,clause_version\r\n");
    for number in 0..1_201 {
        let vendor = if number % 7 == 0 {
            "Perennial Paving".into()
        } else {
            format!("\"Firm {}, Inc.\"", number % 50)
        };
        let clause = if number % 2 == 0 { "1" } else { "" };
        let row = format!("C-{number},bss,{vendor},Works,1000.50,2024-01-01,2026-12-31,2,{clause}");
        list.push_str(&row);
        list.push_str("\r\n");
    }
    let path = write_file(list.as_bytes());
    let (count, messages) = import_list(&app, &path).await;
    assert_eq!(messages, Vec::<String>::new());
    assert_eq!((count.recorded, count.unchanged, count.rejected), (1_201, 0, 0));
    assert_eq!(count.registered, 50);
    let again = import_list(&app, &path).await;
    let counts = RowCounts { unchanged: 1_201, ..RowCounts::default() };
    let same = ContractImportSummary {
        unchanged: 1_201,
        by_department: BTreeMap::from([("BSS".to_owned(), counts)]),
        ..ContractImportSummary::default()
    };
    assert_eq!(again, (same, Vec::new()), "a repeated import changes nothing");
    let filter = json!({ "filter": { "organizationId": known.id } });
    let data = app.query(&app.analyst_token(), SCREEN_CONTRACTS, filter).await;
    let data = &data["screenContracts"];
    assert_eq!(data["totalCount"], 172, "the firm that had registered holds its contracts");
    assert_eq!(data["nodes"][0]["readiness"], "BLOCK");
    let from = "query($id: ID!) { contract(id: $id) { recordedFrom basis value { amount }
        optionsLeft organization { kind } } }";
    let id = &data["nodes"][0]["id"];
    let data = app.query(&app.analyst_token(), from, json!({ "id": id })).await;
    let place = format!("{}:2", path.file_name().expect("a name").to_string_lossy());
    assert_eq!(data["contract"]["recordedFrom"], place);
    assert_eq!(data["contract"]["value"]["amount"], "1000.50");
    an_imported_vendor_files(&app).await;
    app.assert_verifies().await;
}

/// An imported contractor has no members: an administrator invites the first, who files, and the
/// contract can be renewed.
async fn an_imported_vendor_files(app: &TestApp) {
    let filter = json!({ "filter": { "text": "Firm 1 Inc", "clauseMissing": false } });
    let data = app.query(&app.analyst_token(), SCREEN_CONTRACTS, filter.clone()).await;
    let vendor = data["screenContracts"]["nodes"][0]["contract"]["organization"]["id"].clone();
    let admin = app.token("administrator", &[Role::Admin]);
    let invite = |role: &str, of: &str| json!({ "input": { "organizationId": vendor, "email": subject_email(of), "role": role } });
    let messages = app.mutation_errors(&admin, INVITE_MEMBER, invite("PREPARER", "clerk")).await;
    assert_eq!(messages, ["input.role invalid"]);
    app.mutate_ok(&admin, INVITE_MEMBER, invite("SIGNATORY", "owner")).await;
    let again = app.fault_code(&admin, INVITE_MEMBER, invite("SIGNATORY", "another")).await;
    assert_eq!(again, "NOT_FOUND", "only its own signatories may invite now");
    let id = vendor.as_str().expect("an identifier").to_owned();
    let firm = Firm { id, token: app.token("owner", &[Role::Bidder]) };
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    let data = app.query(&app.analyst_token(), SCREEN_CONTRACTS, filter).await;
    assert_eq!(data["screenContracts"]["nodes"][0]["readiness"], "ADMIT", "{data:#}");
}

async fn errors_are_reported_by_line_and_other_rows_imported(app: TestApp) {
    app.create_department("BSS").await;
    let mut list = Vec::new();
    list.extend_from_slice(b"\xEF\xBB\xBF");
    writeln!(list, "Number,Department,Vendor,Title,Value,Start_Date,End_Date,method,notes")
        .expect("room");
    for row in [
        "C-1,BSS,Añejo & Söhne,\"Works, with \"\"quotes\"\"\",10,2024-01-01,2026-12-31,,seen",
        "C-2,XYZ,Firm,Works,-5,2024-01-01,2026-12-31,,",
        "C-3,BSS,,Works,1e3,2024-13-01,2026-12-31,BARTER,",
        "C-1,BSS,Añejo & Söhne,\"Works, with \"\"quotes\"\"\",10,2024-01-01,2026-12-31,,",
        "C-1,BSS,Añejo & Söhne,Other works,10,2024-01-01,2026-12-31,,",
        "C-4,BSS,Firm,Works,10,2024-01-01,2023-12-31,,",
        "C-5,BSS,Firm,Works,10,2024-01-01,2026-12-31,,,,,",
        "C-6,BSS,Firm,\"Two\nlines\",10,2024-01-01,2026-12-31,,",
        "C-7,BSS",
        "C-8,BSS,Firm,Works,10,2030-01-01,2031-12-31,,",
    ] {
        writeln!(list, "{row}").expect("room");
    }
    list.extend_from_slice(b"C-9,BSS,Caf\xE9,Works,10,2024-01-01,2026-12-31,,\n");
    writeln!(list, "C-10,Department BSS,Firm,Works,10,2024-01-01,2026-12-31,sole source,")
        .expect("room");
    let path = write_file(&list);
    let (count, messages) = import_list(&app, &path).await;
    assert_eq!((count.recorded, count.rejected), (3, 9), "{messages:#?}");
    let folded = "SELECT COUNT(*) FROM contract WHERE title = 'Two lines'";
    assert_eq!(app.select_number(folded).await, 1, "a line break in a title is a blank");
    let lines: Vec<(&str, &str)> =
        messages.iter().map(|line| line.split_once(": ").expect("a line and why")).collect();
    let told_of = |line: &str| {
        let of: Vec<&str> = lines.iter().filter(|it| it.0 == line).map(|it| it.1).collect();
        of.join(" | ")
    };
    let name = path.file_name().expect("a name").to_string_lossy();
    for (line, words) in [
        (
            "3",
            vec![
                "department: no department",
                "\"XYZ\"",
                "value: The amount must not be below zero",
            ],
        ),
        (
            "4",
            vec![
                "value: Write the amount in digits",
                "startDate",
                "method: enter one of these: bids, proposals",
            ],
        ),
        ("5", vec!["occurs twice in the file", &*format!("{name}:2")]),
        ("6", vec!["already recorded", "with a different title"]),
        ("7", vec!["end_date: The last day is before the first day"]),
        ("8", vec!["it has 12 cells for 9 columns"]),
        ("11", vec!["title: Fill this in"]),
        ("12", vec!["start_date: The date is after today, Monday, February 2, 2026"]),
        ("13", vec!["vendor: it is not UTF-8 (byte 0xE9 after \"Caf\")"]),
    ] {
        for word in words {
            let word = if word == "startDate" { "start_date: Enter a valid date" } else { word };
            assert!(
                told_of(line).contains(word),
                "line {line}: {:?} lacks {word:?}",
                told_of(line)
            );
        }
    }
    app.assert_verifies().await;
}

async fn a_list_without_a_required_column_is_refused(app: TestApp) {
    app.create_department("BSS").await;
    for (bytes, words) in [
        (&b""[..], "is empty"),
        (
            b"number,department,vendor,title,start_date,end_date\n1,2,3,4,5,6\n",
            "lacks the column value",
        ),
        (b"number;department;vendor\n", "lacks the columns title, value, start_date, end_date"),
        (
            b"number,number,department,vendor,title,value,start_date,end_date\n",
            "two columns \"number\"",
        ),
    ] {
        let path = write_file(bytes);
        let refused =
            import_contracts(&app.database, &path, false, app.now(), &mut Vec::new()).await;
        let messages = format!("{:#}", refused.expect_err("no list"));
        assert!(messages.contains(words), "{messages}");
    }
    // A header without rows is an empty list.
    let (count, messages) = import_list(&app, &write_file(HEADER.as_bytes())).await;
    assert_eq!((count, messages.len()), (ContractImportSummary::default(), 0));
    assert_eq!(app.select_number("SELECT COUNT(*) FROM contract").await, 0);
}

const SELECT_FIRMS: &str = "SELECT COUNT(*) FROM organization";

async fn a_contractor_is_found_by_its_spellings(app: TestApp) {
    app.create_department("LIB").await;
    app.register_firm("Harbor Lantern Janitorial LLC").await;
    let mut list = format!("{HEADER},vendor_number,new_vendor\n");
    for (number, vendor, numbered, is_new) in [
        // The same name, however it is typed.
        (20, "HARBOR LANTERN JANITORIAL LLC", "", ""),
        (21, "\"Harbor Lantern Janitorial, LLC\"", "", ""),
        (22, "Harbor  Lantern Janitorial LLC", "", ""),
        (23, " Harbor Lantern Janitorial L.L.C. ", "", ""),
        (24, "Harbor Lantern Janitorial", "", ""),
        // Probably the same firm: a person decides.
        (30, "Harbour Lantern Janitorial LLC", "", ""),
        (31, "Harbor Lantern Janitorial Inc", "", "no"),
        (32, "Harbor Lantern Janitorial Inc", "", "yes"),
        // The row before registered it.
        (33, "\"Harbor Lantern Janitorial, Inc.\"", "", ""),
        (34, "Harbor Lantern Janitorial LLP", "", "maybe"),
        // Another firm.
        (40, "Bayside Roofing Co", "V-77", ""),
        (41, "Bayside Roofing", "V-77", ""),
    ] {
        let row = format!(
            "X-{number},LIB,{vendor},Cleaning,5000.00,2024-07-01,2027-06-30,{numbered},{is_new}\n"
        );
        list.push_str(&row);
    }
    let before = app.select_number(SELECT_FIRMS).await;
    let (count, messages) = import_list(&app, &write_file(list.as_bytes())).await;
    assert_eq!((count.recorded, count.rejected, count.registered), (9, 3, 2), "{messages:#?}");
    assert_eq!(app.select_number(SELECT_FIRMS).await, before + 2);
    for line in [0, 1] {
        let message = &messages[line];
        let candidate =
            "is probably a firm that is registered already: Harbor Lantern Janitorial LLC (org_";
        assert!(message.contains(candidate), "{message}");
        assert!(message.contains("write yes in the column new_vendor"), "{message}");
    }
    assert!(messages[2].contains("new_vendor: enter true or false"), "{messages:#?}");
    app.assert_verifies().await;
}

async fn rejected_rows_leave_nothing_behind(app: TestApp) {
    app.create_department("LIB").await;
    let list = [
        format!("{HEADER},master\n"),
        "H-1,LIB,Zarnow Paving Inc,Paving,5000.00,2024-07-01,2027-06-30,\n".into(),
        "H-1,LIB,Phantom Vendor One LLC,Other,6000.00,2024-07-01,2027-06-30,\n".into(),
        "H-2,LIB,Phantom Vendor Two LLC,Paving,many,2024-07-01,2027-06-30,\n".into(),
        "H-3,LIB,Phantom Vendor Three LLC,Order,6000.00,2024-07-01,2027-06-30,NO-SUCH\n".into(),
    ];
    let before = app.select_number(SELECT_FIRMS).await;
    let (count, messages) = import_list(&app, &write_file(list.concat().as_bytes())).await;
    assert_eq!((count.recorded, count.rejected, count.registered), (1, 3, 1), "{messages:#?}");
    assert_eq!(app.select_number(SELECT_FIRMS).await, before + 1);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM contract").await, 1);
    app.assert_verifies().await;
}

async fn what_a_spreadsheet_changed_is_rejected(app: TestApp) {
    app.create_department("LIB").await;
    let list = [
        format!("{HEADER},vendor_number,master\n"),
        "1.23E+11,LIB,Zarnow Paving Inc,Paving,5000.00,2024-07-01,2027-06-30,,\n".into(),
        "S-1,LIB,Zarnow Paving Inc,Paving,5000.00,45474,46568.0,,\n".into(),
        "S-2,LIB,Zarnow Paving Inc,Paving,5000.00,2024-07-01,2027-06-30,4.5E+07,\n".into(),
        "S-3,LIB,Zarnow Paving Inc,Paving,5000.00,2024-07-01,2027-06-30,,7e+10\n".into(),
        "00123,LIB,Zarnow Paving Inc,Paving,5000.00,2024-07-01,2027-06-30,,\n".into(),
        "123,LIB,Zarnow Paving Inc,Paving,5000.00,2024-07-01,2027-06-30,,\n".into(),
    ];
    let (count, messages) = import_list(&app, &write_file(list.concat().as_bytes())).await;
    assert_eq!((count.recorded, count.rejected), (2, 4), "{messages:#?}");
    for (message, words) in messages.iter().zip([
        "number: A spreadsheet has shortened this number to \"1.23E+11\"",
        "start_date: \"45474\" is a spreadsheet's number for a day, probably Monday, July 1, 2024",
        "A spreadsheet has shortened this number to \"4.5E+07\"",
        "master: A spreadsheet has shortened this number to \"7e+10\"",
    ]) {
        assert!(message.contains(words), "{message} lacks {words}");
    }
    assert!(messages[1].contains("end_date: \"46568.0\""), "{messages:#?}");
    assert_eq!(messages[1].matches("start_date").count(), 1, "{messages:#?}");
}

async fn a_dry_run_says_what_would_happen(app: TestApp) {
    for code in ["LIB", "BSS"] {
        app.create_department(code).await;
    }
    let mut list = format!("{HEADER},master\n");
    // More rows than one transaction has, whose orders and repetitions are in another one.
    list += "M-1,BSS,Zarnow Paving Inc,Paving,5000.00,2024-07-01,2027-06-30,\n";
    for number in 0..600 {
        let row = format!("L-{number},LIB,Quarlo Books,Books,10,2024-07-01,2027-06-30,\n");
        list.push_str(&row);
    }
    list += "M-2,BSS,Zarnow Paving Inc.,Order,10,2024-07-01,2027-06-30,M-1\n";
    list += "L-1,LIB,Quarlo Books,Other books,10,2024-07-01,2027-06-30,\n";
    list += "X-1,XYZ,Quarlo Books,Books,10,2024-07-01,2027-06-30,\n";
    let path = write_file(list.as_bytes());
    let firms = app.select_number(SELECT_FIRMS).await;
    let dry = import(&app, &path, true).await;
    assert_eq!(app.select_number("SELECT COUNT(*) FROM contract").await, 0);
    assert_eq!(app.select_number(SELECT_FIRMS).await, firms);
    let counts = |recorded, rejected| RowCounts { recorded, unchanged: 0, rejected };
    let by_department = [("", counts(0, 1)), ("BSS", counts(2, 0)), ("LIB", counts(600, 1))];
    let by_department = by_department.map(|(code, counts)| (code.to_owned(), counts));
    assert_eq!(dry.0.by_department, BTreeMap::from(by_department));
    assert_eq!((dry.0.recorded, dry.0.rejected, dry.0.registered), (602, 2, 2));
    assert_eq!(import(&app, &path, false).await, dry, "the import does what the dry run said");
    app.assert_verifies().await;
}
