//! Finds or registers the vendors that the City's contract lists name.
use std::collections::HashMap;

use candor_matcher::{ExactName, Index, PROBABLE_SCORE, Profile, Record, Relation};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::claims::identifier_of;
use super::registration::change_of;
use super::resolution::{FirmMatch, NamedFirm, SearchBy, find_firms};
use super::store::{self, claims};
use crate::database::Tx;
use crate::fault::{FieldPath, InputErrors, Result};
use crate::ledger::model::{LedgerAction, ServiceId};
use crate::ledger::service::{FirstEntry, append_first};
use crate::organization::entity::identifier::Model as Claim;
use crate::organization::entity::organization::{FormerNames, Model, Names};
use crate::organization::model::{
    DepartmentId, Identifier, IdentifierState, OrganizationId, OrganizationIdentifier,
    OrganizationKind, Ownership, Viewer,
};
use crate::organization::rules::{self, has_other_number};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_LINE_CHARS, validate_required};

/// A vendor as a list names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendor {
    pub legal_name: String,
    pub identifiers: Vec<Identifier>,
    /// Whether the list says that it is not one of the registered firms with a similar name.
    pub is_new: bool,
}

/// A department as a list names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDepartment {
    pub id: DepartmentId,
    pub code: String,
}

/// Loads every department, keyed by its code and by its name in lower case.
pub async fn load_departments_by_code_and_name(
    db: &impl ConnectionTrait,
) -> Result<HashMap<String, ListedDepartment>> {
    let mut departments = HashMap::new();
    let mut last = None;
    loop {
        let rows = store::load_department_batch(db, last, 500).await?;
        let Some(end) = rows.last() else { return Ok(departments) };
        last = Some(end.id.uuid());
        for row in rows {
            let department = ListedDepartment { id: row.id, code: row.code };
            departments.insert(department.code.to_lowercase(), department.clone());
            departments.insert(row.name.to_lowercase(), department);
        }
    }
}

/// The contractors that a list names: finds who is registered, and registers who is new.
#[derive(Debug)]
pub struct VendorRegister {
    viewer: Viewer,
    /// The names of every organization, and of the new ones.
    index: Index,
    /// The organizations in the order of the index.
    firms: Vec<NamedOrganization>,
    new: NewVendors,
}

/// An organization with what tells it from others of a similar name.
#[derive(Clone, Debug)]
struct NamedOrganization {
    id: OrganizationId,
    name: String,
    numbers: Vec<Identifier>,
}

/// The holder of a contract in a list.
#[derive(Clone, Debug)]
pub enum Holder {
    /// A registered organization.
    Known(OrganizationId),
    /// An organization with this identifier, which is registered once a contract of it is recorded.
    New(OrganizationId, Vendor),
}

impl Holder {
    #[must_use]
    pub const fn id(&self) -> OrganizationId {
        match self {
            Self::Known(id) | Self::New(id, _) => *id,
        }
    }
}

/// The number of similar names that a refusal lists.
const MAX_LISTED_NAMES: usize = 3;

impl VendorRegister {
    /// Loads the names and numbers of all organizations.
    ///
    /// # Errors
    /// Database faults only.
    pub async fn load(db: &impl ConnectionTrait, viewer: Viewer) -> Result<Self> {
        const BATCH: u64 = 1_000;
        let (index, firms, new) = (Index::new(), Vec::new(), NewVendors::default());
        let mut register = Self { viewer, index, firms, new };
        let mut after = None;
        loop {
            let rows = store::load_batch(db, after, BATCH).await?;
            let Some(last) = rows.last() else { return Ok(register) };
            after = Some(last.id.uuid());
            let mut numbers = HashMap::<OrganizationId, Vec<Identifier>>::new();
            let ids = rows.iter().map(|row| row.id.uuid()).collect();
            for claim in claims::list_undisputed_claims_of(db, ids).await? {
                numbers.entry(claim.organization_id).or_default().push(identifier_of(&claim));
            }
            // The survivor of a merge has the names of the retired organization.
            for row in rows.into_iter().filter(|row| row.merged_into.is_none()) {
                let numbers = numbers.remove(&row.id).unwrap_or_default();
                register.insert(&row, numbers);
            }
        }
    }

    fn insert(&mut self, row: &Model, numbers: Vec<Identifier>) {
        let aliases = store::names::names_of(row).into_iter().map(|(_, name)| name.to_owned());
        let record =
            Record { aliases: aliases.collect(), ..Record::from_name(row.legal_name.clone()) };
        self.index.insert(&record);
        self.firms.push(NamedOrganization { id: row.id, name: row.legal_name.clone(), numbers });
    }

