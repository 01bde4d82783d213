//! Contractors as the City's own lists name them: found, or registered with what is known of them.
use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::registration::insert_searched_names;
use super::store;
use crate::database::Tx;
use crate::fault::{FieldPath, InputErrors, Result};
use crate::ledger::model::{LedgerAction, ServiceId};
use crate::ledger::service::{Beginning, append_first};
use crate::organization::entity::organization::{Model, Names};
use crate::organization::model::{
    DepartmentId, Identifier, IdentifierState, OrganizationId, OrganizationIdentifier,
    OrganizationKind, Ownership, Viewer,
};
use crate::organization::rules;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_LINE_CHARS, validate_required};

/// A contractor as a list names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendor {
    pub legal_name: String,
    pub identifiers: Vec<Identifier>,
}

/// The departments, by their codes and by their names, in lower case.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn departments_by_word(
    db: &impl ConnectionTrait,
) -> Result<HashMap<String, DepartmentId>> {
    let mut found = HashMap::new();
    let mut last = None;
    loop {
        let rows = store::load_department_batch(db, last, 500).await?;
        let Some(end) = rows.last() else { return Ok(found) };
        last = Some(end.id.uuid());
        for row in rows {
            found.insert(row.code.to_lowercase(), row.id);
            found.insert(row.name.to_lowercase(), row.id);
        }
    }
}

/// The organization that each contractor is, in their order: by an identifier that it bears, or
/// else by its legal name to the letter; or in words why that cannot be told. One that nobody knows
/// is registered, without anybody who acts for it, unless its identifier is in dispute. Also how
/// many were.
///
/// # Errors
/// `Conflict` if somebody claimed one of the identifiers at this moment, `Internal` if the database
/// fails.
pub async fn vendors(
    tx: &Tx,
    viewer: &Viewer,
    wanted: Vec<Vendor>,
) -> Result<(Vec<Result<OrganizationId, String>>, u64)> {
    let wanted: Vec<Result<Vendor, String>> = wanted.into_iter().map(validate_vendor).collect();
    let known = wanted.iter().flatten();
    let sought: Vec<Identifier> = known.clone().flat_map(|it| it.identifiers.clone()).collect();
    let (mut bearing, mut disputed) = (HashMap::new(), HashSet::new());
    for row in store::claims::list_claims_for(&**tx, &sought).await? {
        let identifier = Identifier { scheme: row.scheme, id: row.value };
        if row.state == IdentifierState::Disputed {
            disputed.insert(identifier);
        } else {
            bearing.insert(identifier, row.organization_id);
        }
    }
    let sought_names = known.map(|it| it.legal_name.clone()).collect::<BTreeSet<_>>();
    let mut bearing_name = HashMap::<String, BTreeSet<OrganizationId>>::new();
    for row in store::find_by_legal_names(&**tx, sought_names.into_iter().collect()).await? {
        bearing_name.entry(row.legal_name).or_default().insert(row.id);
    }
    let (mut found, mut fresh) = (Vec::new(), Vec::new());
    for vendor in wanted {
        let Vendor { legal_name, identifiers } = match vendor {
            Ok(vendor) => vendor,
            Err(why) => {
                found.push(Err(why));
                continue;
            }
        };
        let borne = identifiers.iter().filter_map(|it| bearing.get(it));
        let borne: BTreeSet<OrganizationId> = borne.copied().collect();
        if borne.is_empty() && identifiers.iter().any(|it| disputed.contains(it)) {
            found.push(Err(format!(
                "vendor: several organizations claim a number of {legal_name:?}, and the City has \
                not decided whose it is; decide that first, or leave the number out"
            )));
            continue;
        }
        let same = if borne.is_empty() {
            bearing_name.get(&legal_name).cloned().unwrap_or_default()
        } else {
            borne
        };
        let mut same = same.into_iter();
        found.push(match (same.next(), same.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(format!(
                "vendor: several organizations are {legal_name:?} by what the row tells; give the \
                vendor_number or the uei of the one that is meant"
            )),
            (None, _) => {
                let row = new_organization(legal_name.clone(), viewer);
                let id = row.id;
                bearing_name.entry(legal_name).or_default().insert(id);
                for identifier in &identifiers {
                    bearing.insert(identifier.clone(), id);
                }
                fresh.push((row, identifiers));
                Ok(id)
            }
        });
    }
    let count = u64::try_from(fresh.len()).unwrap_or(u64::MAX);
    insert_vendors(tx, viewer, fresh).await?;
    Ok((found, count))
}

/// The same with its texts cleaned, or what is wrong with them.
fn validate_vendor(vendor: Vendor) -> Result<Vendor, String> {
    let (path, mut problems) = (FieldPath::default(), InputErrors::default());
    let legal_name = validate_required(&vendor.legal_name, MAX_LINE_CHARS, &path.at("vendor"), &mut problems);
    let identifiers = rules::validate_identifiers(vendor.identifiers, true, &path, &mut problems);
    let wrong: Vec<String> = problems.into_errors().into_iter().map(|it| it.message).collect();
    if wrong.is_empty() {
        return Ok(Vendor { legal_name, identifiers });
    }
    Err(format!("vendor: {}", wrong.join(" ")))
}

fn claims_of(row: &Model, identifiers: &[Identifier]) -> Vec<OrganizationIdentifier> {
    let claims = identifiers.iter().map(|it| OrganizationIdentifier {
        scheme: it.scheme,
        id: it.id.clone(),
        state: IdentifierState::Claimed,
        claimed_at: row.created_at,
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
    }
}

async fn insert_vendors(tx: &Tx, viewer: &Viewer, fresh: Vec<(Model, Vec<Identifier>)>) -> Result<()> {
    let beginnings: Vec<Beginning> = fresh
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
            let under = Some(ServiceId::part_of(row.id.uuid()).into());
            Beginning { subject: row.id.into(), under, data }
        })
        .collect();
    store::insert_organizations(tx, &viewer.subject, &fresh).await?;
    for (row, identifiers) in &fresh {
        insert_searched_names(tx, row).await?;
        // Others may have named it by an identifier that it bears now.
        if !identifiers.is_empty() {
            let changed = (ChangeSource::Organization, row.id.uuid());
            enqueue(tx, changed, LiftedRules::none(), viewer.now).await?;
        }
    }
    append_first(tx, viewer.actor(), LedgerAction::OrganizationRegistered, beginnings).await
}
