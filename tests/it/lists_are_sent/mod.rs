//! The City's systems send lists of vendors, contracts and federal awards as files over HTTP.
mod limits;

use candor::import::ImportLimits;
use candor_schema::database::Database;
use candor_schema::verify::verify;
use candor_tests::awards::{AwardSummary, write_award_summaries};
use candor_tests::portal::read;
use candor_tests::process::ServiceProcess;
use candor_tests::steps::text;
use candor_tests::{Method, Role, TestApp, stories};
use chrono::{TimeDelta, Utc};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

stories![
    a_vendor_list_is_sent_twice,
    contracts_are_tried_and_then_sent,
    awards_are_sent,
    a_file_that_cannot_be_imported_is_refused_with_words,
    an_import_is_shown_to_its_owner_and_administrators,
    a_key_sends_a_file_once,
    a_killed_import_is_sent_again,
    old_imports_are_deleted,
];

const CONTRACTS: &str = "number,department,vendor,title,value,start_date,end_date\n";

async fn start(app: TestApp) -> TestApp {
    app.create_department("BSS").await;
    app.with_imports(ImportLimits::default()).await
}

/// Sends a table, waits for the end of its import, and returns the import.
async fn import(app: &TestApp, token: &str, path: &str, table: &str) -> Value {
    let answer = app.send_import(token, path, table).await;
    let location = answer.headers.get("location").expect("an address").to_str().expect("ASCII");
    let location = location.to_owned();
    let job = answer.expect(202);
    assert_eq!(location, format!("/v1/imports/{}", text(&job["id"])));
    assert_eq!(job["bytes"], table.len());
    app.wait_for_import(token, &text(&job["id"])).await
}

async fn report(app: &TestApp, token: &str, job: &Value) -> Vec<Value> {
    let page = app.rest_get(token, &text(&job["report"])).await.expect(200);
    page["lines"].as_array().expect("lines").clone()
}

async fn a_vendor_list_is_sent_twice(app: TestApp) {
    let app = start(app).await;
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await;
    let list = "number,name,city,state,color\nV-1,Prime Paving,Fresno,CA,red\n\
                V-2,Second Paving,,,\nV-1,Prime Paving,,,\n,Nameless,,,\n";
    let job = import(&app, &key.secret, "vendors?file=August%20list.csv", list).await;
    assert_eq!(job["state"], "DONE", "{job:#}");
    assert_eq!((&job["file"], &job["kind"]), (&json!("August list.csv"), &json!("VENDORS")));
    assert_eq!(job["bytesRead"], list.len());
    let rows = [&job["rowsRead"], &job["rowsImported"], &job["rowsRefused"]];
    assert_eq!(rows, [&json!(4), &json!(2), &json!(2)]);
    let expected = json!({
        "registered": 2, "verified": 0, "unchanged": 0, "rejected": 2, "invited": 0,
        "proposedMerges": 0,
    });
    assert_eq!(job["counts"], expected);
    let lines = report(&app, &key.secret, &job).await;
    let shown: Vec<_> = lines.iter().map(|it| (&it["kind"], &it["line"], &it["field"])).collect();
    let (refused, number) = (json!("REFUSED"), json!("number"));
    assert_eq!(shown[0], (&json!("NOTE"), &Value::Null, &Value::Null));
    assert_eq!(shown[1], (&refused, &json!(4), &number));
    assert_eq!((shown[2].0, shown[2].1), (&refused, &json!(5)));
    assert_eq!(lines[0]["message"], "unknown columns, ignored: color");
    let twice = "V-1 occurs twice in the file, first on line 2; remove one of the rows";
    assert_eq!(lines[1]["message"], twice);
    // The report in pages.
    let path = format!("{}?limit=2", text(&job["report"]));
    let first = app.rest_get(&key.secret, &path).await.expect(200);
    assert_eq!((&first["lines"][1]["number"], &first["next"]), (&json!(2), &json!(2)));
    let rest = app.rest_get(&key.secret, &format!("{path}&after=2")).await.expect(200);
    assert_eq!((&rest["lines"], &rest["next"]), (&json!([lines[2]]), &Value::Null));
    // The ledger names the key, and a second time nothing is new.
    let found = app.rest_get(&key.secret, "/v1/vendors/V-2").await.expect(200);
    let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { actor } } }";
    let auditor = app.token("auditor", &[Role::Auditor]);
    let entries = app.query(&auditor, trail, json!({ "id": found["organizationId"] })).await;
    let actor = &entries["auditTrail"]["nodes"][0]["actor"];
    assert_eq!(*actor, format!("candor {}", key.id));
    let counted = "SELECT COUNT(*) FROM ledger";
    let entries = app.select_number(counted).await;
    let again = import(&app, &key.secret, "vendors", list).await;
    assert_eq!((&again["counts"]["unchanged"], &again["rowsImported"]), (&json!(2), &json!(2)));
    assert_eq!(app.select_number(counted).await, entries);
    assert_eq!(app.list_import_files(), Vec::<String>::new());
    app.assert_verifies().await;
}

