//! What can be done about a finding, computed from the facts: by the firm, by others, and until when.
//! Doing it in its time removes the finding, under the same policy and with nothing else changed.
use std::borrow::Cow;

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::relief::is_suspended_or_waived;
use super::{Case, applicable_filing};
use crate::facts::{AnswerState, AwardFacts, FilingStatus, NoticeFacts, PartyFacts};
use crate::{
    AwardMethod, Decision, Facts, Finding, FindingDetail, Outcome, Policy, ReviewState, RuleCode,
    Severity, SubjectKind,
};

/// An act that removes a finding, or the person whose decision removes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The firm files a disclosure.
    File(FilingTime),
    /// The member or the named subcontractor files its own disclosure.
    PartyFiles(FilingTime),
    /// The bidder submits a bid that names another subcontractor until bids are due; the officer names
    /// another in an award without a bid.
    NameAnother,
    /// The firm files a disclosure that lists the award, at any time.
    ListAward,
    /// The firm answers the reviewer's question, at any time until somebody closes it.
    AnswerQuestion,
    /// The firm answers the notice of a match, until the end of a local date. A reviewer then decides.
    AnswerNotice(NaiveDate),
    /// The firm appeals, until the end of a local date.
    Appeal(NaiveDate),
    /// Somebody chooses the organization that the party is.
    Identify(Identifying),
    /// The department adds the clause to the contract.
    AddClause,
    /// The department may grant another subcontractor, on one of the policy's grounds.
    Substitute,
    /// The department may ask the City to waive the rule; another person approves.
    Waive,
    /// A reviewer decides; the firm need do nothing.
    AwaitReviewer,
    /// A supervisor decides the firm's appeal.
    AwaitAppeal,
    /// The firm has filed in time already. The filing counts only if the rejection of the one that it
    /// follows is lifted on appeal.
    AwaitLiftedRejection,
}

/// When a filing removes a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilingTime {
    /// The first local date on which a filing is still fresh at the reference time, if that is later than
    /// the decision.
    pub from: Option<NaiveDate>,
    pub until: FilingEnd,
}

/// Until when a filing removes a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilingEnd {
    /// Until bids are due, inclusive.
    BidsDue,
    /// Until a local midnight after the due date, exclusive.
    Cure {
        /// The midnight.
        end: DateTime<Utc>,
        /// Whether it counts only if the rejection of the filing that it follows is lifted on appeal.
        is_conditional: bool,
    },
    /// Until the award, which is decided anew. The bid itself stays held.
    Award,
    /// Until the department tries again to award the contract or to carry out the action.
    NextAttempt,
}

/// Who identifies a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identifying {
    /// The bidder, in the bid that it submits again.
    NextSubmission,
    /// The bidder, as long as the bid is open, or a reviewer.
    Bidder,
    /// The contract officer, in the award.
    Officer,
    /// A reviewer, on the contract.
    Reviewer,
}

impl Remedy {
    /// Whether the firm does it, or the party that the finding is about.
    #[must_use]
    pub const fn is_of_firm(&self) -> bool {
        match self {
            Self::File(_)
            | Self::PartyFiles(_)
            | Self::NameAnother
            | Self::ListAward
            | Self::AnswerQuestion
            | Self::AnswerNotice(_)
            | Self::Appeal(_)
            | Self::Identify(Identifying::Bidder | Identifying::NextSubmission) => true,
            Self::Identify(Identifying::Officer | Identifying::Reviewer)
            | Self::AddClause
            | Self::Substitute
            | Self::Waive
            | Self::AwaitReviewer
            | Self::AwaitAppeal
            | Self::AwaitLiftedRejection => false,
        }
    }
}

/// When the finding was made, so far as it decides what can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A bid until it is due: a refused firm submits again.
    OpenBid,
    /// A bid after it is due: a refused one is decided again only after a waiver or a granted appeal.
    ClosedBid,
    /// An award to a bid.
    AwardOfBid,
    /// An award without a bid.
    DirectAward,
    /// An action on a contract.
    ContractAction,
}

