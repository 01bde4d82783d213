//! What a newer policy asks that a filing did not answer.
use sea_orm::ConnectionTrait;

use crate::disclosure::rules;
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
}

/// The questions of the newest policy, in force or published, that a filing under policy version
/// `answered` did not answer; none if it answered all of them.
#[tracing::instrument(skip_all)]
pub async fn find_question_changes(
    db: &impl ConnectionTrait,
    answered: i64,
) -> Result<Option<QuestionChanges>> {
    let Some(newest) = policy::service::find_latest(db).await? else { return Ok(None) };
    let policy = newest.policy;
    if i64::from(policy.version()) <= answered {
        return Ok(None);
    }
    let answered = policy::service::load_version(db, answered).await?;
    let questions = rules::question_changes(&answered.questions(), &policy.questions());
    let days = policy.parameters().transition_days.value;
    let counts_until = policy.effective_from() + chrono::Days::new(u64::from(days));
    let has_changes = !questions.is_empty();
    Ok(has_changes.then_some(QuestionChanges { policy, questions, counts_until }))
}
