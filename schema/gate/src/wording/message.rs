//! The message of each finding: what was found.
use chrono::NaiveDate;

use super::award::{award_holder, describe_award, out_of_scope_text};
use super::part::describe_part;
use super::{component_in_sentence, format_date, join_with_and, pluralize, word_to_prose};
use crate::facts::{AnswerState, WithheldPart};
use crate::rules::{Case, has_filed_currently};
use crate::{
    DhsComponent, ExemptionKind, Facts, Finding, FindingDetail, Money, NatureOfWork, PartyRole,
    Policy, RecipientKind, RejectionReason, RuleCode, SubjectKind, WithheldGround,
    applicable_filing,
};

/// The sentence at the end of every message about disclosed content.
pub(crate) const NOT_HELD_AGAINST: &str =
    "For information only: a truthful disclosure is never held against a bid or a firm.";

/// Renders a finding's message: what was found, the limit that applies and, if the time to fix it
/// has ended, when it ended.
#[must_use]
pub fn render_message(finding: &Finding, policy: &Policy, facts: &Facts) -> String {
    let answer = Case { policy, facts }.answer_of(finding);
    let description = describe(&finding.detail, answer, policy, facts);
    match finding.cure_ended_on {
        None => description,
        Some(ended_on) => {
            format!("{description} The time to fix this ended on {}.", format_date(ended_on))
        }
    }
}

