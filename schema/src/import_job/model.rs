//! Imports over HTTP: their states, their progress and their reports.
use chrono::NaiveDate;
use serde_json::Value;
use uuid::Uuid;

typed_id! {
    /// An import that was asked for over HTTP.
    ImportJobId, "job"
}

string_enum! {
    /// What a file has.
    pub enum ImportKind {
        /// Federal awards, in the files of USAspending.
        Awards,
        /// Contracts that were made outside the service.
        Contracts,
        /// The City's vendor list.
        Vendors,
    }

    /// How far an import is.
    pub enum ImportJobState {
        /// The file has arrived and waits for its turn.
        Received,
        /// The rows are being imported.
        Running,
        /// Every row was read; the report names those that were refused.
        Done,
        /// The file cannot be imported; the message says why.
        Refused,
        /// It ended before the last row; what was imported stays.
        Interrupted,
    }

    /// What a line of a report is about.
    pub enum ReportLineKind {
        /// A row that was not imported.
        Refused,
        /// A row that was imported, and that a person should look at.
        Warning,
        /// Two firms that may be one; the merge is proposed to the supervisors.
        MergeProposed,
        /// The whole file.
        Note,
    }
}

/// An import as it is asked for, once its file has arrived.
#[derive(Clone, Debug)]
pub struct NewImportJob {
    pub id: ImportJobId,
    pub kind: ImportKind,
    /// The name of the file in messages.
    pub file: String,
    /// The size of the file.
    pub bytes: u64,
    /// The SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: String,
    /// Whether nothing is stored.
    pub is_dry_run: bool,
    /// Whether awards of every agency are imported.
    pub is_every_agency: bool,
    /// The first and the last of the days in which the file has every transaction of its awards.
    pub complete: Option<(NaiveDate, NaiveDate)>,
    /// The process of the service that has the file.
    pub process: Uuid,
}

/// How much of a file was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportProgress {
    /// The bytes of the table; of an archive, unpacked ones.
    pub bytes_read: u64,
    pub rows_read: u64,
    /// The rows whose content is stored, whether by this import or before.
    pub rows_imported: u64,
    pub rows_refused: u64,
}

/// What an import reports about a line of its file, or about all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    /// The place in the report, from 1.
    pub number: u64,
    pub kind: ReportLineKind,
    /// The line of the file, from 1; none for a note about the whole file.
    pub line: Option<u64>,
    /// The column that is wrong, if it is one.
    pub field: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

/// How an import ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportEnd {
    /// Every row was read; what the import did, as a JSON object.
    Done(Value),
    /// The file cannot be imported; why, and what to do.
    Refused(String),
    /// It ended before the last row; why. What was imported stays.
    Interrupted(String),
}
