//! Compensation totals of disclosed agreements, for the rows of a screening.
use std::collections::BTreeMap;

use crate::disclosure::service::DisclosedAgreement;
use crate::gate::{DhsComponent, NatureOfWork};
use crate::money::{Money, MoneySums};

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
    let mut total = RunningCompensation::default();
    for DisclosedAgreement { row, natures_of_work: _ } in agreements {
        total.add(1, row.cents, row.currency.as_deref(), row.short_form);
    }
    total.finish()
}

/// Compensation that is being totaled.
#[derive(Debug, Default)]
pub(super) struct RunningCompensation {
    known: MoneySums,
    unknown: usize,
    not_asked: usize,
}

impl RunningCompensation {
    /// Adds some agreements of one form, whose values together are `cents` of a currency, or are not known.
    pub(super) fn add(
        &mut self,
        agreements: usize,
        cents: Option<i64>,
        currency: Option<&str>,
        short_form: bool,
    ) {
        match (cents, currency) {
            (Some(cents), Some(currency)) => self.known.add(cents, currency),
            _ if short_form => self.not_asked += agreements,
            _ => self.unknown += agreements,
        }
    }

    pub(super) fn finish(self) -> CompensationTotal {
        let Self { known, unknown, not_asked } = self;
        CompensationTotal { known: known.finish().collect(), unknown, not_asked }
    }
}
