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

/// How long after its latest action an award may still run whose end is not told: the base and the
/// options of a federal contract together are five years at the most (FAR 17.204(e)).
const LONGEST: Months = Months::new(60);

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
        let is_corrected = award.notice.as_ref().is_some_and(|notice| told_at > notice.sent_at);
        return is_corrected
            .then(|| finding(case, RuleCode::DisclosureCorrected, award, []))
            .flatten();
    }
    let Some(notice) = &award.notice else {
        return finding(case, RuleCode::AwardProbablyUndisclosed, award, []);
    };
    if award.has_open_appeal {
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
        && (!award.is_subaward || parameters.include_subawards.value);
    if !is_asked {
        return Some(OutOfScope::Entity);
    }
    // What is not known to have ended may still run, for as long as any does.
    let ends_on = award.ends_on.or_else(|| award.latest_on?.checked_add_months(LONGEST));
    let signed_at = own.map_or(case.facts.reference_at, |own| own.filing.filed_at);
    let window = calendar.local_date(signed_at);
    let window = window
        .checked_sub_months(Months::new(parameters.look_back_months.value))
        .unwrap_or(NaiveDate::MIN);
    if ends_on.is_some_and(|ends_on| ends_on < window) {
        return Some(OutOfScope::EndedBeforeWindow);
    }
    if award.is_vehicle || award.value.as_ref().is_some_and(|worth| worth.cents <= 0) {
        return Some(OutOfScope::NoValue);
    }
    let amend_until = amend_until(case, own, award);
    let reference = calendar.local_date(case.facts.reference_at);
    amend_until.is_some_and(|last| reference <= last).then_some(OutOfScope::WithinUpdateDuty)
}

/// Of an award that was signed after the filing, the last day on which an amendment is in time.
fn amend_until(
    case: &Case<'_>,
    own: Option<&DisclosureFacts>,
    award: &AwardFacts,
) -> Option<NaiveDate> {
    let filed_on = case.policy.calendar().local_date(own?.filing.filed_at);
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
    let counting = own.into_iter().chain(&case.facts.organization.later_filings);
    let telling = counting.filter(|filing| award.covered_by.contains(&filing.filing.id));
    telling.map(|filing| filing.filing.filed_at).min()
}

fn finding<const N: usize>(
    case: &Case<'_>,
    code: RuleCode,
    award: &AwardFacts,
    more: [(&str, String); N],
) -> Option<Finding> {
    let date = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let values = [
        ("award", award.number.clone()),
        ("parent", award.parent_number.clone().unwrap_or_default()),
        ("component", award.component.word()),
        ("recipient", award.recipient.clone()),
        ("relation", award.relation.word().to_owned()),
        ("signedOn", date(award.signed_on)),
        ("endsOn", date(award.ends_on)),
        ("worth", award.value.as_ref().map(ToString::to_string).unwrap_or_default()),
    ];
    let mut found = case.finding(code, &["organization", "awards", &award.id], values)?;
    let more = more.into_iter().filter(|(_, value)| !value.is_empty());
    found.values.extend(more.map(|(name, value)| (name.to_owned(), value)));
    Some(found)
}

/// When the time alone changes what is found of the awards.
pub(super) fn next_changes(
    case: &Case<'_>,
    own: Option<&crate::gate::facts::FilingStatus>,
) -> BTreeSet<DateTime<Utc>> {
    let calendar = case.policy.calendar();
    let days = case.policy.parameters().update_duty_days.value;
    let filed_on = own.map(|own| calendar.local_date(own.filed_at));
    let late = case.facts.awards.iter().filter_map(|award| {
        let signed_on = award.signed_on.filter(|signed_on| Some(*signed_on) > filed_on)?;
        let days = u64::from(days).saturating_add(1);
        Some(calendar.midnight(signed_on.checked_add_days(Days::new(days))?))
    });
    let notices = case.facts.awards.iter().filter_map(|award| award.notice.as_ref());
    late.chain(notices.map(|notice| notice.respond_by)).collect()
}

#[cfg(test)]
mod tests {
    use crate::gate::facts::{AwardFacts, Facts, NoticeFacts};
    use crate::gate::samples::{at, changed, facts, policy, usd};
    use crate::gate::wording::{message, remedy};
    use crate::gate::{DhsComponent, EntityScope, MatchBand, Outcome, Policy, SubjectKind, decide};

