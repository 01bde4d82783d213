//! What may not be published. A disclosure law stands only while it stays one: no setting makes
//! what a firm truthfully discloses count against it (NRA v. City of Los Angeles, 441 F. Supp. 3d
//! 915 (C.D. Cal. 2019); United States v. King County (9th Cir. 2024)).
use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};

use super::{AttestationBlank, HolidayRule, Holiday, Parameters, PolicyText, Rule, Written};
use crate::gate::{EntityScope, ExemptionKind, Money, RuleCode, Severity, SubjectKind};

/// Signed in another state, a declaration without these words is void: California Code of Civil
/// Procedure section 2015.5.
const UNDER_PENALTY: &str = "under penalty of perjury under the laws of the State of California";

/// What the signatory did before signing; a declaration of what a firm has is worth no more than
/// the search behind it.
const INQUIRY: &str = "After reasonable inquiry";

/// Years that dates are believed in.
const YEARS: RangeInclusive<i32> = 1970..=2999;

/// The most days of any span: ten years.
const DAYS: u32 = 3660;

/// Something that may not stand where it stands.
pub(super) struct Refusal {
    /// Where, from the outside inwards.
    pub path: Vec<String>,
    /// Why, and what may stand there.
    pub why: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.join("."), self.why)
    }
}

/// The most that a rule may weigh, whatever the policy. What is truthfully disclosed is a note;
/// what is withheld with its ground is at most looked at; a question that is not due, and a match
/// that the firm has not been heard on, are looked at; and a bid is never refused for falsity,
/// only its award, after notice and an answer (Great West Contractors v. Irvine Unified School
/// District, 187 Cal. App. 4th 1425 (2010)).
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
        | RuleCode::PolicySuspended => Severity::Note,
        RuleCode::DisclosurePartlyWithheld
        | RuleCode::ClarificationOpen
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

/// All that keeps a policy from being published; nothing if it may be.
pub(super) fn refusals(written: &Written) -> Vec<Refusal> {
    let mut check = Check::default();
    check.between(&["version"], written.version, 1..=1_000_000);
    check.said(&["title"], &written.title);
    check.said(&["city"], &written.city);
    check.parameters(&written.parameters);
    check.sources(&written.parameters);
    for code in RuleCode::ALL {
        match written.rules.get(code) {
            Some(rule) => check.rule(*code, rule),
            None => check.refuse(&["rules"], format!("the rule \"{code}\" is missing")),
        }
    }
    check.texts(written);
    check.refusals
}

#[derive(Default)]
struct Check {
    refusals: Vec<Refusal>,
}

impl Check {
    fn refuse(&mut self, path: &[&str], why: impl Into<String>) {
        let path = path.iter().map(|step| (*step).to_owned()).collect();
        self.refusals.push(Refusal { path, why: why.into() });
    }

    fn said(&mut self, path: &[&str], text: &str) {
        if text.trim().is_empty() {
            self.refuse(path, "may not be empty");
        }
    }

    fn between(&mut self, path: &[&str], number: u32, range: RangeInclusive<u32>) {
        if !range.contains(&number) {
            let (least, most) = (range.start(), range.end());
            self.refuse(path, format!("{number} is not from {least} to {most}"));
        }
    }

    fn parameter(&mut self, name: &str, number: u32, range: RangeInclusive<u32>) {
        self.between(&["parameters", name, "value"], number, range);
    }

    fn not_negative(&mut self, path: &[&str], amount: &Money) {
        if amount.cents < 0 {
            self.refuse(path, format!("{amount} is below zero"));
        }
    }

    fn date(&mut self, name: &str, date: NaiveDate) {
        if !YEARS.contains(&date.year()) {
            let (least, most) = (YEARS.start(), YEARS.end());
            let why = format!("the year {} is not from {least} to {most}", date.year());
            self.refuse(&["parameters", name, "value"], why);
        }
    }

    fn parameters(&mut self, it: &Parameters) {
        self.date("effectiveFrom", it.effective_from.value);
        it.reach_back_from.value.inspect(|date| self.date("reachBackFrom", *date));
        self.holidays(&it.holidays.value);
        if !it.entity_scope.value.contains(&EntityScope::Own) {
            self.refuse(&["parameters", "entityScope", "value"], "SELF is missing");
        }
        self.parameter("lookBackMonths", it.look_back_months.value, 0..=1200);
        self.parameter("freshnessDays", it.freshness_days.value, 1..=DAYS);
        self.parameter("transitionDays", it.transition_days.value, 0..=DAYS);
        self.parameter("updateDutyDays", it.update_duty_days.value, 0..=DAYS);
        self.parameter("responseDays", it.response_days.value, 1..=366);
        self.parameter("appealDays", it.appeal_days.value, 1..=366);
        self.parameter("objectionDays", it.objection_days.value, 0..=DAYS);
        self.parameter("clauseVersion", it.clause_version.value, 1..=1_000_000);
        self.parameter("retentionYears", it.retention_years.value, 1..=100);
        let threshold = ["parameters", "subcontractorThreshold", "value"];
        let [parameters, name, value] = threshold;
        let it_is = &it.subcontractor_threshold.value;
        self.not_negative(&[parameters, name, value, "amount"], &it_is.amount);
        let points = [parameters, name, value, "publicWorksBasisPoints"];
        self.between(&points, it_is.public_works_basis_points, 1..=10_000);
        self.not_negative(&["parameters", "minimumValue", "value"], &it.minimum_value.value);
        self.exemptions(it);
        let most = ["parameters", "waivers", "value", "maximumDays"];
        self.between(&most, it.waivers.value.maximum_days, 1..=DAYS);
    }

