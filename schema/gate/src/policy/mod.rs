//! The ordinance as versioned data: questions, deadlines and the severity of each rule. A
//! [`Policy`] value has passed the check, so it can never turn the disclosure law into a ban.
mod check;
mod decode;
mod file;
mod holidays;
mod parameters;
mod rule;
mod stored;
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
    ExemptionPolicy, Parameter, Parameters, Questions, SecondPersonPolicy, SubcontractorThreshold,
    SubstitutionRule, WaiverPolicy,
};
pub use rule::Rule;
pub use texts::{AttestationBlank, PolicyText, Texts};

use super::{Calendar, RuleCode, Severity, SubjectKind};

/// The shape of policies that this build publishes. A policy without a number has the shape before it,
/// in which parameters and rules may be missing.
pub const CURRENT_FORM: u32 = 1;

/// A version of the ordinance. No constructor accepts a severity above [`max_severity`]; all but
/// [`Policy::from_stored`] run the whole check of values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "UncheckedPolicy")]
pub struct Policy(UncheckedPolicy);

/// A parsed policy that is not checked yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedPolicy {
    /// The shape of this policy; none in policies of builds before the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    form: Option<u32>,
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
    /// The line of the file, from 1; for a missing name, the line of its table. None for values in JSON.
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

impl From<Policy> for UncheckedPolicy {
    fn from(policy: Policy) -> Self {
        policy.0
    }
}

impl Policy {
    /// Parses and checks a policy file (TOML) for publication: complete, and with allowed values.
    ///
    /// # Errors
    /// The first syntax error, or else every malformed part, or else every violation that the check
    /// finds, each with its line and at most 100. No message has the words of a parser.
    pub fn parse(toml: &str) -> Result<Self, Vec<PolicyProblem>> {
        file::parse(toml)
    }

    /// Reads a policy file (TOML) of any build as [`Self::from_stored`] does, to compare it with what is
    /// stored.
    ///
    /// # Errors
    /// As [`Self::from_stored`].
    pub fn parse_as_stored(toml: &str) -> Result<Self, Vec<PolicyProblem>> {
        stored::from_file(toml)
    }

    /// Parses a changed policy (JSON) and checks its values. Rules and parameters that its build did not
    /// have may be missing.
    ///
    /// # Errors
    /// As [`Self::parse`], without lines.
    pub fn from_json(json: &str) -> Result<Self, Vec<PolicyProblem>> {
        let tree = stored::parse_json(json)?;
        let unchecked = decode::decode(&tree).map_err(|found| stored::problems_of(&found))?;
        Self::validate(unchecked)
    }

    /// Reads a stored policy (JSON) of this build or an older one. A rule that it lacks does not apply,
    /// and a parameter that it lacks has the behavior of its build. Parameters and rules that this build
    /// does not know are left out. Of the check, only the limit on severities applies.
    ///
    /// # Errors
    /// A severity above the limit, a form of a newer build, or a value that cannot be read.
    pub fn from_stored(json: &str) -> Result<Self, Vec<PolicyProblem>> {
        stored::from_json(json)
    }

    fn validate(unchecked: UncheckedPolicy) -> Result<Self, Vec<PolicyProblem>> {
        let violations = check::find_violations(&unchecked);
        if violations.is_empty() {
            return Ok(Self(unchecked));
        }
        Err(stored::problems_of(&violations))
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

    /// Returns the policy with or without a second person for its publication and suspension.
    #[must_use]
    pub fn with_second_person_required(mut self, is_required: bool) -> Self {
        if let Some(second_person) = &mut self.0.parameters.second_person {
            second_person.value.required = is_required;
        }
        self
    }

    /// Whether two policies say the same, whatever build wrote them.
    #[must_use]
    pub fn has_same_content(&self, other: &Self) -> bool {
        let content = |policy: &Self| UncheckedPolicy { form: None, ..policy.0.clone() };
        content(self) == content(other)
    }

    /// The mark of a draft: of the first text that has one; none once every text is adopted.
    #[must_use]
    pub fn draft(&self) -> Option<&str> {
        [self.notice(), self.clause(), self.attestation()]
            .into_iter()
            .find_map(|it| it.draft.as_deref())
    }

    /// The version's number as texts show it: `1` or `1 (draft)`.
    #[must_use]
    pub fn version_label(&self) -> String {
        let mark = if self.draft().is_some() { " (draft)" } else { "" };
        format!("{}{mark}", self.version())
    }

    /// The version as texts name it: `version 1` or `version 1 (draft)`.
    #[must_use]
    pub fn version_name(&self) -> String {
        format!("version {}", self.version_label())
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

    /// The settings of a rule; none if the policy's build did not have it, so that it does not apply.
    #[must_use]
    pub fn rule(&self, code: RuleCode) -> Option<&Rule> {
        self.0.rules.get(&code)
    }

    /// A rule's severity for a kind of subject; none where the policy does not apply the rule.
    #[must_use]
    pub fn severity(&self, code: RuleCode, subject: SubjectKind) -> Option<Severity> {
        self.rule(code)?.severity(subject)
    }

    /// Business days after the due date in which a bid's defect can be cured; 0 for none.
    #[must_use]
    pub fn cure_days(&self, code: RuleCode) -> u32 {
        self.rule(code).and_then(|rule| rule.cure_days).unwrap_or(0)
    }

    /// The citation of a rule's source for a kind of contract; empty for a rule that the policy lacks.
    #[must_use]
    pub fn citation(&self, code: RuleCode, is_public_works: bool) -> &str {
        let Some(Rule { citation, public_works_citation, .. }) = self.rule(code) else { return "" };
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
