//! Enacting policies and finding the one that counts.
mod publication;
mod suspension;
mod timeline;

pub use publication::{differences, publish};
pub use suspension::{hold, in_effect, reinstate, suspend, suspensions};
pub use timeline::{Timeline, timeline};

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
const START: ServiceActor = ServiceActor::Service;

pub use super::entity::suspension::Model as Suspension;

/// A policy and the row that keeps it.
#[derive(Clone, Debug)]
pub struct Enacted {
    pub row: Model,
    pub policy: Policy,
}

impl Enacted {
    fn read(row: Model) -> Result<Self> {
        let policy = Policy::from_json(&row.terms).map_err(|problems| {
            let told = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            Fault::Internal(format!("policy version {}: {told}", row.version).into())
        })?;
        Ok(Self { row, policy })
    }
}

/// Which children a reader asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Include {
    /// The version before it, to tell the two apart.
    pub before: bool,
    pub suspensions: bool,
}

impl Include {
    /// What either asks for.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self {
            before: self.before || other.before,
            suspensions: self.suspensions || other.suspensions,
        }
    }
}

/// A policy and those of its children that were asked for.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub enacted: Enacted,
    pub before: Preloaded<Option<Policy>>,
    pub suspensions: Preloaded<Vec<Suspension>>,
}

/// Reads the children asked for, one statement a kind.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn include(
    db: &impl ConnectionTrait,
    policies: Vec<Enacted>,
    include: Include,
) -> Result<Vec<Loaded>> {
    let versions: Vec<i64> = policies.iter().map(|it| it.row.version).collect();
    let mut before = if include.before {
        of_versions(db, versions.iter().map(|version| version - 1).collect()).await?
    } else {
        HashMap::new()
    };
    let mut lifted =
        if include.suspensions { suspensions(db, versions).await? } else { HashMap::new() };
    let loaded = policies.into_iter().map(|enacted| {
        let version = enacted.row.version;
        Loaded {
            before: Preloaded::if_requested(include.before, || before.remove(&(version - 1))),
            suspensions: Preloaded::from_map(include.suspensions, &mut lifted, &version),
            enacted,
        }
    });
    Ok(loaded.collect())
}

/// Why a policy file is not law.
#[derive(Debug)]
pub enum NotEnacted {
    /// What is wrong in the file, with its lines, or with what is law already.
    Refused(Vec<String>),
    /// The database could not.
    Fault(Fault),
}

