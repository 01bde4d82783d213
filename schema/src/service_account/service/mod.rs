//! Use cases of API keys: administrators create and revoke them, and requests are authenticated by them.
mod authentication;
mod keys;

pub use authentication::authenticate_api_key;
pub use keys::{ApiKeyWithUse, CreatedApiKey, create_api_key, list_api_keys, revoke_api_key};

use super::entity::{self, api_key};
use super::{rules, store};
use crate::database::RecordedTable;

/// Returns the tables whose rows the ledger records.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![RecordedTable::of::<api_key::Entity>()]
}
