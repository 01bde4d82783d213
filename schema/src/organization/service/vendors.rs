//! Finds or registers the vendors that the City's contract lists name.
use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::registration::insert_searched_names;
use super::store;
use crate::database::Tx;
use crate::fault::{FieldPath, InputErrors, Result};
use crate::ledger::model::{LedgerAction, ServiceId};
use crate::ledger::service::{FirstEntry, append_first};
use crate::organization::entity::organization::{FormerNames, Model, Names};
use crate::organization::model::{
    DepartmentId, Identifier, IdentifierState, OrganizationId, OrganizationIdentifier,
    OrganizationKind, Ownership, Viewer,
};
use crate::organization::rules;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
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
/// exact legal name. Registers an unknown vendor, without members, unless its identifier is in dispute.
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
    let valid = wanted.iter().flatten();
    let identifiers: Vec<Identifier> =
        valid.clone().flat_map(|it| it.identifiers.clone()).collect();
    let (mut by_identifier, mut disputed) = (HashMap::new(), HashSet::new());
    for row in store::claims::list_claims_for(&**tx, &identifiers).await? {
        let identifier = Identifier { scheme: row.scheme, id: row.value };
        if row.state == IdentifierState::Disputed {
            disputed.insert(identifier);
        } else {
            by_identifier.insert(identifier, row.organization_id);
        }
    }
    let names = valid.map(|it| it.legal_name.clone()).collect::<BTreeSet<_>>();
    let mut by_name = HashMap::<String, BTreeSet<OrganizationId>>::new();
    for row in store::find_by_legal_names(&**tx, names.into_iter().collect()).await? {
        by_name.entry(row.legal_name).or_default().insert(row.id);
    }
    let (mut resolved, mut registered) = (Vec::new(), Vec::new());
    for vendor in wanted {
        let Vendor { legal_name, identifiers } = match vendor {
            Ok(vendor) => vendor,
            Err(message) => {
                resolved.push(Err(message));
                continue;
            }
        };
        let identified = identifiers.iter().filter_map(|it| by_identifier.get(it));
        let identified: BTreeSet<OrganizationId> = identified.copied().collect();
        if identified.is_empty() && identifiers.iter().any(|it| disputed.contains(it)) {
            resolved.push(Err(format!(
                "vendor: several organizations claim a number of {legal_name:?}, and the City has \
                not decided the dispute. Decide it first, or leave the number out."
            )));
            continue;
        }
        let candidates = if identified.is_empty() {
            by_name.get(&legal_name).cloned().unwrap_or_default()
        } else {
            identified
        };
        let mut candidates = candidates.into_iter();
        resolved.push(match (candidates.next(), candidates.next()) {
            (Some(organization), None) => Ok(organization),
            (Some(_), Some(_)) => Err(format!(
                "vendor: several organizations match {legal_name:?}. Give the vendor_number or the uei \
                of the right one."
            )),
            (None, _) => {
                let row = new_organization(legal_name.clone(), viewer);
                let id = row.id;
                by_name.entry(legal_name).or_default().insert(id);
                for identifier in &identifiers {
                    by_identifier.insert(identifier.clone(), id);
                }
                registered.push((row, identifiers));
                Ok(id)
            }
        });
    }
    let count = u64::try_from(registered.len()).unwrap_or(u64::MAX);
    insert_vendors(tx, viewer, registered).await?;
    Ok((resolved, count))
}

/// Returns the vendor with normalized texts, or a message with every error in them.
fn validate_vendor(vendor: Vendor) -> Result<Vendor, String> {
    let (path, mut errors) = (FieldPath::default(), InputErrors::default());
    let legal_name =
        validate_required(&vendor.legal_name, MAX_LINE_CHARS, &path.at("vendor"), &mut errors);
    let identifiers = rules::validate_identifiers(vendor.identifiers, true, &path, &mut errors);
    let messages: Vec<String> =
        errors.into_errors().into_iter().map(|it| it.message.english()).collect();
    if messages.is_empty() {
        return Ok(Vendor { legal_name, identifiers });
    }
    Err(format!("vendor: {}", messages.join(" ")))
}

fn claims_of(row: &Model, identifiers: &[Identifier]) -> Vec<OrganizationIdentifier> {
    let claims = identifiers.iter().map(|it| OrganizationIdentifier {
        scheme: it.scheme,
        id: it.id.clone(),
        state: IdentifierState::Claimed,
        claimed_at: row.created_at,
        verified_at: None,
    });
    claims.collect()
}

fn new_organization(legal_name: String, viewer: &Viewer) -> Model {
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

async fn insert_vendors(
    tx: &Tx,
    viewer: &Viewer,
    vendors: Vec<(Model, Vec<Identifier>)>,
) -> Result<()> {
    let first_entries: Vec<FirstEntry> = vendors
        .iter()
        .map(|(row, identifiers)| {
            let data = json!({
                "kind": row.kind,
                "legalName": row.legal_name,
                "doingBusinessAs": row.doing_business_as.0,
                "identifiers": claims_of(row, identifiers),
                "ownership": row.ownership,
                "jointVentureMembers": [],
            });
            let parent = Some(ServiceId::part_of(row.id.uuid()).into());
            FirstEntry { subject: row.id.into(), parent, data }
        })
        .collect();
    store::insert_organizations(tx, &viewer.subject, &vendors).await?;
    for (row, identifiers) in &vendors {
        insert_searched_names(tx, row).await?;
        // Bids may name it by an identifier that it now claims.
        if !identifiers.is_empty() {
            let change = Change {
                source: ChangeSource::Organization,
                subject_id: row.id.uuid(),
                lifted_rules: LiftedRules::none(),
                not_before: viewer.now,
            };
            enqueue(tx, change).await?;
        }
    }
    append_first(tx, viewer.actor(), LedgerAction::OrganizationRegistered, first_entries).await
}
