//! What the City's contractors have disclosed of the Department of Homeland Security, across
//! departments, as of any day.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use super::compensation::{CompensationTotal, total_compensation};
use super::{SCREENING_ROLES, SCREENING_IS_FOR_STAFF};
use crate::database::Database;
use crate::disclosure::model::DisclosureId;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{DhsComponent, NatureOfWork};
use crate::money::Money;
use crate::organization;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::policy;
use crate::scalar::Date;
use crate::screening::model::ExposureGroup;
use crate::screening::store::{self, Agreements, ActiveContracts};
use crate::text::validate_date;

/// The most days that one question is about.
const DAYS: usize = 36;

/// What contracts are grouped by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExposureKey {
    /// None if the component is withheld; with the name of an `OTHER`.
    Component(Option<DhsComponent>, Option<String>),
    Department(DepartmentId),
    Nature(NatureOfWork),
    Organization(OrganizationId),
}

/// What a group comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExposureTotals {
    /// City contracts of holders with such agreements, each once.
    pub contracts: i64,
    /// What those contracts come to, one sum a currency.
    pub value: Vec<Money>,
    pub organizations: usize,
    /// Disclosed agreements, each once however many contracts its organization holds.
    pub agreements: usize,
    pub compensation: CompensationTotal,
}

/// What was so on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Of all contracts that ran, by what their holders disclosed.
    pub groups: Vec<(ExposureKey, String, ExposureTotals)>,
    /// Of those whose holders disclosed an agreement.
    pub with_agreements: ExposureTotals,
    /// Of those whose holders said that they have none.
    pub without: ExposureTotals,
    /// Of those whose holders had nothing on file: what they have is unknown, not nothing.
    pub unknown: ExposureTotals,
}

/// Groups what the contractors disclosed, as of some days: of who held a contract then, for what it
/// came to then, by what that organization had on file when the day ended.
///
/// # Errors
/// `Forbidden` to who is no member of staff, `Invalid` for days that are none or lie ahead,
/// `LimitExceeded` for too many.
pub async fn load_exposure(
    db: &Database,
    viewer: &Viewer,
    group: ExposureGroup,
    department: Option<DepartmentId>,
    as_of: &[Date],
) -> Result<Vec<(NaiveDate, Exposure)>> {
    viewer.requires(&SCREENING_ROLES, SCREENING_IS_FOR_STAFF)?;
    if as_of.len() > DAYS {
        let told = format!("ask for {DAYS} days at the most; ask again for the others");
        return Err(Fault::LimitExceeded(told.into()));
    }
    let timeline = policy::service::load_timeline(&db.read).await?;
    let today = timeline.local_date(viewer.now);
    let (path, mut problems) = (FieldPath::argument("asOf"), InputErrors::default());
    let mut days = Vec::new();
    for (index, typed) in as_of.iter().enumerate() {
        match validate_date(typed, &path.at(index), &mut problems) {
            Some(on) if on > today => {
                let told = format!("It is {today}: what will be so on a later day nobody knows.");
                problems.add(&path.at(index), "invalid", told);
            }
            Some(on) => days.push(on),
            None => {}
        }
    }
    problems.finish()?;
    if as_of.is_empty() {
        days.push(today);
    }
    let mut found = Vec::new();
    for on in days {
        let next = on.succ_opt().unwrap_or(on);
        // A day that has not ended is told as it is now.
        let ends = timeline.local_midnight(next, viewer.now).min(after(viewer.now));
        let held = store::active_contracts_on(&db.read, viewer, department, (on, ends)).await?;
        let filed: BTreeSet<DisclosureId> = held.iter().filter_map(|it| it.disclosure).collect();
        let filed: Vec<Uuid> = filed.into_iter().map(DisclosureId::uuid).collect();
        let agreements = store::load_agreements(&db.read, filed).await?;
        found.push((on, exposed(group, &held, &agreements)));
    }
    named(db, viewer, &mut found).await?;
    Ok(found)
}

/// The moment after one: what was filed at it had been filed.
fn after(at: chrono::DateTime<chrono::Utc>) -> chrono::DateTime<chrono::Utc> {
    at + chrono::TimeDelta::microseconds(1)
}

