//! Solicitations, their addenda and bids.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // `accepts_bids` is TRUE while live bids may refer to the solicitation; see `bid.live`.
    "CREATE TABLE solicitation (
        id {uuid} PRIMARY KEY,
        department_id {uuid} NOT NULL REFERENCES department (id),
        number text NOT NULL CHECK (number <> ''),
        title text NOT NULL CHECK (title <> ''),
        description text NOT NULL,
        method text NOT NULL,
        public_works boolean NOT NULL,
        status text NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'CANCELED')),
        due_at {time} NOT NULL,
        policy_version bigint REFERENCES policy (version),
        sealed boolean NOT NULL,
        created_at {time} NOT NULL,
        published_at {time},
        canceled_at {time},
        cancellation_reason text,
        accepts_bids boolean GENERATED ALWAYS AS
            (CASE WHEN status = 'PUBLISHED' THEN TRUE END) STORED,
        UNIQUE (department_id, number),
        UNIQUE (id, accepts_bids),
        CHECK ((policy_version IS NULL) = (published_at IS NULL)),
        CHECK (status <> 'PUBLISHED' OR published_at IS NOT NULL),
        CHECK (status <> 'DRAFT' OR published_at IS NULL),
        CHECK ((status = 'CANCELED') = (canceled_at IS NOT NULL)),
        CHECK ((canceled_at IS NULL) = (cancellation_reason IS NULL)))",
    "CREATE INDEX solicitation_by_due ON solicitation (due_at, id)",
    "CREATE INDEX solicitation_by_number ON solicitation (number, id)",
    "CREATE INDEX solicitation_by_title ON solicitation (title, id)",
    "CREATE INDEX solicitation_by_department ON solicitation (department_id, due_at, id)",
    "CREATE INDEX solicitation_by_status ON solicitation (status, due_at, id)",
    "CREATE TABLE addendum (
        solicitation_id {uuid} NOT NULL REFERENCES solicitation (id),
        number bigint NOT NULL CHECK (number > 0),
        text text NOT NULL,
        due_at {time} NOT NULL,
        issued_at {time} NOT NULL,
        PRIMARY KEY (solicitation_id, number))",
    // `live` is TRUE for admitted and held bids, else NULL, and a foreign key with a NULL is not
    // checked. So no live bid can refer to a blocking decision, a withdrawn disclosure or a canceled
    // solicitation.
    "CREATE TABLE bid (
        id {uuid} PRIMARY KEY,
        solicitation_id {uuid} NOT NULL REFERENCES solicitation (id),
        organization_id {uuid} NOT NULL REFERENCES organization (id),
        status text NOT NULL CHECK (status IN
            ('ADMITTED', 'HELD', 'REFUSED', 'WITHDRAWN', 'AWARDED', 'CLOSED')),
        amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
        currency text NOT NULL CHECK (length(currency) = 3),
        disclosure_id {uuid} REFERENCES filing (id),
        decision_id {uuid} NOT NULL,
        decision_outcome text NOT NULL,
        cure_by {time},
        submitted_at {time} NOT NULL,
        submitted_by text NOT NULL,
        withdrawn_at {time},
        live boolean GENERATED ALWAYS AS
            (CASE WHEN status IN ('ADMITTED', 'HELD') THEN TRUE END) STORED,
        FOREIGN KEY (decision_id, id, decision_outcome)
            REFERENCES decision (id, subject_id, outcome),
        FOREIGN KEY (disclosure_id, organization_id, live)
            REFERENCES disclosure (id, organization_id, not_withdrawn),
        FOREIGN KEY (solicitation_id, live) REFERENCES solicitation (id, accepts_bids),
        CHECK (CASE status
            WHEN 'ADMITTED' THEN decision_outcome = 'ADMIT'
            WHEN 'HELD' THEN decision_outcome = 'REVIEW'
            WHEN 'REFUSED' THEN decision_outcome = 'BLOCK'
            ELSE decision_outcome <> 'BLOCK' END),
        CHECK (cure_by IS NULL OR decision_outcome = 'REVIEW'),
        CHECK ((status = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)))",
    "CREATE UNIQUE INDEX bid_one_live ON bid (organization_id, solicitation_id)
        WHERE status IN ('ADMITTED', 'HELD')",
    "CREATE INDEX bid_by_time ON bid (solicitation_id, submitted_at, id)",
    "CREATE INDEX bid_by_amount ON bid (solicitation_id, amount_cents, id)",
    "CREATE INDEX bid_by_status ON bid (solicitation_id, status, id)",
    "CREATE INDEX bid_by_outcome ON bid (solicitation_id, decision_outcome, id)",
    "CREATE INDEX bid_by_organization ON bid (organization_id, submitted_at, id)",
    "CREATE INDEX bid_by_disclosure ON bid (disclosure_id)",
    // The organization that a party was resolved to is stored, so that a later claim of an identifier
    // does not change it.
    "CREATE TABLE bid_subcontractor (
        bid_id {uuid} NOT NULL REFERENCES bid (id),
        position bigint NOT NULL CHECK (position >= 0),
        organization_id {uuid},
        name text NOT NULL,
        scheme text,
        value text,
        resolved_by text NOT NULL CHECK (resolved_by IN
            ('ORGANIZATION_ID', 'IDENTIFIER', 'UNRESOLVED')),
        resolved_to {uuid} REFERENCES organization (id),
        resolved_at {time} NOT NULL,
        amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
        currency text NOT NULL CHECK (length(currency) = 3),
        PRIMARY KEY (bid_id, position),
        CHECK ((scheme IS NULL) = (value IS NULL)),
        CHECK ((resolved_by = 'UNRESOLVED') = (resolved_to IS NULL)),
        CHECK (resolved_by <> 'ORGANIZATION_ID' OR resolved_to = organization_id))",
    // The joint venture's members at submission. A later change of the venture does not change them.
    "CREATE TABLE bid_member (
        bid_id {uuid} NOT NULL REFERENCES bid (id),
        position bigint NOT NULL CHECK (position >= 0),
        organization_id {uuid},
        name text NOT NULL,
        scheme text,
        value text,
        resolved_by text NOT NULL CHECK (resolved_by IN
            ('ORGANIZATION_ID', 'IDENTIFIER', 'UNRESOLVED')),
        resolved_to {uuid} REFERENCES organization (id),
        resolved_at {time} NOT NULL,
        PRIMARY KEY (bid_id, position),
        CHECK ((scheme IS NULL) = (value IS NULL)),
        CHECK ((resolved_by = 'UNRESOLVED') = (resolved_to IS NULL)),
        CHECK (resolved_by <> 'ORGANIZATION_ID' OR resolved_to = organization_id))",
    // The departments whose staff may see a subject, once the deadline `opens_at` has settled. It
    // filters the disclosures, decisions and bids that staff see.
    "CREATE VIEW subject_access AS
        SELECT bid.id AS subject_id, bid.organization_id, bid.disclosure_id,
            solicitation.department_id,
            CASE WHEN solicitation.sealed THEN solicitation.due_at
                ELSE solicitation.created_at END AS opens_at
        FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id",
];

const DOWN: &[&str] = &[
    "DROP VIEW subject_access",
    "DROP TABLE bid_member",
    "DROP TABLE bid_subcontractor",
    "DROP TABLE bid",
    "DROP TABLE addendum",
    "DROP TABLE solicitation",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        engine::make_append_only(manager, "addendum", &[&["solicitation_id", "number"]]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}
