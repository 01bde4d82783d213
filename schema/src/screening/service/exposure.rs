//! Exposure: the dealings with the Department of Homeland Security that the City's contractors
//! disclosed, as of any day.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::SCREENING_IS_FOR_STAFF;
use super::compensation::{CompensationTotal, RunningCompensation};
use crate::clock::just_after;
use crate::database::Database;
use crate::disclosure;
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::{SummedAgreements, SummedBy};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{DhsComponent, NatureOfWork};
use crate::money::{Money, MoneySums};
use crate::organization;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};
use crate::policy;
use crate::scalar::Date;
use crate::screening::model::ExposureGroup;
use crate::screening::store::{self, ActiveContracts};
use crate::text::validate_date;
use crate::user_message::UserMessage;

/// The most days of one exposure query.
const MAX_EXPOSURE_DAYS: usize = 36;
/// How many disclosures have their agreements summed in one statement, so that memory does not grow with the
/// agreements.
const DISCLOSURES_A_STATEMENT: usize = 1_000;
/// How many holders of contracts have their filings looked for in one statement.
const HOLDERS_A_STATEMENT: usize = 10_000;

/// The key of an exposure group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExposureKey {
    /// The component, `None` if it is withheld; and the name as filed, if it is `OTHER`.
    Component(Option<DhsComponent>, Option<String>),
    Department(DepartmentId),
    Nature(NatureOfWork),
    Organization(OrganizationId),
}

impl ExposureKey {
    /// Returns the component or nature of work by which the agreements are summed.
    fn of_agreements(sum: &SummedAgreements) -> Self {
        if let Some(nature) = sum.nature {
            return Self::Nature(nature);
        }
        let name = sum.component_name.clone();
        Self::Component(sum.component, name.filter(|_| sum.component == Some(DhsComponent::Other)))
    }

    /// Returns the department by which the contracts are summed, or else their holder.
    fn of_contracts(held: &ActiveContracts) -> Self {
        held.department.map_or(Self::Organization(held.organization), Self::Department)
    }

    /// Returns the name of the group; empty if it is read from the database.
    fn label(&self) -> String {
        match self {
            Self::Component(Some(DhsComponent::Other), Some(name)) => name.clone(),
            Self::Component(Some(component), _) => component.label().to_owned(),
            Self::Component(None, _) => "Withheld component".to_owned(),
            Self::Nature(nature) => crate::gate::wording::word_to_prose(nature.as_str()),
            Self::Department(_) | Self::Organization(_) => String::new(),
        }
    }
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
        // A day that has not ended is reported as of now, with what was filed at exactly this time.
        let ends = timeline.local_midnight(next, viewer.now).min(just_after(viewer.now));
        let by_department = group == ExposureGroup::Department;
        let contracts =
            store::active_contracts_on(&db.read, viewer, department, day, by_department).await?;
        exposures.push((day, total_exposure(db, group, contracts, ends).await?));
    }
    fill_labels(db, viewer, &mut exposures).await?;
    Ok(exposures)
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
    value: MoneySums,
    organizations: BTreeSet<OrganizationId>,
    agreements: usize,
    compensation: RunningCompensation,
}

impl Group {
    fn add_contracts<'a>(&mut self, contracts: impl IntoIterator<Item = &'a ActiveContracts>) {
        for held in contracts {
            self.contracts += held.contracts;
            self.value.add(held.cents, &held.currency);
            self.organizations.insert(held.organization);
        }
    }

    fn add_agreements<'a>(&mut self, sums: impl IntoIterator<Item = &'a SummedAgreements>) {
        for sum in sums {
            let agreements = usize::try_from(sum.agreements).unwrap_or_default();
            self.agreements += agreements;
            self.compensation.add(agreements, sum.cents, sum.currency.as_deref(), sum.short_form);
        }
    }

    fn finish(self) -> ExposureTotals {
        let Self { contracts, value, organizations, agreements, compensation } = self;
        ExposureTotals {
            contracts,
            value: value.finish().collect(),
            organizations: organizations.len(),
            agreements,
            compensation: compensation.finish(),
        }
    }
}

/// The running totals of an exposure.
#[derive(Default)]
struct RunningExposure {
    groups: BTreeMap<ExposureKey, Group>,
    with_agreements: Group,
    without_agreements: Group,
    unknown: Group,
}

