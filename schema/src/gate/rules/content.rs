//! What is truthfully disclosed: noted, never more.
use std::collections::BTreeMap;

use super::{Case, words};
use crate::gate::facts::{AgreementFacts, DisclosureFacts};
use crate::gate::{DhsComponent, Finding, NatureOfWork, OnwardToDhs, RecipientKind, RuleCode};
use crate::money::decimal;

const AGREEMENTS: &[&str] = &["organization", "disclosure", "dhs", "agreements"];
const ARRANGEMENTS: &[&str] = &["organization", "disclosure", "dataSharing", "arrangements"];

pub(super) fn findings(case: &Case<'_>, disclosure: &DisclosureFacts) -> Vec<Option<Finding>> {
    let mut found: Vec<_> = by_component(disclosure)
        .into_iter()
        .map(|(component, agreements)| agreements_with(case, component, &agreements))
        .collect();
    found.push(city_data(case, disclosure));
    found.push(to_dhs(case, disclosure));
    found
}

/// A component, and the name that the firm gives it where it is `OTHER`; none if it is withheld.
type Component<'a> = (Option<DhsComponent>, Option<&'a str>);

fn by_component(disclosure: &DisclosureFacts) -> BTreeMap<Component<'_>, Vec<&AgreementFacts>> {
    let mut grouped: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for agreement in &disclosure.agreements {
        let is_other = agreement.component == Some(DhsComponent::Other);
        let name = agreement.component_name.as_deref().filter(|_| is_other);
        grouped.entry((agreement.component, name)).or_default().push(agreement);
    }
    grouped
}

fn agreements_with(
    case: &Case<'_>,
    (component, name): Component<'_>,
    agreements: &[&AgreementFacts],
) -> Option<Finding> {
    let natures = agreements.iter().flat_map(|it| it.natures.iter().copied());
    let silent = |short_form| {
        let silent =
            |it: &&&AgreementFacts| it.compensation.is_none() && it.is_short_form == short_form;
        agreements.iter().filter(silent).count()
    };
    let values = [
        ("component", component.map(DhsComponent::word).unwrap_or_default()),
        ("componentName", name.unwrap_or_default().to_owned()),
        ("agreements", agreements.len().to_string()),
        ("natures", words(natures, NatureOfWork::word)),
        ("total", total(agreements)),
        ("unknown", some(silent(false))),
        ("notAsked", some(silent(true))),
    ];
    case.finding(RuleCode::AgreementDisclosed, AGREEMENTS, values)
}

/// What the agreements come to, such as `125000.00 USD, unknown`: one sum a currency, and
/// `unknown` if it is withheld or not known of any. Never 0 for what is not told; empty if none was
/// asked for an amount.
fn total(agreements: &[&AgreementFacts]) -> String {
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for amount in agreements.iter().filter_map(|it| it.compensation.as_ref()) {
        *sums.entry(&amount.currency).or_default() += i128::from(amount.cents);
    }
    let sums = sums.into_iter().map(|(currency, cents)| format!("{} {currency}", decimal(cents)));
    let is_unknown = agreements.iter().any(|it| it.compensation.is_none() && !it.is_short_form);
    sums.chain(is_unknown.then(|| "unknown".to_owned())).collect::<Vec<_>>().join(", ")
}

fn city_data(case: &Case<'_>, disclosure: &DisclosureFacts) -> Option<Finding> {
    let with_city_data = || disclosure.arrangements.iter().filter(|it| it.includes_city_data);
    with_city_data().next()?;
    let values = [
        ("arrangements", with_city_data().count().to_string()),
        (
            "recipients",
            words(with_city_data().filter_map(|it| it.recipient_kind), RecipientKind::word),
        ),
    ];
    case.finding(RuleCode::SharesCityData, ARRANGEMENTS, values)
}

fn to_dhs(case: &Case<'_>, disclosure: &DisclosureFacts) -> Option<Finding> {
    let arrangements = &disclosure.arrangements;
    let direct = || arrangements.iter().filter_map(|it| it.recipient_component);
    let onward = |how| arrangements.iter().filter(|it| it.onward_to_dhs == how).count();
    let (known, allowed) = (onward(OnwardToDhs::Known), onward(OnwardToDhs::Allowed));
    let direct_count = direct().count();
    if direct_count + known + allowed == 0 {
        return None;
    }
    let values = [
        ("direct", some(direct_count)),
        ("components", words(direct(), DhsComponent::word)),
        ("onwardKnown", some(known)),
        ("onwardAllowed", some(allowed)),
    ];
    case.finding(RuleCode::SharesWithDhs, ARRANGEMENTS, values)
}

/// A count; empty for none, so that it is left out.
fn some(count: usize) -> String {
    if count == 0 { String::new() } else { count.to_string() }
}
