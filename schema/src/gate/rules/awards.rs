//! Federal awards that public data shows, held against what was disclosed.
//!
//! Whether a statement is false is a question of the firm's responsibility: notice, evidence and an
//! answer come before the finding bites (Great West Contractors v. Irvine Unified School District,
//! 187 Cal. App. 4th 1425 (2010)).
use std::collections::BTreeSet;

use chrono::{DateTime, Days, Months, NaiveDate, Utc};

use super::Case;
use crate::gate::facts::{AwardFacts, DisclosureFacts};
use crate::gate::{Finding, MatchBand, OutOfScope, RuleCode};

/// What is found of the awards. An award counts as told if any filing that counts here tells it,
/// also one that came later: what is put to a firm is mended by amending.
pub(super) fn findings(case: &Case<'_>, own: Option<&DisclosureFacts>) -> Vec<Option<Finding>> {
    case.facts.awards.iter().map(|award| of_award(case, own, award)).collect()
}

fn of_award(case: &Case<'_>, own: Option<&DisclosureFacts>, award: &AwardFacts) -> Option<Finding> {
    let is_sure = award.band >= MatchBand::Probable || award.notice.is_some();
    if !is_sure {
        return None;
    }
    if let Some(why) = out_of_scope(case, own, award) {
        return finding(case, RuleCode::AwardOutOfScope, award, [("why", why.word())]);
    }
    if let Some(told_at) = told_at(case, own, award) {
        let is_corrected = award.notice.as_ref().is_some_and(|notice| told_at > notice.at);
        return is_corrected
            .then(|| finding(case, RuleCode::DisclosureCorrected, award, []))
            .flatten();
    }
    let Some(notice) = &award.notice else {
        return finding(case, RuleCode::AwardProbablyUndisclosed, award, []);
    };
    if award.appeal_open {
        return finding(case, RuleCode::AwardUnderAppeal, award, []);
    }
    let last = case.policy.calendar().last_date_before(notice.respond_by).to_string();
    let is_heard = case.facts.decided_at >= notice.respond_by;
    let code =
        if is_heard { RuleCode::AwardConfirmedUndisclosed } else { RuleCode::AwardResponseOpen };
    finding(case, code, award, [("respondBy", last)])
}

/// Why the policy did not ask for an award; none if it did.
fn out_of_scope(
    case: &Case<'_>,
    own: Option<&DisclosureFacts>,
    award: &AwardFacts,
) -> Option<OutOfScope> {
    let parameters = case.policy.parameters();
    let calendar = case.policy.calendar();
    let is_asked = parameters.entity_scope.value.contains(&award.relation)
        && (!award.subaward || parameters.include_subawards.value);
    if !is_asked {
        return Some(OutOfScope::Entity);
    }
    // What is not known to have ended may still run.
    let signed_at = own.map_or(case.facts.reference_at, |own| own.standing.filed_at);
    let window = calendar.date(signed_at);
    let window = window
        .checked_sub_months(Months::new(parameters.look_back_months.value))
        .unwrap_or(NaiveDate::MIN);
    if award.ends_on.is_some_and(|ends_on| ends_on < window) {
        return Some(OutOfScope::EndedBeforeWindow);
    }
    if award.vehicle || award.worth.as_ref().is_some_and(|worth| worth.cents <= 0) {
        return Some(OutOfScope::NoValue);
    }
    let amend_until = amend_until(case, own, award);
    let reference = calendar.date(case.facts.reference_at);
    amend_until.is_some_and(|last| reference <= last).then_some(OutOfScope::WithinUpdateDuty)
}

/// Of an award that was signed after the filing, the last day on which an amendment is in time.
fn amend_until(
    case: &Case<'_>,
    own: Option<&DisclosureFacts>,
    award: &AwardFacts,
) -> Option<NaiveDate> {
    let filed_on = case.policy.calendar().date(own?.standing.filed_at);
    let signed_on = award.signed_on.filter(|signed_on| *signed_on > filed_on)?;
    let days = case.policy.parameters().update_duty_days.value;
    signed_on.checked_add_days(Days::new(u64::from(days)))
}

/// When the first filing that counts here and tells an award was filed; none if none tells it.
fn told_at(
    case: &Case<'_>,
    own: Option<&DisclosureFacts>,
    award: &AwardFacts,
) -> Option<DateTime<Utc>> {
    let counting = own.into_iter().chain(&case.facts.organization.later);
    let telling = counting.filter(|filing| award.covered_by.contains(&filing.standing.id));
    telling.map(|filing| filing.standing.filed_at).min()
}

fn finding<const N: usize>(
    case: &Case<'_>,
    code: RuleCode,
    award: &AwardFacts,
    more: [(&str, String); N],
) -> Option<Finding> {
    let date = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let values = [
        ("award", award.award.clone()),
        ("parent", award.parent.clone().unwrap_or_default()),
        ("component", award.component.word()),
        ("recipient", award.recipient.clone()),
        ("relation", award.relation.word().to_owned()),
        ("signedOn", date(award.signed_on)),
        ("endsOn", date(award.ends_on)),
        ("worth", award.worth.as_ref().map(ToString::to_string).unwrap_or_default()),
    ];
    let mut found = case.finding(code, &["organization", "awards", &award.id], values)?;
    let more = more.into_iter().filter(|(_, value)| !value.is_empty());
    found.values.extend(more.map(|(name, value)| (name.to_owned(), value)));
    Some(found)
}

/// When the time alone changes what is found of the awards.
pub(super) fn next_changes(
    case: &Case<'_>,
    own: Option<&crate::gate::facts::Standing>,
) -> BTreeSet<DateTime<Utc>> {
    let calendar = case.policy.calendar();
    let days = case.policy.parameters().update_duty_days.value;
    let filed_on = own.map(|own| calendar.date(own.filed_at));
    let late = case.facts.awards.iter().filter_map(|award| {
        let signed_on = award.signed_on.filter(|signed_on| Some(*signed_on) > filed_on)?;
        let days = u64::from(days).saturating_add(1);
        Some(calendar.midnight(signed_on.checked_add_days(Days::new(days))?))
    });
    let notices = case.facts.awards.iter().filter_map(|award| award.notice.as_ref());
    late.chain(notices.map(|notice| notice.respond_by)).collect()
}