impl Stage {
    /// The stage at which facts were decided.
    pub fn of(facts: &Facts) -> Self {
        match facts.subject.kind {
            SubjectKind::BidSubmission if facts.decided_at <= facts.reference_at => Self::OpenBid,
            SubjectKind::BidSubmission => Self::ClosedBid,
            SubjectKind::ContractAward => match facts.method {
                Some(AwardMethod::Bids | AwardMethod::Proposals) => Self::AwardOfBid,
                _ => Self::DirectAward,
            },
            SubjectKind::ContractRenewal => Self::ContractAction,
        }
    }
}

/// A decision as somebody reads it at a time. What can still be done about a finding depends on that time,
/// and on what else was decided: nothing that the firm does fixes a bid that is refused for another reason.
#[derive(Clone, Debug)]
pub struct Reading<'a> {
    policy: &'a Policy,
    decision: &'a Decision,
    facts: &'a Facts,
    /// The facts with the time of the reading as `decided_at`.
    as_read: Cow<'a, Facts>,
    standing: Standing<'a>,
    has_appealed: bool,
}

/// What has become of a bid since it was decided, so far as it changes what can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BidStanding {
    /// When bids are due (UTC): an addendum may have moved it.
    pub due_at: DateTime<Utc>,
    pub ended: Option<EndedBid>,
    /// Whether the firm has appealed against the rejection of the disclosure on which the bid rests.
    pub has_appealed: bool,
}

string_enum! {
    /// Why nothing more is decided about a bid.
    pub enum EndedBid {
        /// The firm withdrew or replaced it.
        Withdrawn,
        /// Its solicitation was canceled.
        Canceled,
    }
}

/// What a decision is worth when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing<'a> {
    /// It is stored, and the last one about its subject.
    Last,
    /// It would be made now, and is not stored.
    Preview,
    /// A later decision about the same subject, with this identifier, replaced it.
    Replaced(&'a str),
    /// The bid has ended.
    Ended(EndedBid),
}

impl<'a> Reading<'a> {
    /// A decision on `facts` that is read at `at` (UTC), or at its own time if that is later.
    #[must_use]
    pub fn new(
        policy: &'a Policy,
        facts: &'a Facts,
        decision: &'a Decision,
        at: DateTime<Utc>,
    ) -> Self {
        let as_read = if at > facts.decided_at {
            Cow::Owned(Facts { decided_at: at, ..facts.clone() })
        } else {
            Cow::Borrowed(facts)
        };
        let (standing, has_appealed) = (Standing::Last, false);
        Self { policy, decision, facts, as_read, standing, has_appealed }
    }

    /// A decision that is read when it is made.
    #[must_use]
    pub fn at_decision(policy: &'a Policy, facts: &'a Facts, decision: &'a Decision) -> Self {
        Self::new(policy, facts, decision, facts.decided_at)
    }

    /// The same decision if it is not stored, but would be made now.
    #[must_use]
    pub fn as_preview(self) -> Self {
        Self { standing: Standing::Preview, ..self }
    }

    /// The same decision if a later one, with the identifier `by` (`dec_…`), has replaced it: nothing can be
    /// done about its findings any more.
    #[must_use]
    pub fn as_replaced(self, by: &'a str) -> Self {
        Self { standing: Standing::Replaced(by), ..self }
    }

    /// The same decision about a bid of which this has become since. A refused bid is not decided again when
    /// an addendum moves its due time: until the new one the firm submits it again.
    #[must_use]
    pub fn of_bid(mut self, bid: BidStanding) -> Self {
        let BidStanding { due_at, ended, has_appealed } = bid;
        if self.is_refused() && self.as_read.reference_at != due_at {
            self.as_read.to_mut().reference_at = due_at;
        }
        if let (Some(ended), Standing::Last) = (ended, self.standing) {
            self.standing = Standing::Ended(ended);
        }
        Self { has_appealed, ..self }
    }

