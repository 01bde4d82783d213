//! Use cases of policies: publishes, withdraws, suspends and finds the version in force.
mod parsed;
mod proposals;
mod publication;
mod suspension;
mod timeline;
mod withdrawal;

pub use proposals::{
    ConfirmedProposal, Proposal, add_previous, confirm_proposal, list_proposals, withdraw_proposal,
};
pub use publication::{
    EarlierBeginning, FilePublication, PublicationError, PublicationResult, PublishedOrProposed,
    insert_version, insert_version_from_file, list_differences, publish, publish_file,
    read_publishable_text,
};
pub use suspension::{
    Orders, PreviewedOrder, SuspendedOrProposed, list_suspensions_in_effect, load_orders,
    load_suspensions, lock_version, lock_version_in_force, reinstate, require_version, suspend,
    validate_previewed_order, validate_suspended_rules,
};
pub use timeline::{PolicyTimeline, load_timeline};
pub use withdrawal::withdraw;

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::entity::policy::Model;
use super::entity::{
    policy, proposal, suspension as policy_suspension, withdrawal as policy_withdrawal,
};
use super::store;
use crate::database::{Database, RecordedTable};
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::{Policy, PolicyProblem};
use crate::page::{Page, PageArguments};
use crate::preloaded::Preloaded;
use crate::user_message::UserMessage;

pub use super::entity::suspension::Model as Suspension;
pub use super::entity::withdrawal::Model as Withdrawal;

/// A published policy with its row.
#[derive(Clone, Debug)]
pub struct PublishedPolicy {
    pub row: Model,
    pub policy: Policy,
}

impl PublishedPolicy {
    fn from_row(row: Model) -> Result<Self> {
        let policy = parsed::parse_stored(&row.terms)
            .map_err(|problems| unreadable_fault(row.version, &problems))?;
        Ok(Self { row, policy })
    }
}

/// The fault of a stored policy that cannot be read. Its text is the check's own, not the database's.
fn unreadable_fault(version: i64, problems: &[PolicyProblem]) -> Fault {
    let problem = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    tracing::error!(version, problem, "a stored policy cannot be read");
    Fault::invalid(&FieldPath::default(), UserMessage::PolicyUnreadable { version, problem })
}

/// The children to load with a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyInclude {
    /// The previous version, to list the differences.
    pub previous: bool,
    pub suspensions: bool,
    pub withdrawal: bool,
}

impl PolicyInclude {
    /// Returns the children that either requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            previous: self.previous || other.previous,
            suspensions: self.suspensions || other.suspensions,
            withdrawal: self.withdrawal || other.withdrawal,
        }
    }
}

/// A policy with the children that were requested.
#[derive(Clone, Debug)]
pub struct PolicyWithChildren {
    pub published: PublishedPolicy,
    pub previous: Preloaded<Option<Policy>>,
    pub suspensions: Preloaded<Vec<Suspension>>,
    pub withdrawal: Preloaded<Option<Withdrawal>>,
}

/// Loads the requested children with one statement for each kind.
pub async fn load_children(
    db: &impl ConnectionTrait,
    policies: Vec<PublishedPolicy>,
    include: PolicyInclude,
) -> Result<Vec<PolicyWithChildren>> {
    let versions: Vec<i64> = policies.iter().map(|it| it.row.version).collect();
    let (mut before, mut previous) = (HashMap::new(), HashMap::new());
    if include.previous {
        // A version follows the last one before it that was not withdrawn.
        let live = store::list_live_numbers(db).await?;
        for version in &versions {
            let earlier = live.partition_point(|number| number < version);
            before.extend(live[..earlier].last().map(|number| (*version, *number)));
        }
        previous = load_versions(db, before.values().copied().collect()).await?;
    }
    let mut withdrawals = HashMap::new();
    if include.withdrawal {
        let rows = store::load_withdrawals(db, versions.clone()).await?;
        withdrawals.extend(rows.into_iter().map(|row| (row.policy_version, row)));
    }
    let mut suspensions =
        if include.suspensions { load_suspensions(db, versions).await? } else { HashMap::new() };
    let loaded = policies.into_iter().map(|published| {
        let version = published.row.version;
        PolicyWithChildren {
            previous: Preloaded::if_requested(include.previous, || {
                before.get(&version).and_then(|number| previous.get(number)).cloned()
            }),
            suspensions: Preloaded::from_map(include.suspensions, &mut suspensions, &version),
            withdrawal: Preloaded::if_requested(include.withdrawal, || {
                withdrawals.remove(&version)
            }),
            published,
        }
    });
    Ok(loaded.collect())
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
/// `Invalid` if no policy is in force: none is published, or the first begins later.
pub async fn require_in_force(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<PublishedPolicy> {
    match find_in_force(db, now).await? {
        Some(published) => Ok(published),
        None => Err(load_timeline(db).await?.none_in_force_fault()),
    }
}

/// Finds the latest published version, in force or not yet; a withdrawn one does not count.
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
    Ok((page.try_map(PublishedPolicy::from_row)?, total))
}

/// Recomputes the digest of every policy. Returns the number checked and a description of the first
/// inconsistency.
pub async fn verify_digests(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let last = store::last_version_number(db).await?;
    let mut checked = 0;
    for version in 1..=last {
        checked += 1;
        let row = store::load_versions(db, vec![version]).await?.pop();
        let inconsistency = match row {
            None => Some("it is missing".to_owned()),
            Some(row) if crate::canonical::sha256(&row.terms) != row.sha256 => {
                Some("its terms do not match its digest".to_owned())
            }
            Some(row) => Policy::from_stored(&row.terms).err().map(|problems| {
                let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
                format!("its terms cannot be read: {}", problems.join("; "))
            }),
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
    vec![
        RecordedTable::of::<policy::Entity>(),
        RecordedTable::of::<policy_suspension::Entity>(),
        RecordedTable::of::<policy_withdrawal::Entity>(),
        RecordedTable::of::<proposal::Entity>(),
    ]
}