    /// An order of the firm's own, running, that its disclosure does not tell.
    fn award() -> AwardFacts {
        AwardFacts {
            id: "mat_01kb0000000000000000000000".into(),
            number: "70CDCR24FR0000011".into(),
            parent_number: Some("HSCEDM17D00002".into()),
            component: DhsComponent::Ice,
            recipient: "BRIGHT SWEEPING LLC".into(),
            relation: EntityScope::Own,
            band: MatchBand::Exact,
            is_subaward: false,
            is_vehicle: false,
            signed_on: "2024-04-01".parse().ok(),
            ends_on: "2027-03-31".parse().ok(),
            latest_on: "2025-04-01".parse().ok(),
            value: Some(usd(1_200_000)),
            covered_by: [].into(),
            notice: None,
            has_open_appeal: false,
        }
    }

    fn with(award: AwardFacts) -> Facts {
        Facts { awards: vec![award], ..facts() }
    }

    fn found(policy: &Policy, award: AwardFacts) -> Vec<String> {
        let findings = decide(policy, &with(award)).findings;
        let told = findings.iter().map(|it| {
            let why = it.value("why");
            format!("{} {} {why}", it.code, it.severity.word()).trim_end().to_owned()
        });
        told.collect()
    }

    #[test]
    fn what_is_not_told_is_looked_at_and_nothing_more() {
        let policy = policy();
        assert_eq!(found(&policy, award()), ["award.probably_undisclosed REVIEW"]);
        let probable = AwardFacts { band: MatchBand::Probable, ..award() };
        assert_eq!(found(&policy, probable), ["award.probably_undisclosed REVIEW"]);
        let possible = AwardFacts { band: MatchBand::Possible, ..award() };
        assert_eq!(found(&policy, possible), Vec::<String>::new());
        let told = AwardFacts {
            covered_by: [facts().organization.disclosure.expect("one").filing.id].into(),
            ..award()
        };
        assert_eq!(found(&policy, told), Vec::<String>::new());
        let other = AwardFacts { covered_by: ["disc_other".into()].into(), ..award() };
        assert_eq!(found(&policy, other), ["award.probably_undisclosed REVIEW"]);
    }

    #[test]
    fn what_the_policy_did_not_ask_for_is_noted_with_its_reason() {
        let policy = policy();
        let day = |day: &str| day.parse().ok();
        for (award, why) in [
            (AwardFacts { relation: EntityScope::Parent, ..award() }, "ENTITY"),
            (AwardFacts { ends_on: day("2017-12-31"), ..award() }, "ENDED_BEFORE_WINDOW"),
            (
                AwardFacts { ends_on: None, latest_on: day("2021-09-23"), ..award() },
                "ENDED_BEFORE_WINDOW",
            ),
            (AwardFacts { value: Some(usd(0)), ..award() }, "NO_VALUE"),
            (AwardFacts { value: Some(usd(-5)), ..award() }, "NO_VALUE"),
            (AwardFacts { is_vehicle: true, ..award() }, "NO_VALUE"),
            // Bids are due on 23 November: thirty days earlier is in time.
            (AwardFacts { signed_on: day("2026-10-24"), ..award() }, "WITHIN_UPDATE_DUTY"),
        ] {
            assert_eq!(found(&policy, award), [format!("award.out_of_scope NOTE {why}")]);
        }
        // The day of signing itself, and thirty-one days, which are too many.
        for award in [
            AwardFacts { ends_on: day("2026-09-24"), ..award() },
            AwardFacts { signed_on: day("2026-10-23"), ..award() },
            AwardFacts { value: None, signed_on: None, ends_on: None, ..award() },
            AwardFacts { ends_on: None, latest_on: None, ..award() },
            AwardFacts { ends_on: None, latest_on: day("2021-09-24"), ..award() },
            AwardFacts { relation: EntityScope::JointVentureMember, ..award() },
            AwardFacts { is_subaward: true, ..award() },
        ] {
            assert_eq!(found(&policy, award), ["award.probably_undisclosed REVIEW"]);
        }
    }

