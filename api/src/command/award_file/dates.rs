//! Days in award files: `2021-09-28`, `9/28/21`, `28/09/2021 0:00`, `28-Sep-2021`. A day that means one
//! thing is read by itself. Whether `01/09/2021` is in January or in September is settled by the other
//! days of its column that mean one thing, if they agree; otherwise this day alone is unknown.
use std::sync::LazyLock;

use chrono::NaiveDate;
use chrono::format::{self, Item, Parsed, StrftimeItems};

/// The forms that mean one day (chrono's).
static CERTAIN_FORMS: LazyLock<[Form; 8]> = LazyLock::new(|| {
    ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d-%b-%Y", "%d-%b-%y", "%d.%m.%Y", "%d.%m.%y", "%b-%d-%Y"]
        .map(Form::new)
});
/// The forms with the month first.
static MONTH_FIRST: LazyLock<[Form; 2]> = LazyLock::new(|| ["%m/%d/%Y", "%m/%d/%y"].map(Form::new));
/// The forms with the day first.
static DAY_FIRST: LazyLock<[Form; 2]> = LazyLock::new(|| ["%d/%m/%Y", "%d/%m/%y"].map(Form::new));

/// A form of a day. Its format is parsed once, since that takes longer than to parse a day.
struct Form {
    items: Vec<Item<'static>>,
    has_year_first: bool,
    /// The number of digits of the part with the year.
    year_digits: usize,
}

impl Form {
    fn new(format: &'static str) -> Self {
        let year_digits = match format {
            "%Y%m%d" => 8,
            _ if format.contains("%Y") => 4,
            _ => 2,
        };
        let items = StrftimeItems::new(format).collect();
        Self { items, has_year_first: format.starts_with("%Y"), year_digits }
    }

    /// Parses a day, and requires the form's number of digits for the year: chrono accepts `21` for `%Y`
    /// and the first two digits of `2021` for `%y`.
    fn parse(&self, day: &str) -> Option<NaiveDate> {
        let mut parts = day.split(['-', '/', '.']);
        let year = if self.has_year_first { parts.next() } else { parts.next_back() };
        year.filter(|year| year.len() == self.year_digits)?;
        let mut parsed = Parsed::new();
        format::parse(&mut parsed, day, self.items.iter()).ok()?;
        parsed.to_naive_date().ok()
    }
}

/// Which number comes first in a day such as `01/09/2021`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayOrder {
    MonthFirst,
    DayFirst,
}

/// A cell of a column with days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// The cell has no text.
    Blank,
    Known(NaiveDate),
    /// The day is one or the other: with the month first, with the day first.
    Ambiguous(NaiveDate, NaiveDate),
    /// The text is no day.
    Malformed,
}

impl Day {
    /// Parses a cell. A time behind the day is ignored.
    #[must_use]
    pub fn parse(cell: &str) -> Self {
        let Some(day) = cell.split_whitespace().next() else { return Self::Blank };
        // Not the T of "28-OCT-2021".
        let is_time = |time: &str| time.starts_with(|it: char| it.is_ascii_digit());
        let day = day.split_once('T').filter(|(_, time)| is_time(time)).map_or(day, |(day, _)| day);
        if let Some(day) = CERTAIN_FORMS.iter().find_map(|form| form.parse(day)) {
            return Self::Known(day);
        }
        let day = day.replace('-', "/");
        let of_order = |forms: &[Form; 2]| forms.iter().find_map(|form| form.parse(&day));
        match (of_order(&MONTH_FIRST), of_order(&DAY_FIRST)) {
            (Some(month_first), Some(day_first)) if month_first != day_first => {
                Self::Ambiguous(month_first, day_first)
            }
            (Some(day), _) | (None, Some(day)) => Self::Known(day),
            (None, None) => Self::Malformed,
        }
    }

    /// Returns the day, given the order of its column; `None` if it is unknown.
    #[must_use]
    pub const fn settle(self, order: Option<DayOrder>) -> Option<NaiveDate> {
        match (self, order) {
            (Self::Known(day), _)
            | (Self::Ambiguous(day, _), Some(DayOrder::MonthFirst))
            | (Self::Ambiguous(_, day), Some(DayOrder::DayFirst)) => Some(day),
            (Self::Blank | Self::Malformed | Self::Ambiguous(..), _) => None,
        }
    }
}

/// What the days of a column show about their order, while its cells are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct DateColumn {
    month_first: u64,
    day_first: u64,
    /// The number of ambiguous days.
    pub ambiguous: u64,
    /// The line of the first ambiguous day.
    pub first_ambiguous: Option<u64>,
    /// The latest day of those that mean one thing, then of all with the month first and with the day
    /// first.
    latest: [Option<NaiveDate>; 3],
}

