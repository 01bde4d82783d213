//! What PostgreSQL is asked to do for a piece of work, read from its log: statements with their values, and
//! the transactions around them.
use std::fs;
use std::path::PathBuf;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::engine::administer_on;
use crate::test_app::TestApp;

/// The prefixes of a log entry's text, after its time and process.
const EXECUTED: &str = "LOG:  execute ";
const SIMPLE: &str = "LOG:  statement: ";
const PARAMETERS: &str = "DETAIL:  parameters: ";

/// One thing that the server was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Begin,
    Commit,
    Statement { sql: String, values: Vec<Option<String>> },
}

/// Records what the server of `app` is asked while `work` runs, and nothing else may run.
pub async fn record<T>(app: &TestApp, work: impl AsyncFnOnce() -> T) -> (Vec<Step>, T) {
    let log = log_of(app).await;
    administer_on(app.owner_url(), "ALTER SYSTEM SET log_statement = 'all'").await;
    reload(app, "all").await;
    let length = || fs::read(&log).expect("the server's log").len();
    let start = length();
    let result = work().await;
    let end = length();
    administer_on(app.owner_url(), "ALTER SYSTEM RESET log_statement").await;
    reload(app, "none").await;
    let text = fs::read(&log).expect("the server's log");
    (read_log(&String::from_utf8_lossy(&text[start..end])), result)
}

/// Returns the server's log, which only its owner may ask for.
async fn log_of(app: &TestApp) -> PathBuf {
    let select = "SELECT current_setting('data_directory')";
    let select = Statement::from_string(DbBackend::Postgres, select);
    let row = app.owner().await.read.query_one_raw(select).await.expect("the server");
    let directory: String = row.expect("a row").try_get_by_index(0).expect("a directory");
    PathBuf::from(directory).join("server.log")
}

/// Has the server read its settings again, and waits until the sessions of the service have them.
async fn reload(app: &TestApp, expected: &str) {
    administer_on(app.owner_url(), "SELECT pg_reload_conf()").await;
    while app.select_text("SELECT current_setting('log_statement')").await != expected {
        tokio::task::yield_now().await;
    }
}

/// Reads the entries of a log. The lines of an entry after the first begin with a tab.
fn read_log(log: &str) -> Vec<Step> {
    let mut entries: Vec<String> = Vec::new();
    for line in log.lines() {
        match (line.strip_prefix('\t'), entries.last_mut()) {
            (Some(rest), Some(entry)) => {
                entry.push('\n');
                entry.push_str(rest);
            }
            _ => entries.push(line.to_owned()),
        }
    }
    let mut steps = Vec::new();
    for entry in &entries {
        let Some((_, text)) = entry.split_once("] ") else { continue };
        if let Some(text) = text.strip_prefix(EXECUTED) {
            let (_, sql) = text.split_once(": ").expect("a name and a statement");
            steps.push(Step::Statement { sql: sql.to_owned(), values: Vec::new() });
        } else if let Some(text) = text.strip_prefix(PARAMETERS) {
            if let Some(Step::Statement { values, .. }) = steps.last_mut() {
                *values = read_values(text);
            }
        } else if let Some(text) = text.strip_prefix(SIMPLE) {
            match text.split_whitespace().next() {
                Some("BEGIN") => steps.push(Step::Begin),
                Some("COMMIT") => steps.push(Step::Commit),
                _ => {}
            }
        }
    }
    steps
}

/// Reads `$1 = 'it''s', $2 = NULL`.
fn read_values(mut text: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    while let Some((_, rest)) = text.split_once(" = ") {
        if let Some(after) = rest.strip_prefix("NULL") {
            values.push(None);
            text = after;
            continue;
        }
        let mut value = String::new();
        let mut rest = rest.strip_prefix('\'').expect("a quoted value");
        loop {
            let (part, after) = rest.split_once('\'').expect("an end of the value");
            value.push_str(part);
            let Some(again) = after.strip_prefix('\'') else {
                text = after;
                break;
            };
            value.push('\'');
            rest = again;
        }
        values.push(Some(value));
    }
    values
}