impl<F: Into<Fault>> From<F> for NotEnacted {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

/// Makes a policy law unless it is already; what is law never changes.
///
/// # Errors
/// `Refused` for a version that is law with other words, that skips one, or that begins before
/// its predecessor.
pub async fn enact(
    db: &Database,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Enacted, NotEnacted> {
    enact_as(db, policy, Actor { subject: START.name(), at: now }).await
}

async fn enact_as(db: &Database, policy: &Policy, actor: Actor<'_>) -> Result<Enacted, NotEnacted> {
    let refused = |told: String| Err(NotEnacted::Refused(vec![told]));
    let version = i64::from(policy.version());
    let terms = canonical(&policy.to_json_value())?;
    let tx = db.begin().await?;
    if let Some(row) = store::by_versions(&*tx, vec![version]).await?.pop() {
        if row.sha256 == terms.sha256 {
            return Ok(Enacted::read(row)?);
        }
        return refused(format!(
            "Version {version} is law with other words, and law does not change: give the file the \
            next version and a later effectiveFrom."
        ));
    }
    let effective_from = policy.effective_from_utc();
    if let Some(latest) = store::latest(&*tx).await? {
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
    let row = store::insert(&tx, row).await?;
    let data = json!({ "version": version, "sha256": row.sha256 });
    begin(&tx, actor, row.id, ServiceId::only(), LedgerAction::PolicyEnacted, &data).await?;
    // Readiness is told for days ahead: what lies beyond its beginning may change at once.
    enqueue(&tx, (ChangeSource::Policy, row.id.uuid()), LiftedRules::none(), actor.at).await?;
    if effective_from > actor.at {
        enqueue(&tx, (ChangeSource::Policy, row.id.uuid()), LiftedRules::none(), effective_from).await?;
    }
    tx.commit().await?;
    Ok(Enacted::read(row)?)
}

/// Reads a policy file (TOML) and makes it law unless it is already.
///
/// # Errors
/// `Refused` with every line that is wrong, and as [`enact`].
pub async fn enact_from_file(
    db: &Database,
    text: &str,
    now: DateTime<Utc>,
) -> Result<Enacted, NotEnacted> {
    let policy = Policy::parse(text).map_err(|problems| {
        NotEnacted::Refused(problems.iter().map(ToString::to_string).collect())
    })?;
    enact(db, &policy, now).await
}

/// The policy in force at a time, if any was.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn in_force(db: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<Option<Enacted>> {
    store::in_force(db, at).await?.map(Enacted::read).transpose()
}

/// As [`in_force`], at a time that a client asks for.
///
/// # Errors
/// `Invalid` for a year that cannot be written with four digits: the databases disagree on those.
pub async fn as_of(db: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<Option<Enacted>> {
    if !(1..=9_999).contains(&at.year()) {
        let told = "Ask for a time of the years 1 to 9999.";
        return Err(Fault::invalid(&FieldPath::argument("asOf"), "invalid", told));
    }
    in_force(db, at).await
}

/// The policy in force now.
///
/// # Errors
/// `Conflict` if none is yet.
pub async fn current(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Enacted> {
    let none = "no policy is in force yet; ask the City which day the first one begins";
    in_force(db, now).await?.ok_or(Fault::conflict(none))
}

/// The newest policy, in force or published for a day ahead.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Option<Enacted>> {
    store::latest(db).await?.map(Enacted::read).transpose()
}

/// The policies of some versions.
///
/// # Errors
/// `Internal` if one is not there: versions come from foreign keys.
pub async fn of_versions(
    db: &impl ConnectionTrait,
    mut versions: Vec<i64>,
) -> Result<HashMap<i64, Policy>> {
    versions.sort_unstable();
    versions.dedup();
    let rows = store::by_versions(db, versions).await?;
    rows.into_iter().map(|row| Ok((row.version, Enacted::read(row)?.policy))).collect()
}

/// The policy of one version.
///
/// # Errors
/// As [`of_versions`].
pub async fn of_version(db: &impl ConnectionTrait, version: i64) -> Result<Policy> {
    let missing = || Fault::Internal(format!("no policy version {version}").into());
    of_versions(db, vec![version]).await?.remove(&version).ok_or_else(missing)
}

/// The policy with an identifier, if there is one.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find(db: &Database, id: Uuid) -> Result<Option<Enacted>> {
    store::by_id(&db.read, id).await?.map(Enacted::read).transpose()
}

/// A page of the policies, the newest first, and their number if it is asked for.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn page(
    db: &Database,
    arguments: &PageArguments,
    counted: bool,
) -> Result<(Page<Enacted>, Option<u64>)> {
    let (sheet, total) = store::page(&db.read, arguments, counted).await?;
    let rows = sheet.rows.iter().map(|(_, row)| Enacted::read(row.clone()));
    let rows = rows.collect::<Result<Vec<_>>>()?;
    Ok((sheet.replace(|_| rows), total))
}

/// Recomputes the digest of every policy. Answers their number and the first wrong one.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn verify(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let last = store::latest(db).await?.map_or(0, |row| row.version);
    let mut checked = 0;
    for version in 1..=last {
        checked += 1;
        let row = store::by_versions(db, vec![version]).await?.pop();
        let wrong = match row {
            None => Some("it is missing"),
            Some(row) if crate::canonical::sha256(&row.terms) != row.sha256 => {
                Some("its terms do not match its digest")
            }
            Some(row) if Enacted::read(row.clone()).is_err() => Some("its terms cannot be read"),
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
