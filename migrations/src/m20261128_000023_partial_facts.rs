//! How precisely the start of a disclosed agreement is known; and addenda that correct a due time.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "ALTER TABLE disclosed_agreement ADD COLUMN start_precision text
        CHECK (start_precision IN ('DAY', 'MONTH', 'YEAR', 'UNKNOWN'))",
    // Until now every start was a day.
    "UPDATE disclosed_agreement SET start_precision = 'DAY' WHERE start_date IS NOT NULL",
    "CREATE INDEX disclosed_agreement_by_precision ON disclosed_agreement
        (start_precision, disclosure_id)",
];

/// The due time that an addendum replaced; null if it kept the due time, and in older addenda.
const ADDENDUM_UP: &[&str] = &["ALTER TABLE addendum ADD COLUMN previous_due_at {time}
    CHECK (previous_due_at <> due_at)"];

/// A published due time changes only by an addendum that names both times. Where bids are not sealed, it
/// moves to an earlier time only while nobody has bid. Where they are sealed, nothing may depend on
/// whether anybody has; it moves to an earlier time only on the local day of publication, which the
/// service checks, and which has at most 25 hours.
const SQLITE_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER addendum_cuts_off_nobody BEFORE INSERT ON addendum
        WHEN NEW.previous_due_at > NEW.due_at AND EXISTS (SELECT 1 FROM solicitation
            WHERE solicitation.id = NEW.solicitation_id AND CASE WHEN solicitation.sealed
                THEN julianday(NEW.issued_at) - julianday(solicitation.published_at) > 25.0 / 24
                ELSE EXISTS (SELECT 1 FROM bid WHERE bid.solicitation_id = solicitation.id) END)
        BEGIN SELECT RAISE(ABORT, 'addendum_cuts_off_nobody'); END",
    "CREATE TRIGGER due_time_needs_addendum BEFORE UPDATE ON solicitation
        WHEN OLD.status = 'PUBLISHED' AND NEW.due_at <> OLD.due_at AND NOT EXISTS (
            SELECT 1 FROM addendum WHERE addendum.solicitation_id = NEW.id
                AND addendum.due_at = NEW.due_at AND addendum.previous_due_at = OLD.due_at)
        BEGIN SELECT RAISE(ABORT, 'due_time_needs_addendum'); END",
];

const POSTGRES_TRIGGERS: &[&str] = &[
    "CREATE FUNCTION require_correction() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT 1 FROM solicitation
            WHERE solicitation.id = NEW.solicitation_id AND CASE WHEN solicitation.sealed
                THEN NEW.issued_at > solicitation.published_at + interval '25 hours'
                ELSE EXISTS (SELECT 1 FROM bid WHERE bid.solicitation_id = solicitation.id) END) THEN
            RAISE EXCEPTION 'addendum_cuts_off_nobody' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER addendum_cuts_off_nobody BEFORE INSERT ON addendum FOR EACH ROW
        WHEN (NEW.previous_due_at > NEW.due_at) EXECUTE FUNCTION require_correction()",
    "CREATE FUNCTION require_addendum() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NOT EXISTS (SELECT 1 FROM addendum WHERE addendum.solicitation_id = NEW.id
            AND addendum.due_at = NEW.due_at AND addendum.previous_due_at = OLD.due_at) THEN
            RAISE EXCEPTION 'due_time_needs_addendum' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER due_time_needs_addendum BEFORE UPDATE ON solicitation FOR EACH ROW
        WHEN (OLD.status = 'PUBLISHED' AND NEW.due_at <> OLD.due_at)
        EXECUTE FUNCTION require_addendum()",
];

const DOWN: &[&str] = &[
    "ALTER TABLE addendum DROP COLUMN previous_due_at",
    "DROP INDEX disclosed_agreement_by_precision",
    "ALTER TABLE disclosed_agreement DROP COLUMN start_precision",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        engine::run(manager, ADDENDUM_UP).await?;
        engine::run(
            manager,
            match manager.get_database_backend() {
                DbBackend::Postgres => POSTGRES_TRIGGERS,
                _ => SQLITE_TRIGGERS,
            },
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let triggers: &[&str] = match manager.get_database_backend() {
            DbBackend::Postgres => &[
                "DROP TRIGGER due_time_needs_addendum ON solicitation",
                "DROP FUNCTION require_addendum()",
                "DROP TRIGGER addendum_cuts_off_nobody ON addendum",
                "DROP FUNCTION require_correction()",
            ],
            _ => &["DROP TRIGGER due_time_needs_addendum", "DROP TRIGGER addendum_cuts_off_nobody"],
        };
        engine::run(manager, triggers).await?;
        engine::run(manager, DOWN).await
    }
}
