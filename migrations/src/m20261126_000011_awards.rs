//! Federal awards, their recipients, and their matches with organizations.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // One row. Each transaction that changes recipients takes the next number and locks the row until
    // it commits, so that a reader of all changes up to a number has missed none.
    "CREATE TABLE award_revision (
        id bigint PRIMARY KEY CHECK (id = 1),
        number bigint NOT NULL)",
    "INSERT INTO award_revision (id, number) VALUES (1, 0)",
    "CREATE TABLE award_recipient (
        id {uuid} PRIMARY KEY,
        name text NOT NULL CHECK (name <> ''),
        other_names {json} NOT NULL,
        uei text NOT NULL,
        duns text NOT NULL,
        cage text NOT NULL,
        parent text,
        parent_uei text,
        address text,
        city text,
        state text,
        revision bigint NOT NULL,
        UNIQUE (name, uei, duns, cage))",
    "CREATE INDEX award_recipient_by_revision ON award_recipient (revision, id)",
    "CREATE TABLE federal_award (
        id {uuid} PRIMARY KEY,
        key text NOT NULL UNIQUE CHECK (key <> ''),
        kind text NOT NULL
            CHECK (kind IN ('CONTRACT', 'ORDER', 'VEHICLE', 'ASSISTANCE', 'SUBAWARD')),
        award_id text NOT NULL,
        parent_award_id text,
        prime text,
        recipient_id {uuid} NOT NULL REFERENCES award_recipient (id),
        component text,
        awarding_code text,
        awarding_sub_code text,
        awarding_sub_name text,
        funding_code text,
        funding_sub_code text,
        funding_sub_name text,
        signed_on {date},
        starts_on {date},
        ends_on {date},
        latest_on {date},
        obligated_cents bigint,
        current_cents bigint,
        ceiling_cents bigint,
        has_summary boolean NOT NULL,
        has_base_action boolean NOT NULL,
        naics text,
        psc text,
        description text,
        source_file text NOT NULL,
        source_line bigint NOT NULL CHECK (source_line > 0))",
    "CREATE INDEX federal_award_by_recipient ON federal_award (recipient_id)",
    // The imported transactions of each award. A repeated transaction counts once.
    "CREATE TABLE award_transaction (
        award_id {uuid} NOT NULL REFERENCES federal_award (id),
        key text NOT NULL,
        cents bigint,
        PRIMARY KEY (award_id, key))",
    // Every recipient that an award has had.
    "CREATE TABLE award_holder (
        award_id {uuid} NOT NULL REFERENCES federal_award (id),
        recipient_id {uuid} NOT NULL REFERENCES award_recipient (id),
        revision bigint NOT NULL,
        PRIMARY KEY (award_id, recipient_id))",
    "CREATE INDEX award_holder_by_recipient ON award_holder (recipient_id)",
    "CREATE INDEX award_holder_by_revision ON award_holder (revision)",
    // The progress of importing each file, by its SHA-256. An interrupted import resumes there.
    "CREATE TABLE award_import (
        sha256 text PRIMARY KEY CHECK (length(sha256) = 64),
        file text NOT NULL,
        last_line bigint NOT NULL CHECK (last_line >= 0),
        began_at {time} NOT NULL,
        finished_at {time})",
    // The revision of recipients up to which an organization was matched.
    "CREATE TABLE organization_match_progress (
        organization_id {uuid} PRIMARY KEY REFERENCES organization (id),
        revision bigint NOT NULL)",
    // Every organization with the revision up to which it was matched; -1 if it was never matched.
    "CREATE VIEW organization_match_backlog AS
        SELECT organization.id AS organization_id,
            COALESCE(organization_match_progress.revision, -1) AS revision
        FROM organization LEFT JOIN organization_match_progress
            ON organization_match_progress.organization_id = organization.id",
    "CREATE TABLE award_match (
        id {uuid} PRIMARY KEY,
        organization_id {uuid} NOT NULL REFERENCES organization (id),
        award_id {uuid} NOT NULL REFERENCES federal_award (id),
        recipient_id {uuid} NOT NULL REFERENCES award_recipient (id),
        relation text NOT NULL CHECK (relation IN ('SELF', 'JOINT_VENTURE_MEMBER', 'SUBSIDIARY',
            'PARENT', 'AFFILIATE', 'PREDECESSOR')),
        band text NOT NULL CHECK (band IN ('POSSIBLE', 'PROBABLE', 'EXACT')),
        score_thousandths bigint CHECK (score_thousandths BETWEEN 0 AND 1000),
        reasons {json} NOT NULL,
        evidence_sha256 text NOT NULL,
        status text NOT NULL CHECK (status IN ('OPEN', 'CONFIRMED', 'DISMISSED', 'COVERED')),
        found_at {time} NOT NULL,
        linked_by text,
        linked_agreement_sha256 text,
        covered_by {uuid},
        covered_agreement bigint CHECK (covered_agreement >= 0),
        coverage text,
        confirmed_by text,
        confirmed_at {time},
        confirmation text,
        respond_by {time},
        appeal_by {time},
        answer text,
        answered_by text,
        answered_at {time},
        considered_by text,
        considered_at {time},
        dismissed_by text,
        dismissed_at {time},
        dismissal text,
        dismissed_with_recipient boolean NOT NULL,
        UNIQUE (organization_id, award_id),
        CHECK (status <> 'CONFIRMED' OR confirmed_at IS NOT NULL),
        CHECK ((status = 'DISMISSED') = (dismissed_at IS NOT NULL)),
        CHECK ((status = 'COVERED') = (covered_by IS NOT NULL)),
        CHECK ((covered_by IS NULL) = (coverage IS NULL)),
        CHECK ((covered_by IS NULL) = (covered_agreement IS NULL)),
        CHECK ((confirmed_at IS NULL) = (confirmed_by IS NULL)),
        CHECK ((confirmed_at IS NULL) = (confirmation IS NULL)),
        CHECK ((confirmed_at IS NULL) = (respond_by IS NULL)),
        CHECK ((confirmed_at IS NULL) = (appeal_by IS NULL)),
        CHECK ((answered_at IS NULL) = (answer IS NULL)),
        CHECK ((answered_at IS NULL) = (answered_by IS NULL)),
        CHECK (answered_at IS NULL OR confirmed_at IS NOT NULL),
        CHECK ((considered_at IS NULL) = (considered_by IS NULL)),
        CHECK (considered_at IS NULL OR answered_at IS NOT NULL),
        CHECK (dismissed_at IS NOT NULL OR NOT dismissed_with_recipient),
        CHECK ((dismissed_at IS NULL) = (dismissed_by IS NULL)),
        CHECK ((dismissed_at IS NULL) = (dismissal IS NULL)))",
    "CREATE INDEX award_match_by_award ON award_match (award_id)",
    "CREATE INDEX award_match_by_time ON award_match (found_at, id)",
    "CREATE INDEX award_match_by_status ON award_match (status, found_at, id)",
    "CREATE INDEX award_match_by_band ON award_match (band, found_at, id)",
    "CREATE INDEX award_match_by_organization ON award_match (organization_id, found_at, id)",
    // The person who confirmed a match cannot decide an appeal; a match has at most one open appeal.
    "CREATE TABLE match_appeal (
        id {uuid} PRIMARY KEY,
        match_id {uuid} NOT NULL REFERENCES award_match (id),
        against text NOT NULL,
        statement text NOT NULL CHECK (statement <> ''),
        filed_by text NOT NULL,
        filed_at {time} NOT NULL,
        outcome text CHECK (outcome IN ('UPHELD', 'REOPENED')),
        explanation text,
        decided_by text CHECK (decided_by <> against),
        decided_at {time},
        CHECK ((outcome IS NULL) = (decided_at IS NULL)),
        CHECK ((outcome IS NULL) = (decided_by IS NULL)),
        CHECK ((outcome IS NULL) = (explanation IS NULL)))",
    "CREATE UNIQUE INDEX match_appeal_one_open ON match_appeal (match_id) WHERE outcome IS NULL",
    "CREATE INDEX match_appeal_by_match ON match_appeal (match_id, filed_at, id)",
    "DROP VIEW review_item",
    // Adds matches that are open, answered or appealed, and disputed identifiers.
    "CREATE VIEW review_item AS
        SELECT bid.id, 'BID_HELD' AS kind, bid.id AS bid_id, bid.disclosure_id,
            CAST(NULL AS {uuid}) AS clarification_id, CAST(NULL AS {uuid}) AS appeal_id,
            CAST(NULL AS {uuid}) AS match_id, CAST(NULL AS {uuid}) AS dispute_id,
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
            CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
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
            CAST(NULL AS {uuid}), appeal.id, CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
            appeal.filed_at,
            CAST('1970-01-01T00:00:00+00:00' AS {time}), disclosure.reviewer
        FROM appeal JOIN disclosure ON disclosure.id = appeal.disclosure_id
        WHERE appeal.outcome IS NULL AND disclosure.status <> 'WITHDRAWN'
        UNION ALL
        SELECT award_match.id,
            CASE WHEN award_match.status = 'OPEN' THEN 'MATCH_FOUND' ELSE 'MATCH_ANSWERED' END,
            CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
            CAST(NULL AS {uuid}), award_match.id, CAST(NULL AS {uuid}),
            CASE WHEN award_match.status = 'OPEN' THEN award_match.found_at
                ELSE award_match.answered_at END,
            CAST('1970-01-01T00:00:00+00:00' AS {time}), CAST(NULL AS text)
        FROM award_match
        WHERE (award_match.status = 'OPEN' AND award_match.band <> 'POSSIBLE')
            OR (award_match.status = 'CONFIRMED' AND award_match.answered_at IS NOT NULL
                AND award_match.considered_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM match_appeal
                    WHERE match_appeal.match_id = award_match.id
                        AND match_appeal.filed_at >= award_match.confirmed_at))
        UNION ALL
        SELECT match_appeal.id, 'MATCH_APPEAL', CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
            CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), match_appeal.match_id,
            CAST(NULL AS {uuid}), match_appeal.filed_at, CAST('1970-01-01T00:00:00+00:00' AS {time}),
            CAST(NULL AS text)
        FROM match_appeal WHERE match_appeal.outcome IS NULL
        UNION ALL
        SELECT identifier_dispute.id, 'IDENTIFIER_DISPUTED', CAST(NULL AS {uuid}),
            CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
            CAST(NULL AS {uuid}), identifier_dispute.id, identifier_dispute.opened_at,
            CAST('1970-01-01T00:00:00+00:00' AS {time}), CAST(NULL AS text)
        FROM identifier_dispute",
];

const DOWN: &[&str] = &[
    "DROP VIEW review_item",
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
    "DROP TABLE match_appeal",
    "DROP TABLE award_match",
    "DROP VIEW organization_match_backlog",
    "DROP TABLE organization_match_progress",
    "DROP TABLE award_import",
    "DROP TABLE award_holder",
    "DROP TABLE award_transaction",
    "DROP TABLE federal_award",
    "DROP TABLE award_recipient",
    "DROP TABLE award_revision",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}
