//! Days as award files write them: `2021-09-28`, `9/28/21`, `28/09/2021 0:00`. What a column means
//! is settled from the whole of it, never guessed cell by cell.
use chrono::NaiveDate;

/// The forms that a column of days may have.
const FORMS: [&str; 5] = ["%Y-%m-%d", "%m/%d/%y", "%m/%d/%Y", "%d/%m/%y", "%d/%m/%Y"];

/// A column of days, while it is being read.
#[derive(Clone, Debug)]
pub struct Column {
    possible: [bool; FORMS.len()],
    /// It has a cell that is a day in one form or another.
    seen: bool,
    /// It has a cell that is not empty.
    says_something: bool,
}

impl Default for Column {
    fn default() -> Self {
        Self { possible: [true; FORMS.len()], seen: false, says_something: false }
    }
}

impl Column {
    /// Looks at one cell; an empty one says nothing. Nor does one that is no day in any form: one
    /// bad row is no reason to lose the days of all.
    pub fn look(&mut self, cell: &str) {
        let Some(day) = day(cell) else { return };
        self.says_something = true;
        let fits = FORMS.map(|form| parse(day, form).is_some());
        if !fits.contains(&true) {
            return;
        }
        self.seen = true;
        for (possible, fits) in self.possible.iter_mut().zip(fits) {
            *possible &= fits;
        }
    }

    /// The one form that every day in it has; none if no form fits, or several do.
    #[must_use]
    pub fn settled(&self) -> Option<&'static str> {
        let mut forms = self.possible.iter().zip(FORMS).filter(|(possible, _)| **possible);
        let (one, other) = (forms.next(), forms.next());
        one.filter(|_| other.is_none() && self.seen).map(|(_, form)| form)
    }

    /// Whether it has days whose form is not settled.
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        self.says_something && self.settled().is_none()
    }
}

/// The day that a cell writes in a form.
#[must_use]
pub fn read(cell: &str, form: &str) -> Option<NaiveDate> {
    parse(day(cell)?, form)
}

/// The part of a cell that tells the day: a spreadsheet may have added a time.
fn day(cell: &str) -> Option<&str> {
    cell.split([' ', 'T']).next().filter(|day| !day.is_empty())
}

/// chrono takes `21` for the year 21 where four digits are meant, and `2021` for 20.
fn parse(day: &str, form: &str) -> Option<NaiveDate> {
    let year = if form.starts_with("%Y") { day.split('-').next() } else { day.rsplit('/').next() };
    let digits = if form.contains("%Y") { 4 } else { 2 };
    year.filter(|year| year.len() == digits)?;
    NaiveDate::parse_from_str(day, form).ok()
}

#[cfg(test)]
mod tests {
    use super::{Column, read};

    fn column(cells: &[&str]) -> Column {
        let mut column = Column::default();
        for cell in cells {
            column.look(cell);
        }
        column
    }

    fn settled(cells: &[&str]) -> Option<&'static str> {
        column(cells).settled()
    }

    #[test]
    fn a_column_is_settled_as_a_whole() {
        assert_eq!(settled(&["2021-09-28", ""]), Some("%Y-%m-%d"));
        assert_eq!(settled(&["9/1/21", "12/22/17"]), Some("%m/%d/%y"));
        assert_eq!(settled(&["1/9/2021 0:00", "28/09/2021 0:00"]), Some("%d/%m/%Y"));
        assert_eq!(settled(&["9/1/21", "1/2/20"]), None, "either could be meant");
        assert_eq!(settled(&["9/28/21", "28/9/21"]), None, "neither is meant throughout");
        assert_eq!(settled(&["", ""]), None);
        assert!(!column(&["", ""]).is_unclear(), "there is nothing to tell");
        assert!(column(&["9/1/21", "1/2/20"]).is_unclear());
        assert!(column(&["soon"]).is_unclear());
        assert_eq!(settled(&["2021-09-28", "soon"]), Some("%Y-%m-%d"), "one is a bad row");
        let day = read("28/09/2021 0:00", "%d/%m/%Y").map(|day| day.to_string());
        assert_eq!(day.as_deref(), Some("2021-09-28"));
    }
}