    /// Finds what each vendor names: the organization by an undisputed identifier, else by its exact name.
    ///
    /// # Errors
    /// Database faults only.
    pub async fn find(
        &self,
        db: &impl ConnectionTrait,
        wanted: Vec<Vendor>,
    ) -> Result<Vec<FoundVendor>> {
        let wanted: Vec<Result<Vendor, String>> = wanted.into_iter().map(validate_vendor).collect();
        let named: Vec<NamedFirm<'_>> = wanted.iter().flatten().map(NamedFirm::from).collect();
        let mut found = find_firms(db, &named, SearchBy::NumberOrName).await?.into_iter();
        let found = wanted.into_iter().map(|vendor| {
            let vendor = vendor?;
            Ok((vendor, found.next().unwrap_or(FirmMatch::Unknown)))
        });
        Ok(found.map(FoundVendor).collect())
    }

    /// Returns the holder that a vendor is, considering the rows before. A vendor that is not registered is
    /// a new one, unless its name is probably that of a registered firm and the row does not say that it is
    /// new.
    ///
    /// # Errors
    /// What to fix in the row.
    pub fn holder(&self, found: FoundVendor) -> Result<Holder, String> {
        let (vendor, found) = found.0?;
        let name = &vendor.legal_name;
        match found {
            FirmMatch::One(organization, _) => return Ok(Holder::Known(organization)),
            FirmMatch::Several => {
                return Err(format!(
                    "vendor: several organizations match {name:?}. Give the vendor_number or the uei of \
                    the right one."
                ));
            }
            FirmMatch::Disputed => {
                return Err(format!(
                    "vendor: several organizations claim a number of {name:?}, and the City has not \
                    decided the dispute. Decide it first, or leave the number out."
                ));
            }
            FirmMatch::Unknown => {}
        }
        if let Some(organization) = self.new.find(&vendor) {
            return Ok(Holder::New(organization, vendor));
        }
        let near = if vendor.is_new { Vec::new() } else { self.list_near(&vendor) };
        if !near.is_empty() {
            return Err(format!(
                "vendor: {name:?} is probably a firm that is registered already: {}. Give that firm's \
                exact name, its vendor_number or its uei; if this is another firm, write yes in the column \
                new_vendor.",
                near.join(", or ")
            ));
        }
        Ok(Holder::New(OrganizationId::generate(), vendor))
    }

    /// Lists the registered firms to which a name probably belongs, as text. Those with another number of
    /// the same issuer are other firms.
    fn list_near(&self, vendor: &Vendor) -> Vec<String> {
        let searched = Profile::from_name(&vendor.legal_name);
        let matches = self.index.search(&searched, MAX_LISTED_NAMES, PROBABLE_SCORE);
        let same = matches.into_iter().filter(|it| it.relation == Relation::Same);
        let firms = same.filter_map(|it| self.firms.get(usize::try_from(it.record.number()).ok()?));
        let firms = firms.filter(|it| !has_other_number(&it.numbers, &vendor.identifiers));
        firms.map(|it| format!("{} ({})", it.name, it.id)).collect()
    }

    /// Keeps a new holder, because a contract of it is recorded: the rows after this one find it.
    pub fn keep(&mut self, holder: Holder) {
        let Holder::New(id, vendor) = holder else { return };
        if !self.new.by_id.contains_key(&id) {
            let row = Model { id, ..new_organization(vendor.legal_name.clone(), &self.viewer) };
            self.insert(&row, vendor.identifiers.clone());
            self.new.by_id.insert(id, self.new.rows.len());
            self.new.rows.push((row, Vec::new()));
        }
        self.new.add_names(id, vendor);
    }

    /// Registers the new holders that were kept since the last call, without members. Returns their number.
    ///
    /// # Errors
    /// `Conflict` if another transaction claims one of the identifiers, `Internal` if the database fails.
    #[tracing::instrument(skip_all)]
    pub async fn register(&mut self, tx: &Tx) -> Result<u64> {
        let new = std::mem::take(&mut self.new);
        let count = u64::try_from(new.rows.len()).unwrap_or(u64::MAX);
        let rows = new.rows.into_iter().map(|(row, identifiers)| {
            let claims = new_claims(&row, identifiers, IdentifierState::Claimed, &self.viewer);
            (row, claims)
        });
        insert_vendors(tx, &self.viewer, rows.collect()).await?;
        Ok(count)
    }

    /// The number of new holders that were kept and are not registered.
    #[must_use]
    pub fn count_new(&self) -> u64 {
        u64::try_from(self.new.rows.len()).unwrap_or(u64::MAX)
    }
}

/// A vendor of a row with the firm that it names, or why the row cannot be read.
#[derive(Debug)]
pub struct FoundVendor(Result<(Vendor, FirmMatch), String>);

/// The vendors of a list that are not registered yet, each once.
#[derive(Debug, Default)]
struct NewVendors {
    rows: Vec<(Model, Vec<Identifier>)>,
    /// Positions in `rows`.
    by_id: HashMap<OrganizationId, usize>,
    by_identifier: HashMap<Identifier, usize>,
    by_name: HashMap<ExactName, usize>,
}

