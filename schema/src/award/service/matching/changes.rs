//! What has changed of an organization's matches, and what is written of it.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::sightings::{Found, Sighting};
use crate::award::entity::award::Model as AwardRow;
use crate::award::entity::found::Model as MatchRow;
use crate::award::model::{AwardId, MatchStatus};
use crate::award::rules::find_coverage;
use crate::award::store;
use crate::database::Tx;
use crate::disclosure::model::{Agreement, DisclosureId};
use crate::fault::Result;
use crate::gate::MatchBand;
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::{Beginning, append, append_first};
use crate::organization::model::OrganizationId;
use crate::organization::service::Organization;
use crate::principal::ServiceActor;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;

/// In whose name matches are found.
const MATCHER: ServiceActor = ServiceActor::Service;
/// Why a match that was only possible goes.
const NOT_FOUND: &str = "It is not found any more: what is known of the firm or of the recipient \
    has changed.";

/// One organization whose matches are looked at.
pub struct Case<'a> {
    pub now: DateTime<Utc>,
    pub firm: &'a Organization,
    pub on_file: Option<&'a (DisclosureId, Vec<Agreement>)>,
}

/// What has changed, and is still to be written.
#[derive(Default)]
pub struct Changes {
    fresh: Vec<MatchRow>,
    /// Each with what the ledger calls it.
    changed: Vec<(MatchRow, LedgerAction)>,
    organizations: HashSet<OrganizationId>,
}

