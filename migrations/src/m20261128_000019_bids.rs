//! Bids without an amount, on solicitations that ask for proposals; and substitutions of
//! subcontractors.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Replaces the columns of the amount, since SQLite cannot change whether a column may be null.
const PRICE_UP: &[&str] = &[
    "DROP VIEW screened_bid",
    "DROP INDEX bid_by_amount",
    "DROP INDEX bid_by_sum",
    "ALTER TABLE bid ADD COLUMN price_cents bigint CHECK (price_cents >= 0)",
    "ALTER TABLE bid ADD COLUMN price_currency text
        CHECK ((price_currency IS NULL) = (price_cents IS NULL) AND length(price_currency) = 3)",
    "UPDATE bid SET price_cents = amount_cents, price_currency = currency",
    "ALTER TABLE bid DROP COLUMN amount_cents",
    "ALTER TABLE bid DROP COLUMN currency",
    "ALTER TABLE bid RENAME COLUMN price_cents TO amount_cents",
    "ALTER TABLE bid RENAME COLUMN price_currency TO currency",
    // The sort keys of lists by amount. Bids without an amount are last in both directions, and a key
    // is never null, so that pages can start after it.
    "ALTER TABLE bid ADD COLUMN amount_ascending bigint NOT NULL
        GENERATED ALWAYS AS (COALESCE(amount_cents, 9223372036854775807)) {generated}",
    "ALTER TABLE bid ADD COLUMN amount_descending bigint NOT NULL
        GENERATED ALWAYS AS (COALESCE(amount_cents, -1)) {generated}",
    "CREATE INDEX bid_by_amount ON bid (solicitation_id, amount_ascending, id)",
    "CREATE INDEX bid_by_amount_descending ON bid (solicitation_id, amount_descending, id)",
    "CREATE INDEX bid_by_sum ON bid (amount_ascending, id)",
    "CREATE INDEX bid_by_sum_descending ON bid (amount_descending, id)",
    SCREENED_BID,
];

/// A bid with the columns that staff screen by; `opens_at` as in `subject_access`.
pub const SCREENED_BID: &str = "CREATE VIEW screened_bid AS
    SELECT bid.id, bid.solicitation_id, bid.organization_id, bid.disclosure_id,
        bid.decision_id, bid.status, bid.decision_outcome AS outcome, bid.amount_ascending,
        bid.amount_descending, bid.submitted_at, bid.decided_at, bid.cure_by,
        solicitation.department_id,
        CASE WHEN solicitation.sealed THEN solicitation.due_at
            ELSE solicitation.created_at END AS opens_at,
        disclosure.review, disclosure.reviewer
    FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id
        LEFT JOIN disclosure ON disclosure.id = bid.disclosure_id";

/// Only a solicitation that asks for proposals takes a bid without an amount.
const SQLITE_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER bid_needs_amount BEFORE INSERT ON bid
        WHEN NEW.amount_cents IS NULL AND NOT EXISTS (SELECT 1 FROM solicitation
            WHERE solicitation.id = NEW.solicitation_id AND solicitation.method = 'PROPOSALS')
        BEGIN SELECT RAISE(ABORT, 'bid_needs_amount'); END",
    "CREATE TRIGGER bid_keeps_amount BEFORE UPDATE ON bid
        WHEN NEW.amount_cents IS NULL AND NOT EXISTS (SELECT 1 FROM solicitation
            WHERE solicitation.id = NEW.solicitation_id AND solicitation.method = 'PROPOSALS')
        BEGIN SELECT RAISE(ABORT, 'bid_needs_amount'); END",
];

const POSTGRES_TRIGGERS: &[&str] = &[
    "CREATE FUNCTION require_bid_amount() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NOT EXISTS (SELECT 1 FROM solicitation
            WHERE solicitation.id = NEW.solicitation_id AND solicitation.method = 'PROPOSALS') THEN
            RAISE EXCEPTION 'bid_needs_amount' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER bid_needs_amount BEFORE INSERT OR UPDATE ON bid FOR EACH ROW
        WHEN (NEW.amount_cents IS NULL) EXECUTE FUNCTION require_bid_amount()",
];

