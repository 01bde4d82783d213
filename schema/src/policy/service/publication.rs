//! Publishes a policy version, which never changes afterward.
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::proposals::{Proposal, propose, require_second_person};
use super::{PublishedPolicy, store};
use crate::canonical::{Canonical, canonical};
use crate::database::{Database, Tx};
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::{Policy, PolicyProblem};
use crate::ledger::model::{Actor, LedgerAction, ServiceId};
use crate::ledger::service::begin;
use crate::organization::model::Viewer;
use crate::policy::entity::policy::Model;
use crate::policy::model::{PolicyDifference, PolicyId, PolicyInput, PolicyProposalId};
use crate::policy::rules;
use crate::principal::ServiceActor;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::user_message::UserMessage;

/// The ledger's actor for a version that the service publishes from a file.
const PUBLICATION_ACTOR: ServiceActor = ServiceActor::Service;

/// Why a policy was not published.
#[derive(Debug)]
pub enum PublicationError {
    /// The errors in the file, each with its line, or what stands against its publication.
    Refused(Vec<UserMessage>),
    /// A fault, such as an unavailable database.
    Fault(Fault),
}

impl PublicationError {
    /// Returns the fault of a request whose input at `path` was refused.
    pub(super) fn into_fault(self, path: &FieldPath) -> Fault {
        match self {
            Self::Refused(messages) => {
                Fault::Invalid(messages.into_iter().map(|it| path.user_error(it)).collect())
            }
            Self::Fault(fault) => fault,
        }
    }
}

impl<F: Into<Fault>> From<F> for PublicationError {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

/// Which versions may begin earlier than now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlierBeginning {
    /// None: each begins at a later local midnight.
    None,
    /// The first one, which no other version preceded.
    First,
    /// Every one, in a demonstration.
    Any,
}

/// How a file is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilePublication {
    /// Whether texts that are marked as drafts are published as drafts.
    pub as_draft: bool,
    pub earlier_beginning: EarlierBeginning,
}

/// What became of a publication.
#[derive(Debug)]
pub enum PublicationResult {
    /// It is published.
    Published(PublishedPolicy),
    /// The same version was published before.
    Unchanged(PublishedPolicy),
    /// The same version was published and then withdrawn before it began. It stays withdrawn.
    Withdrawn(PublishedPolicy),
    /// A second administrator has to confirm it.
    Proposed(Box<Proposal>),
}

