//! What is said of federal awards.
use super::{component, date};
use crate::gate::{Finding, OutOfScope, RuleCode};

/// The firm sees the award and what speaks for its being the firm's, never a score.
pub(super) fn message(finding: &Finding) -> String {
    let award = award(finding);
    match finding.code {
        RuleCode::AwardProbablyUndisclosed => format!(
            "Public data show a federal award that is probably {}: {award}. No agreement that was \
            disclosed covers it. Nothing is decided.",
            whose(finding)
        ),
        RuleCode::AwardResponseOpen => format!(
            "A federal award that no disclosed agreement covers was put to the firm, which has time \
            to answer until the end of {}: {award}.",
            date(finding.value("respondBy"))
        ),
        RuleCode::AwardConfirmedUndisclosed => format!(
            "A federal award is not in the disclosure: {award}. It was put to the firm, whose time \
            to answer ended on {}.",
            date(finding.value("respondBy"))
        ),
        RuleCode::AwardUnderAppeal => {
            format!("The firm's appeal about a federal award is open: {award}.")
        }
        RuleCode::DisclosureCorrected => format!(
            "The disclosure was amended after a federal award was put to the firm: {award}. It \
            covers it now."
        ),
        _ => format!(
            "A federal award need not be in the disclosure, since {}: {award}.",
            why(finding)
        ),
    }
}

/// What to do about it.
pub(super) fn remedy(finding: &Finding, appeal_days: u32) -> String {
    match finding.code {
        RuleCode::AwardResponseOpen => {
            "Answer the notice: say why the award is not the firm's, or \
            amend the disclosure so that it lists it."
                .into()
        }
        RuleCode::AwardConfirmedUndisclosed => format!(
            "Amend the disclosure so that it lists the award; or appeal within the {appeal_days} \
            business days from the notice that the policy gives."
        ),
        RuleCode::AwardUnderAppeal => {
            "Nothing now: a supervisor who took no part decides the appeal.".into()
        }
        _ => "Nothing now: a reviewer looks at it, and the firm is told what comes of it. If the \
            award is the firm's, it may amend the disclosure at any time."
            .into(),
    }
}

/// Such as `70CDCR24FR0000011 under HSCEDM17D00002, U.S. Immigration and Customs Enforcement, to
/// HARBOR LINES INC, signed on Monday, 1 April 2024, worth USD 12,000.00`.
fn award(finding: &Finding) -> String {
    let value = |name| finding.value(name);
    let number = match (value("award"), value("parent")) {
        ("", _) => "an award".to_owned(),
        (award, "") => award.to_owned(),
        (award, parent) => format!("{award} under {parent}"),
    };
    let parts = [
        number,
        component(value("component")).map_or_else(String::new, |it| it.label().to_owned()),
        told("to ", value("recipient")),
        told("signed on ", &dated(value("signedOn"))),
        told("until ", &dated(value("endsOn"))),
        told("worth ", value("worth")),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn told(before: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{before}{value}") }
}

fn dated(stored: &str) -> String {
    if stored.is_empty() { String::new() } else { date(stored) }
}

/// Whose the award is, seen from the firm.
fn whose(finding: &Finding) -> &'static str {
    match finding.value("relation") {
        "JOINT_VENTURE_MEMBER" => "that of a member of the joint venture",
        "SUBSIDIARY" => "that of a firm that the firm owns",
        "PARENT" => "that of a firm that owns it",
        "AFFILIATE" => "that of a firm under the same owner",
        "PREDECESSOR" => "that of a firm whose business it took over",
        _ => "the firm's",
    }
}

fn why(finding: &Finding) -> String {
    let word = finding.value("why");
    match OutOfScope::ALL.iter().find(|why| why.word() == word) {
        Some(OutOfScope::Entity) if finding.value("relation") == "SELF" => {
            "the policy does not ask for subcontracts".to_owned()
        }
        Some(OutOfScope::Entity) => {
            format!("it is {}, and the policy does not ask for those", whose(finding))
        }
        Some(OutOfScope::EndedBeforeWindow) => {
            "it ended before the time that the policy asks for".to_owned()
        }
        Some(OutOfScope::NoValue) => "it is worth nothing by itself".to_owned(),
        Some(OutOfScope::WithinUpdateDuty) => {
            "it was signed after the filing, and the days to amend are not over".to_owned()
        }
        None => "it does not count".to_owned(),
    }
}