/// Puts in what people call departments and organizations.
async fn named(db: &Database, viewer: &Viewer, found: &mut [(NaiveDate, Exposure)]) -> Result<()> {
    let keys = found.iter().flat_map(|(_, exposure)| exposure.groups.iter().map(|it| &it.0));
    let (mut departments, mut organizations) = (BTreeSet::new(), BTreeSet::new());
    for key in keys {
        match key {
            ExposureKey::Department(id) => drop(departments.insert(id.uuid())),
            ExposureKey::Organization(id) => drop(organizations.insert(id.uuid())),
            ExposureKey::Component(..) | ExposureKey::Nature(_) => {}
        }
    }
    let departments = departments.into_iter().collect();
    let departments = organization::service::departments_by_ids(&db.read, departments).await?;
    let include = organization::service::Include::default();
    let organizations = organizations.into_iter().collect();
    let organizations: HashMap<_, _> =
        organization::service::visible_by_ids(&db.read, viewer, organizations, include).await?;
    for (key, label, _) in found.iter_mut().flat_map(|(_, exposure)| &mut exposure.groups) {
        let name = match key {
            ExposureKey::Department(id) => departments.get(id).map(|row| row.name.clone()),
            ExposureKey::Organization(id) => organizations.get(id).map(|it| it.row.legal_name.clone()),
            ExposureKey::Component(..) | ExposureKey::Nature(_) => None,
        };
        *label = name.unwrap_or_else(|| std::mem::take(label));
    }
    Ok(())
}

/// What one group has gathered.
#[derive(Default)]
struct Group {
    contracts: i64,
    value: Vec<Money>,
    organizations: BTreeSet<OrganizationId>,
    /// By disclosure and place, so that each is counted once.
    agreements: BTreeMap<(DisclosureId, i64), usize>,
}

impl Group {
    fn holds(&mut self, held: &ActiveContracts) {
        self.contracts += held.contracts;
        self.value.push(Money { cents: held.cents, currency: held.currency.clone() });
        self.organizations.insert(held.organization);
    }

    fn told(self, agreements: &HashMap<DisclosureId, Agreements>) -> ExposureTotals {
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

/// Groups what is held by what is disclosed. A contract whose holder disclosed agreements with two
/// components counts under both; an agreement counts once in a group, however many contracts its
/// organization holds.
fn exposed(
    group: ExposureGroup,
    held: &[ActiveContracts],
    agreements: &HashMap<DisclosureId, Agreements>,
) -> Exposure {
    let mut groups = BTreeMap::<ExposureKey, Group>::new();
    let [mut with, mut without, mut unknown] =
        [Group::default(), Group::default(), Group::default()];
    for held in held {
        let Some(disclosure) = held.disclosure else {
            unknown.holds(held);
            continue;
        };
        let Some(told) = agreements.get(&disclosure).filter(|told| !told.is_empty()) else {
            without.holds(held);
            continue;
        };
        with.holds(held);
        let mut touched = BTreeSet::new();
        for (index, (row, natures)) in told.iter().enumerate() {
            let keys: Vec<ExposureKey> = match group {
                ExposureGroup::Component => {
                    let name = row.component_name.clone();
                    let name = name.filter(|_| row.component == Some(DhsComponent::Other));
                    vec![ExposureKey::Component(row.component, name)]
                }
                ExposureGroup::NatureOfWork => natures.iter().copied().map(ExposureKey::Nature).collect(),
                ExposureGroup::Department => vec![ExposureKey::Department(held.department)],
                ExposureGroup::Organization => vec![ExposureKey::Organization(held.organization)],
            };
            with.agreements.insert((disclosure, row.position), index);
            for key in keys {
                let of_key = groups.entry(key.clone()).or_default();
                of_key.agreements.insert((disclosure, row.position), index);
                if touched.insert(key) {
                    of_key.holds(held);
                }
            }
        }
    }
    let groups = groups.into_iter().map(|(key, group)| {
        let label = match &key {
            ExposureKey::Component(Some(DhsComponent::Other), Some(name)) => name.clone(),
            ExposureKey::Component(Some(component), _) => component.label().to_owned(),
            ExposureKey::Component(None, _) => "A component that is withheld".to_owned(),
            ExposureKey::Nature(nature) => nature.word().to_lowercase().replace('_', " "),
            ExposureKey::Department(_) | ExposureKey::Organization(_) => String::new(),
        };
        (key, label, group.told(agreements))
    });
    Exposure {
        groups: groups.collect(),
        with_agreements: with.told(agreements),
        without: without.told(agreements),
        unknown: unknown.told(agreements),
    }
}
