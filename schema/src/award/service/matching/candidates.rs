//! Finds the recipients that may be an organization or a related firm, and their awards.
use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::json;
use uuid::Uuid;

use crate::award::entity::award::Model as AwardRow;
use crate::award::entity::recipient::Model as RecipientRow;
use crate::award::model::{AwardId, Evidence, RecipientId};
use crate::award::rules::{Firm, SearchRecord};
use crate::award::service::recipient_index::{RecipientHit, RecipientIndex};
use crate::award::service::to_thousandths;
use crate::award::store;
use crate::canonical::{canonical, sha256};
use crate::database::Database;
use crate::fault::Result;
use crate::gate::{EntityScope, MatchBand};
use crate::organization::model::{Identifier, OrganizationId, OrganizationIdentifier};
use crate::organization::service::Organization;
use candor_matcher::{POSSIBLE_SCORE, Profile, ReasonKind, Relation};

/// The maximum number of candidates for each search record.
const MAX_FIRMS: usize = 5;

/// A firm among the recipients that may be the organization or a related firm.
#[derive(Clone, Debug)]
pub struct MatchCandidate {
    pub relation: EntityScope,
    pub band: MatchBand,
    pub score_thousandths: i64,
    pub reasons: Evidence,
    /// The firm's recipients, the best match first.
    pub recipients: Vec<RecipientId>,
    /// The organization's compared data, as canonical JSON.
    pub organization_facts: String,
}

/// Searches the index for the organization and its related firms. Returns each firm once, with its
/// best match.
pub fn find_candidates(
    recipients: &RecipientIndex,
    organization: &Organization,
) -> Result<Vec<MatchCandidate>> {
    let claims = organization.identifiers.get()?.iter();
    let identifiers: Vec<Identifier> = claims.map(OrganizationIdentifier::identifier).collect();
    let firm = Firm {
        kind: organization.row.kind,
        legal_name: &organization.row.legal_name,
        doing_business_as: &organization.row.doing_business_as.0,
        former_names: &organization.row.former_names.0,
        identifiers: &identifiers,
        address: organization.row.address.as_ref(),
        ownership: &organization.row.ownership,
        members: organization.joint_venture_members.get()?,
    };
    let Firm {
        kind,
        legal_name,
        doing_business_as,
        former_names,
        identifiers,
        address,
        ownership,
        members,
    } = firm;
    let mut facts = json!({
        "kind": kind,
        "legalName": legal_name,
        "doingBusinessAs": doing_business_as,
        "identifiers": identifiers,
        "address": address,
        "ownership": ownership,
        "members": members,
    });
    // Left out if there are none: a dismissal holds while the compared data stay the same.
    if !former_names.is_empty() {
        facts["formerNames"] = json!(former_names);
    }
    let facts = canonical(&facts)?;
    let mut best = BTreeMap::<RecipientId, MatchCandidate>::new();
    for SearchRecord { relation: looked_for, record } in firm.search_records() {
        for hit in recipients.search(&Profile::new(&record), MAX_FIRMS, POSSIBLE_SCORE) {
            let Some(candidate) = candidate_of(&firm, looked_for, &hit, &facts.text) else {
                continue;
            };
            // The lowest recipient id identifies the firm.
            let Some(firm) = hit.recipients.iter().min().copied() else { continue };
            let rank = |it: &MatchCandidate| {
                (it.band, it.relation == EntityScope::Own, it.score_thousandths)
            };
            match best.get(&firm) {
                Some(earlier) if rank(earlier) >= rank(&candidate) => {}
                _ => drop(best.insert(firm, candidate)),
            }
        }
    }
    Ok(best.into_values().collect())
}

fn candidate_of(
    firm: &Firm<'_>,
    looked_for: EntityScope,
    RecipientHit { best, recipients }: &RecipientHit,
    organization_facts: &str,
) -> Option<MatchCandidate> {
    let relation = firm.relation_of(looked_for, best.relation)?;
    // A parent's UEI proves the relation, although the two are different firms.
    let is_linked_by_parent_uei = best.relation != Relation::Same
        && best.reasons.iter().any(|reason| reason.kind == ReasonKind::ParentUei);
    let band = if is_linked_by_parent_uei { MatchBand::Exact } else { best.band? };
    if looked_for != EntityScope::Own && band < MatchBand::Probable {
        return None;
    }
    Some(MatchCandidate {
        relation,
        band,
        score_thousandths: to_thousandths(best.score),
        reasons: Evidence::from(&best.reasons[..]),
        recipients: recipients.clone(),
        organization_facts: organization_facts.to_owned(),
    })
}

/// The awards and recipients of a set of candidates.
pub struct CandidateAwards {
    pub awards: HashMap<AwardId, AwardRow>,
    by_recipient: HashMap<RecipientId, Vec<AwardId>>,
    recipients: HashMap<RecipientId, RecipientRow>,
}

/// An award that may belong to an organization or a related firm.
pub struct AwardCandidate<'a> {
    pub award: &'a AwardRow,
    pub firm: &'a MatchCandidate,
    /// SHA-256 of the compared data of organization and recipient.
    pub evidence_sha256: String,
}

impl CandidateAwards {
    pub async fn load(
        db: &Database,
        candidates: &HashMap<OrganizationId, Vec<MatchCandidate>>,
    ) -> Result<Self> {
        let ids = candidates.values().flatten().flat_map(|it| &it.recipients);
        let ids: HashSet<Uuid> = ids.map(|id| id.uuid()).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let awards = store::awards::list_by_recipients(&db.read, ids.clone()).await?;
        let recipients = store::recipients::list_by_ids(&db.read, ids).await?;
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

    pub fn list_for<'a>(&'a self, candidates: &'a [MatchCandidate]) -> Vec<AwardCandidate<'a>> {
        let mut awards_found = Vec::new();
        for candidate in candidates {
            for recipient in &candidate.recipients {
                let awards = self.by_recipient.get(recipient).into_iter().flatten();
                let Some(row) = self.recipients.get(recipient) else { continue };
                let evidence_sha256 = evidence_sha256(&candidate.organization_facts, row);
                awards_found.extend(awards.filter_map(|award| {
                    let award = self.awards.get(award)?;
                    Some(AwardCandidate {
                        award,
                        firm: candidate,
                        evidence_sha256: evidence_sha256.clone(),
                    })
                }));
            }
        }
        awards_found
    }
}

/// SHA-256 of the compared data of organization and recipient. A dismissal remains valid while it is
/// unchanged.
fn evidence_sha256(organization_facts: &str, recipient: &RecipientRow) -> String {
    let RecipientRow {
        id: _,
        name,
        other_names,
        uei,
        duns,
        cage,
        parent,
        parent_uei,
        address: _,
        city: _,
        state: _,
        revision: _,
    } = recipient;
    let other = json!([organization_facts, name, other_names, uei, duns, cage, parent, parent_uei]);
    sha256(&other.to_string())
}
