//! Imports the City's vendor list: verifies numbers, registers who is new, proposes merges and invites the
//! first signatories.
use std::collections::{BTreeSet, HashMap, HashSet};

use candor_matcher::ExactName;
use serde_json::json;
use uuid::Uuid;

use super::claims::{Verified, identifier_of, verify_identifier_in_tx};
use super::propose_merges;
use super::store::{self, claims, names};
use super::vendors::{insert_vendors, new_claims, new_organization};
use crate::database::{Database, Tx};
use crate::fault::{Fault, Result};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::append;
use crate::organization::entity::identifier::Model as Claim;
use crate::organization::entity::member;
use crate::organization::entity::organization::Model;
use crate::organization::model::{
    EmailAddress, Identifier, IdentifierState, MemberId, MemberRole, OrganizationId, PossibleMerge,
    VendorChange, VendorFileRow, VendorImport, VendorOutcome, Viewer,
};
use crate::organization::rules::{
    KnownFirm, KnownFirms, ListedVendor, PossibleDuplicate, VendorPlan, validate_vendor_row,
};

/// Imports rows of the City's vendor list in one transaction. A refused row does not stop the others. A
/// second import of the same rows changes nothing.
///
/// # Errors
/// Database faults only; then none of these rows was imported.
#[tracing::instrument(skip_all)]
pub async fn import_vendors(
    db: &Database,
    import: &VendorImport,
    rows: Vec<VendorFileRow>,
) -> Result<Vec<VendorOutcome>> {
    /// The number of retries after another transaction claimed one of the identifiers at the same time.
    const RETRIES: usize = 3;
    for _ in 0..RETRIES {
        match import_batch(db, import, &rows).await {
            Err(Fault::Conflict(_)) => {}
            result => return result,
        }
    }
    import_batch(db, import, &rows).await
}

async fn import_batch(
    db: &Database,
    import: &VendorImport,
    rows: &[VendorFileRow],
) -> Result<Vec<VendorOutcome>> {
    let viewer = Viewer::of_service(import.actor, import.at);
    let valid: Vec<(u64, Result<ListedVendor, String>)> =
        rows.iter().map(|row| (row.line, validate_vendor_row(row))).collect();
    let vendors: Vec<&ListedVendor> =
        valid.iter().filter_map(|(_, row)| row.as_ref().ok()).collect();
    let tx = db.begin().await?;
    let known = load_known_firms(&tx, &vendors).await?;
    let mut batch = Batch {
        import,
        viewer: &viewer,
        known,
        new: Vec::new(),
        verified: Vec::new(),
        invited: Vec::new(),
        merges: Vec::new(),
    };
    let outcomes = valid.into_iter().map(|(line, row)| match row {
        Ok(vendor) => batch.plan(vendor),
        Err(message) => refused(line, message),
    });
    let outcomes: Vec<VendorOutcome> = outcomes.collect();
    let outcomes = batch.store(&tx, outcomes).await?;
    // Without a commit the transaction is rolled back.
    if !import.is_dry_run {
        tx.commit().await?;
    }
    Ok(outcomes)
}

fn refused(line: u64, message: String) -> VendorOutcome {
    let change = VendorChange::Refused(message);
    VendorOutcome { line, change, is_invited: false, proposed_merges: Vec::new() }
}

/// Locks and loads the organizations that some rows may be about: those that claim one of the numbers, and
/// those with one of the names.
async fn load_known_firms(tx: &Tx, vendors: &[&ListedVendor]) -> Result<KnownFirms> {
    let identifiers: Vec<Identifier> =
        vendors.iter().flat_map(|vendor| vendor.identifiers.clone()).collect();
    let cores: BTreeSet<String> =
        vendors.iter().map(|vendor| ExactName::new(&vendor.legal_name).core().to_owned()).collect();
    let claimants = claims::list_claims_for(&**tx, &identifiers).await?;
    let named = names::list_by_cores(&**tx, cores).await?;
    let ids = claimants.iter().map(|claim| claim.organization_id);
    let ids = ids.chain(named.iter().map(|row| row.organization_id));
    let ids: HashSet<OrganizationId> = ids.collect();
    let rows = super::lock_organizations(tx, ids.into_iter().collect()).await?;
    let rows: Vec<Model> = rows.into_iter().filter(|row| row.merged_into.is_none()).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    let mut claims_of = HashMap::<OrganizationId, Vec<(Identifier, IdentifierState)>>::new();
    for claim in claims::list_claims_of_all(&**tx, ids.clone()).await? {
        let claimed = (identifier_of(&claim), claim.state);
        claims_of.entry(claim.organization_id).or_default().push(claimed);
    }
    let with_members = store::list_with_members(&**tx, ids).await?;
    let mut known = KnownFirms::default();
    for row in rows {
        known.insert(KnownFirm {
            id: row.id,
            names: names::exact_names_of(&row),
            has_members: with_members.contains(&row.id),
            claims: claims_of.remove(&row.id).unwrap_or_default(),
            city: row.address.map(|address| address.city),
        });
    }
    Ok(known)
}

/// The rows of one transaction, with what they change.
struct Batch<'a> {
    import: &'a VendorImport,
    viewer: &'a Viewer,
    known: KnownFirms,
    /// New organizations with their claims to numbers that nobody claimed.
    new: Vec<(Model, Vec<Claim>)>,
    verified: Vec<Verified>,
    invited: Vec<(OrganizationId, EmailAddress)>,
    /// Possible merges, each with the line of its row.
    merges: Vec<(u64, PossibleMerge)>,
}

