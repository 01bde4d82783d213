//! Maps USAspending's sub-agency codes to components of the Department of Homeland Security.
use crate::gate::DhsComponent;

/// Codes of the sub-agencies that award contracts for other components of the department.
const DEPARTMENT_BUYERS: [&str; 3] = ["7000", "7001", "7055"];

/// Returns the component of an award from USAspending's codes of the awarding and the funding
/// sub-agency. The awarding sub-agency's component counts first. If that sub-agency awards for other
/// components or is outside the department, the funding sub-agency's component counts. `None` if
/// neither code belongs to the department.
#[must_use]
pub fn dhs_component(awarding: &str, funding: &str) -> Option<DhsComponent> {
    let (awarding, funding) = (awarding.trim(), funding.trim());
    let own = sub_agency_component(awarding).filter(|_| !DEPARTMENT_BUYERS.contains(&awarding));
    let own = own.or_else(|| sub_agency_component(funding));
    own.or_else(|| DEPARTMENT_BUYERS.contains(&awarding).then_some(DhsComponent::Department))
}

/// The component of one sub-agency code.
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
    fn a_department_buyer_yields_to_the_funding_component() {
        for (awarding, funding, expected) in [
            ("7012", "7014", Some(Ice)),
            ("7001", "7013", Some(Tsa)),
            ("7055", "7014", Some(Cbp)),
            ("7001", "9700", Some(Department)),
            // Awarded by the General Services Administration, funded by a component.
            ("4732", "7014", Some(Cbp)),
            ("7007", "", Some(Fema)),
            ("4732", "9700", None),
            ("", "", None),
        ] {
            assert_eq!(dhs_component(awarding, funding), expected, "{awarding} {funding}");
        }
    }
}
