//! Messages and remedies of findings about federal awards.
use super::{format_stored_date, parse_component};
use crate::gate::{Finding, OutOfScopeReason, RuleCode};

/// Renders the message, which describes the award; it never includes a similarity score.
pub(super) fn message(finding: &Finding) -> String {
    let award = describe_award(finding);
    match finding.code {
        RuleCode::AwardProbablyUndisclosed => format!(
            "Public data show a federal award that probably belongs to {}: {award}. No disclosed \
            agreement covers it. No decision about it has been made.",
            award_holder(finding)
        ),
        RuleCode::AwardResponseOpen => format!(
            "The firm received notice of a federal award that no disclosed agreement covers, and \
            may respond until the end of {}: {award}.",
            format_stored_date(finding.value("respondBy"))
        ),
        RuleCode::AwardConfirmedUndisclosed => format!(
            "A federal award is not in the disclosure: {award}. The firm received notice, and its \
            time to respond ended on {}.",
            format_stored_date(finding.value("respondBy"))
        ),
        RuleCode::AwardUnderAppeal => {
            format!("The firm's appeal about a federal award is open: {award}.")
        }
        RuleCode::DisclosureCorrected => format!(
            "The firm amended its disclosure after notice of a federal award: {award}. The \
            disclosure now covers it."
        ),
        _ => format!(
            "A federal award need not be in the disclosure, because {}: {award}.",
            out_of_scope_text(finding)
        ),
    }
}

/// Renders the remedy. `appeal_days` are business days.
pub(super) fn remedy(finding: &Finding, appeal_days: u32) -> String {
    match finding.code {
        RuleCode::AwardResponseOpen => {
            "Respond to the notice: explain why the award is not the firm's, or amend the \
            disclosure to list it."
                .into()
        }
        RuleCode::AwardConfirmedUndisclosed => format!(
            "Amend the disclosure to list the award, or appeal within {appeal_days} business days \
            of the notice."
        ),
        RuleCode::AwardUnderAppeal => {
            "No action is needed now: a supervisor who took no part decides the appeal.".into()
        }
        _ => {
            "No action is needed now: a reviewer checks the award, and the firm is notified of the \
            result. If the award is the firm's, it may amend the disclosure at any time."
                .into()
        }
    }
}

/// Describes an award, such as `70CDCR24FR0000011 under HSCEDM17D00002, U.S. Immigration and
/// Customs Enforcement, to HARBOR LINES INC, signed on Monday, 1 April 2024, worth USD 12,000.00`.
fn describe_award(finding: &Finding) -> String {
    let value = |name| finding.value(name);
    let number = match (value("number"), value("parentNumber")) {
        ("", _) => "an award".to_owned(),
        (number, "") => number.to_owned(),
        (number, parent) => format!("{number} under {parent}"),
    };
    let parts = [
        number,
        parse_component(value("component")).map_or_else(String::new, |it| it.label().to_owned()),
        prefix_unless_empty("to ", value("recipient")),
        prefix_unless_empty("signed on ", &format_date_unless_empty(value("signedOn"))),
        prefix_unless_empty("until ", &format_date_unless_empty(value("endsOn"))),
        prefix_unless_empty("worth ", value("value")),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn prefix_unless_empty(prefix: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{prefix}{value}") }
}

fn format_date_unless_empty(stored: &str) -> String {
    if stored.is_empty() { String::new() } else { format_stored_date(stored) }
}

/// The holder of the award, in relation to the firm.
fn award_holder(finding: &Finding) -> &'static str {
    match finding.value("relation") {
        "JOINT_VENTURE_MEMBER" => "a member of the joint venture",
        "SUBSIDIARY" => "a firm that the firm owns",
        "PARENT" => "a firm that owns the firm",
        "AFFILIATE" => "a firm with the same owner",
        "PREDECESSOR" => "a firm whose business the firm acquired",
        _ => "the firm",
    }
}

fn out_of_scope_text(finding: &Finding) -> String {
    let word = finding.value("why");
    match OutOfScopeReason::ALL.iter().find(|reason| reason.word() == word) {
        Some(OutOfScopeReason::Entity) if finding.value("relation") == "SELF" => {
            "the policy does not ask for subcontracts".to_owned()
        }
        Some(OutOfScopeReason::Entity) => {
            format!(
                "it belongs to {}, and the policy does not ask for such awards",
                award_holder(finding)
            )
        }
        Some(OutOfScopeReason::EndedBeforeWindow) => {
            "it ended before the period that the policy asks about".to_owned()
        }
        Some(OutOfScopeReason::NoValue) => "it carries no money of its own".to_owned(),
        Some(OutOfScopeReason::WithinUpdateDuty) => {
            "it was signed after the filing, and the time to amend has not ended".to_owned()
        }
        None => "the policy does not ask for it".to_owned(),
    }
}
