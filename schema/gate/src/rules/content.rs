//! Findings about disclosed agreements and arrangements. They are always notes: a truthful
//! disclosure never blocks.
use std::collections::BTreeMap;

use super::{Case, sorted_distinct};
use crate::facts::{AgreementFacts, DisclosureFacts};
use crate::{DhsComponent, Finding, FindingDetail, Money, OnwardToDhs};

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
    let known = agreements.iter().filter_map(|it| it.compensation.clone());
    let detail = FindingDetail::AgreementDisclosed {
        agreements: agreements.len(),
        component,
        component_name: name.filter(|name| !name.is_empty()).map(ToOwned::to_owned),
        natures: sorted_distinct(natures),
        totals: Money::sum_by_currency(known).collect(),
        unknown: count_without_amount(false),
        not_asked: count_without_amount(true),
    };
    case.finding(AGREEMENTS_PATH, detail)
}

fn city_data_finding(case: &Case<'_>, disclosure: &DisclosureFacts) -> Option<Finding> {
    let with_city_data = || disclosure.arrangements.iter().filter(|it| it.includes_city_data);
    with_city_data().next()?;
    let detail = FindingDetail::SharesCityData {
        arrangements: with_city_data().count(),
        recipients: sorted_distinct(with_city_data().filter_map(|it| it.recipient_kind)),
    };
    case.finding(ARRANGEMENTS_PATH, detail)
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
    let detail = FindingDetail::SharesWithDhs {
        direct: direct_count,
        components: sorted_distinct(direct()),
        onward_known: known,
        onward_allowed: allowed,
    };
    case.finding(ARRANGEMENTS_PATH, detail)
}
