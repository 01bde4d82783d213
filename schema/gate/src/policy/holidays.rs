//! Holidays as rules, so that a policy yields the dates of every year.
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// A holiday of the City.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The name, unique within the policy.
    pub name: String,
    /// The rule for its date.
    pub falls: HolidayRule,
}

/// The rule for a holiday's date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum HolidayRule {
    /// The same date every year; a Saturday is observed on the Friday before, a Sunday on the
    /// Monday after.
    FixedDate {
        /// From 1 to 12.
        month: u32,
        /// From 1.
        day: u32,
    },
    /// The nth weekday of a month, such as the fourth Thursday of November.
    NthWeekday {
        /// From 1 to 4.
        nth: u8,
        /// The day of the week.
        weekday: Weekday,
        /// From 1 to 12.
        month: u32,
    },
    /// The last weekday of a month, such as the last Monday of May.
    LastWeekday {
        /// The day of the week.
        weekday: Weekday,
        /// From 1 to 12.
        month: u32,
    },
    /// A number of days after another holiday, which must be listed before this one.
    DaysAfter {
        /// The name of the other holiday.
        holiday: String,
        /// Calendar days, from 1 to 31.
        days: u32,
    },
}

/// The dates on which a year's holidays are observed, in the order of `holidays`. New Year's Day
/// may be observed in the year before.
pub(crate) fn holidays_of_year(holidays: &[Holiday], year: i32) -> Vec<(NaiveDate, &str)> {
    let mut dated: Vec<(NaiveDate, &str)> = Vec::new();
    for Holiday { name, falls } in holidays {
        let date = match falls {
            HolidayRule::FixedDate { month, day } => {
                NaiveDate::from_ymd_opt(year, *month, *day).and_then(observed_on)
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

fn observed_on(date: NaiveDate) -> Option<NaiveDate> {
    match date.weekday() {
        Weekday::Sat => date.pred_opt(),
        Weekday::Sun => date.succ_opt(),
        _ => Some(date),
    }
}
