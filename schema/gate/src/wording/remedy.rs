//! The remedy of each finding: what to do.
use chrono::NaiveDate;

use super::{format_date, format_deadline, format_time, join_with_and, word_to_prose};
use crate::rules::remedies::{
    EndedBid, FilingEnd, FilingTime, Identifying, Reading, Remedy, Stage,
};
use crate::{Facts, Finding, FindingDetail, PartyRole, Policy, RuleCode, Severity, SubjectKind};

/// Renders what to do about a finding of a decision and by when, or that no action is needed. Where nothing
/// removes the finding any more, it says so and names what is left.
#[must_use]
pub fn render_remedy(finding: &Finding, reading: &Reading<'_>) -> String {
    if finding.severity == Severity::Note {
        return "No action is needed.".into();
    }
    if reading.replaced_by().is_some() {
        return "See the later decision, which has replaced this one.".into();
    }
    if let Some(ended) = reading.ended() {
        return format!("No action is needed: {}.", ended_text(ended));
    }
    let remedies = reading.list_remedies(finding);
    let text = Text {
        finding,
        policy: reading.policy(),
        facts: reading.facts_as_read(),
        is_preview: reading.is_preview(),
    };
    let mut sentences = Vec::new();
    let is_refused = reading.is_refused_for_good();
    if is_refused {
        let has_appeal = remedies.iter().any(|it| matches!(it, Remedy::Appeal(_)));
        sentences.push(text.why_nothing_helps(reading.was_refused_early(), has_appeal));
    }
    if reading.depends_on_lifted_refusal(finding) && !remedies.is_empty() {
        sentences.push("If it is lifted, this remains to be done:".to_owned());
    }
    sentences.extend(remedies.iter().map(|remedy| text.sentence(remedy)));
    if reading.must_be_submitted_again()
        && finding.severity == Severity::Block
        && remedies.iter().any(Remedy::is_of_firm)
    {
        let again = if reading.is_preview() { "" } else { " again" };
        sentences.push(format!("Then submit the bid{again} by {}.", text.due()));
    }
    if is_refused && finding.severity == Severity::Block {
        sentences.push(text.next_bid().to_owned());
    }
    sentences.join(" ")
}

/// The finding whose remedy is rendered, with its policy and facts.
struct Text<'a> {
    finding: &'a Finding,
    policy: &'a Policy,
    facts: &'a Facts,
    is_preview: bool,
}

