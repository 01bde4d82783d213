//! Vendors of the City's procurement portals, by vendor number. A vendor that the procurement system sends
//! is verified, as by the City's vendor list.
//!
//! A portal acts only for a firm whose number the City has verified: whoever merely claims another firm's
//! number would otherwise read that firm's sealed bids.
use std::collections::{HashMap, HashSet};

use candor_matcher::ExactName;
use sea_orm::ConnectionTrait;
use serde::Serialize;

use super::claims::identifier_of;
use super::merging::load_groups;
use super::store::{self, claims};
use super::vendor_list::{Batch, VendorSource, load_known_firms};
use crate::database::Database;
use crate::fault::{Fault, FieldPath, Result, UserError};
use crate::organization::model::{
    Identifier, IdentifierScheme, IdentifierState, OrganizationId, VendorChange, VendorFileRow,
    Viewer,
};
use crate::organization::rules::{self, KnownFirms, validate_vendor_record};
use crate::precondition::{ObjectVersion, Precondition};

/// A firm whose vendor number the City has verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedVendor {
    pub organization: OrganizationId,
    /// The number, as it is stored.
    pub number: String,
    pub legal_name: String,
}

/// A vendor as the procurement system sends it: unparsed texts, empty for what it does not say.
#[derive(Clone, Debug, Default)]
pub struct VendorRecordInput {
    /// The City's vendor number.
    pub number: String,
    pub legal_name: String,
    /// The City's tax registration number.
    pub tax_number: String,
    pub uei: String,
    pub city: String,
    /// The state, such as `CA`.
    pub state: String,
    /// The e-mail address of the first signatory, who is invited if nobody acts for the firm yet.
    pub email: String,
}

/// A vendor as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VendorRecord {
    pub number: String,
    pub organization_id: OrganizationId,
    pub legal_name: String,
    /// Its identifiers with the states of its claims, in order.
    pub identifiers: Vec<(IdentifierScheme, String, IdentifierState)>,
    pub city: Option<String>,
    pub state: Option<String>,
}

/// The result of storing a vendor.
#[derive(Clone, Debug)]
pub struct PutVendor {
    pub record: VendorRecord,
    pub version: ObjectVersion,
    /// Whether a new organization was registered.
    pub is_new: bool,
    /// What a person should look at, each in a sentence.
    pub warnings: Vec<String>,
}

/// Validates a vendor number at `path`.
fn vendor_identifier(number: &str, path: &FieldPath) -> Result<Identifier> {
    let given = Identifier { scheme: IdentifierScheme::CityVendor, id: number.to_owned() };
    let validated = rules::validate_searched_identifier(&given, &FieldPath::default());
    validated.map_err(|fault| match fault {
        // A vendor number is one field of the input.
        Fault::Invalid(errors) => {
            let errors = errors.into_iter().map(|error| path.user_error(error.message));
            Fault::Invalid(errors.collect())
        }
        other => other,
    })
}

/// Finds the firm whose vendor number the City has verified; `path` is the field that names it.
///
/// # Errors
/// `Invalid` for a malformed number, `Conflict` for one that the City has verified for no firm, with what
/// to do.
pub async fn require_verified_vendor(
    db: &impl ConnectionTrait,
    number: &str,
    path: &FieldPath,
) -> Result<VerifiedVendor> {
    let identifier = vendor_identifier(number, path)?;
    let number = identifier.id.clone();
    let claims = claims::list_claims_for(db, std::slice::from_ref(&identifier)).await?;
    let verified = claims.iter().find(|claim| claim.state == IdentifierState::Verified);
    let Some(verified) = verified else {
        return Err(Fault::conflict(match claims.len() {
            0 => format!(
                "no firm here has the vendor number {number}; send the vendor's record with its number \
                and legal name first, then send this again"
            ),
            1 => format!(
                "a firm here claims the vendor number {number}, and the City has not verified it; send \
                the vendor's record with its number and legal name first, then send this again"
            ),
            _ => format!(
                "several firms here claim the vendor number {number}, and the City has verified it for \
                none; send the vendor's record with its number and legal name first, or ask a reviewer \
                to verify the number for the right firm, then send this again"
            ),
        }));
    };
    let row = store::load_by_ids(db, vec![verified.organization_id.uuid()]).await?.pop();
    let row = row.ok_or(Fault::NotFound)?;
    let organization = row.merged_into.unwrap_or(row.id);
    Ok(VerifiedVendor { organization, number, legal_name: row.legal_name })
}

/// Lists the verified vendor numbers of organizations, or of what they were merged into; of several the first in
/// order.
pub async fn list_vendor_numbers(
    db: &impl ConnectionTrait,
    organizations: impl IntoIterator<Item = OrganizationId>,
) -> Result<HashMap<OrganizationId, String>> {
    let ids: HashSet<OrganizationId> = organizations.into_iter().collect();
    let groups = load_groups(db, ids.iter().map(|id| id.uuid()).collect()).await?;
    let survivors = groups.survivors().map(OrganizationId::uuid).collect();
    let mut numbers = HashMap::<OrganizationId, String>::new();
    for claim in claims::list_undisputed_claims_of(db, survivors).await? {
        let is_verified = claim.state == IdentifierState::Verified;
        if claim.scheme != IdentifierScheme::CityVendor || !is_verified {
            continue;
        }
        let first = numbers.entry(claim.organization_id).or_insert_with(|| claim.value.clone());
        if claim.value < *first {
            first.clone_from(&claim.value);
        }
    }
    let numbers =
        ids.into_iter().filter_map(|id| Some((id, numbers.get(&groups.survivor_of(id))?.clone())));
    Ok(numbers.collect())
}

