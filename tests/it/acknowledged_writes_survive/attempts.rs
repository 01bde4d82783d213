//! Changes attempted while the database fails, and the response to each.
use std::collections::BTreeSet;

use candor_schema::database::Database;
use candor_tests::process::ServiceProcess;
use candor_tests::steps::find_fault_code;
use candor_tests::{Role, TestApp};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

pub const CREATE: &str = "mutation($input: DepartmentInput!) { createDepartment(input: $input) {
    department { id } userErrors { path code message } } }";

/// Responses by code, with the names of the changes.
#[derive(Debug, Default)]
pub struct Answers {
    pub acknowledged: BTreeSet<String>,
    /// Refused: "Nothing was saved."
    pub refused: BTreeSet<String>,
    /// Unknown: "May have been saved", or no response.
    pub unknown: BTreeSet<String>,
    /// Messages of refusals.
    pub words: BTreeSet<String>,
}

impl Answers {
    /// Records the response to a change; none if there was no response.
    pub fn record(&mut self, name: &str, answer: Option<&Value>) {
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

    /// Asserts, on a new connection, that acknowledged changes are stored and refused changes are
    /// not.
    pub async fn assert_match_database(&self, url: &str) {
        let database = Database::open_for_work(url).await.expect("the database");
        let engine = database.read.get_database_backend();
        let codes = Statement::from_string(engine, "SELECT code FROM department");
        let rows = database.read.query_all_raw(codes).await.expect("departments");
        let stored: BTreeSet<String> =
            rows.iter().map(|row| row.try_get_by_index(0).expect("a code")).collect();
        let lost: Vec<_> = self.acknowledged.difference(&stored).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        let stored_refusals: Vec<_> = self.refused.intersection(&stored).collect();
        assert!(stored_refusals.is_empty(), "refused but stored: {stored_refusals:?}");
        let known: BTreeSet<_> = self.acknowledged.union(&self.unknown).cloned().collect();
        let others: Vec<_> = stored.difference(&known).collect();
        assert!(others.is_empty(), "never sent: {others:?}");
        database.close().await.expect("closed connections");
    }
}

/// The service that receives changes.
pub enum Service<'a> {
    TestApp(&'a TestApp),
    ServiceProcess(&'a ServiceProcess),
}

impl Service<'_> {
    async fn send(&self, token: &str, variables: &Value) -> Option<Value> {
        match self {
            Self::TestApp(app) => Some(app.execute(token, CREATE, variables.clone()).await),
            Self::ServiceProcess(process) => process.execute(token, CREATE, variables).await,
        }
    }
}

/// Attempts changes one after another.
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

    /// Attempts this many changes.
    pub async fn write(&mut self, attempts: usize) {
        self.write_to(&Service::TestApp(self.app), attempts).await;
    }

    /// Attempts this many changes at a service.
    pub async fn write_to(&mut self, service: &Service<'_>, attempts: usize) {
        for _ in 0..attempts {
            self.number += 1;
            let name = format!("D{}", self.number);
            // Enough text to grow the files.
            let contact = "A desk. ".repeat(20);
            let input = json!({ "input": { "code": name, "name": name, "contact": contact } });
            let answer = service.send(&self.token, &input).await;
            self.answers.record(&name, answer.as_ref());
        }
    }

    pub fn acknowledged(&self) -> usize {
        self.answers.acknowledged.len()
    }

    pub async fn assert_match_answers(&self) {
        self.answers.assert_match_database(self.app.database_url()).await;
        self.app.assert_verifies().await;
    }
}
