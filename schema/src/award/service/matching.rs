//! Holding organizations against the recipients of awards: what is found, what has changed of it,
//! what a disclosed agreement covers.
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::recipients::{Hit, Recipients};
use super::store;
use crate::award::entity::award::Model as AwardRow;
use crate::award::entity::found::Model as MatchRow;
use crate::award::entity::recipient::Model as RecipientRow;
use crate::award::matcher::{POSSIBLE, Profile, ReasonKind, Relation};
use crate::award::model::{AwardId, Evidence, MatchStatus, RecipientId};
use crate::award::rules::{Around, Firm, coverage};
use crate::canonical::canonical;
use crate::database::{Database, Tx};
use crate::disclosure;
use crate::disclosure::model::{Agreement, DisclosureId};
use crate::fault::{Fault, Result};
use crate::gate::{EntityScope, MatchBand};
use crate::ledger::model::Actor;
use crate::ledger::service::{append, begin_all};
use crate::organization;
use crate::organization::model::OrganizationId;
use crate::organization::service::{Include, Organization};
use crate::reconsideration::model::{Changed, Revives};
use crate::reconsideration::service::note;

/// The most firms that an organization is held to be, or to stand in a relation to.
const FIRMS: usize = 5;
/// In whose name matches are found.
pub(super) const MATCHER: &str = "candor";
/// Why a match that was only possible goes.
const NOT_FOUND: &str = "It is not found any more: what is known of the firm or of the recipient \
    has changed.";

/// Holds some organizations against the recipients as they are now, and what is found against
/// their disclosures. Answers how many matches are new or changed. With `noting`, what hangs on an
/// organization whose matches changed is noted to be looked at again.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn match_organizations(
    db: &Database,
    now: DateTime<Utc>,
    ids: Vec<OrganizationId>,
    noting: bool,
) -> Result<u64> {
    let recipients = Recipients::current(db).await?;
    let revision = recipients.revision();
    if revision == 0 {
        // Nothing was ever imported.
        return Ok(0);
    }
    let include = Include { identifiers: true, joint_venture_members: true, members: false };
    let uuids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let firms = organization::service::by_ids(&db.read, uuids.clone(), include).await?;
    let mut sought = HashMap::new();
    for (id, firm) in &firms {
        sought.insert(*id, sightings(&recipients, firm)?);
    }
    let seen = Seen::read(db, &sought).await?;
    let tx = db.begin().await?;
    let locked = organization::service::lock(&tx, ids.clone()).await?;
    // One that was changed meanwhile is noted, and held against them again; and who knew more of
    // the recipients than was known here may have come first.
    let ahead = store::waiting::ahead(&*tx, uuids.clone(), revision).await?;
    let same = locked.iter().filter(|row| {
        let is_same = firms.get(&row.id).is_some_and(|it| it.row.updated_at == row.updated_at);
        is_same && !ahead.contains(&row.id)
    });
    let same: HashSet<OrganizationId> = same.map(|row| row.id).collect();
    let mut known = HashMap::<OrganizationId, Vec<MatchRow>>::new();
    for row in store::matches::of_organizations(&*tx, uuids.clone()).await? {
        known.entry(row.organization_id).or_default().push(row);
    }
    // Matches that are not found any more stand on awards that were not read yet.
    let others = known.values().flatten().map(|row| row.award_id);
    let others = others.filter(|id| !seen.awards.contains_key(id)).map(AwardId::uuid).collect();
    let others = store::awards::by_ids(&*tx, others).await?;
    let others: HashMap<AwardId, AwardRow> = others.into_iter().map(|it| (it.id, it)).collect();
    let mut agreements = disclosure::service::agreements_on_file(&*tx, uuids).await?;
    let mut changes = Changes::default();
    for id in &same {
        let Some(firm) = firms.get(id) else { continue };
        let on_file = agreements.remove(id);
        let known = known.remove(id).unwrap_or_default();
        let case = Case { now, firm, on_file: on_file.as_ref() };
        let found = seen.found(sought.get(id).map_or(&[], Vec::as_slice));
        changes.of(&case, known, found, |award| {
            seen.awards.get(&award).or_else(|| others.get(&award))
        });
    }
    let written = changes.write(&tx, now, noting).await?;
    let same: Vec<OrganizationId> = same.into_iter().collect();
    store::waiting::keep(&tx, &same, revision).await?;
    tx.commit().await?;
    Ok(written)
}

/// Holds against the recipients every organization that was not yet, or not since the recipients
/// changed; `told` hears how many are done. Answers how many matches are new or changed.
///
/// # Errors
/// As [`match_organizations`].
pub async fn catch_up(db: &Database, now: DateTime<Utc>, mut told: impl FnMut(u64)) -> Result<u64> {
    const BATCH: u64 = 200;
    let revision = store::recipients::revision(&db.read).await?;
    if revision == 0 {
        return Ok(0);
    }
    // Whoever asks next finds the index ready.
    Recipients::current(db).await?;
    let (mut after, mut done, mut changed) = (None, 0, 0);
    loop {
        let behind = store::waiting::behind(&db.read, revision, after, BATCH).await?;
        let Some(last) = behind.last() else { return Ok(changed) };
        after = Some(*last);
        done += u64::try_from(behind.len()).unwrap_or(u64::MAX);
        changed += together_or_each(db, now, behind).await?;
        told(done);
    }
}

