//! What a filter must be like. Pure.
use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::model::{
    AgreementFilter, ArrangementFilter, BidFilter, CompensationFilter, ComponentsFilter,
    ContractFilter, ParameterChange, PolicyChange,
};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::{Policy, RuleCode, Severity};
use crate::money::{self, Money};
use crate::scalar::Date;
use crate::search;
use crate::text::{MAX_LINE_CHARS, validate_date, validate_required};

/// The most words of one list of a filter.
const MOST: usize = 50;

/// A filter of bids that says something that can be so, in the forms that are asked with.
#[derive(Clone, Debug)]
pub struct ValidBidFilter {
    pub filter: BidFilter,
    pub findings: Vec<RuleCode>,
    pub disclosing: DisclosureCriteria,
}

/// A filter of contracts that says something that can be so.
#[derive(Clone, Debug)]
pub struct ValidContractFilter {
    pub filter: ContractFilter,
    pub noncompliance_codes: Vec<RuleCode>,
    pub ends_from: Option<NaiveDate>,
    pub ends_until: Option<NaiveDate>,
    pub noncompliant_by: Option<NaiveDate>,
    pub disclosing: DisclosureCriteria,
}

/// What is asked of a disclosure, and of the names of who filed it.
#[derive(Clone, Debug, Default)]
pub struct DisclosureCriteria {
    pub components: Option<ComponentsFilter>,
    pub agreement: Option<AgreementFilter>,
    pub compensation: Option<CompensationRange>,
    pub withheld: Option<bool>,
    pub paper: Option<bool>,
    pub arrangement: Option<ArrangementFilter>,
    /// The words that are searched for; none if no text was given.
    pub words: Option<BTreeSet<String>>,
}

/// What disclosed agreements come to together.
#[derive(Clone, Debug)]
pub struct CompensationRange {
    pub at_least: Option<Money>,
    pub at_most: Option<Money>,
    pub unknown: Option<bool>,
}

/// Reads a filter of bids.
///
/// # Errors
/// `Invalid` with everything that is unknown, cannot be read, or contradicts itself.
pub fn validate_bid_filter(mut filter: BidFilter) -> Result<ValidBidFilter> {
    let (path, mut problems) = (FieldPath::argument("filter"), InputErrors::default());
    let findings = codes(&filter.findings, &path.at("findings"), &mut problems);
    let asked = Asked {
        components: filter.components.take(),
        agreement: filter.agreement.take(),
        compensation: filter.compensation.take(),
        withheld: filter.withheld,
        paper: filter.paper,
        arrangement: filter.arrangement.take(),
        text: filter.text.take(),
    };
    let disclosing = disclosing(asked, &path, &mut problems);
    let submitted = filter.submitted_from.zip(filter.submitted_before);
    if submitted.is_some_and(|(from, before)| from >= before) {
        let told = "It is not after submittedFrom: nothing was submitted then.";
        problems.add(&path.at("submittedBefore"), "contradiction", told);
    }
    for (name, at) in
        [("submittedFrom", filter.submitted_from), ("submittedBefore", filter.submitted_before)]
    {
        if at.is_some_and(|at| !(1..=9_999).contains(&at.year())) {
            problems.add(&path.at(name), "invalid", "Give a time of the years 1 to 9999.");
        }
    }
    validate_reviewer(filter.reviewer.as_deref(), &path.at("reviewer"), &mut problems);
    if filter.reviewer.is_some() && filter.taken == Some(false) {
        let told = "What a reviewer is on is taken; leave one of the two out.";
        problems.add(&path.at("taken"), "contradiction", told);
    }
    for (name, length) in [
        ("findings", filter.findings.len()),
        ("status", filter.status.len()),
        ("outcome", filter.outcome.len()),
        ("review", filter.review.len()),
    ] {
        bounded(length, &path.at(name), &mut problems);
    }
    problems.finish()?;
    Ok(ValidBidFilter { filter, findings, disclosing })
}

