//! SQLite's words are stored in tables that are found by their subject, as on PostgreSQL, so that one row can
//! be checked for a word. What finds the rows with a word is an index of its own.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::{m20261125_000009_screening as screening, m20261128_000014_lists as lists};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 5] = [
    "search_filing",
    "search_organization",
    "search_solicitation",
    "search_contract",
    "search_relief",
];

/// For each table. The triggers keep an index of external content ("External Content Tables" in the documentation
/// of FTS5). The rows are numbered, because `VACUUM` may number rows without a key anew. `INSERT OR REPLACE` is
/// refused: it would delete a row without the trigger.
const UP: &[&str] = &[
    "ALTER TABLE {table} RENAME TO {table}_before",
    "CREATE TABLE {table} (
        id INTEGER PRIMARY KEY, subject_id blob NOT NULL UNIQUE, words text NOT NULL)",
    "CREATE VIRTUAL TABLE {table}_word USING fts5 (words, content = '{table}', content_rowid = 'id',
        tokenize = 'ascii', prefix = '2 3')",
    "CREATE TRIGGER {table}_is_new BEFORE INSERT ON {table}
        WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id OR subject_id = NEW.subject_id)
        BEGIN SELECT RAISE(ABORT, '{table}_has_subject'); END",
    "CREATE TRIGGER {table}_added AFTER INSERT ON {table} BEGIN
        INSERT INTO {table}_word (rowid, words) VALUES (NEW.id, NEW.words); END",
    "CREATE TRIGGER {table}_removed AFTER DELETE ON {table} BEGIN
        INSERT INTO {table}_word ({table}_word, rowid, words)
            VALUES ('delete', OLD.id, OLD.words); END",
    "CREATE TRIGGER {table}_changed AFTER UPDATE ON {table} BEGIN
        INSERT INTO {table}_word ({table}_word, rowid, words)
            VALUES ('delete', OLD.id, OLD.words);
        INSERT INTO {table}_word (rowid, words) VALUES (NEW.id, NEW.words); END",
    "INSERT INTO {table} (subject_id, words)
        SELECT subject_id, words FROM {table}_before ORDER BY subject_id",
    "DROP TABLE {table}_before",
];

const DOWN: &[&str] = &["ALTER TABLE {table} RENAME TO {table}_after"];

/// For each table, after the earlier ones exist again.
const COPY_BACK: &[&str] = &[
    "INSERT INTO {table} (subject_id, words) SELECT subject_id, words FROM {table}_after",
    "DROP TABLE {table}_word",
    "DROP TABLE {table}_after",
];

async fn run_for_each_table(
    connection: &SchemaManagerConnection<'_>,
    statements: &[&str],
) -> Result<(), DbErr> {
    for table in TABLES {
        for statement in statements {
            connection.execute_unprepared(&statement.replace("{table}", table)).await?;
        }
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            return Ok(());
        }
        run_for_each_table(manager.get_connection(), UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            return Ok(());
        }
        let connection = manager.get_connection();
        run_for_each_table(connection, DOWN).await?;
        for statement in [screening::SQLITE, lists::SQLITE].concat() {
            connection.execute_unprepared(statement).await?;
        }
        run_for_each_table(connection, COPY_BACK).await
    }
}
