//! Findings about federal awards in public data that no disclosed agreement covers.
//!
//! A false statement is a question of the firm's responsibility. The firm therefore gets notice,
//! the evidence and time to respond before a finding can block an award (Great West Contractors v.
//! Irvine Unified School District, 187 Cal. App. 4th 1425 (2010)).
use std::collections::BTreeSet;

use chrono::{DateTime, Days, Months, NaiveDate, Utc};

use super::Case;
use crate::facts::{AwardFacts, DisclosureFacts};
use crate::{
    AwardSummary, Finding, FindingDetail, MatchBand, OutOfScopeReason, Policy, RuleCode, Severity,
};

/// How long after its latest action an award without an end date may still be in force: base and
/// options of a federal contract together run at most five years (FAR 17.204(e)).
const MAX_AWARD_TERM: Months = Months::new(60);

/// The findings about the matched awards. An award counts as disclosed if the applicable filing or
/// any later one covers it, so that an amendment after a notice resolves the finding.
pub(super) fn findings(case: &Case<'_>, own: Option<&DisclosureFacts>) -> Vec<Option<Finding>> {
    case.facts.awards.iter().map(|award| award_finding(case, own, award)).collect()
}

fn award_finding(
    case: &Case<'_>,
    own: Option<&DisclosureFacts>,
    award: &AwardFacts,
) -> Option<Finding> {
    let detail = award_detail(case, own, award)?;
    case.finding(&["organization", "awards", &award.id], detail)
}

/// What the gate finds about a matched award; none if the match is only possible or the award is
/// disclosed.
fn award_detail(
    case: &Case<'_>,
    own: Option<&DisclosureFacts>,
    matched: &AwardFacts,
) -> Option<FindingDetail> {
    let is_likely = matched.band >= MatchBand::Probable || matched.notice.is_some();
    if !is_likely {
        return None;
    }
    let award = AwardSummary::from(matched);
    let filed_at = own.map(|own| own.filing.filed_at);
    let reason = out_of_scope_reason(case.policy, matched, filed_at, case.facts.reference_at);
    if let Some(reason) = reason {
        return Some(FindingDetail::AwardOutOfScope { award, reason });
    }
    if let Some(disclosed_at) = disclosed_at(case, own, matched) {
        let is_corrected =
            matched.notice.as_ref().is_some_and(|notice| disclosed_at > notice.sent_at);
        return is_corrected.then_some(FindingDetail::DisclosureCorrected { award });
    }
    let Some(notice) = &matched.notice else {
        return Some(FindingDetail::AwardProbablyUndisclosed { award });
    };
    if matched.has_open_appeal {
        return Some(FindingDetail::AwardUnderAppeal { award });
    }
    let respond_until = case.policy.calendar().last_date_before(notice.respond_by);
    Some(if case.facts.decided_at >= notice.respond_by {
        FindingDetail::AwardConfirmedUndisclosed { award, respond_until }
    } else {
        FindingDetail::AwardResponseOpen { award, respond_until }
    })
}

/// Returns the first local date from which a confirmed award that no disclosure covers contradicts the
/// firm: the day after its time to respond, however late that is noticed. None before that day, while
/// an appeal is open, and if the policy does not ask for the award or does not apply the rule.
pub(super) fn contradicted_since(
    case: &Case<'_>,
    own: Option<&DisclosureFacts>,
) -> Option<NaiveDate> {
    let severity =
        case.policy.severity(RuleCode::AwardConfirmedUndisclosed, case.facts.subject.kind);
    if severity.is_none_or(|severity| severity == Severity::Note) {
        return None;
    }
    let contradicting = case.facts.awards.iter().filter(|award| {
        let detail = award_detail(case, own, award);
        matches!(detail, Some(FindingDetail::AwardConfirmedUndisclosed { .. }))
    });
    let ends = contradicting.filter_map(|award| award.notice.as_ref().map(|it| it.respond_by));
    ends.min().map(|at| case.policy.calendar().local_date(at))
}

/// The reason why a policy does not ask for an award, with the parameter that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwardScope {
    pub reason: OutOfScopeReason,
    /// The parameter's name in the policy; none if no parameter could include the award, because it
    /// carries no money of its own.
    pub parameter: Option<&'static str>,
    /// The last local date on which an amendment is in time, if that is the reason.
    pub amend_until: Option<NaiveDate>,
}

