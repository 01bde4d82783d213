//! How clients see exposure.
use async_graphql::{ID, SimpleObject};
use chrono::NaiveDate;

use super::screened_bid::CompensationDisclosed;
use crate::gate::{DhsComponent, NatureOfWork};
use crate::money::MoneyText;
use crate::scalar::Date;
use crate::screening::service::{self, ExposureTotals, ExposureKey};

/// What the City's contractors had disclosed on a day, across all contracts that ran then. A
/// contract is in exactly one of the three totals.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "Exposure")]
pub struct ExposureAsOf {
    /// The local day: of what was on file when it ended, or now if it has not ended.
    as_of: Date,
    /// Group by group. A contract, or an agreement, that belongs to two groups counts in both, once
    /// in each.
    groups: Vec<ExposureRow>,
    /// Of the contracts whose holders disclosed agreements: what all groups come to, each contract
    /// and each agreement once.
    with_agreements: ExposureRow,
    /// Of the contracts whose holders said that they have none.
    without_agreements: ExposureRow,
    /// Of the contracts whose holders had nothing on file: what they have is unknown, not nothing.
    unknown: ExposureRow,
}

/// What a group comes to.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ExposureRow {
    /// The component, where it is grouped by that; null if that is withheld.
    component: Option<DhsComponent>,
    /// The nature of the work, where it is grouped by that.
    nature_of_work: Option<NatureOfWork>,
    /// The department, where it is grouped by that.
    department_id: Option<ID>,
    /// The organization, where it is grouped by that.
    organization_id: Option<ID>,
    /// What people call the group; of an `OTHER` component as the filer wrote it.
    label: String,
    /// The City's contracts.
    contracts: i64,
    /// What they come to, one sum a currency.
    contract_value: Vec<MoneyText>,
    /// The organizations that hold them.
    organizations: usize,
    /// The disclosed agreements, each once.
    agreements: usize,
    /// What those agreements come to. What is withheld is counted as unknown, never as nothing.
    compensation: CompensationDisclosed,
}

impl ExposureRow {
    fn of(key: Option<&ExposureKey>, label: String, told: ExposureTotals) -> Self {
        let mut row = Self {
            component: None,
            nature_of_work: None,
            department_id: None,
            organization_id: None,
            label,
            contracts: told.contracts,
            contract_value: told.value.into_iter().map(MoneyText::from).collect(),
            organizations: told.organizations,
            agreements: told.agreements,
            compensation: told.compensation.into(),
        };
        match key {
            Some(ExposureKey::Component(component, _)) => row.component = *component,
            Some(ExposureKey::Nature(nature)) => row.nature_of_work = Some(*nature),
            Some(ExposureKey::Department(id)) => row.department_id = Some(ID(id.to_string())),
            Some(ExposureKey::Organization(id)) => row.organization_id = Some(ID(id.to_string())),
            None => {}
        }
        row
    }
}

impl From<(NaiveDate, service::Exposure)> for ExposureAsOf {
    fn from((day, told): (NaiveDate, service::Exposure)) -> Self {
        let groups = told.groups.into_iter();
        let whole = |label: &str, told| ExposureRow::of(None, label.to_owned(), told);
        Self {
            as_of: day.into(),
            groups: groups
                .map(|(key, label, told)| ExposureRow::of(Some(&key), label, told))
                .collect(),
            with_agreements: whole("Agreements are disclosed", told.with_agreements),
            without_agreements: whole("None is attested", told.without),
            unknown: whole("Nothing is on file", told.unknown),
        }
    }
}
