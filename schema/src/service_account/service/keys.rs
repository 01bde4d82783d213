//! Creates, revokes and lists API keys.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::entity::api_key;
use super::{rules, store};
use crate::database::Database;
use crate::fault::{Fault, FieldPath, Result};
use crate::ledger::model::{LedgerAction, ServiceId, format_time};
use crate::ledger::service::{append, begin};
use crate::organization::model::Viewer;
use crate::page::{Page, PageArguments};
use crate::service_account::model::{ApiKeyId, ApiKeyInput, ApiKeyScope, ApiKeySecret};
use crate::user_message::UserMessage;

/// The most keys that can be usable at one time.
const MAX_USABLE_KEYS: u64 = 100;

/// A key with the time of its last use.
#[derive(Clone, Debug)]
pub struct ApiKeyWithUse {
    pub key: api_key::Model,
    /// UTC, exact to a minute; none if it was never used.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A new key with its secret, which is stored nowhere.
#[derive(Debug)]
pub struct CreatedApiKey {
    pub key: ApiKeyWithUse,
    pub secret: ApiKeySecret,
}

/// Creates a key for another system.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator, `Invalid` with every error in the input or if too
/// many keys are usable.
#[tracing::instrument(skip_all)]
pub async fn create_api_key(
    db: &Database,
    viewer: &Viewer,
    input: &ApiKeyInput,
) -> Result<CreatedApiKey> {
    viewer.require_admin("only an administrator may create an API key")?;
    let input = rules::validate_api_key(input, viewer.now)?;
    let secret = ApiKeySecret::generate()?;
    let tx = db.begin().await?;
    if store::count_usable(&tx, viewer.now).await? >= MAX_USABLE_KEYS {
        let message = UserMessage::ApiKeysTooMany { max: MAX_USABLE_KEYS };
        return Err(Fault::invalid(&FieldPath::argument("input"), message));
    }
    let has = |scope| input.scopes.contains(&scope);
    let row = api_key::Model {
        id: ApiKeyId::generate(),
        name: input.name.clone(),
        procurement_system: has(ApiKeyScope::ProcurementSystem),
        exports: has(ApiKeyScope::Exports),
        events: has(ApiKeyScope::Events),
        secret_sha256: secret.sha256(),
        created_by: viewer.subject.clone(),
        created_at: viewer.now,
        expires_at: input.expires_at,
        revoked_by: None,
        revoked_at: None,
    };
    let key = store::insert(&tx, row).await?;
    let data = json!({
        "name": key.name,
        "scopes": input.scopes,
        "expiresAt": format_time(key.expires_at),
    });
    let (actor, service) = (viewer.actor(), ServiceId::only());
    begin(&tx, actor, key.id, service, LedgerAction::ApiKeyCreated, &data).await?;
    tx.withhold_answer();
    tx.commit().await?;
    Ok(CreatedApiKey { key: ApiKeyWithUse { key, last_used_at: None }, secret })
}

/// Revokes a key at once; a revoked key stays revoked. Does nothing if it was revoked before.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator, `NotFound` for an unknown key.
#[tracing::instrument(skip_all, fields(%id))]
pub async fn revoke_api_key(db: &Database, viewer: &Viewer, id: ApiKeyId) -> Result<ApiKeyWithUse> {
    viewer.require_admin("only an administrator may revoke an API key")?;
    let tx = db.begin().await?;
    let mut key = store::lock(&tx, id).await?.ok_or(Fault::NotFound)?;
    if key.revoked_at.is_none() {
        key.revoked_at = Some(viewer.now);
        key.revoked_by = Some(viewer.subject.clone());
        key = store::update(&tx, key).await?;
        append(&tx, viewer.actor(), key.id, LedgerAction::ApiKeyRevoked, &json!({})).await?;
        tx.commit().await?;
    }
    let mut keys = add_uses(&db.read, vec![key]).await?;
    keys.pop().ok_or(Fault::NotFound)
}

/// Lists a page of the keys, newest first, with the total count if requested. Revoked and expired keys
/// stay in the list.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator or an auditor, `Invalid` for page arguments that are
/// out of range or a cursor of another list.
#[tracing::instrument(skip_all)]
pub async fn list_api_keys(
    db: &Database,
    viewer: &Viewer,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<ApiKeyWithUse>, Option<u64>)> {
    viewer.require_audit("API keys are for administrators and auditors")?;
    let (page, total) = store::list(&db.read, arguments, includes_total).await?;
    let (page, keys) = page.split();
    let keys = add_uses(&db.read, keys).await?;
    Ok((page.replace(|_| keys), total))
}

/// Adds the last uses of keys, with one statement.
async fn add_uses(
    db: &impl ConnectionTrait,
    keys: Vec<api_key::Model>,
) -> Result<Vec<ApiKeyWithUse>> {
    let ids = keys.iter().map(|key| key.id.uuid()).collect();
    let uses = store::list_uses(db, ids).await?.into_iter();
    let uses = uses.map(|it| (it.api_key_id, it.last_used_at)).collect::<HashMap<_, _>>();
    let with_use =
        |key: api_key::Model| ApiKeyWithUse { last_used_at: uses.get(&key.id).copied(), key };
    Ok(keys.into_iter().map(with_use).collect())
}
