//! Validation of filters and application of simulated policy changes. Pure functions.
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
use crate::user_message::UserMessage;

/// The most values in the lists of one filter condition.
const MAX_FILTER_VALUES: usize = 50;

/// A validated filter of bids, with its values parsed.
#[derive(Clone, Debug)]
pub struct ValidBidFilter {
    pub input: BidFilter,
    pub findings: Vec<RuleCode>,
    pub disclosure: DisclosureCriteria,
}

/// A validated filter of contracts.
#[derive(Clone, Debug)]
pub struct ValidContractFilter {
    pub input: ContractFilter,
    pub noncompliance_codes: Vec<RuleCode>,
    pub ends_from: Option<NaiveDate>,
    pub ends_until: Option<NaiveDate>,
    pub noncompliant_by: Option<NaiveDate>,
    pub disclosure: DisclosureCriteria,
}

/// Conditions on a disclosure and on the names of the organization that filed it.
#[derive(Clone, Debug, Default)]
pub struct DisclosureCriteria {
    pub components: Option<ComponentsFilter>,
    pub agreement: Option<AgreementFilter>,
    pub compensation: Option<CompensationRange>,
    pub withheld: Option<bool>,
    pub paper: Option<bool>,
    pub arrangement: Option<ArrangementFilter>,
    /// The folded search words; `None` if no text was given. A text without a letter or digit gives
    /// an empty set, which matches nothing.
    pub words: Option<BTreeSet<String>>,
}

/// A range of the total compensation of disclosed agreements, in one currency.
#[derive(Clone, Debug)]
pub struct CompensationRange {
    pub at_least: Option<Money>,
    pub at_most: Option<Money>,
    pub unknown: Option<bool>,
}

/// Validates a filter of bids and parses its values.
///
/// # Errors
/// `Invalid` with one error for each unknown, malformed or contradictory value.
pub fn validate_bid_filter(mut filter: BidFilter) -> Result<ValidBidFilter> {
    let (path, mut errors) = (FieldPath::argument("filter"), InputErrors::default());
    let findings = parse_rule_codes(&filter.findings, &path.at("findings"), &mut errors);
    let input = DisclosureInput {
        components: filter.components.take(),
        agreement: filter.agreement.take(),
        compensation: filter.compensation.take(),
        withheld: filter.withheld,
        paper: filter.paper,
        arrangement: filter.arrangement.take(),
        text: filter.text.take(),
    };
    let disclosure = validate_disclosure(input, &path, &mut errors);
    let submitted = filter.submitted_from.zip(filter.submitted_before);
    if submitted.is_some_and(|(from, before)| from >= before) {
        errors.add(&path.at("submittedBefore"), UserMessage::BeforeNotLater);
    }
    for (name, at) in
        [("submittedFrom", filter.submitted_from), ("submittedBefore", filter.submitted_before)]
    {
        if at.is_some_and(|at| !(1..=9_999).contains(&at.year())) {
            errors.add(&path.at(name), UserMessage::TimeOutOfRange);
        }
    }
    validate_reviewer(filter.reviewer.as_deref(), &path.at("reviewer"), &mut errors);
    if filter.reviewer.is_some() && filter.assigned == Some(false) {
        errors.add(&path.at("assigned"), UserMessage::ReviewerIsAssigned);
    }
    for (name, length) in [
        ("findings", filter.findings.len()),
        ("status", filter.status.len()),
        ("outcome", filter.outcome.len()),
        ("review", filter.review.len()),
    ] {
        validate_list_length(length, &path.at(name), &mut errors);
    }
    errors.finish()?;
    Ok(ValidBidFilter { input: filter, findings, disclosure })
}

/// Validates a filter of contracts and parses its values.
///
/// # Errors
/// As [`filter`].
pub fn validate_contract_filter(mut filter: ContractFilter) -> Result<ValidContractFilter> {
    let (path, mut errors) = (FieldPath::argument("filter"), InputErrors::default());
    let lapses = parse_rule_codes(
        &filter.out_of_compliance_for,
        &path.at("outOfComplianceFor"),
        &mut errors,
    );
    let mut on = |given: Option<&Date>, name: &str| {
        given.and_then(|typed| validate_date(typed, &path.at(name), &mut errors))
    };
    let ends_from = on(filter.ends_from.as_ref(), "endsFrom");
    let ends_until = on(filter.ends_until.as_ref(), "endsUntil");
    let lapsed_by = on(filter.out_of_compliance_since.as_ref(), "outOfComplianceSince");
    if ends_from.zip(ends_until).is_some_and(|(from, until)| from > until) {
        errors.add(&path.at("endsUntil"), UserMessage::EndsRangeEmpty);
    }
    if filter.out_of_compliance == Some(false) && (lapsed_by.is_some() || !lapses.is_empty()) {
        errors.add(&path.at("outOfCompliance"), UserMessage::ComplianceFilterUnclear);
    }
    let input = DisclosureInput {
        components: filter.components.take(),
        agreement: filter.agreement.take(),
        compensation: filter.compensation.take(),
        withheld: filter.withheld,
        paper: None,
        arrangement: filter.arrangement.take(),
        text: filter.text.take(),
    };
    let disclosure = validate_disclosure(input, &path, &mut errors);
    for (name, length) in [
        ("readiness", filter.readiness.len()),
        ("outOfComplianceFor", filter.out_of_compliance_for.len()),
    ] {
        validate_list_length(length, &path.at(name), &mut errors);
    }
    errors.finish()?;
    Ok(ValidContractFilter {
        input: filter,
        noncompliance_codes: lapses,
        ends_from,
        ends_until,
        noncompliant_by: lapsed_by,
        disclosure,
    })
}

