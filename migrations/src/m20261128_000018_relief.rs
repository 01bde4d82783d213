//! Exemptions that a second person approves, and the newest day and digest of the award data.
use sea_orm_migration::prelude::*;

use crate::{engine, m20261128_000016_desks as desks};

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "DROP VIEW review_item",
    "DROP VIEW screening_exemption",
    // Null for a claim that needs no approval. One that needs it is in effect once another person than its
    // claimant has approved it.
    "ALTER TABLE exemption ADD COLUMN approval text
        CHECK (approval IN ('REQUESTED', 'APPROVED', 'DECLINED'))",
    "ALTER TABLE exemption ADD COLUMN decided_by text
        CHECK ((decided_by IS NOT NULL) = (COALESCE(approval, 'REQUESTED') <> 'REQUESTED')
            AND (approval <> 'APPROVED' OR decided_by <> claimed_by))",
    "ALTER TABLE exemption ADD COLUMN decided_at {time}
        CHECK ((decided_at IS NULL) = (decided_by IS NULL))",
    "ALTER TABLE exemption ADD COLUMN decline_reason text
        CHECK ((decline_reason IS NOT NULL) = (COALESCE(approval, 'REQUESTED') = 'DECLINED'))",
    "CREATE INDEX exemption_to_approve ON exemption (claimed_at, id) WHERE approval = 'REQUESTED'",
    "CREATE INDEX exemption_in_effect ON exemption (contract_id)
        WHERE contract_id IS NOT NULL AND COALESCE(approval, 'APPROVED') = 'APPROVED'",
    // The contracts with an exemption in effect.
    "CREATE VIEW screening_exemption AS
        SELECT exemption.contract_id FROM exemption
        WHERE exemption.contract_id IS NOT NULL
            AND COALESCE(exemption.approval, 'APPROVED') = 'APPROVED'",
    // The newest day of the award data, and the digest of its tables once the import that made this
    // revision has finished.
    "ALTER TABLE award_revision ADD COLUMN newest_on {date}",
    "ALTER TABLE award_revision ADD COLUMN sha256 text",
    "UPDATE award_revision SET newest_on = (SELECT MAX(latest_on) FROM federal_award)",
];

const DOWN: &[&str] = &[
    // Fails while a claim waits or was declined: without the column it would be in effect.
    "UPDATE exemption SET approval = 'LOST' WHERE approval IN ('REQUESTED', 'DECLINED')",
    "ALTER TABLE award_revision DROP COLUMN sha256",
    "ALTER TABLE award_revision DROP COLUMN newest_on",
    "DROP VIEW review_item",
    "DROP VIEW screening_exemption",
    "DROP INDEX exemption_in_effect",
    "DROP INDEX exemption_to_approve",
    "ALTER TABLE exemption DROP COLUMN decline_reason",
    "ALTER TABLE exemption DROP COLUMN decided_at",
    "ALTER TABLE exemption DROP COLUMN decided_by",
    "ALTER TABLE exemption DROP COLUMN approval",
    "CREATE VIEW screening_exemption AS
        SELECT exemption.contract_id FROM exemption WHERE exemption.contract_id IS NOT NULL",
];

/// Returns the statement that creates `review_item`: as before, with an exemption that waits for its
/// approval until somebody decides, and none that is not in effect otherwise.
pub fn review_item() -> String {
    let in_effect = "exemption.follow_up_by IS NOT NULL
        AND COALESCE(exemption.approval, 'APPROVED') = 'APPROVED'";
    let before = desks::review_item().replace("exemption.follow_up_by IS NOT NULL", in_effect);
    let to_approve = desks::arm(
        &[
            ("id", "exemption.id"),
            ("kind", "'EXEMPTION_CLAIMED'"),
            ("exemption_id", "exemption.id"),
            ("contract_id", "exemption.contract_id"),
            ("organization_id", "COALESCE(exemption.organization_id, contract.organization_id)"),
            ("department_id", "exemption.department_id"),
            ("due_at", "COALESCE(exemption.follow_up_by, exemption.claimed_at)"),
        ],
        "exemption LEFT JOIN contract ON contract.id = exemption.contract_id
        WHERE exemption.approval = 'REQUESTED'",
    );
    format!("{before} UNION ALL {to_approve}")
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        engine::run(manager, &[&review_item()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await?;
        engine::run(manager, &[&desks::review_item()]).await
    }
}
