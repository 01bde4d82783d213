//! Contracts that predate the ordinance are imported from a list.
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use candor::command::import::{Count, import_contracts};
use candor_tests::fixtures::{Firm, no_dealings};
use candor_tests::contracts::SCREEN_CONTRACTS;
use candor_tests::steps::INVITE_MEMBER;
use candor_tests::{TestApp, Role, subject_email, run, stories};
use serde_json::json;
use uuid::Uuid;

stories![
    a_list_goes_in_once,
    what_is_wrong_is_told_by_line_and_the_rest_goes_in,
    a_list_without_a_column_is_refused_whole,
    a_number_is_the_firms_that_bears_it,
];

const HEADER: &str = "number,department,vendor,title,value,start_date,end_date";

/// A file of the story's own.
fn file(bytes: &[u8]) -> PathBuf {
    let path = run::directory().join(format!("contracts-{}.csv", Uuid::now_v7().simple()));
    fs::write(&path, bytes).expect("a file to write");
    path
}

async fn imported(app: &TestApp, path: &Path) -> (Count, Vec<String>) {
    let mut told = Vec::new();
    let count = import_contracts(&app.database, path, app.now(), &mut told).await;
    let told = String::from_utf8(told).expect("text");
    // Without the file's name, which is the run's.
    let told = told.lines().map(|line| line.split_once(':').expect("a file").1.to_owned());
    (count.expect("an import"), told.collect())
}

async fn a_number_is_the_firms_that_bears_it(app: TestApp) {
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
    let update = "mutation($id: ID!, $input: OrganizationInput!) {
        updateOrganization(id: $id, input: $input) { userErrors { path code message } } }";
    let without = json!({ "kind": "CORPORATION", "legalName": "Gone" });
    app.mutate_ok(&gone.token, update, json!({ "id": gone.id, "input": without })).await;
    let row = |contract: &str, vendor: &str, number: &str| {
        format!("{contract},bss,{vendor},Works,1000,2024-01-01,2026-12-31,{number}\n")
    };
    let list = [
        format!("{HEADER},vendor_number\n"),
        // By another name, and disputed by another: the number is the bearer's.
        row("C-1", "Perennial Paving (old)", "V-1"),
        // Nobody bears it, and it is not decided whose it is.
        row("C-2", "Gone", "V-2"),
        row("C-3", "New", "V-3"),
        row("C-4", "New by another name", "V-3"),
    ];
    let (count, told) = imported(&app, &file(list.concat().as_bytes())).await;
    assert_eq!((count.recorded, count.refused, count.registered), (3, 1, 1), "{told:?}");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("several organizations claim a number"), "{told:?}");
    let held = "SELECT COUNT(*) FROM contract JOIN organization
        ON organization.id = contract.organization_id WHERE legal_name = 'Perennial Paving'";
    assert_eq!(app.select_number(held).await, 1);
    app.assert_verifies().await;
}

async fn a_list_goes_in_once(app: TestApp) {
    app.create_department("BSS").await;
    let known = app.register_firm("Perennial Paving").await;
    // 1,201 rows: two transactions and a part of one; every seventh is of one and the same vendor.
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
    let path = file(list.as_bytes());
    let (count, told) = imported(&app, &path).await;
    assert_eq!(told, Vec::<String>::new());
    assert_eq!((count.recorded, count.unchanged, count.refused), (1_201, 0, 0));
    assert_eq!(count.registered, 50);
    let again = imported(&app, &path).await;
    let same = Count { unchanged: 1_201, ..Count::default() };
    assert_eq!(again, (same, Vec::new()), "a second time nothing changes");
    let filter = json!({ "filter": { "organizationId": known.id } });
    let seen = app.query(&app.analyst_token(), SCREEN_CONTRACTS, filter).await;
    let seen = &seen["screenContracts"];
    assert_eq!(seen["totalCount"], 172, "the firm that had registered holds its contracts");
    assert_eq!(seen["nodes"][0]["readiness"], "BLOCK");
    let from = "query($id: ID!) { contract(id: $id) { recordedFrom basis value { amount }
        optionsLeft organization { kind } } }";
    let id = &seen["nodes"][0]["id"];
    let seen = app.query(&app.analyst_token(), from, json!({ "id": id })).await;
    let place = format!("{}:2", path.file_name().expect("a name").to_string_lossy());
    assert_eq!(seen["contract"]["recordedFrom"], place);
    assert_eq!(seen["contract"]["value"]["amount"], "1000.50");
    a_vendor_comes_to_file(&app).await;
    app.assert_verifies().await;
}

