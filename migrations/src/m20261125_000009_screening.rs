//! Screening: index rows of filings and decisions, full-text search, and the screened views.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The index rows are derived from immutable filings and decisions, in the transaction that inserts
/// those.
const UP: &[&str] = &[
    "ALTER TABLE bid ADD COLUMN decided_at {time} NOT NULL
        DEFAULT '1970-01-01T00:00:00+00:00'",
    "UPDATE bid SET decided_at =
        (SELECT decided_at FROM decision WHERE decision.id = bid.decision_id)",
    "CREATE TABLE disclosed (
        disclosure_id {uuid} PRIMARY KEY REFERENCES filing (id),
        withheld boolean NOT NULL,
        paper boolean NOT NULL,
        unknown_amounts bigint NOT NULL)",
    "CREATE INDEX disclosed_withheld ON disclosed (withheld, disclosure_id)",
    "CREATE INDEX disclosed_paper ON disclosed (paper, disclosure_id)",
    "CREATE INDEX disclosed_unknown ON disclosed (unknown_amounts, disclosure_id)",
    "CREATE TABLE disclosed_total (
        disclosure_id {uuid} NOT NULL REFERENCES filing (id),
        currency text NOT NULL,
        cents bigint NOT NULL,
        PRIMARY KEY (disclosure_id, currency))",
    "CREATE INDEX disclosed_total_by_amount ON disclosed_total (currency, cents, disclosure_id)",
    "CREATE TABLE disclosed_agreement (
        disclosure_id {uuid} NOT NULL REFERENCES filing (id),
        position bigint NOT NULL,
        component text,
        component_name text,
        kind text,
        start_date text,
        end_date text,
        cents bigint,
        currency text,
        short_form boolean NOT NULL,
        PRIMARY KEY (disclosure_id, position))",
    "CREATE INDEX disclosed_agreement_by_component ON disclosed_agreement
        (component, disclosure_id)",
    "CREATE INDEX disclosed_agreement_by_kind ON disclosed_agreement (kind, disclosure_id)",
    "CREATE INDEX disclosed_agreement_by_start ON disclosed_agreement (start_date, disclosure_id)",
    "CREATE INDEX disclosed_agreement_by_end ON disclosed_agreement (end_date, disclosure_id)",
    "CREATE TABLE disclosed_nature (
        disclosure_id {uuid} NOT NULL REFERENCES filing (id),
        position bigint NOT NULL,
        nature text NOT NULL,
        PRIMARY KEY (disclosure_id, position, nature))",
    "CREATE INDEX disclosed_nature_by_nature ON disclosed_nature (nature, disclosure_id, position)",
    "CREATE TABLE disclosed_arrangement (
        disclosure_id {uuid} NOT NULL REFERENCES filing (id),
        position bigint NOT NULL,
        recipient_kind text,
        recipient_component text,
        city_data boolean NOT NULL,
        onward_to_dhs text NOT NULL,
        PRIMARY KEY (disclosure_id, position))",
    "CREATE INDEX disclosed_arrangement_by_recipient ON disclosed_arrangement
        (recipient_kind, disclosure_id)",
    "CREATE INDEX disclosed_arrangement_by_city_data ON disclosed_arrangement
        (city_data, disclosure_id)",
    "CREATE INDEX disclosed_arrangement_by_onward ON disclosed_arrangement
        (onward_to_dhs, disclosure_id)",
    "CREATE TABLE disclosed_category (
        disclosure_id {uuid} NOT NULL REFERENCES filing (id),
        position bigint NOT NULL,
        category text NOT NULL,
        PRIMARY KEY (disclosure_id, position, category))",
    "CREATE INDEX disclosed_category_by_category ON disclosed_category
        (category, disclosure_id, position)",
    "CREATE TABLE decision_finding (
        decision_id {uuid} NOT NULL REFERENCES decision (id),
        code text NOT NULL,
        severity text NOT NULL,
        PRIMARY KEY (decision_id, code, severity))",
    "CREATE INDEX decision_finding_by_code ON decision_finding (code, decision_id)",
    "CREATE INDEX bid_by_submission ON bid (submitted_at, id)",
    "CREATE INDEX bid_by_sum ON bid (amount_cents, id)",
    "CREATE INDEX bid_by_decision_time ON bid (decided_at, id)",
    "CREATE INDEX bid_by_decision ON bid (decision_id)",
    "CREATE INDEX bid_outcomes ON bid (decision_outcome, submitted_at, id)",
    "CREATE INDEX bid_statuses ON bid (status, submitted_at, id)",
    // A bid with the columns that staff screen by; `opens_at` as in `subject_access`.
    "CREATE VIEW screened_bid AS
        SELECT bid.id, bid.solicitation_id, bid.organization_id, bid.disclosure_id,
            bid.decision_id, bid.status, bid.decision_outcome AS outcome, bid.amount_cents,
            bid.submitted_at, bid.decided_at, bid.cure_by, solicitation.department_id,
            CASE WHEN solicitation.sealed THEN solicitation.due_at
                ELSE solicitation.created_at END AS opens_at,
            disclosure.review, disclosure.reviewer
        FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id
            LEFT JOIN disclosure ON disclosure.id = bid.disclosure_id",
    // The review queue. An item is in it once `opens_at` has settled: for an open question when its
    // answer is due, and for a bid on a sealed solicitation when bids are due.
    "CREATE VIEW review_item AS
        SELECT bid.id, 'BID_HELD' AS kind, bid.id AS bid_id, bid.disclosure_id,
            CAST(NULL AS {uuid}) AS clarification_id, CAST(NULL AS {uuid}) AS appeal_id,
            COALESCE(bid.cure_by, solicitation.due_at) AS due_at,
            CASE WHEN solicitation.sealed THEN solicitation.due_at
                ELSE solicitation.created_at END AS opens_at,
            disclosure.reviewer
        FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id
            LEFT JOIN disclosure ON disclosure.id = bid.disclosure_id
        WHERE bid.status = 'HELD'
        UNION ALL
        SELECT clarification.id,
            CASE clarification.status WHEN 'OPEN' THEN 'QUESTION_OVERDUE'
                ELSE 'ANSWER_RECEIVED' END,
            CAST(NULL AS {uuid}), clarification.disclosure_id, clarification.id,
            CAST(NULL AS {uuid}),
            CASE clarification.status WHEN 'OPEN' THEN clarification.due_at
                ELSE clarification.answered_at END,
            CASE clarification.status WHEN 'OPEN' THEN clarification.due_at
                ELSE CAST('1970-01-01T00:00:00+00:00' AS {time}) END,
            disclosure.reviewer
        FROM clarification JOIN disclosure ON disclosure.id = clarification.disclosure_id
        WHERE clarification.status = 'OPEN'
            OR (clarification.status = 'ANSWERED' AND disclosure.review = 'UNREVIEWED'
                AND disclosure.status = 'FILED' AND NOT EXISTS (SELECT 1 FROM clarification later
                    WHERE later.disclosure_id = clarification.disclosure_id
                        AND later.asked_at > clarification.asked_at))
        UNION ALL
        SELECT appeal.id, 'APPEAL', CAST(NULL AS {uuid}), appeal.disclosure_id,
            CAST(NULL AS {uuid}), appeal.id, appeal.filed_at,
            CAST('1970-01-01T00:00:00+00:00' AS {time}), disclosure.reviewer
        FROM appeal JOIN disclosure ON disclosure.id = appeal.disclosure_id
        WHERE appeal.outcome IS NULL AND disclosure.status <> 'WITHDRAWN'",
];

