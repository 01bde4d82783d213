//! The duty to amend a disclosure within `updateDutyDays` of a change.
use chrono::{DateTime, Days, Utc};

use super::compare_statements;
use crate::disclosure::model::{ItemChange, LateChange, Statement, StatementPart};
use crate::gate::Policy;
use crate::scalar::PartialDate;

/// The items that `after` adds and that began more than the policy's `updateDutyDays` local days
/// before `filed_at`. The last of these days is in time.
#[must_use]
pub fn late_changes(
    before: &Statement,
    after: &Statement,
    filed_at: DateTime<Utc>,
    policy: &Policy,
) -> Vec<LateChange> {
    let filed_on = policy.calendar().local_date(filed_at);
    let days = u64::from(policy.parameters().update_duty_days.value);
    let difference = compare_statements(before, after);
    let agreements = difference.agreements.into_iter().filter(|it| it.change == ItemChange::Added);
    let agreements = agreements.filter_map(|it| Some((it.after_index?, it.after?.start_date?)));
    let arrangements =
        difference.arrangements.into_iter().filter(|it| it.change == ItemChange::Added);
    let arrangements = arrangements.filter_map(|it| Some((it.after_index?, it.after?.start_date?)));
    let added = agreements
        .map(|(index, began)| (StatementPart::Agreement, index, began))
        .chain(arrangements.map(|(index, began)| (StatementPart::Arrangement, index, began)));
    let late = added.filter_map(|(part, index, began): (_, _, PartialDate)| {
        // Of a month or a year, the last day: an earlier one is not proven.
        let due_on = began.days()?.last.checked_add_days(Days::new(days))?;
        let days_late = (filed_on - due_on).num_days();
        (days_late > 0).then_some(LateChange {
            part,
            index,
            began_on: began,
            due_on: due_on.into(),
            days_late,
        })
    });
    late.collect()
}

#[cfg(test)]
mod tests {
    use super::late_changes;
    use crate::disclosure::rules::samples::{detention_agreement, none_attested, with_agreements};
    use crate::gate::Policy;

    #[test]
    fn day_30_is_in_time_and_day_31_is_late() {
        let text = include_str!("../../../../policies/version-1.toml");
        let policy = Policy::parse(text).expect("a policy");
        let mut agreement = detention_agreement();
        agreement.start_date = Some("2026-01-01".to_owned().into());
        let (before, after) = (none_attested(), with_agreements([agreement]));
        for (filed_at, expected) in [
            // January 31 is the thirtieth day; it ends at a local midnight.
            ("2026-02-01T07:59:59.999999Z", None),
            ("2026-02-01T08:00:00Z", Some(1)),
            ("2026-03-02T20:00:00Z", Some(30)),
        ] {
            let late = late_changes(&before, &after, filed_at.parse().expect("a time"), &policy);
            assert_eq!(late.first().map(|it| it.days_late), expected, "{filed_at}");
        }
        // A month counts from its last day; an unknown start is never late.
        let mut monthly = detention_agreement();
        monthly.start_date = Some("2025-12".to_owned().into());
        let mut unknown = detention_agreement();
        unknown.start_date = None;
        unknown.start_unknown_reason = Some("The file was lost in a flood.".to_owned());
        let after_all = with_agreements([monthly, unknown]);
        for (filed_at, expected) in
            [("2026-01-31T07:59:59.999999Z", vec![]), ("2026-01-31T08:00:00Z", vec![(0, 1)])]
        {
            let filed_at = filed_at.parse().expect("a time");
            let late = late_changes(&before, &after_all, filed_at, &policy);
            let late: Vec<_> = late.iter().map(|it| (it.index, it.days_late)).collect();
            assert_eq!(late, expected, "{filed_at}");
        }
        // An agreement that was disclosed before is not late.
        let filed_at = "2027-01-01T00:00:00Z".parse().expect("a time");
        assert_eq!(late_changes(&after, &after, filed_at, &policy), []);
    }
}
