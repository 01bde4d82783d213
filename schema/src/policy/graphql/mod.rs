//! How clients see policies.
mod suspension;

pub use suspension::PolicySuspension;

use async_graphql::{Context, Json, Lookahead, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::model::{PolicyDifference, PolicyId, PolicyInput, ReinstatementInput, SuspensionInput};
use super::service::{self, Enacted, Include, Loaded};
use crate::database::Database;
use crate::fault::{Result, UserError};
use crate::gate::policy::PolicyText;
use crate::gate::{self, RuleCode, Severity};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::organization::graphql::{request_context, node_lookahead, split_user_errors};
use crate::page::PageArguments;
use crate::scalar::Date;

/// One version of the ordinance.
#[derive(Clone, Debug)]
pub struct Policy(Loaded);

impl From<Loaded> for Policy {
    fn from(loaded: Loaded) -> Self {
        Self(loaded)
    }
}

/// Which of a policy's children stand in a selection.
#[must_use]
pub fn policy_include(selection: &Lookahead<'_>) -> Include {
    Include {
        before: selection.field("differences").exists(),
        suspensions: selection.field("suspensions").exists(),
    }
}

/// The policy with the children that a selection asks for.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn shown(
    db: &Database,
    found: Option<Enacted>,
    selection: &Lookahead<'_>,
) -> Result<Option<Policy>> {
    let found = found.into_iter().collect();
    let loaded = service::include(&db.read, found, policy_include(selection)).await?.pop();
    Ok(loaded.map(Policy::from))
}

impl Policy {
    const fn law(&self) -> &gate::Policy {
        &self.0.enacted.policy
    }
}

/// One version of the ordinance, as data: what must be disclosed, how fresh it must be, which
/// rules block, which send to review, which only note. Immutable.
#[Object(crate = "crate::budget")]
impl Policy {
    /// Its identifier.
    pub async fn id(&self) -> PolicyId {
        self.0.enacted.row.id
    }
    /// From 1, without gaps.
    async fn version(&self) -> u32 {
        self.law().version()
    }
    /// What it is called.
    async fn title(&self) -> &str {
        self.law().title()
    }
    /// The local day at whose midnight it begins.
    async fn effective_from(&self) -> Date {
        self.law().effective_from().into()
    }
    /// SHA-256 of the whole policy as canonical JSON (RFC 8785).
    async fn sha256(&self) -> &str {
        &self.0.enacted.row.sha256
    }
    /// When it was enacted here (UTC).
    async fn enacted_at(&self) -> DateTime<Utc> {
        self.0.enacted.row.enacted_at
    }
    /// Every number and choice, with its source, by name.
    async fn parameters(&self) -> Vec<PolicyParameter> {
        let parameters = self.law().to_json_value()["parameters"].take();
        let Some(parameters) = parameters.as_object() else {
            return Vec::new();
        };
        let parameters = parameters.iter().map(|(name, parameter)| PolicyParameter {
            name: name.clone(),
            value: Json(parameter["value"].clone()),
            source: parameter["source"].as_str().unwrap_or_default().to_owned(),
        });
        parameters.collect()
    }
    /// What each rule weighs, by its code.
    async fn rules(&self) -> Vec<PolicyRule> {
        let rules = RuleCode::ALL.iter().map(|code| {
            let rule = self.law().rule(*code);
            PolicyRule {
                code: code.as_str(),
                bid: rule.bid,
                award: rule.award,
                renewal: rule.renewal,
                cure_days: self.law().cure_days(*code),
                citation: rule.citation.clone(),
            }
        });
        rules.collect()
    }
    /// In what it differs from the version before, part by part: empty for the first.
    async fn differences(&self) -> Result<Vec<PolicyDifference>> {
        let before = self.0.before.get()?;
        let differences = before.as_ref().map(|before| service::differences(before, self.law()));
        Ok(differences.unwrap_or_default())
    }
    /// The orders that lifted it or rules of it, the earliest first; those that have ended too.
    async fn suspensions(&self) -> Result<Vec<PolicySuspension>> {
        let found = self.0.suspensions.get()?;
        Ok(found.iter().cloned().map(PolicySuspension::from).collect())
    }
    /// What stands in every solicitation.
    async fn notice(&self) -> Text {
        self.law().notice().into()
    }
    /// What stands in every contract.
    async fn clause(&self) -> Text {
        self.law().clause().into()
    }
    /// What is signed with every disclosure.
    async fn attestation(&self) -> Text {
        self.law().attestation().into()
    }
}

