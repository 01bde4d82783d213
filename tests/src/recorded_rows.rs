//! The ledger entries of rows that were inserted in bulk: each subject gets the entry with which its chain begins,
//! with all rows that the ledger keeps of it.
use candor_schema::SubjectId;
use candor_schema::bidding::model::{BidId, SolicitationId};
use candor_schema::contracting::model::ContractId;
use candor_schema::database::RecordedTable;
use candor_schema::disclosure::model::DisclosureId;
use candor_schema::ledger::model::{Actor, LedgerAction, ServiceId};
use candor_schema::ledger::service::{FirstEntry, append_first};
use candor_schema::organization::model::{DepartmentId, OrganizationId};
use candor_schema::verify::recorded_tables;
use candor_schema::waiver::model::{ExemptionId, WaiverId};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use uuid::Uuid;

use crate::test_app::{STORY_START, TestApp, parse_instant};

/// The subjects in one table.
struct Subjects {
    table: &'static str,
    /// The column from which `parent` computes the parent, in whose register a subject is.
    parent_column: &'static str,
    action: LedgerAction,
    subject: fn(Uuid) -> SubjectId,
    parent: fn(Uuid) -> SubjectId,
}

const SUBJECT_TABLES: [Subjects; 8] = [
    Subjects {
        table: "department",
        parent_column: "id",
        action: LedgerAction::DepartmentRegistered,
        subject: |id| DepartmentId::from_uuid(id).into(),
        parent: |_| ServiceId::only().into(),
    },
    Subjects {
        table: "organization",
        parent_column: "id",
        action: LedgerAction::OrganizationRegistered,
        subject: |id| OrganizationId::from_uuid(id).into(),
        parent: |id| ServiceId::part_of(id).into(),
    },
    Subjects {
        table: "filing",
        parent_column: "organization_id",
        action: LedgerAction::DisclosureFiled,
        subject: |id| DisclosureId::from_uuid(id).into(),
        parent: |id| OrganizationId::from_uuid(id).into(),
    },
    Subjects {
        table: "solicitation",
        parent_column: "department_id",
        action: LedgerAction::SolicitationDrafted,
        subject: |id| SolicitationId::from_uuid(id).into(),
        parent: |id| DepartmentId::from_uuid(id).into(),
    },
    Subjects {
        table: "bid",
        parent_column: "organization_id",
        action: LedgerAction::BidSubmitted,
        subject: |id| BidId::from_uuid(id).into(),
        parent: |id| OrganizationId::from_uuid(id).into(),
    },
    Subjects {
        table: "contract",
        parent_column: "department_id",
        action: LedgerAction::ContractRecorded,
        subject: |id| ContractId::from_uuid(id).into(),
        parent: |id| DepartmentId::from_uuid(id).into(),
    },
    Subjects {
        table: "waiver",
        parent_column: "department_id",
        action: LedgerAction::WaiverRequested,
        subject: |id| WaiverId::from_uuid(id).into(),
        parent: |id| DepartmentId::from_uuid(id).into(),
    },
    Subjects {
        table: "exemption",
        parent_column: "department_id",
        action: LedgerAction::ExemptionClaimed,
        subject: |id| ExemptionId::from_uuid(id).into(),
        parent: |id| DepartmentId::from_uuid(id).into(),
    },
];

/// Appends the first entry of each subject that has none.
pub(crate) async fn record_rows(app: &TestApp) {
    let mut tables = Vec::new();
    let snapshot = app.database.snapshot().await.expect("a snapshot");
    for table in recorded_tables() {
        if table.count(&snapshot).await.expect("a number") > 0 {
            tables.push(table);
        }
    }
    drop(snapshot);
    for subjects in SUBJECT_TABLES {
        subjects.record(app, &tables).await;
    }
}

impl Subjects {
    /// Appends the first entry of each subject in the table that has none.
    async fn record(&self, app: &TestApp, tables: &[RecordedTable]) {
        const SUBJECTS_PER_TRANSACTION: usize = 500;
        for subjects in self.list_unrecorded(app).await.chunks(SUBJECTS_PER_TRANSACTION) {
            let tx = app.database.begin().await.expect("a transaction");
            let ids: Vec<Uuid> = subjects.iter().map(|(id, _)| *id).collect();
            for table in tables {
                for image in table.load(&tx, ids.clone()).await.expect("rows") {
                    tx.push_image(image);
                }
            }
            let entries = subjects.iter().map(|(id, parent)| FirstEntry {
                subject: (self.subject)(*id),
                parent: Some((self.parent)(*parent)),
                data: json!({}),
            });
            let actor = Actor { subject: "generator", at: parse_instant(STORY_START) };
            append_first(&tx, actor, self.action, entries.collect()).await.expect("entries");
            tx.commit().await.expect("a commit");
        }
    }

    /// Lists the subjects without an entry, each with the id from which its parent follows, in the order of these ids,
    /// so that the register of a firm or department has few entries.
    async fn list_unrecorded(&self, app: &TestApp) -> Vec<(Uuid, Uuid)> {
        let Self { table, parent_column, .. } = self;
        let select = format!(
            "SELECT id, {parent_column} AS parent FROM {table}
            WHERE NOT EXISTS (SELECT 1 FROM ledger WHERE subject_id = {table}.id)
            ORDER BY parent, id"
        );
        let db = &app.owner().await.read;
        let select = Statement::from_string(db.get_database_backend(), select);
        let rows = db.query_all_raw(select).await.expect("subjects").into_iter();
        rows.map(|row| {
            (row.try_get("", "id").expect("an id"), row.try_get("", "parent").expect("an id"))
        })
        .collect()
    }
}