    fn holidays(&mut self, holidays: &[Holiday]) {
        const MOST: usize = 60;
        let all = ["parameters", "holidays", "value"];
        if holidays.len() > MOST {
            self.refuse(&all, format!("more than {MOST} holidays leave no business days"));
        }
        for (index, Holiday { name, falls }) in holidays.iter().enumerate() {
            let index_in_path = index.to_string();
            let path = [all[0], all[1], all[2], &index_in_path];
            let before = &holidays[..index];
            let stands_before = |name: &String| before.iter().any(|other| other.name == *name);
            self.said(&path, name);
            if stands_before(name) {
                self.refuse(&path, format!("\"{name}\" stands there twice"));
            }
            let is_a_day = match falls {
                // Of a leap year, so that 29 February may be one.
                HolidayRule::FixedDate { month, day } => {
                    NaiveDate::from_ymd_opt(2000, *month, *day).is_some()
                }
                HolidayRule::NthWeekday { nth, month, .. } => {
                    (1..=4).contains(nth) && (1..=12).contains(month)
                }
                HolidayRule::LastWeekday { month, .. } => (1..=12).contains(month),
                HolidayRule::DaysAfter { holiday, days } => {
                    (1..=31).contains(days) && stands_before(holiday)
                }
            };
            if !is_a_day {
                self.refuse(&path, format!("\"{name}\" falls on no day; mend its rule"));
            }
        }
    }

    fn exemptions(&mut self, it: &Parameters) {
        let all = ["parameters", "exemptions", "value"];
        let mut told = BTreeSet::new();
        for (index, exemption) in it.exemptions.value.iter().enumerate() {
            let index = index.to_string();
            let path = [all[0], all[1], all[2], &index];
            if !told.insert(exemption.kind) {
                self.refuse(&path, format!("{} stands there twice", exemption.kind.word()));
            }
            self.said(&path, &exemption.authority);
            if let Some(days) = exemption.follow_up_days {
                self.between(&path, days, 1..=DAYS);
            }
        }
        for kind in ExemptionKind::ALL.iter().filter(|kind| !told.contains(kind)) {
            let why = format!("{} is missing; list it, on or off", kind.word());
            self.refuse(&all, why);
        }
    }

    fn sources(&mut self, parameters: &Parameters) {
        let json = serde_json::to_value(parameters).unwrap_or_default();
        for (name, parameter) in json.as_object().into_iter().flatten() {
            let source = parameter["source"].as_str().unwrap_or_default();
            self.said(&["parameters", name, "source"], source);
        }
    }

    fn rule(&mut self, code: RuleCode, rule: &Rule) {
        let path = ["rules", code.as_str()];
        for (key, subject) in [
            ("bid", SubjectKind::BidSubmission),
            ("award", SubjectKind::ContractAward),
            ("renewal", SubjectKind::ContractRenewal),
        ] {
            let most = max_severity(code, subject);
            if rule.severity(subject).is_some_and(|severity| severity > most) {
                let why = format!(
                    "no policy may set this above {}: it would make a ban of a disclosure law, or \
                    refuse a firm unheard",
                    most.word()
                );
                self.refuse(&[path[0], path[1], key], why);
            }
        }
        match (rule.bid, rule.cure_days) {
            (Some(Severity::Block), None) => {
                self.refuse(&path, "cureDays is missing: 0 if it cannot be mended");
            }
            (Some(Severity::Block), Some(days)) => {
                self.between(&[path[0], path[1], "cureDays"], days, 0..=366);
            }
            (_, Some(_)) => {
                let why = "has no meaning where bid is not BLOCK; take it out";
                self.refuse(&[path[0], path[1], "cureDays"], why);
            }
            (_, None) => {}
        }
        self.said(&[path[0], path[1], "citation"], &rule.citation);
    }

    fn texts(&mut self, written: &Written) {
        let texts = &written.texts;
        for (name, text) in [
            ("notice", &texts.notice),
            ("clause", &texts.clause),
            ("attestation", &texts.attestation),
        ] {
            self.text(name, text);
        }
        let signed = one_line(&texts.attestation.text);
        for phrase in [UNDER_PENALTY, INQUIRY] {
            if !signed.contains(&one_line(phrase)) {
                let why = format!("an attestation without \"{phrase}\" is none");
                self.refuse(&["texts", "attestation", "text"], why);
            }
        }
        if texts.attestation.has_unknown_blank() {
            let known = AttestationBlank::ALL.map(AttestationBlank::placeholder).join(", ");
            let why =
                format!("nothing fills a bracket except {known}; write the others without it");
            self.refuse(&["texts", "attestation", "text"], why);
        }
        let (required, there) = (written.parameters.clause_version.value, texts.clause.version);
        if required != there {
            let why = format!("version {required} is required, and the text is version {there}");
            self.refuse(&["parameters", "clauseVersion", "value"], why);
        }
    }

    fn text(&mut self, name: &str, text: &PolicyText) {
        self.between(&["texts", name, "version"], text.version, 1..=1_000_000);
        self.said(&["texts", name, "text"], &text.text);
        text.draft.iter().for_each(|draft| self.said(&["texts", name, "draft"], draft));
    }
}

/// Lower case, however the lines are broken.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