    #[test]
    fn another_policy_asks_for_more_or_less() {
        let subawards = changed(
            "[parameters.includeSubawards]\nvalue = true",
            "[parameters.includeSubawards]\nvalue = false",
        );
        let policy = Policy::parse(&subawards).expect("a policy");
        let sub = AwardFacts { is_subaward: true, ..award() };
        assert_eq!(found(&policy, sub), ["award.out_of_scope NOTE ENTITY"]);
        let longer = changed(
            "[parameters.lookBackMonths]\nvalue = 0",
            "[parameters.lookBackMonths]\nvalue = 12",
        );
        let policy = Policy::parse(&longer).expect("a policy");
        let ended = |day: &str| AwardFacts { ends_on: day.parse().ok(), ..award() };
        assert_eq!(found(&policy, ended("2025-09-24")), ["award.probably_undisclosed REVIEW"]);
        assert_eq!(
            found(&policy, ended("2025-09-23")),
            ["award.out_of_scope NOTE ENDED_BEFORE_WINDOW"]
        );
    }

    #[test]
    fn nobody_is_refused_unheard() {
        let policy = policy();
        let put = |respond_by: &str, appeal_open| AwardFacts {
            notice: Some(NoticeFacts { sent_at: at("2026-11-02T20:00:00Z"), respond_by: at(respond_by) }),
            has_open_appeal: appeal_open,
            band: MatchBand::Possible,
            ..award()
        };
        // It is decided at 2026-11-20T18:30:00Z.
        let (open, over) = ("2026-11-20T18:30:00.000001Z", "2026-11-20T18:30:00Z");
        for (kind, heard) in [
            (SubjectKind::BidSubmission, Outcome::Review),
            (SubjectKind::ContractAward, Outcome::Block),
            (SubjectKind::ContractRenewal, Outcome::Block),
        ] {
            for (award, code, outcome) in [
                (put(open, false), "award.response_open", Outcome::Review),
                (put(open, true), "award.under_appeal", Outcome::Review),
                (put(over, true), "award.under_appeal", Outcome::Review),
                (put(over, false), "award.confirmed_undisclosed", heard),
            ] {
                let mut facts = with(award);
                facts.subject.kind = kind;
                let decision = decide(&policy, &facts);
                let found = decision.findings.iter().find(|it| it.code.as_str() == code);
                let found = found.unwrap_or_else(|| panic!("{code}: {decision:?}"));
                assert_eq!(Outcome::from(found.severity), outcome, "{kind:?} {code}");
            }
        }
    }

    #[test]
    fn what_is_amended_is_mended_and_noted() {
        let policy = policy();
        let mut facts = facts();
        let mut later = facts.organization.disclosure.clone().expect("a filing");
        later.filing.id = "disc_later".into();
        later.filing.filed_at = at("2026-11-24T20:00:00Z");
        facts.organization.later_filings = vec![later];
        facts.awards = vec![AwardFacts {
            notice: Some(NoticeFacts {
                sent_at: at("2026-11-02T20:00:00Z"),
                respond_by: at("2026-11-12T08:00:00Z"),
            }),
            covered_by: ["disc_later".into()].into(),
            ..award()
        }];
        let decision = decide(&policy, &facts);
        let codes: Vec<_> = decision.findings.iter().map(|it| it.code.as_str()).collect();
        assert_eq!((decision.outcome, &codes[..]), (Outcome::Admit, &["disclosure.corrected"][..]));
    }

    #[test]
    fn the_words_name_the_award() {
        let policy = policy();
        let decision = decide(&policy, &with(award()));
        let words = message(&decision.findings[0], &policy);
        assert_eq!(
            words,
            "Public data show a federal award that is probably the firm's: 70CDCR24FR0000011 under \
            HSCEDM17D00002, U.S. Immigration and Customs Enforcement, to BRIGHT SWEEPING LLC, \
            signed on Monday, 1 April 2024, until Wednesday, 31 March 2027, worth USD 12,000.00. No \
            agreement that was disclosed covers it. Nothing is decided."
        );
        assert!(remedy(&decision.findings[0], &policy).starts_with("Nothing now"));
        let parent = AwardFacts { relation: EntityScope::Parent, ..award() };
        let decision = decide(&policy, &with(parent));
        let words = message(&decision.findings[0], &policy);
        assert!(
            words.contains("since it is that of a firm that owns it, and the policy does not ask")
        );
    }
}
