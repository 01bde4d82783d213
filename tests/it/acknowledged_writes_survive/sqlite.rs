//! SQLite on a full disk and on a failing disk.
use std::time::Duration;

use candor_tests::process::ServiceProcess;
use candor_tests::{Engine, Method, TestApp, run_story};
use sea_orm::ConnectionTrait;
use tokio::time::{sleep, timeout};

use super::attempts::{Attempts, Service};

/// Limits the database file to this many more pages, for the current write connection only.
async fn leave_room_for(app: &TestApp, pages: i64) {
    let used = app.select_number("PRAGMA page_count").await;
    let limit = format!("PRAGMA max_page_count = {}", used + pages);
    app.database.migration_connection().execute_unprepared(&limit).await.expect("a limit");
}

async fn readiness(app: &TestApp) -> (u16, String) {
    app.check_health().await;
    let answer = app.http_request(Method::GET, "/readyz").send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("a text"))
}

async fn a_full_disk(app: TestApp) {
    let mut attempts = Attempts::new(&app);
    attempts.write(2).await;
    for room in [0, 1, 2, 5, 9] {
        leave_room_for(&app, room).await;
        attempts.write(12).await;
        // The disk is enlarged.
        leave_room_for(&app, 1_000_000).await;
        let before = attempts.acknowledged();
        attempts.write(8).await;
        assert_eq!(attempts.acknowledged(), before + 8, "{:?}", attempts.answers);
    }
    let answers = &attempts.answers;
    assert!(answers.refused.len() >= 5, "{answers:?}");
    assert!(answers.acknowledged.len() >= 40, "{answers:?}");
    assert!(answers.unknown.is_empty(), "{answers:?}");
    assert_eq!(answers.words.len(), 1, "{answers:?}");
    for part in ["disk of the database is full", "Operator: free space"] {
        assert!(answers.words.iter().all(|words| words.contains(part)), "{answers:?}");
    }
    attempts.assert_match_answers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn responses_on_a_full_disk_are_accurate() {
    run_story(Engine::Sqlite, a_full_disk).await;
}

async fn a_full_disk_is_not_ready(app: TestApp) {
    assert_eq!(readiness(&app).await.0, 200);
    // Updating the time needs no more space, but a disk that is full for another reason refuses it.
    app.run_sql("ALTER TABLE service_clock RENAME TO clock_away").await.expect("a renamed table");
    let (status, words) = readiness(&app).await;
    assert_eq!(status, 503, "{words}");
    app.run_sql("ALTER TABLE clock_away RENAME TO service_clock").await.expect("the place");
    assert_eq!(readiness(&app).await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_cannot_write_is_not_ready() {
    run_story(Engine::Sqlite, a_full_disk_is_not_ready).await;
}

async fn a_failing_disk(app: TestApp) {
    let mut attempts = Attempts::new(&app);
    for room in [256 * 1024, 512 * 1024] {
        let size = app.select_number(
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        );
        let limit = size.await.unsigned_abs() + room;
        let service = ServiceProcess::start_with_file_size(&app, limit).await;
        attempts.write_to(&Service::ServiceProcess(&service), 60).await;
        // Small writes still fit for a while after large ones fail, so the rest of the file is closed
        // to them before the service has to report itself not ready.
        service.limit_file_size(0);
        let unready = async {
            while service.readiness().await.0 == 200 {
                sleep(Duration::from_millis(100)).await;
            }
            service.readiness().await.1
        };
        let words = timeout(Duration::from_secs(30), unready).await.expect("an unready service");
        assert!(words.contains("database"), "{words}");
        service.kill();
        attempts.assert_match_answers().await;
    }
    let answers = &attempts.answers;
    assert!(!answers.refused.is_empty() && !answers.acknowledged.is_empty(), "{answers:?}");
    let service = ServiceProcess::start(&app).await;
    let before = attempts.acknowledged();
    attempts.write_to(&Service::ServiceProcess(&service), 20).await;
    assert_eq!(attempts.acknowledged(), before + 20, "the disk works again");
    service.kill();
    attempts.assert_match_answers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn responses_on_a_failing_disk_are_accurate() {
    run_story(Engine::Sqlite, a_failing_disk).await;
}

/// Every database file is private to its owner.
async fn check_file_permissions(app: TestApp) {
    use std::os::unix::fs::PermissionsExt;
    let file = app.database_url().trim_start_matches("sqlite://");
    for end in ["", "-wal", "-shm"] {
        let path = format!("{file}{end}");
        let mode = std::fs::metadata(&path).expect(&path).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn database_files_are_private_to_the_owner() {
    run_story(Engine::Sqlite, check_file_permissions).await;
}
