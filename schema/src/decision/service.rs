//! Gathering what is known of a subject, asking the gate, and keeping what it said.
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::entity::decision::Model;
use super::entity::finding;
use super::model::{DecisionId, Subject};
use super::store;
use crate::canonical::{Canonical, canonical, sha256};
use crate::database::{Database, Tx};
use crate::disclosure;
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::History;
use crate::fault::{Fault, Result};
use crate::gate::facts::Subject as GateSubject;
use crate::gate::facts::{Form, OwnerFacts, Party as GateParty, Standing};
use crate::gate::facts::{SubcontractorFacts, Suspension};
use crate::gate::{Decision, EntityScope, Facts, Policy, SubjectKind, decide, judged};
use crate::id::SubjectId;
use crate::ledger;
use crate::ledger::model::{Actor, Claim};
use crate::ledger::service::append;
use crate::organization;
use crate::organization::model::{OrganizationId, Ownership, Party, Viewer};
use crate::policy;
use crate::waiver;
use crate::waiver::model::Sought;
use crate::waiver::service::Relief;

/// What decisions are made in the name of when nobody asked for them: something that they rest on
/// has changed. Who changed it is not told: a prime contractor learns of a subcontractor only
/// whether it is current.
pub const SERVICE: &str = "candor";

/// What the ledger calls it when a decision is kept.
const MADE: &str = "decision.made";

/// What the gate says of a subject now, and from what; nothing is written yet.
#[derive(Clone, Debug)]
pub struct Considered {
    pub kind: SubjectKind,
    pub subject: SubjectId,
    pub organization: OrganizationId,
    pub policy: Arc<Policy>,
    pub facts: Facts,
    pub decision: Decision,
    /// The organization's disclosure that it rests on, if it has one that counts.
    pub disclosure: Option<DisclosureId>,
}

/// A decision as it was kept, with what it says.
#[derive(Clone, Debug)]
pub struct Kept {
    pub row: Model,
    pub decision: Decision,
    pub facts: Facts,
    pub policy: Arc<Policy>,
}

/// Locks everybody whose disclosure a decision on a subject would look at, before it is asked for.
///
/// # Errors
/// `Conflict` if somebody else came to bear a name's identifier at this moment.
pub async fn lock_concerned(
    tx: &Tx,
    organization: OrganizationId,
    subcontractors: &[Party],
) -> Result<()> {
    let everybody = concerned(&**tx, organization, subcontractors).await?;
    organization::service::lock(tx, everybody.clone()).await?;
    let again = concerned(&**tx, organization, subcontractors).await?;
    if again.iter().all(|one| everybody.contains(one)) {
        return Ok(());
    }
    Err(Fault::conflict("somebody whom the bid names registered at this moment; submit it again"))
}

/// Everybody whose disclosure a decision on a subject would look at, the bidder first.
async fn concerned(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    subcontractors: &[Party],
) -> Result<Vec<OrganizationId>> {
    let members = organization::service::joint_venture_members(db, organization).await?;
    let parties: Vec<&Party> = members.iter().chain(subcontractors).collect();
    let resolved = organization::service::resolve(db, &parties).await?;
    Ok([organization].into_iter().chain(resolved.into_iter().flatten()).collect())
}

/// Asks the gate about a subject with all that is known now. Dry runs and use cases ask alike.
///
/// # Errors
/// `NotFound` without such an organization, `Internal` if the database fails.
pub async fn consider(
    db: &impl ConnectionTrait,
    subject: Subject,
    decided_at: DateTime<Utc>,
) -> Result<Considered> {
    let mut considered = consider_all(db, vec![subject], decided_at).await?;
    considered.pop().ok_or(Fault::NotFound)
}

/// Asks the gate about many subjects with all that is known now, in their order: the statements do
/// not grow with them.
///
/// # Errors
/// As [`consider`].
pub async fn consider_all(
    db: &impl ConnectionTrait,
    subjects: Vec<Subject>,
    decided_at: DateTime<Utc>,
) -> Result<Vec<Considered>> {
    let policies = Policies::of(db, &subjects).await?;
    let known = Known::gathered(db, &subjects).await?;
    let sought: Vec<Sought> = subjects.iter().map(|subject| subject.sought.clone()).collect();
    let relief = waiver::service::relief(db, &sought).await?;
    let considered = subjects.into_iter().zip(relief).map(|(subject, relief)| {
        let (policy, suspensions) = policies.get(subject.policy_version)?;
        let (kind, id, organization) = (subject.kind, subject.id.clone(), subject.organization);
        let facts = known.facts(subject, relief, suspensions, decided_at)?;
        let decision = decide(&policy, &facts);
        let rests_on = judged(&policy, &facts).map(|it| it.standing.id.parse::<DisclosureId>());
        let disclosure = rests_on.transpose().map_err(|e| Fault::Internal(e.to_string().into()))?;
        Ok(Considered { kind, subject: id, organization, policy, facts, decision, disclosure })
    });
    considered.collect()
}