/// Parses a list of rule codes; adds an error for each unknown one.
fn parse_rule_codes(given: &[String], path: &FieldPath, errors: &mut InputErrors) -> Vec<RuleCode> {
    let mut codes = Vec::new();
    for (index, code) in given.iter().enumerate() {
        if let Ok(code) = code.parse::<RuleCode>() {
            codes.push(code);
        } else {
            let message = UserMessage::RuleUnknown { code: code.clone() };
            errors.add(&path.at(index), message);
        }
    }
    codes
}

/// The conditions on a disclosure that both filters share, before validation.
struct DisclosureInput {
    components: Option<ComponentsFilter>,
    agreement: Option<AgreementFilter>,
    compensation: Option<CompensationFilter>,
    withheld: Option<bool>,
    paper: Option<bool>,
    arrangement: Option<ArrangementFilter>,
    text: Option<String>,
}

/// Validates the conditions on a disclosure and parses their values.
fn validate_disclosure(
    input: DisclosureInput,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> DisclosureCriteria {
    let DisclosureInput { components, agreement, compensation, withheld, paper, arrangement, text } =
        input;
    if let Some(components) = &components {
        validate_components(components, &path.at("components"), errors);
        let length = components.any.len() + components.all.len() + components.none.len();
        validate_list_length(length, &path.at("components"), errors);
    }
    let compensation =
        compensation.map(|filter| validate_compensation(&filter, &path.at("compensation"), errors));
    if let Some(agreement) = &agreement {
        let at = path.at("agreement");
        let from = agreement.runs_from.as_ref();
        let from = from.and_then(|typed| validate_date(typed, &at.at("runsFrom"), errors));
        let until = agreement.runs_until.as_ref();
        let until = until.and_then(|typed| validate_date(typed, &at.at("runsUntil"), errors));
        if from.zip(until).is_some_and(|(from, until)| from > until) {
            errors.add(&at.at("runsUntil"), UserMessage::RunsRangeEmpty);
        }
        let AgreementFilter { components, nature_of_work, kinds, .. } = agreement;
        validate_list_length(components.len() + nature_of_work.len() + kinds.len(), &at, errors);
    }
    if let Some(arrangement) = &arrangement {
        let ArrangementFilter { recipient_kinds, data_categories, onward_to_dhs, .. } = arrangement;
        let length = recipient_kinds.len() + data_categories.len() + onward_to_dhs.len();
        validate_list_length(length, &path.at("arrangement"), errors);
    }
    let words = text.map(|text| search_words(&text, &path.at("text"), errors));
    DisclosureCriteria { components, agreement, compensation, withheld, paper, arrangement, words }
}

/// Adds an error if the lists of a condition have too many values.
fn validate_list_length(length: usize, path: &FieldPath, errors: &mut InputErrors) {
    if length > MAX_FILTER_VALUES {
        let message = UserMessage::FilterTooLong { count: length, max: MAX_FILTER_VALUES };
        errors.add(path, message);
    }
}

/// Adds an error if a reviewer's subject could not be the subject of a token.
pub fn validate_reviewer(given: Option<&str>, path: &FieldPath, errors: &mut InputErrors) {
    if let Some(given) = given {
        validate_required(given, MAX_LINE_CHARS, path, errors);
    }
}

fn validate_components(components: &ComponentsFilter, path: &FieldPath, errors: &mut InputErrors) {
    let contradiction = components.all.iter().find(|it| components.none.contains(it));
    if let Some(component) = contradiction {
        let message = UserMessage::ComponentInBoth { component: component.as_str().to_owned() };
        errors.add(&path.at("none"), message);
    }
    let any = &components.any;
    if !any.is_empty() && any.iter().all(|it| components.none.contains(it)) {
        errors.add(&path.at("none"), UserMessage::ComponentsExclude);
    }
}

fn validate_compensation(
    given: &CompensationFilter,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> CompensationRange {
    let parse = |given: Option<&money::MoneyText>, name: &str, errors: &mut InputErrors| {
        given.and_then(|given| money::validate_money(given, &path.at(name), errors))
    };
    let at_least = parse(given.at_least.as_ref(), "atLeast", errors);
    let at_most = parse(given.at_most.as_ref(), "atMost", errors);
    if let (Some(least), Some(most)) = (&at_least, &at_most) {
        if least.currency != most.currency {
            errors.add(&path.at("atMost"), UserMessage::RangeCurrencies);
        } else if least.cents > most.cents {
            errors.add(&path.at("atMost"), UserMessage::RangeEmpty);
        }
    }
    CompensationRange { at_least, at_most, unknown: given.unknown }
}

/// Splits a search text into folded words. Every text is a valid search unless it is too long.
fn search_words(text: &str, path: &FieldPath, errors: &mut InputErrors) -> BTreeSet<String> {
    let length = text.chars().count();
    if length > search::MAX_SEARCH_CHARS {
        let message = UserMessage::SearchTooLong { length, max: search::MAX_SEARCH_CHARS };
        errors.add(path, message);
        return BTreeSet::new();
    }
    let words = search::words(text);
    if words.len() > search::MAX_SEARCH_WORDS {
        let message =
            UserMessage::SearchWordsTooMany { count: words.len(), max: search::MAX_SEARCH_WORDS };
        errors.add(path, message);
    }
    words
}

/// Returns the policy with a change applied; with `from`, as the next version in effect from that
/// local day.
///
/// # Errors
/// `Invalid` for an unknown parameter or rule, and for a change that makes the policy invalid, with
/// the messages of its publication.
pub fn apply_policy_change(
    policy: &Policy,
    change: &PolicyChange,
    from: Option<NaiveDate>,
) -> Result<Policy> {
    let (path, mut errors) = (FieldPath::argument("change"), InputErrors::default());
    let mut json = policy.to_json_value();
    for (index, ParameterChange { name, value }) in change.parameters.iter().enumerate() {
        if let Some(parameter) = json["parameters"].get_mut(name) {
            parameter["value"] = value.0.clone();
        } else {
            errors.add(
                &path.at("parameters").at(index).at("name"),
                UserMessage::PolicyParameterUnknown,
            );
        }
    }
    for (index, it) in change.rules.iter().enumerate() {
        let at = path.at("rules").at(index);
        let Some(rule) = json["rules"].get_mut(&it.code) else {
            errors.add(&at.at("code"), UserMessage::PolicyRuleUnknown);
            continue;
        };
        for (name, weight) in [("bid", it.bid), ("award", it.award), ("renewal", it.renewal)] {
            if let Some(weight) = weight {
                rule[name] = weight.as_str().into();
            }
        }
        if let Some(days) = it.cure_days {
            rule["cureDays"] = days.into();
        } else if it.bid.is_some_and(|bid| bid != Severity::Block) {
            // A finding that does not block needs no cure period.
            rule.as_object_mut().map(|rule| rule.remove("cureDays"));
        } else if it.bid == Some(Severity::Block) && rule.get("cureDays").is_none() {
            rule["cureDays"] = 0.into();
        }
    }
    errors.finish()?;
    if let Some(from) = from {
        json["version"] = (policy.version() + 1).into();
        json["parameters"]["effectiveFrom"]["value"] = from.to_string().into();
    }
    // The version of the clause's text must equal the required version.
    let required = json["parameters"]["clauseVersion"]["value"].clone();
    json["texts"]["clause"]["version"] = required;
    Policy::from_json(&json.to_string()).map_err(|refused| {
        let errors = refused.iter().map(|error| {
            path.user_error(UserMessage::PolicyRefused { violation: error.message.clone() })
        });
        Fault::Invalid(errors.collect())
    })
}

#[cfg(test)]
mod tests {
    use super::{BidFilter, validate_bid_filter};
    use crate::fault::Fault;
    use crate::gate::DhsComponent;
    use crate::money::MoneyText;
    use crate::screening::model::{AgreementFilter, CompensationFilter, ComponentsFilter};

    fn errors_of(given: BidFilter) -> Vec<String> {
        match validate_bid_filter(given) {
            Err(Fault::Invalid(errors)) => errors
                .into_iter()
                .map(|error| format!("{} {}", error.path.join("."), error.code()))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn usd(amount: &str) -> MoneyText {
        MoneyText { amount: amount.to_owned().into(), currency: "USD".to_owned().into() }
    }

    #[test]
    fn all_errors_of_a_filter_are_reported_at_once() {
        let invalid = BidFilter {
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
        assert_eq!(errors_of(invalid), expected);
        assert_eq!(errors_of(BidFilter::default()), Vec::<String>::new());
    }
}