/// Nobody acts for a contractor that came with a list: an administrator invites the first, who
/// files, and the contract can be renewed.
async fn a_vendor_comes_to_file(app: &TestApp) {
    let filter = json!({ "filter": { "text": "Firm 1 Inc", "clauseMissing": false } });
    let seen = app.query(&app.analyst_token(), SCREEN_CONTRACTS, filter.clone()).await;
    let vendor = seen["screenContracts"]["nodes"][0]["contract"]["organization"]["id"].clone();
    let admin = app.token("administrator", &[Role::Admin]);
    let invite = |role: &str, of: &str| json!({ "input": { "organizationId": vendor, "email": subject_email(of), "role": role } });
    let told = app.mutation_errors(&admin, INVITE_MEMBER, invite("PREPARER", "clerk")).await;
    assert_eq!(told, ["input.role invalid"]);
    app.mutate_ok(&admin, INVITE_MEMBER, invite("SIGNATORY", "owner")).await;
    let again = app.fault_code(&admin, INVITE_MEMBER, invite("SIGNATORY", "another")).await;
    assert_eq!(again, "NOT_FOUND", "from now on its own signatories invite");
    let id = vendor.as_str().expect("an identifier").to_owned();
    let firm = Firm { id, token: app.token("owner", &[Role::Bidder]) };
    app.file_and_load_disclosure(&firm, no_dealings()).await;
    let seen = app.query(&app.analyst_token(), SCREEN_CONTRACTS, filter).await;
    assert_eq!(seen["screenContracts"]["nodes"][0]["readiness"], "ADMIT", "{seen:#}");
}

async fn what_is_wrong_is_told_by_line_and_the_rest_goes_in(app: TestApp) {
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
    let path = file(&list);
    let (count, told) = imported(&app, &path).await;
    assert_eq!((count.recorded, count.refused), (3, 9), "{told:#?}");
    let folded = "SELECT COUNT(*) FROM contract WHERE title = 'Two lines'";
    assert_eq!(app.select_number(folded).await, 1, "a line break in a title is a blank");
    let lines: Vec<(&str, &str)> =
        told.iter().map(|line| line.split_once(": ").expect("a line and why")).collect();
    let told_of = |line: &str| {
        let of: Vec<&str> = lines.iter().filter(|it| it.0 == line).map(|it| it.1).collect();
        of.join(" | ")
    };
    let name = path.file_name().expect("a name").to_string_lossy();
    for (line, words) in [
        (
            "3",
            vec!["department: no department", "\"XYZ\"", "value: The amount must not be below zero"],
        ),
        ("4", vec!["value: Write the amount in digits", "startDate", "method: write BIDS"]),
        ("5", vec!["stands twice in the file", &*format!("{name}:2")]),
        ("6", vec!["recorded already", "with another title"]),
        ("7", vec!["end_date: It ends before it begins"]),
        ("8", vec!["it has 12 cells for 9 columns"]),
        ("11", vec!["title: Fill this in"]),
        ("12", vec!["start_date: It is 2026-02-02"]),
        ("13", vec!["vendor: it is not UTF-8 (byte 0xE9 after \"Caf\")"]),
    ] {
        for word in words {
            let word = if word == "startDate" { "start_date: Write an existing date" } else { word };
            assert!(
                told_of(line).contains(word),
                "line {line}: {:?} lacks {word:?}",
                told_of(line)
            );
        }
    }
    app.assert_verifies().await;
}

async fn a_list_without_a_column_is_refused_whole(app: TestApp) {
    app.create_department("BSS").await;
    for (bytes, words) in [
        (&b""[..], "is empty"),
        (
            b"number,department,vendor,title,start_date,end_date\n1,2,3,4,5,6\n",
            "lacks the column value",
        ),
        (b"number;department;vendor\n", "seem to be separated by ';'"),
        (
            b"number,number,department,vendor,title,value,start_date,end_date\n",
            "two columns \"number\"",
        ),
    ] {
        let path = file(bytes);
        let refused = import_contracts(&app.database, &path, app.now(), &mut Vec::new()).await;
        let told = format!("{:#}", refused.expect_err("no list"));
        assert!(told.contains(words), "{told}");
    }
    // A header alone is a list of nothing.
    let (count, told) = imported(&app, &file(HEADER.as_bytes())).await;
    assert_eq!((count, told.len()), (Count::default(), 0));
    assert_eq!(app.select_number("SELECT COUNT(*) FROM contract").await, 0);
}
