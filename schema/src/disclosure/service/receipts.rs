//! The receipts of filings.
use std::collections::HashMap;

use uuid::Uuid;

use super::{
    FiledDisclosure, ReadBytes, STATEMENTS_A_PART, load_visible_by_ids, parse_attestation,
    parse_filed_statement,
};
use crate::database::Database;
use crate::disclosure::model::{AttestationForm, DisclosureId, FilingKind};
use crate::fault::{Fault, Result};
use crate::gate::Policy;
use crate::gate::receipt::{FilingReceipt, render_filing_receipt};
use crate::organization::model::{OrganizationId, Viewer};
use crate::organization::service::{Organization, OrganizationInclude, load_organizations};
use crate::policy;

/// Loads the receipts of those of the filings that the viewer may see, by id.
///
/// # Errors
/// `LimitExceeded` for more than 32 MiB of statements.
#[tracing::instrument(skip_all)]
pub async fn load_receipts(
    db: &Database,
    viewer: &Viewer,
    ids: Vec<DisclosureId>,
) -> Result<HashMap<DisclosureId, String>> {
    let ids: Vec<Uuid> = ids.into_iter().map(DisclosureId::uuid).collect();
    let (mut receipts, mut bytes) = (HashMap::new(), ReadBytes::default());
    for part in ids.chunks(usize::try_from(STATEMENTS_A_PART).unwrap_or(usize::MAX)) {
        let filings = load_visible_by_ids(&db.read, viewer, part.to_vec()).await?;
        bytes.add(filings.values())?;
        receipts.extend(render_receipts(db, filings).await?);
    }
    Ok(receipts)
}

async fn render_receipts(
    db: &Database,
    filings: HashMap<DisclosureId, FiledDisclosure>,
) -> Result<HashMap<DisclosureId, String>> {
    let firms = filings.values().map(|filed| filed.record.organization_id);
    let firms = firms.map(OrganizationId::uuid).collect();
    let include = OrganizationInclude::default();
    let firms = load_organizations(&db.read, firms, include).await?;
    let versions = filings.values().map(|filed| filed.filing.policy_version).collect();
    let policies = policy::service::load_versions(&db.read, versions).await?;
    let receipts = filings.into_iter().map(|(id, filed)| {
        let firm = firms.get(&filed.record.organization_id).ok_or(Fault::NotFound)?;
        let policy = policies.get(&filed.filing.policy_version).ok_or(Fault::NotFound)?;
        Ok((id, render_receipt(policy, firm, &filed)?))
    });
    receipts.collect()
}

fn render_receipt(policy: &Policy, firm: &Organization, filed: &FiledDisclosure) -> Result<String> {
    let FiledDisclosure { record, filing } = filed;
    let statement = parse_filed_statement(filing)?;
    let (dhs, sharing) = (&statement.dhs, &statement.data_sharing);
    let attestation = parse_attestation(filing)?;
    // The name when it was signed; attestations that predate the field do not tell it.
    let firm = attestation.firm.unwrap_or_else(|| firm.row.business_name());
    let receipt = FilingReceipt {
        id: &record.id.to_string(),
        firm: &firm,
        received_at: filing.filed_at,
        version: filing.version,
        is_reaffirmed: filing.kind == FilingKind::NoChange,
        is_paper: attestation.form == AttestationForm::Paper,
        agreements: (!dhs.none_attested).then_some(dhs.agreements.len()),
        arrangements: (!sharing.none_attested).then_some(sharing.arrangements.len()),
        sha256: &filing.sha256,
    };
    Ok(render_filing_receipt(policy, receipt))
}
