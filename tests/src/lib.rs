//! Where stories are told: a running Candor, on both databases, at a time that the story sets.
#![expect(clippy::missing_panics_doc, reason = "a step that cannot be done fails its story")]

pub mod fixtures;
pub mod attacks;
pub mod awards;
pub mod cluster;
pub mod contracts;
mod engine;
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
pub use test_app::{TestApp, START, email, instant};
pub use engine::{Engine, is_promised, run_on_database, run_on_durable_postgres, tell};
pub use reqwest::{Method, StatusCode};

/// Tells each story, an `async fn story(city: City)`, on both databases: two tests a story, in a
/// module of its name. They run on more threads than one, so that what happens at once does.
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
