//! The ordinance as versioned data: what is asked, how long an answer counts, what each rule
//! weighs. A [`Policy`] is one that may be published; one that would make a ban of the
//! disclosure law does not exist.
mod check;
mod file;
mod holidays;
mod parameters;
mod rule;
#[cfg(test)]
mod tests;
mod texts;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use check::max_severity;
pub(super) use holidays::of_year;
pub use holidays::{HolidayRule, Holiday};
pub use parameters::{
    ExemptionPolicy, Parameter, Parameters, Questions, SubcontractorThreshold, WaiverPolicy,
};
pub use rule::Rule;
pub use texts::{AttestationBlank, PolicyText, Texts};

use super::{Calendar, RuleCode, Severity, SubjectKind};

/// A version of the ordinance that may be published. There is no way to make another: every way
/// in goes through one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Policy(Written);

/// A policy as it is written, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    title: String,
    city: String,
    parameters: Parameters,
    rules: BTreeMap<RuleCode, Rule>,
    texts: Texts,
}

/// Why a text is no policy that may be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyProblem {
    /// The line of the file, from 1; of something missing, the line of the table that lacks it.
    /// None if it was read from JSON.
    pub line: Option<usize>,
    /// What is wrong, where, and what may stand there.
    pub message: String,
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for PolicyProblem {}

impl TryFrom<Written> for Policy {
    type Error = PolicyProblem;
    /// Serde has room for one error: they are told in one message.
    fn try_from(written: Written) -> Result<Self, PolicyProblem> {
        let messages: Vec<String> =
            check::refusals(&written).iter().map(ToString::to_string).collect();
        if messages.is_empty() {
            Ok(Self(written))
        } else {
            Err(PolicyProblem { line: None, message: messages.join("; ") })
        }
    }
}

impl From<Policy> for Written {
    fn from(policy: Policy) -> Self {
        policy.0
    }
}

impl Policy {
    /// Reads a policy file (TOML).
    ///
    /// # Errors
    /// Why it may not be published, with lines: the first slip of form, or else everything that
    /// the check refuses.
    pub fn parse(toml: &str) -> Result<Self, Vec<PolicyProblem>> {
        file::read(toml)
    }

    /// Reads a policy that was stored, through the same check.
    ///
    /// # Errors
    /// As [`Self::parse`], without lines.
    pub fn from_json(json: &str) -> Result<Self, Vec<PolicyProblem>> {
        let written = serde_json::from_str(json)
            .map_err(|error| vec![PolicyProblem { line: None, message: error.to_string() }])?;
        Self::checked(written)
    }

    fn checked(written: Written) -> Result<Self, Vec<PolicyProblem>> {
        let refusals = check::refusals(&written);
        if refusals.is_empty() {
            return Ok(Self(written));
        }
        let problem =
            |refusal: &check::Refusal| PolicyProblem { line: None, message: refusal.to_string() };
        Err(refusals.iter().map(problem).collect())
    }

    /// All of it, as it is stored.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it never does: nothing in it is not JSON")]
    pub fn to_json_value(&self) -> Value {
        serde_json::to_value(self).expect("a policy has text keys and no floats")
    }

    /// The same policy, beginning on another local date.
    ///
    /// # Errors
    /// If the date is refused.
    pub fn with_effective_date(mut self, date: NaiveDate) -> Result<Self, Vec<PolicyProblem>> {
        self.0.parameters.effective_from.value = date;
        Self::checked(self.0)
    }

    /// Which version of the ordinance it is.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.0.version
    }

    /// What it is called.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// Whose ordinance it is, as letters write it.
    #[must_use]
    pub fn city(&self) -> &str {
        &self.0.city
    }

    /// Every number and choice, with its source.
    #[must_use]
    pub const fn parameters(&self) -> &Parameters {
        &self.0.parameters
    }

    /// What it asks.
    #[must_use]
    pub fn questions(&self) -> Questions {
        self.0.parameters.questions()
    }

    /// The local date on which it begins.
    #[must_use]
    pub const fn effective_from(&self) -> NaiveDate {
        self.0.parameters.effective_from.value
    }

    /// The moment at which it begins: the local midnight of [`Self::effective_from`].
    #[must_use]
    pub fn effective_from_utc(&self) -> DateTime<Utc> {
        self.calendar().midnight(self.effective_from())
    }

    /// Its local dates and business days.
    #[must_use]
    pub fn calendar(&self) -> Calendar<'_> {
        let Parameters { timezone, holidays, .. } = &self.0.parameters;
        Calendar::new(timezone.value, &holidays.value)
    }

    /// A rule of it.
    #[must_use]
    pub fn rule(&self, code: RuleCode) -> &Rule {
        &self.0.rules[&code]
    }

    /// What a rule weighs at a subject; none where it does not apply.
    #[must_use]
    pub fn severity(&self, code: RuleCode, subject: SubjectKind) -> Option<Severity> {
        self.rule(code).severity(subject)
    }

    /// Business days after the due date within which a bid's defect can be mended; 0 for none.
    #[must_use]
    pub fn cure_days(&self, code: RuleCode) -> u32 {
        self.rule(code).cure_days.unwrap_or(0)
    }

    /// Where a rule comes from.
    #[must_use]
    pub fn citation(&self, code: RuleCode) -> &str {
        &self.rule(code).citation
    }

    /// What stands in every solicitation.
    #[must_use]
    pub const fn notice(&self) -> &PolicyText {
        &self.0.texts.notice
    }

    /// What stands in every contract.
    #[must_use]
    pub const fn clause(&self) -> &PolicyText {
        &self.0.texts.clause
    }

    /// What is signed with every disclosure.
    #[must_use]
    pub const fn attestation(&self) -> &PolicyText {
        &self.0.texts.attestation
    }
}