    /// Why nothing more is decided about the bid.
    pub(crate) const fn ended(&self) -> Option<EndedBid> {
        match self.standing {
            Standing::Ended(ended) => Some(ended),
            Standing::Last | Standing::Preview | Standing::Replaced(_) => None,
        }
    }

    /// Whether something can still be done about the decision: it is the last one, of a bid that has not
    /// ended.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.standing, Standing::Last | Standing::Preview)
    }

    /// Whether the decision is read later than it was made.
    pub(crate) fn is_read_later(&self) -> bool {
        self.as_read.decided_at > self.facts.decided_at
    }

    /// Whether the decision is not stored.
    pub(crate) const fn is_preview(&self) -> bool {
        matches!(self.standing, Standing::Preview)
    }

    /// The identifier of the later decision that replaced this one.
    pub(crate) const fn replaced_by(&self) -> Option<&'a str> {
        match self.standing {
            Standing::Replaced(by) => Some(by),
            Standing::Last | Standing::Preview | Standing::Ended(_) => None,
        }
    }

    /// The policy that was applied.
    #[must_use]
    pub const fn policy(&self) -> &'a Policy {
        self.policy
    }

    /// The decision.
    #[must_use]
    pub const fn decision(&self) -> &'a Decision {
        self.decision
    }

    /// The facts of the decision.
    #[must_use]
    pub const fn facts(&self) -> &'a Facts {
        self.facts
    }

    /// The facts with the time of the reading as `decided_at`.
    pub(crate) fn facts_as_read(&self) -> &Facts {
        &self.as_read
    }

    /// Whether the decision refuses its subject.
    pub(crate) const fn is_refused(&self) -> bool {
        matches!(self.decision.outcome, Outcome::Block)
    }

    /// Whether the bid is refused and due: it is decided again only after a waiver, a suspension or a
    /// granted appeal, whatever the firm files or answers.
    pub(crate) fn is_refused_for_good(&self) -> bool {
        Stage::of(&self.as_read) == Stage::ClosedBid && self.is_refused()
    }

    /// Whether a finding only holds a bid that another one refuses for good: what is done about it counts
    /// only if that refusal is lifted.
    pub(crate) fn depends_on_lifted_refusal(&self, finding: &Finding) -> bool {
        finding.severity == Severity::Review && self.is_refused_for_good()
    }

    /// Whether the bid was refused before it was due, so that a later due time would let the firm submit it
    /// again.
    pub(crate) fn was_refused_early(&self) -> bool {
        Stage::of(self.facts) == Stage::OpenBid && self.is_refused_for_good()
    }

    /// Whether the bid is refused and not due yet: the firm fixes it and submits it again.
    pub(crate) fn must_be_submitted_again(&self) -> bool {
        Stage::of(&self.as_read) == Stage::OpenBid && self.is_refused()
    }

    /// Whether a new filing of the firm's own is among what can be done about the findings.
    #[must_use]
    pub fn asks_for_filing(&self) -> bool {
        let is_filing = |it: &Remedy| matches!(it, Remedy::File(_) | Remedy::ListAward);
        self.decision.findings.iter().any(|it| self.list_remedies(it).iter().any(is_filing))
    }

    /// Lists what can be done about a finding of the decision: first what the firm does, then what others
    /// do. Empty for a note, in a decision that a later one replaced, and for a bid that has ended. What holds a bid that is refused
    /// for another reason has the remedies that count if that refusal is lifted.
    #[must_use]
    pub fn list_remedies(&self, finding: &Finding) -> Vec<Remedy> {
        if finding.severity == Severity::Note || !self.is_open() {
            return Vec::new();
        }
        let mut remedies = list_possible(self.policy, &self.as_read, finding);
        if self.has_appealed && finding.code() == RuleCode::DisclosureRejected {
            remedies.retain(|it| !matches!(it, Remedy::Appeal(_)));
        }
        if self.is_refused_for_good() && finding.severity == Severity::Block {
            let remains =
                |it: &Remedy| matches!(it, Remedy::Appeal(_) | Remedy::AwaitAppeal | Remedy::Waive);
            remedies.retain(remains);
        }
        if self.must_be_submitted_again() {
            for remedy in &mut remedies {
                if let Remedy::Identify(by) = remedy {
                    *by = Identifying::NextSubmission;
                }
            }
        }
        remedies
    }
}