/// Finds why a policy does not ask a firm for an award; none if it does. `filed_at` is when the firm
/// filed the disclosure that counts at `reference_at` (both UTC), if it has filed one.
#[must_use]
pub fn find_out_of_scope(
    policy: &Policy,
    award: &AwardFacts,
    filed_at: Option<DateTime<Utc>>,
    reference_at: DateTime<Utc>,
) -> Option<AwardScope> {
    let reason = out_of_scope_reason(policy, award, filed_at, reference_at)?;
    let parameter = match reason {
        OutOfScopeReason::Entity => {
            let is_asked = policy.parameters().entity_scope.value.contains(&award.relation);
            Some(if is_asked { "includeSubawards" } else { "entityScope" })
        }
        OutOfScopeReason::EndedBeforeWindow => Some("lookBackMonths"),
        OutOfScopeReason::NoValue => None,
        OutOfScopeReason::WithinUpdateDuty => Some("updateDutyDays"),
    };
    let is_recent = reason == OutOfScopeReason::WithinUpdateDuty;
    let amend_until = amend_until(policy, award, filed_at).filter(|_| is_recent);
    Some(AwardScope { reason, parameter, amend_until })
}

/// The reason why the policy does not ask for an award; none if it does.
fn out_of_scope_reason(
    policy: &Policy,
    award: &AwardFacts,
    filed_at: Option<DateTime<Utc>>,
    reference_at: DateTime<Utc>,
) -> Option<OutOfScopeReason> {
    let parameters = policy.parameters();
    let calendar = policy.calendar();
    let is_asked = parameters.entity_scope.value.contains(&award.relation)
        && (!award.is_subaward || parameters.include_subawards.value);
    if !is_asked {
        return Some(OutOfScopeReason::Entity);
    }
    let look_back_start = calendar.local_date(filed_at.unwrap_or(reference_at));
    let look_back_start = look_back_start
        .checked_sub_months(Months::new(parameters.look_back_months.value))
        .unwrap_or(NaiveDate::MIN);
    if last_day(award).is_some_and(|ends_on| ends_on < look_back_start) {
        return Some(OutOfScopeReason::EndedBeforeWindow);
    }
    if award.is_vehicle || award.value.as_ref().is_some_and(|value| value.cents <= 0) {
        return Some(OutOfScopeReason::NoValue);
    }
    let amend_until = amend_until(policy, award, filed_at);
    let reference = calendar.local_date(reference_at);
    amend_until.is_some_and(|last| reference <= last).then_some(OutOfScopeReason::WithinUpdateDuty)
}

/// The last day on which an award may be in force. One without a known end may still be, up to the longest
/// possible term.
fn last_day(award: &AwardFacts) -> Option<NaiveDate> {
    award.ends_on.or_else(|| award.latest_on?.checked_add_months(MAX_AWARD_TERM))
}

/// The last day on which an amendment is in time, for an award signed after the filing.
fn amend_until(
    policy: &Policy,
    award: &AwardFacts,
    filed_at: Option<DateTime<Utc>>,
) -> Option<NaiveDate> {
    let filed_on = policy.calendar().local_date(filed_at?);
    let signed_on = award.signed_on.filter(|signed_on| *signed_on > filed_on)?;
    let days = policy.parameters().update_duty_days.value;
    signed_on.checked_add_days(Days::new(u64::from(days)))
}

/// When the earliest of the applicable and later filings that cover an award was filed, if any.
fn disclosed_at(
    case: &Case<'_>,
    own: Option<&DisclosureFacts>,
    award: &AwardFacts,
) -> Option<DateTime<Utc>> {
    let considered = own.into_iter().chain(&case.facts.organization.later_filings);
    let covering = considered.filter(|filing| award.covered_by.contains(&filing.filing.id));
    covering.map(|filing| filing.filing.filed_at).min()
}