/// Holds organizations against the recipients: together, or one by one if that fails, so that one
/// that fails keeps no other waiting. What fails is logged, and left to the next sweep.
async fn together_or_each(
    db: &Database,
    now: DateTime<Utc>,
    ids: Vec<OrganizationId>,
) -> Result<u64> {
    match match_organizations(db, now, ids.clone(), true).await {
        Err(Fault::Unavailable) => return Err(Fault::Unavailable),
        Ok(changed) => return Ok(changed),
        Err(_) => {}
    }
    let mut changed = 0;
    for id in ids {
        match match_organizations(db, now, vec![id], true).await {
            Ok(one) => changed += one,
            Err(fault) => tracing::error!(organization = %id, ?fault, "its awards are unknown"),
        }
    }
    Ok(changed)
}

/// A firm that an organization is held to be, or to stand in a relation to.
#[derive(Clone, Debug)]
struct Sighting {
    relation: EntityScope,
    band: MatchBand,
    score_thousandths: i64,
    reasons: Evidence,
    /// The recipient that matches best first.
    recipients: Vec<RecipientId>,
    /// What is known of the organization, as canonical JSON.
    side: String,
}

/// Who, among the recipients, an organization is or stands in a relation to.
fn sightings(recipients: &Recipients, organization: &Organization) -> Result<Vec<Sighting>> {
    let firm = Firm {
        kind: organization.row.kind,
        legal_name: &organization.row.legal_name,
        doing_business_as: &organization.row.doing_business_as.0,
        identifiers: organization.identifiers.get()?,
        address: organization.row.address.as_ref(),
        ownership: &organization.row.ownership,
        members: organization.joint_venture_members.get()?,
    };
    let side = canonical(&json!({
        "kind": firm.kind,
        "legalName": firm.legal_name,
        "doingBusinessAs": firm.doing_business_as,
        "identifiers": firm.identifiers,
        "address": firm.address,
        "ownership": firm.ownership,
        "members": firm.members,
    }))?;
    let mut best = BTreeMap::<RecipientId, Sighting>::new();
    for Around { relation: looked_for, record } in firm.around() {
        for hit in recipients.search(&Profile::new(&record), FIRMS, POSSIBLE) {
            let Some(sighting) = sighting(&firm, looked_for, &hit, &side.text) else { continue };
            // One firm, whatever it was found as: the smallest of its identifiers stands for it.
            let Some(firm) = hit.recipients.iter().min().copied() else { continue };
            let rank =
                |it: &Sighting| (it.band, it.relation == EntityScope::Own, it.score_thousandths);
            match best.get(&firm) {
                Some(known) if rank(known) >= rank(&sighting) => {}
                _ => drop(best.insert(firm, sighting)),
            }
        }
    }
    Ok(best.into_values().collect())
}

fn sighting(
    firm: &Firm<'_>,
    looked_for: EntityScope,
    Hit { found, recipients }: &Hit,
    side: &str,
) -> Option<Sighting> {
    let relation = firm.scope(looked_for, found.relation)?;
    // An identifier that says who owns whom says it surely, though the two are not one firm.
    let is_kin = found.relation != Relation::Same
        && found.reasons.iter().any(|reason| reason.kind == ReasonKind::ParentUei);
    let band = if is_kin { MatchBand::Exact } else { found.band? };
    if looked_for != EntityScope::Own && band < MatchBand::Probable {
        return None;
    }
    Some(Sighting {
        relation,
        band,
        score_thousandths: super::thousandths(found.score),
        reasons: Evidence::from(&found.reasons[..]),
        recipients: recipients.clone(),
        side: side.to_owned(),
    })
}

/// The awards and recipients that some sightings are about.
struct Seen {
    awards: HashMap<AwardId, AwardRow>,
    by_recipient: HashMap<RecipientId, Vec<AwardId>>,
    recipients: HashMap<RecipientId, RecipientRow>,
}

/// An award that is held to be an organization's, or of one that it stands in a relation to.
struct Found<'a> {
    award: &'a AwardRow,
    sighting: &'a Sighting,
    /// SHA-256 of what is known of both sides.
    evidence_sha256: String,
}

impl Seen {
    async fn read(db: &Database, sought: &HashMap<OrganizationId, Vec<Sighting>>) -> Result<Self> {
        let ids = sought.values().flatten().flat_map(|it| &it.recipients);
        let ids: HashSet<Uuid> = ids.map(|id| id.uuid()).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let awards = store::awards::of_recipients(&db.read, ids.clone()).await?;
        let recipients = store::recipients::by_ids(&db.read, ids).await?;
        let mut by_recipient = HashMap::<RecipientId, Vec<AwardId>>::new();
        for award in &awards {
            by_recipient.entry(award.recipient_id).or_default().push(award.id);
        }
        Ok(Self {
            awards: awards.into_iter().map(|award| (award.id, award)).collect(),
            by_recipient,
            recipients: recipients.into_iter().map(|row| (row.id, row)).collect(),
        })
    }