#[expect(clippy::too_many_lines, reason = "one arm a rule, so that no rule is forgotten")]
fn describe(
    detail: &FindingDetail,
    answer: Option<AnswerState>,
    policy: &Policy,
    facts: &Facts,
) -> String {
    let parameters = policy.parameters();
    match detail {
        FindingDetail::DisclosureMissing { name } => {
            format!("{} has no disclosure on file that counts here.", party_name(name))
        }
        FindingDetail::DisclosureStale { filed_on, counted_on, days } => format!(
            "The disclosure was filed on {}, {} before {}, {}. A disclosure is valid for {}.",
            format_date(*filed_on),
            pluralize(*days, "day"),
            match facts.subject.kind {
                SubjectKind::BidSubmission => "the day on which bids are due",
                SubjectKind::ContractAward => "the day of the award",
                SubjectKind::ContractRenewal => "the day that counts for the contract action",
            },
            format_date(*counted_on),
            pluralize(parameters.freshness_days.value, "day"),
        ),
        FindingDetail::DisclosureOutdatedTerms { policy_version } => {
            // A decision about a later day is made under the policy of that day.
            let has_begun = policy.effective_from_utc() <= facts.decided_at;
            let (since, has_ended) = if has_begun {
                ("since", "has ended")
            } else {
                ("from", "will have ended by then")
            };
            format!(
                "The disclosure answers version {policy_version} of the policy. Version {}, in effect \
                {since} {}, asks different questions, and the transition period of {} {has_ended}.",
                policy.version_label(),
                format_date(policy.effective_from()),
                pluralize(parameters.transition_days.value, "day"),
            )
        }
        FindingDetail::DisclosureRejected {
            version: _,
            has_open_appeal,
            reasons,
            explanation,
            appeal_until: _,
        } => rejection(reasons, explanation.as_deref(), *has_open_appeal),
        FindingDetail::DisclosurePartlyWithheld { parts, grounds, paths: _ } => {
            let own = applicable_filing(policy, facts);
            withheld(*parts, grounds, own.map_or(&[], |own| &own.withheld))
        }
        FindingDetail::DisclosureCorrected { award } => format!(
            "The firm amended its disclosure after notice of a federal award: {}. The disclosure \
            now covers it.",
            describe_award(award)
        ),
        FindingDetail::ClarificationOpen { due_on, about } => format!(
            "A reviewer asked a question about {}. The answer is due by the end of {}.",
            clarified_part(about),
            format_date(*due_on)
        ),
        FindingDetail::ClarificationOverdue { due_on, about } => format!(
            "A reviewer asked a question about {}. The answer was due by the end of {} and is missing.",
            clarified_part(about),
            format_date(*due_on)
        ),
        FindingDetail::PartyUnidentified { name, role } => format!(
            "{}, {}, could not be identified: no registered firm, or more than one, has the number or \
            the exact name that was given.",
            party_name(name),
            match role {
                PartyRole::Member => "a member of the joint venture",
                PartyRole::Subcontractor => "a named subcontractor",
            }
        ),
        FindingDetail::MemberMissingDisclosure { name } => {
            format!(
                "{}, a member of the joint venture, has no current disclosure.",
                party_name(name)
            )
        }
        FindingDetail::SubcontractorMissingDisclosure { name, amount: _ } => {
            format!("{}, a named subcontractor, has no current disclosure.", party_name(name))
        }
        FindingDetail::ClauseMissing { clause_version } => clause_missing(*clause_version, policy),
        FindingDetail::AwardProbablyUndisclosed { award } => format!(
            "Public data show a federal award that probably belongs to {}: {}. No disclosed \
            agreement covers it. No decision about it has been made.",
            award_holder(award.relation),
            describe_award(award)
        ),
        FindingDetail::AwardResponseOpen { award, respond_until } => {
            let until = format_date(*respond_until);
            let response = match answer {
                None => format!("may respond until the end of {until}"),
                Some(AnswerState::Open) => {
                    format!("has answered. Its time to respond ends with {until}")
                }
                Some(AnswerState::Upheld) => format!(
                    "the City has decided that it must be disclosed. The time for that ends with {until}"
                ),
            };
            format!(
                "The firm received notice of a federal award that no disclosed agreement covers, and \
                {response}: {}.",
                describe_award(award)
            )
        }
        FindingDetail::AwardConfirmedUndisclosed { award, respond_until } => format!(
            "A federal award is not in the disclosure: {}. The firm received notice, and its time \
            to respond ended on {}.",
            describe_award(award),
            format_date(*respond_until)
        ),
        FindingDetail::AwardUnderAppeal { award } => {
            format!("The firm's appeal about a federal award is open: {}.", describe_award(award))
        }
        FindingDetail::AwardOutOfScope { award, reason } => format!(
            "A federal award need not be in the disclosure, because {}: {}.",
            out_of_scope_text(*reason, award.relation),
            describe_award(award)
        ),
        FindingDetail::ExemptionApplied { kind, authority, due_on } => {
            exemption(*kind, authority, due_on.filter(|_| !has_filed_currently(policy, facts)))
        }
        FindingDetail::ExemptionTermExceeded { kind, due_on, lasts_until, ends_on } => format!(
            "An exemption ({}) was claimed, but it does not apply here: it puts the disclosure off \
            until {} and carries a contract until {} at the latest. This one lasts until {}.",
            word_to_prose(kind.as_str()),
            format_date(*due_on),
            format_date(*lasts_until),
            format_date(*ends_on)
        ),
        FindingDetail::ExemptionFollowUpOverdue { kind, due_on } => format!(
            "The disclosure that an exemption ({}) deferred was due by the end of {} and is missing.",
            word_to_prose(kind.as_str()),
            format_date(*due_on)
        ),
        FindingDetail::AgreementDisclosed {
            agreements,
            component,
            component_name,
            natures,
            totals,
            unknown,
            not_asked,
        } => {
            let component = component_label(*component, component_name.as_deref());
            let amounts = describe_amounts(*agreements, totals, *unknown, *not_asked);
            agreement(&component, *agreements, natures, &amounts)
        }
        FindingDetail::SharesCityData { arrangements, recipients } => {
            city_data(*arrangements, recipients)
        }
        FindingDetail::SharesWithDhs { direct: _, components, onward_known, onward_allowed } => {
            to_dhs(components, *onward_known, *onward_allowed)
        }
        FindingDetail::WaiverApplied { rule, authority, expires_on } => format!(
            "The rule {rule} is waived until the end of {}, under {}.",
            format_date(*expires_on),
            authority.trim_end_matches('.')
        ),
        FindingDetail::PolicySuspended { rules, citation, lifted } => {
            suspended(rules, citation, lifted)
        }
    }
}

