//! What the doors of the gate have in common: one object or an array of them in, decisions out.
use std::future::Future;

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use candor_schema::bidding::service::GateMode;
use candor_schema::database::Database;
use candor_schema::decision::model::SubcontractorInput;
use candor_schema::decision::service::{DecisionReport, RenderedFinding};
use candor_schema::fault::{Fault, FieldPath};
use candor_schema::gate::{Outcome, Severity};
use candor_schema::money::MoneyText;
use candor_schema::organization::model::{Identifier, IdentifierScheme, Viewer};
use candor_schema::organization::service::VerifiedVendor;
use candor_schema::user_message::UserMessage;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::request::{Label, Received, parse};
use super::run::run_change;
use super::words;
use crate::http::App;
use crate::http::problem::Problem;

/// The most objects of an array.
pub(in crate::http) const MAX_ITEMS: usize = 500;

/// The query string of the gate's doors.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct GateQuery {
    /// Whether the decision is stored and what it admits is done. With `false` nothing is written: the
    /// answer is the decision as it would be now, without a reference.
    #[serde(default = "yes")]
    #[param(required = false, default = true, value_type = bool)]
    commit: bool,
}

fn yes() -> bool {
    true
}

/// An amount of money.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MoneyBody {
    /// Digits with at most two decimals.
    #[schema(example = "125000.00", max_length = 40)]
    pub(super) amount: String,
    /// ISO 4217.
    #[schema(example = "USD", max_length = 10)]
    pub(super) currency: String,
}

impl From<MoneyBody> for MoneyText {
    fn from(money: MoneyBody) -> Self {
        Self { amount: money.amount.into(), currency: money.currency.into() }
    }
}

impl From<MoneyText> for MoneyBody {
    fn from(money: MoneyText) -> Self {
        let MoneyText { amount, currency } = money;
        Self { amount: amount.as_str().to_owned(), currency: currency.as_str().to_owned() }
    }
}

/// A subcontractor that a bid or an award names.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubcontractorBody {
    /// Its legal name.
    #[schema(example = "Bright Sweeping LLC", max_length = 300)]
    name: String,
    /// Its vendor number, if it has one.
    #[schema(example = "V-20077", max_length = 50, nullable = false)]
    vendor: Option<String>,
    /// Its UEI, if it has no vendor number.
    #[schema(example = "ZQGGHJH74DW7", max_length = 50, nullable = false)]
    uei: Option<String>,
    /// The amount of its part of the work.
    amount: MoneyBody,
}

impl From<SubcontractorBody> for SubcontractorInput {
    fn from(body: SubcontractorBody) -> Self {
        let SubcontractorBody { name, vendor, uei, amount } = body;
        let of = |scheme, id: Option<String>| id.map(|id| Identifier { scheme, id });
        let vendor = of(IdentifierScheme::CityVendor, vendor);
        let identifier = vendor.or_else(|| of(IdentifierScheme::Uei, uei));
        Self { organization_id: None, name, identifier, amount: amount.into() }
    }
}

/// A firm by its vendor number.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VendorName {
    /// The City's vendor number.
    #[schema(example = "V-10045")]
    number: String,
    /// The firm's identifier in Candor.
    #[schema(example = "org_01kb00000000000000000000ab")]
    organization_id: String,
    /// Its legal name as the firm has stated it.
    #[schema(example = "Prime Paving Inc")]
    legal_name: String,
}

impl From<VerifiedVendor> for VendorName {
    fn from(vendor: VerifiedVendor) -> Self {
        let VerifiedVendor { organization, number, legal_name } = vendor;
        Self { number, organization_id: organization.to_string(), legal_name }
    }
}

/// One result of a rule of the gate.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FindingBody {
    /// The rule's stable code.
    #[schema(example = "disclosure.stale")]
    code: &'static str,
    /// `BLOCK` stops, `REVIEW` waits for a reviewer, `NOTE` informs.
    #[schema(schema_with = words::severity)]
    severity: Severity,
    /// What was found.
    message: String,
    /// The path of what it is about, from the subject.
    path: Vec<String>,
    /// What to do and by when.
    remedy: String,
    /// The source of the rule.
    citation: String,
    /// Until when it can be cured (UTC, exclusive); null if it cannot.
    #[schema(value_type = Option<String>, format = DateTime)]
    cure_by: Option<DateTime<Utc>>,
}

impl From<RenderedFinding> for FindingBody {
    fn from(finding: RenderedFinding) -> Self {
        let RenderedFinding { source, message, remedy, citation } = finding;
        Self {
            code: source.code().as_str(),
            severity: source.severity,
            message,
            path: source.path,
            remedy,
            citation,
            cure_by: source.cure_by,
        }
    }
}

