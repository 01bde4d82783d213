//! The check that every policy must pass. A disclosure law is lawful only if it is no ban, so no
//! setting can make a truthful disclosure count against a firm (NRA v. City of Los Angeles, 441 F.
//! Supp. 3d 915 (C.D. Cal. 2019); United States v. King County (9th Cir. 2024)).
use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};

use super::{
    AttestationBlank, CURRENT_FORM, Holiday, HolidayRule, Parameters, PolicyText, Rule,
    UncheckedPolicy,
};
use crate::{EntityScope, ExemptionKind, Money, RuleCode, Severity, SubjectKind};

/// The phrase by which the signatory declares a search for agreements before signing.
const INQUIRY_PHRASE: &str = "After reasonable inquiry";

/// The years that a date may have.
const ALLOWED_YEARS: RangeInclusive<i32> = 1970..=2999;

/// The longest period in days: ten years.
const MAX_PERIOD_DAYS: u32 = 3660;

/// The most phrases that an attestation must contain.
const MAX_DECLARATION_PHRASES: usize = 10;

/// A reason why a policy may not be published.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Violation {
    /// The path of the value, from the root of the policy.
    pub path: Vec<String>,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<_> = self.path.iter().map(|step| shorten(step)).collect();
        if !steps.is_empty() {
            write!(f, "{}: ", steps.join("."))?;
        }
        f.write_str(&self.message)
    }
}

/// The highest severity that any policy may give a rule. Truthfully disclosed content is a `NOTE`.
/// Withheld parts, open clarification requests, parties that nobody has identified and matches before
/// the firm's response are at most a `REVIEW`. A false statement can block an award, after notice and time to respond, but never a
/// bid (Great West Contractors v. Irvine Unified School District, 187 Cal. App. 4th 1425 (2010)).
#[must_use]
pub const fn max_severity(code: RuleCode, subject: SubjectKind) -> Severity {
    match code {
        RuleCode::AgreementDisclosed
        | RuleCode::SharesCityData
        | RuleCode::SharesWithDhs
        | RuleCode::DisclosureCorrected
        | RuleCode::AwardOutOfScope
        | RuleCode::WaiverApplied
        | RuleCode::ExemptionApplied
        | RuleCode::ExemptionTermExceeded
        | RuleCode::PolicySuspended => Severity::Note,
        RuleCode::DisclosurePartlyWithheld
        | RuleCode::ClarificationOpen
        | RuleCode::PartyUnidentified
        | RuleCode::AwardProbablyUndisclosed
        | RuleCode::AwardResponseOpen
        | RuleCode::AwardUnderAppeal => Severity::Review,
        RuleCode::ClarificationOverdue | RuleCode::AwardConfirmedUndisclosed => match subject {
            SubjectKind::BidSubmission => Severity::Review,
            SubjectKind::ContractAward | SubjectKind::ContractRenewal => Severity::Block,
        },
        RuleCode::DisclosureMissing
        | RuleCode::DisclosureStale
        | RuleCode::DisclosureOutdatedTerms
        | RuleCode::DisclosureRejected
        | RuleCode::MemberMissingDisclosure
        | RuleCode::SubcontractorMissingDisclosure
        | RuleCode::ClauseMissing
        | RuleCode::ExemptionFollowUpOverdue => Severity::Block,
    }
}

/// Lists the severities above the highest that any policy may have.
pub(super) fn find_excessive_severities(unchecked: &UncheckedPolicy) -> Vec<Violation> {
    let mut check = Checker::default();
    unchecked.rules.iter().for_each(|(code, rule)| check.check_severities(*code, rule));
    check.violations
}

/// Lists every value that no policy may have; empty if there is none.
pub(super) fn find_violations(unchecked: &UncheckedPolicy) -> Vec<Violation> {
    let mut check = Checker::default();
    check.require_range(&["version"], unchecked.version, 1..=1_000_000);
    check.require_text(&["title"], &unchecked.title);
    check.require_text(&["city"], &unchecked.city);
    check.check_parameters(&unchecked.parameters);
    check.require_sources(&unchecked.parameters);
    if let Some(form) = unchecked.form {
        check.require_range(&["form"], form, 1..=CURRENT_FORM);
    }
    unchecked.rules.iter().for_each(|(code, rule)| check.check_rule(*code, rule));
    check.check_texts(unchecked);
    check.violations
}

