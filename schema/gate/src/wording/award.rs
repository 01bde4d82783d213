//! Text about federal awards.
use super::{component_in_sentence, format_date};
use crate::{AwardSummary, EntityScope, OutOfScopeReason};

/// Describes an award, such as `70CDCR24FR0000011 under HSCEDM17D00002, U.S. Immigration and
/// Customs Enforcement, to HARBOR LINES INC, signed on Monday, April 1, 2024, worth USD 12,000.00`.
/// It never includes a similarity score.
pub(super) fn describe_award(award: &AwardSummary) -> String {
    let AwardSummary {
        number,
        parent_number,
        component,
        recipient,
        relation: _,
        signed_on,
        ends_on,
        value,
    } = award;
    let number = match parent_number {
        _ if number.is_empty() => "an award".to_owned(),
        None => number.clone(),
        Some(parent) => format!("{number} under {parent}"),
    };
    let parts = [
        Some(number),
        Some(component_in_sentence(*component).to_owned()),
        (!recipient.is_empty()).then(|| format!("to {recipient}")),
        signed_on.map(|date| format!("signed on {}", format_date(date))),
        ends_on.map(|date| format!("until {}", format_date(date))),
        value.as_ref().map(|value| format!("worth {value}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The holder of an award, in relation to the firm.
pub(super) const fn award_holder(relation: EntityScope) -> &'static str {
    match relation {
        EntityScope::Own => "the firm",
        EntityScope::JointVentureMember => "a member of the joint venture",
        EntityScope::Subsidiary => "a firm that the firm owns",
        EntityScope::Parent => "a firm that owns the firm",
        EntityScope::Affiliate => "a firm with the same owner",
        EntityScope::Predecessor => "a firm whose business the firm acquired",
    }
}

/// The reason why a disclosure need not list an award, as a clause after "because".
#[must_use]
pub fn out_of_scope_text(reason: OutOfScopeReason, relation: EntityScope) -> String {
    match reason {
        OutOfScopeReason::Entity if relation == EntityScope::Own => {
            "the policy does not ask for subcontracts".to_owned()
        }
        OutOfScopeReason::Entity => {
            format!(
                "it belongs to {}, and the policy does not ask for such awards",
                award_holder(relation)
            )
        }
        OutOfScopeReason::EndedBeforeWindow => {
            "it ended before the period that the policy asks about".to_owned()
        }
        OutOfScopeReason::NoValue => "it carries no money of its own".to_owned(),
        OutOfScopeReason::WithinUpdateDuty => {
            "it was signed after the filing, and the time to amend has not ended".to_owned()
        }
    }
}
