//! Imports of lists: the same for the command line, which reports to a terminal, and for imports over HTTP,
//! which report to the database.
mod contracts;
mod federal_awards;
mod job;
mod list;
mod report;
mod spool;
mod vendors;

pub use contracts::{ContractImportSummary, RowCounts, import_contract_list};
pub use federal_awards::{AwardImportOptions, AwardImportSummary, import_awards, parse_day_span};
pub use report::{ImportReport, ImportRun, ImportStopped, TextReport};
pub use spool::{FileName, HeldFile, ImportLimits, Spool, SpoolError, SpooledFile};
pub use vendors::{VendorImportSummary, import_vendor_list};

pub(crate) use job::run_job;