async fn contracts_are_tried_and_then_sent(app: TestApp) {
    let app = start(app).await;
    let admin = app.token("administrator", &[Role::Admin]);
    let list = format!(
        "{CONTRACTS}C-1,BSS,Prime Paving,Works,1000,2020-07-01,2026-06-30\n\
         C-2,NONE,Prime Paving,Works,1000,2020-07-01,2026-06-30\n\
         C-3,BSS,Prime Paving,Works,1000,2020-07-01,2019-06-30\n"
    );
    let tried = import(&app, &admin, "contracts?dryRun=true", &list).await;
    assert_eq!((&tried["state"], &tried["dryRun"]), (&json!("DONE"), &json!(true)), "{tried:#}");
    let by_department = json!({
        "": { "recorded": 0, "unchanged": 0, "rejected": 1 },
        "BSS": { "recorded": 1, "unchanged": 0, "rejected": 1 },
    });
    assert_eq!(tried["counts"]["byDepartment"], by_department);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM contract").await, 0);
    let done = import(&app, &admin, "contracts", &list).await;
    assert_eq!(done["counts"]["recorded"], 1, "{done:#}");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM contract").await, 1);
    let lines = report(&app, &admin, &done).await;
    assert_eq!((&lines[0]["field"], &lines[0]["line"]), (&json!("department"), &json!(3)));
    assert_eq!((&lines[1]["field"], &lines[1]["line"]), (&json!("end_date"), &json!(4)));
    // The list of the next month has the same name and other lines.
    let next = format!(
        "{CONTRACTS}C-4,BSS,Prime Paving,Works,1000,2020-07-01,2026-06-30\n\
         C-1,BSS,Prime Paving,Works,1000,2020-07-01,2026-06-30\n"
    );
    let next = import(&app, &admin, "contracts", &next).await;
    let counts = [&next["counts"]["recorded"], &next["counts"]["unchanged"], &next["rowsRefused"]];
    assert_eq!(counts, [&json!(1), &json!(1), &json!(0)], "{next:#}");
    // What is not as usual in a file is in its report.
    let other = format!("{CONTRACTS}C-5,BSS,Prime Paving,Works,1000,2020-07-01,2026-06-30\n");
    let other = import(&app, &admin, "contracts", &other.replace(',', ";")).await;
    assert_eq!(other["counts"]["recorded"], 1, "{other:#}");
    let lines = report(&app, &admin, &other).await;
    let separated = "contracts.csv: its cells are separated by a semicolon each";
    assert_eq!(lines[0]["message"], separated);
    app.assert_verifies().await;
}

async fn awards_are_sent(app: TestApp) {
    let app = start(app).await;
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    let other = AwardSummary { number: "70CDCR25FR0000012", ..AwardSummary::default() };
    let file = write_award_summaries(&[AwardSummary::default(), other]);
    let table = std::fs::read_to_string(file).expect("a file");
    let job = import(&app, &key, "awards?file=FY2025.csv", &table).await;
    assert_eq!((&job["state"], &job["counts"]["new"]), (&json!("DONE"), &json!(2)), "{job:#}");
    assert_eq!(job["counts"]["allAwards"], 2);
    assert_eq!(job["bytesRead"], table.len());
    let again =
        import(&app, &key, "awards?file=FY2025.csv&complete=2020-01-01..2026-01-01", &table);
    let again = again.await;
    assert_eq!((&again["state"], &again["counts"]["unchanged"]), (&json!("DONE"), &json!(2)));
    assert_eq!(again["complete"], "2020-01-01..2026-01-01");
    for (query, part) in [
        ("complete=2020-01-01", "write two days"),
        ("complete=2026-01-01..2020-01-01", "the first day is after the last"),
        ("dryRun=true", "unknown field `dryRun`"),
    ] {
        let refused = app.send_import(&key, &format!("awards?{query}"), &table).await.expect(400);
        assert!(text(&refused["detail"]).contains(part), "{refused:#}");
    }
    app.assert_verifies().await;
}

