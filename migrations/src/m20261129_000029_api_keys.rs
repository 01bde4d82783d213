//! API keys of service accounts.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // A key is found by the SHA-256 of its secret, which is stored nowhere.
    "CREATE TABLE api_key (
        id {uuid} PRIMARY KEY,
        name text NOT NULL CHECK (name <> ''),
        procurement_system boolean NOT NULL,
        exports boolean NOT NULL,
        events boolean NOT NULL,
        secret_sha256 text NOT NULL UNIQUE CHECK (length(secret_sha256) = 64),
        created_by text NOT NULL,
        created_at {time} NOT NULL,
        expires_at {time} NOT NULL,
        revoked_by text,
        revoked_at {time},
        CHECK (procurement_system OR exports OR events),
        CHECK (expires_at > created_at),
        CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)))",
    "CREATE INDEX api_key_by_time ON api_key (created_at, id)",
    "CREATE TABLE api_key_use (
        api_key_id {uuid} PRIMARY KEY REFERENCES api_key (id),
        last_used_at {time} NOT NULL)",
];

/// A key changes once, when it is revoked, and is valid for at most 366 days.
const SQLITE_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER api_key_revoked BEFORE UPDATE ON api_key
        WHEN OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL OR NEW.id <> OLD.id
            OR NEW.name <> OLD.name OR NEW.procurement_system <> OLD.procurement_system
            OR NEW.exports <> OLD.exports OR NEW.events <> OLD.events
            OR NEW.secret_sha256 <> OLD.secret_sha256 OR NEW.created_by <> OLD.created_by
            OR NEW.created_at <> OLD.created_at OR NEW.expires_at <> OLD.expires_at
        BEGIN SELECT RAISE(ABORT, 'api_key_is_frozen'); END",
    "CREATE TRIGGER api_key_kept BEFORE DELETE ON api_key
        BEGIN SELECT RAISE(ABORT, 'api_key_is_frozen'); END",
    "CREATE TRIGGER api_key_not_replaced BEFORE INSERT ON api_key
        WHEN EXISTS (SELECT 1 FROM api_key
            WHERE id = NEW.id OR secret_sha256 = NEW.secret_sha256)
        BEGIN SELECT RAISE(ABORT, 'api_key_is_frozen'); END",
    "CREATE TRIGGER api_key_expires BEFORE INSERT ON api_key
        WHEN julianday(NEW.expires_at) - julianday(NEW.created_at) > 366.000001
        BEGIN SELECT RAISE(ABORT, 'api_key_is_valid_too_long'); END",
];

const POSTGRES_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER api_key_revoked BEFORE UPDATE ON api_key FOR EACH ROW
        WHEN (OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL OR NEW.id <> OLD.id
            OR NEW.name <> OLD.name OR NEW.procurement_system <> OLD.procurement_system
            OR NEW.exports <> OLD.exports OR NEW.events <> OLD.events
            OR NEW.secret_sha256 <> OLD.secret_sha256 OR NEW.created_by <> OLD.created_by
            OR NEW.created_at <> OLD.created_at OR NEW.expires_at <> OLD.expires_at)
        EXECUTE FUNCTION refuse('api_key_is_frozen')",
    "CREATE TRIGGER api_key_kept BEFORE DELETE ON api_key FOR EACH ROW
        EXECUTE FUNCTION refuse('api_key_is_frozen')",
    "CREATE TRIGGER api_key_kept_all BEFORE TRUNCATE ON api_key FOR EACH STATEMENT
        EXECUTE FUNCTION refuse('api_key_is_frozen')",
    "CREATE TRIGGER api_key_expires BEFORE INSERT ON api_key FOR EACH ROW
        WHEN (NEW.expires_at - NEW.created_at > interval '366 days')
        EXECUTE FUNCTION refuse('api_key_is_valid_too_long')",
];

const DOWN: &[&str] = &["DROP TABLE api_key_use", "DROP TABLE api_key"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        let triggers = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES_TRIGGERS,
            _ => SQLITE_TRIGGERS,
        };
        engine::run(manager, triggers).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}
