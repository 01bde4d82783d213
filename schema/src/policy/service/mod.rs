//! Enacting policies and finding the one that counts.
mod publication;
mod suspension;
mod timeline;

pub use publication::{list_differences, publish};
pub use suspension::{lock_version, list_suspensions_in_effect, reinstate, suspend, load_suspensions};
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
use crate::page::{PageArguments, Page};
use crate::preloaded::Preloaded;
use crate::principal::ServiceActor;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;

/// What the ledger names as the actor of an enactment from a file.
const PUBLICATION_ACTOR: ServiceActor = ServiceActor::Service;

pub use super::entity::suspension::Model as Suspension;

/// A policy and the row that keeps it.
#[derive(Clone, Debug)]
pub struct PublishedPolicy {
    pub row: Model,
    pub policy: Policy,
}

impl PublishedPolicy {
    fn from_row(row: Model) -> Result<Self> {
        let policy = Policy::from_json(&row.terms).map_err(|problems| {
            let told = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            Fault::Internal(format!("policy version {}: {told}", row.version).into())
        })?;
        Ok(Self { row, policy })
    }
}

/// Which children a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyInclude {
    /// The version before it, to tell the two apart.
    pub previous: bool,
    pub suspensions: bool,
}

impl PolicyInclude {
    /// What either asks for.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            previous: self.previous || other.previous,
            suspensions: self.suspensions || other.suspensions,
        }
    }
}

/// A policy and those of its children that were asked for.
#[derive(Clone, Debug)]
pub struct PolicyWithChildren {
    pub published: PublishedPolicy,
    pub previous: Preloaded<Option<Policy>>,
    pub suspensions: Preloaded<Vec<Suspension>>,
}

/// Reads the children asked for, one statement a kind.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn load_children(
    db: &impl ConnectionTrait,
    policies: Vec<PublishedPolicy>,
    include: PolicyInclude,
) -> Result<Vec<PolicyWithChildren>> {
    let versions: Vec<i64> = policies.iter().map(|it| it.row.version).collect();
    let mut before = if include.previous {
        load_versions(db, versions.iter().map(|version| version - 1).collect()).await?
    } else {
        HashMap::new()
    };
    let mut lifted =
        if include.suspensions { load_suspensions(db, versions).await? } else { HashMap::new() };
    let loaded = policies.into_iter().map(|enacted| {
        let version = enacted.row.version;
        PolicyWithChildren {
            previous: Preloaded::if_requested(include.previous, || before.remove(&(version - 1))),
            suspensions: Preloaded::from_map(include.suspensions, &mut lifted, &version),
            published: enacted,
        }
    });
    Ok(loaded.collect())
}

/// Why a policy file is not law.
#[derive(Debug)]
pub enum PublicationError {
    /// What is wrong in the file, with its lines, or with what is law already.
    Refused(Vec<String>),
    /// The database could not.
    Fault(Fault),
}

