//! The use cases of disclosures.
mod appeal;
mod clarification;
mod comparison;
mod drafting;
mod duty;
mod filing;
mod indexing;
mod paper;
mod review;
mod reviewing;
mod verification;
mod withdrawal;

pub use appeal::{appeal, decide as decide_appeal};
pub use clarification::{answer, ask};
pub use comparison::difference;
pub use drafting::{discard_draft, gaps, save_draft};
pub use duty::{Amendment, amendments};
pub use filing::{file, reaffirm};
pub use indexing::{Indexed, index_missing, verify_index};
pub use paper::enter_paper;
pub use review::{accept, reject, reopen, take};
pub use verification::{recorded_tables, verify};
pub use withdrawal::withdraw;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::model::{
    Agreement, AppealId, Attestation, AttestationForm, ClarificationId, DisclosureId,
    DisclosureStatus, Statement,
};
use super::{rules, store};
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::gate::facts::{DisclosureFacts, ClarificationFacts, RejectionFacts, FilingStatus};
use crate::gate::{Policy, ReviewState};
use crate::organization::model::{OrganizationId, Viewer};
use crate::page::{PageArguments, Page};
use crate::policy;

pub use super::entity::appeal::Model as Appeal;
pub use super::entity::clarification::Model as Clarification;
pub use super::entity::draft::Model as Draft;
pub use super::entity::filing::Model as Filing;
pub use super::entity::review::Model as Review;
pub use super::rules::compare;
pub use store::Filed;

/// A disclosure in either of its forms.
#[derive(Clone, Debug)]
pub enum Disclosure {
    Draft(Draft),
    Filed(Box<Filed>),
}

impl From<Draft> for Disclosure {
    fn from(draft: Draft) -> Self {
        Self::Draft(draft)
    }
}

impl From<Filed> for Disclosure {
    fn from(filed: Filed) -> Self {
        Self::Filed(Box::new(filed))
    }
}

/// What a stored statement says.
///
/// # Errors
/// `Internal` if it is none: only this service writes it.
pub fn read(id: DisclosureId, statement: &str) -> Result<Statement> {
    serde_json::from_str(statement)
        .map_err(|error| Fault::Internal(format!("statement of {id}: {error}").into()))
}

/// The disclosure, if `viewer` may see it; a draft, if it is the viewer's organization's.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find(db: &Database, viewer: &Viewer, id: DisclosureId) -> Result<Option<Disclosure>> {
    if let Some(filed) = store::find(&db.read, viewer, id).await? {
        return Ok(Some(filed.into()));
    }
    Ok(store::find_draft(&db.read, viewer, id).await?.map(Disclosure::from))
}

/// The drafts of those organizations that are the viewer's own.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn drafts(
    db: &Database,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
) -> Result<HashMap<Uuid, Draft>> {
    let drafts = store::drafts(&db.read, viewer, organizations).await?;
    Ok(drafts.into_iter().map(|draft| (draft.organization_id.uuid(), draft)).collect())
}

/// The same page of each organization's disclosures, and how many each has if it is asked for.
///
/// # Errors
/// `Invalid` for arguments of another list.
pub async fn pages(
    db: &Database,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
    arguments: &PageArguments,
    counted: bool,
) -> Result<HashMap<Uuid, (Page<Filed>, Option<u64>)>> {
    let sheets = store::pages(&db.read, viewer, organizations.clone(), arguments).await?;
    let counts = if counted {
        store::counts(&db.read, viewer, organizations).await?
    } else {
        HashMap::new()
    };
    let sheets = sheets.into_iter().map(|(organization, sheet)| {
        let count = counts.get(&organization).copied().unwrap_or_default();
        (organization, (sheet, counted.then_some(count.unsigned_abs())))
    });
    Ok(sheets.collect())
}

/// Those of some disclosures that `viewer` may see, by id.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Filed>> {
    let filed = store::visible_by_ids(db, viewer, ids).await?;
    Ok(filed.into_iter().map(|filed| (filed.row.id, filed)).collect())
}

