//! The message of each finding: what was found.
use super::{
    award, format_date, format_stored_date, join_with_and, parse_component, pluralize,
    word_to_prose,
};
use crate::gate::{DhsComponent, Finding, Policy, RejectionReason, RuleCode, WithheldGround};
use crate::money::with_thousands_separators;

/// The sentence at the end of every message about disclosed content.
pub(in crate::gate) const NOT_HELD_AGAINST: &str =
    "For information only: a truthful disclosure is never held against a bid or a firm.";

/// Renders a finding's message: what was found, the limit that applies and, if the time to fix it
/// has ended, when it ended.
#[must_use]
pub fn render_message(finding: &Finding, policy: &Policy) -> String {
    let description = describe(finding, policy);
    match finding.value("cureEndedOn") {
        "" => description,
        ended => {
            format!("{description} The time to fix this ended on {}.", format_stored_date(ended))
        }
    }
}

fn describe(finding: &Finding, policy: &Policy) -> String {
    let parameters = policy.parameters();
    match finding.code {
        RuleCode::DisclosureMissing => format!("{} has filed no disclosure.", party_name(finding)),
        RuleCode::DisclosureStale => format!(
            "The disclosure was filed on {}, {} before the reference date, {}. A disclosure is \
            valid for {}.",
            format_stored_date(finding.value("filedOn")),
            pluralize(finding.value("days"), "day"),
            format_stored_date(finding.value("countedOn")),
            pluralize(&parameters.freshness_days.value.to_string(), "day"),
        ),
        RuleCode::DisclosureOutdatedTerms => format!(
            "The disclosure answers version {} of the policy. Version {}, in effect since {}, asks \
            different questions, and the transition period of {} has ended.",
            finding.value("policyVersion"),
            policy.version(),
            format_date(policy.effective_from()),
            pluralize(&parameters.transition_days.value.to_string(), "day"),
        ),
        RuleCode::DisclosureRejected => rejection(finding),
        RuleCode::DisclosurePartlyWithheld => withheld(finding),
        RuleCode::ClarificationOpen => format!(
            "A reviewer asked a question about {}. The answer is due by the end of {}.",
            clarified_part(finding),
            format_stored_date(finding.value("dueOn"))
        ),
        RuleCode::ClarificationOverdue => format!(
            "A reviewer asked a question about {}. The answer was due by the end of {} and is missing.",
            clarified_part(finding),
            format_stored_date(finding.value("dueOn"))
        ),
        RuleCode::MemberMissingDisclosure => {
            format!(
                "{}, a member of the joint venture, has no current disclosure.",
                party_name(finding)
            )
        }
        RuleCode::SubcontractorMissingDisclosure => {
            format!("{}, a named subcontractor, has no current disclosure.", party_name(finding))
        }
        RuleCode::ClauseMissing => clause_missing(finding, policy),
        RuleCode::DisclosureCorrected
        | RuleCode::AwardProbablyUndisclosed
        | RuleCode::AwardResponseOpen
        | RuleCode::AwardConfirmedUndisclosed
        | RuleCode::AwardUnderAppeal
        | RuleCode::AwardOutOfScope => award::message(finding),
        RuleCode::ExemptionApplied => exemption(finding),
        RuleCode::ExemptionFollowUpOverdue => format!(
            "The disclosure that an exemption ({}) deferred was due by the end of {} and is missing.",
            word_to_prose(finding.value("kind")),
            format_stored_date(finding.value("dueOn"))
        ),
        RuleCode::AgreementDisclosed => agreement(finding),
        RuleCode::SharesCityData => city_data(finding),
        RuleCode::SharesWithDhs => to_dhs(finding),
        RuleCode::WaiverApplied => format!(
            "The rule {} is waived until the end of {}, under {}.",
            finding.value("rule"),
            format_stored_date(finding.value("expiresOn")),
            finding.value("authority")
        ),
        RuleCode::PolicySuspended => suspended(finding),
    }
}

fn clause_missing(finding: &Finding, policy: &Policy) -> String {
    let required = policy.parameters().clause_version.value;
    match finding.value("carried") {
        "" => format!("The contract lacks the disclosure clause, version {required}."),
        carried => format!(
            "The contract carries version {carried} of the disclosure clause; version {required} \
            is required."
        ),
    }
}

fn exemption(finding: &Finding) -> String {
    let kind = word_to_prose(finding.value("kind"));
    let authority = finding.value("authority");
    match finding.value("dueOn") {
        "" => format!("An exemption ({kind}) was claimed under {authority}."),
        due => format!(
            "An exemption ({kind}) was claimed under {authority}. The disclosure is due by the end \
            of {}.",
            format_stored_date(due)
        ),
    }
}

fn rejection(finding: &Finding) -> String {
    let reasons: Vec<String> = finding.value("reasons").split(',').map(reason_text).collect();
    let explanation = match finding.value("explanation") {
        "" => " The reviewer's notice gives the reason.".to_owned(),
        text => format!(" The reviewer wrote: {text}"),
    };
    format!(
        "The disclosure was rejected for a reason of form{}, not for what it discloses.{explanation}{}",
        if finding.value("reasons").is_empty() {
            String::new()
        } else {
            format!(" ({})", join_with_and(&reasons))
        },
        if finding.value("appeal").is_empty() { "" } else { " The firm's appeal is open." }
    )
}

fn reason_text(word: &str) -> String {
    let reason = RejectionReason::ALL.iter().find(|reason| reason.word() == word);
    let Some(reason) = reason else { return word_to_prose(word) };
    match reason {
        RejectionReason::NotAuthorized => "the signatory is not authorized to sign for the firm",
        RejectionReason::WrongOrganization => "it is about another organization",
        RejectionReason::Contradictory => "two statements contradict each other",
        RejectionReason::Unanswered => "a required question was not answered",
    }
    .to_owned()
}

