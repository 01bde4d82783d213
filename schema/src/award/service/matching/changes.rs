//! Compares an organization's stored matches with the current candidates, and saves the changes.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Reevaluation;
use super::candidates::{AwardCandidate, MatchCandidate};
use crate::award::entity::award::Model as AwardRow;
use crate::award::model::{
    AwardId, AwardMatch, Coverage, Dismissal, MatchAssessment, MatchId, MatchState, MatchStatus,
};
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
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;

/// The ledger's actor for changes that the matcher makes.
const MATCHER: ServiceActor = ServiceActor::Service;
/// The dismissal reason of a possible match that the matcher no longer finds.
const NO_LONGER_FOUND: &str = "The matcher no longer finds this match, because the data of the firm or \
of the recipient has changed.";

/// The dismissal reason of a match with an award for which another match of the firm counts.
const MATCHED_TWICE: &str = "The firm was merged with another that is matched with the same award; that \
match counts.";

/// The organization whose matches are compared.
pub struct MatchContext<'a> {
    pub now: DateTime<Utc>,
    pub firm: &'a Organization,
    pub on_file: Option<&'a (DisclosureId, Vec<Agreement>)>,
}

/// Changes of matches that are not yet saved.
#[derive(Default)]
pub struct MatchChanges {
    new_matches: Vec<AwardMatch>,
    /// Changed matches with their ledger action.
    changed_matches: Vec<(AwardMatch, LedgerAction)>,
    organizations: HashSet<OrganizationId>,
}

