//! Imports the City's vendor list: verifies numbers, registers who is new, proposes merges and invites the
//! first signatories.
use std::collections::{BTreeSet, HashMap, HashSet};

use candor_matcher::ExactName;
use serde_json::json;
use uuid::Uuid;

use super::claims::{IdentifierVerification, identifier_of, verify_identifier_in_tx};
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

/// A running import of the City's vendor list.
#[derive(Debug)]
pub struct VendorListImport<'a> {
    db: &'a Database,
    import: VendorImport,
    /// What a dry run knows of the rows before, which it did not store.
    known: KnownFirms,
    /// The organizations that a dry run would have registered.
    unstored: HashSet<OrganizationId>,
}

impl<'a> VendorListImport<'a> {
    #[must_use]
    pub fn new(db: &'a Database, import: VendorImport) -> Self {
        Self { db, import, known: KnownFirms::default(), unstored: HashSet::new() }
    }

    /// Imports the next rows of the list in one transaction. A refused row does not stop the others. A
    /// second import of the same rows changes nothing.
    ///
    /// # Errors
    /// Database faults only; then none of these rows was imported.
    #[tracing::instrument(skip_all)]
    pub async fn import_rows(&mut self, rows: &[VendorFileRow]) -> Result<Vec<VendorOutcome>> {
        /// The number of retries after another transaction claimed one of the identifiers at the same
        /// time.
        const RETRIES: usize = 3;
        for _ in 0..RETRIES {
            match self.import_batch(rows).await {
                Err(Fault::Conflict(_)) if !self.import.is_dry_run => {}
                result => return result,
            }
        }
        self.import_batch(rows).await
    }

    async fn import_batch(&mut self, rows: &[VendorFileRow]) -> Result<Vec<VendorOutcome>> {
        let Self { db, import, known: carried, unstored } = self;
        let viewer = Viewer::of_actor(import.actor.clone(), import.at);
        let valid: Vec<(u64, Result<ListedVendor, String>)> =
            rows.iter().map(|row| (row.line, validate_vendor_row(row))).collect();
        let vendors: Vec<&ListedVendor> =
            valid.iter().filter_map(|(_, row)| row.as_ref().ok()).collect();
        let tx = db.begin().await?;
        let mut known = std::mem::take(carried);
        load_known_firms(&tx, &vendors, &mut known).await?;
        let mut batch = Batch::new(VendorSource::List(&import.file), &viewer, known, unstored);
        let outcomes = valid.into_iter().map(|(line, row)| match row {
            Ok(vendor) => batch.plan(vendor),
            Err(message) => refused(line, message),
        });
        let outcomes: Vec<VendorOutcome> = outcomes.collect();
        let new: Vec<OrganizationId> = batch.new.iter().map(|(row, _)| row.id).collect();
        let (outcomes, known) = batch.store(&tx, outcomes).await?;
        if import.is_dry_run {
            // Without a commit the transaction is rolled back; later rows still see what it planned.
            *carried = known;
            unstored.extend(new);
        } else {
            tx.commit().await?;
        }
        Ok(outcomes)
    }
}

fn refused(line: u64, message: String) -> VendorOutcome {
    let change = VendorChange::Refused(message);
    VendorOutcome {
        line,
        change,
        is_invited: false,
        proposed_merges: Vec::new(),
        warnings: Vec::new(),
    }
}

/// Where the vendors of a batch come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum VendorSource<'a> {
    /// The City's vendor list, a file of this name.
    List(&'a str),
    /// The procurement system.
    Portal,
}

impl VendorSource<'_> {
    /// The reason that the ledger gives for what a row verifies.
    fn reason(self, line: u64) -> String {
        match self {
            Self::List(file) => format!("Vendor list {file}, line {line}"),
            Self::Portal => "Record of the City's procurement system".to_owned(),
        }
    }

    /// The grounds of a proposed merge.
    fn merge_grounds(self, line: u64, grounds: &str) -> String {
        match self {
            Self::List(file) => format!("{file}, line {line}: {grounds}"),
            Self::Portal => format!("Procurement system: {grounds}"),
        }
    }
}