/// Reads a filter of contracts.
///
/// # Errors
/// As [`filter`].
pub fn validate_contract_filter(mut filter: ContractFilter) -> Result<ValidContractFilter> {
    let (path, mut problems) = (FieldPath::argument("filter"), InputErrors::default());
    let lapses =
        codes(&filter.out_of_compliance_for, &path.at("outOfComplianceFor"), &mut problems);
    let mut on = |given: Option<&Date>, name: &str| {
        given.and_then(|typed| validate_date(typed, &path.at(name), &mut problems))
    };
    let ends_from = on(filter.ends_from.as_ref(), "endsFrom");
    let ends_until = on(filter.ends_until.as_ref(), "endsUntil");
    let lapsed_by = on(filter.out_of_compliance_since.as_ref(), "outOfComplianceSince");
    if ends_from.zip(ends_until).is_some_and(|(from, until)| from > until) {
        let told = "It is before endsFrom: nothing ends then.";
        problems.add(&path.at("endsUntil"), "contradiction", told);
    }
    if filter.out_of_compliance == Some(false) && (lapsed_by.is_some() || !lapses.is_empty()) {
        let told = "What is in compliance is not out of it; leave one of the two out.";
        problems.add(&path.at("outOfCompliance"), "contradiction", told);
    }
    let asked = Asked {
        components: filter.components.take(),
        agreement: filter.agreement.take(),
        compensation: filter.compensation.take(),
        withheld: filter.withheld,
        paper: None,
        arrangement: filter.arrangement.take(),
        text: filter.text.take(),
    };
    let disclosing = disclosing(asked, &path, &mut problems);
    for (name, length) in [
        ("readiness", filter.readiness.len()),
        ("outOfComplianceFor", filter.out_of_compliance_for.len()),
    ] {
        bounded(length, &path.at(name), &mut problems);
    }
    problems.finish()?;
    Ok(ValidContractFilter { filter, noncompliance_codes: lapses, ends_from, ends_until, noncompliant_by: lapsed_by, disclosing })
}

/// The rules that a list of a filter names.
fn codes(given: &[String], path: &FieldPath, problems: &mut InputErrors) -> Vec<RuleCode> {
    let mut codes = Vec::new();
    for (index, code) in given.iter().enumerate() {
        match code.parse::<RuleCode>() {
            Ok(code) => codes.push(code),
            Err(unknown) => {
                let told = format!("{unknown}; the policy lists its rules by their codes.");
                problems.add(&path.at(index), "invalid", told);
            }
        }
    }
    codes
}

/// What both filters ask of a disclosure, as it is typed.
struct Asked {
    components: Option<ComponentsFilter>,
    agreement: Option<AgreementFilter>,
    compensation: Option<CompensationFilter>,
    withheld: Option<bool>,
    paper: Option<bool>,
    arrangement: Option<ArrangementFilter>,
    text: Option<String>,
}

fn disclosing(asked: Asked, path: &FieldPath, problems: &mut InputErrors) -> DisclosureCriteria {
    let Asked { components, agreement, compensation: worth, withheld, paper, arrangement, text } =
        asked;
    if let Some(components) = &components {
        contradictions(components, &path.at("components"), problems);
        let length = components.any.len() + components.all.len() + components.none.len();
        bounded(length, &path.at("components"), problems);
    }
    let sums = worth.map(|worth| compensation(&worth, &path.at("compensation"), problems));
    if let Some(agreement) = &agreement {
        let at = path.at("agreement");
        let from = agreement.runs_from.as_ref();
        let from = from.and_then(|typed| validate_date(typed, &at.at("runsFrom"), problems));
        let until = agreement.runs_until.as_ref();
        let until = until.and_then(|typed| validate_date(typed, &at.at("runsUntil"), problems));
        if from.zip(until).is_some_and(|(from, until)| from > until) {
            let told = "It is before runsFrom: no agreement runs then.";
            problems.add(&at.at("runsUntil"), "contradiction", told);
        }
        let AgreementFilter { components, nature_of_work, kinds, .. } = agreement;
        bounded(components.len() + nature_of_work.len() + kinds.len(), &at, problems);
    }
    if let Some(arrangement) = &arrangement {
        let ArrangementFilter { recipient_kinds, data_categories, onward_to_dhs, .. } = arrangement;
        let length = recipient_kinds.len() + data_categories.len() + onward_to_dhs.len();
        bounded(length, &path.at("arrangement"), problems);
    }
    let words = text.map(|text| words(&text, &path.at("text"), problems));
    DisclosureCriteria { components, agreement, compensation: sums, withheld, paper, arrangement, words }
}