impl MatchChanges {
    pub fn add_organization<'a>(
        &mut self,
        case: &MatchContext<'_>,
        stored: Vec<AwardMatch>,
        candidates: Vec<AwardCandidate<'_>>,
        award: impl Fn(AwardId) -> Option<&'a AwardRow>,
    ) {
        let mut stored: HashMap<AwardId, AwardMatch> =
            stored.into_iter().map(|found| (found.award_id, found)).collect();
        let dismissals = stored.values().filter_map(|found| {
            let dismissal = found.state.dismissal().filter(|it| it.with_recipient)?;
            Some((found.assessment.evidence_sha256.clone(), dismissal.clone()))
        });
        let dismissals: HashMap<String, Dismissal> = dismissals.collect();
        for candidate in candidates {
            match stored.remove(&candidate.award.id) {
                None => {
                    let dismissal = dismissals.get(&candidate.evidence_sha256);
                    let new_match = case.new_match(&candidate, dismissal);
                    let new_match = apply_coverage(new_match, candidate.award, case.on_file);
                    self.organizations.insert(new_match.organization_id);
                    self.new_matches.push(new_match);
                }
                Some(before) => {
                    let after = refresh_match(&before, &candidate);
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

    /// Dismisses undecided matches of merged organizations with awards for which another match of the
    /// firm counts, so that nobody reviews an award twice.
    pub fn add_duplicates(&mut self, case: &MatchContext<'_>, duplicates: Vec<AwardMatch>) {
        for before in duplicates {
            let is_decided = before.link.is_some() || before.is_notified();
            if is_decided || before.status() == MatchStatus::Dismissed {
                continue;
            }
            let dismissal = Dismissal {
                by: MATCHER.into(),
                at: case.now,
                reason: MATCHED_TWICE.to_owned(),
                with_recipient: false,
            };
            if let Ok(after) = before.clone().dismiss(dismissal) {
                self.add_if_changed(&before, after);
            }
        }
    }

    fn add_if_changed(&mut self, before: &AwardMatch, after: AwardMatch) {
        if *before == after {
            return;
        }
        let action = match (before.status(), after.status()) {
            (MatchStatus::Dismissed, MatchStatus::Dismissed) => LedgerAction::MatchWeighed,
            (MatchStatus::Dismissed, _) => LedgerAction::MatchReopened,
            (_, MatchStatus::Dismissed) => LedgerAction::MatchDismissed,
            (_, MatchStatus::Covered) => LedgerAction::MatchCovered,
            (MatchStatus::Covered, _) => LedgerAction::MatchUncovered,
            _ => LedgerAction::MatchWeighed,
        };
        self.organizations.insert(after.organization_id);
        self.changed_matches.push((after, action));
    }

    pub async fn save(
        self,
        tx: &Tx,
        now: DateTime<Utc>,
        reevaluation: Reevaluation,
    ) -> Result<u64> {
        let actor = Actor { subject: MATCHER.name(), at: now };
        let count = self.new_matches.len() + self.changed_matches.len();
        let first_entries = self.new_matches.iter().map(|found| FirstEntry {
            subject: found.id.into(),
            parent: Some(found.organization_id.into()),
            data: ledger_data(found),
        });
        let first_entries = first_entries.collect();
        store::matches::insert_all(tx, self.new_matches).await?;
        append_first(tx, actor, LedgerAction::MatchFound, first_entries).await?;
        for (changed, action) in self.changed_matches {
            let changed = store::matches::update(tx, changed).await?;
            append(tx, actor, changed.id, action, &ledger_data(&changed)).await?;
        }
        let mut organizations: Vec<_> = self.organizations.into_iter().collect();
        organizations.sort_unstable();
        for id in organizations.into_iter().filter(|_| reevaluation == Reevaluation::Enqueue) {
            let change = Change {
                source: ChangeSource::Organization,
                subject_id: id.uuid(),
                lifted_rules: LiftedRules::none(),
                not_before: now,
            };
            enqueue(tx, change).await?;
        }
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

/// The data of a match in a ledger entry.
pub fn ledger_data(found: &AwardMatch) -> Value {
    let coverage = found.state.coverage();
    json!({
        "organization": found.organization_id,
        "notified": found.is_notified(),
        "award": found.award_id,
        "relation": found.assessment.relation.as_str(),
        "band": found.assessment.band,
        "status": found.status(),
        "coveredBy": coverage.map(|it| it.disclosure_id),
        "coveredAgreement": coverage.map(|it| it.agreement),
        "coverage": coverage.map(|it| it.kind),
    })
}

impl MatchContext<'_> {
    /// A new match. It is dismissed if a reviewer dismissed the whole recipient and the evidence is
    /// unchanged.
    fn new_match(
        &self,
        candidate: &AwardCandidate<'_>,
        dismissal: Option<&Dismissal>,
    ) -> AwardMatch {
        let state = dismissal.cloned().map_or(MatchState::Open, |dismissal| {
            MatchState::Dismissed { dismissal, confirmation: None }
        });
        AwardMatch {
            id: MatchId::generate(),
            organization_id: self.firm.row.id,
            award_id: candidate.award.id,
            recipient_id: candidate.award.recipient_id,
            assessment: assess(candidate),
            found_at: self.now,
            link: None,
            state,
        }
    }

    /// Dismisses a match that the matcher no longer finds. A probable match stays until a person
    /// reviews it, because otherwise a firm could remove it by changing its name.
    fn withdrawn_match(&self, found: AwardMatch) -> AwardMatch {
        let is_decided = found.link.is_some() || found.is_notified();
        let is_probable = found.assessment.band >= MatchBand::Probable;
        if is_decided || is_probable || found.status() == MatchStatus::Dismissed {
            return found;
        }
        let dismissal = Dismissal {
            by: MATCHER.into(),
            at: self.now,
            reason: NO_LONGER_FOUND.to_owned(),
            with_recipient: false,
        };
        let mut withdrawn = found.clone().dismiss(dismissal).unwrap_or(found);
        // An empty digest differs from every new one, so a match found again reopens.
        withdrawn.assessment.evidence_sha256.clear();
        withdrawn
    }
}

/// Updates a match that the matcher found again. Confirmed and linked matches keep their data; a
/// dismissal remains while the evidence is unchanged. A reopened match starts a new review.
fn refresh_match(before: &AwardMatch, candidate: &AwardCandidate<'_>) -> AwardMatch {
    let is_confirmed = before.is_notified() && before.status() != MatchStatus::Dismissed;
    let (recipient_id, assessment) = (candidate.award.recipient_id, assess(candidate));
    let has_new_evidence = before.assessment.evidence_sha256 != assessment.evidence_sha256;
    // Word weights change slightly with every import; a changed score alone is not a change.
    let is_unchanged = before.recipient_id == recipient_id
        && before.assessment.relation == assessment.relation
        && before.assessment.band == assessment.band
        && !has_new_evidence;
    if is_unchanged || is_confirmed || before.link.is_some() {
        return before.clone();
    }
    let base = match before.clone().reopen() {
        Ok(reopened) if has_new_evidence => reopened,
        _ => before.clone(),
    };
    AwardMatch { recipient_id, assessment, ..base }
}

/// The assessment of a match by its current candidate.
fn assess(candidate: &AwardCandidate<'_>) -> MatchAssessment {
    let AwardCandidate { award: _, firm, evidence_sha256 } = candidate;
    let MatchCandidate {
        relation,
        band,
        score_thousandths,
        reasons,
        recipients: _,
        organization_facts: _,
    } = firm;
    MatchAssessment {
        relation: *relation,
        band: *band,
        score_thousandths: Some(*score_thousandths),
        reasons: reasons.clone(),
        evidence_sha256: evidence_sha256.clone(),
    }
}

/// The match with the coverage by the agreements that the organization has on file.
pub fn apply_coverage(
    found: AwardMatch,
    award: &AwardRow,
    on_file: Option<&(DisclosureId, Vec<Agreement>)>,
) -> AwardMatch {
    let linked = found.link.as_ref().and_then(|link| link.agreement_sha256.as_deref());
    let coverage = on_file.zip(award.comparable()).and_then(|((disclosure, agreements), terms)| {
        let (index, kind) = find_coverage(&terms, linked, agreements)?;
        let agreement = i64::try_from(index).ok()?;
        Some(Coverage { disclosure_id: *disclosure, agreement, kind })
    });
    found.with_coverage(coverage)
}