fn clause_missing(carried: Option<u32>, policy: &Policy) -> String {
    let required = policy.parameters().clause_version.value;
    match carried {
        None => format!("The contract lacks the disclosure clause, version {required}."),
        Some(carried) => format!(
            "The contract carries version {carried} of the disclosure clause; version {required} \
            is required."
        ),
    }
}

fn exemption(kind: ExemptionKind, authority: &str, due_on: Option<NaiveDate>) -> String {
    // The sentence has its own full stop.
    let authority = authority.trim_end_matches('.');
    let kind = word_to_prose(kind.as_str());
    match due_on {
        None => format!("An exemption ({kind}) was claimed under {authority}."),
        Some(due_on) => format!(
            "An exemption ({kind}) was claimed under {authority}. The disclosure is due by the end \
            of {}.",
            format_date(due_on)
        ),
    }
}

fn rejection(
    reasons: &[RejectionReason],
    explanation: Option<&str>,
    has_open_appeal: bool,
) -> String {
    let reasons: Vec<String> = reasons.iter().map(|it| reason_text(*it).to_owned()).collect();
    let explanation = match explanation {
        None => " The reviewer's notice gives the reason.".to_owned(),
        Some(text) => format!(" The reviewer wrote: {text}"),
    };
    format!(
        "The disclosure was rejected for a reason of form{}, not for what it discloses.{explanation}{}",
        if reasons.is_empty() { String::new() } else { format!(" ({})", join_with_and(&reasons)) },
        if has_open_appeal { " The firm's appeal is open." } else { "" }
    )
}

const fn reason_text(reason: RejectionReason) -> &'static str {
    match reason {
        RejectionReason::NotAuthorized => "the signatory is not authorized to sign for the firm",
        RejectionReason::WrongOrganization => "it is about another organization",
        RejectionReason::Contradictory => "two statements contradict each other",
        RejectionReason::Unanswered => "a required question was not answered",
    }
}

/// The part of the disclosure that a clarification request is about; all of it for an empty path.
fn clarified_part(path: &[String]) -> String {
    if path.is_empty() {
        "the disclosure".to_owned()
    } else {
        format!("the disclosure ({})", describe_part(path))
    }
}

fn suspended(rules: &[RuleCode], citation: &str, lifted: &[RuleCode]) -> String {
    // The sentence has its own full stop.
    let citation = citation.trim_end_matches('.');
    let subject = match rules {
        [] => "This policy is suspended".to_owned(),
        [rule] => format!("The rule {rule} is suspended"),
        rules => format!("The rules {} are suspended", join_rules(rules)),
    };
    match lifted {
        [] => format!("{subject} by {citation}."),
        [rule] => {
            format!(
                "{subject} by {citation}. The suspension lifts a finding of the rule {rule} here."
            )
        }
        rules => format!(
            "{subject} by {citation}. The suspension lifts findings of the rules {} here.",
            join_rules(rules)
        ),
    }
}

fn join_rules(rules: &[RuleCode]) -> String {
    join_with_and(&rules.iter().map(ToString::to_string).collect::<Vec<_>>())
}

const fn party_name(name: &str) -> &str {
    if name.is_empty() { "The organization" } else { name }
}

/// The largest number of withheld parts that a message lists.
const MAX_LISTED_PARTS: usize = 20;

fn withheld(parts: usize, grounds: &[WithheldGround], listed: &[WithheldPart]) -> String {
    let summary = format!(
        "{} of the disclosure {} withheld",
        pluralize(parts, "part"),
        if parts == 1 { "is" } else { "are" },
    );
    if listed.len() != parts {
        // The filing is not the one that was found.
        let grounds: Vec<String> = grounds.iter().map(|it| ground_text(*it).to_owned()).collect();
        return format!("{summary}, on these grounds: {}.", join_with_and(&grounds));
    }
    let named = listed.iter().take(MAX_LISTED_PARTS);
    let named = named.map(|it| format!("{} ({})", describe_part(&it.path), ground_text(it.ground)));
    let more = match parts.saturating_sub(MAX_LISTED_PARTS) {
        0 => None,
        more => Some(format!("{more} more")),
    };
    let all: Vec<String> = named.chain(more).collect();
    format!("{summary}: {}.", all.join("; "))
}

