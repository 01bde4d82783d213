//! Output of the matches, as CSV or JSON.
use std::io::Write;

use anyhow::Result;
use candor_matcher::{Match, Reason};
use candor_schema::gate::MatchBand;
use candor_schema::money::Money;
use serde::Serialize;

use super::reference::Reference;
use crate::csv_output::CsvOutput;

const COLUMNS: [&str; 13] = [
    "line",
    "name",
    "match",
    "score",
    "band",
    "reasons",
    "uei",
    "component",
    "awards",
    "total_amount",
    "first_date",
    "last_date",
    "problem",
];

/// A match as written to the output.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MatchRow {
    #[serde(rename = "match")]
    name: String,
    score: String,
    band: String,
    reasons: String,
    uei: String,
    component: String,
    awards: usize,
    total_amount: String,
    first_date: String,
    last_date: String,
}

impl MatchRow {
    pub fn new(candidate: &Match, reference: &Reference) -> Self {
        let (name, uei) = reference.name_and_uei(candidate.record);
        let total = reference.total(candidate.record);
        let components: Vec<&str> = total.components.iter().map(|it| it.as_str()).collect();
        let reasons: Vec<String> = candidate.reasons.iter().map(reason).collect();
        let amount = Money { cents: total.cents, currency: "USD".to_owned() };
        let date = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        Self {
            name: name.to_owned(),
            score: format!("{:.3}", candidate.score),
            band: candidate.band.map(MatchBand::as_str).unwrap_or_default().to_owned(),
            reasons: reasons.join("; "),
            uei: uei.unwrap_or_default().to_owned(),
            component: components.join(" "),
            awards: total.awards,
            total_amount: if total.awards == 0 { String::new() } else { amount.decimal() },
            first_date: date(total.first).unwrap_or_default(),
            last_date: date(total.last).unwrap_or_default(),
        }
    }
}

/// Formats a reason, such as `word iron +3.1`. The weight is in log-odds; positive is evidence for the
/// same firm.
fn reason(reason: &Reason) -> String {
    let kind = reason.kind.phrase();
    let words = if reason.words.is_empty() { String::new() } else { format!(" {}", reason.words) };
    format!("{kind}{words} {:+.1}", reason.weight)
}

/// The writer of the matches.
pub enum Output {
    Csv(Box<CsvOutput<Box<dyn Write>>>),
    Json { writer: Box<dyn Write>, is_first: bool },
}

impl Output {
    /// Creates a CSV output and writes its header.
    ///
    /// # Errors
    /// If writing fails.
    pub fn csv(writer: Box<dyn Write>, is_raw: bool) -> Result<Self> {
        let mut writer = CsvOutput::new(writer, is_raw);
        writer.write_row(COLUMNS)?;
        Ok(Self::Csv(Box::new(writer)))
    }

    #[must_use]
    pub const fn json(writer: Box<dyn Write>) -> Self {
        Self::Json { writer, is_first: true }
    }

    /// Writes the matches of one name, or an empty row for a name without one.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write(&mut self, line: u64, name: &str, matches: &[MatchRow]) -> Result<()> {
        match self {
            Self::Csv(writer) => {
                let line = line.to_string();
                for it in matches {
                    let awards = it.awards.to_string();
                    writer.write_row([
                        &*line,
                        name,
                        &it.name,
                        &it.score,
                        &it.band,
                        &it.reasons,
                        &it.uei,
                        &it.component,
                        &awards,
                        &it.total_amount,
                        &it.first_date,
                        &it.last_date,
                        "",
                    ])?;
                }
                if matches.is_empty() {
                    let blank = [""; COLUMNS.len() - 2];
                    writer.write_row([&*line, name].into_iter().chain(blank))?;
                }
            }
            Self::Json { .. } => {
                let row = serde_json::json!({ "line": line, "name": name, "matches": matches });
                self.write_json(&row)?;
            }
        }
        Ok(())
    }

    /// Writes a row that was not screened, with the reason.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write_unscreened(&mut self, line: u64, name: &str, problem: &str) -> Result<()> {
        match self {
            Self::Csv(writer) => {
                let line = line.to_string();
                let blank = [""; COLUMNS.len() - 3];
                writer.write_row([&*line, name].into_iter().chain(blank).chain([problem]))
            }
            Self::Json { .. } => self.write_json(&serde_json::json!({
                "line": line,
                "name": name,
                "matches": [],
                "problem": problem,
            })),
        }
    }

    fn write_json(&mut self, row: &serde_json::Value) -> Result<()> {
        if let Self::Json { writer, is_first } = self {
            let start = if *is_first { "[\n" } else { ",\n" };
            *is_first = false;
            write!(writer, "{start}{row}")?;
        }
        Ok(())
    }

    /// Ends the output.
    ///
    /// # Errors
    /// If writing fails.
    pub fn finish(self) -> Result<()> {
        match self {
            Self::Csv(writer) => writer.finish()?,
            Self::Json { mut writer, is_first } => {
                writeln!(writer, "{}\n]", if is_first { "[" } else { "" })?;
                writer.flush()?;
            }
        }
        Ok(())
    }
}
