//! Compares an organization's stored matches with the current candidates, and saves the changes.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Reevaluation;
use super::candidates::{AwardCandidate, MatchCandidate};
use crate::award::entity::award::Model as AwardRow;
use crate::award::entity::award_match::Model as MatchRow;
use crate::award::model::{AwardId, MatchStatus};
use crate::award::rules::find_coverage;
use crate::award::store;
use crate::database::Tx;
use crate::disclosure::model::{Agreement, DisclosureId};
use crate::fault::Result;
use crate::gate::MatchBand;
use crate::ledger::model::{Actor, LedgerAction};
use crate::ledger::service::{FirstEntry, append, append_first};
use crate::organization::model::OrganizationId;
use crate::organization::service::Organization;
use crate::principal::ServiceActor;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;

/// The ledger's actor for changes that the matcher makes.
const MATCHER: ServiceActor = ServiceActor::Service;
/// The dismissal reason of a possible match that the matcher no longer finds.
const NO_LONGER_FOUND: &str = "The matcher no longer finds this match, because the data of the firm or \
of the recipient has changed.";

/// The organization whose matches are compared.
pub struct MatchContext<'a> {
    pub now: DateTime<Utc>,
    pub firm: &'a Organization,
    pub on_file: Option<&'a (DisclosureId, Vec<Agreement>)>,
}

/// Changes of matches that are not yet saved.
#[derive(Default)]
pub struct MatchChanges {
    new_rows: Vec<MatchRow>,
    /// Changed matches with their ledger action.
    changed_rows: Vec<(MatchRow, LedgerAction)>,
    organizations: HashSet<OrganizationId>,
}