impl Text<'_> {
    /// Says that nothing fixes a refused bid any more; if it was refused before it was due, until when it
    /// could have been submitted again.
    fn why_nothing_helps(&self, was_refused_early: bool, has_appeal: bool) -> String {
        let reason = if self.finding.severity != Severity::Block {
            "The bid is refused for another reason: unless that refusal is lifted, nothing that the firm \
            does about this changes the decision"
        } else if has_appeal {
            "A new disclosure no longer changes this decision"
        } else {
            "Nothing that the firm does now changes this decision"
        };
        if was_refused_early {
            let due = format_time(self.facts.reference_at, self.policy.calendar());
            format!("{reason}: bids were due {due}.")
        } else {
            format!("{reason}.")
        }
    }

    fn sentence(&self, remedy: &Remedy) -> String {
        let policy = self.policy;
        match remedy {
            Remedy::File(time) => self.file(*time),
            Remedy::PartyFiles(time) => {
                format!("Have the {} file its own disclosure{}.", self.party(), self.until(*time))
            }
            Remedy::NameAnother if Stage::of(self.facts) == Stage::DirectAward => {
                "Or the contract officer names another subcontractor in the award.".into()
            }
            Remedy::NameAnother => {
                format!("Or submit a bid that names another subcontractor by {}.", self.due())
            }
            Remedy::ListAward => self.list_award(),
            Remedy::AnswerQuestion => self.answer(),
            Remedy::AnswerNotice(until) => format!(
                "If the award need not be in the disclosure, say why in an answer to the notice by {}; \
                a reviewer then decides.",
                self.last_day(*until)
            ),
            Remedy::Appeal(until) => format!(
                "The firm may appeal until {}, {} business days from the notice; {} decides.",
                self.last_day(*until),
                policy.parameters().appeal_days.value,
                policy.parameters().appeal_body(),
            ),
            Remedy::Identify(by) => identify(*by, self.is_preview).into(),
            Remedy::AddClause => format!(
                "The contracting department adds the clause, version {}, to the contract and records \
                that it did.",
                policy.parameters().clause_version.value
            ),
            Remedy::Substitute => self.substitute(),
            Remedy::Waive => self.waive(),
            Remedy::AwaitReviewer => self.await_reviewer().into(),
            Remedy::AwaitAppeal => format!(
                "No action is needed now: {} decides the appeal.",
                policy.parameters().appeal_body()
            ),
            Remedy::AwaitLiftedRejection => {
                "The firm has filed a new disclosure since. It counts only if the rejection of the earlier \
                one is lifted on appeal."
                    .into()
            }
        }
    }

    fn file(&self, time: FilingTime) -> String {
        let until = self.until(time);
        let filing = match &self.finding.detail {
            FindingDetail::DisclosureMissing { .. } => format!(
                "File a disclosure{until}. For agreements and for data sharing, list each one or state \
                that there are none."
            ),
            FindingDetail::DisclosureStale { .. } => format!(
                "File a new disclosure{until}; if nothing has changed, reaffirm the last one in one step."
            ),
            FindingDetail::DisclosureOutdatedTerms { .. } => format!(
                "File a new disclosure that answers the questions of {} of the policy{until}.",
                self.policy.version_name()
            ),
            FindingDetail::DisclosureRejected { .. } => {
                format!("Fix what the reviewer's notice names and file a new disclosure{until}.")
            }
            FindingDetail::DisclosurePartlyWithheld { .. } => {
                format!("This disclosure is rejected: file a new one{until}.")
            }
            _ => format!("File the deferred disclosure{until}."),
        };
        match time.until {
            FilingEnd::Cure { is_conditional: true, .. } => {
                format!(
                    "{filing} It counts only if the rejection of the earlier one is lifted on appeal."
                )
            }
            _ => filing,
        }
    }

    /// The time of a filing, after a blank.
    fn until(&self, time: FilingTime) -> String {
        let until = match time.until {
            FilingEnd::BidsDue => format!("by {}", self.due()),
            FilingEnd::Cure { end, .. } => format!("by {}", format_deadline(end, self.policy)),
            FilingEnd::Award => {
                "before the award, which is decided anew; the bid stays held until then".into()
            }
            FilingEnd::NextAttempt => format!("before {}", self.next_attempt()),
        };
        match time.from {
            Some(from) => format!(" on {} or later, and {until}", format_date(from)),
            None => format!(" {until}"),
        }
    }

    /// A local day that counts in full, such as `the end of Monday, November 30, 2026 (Los Angeles time)`.
    fn last_day(&self, day: NaiveDate) -> String {
        let city = self.policy.calendar().timezone_city();
        format!("the end of {} ({city} time)", format_date(day))
    }

    const fn next_attempt(&self) -> &'static str {
        match self.facts.subject.kind {
            SubjectKind::ContractRenewal => {
                "the department tries again to carry out the contract action"
            }
            SubjectKind::ContractAward | SubjectKind::BidSubmission => {
                "the department tries again to award the contract"
            }
        }
    }

    fn due(&self) -> String {
        let time = format_time(self.facts.reference_at, self.policy.calendar());
        format!("{time}, when bids are due")
    }

    const fn party(&self) -> &'static str {
        match self.finding.detail {
            FindingDetail::MemberMissingDisclosure { .. }
            | FindingDetail::PartyUnidentified { role: PartyRole::Member, .. } => "member",
            _ => "subcontractor",
        }
    }

    fn list_award(&self) -> String {
        let is_confirmed = !matches!(
            self.finding.detail,
            FindingDetail::AwardProbablyUndisclosed { .. } | FindingDetail::AwardUnderAppeal { .. }
        );
        if is_confirmed {
            "File a new disclosure that lists the award; it counts at any time.".into()
        } else {
            "If the award belongs in the disclosure, the firm may file a new disclosure that lists it at \
            any time."
                .into()
        }
    }

    fn answer(&self) -> String {
        match self.finding.detail {
            FindingDetail::ClarificationOpen { due_on, .. } => {
                format!("Answer the reviewer's question by {}.", self.last_day(due_on))
            }
            _ => match self.facts.subject.kind {
                SubjectKind::BidSubmission => {
                    let at_award = self
                        .policy
                        .severity(RuleCode::ClarificationOverdue, SubjectKind::ContractAward);
                    let blocks = match at_award {
                        Some(Severity::Block) => "cannot be made",
                        Some(Severity::Review) => "is held",
                        Some(Severity::Note) | None => "is decided without it",
                    };
                    format!(
                        "Answer the reviewer's question now: a late answer counts, and without one the \
                        award {blocks}."
                    )
                }
                SubjectKind::ContractAward | SubjectKind::ContractRenewal => {
                    format!(
                        "Answer the reviewer's question before {}: a late answer counts.",
                        self.next_attempt()
                    )
                }
            },
        }
    }

    fn substitute(&self) -> String {
        let rule = self.policy.parameters().substitution_rule(self.facts.is_public_works);
        let Some(rule) = rule else { return String::new() };
        let grounds: Vec<String> =
            rule.grounds.iter().map(|it| word_to_prose(it.as_str())).collect();
        format!(
            "The department may grant another subcontractor on a ground of {} ({}); a missing disclosure \
            alone is none of them, and the firm has no right to it.",
            rule.citation,
            join_with_and(&grounds)
        )
    }

    fn waive(&self) -> String {
        let subject = match self.facts.subject.kind {
            SubjectKind::BidSubmission => "bid",
            SubjectKind::ContractAward => "award",
            SubjectKind::ContractRenewal => "contract",
        };
        let authority = if self.policy.parameters().waivers.value.authority_required {
            ", citing its authority"
        } else {
            ""
        };
        format!(
            "The department may ask the City to waive this rule for this {subject}{authority}; another \
            person decides, and the firm has no right to it."
        )
    }

    const fn await_reviewer(&self) -> &'static str {
        match self.finding.detail {
            FindingDetail::DisclosurePartlyWithheld { .. } => {
                "No action is needed now: a reviewer checks the grounds and asks if something is unclear."
            }
            FindingDetail::AwardResponseOpen { .. } => {
                "Otherwise no action is needed now: the firm has answered the notice, and a reviewer decides."
            }
            _ => {
                "Otherwise no action is needed now: a reviewer checks the award, and the firm is \
                notified of the result."
            }
        }
    }

    /// What to do before the next bid, after one that is refused for good.
    const fn next_bid(&self) -> &'static str {
        match self.finding.detail {
            FindingDetail::MemberMissingDisclosure { .. } => {
                "Before the next bid, have the member file its own disclosure."
            }
            FindingDetail::SubcontractorMissingDisclosure { .. } => {
                "Before the next bid, have the subcontractor file its own disclosure, or name another."
            }
            _ => "For the next bid, have a current disclosure on file before bids are due.",
        }
    }
}

