//! Exposure: the dealings with the Department of Homeland Security that the City's contractors
//! disclosed, as of any day.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use super::SCREENING_IS_FOR_STAFF;
use super::compensation::{CompensationTotal, total_compensation};
use crate::database::Database;
use crate::disclosure;
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::DisclosedAgreement;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{DhsComponent, NatureOfWork};
use crate::money::Money;
use crate::organization;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::policy;
use crate::scalar::Date;
use crate::screening::model::ExposureGroup;
use crate::screening::store::{self, ActiveContracts, DayPeriod};
use crate::text::validate_date;
use crate::user_message::UserMessage;

/// The most days of one exposure query.
const MAX_EXPOSURE_DAYS: usize = 36;

/// The key of an exposure group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExposureKey {
    /// The component, `None` if it is withheld; and the name as filed, if it is `OTHER`.
    Component(Option<DhsComponent>, Option<String>),
    Department(DepartmentId),
    Nature(NatureOfWork),
    Organization(OrganizationId),
}

/// The totals of an exposure group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExposureTotals {
    /// The number of City contracts whose holders disclosed agreements in the group.
    pub contracts: i64,
    /// The value of those contracts, one sum for each currency.
    pub value: Vec<Money>,
    pub organizations: usize,
    /// The number of disclosed agreements. Each counts once, for any number of contracts.
    pub agreements: usize,
    pub compensation: CompensationTotal,
}

/// The exposure on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Each group of active contracts, with its label.
    pub groups: Vec<(ExposureKey, String, ExposureTotals)>,
    /// Contracts whose holders disclosed an agreement.
    pub with_agreements: ExposureTotals,
    /// Contracts whose holders disclosed that they have none.
    pub without_agreements: ExposureTotals,
    /// Contracts whose holders had no disclosure on file. Whether they have agreements is unknown.
    pub unknown: ExposureTotals,
}

/// Returns the exposure on each of some local days; today if `as_of` is empty. A contract counts
/// for its holder and at its value on that day, with the disclosure that the holder had on file at
/// the end of it.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff, `Invalid` for malformed or future days,
/// `LimitExceeded` for more than 36 days.
#[tracing::instrument(skip_all)]
pub async fn load_exposure(
    db: &Database,
    viewer: &Viewer,
    group: ExposureGroup,
    department: Option<DepartmentId>,
    as_of: &[Date],
) -> Result<Vec<(NaiveDate, Exposure)>> {
    viewer.require_staff(SCREENING_IS_FOR_STAFF)?;
    if as_of.len() > MAX_EXPOSURE_DAYS {
        let message = format!("give at most {MAX_EXPOSURE_DAYS} days in one query");
        return Err(Fault::LimitExceeded(message.into()));
    }
    let timeline = policy::service::load_timeline(&db.read).await?;
    let today = timeline.local_date(viewer.now);
    let (path, mut errors) = (FieldPath::argument("asOf"), InputErrors::default());
    let mut days = Vec::new();
    for (index, typed) in as_of.iter().enumerate() {
        match validate_date(typed, &path.at(index), &mut errors) {
            Some(day) if day > today => {
                errors.add(&path.at(index), UserMessage::DayInFuture { today });
            }
            Some(day) => days.push(day),
            None => {}
        }
    }
    errors.finish()?;
    if as_of.is_empty() {
        days.push(today);
    }
    let mut exposures = Vec::new();
    for day in days {
        let next = day.succ_opt().unwrap_or(day);
        // A day that has not ended is reported as of now.
        let ends = timeline.local_midnight(next, viewer.now).min(just_after(viewer.now));
        let period = DayPeriod { day, ends };
        let contracts = store::active_contracts_on(&db.read, viewer, department, period).await?;
        let disclosures: BTreeSet<DisclosureId> =
            contracts.iter().filter_map(|it| it.disclosure).collect();
        let disclosures: Vec<Uuid> = disclosures.into_iter().map(DisclosureId::uuid).collect();
        let agreements =
            disclosure::service::load_disclosed_agreements(&db.read, disclosures).await?;
        exposures.push((day, group_exposure(group, &contracts, &agreements)));
    }
    fill_labels(db, viewer, &mut exposures).await?;
    Ok(exposures)
}

/// The next microsecond, so that a filing at exactly `at` counts as filed before it.
fn just_after(at: chrono::DateTime<chrono::Utc>) -> chrono::DateTime<chrono::Utc> {
    at + chrono::TimeDelta::microseconds(1)
}

