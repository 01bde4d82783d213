//! Use cases of policies: publishes, suspends and finds the version in force.
mod publication;
mod suspension;
mod timeline;

pub use publication::{list_differences, publish};
pub use suspension::{
    Orders, PreviewedOrder, list_suspensions_in_effect, load_orders, load_suspensions,
    lock_version, reinstate, require_version, suspend, validate_previewed_order,
    validate_suspended_rules,
};
pub use timeline::{PolicyTimeline, load_timeline};

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::entity::policy::Model;
use super::entity::{policy, suspension as policy_suspension};
use super::model::PolicyId;
use super::store;
use crate::canonical::canonical;
use crate::database::{Database, RecordedTable};
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::Policy;
use crate::ledger::model::{Actor, LedgerAction, ServiceId};
use crate::ledger::service::begin;
use crate::page::{Page, PageArguments};
use crate::preloaded::Preloaded;
use crate::principal::ServiceActor;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::user_message::UserMessage;

/// The ledger's actor for a version that the service publishes from a file at start.
const PUBLICATION_ACTOR: ServiceActor = ServiceActor::Service;

pub use super::entity::suspension::Model as Suspension;

/// A published policy with its row.
#[derive(Clone, Debug)]
pub struct PublishedPolicy {
    pub row: Model,
    pub policy: Policy,
}

impl PublishedPolicy {
    fn from_row(row: Model) -> Result<Self> {
        let policy = Policy::from_json(&row.terms).map_err(|problems| {
            let message = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            Fault::Internal(format!("policy version {}: {message}", row.version).into())
        })?;
        Ok(Self { row, policy })
    }
}

/// The children to load with a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyInclude {
    /// The previous version, to list the differences.
    pub previous: bool,
    pub suspensions: bool,
}

impl PolicyInclude {
    /// Returns the children that either requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            previous: self.previous || other.previous,
            suspensions: self.suspensions || other.suspensions,
        }
    }
}

/// A policy with the children that were requested.
#[derive(Clone, Debug)]
pub struct PolicyWithChildren {
    pub published: PublishedPolicy,
    pub previous: Preloaded<Option<Policy>>,
    pub suspensions: Preloaded<Vec<Suspension>>,
}

/// Loads the requested children with one statement for each kind.
pub async fn load_children(
    db: &impl ConnectionTrait,
    policies: Vec<PublishedPolicy>,
    include: PolicyInclude,
) -> Result<Vec<PolicyWithChildren>> {
    let versions: Vec<i64> = policies.iter().map(|it| it.row.version).collect();
    let mut previous = if include.previous {
        load_versions(db, versions.iter().map(|version| version - 1).collect()).await?
    } else {
        HashMap::new()
    };
    let mut suspensions =
        if include.suspensions { load_suspensions(db, versions).await? } else { HashMap::new() };
    let loaded = policies.into_iter().map(|published| {
        let version = published.row.version;
        PolicyWithChildren {
            previous: Preloaded::if_requested(include.previous, || previous.remove(&(version - 1))),
            suspensions: Preloaded::from_map(include.suspensions, &mut suspensions, &version),
            published,
        }
    });
    Ok(loaded.collect())
}

/// Why a policy was not published.
#[derive(Debug)]
pub enum PublicationError {
    /// The errors in the file, each with its line, or its conflict with a published version.
    Refused(Vec<String>),
    /// A fault, such as an unavailable database.
    Fault(Fault),
}

