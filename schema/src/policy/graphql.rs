//! How clients see policies.
use async_graphql::{Context, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::model::PolicyId;
use super::service::{self, Enacted};
use crate::database::Database;
use crate::fault::Result;
use crate::gate::policy::PolicyText;
use crate::gate::{RuleCode, Severity};
use crate::graphql::connection::{Connection, connection, counted};
use crate::organization::graphql::asker;
use crate::page::Arguments;
use crate::scalar::Date;

/// One version of the ordinance.
#[derive(Clone, Debug)]
pub struct Policy(Enacted);

impl From<Enacted> for Policy {
    fn from(enacted: Enacted) -> Self {
        Self(enacted)
    }
}

/// One version of the ordinance, as data: what must be disclosed, how fresh it must be, which
/// rules block, which send to review, which only note. Immutable.
#[Object]
impl Policy {
    /// Its identifier.
    pub async fn id(&self) -> PolicyId {
        self.0.row.id
    }
    /// From 1, without gaps.
    async fn version(&self) -> u32 {
        self.0.policy.version()
    }
    /// What it is called.
    async fn title(&self) -> &str {
        self.0.policy.title()
    }
    /// The local day at whose midnight it begins.
    async fn effective_from(&self) -> Date {
        self.0.policy.effective_from().into()
    }
    /// SHA-256 of the whole policy as canonical JSON (RFC 8785).
    async fn sha256(&self) -> &str {
        &self.0.row.sha256
    }
    /// When it was enacted here (UTC).
    async fn enacted_at(&self) -> DateTime<Utc> {
        self.0.row.enacted_at
    }
    /// Every number and choice, with its source, by name.
    async fn parameters(&self) -> Vec<PolicyParameter> {
        let parameters = self.0.policy.to_json_value()["parameters"].take();
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
            let rule = self.0.policy.rule(*code);
            PolicyRule {
                code: code.as_str(),
                bid: rule.bid,
                award: rule.award,
                renewal: rule.renewal,
                cure_days: self.0.policy.cure_days(*code),
                citation: rule.citation.clone(),
            }
        });
        rules.collect()
    }
    /// What stands in every solicitation.
    async fn notice(&self) -> Text {
        self.0.policy.notice().into()
    }
    /// What stands in every contract.
    async fn clause(&self) -> Text {
        self.0.policy.clause().into()
    }
    /// What is signed with every disclosure.
    async fn attestation(&self) -> Text {
        self.0.policy.attestation().into()
    }
}

/// A number or a choice of the policy, and where it comes from.
#[derive(SimpleObject)]
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

#[Object]
impl PolicyQuery {
    /// The policy in force at a time, or now; null if none was.
    async fn policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A time (UTC); now if it is left out.")] as_of: Option<DateTime<Utc>>,
    ) -> Result<Option<Policy>> {
        let (Database { read, .. }, viewer) = asker(ctx)?;
        Ok(service::as_of(read, as_of.unwrap_or(viewer.now)).await?.map(Policy))
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
        let (db, _) = asker(ctx)?;
        let arguments = Arguments { first, after, last, before };
        let (sheet, total) = service::page(db, &arguments, counted(ctx)).await?;
        Ok(connection(sheet, total))
    }
}
