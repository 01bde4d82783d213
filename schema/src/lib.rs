//! What Candor knows: the disclosure rules, the gate, and the GraphQL schema over them.
#![expect(
    clippy::missing_errors_doc,
    reason = "every function that queries the database fails as the database does; a section on errors \
              names the others"
)]
#[macro_use(string_enum)]
pub extern crate candor_gate as gate;
#[macro_use]
mod id;
pub mod award;
pub mod bidding;
pub mod budget;
pub mod canonical;
pub mod clock;
pub mod compute;
pub mod contracting;
pub mod database;
pub mod deadline;
pub mod decision;
pub mod disclosure;
pub mod export;
pub mod fault;
pub mod filter;
pub mod graphql;
pub mod idempotency;
pub mod import_job;
pub mod ledger;
pub mod money;
pub mod open_data;
pub mod organization;
pub mod page;
pub mod policy;
pub mod precondition;
pub mod preloaded;
pub mod principal;
pub mod quota;
pub mod reevaluation;
pub mod scalar;
pub mod screening;
pub mod search;
pub mod service_account;
pub mod service_clock;
pub mod spreadsheet;
pub mod text;
pub mod transition;
pub mod turns;
pub mod user_message;
pub mod verify;
pub mod waiver;

pub use id::{ParseIdError, SubjectId};