impl<F: Into<Fault>> From<F> for PublicationError {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

/// Makes a policy law unless it is already; what is law never changes.
///
/// # Errors
/// `Refused` for a version that is law with other words, that skips one, or that begins before
/// its predecessor.
pub async fn insert_version(
    db: &Database,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<PublishedPolicy, PublicationError> {
    insert_version_as(db, policy, Actor { subject: PUBLICATION_ACTOR.name(), at: now }).await
}

async fn insert_version_as(db: &Database, policy: &Policy, actor: Actor<'_>) -> Result<PublishedPolicy, PublicationError> {
    let refused = |told: String| Err(PublicationError::Refused(vec![told]));
    let version = i64::from(policy.version());
    let terms = canonical(&policy.to_json_value())?;
    let tx = db.begin().await?;
    if let Some(row) = store::load_versions(&*tx, vec![version]).await?.pop() {
        if row.sha256 == terms.sha256 {
            return Ok(PublishedPolicy::from_row(row)?);
        }
        return refused(format!(
            "Version {version} is law with other words, and law does not change: give the file the \
            next version and a later effectiveFrom."
        ));
    }
    let effective_from = policy.effective_from_utc();
    if let Some(latest) = store::find_latest(&*tx).await? {
        if version != latest.version + 1 {
            return refused(format!(
                "Version {} is law; the next is version {}, not {version}.",
                latest.version,
                latest.version + 1
            ));
        }
        if effective_from <= latest.effective_from {
            return refused(format!(
                "Version {version} must begin after version {}, which began at {}.",
                latest.version, latest.effective_from
            ));
        }
    } else if version != 1 {
        return refused(format!("No policy is law yet; the first is version 1, not {version}."));
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
    // Readiness is told for days ahead: what lies beyond its beginning may change at once.
    enqueue(&tx, (ChangeSource::Policy, row.id.uuid()), LiftedRules::none(), actor.at).await?;
    if effective_from > actor.at {
        enqueue(&tx, (ChangeSource::Policy, row.id.uuid()), LiftedRules::none(), effective_from).await?;
    }
    tx.commit().await?;
    Ok(PublishedPolicy::from_row(row)?)
}

/// Reads a policy file (TOML) and makes it law unless it is already.
///
/// # Errors
/// `Refused` with every line that is wrong, and as [`enact`].
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

/// The policy in force at a time, if any was.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find_in_force(db: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<Option<PublishedPolicy>> {
    store::find_in_force(db, at).await?.map(PublishedPolicy::from_row).transpose()
}

/// As [`in_force`], at a time that a client asks for.
///
/// # Errors
/// `Invalid` for a year that cannot be written with four digits: the databases disagree on those.
pub async fn find_as_of(db: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<Option<PublishedPolicy>> {
    if !(1..=9_999).contains(&at.year()) {
        let told = "Ask for a time of the years 1 to 9999.";
        return Err(Fault::invalid(&FieldPath::argument("asOf"), "invalid", told));
    }
    find_in_force(db, at).await
}

/// The policy in force now.
///
/// # Errors
/// `Conflict` if none is yet.
pub async fn require_in_force(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<PublishedPolicy> {
    let none = "no policy is in force yet; ask the City which day the first one begins";
    find_in_force(db, now).await?.ok_or(Fault::conflict(none))
}

/// The newest policy, in force or published for a day ahead.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find_latest(db: &impl ConnectionTrait) -> Result<Option<PublishedPolicy>> {
    store::find_latest(db).await?.map(PublishedPolicy::from_row).transpose()
}

/// The policies of some versions.
///
/// # Errors
/// `Internal` if one is not there: versions come from foreign keys.
pub async fn load_versions(
    db: &impl ConnectionTrait,
    mut versions: Vec<i64>,
) -> Result<HashMap<i64, Policy>> {
    versions.sort_unstable();
    versions.dedup();
    let rows = store::load_versions(db, versions).await?;
    rows.into_iter().map(|row| Ok((row.version, PublishedPolicy::from_row(row)?.policy))).collect()
}

/// The policy of one version.
///
/// # Errors
/// As [`of_versions`].
pub async fn load_version(db: &impl ConnectionTrait, version: i64) -> Result<Policy> {
    let missing = || Fault::Internal(format!("no policy version {version}").into());
    load_versions(db, vec![version]).await?.remove(&version).ok_or_else(missing)
}

/// The policy with an identifier, if there is one.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find_policy(db: &Database, id: Uuid) -> Result<Option<PublishedPolicy>> {
    store::find_by_id(&db.read, id).await?.map(PublishedPolicy::from_row).transpose()
}

/// A page of the policies, the newest first, and their number if it is asked for.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn list_policies(
    db: &Database,
    arguments: &PageArguments,
    counted: bool,
) -> Result<(Page<PublishedPolicy>, Option<u64>)> {
    let (sheet, total) = store::list_policies(&db.read, arguments, counted).await?;
    let rows = sheet.rows.iter().map(|(_, row)| PublishedPolicy::from_row(row.clone()));
    let rows = rows.collect::<Result<Vec<_>>>()?;
    Ok((sheet.replace(|_| rows), total))
}

/// Recomputes the digest of every policy. Answers their number and the first wrong one.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn verify_digests(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let last = store::find_latest(db).await?.map_or(0, |row| row.version);
    let mut checked = 0;
    for version in 1..=last {
        checked += 1;
        let row = store::load_versions(db, vec![version]).await?.pop();
        let wrong = match row {
            None => Some("it is missing"),
            Some(row) if crate::canonical::sha256(&row.terms) != row.sha256 => {
                Some("its terms do not match its digest")
            }
            Some(row) if PublishedPolicy::from_row(row.clone()).is_err() => Some("its terms cannot be read"),
            Some(_) => None,
        };
        if let Some(wrong) = wrong {
            return Ok((checked, Some(format!("policy version {version}: {wrong}"))));
        }
    }
    Ok((checked, None))
}

/// The tables whose rows the ledger keeps, for who compares them.
#[must_use]
pub fn recorded_tables() -> Vec<RecordedTable> {
    vec![RecordedTable::of::<policy::Entity>(), RecordedTable::of::<policy_suspension::Entity>()]
}
