//! A firm's appeal against a decision of the City, and the supervisor's decision on it. Appeals
//! against rejections and against confirmed matches share this module.
use chrono::{DateTime, Utc};

use super::{AppealId, AppealOutcome, DisclosureId, ReviewId};
use crate::fault::{Fault, Result};
use crate::organization::model::Viewer;
use crate::principal::Principal;

/// A decision of the City that a firm may appeal.
pub trait AppealedDecision {
    /// The end of the refusal of a second appeal.
    const ONLY_ONCE: &'static str;
    /// What the firm can do after the time to appeal.
    const AFTER_DEADLINE: &'static str;
}

/// The rejection of a disclosure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppealedRejection {
    pub disclosure_id: DisclosureId,
    pub review_id: ReviewId,
    /// Who filed the disclosure; this person may not decide the appeal.
    pub disclosure_filed_by: Principal,
    /// The reviewer, who may not decide the appeal.
    pub rejected_by: Principal,
}

/// A firm's appeal against the rejection of its disclosure.
pub type RejectionAppeal = Appeal<AppealedRejection>;

impl AppealedDecision for AppealedRejection {
    const ONLY_ONCE: &'static str = "a rejection can be appealed only once";
    const AFTER_DEADLINE: &'static str =
        "file a new disclosure that fixes what the rejection names";
}

/// A firm's appeal against the decision `D`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal<D> {
    pub id: AppealId,
    /// The decision under appeal.
    pub against: D,
    /// Why the decision is wrong.
    pub statement: String,
    pub filed_by: Principal,
    pub filed_at: DateTime<Utc>,
    /// None while the appeal is open.
    pub decision: Option<AppealDecision>,
}

/// A supervisor's decision on an appeal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppealDecision {
    pub outcome: AppealOutcome,
    /// The reasons, for the firm to read.
    pub explanation: String,
    pub by: Principal,
    pub at: DateTime<Utc>,
}

impl<D: AppealedDecision> Appeal<D> {
    /// Requires that the firm may still appeal: `earlier` is its appeal against the same decision,
    /// `appeal_by` the end of its time to appeal, exclusive, if it has one. `format_last_day` names the
    /// last local day before a deadline.
    ///
    /// # Errors
    /// `Conflict` after an earlier appeal or at the end of the time to appeal.
    pub fn require_in_time(
        earlier: Option<&Self>,
        appeal_by: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        format_last_day: impl Fn(DateTime<Utc>) -> String,
    ) -> Result<()> {
        match earlier {
            Some(Self { decision: None, .. }) => {
                Err(Fault::conflict("an appeal was filed already; wait for the decision"))
            }
            Some(_) => Err(Fault::conflict(format!("the appeal was decided; {}", D::ONLY_ONCE))),
            None => match appeal_by.filter(|ended| now >= *ended) {
                Some(ended) => Err(Fault::conflict(format!(
                    "the time to appeal ended on {}; {}",
                    format_last_day(ended),
                    D::AFTER_DEADLINE
                ))),
                None => Ok(()),
            },
        }
    }
}

impl<D> Appeal<D> {
    /// Files an appeal for the viewer's firm.
    #[must_use]
    pub fn file(viewer: &Viewer, against: D, statement: String) -> Self {
        Self {
            id: AppealId::generate(),
            against,
            statement,
            filed_by: viewer.subject.clone(),
            filed_at: viewer.now,
            decision: None,
        }
    }

    /// Whether a supervisor has not decided yet.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.decision.is_none()
    }

    /// Returns the decided appeal.
    ///
    /// # Errors
    /// `Conflict` if it was decided before.
    pub fn decide(self, decision: AppealDecision) -> Result<Self> {
        if let Some(earlier) = self.decision {
            let by = earlier.by.name_for(&decision.by);
            return Err(Fault::conflict(format!(
                "{by} decided this appeal already; reload the page"
            )));
        }
        Ok(Self { decision: Some(decision), ..self })
    }
}