/// Sets the labels of department and organization groups to their names.
async fn fill_labels(
    db: &Database,
    viewer: &Viewer,
    exposures: &mut [(NaiveDate, Exposure)],
) -> Result<()> {
    let keys = exposures.iter().flat_map(|(_, exposure)| exposure.groups.iter().map(|it| &it.0));
    let (mut departments, mut organizations) = (BTreeSet::new(), BTreeSet::new());
    for key in keys {
        match key {
            ExposureKey::Department(id) => drop(departments.insert(id.uuid())),
            ExposureKey::Organization(id) => drop(organizations.insert(id.uuid())),
            ExposureKey::Component(..) | ExposureKey::Nature(_) => {}
        }
    }
    let departments = departments.into_iter().collect();
    let departments = organization::service::load_departments(&db.read, departments).await?;
    let include = organization::service::OrganizationInclude::default();
    let organizations = organizations.into_iter().collect();
    let organizations: HashMap<_, _> =
        organization::service::load_visible_survivors(&db.read, viewer, organizations, include)
            .await?;
    for (key, label, _) in exposures.iter_mut().flat_map(|(_, exposure)| &mut exposure.groups) {
        let name = match key {
            ExposureKey::Department(id) => departments.get(id).map(|row| row.name.clone()),
            ExposureKey::Organization(id) => {
                organizations.get(id).map(|it| it.row.legal_name.clone())
            }
            ExposureKey::Component(..) | ExposureKey::Nature(_) => None,
        };
        *label = name.unwrap_or_else(|| std::mem::take(label));
    }
    Ok(())
}

/// The running totals of one group.
#[derive(Default)]
struct Group {
    contracts: i64,
    value: Vec<Money>,
    organizations: BTreeSet<OrganizationId>,
    /// The index of each agreement, by disclosure and position, so that each counts once.
    agreements: BTreeMap<(DisclosureId, i64), usize>,
}

impl Group {
    fn add_contracts(&mut self, held: &ActiveContracts) {
        self.contracts += held.contracts;
        self.value.push(Money { cents: held.cents, currency: held.currency.clone() });
        self.organizations.insert(held.organization);
    }

    fn into_totals(
        self,
        agreements: &HashMap<DisclosureId, Vec<DisclosedAgreement>>,
    ) -> ExposureTotals {
        let counted = self.agreements.iter().filter_map(|((disclosure, _), index)| {
            agreements.get(disclosure).and_then(|all| all.get(*index))
        });
        ExposureTotals {
            contracts: self.contracts,
            value: Money::sum_by_currency(self.value).collect(),
            organizations: self.organizations.len(),
            agreements: self.agreements.len(),
            compensation: total_compensation(counted),
        }
    }
}

/// Groups contracts by the agreements that their holders disclosed. A contract whose holder
/// disclosed agreements with two components counts in both groups; an agreement counts once in a
/// group, for any number of contracts.
fn group_exposure(
    group: ExposureGroup,
    contracts: &[ActiveContracts],
    agreements: &HashMap<DisclosureId, Vec<DisclosedAgreement>>,
) -> Exposure {
    let mut groups = BTreeMap::<ExposureKey, Group>::new();
    let [mut with, mut without_agreements, mut unknown] =
        [Group::default(), Group::default(), Group::default()];
    for held in contracts {
        let Some(disclosure) = held.disclosure else {
            unknown.add_contracts(held);
            continue;
        };
        let Some(disclosed) = agreements.get(&disclosure).filter(|all| !all.is_empty()) else {
            without_agreements.add_contracts(held);
            continue;
        };
        with.add_contracts(held);
        let mut counted_keys = BTreeSet::new();
        for (index, agreement) in disclosed.iter().enumerate() {
            let DisclosedAgreement { row, natures_of_work } = agreement;
            let keys: Vec<ExposureKey> = match group {
                ExposureGroup::Component => {
                    let name = row.component_name.clone();
                    let name = name.filter(|_| row.component == Some(DhsComponent::Other));
                    vec![ExposureKey::Component(row.component, name)]
                }
                ExposureGroup::NatureOfWork => {
                    natures_of_work.iter().copied().map(ExposureKey::Nature).collect()
                }
                ExposureGroup::Department => vec![ExposureKey::Department(held.department)],
                ExposureGroup::Organization => vec![ExposureKey::Organization(held.organization)],
            };
            with.agreements.insert((disclosure, row.position), index);
            for key in keys {
                let group = groups.entry(key.clone()).or_default();
                group.agreements.insert((disclosure, row.position), index);
                if counted_keys.insert(key) {
                    group.add_contracts(held);
                }
            }
        }
    }
    let groups = groups.into_iter().map(|(key, group)| {
        let label = match &key {
            ExposureKey::Component(Some(DhsComponent::Other), Some(name)) => name.clone(),
            ExposureKey::Component(Some(component), _) => component.label().to_owned(),
            ExposureKey::Component(None, _) => "Withheld component".to_owned(),
            ExposureKey::Nature(nature) => crate::gate::wording::word_to_prose(nature.as_str()),
            ExposureKey::Department(_) | ExposureKey::Organization(_) => String::new(),
        };
        (key, label, group.into_totals(agreements))
    });
    Exposure {
        groups: groups.collect(),
        with_agreements: with.into_totals(agreements),
        without_agreements: without_agreements.into_totals(agreements),
        unknown: unknown.into_totals(agreements),
    }
}
