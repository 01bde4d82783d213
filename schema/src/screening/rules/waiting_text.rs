//! What waits for a firm's people, in words.
use chrono::{DateTime, NaiveDate, Utc};

use crate::gate::wording::{format_date, format_deadline, render_message, render_remedy};
use crate::gate::{
    Decision, Facts, Finding, Outcome, Policy, Reading, Remedy, ReviewState, RuleCode, Severity,
};
use crate::screening::model::WaitingKind;

/// The most findings of a held bid whose remedies are written out.
const MAX_REMEDIES: usize = 3;

/// What waits for a firm's people, as a sentence needs it.
#[derive(Clone, Copy, Debug)]
pub struct WaitingFacts<'a> {
    pub kind: WaitingKind,
    /// The deadline (UTC).
    pub due_at: DateTime<Utc>,
    /// The local day of a contract, or the first one on which a filing is stale.
    pub day: Option<NaiveDate>,
    /// When the time to appeal against a confirmed match or a rejection ends (UTC, exclusive).
    pub appeal_by: Option<DateTime<Utc>>,
    /// What holds a bid.
    pub held: &'a [HeldFor],
    /// The number of the solicitation, contract or federal award.
    pub label: Option<&'a str>,
    /// The readiness of a contract, the rule that it violates, the review of a filing, or that the
    /// confirmation of a match was upheld.
    pub code: Option<&'a str>,
    pub now: DateTime<Utc>,
}

/// A finding that holds a bid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldFor {
    /// Whether it stays until the firm, or the party that it is about, does something: nobody at the City
    /// decides it.
    pub waits_for_firm: bool,
    /// What to do about it and by when, in words.
    pub remedy: String,
}

/// Lists what holds a bid at `now`, by the facts of its last decision.
#[must_use]
pub fn list_held_for(
    policy: &Policy,
    facts: &Facts,
    decision: &Decision,
    now: DateTime<Utc>,
) -> Vec<HeldFor> {
    // What can be done before bids are due is over then, although nobody has decided again.
    let reading = Reading::new(policy, facts, decision, now);
    let holding = decision.findings.iter().filter(|it| it.severity == Severity::Review);
    let held = holding.map(|finding| {
        let remedies = reading.list_remedies(finding);
        let is_of_city = |it: &Remedy| matches!(it, Remedy::AwaitReviewer | Remedy::AwaitAppeal);
        HeldFor {
            waits_for_firm: !remedies.iter().any(is_of_city)
                && remedies.iter().any(Remedy::is_of_firm),
            remedy: describe_held(finding, &reading),
        }
    });
    held.collect()
}

/// What to do about a finding; first what it is about, if the remedy alone does not name the party.
fn describe_held(finding: &Finding, reading: &Reading<'_>) -> String {
    let remedy = render_remedy(finding, reading);
    match finding.code() {
        RuleCode::PartyUnidentified
        | RuleCode::MemberMissingDisclosure
        | RuleCode::SubcontractorMissingDisclosure => {
            let message = render_message(finding, reading.policy(), reading.facts());
            format!("{message} {remedy}")
        }
        _ => remedy,
    }
}

/// Returns the kind of what waits: a bid that is held waits for whoever has to act.
#[must_use]
pub fn held_kind(stored: WaitingKind, held: &[HeldFor]) -> WaitingKind {
    if stored == WaitingKind::BidUnderReview && held.iter().any(|it| it.waits_for_firm) {
        WaitingKind::BidToAnswer
    } else {
        stored
    }
}

