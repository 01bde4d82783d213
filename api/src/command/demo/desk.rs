//! What was done at the reviewers' desk of the demonstration city, and what firms answered.
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
use super::seeding::{Seeding, There, signature};
use super::statements;
use crate::command::fault_message;

/// The reviewer whose day it is, and another.
const REVIEWER: &str = "demo:reviewer";
const COLLEAGUE: &str = "demo:colleague";
/// The version of the policy that is law.
const VERSION: i32 = 1;

/// The digest of the scanned form.
const FORM: &str = "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce";

/// What is done about a firm's disclosure.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// A reviewer enters the firm's paper form.
    Paper,
    Accept(&'static str),
    /// A question, and in how many days it is to be answered.
    Ask(&'static str, u64),
    Answer(&'static str),
    /// A rejection: who signed may not.
    Reject(&'static str),
    Appeal(&'static str),
    /// A reviewer is on it.
    Take,
    /// A court lifts a rule, and lets it stand again: of no firm's disclosure.
    Suspend,
    Reinstate,
}

/// What was done, how many hours ago, about whose disclosure (by its place in
/// [`super::city::FIRMS`]).
pub const DESK: [(i64, usize, Act); 12] = [
    (216, 0, Act::Suspend),
    (192, 0, Act::Reinstate),
    (196, 44, Act::Paper),
    (167, 46, Act::Ask("Did the firm's predecessor have any agreement since 2023?", 3)),
    (23, 47, Act::Reject("A bookkeeper signed. Have an officer sign, or send a resolution.")),
    (22, 45, Act::Ask("Whom did the firm ask before it stated that there is none?", 3)),
    (21, 26, Act::Ask("Are the moorings let to the Coast Guard let by the firm?", 4)),
    (20, 30, Act::Accept("The contracting officer confirmed what may not be disclosed.")),
    (19, 1, Act::Accept("")),
    (18, 9, Act::Take),
    (4, 47, Act::Appeal("The bookkeeper is also the secretary; the bylaws are attached.")),
    (2, 45, Act::Answer("Both partners and the accountant. None of us has any.")),
];

impl Seeding<'_> {
    pub(super) async fn desk(
        &self,
        there: &mut There,
        at: DateTime<Utc>,
        place: usize,
    ) -> Result<()> {
        let (_, firm, act) = DESK[place];
        if matches!(act, Act::Suspend | Act::Reinstate) {
            return self.court(there, at, act).await;
        }
        let organization_id = there.firms[firm];
        let who = if matches!(act, Act::Paper | Act::Ask(..)) { REVIEWER } else { COLLEAGUE };
        let reviewer = self.viewer(who, None, Role::BcaReviewer, at).await?;
        let day = |days| Date::from((at + Days::new(days)).date_naive().to_string());
        if matches!(act, Act::Paper) {
            let signed_on = Date::from((at - Days::new(1)).date_naive().to_string());
            let paper = Attachment {
                name: Some("Disclosure, signed form.pdf".to_owned()),
                sha256: Some(FORM.to_owned()),
                link: Some("https://records.city.example/forms/44".to_owned()),
                about: Vec::new(),
            };
            let statement = statements::of(State::Paper)?.context("a form that states nothing")?;
            let attestation = signature(firm);
            let input =
                PaperDisclosureInput { organization_id, statement, attestation, signed_on, paper };
            let filed = disclosure::enter_paper(self.database, &reviewer, &input).await;
            there.filed[firm] = Some(filed.map_err(fault_message)?.row.id);
            return Ok(());
        }
        let id = there.filed[firm].context("nothing was filed")?;
        let db = self.database;
        let done = match act {
            Act::Accept(remark) => disclosure::accept(db, &reviewer, id, Some(remark)).await,
            Act::Ask(question, days) => {
                let input = ClarificationInput {
                    disclosure_id: id,
                    question: question.to_owned(),
                    path: Vec::new(),
                    due_on: day(days),
                };
                disclosure::request_clarification(db, &reviewer, &input).await
            }
            Act::Reject(explanation) => {
                let input = RejectionInput {
                    disclosure_id: id,
                    reasons: vec![RejectionReason::NotAuthorized],
                    paths: Vec::new(),
                    explanation: explanation.to_owned(),
                };
                disclosure::reject(db, &reviewer, &input).await
            }
            Act::Answer(answer) => {
                let asked = disclosure::load_reviews(&db.read, vec![id.uuid()]).await;
                let asked = asked.map_err(fault_message)?.remove(&id).unwrap_or_default();
                let question = asked.clarifications.last().context("nothing was asked")?;
                let input =
                    AnswerInput { clarification_id: question.id, answer: answer.to_owned() };
                disclosure::answer_clarification(db, &self.signs_for(firm, at).await?, &input).await
            }
            Act::Appeal(grounds) => {
                let input = AppealInput { disclosure_id: id, grounds: grounds.to_owned() };
                disclosure::appeal_rejection(db, &self.signs_for(firm, at).await?, &input).await
            }
            Act::Take | Act::Paper | Act::Suspend | Act::Reinstate => {
                disclosure::take_review(db, &reviewer, id, None).await
            }
        };
        done.map_err(fault_message)?;
        Ok(())
    }

    /// A court lifts a rule, or lets it stand again.
    async fn court(&self, there: &mut There, at: DateTime<Utc>, act: Act) -> Result<()> {
        let admin = self.viewer("demo:admin", None, Role::Admin, at).await?;
        if let (Act::Reinstate, Some(suspension_id)) = (act, there.suspension.take()) {
            let citation = "Superior Court, case 26-DEMO-0417: the stay is dissolved".to_owned();
            let input = ReinstatementInput { suspension_id, citation };
            policy::reinstate(self.database, &admin, &input).await.map_err(fault_message)?;
        } else {
            let input = SuspensionInput {
                version: VERSION,
                rules: vec!["disclosure.outdated_terms".to_owned()],
                citation: "Superior Court, case 26-DEMO-0417: a stay".to_owned(),
            };
            let made = policy::suspend(self.database, &admin, &input).await;
            there.suspension = Some(made.map_err(fault_message)?.id);
        }
        Ok(())
    }
}