/// Totals contracts by the agreements in the disclosures that their holders had on file before a time. A contract
/// whose holder disclosed agreements with two components counts in both groups; an agreement counts once in a group,
/// for any number of contracts.
async fn total_exposure(
    db: &Database,
    group: ExposureGroup,
    contracts: Vec<ActiveContracts>,
    before: DateTime<Utc>,
) -> Result<Exposure> {
    let mut exposure = RunningExposure::default();
    let mut by_disclosure = BTreeMap::<DisclosureId, Vec<ActiveContracts>>::new();
    let holders = load_holders(db, &contracts, before).await?;
    for held in contracts {
        let holder = holders.get(&held.organization);
        let organization = holder.map_or(held.organization, |holder| holder.firm);
        let held = ActiveContracts { organization, ..held };
        match holder.and_then(|holder| holder.on_file) {
            Some(disclosure) => by_disclosure.entry(disclosure).or_default().push(held),
            None => exposure.unknown.add_contracts([&held]),
        }
    }
    let by_disclosure: Vec<_> = by_disclosure.into_iter().collect();
    let by = match group {
        ExposureGroup::Component => SummedBy::Component,
        ExposureGroup::NatureOfWork => SummedBy::NatureOfWork,
        ExposureGroup::Department | ExposureGroup::Organization => SummedBy::Disclosure,
    };
    for part in by_disclosure.chunks(DISCLOSURES_A_STATEMENT) {
        let disclosures: Vec<Uuid> = part.iter().map(|(disclosure, _)| disclosure.uuid()).collect();
        // An agreement has one component, but any number of natures of work.
        let whole = match by {
            SummedBy::Component | SummedBy::Disclosure => None,
            SummedBy::NatureOfWork => {
                Some(load_sums(db, disclosures.clone(), SummedBy::Disclosure).await?)
            }
        };
        let sums = load_sums(db, disclosures, by).await?;
        for (disclosure, held) in part {
            let Some(agreements) = whole.as_ref().unwrap_or(&sums).get(disclosure) else {
                exposure.without_agreements.add_contracts(held);
                continue;
            };
            exposure.with_agreements.add_contracts(held);
            exposure.with_agreements.add_agreements(agreements);
            match group {
                ExposureGroup::Component | ExposureGroup::NatureOfWork => {
                    let sums = sums.get(disclosure).map(Vec::as_slice).unwrap_or_default();
                    exposure.group_by_agreement(held, sums);
                }
                ExposureGroup::Department | ExposureGroup::Organization => {
                    exposure.group_by_contract(held, agreements);
                }
            }
        }
    }
    Ok(exposure.finish())
}

/// A holder of contracts.
struct Holder {
    /// The organization, or what it was merged into.
    firm: OrganizationId,
    /// The disclosure that the firm had on file.
    on_file: Option<DisclosureId>,
}

/// Loads the holder of each of some contracts, with the disclosure that it had on file before a time.
async fn load_holders(
    db: &Database,
    contracts: &[ActiveContracts],
    before: DateTime<Utc>,
) -> Result<HashMap<OrganizationId, Holder>> {
    let ids: BTreeSet<Uuid> = contracts.iter().map(|held| held.organization.uuid()).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut holders = HashMap::new();
    for part in ids.chunks(HOLDERS_A_STATEMENT) {
        let groups = organization::service::load_groups(&db.read, part.to_vec()).await?;
        let in_effect =
            disclosure::service::find_filings_in_effect(&db.read, &groups, before).await?;
        holders.extend(part.iter().copied().map(OrganizationId::from_uuid).map(|id| {
            let firm = groups.survivor_of(id);
            (id, Holder { firm, on_file: in_effect.get(&firm).copied() })
        }));
    }
    Ok(holders)
}

/// Loads the sums of the agreements of each disclosure that has any.
async fn load_sums(
    db: &Database,
    disclosures: Vec<Uuid>,
    by: SummedBy,
) -> Result<HashMap<DisclosureId, Vec<SummedAgreements>>> {
    let mut by_disclosure = HashMap::<_, Vec<_>>::new();
    for sum in disclosure::service::sum_disclosed_agreements(&db.read, disclosures, by).await? {
        by_disclosure.entry(sum.disclosure_id).or_default().push(sum);
    }
    Ok(by_disclosure)
}

impl RunningExposure {
    /// Adds all contracts to each group that one of the sums belongs to.
    fn group_by_agreement(&mut self, held: &[ActiveContracts], sums: &[SummedAgreements]) {
        let mut counted = BTreeSet::new();
        for sum in sums {
            let key = ExposureKey::of_agreements(sum);
            let group = self.groups.entry(key.clone()).or_default();
            group.add_agreements([sum]);
            if counted.insert(key) {
                group.add_contracts(held);
            }
        }
    }

    /// Adds all agreements to each group that some of the contracts belong to.
    fn group_by_contract(&mut self, held: &[ActiveContracts], agreements: &[SummedAgreements]) {
        let mut counted = BTreeSet::new();
        for held in held {
            let key = ExposureKey::of_contracts(held);
            let group = self.groups.entry(key.clone()).or_default();
            group.add_contracts([held]);
            if counted.insert(key) {
                group.add_agreements(agreements);
            }
        }
    }

    fn finish(self) -> Exposure {
        let Self { groups, with_agreements, without_agreements, unknown } = self;
        let groups = groups.into_iter().map(|(key, group)| {
            let label = key.label();
            (key, label, group.finish())
        });
        Exposure {
            groups: groups.collect(),
            with_agreements: with_agreements.finish(),
            without_agreements: without_agreements.finish(),
            unknown: unknown.finish(),
        }
    }
}