impl Batch<'_> {
    /// Decides what a row does, and adds it to the changes.
    fn plan(&mut self, vendor: ListedVendor) -> VendorOutcome {
        let line = vendor.line;
        let (organization, change, possible_merges) = match self.known.plan(&vendor) {
            VendorPlan::Refuse(message) => return refused(line, message),
            VendorPlan::Verify { organization, possible_merges } => {
                let change = self.verify(organization, &vendor);
                (organization, change, possible_merges)
            }
            VendorPlan::Register { possible_merges } => {
                (self.register(&vendor), VendorChange::Registered, possible_merges)
            }
        };
        for PossibleDuplicate { organization: other, grounds } in possible_merges {
            let grounds = format!("{}, line {line}: {grounds}", self.import.file);
            let organizations = (organization, other);
            self.merges.push((line, PossibleMerge { organizations, grounds }));
        }
        let is_invited = self.invite(organization, vendor.email);
        VendorOutcome { line, change, is_invited, proposed_merges: Vec::new() }
    }

    /// Verifies the numbers of a row that are not verified yet.
    fn verify(&mut self, organization: OrganizationId, vendor: &ListedVendor) -> VendorChange {
        let claims = self.known.get(organization).map(|firm| firm.claims.clone());
        let claims = claims.unwrap_or_default();
        let is_new =
            |it: &&Identifier| !claims.contains(&((*it).clone(), IdentifierState::Verified));
        let new: Vec<Identifier> = vendor.identifiers.iter().filter(is_new).cloned().collect();
        if new.is_empty() {
            return VendorChange::Unchanged;
        }
        self.add_verifications(organization, vendor, new);
        VendorChange::Verified
    }

    /// Registers an organization. Numbers that others claim are verified for it afterwards, which disputes
    /// the others' claims.
    fn register(&mut self, vendor: &ListedVendor) -> OrganizationId {
        let mut row = new_organization(vendor.legal_name.clone(), self.viewer);
        row.address.clone_from(&vendor.address);
        let id = row.id;
        let (claimed, free): (Vec<Identifier>, Vec<Identifier>) =
            vendor.identifiers.iter().cloned().partition(|it| self.known.is_claimed(it));
        self.known.insert(KnownFirm {
            id,
            names: names::exact_names_of(&row),
            city: row.address.as_ref().map(|address| address.city.clone()),
            has_members: false,
            claims: Vec::new(),
        });
        self.known.verify(id, &free);
        self.add_verifications(id, vendor, claimed);
        let claims = new_claims(&row, free, IdentifierState::Verified, self.viewer);
        self.new.push((row, claims));
        id
    }

    fn add_verifications(
        &mut self,
        organization: OrganizationId,
        vendor: &ListedVendor,
        identifiers: Vec<Identifier>,
    ) {
        self.known.verify(organization, &identifiers);
        let reason = format!("Vendor list {}, line {}", self.import.file, vendor.line);
        self.verified.extend(identifiers.into_iter().map(|identifier| Verified {
            organization,
            identifier,
            reason: reason.clone(),
        }));
    }

    /// Invites the first signatory of an organization for which nobody acts yet. Returns whether it did.
    fn invite(&mut self, organization: OrganizationId, email: Option<EmailAddress>) -> bool {
        let Some(email) = email else { return false };
        if self.known.get(organization).is_none_or(|firm| firm.has_members) {
            return false;
        }
        self.known.add_member(organization);
        self.invited.push((organization, email));
        true
    }

    /// Stores the changes, and adds the merges that were proposed to the outcomes of their rows.
    async fn store(self, tx: &Tx, mut outcomes: Vec<VendorOutcome>) -> Result<Vec<VendorOutcome>> {
        let Self { viewer, new, verified, invited, merges, import: _, known: _ } = self;
        insert_vendors(tx, viewer, new).await?;
        for decision in verified {
            verify_identifier_in_tx(tx, viewer, decision).await?;
        }
        invite_signatories(tx, viewer, invited).await?;
        let pairs = merges.iter().map(|(_, merge)| merge.clone()).collect();
        let mut proposed: HashSet<_> = propose_merges(tx, viewer, pairs)
            .await?
            .into_iter()
            .map(|it| it.organizations)
            .collect();
        for (line, PossibleMerge { organizations: (one, other), grounds }) in merges {
            if !proposed.remove(&(one.min(other), one.max(other))) {
                continue;
            }
            if let Some(outcome) = outcomes.iter_mut().find(|it| it.line == line) {
                let merge = format!("{one} and {other} may be one firm ({grounds})");
                outcome.proposed_merges.push(merge);
            }
        }
        Ok(outcomes)
    }
}

async fn invite_signatories(
    tx: &Tx,
    viewer: &Viewer,
    invited: Vec<(OrganizationId, EmailAddress)>,
) -> Result<()> {
    let rows = invited.into_iter().map(|(organization, email)| {
        let row = member::Model {
            id: MemberId::generate(),
            organization_id: Some(organization),
            department_id: None,
            role: Some(MemberRole::Signatory),
            email: Some(email.as_str().to_owned()),
            subject: None,
            invited_at: viewer.now,
            bound_at: None,
            removed_at: None,
        };
        (organization, row)
    });
    let rows: Vec<(OrganizationId, member::Model)> = rows.collect();
    store::insert_members(tx, rows.iter().map(|(_, row)| row.clone()).collect()).await?;
    for (organization, row) in rows {
        let data = json!({ "member": row.id, "role": row.role });
        append(tx, viewer.actor(), organization, LedgerAction::MemberInvited, &data).await?;
    }
    Ok(())
}
