//! What a newer policy asks that filings did not answer.
use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;

use crate::disclosure::{rules, store};
use crate::fault::Result;
use crate::gate::Policy;
use crate::policy;

/// The questions of a newer policy that a filing did not answer, each in words.
#[derive(Clone, Debug)]
pub struct QuestionChanges {
    /// The newer policy.
    pub policy: Policy,
    pub questions: Vec<&'static str>,
    /// The last local day on which the filing's answers still count.
    pub counts_until: chrono::NaiveDate,
    /// The firms whose filing on file did not answer the newer policy's questions.
    pub firms: u64,
    /// The same in sentences.
    pub text: String,
}

/// The questions of the newest policy, in force or published, that a filing under policy version
/// `answered` did not answer; none if it answered all of them.
#[tracing::instrument(skip_all)]
pub async fn find_question_changes(
    db: &impl ConnectionTrait,
    answered: i64,
) -> Result<Option<QuestionChanges>> {
    let timeline = policy::service::load_timeline(db).await?;
    let Some(newest) = timeline.policies().next_back() else { return Ok(None) };
    let is_answered = |it: &&Policy| i64::from(it.version()) == answered;
    let Some(answered) = timeline.policies().find(is_answered) else { return Ok(None) };
    let questions = rules::question_changes(&answered.questions(), &newest.questions());
    if answered.version() >= newest.version() || questions.is_empty() {
        return Ok(None);
    }
    let outdated = timeline.policies().filter(|it| it.questions() != newest.questions());
    let versions = outdated.map(|it| i64::from(it.version())).collect();
    let firms = store::outdated::count_firms_on_file(db, versions).await?;
    Ok(Some(QuestionChanges {
        counts_until: rules::last_day_of_older_answers(newest),
        text: rules::render_question_changes(newest, &questions, firms),
        policy: newest.clone(),
        questions,
        firms,
    }))
}

/// What a change of a policy's questions asks of firms.
#[derive(Clone, Debug)]
pub struct Refiling {
    /// The changed policy.
    pub policy: Policy,
    /// The changed questions, each in words.
    pub questions: Vec<&'static str>,
    /// The last local day on which the outdated filings count.
    pub counts_until: chrono::NaiveDate,
    /// The filings on file that become outdated.
    pub filings: u64,
    /// The firms that have to file again.
    pub firms: u64,
    /// The number of those firms by the number of answers in their filing: one for each agreement and
    /// each arrangement, and one for each statement that there is none.
    pub firms_by_answers: BTreeMap<u64, u64>,
    /// The same in sentences.
    pub text: String,
}

/// Counts the filings on file that a change of questions, from those of `before`, makes outdated; none if
/// `after` asks the same. Filings that `before` has made outdated already are not counted. The counts
/// name nobody, and are the same for everyone.
#[tracing::instrument(skip_all)]
pub async fn find_refiling(
    db: &impl ConnectionTrait,
    before: &Policy,
    after: &Policy,
) -> Result<Option<Refiling>> {
    let questions = rules::question_changes(&before.questions(), &after.questions());
    if questions.is_empty() {
        return Ok(None);
    }
    let timeline = policy::service::load_timeline(db).await?;
    let answered = timeline.policies().filter(|it| it.questions() == before.questions());
    let versions = answered.map(|it| i64::from(it.version())).collect();
    let outdated = store::outdated::count_outdated(db, versions).await?;
    let mut refiling = Refiling {
        policy: after.clone(),
        counts_until: rules::last_day_of_older_answers(after),
        questions,
        filings: 0,
        firms: 0,
        firms_by_answers: BTreeMap::new(),
        text: String::new(),
    };
    for counted in outdated {
        refiling.filings += counted.filings;
        refiling.firms += counted.firms;
        *refiling.firms_by_answers.entry(counted.answers).or_default() += counted.firms;
    }
    let Refiling { questions, filings, firms, .. } = &refiling;
    refiling.text = rules::render_refiling(after, questions, *filings, *firms);
    Ok(Some(refiling))
}
