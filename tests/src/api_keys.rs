//! API keys of service accounts.
use serde_json::{Value, json};

use crate::steps::text;
use crate::test_app::TestApp;
use candor_schema::organization::model::Role;
use chrono::TimeDelta;

/// Creates an API key.
pub const CREATE_API_KEY: &str = "mutation($input: ApiKeyInput!) { createApiKey(input: $input) {
    apiKey { id name scopes createdBy createdAt expiresAt revokedAt revokedBy lastUsedAt } secret
    userErrors { path code message } } }";

/// A created API key.
#[derive(Clone, Debug)]
pub struct ApiKey {
    pub id: String,
    /// The bearer token.
    pub secret: String,
}

impl TestApp {
    /// Creates an API key with one scope, valid for 300 days, as an administrator.
    pub async fn create_api_key(&self, scope: &str) -> ApiKey {
        let input = json!({
            "name": "Another system", "scopes": [scope],
            "expiresAt": (self.now() + TimeDelta::days(300)).to_rfc3339(),
        });
        let admin = self.token("administrator", &[Role::Admin]);
        let payload = self.mutate(&admin, CREATE_API_KEY, json!({ "input": input })).await;
        assert_eq!(payload["userErrors"], Value::Array(Vec::new()), "{payload:#}");
        ApiKey { id: text(&payload["apiKey"]["id"]), secret: text(&payload["secret"]) }
    }
}