/// The part of the disclosure that a clarification request is about.
fn clarified_part(finding: &Finding) -> String {
    match finding.value("about") {
        "" => "the disclosure".to_owned(),
        path => format!("the disclosure's {path}"),
    }
}

fn suspended(finding: &Finding) -> String {
    let rules = finding.value("rules");
    let rules: Vec<String> = rules.split(',').map(str::to_owned).collect();
    let subject = match &rules[..] {
        [all] if all.is_empty() => "This policy is suspended".to_owned(),
        [rule] => format!("The rule {rule} is suspended"),
        rules => format!("The rules {} are suspended", join_with_and(rules)),
    };
    format!("{subject} by {}.", finding.value("citation"))
}

fn party_name(finding: &Finding) -> &str {
    let name = finding.value("name");
    if name.is_empty() { "The organization" } else { name }
}

fn withheld(finding: &Finding) -> String {
    let grounds: Vec<String> = finding.value("grounds").split(',').map(ground_text).collect();
    format!(
        "{} of the disclosure {} withheld, on these grounds: {}.",
        pluralize(finding.value("parts"), "part"),
        if finding.value("parts") == "1" { "is" } else { "are" },
        join_with_and(&grounds),
    )
}

fn ground_text(word: &str) -> String {
    let ground = WithheldGround::ALL.iter().find(|ground| ground.word() == word);
    let Some(ground) = ground else { return word_to_prose(word) };
    match ground {
        WithheldGround::Classified => "classified information",
        WithheldGround::SensitiveOrControlled => {
            "sensitive security or controlled unclassified information"
        }
        WithheldGround::StatuteOrCourtOrder => "a statute or a court's order",
        WithheldGround::NonDisclosureAgreement => "a non-disclosure agreement",
        WithheldGround::TradeSecret => "a trade secret",
    }
    .to_owned()
}

fn agreement(finding: &Finding) -> String {
    let component_name = finding.value("componentName");
    let component = match parse_component(finding.value("component")) {
        Some(DhsComponent::Other) if !component_name.is_empty() => component_name.to_owned(),
        Some(component) => component.label().to_owned(),
        None => "A Homeland Security component that is withheld".to_owned(),
    };
    let agreements = finding.value("agreements");
    let is = if agreements == "1" { "is" } else { "are" };
    let work = words_to_prose(finding.value("natures"));
    format!(
        "{component}: {} {is} disclosed{}, {}. {NOT_HELD_AGAINST}",
        pluralize(agreements, "agreement"),
        if work.is_empty() { work } else { format!(" ({work})") },
        total_value(finding),
    )
}

/// The agreements' total value. Unknown and withheld amounts are mentioned and never count as 0.
fn total_value(finding: &Finding) -> String {
    let [all, unknown, not_asked] =
        ["agreements", "unknown", "notAsked"].map(|name| finding.value(name));
    let sums = finding.value("total").split(", ").filter_map(|sum| sum.split_once(' '));
    let sums: Vec<String> = sums
        .map(|(amount, currency)| format!("{currency} {}", with_thousands_separators(amount)))
        .collect();
    let known = if sums.is_empty() {
        String::new()
    } else {
        format!("worth {} in total", join_with_and(&sums))
    };
    let excluded = match (unknown, known.is_empty()) {
        ("", _) => String::new(),
        ("1", false) => "excluding 1 whose amount is unknown or withheld".to_owned(),
        (_, false) => format!("excluding {unknown} whose amounts are unknown or withheld"),
        (_, true) if unknown == all => "for an amount that is unknown or withheld".to_owned(),
        (_, true) => format!("{unknown} for an amount that is unknown or withheld"),
    };
    let short = match not_asked {
        "" => String::new(),
        _ if not_asked == all => "in the short form, which asks for no amount".to_owned(),
        _ => format!("{not_asked} in the short form, which asks for no amount"),
    };
    let parts = [known, excluded, short].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(", ")
}

/// Converts a stored list of enum words to prose: `detention; transportation and removal`.
fn words_to_prose(stored: &str) -> String {
    stored.split(',').map(word_to_prose).collect::<Vec<_>>().join("; ")
}

fn city_data(finding: &Finding) -> String {
    let recipients = words_to_prose(finding.value("recipients"));
    format!(
        "City data is shared under {}{}. {NOT_HELD_AGAINST}",
        pluralize(finding.value("arrangements"), "disclosed arrangement"),
        if recipients.is_empty() { recipients } else { format!(" ({recipients})") },
    )
}

fn to_dhs(finding: &Finding) -> String {
    let components = finding.value("components").split(',').filter_map(parse_component);
    let names: Vec<String> = components.map(|component| component.label().to_owned()).collect();
    let mut sentences = Vec::new();
    if !names.is_empty() {
        sentences.push(format!(
            "The firm disclosed that it shares data with: {}.",
            join_with_and(&names)
        ));
    }
    for (name, transfer) in [
        ("onwardKnown", "passes data on to a component of the Department of Homeland Security"),
        ("onwardAllowed", "may pass data on to a component of the Department of Homeland Security"),
    ] {
        let count = finding.value(name);
        if !count.is_empty() {
            let under = pluralize(count, "arrangement");
            sentences.push(format!("Under {under}, the recipient {transfer}."));
        }
    }
    sentences.push(NOT_HELD_AGAINST.to_owned());
    sentences.join(" ")
}