#[derive(Default)]
struct Checker {
    violations: Vec<Violation>,
}

impl Checker {
    fn report(&mut self, path: &[&str], message: impl Into<String>) {
        let path = path.iter().map(|step| (*step).to_owned()).collect();
        self.violations.push(Violation { path, message: message.into() });
    }

    fn require_text(&mut self, path: &[&str], text: &str) {
        if text.trim().is_empty() {
            self.report(path, "must not be empty");
        }
    }

    fn require_range(&mut self, path: &[&str], number: u32, range: RangeInclusive<u32>) {
        if !range.contains(&number) {
            let (min, max) = (range.start(), range.end());
            self.report(path, format!("{number} is not from {min} to {max}"));
        }
    }

    fn require_parameter_range(&mut self, name: &str, number: u32, range: RangeInclusive<u32>) {
        self.require_range(&["parameters", name, "value"], number, range);
    }

    fn require_not_negative(&mut self, path: &[&str], amount: &Money) {
        if amount.cents < 0 {
            self.report(path, format!("{amount} is below zero"));
        }
    }

    fn require_allowed_year(&mut self, name: &str, date: NaiveDate) {
        if !ALLOWED_YEARS.contains(&date.year()) {
            let (min, max) = (ALLOWED_YEARS.start(), ALLOWED_YEARS.end());
            let message = format!("the year {} is not from {min} to {max}", date.year());
            self.report(&["parameters", name, "value"], message);
        }
    }

    fn check_parameters(&mut self, it: &Parameters) {
        self.require_allowed_year("effectiveFrom", it.effective_from.value);
        it.reach_back_from.value.inspect(|date| self.require_allowed_year("reachBackFrom", *date));
        self.check_holidays(&it.holidays.value);
        if !it.entity_scope.value.contains(&EntityScope::Own) {
            self.report(&["parameters", "entityScope", "value"], "SELF is missing");
        }
        self.require_parameter_range("lookBackMonths", it.look_back_months.value, 0..=1200);
        self.require_parameter_range("freshnessDays", it.freshness_days.value, 1..=MAX_PERIOD_DAYS);
        self.require_parameter_range(
            "transitionDays",
            it.transition_days.value,
            0..=MAX_PERIOD_DAYS,
        );
        self.require_parameter_range(
            "updateDutyDays",
            it.update_duty_days.value,
            0..=MAX_PERIOD_DAYS,
        );
        self.require_parameter_range("responseDays", it.response_days.value, 1..=366);
        self.require_parameter_range("appealDays", it.appeal_days.value, 1..=366);
        if let Some(body) = &it.appeal_body {
            self.require_text(&["parameters", "appealBody", "value"], &body.value);
        }
        if let Some(days) = &it.clarification_days {
            self.require_parameter_range("clarificationDays", days.value, 1..=60);
        }
        if let Some(second_person) = &it.second_person {
            let path = ["parameters", "secondPerson", "value", "confirmationDays"];
            self.require_range(&path, second_person.value.confirmation_days, 1..=60);
        }
        if let Some(days) = &it.reinstatement_cure_days {
            self.require_parameter_range("reinstatementCureDays", days.value, 0..=366);
        }
        self.require_parameter_range("clauseVersion", it.clause_version.value, 1..=1_000_000);
        let threshold_path = ["parameters", "subcontractorThreshold", "value"];
        let [parameters, name, value] = threshold_path;
        let threshold = &it.subcontractor_threshold.value;
        self.require_not_negative(&[parameters, name, value, "amount"], &threshold.amount);
        let points_path = [parameters, name, value, "publicWorksBasisPoints"];
        self.require_range(&points_path, threshold.public_works_basis_points, 1..=10_000);
        self.require_not_negative(
            &["parameters", "minimumValue", "value"],
            &it.minimum_value.value,
        );
        self.check_substitution(it);
        self.check_exemptions(it);
        let max_days_path = ["parameters", "waivers", "value", "maximumDays"];
        self.require_range(&max_days_path, it.waivers.value.maximum_days, 1..=MAX_PERIOD_DAYS);
    }