/// What the gate needs to know of a filing, and the agreements as it tells them, for what else
/// they are held against.
#[derive(Clone, Debug)]
pub struct Told {
    pub facts: DisclosureFacts,
    pub agreements: Vec<Agreement>,
}

/// What is to know of one organization's filings.
#[derive(Clone, Debug, Default)]
pub struct Filings {
    /// The one that stands at the moment that counts.
    pub standing: Option<Told>,
    /// What was filed later, the earliest first.
    pub later: Vec<Told>,
}

/// What the gate needs to know of one organization's filings from a time on.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// When each was filed (UTC), in the order of their versions; without what it says if it was
    /// withdrawn.
    filings: Vec<(DateTime<Utc>, Option<Told>)>,
}

impl History {
    /// What stood at a time, no earlier than the history begins, and what came later. What was
    /// withdrawn is none: what it superseded does not stand again.
    #[must_use]
    pub fn at(&self, at: DateTime<Utc>) -> Filings {
        let later = self.filings.partition_point(|(filed_at, _)| *filed_at <= at);
        let (until, later) = self.filings.split_at(later);
        Filings {
            standing: until.last().and_then(|(_, told)| told.clone()),
            later: later.iter().filter_map(|(_, told)| told.clone()).collect(),
        }
    }
}

/// What the gate needs to know of the filings of some organizations: of the one that stood at a
/// time, and of all that came later. Those that have none are not in it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn histories(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
    since: DateTime<Utc>,
) -> Result<HashMap<OrganizationId, History>> {
    let filed = store::filed_since(db, organizations, since).await?;
    let ids: Vec<Uuid> = filed.iter().map(|filed| filed.row.id.uuid()).collect();
    let versions = filed.iter().map(|filed| filed.filing.policy_version).collect();
    let policies = policy::service::of_versions(db, versions).await?;
    let questions: HashMap<i64, _> =
        policies.iter().map(|(version, policy)| (*version, policy.questions())).collect();
    let mut open = store::reviews::open_clarifications(db, ids.clone()).await?;
    let mut rejections = store::reviews::standing_rejections(db, ids.clone()).await?;
    let appeals = store::reviews::under_appeal(db, ids).await?;
    let mut found = HashMap::<OrganizationId, History>::new();
    for Filed { row, filing } in filed {
        let filings = &mut found.entry(row.organization_id).or_default().filings;
        if row.status == DisclosureStatus::Withdrawn {
            filings.push((filing.filed_at, None));
            continue;
        }
        let missing = || Fault::Internal(format!("no policy {}", filing.policy_version).into());
        let answered = questions.get(&filing.policy_version).ok_or_else(missing)?;
        let statement = read(row.id, &filing.statement)?;
        let disclosed = rules::disclosed(&statement);
        let standing = FilingStatus {
            id: row.id.to_string(),
            version: u32::try_from(row.version).unwrap_or(u32::MAX),
            sha256: filing.sha256.clone(),
            filed_at: filing.filed_at,
            policy_version: u32::try_from(filing.policy_version).unwrap_or(u32::MAX),
            questions: answered.clone(),
            review: row.review,
            clarification: open
                .remove(&row.id)
                .map(|it| ClarificationFacts { path: it.path.0, due_at: it.due_at }),
            rejection: rejections.remove(&row.id).map(|it| RejectionFacts {
                reasons: it.reasons.0,
                explanation: it.explanation,
                appeal_by: it.appeal_by,
                decided_at: Some(it.decided_at),
            }),
            has_open_appeal: row.review == ReviewState::Rejected && appeals.contains(&row.id),
            is_paper: attestation(&filing)?.form == AttestationForm::Paper,
        };
        let facts = DisclosureFacts {
            filing: standing,
            withheld: disclosed.withheld,
            agreements: disclosed.agreements,
            arrangements: disclosed.arrangements,
        };
        let agreements = statement.dhs.agreements;
        filings.push((filing.filed_at, Some(Told { facts, agreements })));
    }
    Ok(found)
}

/// The agreements of the disclosure that each of some organizations has on file now.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn agreements_on_file(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
) -> Result<HashMap<OrganizationId, (DisclosureId, Vec<Agreement>)>> {
    let filed = store::on_file(db, organizations).await?;
    let agreements = filed.into_iter().map(|Filed { row, filing }| {
        let statement = read(row.id, &filing.statement)?;
        Ok((row.organization_id, (row.id, statement.dhs.agreements)))
    });
    agreements.collect()
}

