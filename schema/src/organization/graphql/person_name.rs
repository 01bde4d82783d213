//! The data loader for the names of people: one statement for all people of a level.
use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader};

use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::organization::service::load_person_names;
use crate::principal::Principal;

/// Loads names by the stored form of a [`Principal`]. It has no viewer: a field loads the name of a
/// person whose subject it shows.
#[derive(Clone, Debug)]
pub struct PersonNameLoader {
    pub db: Arc<Database>,
}

#[async_graphql::async_trait::async_trait]
impl Loader<String> for PersonNameLoader {
    type Value = String;
    type Error = Fault;

    async fn load(&self, principals: &[String]) -> Result<HashMap<String, String>> {
        load_person_names(&self.db.read, principals).await
    }
}

/// Returns the name that a person had at the last sign-in; none if no token gave one.
///
/// # Errors
/// `Unavailable` if the database does not answer.
pub async fn person_name(ctx: &Context<'_>, person: Option<&Principal>) -> Result<Option<String>> {
    stored_person_name(ctx, person.map(Principal::as_str)).await
}

/// As [`person_name`], for a person in the stored form.
///
/// # Errors
/// As [`person_name`].
pub async fn stored_person_name(
    ctx: &Context<'_>,
    principal: Option<&str>,
) -> Result<Option<String>> {
    let Some(principal) = principal else { return Ok(None) };
    let loader: &DataLoader<PersonNameLoader> = ctx.data_unchecked();
    loader.load_one(principal.to_owned()).await
}
