//! A list of vendors is compared with federal awards, without a server or database.
use std::fs;
use std::path::{Path, PathBuf};

use candor::command::{Arguments, run as command};
use candor::config::Config;
use candor_tests::run;
use clap::Parser;
use serde_json::{Value, json};
use uuid::Uuid;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name)
}

fn new_file(name: &str) -> PathBuf {
    run::directory().join(format!("{}-{name}", Uuid::now_v7().simple()))
}

fn write_file(name: &str, text: &str) -> PathBuf {
    let path = new_file(name);
    fs::write(&path, text).expect("a file to write");
    path
}

/// Runs the command; returns its JSON output or error.
async fn run_screen(vendors: &Path, against: &[&Path], more: &[&str]) -> Result<Value, String> {
    let output = new_file("matches.json");
    let mut words = vec!["candor".into(), "screen".into(), vendors.as_os_str().to_owned()];
    words.push("--against".into());
    words.extend(against.iter().map(|path| path.as_os_str().to_owned()));
    words.extend(["--format", "json", "--output"].map(Into::into));
    words.push(output.clone().into_os_string());
    words.extend(more.iter().map(Into::into));
    let arguments = Arguments::try_parse_from(words).map_err(|error| error.to_string())?;
    let config = Config::from_variables(|_| None).expect("a configuration");
    command(arguments, &config).await.map_err(|error| format!("{error:#}"))?;
    let answer = fs::read_to_string(output).expect("an answer");
    Ok(serde_json::from_str(&answer).expect("JSON"))
}

/// Returns the best match of each name: name, band, component and award totals.
fn list_best_matches(answer: &Value) -> Vec<Value> {
    let members =
        ["match", "band", "component", "awards", "total_amount", "first_date", "last_date"];
    let rows = answer.as_array().expect("rows").iter();
    rows.map(|row| members.iter().map(|member| row["matches"][0][*member].clone()).collect())
        .collect()
}

#[tokio::test]
async fn each_name_is_reported_with_its_awards() {
    let answer = run_screen(&sample("vendors.csv"), &[&sample("federal_awards.csv")], &[]).await;
    let answer = answer.expect("an answer");
    let harbor = "HARBOR ORCHID DETENTION SERVICES LLC";
    let none: Vec<Value> = vec![Value::Null; 7];
    assert_eq!(
        list_best_matches(&answer),
        [
            json!([harbor, "PROBABLE", "ICE", 2, "4762500.50", "2021-09-28", "2026-03-15"]),
            // By its "doing business as" name.
            json!([
                "QUILLWORT HOLDINGS CORP",
                "PROBABLE",
                "CBP",
                1,
                "98000.00",
                "2022-02-14",
                "2023-02-13"
            ]),
            json!(none),
            json!([
                "OSTRICH FERN TRANSLATION INC",
                "PROBABLE",
                "USCIS",
                1,
                "-1250.00",
                "2023-08-08",
                "2024-08-07"
            ]),
            // Local 18 is another organization.
            json!(none),
        ]
    );
    assert_eq!(answer[0]["line"], 2);
    assert_eq!(answer[2]["name"], "Perennial Paving");
}

#[tokio::test]
async fn transactions_are_summed_with_dates_in_the_columns_format() {
    let listing = write_file(
        "listing.csv",
        "Generated Award ID,Recipient Name,Federal Action Obligation,Action Date\r\n\
        CONT_AWD_1_7014_-NONE-_-NONE-,\"TAMARIND FLEET LEASING, INC.\",100.0,01/09/2021 0:00\r\n\
        CONT_AWD_1_7014_-NONE-_-NONE-,TAMARIND FLEET LEASING INC,-40.25,28/09/2021 0:00\r\n\
        ,WITHOUT A KEY,1,28/09/2021 0:00\r\n",
    );
    let vendors = write_file("vendors.csv", "firm\nTamarind Fleet Leasing\n");
    let answer = run_screen(&vendors, &[&listing], &["--column", "Firm"]).await.expect("an answer");
    let [row] = &list_best_matches(&answer)[..] else { panic!("one row: {answer}") };
    assert_eq!(
        row.as_array().expect("members")[1..],
        [
            json!("PROBABLE"),
            json!("CBP"),
            json!(1),
            json!("59.75"),
            json!("2021-09-01"),
            json!("2021-09-28"),
        ]
    );
}

#[tokio::test]
async fn a_firm_is_found_by_every_name_of_its_awards() {
    let header = "contract_award_unique_key,recipient_name,recipient_uei,\
        recipient_doing_business_as_name,total_obligated_amount";
    let awards = write_file(
        "awards.csv",
        &format!(
            "{header}\n\
            A1,QUILLWORT HOLDINGS CORP,QW3JX8L5T9R2,TAMARIND FLEET LEASING,1\n\
            A2,QUILLWORT HOLDINGS CORP,QW3JX8L5T9R2,BRISTLECONE TOWING,2\n\
            A3,SPICEBUSH LOGISTICS LLC,QW3JX8L5T9R2,,4\n"
        ),
    );
    let names = ["Tamarind Fleet Leasing Inc", "Bristlecone Towing", "Spicebush Logistics"];
    let vendors = write_file("vendors.csv", &format!("name\n{}\n", names.join("\n")));
    let answer = run_screen(&vendors, &[&awards], &[]).await.expect("an answer");
    for row in list_best_matches(&answer) {
        assert_eq!(row[1], "PROBABLE");
        assert_eq!((&row[3], &row[4]), (&json!(3), &json!("7.00")), "one firm: {row}");
    }
}

