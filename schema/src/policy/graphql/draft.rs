//! The data loader for the marks of drafts: one statement for all versions of a level.
use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader};

use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::policy::service::load_versions;

/// Loads the mark of a draft by policy version. Every signed-in person may read policies.
#[derive(Clone, Debug)]
pub struct PolicyDraftLoader {
    pub db: Arc<Database>,
}

#[async_graphql::async_trait::async_trait]
impl Loader<i64> for PolicyDraftLoader {
    type Value = String;
    type Error = Fault;

    async fn load(&self, versions: &[i64]) -> Result<HashMap<i64, String>> {
        let policies = load_versions(&self.db.read, versions.to_vec()).await?.into_iter();
        Ok(policies.filter_map(|(version, it)| Some((version, it.draft()?.to_owned()))).collect())
    }
}

/// Returns the mark of a draft of a policy version; none once its texts are adopted.
///
/// # Errors
/// `Unavailable` if the database does not answer.
pub async fn policy_draft(ctx: &Context<'_>, version: Option<i64>) -> Result<Option<String>> {
    let Some(version) = version else { return Ok(None) };
    let loader: &DataLoader<PolicyDraftLoader> = ctx.data_unchecked();
    loader.load_one(version).await
}
