//! Test harness: a running Candor service on both databases, with a clock that each story sets.
#![expect(clippy::missing_panics_doc, reason = "a failed step fails its story")]

pub mod attacks;
pub mod awards;
pub mod cluster;
pub mod contracts;
mod engine;
pub mod fixtures;
pub mod hostile_user;
pub mod idle_clients;
pub mod many_bids;
pub mod many_contracts;
pub mod many_entries;
pub mod memory;
pub mod plans;
pub mod process;
pub mod run;
pub mod steps;
mod test_app;
pub mod timing;

pub use candor_schema::organization::model::Role;
pub use engine::{
    Engine, is_postgres_required, run_on_database, run_on_durable_postgres, run_story,
};
pub use reqwest::{Method, StatusCode};
pub use test_app::{STORY_START, TestApp, parse_instant, subject_email};

/// Declares two tests for each story, an `async fn story(app: TestApp)`: one on SQLite and one on
/// PostgreSQL, in a module of the story's name. Each test has two worker threads, so that
/// concurrent requests run concurrently.
#[macro_export]
macro_rules! stories {
    ($($story:ident),+ $(,)?) => {
        $(mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                $crate::run_story($crate::Engine::Sqlite, super::$story).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                $crate::run_story($crate::Engine::Postgres, super::$story).await;
            }
        })+
    };
}
