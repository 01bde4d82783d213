//! What was found.
use super::{award, component, counted, date, day, listed, prose};
use crate::gate::{DhsComponent, Finding, Policy, RejectionReason, RuleCode, WithheldGround};
use crate::money::with_thousands_separators;

/// What a truthful disclosure always carries.
pub(in crate::gate) const NOT_HELD_AGAINST: &str =
    "It is noted only: a true statement, whatever it says, is never held against a bid or a firm.";

/// What a finding says: what was found, against which measure, and that the time to mend it is
/// over, if it is.
#[must_use]
pub fn message(finding: &Finding, policy: &Policy) -> String {
    let found = found(finding, policy);
    match finding.value("cureEndedOn") {
        "" => found,
        ended => format!("{found} The time to mend it ended on {}.", date(ended)),
    }
}

fn found(finding: &Finding, policy: &Policy) -> String {
    let parameters = policy.parameters();
    match finding.code {
        RuleCode::DisclosureMissing => format!("{} has filed no disclosure.", who(finding)),
        RuleCode::DisclosureStale => format!(
            "The disclosure was filed on {}, {} before the date that counts, {}. A disclosure \
            counts for {}.",
            date(finding.value("filedOn")),
            counted(finding.value("days"), "day"),
            date(finding.value("countedOn")),
            counted(&parameters.freshness_days.value.to_string(), "day"),
        ),
        RuleCode::DisclosureOutdatedTerms => format!(
            "The disclosure answers version {} of the policy. Version {}, which began on {}, asks \
            other questions, and the {} in which the old answers still counted are over.",
            finding.value("policyVersion"),
            policy.version(),
            day(policy.effective_from()),
            counted(&parameters.transition_days.value.to_string(), "day"),
        ),
        RuleCode::DisclosureRejected => rejected(finding),
        RuleCode::DisclosurePartlyWithheld => withheld(finding),
        RuleCode::ClarificationOpen => format!(
            "A reviewer's question about {} is waiting for an answer, until the end of {}.",
            about(finding),
            date(finding.value("dueOn"))
        ),
        RuleCode::ClarificationOverdue => format!(
            "A reviewer's question about {} was to be answered by the end of {}, and was not.",
            about(finding),
            date(finding.value("dueOn"))
        ),
        RuleCode::MemberMissingDisclosure => {
            format!("{}, a member of the joint venture, has no current disclosure.", who(finding))
        }
        RuleCode::SubcontractorMissingDisclosure => {
            format!("{}, a named subcontractor, has no current disclosure.", who(finding))
        }
        RuleCode::ClauseMissing => clause_missing(finding, policy),
        RuleCode::DisclosureCorrected
        | RuleCode::AwardProbablyUndisclosed
        | RuleCode::AwardResponseOpen
        | RuleCode::AwardConfirmedUndisclosed
        | RuleCode::AwardUnderAppeal
        | RuleCode::AwardOutOfScope => award::message(finding),
        RuleCode::ExemptionApplied => exempted(finding),
        RuleCode::ExemptionFollowUpOverdue => format!(
            "The disclosure that an exemption ({}) put off was due by the end of {}, and is not in.",
            prose(finding.value("kind")),
            date(finding.value("dueOn"))
        ),
        RuleCode::AgreementDisclosed => agreement(finding),
        RuleCode::SharesCityData => city_data(finding),
        RuleCode::SharesWithDhs => to_dhs(finding),
        RuleCode::WaiverApplied => format!(
            "The rule {} is waived until the end of {}, on the authority of {}.",
            finding.value("rule"),
            date(finding.value("expiresOn")),
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

fn exempted(finding: &Finding) -> String {
    let kind = prose(finding.value("kind"));
    let authority = finding.value("authority");
    match finding.value("dueOn") {
        "" => format!("An exemption ({kind}) was claimed, on the authority of {authority}."),
        due => format!(
            "An exemption ({kind}) was claimed, on the authority of {authority}: the disclosure \
            follows by the end of {}.",
            date(due)
        ),
    }
}

fn rejected(finding: &Finding) -> String {
    let reasons: Vec<String> = finding.value("reasons").split(',').map(reason).collect();
    let explained = match finding.value("explanation") {
        "" => " The reviewer's notice says which.".to_owned(),
        words => format!(" The reviewer wrote: {words}"),
    };
    format!(
        "The disclosure was rejected for a reason of form{}, not for what it discloses.{explained}{}",
        if finding.value("reasons").is_empty() {
            String::new()
        } else {
            format!(" ({})", listed(&reasons))
        },
        if finding.value("appeal").is_empty() { "" } else { " The firm's appeal is open." }
    )
}

fn reason(word: &str) -> String {
    let reason = RejectionReason::ALL.iter().find(|reason| reason.word() == word);
    let Some(reason) = reason else { return prose(word) };
    match reason {
        RejectionReason::NotAuthorised => "who signed may not sign for the firm",
        RejectionReason::WrongOrganization => "it is about another organization",
        RejectionReason::Contradictory => "it says two things that cannot both be so",
        RejectionReason::Unanswered => "a question was not answered",
    }
    .to_owned()
}

/// The part that a question is about.
fn about(finding: &Finding) -> String {
    match finding.value("about") {
        "" => "the disclosure".to_owned(),
        path => format!("the disclosure's {path}"),
    }
}

fn suspended(finding: &Finding) -> String {
    let rules = finding.value("rules");
    let rules: Vec<String> = rules.split(',').map(str::to_owned).collect();
    let what = match &rules[..] {
        [none] if none.is_empty() => "This policy is suspended".to_owned(),
        [one] => format!("The rule {one} is suspended"),
        several => format!("The rules {} are suspended", listed(several)),
    };
    format!("{what} by {}.", finding.value("citation"))
}

fn who(finding: &Finding) -> &str {
    let name = finding.value("name");
    if name.is_empty() { "The organization" } else { name }
}

fn withheld(finding: &Finding) -> String {
    let grounds: Vec<String> = finding.value("grounds").split(',').map(ground).collect();
    format!(
        "{} of the disclosure {} withheld, and it says so: {}.",
        counted(finding.value("parts"), "part"),
        if finding.value("parts") == "1" { "is" } else { "are" },
        listed(&grounds),
    )
}

fn ground(word: &str) -> String {
    let ground = WithheldGround::ALL.iter().find(|ground| ground.word() == word);
    let Some(ground) = ground else { return prose(word) };
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
    let named = finding.value("componentName");
    let with = match component(finding.value("component")) {
        Some(DhsComponent::Other) if !named.is_empty() => named.to_owned(),
        Some(component) => component.label().to_owned(),
        None => "A Homeland Security component that is withheld".to_owned(),
    };
    let agreements = finding.value("agreements");
    let is = if agreements == "1" { "is" } else { "are" };
    let work = listed_words(finding.value("natures"));
    format!(
        "{with}: {} {is} disclosed{}, {}. {NOT_HELD_AGAINST}",
        counted(agreements, "agreement"),
        if work.is_empty() { work } else { format!(" ({work})") },
        worth(finding),
    )
}

/// What agreements come to. What is not told is never counted as nothing.
fn worth(finding: &Finding) -> String {
    let [all, unknown, not_asked] =
        ["agreements", "unknown", "notAsked"].map(|name| finding.value(name));
    let sums = finding.value("total").split(", ").filter_map(|sum| sum.split_once(' '));
    let sums: Vec<String> =
        sums.map(|(amount, currency)| format!("{currency} {}", with_thousands_separators(amount))).collect();
    let known =
        if sums.is_empty() { String::new() } else { format!("worth {} in total", listed(&sums)) };
    let silent = match (unknown, known.is_empty()) {
        ("", _) => String::new(),
        ("1", false) => "without the amount of 1, which is unknown or withheld".to_owned(),
        (_, false) => format!("without the amounts of {unknown}, which are unknown or withheld"),
        (_, true) if unknown == all => "for an amount that is unknown or withheld".to_owned(),
        (_, true) => format!("{unknown} for an amount that is unknown or withheld"),
    };
    let short = match not_asked {
        "" => String::new(),
        _ if not_asked == all => "in the short form, which asks for no amount".to_owned(),
        _ => format!("{not_asked} in the short form, which asks for no amount"),
    };
    let parts = [known, silent, short].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(", ")
}

/// The words of a stored list as prose: `detention; transportation and removal`.
fn listed_words(stored: &str) -> String {
    stored.split(',').map(prose).collect::<Vec<_>>().join("; ")
}

fn city_data(finding: &Finding) -> String {
    let recipients = listed_words(finding.value("recipients"));
    format!(
        "City data is shared under {}{}. {NOT_HELD_AGAINST}",
        counted(finding.value("arrangements"), "disclosed arrangement"),
        if recipients.is_empty() { recipients } else { format!(" ({recipients})") },
    )
}

fn to_dhs(finding: &Finding) -> String {
    let components = finding.value("components").split(',').filter_map(component);
    let names: Vec<String> = components.map(|component| component.label().to_owned()).collect();
    let mut said = Vec::new();
    if !names.is_empty() {
        said.push(format!("Data is disclosed to be shared with: {}.", listed(&names)));
    }
    for (name, how) in [
        ("onwardKnown", "passes data on to a component of the Department of Homeland Security"),
        ("onwardAllowed", "may pass data on to a component of the Department of Homeland Security"),
    ] {
        let count = finding.value(name);
        if !count.is_empty() {
            let under = counted(count, "arrangement");
            said.push(format!("Under {under}, the recipient {how}."));
        }
    }
    said.push(NOT_HELD_AGAINST.to_owned());
    said.join(" ")
}