/// The columns of a decision, as the tables of appeals store it: all or none are set.
#[derive(Clone, Debug)]
pub struct AppealDecisionColumns {
    pub outcome: Option<AppealOutcome>,
    pub explanation: Option<String>,
    pub decided_by: Option<Principal>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl From<AppealDecisionColumns> for Option<AppealDecision> {
    fn from(columns: AppealDecisionColumns) -> Self {
        let AppealDecisionColumns { outcome, explanation, decided_by, decided_at } = columns;
        Some(AppealDecision {
            outcome: outcome?,
            explanation: explanation?,
            by: decided_by?,
            at: decided_at?,
        })
    }
}

impl From<Option<AppealDecision>> for AppealDecisionColumns {
    fn from(decision: Option<AppealDecision>) -> Self {
        match decision {
            None => Self { outcome: None, explanation: None, decided_by: None, decided_at: None },
            Some(AppealDecision { outcome, explanation, by, at }) => Self {
                outcome: Some(outcome),
                explanation: Some(explanation),
                decided_by: Some(by),
                decided_at: Some(at),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Appeal, AppealDecision, AppealDecisionColumns, AppealedDecision};
    use crate::disclosure::model::{AppealId, AppealOutcome};
    use crate::fault::Fault;
    use crate::principal::ServiceActor;

    #[derive(Clone, Debug, PartialEq, Eq)]
    struct Refusal;

    impl AppealedDecision for Refusal {
        const ONLY_ONCE: &'static str = "a refusal is appealed once";
        const AFTER_DEADLINE: &'static str = "apply again";
    }

    fn open_appeal() -> Appeal<Refusal> {
        Appeal {
            id: AppealId::generate(),
            against: Refusal,
            statement: "It is wrong.".to_owned(),
            filed_by: ServiceActor::Service.into(),
            filed_at: "2026-02-03T08:00:00Z".parse().expect("a time"),
            decision: None,
        }
    }

    fn decision() -> AppealDecision {
        AppealDecision {
            outcome: AppealOutcome::Upheld,
            explanation: "It is right.".to_owned(),
            by: ServiceActor::Operator.into(),
            at: "2026-02-04T08:00:00Z".parse().expect("a time"),
        }
    }

    fn conflict<T: std::fmt::Debug>(result: crate::fault::Result<T>) -> String {
        match result {
            Err(Fault::Conflict(message)) => message.into_owned(),
            other => panic!("no conflict: {other:?}"),
        }
    }

    fn last_day(deadline: chrono::DateTime<chrono::Utc>) -> String {
        format!("the day before {}", deadline.date_naive())
    }

    #[test]
    fn an_appeal_is_decided_once() {
        let decided = open_appeal().decide(decision()).expect("the first decision");
        assert_eq!(decided.decision, Some(decision()));
        assert!(conflict(decided.decide(decision())).contains("decided this appeal already"));
    }

    #[test]
    fn a_decision_is_appealed_once_and_in_time() {
        let [in_time, late] = ["2026-02-09T07:59:59Z", "2026-02-09T08:00:00Z"]
            .map(|now| now.parse().expect("a time"));
        assert!(Appeal::<Refusal>::require_in_time(None, Some(late), in_time, last_day).is_ok());
        let refused =
            conflict(Appeal::<Refusal>::require_in_time(None, Some(late), late, last_day));
        assert!(refused.ends_with("; apply again"), "{refused}");
        let open = open_appeal();
        let refused = conflict(Appeal::require_in_time(Some(&open), Some(late), in_time, last_day));
        assert!(refused.ends_with("; wait for the decision"), "{refused}");
        let decided = open.decide(decision()).expect("the first decision");
        let refused =
            conflict(Appeal::require_in_time(Some(&decided), Some(late), in_time, last_day));
        assert!(refused.ends_with("; a refusal is appealed once"), "{refused}");
    }

    #[test]
    fn the_columns_of_a_decision_give_it_back() {
        for given in [None, Some(decision())] {
            let columns = AppealDecisionColumns::from(given.clone());
            assert_eq!(Option::<AppealDecision>::from(columns), given);
        }
    }
}
