//! `candor export`: the lines of `/v1/exports` on standard output.
use std::io::{Write, stdout};

use anyhow::{Result, anyhow};
use candor_schema::organization::model::{Role, Viewer};
use candor_schema::principal::ServiceActor;
use clap::Args;

use super::{fault_message, open_database};
use crate::config::Config;
use crate::export::{ExportArguments, ExportError, ExportFormat, ExportKind, Exporter};

/// Exports bids, contracts or disclosures as CSV or JSON Lines.
///
/// It shows what a key for exports reads: no draft, and no bid on a sealed solicitation before bids are
/// due. The lines are in the order of their ids. To continue an export that was cut off, pass the id of
/// the last complete line as --after; the header of a CSV comes again.
#[derive(Debug, Args)]
#[command(
    name = "export",
    after_help = "Examples:\n  candor export bids > bids.csv\n  \
                  candor export contracts --format jsonl --filter '{\"readiness\": [\"BLOCK\"]}'\n  \
                  candor export renewals-due --from 2026-07-01 --to 2026-09-30"
)]
pub struct Arguments {
    /// What to export.
    kind: ExportKind,
    /// The form of the lines.
    #[arg(long, default_value = "csv")]
    format: ExportFormat,
    /// The filter, as a JSON object with the names of the GraphQL filter [default: all].
    #[arg(long, value_name = "JSON")]
    filter: Option<String>,
    /// The first day of the window, for renewals-due.
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// The last day of the window, for renewals-due.
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// Only rows after this id.
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    /// Write texts unchanged, also those that a spreadsheet would run as a formula.
    #[arg(long)]
    raw: bool,
}

/// Runs the command.
///
/// # Errors
/// If the arguments are invalid, the database does not answer, or the output cannot be written.
pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    let Arguments { kind, format, filter, from, to, after, raw } = arguments;
    let database = open_database(config).await?;
    let mut viewer = Viewer::of_service(ServiceActor::Operator, config.clock.now());
    viewer.roles.insert(Role::ExportReader);
    let arguments = ExportArguments { filter, from, to, after };
    let exporter = Exporter::new(database, viewer, kind, (format, raw), arguments).await;
    let mut exporter = exporter.map_err(|error| match error {
        ExportError::Malformed(message) => anyhow!(message),
        ExportError::Fault(fault) => fault_message(fault),
    })?;
    let mut output = stdout().lock();
    while let Some(lines) = exporter.next().await.map_err(fault_message)? {
        output.write_all(&lines)?;
    }
    output.flush()?;
    eprintln!("exported {} rows", exporter.rows());
    Ok(())
}
