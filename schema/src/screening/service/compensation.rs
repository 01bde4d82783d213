//! Compensation totals of disclosed agreements, for the rows of a screening.
use std::collections::BTreeMap;

use crate::disclosure::service::DisclosedAgreement;
use crate::gate::{DhsComponent, NatureOfWork};
use crate::money::Money;

/// The agreements of one disclosure with one component, and their total compensation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentTotal {
    /// `None` if the component is withheld.
    pub component: Option<DhsComponent>,
    /// The component's name, as filed, if the component is `OTHER`.
    pub name: Option<String>,
    pub agreements: usize,
    pub natures: Vec<NatureOfWork>,
    pub compensation: CompensationTotal,
}

/// The total compensation of agreements. Agreements without a known amount are counted, not summed
/// as zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompensationTotal {
    /// The sums of the known amounts, one for each currency.
    pub known: Vec<Money>,
    /// The number of agreements whose amount is unknown or withheld.
    pub unknown: usize,
    /// The number of agreements in the short form, which asks for no amount.
    pub not_asked: usize,
}

/// Totals a disclosure's agreements by component.
pub(super) fn totals_by_component(agreements: &[DisclosedAgreement]) -> Vec<ComponentTotal> {
    let mut grouped = BTreeMap::<_, Vec<_>>::new();
    for agreement in agreements {
        let row = &agreement.row;
        let name =
            row.component_name.clone().filter(|_| row.component == Some(DhsComponent::Other));
        grouped.entry((row.component, name)).or_default().push(agreement);
    }
    let grouped = grouped.into_iter().map(|((component, name), agreements)| {
        let mut natures: Vec<_> =
            agreements.iter().flat_map(|it| &it.natures_of_work).copied().collect();
        natures.sort_unstable();
        natures.dedup();
        let (count, compensation) = (agreements.len(), total_compensation(agreements.into_iter()));
        ComponentTotal { component, name, agreements: count, natures, compensation }
    });
    grouped.collect()
}

/// Totals the compensation of agreements.
pub(super) fn total_compensation<'a>(
    agreements: impl Iterator<Item = &'a DisclosedAgreement>,
) -> CompensationTotal {
    let mut known = Vec::new();
    let mut worth = CompensationTotal::default();
    for DisclosedAgreement { row, natures_of_work: _ } in agreements {
        match (row.cents, &row.currency) {
            (Some(cents), Some(currency)) => {
                known.push(Money { cents, currency: currency.clone() });
            }
            _ if row.short_form => worth.not_asked += 1,
            _ => worth.unknown += 1,
        }
    }
    worth.known = Money::sum_by_currency(known).collect();
    worth
}