/// The times at which a finding about an award changes without any other change.
pub(super) fn reevaluation_times(
    case: &Case<'_>,
    own: Option<&crate::facts::FilingStatus>,
) -> BTreeSet<DateTime<Utc>> {
    let calendar = case.policy.calendar();
    let days = case.policy.parameters().update_duty_days.value;
    let filed_on = own.map(|own| calendar.local_date(own.filed_at));
    let late = case.facts.awards.iter().filter_map(|award| {
        let signed_on = award.signed_on.filter(|signed_on| Some(*signed_on) > filed_on)?;
        let days = u64::from(days).saturating_add(1);
        Some(calendar.midnight(signed_on.checked_add_days(Days::new(days))?))
    });
    // Without a filing, the look-back period ends on the day of the decision, so that an award leaves it
    // with time. Months differ in length, so that the day is one of four.
    let months = Months::new(case.policy.parameters().look_back_months.value);
    let undisclosed = case.facts.awards.iter().filter(|_| own.is_none());
    let leaving = undisclosed.flat_map(|award| {
        let left = last_day(award).and_then(|ends_on| ends_on.checked_add_months(months));
        let days = (1..=4).filter_map(move |days| left?.checked_add_days(Days::new(days)));
        days.map(|day| calendar.midnight(day))
    });
    let notices = case.facts.awards.iter().filter_map(|award| award.notice.as_ref());
    late.chain(leaving).chain(notices.map(|notice| notice.respond_by)).collect()
}

#[cfg(test)]
mod tests {
    use super::find_out_of_scope;
    use crate::Reading;
    use crate::facts::{AwardFacts, ContractFacts, ExemptionFacts, Facts, NoticeFacts};
    use crate::samples::{at, changed, facts, policy, usd};
    use crate::wording::{render_message, render_remedy};
    use crate::{
        DhsComponent, EntityScope, ExemptionKind, FindingDetail, MatchBand, Outcome, Policy,
        SubjectKind, decide, find_noncompliance,
    };

    /// A current order of the firm itself that its disclosure does not list.
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

    fn list_findings(policy: &Policy, award: AwardFacts) -> Vec<String> {
        let findings = decide(policy, &with(award)).findings;
        let lines = findings.iter().map(|it| {
            let reason = match &it.detail {
                FindingDetail::AwardOutOfScope { reason, .. } => format!(" {}", reason.as_str()),
                _ => String::new(),
            };
            format!("{} {}{reason}", it.code(), it.severity.as_str())
        });
        lines.collect()
    }

    #[test]
    fn an_undisclosed_award_is_a_review_and_never_blocks_before_notice() {
        let policy = policy();
        assert_eq!(list_findings(&policy, award()), ["award.probably_undisclosed REVIEW"]);
        let probable = AwardFacts { band: MatchBand::Probable, ..award() };
        assert_eq!(list_findings(&policy, probable), ["award.probably_undisclosed REVIEW"]);
        let possible = AwardFacts { band: MatchBand::Possible, ..award() };
        assert_eq!(list_findings(&policy, possible), Vec::<String>::new());
        let disclosed = AwardFacts {
            covered_by: [facts().organization.disclosure.expect("one").filing.id].into(),
            ..award()
        };
        assert_eq!(list_findings(&policy, disclosed), Vec::<String>::new());
        let other = AwardFacts { covered_by: ["disc_other".into()].into(), ..award() };
        assert_eq!(list_findings(&policy, other), ["award.probably_undisclosed REVIEW"]);
    }

