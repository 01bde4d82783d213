//! Publishing a policy: from then on it is law, and does not change.
use super::{Enacted, NotEnacted, enact_as};
use crate::database::Database;
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::Policy;
use crate::organization::model::{Role, Viewer};
use crate::policy::model::{PolicyDifference, PolicyInput};
use crate::policy::rules;

/// Makes a policy law from a local midnight that lies ahead.
///
/// # Errors
/// `Forbidden` to all but administrators; `Invalid` with every line that is wrong: a slip of form,
/// a setting that would make a ban, a version that is not the next, a day that is not ahead.
pub async fn publish(db: &Database, viewer: &Viewer, input: &PolicyInput) -> Result<Enacted> {
    viewer.requires(&[Role::Admin], "only an administrator publishes a policy")?;
    let path = FieldPath::argument("input").at("text");
    let refused = |told: Vec<String>| {
        Fault::Invalid(told.iter().map(|told| path.error("refused", told.as_str())).collect())
    };
    let policy = Policy::parse(&input.text)
        .map_err(|problems| refused(problems.iter().map(ToString::to_string).collect()))?;
    if policy.effective_from_utc() <= viewer.now {
        let told = format!(
            "parameters.effectiveFrom: {} has begun already; a policy begins at a local midnight \
            that lies ahead",
            policy.effective_from()
        );
        return Err(refused(vec![told]));
    }
    let actor = viewer.actor();
    enact_as(db, &policy, actor).await.map_err(|why| match why {
        NotEnacted::Refused(told) => refused(told),
        NotEnacted::Fault(fault) => fault,
    })
}

/// In what a policy differs from another version, part by part.
#[must_use]
pub fn differences(before: &Policy, after: &Policy) -> Vec<PolicyDifference> {
    rules::differences(before, after)
}