/// Loads the vendor that has a verified number; none if the City has verified it for nobody.
async fn load_record(
    db: &impl ConnectionTrait,
    identifier: &Identifier,
) -> Result<Option<VendorRecord>> {
    let claims = claims::list_claims_for(db, std::slice::from_ref(identifier)).await?;
    let verified = claims.iter().find(|claim| claim.state == IdentifierState::Verified);
    let Some(organization) = verified.map(|claim| claim.organization_id) else { return Ok(None) };
    let rows = store::load_by_ids(db, vec![organization.uuid()]).await?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let claims = claims::list_claims_of(db, organization).await?;
    let identifiers = claims.iter().map(|claim| {
        let Identifier { scheme, id } = identifier_of(claim);
        (scheme, id, claim.state)
    });
    let mut identifiers: Vec<_> = identifiers.collect();
    identifiers.sort_unstable();
    let (city, state) = row.address.map_or((None, None), |it| (Some(it.city), it.region));
    Ok(Some(VendorRecord {
        number: identifier.id.clone(),
        organization_id: row.id,
        legal_name: row.legal_name,
        identifiers,
        city: city.filter(|city| !city.is_empty()),
        state,
    }))
}

/// Finds the vendor with a verified number, with its version, as the procurement system and City-wide
/// readers see it.
///
/// # Errors
/// `Forbidden` to others, `NotFound` if the City has verified the number for no firm, `Invalid` for a
/// malformed number.
#[tracing::instrument(skip_all)]
pub async fn find_vendor_record(
    db: &Database,
    viewer: &Viewer,
    number: &str,
) -> Result<(VendorRecord, ObjectVersion)> {
    viewer.reading_for_portal().require_reader(
        "only the procurement system and City staff with access to every department read a vendor's \
        record",
    )?;
    let identifier = vendor_identifier(number, &FieldPath::argument("number"))?;
    let record = load_record(&db.read, &identifier).await?.ok_or(Fault::NotFound)?;
    let version = ObjectVersion::of(&record)?;
    Ok((record, version))
}

/// Stores a vendor of the City under its number: verifies the number for the firm that it is, or registers
/// the firm. Storing it again changes nothing. A firm that is registered keeps the name that it has stated.
///
/// # Errors
/// `Forbidden` except to the procurement system, `Invalid` with every error, `PreconditionFailed`, and
/// `Conflict` if a person has to decide first which firm it is, with what to do.
#[tracing::instrument(skip_all)]
pub async fn put_vendor(
    db: &Database,
    viewer: &Viewer,
    input: VendorRecordInput,
    precondition: &Precondition,
) -> Result<PutVendor> {
    viewer.require_procurement_system("only the procurement system sends vendors")?;
    let VendorRecordInput { number, legal_name, tax_number, uei, city, state, email } = input;
    let row =
        VendorFileRow { line: 0, number, name: legal_name, tax_number, uei, city, state, email };
    let vendor =
        validate_vendor_record(&row).map_err(|errors| Fault::Invalid(at_columns(errors)))?;
    let is_number = |it: &&Identifier| it.scheme == IdentifierScheme::CityVendor;
    let identifier = vendor.identifiers.iter().find(is_number).cloned().ok_or(Fault::NotFound)?;
    let name = vendor.legal_name.clone();

    let tx = db.begin().await?;
    let mut known = KnownFirms::default();
    load_known_firms(&tx, &[&vendor], &mut known).await?;
    let before = load_record(&*tx, &identifier).await?;
    let version = before.as_ref().map(ObjectVersion::of).transpose()?;
    precondition.check(version.as_ref())?;
    let unstored = HashSet::new();
    let mut batch = Batch::new(VendorSource::Portal, viewer, known, &unstored);
    let planned = batch.plan(vendor);
    if let VendorChange::Refused(reason) = &planned.change {
        return Err(Fault::conflict(reason.clone()));
    }
    let (outcomes, _) = batch.store(&tx, vec![planned]).await?;
    let missing = || Fault::Internal("a vendor was stored without its number".into());
    let record = load_record(&*tx, &identifier).await?.ok_or_else(missing)?;
    tx.commit().await?;

    let (mut warnings, mut is_new) = (Vec::new(), false);
    for outcome in outcomes {
        is_new |= outcome.change == VendorChange::Registered;
        warnings.extend(outcome.warnings.into_iter().chain(outcome.proposed_merges));
    }
    if ExactName::new(&name) != ExactName::new(&record.legal_name) {
        let stated = &record.legal_name;
        warnings.push(format!(
            "the firm is registered as {stated:?}, which stays its name; the firm itself changes it"
        ));
    }
    let version = ObjectVersion::of(&record)?;
    Ok(PutVendor { record, version, is_new, warnings })
}

/// Returns errors at the fields of [`VendorRecordInput`] instead of the columns of the City's list.
fn at_columns(errors: Vec<UserError>) -> Vec<UserError> {
    let errors = errors.into_iter().map(|error| {
        let field = match error.path.first().map_or("", |column| column) {
            "name" => "legalName",
            "tax_number" => "taxNumber",
            column => column,
        };
        FieldPath::argument(field).user_error(error.message)
    });
    errors.collect()
}