/// Says what waits and what to do by when, in the City's local time.
#[must_use]
pub fn describe_waiting(facts: WaitingFacts<'_>, policy: Option<&Policy>) -> String {
    let WaitingFacts { kind, due_at, day, appeal_by, held, label, code, now } = facts;
    let label = label.unwrap_or_default();
    let is_over = now >= due_at;
    let deadline = |at: DateTime<Utc>| {
        policy.map_or_else(|| format_date(at.date_naive()), |policy| format_deadline(at, policy))
    };
    let until = deadline(due_at);
    let day = format_date(day.unwrap_or_else(|| due_at.date_naive()));
    let appeal = appeal_by.filter(|end| now < *end).map(deadline);
    let appeal = appeal.map_or_else(String::new, |end| format!(", or appeal by {end}"));
    match kind {
        WaitingKind::Question if is_over => format!(
            "Answer the reviewer's question about your disclosure now. The answer was due by {until}."
        ),
        WaitingKind::Question => {
            format!("Answer the reviewer's question about your disclosure by {until}.")
        }
        WaitingKind::Match => {
            if code == Some(UPHELD) {
                format!(
                    "File a disclosure that lists federal award {label}{appeal}. The City has decided \
                     that it must be listed; without it, awards and renewals are blocked once the time to \
                     answer the notice has ended, at {until}."
                )
            } else if is_over {
                format!(
                    "File a disclosure that lists federal award {label}{appeal}. The time to answer \
                     the notice ended at {until}."
                )
            } else {
                format!(
                    "Respond to the notice about federal award {label}: file a disclosure that lists \
                     it, or say why it need not be listed by {until}{appeal}."
                )
            }
        }
        WaitingKind::BidToCure if is_over => format!(
            "Your bid on solicitation {label} is held. The time to fix it ended at {until}, and it is \
             decided again."
        ),
        WaitingKind::BidToCure => format!(
            "Fix what holds your bid on solicitation {label} by {until}.{}",
            remedies_sentence(held)
        ),
        WaitingKind::BidToAnswer => {
            format!("Your bid on solicitation {label} is held.{}", remedies_sentence(held))
        }
        WaitingKind::BidUnderReview => format!(
            "Your bid on solicitation {label} is held until the City has decided.{}",
            remedies_sentence(held)
        ),
        WaitingKind::ContractEnding => {
            format!("Contract {label} ends on {day}. {}", readiness_sentence(code))
        }
        WaitingKind::ContractNoncompliant => format!(
            "Contract {label} has been out of compliance since {day}. {}",
            remedy_sentence(code)
        ),
        WaitingKind::FilingStale => {
            let is_rejected = code == Some(ReviewState::Rejected.as_str());
            let or_reaffirm = if is_rejected { "" } else { REAFFIRM };
            if is_over {
                format!("Your disclosure has been stale since {day}. File a new one{or_reaffirm}.")
            } else {
                format!(
                    "Your disclosure becomes stale on {day}. File a new one before{or_reaffirm}."
                )
            }
        }
        WaitingKind::DisclosureRejected => format!(
            "Your disclosure was rejected for a reason of form. Fix what the reviewer's notice names and \
             file a new one{appeal}."
        ),
    }
}

/// The code of a match whose confirmation a reviewer or an appeal upheld.
const UPHELD: &str = "UPHELD";

/// A filing is reaffirmed in one step only if it still answers the questions of the policy.
const REAFFIRM: &str =
    ", or reaffirm it if neither your facts nor the City's questions have changed";

/// What to do about the findings that hold a bid, after a blank: what waits for the firm, or else what the
/// City decides.
fn remedies_sentence(held: &[HeldFor]) -> String {
    let (of_firm, of_others): (Vec<_>, Vec<_>) = held.iter().partition(|it| it.waits_for_firm);
    let mut remedies: Vec<&str> = Vec::new();
    let listed = if of_firm.is_empty() { of_others } else { of_firm };
    for HeldFor { remedy, .. } in listed {
        if !remedies.contains(&remedy.as_str()) {
            remedies.push(remedy);
        }
    }
    let rest = if remedies.len() > MAX_REMEDIES { " The bid's findings say the rest." } else { "" };
    remedies.truncate(MAX_REMEDIES);
    let sentences = remedies.iter().map(|remedy| format!(" {remedy}"));
    sentences.chain([rest.to_owned()]).collect()
}

fn readiness_sentence(code: Option<&str>) -> &'static str {
    if code == Some(Outcome::Admit.as_str()) {
        "Nothing about your disclosure would stop its renewal today."
    } else if code == Some(Outcome::Review.as_str()) {
        "Its renewal would be held today, until what its findings name is settled."
    } else {
        "It could not be renewed today. Its findings say why, and who can change it."
    }
}

fn remedy_sentence(code: Option<&str>) -> &'static str {
    match code.and_then(|code| code.parse().ok()) {
        Some(RuleCode::DisclosureStale) => {
            "File a new disclosure, or reaffirm the last one if neither your facts nor the City's \
             questions have changed."
        }
        Some(RuleCode::DisclosureOutdatedTerms) => {
            "File a disclosure that answers the current questions."
        }
        Some(RuleCode::DisclosureRejected) => {
            "Fix what the reviewer's notice names, and file a new disclosure."
        }
        Some(RuleCode::AwardConfirmedUndisclosed) => {
            "File a disclosure that lists the federal award of the notice."
        }
        Some(RuleCode::ExemptionFollowUpOverdue) => {
            "File the disclosure that the exemption put off."
        }
        _ => "File a disclosure.",
    }
}

