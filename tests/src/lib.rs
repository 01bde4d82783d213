//! Where stories are told: a running Candor, on both databases, at a time that the story sets.
#![expect(clippy::missing_panics_doc, reason = "a step that cannot be done fails its story")]

pub mod affairs;
pub mod attacks;
pub mod awards;
mod city;
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
mod postgres_binaries;
pub mod process;
pub mod run;
pub mod steps;
mod threads;
pub mod timing;

pub use candor_schema::organization::model::Role;
pub use city::{City, START, email, instant};
pub use engine::{Engine, is_promised, run_on_database, run_on_durable_postgres, tell, tell_alone};
pub use reqwest::{Method, StatusCode};

/// Runs each story, an `async fn story(city: City)`, on both databases: two tests a story, in a
/// module of its name. They run on more threads than one, so that what happens at once does. On a
/// machine without PostgreSQL the second is ignored.
///
/// `stories![alone: …]` is for stories that measure: no other story runs beside them. Their tests
/// are in a module `alone`, by which nextest knows them (`.config/nextest.toml`).
#[macro_export]
macro_rules! stories {
    (alone: $($story:ident),+ $(,)?) => {
        $(mod $story {
            mod alone {
                $crate::stories!(@tests $crate::tell_alone, super::super::$story);
            }
        })+
    };
    (@tests $run:path, $story:path) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn on_sqlite() {
            $run($crate::Engine::Sqlite, $story).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        #[cfg_attr(no_postgres, ignore = "no PostgreSQL binaries")]
        async fn on_postgres() {
            $run($crate::Engine::Postgres, $story).await;
        }
    };
    ($($story:ident),+ $(,)?) => {
        $(mod $story {
            $crate::stories!(@tests $crate::tell, super::$story);
        })+
    };
}