/// A row is a subcontractor that was replaced: what the bid or the contract said of it, and why, by
/// whom and when another took its place, which is the row at the same position among the parties.
const SUBSTITUTION_UP: &[&str] = &["CREATE TABLE substitution (
        id {uuid} PRIMARY KEY,
        bid_id {uuid} REFERENCES bid (id),
        contract_id {uuid} REFERENCES contract (id),
        sequence bigint NOT NULL CHECK (sequence > 0),
        prime_id {uuid} NOT NULL REFERENCES organization (id),
        position bigint NOT NULL CHECK (position >= 0),
        organization_id {uuid},
        name text NOT NULL,
        scheme text,
        value text,
        resolved_by text NOT NULL CHECK (resolved_by IN
            ('ORGANIZATION_ID', 'IDENTIFIER', 'NAME', 'CHOSEN', 'UNRESOLVED')),
        resolved_to {uuid} REFERENCES organization (id),
        resolved_at {time} NOT NULL,
        amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
        currency text NOT NULL CHECK (length(currency) = 3),
        ground text NOT NULL CHECK (ground IN
            ('FAILS_TO_EXECUTE_CONTRACT', 'BANKRUPT_OR_INSOLVENT', 'FAILS_TO_PERFORM',
            'FAILS_TO_MEET_BOND_REQUIREMENTS', 'INADVERTENT_CLERICAL_ERROR', 'NOT_LICENSED',
            'UNSATISFACTORY_OR_DELAYED_WORK', 'INELIGIBLE_FOR_PUBLIC_WORKS', 'NOT_RESPONSIBLE')),
        explanation text NOT NULL CHECK (explanation <> ''),
        citation text NOT NULL CHECK (citation <> ''),
        policy_version bigint NOT NULL REFERENCES policy (version),
        substituted_by text NOT NULL,
        substituted_at {time} NOT NULL,
        UNIQUE (bid_id, sequence),
        UNIQUE (contract_id, sequence),
        CHECK ((bid_id IS NULL) <> (contract_id IS NULL)),
        CHECK ((scheme IS NULL) = (value IS NULL)),
        CHECK ((resolved_by = 'UNRESOLVED') = (resolved_to IS NULL)))"];

const UNIQUE_KEYS: &[&[&str]] = &[&["id"], &["bid_id", "sequence"], &["contract_id", "sequence"]];

/// Fails while there is a bid without an amount, because the earlier table has no place for one.
const PRICE_DOWN: &[&str] = &[
    "DROP VIEW screened_bid",
    "DROP INDEX bid_by_sum_descending",
    "DROP INDEX bid_by_sum",
    "DROP INDEX bid_by_amount_descending",
    "DROP INDEX bid_by_amount",
    "ALTER TABLE bid DROP COLUMN amount_descending",
    "ALTER TABLE bid DROP COLUMN amount_ascending",
    "ALTER TABLE bid ADD COLUMN price_cents bigint NOT NULL DEFAULT 0 CHECK (price_cents >= 0)",
    "ALTER TABLE bid ADD COLUMN price_currency text NOT NULL DEFAULT 'USD'
        CHECK (length(price_currency) = 3)",
    "UPDATE bid SET price_cents = amount_cents, price_currency = currency",
    // The check of `currency` uses `amount_cents`, so it goes first.
    "ALTER TABLE bid DROP COLUMN currency",
    "ALTER TABLE bid DROP COLUMN amount_cents",
    "ALTER TABLE bid RENAME COLUMN price_cents TO amount_cents",
    "ALTER TABLE bid RENAME COLUMN price_currency TO currency",
    "CREATE INDEX bid_by_amount ON bid (solicitation_id, amount_cents, id)",
    "CREATE INDEX bid_by_sum ON bid (amount_cents, id)",
    "CREATE VIEW screened_bid AS
        SELECT bid.id, bid.solicitation_id, bid.organization_id, bid.disclosure_id,
            bid.decision_id, bid.status, bid.decision_outcome AS outcome, bid.amount_cents,
            bid.submitted_at, bid.decided_at, bid.cure_by, solicitation.department_id,
            CASE WHEN solicitation.sealed THEN solicitation.due_at
                ELSE solicitation.created_at END AS opens_at,
            disclosure.review, disclosure.reviewer
        FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id
            LEFT JOIN disclosure ON disclosure.id = bid.disclosure_id",
];

/// The kind of generated column that a database adds to a table with rows: SQLite only virtual ones.
fn with_generated_kind(manager: &SchemaManager<'_>, statements: &[&str]) -> Vec<String> {
    let kind = match manager.get_database_backend() {
        DbBackend::Postgres => "STORED",
        _ => "VIRTUAL",
    };
    statements.iter().map(|statement| statement.replace("{generated}", kind)).collect()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let price = with_generated_kind(manager, PRICE_UP);
        engine::run(manager, &price.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        let triggers = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES_TRIGGERS,
            _ => SQLITE_TRIGGERS,
        };
        engine::run(manager, triggers).await?;
        engine::run(manager, SUBSTITUTION_UP).await?;
        engine::make_append_only(manager, "substitution", UNIQUE_KEYS).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let triggers: &[&str] = match manager.get_database_backend() {
            DbBackend::Postgres => {
                &["DROP TRIGGER bid_needs_amount ON bid", "DROP FUNCTION require_bid_amount()"]
            }
            _ => &["DROP TRIGGER bid_keeps_amount", "DROP TRIGGER bid_needs_amount"],
        };
        engine::run(manager, &["DROP TABLE substitution"]).await?;
        engine::run(manager, triggers).await?;
        engine::run(manager, PRICE_DOWN).await
    }
}