/// Lists what can be done about a finding of a decision on `facts`, if nothing else was decided.
fn list_possible(policy: &Policy, facts: &Facts, finding: &Finding) -> Vec<Remedy> {
    let case = Case { policy, facts };
    let stage = Stage::of(facts);
    let mut remedies = Vec::new();
    match &finding.detail {
        FindingDetail::DisclosureMissing { .. }
        | FindingDetail::DisclosureStale { .. }
        | FindingDetail::DisclosureOutdatedTerms { .. }
        | FindingDetail::ExemptionFollowUpOverdue { .. } => {
            remedies.extend(case.own_filing(finding));
        }
        FindingDetail::DisclosureRejected { has_open_appeal: true, .. } => {
            remedies.push(Remedy::AwaitAppeal);
        }
        FindingDetail::DisclosureRejected { appeal_until, .. } => {
            remedies.extend(case.own_filing(finding));
            remedies.extend(case.appeal_until(*appeal_until));
        }
        // Nobody reviews the grounds of a filing that is rejected.
        FindingDetail::DisclosurePartlyWithheld { .. } if case.is_applicable_rejected() => {
            remedies.extend(case.own_filing(finding));
        }
        FindingDetail::DisclosurePartlyWithheld { .. } => remedies.push(Remedy::AwaitReviewer),
        FindingDetail::ClarificationOpen { .. } | FindingDetail::ClarificationOverdue { .. } => {
            remedies.push(Remedy::AnswerQuestion);
        }
        FindingDetail::PartyUnidentified { .. } => remedies.push(Remedy::Identify(match stage {
            Stage::OpenBid | Stage::ClosedBid | Stage::AwardOfBid => Identifying::Bidder,
            Stage::DirectAward => Identifying::Officer,
            Stage::ContractAction => Identifying::Reviewer,
        })),
        FindingDetail::MemberMissingDisclosure { .. } => {
            remedies.extend(case.filing_time(finding, finding.cure_by).map(Remedy::PartyFiles));
        }
        FindingDetail::SubcontractorMissingDisclosure { .. } => {
            remedies.extend(case.filing_time(finding, finding.cure_by).map(Remedy::PartyFiles));
            if matches!(stage, Stage::OpenBid | Stage::DirectAward) {
                remedies.push(Remedy::NameAnother);
            }
            if case.may_substitute(finding, stage) {
                remedies.push(Remedy::Substitute);
            }
        }
        FindingDetail::ClauseMissing { .. } => remedies.push(Remedy::AddClause),
        FindingDetail::AwardProbablyUndisclosed { .. } => {
            remedies.extend([Remedy::ListAward, Remedy::AwaitReviewer]);
        }
        FindingDetail::AwardResponseOpen { respond_until, .. } => {
            remedies.push(Remedy::ListAward);
            remedies.extend(match case.answer_of(finding) {
                None => Some(Remedy::AnswerNotice(*respond_until)),
                Some(AnswerState::Open) => Some(Remedy::AwaitReviewer),
                Some(AnswerState::Upheld) => None,
            });
            remedies.extend(case.confirmation_appeal(finding));
        }
        FindingDetail::AwardConfirmedUndisclosed { .. } => {
            remedies.push(Remedy::ListAward);
            remedies.extend(case.confirmation_appeal(finding));
        }
        FindingDetail::AwardUnderAppeal { .. } => {
            remedies.extend([Remedy::ListAward, Remedy::AwaitAppeal]);
        }
        FindingDetail::DisclosureCorrected { .. }
        | FindingDetail::AwardOutOfScope { .. }
        | FindingDetail::ExemptionApplied { .. }
        | FindingDetail::ExemptionTermExceeded { .. }
        | FindingDetail::AgreementDisclosed { .. }
        | FindingDetail::SharesCityData { .. }
        | FindingDetail::SharesWithDhs { .. }
        | FindingDetail::WaiverApplied { .. }
        | FindingDetail::PolicySuspended { .. } => {}
    }
    // What holds a bid ends with its own remedy, and a bid that is not due can be fixed; a waiver is for
    // what refuses anything else.
    if finding.severity == Severity::Block && stage != Stage::OpenBid {
        remedies.push(Remedy::Waive);
    }
    remedies
}