const fn ground_text(ground: WithheldGround) -> &'static str {
    match ground {
        WithheldGround::Classified => "classified information",
        WithheldGround::SensitiveOrControlled => {
            "sensitive security or controlled unclassified information"
        }
        WithheldGround::StatuteOrCourtOrder => "a statute or a court's order",
        WithheldGround::NonDisclosureAgreement => "a non-disclosure agreement",
        WithheldGround::TradeSecret => "a trade secret",
    }
}

/// The component's name for letters: for `OTHER`, the firm's own name for it.
fn component_label(component: Option<DhsComponent>, name: Option<&str>) -> String {
    match (component, name) {
        (Some(DhsComponent::Other), Some(name)) => name.to_owned(),
        (Some(component), _) => component.label().to_owned(),
        (None, _) => "A Homeland Security component that is withheld".to_owned(),
    }
}

fn agreement(component: &str, count: usize, natures: &[NatureOfWork], amounts: &str) -> String {
    let work = join_words(natures.iter().map(|it| it.as_str()));
    format!(
        "{component}: {} {} disclosed{}, {amounts}. {NOT_HELD_AGAINST}",
        pluralize(count, "agreement"),
        if count == 1 { "is" } else { "are" },
        if work.is_empty() { work } else { format!(" ({work})") },
    )
}

/// Describes the agreements' total value. Unknown and withheld amounts are mentioned and never
/// count as 0.
fn describe_amounts(all: usize, totals: &[Money], unknown: usize, not_asked: usize) -> String {
    let sums: Vec<String> = totals.iter().map(ToString::to_string).collect();
    let is_known = !sums.is_empty();
    let known = is_known.then(|| format!("worth {} in total", join_with_and(&sums)));
    let excluded = match (unknown, is_known) {
        (0, _) => None,
        (1, true) => Some("excluding 1 whose amount is unknown or withheld".to_owned()),
        (_, true) => Some(format!("excluding {unknown} whose amounts are unknown or withheld")),
        (_, false) if unknown == all => {
            Some("for an amount that is unknown or withheld".to_owned())
        }
        (_, false) => Some(format!("{unknown} for an amount that is unknown or withheld")),
    };
    let short = match not_asked {
        0 => None,
        _ if not_asked == all => Some("in the short form, which asks for no amount".to_owned()),
        _ => Some(format!("{not_asked} in the short form, which asks for no amount")),
    };
    [known, excluded, short].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Joins enum words as prose: `detention; transportation and removal`.
fn join_words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(word_to_prose).collect::<Vec<_>>().join("; ")
}

fn city_data(arrangements: usize, recipients: &[RecipientKind]) -> String {
    let recipients = join_words(recipients.iter().map(|it| it.as_str()));
    format!(
        "City data is shared under {}{}. {NOT_HELD_AGAINST}",
        pluralize(arrangements, "disclosed arrangement"),
        if recipients.is_empty() { recipients } else { format!(" ({recipients})") },
    )
}

fn to_dhs(components: &[DhsComponent], onward_known: usize, onward_allowed: usize) -> String {
    let names: Vec<String> =
        components.iter().map(|it| component_in_sentence(*it).to_owned()).collect();
    let mut sentences = Vec::new();
    if !names.is_empty() {
        sentences.push(format!(
            "The firm disclosed that it shares data with: {}.",
            join_with_and(&names)
        ));
    }
    for (count, transfer) in [
        (onward_known, "passes data on to a component of the Department of Homeland Security"),
        (onward_allowed, "may pass data on to a component of the Department of Homeland Security"),
    ] {
        if count > 0 {
            let under = pluralize(count, "arrangement");
            sentences.push(format!("Under {under}, the recipient {transfer}."));
        }
    }
    sentences.push(NOT_HELD_AGAINST.to_owned());
    sentences.join(" ")
}