/// The words are stored as the service folds them: lower case, without accents, separated by one
/// space.
pub const SQLITE: &[&str] = &[
    "CREATE VIRTUAL TABLE search_filing USING fts5
        (words, subject_id UNINDEXED, tokenize = 'ascii', prefix = '2 3')",
    "CREATE VIRTUAL TABLE search_organization USING fts5
        (words, subject_id UNINDEXED, tokenize = 'ascii', prefix = '2 3')",
];

const POSTGRES: &[&str] = &[
    "CREATE TABLE search_filing (
        subject_id uuid PRIMARY KEY,
        words text NOT NULL,
        lexemes tsvector GENERATED ALWAYS AS
            (array_to_tsvector(string_to_array(words, ' '))) STORED)",
    "CREATE INDEX search_filing_lexemes ON search_filing USING gin (lexemes)",
    "CREATE TABLE search_organization (
        subject_id uuid PRIMARY KEY,
        words text NOT NULL,
        lexemes tsvector GENERATED ALWAYS AS
            (array_to_tsvector(string_to_array(words, ' '))) STORED)",
    "CREATE INDEX search_organization_lexemes ON search_organization USING gin (lexemes)",
];

const DOWN: &[&str] = &[
    "DROP TABLE search_organization",
    "DROP TABLE search_filing",
    "DROP VIEW review_item",
    "DROP VIEW screened_bid",
    "DROP INDEX bid_statuses",
    "DROP INDEX bid_outcomes",
    "DROP INDEX bid_by_decision",
    "DROP INDEX bid_by_decision_time",
    "DROP INDEX bid_by_sum",
    "DROP INDEX bid_by_submission",
    "DROP TABLE decision_finding",
    "DROP TABLE disclosed_category",
    "DROP TABLE disclosed_arrangement",
    "DROP TABLE disclosed_nature",
    "DROP TABLE disclosed_agreement",
    "DROP TABLE disclosed_total",
    "DROP TABLE disclosed",
    "ALTER TABLE bid DROP COLUMN decided_at",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        engine::run(manager, if postgres { POSTGRES } else { SQLITE }).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}
