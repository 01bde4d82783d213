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

/// The relation of a viewer to the subject of a trail.
#[derive(Clone, Debug)]
pub struct TrailViewer {
    /// Whether the viewer reads every entry whole and can recompute the chain: auditors and
    /// administrators.
    pub reads_whole: bool,
    /// The relation to the subject, independent of the entry; never [`Readers::FIRM`], which
    /// depends on the entry.
    pub readers: Readers,
    /// The organizations of which the viewer is a member.
    pub organizations: Vec<Uuid>,
    /// Whether entries that name no organization concern one of these, because the subject belongs
    /// to it permanently.
    pub owns_subject: bool,
    /// The token subjects of all current and former members of the subject's organization.
    pub organization_people: BTreeSet<String>,
}

impl TrailViewer {
    /// Returns the relation of the viewer to one entry.
    fn readers_of(&self, row: &Model) -> Readers {
        let is_own = match row.organization_id {
            Some(organization) => self.organizations.contains(&organization),
            None => self.owns_subject,
        };
        if is_own { self.readers.or(Readers::FIRM) } else { self.readers }
    }

    /// The service itself is not a person: every reader of the entry may see it as the actor.
    fn reads_actor(&self, rule: &ReadRule, readers: Readers, actor: &str) -> bool {
        actor == ServiceActor::Service.name()
            || rule.shows_actor(readers, self.organization_people.contains(actor))
    }
}

/// The position of an entry in its chain.
#[derive(Clone, Debug)]
pub struct ChainPlace {
    /// From 1, without gaps, on each subject.
    pub sequence: i64,
    /// The hash of the previous entry; empty for the first.
    pub previous: String,
    /// SHA-256 of [`super::model::Hashed`] as canonical JSON.
    pub hash: String,
}

/// A ledger entry with the parts that one viewer may read.
#[derive(Clone, Debug)]
pub struct ReadableEntry {
    pub id: EventId,
    /// The subject's TypeID.
    pub subject: String,
    /// RFC 3339, UTC, six decimals and `Z`.
    pub at: String,
    /// None if the viewer may not read the actor.
    pub actor: Option<String>,
    /// The action, such as `disclosure.filed`.
    pub action: String,
    /// The data that the viewer may read.
    pub data: Map<String, Value>,
    /// None unless the viewer reads the entry whole: hidden data could be guessed by the hash, and
    /// hidden entries counted by the sequence.
    pub chain: Option<ChainPlace>,
}

impl ReadableEntry {
    /// Returns the parts of an entry that `viewer` may read.
    ///
    /// # Errors
    /// `Internal` if its data is not a JSON object.
    pub(super) fn new(row: Model, viewer: &TrailViewer) -> Result<Self> {
        let mut data: Map<String, Value> = serde_json::from_str(&row.data)
            .map_err(|error| Fault::Internal(format!("ledger {}: {error}", row.id).into()))?;
        let (mut actor, mut chain) = (None, None);
        if viewer.reads_whole {
            let Model { sequence, previous, hash, .. } = row;
            (actor, chain) = (Some(row.actor), Some(ChainPlace { sequence, previous, hash }));
        } else {
            let rule = row.action.parse().ok().map(LedgerAction::read_rule);
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
