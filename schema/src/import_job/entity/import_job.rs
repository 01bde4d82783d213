//! Table `import_job`. The ledger does not record it: it is kept for a month, and what an import changes is
//! recorded where it is changed.
use sea_orm::entity::prelude::*;

use crate::import_job::model::{ImportJobId, ImportJobState, ImportKind};
use crate::principal::Principal;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImportJobId,
    pub kind: ImportKind,
    /// Who sent the file: the ledger's actor of what it changes.
    pub owner: Principal,
    /// The name of the file in messages.
    pub file: String,
    /// The size of the file.
    pub bytes: i64,
    /// The SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: String,
    /// Whether nothing is stored.
    pub is_dry_run: bool,
    /// Whether awards of every agency are imported.
    pub is_every_agency: bool,
    /// The first of the days in which the file has every transaction of its awards.
    pub complete_from: Option<Date>,
    /// The last of these days; set with the first.
    pub complete_to: Option<Date>,
    /// The process of the service that has the file.
    pub process: Uuid,
    /// When that process last said that it runs: UTC.
    pub seen_at: DateTimeUtc,
    pub state: ImportJobState,
    /// When the whole file had arrived: UTC.
    pub received_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    /// Set once it is done, refused or interrupted.
    pub ended_at: Option<DateTimeUtc>,
    /// The bytes of the table that were read; of an archive, unpacked ones.
    pub bytes_read: i64,
    pub rows_read: i64,
    /// The rows whose content is stored, whether by this import or before.
    pub rows_imported: i64,
    pub rows_refused: i64,
    /// The number of lines of the report, with those beyond the stored ones.
    pub report_lines: i64,
    /// What the import did, as a JSON object; set if it is done.
    pub counts: Option<String>,
    /// Why it was refused or interrupted.
    pub message: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
