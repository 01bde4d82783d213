//! The queue of pending re-evaluations, and the suspensions of policies.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // Inserted in the transaction of the change, deleted when all dependents are re-evaluated. A
    // worker processes rows that a crash left behind once their lease has expired.
    "CREATE TABLE reevaluation (
        id {uuid} PRIMARY KEY,
        source text NOT NULL CHECK (source IN ('ORGANIZATION', 'POLICY', 'SOLICITATION')),
        subject_id {uuid} NOT NULL,
        lifted_rules {json} NOT NULL,
        not_before {time} NOT NULL,
        cursor {uuid},
        failed_at {time},
        lease_id {uuid},
        leased_until {time},
        CHECK ((lease_id IS NULL) = (leased_until IS NULL)))",
    "CREATE INDEX reevaluation_by_time ON reevaluation (not_before, id)",
    "CREATE INDEX reevaluation_by_subject ON reevaluation (subject_id, source)",
    // `rules` lists the suspended rules; empty suspends the whole policy.
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
    // Find the bids that depend on an organization: by the organization that a party was resolved
    // to, or by the identifier of an unresolved party.
    "CREATE INDEX bid_subcontractor_by_organization ON bid_subcontractor (resolved_to)",
    "CREATE INDEX bid_subcontractor_by_identifier ON bid_subcontractor (scheme, value)",
    "CREATE INDEX bid_member_by_organization ON bid_member (resolved_to)",
    "CREATE INDEX bid_member_by_identifier ON bid_member (scheme, value)",
    "CREATE INDEX joint_venture_member_by_identifier ON joint_venture_member (scheme, value)",
    // Deadlines to cure held bids, the earliest first.
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
    "DROP TABLE reevaluation",
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