    fn check_holidays(&mut self, holidays: &[Holiday]) {
        const MAX_HOLIDAYS: usize = 60;
        let list_path = ["parameters", "holidays", "value"];
        if holidays.len() > MAX_HOLIDAYS {
            self.report(&list_path, format!("there are more than {MAX_HOLIDAYS} holidays"));
            return;
        }
        for (index, Holiday { name, falls }) in holidays.iter().enumerate() {
            let index_in_path = index.to_string();
            let path = [list_path[0], list_path[1], list_path[2], &index_in_path];
            let earlier = &holidays[..index];
            let is_listed_before = |name: &String| earlier.iter().any(|other| other.name == *name);
            self.require_text(&path, name);
            if is_listed_before(name) {
                self.report(&path, format!("\"{}\" is listed twice", shorten(name)));
            }
            let is_valid = match falls {
                // Checked in a leap year, so that February 29 is allowed.
                HolidayRule::FixedDate { month, day } => {
                    NaiveDate::from_ymd_opt(2000, *month, *day).is_some()
                }
                HolidayRule::NthWeekday { nth, month, .. } => {
                    (1..=4).contains(nth) && (1..=12).contains(month)
                }
                HolidayRule::LastWeekday { month, .. } => (1..=12).contains(month),
                HolidayRule::DaysAfter { holiday, days } => {
                    (1..=31).contains(days) && is_listed_before(holiday)
                }
            };
            if !is_valid {
                self.report(
                    &path,
                    format!(
                        "the rule of \"{}\" gives no date; fix month, day or reference",
                        shorten(name)
                    ),
                );
            }
        }
    }

    fn check_substitution(&mut self, it: &Parameters) {
        let list_path = ["parameters", "substitution", "value"];
        let mut listed = BTreeSet::new();
        for (index, rule) in it.substitution.iter().flat_map(|it| &it.value).enumerate() {
            let index = index.to_string();
            let path = [list_path[0], list_path[1], list_path[2], &index];
            if !listed.insert(rule.contracts) {
                self.report(&path, format!("{} is listed twice", rule.contracts.as_str()));
            }
            if rule.grounds.is_empty() {
                let message = "there is no ground; list one, or leave the kind of contract out";
                self.report(&path, message);
            }
            self.require_text(&path, &rule.citation);
        }
    }

    fn check_exemptions(&mut self, it: &Parameters) {
        let list_path = ["parameters", "exemptions", "value"];
        let mut listed = BTreeSet::new();
        for (index, exemption) in it.exemptions.value.iter().enumerate() {
            let index = index.to_string();
            let path = [list_path[0], list_path[1], list_path[2], &index];
            if !listed.insert(exemption.kind) {
                self.report(&path, format!("{} is listed twice", exemption.kind.as_str()));
            }
            if let Some(authority) = &exemption.authority {
                self.require_text(&path, authority);
            }
            for days in [exemption.follow_up_days, exemption.term_days].into_iter().flatten() {
                self.require_range(&path, days, 1..=MAX_PERIOD_DAYS);
            }
            match (exemption.follow_up_days, exemption.term_days) {
                (Some(_), None) => self.report(
                    &path,
                    "termDays is missing: the days after the follow-up day until which an award or a \
                    contract action under the exemption may last",
                ),
                (None, Some(_)) => {
                    self.report(&path, "termDays applies only with followUpDays; remove it");
                }
                _ => {}
            }
        }
        for kind in ExemptionKind::ALL.iter().filter(|kind| !listed.contains(kind)) {
            let message =
                format!("{} is missing; list every kind, available or not", kind.as_str());
            self.report(&list_path, message);
        }
    }

    fn require_sources(&mut self, parameters: &Parameters) {
        let json = serde_json::to_value(parameters).unwrap_or_default();
        for (name, parameter) in json.as_object().into_iter().flatten() {
            let source = parameter["source"].as_str().unwrap_or_default();
            self.require_text(&["parameters", name, "source"], source);
        }
    }

