//! Who a firm is: verified identifiers, former names, the names that it is found by, merged
//! organizations, and parties that are resolved by name or by a person's choice.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // `revision` counts the updates. `merged_into` is the organization that took over this one; it is
    // never itself merged.
    "ALTER TABLE organization ADD COLUMN revision bigint NOT NULL DEFAULT 1 CHECK (revision > 0)",
    "ALTER TABLE organization ADD COLUMN former_names {json} NOT NULL DEFAULT '[]'",
    "ALTER TABLE organization ADD COLUMN merged_into {uuid} REFERENCES organization (id)
        CHECK (merged_into <> id)",
    "ALTER TABLE organization ADD COLUMN merged_at {time}
        CHECK ((merged_at IS NULL) = (merged_into IS NULL))",
    "CREATE INDEX organization_by_successor ON organization (merged_into)
        WHERE merged_into IS NOT NULL",
    // Derived from `organization`: each name without case, blanks, punctuation and legal form, with the
    // set of its legal forms beside it.
    "CREATE TABLE organization_name (
        organization_id {uuid} NOT NULL REFERENCES organization (id),
        kind text NOT NULL CHECK (kind IN ('LEGAL', 'TRADE', 'FORMER')),
        core text NOT NULL,
        forms bigint NOT NULL,
        PRIMARY KEY (organization_id, kind, core, forms))",
    "CREATE INDEX organization_name_by_core ON organization_name (core, kind)",
    "ALTER TABLE organization_identifier ADD COLUMN verified_by text",
    "ALTER TABLE organization_identifier ADD COLUMN verified_at {time}
        CHECK ((verified_at IS NULL) = (verified_by IS NULL))
        CHECK ((state = 'VERIFIED') = (verified_at IS NOT NULL))",
    // Finds the numbers that begin with a text.
    "CREATE INDEX organization_identifier_by_start ON organization_identifier (value {bytewise})",
    // When the City verified one of the claims. The dispute opens again when another organization
    // claims the identifier.
    "ALTER TABLE identifier_dispute ADD COLUMN decided_at {time}",
    // Two organizations that may be one firm, for a supervisor to merge or to keep apart. A pair is
    // proposed once.
    "CREATE TABLE merge_proposal (
        id {uuid} PRIMARY KEY,
        organization_id {uuid} NOT NULL REFERENCES organization (id),
        other_id {uuid} NOT NULL REFERENCES organization (id),
        grounds text NOT NULL CHECK (grounds <> ''),
        proposed_by text NOT NULL,
        proposed_at {time} NOT NULL,
        outcome text CHECK (outcome IN ('MERGED', 'DISMISSED')),
        decided_by text,
        decided_at {time},
        reason text,
        UNIQUE (organization_id, other_id),
        CHECK (organization_id < other_id),
        CHECK ((outcome IS NULL) = (decided_at IS NULL)),
        CHECK ((outcome IS NULL) = (decided_by IS NULL)),
        CHECK ((outcome IS NULL) = (reason IS NULL)))",
    "CREATE INDEX merge_proposal_by_other ON merge_proposal (other_id)",
    "CREATE INDEX merge_proposal_open ON merge_proposal (proposed_at, id) WHERE outcome IS NULL",
    // Adds resolution by name and by a person's choice. SQLite cannot change a CHECK of an existing
    // table, so new ones replace them.
    "CREATE TABLE bid_subcontractor_next (
        bid_id {uuid} NOT NULL REFERENCES bid (id),
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
        PRIMARY KEY (bid_id, position),
        CHECK ((scheme IS NULL) = (value IS NULL)),
        CHECK ((resolved_by = 'UNRESOLVED') = (resolved_to IS NULL)),
        CHECK (resolved_by <> 'ORGANIZATION_ID' OR resolved_to = organization_id))",
    "INSERT INTO bid_subcontractor_next SELECT bid_id, position, organization_id, name, scheme, value, resolved_by, resolved_to,
        resolved_at, amount_cents, currency
        FROM bid_subcontractor",
    "DROP TABLE bid_subcontractor",
    "ALTER TABLE bid_subcontractor_next RENAME TO bid_subcontractor",
    "CREATE INDEX bid_subcontractor_by_organization ON bid_subcontractor (resolved_to)",
    "CREATE INDEX bid_subcontractor_by_identifier ON bid_subcontractor (scheme, value)",
    "CREATE TABLE bid_member_next (
        bid_id {uuid} NOT NULL REFERENCES bid (id),
        position bigint NOT NULL CHECK (position >= 0),
        organization_id {uuid},
        name text NOT NULL,
        scheme text,
        value text,
        resolved_by text NOT NULL CHECK (resolved_by IN
            ('ORGANIZATION_ID', 'IDENTIFIER', 'NAME', 'CHOSEN', 'UNRESOLVED')),
        resolved_to {uuid} REFERENCES organization (id),
        resolved_at {time} NOT NULL,
        PRIMARY KEY (bid_id, position),
        CHECK ((scheme IS NULL) = (value IS NULL)),
        CHECK ((resolved_by = 'UNRESOLVED') = (resolved_to IS NULL)),
        CHECK (resolved_by <> 'ORGANIZATION_ID' OR resolved_to = organization_id))",
    "INSERT INTO bid_member_next SELECT bid_id, position, organization_id, name, scheme, value, resolved_by, resolved_to,
        resolved_at
        FROM bid_member",
    "DROP TABLE bid_member",
    "ALTER TABLE bid_member_next RENAME TO bid_member",
    "CREATE INDEX bid_member_by_organization ON bid_member (resolved_to)",
    "CREATE INDEX bid_member_by_identifier ON bid_member (scheme, value)",
    "CREATE TABLE contract_subcontractor_next (
        contract_id {uuid} NOT NULL REFERENCES contract (id),
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
        PRIMARY KEY (contract_id, position),
        CHECK ((scheme IS NULL) = (value IS NULL)),
        CHECK ((resolved_by = 'UNRESOLVED') = (resolved_to IS NULL)),
        CHECK (resolved_by <> 'ORGANIZATION_ID' OR resolved_to = organization_id))",
    "INSERT INTO contract_subcontractor_next SELECT contract_id, position, organization_id, name, scheme, value, resolved_by, resolved_to,
        resolved_at, amount_cents, currency
        FROM contract_subcontractor",
    "DROP TABLE contract_subcontractor",
    "ALTER TABLE contract_subcontractor_next RENAME TO contract_subcontractor",
    "CREATE INDEX contract_subcontractor_by_organization ON contract_subcontractor (resolved_to)",
    "CREATE INDEX contract_subcontractor_by_identifier ON contract_subcontractor (scheme, value)",
    "CREATE TABLE contract_member_next (
        contract_id {uuid} NOT NULL REFERENCES contract (id),
        position bigint NOT NULL CHECK (position >= 0),
        organization_id {uuid},
        name text NOT NULL,
        scheme text,
        value text,
        resolved_by text NOT NULL CHECK (resolved_by IN
            ('ORGANIZATION_ID', 'IDENTIFIER', 'NAME', 'CHOSEN', 'UNRESOLVED')),
        resolved_to {uuid} REFERENCES organization (id),
        resolved_at {time} NOT NULL,
        PRIMARY KEY (contract_id, position),
        CHECK ((scheme IS NULL) = (value IS NULL)),
        CHECK ((resolved_by = 'UNRESOLVED') = (resolved_to IS NULL)),
        CHECK (resolved_by <> 'ORGANIZATION_ID' OR resolved_to = organization_id))",
    "INSERT INTO contract_member_next SELECT contract_id, position, organization_id, name, scheme, value, resolved_by, resolved_to,
        resolved_at
        FROM contract_member",
    "DROP TABLE contract_member",
    "ALTER TABLE contract_member_next RENAME TO contract_member",
    "CREATE INDEX contract_member_by_organization ON contract_member (resolved_to)",
    "CREATE INDEX contract_member_by_identifier ON contract_member (scheme, value)",
];

