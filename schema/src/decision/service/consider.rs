//! Gathering what is known of subjects, and asking the gate.
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::award;
use crate::award::service::Matched;
use crate::decision::model::{Parties, Subject};
use crate::disclosure;
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::{History, Told};
use crate::fault::{Fault, Result};
use crate::fold::folded;
use crate::gate::facts::SubjectFacts as GateSubject;
use crate::gate::facts::{FactsVersion, OwnerFacts, PartyFacts as GateParty, ResolutionFacts, FilingStatus};
use crate::gate::facts::{SubcontractorFacts, SuspensionFacts};
use crate::gate::{Decision, EntityScope, Facts, Policy, SubjectKind, decide, applicable_filing};
use crate::id::SubjectId;
use crate::organization;
use crate::organization::model::{Identifier, OrganizationId, Ownership, ResolvedParty};
use crate::policy;
use crate::waiver;
use crate::waiver::model::Sought;
use crate::waiver::service::Relief;

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
        let rests_on = applicable_filing(&policy, &facts).map(|it| it.filing.id.parse::<DisclosureId>());
        let disclosure = rests_on.transpose().map_err(|e| Fault::Internal(e.to_string().into()))?;
        Ok(Considered { kind, subject: id, organization, policy, facts, decision, disclosure })
    });
    considered.collect()
}

/// The policies that some subjects are decided by, each with the suspensions that are in effect.
struct Policies(HashMap<i64, (Arc<Policy>, Vec<SuspensionFacts>)>);

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

    fn get(&self, version: i64) -> Result<(Arc<Policy>, Vec<SuspensionFacts>)> {
        let missing = || Fault::Internal(format!("no policy version {version}").into());
        self.0.get(&version).cloned().ok_or_else(missing)
    }
}

/// What is known of everybody whom some subjects look at.
struct Known {
    organizations: HashMap<OrganizationId, organization::service::Organization>,
    histories: HashMap<OrganizationId, History>,
    /// The federal awards that were matched with each organization that is decided on.
    matched: HashMap<OrganizationId, Vec<Matched>>,
}

impl Known {
    async fn gathered(db: &impl ConnectionTrait, subjects: &[Subject]) -> Result<Self> {
        let firms: BTreeSet<OrganizationId> = subjects.iter().map(|it| it.organization).collect();
        let ids: Vec<Uuid> = firms.iter().map(|id| id.uuid()).collect();
        let include = organization::service::Include::default();
        let organizations = organization::service::by_ids(db, ids.clone(), include).await?;
        let matched = award::service::matched(db, ids).await?;
        let parties = subjects.iter().flat_map(|subject| subject.parties.organizations());
        let everybody = firms.into_iter().chain(parties);
        let everybody: BTreeSet<Uuid> = everybody.map(OrganizationId::uuid).collect();
        // What stands at the moment that counts, whatever is filed after it; until then, what
        // stands: also what was filed since the request came that asks.
        let since = subjects.iter().map(|subject| subject.reference_at).min();
        let everybody = everybody.into_iter().collect();
        let histories = match since {
            Some(since) => disclosure::service::histories(db, everybody, since).await?,
            None => HashMap::new(),
        };
        Ok(Self { organizations, histories, matched })
    }

    /// Somebody named, under the name that was given: the decision must not tell more.
    fn party(&self, named: &ResolvedParty, at: DateTime<Utc>) -> GateParty<FilingStatus> {
        let ResolvedParty { party, resolution } = named;
        let id = resolution.organization;
        let filings = id.and_then(|id| self.histories.get(&id)).map(|it| it.at(at));
        let filings = filings.unwrap_or_default();
        GateParty {
            id: id.map(|id| id.to_string()),
            name: party.name.clone(),
            disclosure: filings.standing.map(|it| it.facts.filing),
            later_filings: filings.later.into_iter().map(|it| it.facts.filing).collect(),
            resolution: Some(ResolutionFacts {
                by: resolution.by,
                identifier: party.identifier.as_ref().map(as_text),
                folded_name: folded(&party.name),
            }),
        }
    }

    fn facts(
        &self,
        subject: Subject,
        relief: Relief,
        suspensions: Vec<SuspensionFacts>,
        decided_at: DateTime<Utc>,
    ) -> Result<Facts> {
        let bidder = subject.organization;
        let firm = &self.organizations.get(&bidder).ok_or(Fault::NotFound)?.row;
        let at = subject.reference_at;
        let own = self.histories.get(&bidder).map(|it| it.at(at)).unwrap_or_default();
        let filings: Vec<&Told> = own.standing.iter().chain(&own.later).collect();
        let matched = self.matched.get(&bidder).into_iter().flatten();
        let awards = matched.filter_map(|matched| matched.facts(&filings)).collect();
        let Parties { members, subcontractors } = &subject.parties;
        let members = members.iter();
        let subcontractors = subcontractors.iter().map(|(party, amount)| SubcontractorFacts {
            party: self.party(party, at),
            amount: Some(amount.clone()),
        });
        let facts = Facts {
            version: FactsVersion::First,
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
            is_public_works: subject.public_works,
            method: subject.method,
            organization: GateParty {
                id: Some(bidder.to_string()),
                name: firm.legal_name.clone(),
                disclosure: own.standing.map(|told| told.facts),
                later_filings: own.later.into_iter().map(|told| told.facts).collect(),
                resolution: None,
            },
            members: members.map(|party| self.party(party, at)).collect(),
            subcontractors: subcontractors.collect(),
            suspensions,
            action: subject.action,
            contract: subject.contract,
            exemptions: relief.exemptions,
            waivers: relief.waivers,
            owners: owners(&firm.ownership),
            awards,
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
        identifier: owner.identifier.as_ref().map(as_text),
    });
    told.collect::<BTreeSet<_>>().into_iter().collect()
}

/// An identifier as facts have it, such as `UEI L997DB4PEJL8`.
fn as_text(identifier: &Identifier) -> String {
    format!("{} {}", identifier.scheme.word(), identifier.id)
}
