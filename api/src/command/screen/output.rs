//! The answer, as a table or as JSON.
use std::io::Write;

use anyhow::Result;
use candor_schema::award::matcher::{Match, Reason};
use candor_schema::gate::MatchBand;
use candor_schema::money::Money;
use serde::Serialize;

use super::super::csv_output::CsvOutput;
use super::known::Known;

const COLUMNS: [&str; 12] = [
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
];

/// A match, in the words of the answer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Found {
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

impl Found {
    pub fn of(found: &Match, known: &Known) -> Self {
        let (name, uei) = known.named(found.record);
        let total = known.total(found.record);
        let words: Vec<String> = total.components.iter().map(|it| it.word()).collect();
        let reasons: Vec<String> = found.reasons.iter().map(reason).collect();
        let amount = Money { cents: total.cents, currency: "USD".to_owned() };
        let date = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        Self {
            name: name.to_owned(),
            score: format!("{:.3}", found.score),
            band: found.band.map(MatchBand::word).unwrap_or_default(),
            reasons: reasons.join("; "),
            uei: uei.unwrap_or_default().to_owned(),
            component: words.join(" "),
            awards: total.awards,
            total_amount: if total.awards == 0 { String::new() } else { amount.decimal() },
            first_date: date(total.first).unwrap_or_default(),
            last_date: date(total.last).unwrap_or_default(),
        }
    }
}

/// Such as `word iron +3.1`: what speaks for one firm is positive, in log-odds.
fn reason(reason: &Reason) -> String {
    let kind = reason.kind.phrase();
    let words = if reason.words.is_empty() { String::new() } else { format!(" {}", reason.words) };
    format!("{kind}{words} {:+.1}", reason.weight)
}

/// Where the answer goes.
pub enum Output {
    Csv(Box<CsvOutput<Box<dyn Write>>>),
    Json { writer: Box<dyn Write>, is_first: bool },
}

impl Output {
    /// # Errors
    /// If nothing can be written.
    pub fn csv(writer: Box<dyn Write>, is_raw: bool) -> Result<Self> {
        let mut writer = CsvOutput::new(writer, is_raw);
        writer.write_row(COLUMNS)?;
        Ok(Self::Csv(Box::new(writer)))
    }

    #[must_use]
    pub const fn json(writer: Box<dyn Write>) -> Self {
        Self::Json { writer, is_first: true }
    }

    /// Writes what was found of one name; of one without a match, that.
    ///
    /// # Errors
    /// If nothing can be written.
    pub fn write(&mut self, line: u64, name: &str, found: &[Found]) -> Result<()> {
        match self {
            Self::Csv(writer) => {
                let line = line.to_string();
                for it in found {
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
                    ])?;
                }
                if found.is_empty() {
                    let blank = [""; COLUMNS.len() - 2];
                    writer.write_row([&*line, name].into_iter().chain(blank))?;
                }
            }
            Self::Json { writer, is_first } => {
                let start = if *is_first { "[\n" } else { ",\n" };
                *is_first = false;
                let row = serde_json::json!({ "line": line, "name": name, "matches": found });
                write!(writer, "{start}{row}")?;
            }
        }
        Ok(())
    }

    /// # Errors
    /// If nothing can be written.
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