const DOWN: &[&str] = &[
    "CREATE TABLE bid_subcontractor_next (
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
    "INSERT INTO bid_subcontractor_next SELECT bid_id, position, organization_id, name, scheme, value, CASE WHEN resolved_by IN ('NAME', 'CHOSEN') THEN 'UNRESOLVED' ELSE resolved_by END,
        CASE WHEN resolved_by IN ('NAME', 'CHOSEN') THEN NULL ELSE resolved_to END,
        resolved_at, amount_cents, currency
        FROM bid_subcontractor",
    "DROP TABLE bid_subcontractor",
    "ALTER TABLE bid_subcontractor_next RENAME TO bid_subcontractor",
    "CREATE INDEX bid_subcontractor_by_organization ON bid_subcontractor (resolved_to)",
    "CREATE INDEX bid_subcontractor_by_identifier ON bid_subcontractor (scheme, value)",
    "CREATE TABLE bid_member_next (
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
    "INSERT INTO bid_member_next SELECT bid_id, position, organization_id, name, scheme, value, CASE WHEN resolved_by IN ('NAME', 'CHOSEN') THEN 'UNRESOLVED' ELSE resolved_by END,
        CASE WHEN resolved_by IN ('NAME', 'CHOSEN') THEN NULL ELSE resolved_to END,
        resolved_at
        FROM bid_member",
    "DROP TABLE bid_member",
    "ALTER TABLE bid_member_next RENAME TO bid_member",
    "CREATE INDEX bid_member_by_organization ON bid_member (resolved_to)",
    "CREATE INDEX bid_member_by_identifier ON bid_member (scheme, value)",
    "CREATE TABLE contract_subcontractor_next (
        contract_id {uuid} NOT NULL REFERENCES contract (id),
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
        PRIMARY KEY (contract_id, position),
        CHECK ((scheme IS NULL) = (value IS NULL)),
        CHECK ((resolved_by = 'UNRESOLVED') = (resolved_to IS NULL)),
        CHECK (resolved_by <> 'ORGANIZATION_ID' OR resolved_to = organization_id))",
    "INSERT INTO contract_subcontractor_next SELECT contract_id, position, organization_id, name, scheme, value, CASE WHEN resolved_by IN ('NAME', 'CHOSEN') THEN 'UNRESOLVED' ELSE resolved_by END,
        CASE WHEN resolved_by IN ('NAME', 'CHOSEN') THEN NULL ELSE resolved_to END,
        resolved_at, amount_cents, currency
        FROM contract_subcontractor",
    "DROP TABLE contract_subcontractor",
    "ALTER TABLE contract_subcontractor_next RENAME TO contract_subcontractor",
    "CREATE INDEX contract_subcontractor_by_organization ON contract_subcontractor (resolved_to)",
    "CREATE INDEX contract_subcontractor_by_identifier ON contract_subcontractor (scheme, value)",
    "CREATE TABLE contract_member_next (
        contract_id {uuid} NOT NULL REFERENCES contract (id),
        position bigint NOT NULL CHECK (position >= 0),
        organization_id {uuid},
        name text NOT NULL,
        scheme text,
        value text,
        resolved_by text NOT NULL CHECK (resolved_by IN
            ('ORGANIZATION_ID', 'IDENTIFIER', 'UNRESOLVED')),
        resolved_to {uuid} REFERENCES organization (id),
        resolved_at {time} NOT NULL,
        PRIMARY KEY (contract_id, position),
        CHECK ((scheme IS NULL) = (value IS NULL)),
        CHECK ((resolved_by = 'UNRESOLVED') = (resolved_to IS NULL)),
        CHECK (resolved_by <> 'ORGANIZATION_ID' OR resolved_to = organization_id))",
    "INSERT INTO contract_member_next SELECT contract_id, position, organization_id, name, scheme, value, CASE WHEN resolved_by IN ('NAME', 'CHOSEN') THEN 'UNRESOLVED' ELSE resolved_by END,
        CASE WHEN resolved_by IN ('NAME', 'CHOSEN') THEN NULL ELSE resolved_to END,
        resolved_at
        FROM contract_member",
    "DROP TABLE contract_member",
    "ALTER TABLE contract_member_next RENAME TO contract_member",
    "CREATE INDEX contract_member_by_organization ON contract_member (resolved_to)",
    "CREATE INDEX contract_member_by_identifier ON contract_member (scheme, value)",
    "DROP TABLE merge_proposal",
    "ALTER TABLE identifier_dispute DROP COLUMN decided_at",
    "DROP INDEX organization_identifier_by_start",
    // SQLite cannot drop a column that a CHECK of another column uses, so the later one goes first.
    "ALTER TABLE organization_identifier DROP COLUMN verified_at",
    "ALTER TABLE organization_identifier DROP COLUMN verified_by",
    "DROP TABLE organization_name",
    "DROP INDEX organization_by_successor",
    "ALTER TABLE organization DROP COLUMN merged_at",
    "ALTER TABLE organization DROP COLUMN merged_into",
    "ALTER TABLE organization DROP COLUMN former_names",
    "ALTER TABLE organization DROP COLUMN revision",
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
