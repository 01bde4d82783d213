//! Facts in which a rule probably finds something, as a service can have loaded them.
use chrono::{DateTime, Days, TimeDelta, Utc};

use crate::facts::{
    AnswerState, ClarificationFacts, DisclosureFacts, ExemptionFacts, FilingStatus, NoticeFacts,
    RejectionFacts, ResolutionFacts, WithheldPart,
};
use crate::{
    AwardMethod, EntityScope, ExemptionKind, Facts, MatchBand, Policy, RejectionReason, ResolvedBy,
    ReviewState, RuleCode, SubjectKind, WithheldGround, samples,
};

/// Generated facts put into an order in which a service can have loaded them: filings before the
/// decision, and later ones only where they are later than the reference time.
pub(super) fn realistic(mut facts: Facts, hours: i64, choice: u32) -> Facts {
    let due_at = samples::facts().reference_at;
    facts.decided_at = due_at + TimeDelta::hours(hours);
    let now = facts.decided_at;
    facts.reference_at = match facts.subject.kind {
        SubjectKind::BidSubmission => due_at,
        SubjectKind::ContractAward => now,
        // Half of the actions begin later than they are decided on.
        SubjectKind::ContractRenewal => now + TimeDelta::days(i64::from(choice % 2 * 40)),
    };
    let is_bid = facts.subject.kind == SubjectKind::BidSubmission;
    if let Some(contract) = &mut facts.contract
        && facts.subject.kind == SubjectKind::ContractAward
    {
        contract.runs_until = None;
    }
    if is_bid {
        facts.method =
            Some(if hours % 2 == 0 { AwardMethod::Bids } else { AwardMethod::Proposals });
    } else {
        facts.reinstatements.clear();
    }
    for order in &mut facts.reinstatements {
        order.reinstated_at = order.reinstated_at.min(now);
    }
    for exemption in &mut facts.exemptions {
        exemption.counted_from = exemption.counted_from.min(now);
    }
    let reference = facts.reference_at.min(now);
    let own = &mut facts.organization;
    for filing in own.disclosure.iter_mut().chain(&mut own.later_filings) {
        put_in_order(&mut filing.filing);
    }
    if let Some(disclosure) = &mut own.disclosure {
        disclosure.filing.id = "disc_own".into();
        disclosure.filing.filed_at = disclosure.filing.filed_at.min(reference);
    }
    own.later_filings.retain(|_| now > reference);
    for (index, later) in own.later_filings.iter_mut().enumerate() {
        later.filing.id = format!("disc_later{index}");
        later.filing.version = 2 + u32::try_from(index).expect("few filings");
        later.filing.filed_at = between(reference, now, index);
    }
    let named = facts.subcontractors.iter_mut().map(|it| &mut it.party);
    for party in facts.members.iter_mut().chain(named) {
        party.disclosure.iter_mut().chain(&mut party.later_filings).for_each(put_in_order);
        if let Some(filing) = &mut party.disclosure {
            filing.filed_at = filing.filed_at.min(reference);
        }
        party.later_filings.retain(|_| now > reference);
        for (index, later) in party.later_filings.iter_mut().enumerate() {
            later.filed_at = between(reference, now, index);
        }
        if let Some(resolution) = &mut party.resolution
            && resolution.by == ResolvedBy::Unresolved
        {
            (party.disclosure, party.later_filings) = (None, Vec::new());
        }
    }
    for (index, award) in facts.awards.iter_mut().enumerate() {
        award.id = format!("mat_{index}");
        award.number = format!("70CDCR24FR000001{index}");
        award.parent_number = (index == 0).then(|| "HSCEDM17D00002".to_owned());
        award.covered_by.clear();
    }
    facts
}

/// A question is open only in the review state that says so.
pub(super) fn put_in_order(filing: &mut FilingStatus) {
    if filing.review == ReviewState::Rejected {
        filing.clarification = None;
    } else if filing.clarification.is_some() {
        filing.review = ReviewState::ClarificationRequested;
    } else if filing.review == ReviewState::ClarificationRequested {
        filing.review = ReviewState::Unreviewed;
    }
}

/// A time after `from` and at most `to`: the later, the greater `index`.
pub(super) fn between(from: DateTime<Utc>, to: DateTime<Utc>, index: usize) -> DateTime<Utc> {
    let index = i32::try_from(index).expect("few filings");
    from + (to - from) * (index + 1) / (index + 2)
}

