//! A person's choice of the organization that a named party is.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use crate::decision::model::{NewlyResolved, Parties, PartyChoice};
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::ResolvedBy;
use crate::organization::model::{OrganizationId, Party, Resolution};
use crate::organization::service::{
    OrganizationInclude, list_matching_parties, load_group, load_organizations,
};
use crate::user_message::UserMessage;

use super::party_reference::PartyReference;

/// Which parties a person may choose the organization of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChoiceScope {
    /// Those that are not identified yet.
    Unidentified,
    /// Those that are identified too.
    All,
}

/// Returns the parties of a subject after a choice, and the positions that change.
///
/// # Errors
/// `Invalid` if the subject names no such party, if the party is identified already and outside the
/// scope, or if the organization does not exist, names the party itself, or has neither the number nor
/// the exact name that was given.
pub async fn choose_party(
    db: &impl ConnectionTrait,
    prime: OrganizationId,
    stored: &Parties,
    choice: &PartyChoice,
    scope: ChoiceScope,
    now: DateTime<Utc>,
) -> Result<(Parties, NewlyResolved)> {
    let path = FieldPath::argument("input");
    let reference = PartyReference::validate(&choice.name, choice.identifier.as_ref(), &path)?;
    let all: Vec<&Party> = stored.all().map(|it| &it.party).collect();
    let named = stored.all().enumerate().filter(|(_, it)| reference.names(&it.party));
    let named: Vec<_> = named.collect();
    if named.is_empty() {
        return Err(Fault::invalid(&path.at("name"), UserMessage::PartyNotNamed));
    }
    let open = named
        .into_iter()
        .filter(|(_, it)| scope == ChoiceScope::All || it.resolution.organization.is_none());
    let open: HashSet<usize> = open.map(|(position, _)| position).collect();
    if open.is_empty() {
        return Err(Fault::invalid(&path.at("name"), UserMessage::PartyIdentified));
    }
    let id = choice.organization_id;
    let path = path.at("organizationId");
    if load_group(db, prime).await?.ids_of(prime).contains(&id) {
        return Err(Fault::invalid(&path, UserMessage::SubcontractorIdentifiesFirm));
    }
    let include = OrganizationInclude::default();
    if load_organizations(db, vec![id.uuid()], include).await?.is_empty() {
        return Err(Fault::invalid(&path, UserMessage::OrganizationUnknown));
    }
    let mut matching = list_matching_parties(db, id, &all).await?;
    // A reviewer may confirm what a party resolved to, although its number is another firm's by now.
    let resolved =
        stored.all().enumerate().filter(|(_, it)| it.resolution.organization == Some(id));
    matching.extend(resolved.map(|(position, _)| position));
    if !open.is_subset(&matching) {
        return Err(Fault::invalid(&path, UserMessage::PartyDoesNotMatch));
    }
    let mut chosen = stored.clone();
    let resolution = Resolution { method: ResolvedBy::Chosen, organization: Some(id), at: now };
    for (position, party) in chosen.all_mut().enumerate() {
        if open.contains(&position) {
            party.resolution = resolution;
        }
    }
    let changed = chosen.newly_resolved_since(stored);
    Ok((chosen, changed))
}
