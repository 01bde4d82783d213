//! Reviews in the demonstration city, and the firms' answers and appeals.
use anyhow::{Context, Result};
use candor_schema::disclosure::model::{
    AnswerInput, AppealInput, Attachment, ClarificationInput, PaperDisclosureInput, RejectionInput,
};
use candor_schema::disclosure::service as disclosure;
use candor_schema::gate::RejectionReason;
use candor_schema::organization::model::Role;
use candor_schema::policy::model::{ReinstatementInput, SuspensionInput};
use candor_schema::policy::service as policy;
use candor_schema::scalar::Date;
use chrono::{DateTime, Days, Utc};

use super::city::State;
use super::seeding::{CityState, Seeding, signature};
use super::statements;
use crate::command::fault_message;

/// The reviewer of the demonstration, and another one.
const REVIEWER: &str = "demo:reviewer";
const OTHER_REVIEWER: &str = "demo:colleague";
/// The version of the policy in force.
const POLICY_VERSION: i32 = 1;

/// The SHA-256 of the scanned paper form.
const PAPER_FORM_SHA256: &str = "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce";

/// A step in the review of a firm's disclosure.
#[derive(Clone, Copy, Debug)]
pub enum ReviewAction {
    /// A reviewer enters the firm's paper form.
    Paper,
    Accept(&'static str),
    /// A reviewer asks a question, to be answered within that many days, or by the next business day
    /// after them.
    Ask(&'static str, u64),
    Answer(&'static str),
    /// A reviewer rejects it because the signatory is not authorized.
    Reject(&'static str),
    Appeal(&'static str),
    /// A reviewer takes the review.
    Take,
    /// A court order suspends a rule of the policy. It concerns no particular disclosure.
    Suspend,
    Reinstate,
}

/// The steps: how many hours ago, the firm's index in [`super::city::FIRMS`], and the step.
pub const REVIEW_ACTIONS: [(i64, usize, ReviewAction); 12] = [
    (216, 0, ReviewAction::Suspend),
    (192, 0, ReviewAction::Reinstate),
    (196, 44, ReviewAction::Paper),
    (167, 46, ReviewAction::Ask("Did the firm's predecessor have any agreement since 2023?", 1)),
    (
        23,
        47,
        ReviewAction::Reject("A bookkeeper signed. Have an officer sign, or send a resolution."),
    ),
    (22, 45, ReviewAction::Ask("Whom did the firm ask before it stated that there is none?", 3)),
    (21, 26, ReviewAction::Ask("Are the moorings let to the Coast Guard let by the firm?", 4)),
    (20, 30, ReviewAction::Accept("The contracting officer confirmed what may not be disclosed.")),
    (19, 1, ReviewAction::Accept("")),
    (18, 9, ReviewAction::Take),
    (4, 47, ReviewAction::Appeal("The bookkeeper is also the secretary; the bylaws are attached.")),
    (2, 45, ReviewAction::Answer("Both partners and the accountant. None of us has any.")),
];

impl Seeding<'_> {
    pub(super) async fn apply_review_action(
        &self,
        city: &mut CityState,
        at: DateTime<Utc>,
        index: usize,
    ) -> Result<()> {
        let (_, firm, act) = REVIEW_ACTIONS[index];
        if matches!(act, ReviewAction::Suspend | ReviewAction::Reinstate) {
            return self.apply_court_order(city, at, act).await;
        }
        let organization_id = city.firms[firm];
        let who = if matches!(act, ReviewAction::Paper | ReviewAction::Ask(..)) {
            REVIEWER
        } else {
            OTHER_REVIEWER
        };
        let reviewer = self.viewer(who, None, Role::BcaReviewer, at).await?;
        if matches!(act, ReviewAction::Paper) {
            let signed_on = Date::from((at - Days::new(1)).date_naive().to_string());
            let paper = Attachment {
                name: Some("Disclosure, signed form.pdf".to_owned()),
                sha256: Some(PAPER_FORM_SHA256.to_owned()),
                link: Some("https://records.city.example/forms/44".to_owned()),
                about: Vec::new(),
            };
            let statement = statements::of(State::Paper)?.context("a form that states nothing")?;
            let attestation = signature(firm);
            let input =
                PaperDisclosureInput { organization_id, statement, attestation, signed_on, paper };
            let filed = disclosure::enter_paper(self.database, &reviewer, &input).await;
            city.filed[firm] = Some(filed.map_err(fault_message)?.record.id);
            return Ok(());
        }
        let id = city.filed[firm].context("nothing was filed")?;
        let db = self.database;
        let done = match act {
            ReviewAction::Accept(remark) => {
                disclosure::accept(db, &reviewer, id, Some(remark)).await
            }
            ReviewAction::Ask(question, days) => {
                let law =
                    policy::require_in_force(&db.read, at).await.map_err(fault_message)?.policy;
                let mut due_on = (at + Days::new(days)).date_naive().iter_days();
                let due_on = due_on.find(|day| law.calendar().is_business_day(*day));
                let input = ClarificationInput {
                    disclosure_id: id,
                    question: question.to_owned(),
                    path: Vec::new(),
                    due_on: due_on.map(Date::from),
                };
                disclosure::request_clarification(db, &reviewer, &input).await
            }
            ReviewAction::Reject(explanation) => {
                let input = RejectionInput {
                    disclosure_id: id,
                    reasons: vec![RejectionReason::NotAuthorized],
                    paths: Vec::new(),
                    explanation: explanation.to_owned(),
                };
                disclosure::reject(db, &reviewer, &input).await
            }
            ReviewAction::Answer(answer) => {
                let asked = disclosure::load_reviews(&db.read, vec![id.uuid()]).await;
                let asked = asked.map_err(fault_message)?.remove(&id).unwrap_or_default();
                let question = asked.clarifications.last().context("nothing was asked")?;
                let input =
                    AnswerInput { clarification_id: question.id, answer: answer.to_owned() };
                disclosure::answer_clarification(db, &self.firm_viewer(firm, at).await?, &input)
                    .await
            }
            ReviewAction::Appeal(grounds) => {
                let input = AppealInput { disclosure_id: id, grounds: grounds.to_owned() };
                disclosure::appeal_rejection(db, &self.firm_viewer(firm, at).await?, &input).await
            }
            ReviewAction::Take
            | ReviewAction::Paper
            | ReviewAction::Suspend
            | ReviewAction::Reinstate => disclosure::take_review(db, &reviewer, id, None).await,
        };
        done.map_err(fault_message)?;
        Ok(())
    }

    /// Suspends a rule by court order, or reinstates it.
    async fn apply_court_order(
        &self,
        city: &mut CityState,
        at: DateTime<Utc>,
        act: ReviewAction,
    ) -> Result<()> {
        let admin = self.viewer("demo:admin", None, Role::Admin, at).await?;
        if let (ReviewAction::Reinstate, Some(suspension_id)) = (act, city.suspension.take()) {
            let citation = "Superior Court, case 26-DEMO-0417: the stay is dissolved".to_owned();
            let input = ReinstatementInput { suspension_id, citation };
            policy::reinstate(self.database, &admin, &input).await.map_err(fault_message)?;
        } else {
            let input = SuspensionInput {
                version: POLICY_VERSION,
                rules: vec!["disclosure.outdated_terms".to_owned()],
                citation: "Superior Court, case 26-DEMO-0417: a stay".to_owned(),
            };
            let made = policy::suspend(self.database, &admin, &input).await;
            city.suspension = made.map_err(fault_message)?.suspension.map(|it| it.id);
        }
        Ok(())
    }
}
