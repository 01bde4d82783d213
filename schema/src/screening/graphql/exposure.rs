//! GraphQL types of exposure.
use async_graphql::{ID, SimpleObject};
use chrono::NaiveDate;

use super::screened_bid::DisclosedCompensation;
use crate::gate::{DhsComponent, NatureOfWork};
use crate::money::MoneyText;
use crate::scalar::Date;
use crate::screening::service::{self, ExposureKey, ExposureTotals};

/// The exposure of the City's contracts on one day: the dealings with the Department of Homeland
/// Security that the holders of active contracts had disclosed. Each contract counts in exactly one
/// of the three totals.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "Exposure")]
pub struct ExposureAsOf {
    /// The local day. It counts the disclosures on file at its end, or now if it has not ended.
    as_of: Date,
    /// The groups. A contract or agreement that belongs to two groups counts once in each.
    groups: Vec<ExposureRow>,
    /// The total of contracts whose holders disclosed agreements, each contract and agreement once.
    with_agreements: ExposureRow,
    /// The total of contracts whose holders disclosed that they have no agreements.
    without_agreements: ExposureRow,
    /// The total of contracts whose holders had no disclosure on file. Whether they have agreements
    /// is unknown.
    unknown: ExposureRow,
}

/// The totals of one group.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ExposureRow {
    /// The component, if grouped by component; null if it is withheld.
    component: Option<DhsComponent>,
    /// The nature of the work, if grouped by it.
    nature_of_work: Option<NatureOfWork>,
    /// The department, if grouped by department.
    department_id: Option<ID>,
    /// The organization, if grouped by organization.
    organization_id: Option<ID>,
    /// The name of the group; for an `OTHER` component, the name that the firm filed.
    label: String,
    /// The number of City contracts.
    contracts: i64,
    /// The value of those contracts, one sum for each currency.
    contract_value: Vec<MoneyText>,
    /// The number of organizations that hold them.
    organizations: usize,
    /// The number of disclosed agreements, each counted once.
    agreements: usize,
    /// The total compensation of those agreements. A withheld amount counts as unknown, not as zero.
    compensation: DisclosedCompensation,
}

impl ExposureRow {
    fn new(key: Option<&ExposureKey>, label: String, totals: ExposureTotals) -> Self {
        let mut row = Self {
            component: None,
            nature_of_work: None,
            department_id: None,
            organization_id: None,
            label,
            contracts: totals.contracts,
            contract_value: totals.value.into_iter().map(MoneyText::from).collect(),
            organizations: totals.organizations,
            agreements: totals.agreements,
            compensation: totals.compensation.into(),
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
    fn from((day, exposure): (NaiveDate, service::Exposure)) -> Self {
        let groups = exposure.groups.into_iter();
        let total = |label: &str, totals| ExposureRow::new(None, label.to_owned(), totals);
        Self {
            as_of: day.into(),
            groups: groups
                .map(|(key, label, totals)| ExposureRow::new(Some(&key), label, totals))
                .collect(),
            with_agreements: total("Agreements disclosed", exposure.with_agreements),
            without_agreements: total("No agreements", exposure.without_agreements),
            unknown: total("No disclosure on file", exposure.unknown),
        }
    }
}