    fn check_severities(&mut self, code: RuleCode, rule: &Rule) {
        let path = ["rules", code.as_str()];
        for (key, subject) in [
            ("bid", SubjectKind::BidSubmission),
            ("award", SubjectKind::ContractAward),
            ("renewal", SubjectKind::ContractRenewal),
        ] {
            let max = max_severity(code, subject);
            if rule.severity(subject).is_some_and(|severity| severity > max) {
                let message = format!(
                    "the highest severity allowed is {}: a higher one would turn disclosure into a \
                    ban, or block a firm before notice and response",
                    max.as_str()
                );
                self.report(&[path[0], path[1], key], message);
            }
        }
    }

    fn check_rule(&mut self, code: RuleCode, rule: &Rule) {
        self.check_severities(code, rule);
        let path = ["rules", code.as_str()];
        match (rule.bid, rule.cure_days) {
            (Some(Severity::Block), None) => {
                self.report(&path, "cureDays is missing; write 0 if the defect cannot be cured");
            }
            (Some(Severity::Block), Some(days)) => {
                self.require_range(&[path[0], path[1], "cureDays"], days, 0..=366);
            }
            (_, Some(_)) => {
                let message = "applies only where bid is BLOCK; remove it";
                self.report(&[path[0], path[1], "cureDays"], message);
            }
            (_, None) => {}
        }
        self.require_text(&[path[0], path[1], "citation"], &rule.citation);
        if let Some(citation) = &rule.public_works_citation {
            self.require_text(&[path[0], path[1], "publicWorksCitation"], citation);
        }
    }

    fn check_texts(&mut self, unchecked: &UncheckedPolicy) {
        let texts = &unchecked.texts;
        for (name, text) in [
            ("notice", &texts.notice),
            ("clause", &texts.clause),
            ("attestation", &texts.attestation),
        ] {
            self.check_text(name, text);
        }
        self.check_declaration_words(unchecked);
        if texts.attestation.has_unknown_blank() {
            let known = AttestationBlank::ALL.map(AttestationBlank::placeholder).join(", ");
            let message = format!("the only blanks are {known}; write no other opening bracket");
            self.report(&["texts", "attestation", "text"], message);
        }
        let (required, actual) = (unchecked.parameters.clause_version.value, texts.clause.version);
        if required != actual {
            let message =
                format!("version {required} is required, but the text is version {actual}");
            self.report(&["parameters", "clauseVersion", "value"], message);
        }
    }

    /// Requires the words that make the attestation a declaration: those of the policy, without which it
    /// may be void, and a search for agreements before it is signed. A stored policy without words of its
    /// own was checked by the build that published it.
    fn check_declaration_words(&mut self, unchecked: &UncheckedPolicy) {
        let path = ["parameters", "declarationWords", "value"];
        let phrases = unchecked.parameters.declaration_words();
        if phrases.is_some_and(<[String]>::is_empty) {
            let message = "list at least one phrase that the declaration must contain";
            self.report(&path, message);
        }
        let phrases = phrases.unwrap_or_default();
        if phrases.len() > MAX_DECLARATION_PHRASES {
            let message = format!("there are more than {MAX_DECLARATION_PHRASES} phrases");
            self.report(&path, message);
            return;
        }
        for (index, phrase) in phrases.iter().enumerate() {
            self.require_text(&[path[0], path[1], path[2], &index.to_string()], phrase);
        }
        let signed = normalize_spaces(&unchecked.texts.attestation.text);
        for phrase in phrases.iter().map(String::as_str).chain([INQUIRY_PHRASE]) {
            if !signed.contains(&normalize_spaces(phrase)) {
                let message = format!("the attestation must contain \"{}\"", shorten(phrase));
                self.report(&["texts", "attestation", "text"], message);
            }
        }
    }

    fn check_text(&mut self, name: &str, text: &PolicyText) {
        self.require_range(&["texts", name, "version"], text.version, 1..=1_000_000);
        self.require_text(&["texts", name, "text"], &text.text);
        text.draft.iter().for_each(|draft| self.require_text(&["texts", name, "draft"], draft));
    }
}

/// The text in lower case with single blanks, so that line breaks make no difference.
fn normalize_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A text of a policy file as messages quote it: at most 120 characters.
pub(super) fn shorten(text: &str) -> String {
    const MAX_QUOTED_CHARS: usize = 120;
    match text.char_indices().nth(MAX_QUOTED_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
