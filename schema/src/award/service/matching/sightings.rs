//! Who, among the recipients, an organization is or stands in a relation to, and their awards.
use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::json;
use uuid::Uuid;

use crate::award::entity::award::Model as AwardRow;
use crate::award::entity::recipient::Model as RecipientRow;
use crate::award::matcher::{POSSIBLE_SCORE, Profile, ReasonKind, Relation};
use crate::award::model::{AwardId, Evidence, RecipientId};
use crate::award::rules::{SearchRecord, Firm};
use crate::award::service::recipients::{Hit, Recipients};
use crate::award::service::thousandths;
use crate::award::store;
use crate::canonical::{canonical, sha256};
use crate::database::Database;
use crate::fault::Result;
use crate::gate::{EntityScope, MatchBand};
use crate::organization::model::{Identifier, OrganizationId, OrganizationIdentifier};
use crate::organization::service::Organization;

/// The most firms that an organization is held to be, or to stand in a relation to.
const FIRMS: usize = 5;

/// A firm that an organization is held to be, or to stand in a relation to.
#[derive(Clone, Debug)]
pub struct Sighting {
    pub relation: EntityScope,
    pub band: MatchBand,
    pub score_thousandths: i64,
    pub reasons: Evidence,
    /// The recipient that matches best first.
    pub recipients: Vec<RecipientId>,
    /// What is known of the organization, as canonical JSON.
    pub side: String,
}

/// Who, among the recipients, an organization is or stands in a relation to.
pub fn sightings(recipients: &Recipients, organization: &Organization) -> Result<Vec<Sighting>> {
    let claims = organization.identifiers.get()?.iter();
    let identifiers: Vec<Identifier> = claims.map(OrganizationIdentifier::identifier).collect();
    let firm = Firm {
        kind: organization.row.kind,
        legal_name: &organization.row.legal_name,
        doing_business_as: &organization.row.doing_business_as.0,
        identifiers: &identifiers,
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
    for SearchRecord { relation: looked_for, record } in firm.around() {
        for hit in recipients.search(&Profile::new(&record), FIRMS, POSSIBLE_SCORE) {
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
        score_thousandths: thousandths(found.score),
        reasons: Evidence::from(&found.reasons[..]),
        recipients: recipients.clone(),
        side: side.to_owned(),
    })
}

/// The awards and recipients that some sightings are about.
pub struct Seen {
    pub awards: HashMap<AwardId, AwardRow>,
    by_recipient: HashMap<RecipientId, Vec<AwardId>>,
    recipients: HashMap<RecipientId, RecipientRow>,
}

/// An award that is held to be an organization's, or of one that it stands in a relation to.
pub struct Found<'a> {
    pub award: &'a AwardRow,
    pub sighting: &'a Sighting,
    /// SHA-256 of what is known of both sides.
    pub evidence_sha256: String,
}

impl Seen {
    pub async fn read(
        db: &Database,
        sought: &HashMap<OrganizationId, Vec<Sighting>>,
    ) -> Result<Self> {
        let ids = sought.values().flatten().flat_map(|it| &it.recipients);
        let ids: HashSet<Uuid> = ids.map(|id| id.uuid()).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let awards = store::awards::of_recipients(&db.read, ids.clone()).await?;
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

    pub fn found<'a>(&'a self, sightings: &'a [Sighting]) -> Vec<Found<'a>> {
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
    sha256(&other.to_string())
}
