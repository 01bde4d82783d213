//! What has changed and is not yet looked at again, and the suspensions of policies.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // Written in the transaction of the change, removed when all that depends on it is decided
    // again: what a crash leaves here a worker processes once its lease is over.
    "CREATE TABLE reconsideration (
        id {uuid} PRIMARY KEY,
        changed text NOT NULL CHECK (changed IN ('ORGANIZATION', 'POLICY', 'SOLICITATION')),
        subject_id {uuid} NOT NULL,
        revives {json} NOT NULL,
        not_before {time} NOT NULL,
        done_to {uuid},
        failed_at {time},
        lease_id {uuid},
        leased_until {time},
        CHECK ((lease_id IS NULL) = (leased_until IS NULL)))",
    "CREATE INDEX reconsideration_by_time ON reconsideration (not_before, id)",
    "CREATE INDEX reconsideration_by_subject ON reconsideration (subject_id, changed)",
    // `rules` names those that are lifted; empty for the whole policy.
    "CREATE TABLE policy_suspension (
        id {uuid} PRIMARY KEY,
        policy_id {uuid} NOT NULL REFERENCES policy (id),
        policy_version bigint NOT NULL REFERENCES policy (version),
        rules {json} NOT NULL,
        citation text NOT NULL CHECK (citation <> ''),
        suspended_by text NOT NULL,
        suspended_at {time} NOT NULL,
        reinstated_by text,
        reinstated_at {time},
        reinstatement text,
        CHECK ((reinstated_at IS NULL) = (reinstated_by IS NULL)),
        CHECK ((reinstated_at IS NULL) = (reinstatement IS NULL)))",
    "CREATE INDEX policy_suspension_by_version ON policy_suspension
        (policy_version, suspended_at, id)",
    // Bids that depend on the organization that a party was resolved to, or on an identifier that
    // nobody bore yet.
    "CREATE INDEX bid_subcontractor_by_organization ON bid_subcontractor (resolved_to)",
    "CREATE INDEX bid_subcontractor_by_identifier ON bid_subcontractor (scheme, value)",
    "CREATE INDEX bid_member_by_organization ON bid_member (resolved_to)",
    "CREATE INDEX bid_member_by_identifier ON bid_member (scheme, value)",
    "CREATE INDEX joint_venture_member_by_identifier ON joint_venture_member (scheme, value)",
    // When what is held must be mended, the next first.
    "CREATE INDEX bid_by_cure ON bid (cure_by, id) WHERE cure_by IS NOT NULL",
    "CREATE INDEX solicitation_by_policy ON solicitation (policy_version)",
];

const DOWN: &[&str] = &[
    "DROP INDEX solicitation_by_policy",
    "DROP INDEX bid_by_cure",
    "DROP INDEX joint_venture_member_by_identifier",
    "DROP INDEX bid_member_by_identifier",
    "DROP INDEX bid_member_by_organization",
    "DROP INDEX bid_subcontractor_by_identifier",
    "DROP INDEX bid_subcontractor_by_organization",
    "DROP TABLE policy_suspension",
    "DROP TABLE reconsideration",
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