/// Notes it if a list of a filter is too long.
fn bounded(length: usize, path: &FieldPath, problems: &mut InputErrors) {
    if length > MOST {
        let told = format!("It has {length} words; give {MOST} at the most.");
        problems.add(path, "too_long", told);
    }
}

/// Notes it if a reviewer's subject is none that a token could have.
pub fn validate_reviewer(given: Option<&str>, path: &FieldPath, problems: &mut InputErrors) {
    if let Some(given) = given {
        validate_required(given, MAX_LINE_CHARS, path, problems);
    }
}

fn contradictions(components: &ComponentsFilter, path: &FieldPath, problems: &mut InputErrors) {
    let wanted = components.all.iter().find(|it| components.none.contains(it));
    if let Some(both) = wanted {
        let told = format!("{} stands in all and in none; no disclosure meets both.", both.word());
        problems.add(&path.at("none"), "contradiction", told);
    }
    let any = &components.any;
    if !any.is_empty() && any.iter().all(|it| components.none.contains(it)) {
        let told = "Every component of any stands in none; no disclosure meets both.";
        problems.add(&path.at("none"), "contradiction", told);
    }
}

fn compensation(given: &CompensationFilter, path: &FieldPath, problems: &mut InputErrors) -> CompensationRange {
    let read = |given: Option<&money::MoneyText>, name: &str, problems: &mut InputErrors| {
        given.and_then(|given| money::validate_money(given, &path.at(name), problems))
    };
    let at_least = read(given.at_least.as_ref(), "atLeast", problems);
    let at_most = read(given.at_most.as_ref(), "atMost", problems);
    if let (Some(least), Some(most)) = (&at_least, &at_most) {
        if least.currency != most.currency {
            let told = "Give both amounts in one currency.";
            problems.add(&path.at("atMost"), "contradiction", told);
        } else if least.cents > most.cents {
            let told = "It is below atLeast: nothing comes to that.";
            problems.add(&path.at("atMost"), "contradiction", told);
        }
    }
    CompensationRange { at_least, at_most, unknown: given.unknown }
}

/// Whatever is typed is a search, unless it is too long for one.
fn words(text: &str, path: &FieldPath, problems: &mut InputErrors) -> BTreeSet<String> {
    let length = text.chars().count();
    if length > search::MAX_SEARCH_CHARS {
        let most = search::MAX_SEARCH_CHARS;
        let told = format!("It has {length} characters; search for {most} at the most.");
        problems.add(path, "too_long", told);
        return BTreeSet::new();
    }
    let words = search::words(text);
    if words.len() > search::MAX_SEARCH_WORDS {
        let most = search::MAX_SEARCH_WORDS;
        let told = format!("It has {} words; search for {most} at the most.", words.len());
        problems.add(path, "too_long", told);
    }
    words
}

