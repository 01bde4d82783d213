//! Organizations, departments and their members.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE organization (
        id {uuid} PRIMARY KEY,
        kind text NOT NULL,
        legal_name text NOT NULL CHECK (legal_name <> ''),
        doing_business_as {json} NOT NULL,
        address {json},
        ownership {json} NOT NULL,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL)",
    "CREATE INDEX organization_by_name ON organization (legal_name, id)",
    "CREATE INDEX organization_by_age ON organization (created_at, id)",
    // One row for each identifier that several organizations claim, while a claim is disputed.
    "CREATE TABLE identifier_dispute (
        id {uuid} PRIMARY KEY,
        scheme text NOT NULL,
        value text NOT NULL,
        opened_at {time} NOT NULL,
        UNIQUE (scheme, value),
        UNIQUE (id, scheme, value))",
    // One organization holds an identifier and is found by it. Claims of others are disputed.
    "CREATE TABLE organization_identifier (
        organization_id {uuid} NOT NULL REFERENCES organization (id),
        scheme text NOT NULL,
        value text NOT NULL,
        state text NOT NULL CHECK (state IN ('CLAIMED', 'VERIFIED', 'DISPUTED')),
        claimed_by text NOT NULL,
        claimed_at {time} NOT NULL,
        dispute_id {uuid},
        PRIMARY KEY (organization_id, scheme, value),
        FOREIGN KEY (dispute_id, scheme, value)
            REFERENCES identifier_dispute (id, scheme, value),
        CHECK ((state = 'DISPUTED') = (dispute_id IS NOT NULL)))",
    "CREATE UNIQUE INDEX organization_identifier_one_bearer ON organization_identifier
        (scheme, value) WHERE state <> 'DISPUTED'",
    "CREATE INDEX organization_identifier_by_value ON organization_identifier (value, scheme)",
    "CREATE INDEX organization_identifier_by_dispute ON organization_identifier (dispute_id)
        WHERE dispute_id IS NOT NULL",
    "CREATE TABLE joint_venture_member (
        organization_id {uuid} NOT NULL REFERENCES organization (id),
        position bigint NOT NULL CHECK (position >= 0),
        member_id {uuid} REFERENCES organization (id),
        name text NOT NULL,
        scheme text,
        value text,
        PRIMARY KEY (organization_id, position),
        CHECK ((scheme IS NULL) = (value IS NULL)),
        CHECK (member_id <> organization_id))",
    "CREATE INDEX joint_venture_member_by_member ON joint_venture_member (member_id)",
    "CREATE TABLE department (
        id {uuid} PRIMARY KEY,
        code text NOT NULL UNIQUE,
        name text NOT NULL UNIQUE,
        contact text NOT NULL,
        created_at {time} NOT NULL)",
    "CREATE INDEX department_by_name ON department (name, id)",
    "CREATE TABLE member (
        id {uuid} PRIMARY KEY,
        organization_id {uuid} REFERENCES organization (id),
        department_id {uuid} REFERENCES department (id),
        role text,
        email text,
        subject text,
        invited_at {time} NOT NULL,
        bound_at {time},
        removed_at {time},
        CHECK ((organization_id IS NULL) <> (department_id IS NULL)),
        CHECK ((organization_id IS NULL) = (role IS NULL)),
        CHECK (email IS NOT NULL OR subject IS NOT NULL),
        CHECK ((subject IS NULL) = (bound_at IS NULL)))",
    "CREATE INDEX member_by_subject ON member (subject) WHERE removed_at IS NULL",
    "CREATE INDEX member_by_invitation ON member (email)
        WHERE subject IS NULL AND removed_at IS NULL",
    "CREATE UNIQUE INDEX member_one_place_in_organization ON member (organization_id, email)
        WHERE removed_at IS NULL AND organization_id IS NOT NULL",
    "CREATE UNIQUE INDEX member_one_subject_in_organization ON member (organization_id, subject)
        WHERE removed_at IS NULL AND organization_id IS NOT NULL",
    "CREATE UNIQUE INDEX member_one_place_in_department ON member (department_id, email)
        WHERE removed_at IS NULL AND department_id IS NOT NULL",
    "CREATE UNIQUE INDEX member_one_subject_in_department ON member (department_id, subject)
        WHERE removed_at IS NULL AND department_id IS NOT NULL",
];

const DOWN: &[&str] = &[
    "DROP TABLE member",
    "DROP TABLE department",
    "DROP TABLE joint_venture_member",
    "DROP TABLE organization_identifier",
    "DROP TABLE identifier_dispute",
    "DROP TABLE organization",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::create_refusal_function(manager).await?;
        engine::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await?;
        engine::drop_refusal_function(manager).await
    }
}