#[cfg(test)]
mod tests {
    use super::{HeldFor, WaitingFacts, describe_waiting, held_kind};
    use crate::screening::model::WaitingKind;

    fn waiting(kind: WaitingKind, now: &str) -> WaitingFacts<'static> {
        WaitingFacts {
            kind,
            due_at: "2026-02-12T00:00:00Z".parse().expect("a time"),
            day: None,
            appeal_by: Some("2026-02-20T00:00:00Z".parse().expect("a time")),
            held: &[],
            label: Some("C-1"),
            code: Some("BLOCK"),
            now: now.parse().expect("a time"),
        }
    }

    #[test]
    fn each_text_says_what_to_do_by_when() {
        for kind in WaitingKind::ALL {
            let text = describe_waiting(waiting(*kind, "2026-02-02T20:00:00Z"), None);
            assert!(text.ends_with('.') && text.len() > 30, "{text}");
            let day = match kind {
                WaitingKind::BidUnderReview | WaitingKind::BidToAnswer => "",
                WaitingKind::DisclosureRejected => "or appeal by Friday, February 20, 2026",
                _ => "February 12, 2026",
            };
            assert!(text.contains(day), "{text}");
        }
    }

    #[test]
    fn an_appeal_is_named_until_its_day() {
        for (now, says_appeal) in [
            ("2026-02-02T20:00:00Z", true),
            ("2026-02-13T20:00:00Z", true),
            ("2026-02-20T00:00:00Z", false),
        ] {
            let text = describe_waiting(waiting(WaitingKind::Match, now), None);
            assert_eq!(
                text.contains("or appeal by Friday, February 20, 2026"),
                says_appeal,
                "{text}"
            );
        }
    }

    #[test]
    fn an_upheld_notice_asks_for_no_answer() {
        let facts = waiting(WaitingKind::Match, "2026-02-02T20:00:00Z");
        let text = describe_waiting(WaitingFacts { code: Some("UPHELD"), ..facts }, None);
        assert!(text.starts_with("File a disclosure that lists federal award C-1, or appeal by"));
        assert!(!text.contains("say why"), "{text}");
    }

    #[test]
    fn a_rejected_filing_is_not_reaffirmed() {
        for (code, says_reaffirm) in [(Some("REJECTED"), false), (Some("ACCEPTED"), true)] {
            let facts = waiting(WaitingKind::FilingStale, "2026-02-02T20:00:00Z");
            let text = describe_waiting(WaitingFacts { code, ..facts }, None);
            assert_eq!(text.contains("reaffirm"), says_reaffirm, "{text}");
        }
    }

    #[test]
    fn a_held_bid_waits_for_whoever_has_to_act() {
        let held = |waits_for_firm, remedy: &str| HeldFor { waits_for_firm, remedy: remedy.into() };
        let review = held(false, "No action is needed now.");
        let answer = held(true, "Answer the question.");
        let kind = |held: &[HeldFor]| held_kind(WaitingKind::BidUnderReview, held);
        assert_eq!(kind(&[]), WaitingKind::BidUnderReview);
        assert_eq!(kind(std::slice::from_ref(&review)), WaitingKind::BidUnderReview);
        let both = [review.clone(), answer.clone(), answer];
        assert_eq!(kind(&both), WaitingKind::BidToAnswer);
        assert_eq!(held_kind(WaitingKind::BidToCure, &both), WaitingKind::BidToCure);
        let facts = waiting(WaitingKind::BidToAnswer, "2026-02-13T20:00:00Z");
        let text = describe_waiting(WaitingFacts { held: &both, ..facts }, None);
        assert_eq!(text, "Your bid on solicitation C-1 is held. Answer the question.");
        let many: Vec<_> = (0..9).map(|it| held(true, &format!("Do {it}."))).collect();
        let text = describe_waiting(WaitingFacts { held: &many, ..facts }, None);
        assert!(text.ends_with("Do 2. The bid's findings say the rest."), "{text}");
    }
}