    fn found<'a>(&'a self, sightings: &'a [Sighting]) -> Vec<Found<'a>> {
        let mut found = Vec::new();
        for sighting in sightings {
            for recipient in &sighting.recipients {
                let awards = self.by_recipient.get(recipient).into_iter().flatten();
                let Some(row) = self.recipients.get(recipient) else { continue };
                let evidence_sha256 = evidence(&sighting.side, row);
                found.extend(awards.filter_map(|award| {
                    let award = self.awards.get(award)?;
                    Some(Found { award, sighting, evidence_sha256: evidence_sha256.clone() })
                }));
            }
        }
        found
    }
}

/// What is known of both sides, digested: a dismissal holds while that stays the same.
fn evidence(side: &str, recipient: &RecipientRow) -> String {
    let RecipientRow { name, other_names, uei, duns, cage, parent, parent_uei, .. } = recipient;
    let other = json!([side, name, other_names, uei, duns, cage, parent, parent_uei]);
    crate::canonical::sha256(&other.to_string())
}

/// One organization whose matches are looked at.
struct Case<'a> {
    now: DateTime<Utc>,
    firm: &'a Organization,
    on_file: Option<&'a (DisclosureId, Vec<Agreement>)>,
}

/// What has changed, and is still to be written.
#[derive(Default)]
struct Changes {
    fresh: Vec<MatchRow>,
    /// Each with what the ledger calls it.
    changed: Vec<(MatchRow, &'static str)>,
    organizations: HashSet<OrganizationId>,
}

impl Changes {
    fn of<'a>(
        &mut self,
        case: &Case<'_>,
        known: Vec<MatchRow>,
        found: Vec<Found<'_>>,
        award: impl Fn(AwardId) -> Option<&'a AwardRow>,
    ) {
        let mut known: HashMap<AwardId, MatchRow> =
            known.into_iter().map(|row| (row.award_id, row)).collect();
        let dismissed = known.values().filter(|row| row.dismissed_whole);
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
            (MatchStatus::Dismissed, MatchStatus::Dismissed) => "match.weighed",
            (MatchStatus::Dismissed, _) => "match.reopened",
            (_, MatchStatus::Dismissed) => "match.dismissed",
            (_, MatchStatus::Covered) => "match.covered",
            (MatchStatus::Covered, _) => "match.uncovered",
            _ => "match.weighed",
        };
        self.organizations.insert(after.organization_id);
        self.changed.push((after, action));
    }

    async fn write(self, tx: &Tx, now: DateTime<Utc>, noting: bool) -> Result<u64> {
        let actor = Actor { subject: MATCHER, at: now };
        let count = self.fresh.len() + self.changed.len();
        let entries = self.fresh.iter().map(|row| (row.id.into(), said(row))).collect();
        store::matches::insert_all(tx, self.fresh).await?;
        begin_all(tx, actor, "match.found", entries).await?;
        for (row, action) in self.changed {
            let row = store::matches::update(tx, row).await?;
            append(tx, actor, row.id, action, &said(&row)).await?;
        }
        let mut organizations: Vec<_> = self.organizations.into_iter().collect();
        organizations.sort_unstable();
        for id in organizations.into_iter().filter(|_| noting) {
            let changed = (Changed::Organization, id.uuid());
            note(tx, changed, Revives::none(), now).await?;
        }
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

/// What the ledger is told of a match.
pub(super) fn said(row: &MatchRow) -> Value {
    json!({
        "organization": row.organization_id,
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
            dismissed_whole: true,
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
            Ok(_) if is_other => before.clone().afresh(),
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
            dismissed_by: Some(MATCHER.to_owned()),
            dismissed_at: Some(self.now),
            dismissal: Some(NOT_FOUND.to_owned()),
            // Found again, it is open again.
            evidence_sha256: String::new(),
            ..row
        }
    }
}

/// What the agreements that the organization has on file make of a match.
pub(super) fn told(
    row: MatchRow,
    award: &AwardRow,
    on_file: Option<&(DisclosureId, Vec<Agreement>)>,
) -> MatchRow {
    let linked = row.linked_agreement_sha256.as_deref();
    let covered = on_file.zip(award.terms()).and_then(|((disclosure, agreements), terms)| {
        let (index, kind) = coverage(&terms, linked, agreements)?;
        Some((*disclosure, i64::try_from(index).ok()?, kind))
    });
    let status = row.status.told(covered.is_some(), row.confirmed_at.is_some());
    let covered = covered.filter(|_| status == MatchStatus::Covered);
    MatchRow {
        status,
        covered_by: covered.map(|it| it.0),
        covered_agreement: covered.map(|it| it.1),
        coverage: covered.map(|it| it.2),
        ..row
    }
}
