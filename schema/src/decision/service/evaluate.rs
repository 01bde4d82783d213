//! Loads the facts about subjects and runs the gate.
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::award;
use crate::award::service::MatchedAward;
use crate::decision::model::{EvaluationRequest, Parties};
use crate::disclosure;
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::{FilingFacts, FilingHistory};
use crate::fault::{Fault, Result};
use crate::gate::facts::SubjectFacts as GateSubject;
use crate::gate::facts::{AwardDataFacts, SubcontractorFacts};
use crate::gate::facts::{
    FactsVersion, FilingStatus, OwnerFacts, PartyFacts as GateParty, ResolutionFacts,
    SuspensionFacts,
};
use crate::gate::{
    Decision, EntityScope, Facts, Policy, Reading, SubjectKind, applicable_filing, decide,
};
use crate::id::SubjectId;
use crate::organization;
use crate::organization::model::{Groups, Identifier, OrganizationId, Ownership, ResolvedParty};
use crate::policy;
use crate::policy::service::Orders;
use crate::waiver;
use crate::waiver::model::ReliefLookup;
use crate::waiver::service::Relief;
use candor_matcher::fold::folded;

/// The gate's decision about a subject with its facts, not stored.
#[derive(Clone, Debug)]
pub struct Evaluation {
    pub kind: SubjectKind,
    pub subject: SubjectId,
    /// The firm that is decided about: the survivor, if the subject's organization was merged.
    pub organization: OrganizationId,
    pub policy: Arc<Policy>,
    pub facts: Facts,
    pub decision: Decision,
    /// The firm's applicable filing, if it has one.
    pub disclosure: Option<DisclosureId>,
    /// The organization that the row of the subject carries once it rests on this decision: the one of
    /// the firm's group that filed `disclosure`, because foreign keys tie the two; without a filing the
    /// firm itself.
    pub row_organization: OrganizationId,
}

impl Evaluation {
    /// The decision as it is read in a preview, when it would be made.
    #[must_use]
    pub fn read(&self) -> Reading<'_> {
        Reading::at_decision(&self.policy, &self.facts, &self.decision).as_preview()
    }
}

/// Loads the facts about a subject and runs the gate, for dry runs and use cases alike.
///
/// # Errors
/// `NotFound` without the organization.
pub async fn evaluate(
    db: &impl ConnectionTrait,
    request: EvaluationRequest,
    decided_at: DateTime<Utc>,
) -> Result<Evaluation> {
    let mut evaluations = evaluate_all(db, vec![(request, decided_at)]).await?;
    evaluations.pop().ok_or(Fault::NotFound)
}

impl Evaluation {
    /// Decides the same facts again as if one more order suspended rules.
    #[must_use]
    pub fn under_suspension(self, order: &SuspensionFacts) -> Self {
        let mut facts = self.facts;
        facts.suspensions.push(order.clone());
        let facts = facts.sorted();
        Self { decision: decide(&self.policy, &facts), facts, ..self }
    }
}

/// Evaluates many subjects, each as decided at its time (UTC), in their order. At a later time than now,
/// it is the decision if nothing changed until then. The number of statements does not depend on the
/// number of subjects.
///
/// # Errors
/// As [`evaluate`].
pub async fn evaluate_all(
    db: &impl ConnectionTrait,
    requests: Vec<(EvaluationRequest, DateTime<Utc>)>,
) -> Result<Vec<Evaluation>> {
    prepare_all(db, requests).await?.decide()
}

/// Loads what the decisions about many subjects depend on, so that the caller can decide on a blocking
/// thread.
///
/// # Errors
/// Database faults only.
pub async fn prepare_all(
    db: &impl ConnectionTrait,
    requests: Vec<(EvaluationRequest, DateTime<Utc>)>,
) -> Result<PreparedEvaluations> {
    let (requests, times): (Vec<EvaluationRequest>, Vec<DateTime<Utc>>) =
        requests.into_iter().unzip();
    let policies = Policies::load(db, &requests).await?;
    let inputs = DecisionInputs::load(db, &requests).await?;
    let lookups: Vec<ReliefLookup> = requests.iter().map(|it| it.relief_lookup.clone()).collect();
    let relief = waiver::service::load_relief(db, &lookups).await?;
    let subjects = requests.into_iter().zip(times).zip(relief).collect();
    Ok(PreparedEvaluations { policies, inputs, subjects })
}