/// A policy with a change of it; as the next version from a day on, if one is given.
///
/// # Errors
/// `Invalid` for a name that no parameter or rule has, and for a change that no policy may hold:
/// in the words that its publication would be refused with.
pub fn apply_policy_change(policy: &Policy, change: &PolicyChange, from: Option<NaiveDate>) -> Result<Policy> {
    let (path, mut problems) = (FieldPath::argument("change"), InputErrors::default());
    let mut json = policy.to_json_value();
    for (index, ParameterChange { name, value }) in change.parameters.iter().enumerate() {
        if let Some(parameter) = json["parameters"].get_mut(name) {
            parameter["value"] = value.0.clone();
        } else {
            let told = "The policy has no such parameter; it lists them by their names.";
            problems.add(&path.at("parameters").at(index).at("name"), "invalid", told);
        }
    }
    for (index, it) in change.rules.iter().enumerate() {
        let at = path.at("rules").at(index);
        let Some(rule) = json["rules"].get_mut(&it.code) else {
            let told = "There is no such rule; the policy lists its rules by their codes.";
            problems.add(&at.at("code"), "invalid", told);
            continue;
        };
        for (name, weight) in [("bid", it.bid), ("award", it.award), ("renewal", it.renewal)] {
            if let Some(weight) = weight {
                rule[name] = weight.word().into();
            }
        }
        if let Some(days) = it.cure_days {
            rule["cureDays"] = days.into();
        } else if it.bid.is_some_and(|bid| bid != Severity::Block) {
            // What does not block needs no time to be mended.
            rule.as_object_mut().map(|rule| rule.remove("cureDays"));
        } else if it.bid == Some(Severity::Block) && rule.get("cureDays").is_none() {
            rule["cureDays"] = 0.into();
        }
    }
    problems.finish()?;
    if let Some(from) = from {
        json["version"] = (policy.version() + 1).into();
        json["parameters"]["effectiveFrom"]["value"] = from.to_string().into();
    }
    // The clause's text keeps step with the version that is required.
    let required = json["parameters"]["clauseVersion"]["value"].clone();
    json["texts"]["clause"]["version"] = required;
    Policy::from_json(&json.to_string()).map_err(|refused| {
        let told = refused.iter().map(|problem| path.error("refused", problem.message.as_str()));
        Fault::Invalid(told.collect())
    })
}

#[cfg(test)]
mod tests {
    use super::{BidFilter, validate_bid_filter};
    use crate::fault::Fault;
    use crate::gate::DhsComponent;
    use crate::money::MoneyText;
    use crate::screening::model::{AgreementFilter, CompensationFilter, ComponentsFilter};

    fn told(given: BidFilter) -> Vec<String> {
        match validate_bid_filter(given) {
            Err(Fault::Invalid(errors)) => errors
                .into_iter()
                .map(|error| format!("{} {}", error.path.join("."), error.code))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn usd(amount: &str) -> MoneyText {
        MoneyText { amount: amount.to_owned().into(), currency: "USD".to_owned().into() }
    }

    #[test]
    fn what_cannot_be_so_is_told_at_once() {
        let wrong = BidFilter {
            findings: vec!["disclosure.missing".into(), "disclosure.absent".into()],
            components: Some(ComponentsFilter {
                all: vec![DhsComponent::Ice],
                none: vec![DhsComponent::Ice],
                ..ComponentsFilter::default()
            }),
            compensation: Some(CompensationFilter {
                at_least: Some(usd("2")),
                at_most: Some(usd("1")),
                unknown: None,
            }),
            agreement: Some(AgreementFilter {
                runs_from: Some("2026-02-30".to_owned().into()),
                ..AgreementFilter::default()
            }),
            text: Some("a".repeat(10_000)),
            ..BidFilter::default()
        };
        let expected = [
            "filter.findings.1 invalid",
            "filter.components.none contradiction",
            "filter.compensation.atMost contradiction",
            "filter.agreement.runsFrom invalid",
            "filter.text too_long",
        ];
        assert_eq!(told(wrong), expected);
        assert_eq!(told(BidFilter::default()), Vec::<String>::new());
    }
}