/// Who signed a filing, in which words.
///
/// # Errors
/// `Internal` if it is none: only this service writes it.
pub fn attestation(filing: &Filing) -> Result<Attestation> {
    serde_json::from_str(&filing.attestation)
        .map_err(|error| Fault::Internal(format!("attestation of {}: {error}", filing.id).into()))
}

/// What reviewers made of some disclosures: questions, acceptances and rejections, appeals. Who
/// may see a disclosure may see them.
#[derive(Clone, Debug, Default)]
pub struct Reviews {
    pub clarifications: Vec<Clarification>,
    pub reviews: Vec<Review>,
    pub appeals: Vec<Appeal>,
}

/// What reviewers made of each of some disclosures, in the order in which it happened.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn reviews_of(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Reviews>> {
    let mut clarifications = store::reviews::clarifications(db, disclosures.clone()).await?;
    let mut reviews = store::reviews::reviews(db, disclosures.clone()).await?;
    let mut appeals = store::reviews::appeals(db, disclosures.clone()).await?;
    let found = disclosures.into_iter().map(DisclosureId::from_uuid).map(|id| {
        let found = Reviews {
            clarifications: clarifications.remove(&id).unwrap_or_default(),
            reviews: reviews.remove(&id).unwrap_or_default(),
            appeals: appeals.remove(&id).unwrap_or_default(),
        };
        (id, found)
    });
    Ok(found.collect())
}

/// Those of some questions that are about disclosures that `viewer` may see, by id.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn visible_clarifications_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<ClarificationId, Clarification>> {
    let rows = store::reviews::visible_clarifications_by_ids(db, viewer, ids).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Those of some appeals that are about disclosures that `viewer` may see, by id.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn visible_appeals_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashMap<AppealId, Appeal>> {
    let rows = store::reviews::visible_appeals_by_ids(db, viewer, ids).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The filing before each of some, of those that have one, by the later one's identifier.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn filings_before(
    db: &impl ConnectionTrait,
    filings: &[Filing],
) -> Result<HashMap<DisclosureId, Filing>> {
    Ok(store::before(db, filings).await?)
}

/// The filing that came after each of some, given by organization and version; only what the viewer
/// may see.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn filings_after(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filings: &[(OrganizationId, i64)],
) -> Result<HashMap<(OrganizationId, i64), Filed>> {
    Ok(store::after(db, viewer, filings).await?)
}

/// The paper form that each of some organizations has on file now, of those whose last filing one
/// is and which the viewer may see.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn paper_on_file(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
) -> Result<HashMap<OrganizationId, Filed>> {
    let mut found = HashMap::new();
    for filed in store::visible_on_file(db, viewer, organizations).await? {
        if attestation(&filed.filing)?.form == AttestationForm::Paper {
            found.insert(filed.row.organization_id, filed);
        }
    }
    Ok(found)
}

/// What the policy in force asks that a filing did not answer, each in words, and until when its
/// answers count all the same; none if they answer everything.
#[derive(Clone, Debug)]
pub struct News {
    pub policy: Policy,
    pub questions: Vec<&'static str>,
    /// The last local day on which the old answers count.
    pub counts_until: chrono::NaiveDate,
}

/// What is new in the questions of the newest policy, in force or published, to who answered those
/// of another version.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn news(db: &impl ConnectionTrait, answered: i64) -> Result<Option<News>> {
    let Some(asked) = policy::service::newest(db).await? else { return Ok(None) };
    let asked = asked.policy;
    if i64::from(asked.version()) <= answered {
        return Ok(None);
    }
    let answered = policy::service::of_version(db, answered).await?;
    let questions = rules::news(&answered.questions(), &asked.questions());
    let days = asked.parameters().transition_days.value;
    let counts_until = asked.effective_from() + chrono::Days::new(u64::from(days));
    let told = !questions.is_empty();
    Ok(told.then_some(News { policy: asked, questions, counts_until }))
}