#[tokio::test]
async fn invalid_arguments_are_reported() {
    let awards = sample("federal_awards.csv");
    let vendors = sample("vendors.csv");
    let error_of = |answer: Result<Value, String>| answer.expect_err("a refusal");
    let column = run_screen(&vendors, &[&awards], &["--column", "firm"]).await;
    assert!(error_of(column).contains("it has: vendor name, vendor number"));
    let other = write_file("other.csv", "a,b\n1,2\n");
    let against = run_screen(&vendors, &[&other], &[]).await;
    let message = error_of(against);
    for part in ["no column in its header (line 1)", "--against-column", "1 \"a\", 2 \"b\""] {
        assert!(message.contains(part), "{message}");
    }
    let score = run_screen(&vendors, &[&awards], &["--min-score", "2"]).await;
    assert_eq!(error_of(score), "--min-score must be from 0 to 1, not 2");
}

#[tokio::test]
async fn every_award_file_format_is_read() {
    let listing = write_file(
        "listing.csv",
        "Generated Award ID,Recipient Name,Federal Action Obligation,Action Date,Modification\n\
        CONT_AWD_1_7014_-NONE-_-NONE-,TAMARIND FLEET LEASING INC,100,2021-09-28,0\n\
        CONT_AWD_1_7014_-NONE-_-NONE-,TAMARIND FLEET LEASING INC,100,2021-09-28,0\n",
    );
    let subawards = write_file(
        "subawards.csv",
        "prime_award_unique_key,subaward_number,subaward_amount,subaward_action_date,\
        subawardee_name,subawardee_duns,prime_award_awarding_sub_agency_code\n\
        CONT_AWD_2_7012_-NONE-_-NONE-,S1,5,2022-01-31,TAMARIND FLEET LEASING,000000001,7012\n",
    );
    let nothing = write_file(
        "nothing.csv",
        "assistance_award_unique_key,recipient_name,total_obligated_amount\n",
    );
    let names = write_file("names.csv", "name,uei\nBRISTLECONE TOWING,\n");
    let vendors = write_file("vendors.csv", "name\nTamarind Fleet Leasing\nBristlecone Towing\n");
    let against = [&*listing, &*subawards, &*nothing, &*names];
    let answer = run_screen(&vendors, &against, &["--top", "300"]).await.expect("an answer");
    let matches = answer[0]["matches"].as_array().expect("matches");
    let mut by_component: Vec<_> =
        matches.iter().map(|it| (&it["component"], &it["awards"])).collect();
    by_component.sort_by_key(|(component, _)| component.to_string());
    // The listing repeats one transaction.
    assert_eq!(by_component, [(&json!("CBP"), &json!(1)), (&json!("ICE"), &json!(1))]);
    assert!(matches.iter().any(|it| it["total_amount"] == "100.00"), "{matches:?}");
    assert_eq!(answer[1]["matches"][0]["match"], "BRISTLECONE TOWING");
}

#[tokio::test]
async fn names_without_distinctive_words_have_no_match() {
    let awards = sample("federal_awards.csv");
    let header = write_file("header.csv", "vendor name\n");
    assert_eq!(run_screen(&header, &[&awards], &[]).await.expect("an answer"), json!([]));
    // Only legal forms, only punctuation, other scripts, an empty name.
    let long = "harbor ".repeat(1_500);
    let names = ["THE COMPANY LLC", "&&& --- ...", "شركة النور", "北京建设", "NULL", long.trim()];
    let vendors = write_file("vendors.csv", &format!("name\n{}\n", names.join("\n")));
    let answer = run_screen(&vendors, &[&awards], &["--top", "300"]).await.expect("an answer");
    let rows = answer.as_array().expect("rows");
    assert_eq!(rows.len(), names.len());
    for (row, name) in rows.iter().zip(names) {
        assert_eq!((&row["name"], &row["matches"]), (&json!(name), &json!([])));
    }
    let first = "vendor name\n\"HARBOR ORCHID\nDETENTION SERVICES LLC\"\n";
    let vendors = write_file("marked.csv", &format!("\u{FEFF}{first}"));
    let answer = run_screen(&vendors, &[&awards], &[]).await.expect("an answer");
    assert_eq!(answer[0]["matches"][0]["match"], "HARBOR ORCHID DETENTION SERVICES LLC");
}

#[tokio::test]
async fn an_invalid_list_is_reported() {
    let (awards, vendors) = (sample("federal_awards.csv"), sample("vendors.csv"));
    let long = format!("vendor name\n\"{}\n", "ACME\n".repeat(400_000));
    let refusals = [
        ("", "is empty; it needs a header with the names of the columns"),
        ("\u{7F}ELF\u{2}\0\0", "is not text; save it as CSV (UTF-8)"),
    ];
    for (text, expected) in refusals {
        let file = write_file("odd.csv", text);
        for (vendors, against) in [(&file, &awards), (&vendors, &file)] {
            let answer = run_screen(vendors, &[against], &[]).await.expect_err("a refusal");
            assert!(answer.ends_with(expected), "{answer}");
        }
    }
    // An unclosed quote spans a mebibyte at most; rows before it are screened.
    let file =
        write_file("unclosed.csv", &long.replacen('"', "Harbor Orchid Detention Svcs\n\"", 1));
    let message =
        run_screen(&file, &[&awards], &[]).await.expect_err("a row that was not screened");
    assert!(message.contains("the other rows were screened"), "{message}");
}