/// A decision of the gate, and what was done.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GateAnswer {
    /// `ADMIT`, `REVIEW` (waits for a review or a cure) or `BLOCK`; null if the policy does not gate it.
    #[schema(schema_with = words::optional_outcome)]
    decision: Option<Outcome>,
    /// The identifier of the stored decision, for the portal's record and for `/v1/decisions/{reference}`;
    /// null if nothing was stored or decided.
    #[schema(example = "dec_01kb00000000000000000000ab")]
    reference: Option<String>,
    /// Whether the decision was stored: false for a preview.
    committed: bool,
    /// Whether the bid was taken, the contract awarded or the contract action carried out; in a preview,
    /// whether it would be.
    carried_out: bool,
    /// The identifier of the bid, contract or contract action; null in a preview.
    #[schema(example = "bid_01kb00000000000000000000ab")]
    subject: Option<String>,
    /// The firm; null for a contract action.
    vendor: Option<VendorName>,
    /// The earliest deadline to cure a finding (UTC, exclusive); null if none can be cured.
    #[schema(value_type = Option<String>, format = DateTime)]
    cure_by: Option<DateTime<Utc>>,
    /// The version of the policy that was applied; null if none was.
    policy_version: Option<i64>,
    /// The time of the decision (UTC), which is Candor's.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<DateTime<Utc>>,
    /// The findings, the most severe first.
    findings: Vec<FindingBody>,
    /// The letter to the firm; null without a decision.
    letter: Option<String>,
}

/// What became of one request.
#[derive(Clone, Debug)]
pub(super) struct GateResult {
    pub(super) report: Option<DecisionReport>,
    /// What was stored, if the decision does not say it.
    pub(super) subject: Option<String>,
    pub(super) is_carried_out: bool,
    pub(super) vendor: Option<VerifiedVendor>,
}

impl GateResult {
    fn into_answer(self, mode: GateMode) -> GateAnswer {
        let Self { report, subject, is_carried_out, vendor } = self;
        let empty = GateAnswer {
            decision: None,
            reference: None,
            committed: mode == GateMode::Commit,
            carried_out: is_carried_out,
            subject,
            vendor: vendor.map(VendorName::from),
            cure_by: None,
            policy_version: None,
            decided_at: None,
            findings: Vec::new(),
            letter: None,
        };
        let Some(report) = report else { return empty };
        GateAnswer {
            decision: Some(report.outcome),
            reference: report.reference.map(|id| id.to_string()),
            subject: report.subject.or(empty.subject),
            cure_by: report.cure_by,
            policy_version: Some(report.policy_version),
            decided_at: Some(report.decided_at),
            findings: report.findings.into_iter().map(FindingBody::from).collect(),
            letter: Some(report.letter),
            ..empty
        }
    }
}

/// One object or an array of at most 500.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes a body; each object is parsed by itself")]
pub(super) enum OneOrMany<T> {
    /// One object.
    One(T),
    /// At most 500 objects, each decided by itself.
    Many(Vec<T>),
}

/// The answer to one object, or to each of an array, in its order.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum GateResponse {
    /// The answer to one object.
    One(Box<GateAnswer>),
    /// The answers to an array, in its order.
    Many(Vec<GateItem>),
}

/// The answer to one object of an array.
#[derive(Serialize, ToSchema)]
pub(super) struct GateItem {
    /// The HTTP status that the object would have had by itself.
    #[schema(example = 200)]
    status: u16,
    /// The answer; null unless the status is 200.
    answer: Option<GateAnswer>,
    /// What was wrong; null if the status is 200.
    problem: Option<Problem>,
}

/// A request to the gate.
pub(super) trait GateRequest: DeserializeOwned + Send + 'static {
    /// The fields of the body whose names differ from those of the use case's input.
    const NAMES: &'static [(&'static str, &'static str)];
    /// How the metrics count it.
    const LABEL: Label;

    /// Decides it.
    fn decide(
        self,
        db: &Database,
        viewer: &Viewer,
        mode: GateMode,
    ) -> impl Future<Output = Result<GateResult, Fault>> + Send;
}

/// Answers a request to a door of the gate.
pub(super) async fn answer<R: GateRequest>(
    app: App,
    request: Request,
) -> Result<Response, Problem> {
    let received = Received::receive(app, request, R::LABEL).await?;
    received.answer_once(decide_all::<R>).await
}

async fn decide_all<R: GateRequest>(received: Received) -> Result<Response, Problem> {
    let GateQuery { commit } = received.query()?;
    let mode = if commit { GateMode::Commit } else { GateMode::Preview };
    let body = received.json()?;
    let database = received.database();
    let Received { app, viewer, .. } = received;
    let db = database.clone();
    let response = match body {
        Value::Array(items) if items.len() > MAX_ITEMS => {
            let message = UserMessage::RequestsTooMany { max: MAX_ITEMS };
            return Err(Problem::of_fault(Fault::invalid(&FieldPath::default(), message), &[]));
        }
        Value::Array(items) => {
            let change = async move {
                let mut answers = Vec::with_capacity(items.len());
                for item in items {
                    answers.push(match decide_one::<R>(&db, &viewer, item, mode).await {
                        Ok(answer) => GateItem { status: 200, answer: Some(answer), problem: None },
                        Err(problem) => GateItem {
                            status: problem.status(),
                            answer: None,
                            problem: Some(problem),
                        },
                    });
                }
                answers
            };
            GateResponse::Many(run_change(&app, &database, change).await?)
        }
        one => {
            let change = async move { decide_one::<R>(&db, &viewer, one, mode).await };
            GateResponse::One(Box::new(run_change(&app, &database, change).await??))
        }
    };
    Ok(Json(response).into_response())
}

async fn decide_one<R: GateRequest>(
    db: &Database,
    viewer: &Viewer,
    item: Value,
    mode: GateMode,
) -> Result<GateAnswer, Problem> {
    let request: R = parse(item)?;
    let decided = request.decide(db, viewer, mode).await;
    decided
        .map(|result| result.into_answer(mode))
        .map_err(|fault| Problem::of_fault(fault, R::NAMES))
}
