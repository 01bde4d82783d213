//! Table `import_report_line`: what an import reports about the lines of its file.
use sea_orm::entity::prelude::*;

use crate::import_job::model::{ImportJobId, ReportLineKind};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_report_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_id: ImportJobId,
    /// The place in the report, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub kind: ReportLineKind,
    /// The line of the file, from 1; none for a note about the whole file.
    pub line: Option<i64>,
    /// The column that is wrong, if it is one.
    pub field: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

impl ActiveModelBehavior for ActiveModel {}
