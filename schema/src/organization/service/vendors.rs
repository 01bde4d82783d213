//! Finds or registers the vendors that the City's contract lists name.
use std::collections::HashMap;

use candor_matcher::ExactName;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::registration::change_of;
use super::resolution::{FirmMatch, NamedFirm, SearchBy, find_firms};
use super::store;
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
}

/// Loads every department, keyed by its code and by its name in lower case.
pub async fn load_departments_by_code_and_name(
    db: &impl ConnectionTrait,
) -> Result<HashMap<String, DepartmentId>> {
    let mut departments = HashMap::new();
    let mut last = None;
    loop {
        let rows = store::load_department_batch(db, last, 500).await?;
        let Some(end) = rows.last() else { return Ok(departments) };
        last = Some(end.id.uuid());
        for row in rows {
            departments.insert(row.code.to_lowercase(), row.id);
            departments.insert(row.name.to_lowercase(), row.id);
        }
    }
}

/// Finds the organization of each vendor, in the order given: by an undisputed identifier, else by its
/// exact name. Registers an unknown vendor, without members, unless its identifier is in dispute.
/// Returns for each vendor the organization, or a message why it is ambiguous; and the number of
/// organizations registered.
///
/// # Errors
/// `Conflict` if another transaction claims one of the identifiers, `Internal` if the database fails.
#[tracing::instrument(skip_all)]
pub async fn find_or_register_vendors(
    tx: &Tx,
    viewer: &Viewer,
    wanted: Vec<Vendor>,
) -> Result<(Vec<Result<OrganizationId, String>>, u64)> {
    let wanted: Vec<Result<Vendor, String>> = wanted.into_iter().map(validate_vendor).collect();
    let named: Vec<NamedFirm<'_>> = wanted.iter().flatten().map(NamedFirm::from).collect();
    let mut found = find_firms(&**tx, &named, SearchBy::NumberOrName).await?.into_iter();
    let (mut resolved, mut registered) = (Vec::new(), NewVendors::default());
    for vendor in wanted {
        let vendor = match vendor {
            Ok(vendor) => vendor,
            Err(message) => {
                resolved.push(Err(message));
                continue;
            }
        };
        let found = found.next().unwrap_or(FirmMatch::Unknown);
        let name = &vendor.legal_name;
        resolved.push(match found {
            FirmMatch::One(organization, _) => Ok(organization),
            FirmMatch::Several => Err(format!(
                "vendor: several organizations match {name:?}. Give the vendor_number or the uei of \
                the right one."
            )),
            FirmMatch::Disputed => Err(format!(
                "vendor: several organizations claim a number of {name:?}, and the City has not \
                decided the dispute. Decide it first, or leave the number out."
            )),
            FirmMatch::Unknown => Ok(registered.find_or_add(vendor, viewer)),
        });
    }
    let count = u64::try_from(registered.rows.len()).unwrap_or(u64::MAX);
    let rows = registered.rows.into_iter().map(|(row, identifiers)| {
        let claims = new_claims(&row, identifiers, IdentifierState::Claimed, viewer);
        (row, claims)
    });
    insert_vendors(tx, viewer, rows.collect()).await?;
    Ok((resolved, count))
}

/// The vendors of a list that are not registered yet, each once.
#[derive(Default)]
struct NewVendors {
    rows: Vec<(Model, Vec<Identifier>)>,
    /// Positions in `rows`.
    by_identifier: HashMap<Identifier, usize>,
    by_name: HashMap<ExactName, usize>,
}

impl NewVendors {
    /// Returns the new organization that an earlier line named by the same number, or by the same name and
    /// no other number of the same issuer; or adds one.
    fn find_or_add(&mut self, vendor: Vendor, viewer: &Viewer) -> OrganizationId {
        let Vendor { legal_name, identifiers } = vendor;
        let name = ExactName::new(&legal_name);
        let numbered = identifiers.iter().find_map(|it| self.by_identifier.get(it)).copied();
        let named = self
            .by_name
            .get(&name)
            .copied()
            .filter(|position| !has_other_number(&self.rows[*position].1, &identifiers));
        let position = numbered.or(named).unwrap_or_else(|| {
            self.rows.push((new_organization(legal_name, viewer), Vec::new()));
            self.rows.len() - 1
        });
        self.by_name.entry(name).or_insert(position);
        let (row, own) = &mut self.rows[position];
        for identifier in identifiers {
            if self.by_identifier.insert(identifier.clone(), position).is_none() {
                own.push(identifier);
            }
        }
        row.id
    }
}

impl<'a> From<&'a Vendor> for NamedFirm<'a> {
    fn from(vendor: &'a Vendor) -> Self {
        Self { organization_id: None, identifiers: &vendor.identifiers, name: &vendor.legal_name }
    }
}

/// Returns the vendor with normalized texts, or a message with every error in them.
fn validate_vendor(vendor: Vendor) -> Result<Vendor, String> {
    let (path, mut errors) = (FieldPath::default(), InputErrors::default());
    let legal_name =
        validate_required(&vendor.legal_name, MAX_LINE_CHARS, &path.at("vendor"), &mut errors);
    let identifiers = rules::validate_vendor_identifiers(vendor.identifiers, &path, &mut errors);
    let messages: Vec<String> =
        errors.into_errors().into_iter().map(|it| it.message.english()).collect();
    if messages.is_empty() {
        return Ok(Vendor { legal_name, identifiers });
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
