//! An entry as one viewer reads it.
use std::collections::BTreeSet;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::action::LedgerAction;
use super::entity::Model;
use super::model::EventId;
use super::readers::{ReadRule, Readers};
use crate::fault::{Fault, Result};
use crate::principal::ServiceActor;

/// What a viewer is to the subject of a trail, as the features know it.
#[derive(Clone, Debug)]
pub struct TrailViewer {
    /// Auditors and administrators read every entry whole, so that they can recompute the chain.
    pub reads_whole: bool,
    /// What the viewer is to the subject, whatever an entry concerns; never [`Readers::FIRM`],
    /// which each entry tells.
    pub readers: Readers,
    /// The organizations that the viewer is a member of.
    pub organizations: Vec<Uuid>,
    /// Entries that name no organization concern one of these: the subject is its own for good.
    pub owns_subject: bool,
    /// The token subjects of all who are or were members of the organization that the subject
    /// belongs to.
    pub organization_people: BTreeSet<String>,
}

impl TrailViewer {
    /// What the viewer is to one entry.
    fn readers_of(&self, row: &Model) -> Readers {
        let is_own = match row.organization_id {
            Some(organization) => self.organizations.contains(&organization),
            None => self.owns_subject,
        };
        if is_own { self.readers.or(Readers::FIRM) } else { self.readers }
    }

    /// The service itself is no person, and whoever reads an entry may know that it did it.
    fn reads_actor(&self, rule: &ReadRule, readers: Readers, actor: &str) -> bool {
        actor == ServiceActor::Service.name()
            || rule.shows_actor(readers, self.organization_people.contains(actor))
    }
}

/// Where an entry stands in its chain.
#[derive(Clone, Debug)]
pub struct ChainPlace {
    /// From 1, without gaps, on each subject.
    pub sequence: i64,
    /// The hash of the entry before it; empty at first.
    pub previous: String,
    /// SHA-256 of [`super::model::Hashed`] as canonical JSON.
    pub hash: String,
}

/// An entry of the ledger, as far as one viewer may read it.
#[derive(Clone, Debug)]
pub struct ReadableEntry {
    pub id: EventId,
    /// The subject's TypeID.
    pub subject: String,
    /// RFC 3339, UTC, six decimals and `Z`.
    pub at: String,
    /// None if the viewer may not read who did it.
    pub actor: Option<String>,
    /// What was done, as `disclosure.filed`.
    pub action: String,
    /// Those of its data that the viewer may read.
    pub data: Map<String, Value>,
    /// None unless the viewer reads the entry whole: what is hidden could be guessed and compared
    /// with the hash, and hidden entries counted by the sequence.
    pub chain: Option<ChainPlace>,
}

impl ReadableEntry {
    /// The entry as `viewer` reads it.
    ///
    /// # Errors
    /// `Internal` if its data is no JSON object.
    pub(super) fn new(row: Model, viewer: &TrailViewer) -> Result<Self> {
        let mut data: Map<String, Value> = serde_json::from_str(&row.data)
            .map_err(|error| Fault::Internal(format!("ledger {}: {error}", row.id).into()))?;
        let (mut actor, mut chain) = (None, None);
        if viewer.reads_whole {
            let Model { sequence, previous, hash, .. } = row;
            (actor, chain) = (Some(row.actor), Some(ChainPlace { sequence, previous, hash }));
        } else {
            let rule = LedgerAction::of(&row.action).map(LedgerAction::read_rule);
            let readers = viewer.readers_of(&row);
            let shows = |key: &str| rule.is_some_and(|rule| rule.shows_key(readers, key));
            data.retain(|key, _| shows(key));
            if rule.is_some_and(|rule| viewer.reads_actor(&rule, readers, &row.actor)) {
                actor = Some(row.actor);
            }
        }
        let Model { id, subject, at, action, .. } = row;
        Ok(Self { id, subject, at, actor, action, data, chain })
    }
}