impl DateColumn {
    /// Takes a cell and its line into account.
    pub fn observe(&mut self, cell: &str, line: u64) {
        match Day::parse(cell) {
            Day::Blank | Day::Malformed => {}
            Day::Known(day) => {
                self.latest = self.latest.map(|latest| latest.max(Some(day)));
                // Which order it has, if it is of this kind.
                let mut parts = cell.split(['/', '-']).map(str::len);
                let is_ordered = cell.contains('/') || cell.contains('-');
                let has_year_last = parts.next().is_some_and(|length| length < 3);
                if is_ordered && has_year_last && !cell.contains(char::is_alphabetic) {
                    let first = cell.split(['/', '-']).next().and_then(|part| part.parse().ok());
                    let second = cell.split(['/', '-']).nth(1).and_then(|part| part.parse().ok());
                    self.month_first += u64::from(second > Some(12_u8));
                    self.day_first += u64::from(first > Some(12_u8));
                }
            }
            Day::Ambiguous(month_first, day_first) => {
                let days = [None, Some(month_first), Some(day_first)];
                for (latest, day) in self.latest.iter_mut().zip(days) {
                    *latest = (*latest).max(day);
                }
                self.ambiguous += 1;
                self.first_ambiguous.get_or_insert(line);
            }
        }
    }

    /// Returns the order of the column's days; `None` if no day shows it, or if two differ.
    #[must_use]
    pub const fn order(&self) -> Option<DayOrder> {
        match (self.month_first, self.day_first) {
            (0, 0) => None,
            (_, 0) => Some(DayOrder::MonthFirst),
            (0, _) => Some(DayOrder::DayFirst),
            _ => None,
        }
    }

    /// Returns the latest known day of the column.
    #[must_use]
    pub const fn latest(&self) -> Option<NaiveDate> {
        let [certain, month_first, day_first] = self.latest;
        match self.order() {
            None => certain,
            Some(DayOrder::MonthFirst) => month_first,
            Some(DayOrder::DayFirst) => day_first,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DateColumn, Day, DayOrder};

    fn column(cells: &[&str]) -> DateColumn {
        let mut column = DateColumn::default();
        for (line, cell) in (2..).zip(cells) {
            column.observe(cell, line);
        }
        column
    }

    /// The days of a column, as the file's rows get them.
    fn days(cells: &[&str]) -> Vec<Option<String>> {
        let order = column(cells).order();
        cells.iter().map(|cell| Some(Day::parse(cell).settle(order)?.to_string())).collect()
    }

    #[test]
    fn a_day_that_means_one_thing_is_read_by_itself() {
        for (cell, expected) in [
            ("2021-09-28", "2021-09-28"),
            ("2021-09-28 00:00:00+00", "2021-09-28"),
            ("2021-09-28T10:00:00Z", "2021-09-28"),
            ("20210928", "2021-09-28"),
            ("2021/09/28", "2021-09-28"),
            ("9/28/21", "2021-09-28"),
            ("28/09/2021 0:00", "2021-09-28"),
            ("09-28-2021", "2021-09-28"),
            ("28-Sep-2021", "2021-09-28"),
            ("28-Sep-21", "2021-09-28"),
            ("28-OCT-2021", "2021-10-28"),
            ("28.09.2021", "2021-09-28"),
            ("5/5/2021", "2021-05-05"),
        ] {
            assert_eq!(days(&[cell]), [Some(expected.to_owned())], "{cell}");
        }
        for cell in
            ["soon", "44467", "2021-13-01", "2021-02-30", "31/31/2021", "1/2/3", "2021", "/"]
        {
            assert_eq!(Day::parse(cell), Day::Malformed, "{cell}");
        }
        assert_eq!(Day::parse(" "), Day::Blank);
    }

    #[test]
    fn an_ambiguous_day_is_settled_by_its_column_or_lost_alone() {
        let day = |text: &str| Some(text.to_owned());
        assert_eq!(days(&["9/1/21", "12/22/17"]), [day("2021-09-01"), day("2017-12-22")]);
        assert_eq!(days(&["18/03/2016", "2/05/2016 0:00"]), [day("2016-03-18"), day("2016-05-02")]);
        assert_eq!(
            days(&["2015-01-15", "04/05/2015", "04/28/2015"]),
            [day("2015-01-15"), day("2015-04-05"), day("2015-04-28")]
        );
        assert_eq!(days(&["2015-01-15", "04/05/2015"]), [day("2015-01-15"), None]);
        // Both orders occur.
        assert_eq!(
            days(&["04/05/2015", "28/04/2015", "04/28/2015"]),
            [None, day("2015-04-28"), day("2015-04-28")]
        );
        let found = column(&["2015-01-15", "04/05/2015", "04/06/2015"]);
        assert_eq!((found.ambiguous, found.first_ambiguous), (2, Some(3)));
        assert_eq!(found.order(), None);
        assert_eq!(column(&["28/04/2015"]).order(), Some(DayOrder::DayFirst));
        assert_eq!(column(&["5/5/2015", "2015-05-28", "28-Sep-2021"]).order(), None);
    }

    #[test]
    fn the_latest_day_depends_on_the_order() {
        let latest = |cells: &[&str]| column(cells).latest().map(|day| day.to_string());
        assert_eq!(latest(&["2015-01-15", "02/12/2015"]).as_deref(), Some("2015-01-15"));
        assert_eq!(latest(&["01/15/2015", "02/12/2015"]).as_deref(), Some("2015-02-12"));
        assert_eq!(latest(&["15/01/2015", "02/12/2015"]).as_deref(), Some("2015-12-02"));
        assert_eq!(latest(&["", "soon"]), None);
    }
}