impl MatchChanges {
    pub fn add_organization<'a>(
        &mut self,
        case: &MatchContext<'_>,
        stored: Vec<MatchRow>,
        candidates: Vec<AwardCandidate<'_>>,
        award: impl Fn(AwardId) -> Option<&'a AwardRow>,
    ) {
        let mut stored: HashMap<AwardId, MatchRow> =
            stored.into_iter().map(|row| (row.award_id, row)).collect();
        let dismissed = stored.values().filter(|row| row.dismissed_with_recipient);
        let dismissed: HashMap<String, MatchRow> =
            dismissed.map(|row| (row.evidence_sha256.clone(), row.clone())).collect();
        for candidate in candidates {
            match stored.remove(&candidate.award.id) {
                None => {
                    let new_row =
                        case.new_match_row(&candidate, dismissed.get(&candidate.evidence_sha256));
                    let row = apply_coverage(new_row, candidate.award, case.on_file);
                    self.organizations.insert(row.organization_id);
                    self.new_rows.push(row);
                }
                Some(before) => {
                    let after = case.refresh_match(&before, &candidate);
                    let after = apply_coverage(after, candidate.award, case.on_file);
                    self.add_if_changed(&before, after);
                }
            }
        }
        for before in stored.into_values() {
            let after = case.withdrawn_match(before.clone());
            let after = match award(before.award_id) {
                Some(award) => apply_coverage(after, award, case.on_file),
                None => after,
            };
            self.add_if_changed(&before, after);
        }
    }

    fn add_if_changed(&mut self, before: &MatchRow, after: MatchRow) {
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
        self.changed_rows.push((after, action));
    }

    pub async fn save(
        self,
        tx: &Tx,
        now: DateTime<Utc>,
        reevaluation: Reevaluation,
    ) -> Result<u64> {
        let actor = Actor { subject: MATCHER.name(), at: now };
        let count = self.new_rows.len() + self.changed_rows.len();
        let first_entries = self.new_rows.iter().map(|row| FirstEntry {
            subject: row.id.into(),
            parent: Some(row.organization_id.into()),
            data: ledger_data(row),
        });
        let first_entries = first_entries.collect();
        store::matches::insert_all(tx, self.new_rows).await?;
        append_first(tx, actor, LedgerAction::MatchFound, first_entries).await?;
        for (row, action) in self.changed_rows {
            let row = store::matches::update(tx, row).await?;
            append(tx, actor, row.id, action, &ledger_data(&row)).await?;
        }
        let mut organizations: Vec<_> = self.organizations.into_iter().collect();
        organizations.sort_unstable();
        for id in organizations.into_iter().filter(|_| reevaluation == Reevaluation::Enqueue) {
            let changed = (ChangeSource::Organization, id.uuid());
            enqueue(tx, changed, LiftedRules::none(), now).await?;
        }
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

/// The data of a match in a ledger entry.
pub fn ledger_data(row: &MatchRow) -> Value {
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

impl MatchContext<'_> {
    /// A row for a new match. It is dismissed if the reviewer dismissed the whole recipient and the
    /// evidence is unchanged.
    fn new_match_row(
        &self,
        candidate: &AwardCandidate<'_>,
        dismissed: Option<&MatchRow>,
    ) -> MatchRow {
        let MatchCandidate { relation, band, score_thousandths, reasons, .. } = candidate.firm;
        let parties = (candidate.award.id, candidate.award.recipient_id);
        let new_row = MatchRow {
            band: *band,
            score_thousandths: Some(*score_thousandths),
            reasons: reasons.clone(),
            evidence_sha256: candidate.evidence_sha256.clone(),
            ..MatchRow::new_open(self.firm.row.id, parties, *relation, self.now)
        };
        let Some(dismissed) = dismissed else { return new_row };
        MatchRow {
            status: MatchStatus::Dismissed,
            dismissed_by: dismissed.dismissed_by.clone(),
            dismissed_at: dismissed.dismissed_at,
            dismissal: dismissed.dismissal.clone(),
            dismissed_with_recipient: true,
            ..new_row
        }
    }

    /// Updates a match that the matcher found again. Confirmed and linked matches keep their data; a
    /// dismissal remains while the evidence is unchanged. A reopened match starts a new review.
    fn refresh_match(&self, before: &MatchRow, candidate: &AwardCandidate<'_>) -> MatchRow {
        let is_dismissed = before.status == MatchStatus::Dismissed;
        let is_confirmed = before.confirmed_at.is_some() && !is_dismissed;
        let candidate_row = self.new_match_row(candidate, None);
        let is_unchanged = before.recipient_id == candidate_row.recipient_id
            && before.relation == candidate_row.relation
            && before.band == candidate_row.band
            && before.evidence_sha256 == candidate_row.evidence_sha256;
        // Word weights change slightly with every import; a changed score alone is not a change.
        if is_unchanged || is_confirmed || before.linked_by.is_some() {
            return before.clone();
        }
        let has_new_evidence = before.evidence_sha256 != candidate_row.evidence_sha256;
        let base = match before.status.reopen() {
            Ok(_) if has_new_evidence => before.clone().reset_review(),
            _ => before.clone(),
        };
        MatchRow {
            recipient_id: candidate_row.recipient_id,
            relation: candidate_row.relation,
            band: candidate_row.band,
            score_thousandths: candidate_row.score_thousandths,
            reasons: candidate_row.reasons,
            evidence_sha256: candidate_row.evidence_sha256,
            ..base
        }
    }

    /// Dismisses a match that the matcher no longer finds. A probable match stays until a person
    /// reviews it, because otherwise a firm could remove it by changing its name.
    fn withdrawn_match(&self, row: MatchRow) -> MatchRow {
        let is_decided = row.linked_by.is_some() || row.confirmed_at.is_some();
        let is_probable = row.band >= MatchBand::Probable;
        if is_decided || is_probable || row.status == MatchStatus::Dismissed {
            return row;
        }
        MatchRow {
            status: MatchStatus::Dismissed,
            dismissed_by: Some(MATCHER.into()),
            dismissed_at: Some(self.now),
            dismissal: Some(NO_LONGER_FOUND.to_owned()),
            // An empty digest differs from every new one, so a match found again reopens.
            evidence_sha256: String::new(),
            ..row
        }
    }
}

/// Sets status and coverage of a match from the agreements that the organization has on file.
pub fn apply_coverage(
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
