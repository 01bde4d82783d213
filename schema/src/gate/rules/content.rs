//! Findings about disclosed agreements and arrangements. They are always notes: a truthful
//! disclosure never blocks.
use std::collections::BTreeMap;

use super::{Case, join_distinct};
use crate::gate::facts::{AgreementFacts, DisclosureFacts};
use crate::gate::{DhsComponent, Finding, NatureOfWork, OnwardToDhs, RecipientKind, RuleCode};
use crate::money::decimal;

const AGREEMENTS_PATH: &[&str] = &["organization", "disclosure", "dhs", "agreements"];
const ARRANGEMENTS_PATH: &[&str] = &["organization", "disclosure", "dataSharing", "arrangements"];

pub(super) fn findings(case: &Case<'_>, disclosure: &DisclosureFacts) -> Vec<Option<Finding>> {
    let mut findings: Vec<_> = group_by_component(disclosure)
        .into_iter()
        .map(|(component, agreements)| agreement_finding(case, component, &agreements))
        .collect();
    findings.push(city_data_finding(case, disclosure));
    findings.push(dhs_sharing_finding(case, disclosure));
    findings
}

/// The component, none if it is withheld, and the firm's name for it if it is `OTHER`.
type Component<'a> = (Option<DhsComponent>, Option<&'a str>);

fn group_by_component(
    disclosure: &DisclosureFacts,
) -> BTreeMap<Component<'_>, Vec<&AgreementFacts>> {
    let mut grouped: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for agreement in &disclosure.agreements {
        let is_other = agreement.component == Some(DhsComponent::Other);
        let name = agreement.component_name.as_deref().filter(|_| is_other);
        grouped.entry((agreement.component, name)).or_default().push(agreement);
    }
    grouped
}

fn agreement_finding(
    case: &Case<'_>,
    (component, name): Component<'_>,
    agreements: &[&AgreementFacts],
) -> Option<Finding> {
    let natures = agreements.iter().flat_map(|it| it.natures.iter().copied());
    let count_without_amount = |is_short_form| {
        let has_no_amount =
            |it: &&&AgreementFacts| it.compensation.is_none() && it.is_short_form == is_short_form;
        agreements.iter().filter(has_no_amount).count()
    };
    let values = [
        ("component", component.map(DhsComponent::word).unwrap_or_default()),
        ("componentName", name.unwrap_or_default().to_owned()),
        ("agreements", agreements.len().to_string()),
        ("natures", join_distinct(natures, NatureOfWork::word)),
        ("total", total(agreements)),
        ("unknown", nonzero(count_without_amount(false))),
        ("notAsked", nonzero(count_without_amount(true))),
    ];
    case.finding(RuleCode::AgreementDisclosed, AGREEMENTS_PATH, values)
}

/// The agreements' total compensation, such as `125000.00 USD, unknown`: one sum for each currency,
/// and `unknown` if any amount is unknown or withheld, which never counts as 0. Empty if all are in
/// the short form, which asks for no amount.
fn total(agreements: &[&AgreementFacts]) -> String {
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for amount in agreements.iter().filter_map(|it| it.compensation.as_ref()) {
        *sums.entry(&amount.currency).or_default() += i128::from(amount.cents);
    }
    let sums = sums.into_iter().map(|(currency, cents)| format!("{} {currency}", decimal(cents)));
    let is_unknown = agreements.iter().any(|it| it.compensation.is_none() && !it.is_short_form);
    sums.chain(is_unknown.then(|| "unknown".to_owned())).collect::<Vec<_>>().join(", ")
}

fn city_data_finding(case: &Case<'_>, disclosure: &DisclosureFacts) -> Option<Finding> {
    let with_city_data = || disclosure.arrangements.iter().filter(|it| it.includes_city_data);
    with_city_data().next()?;
    let values = [
        ("arrangements", with_city_data().count().to_string()),
        (
            "recipients",
            join_distinct(with_city_data().filter_map(|it| it.recipient_kind), RecipientKind::word),
        ),
    ];
    case.finding(RuleCode::SharesCityData, ARRANGEMENTS_PATH, values)
}

fn dhs_sharing_finding(case: &Case<'_>, disclosure: &DisclosureFacts) -> Option<Finding> {
    let arrangements = &disclosure.arrangements;
    let direct = || arrangements.iter().filter_map(|it| it.recipient_component);
    let onward = |onward| arrangements.iter().filter(|it| it.onward_to_dhs == onward).count();
    let (known, allowed) = (onward(OnwardToDhs::Known), onward(OnwardToDhs::Allowed));
    let direct_count = direct().count();
    if direct_count + known + allowed == 0 {
        return None;
    }
    let values = [
        ("direct", nonzero(direct_count)),
        ("components", join_distinct(direct(), DhsComponent::word)),
        ("onwardKnown", nonzero(known)),
        ("onwardAllowed", nonzero(allowed)),
    ];
    case.finding(RuleCode::SharesWithDhs, ARRANGEMENTS_PATH, values)
}

/// The count as text; empty for 0, so that the finding omits it.
fn nonzero(count: usize) -> String {
    if count == 0 { String::new() } else { count.to_string() }
}