/// The policies that some subjects are decided by, each with the suspensions that are in effect.
struct Policies(HashMap<i64, (Arc<Policy>, Vec<Suspension>)>);

impl Policies {
    async fn of(db: &impl ConnectionTrait, subjects: &[Subject]) -> Result<Self> {
        let versions: BTreeSet<i64> = subjects.iter().map(|it| it.policy_version).collect();
        let mut found = HashMap::new();
        for (version, policy) in
            policy::service::of_versions(db, versions.into_iter().collect()).await?
        {
            let suspensions = policy::service::in_effect(db, version).await?;
            found.insert(version, (Arc::new(policy), suspensions));
        }
        Ok(Self(found))
    }

    fn get(&self, version: i64) -> Result<(Arc<Policy>, Vec<Suspension>)> {
        let missing = || Fault::Internal(format!("no policy version {version}").into());
        self.0.get(&version).cloned().ok_or_else(missing)
    }
}

/// What is known of everybody whom some subjects look at.
struct Known {
    organizations: HashMap<OrganizationId, organization::service::Organization>,
    members: HashMap<OrganizationId, Vec<Party>>,
    /// Whom each named party is; none where it cannot be told.
    resolved: HashMap<Party, Option<OrganizationId>>,
    histories: HashMap<OrganizationId, History>,
}

impl Known {
    async fn gathered(db: &impl ConnectionTrait, subjects: &[Subject]) -> Result<Self> {
        let firms: BTreeSet<OrganizationId> = subjects.iter().map(|it| it.organization).collect();
        let ids: Vec<Uuid> = firms.iter().map(|id| id.uuid()).collect();
        let include = organization::service::Include::default();
        let organizations = organization::service::by_ids(db, ids.clone(), include).await?;
        let members = organization::service::members_of(db, ids).await?;
        let named = members.values().flatten();
        let named =
            named.chain(subjects.iter().flat_map(|it| it.subcontractors.iter().map(|it| &it.0)));
        let named: Vec<Party> = named.cloned().collect();
        let parties: Vec<&Party> = named.iter().collect();
        let resolved = organization::service::resolve(db, &parties).await?;
        let everybody = firms.into_iter().chain(resolved.iter().copied().flatten());
        let everybody: BTreeSet<Uuid> = everybody.map(OrganizationId::uuid).collect();
        // What stands at the moment that counts, whatever is filed after it; until then, what
        // stands: also what was filed since the request came that asks.
        let since = subjects.iter().map(|subject| subject.reference_at).min();
        let everybody = everybody.into_iter().collect();
        let histories = match since {
            Some(since) => disclosure::service::histories(db, everybody, since).await?,
            None => HashMap::new(),
        };
        Ok(Self {
            organizations,
            members,
            resolved: named.into_iter().zip(resolved).collect(),
            histories,
        })
    }

    /// Somebody named, under the name that was given: the decision must not tell more.
    fn party(&self, party: &Party, at: DateTime<Utc>) -> GateParty<Standing> {
        let id = self.resolved.get(party).copied().flatten();
        let filings = id.and_then(|id| self.histories.get(&id)).map(|it| it.at(at));
        let filings = filings.unwrap_or_default();
        GateParty {
            id: id.map(|id| id.to_string()),
            name: party.name.clone(),
            disclosure: filings.standing.map(|it| it.standing),
            later: filings.later.into_iter().map(|it| it.standing).collect(),
        }
    }

