//! Tables of imports that were asked for over HTTP, and of their reports.
pub mod import_job;
pub mod import_report_line;