async fn a_file_that_cannot_be_imported_is_refused_with_words(app: TestApp) {
    let app = start(app).await;
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    for (path, table, reason) in [
        (
            "vendors",
            "number,city\nV-1,Fresno\n",
            "vendors.csv lacks the column name; its header has: ",
        ),
        ("contracts?file=c.csv", "\n\n", "c.csv is empty"),
        ("awards", "number,name\nV-1,Prime\n", "awards.csv is not an award file of USAspending"),
        ("awards", "PK\u{3}\u{4} no archive", "awards.csv is a zip archive that cannot be read"),
        ("vendors", "\u{0}\u{1}\u{2}", "vendors.csv "),
    ] {
        let job = import(&app, &key, path, table).await;
        assert_eq!(job["state"], "REFUSED", "{job:#}");
        let shown = text(&job["reason"]);
        assert!(shown.starts_with(reason) && !shown.contains("data_"), "{shown}");
        assert_eq!((&job["counts"], &job["rowsImported"]), (&Value::Null, &json!(0)));
    }
    let send = async |path: &str, headers: &[(&str, &str)], body: &str| {
        let mut request = app.http_request(Method::POST, &format!("/v1/imports/{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.bearer_auth(&key).body(body.to_owned());
        read(request.send().await.expect("an answer")).await
    };
    let csv = ("content-type", "text/csv");
    for (path, headers, status, part) in [
        ("vendors", vec![("content-type", "application/json")], 415, "as text/csv"),
        ("vendors", vec![("content-type", "application/zip")], 415, "as text/csv"),
        ("vendors", vec![csv, ("content-encoding", "gzip")], 415, "without Content-Encoding"),
        ("vendors", vec![csv, ("idempotency-key", "a b")], 400, "visible ASCII"),
        ("vendors?file=a%2Fb.csv", vec![csv], 400, "without a folder"),
        ("vendors?dry_run=true", vec![csv], 400, "dry_run"),
        ("vendors?dryRun=perhaps", vec![csv], 400, "dryRun"),
    ] {
        let refused = send(path, &headers, "number,name\n").await.expect(status);
        assert!(text(&refused["detail"]).contains(part), "{refused:#}");
    }
    let empty = send("vendors", &[csv], "").await.expect(400);
    assert!(text(&empty["detail"]).contains("The body is empty"), "{empty:#}");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM import_job").await, 5);
    assert_eq!(app.list_import_files(), Vec::<String>::new());
    app.assert_verifies().await;
}

async fn an_import_is_shown_to_its_owner_and_administrators(app: TestApp) {
    let app = start(app).await;
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    let job = import(&app, &key, "vendors", "number,name\nV-1,Prime Paving\n").await;
    let (job, report) = (format!("/v1/imports/{}", text(&job["id"])), text(&job["report"]));
    let admin = app.token("administrator", &[Role::Admin]);
    let other = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    let auditor = app.token("auditor", &[Role::Auditor]);
    for (token, status) in [(&key, 200), (&admin, 200), (&other, 404), (&auditor, 404)] {
        for path in [&job, &report] {
            app.rest_get(token, path).await.expect(status);
        }
    }
    for id in ["job_01kb00000000000000000000ab", "imp_01kb00000000000000000000ab", "x", "%FF"] {
        let answer = app.rest_get(&admin, &format!("/v1/imports/{id}")).await;
        assert!([400, 404].contains(&answer.status.as_u16()), "{id}: {:#}", answer.body);
    }
    for limit in ["0", "1001", "-1", "many"] {
        app.rest_get(&admin, &format!("{report}?limit={limit}")).await.expect(400);
    }
    for (token, status) in [(&auditor, 403), (&app.token("x", &[Role::Bidder]), 403)] {
        let refused = app.send_import(token, "vendors", "number,name\n").await.expect(status);
        let part = "only the procurement system and administrators import lists";
        assert!(text(&refused["detail"]).contains(part), "{refused:#}");
    }
}

async fn a_key_sends_a_file_once(app: TestApp) {
    let app = start(app).await;
    let token = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    let send = async |table: &str| {
        let request = app.http_request(Method::POST, "/v1/imports/vendors");
        let request =
            request.header("content-type", "text/csv").header("idempotency-key", "august");
        let request = request.bearer_auth(&token).body(table.to_owned());
        read(request.send().await.expect("an answer")).await
    };
    let first = send("number,name\nV-1,Prime Paving\n").await;
    let again = send("number,name\nV-1,Prime Paving\n").await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.headers["location"], first.headers["location"]);
    assert_eq!(again.expect(202), first.expect(202));
    let other = send("number,name\nV-2,Second Paving\n").await.expect(422);
    assert_eq!(other["code"], "IDEMPOTENCY_MISMATCH");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM import_job").await, 1);
    while app.select_number("SELECT COUNT(*) FROM import_job WHERE ended_at IS NULL").await > 0 {
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(app.list_import_files(), Vec::<String>::new());
}

async fn a_killed_import_is_sent_again(app: TestApp) {
    const ROWS: usize = 3_000;
    // The process uses the system clock, as in production.
    app.advance_to(&Utc::now().to_rfc3339());
    app.create_department("BSS").await;
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    let row = |number| format!("C-{number},BSS,Prime Paving,Works,1000,2020-07-01,2026-06-30\n");
    let table: String = [CONTRACTS.to_owned()].into_iter().chain((0..ROWS).map(row)).collect();
    let client = Client::new();
    let send = async |service: &ServiceProcess, method: Method, path: &str, body: String| {
        let address = service.address().replace("/graphql", path);
        let request = client.request(method, address).bearer_auth(&key);
        let request = request.header("content-type", "text/csv").body(body);
        read(request.send().await.expect("an answer")).await
    };
    let service = ServiceProcess::start(&app).await;
    let answer = send(&service, Method::POST, "/v1/imports/contracts", table.clone()).await;
    let job = text(&answer.expect(202)["id"]);
    // A second file waits behind it.
    let waiting = send(&service, Method::POST, "/v1/imports/vendors", "number,name\n".to_owned());
    let waiting = text(&waiting.await.expect(202)["id"]);
    let path = |id: &str| format!("/v1/imports/{id}");
    let until = Utc::now() + TimeDelta::seconds(60);
    loop {
        let state = send(&service, Method::GET, &path(&job), String::new()).await.expect(200);
        assert!(state["endedAt"].is_null() && Utc::now() < until, "it ended too soon: {state:#}");
        if state["rowsImported"].as_i64() > Some(0) {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    service.kill();
    assert_eq!(app.list_import_files().len(), 2, "a killed process deletes nothing");
    let recorded = app.select_number("SELECT COUNT(*) FROM contract").await;
    assert!((1..3_000).contains(&recorded), "{recorded}");

    let service = ServiceProcess::start(&app).await;
    let mut ended = Value::Null;
    for _ in 0..200 {
        ended = send(&service, Method::GET, &path(&job), String::new()).await.expect(200);
        if ended["state"] == "INTERRUPTED" {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(ended["state"], "INTERRUPTED", "{ended:#}");
    let reason = text(&ended["reason"]);
    let rows = format!("At least {} of its rows are imported", ended["rowsImported"]);
    assert!(reason.contains(&rows) && reason.contains("Send the same file again"), "{reason}");
    let behind = send(&service, Method::GET, &path(&waiting), String::new()).await.expect(200);
    assert!(text(&behind["reason"]).contains("Nothing was imported."), "{behind:#}");
    assert_eq!(app.list_import_files(), Vec::<String>::new());

    let again = send(&service, Method::POST, "/v1/imports/contracts", table).await.expect(202);
    let again = path(&text(&again["id"]));
    let done = loop {
        let state = send(&service, Method::GET, &again, String::new()).await.expect(200);
        if !state["endedAt"].is_null() {
            break state;
        }
        sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(done["state"], "DONE", "{done:#}");
    assert_eq!(done["counts"]["unchanged"], recorded);
    assert_eq!(done["rowsImported"], ROWS);
    let contracts = i64::try_from(ROWS).expect("a number");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM contract").await, contracts);
    // Not within the time of a request: a busy machine needs longer for the ledger of all contracts.
    let database = Database::open_for_work(app.database_url()).await.expect("a connection");
    let report = verify(&database, app.now(), |_| ()).await.expect("a report");
    assert_eq!(report.wrong, None, "{report:?}");
}

async fn old_imports_are_deleted(app: TestApp) {
    use candor_schema::import_job::service::{KEPT_FOR, delete_old_jobs};
    let app = start(app).await;
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    let job = import(&app, &key, "vendors", "number,name\nV-1,\n").await;
    assert_eq!(job["reportLines"], 1);
    let kept = app.now() + KEPT_FOR;
    assert_eq!(delete_old_jobs(&app.database, kept).await.expect("a clean-up"), 0);
    let later = kept + TimeDelta::seconds(1);
    assert_eq!(delete_old_jobs(&app.database, later).await.expect("a clean-up"), 1);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM import_report_line").await, 0);
    app.rest_get(&key, &format!("/v1/imports/{}", text(&job["id"]))).await.expect(404);
}