    fn facts(
        &self,
        subject: Subject,
        relief: Relief,
        suspensions: Vec<Suspension>,
        decided_at: DateTime<Utc>,
    ) -> Result<Facts> {
        let bidder = subject.organization;
        let firm = &self.organizations.get(&bidder).ok_or(Fault::NotFound)?.row;
        let at = subject.reference_at;
        let own = self.histories.get(&bidder).map(|it| it.at(at)).unwrap_or_default();
        let members = self.members.get(&bidder).into_iter().flatten();
        let subcontractors = subject.subcontractors.iter().map(|(party, amount)| {
            SubcontractorFacts { party: self.party(party, at), amount: Some(amount.clone()) }
        });
        let facts = Facts {
            form: Form::First,
            subject: GateSubject {
                kind: subject.kind,
                id: subject.id.text,
                reference: subject.reference,
                title: subject.title,
                department: subject.department,
                contact: subject.contact,
            },
            decided_at,
            reference_at: at,
            amount: subject.amount,
            public_works: subject.public_works,
            method: subject.method,
            organization: GateParty {
                id: Some(bidder.to_string()),
                name: firm.legal_name.clone(),
                disclosure: own.standing,
                later: own.later,
            },
            members: members.map(|party| self.party(party, at)).collect(),
            subcontractors: subcontractors.collect(),
            suspensions,
            action: subject.action,
            contract: subject.contract,
            exemptions: relief.exemptions,
            waivers: relief.waivers,
            owners: owners(&firm.ownership),
        };
        Ok(facts.sorted())
    }
}

/// Who owns an organization, and whom it succeeded: nothing asks for them under the narrowest
/// scope, and a wider one can be tried on what is kept.
fn owners(ownership: &Ownership) -> Vec<OwnerFacts> {
    let parents = ownership.immediate_owner.iter().chain(&ownership.highest_owner);
    let parents = parents.map(|owner| (EntityScope::Parent, owner));
    let before = ownership.predecessors.iter().map(|owner| (EntityScope::Predecessor, owner));
    let told = parents.chain(before).map(|(relation, owner)| OwnerFacts {
        relation,
        name: owner.name.clone(),
        identifier: owner.identifier.as_ref().map(|it| format!("{} {}", it.scheme.word(), it.id)),
    });
    told.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Keeps what the gate said, before what it is about is written.
///
/// # Errors
/// `Conflict` if the same subject was decided meanwhile.
pub async fn keep(tx: &Tx, actor: Actor<'_>, considered: Considered) -> Result<Kept> {
    let Considered { kind, subject, organization, policy, facts, decision, .. } = considered;
    let (known, said) = (canonical(&facts)?, canonical(&decision)?);
    let last = store::last(&**tx, subject.uuid).await?;
    let row = Model {
        id: DecisionId::generate(),
        subject_kind: kind,
        subject_id: subject.uuid,
        sequence: last.map_or(0, |last| last.sequence) + 1,
        organization_id: organization,
        policy_version: i64::from(policy.version()),
        facts: known.text,
        facts_sha256: known.sha256,
        outcome: decision.outcome,
        decision: said.text,
        decision_sha256: said.sha256,
        decided_at: facts.decided_at,
    };
    let found = findings(row.id, &decision);
    let row = store::insert(tx, row, found).await?;
    append(tx, actor, subject, MADE, &told(&row)).await?;
    Ok(Kept { row, decision, facts, policy })
}

/// What the ledger is told of a decision.
fn told(row: &Model) -> Value {
    json!({
        "decision": row.id,
        "outcome": row.outcome,
        "policyVersion": row.policy_version,
        "factsSha256": row.facts_sha256,
        "decisionSha256": row.decision_sha256,
    })
}

/// The rows by which a decision is screened.
fn findings(decision_id: DecisionId, decision: &Decision) -> Vec<finding::Model> {
    let found = decision.findings.iter().map(|it| (it.code, it.severity));
    let found: BTreeSet<_> = found.collect();
    let found = found.into_iter().map(|(code, severity)| finding::Model {
        decision_id,
        code: code.as_str().to_owned(),
        severity,
    });
    found.collect()
}

/// Writes the rows of the decisions that have none: those of a version that did not know of them.
/// Answers how many there were.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn index_missing(db: &Database) -> Result<u64> {
    const BATCH: u64 = 500;
    let mut written = 0;
    loop {
        let tx = db.begin().await?;
        let missing = store::without_rows(&tx, BATCH).await?;
        if missing.is_empty() {
            return Ok(written);
        }
        for row in missing {
            let decision: Decision = read(row.id, &row.decision)?;
            store::insert_findings(&tx, findings(row.id, &decision)).await?;
            written += 1;
        }
        tx.commit().await?;
    }
}

/// The last decision that was kept on a subject.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn last(db: &impl ConnectionTrait, subject: Uuid) -> Result<Option<Kept>> {
    let row = store::last(db, subject).await?;
    Ok(kept(db, row.into_iter().collect()).await?.pop())
}

