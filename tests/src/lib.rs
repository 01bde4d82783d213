//! Test harness: a running Candor service on both databases, with a clock that each story sets.
#![expect(clippy::missing_panics_doc, reason = "a failed step fails its story")]

pub mod api_keys;
pub mod attacks;
pub mod awards;
mod bulk_sql;
pub mod cluster;
pub mod collector;
pub mod contracts;
pub mod due_times;
mod engine;
pub mod fixtures;
pub mod hostile_user;
pub mod idle_clients;
mod many_awards;
pub mod many_bids;
pub mod many_contracts;
pub mod many_entries;
pub mod many_firms;
pub mod memory;
pub mod plans;
pub mod portal;
mod postgres_binaries;
pub mod process;
mod recorded_rows;
pub mod recording;
pub mod replay;
pub mod run;
pub mod scaled_city;
pub mod steps;
mod test_app;
mod threads;
pub mod timing;
pub mod writes;

pub use candor_schema::organization::model::Role;
pub use engine::{
    Engine, administer_on, is_postgres_required, run_on_database, run_on_durable_postgres,
    run_on_empty_postgres, run_story, run_story_alone, run_story_of_two_people,
    run_story_under_new_york, run_story_without_policy,
};
pub use reqwest::{Method, StatusCode};
pub use test_app::{
    AUDIENCE, ISSUER, STORY_START, TestApp, amend_policy_text, first_policy, parse_instant,
    policy_text, subject_email,
};

/// Declares two tests for each story, an `async fn story(app: TestApp)`: one on SQLite and one on
/// PostgreSQL, in a module of the story's name. Each test has two worker threads, so that
/// concurrent requests run concurrently. On a machine without PostgreSQL the second is ignored.
///
/// `stories![without_policy: …]` runs them on a service without a policy, and `stories![two_people: …]`
/// under one where two people publish, suspend and reinstate, and `stories![new_york: …]` under one with
/// the words of New York.
///
/// `stories![alone: …]` is for stories that measure: no other story runs beside them. Their tests
/// are in a module `alone`, by which nextest knows them (`.config/nextest.toml`).
#[macro_export]
macro_rules! stories {
    (alone: $($story:ident),+ $(,)?) => {
        $(mod $story {
            mod alone {
                $crate::stories!(@tests $crate::run_story_alone, super::super::$story);
            }
        })+
    };
    (without_policy: $($story:ident),+ $(,)?) => {
        $(mod $story {
            $crate::stories!(@tests $crate::run_story_without_policy, super::$story);
        })+
    };
    (two_people: $($story:ident),+ $(,)?) => {
        $(mod $story {
            $crate::stories!(@tests $crate::run_story_of_two_people, super::$story);
        })+
    };
    (new_york: $($story:ident),+ $(,)?) => {
        $(mod $story {
            $crate::stories!(@tests $crate::run_story_under_new_york, super::$story);
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
            $crate::stories!(@tests $crate::run_story, super::$story);
        })+
    };
}

/// Declares the tests of [`stories!`] twice for each story, an `async fn story(app: TestApp, law:
/// Ordinance)`: under the first policy, and under the invented city's, each in force from the start.
/// `stories_under_both_policies![module: …]` is for stories in a module of the file.
#[macro_export]
macro_rules! stories_under_both_policies {
    (@story $story:ident, $path:path) => {
        mod $story {
            async fn under(law: $crate::contracts::Ordinance, app: $crate::TestApp) {
                app.enact_ordinance(law).await;
                Box::pin($path(app, law)).await;
            }

            mod first_policy {
                async fn story(app: $crate::TestApp) {
                    super::under($crate::contracts::Ordinance::FIRST, app).await;
                }

                $crate::stories!(@tests $crate::run_story, story);
            }

            mod invented_policy {
                async fn story(app: $crate::TestApp) {
                    super::under($crate::contracts::Ordinance::INVENTED, app).await;
                }

                $crate::stories!(@tests $crate::run_story, story);
            }
        }
    };
    ($module:ident: $($story:ident),+ $(,)?) => {
        $($crate::stories_under_both_policies!(@story $story, super::$module::$story);)+
    };
    ($($story:ident),+ $(,)?) => {
        $($crate::stories_under_both_policies!(@story $story, super::$story);)+
    };
}