    #[test]
    fn an_award_outside_the_policy_is_a_note_with_its_reason() {
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
            // Bids are due on November 23; 30 days before is within the update duty.
            (AwardFacts { signed_on: day("2026-10-24"), ..award() }, "WITHIN_UPDATE_DUTY"),
        ] {
            assert_eq!(list_findings(&policy, award), [format!("award.out_of_scope NOTE {why}")]);
        }
        // Ended on the day of signing itself; signed 31 days before bids are due.
        for award in [
            AwardFacts { ends_on: day("2026-09-24"), ..award() },
            AwardFacts { signed_on: day("2026-10-23"), ..award() },
            AwardFacts { value: None, signed_on: None, ends_on: None, ..award() },
            AwardFacts { ends_on: None, latest_on: None, ..award() },
            AwardFacts { ends_on: None, latest_on: day("2021-09-24"), ..award() },
            AwardFacts { relation: EntityScope::JointVentureMember, ..award() },
            AwardFacts { is_subaward: true, ..award() },
        ] {
            assert_eq!(list_findings(&policy, award), ["award.probably_undisclosed REVIEW"]);
        }
    }

    #[test]
    fn the_policy_sets_subawards_and_look_back() {
        let subawards = changed(
            "[parameters.includeSubawards]\nvalue = true",
            "[parameters.includeSubawards]\nvalue = false",
        );
        let policy = Policy::parse(&subawards).expect("a policy");
        let sub = AwardFacts { is_subaward: true, ..award() };
        assert_eq!(list_findings(&policy, sub), ["award.out_of_scope NOTE ENTITY"]);
        let longer = changed(
            "[parameters.lookBackMonths]\nvalue = 0",
            "[parameters.lookBackMonths]\nvalue = 12",
        );
        let policy = Policy::parse(&longer).expect("a policy");
        let ended = |day: &str| AwardFacts { ends_on: day.parse().ok(), ..award() };
        assert_eq!(
            list_findings(&policy, ended("2025-09-24")),
            ["award.probably_undisclosed REVIEW"]
        );
        assert_eq!(
            list_findings(&policy, ended("2025-09-23")),
            ["award.out_of_scope NOTE ENDED_BEFORE_WINDOW"]
        );
    }

    #[test]
    fn an_award_cannot_block_before_notice_and_response() {
        let policy = policy();
        let noticed = |respond_by: &str, has_open_appeal| AwardFacts {
            notice: Some(NoticeFacts {
                sent_at: at("2026-11-02T20:00:00Z"),
                respond_by: at(respond_by),
                appeal_by: None,
                answer: None,
            }),
            has_open_appeal,
            band: MatchBand::Possible,
            ..award()
        };
        // The decision is made at 2026-11-20T18:30:00Z.
        let (open, over) = ("2026-11-20T18:30:00.000001Z", "2026-11-20T18:30:00Z");
        for (kind, after_response) in [
            (SubjectKind::BidSubmission, Outcome::Review),
            (SubjectKind::ContractAward, Outcome::Block),
            (SubjectKind::ContractRenewal, Outcome::Block),
        ] {
            for (award, code, outcome) in [
                (noticed(open, false), "award.response_open", Outcome::Review),
                (noticed(open, true), "award.under_appeal", Outcome::Review),
                (noticed(over, true), "award.under_appeal", Outcome::Review),
                (noticed(over, false), "award.confirmed_undisclosed", after_response),
            ] {
                let mut facts = with(award);
                facts.subject.kind = kind;
                let decision = decide(&policy, &facts);
                let finding = decision.findings.iter().find(|it| it.code().as_str() == code);
                let finding = finding.unwrap_or_else(|| panic!("{code}: {decision:?}"));
                assert_eq!(Outcome::from(finding.severity), outcome, "{kind:?} {code}");
            }
        }
    }

    #[test]
    fn a_contradicted_firm_is_out_of_compliance_from_the_day_after_its_time_to_respond() {
        let policy = policy();
        let renewal = |decided_at: &str| {
            let mut facts = with(AwardFacts {
                notice: Some(NoticeFacts {
                    sent_at: at("2026-11-02T20:00:00Z"),
                    respond_by: at("2026-11-14T08:00:00Z"),
                    appeal_by: None,
                    answer: None,
                }),
                ..award()
            });
            facts.subject.kind = SubjectKind::ContractRenewal;
            (facts.decided_at, facts.reference_at) = (at(decided_at), at(decided_at));
            facts.contract = Some(ContractFacts {
                clause_version: Some(1),
                signed_on: "2026-09-01".parse().expect("a date"),
                is_under_ordinance: true,
                clause_added_on: None,
                ends_on: None,
                runs_until: None,
            });
            facts
        };
        let since = |facts: &Facts| {
            find_noncompliance(&policy, facts).map(|it| format!("{} {}", it.code, it.since))
        };
        assert_eq!(since(&renewal("2026-11-14T07:59:59.999999Z")), None);
        // However late it is noticed.
        let expected = Some("award.confirmed_undisclosed 2026-11-14".to_owned());
        for decided_at in ["2026-11-14T08:00:00Z", "2027-01-11T20:00:00Z"] {
            assert_eq!(since(&renewal(decided_at)), expected, "{decided_at}");
        }
        let mut facts = renewal("2027-01-11T20:00:00Z");
        facts.awards[0].has_open_appeal = true;
        assert_eq!(since(&facts), None);
        facts.awards[0].has_open_appeal = false;
        facts.exemptions = vec![ExemptionFacts {
            id: "exm_1".into(),
            kind: ExemptionKind::GovernmentEntity,
            authority: "A law".into(),
            counted_from: at("2026-11-10T20:00:00Z"),
            covers_subject: true,
        }];
        assert_eq!(since(&facts), expected, "an exemption never covers it");
        facts.awards[0].ends_on = "2017-12-31".parse().ok();
        assert_eq!(since(&facts), None, "the policy does not ask for it");
        let mut facts = renewal("2027-01-11T20:00:00Z");
        let filing =
            facts.organization.disclosure.as_ref().expect("it has filed").filing.id.clone();
        facts.awards[0].covered_by = [filing].into();
        assert_eq!(since(&facts), None, "it is disclosed");
        let mut facts = renewal("2027-01-11T20:00:00Z");
        facts.contract.as_mut().expect("a contract").signed_on =
            "2026-12-01".parse().expect("a date");
        let expected = Some("award.confirmed_undisclosed 2026-12-01".to_owned());
        assert_eq!(since(&facts), expected, "not before the contract");
    }

    #[test]
    fn the_parameter_that_leaves_an_award_out_is_named() {
        let policy = policy();
        let day = |day: &str| day.parse().ok();
        let filed_at = Some(at("2026-09-24T17:00:00Z"));
        let reference_at = at("2026-11-23T22:00:00Z");
        for (award, parameter) in [
            (AwardFacts { relation: EntityScope::Parent, ..award() }, Some(Some("entityScope"))),
            (AwardFacts { ends_on: day("2017-12-31"), ..award() }, Some(Some("lookBackMonths"))),
            (AwardFacts { is_vehicle: true, ..award() }, Some(None)),
            (AwardFacts { signed_on: day("2026-10-24"), ..award() }, Some(Some("updateDutyDays"))),
            (AwardFacts { signed_on: day("2026-10-23"), ..award() }, None),
            (award(), None),
        ] {
            let scope = find_out_of_scope(&policy, &award, filed_at, reference_at);
            assert_eq!(scope.map(|it| it.parameter), parameter, "{award:?}");
            let until = scope.and_then(|it| it.amend_until).map(|it| it.to_string());
            let is_recent = parameter == Some(Some("updateDutyDays"));
            assert_eq!(until.as_deref(), is_recent.then_some("2026-11-23"), "{award:?}");
        }
        let without = changed(
            "[parameters.includeSubawards]\nvalue = true",
            "[parameters.includeSubawards]\nvalue = false",
        );
        let without = Policy::parse(&without).expect("a policy");
        let subaward = AwardFacts { is_subaward: true, ..award() };
        let scope = find_out_of_scope(&without, &subaward, filed_at, reference_at);
        assert_eq!(scope.and_then(|it| it.parameter), Some("includeSubawards"));
    }

    #[test]
    fn an_amendment_after_notice_resolves_the_finding_with_a_note() {
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
                appeal_by: None,
                answer: None,
            }),
            covered_by: ["disc_later".into()].into(),
            ..award()
        }];
        let decision = decide(&policy, &facts);
        let codes: Vec<_> = decision.findings.iter().map(|it| it.code().as_str()).collect();
        assert_eq!((decision.outcome, &codes[..]), (Outcome::Admit, &["disclosure.corrected"][..]));
    }

    #[test]
    fn the_message_describes_the_award() {
        let policy = policy();
        let facts = with(award());
        let decision = decide(&policy, &facts);
        let message = render_message(&decision.findings[0], &policy, &facts);
        assert_eq!(
            message,
            "Public data show a federal award that probably belongs to the firm: \
            70CDCR24FR0000011 under HSCEDM17D00002, U.S. Immigration and Customs Enforcement, to \
            BRIGHT SWEEPING LLC, signed on Monday, April 1, 2024, until Wednesday, March 31, 2027, \
            worth USD 12,000.00. No disclosed agreement covers it. No decision about it has been \
            made."
        );
        assert!(
            render_remedy(&decision.findings[0], &Reading::at_decision(&policy, &facts, &decision))
                .contains("no action is needed now")
        );
        let parent = AwardFacts { relation: EntityScope::Parent, ..award() };
        let facts = with(parent);
        let decision = decide(&policy, &facts);
        let message = render_message(&decision.findings[0], &policy, &facts);
        assert!(message.contains(
            "because it belongs to a firm that owns the firm, and the policy does not ask"
        ));
    }
}