/// Locks and loads the organizations that some rows may be about: those that claim one of the numbers, and
/// those with one of the names.
pub(super) async fn load_known_firms(
    tx: &Tx,
    vendors: &[&ListedVendor],
    known: &mut KnownFirms,
) -> Result<()> {
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
    let mut emails = store::list_member_emails(&**tx, ids).await?;
    for row in rows {
        let emails = emails.remove(&row.id).unwrap_or_default();
        known.insert_new(KnownFirm {
            id: row.id,
            names: names::exact_names_of(&row),
            has_members: !emails.is_empty(),
            emails: emails.into_iter().flatten().collect(),
            claims: claims_of.remove(&row.id).unwrap_or_default(),
            city: row.address.map(|address| address.city),
        });
    }
    Ok(())
}

/// The rows of one transaction, with what they change.
pub(super) struct Batch<'a> {
    source: VendorSource<'a>,
    viewer: &'a Viewer,
    known: KnownFirms,
    unstored: &'a HashSet<OrganizationId>,
    /// New organizations with their claims to numbers that nobody claimed.
    new: Vec<(Model, Vec<Claim>)>,
    verified: Vec<IdentifierVerification>,
    invited: Vec<(OrganizationId, EmailAddress)>,
    /// Possible merges, each with the line of its row.
    merges: Vec<(u64, PossibleMerge)>,
}

impl<'a> Batch<'a> {
    /// A batch without rows.
    pub(super) fn new(
        source: VendorSource<'a>,
        viewer: &'a Viewer,
        known: KnownFirms,
        unstored: &'a HashSet<OrganizationId>,
    ) -> Self {
        let (new, verified, invited, merges) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { source, viewer, known, unstored, new, verified, invited, merges }
    }

    /// Decides what a row does, and adds it to the changes.
    pub(super) fn plan(&mut self, vendor: ListedVendor) -> VendorOutcome {
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
            let grounds = self.source.merge_grounds(line, grounds);
            let organizations = (organization, other);
            self.merges.push((line, PossibleMerge { organizations, grounds }));
        }
        let is_invited = self.invite(organization, vendor.email);
        let (proposed_merges, warnings) = (Vec::new(), vendor.warnings);
        VendorOutcome { line, change, is_invited, proposed_merges, warnings }
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
            emails: BTreeSet::new(),
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
        let reason = self.source.reason(vendor.line);
        self.verified.extend(identifiers.into_iter().map(|identifier| IdentifierVerification {
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

    /// Stores the changes, and adds the merges that were proposed to the outcomes of their rows. What a dry
    /// run plans for an organization that it did not store is only counted.
    pub(super) async fn store(
        self,
        tx: &Tx,
        mut outcomes: Vec<VendorOutcome>,
    ) -> Result<(Vec<VendorOutcome>, KnownFirms)> {
        let Self { viewer, new, verified, invited, merges, known, unstored, source: _ } = self;
        insert_vendors(tx, viewer, new).await?;
        for decision in verified {
            if !unstored.contains(&decision.organization) {
                verify_identifier_in_tx(tx, viewer, decision).await?;
            }
        }
        let invited = invited.into_iter().filter(|(id, _)| !unstored.contains(id)).collect();
        invite_signatories(tx, viewer, invited).await?;
        let is_stored = |merge: &PossibleMerge| {
            let (one, other) = merge.organizations;
            !unstored.contains(&one) && !unstored.contains(&other)
        };
        let pairs = merges.iter().map(|(_, merge)| merge.clone()).filter(is_stored).collect();
        let proposed = propose_merges(tx, viewer, pairs).await?;
        let mut proposed: HashSet<_> = proposed.into_iter().map(|it| it.organizations).collect();
        for (line, merge) in merges {
            let (one, other) = merge.organizations;
            if is_stored(&merge) && !proposed.remove(&(one.min(other), one.max(other))) {
                continue;
            }
            if let Some(outcome) = outcomes.iter_mut().find(|it| it.line == line) {
                let merge = format!("{one} and {other} may be one firm ({})", merge.grounds);
                outcome.proposed_merges.push(merge);
            }
        }
        Ok((outcomes, known))
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
