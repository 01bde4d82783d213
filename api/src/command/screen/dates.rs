//! Days as award files write them: `2021-09-28`, `9/28/21`, `28/09/2021 0:00`. What a column means
//! is settled from the whole of it, never guessed cell by cell.
use chrono::NaiveDate;

/// The forms that a column of days may have.
const FORMS: [&str; 5] = ["%Y-%m-%d", "%m/%d/%y", "%m/%d/%Y", "%d/%m/%y", "%d/%m/%Y"];

/// A column of days, while it is being read.
#[derive(Clone, Debug)]
pub struct Column {
    possible: [bool; FORMS.len()],
    seen: bool,
}

impl Default for Column {
    fn default() -> Self {
        Self { possible: [true; FORMS.len()], seen: false }
    }
}

impl Column {
    /// Looks at one cell; an empty one says nothing.
    pub fn look(&mut self, cell: &str) {
        let Some(day) = day(cell) else { return };
        self.seen = true;
        for (possible, form) in self.possible.iter_mut().zip(FORMS) {
            *possible &= parse(day, form).is_some();
        }
    }

    /// The one form that every cell has; none if no form fits, or several do.
    #[must_use]
    pub fn settled(&self) -> Option<&'static str> {
        let mut forms = self.possible.iter().zip(FORMS).filter(|(possible, _)| **possible);
        let (one, other) = (forms.next(), forms.next());
        one.filter(|_| other.is_none() && self.seen).map(|(_, form)| form)
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

    fn settled(cells: &[&str]) -> Option<&'static str> {
        let mut column = Column::default();
        for cell in cells {
            column.look(cell);
        }
        column.settled()
    }

    #[test]
    fn a_column_is_settled_as_a_whole() {
        assert_eq!(settled(&["2021-09-28", ""]), Some("%Y-%m-%d"));
        assert_eq!(settled(&["9/1/21", "12/22/17"]), Some("%m/%d/%y"));
        assert_eq!(settled(&["1/9/2021 0:00", "28/09/2021 0:00"]), Some("%d/%m/%Y"));
        assert_eq!(settled(&["9/1/21", "1/2/20"]), None, "either could be meant");
        assert_eq!(settled(&["9/28/21", "28/9/21"]), None, "neither is meant throughout");
        assert_eq!(settled(&["", ""]), None);
        let day = read("28/09/2021 0:00", "%d/%m/%Y").map(|day| day.to_string());
        assert_eq!(day.as_deref(), Some("2021-09-28"));
    }
}