impl NewVendors {
    /// Finds the new organization that an earlier row named by the same number, or by the same name and
    /// no other number of the same issuer.
    fn find(&self, vendor: &Vendor) -> Option<OrganizationId> {
        let numbered = vendor.identifiers.iter().find_map(|it| self.by_identifier.get(it));
        let named = self
            .by_name
            .get(&ExactName::new(&vendor.legal_name))
            .filter(|position| !has_other_number(&self.rows[**position].1, &vendor.identifiers));
        numbered.or(named).map(|position| self.rows[*position].0.id)
    }

    /// Adds a name and the numbers that nobody else has to a new organization.
    fn add_names(&mut self, id: OrganizationId, vendor: Vendor) {
        let Some(position) = self.by_id.get(&id).copied() else { return };
        self.by_name.entry(ExactName::new(&vendor.legal_name)).or_insert(position);
        for identifier in vendor.identifiers {
            if self.by_identifier.insert(identifier.clone(), position).is_none() {
                self.rows[position].1.push(identifier);
            }
        }
    }
}

impl<'a> From<&'a Vendor> for NamedFirm<'a> {
    fn from(vendor: &'a Vendor) -> Self {
        Self { organization_id: None, identifiers: &vendor.identifiers, name: &vendor.legal_name }
    }
}

/// Returns the vendor with normalized texts, or a message with every error in them.
fn validate_vendor(vendor: Vendor) -> Result<Vendor, String> {
    let Vendor { legal_name, identifiers, is_new } = vendor;
    let (path, mut errors) = (FieldPath::default(), InputErrors::default());
    let legal_name =
        validate_required(&legal_name, MAX_LINE_CHARS, &path.at("vendor"), &mut errors);
    let identifiers = rules::validate_vendor_identifiers(identifiers, &path, &mut errors);
    let messages: Vec<String> =
        errors.into_errors().into_iter().map(|it| it.message.english()).collect();
    if messages.is_empty() {
        return Ok(Vendor { legal_name, identifiers, is_new });
    }
    Err(format!("vendor: {}", messages.join(" ")))
}

/// Returns the claims of a new vendor to its identifiers; verified ones if the City's list gives them.
pub(super) fn new_claims(
    row: &Model,
    identifiers: Vec<Identifier>,
    state: IdentifierState,
    viewer: &Viewer,
) -> Vec<Claim> {
    let is_verified = state == IdentifierState::Verified;
    let claims = identifiers.into_iter().map(|it| Claim {
        organization_id: row.id,
        scheme: it.scheme,
        value: it.id,
        state,
        claimed_by: viewer.subject.clone(),
        claimed_at: row.created_at,
        dispute_id: None,
        verified_by: is_verified.then(|| viewer.subject.clone()),
        verified_at: is_verified.then_some(row.created_at),
    });
    claims.collect()
}

/// Returns a new organization that the City recorded, without members.
pub(super) fn new_organization(legal_name: String, viewer: &Viewer) -> Model {
    Model {
        id: OrganizationId::generate(),
        kind: OrganizationKind::Unknown,
        legal_name,
        doing_business_as: Names(Vec::new()),
        address: None,
        ownership: Ownership::default(),
        created_at: viewer.now,
        updated_at: viewer.now,
        revision: 1,
        former_names: FormerNames::default(),
        merged_into: None,
        merged_at: None,
        merged_through: None,
    }
}

/// Inserts new organizations with their claims, to identifiers that nobody claims.
pub(super) async fn insert_vendors(
    tx: &Tx,
    viewer: &Viewer,
    vendors: Vec<(Model, Vec<Claim>)>,
) -> Result<()> {
    let first_entries: Vec<FirstEntry> = vendors
        .iter()
        .map(|(row, claims)| {
            let claims = claims.iter().cloned().map(OrganizationIdentifier::from);
            let data = json!({
                "kind": row.kind,
                "legalName": row.legal_name,
                "doingBusinessAs": row.doing_business_as.0,
                "identifiers": claims.collect::<Vec<_>>(),
                "ownership": row.ownership,
                "jointVentureMembers": [],
            });
            let parent = Some(ServiceId::part_of(row.id.uuid()).into());
            FirstEntry { subject: row.id.into(), parent, data }
        })
        .collect();
    store::insert_organizations(tx, &vendors).await?;
    let rows: Vec<&Model> = vendors.iter().map(|(row, _)| row).collect();
    store::names::insert_names(tx, &rows).await?;
    for (row, claims) in &vendors {
        // Bids may name it by an identifier that it now claims.
        if !claims.is_empty() {
            enqueue(tx, change_of(row.id, viewer)).await?;
        }
    }
    append_first(tx, viewer.actor(), LedgerAction::OrganizationRegistered, first_entries).await
}
