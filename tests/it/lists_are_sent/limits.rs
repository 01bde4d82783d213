//! Files that are too many, too large or too slow leave nothing behind.
use candor::import::ImportLimits;
use candor_schema::import_job::service::interrupt_unseen_jobs;
use candor_tests::steps::text;
use candor_tests::{TestApp, stories};
use chrono::TimeDelta;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, sleep};
use uuid::Uuid;

stories![
    a_large_file_is_refused,
    a_slow_file_is_refused,
    a_client_that_breaks_off_leaves_nothing,
    waiting_files_are_bounded,
    files_are_received_one_after_the_other,
    imports_of_a_silent_process_are_interrupted,
];

const SMALL: ImportLimits = ImportLimits {
    file_bytes: 1_000,
    held_bytes: 1_500,
    uploads: 1,
    idle: Duration::from_secs(1),
    whole: Duration::from_secs(3),
};

/// Asserts that no import was stored and no file is left.
async fn assert_nothing_left(app: &TestApp) {
    for _ in 0..100 {
        if app.list_import_files().is_empty() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(app.list_import_files(), Vec::<String>::new());
    assert_eq!(app.select_number("SELECT COUNT(*) FROM import_job").await, 0);
}

/// Opens a connection and sends the head of a request with a file, and the beginning of its body.
async fn begin_upload(app: &TestApp, token: &str, framing: &str, body: &str) -> TcpStream {
    let address = app.base_url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = format!(
        "POST /v1/imports/vendors HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: text/csv\r\n{framing}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).await.expect("a head");
    stream
}

/// Reads an answer until the service closes the connection or says no more.
async fn read_answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let reading = async {
        let mut buffer = [0; 4096];
        while let Ok(count) = stream.read(&mut buffer).await {
            answer.extend_from_slice(&buffer[..count]);
            if count == 0 || answer.ends_with(b"}") {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), reading).await.expect("an answer in time");
    String::from_utf8(answer).expect("UTF-8")
}

async fn a_large_file_is_refused(app: TestApp) {
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    // What the head says of the production's bound is refused without a body.
    let length = format!("content-length: {}", 512 * 1024 * 1024 + 1);
    let mut stream = begin_upload(&app, &key, &length, "").await;
    let answer = read_answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("512 MiB"), "{answer}");
    let app = app.with_imports(SMALL).await;
    let large = format!("number,name\n{}", "V-1,Prime Paving\n".repeat(60));
    let refused = app.send_import(&key, "vendors", &large).await.expect(413);
    assert!(text(&refused["detail"]).contains("larger than 1000 bytes"), "{refused:#}");
    // A body whose length nobody says.
    let chunk = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    let mut stream = begin_upload(&app, &key, "transfer-encoding: chunked", &chunk).await;
    let answer = read_answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_nothing_left(&app).await;
    // The bound of other bodies stays.
    let body = json!({ "legalName": "x".repeat(1024 * 1024) });
    app.rest_put(&key, "/v1/vendors/V-1", &body).await.expect(413);
}

async fn a_slow_file_is_refused(app: TestApp) {
    let app = app.with_imports(SMALL).await;
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    let mut idle = begin_upload(&app, &key, "content-length: 100", "number,name\n").await;
    let answer = read_answer(&mut idle).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("too slowly"), "{answer}");
    let mut slow = begin_upload(&app, &key, "content-length: 100", "number,name\n").await;
    for _ in 0..20 {
        if slow.write_all(b"V").await.is_err() {
            break;
        }
        sleep(Duration::from_millis(250)).await;
    }
    let answer = read_answer(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert_nothing_left(&app).await;
}

async fn a_client_that_breaks_off_leaves_nothing(app: TestApp) {
    let app = app.with_imports(ImportLimits::default()).await;
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    let stream = begin_upload(&app, &key, "content-length: 1000", "number,name\nV-1,Pri").await;
    for _ in 0..100 {
        if !app.list_import_files().is_empty() {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(app.list_import_files(), ["vendors.csv"]);
    drop(stream);
    assert_nothing_left(&app).await;
}

async fn waiting_files_are_bounded(app: TestApp) {
    // Without the worker, every file waits.
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    for _ in 0..8 {
        app.send_import(&key, "vendors", "number,name\n").await.expect(202);
    }
    let refused = app.send_import(&key, "vendors", "number,name\n").await;
    assert_eq!(refused.headers["retry-after"], "60");
    let refused = refused.expect(429);
    assert!(text(&refused["detail"]).contains("8 imports wait"), "{refused:#}");
    assert_eq!(app.list_import_files().len(), 8);
}

async fn files_are_received_one_after_the_other(app: TestApp) {
    let app = app.with_imports(SMALL).await;
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    let beside = begin_upload(&app, &key, "content-length: 900", &"x".repeat(800)).await;
    for _ in 0..100 {
        if !app.list_import_files().is_empty() {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    let refused = app.send_import(&key, "vendors", "number,name\n").await.expect(429);
    assert!(text(&refused["detail"]).contains("being received"), "{refused:#}");
    drop(beside);
    assert_nothing_left(&app).await;
}

async fn imports_of_a_silent_process_are_interrupted(app: TestApp) {
    let key = app.create_api_key("PROCUREMENT_SYSTEM").await.secret;
    let job = app.send_import(&key, "vendors", "number,name\n").await.expect(202);
    let (other, silent) = (Uuid::now_v7(), app.now() + TimeDelta::minutes(2));
    let interrupt = async |at| interrupt_unseen_jobs(&app.database, other, at).await;
    assert_eq!(interrupt(silent).await.expect("a sweep"), 0);
    assert_eq!(interrupt(silent + TimeDelta::seconds(1)).await.expect("a sweep"), 1);
    let job = app.rest_get(&key, &format!("/v1/imports/{}", text(&job["id"]))).await.expect(200);
    assert_eq!(job["state"], "INTERRUPTED");
    assert!(text(&job["reason"]).contains("Nothing was imported."), "{job:#}");
}
