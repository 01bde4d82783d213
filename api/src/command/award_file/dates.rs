//! Dates in award files: `2021-09-28`, `9/28/21`, `28/09/2021 0:00`. The format of a column is
//! detected from all of its cells, never from a single cell.
use chrono::NaiveDate;

/// The possible date formats (chrono's).
const DATE_FORMATS: [&str; 5] = ["%Y-%m-%d", "%m/%d/%y", "%m/%d/%Y", "%d/%m/%y", "%d/%m/%Y"];

/// The possible formats of a date column, while its cells are read.
#[derive(Clone, Debug)]
pub struct DateColumn {
    possible: [bool; DATE_FORMATS.len()],
    /// Whether a cell is a date in some format.
    has_date: bool,
    /// Whether a cell is not empty.
    has_text: bool,
}

impl Default for DateColumn {
    fn default() -> Self {
        Self { possible: [true; DATE_FORMATS.len()], has_date: false, has_text: false }
    }
}

impl DateColumn {
    /// Excludes the formats that a cell does not have. An empty cell is ignored, and so is one that
    /// is not a date in any format: one bad row does not invalidate the column.
    pub fn observe(&mut self, cell: &str) {
        let Some(day) = date_part(cell) else { return };
        self.has_text = true;
        let fits = DATE_FORMATS.map(|format| parse(day, format).is_some());
        if !fits.contains(&true) {
            return;
        }
        self.has_date = true;
        for (possible, fits) in self.possible.iter_mut().zip(fits) {
            *possible &= fits;
        }
    }

    /// Returns the one format of all dates; `None` if no format or several fit.
    #[must_use]
    pub fn format(&self) -> Option<&'static str> {
        let mut formats = self.possible.iter().zip(DATE_FORMATS).filter(|(possible, _)| **possible);
        let (first, second) = (formats.next(), formats.next());
        first.filter(|_| second.is_none() && self.has_date).map(|(_, format)| format)
    }

    /// Returns whether the column has text but no single format.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.has_text && self.format().is_none()
    }
}

/// Parses a cell as a date in a format.
#[must_use]
pub fn parse_date(cell: &str, format: &str) -> Option<NaiveDate> {
    parse(date_part(cell)?, format)
}

/// Returns the date part of a cell. A spreadsheet may have added a time.
fn date_part(cell: &str) -> Option<&str> {
    cell.split([' ', 'T']).next().filter(|day| !day.is_empty())
}

/// Parses a date, and requires the format's number of digits for the year: chrono accepts `21` for
/// `%Y` and the first two digits of `2021` for `%y`.
fn parse(day: &str, format: &str) -> Option<NaiveDate> {
    let year =
        if format.starts_with("%Y") { day.split('-').next() } else { day.rsplit('/').next() };
    let digits = if format.contains("%Y") { 4 } else { 2 };
    year.filter(|year| year.len() == digits)?;
    NaiveDate::parse_from_str(day, format).ok()
}

#[cfg(test)]
mod tests {
    use super::{DateColumn, parse_date};

    fn column(cells: &[&str]) -> DateColumn {
        let mut column = DateColumn::default();
        for cell in cells {
            column.observe(cell);
        }
        column
    }

    fn format(cells: &[&str]) -> Option<&'static str> {
        column(cells).format()
    }

    #[test]
    fn a_format_is_detected_from_the_whole_column() {
        assert_eq!(format(&["2021-09-28", ""]), Some("%Y-%m-%d"));
        assert_eq!(format(&["9/1/21", "12/22/17"]), Some("%m/%d/%y"));
        assert_eq!(format(&["1/9/2021 0:00", "28/09/2021 0:00"]), Some("%d/%m/%Y"));
        assert_eq!(format(&["9/1/21", "1/2/20"]), None, "either could be meant");
        assert_eq!(format(&["9/28/21", "28/9/21"]), None, "neither is meant throughout");
        assert_eq!(format(&["", ""]), None);
        assert!(!column(&["", ""]).is_ambiguous(), "no date to detect");
        assert!(column(&["9/1/21", "1/2/20"]).is_ambiguous());
        assert!(column(&["soon"]).is_ambiguous());
        assert_eq!(format(&["2021-09-28", "soon"]), Some("%Y-%m-%d"), "one is a bad row");
        let day = parse_date("28/09/2021 0:00", "%d/%m/%Y").map(|day| day.to_string());
        assert_eq!(day.as_deref(), Some("2021-09-28"));
    }
}