impl Case<'_> {
    /// Whether the firm's applicable filing is rejected.
    fn is_applicable_rejected(&self) -> bool {
        applicable_filing(self.policy, self.facts)
            .is_some_and(|own| own.filing.review == ReviewState::Rejected)
    }

    /// A new filing of the firm that removes a finding about its own filing, with its time. One filing
    /// has to cure all defects of the filing that it follows, so the earliest deadline counts.
    fn own_filing(&self, finding: &Finding) -> Option<Remedy> {
        let PartyFacts { disclosure, later_filings, .. } = &self.facts.organization;
        let in_effect = disclosure.as_ref().map(|it| &it.filing);
        let mut defects = self.list_defects(in_effect);
        let is_conditional = finding.code() != RuleCode::DisclosureRejected
            && in_effect.is_some_and(|it| self.needs_lifted_rejection(it));
        if is_conditional {
            // If the rejection is lifted, it was no defect.
            defects.retain(|code| *code != RuleCode::DisclosureRejected);
        }
        let end = self.earliest_cure_deadline(&defects);
        let end = end.filter(|end| self.facts.decided_at < *end);
        let mut time = self.filing_time(finding, end)?;
        if let FilingEnd::Cure { is_conditional: depends, .. } = &mut time.until {
            *depends = is_conditional;
            let filed = self.find_curing_filing(&defects, later_filings, |it| it.filing.filed_at);
            if is_conditional && filed.is_some_and(|it| self.is_current(Some(&it.filing))) {
                return Some(Remedy::AwaitLiftedRejection);
            }
        }
        Some(Remedy::File(time))
    }

    /// Whether a new filing after a rejected one counts only if the rejection is lifted on appeal: the
    /// appeal is open, or the rejection refuses the bid and the firm may still appeal.
    fn needs_lifted_rejection(&self, filing: &FilingStatus) -> bool {
        if filing.has_open_appeal {
            return true;
        }
        let code = RuleCode::DisclosureRejected;
        let refuses = self.policy.severity(code, self.facts.subject.kind) == Some(Severity::Block)
            && self.cure_deadline(code).is_none_or(|end| end <= self.facts.decided_at)
            && !is_suspended_or_waived(self.facts, code);
        let appeal_by = filing.rejection.as_ref().and_then(|it| it.appeal_by);
        let calendar = self.policy.calendar();
        filing.review == ReviewState::Rejected
            && refuses
            && self.appeal_until(appeal_by.map(|at| calendar.last_date_before(at))).is_some()
    }

    /// The time in which a filing removes a finding that can be cured until `cure_by`; none if no
    /// filing does any more.
    fn filing_time(&self, finding: &Finding, cure_by: Option<DateTime<Utc>>) -> Option<FilingTime> {
        let until = match (Stage::of(self.facts), cure_by) {
            (Stage::AwardOfBid | Stage::DirectAward | Stage::ContractAction, _) => {
                FilingEnd::NextAttempt
            }
            (Stage::OpenBid | Stage::ClosedBid, Some(end)) => {
                FilingEnd::Cure { end, is_conditional: false }
            }
            (Stage::OpenBid, None) => FilingEnd::BidsDue,
            (Stage::ClosedBid, None) if finding.severity == Severity::Block => return None,
            (Stage::ClosedBid, None) => FilingEnd::Award,
        };
        Some(FilingTime { from: self.first_fresh_date(), until })
    }

    /// The first local date on which a filing is not stale at the reference time, if it is after the
    /// decision.
    fn first_fresh_date(&self) -> Option<NaiveDate> {
        let calendar = self.policy.calendar();
        let days = u64::from(self.policy.parameters().freshness_days.value);
        let reference = calendar.local_date(self.facts.reference_at);
        let first = reference.checked_sub_days(Days::new(days))?;
        (first > calendar.local_date(self.facts.decided_at)).then_some(first)
    }

    /// An appeal, if a last local date for it is set and not over.
    fn appeal_until(&self, until: Option<NaiveDate>) -> Option<Remedy> {
        let today = self.policy.calendar().local_date(self.facts.decided_at);
        until.filter(|until| today <= *until).map(Remedy::Appeal)
    }

    /// The notice of the match that a finding is about.
    fn notice_of(&self, finding: &Finding) -> Option<&NoticeFacts> {
        let id = finding.path.last()?;
        let mut matched = self.facts.awards.iter().filter(|it: &&AwardFacts| it.id == *id);
        matched.find_map(|it| it.notice.as_ref())
    }

    /// What became of the firm's answer to the notice of the match that a finding is about.
    pub(crate) fn answer_of(&self, finding: &Finding) -> Option<AnswerState> {
        self.notice_of(finding)?.answer
    }

    /// An appeal against the confirmation of the match that a finding is about, if it is open.
    fn confirmation_appeal(&self, finding: &Finding) -> Option<Remedy> {
        let appeal_by = self.notice_of(finding)?.appeal_by?;
        self.appeal_until(Some(self.policy.calendar().last_date_before(appeal_by)))
    }

    /// Whether the policy lets the department grant another subcontractor here: for a bid that is due
    /// and not refused, at the award to it, and on a contract that has not ended.
    fn may_substitute(&self, finding: &Finding, stage: Stage) -> bool {
        let is_possible = match stage {
            Stage::OpenBid | Stage::DirectAward => false,
            Stage::ClosedBid => finding.severity != Severity::Block,
            Stage::AwardOfBid => true,
            Stage::ContractAction => self.has_running_contract(),
        };
        is_possible
            && self.policy.parameters().substitution_rule(self.facts.is_public_works).is_some()
    }

    /// Whether the contract of an action has not ended. In facts that do not tell its last day it certainly
    /// runs if the action begins later.
    fn has_running_contract(&self) -> bool {
        match self.facts.contract.as_ref().and_then(|it| it.runs_until) {
            Some(last) => self.policy.calendar().local_date(self.facts.decided_at) <= last,
            None => self.facts.decided_at < self.facts.reference_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::ContractFacts;
    use crate::samples::{facts, policy, subcontractor};
    use crate::{ContractAction, decide};

    /// What can be done about a subcontractor without a disclosure when an action begins today.
    fn remedies_of_action(signed_on: NaiveDate, runs_until: Option<NaiveDate>) -> Vec<Remedy> {
        let mut facts = facts();
        facts.subject.kind = SubjectKind::ContractRenewal;
        facts.action = Some(ContractAction::Option);
        facts.is_public_works = true;
        facts.reference_at = facts.decided_at;
        facts.subcontractors = vec![subcontractor("paint", 9_000_000, None)];
        facts.contract = Some(ContractFacts {
            clause_version: Some(1),
            signed_on,
            is_under_ordinance: true,
            clause_added_on: None,
            ends_on: None,
            runs_until,
        });
        let decision = decide(&policy(), &facts);
        let code = RuleCode::SubcontractorMissingDisclosure;
        let finding = decision.findings.iter().find(|it| it.code() == code).expect("a finding");
        Reading::at_decision(&policy(), &facts, &decision).list_remedies(finding)
    }

    #[test]
    fn a_subcontractor_is_substituted_on_a_contract_until_its_last_day() {
        let today = policy().calendar().local_date(facts().decided_at);
        let (yesterday, tomorrow) = (today.pred_opt(), today.succ_opt());
        for (runs_until, expected) in
            [(tomorrow, true), (Some(today), true), (yesterday, false), (None, false)]
        {
            let remedies = remedies_of_action(today, runs_until);
            assert_eq!(remedies.contains(&Remedy::Substitute), expected, "{runs_until:?}");
        }
    }
}
