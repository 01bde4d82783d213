//! Changes that are tried while the database fails, and what was said of each.
use std::collections::BTreeSet;

use candor_schema::database::Database;
use candor_tests::process::ServiceProcess;
use candor_tests::steps::find_fault_code;
use candor_tests::{TestApp, Role};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

pub const CREATE: &str = "mutation($input: DepartmentInput!) { createDepartment(input: $input) {
    department { id } userErrors { path code message } } }";

/// What the service said of each change, by its code.
#[derive(Debug, Default)]
pub struct Answers {
    pub acknowledged: BTreeSet<String>,
    /// "Nothing was saved."
    pub refused: BTreeSet<String>,
    /// "May have been saved", or no answer at all.
    pub unknown: BTreeSet<String>,
    /// The messages of refusals.
    pub words: BTreeSet<String>,
}

impl Answers {
    /// Keeps what was answered to a change; none if no answer came.
    pub fn keep(&mut self, name: &str, answer: Option<&Value>) {
        let Some(answer) = answer else {
            self.unknown.insert(name.to_owned());
            return;
        };
        if answer["data"]["createDepartment"]["department"]["id"].is_string() {
            self.acknowledged.insert(name.to_owned());
            return;
        }
        assert_eq!(find_fault_code(answer).as_deref(), Some("UNAVAILABLE"), "{answer:#}");
        let words = answer["errors"][0]["message"].as_str().expect("a message").to_owned();
        let is_unknown = words.contains("may have been saved");
        assert!(is_unknown || words.contains("Nothing was saved"), "{words}");
        let answers = if is_unknown { &mut self.unknown } else { &mut self.refused };
        answers.insert(name.to_owned());
        self.words.insert(words);
    }

    pub fn merge(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        self.refused.extend(other.refused);
        self.unknown.extend(other.unknown);
        self.words.extend(other.words);
    }

    /// What was acknowledged is there, and what was refused is not; seen by somebody who opens the
    /// database anew.
    pub async fn hold_in(&self, url: &str) {
        let database = Database::open_for_work(url).await.expect("the database");
        let engine = database.read.get_database_backend();
        let codes = Statement::from_string(engine, "SELECT code FROM department");
        let rows = database.read.query_all_raw(codes).await.expect("departments");
        let stored: BTreeSet<String> =
            rows.iter().map(|row| row.try_get_by_index(0).expect("a code")).collect();
        let lost: Vec<_> = self.acknowledged.difference(&stored).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        let kept: Vec<_> = self.refused.intersection(&stored).collect();
        assert!(kept.is_empty(), "refused and kept: {kept:?}");
        let known: BTreeSet<_> = self.acknowledged.union(&self.unknown).cloned().collect();
        let others: Vec<_> = stored.difference(&known).collect();
        assert!(others.is_empty(), "never asked for: {others:?}");
        database.close().await.expect("connections that end");
    }
}

/// Who is asked to save.
pub enum Service<'a> {
    TestApp(&'a TestApp),
    ServiceProcess(&'a ServiceProcess),
}

impl Service<'_> {
    async fn ask(&self, token: &str, variables: &Value) -> Option<Value> {
        match self {
            Self::TestApp(app) => Some(app.execute(token, CREATE, variables.clone()).await),
            Self::Process(process) => process.execute(token, CREATE, variables).await,
        }
    }
}

/// Tries one change after the other.
pub struct Attempts<'a> {
    app: &'a TestApp,
    token: String,
    number: usize,
    pub answers: Answers,
}

impl<'a> Attempts<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        let token = app.token("administrator", &[Role::Admin]);
        Self { app, token, number: 0, answers: Answers::default() }
    }

    /// Tries so many changes.
    pub async fn write(&mut self, attempts: usize) {
        self.write_to(&Service::TestApp(self.app), attempts).await;
    }

    /// Tries so many changes of a service.
    pub async fn write_to(&mut self, service: &Service<'_>, attempts: usize) {
        for _ in 0..attempts {
            self.number += 1;
            let name = format!("D{}", self.number);
            // As much text as it takes, so that files grow.
            let contact = "A desk. ".repeat(20);
            let input = json!({ "input": { "code": name, "name": name, "contact": contact } });
            let answer = service.ask(&self.token, &input).await;
            self.answers.keep(&name, answer.as_ref());
        }
    }

    pub fn acknowledged(&self) -> usize {
        self.answers.acknowledged.len()
    }

    pub async fn are_as_answered(&self) {
        self.answers.hold_in(self.app.database_url()).await;
        self.app.assert_verifies().await;
    }
}
