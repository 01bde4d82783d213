//! GraphQL type `Appeal`, and the fields that it shares with `MatchAppeal`.
use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Utc};

use crate::disclosure::model::{
    self, AppealId, AppealOutcome, AppealedRejection, DisclosureId, RejectionAppeal, ReviewId,
};
use crate::fault::Result;
use crate::organization::graphql::person_name;
use crate::principal::Principal;

/// A firm's appeal against the rejection of its disclosure, decided by a supervisor who took no part
/// in the review.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct Appeal {
    /// The identifier.
    id: AppealId,
    /// The disclosure that was rejected.
    disclosure_id: DisclosureId,
    /// The rejection under appeal.
    review_id: ReviewId,
    /// The grounds of the appeal.
    grounds: String,
    #[graphql(flatten)]
    course: AppealCourse,
}

impl From<RejectionAppeal> for Appeal {
    fn from(appeal: RejectionAppeal) -> Self {
        let course = AppealCourse::from(&appeal);
        let AppealedRejection { disclosure_id, review_id, .. } = appeal.against;
        Self { id: appeal.id, disclosure_id, review_id, grounds: appeal.statement, course }
    }
}

/// When an appeal was filed, and its decision.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget", complex)]
pub struct AppealCourse {
    /// When it was filed (UTC).
    filed_at: DateTime<Utc>,
    /// The decision; null while the appeal is open.
    outcome: Option<AppealOutcome>,
    /// The explanation of the decision.
    explanation: Option<String>,
    /// The token subject of the supervisor who decided.
    decided_by: Option<String>,
    /// When it was decided (UTC).
    decided_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    decider: Option<Principal>,
}

#[ComplexObject(crate = "crate::budget")]
impl AppealCourse {
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn decided_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.decider.as_ref()).await
    }
}

impl<D> From<&model::Appeal<D>> for AppealCourse {
    fn from(appeal: &model::Appeal<D>) -> Self {
        let decision = appeal.decision.as_ref();
        Self {
            filed_at: appeal.filed_at,
            outcome: decision.map(|it| it.outcome),
            explanation: decision.map(|it| it.explanation.clone()),
            decided_by: decision.map(|it| it.by.subject().to_owned()),
            decided_at: decision.map(|it| it.at),
            decider: decision.map(|it| it.by.clone()),
        }
    }
}