/// Changes facts so that a decision about them probably has a finding of the rule. `choice` is any
/// number.
#[expect(clippy::too_many_lines, reason = "one arm a rule")]
pub(super) fn bring_about(code: RuleCode, facts: &mut Facts, policy: &Policy, choice: u32) {
    facts.suspensions.clear();
    let calendar = policy.calendar();
    if !choice.is_multiple_of(4) {
        facts.exemptions.clear();
    }
    facts.waivers.retain(|it| it.rule != code);
    let now = facts.decided_at;
    let near = now + TimeDelta::hours(i64::from(choice % 400) - 200);
    let filing = FilingStatus {
        id: "disc_own".into(),
        ..current_filing(policy, facts.reference_at.min(now) - TimeDelta::days(9))
    };
    let generated = facts.organization.disclosure.take();
    let mut own = match generated {
        // Other defects of the filing stay beside the one that is brought about.
        Some(generated) if choice.is_multiple_of(3) => generated,
        _ => as_disclosure(filing.clone()),
    };
    match code {
        RuleCode::DisclosureMissing => {
            facts.organization.disclosure = None;
            return;
        }
        RuleCode::DisclosureStale => {
            let days = policy.parameters().freshness_days.value + 1 + choice % 5;
            let day = calendar.local_date(facts.reference_at) - Days::new(u64::from(days));
            own.filing.filed_at = calendar.midnight(day) + TimeDelta::hours(10);
        }
        RuleCode::DisclosureOutdatedTerms => {
            own.filing.policy_version = 0;
            own.filing.questions = policy.questions();
            own.filing.questions.look_back_months += 1;
        }
        RuleCode::DisclosureRejected => {
            own.filing.review = ReviewState::Rejected;
            own.filing.clarification = None;
            own.filing.has_open_appeal = choice.is_multiple_of(5);
            let has_appealed = own.filing.has_open_appeal || choice.is_multiple_of(7);
            own.filing.rejection = Some(RejectionFacts {
                reasons: vec![RejectionReason::Contradictory],
                explanation: "One of the two.".into(),
                appeal_by: (!has_appealed).then_some(near),
                decided_at: Some(own.filing.filed_at),
            });
        }
        RuleCode::DisclosurePartlyWithheld => own.withheld.push(WithheldPart {
            path: vec!["dhs".into(), "agreements".into(), "0".into()],
            ground: WithheldGround::Classified,
        }),
        RuleCode::ClarificationOpen | RuleCode::ClarificationOverdue => {
            own.filing.review = ReviewState::ClarificationRequested;
            (own.filing.rejection, own.filing.has_open_appeal) = (None, false);
            own.filing.clarification = Some(ClarificationFacts { path: Vec::new(), due_at: near });
        }
        RuleCode::PartyUnidentified => {
            let mut party = samples::party("Unknown", None);
            party.id = None;
            party.resolution = Some(ResolutionFacts {
                by: ResolvedBy::Unresolved,
                identifier: None,
                folded_name: "unknown".into(),
            });
            facts.members.push(party);
        }
        RuleCode::MemberMissingDisclosure => facts.members.push(samples::party("Absent", None)),
        RuleCode::SubcontractorMissingDisclosure => {
            facts.subcontractors.push(samples::subcontractor("Absent", i64::MAX / 4, None));
        }
        RuleCode::ClauseMissing => {
            if let Some(contract) = &mut facts.contract {
                contract.clause_version = None;
            }
        }
        RuleCode::AwardProbablyUndisclosed
        | RuleCode::AwardResponseOpen
        | RuleCode::AwardConfirmedUndisclosed
        | RuleCode::AwardUnderAppeal => {
            let signed_on = calendar.local_date(own.filing.filed_at) - Days::new(30);
            for award in &mut facts.awards {
                award.relation = EntityScope::Own;
                award.band = MatchBand::Exact;
                award.is_vehicle = false;
                award.is_subaward = false;
                award.value = Some(samples::usd(1_200_000));
                award.signed_on = Some(signed_on);
                (award.ends_on, award.latest_on) = (None, Some(signed_on));
                award.has_open_appeal = code == RuleCode::AwardUnderAppeal;
                let has_appealed = award.has_open_appeal || choice.is_multiple_of(7);
                award.notice = (code != RuleCode::AwardProbablyUndisclosed).then(|| NoticeFacts {
                    sent_at: now - TimeDelta::days(12),
                    respond_by: near,
                    appeal_by: (!has_appealed)
                        .then(|| near + TimeDelta::days(i64::from(choice % 30))),
                    answer: [None, Some(AnswerState::Open), Some(AnswerState::Upheld)]
                        [(choice % 3) as usize],
                });
            }
        }
        RuleCode::ExemptionFollowUpOverdue => {
            facts.organization.disclosure = None;
            facts.exemptions = vec![ExemptionFacts {
                id: "exm_1".into(),
                kind: ExemptionKind::Emergency,
                authority: "Charter".into(),
                counted_from: now - TimeDelta::days(30),
                covers_subject: choice.is_multiple_of(2),
            }];
            return;
        }
        _ => {}
    }
    if !choice.is_multiple_of(2) {
        facts.organization.later_filings.clear();
    }
    let is_closed = facts.decided_at > facts.reference_at;
    if code == RuleCode::DisclosureRejected && is_closed && choice.is_multiple_of(3) {
        // It was to cure a stale one.
        let days = u64::from(policy.parameters().freshness_days.value) + 2;
        let mut stale = as_disclosure(filing);
        stale.filing.id = "disc_stale".into();
        let day = calendar.local_date(facts.reference_at) - Days::new(days);
        stale.filing.filed_at = calendar.midnight(day);
        own.filing.filed_at = facts.reference_at + TimeDelta::microseconds(1);
        facts.organization.later_filings.clear();
        facts.organization.disclosure = Some(stale);
        facts.organization.later_filings.push(own);
        return;
    }
    facts.organization.disclosure = Some(own);
}

/// A filing that is current under the policy.
pub(super) fn current_filing(policy: &Policy, filed_at: DateTime<Utc>) -> FilingStatus {
    FilingStatus {
        id: "disc_new".into(),
        filed_at,
        policy_version: policy.version(),
        questions: policy.questions(),
        ..samples::filing_status()
    }
}

pub(super) fn as_disclosure(filing: FilingStatus) -> DisclosureFacts {
    let (withheld, agreements, arrangements) = (Vec::new(), Vec::new(), Vec::new());
    DisclosureFacts { filing, withheld, agreements, arrangements }
}