/// Whether a subject that was decided would be decided the same, and what is its own is the same.
/// What members and subcontractors did without changing what is found of them makes no new
/// decision: a prime contractor learns of a subcontractor only whether it is current.
#[must_use]
pub fn is_unchanged(last: &Kept, considered: &Considered) -> bool {
    let now = &considered.facts;
    let then = Facts {
        decided_at: now.decided_at,
        members: now.members.clone(),
        subcontractors: now.subcontractors.clone(),
        ..last.facts.clone()
    };
    last.decision == considered.decision && then == *now
}

/// Every decision on some subjects, the earliest first: who may see a subject may see them.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn of_subjects(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Kept>>> {
    let rows = store::of_subjects(db, subjects).await?;
    let mut found = HashMap::<Uuid, Vec<Kept>>::new();
    for kept in kept(db, rows).await? {
        found.entry(kept.row.subject_id).or_default().push(kept);
    }
    Ok(found)
}

fn read<T: serde::de::DeserializeOwned>(id: DecisionId, text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Fault::Internal(format!("decision {id}: {error}").into()))
}

/// Reads what kept decisions say, with their policies, in one statement more.
async fn kept(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Kept>> {
    let versions = rows.iter().map(|row| row.policy_version).collect();
    let policies = policy::service::of_versions(db, versions).await?;
    let policies: HashMap<i64, Arc<Policy>> =
        policies.into_iter().map(|(version, policy)| (version, Arc::new(policy))).collect();
    let kept = rows.into_iter().map(|row| {
        let missing = || Fault::Internal(format!("no policy {}", row.policy_version).into());
        let policy = policies.get(&row.policy_version).cloned().ok_or_else(missing)?;
        let (decision, facts) = (read(row.id, &row.decision)?, read(row.id, &row.facts)?);
        Ok(Kept { row, decision, facts, policy })
    });
    kept.collect()
}

/// The decision, if `viewer` may see it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find(db: &Database, viewer: &Viewer, id: DecisionId) -> Result<Option<Kept>> {
    let row = store::find(&db.read, viewer, id).await?;
    Ok(kept(&db.read, row.into_iter().collect()).await?.pop())
}

/// Decisions by id, for what refers to them: who may see what refers to them may see them.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<HashMap<DecisionId, Kept>> {
    let rows = store::by_ids(db, ids).await?;
    Ok(kept(db, rows).await?.into_iter().map(|kept| (kept.row.id, kept)).collect())
}

/// Decides every kept decision again from its facts and compares the bytes. Answers the number of
/// decisions and what is wrong with the first wrong one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn verify(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    const BATCH: u64 = 500;
    let (mut checked, mut last) = (0, None);
    loop {
        let rows = store::batch(db, last, BATCH).await?;
        let Some(end) = rows.last() else {
            return Ok((checked, None));
        };
        last = Some(end.id.uuid());
        let versions = rows.iter().map(|row| row.policy_version).collect();
        let policies = policy::service::of_versions(db, versions).await?;
        for row in rows {
            checked += 1;
            if let Some(wrong) = wrong(&row, policies.get(&row.policy_version)) {
                return Ok((checked, Some(format!("decision {}: {wrong}", row.id))));
            }
        }
    }
}

/// Compares every decision with the entry of the ledger that tells it. Answers as [`verify`].
///
/// # Errors
/// `Internal` if the database fails.
pub async fn borne_out(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let batch = async |after, size| store::batch(db, after, size).await;
    ledger::service::borne_out(db, batch, |row| Claim {
        row: row.id.uuid(),
        name: format!("decision {}", row.id),
        subject: row.subject_id,
        made_by: MADE,
        made_with: told(row),
        life: None,
    })
    .await
}

fn wrong(row: &Model, policy: Option<&Policy>) -> Option<&'static str> {
    if sha256(&row.facts) != row.facts_sha256 {
        return Some("its facts do not match their digest");
    }
    if sha256(&row.decision) != row.decision_sha256 {
        return Some("its findings do not match their digest");
    }
    let Some(policy) = policy else {
        return Some("its policy is not there");
    };
    let Ok(facts) = serde_json::from_str::<Facts>(&row.facts) else {
        return Some("its facts cannot be read");
    };
    let again = decide(policy, &facts);
    let same = again.outcome == row.outcome
        && canonical(&again).is_ok_and(|Canonical { text, .. }| text == row.decision);
    if same { None } else { Some("deciding again from its facts gives another decision") }
}
