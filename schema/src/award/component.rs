//! To which component of the Department of Homeland Security an award belongs.
use crate::gate::DhsComponent;

/// Sub-agencies that buy for the rest of the department.
const DEPARTMENT_BUYERS: [&str; 3] = ["7000", "7001", "7055"];

/// The component of an award, by USAspending's codes of the awarding and the funding sub-agency:
/// the awarding one's, unless that buys for the rest or is outside the department; then the funding
/// one's. None if neither is of the department.
#[must_use]
pub fn dhs_component(awarding: &str, funding: &str) -> Option<DhsComponent> {
    let (awarding, funding) = (awarding.trim(), funding.trim());
    let own = sub_agency_component(awarding).filter(|_| !DEPARTMENT_BUYERS.contains(&awarding));
    let own = own.or_else(|| sub_agency_component(funding));
    own.or_else(|| DEPARTMENT_BUYERS.contains(&awarding).then_some(DhsComponent::Department))
}

/// The component that bears a code.
fn sub_agency_component(code: &str) -> Option<DhsComponent> {
    Some(match code {
        "7012" => DhsComponent::Ice,
        "7014" => DhsComponent::Cbp,
        "7003" => DhsComponent::Uscis,
        "7013" => DhsComponent::Tsa,
        "7008" => DhsComponent::Uscg,
        "7009" => DhsComponent::Usss,
        "7022" | "7007" => DhsComponent::Fema,
        "7015" => DhsComponent::Fletc,
        "7004" => DhsComponent::Oig,
        "7032" => DhsComponent::IntelligenceAndAnalysis,
        "7040" | "7041" => DhsComponent::ScienceAndTechnology,
        "7053" | "7054" => DhsComponent::CounteringWmd,
        "7052" => DhsComponent::Cisa,
        "7050" | "7051" | "7056" | "7057" | "7058" | "7059" | "7060" => DhsComponent::Management,
        "7002" => DhsComponent::Secretary,
        "7000" => DhsComponent::Department,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::dhs_component;
    use crate::gate::DhsComponent::{Cbp, Department, Fema, Ice, Tsa};

    #[test]
    fn who_buys_for_the_rest_is_not_who_it_is_for() {
        for (awarding, funding, expected) in [
            ("7012", "7014", Some(Ice)),
            ("7001", "7013", Some(Tsa)),
            ("7055", "7014", Some(Cbp)),
            ("7001", "9700", Some(Department)),
            // Placed by the General Services Administration with one's money.
            ("4732", "7014", Some(Cbp)),
            ("7007", "", Some(Fema)),
            ("4732", "9700", None),
            ("", "", None),
        ] {
            assert_eq!(dhs_component(awarding, funding), expected, "{awarding} {funding}");
        }
    }
}