/// Publishes a policy version as the service itself, beginning at any time, for a demonstration. Does
/// nothing if the same version with the same content is already published.
///
/// # Errors
/// `Refused` for a version that is published with other content, that is not the next one, or that
/// takes effect no later than the previous one.
#[tracing::instrument(skip_all)]
pub async fn insert_version(
    db: &Database,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<PublishedPolicy, PublicationError> {
    let tx = db.begin().await?;
    if let Some((published, _)) = find_same(&*tx, policy).await? {
        return Ok(published);
    }
    refuse_obstacles(&*tx, policy, now, EarlierBeginning::Any).await?;
    let actor = Actor { subject: PUBLICATION_ACTOR.name(), at: now };
    let published = insert_in_tx(&tx, policy, actor, None).await?;
    tx.commit().await?;
    Ok(published)
}

/// Parses a policy file (TOML) and publishes it as [`insert_version`] does.
///
/// # Errors
/// `Refused` with every error in the file, and the errors of [`insert_version`].
#[tracing::instrument(skip_all)]
pub async fn insert_version_from_file(
    db: &Database,
    text: &str,
    now: DateTime<Utc>,
) -> Result<PublishedPolicy, PublicationError> {
    insert_version(db, &parse(text)?, now).await
}

/// Publishes a policy file that an operator names, or proposes it where two people publish. A file whose
/// version is published already, perhaps by an older build, changes nothing.
///
/// # Errors
/// `Refused` with every error in the file, or for a version that is published with other content, that
/// is not the next one, that takes effect too early, or that is a draft and not published as one.
#[tracing::instrument(skip_all)]
pub async fn publish_file(
    db: &Database,
    text: &str,
    how: FilePublication,
    now: DateTime<Utc>,
) -> Result<PublicationResult, PublicationError> {
    let tx = db.begin().await?;
    if let Ok(written) = Policy::parse_as_stored(text)
        && let Some((published, is_withdrawn)) = find_same(&*tx, &written).await?
    {
        return Ok(if is_withdrawn {
            PublicationResult::Withdrawn(published)
        } else {
            PublicationResult::Unchanged(published)
        });
    }
    let policy = parse(text)?;
    refuse_unmarked_draft(&policy, how.as_draft)?;
    refuse_obstacles(&*tx, &policy, now, how.earlier_beginning).await?;
    let viewer = Viewer::of_service(PUBLICATION_ACTOR, now);
    // Whoever may start the service on an empty database makes the first law.
    let is_first = store::last_version_number(&*tx).await? == 0;
    let second_person = require_second_person(&*tx, now, None).await?;
    if let (Some(terms), false) = (second_person, is_first) {
        let proposal = propose(&tx, &viewer, terms, policy.into()).await?;
        tx.commit().await?;
        return Ok(PublicationResult::Proposed(Box::new(proposal)));
    }
    let published = insert_in_tx(&tx, &policy, viewer.actor(), None).await?;
    tx.commit().await?;
    Ok(PublicationResult::Published(published))
}

/// A policy that is published, or the proposal to publish it.
#[derive(Debug, Default)]
pub struct PublishedOrProposed {
    pub published: Option<PublishedPolicy>,
    pub proposal: Option<Proposal>,
}

/// Publishes a policy that takes effect at a future local midnight, or proposes it where two people
/// publish: where the policy in force says so, and before any is in force, where a published one or this
/// one does. A text that is marked as a draft is published only `as_draft`. Does nothing if the same
/// version with the same content is already published.
///
/// # Errors
/// `Forbidden` unless the viewer is an administrator. `Invalid` with every error in the file: a
/// syntax error, a setting under which a truthful disclosure could block a bid, a version that is not
/// the next, an effective date that is not in the future.
#[tracing::instrument(skip_all)]
pub async fn publish(
    db: &Database,
    viewer: &Viewer,
    input: &PolicyInput,
    as_draft: bool,
) -> Result<PublishedOrProposed> {
    viewer.require_admin("only an administrator may publish a policy")?;
    let path = FieldPath::argument("input").at("text");
    let result = publish_or_propose(db, viewer, input, as_draft).await;
    result.map_err(|error| error.into_fault(&path))
}

async fn publish_or_propose(
    db: &Database,
    viewer: &Viewer,
    input: &PolicyInput,
    as_draft: bool,
) -> Result<PublishedOrProposed, PublicationError> {
    let policy = parse(&input.text)?;
    let tx = db.begin().await?;
    if let Some(published) = check_publication(&*tx, &policy, as_draft, viewer.now).await? {
        return Ok(PublishedOrProposed { published: Some(published), proposal: None });
    }
    let result = match require_second_person(&*tx, viewer.now, Some(&policy)).await? {
        Some(terms) => PublishedOrProposed {
            proposal: Some(propose(&tx, viewer, terms, policy.into()).await?),
            published: None,
        },
        None => PublishedOrProposed {
            published: Some(insert_in_tx(&tx, &policy, viewer.actor(), None).await?),
            proposal: None,
        },
    };
    tx.commit().await?;
    Ok(result)
}

/// Reads a policy file (TOML) that may be published as a draft, without publishing it: to simulate it. The
/// same version, if it is published already, is read as it is stored.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff. `Invalid` at `path` with the errors of [`publish`].
#[tracing::instrument(skip_all)]
pub async fn read_publishable_text(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    text: &str,
    path: &FieldPath,
) -> Result<Policy> {
    viewer.require_staff("policies are simulated by City staff")?;
    let read = async {
        let policy = parse(text)?;
        let published = check_publication(db, &policy, true, viewer.now).await?;
        Ok(published.map_or(policy, |published| published.policy))
    };
    read.await.map_err(|error: PublicationError| error.into_fault(path))
}

/// Checks that a policy may be published now, beginning at a later local midnight. Returns the same
/// version, if it is published already and not withdrawn.
///
/// # Errors
/// `Refused` with what stands against its publication.
async fn check_publication(
    db: &impl ConnectionTrait,
    policy: &Policy,
    as_draft: bool,
    now: DateTime<Utc>,
) -> Result<Option<PublishedPolicy>, PublicationError> {
    if let Some((published, false)) = find_same(db, policy).await? {
        return Ok(Some(published));
    }
    refuse_unmarked_draft(policy, as_draft)?;
    refuse_obstacles(db, policy, now, EarlierBeginning::None).await?;
    Ok(None)
}

/// Finds the published version of the same number and content, and whether it is withdrawn.
async fn find_same(
    db: &impl ConnectionTrait,
    policy: &Policy,
) -> Result<Option<(PublishedPolicy, bool)>> {
    let version = i64::from(policy.version());
    let Some(row) = store::load_versions(db, vec![version]).await?.pop() else {
        return Ok(None);
    };
    let published = PublishedPolicy::from_row(row)?;
    let is_withdrawn = !store::load_withdrawals(db, vec![version]).await?.is_empty();
    Ok(published.policy.has_same_content(policy).then_some((published, is_withdrawn)))
}

fn parse(text: &str) -> Result<Policy, PublicationError> {
    Policy::parse(text).map_err(|problems: Vec<PolicyProblem>| {
        let violations = problems.iter().map(ToString::to_string);
        let messages = violations.map(|violation| UserMessage::PolicyRefused { violation });
        PublicationError::Refused(messages.collect())
    })
}

/// Requires that a policy with a text that is marked as a draft is published as one.
fn refuse_unmarked_draft(policy: &Policy, as_draft: bool) -> Result<(), PublicationError> {
    match policy.draft() {
        Some(mark) if !as_draft => {
            let message = UserMessage::PolicyIsDraft { mark: mark.to_owned() };
            Err(PublicationError::Refused(vec![message]))
        }
        _ => Ok(()),
    }
}

/// Requires that a policy can be published next.
///
/// # Errors
/// `Refused` with everything that stands against it.
pub(super) async fn refuse_obstacles(
    db: &impl ConnectionTrait,
    policy: &Policy,
    now: DateTime<Utc>,
    earlier_beginning: EarlierBeginning,
) -> Result<(), PublicationError> {
    let version = i64::from(policy.version());
    let last = store::last_version_number(db).await?;
    let mut messages = Vec::new();
    if version <= last && version > 0 {
        let withdrawals = store::load_withdrawals(db, vec![version]).await?;
        messages.push(if withdrawals.is_empty() {
            UserMessage::PolicyVersionPublished { version, next: last + 1 }
        } else {
            UserMessage::PolicyVersionWithdrawn { version }
        });
    } else if version != last + 1 {
        messages.push(UserMessage::PolicyVersionNotNext { version, next: last + 1 });
    }
    let (from, date) = (policy.effective_from_utc(), policy.effective_from());
    let may_begin_earlier = match earlier_beginning {
        EarlierBeginning::None => false,
        EarlierBeginning::First => last == 0,
        EarlierBeginning::Any => true,
    };
    if from <= now && !may_begin_earlier {
        messages.push(UserMessage::PolicyBeginsInPast { date });
    } else if version > last
        && let Some(latest) = super::find_latest(db).await?
        && from <= latest.row.effective_from
    {
        messages.push(UserMessage::PolicyBeginsTooEarly {
            version: latest.row.version,
            date: latest.policy.effective_from(),
        });
    }
    if messages.is_empty() { Ok(()) } else { Err(PublicationError::Refused(messages)) }
}

/// Returns the stored text of a policy and its digest.
pub(super) fn terms_of(policy: &Policy) -> Result<Canonical> {
    canonical(&policy.to_json_value())
}

/// Inserts a version with its ledger entry. The caller has checked that it may be published, and commits.
pub(super) async fn insert_in_tx(
    tx: &Tx,
    policy: &Policy,
    actor: Actor<'_>,
    proposal: Option<PolicyProposalId>,
) -> Result<PublishedPolicy> {
    let (terms, effective_from) = (terms_of(policy)?, policy.effective_from_utc());
    let row = Model {
        id: PolicyId::generate(),
        version: i64::from(policy.version()),
        effective_from,
        terms: terms.text,
        sha256: terms.sha256,
        enacted_at: actor.at,
    };
    let row = store::insert_policy(tx, row).await?;
    let mut data = json!({ "version": row.version, "sha256": row.sha256 });
    if policy.draft().is_some() {
        data["draft"] = true.into();
    }
    if let Some(proposal) = proposal {
        data["proposal"] = json!(proposal);
    }
    begin(tx, actor, row.id, ServiceId::only(), LedgerAction::PolicyEnacted, &data).await?;
    // Readiness is cached for days ahead, so a future version can change it at once.
    let change = Change {
        source: ChangeSource::Policy,
        subject_id: row.id.uuid(),
        lifted_rules: LiftedRules::none(),
        not_before: actor.at,
    };
    enqueue(tx, change.clone()).await?;
    if effective_from > actor.at {
        enqueue(tx, Change { not_before: effective_from, ..change }).await?;
    }
    PublishedPolicy::from_row(row)
}

/// Lists the settings in which two policies differ: parameters, rules, texts.
#[must_use]
pub fn list_differences(before: &Policy, after: &Policy) -> Vec<PolicyDifference> {
    rules::list_differences(before, after)
}
