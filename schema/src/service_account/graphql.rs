//! GraphQL types and operations of API keys.
use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::model::{ApiKeyId, ApiKeyInput, ApiKeyScope};
use super::service::{self, ApiKeyWithUse, CreatedApiKey};
use crate::fault::{Result, UserError};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::payload::split_user_errors;
use crate::organization::graphql::person_name;
use crate::page::PageArguments;
use crate::principal::Principal;

/// A key by which another system of the City calls Candor.
#[derive(Clone, Debug)]
pub struct ApiKey(ApiKeyWithUse);

impl From<ApiKeyWithUse> for ApiKey {
    fn from(key: ApiKeyWithUse) -> Self {
        Self(key)
    }
}

/// A key by which another system of the City calls Candor, as a bearer token. Its secret is shown once,
/// when it is created.
#[Object(crate = "crate::budget")]
impl ApiKey {
    /// The key's identifier. What the key does is recorded under it.
    async fn id(&self) -> ApiKeyId {
        self.0.key.id
    }
    /// What the key is for.
    async fn name(&self) -> &str {
        &self.0.key.name
    }
    /// What the key may be used for.
    async fn scopes(&self) -> Vec<ApiKeyScope> {
        self.0.key.scopes().into_iter().collect()
    }
    /// The token subject of the administrator who created it.
    async fn created_by(&self) -> &str {
        self.0.key.created_by.subject()
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn created_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, Some(&self.0.key.created_by)).await
    }
    /// When it was created (UTC).
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.key.created_at
    }
    /// When it stops working (UTC).
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.key.expires_at
    }
    /// The token subject of the administrator who revoked it; null if nobody did.
    async fn revoked_by(&self) -> Option<&str> {
        self.0.key.revoked_by.as_ref().map(Principal::subject)
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn revoked_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.0.key.revoked_by.as_ref()).await
    }
    /// When it was revoked (UTC); null if it was not.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.key.revoked_at
    }
    /// When it was last used (UTC), exact to a minute; null if it never was.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_used_at
    }
}

/// Queries of API keys.
#[derive(Debug, Default)]
pub struct ServiceAccountQuery;

#[Object(crate = "crate::budget")]
impl ServiceAccountQuery {
    /// Lists the API keys, newest first, with those that were revoked or have expired. For administrators
    /// and auditors.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<ApiKey>> {
        let (db, viewer) = request_context(ctx)?;
        let arguments = PageArguments { first, after, last, before };
        let includes_total = requests_total_count(ctx);
        let (page, total) = service::list_api_keys(db, viewer, &arguments, includes_total).await?;
        Ok(connection(page, total))
    }
}

/// Result of `createApiKey`.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ApiKeyCreationPayload {
    /// The new key; null if there are user errors.
    api_key: Option<ApiKey>,
    /// The secret that the other system sends as its bearer token; null if there are user errors. Store it
    /// now: it is not shown again.
    secret: Option<String>,
    /// Every error in the input.
    user_errors: Vec<UserError>,
}

/// Result of `revokeApiKey`.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ApiKeyPayload {
    /// The revoked key; null if there are user errors.
    api_key: Option<ApiKey>,
    /// Every error in the input.
    user_errors: Vec<UserError>,
}

/// Mutations of API keys.
#[derive(Debug, Default)]
pub struct ServiceAccountMutation;

#[Object(crate = "crate::budget")]
impl ServiceAccountMutation {
    /// Creates an API key for another system of the City, and returns its secret, which is not shown
    /// again. The key has the roles of its scopes and nothing else. For administrators.
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its name, its scopes and when it expires.")] input: ApiKeyInput,
    ) -> Result<ApiKeyCreationPayload> {
        let (db, viewer) = request_context(ctx)?;
        let created = service::create_api_key(db, viewer, &input).await;
        let (created, user_errors) = split_user_errors::<CreatedApiKey, CreatedApiKey>(created)?;
        let (api_key, secret) = created.map(|it| (it.key.into(), it.secret.into_text())).unzip();
        Ok(ApiKeyCreationPayload { api_key, secret, user_errors })
    }

    /// Revokes an API key: requests with it are refused from now on. Nothing changes if it was revoked
    /// before. For administrators.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key.")] id: ApiKeyId,
    ) -> Result<ApiKeyPayload> {
        let (db, viewer) = request_context(ctx)?;
        let (api_key, user_errors) =
            split_user_errors(service::revoke_api_key(db, viewer, id).await)?;
        Ok(ApiKeyPayload { api_key, user_errors })
    }
}