/// Says why nothing more is decided about a bid, as a clause.
pub(crate) const fn ended_text(ended: EndedBid) -> &'static str {
    match ended {
        EndedBid::Withdrawn => "the firm has withdrawn this bid, or replaced it",
        EndedBid::Canceled => "the solicitation was canceled",
    }
}

const fn identify(by: Identifying, is_preview: bool) -> &'static str {
    match by {
        Identifying::Bidder | Identifying::NextSubmission if is_preview => {
            "Look the firm up by its name or number, and name it by its number when the bid is submitted. A \
            firm that is not registered yet registers under that name or number first. Whether it has a \
            current disclosure is checked next."
        }
        Identifying::NextSubmission => {
            "Look the firm up by its name or number, and name it by its number when the bid is submitted \
            again. A firm that is not registered yet registers under that name or number first. Whether it \
            has a current disclosure is checked next."
        }
        Identifying::Bidder => {
            "Look the firm up, and choose the one that has the number or the exact name that was given. A \
            firm that is not registered yet registers under that name or number first. A reviewer can also \
            choose it. Whether the chosen firm has a current disclosure is checked next."
        }
        Identifying::Officer => {
            "The contract officer names the firm by its number, or chooses the right one, when the \
            contract is awarded. A firm that is not registered yet registers first."
        }
        Identifying::Reviewer => {
            "A reviewer chooses the right firm. A firm that is not registered yet registers under that \
            name or number first."
        }
    }
}