impl<F: Into<Fault>> From<F> for PublicationError {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

/// Publishes a policy version as the service itself. Does nothing if the same version with the same
/// content is already published; a published version never changes.
///
/// # Errors
/// `Refused` for a version that is published with other content, that is not the next one, or that
/// takes effect no later than the previous one.
pub async fn insert_version(
    db: &Database,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<PublishedPolicy, PublicationError> {
    insert_version_as(db, policy, Actor { subject: PUBLICATION_ACTOR.name(), at: now }).await
}

async fn insert_version_as(
    db: &Database,
    policy: &Policy,
    actor: Actor<'_>,
) -> Result<PublishedPolicy, PublicationError> {
    let refused = |message: String| Err(PublicationError::Refused(vec![message]));
    let version = i64::from(policy.version());
    let terms = canonical(&policy.to_json_value())?;
    let tx = db.begin().await?;
    if let Some(row) = store::load_versions(&*tx, vec![version]).await?.pop() {
        if row.sha256 == terms.sha256 {
            return Ok(PublishedPolicy::from_row(row)?);
        }
        return refused(format!(
            "Version {version} is already published with different content and cannot change. Give the \
            file the next version number and a later effectiveFrom."
        ));
    }
    let effective_from = policy.effective_from_utc();
    if let Some(latest) = store::find_latest(&*tx).await? {
        if version != latest.version + 1 {
            return refused(format!(
                "The latest published version is {}; the next must be version {}, not {version}.",
                latest.version,
                latest.version + 1
            ));
        }
        if effective_from <= latest.effective_from {
            return refused(format!(
                "Version {version} must take effect after version {}, which takes effect at {}.",
                latest.version, latest.effective_from
            ));
        }
    } else if version != 1 {
        return refused(format!(
            "No policy is published yet; the first must be version 1, not {version}."
        ));
    }
    let row = Model {
        id: PolicyId::generate(),
        version,
        effective_from,
        terms: terms.text,
        sha256: terms.sha256,
        enacted_at: actor.at,
    };
    let row = store::insert_policy(&tx, row).await?;
    let data = json!({ "version": version, "sha256": row.sha256 });
    begin(&tx, actor, row.id, ServiceId::only(), LedgerAction::PolicyEnacted, &data).await?;
    // Readiness is cached for days ahead, so a future version can change it at once.
    let change = Change {
        source: ChangeSource::Policy,
        subject_id: row.id.uuid(),
        lifted_rules: LiftedRules::none(),
        not_before: actor.at,
    };
    enqueue(&tx, change.clone()).await?;
    if effective_from > actor.at {
        enqueue(&tx, Change { not_before: effective_from, ..change }).await?;
    }
    tx.commit().await?;
    Ok(PublishedPolicy::from_row(row)?)
}

/// Parses a policy file (TOML) and publishes it as [`insert_version`] does.
///
/// # Errors
/// `Refused` with every error in the file, and the errors of [`insert_version`].
pub async fn insert_version_from_file(
    db: &Database,
    text: &str,
    now: DateTime<Utc>,
) -> Result<PublishedPolicy, PublicationError> {
    let policy = Policy::parse(text).map_err(|problems| {
        PublicationError::Refused(problems.iter().map(ToString::to_string).collect())
    })?;
    insert_version(db, &policy, now).await
}

/// Finds the policy in force at a time.
pub async fn find_in_force(
    db: &impl ConnectionTrait,
    at: DateTime<Utc>,
) -> Result<Option<PublishedPolicy>> {
    store::find_in_force(db, at).await?.map(PublishedPolicy::from_row).transpose()
}

/// Finds the policy in force at a time that a client supplied.
///
/// # Errors
/// `Invalid` unless the year is 1 to 9999: beyond that the two databases order times differently.
pub async fn find_as_of(
    db: &impl ConnectionTrait,
    at: DateTime<Utc>,
) -> Result<Option<PublishedPolicy>> {
    if !(1..=9_999).contains(&at.year()) {
        return Err(Fault::invalid(&FieldPath::argument("asOf"), UserMessage::TimeOutOfRange));
    }
    find_in_force(db, at).await
}

/// Finds the policy in force now.
///
/// # Errors
/// `Conflict` if no policy is in force yet.
pub async fn require_in_force(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<PublishedPolicy> {
    let message = "no policy is in force yet; ask the City when the first one takes effect";
    find_in_force(db, now).await?.ok_or(Fault::conflict(message))
}

/// Finds the latest published version, in force or not yet.
pub async fn find_latest(db: &impl ConnectionTrait) -> Result<Option<PublishedPolicy>> {
    store::find_latest(db).await?.map(PublishedPolicy::from_row).transpose()
}

/// Loads the policies of the given versions, by version. Versions without a policy are left out.
///
/// # Errors
/// `Internal` if the database fails or stored terms do not parse.
pub async fn load_versions(
    db: &impl ConnectionTrait,
    mut versions: Vec<i64>,
) -> Result<HashMap<i64, Policy>> {
    versions.sort_unstable();
    versions.dedup();
    let rows = store::load_versions(db, versions).await?;
    rows.into_iter().map(|row| Ok((row.version, PublishedPolicy::from_row(row)?.policy))).collect()
}

/// Loads the policy of one version.
///
/// # Errors
/// `Internal` if the version does not exist: versions come from foreign keys.
pub async fn load_version(db: &impl ConnectionTrait, version: i64) -> Result<Policy> {
    let missing = || Fault::Internal(format!("no policy version {version}").into());
    load_versions(db, vec![version]).await?.remove(&version).ok_or_else(missing)
}

/// Finds a policy by identifier.
pub async fn find_policy(db: &Database, id: Uuid) -> Result<Option<PublishedPolicy>> {
    store::find_by_id(&db.read, id).await?.map(PublishedPolicy::from_row).transpose()
}

/// Lists a page of the policies, newest version first, with the total count if requested.
///
/// # Errors
/// `Invalid` for page arguments that are out of range or a cursor of another list.
pub async fn list_policies(
    db: &Database,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<(Page<PublishedPolicy>, Option<u64>)> {
    let (page, total) = store::list_policies(&db.read, arguments, includes_total).await?;
    let rows = page.rows.iter().map(|(_, row)| PublishedPolicy::from_row(row.clone()));
    let rows = rows.collect::<Result<Vec<_>>>()?;
    Ok((page.replace(|_| rows), total))
}

/// Recomputes the digest of every policy. Returns the number checked and a description of the first
/// inconsistency.
pub async fn verify_digests(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let last = store::find_latest(db).await?.map_or(0, |row| row.version);
    let mut checked = 0;
    for version in 1..=last {
        checked += 1;
        let row = store::load_versions(db, vec![version]).await?.pop();
        let inconsistency = match row {
            None => Some("it is missing"),
            Some(row) if crate::canonical::sha256(&row.terms) != row.sha256 => {
                Some("its terms do not match its digest")
            }
            Some(row) if PublishedPolicy::from_row(row.clone()).is_err() => {
                Some("its terms cannot be read")
            }
            Some(_) => None,
        };
        if let Some(inconsistency) = inconsistency {
            return Ok((checked, Some(format!("policy version {version}: {inconsistency}"))));
        }
    }
    Ok((checked, None))
}

/// Returns the tables whose rows the ledger records; `candor verify` compares them.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![RecordedTable::of::<policy::Entity>(), RecordedTable::of::<policy_suspension::Entity>()]
}