/// Subjects with everything that their decisions depend on.
pub struct PreparedEvaluations {
    policies: Policies,
    inputs: DecisionInputs,
    subjects: Vec<((EvaluationRequest, DateTime<Utc>), Relief)>,
}

impl PreparedEvaluations {
    /// Decides all subjects, in their order. CPU time grows with their number and the size of their facts.
    ///
    /// # Errors
    /// `NotFound` without an organization.
    pub fn decide(self) -> Result<Vec<Evaluation>> {
        let Self { policies, inputs, subjects } = self;
        let evaluations = subjects.into_iter().map(|((subject, decided_at), relief)| {
            let (policy, orders) = policies.get(subject.policy_version)?;
            let organization = inputs.groups.survivor_of(subject.organization);
            let (kind, id) = (subject.kind, subject.id.clone());
            let facts = inputs.facts(subject, relief, orders, decided_at)?;
            let decision = decide(&policy, &facts);
            let filing_id =
                applicable_filing(&policy, &facts).map(|it| it.filing.id.parse::<DisclosureId>());
            let disclosure =
                filing_id.transpose().map_err(|e| Fault::Internal(e.to_string().into()))?;
            let history = inputs.histories.get(&organization);
            let filed_for = disclosure.and_then(|id| history?.find_filer(id));
            Ok(Evaluation {
                kind,
                subject: id,
                organization,
                policy,
                facts,
                decision,
                disclosure,
                row_organization: filed_for.unwrap_or(organization),
            })
        });
        evaluations.collect()
    }
}

/// The policies that apply to subjects, each with the orders about it.
struct Policies(HashMap<i64, (Arc<Policy>, Orders)>);

impl Policies {
    async fn load(db: &impl ConnectionTrait, requests: &[EvaluationRequest]) -> Result<Self> {
        let versions: BTreeSet<i64> = requests.iter().map(|it| it.policy_version).collect();
        let versions: Vec<i64> = versions.into_iter().collect();
        let mut orders = policy::service::load_orders(db, versions.clone()).await?;
        let policies = policy::service::load_versions(db, versions).await?.into_iter();
        let policies = policies.map(|(version, policy)| {
            (version, (Arc::new(policy), orders.remove(&version).unwrap_or_default()))
        });
        Ok(Self(policies.collect()))
    }

    fn get(&self, version: i64) -> Result<(Arc<Policy>, Orders)> {
        let missing = || Fault::Internal(format!("no policy version {version}").into());
        self.0.get(&version).cloned().ok_or_else(missing)
    }
}

/// The loaded organizations, filings and matches on which evaluations of subjects depend, each by the
/// survivor of its group.
struct DecisionInputs {
    groups: Groups,
    organizations: HashMap<OrganizationId, organization::service::Organization>,
    histories: HashMap<OrganizationId, FilingHistory>,
    /// The federal awards matched with each subject's own organization.
    matched: HashMap<OrganizationId, Vec<MatchedAward>>,
    /// The award data that was searched for them.
    award_data: AwardDataFacts,
}

impl DecisionInputs {
    async fn load(db: &impl ConnectionTrait, requests: &[EvaluationRequest]) -> Result<Self> {
        let parties = requests.iter().flat_map(|subject| subject.parties.organizations());
        let all_ids = requests.iter().map(|it| it.organization).chain(parties);
        let all_ids: BTreeSet<Uuid> = all_ids.map(OrganizationId::uuid).collect();
        let all_ids = all_ids.into_iter().collect();
        let groups = organization::service::load_groups(db, all_ids).await?;
        let firms = requests.iter().map(|it| groups.survivor_of(it.organization));
        let firms: BTreeSet<OrganizationId> = firms.collect();
        let ids: Vec<Uuid> = firms.iter().map(|id| id.uuid()).collect();
        let include = organization::service::OrganizationInclude::default();
        let organizations = organization::service::load_organizations(db, ids, include).await?;
        let matched = award::service::load_matched_awards(db, &groups, &firms).await?;
        let award_data = award::service::load_award_data(db).await?;
        // A filing in effect at the reference time is needed even if a later one superseded it;
        // filings made since the request arrived are included.
        let since = requests.iter().map(|subject| subject.reference_at).min();
        let histories = match since {
            Some(since) => disclosure::service::load_histories(db, &groups, since).await?,
            None => HashMap::new(),
        };
        Ok(Self { groups, organizations, histories, matched, award_data })
    }

