//! What disclosed agreements come to, for the rows of a screening.
use std::collections::BTreeMap;

use crate::gate::{DhsComponent, NatureOfWork};
use crate::money::Money;
use crate::screening::store::Agreements;

/// What agreements with one component come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentTotal {
    /// None if it is withheld.
    pub component: Option<DhsComponent>,
    /// The name of an `OTHER`.
    pub name: Option<String>,
    pub agreements: usize,
    pub natures: Vec<NatureOfWork>,
    pub compensation: CompensationTotal,
}

/// What agreements come to: what is not told is counted, never taken for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompensationTotal {
    /// The known amounts, one sum a currency.
    pub known: Vec<Money>,
    /// The number of agreements whose amount is unknown or withheld.
    pub unknown: usize,
    /// The number of agreements in the short form, which asks for no amount.
    pub not_asked: usize,
}

/// What a disclosure's agreements come to, one entry a component.
pub(super) fn totals_by_component(agreements: &Agreements) -> Vec<ComponentTotal> {
    let mut grouped = BTreeMap::<_, Vec<_>>::new();
    for told in agreements {
        let (row, _) = told;
        let name =
            row.component_name.clone().filter(|_| row.component == Some(DhsComponent::Other));
        grouped.entry((row.component, name)).or_default().push(told);
    }
    let grouped = grouped.into_iter().map(|((component, name), told)| {
        let mut natures: Vec<_> = told.iter().flat_map(|(_, natures)| natures).copied().collect();
        natures.sort_unstable();
        natures.dedup();
        let agreements = told.len();
        ComponentTotal { component, name, agreements, natures, compensation: total_compensation(told.into_iter()) }
    });
    grouped.collect()
}

/// What agreements come to.
pub(super) fn total_compensation<'a>(
    agreements: impl Iterator<
        Item = &'a (crate::disclosure::index::agreement::Model, Vec<NatureOfWork>),
    >,
) -> CompensationTotal {
    let mut known = Vec::new();
    let mut worth = CompensationTotal::default();
    for (row, _) in agreements {
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
