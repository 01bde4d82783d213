//! The ordinance as versioned data: questions, deadlines and the severity of each rule. A
//! [`Policy`] value has passed the check, so it can never turn the disclosure law into a ban.
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
pub(super) use holidays::holidays_of_year;
pub use holidays::{Holiday, HolidayRule};
pub use parameters::{
    ExemptionPolicy, Parameter, Parameters, Questions, SubcontractorThreshold, SubstitutionRule,
    WaiverPolicy,
};
pub use rule::Rule;
pub use texts::{AttestationBlank, PolicyText, Texts};

use super::{Calendar, RuleCode, Severity, SubjectKind};

/// A version of the ordinance that may be published. Every constructor, deserialization included,
/// runs the same check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedPolicy", into = "UncheckedPolicy")]
pub struct Policy(UncheckedPolicy);

/// A parsed policy that is not checked yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedPolicy {
    version: u32,
    title: String,
    city: String,
    parameters: Parameters,
    rules: BTreeMap<RuleCode, Rule>,
    texts: Texts,
}

/// The reason why a text is not a publishable policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyProblem {
    /// The line of the file, from 1; for a missing key, the line of its table. None for JSON.
    pub line: Option<usize>,
    /// What is wrong, where, and what is allowed.
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

impl TryFrom<UncheckedPolicy> for Policy {
    type Error = PolicyProblem;
    /// Serde allows one error, so all problems are joined into one message.
    fn try_from(unchecked: UncheckedPolicy) -> Result<Self, PolicyProblem> {
        let messages: Vec<String> =
            check::find_violations(&unchecked).iter().map(ToString::to_string).collect();
        if messages.is_empty() {
            Ok(Self(unchecked))
        } else {
            Err(PolicyProblem { line: None, message: messages.join("; ") })
        }
    }
}

impl From<Policy> for UncheckedPolicy {
    fn from(policy: Policy) -> Self {
        policy.0
    }
}

impl Policy {
    /// Parses and checks a policy file (TOML).
    ///
    /// # Errors
    /// The first syntax error, or else every violation that the check finds, each with its line.
    pub fn parse(toml: &str) -> Result<Self, Vec<PolicyProblem>> {
        file::parse(toml)
    }

    /// Parses and checks a stored policy (JSON).
    ///
    /// # Errors
    /// As [`Self::parse`], without lines.
    pub fn from_json(json: &str) -> Result<Self, Vec<PolicyProblem>> {
        let unchecked = serde_json::from_str(json)
            .map_err(|error| vec![PolicyProblem { line: None, message: error.to_string() }])?;
        Self::validate(unchecked)
    }

    fn validate(unchecked: UncheckedPolicy) -> Result<Self, Vec<PolicyProblem>> {
        let violations = check::find_violations(&unchecked);
        if violations.is_empty() {
            return Ok(Self(unchecked));
        }
        let problem = |it: &check::Violation| PolicyProblem { line: None, message: it.to_string() };
        Err(violations.iter().map(problem).collect())
    }

    /// The whole policy as the JSON that is stored.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it never does: nothing in it is not JSON")]
    pub fn to_json_value(&self) -> Value {
        serde_json::to_value(self).expect("a policy has text keys and no floats")
    }

    /// Returns the policy with another effective date (local).
    ///
    /// # Errors
    /// The year is out of range.
    pub fn with_effective_date(mut self, date: NaiveDate) -> Result<Self, Vec<PolicyProblem>> {
        self.0.parameters.effective_from.value = date;
        Self::validate(self.0)
    }

    /// The version number, from 1.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.0.version
    }

    /// The title of the ordinance.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// The City's name, as letters print it.
    #[must_use]
    pub fn city(&self) -> &str {
        &self.0.city
    }

    /// Every parameter with its source.
    #[must_use]
    pub const fn parameters(&self) -> &Parameters {
        &self.0.parameters
    }

    /// What the policy asks a disclosure to list.
    #[must_use]
    pub fn questions(&self) -> Questions {
        self.0.parameters.questions()
    }

    /// The local date on which the policy takes effect.
    #[must_use]
    pub const fn effective_from(&self) -> NaiveDate {
        self.0.parameters.effective_from.value
    }

    /// The time at which the policy takes effect: the local midnight of [`Self::effective_from`].
    #[must_use]
    pub fn effective_from_utc(&self) -> DateTime<Utc> {
        self.calendar().midnight(self.effective_from())
    }

    /// The calendar of the policy's time zone and holidays.
    #[must_use]
    pub fn calendar(&self) -> Calendar<'_> {
        let Parameters { timezone, holidays, .. } = &self.0.parameters;
        Calendar::new(timezone.value, &holidays.value)
    }

    /// The settings of a rule.
    #[must_use]
    pub fn rule(&self, code: RuleCode) -> &Rule {
        &self.0.rules[&code]
    }

    /// A rule's severity for a kind of subject; none where the policy does not apply the rule.
    #[must_use]
    pub fn severity(&self, code: RuleCode, subject: SubjectKind) -> Option<Severity> {
        self.rule(code).severity(subject)
    }

    /// Business days after the due date in which a bid's defect can be cured; 0 for none.
    #[must_use]
    pub fn cure_days(&self, code: RuleCode) -> u32 {
        self.rule(code).cure_days.unwrap_or(0)
    }

    /// The citation of a rule's source for a kind of contract.
    #[must_use]
    pub fn citation(&self, code: RuleCode, is_public_works: bool) -> &str {
        let Rule { citation, public_works_citation, .. } = self.rule(code);
        public_works_citation.as_ref().filter(|_| is_public_works).unwrap_or(citation)
    }

    /// The notice that every solicitation contains.
    #[must_use]
    pub const fn notice(&self) -> &PolicyText {
        &self.0.texts.notice
    }

    /// The clause that every contract contains.
    #[must_use]
    pub const fn clause(&self) -> &PolicyText {
        &self.0.texts.clause
    }

    /// The attestation that a signatory signs with every disclosure.
    #[must_use]
    pub const fn attestation(&self) -> &PolicyText {
        &self.0.texts.attestation
    }
}
