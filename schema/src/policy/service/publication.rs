//! Publishes a policy version, which never changes afterward.
use super::{PublicationError, PublishedPolicy, insert_version_as};
use crate::database::Database;
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::Policy;
use crate::organization::model::Viewer;
use crate::policy::model::{PolicyDifference, PolicyInput};
use crate::policy::rules;
use crate::user_message::UserMessage;

/// Publishes a policy that takes effect at a future local midnight.
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
) -> Result<PublishedPolicy> {
    viewer.require_admin("only an administrator may publish a policy")?;
    let path = FieldPath::argument("input").at("text");
    let refused = |messages: Vec<String>| {
        let messages = messages.into_iter();
        let errors =
            messages.map(|violation| path.user_error(UserMessage::PolicyRefused { violation }));
        Fault::Invalid(errors.collect())
    };
    let policy = Policy::parse(&input.text)
        .map_err(|problems| refused(problems.iter().map(ToString::to_string).collect()))?;
    if policy.effective_from_utc() <= viewer.now {
        let message = format!(
            "parameters.effectiveFrom: {} has begun already; choose a day after today",
            policy.effective_from()
        );
        return Err(refused(vec![message]));
    }
    let actor = viewer.actor();
    insert_version_as(db, &policy, actor).await.map_err(|error| match error {
        PublicationError::Refused(messages) => refused(messages),
        PublicationError::Fault(fault) => fault,
    })
}

/// Lists the settings in which two policies differ: parameters, rules, texts.
#[must_use]
pub fn list_differences(before: &Policy, after: &Policy) -> Vec<PolicyDifference> {
    rules::list_differences(before, after)
}