impl Changes {
    pub fn of<'a>(
        &mut self,
        case: &Case<'_>,
        known: Vec<MatchRow>,
        found: Vec<Found<'_>>,
        award: impl Fn(AwardId) -> Option<&'a AwardRow>,
    ) {
        let mut known: HashMap<AwardId, MatchRow> =
            known.into_iter().map(|row| (row.award_id, row)).collect();
        let dismissed = known.values().filter(|row| row.dismissed_with_recipient);
        let dismissed: HashMap<String, MatchRow> =
            dismissed.map(|row| (row.evidence_sha256.clone(), row.clone())).collect();
        for found in found {
            match known.remove(&found.award.id) {
                None => {
                    let fresh = case.fresh(&found, dismissed.get(&found.evidence_sha256));
                    let row = told(fresh, found.award, case.on_file);
                    self.organizations.insert(row.organization_id);
                    self.fresh.push(row);
                }
                Some(before) => {
                    let after = case.found_again(&before, &found);
                    let after = told(after, found.award, case.on_file);
                    self.push(&before, after);
                }
            }
        }
        for before in known.into_values() {
            let after = case.gone(before.clone());
            let after = match award(before.award_id) {
                Some(award) => told(after, award, case.on_file),
                None => after,
            };
            self.push(&before, after);
        }
    }

    fn push(&mut self, before: &MatchRow, after: MatchRow) {
        if *before == after {
            return;
        }
        let action = match (before.status, after.status) {
            (MatchStatus::Dismissed, MatchStatus::Dismissed) => LedgerAction::MatchWeighed,
            (MatchStatus::Dismissed, _) => LedgerAction::MatchReopened,
            (_, MatchStatus::Dismissed) => LedgerAction::MatchDismissed,
            (_, MatchStatus::Covered) => LedgerAction::MatchCovered,
            (MatchStatus::Covered, _) => LedgerAction::MatchUncovered,
            _ => LedgerAction::MatchWeighed,
        };
        self.organizations.insert(after.organization_id);
        self.changed.push((after, action));
    }

    pub async fn write(self, tx: &Tx, now: DateTime<Utc>, noting: bool) -> Result<u64> {
        let actor = Actor { subject: MATCHER.name(), at: now };
        let count = self.fresh.len() + self.changed.len();
        let beginnings = self.fresh.iter().map(|row| Beginning {
            subject: row.id.into(),
            under: Some(row.organization_id.into()),
            data: said(row),
        });
        let beginnings = beginnings.collect();
        store::matches::insert_all(tx, self.fresh).await?;
        append_first(tx, actor, LedgerAction::MatchFound, beginnings).await?;
        for (row, action) in self.changed {
            let row = store::matches::update(tx, row).await?;
            append(tx, actor, row.id, action, &said(&row)).await?;
        }
        let mut organizations: Vec<_> = self.organizations.into_iter().collect();
        organizations.sort_unstable();
        for id in organizations.into_iter().filter(|_| noting) {
            let changed = (ChangeSource::Organization, id.uuid());
            enqueue(tx, changed, LiftedRules::none(), now).await?;
        }
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

/// What the ledger is told of a match.
pub fn said(row: &MatchRow) -> Value {
    json!({
        "organization": row.organization_id,
        "notified": row.confirmed_at.is_some(),
        "award": row.award_id,
        "relation": row.relation,
        "band": row.band,
        "status": row.status,
        "coveredBy": row.covered_by,
        "coveredAgreement": row.covered_agreement,
        "coverage": row.coverage,
    })
}

impl Case<'_> {
    /// A match that is new; dismissed, if the whole recipient was and both sides are as they were.
    fn fresh(&self, found: &Found<'_>, dismissed: Option<&MatchRow>) -> MatchRow {
        let Sighting { relation, band, score_thousandths, reasons, .. } = found.sighting;
        let parties = (found.award.id, found.award.recipient_id);
        let fresh = MatchRow {
            band: *band,
            score_thousandths: Some(*score_thousandths),
            reasons: reasons.clone(),
            evidence_sha256: found.evidence_sha256.clone(),
            ..MatchRow::open(self.firm.row.id, parties, *relation, self.now)
        };
        let Some(dismissed) = dismissed else { return fresh };
        MatchRow {
            status: MatchStatus::Dismissed,
            dismissed_by: dismissed.dismissed_by.clone(),
            dismissed_at: dismissed.dismissed_at,
            dismissal: dismissed.dismissal.clone(),
            dismissed_with_recipient: true,
            ..fresh
        }
    }

    /// What a person said of it stays: what the firm was or is heard on, as long as it stands; a
    /// dismissal, while both sides are as they were. Looked at anew, all of its time begins anew.
    fn found_again(&self, before: &MatchRow, found: &Found<'_>) -> MatchRow {
        let is_dismissed = before.status == MatchStatus::Dismissed;
        let is_heard = before.confirmed_at.is_some() && !is_dismissed;
        let fresh = self.fresh(found, None);
        let is_same = before.recipient_id == fresh.recipient_id
            && before.relation == fresh.relation
            && before.band == fresh.band
            && before.evidence_sha256 == fresh.evidence_sha256;
        // How much a word tells changes a little with every import, and that alone is no news.
        if is_same || is_heard || before.linked_by.is_some() {
            return before.clone();
        }
        let is_other = before.evidence_sha256 != fresh.evidence_sha256;
        let base = match before.status.reopen() {
            Ok(_) if is_other => before.clone().reset_review(),
            _ => before.clone(),
        };
        MatchRow {
            recipient_id: fresh.recipient_id,
            relation: fresh.relation,
            band: fresh.band,
            score_thousandths: fresh.score_thousandths,
            reasons: fresh.reasons,
            evidence_sha256: fresh.evidence_sha256,
            ..base
        }
    }

    /// It is not found any more. Nobody lifts what holds its bids by another name: one that counts
    /// stays until a person looked at it.
    fn gone(&self, row: MatchRow) -> MatchRow {
        let is_said = row.linked_by.is_some() || row.confirmed_at.is_some();
        let counts = row.band >= MatchBand::Probable;
        if is_said || counts || row.status == MatchStatus::Dismissed {
            return row;
        }
        MatchRow {
            status: MatchStatus::Dismissed,
            dismissed_by: Some(MATCHER.into()),
            dismissed_at: Some(self.now),
            dismissal: Some(NOT_FOUND.to_owned()),
            // Found again, it is open again.
            evidence_sha256: String::new(),
            ..row
        }
    }
}

/// What the agreements that the organization has on file make of a match.
pub fn told(
    row: MatchRow,
    award: &AwardRow,
    on_file: Option<&(DisclosureId, Vec<Agreement>)>,
) -> MatchRow {
    let linked = row.linked_agreement_sha256.as_deref();
    let covered = on_file.zip(award.comparable()).and_then(|((disclosure, agreements), terms)| {
        let (index, kind) = find_coverage(&terms, linked, agreements)?;
        Some((*disclosure, i64::try_from(index).ok()?, kind))
    });
    let status = row.status.with_coverage(covered.is_some(), row.confirmed_at.is_some());
    let covered = covered.filter(|_| status == MatchStatus::Covered);
    MatchRow {
        status,
        covered_by: covered.map(|it| it.0),
        covered_agreement: covered.map(|it| it.1),
        coverage: covered.map(|it| it.2),
        ..row
    }
}