/// A number or a choice of the policy, and where it comes from.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicyParameter {
    /// Its name, as the policy file spells it.
    name: String,
    /// Its value.
    value: Json<serde_json::Value>,
    /// The law, practice or choice behind it, in words.
    source: String,
}

/// What a rule weighs at each subject.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicyRule {
    /// The rule, such as `disclosure.missing`.
    code: &'static str,
    /// At the submission of a bid; null where it does not apply.
    bid: Option<Severity>,
    /// At an award; null where it does not apply.
    award: Option<Severity>,
    /// At a renewal; null where it does not apply.
    renewal: Option<Severity>,
    /// Business days after the due date within which a bid's defect can be mended; 0 for none.
    cure_days: u32,
    /// Where the rule comes from.
    citation: String,
}

/// One of the policy's texts.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
#[graphql(name = "PolicyText")]
pub struct Text {
    /// Counts up when the text changes.
    version: u32,
    /// What it says of itself as long as it is a draft; null once it is adopted.
    draft: Option<String>,
    /// The text.
    #[graphql(name = "text")]
    words: String,
}

impl From<&PolicyText> for Text {
    fn from(text: &PolicyText) -> Self {
        Self { version: text.version, draft: text.draft.clone(), words: text.text.clone() }
    }
}

/// Queries of policies.
#[derive(Debug, Default)]
pub struct PolicyQuery;

#[Object(crate = "crate::budget")]
impl PolicyQuery {
    /// The policy in force at a time, or now; null if none was.
    async fn policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A time (UTC); now if it is left out.")] as_of: Option<DateTime<Utc>>,
    ) -> Result<Option<Policy>> {
        let (db, viewer) = request_context(ctx)?;
        let found = service::as_of(&db.read, as_of.unwrap_or(viewer.now)).await?;
        shown(db, found, &ctx.look_ahead()).await
    }

    /// Every policy, the newest version first; also those that begin later.
    async fn policies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of rows from the start of the list, 0 to 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<Policy>> {
        let (db, _) = request_context(ctx)?;
        let arguments = PageArguments { first, after, last, before };
        let (sheet, total) = service::page(db, &arguments, requests_total_count(ctx)).await?;
        let rows = sheet.rows.iter().map(|(_, row)| row.clone()).collect();
        let include = node_lookahead(ctx, policy_include, Include::both);
        let rows = service::include(&db.read, rows, include).await?;
        Ok(connection(sheet.replace(|_| rows), total))
    }
}

/// The policy, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicyPayload {
    /// As it was published; null if anything is to mend.
    policy: Option<Policy>,
    /// Everything to mend, at once, each with the line of the file.
    user_errors: Vec<UserError>,
}

/// The suspension, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PolicySuspensionPayload {
    /// As it is now; null if anything is to mend.
    suspension: Option<PolicySuspension>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

fn payload(result: Result<service::Suspension>) -> Result<PolicySuspensionPayload> {
    let (suspension, user_errors) = split_user_errors(result)?;
    Ok(PolicySuspensionPayload { suspension, user_errors })
}

/// Mutations of policies.
#[derive(Debug, Default)]
pub struct PolicyMutation;

#[Object(crate = "crate::budget")]
impl PolicyMutation {
    /// Makes the next version of the policy law, from a local midnight that lies ahead. It does not
    /// change from then on. For administrators.
    async fn publish_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole policy file.")] input: PolicyInput,
    ) -> Result<PolicyPayload> {
        let (db, viewer) = request_context(ctx)?;
        let (enacted, user_errors) =
            split_user_errors::<_, Enacted>(service::publish(db, viewer, &input).await)?;
        let policy = shown(db, enacted, &ctx.look_ahead().field("policy")).await?;
        Ok(PolicyPayload { policy, user_errors })
    }

    /// Lifts a policy, or rules of it, at once and for what pinned it too, by an order that is
    /// cited. For administrators.
    async fn suspend_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is lifted, and by which order.")] input: SuspensionInput,
    ) -> Result<PolicySuspensionPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::suspend(db, viewer, &input).await)
    }

    /// Puts into effect again, from now on, what a suspension lifted. For administrators.
    async fn reinstate_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which suspension ends, and why.")] input: ReinstatementInput,
    ) -> Result<PolicySuspensionPayload> {
        let (db, viewer) = request_context(ctx)?;
        payload(service::reinstate(db, viewer, &input).await)
    }
}