    /// The facts about a party. They use the given name only: a decision must reveal no more.
    fn party_facts(&self, named: &ResolvedParty, at: DateTime<Utc>) -> GateParty<FilingStatus> {
        let ResolvedParty { party, resolution } = named;
        // Parties that were merged count as one.
        let id = resolution.organization.map(|id| self.groups.survivor_of(id));
        let filings = id.and_then(|id| self.histories.get(&id)).map(|it| it.as_of(at));
        let filings = filings.unwrap_or_default();
        GateParty {
            id: id.map(|id| id.to_string()),
            name: party.name.clone(),
            disclosure: filings.effective.map(|it| it.facts.filing),
            later_filings: filings.later.into_iter().map(|it| it.facts.filing).collect(),
            resolution: Some(ResolutionFacts {
                by: resolution.method,
                identifier: party.identifier.as_ref().map(format_identifier),
                folded_name: folded(&party.name),
            }),
        }
    }

    fn facts(
        &self,
        subject: EvaluationRequest,
        relief: Relief,
        orders: Orders,
        decided_at: DateTime<Utc>,
    ) -> Result<Facts> {
        let bidder = self.groups.survivor_of(subject.organization);
        let firm = &self.organizations.get(&bidder).ok_or(Fault::NotFound)?.row;
        let at = subject.reference_at;
        let own = self.histories.get(&bidder).map(|it| it.as_of(at)).unwrap_or_default();
        let filings: Vec<&FilingFacts> = own.effective.iter().chain(&own.later).collect();
        let matched = self.matched.get(&bidder).into_iter().flatten();
        let awards = matched.filter_map(|matched| matched.facts(&filings)).collect();
        let Parties { members, subcontractors } = &subject.parties;
        let members = members.iter();
        let subcontractors = subcontractors.iter().map(|subcontractor| SubcontractorFacts {
            party: self.party_facts(&subcontractor.party, at),
            amount: Some(subcontractor.amount.clone()),
        });
        let mut reinstatements = orders.reinstatements;
        reinstatements.retain(|it| subject.admitted_under.contains(&it.id));
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
            received_at: subject.received_at,
            amount: subject.amount,
            is_public_works: subject.is_public_works,
            method: subject.method,
            organization: GateParty {
                id: Some(bidder.to_string()),
                name: firm.business_name(),
                disclosure: own.effective.map(|filing| filing.facts),
                later_filings: own.later.into_iter().map(|filing| filing.facts).collect(),
                resolution: None,
            },
            members: members.map(|party| self.party_facts(party, at)).collect(),
            subcontractors: subcontractors.collect(),
            suspensions: orders.suspensions,
            reinstatements,
            action: subject.action,
            contract: subject.contract,
            exemptions: relief.exemptions,
            waivers: relief.waivers,
            owners: owner_facts(&firm.ownership),
            awards,
            award_data: Some(self.award_data.clone()),
        };
        Ok(facts.sorted())
    }
}

/// The owners and predecessors of an organization. They are stored even if the policy's scope does
/// not need them, so that a wider scope can be simulated.
fn owner_facts(ownership: &Ownership) -> Vec<OwnerFacts> {
    let parents = ownership.immediate_owner.iter().chain(&ownership.highest_owner);
    let parents = parents.map(|owner| (EntityScope::Parent, owner));
    let predecessors = ownership.predecessors.iter().map(|owner| (EntityScope::Predecessor, owner));
    let owners = parents.chain(predecessors).map(|(relation, owner)| OwnerFacts {
        relation,
        name: owner.name.clone(),
        identifier: owner.identifier.as_ref().map(format_identifier),
    });
    owners.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Formats an identifier for facts, such as `UEI L997DB4PEJL8`.
fn format_identifier(identifier: &Identifier) -> String {
    format!("{} {}", identifier.scheme.as_str(), identifier.id)
}
