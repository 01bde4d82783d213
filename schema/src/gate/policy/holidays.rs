//! Holidays as rules, so that a policy knows those of every year.
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// A day of the year on which the City does not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// Its name.
    pub name: String,
    /// Which day it is.
    pub falls: HolidayRule,
}

/// Which day of the year a holiday is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum HolidayRule {
    /// The same date every year; on the Friday before where that is a Saturday, on the Monday
    /// after where it is a Sunday.
    FixedDate {
        /// From 1 to 12.
        month: u32,
        /// From 1.
        day: u32,
    },
    /// Such as the fourth Thursday of November.
    NthWeekday {
        /// From 1 to 4.
        nth: u8,
        /// The day of the week.
        weekday: Weekday,
        /// From 1 to 12.
        month: u32,
    },
    /// Such as the last Monday of May.
    LastWeekday {
        /// The day of the week.
        weekday: Weekday,
        /// From 1 to 12.
        month: u32,
    },
    /// So many days after another holiday, which stands before this one.
    DaysAfter {
        /// The other's name.
        holiday: String,
        /// Calendar days.
        days: u32,
    },
}

/// The days that a year's holidays are kept on, in the order of `holidays`. New Year's Day may be
/// kept in the year before.
pub(in crate::gate) fn of_year(holidays: &[Holiday], year: i32) -> Vec<(NaiveDate, &str)> {
    let mut dated: Vec<(NaiveDate, &str)> = Vec::new();
    for Holiday { name, falls } in holidays {
        let date = match falls {
            HolidayRule::FixedDate { month, day } => {
                NaiveDate::from_ymd_opt(year, *month, *day).and_then(kept_on)
            }
            HolidayRule::NthWeekday { nth, weekday, month } => {
                NaiveDate::from_weekday_of_month_opt(year, *month, *weekday, *nth)
            }
            HolidayRule::LastWeekday { weekday, month } => [5, 4]
                .into_iter()
                .find_map(|nth| NaiveDate::from_weekday_of_month_opt(year, *month, *weekday, nth)),
            HolidayRule::DaysAfter { holiday, days } => dated
                .iter()
                .find(|(_, other)| other == holiday)
                .and_then(|(date, _)| date.checked_add_days(Days::new(u64::from(*days)))),
        };
        dated.extend(date.map(|date| (date, name.as_str())));
    }
    dated
}

fn kept_on(date: NaiveDate) -> Option<NaiveDate> {
    match date.weekday() {
        Weekday::Sat => date.pred_opt(),
        Weekday::Sun => date.succ_opt(),
        _ => Some(date),
    }
}
