//! Validation of filters and application of simulated policy changes. Pure functions.
mod policy_change;
mod renewals_due;
mod waiting_text;

use chrono::Datelike;

use super::model::{BidFilter, ContractFilter, ValidBidFilter, ValidContractFilter};
use crate::disclosure::model::{
    AgreementFilter, ArrangementFilter, CompensationFilter, CompensationRange, ComponentsFilter,
    DisclosureCriteria,
};
use crate::fault::{FieldPath, InputErrors, Result};
use crate::filter::{parse_rule_codes, validate_list_length};
use crate::money;
use crate::scalar::Date;
use crate::search;
use crate::text::{MAX_LINE_CHARS, validate_date, validate_required};
use crate::user_message::{Kinds, UserMessage};

pub use policy_change::apply_policy_change;
pub use renewals_due::validate_renewals_due;
pub use waiting_text::{WaitingFacts, describe_waiting, held_kind, list_held_for};

/// Validates a filter of bids and parses its values.
///
/// # Errors
/// `Invalid` with one error for each unknown, malformed or contradictory value.
pub fn validate_bid_filter(filter: BidFilter) -> Result<ValidBidFilter> {
    let BidFilter {
        solicitation_id,
        department_id,
        organization_id,
        status,
        outcome,
        findings: finding_codes,
        components,
        agreement,
        compensation,
        withheld,
        paper,
        arrangement,
        review,
        reviewer,
        assigned,
        submitted_from,
        submitted_before,
        text,
    } = filter;
    let (path, mut errors) = (FieldPath::argument("filter"), InputErrors::default());
    let findings = parse_rule_codes(&finding_codes, &path.at("findings"), &mut errors);
    let input =
        DisclosureInput { components, agreement, compensation, withheld, paper, arrangement, text };
    let disclosure = validate_disclosure(input, &path, &mut errors);
    if submitted_from.zip(submitted_before).is_some_and(|(from, before)| from >= before) {
        errors.add(&path.at("submittedBefore"), UserMessage::BeforeNotLater);
    }
    for (name, at) in [("submittedFrom", submitted_from), ("submittedBefore", submitted_before)] {
        if at.is_some_and(|at| !(1..=9_999).contains(&at.year())) {
            errors.add(&path.at(name), UserMessage::TimeOutOfRange);
        }
    }
    validate_reviewer(reviewer.as_deref(), &path.at("reviewer"), &mut errors);
    if reviewer.is_some() && assigned == Some(false) {
        errors.add(&path.at("assigned"), UserMessage::ReviewerIsAssigned);
    }
    for (name, length) in
        [("status", status.len()), ("outcome", outcome.len()), ("review", review.len())]
    {
        validate_list_length(length, &path.at(name), &mut errors);
    }
    errors.finish()?;
    Ok(ValidBidFilter {
        solicitation: solicitation_id,
        department: department_id,
        organization: organization_id,
        statuses: status,
        outcomes: outcome,
        findings,
        reviews: review,
        reviewer,
        assigned,
        submitted_from,
        submitted_before,
        disclosure,
    })
}

/// Validates a filter of contracts and parses its values.
///
/// # Errors
/// As [`validate_bid_filter`].
pub fn validate_contract_filter(filter: ContractFilter) -> Result<ValidContractFilter> {
    let ContractFilter {
        department_id,
        organization_id,
        ends_from,
        ends_until,
        readiness,
        readiness_at_end,
        disclosure_lapses_before,
        components,
        agreement,
        compensation,
        withheld,
        arrangement,
        clause_missing,
        exempted,
        waived,
        out_of_compliance,
        out_of_compliance_since,
        out_of_compliance_for,
        text,
    } = filter;
    let (path, mut errors) = (FieldPath::argument("filter"), InputErrors::default());
    let noncompliance_codes =
        parse_rule_codes(&out_of_compliance_for, &path.at("outOfComplianceFor"), &mut errors);
    let mut day = |given: Option<Date>, name: &str| {
        given.and_then(|typed| validate_date(&typed, &path.at(name), &mut errors))
    };
    let ends_from = day(ends_from, "endsFrom");
    let ends_until = day(ends_until, "endsUntil");
    let disclosure_lapses_before = day(disclosure_lapses_before, "disclosureLapsesBefore");
    let noncompliant_by = day(out_of_compliance_since, "outOfComplianceSince");
    if ends_from.zip(ends_until).is_some_and(|(from, until)| from > until) {
        errors.add(&path.at("endsUntil"), UserMessage::EndsRangeEmpty);
    }
    let names_noncompliance = noncompliant_by.is_some() || !noncompliance_codes.is_empty();
    if out_of_compliance == Some(false) && names_noncompliance {
        errors.add(&path.at("outOfCompliance"), UserMessage::ComplianceFilterUnclear);
    }
    let input = DisclosureInput {
        components,
        agreement,
        compensation,
        withheld,
        paper: None,
        arrangement,
        text,
    };
    let disclosure = validate_disclosure(input, &path, &mut errors);
    for (name, length) in
        [("readiness", readiness.len()), ("readinessAtEnd", readiness_at_end.len())]
    {
        validate_list_length(length, &path.at(name), &mut errors);
    }
    errors.finish()?;
    Ok(ValidContractFilter {
        department: department_id,
        organization: organization_id,
        ends_from,
        ends_until,
        readiness,
        readiness_at_end,
        disclosure_lapses_before,
        clause_missing,
        exempted,
        waived,
        out_of_compliance,
        noncompliant_by,
        noncompliance_codes,
        disclosure,
    })
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
    let DisclosureInput {
        components,
        mut agreement,
        compensation,
        withheld,
        paper,
        arrangement,
        text,
    } = input;
    if let Some(components) = &components {
        validate_components(components, &path.at("components"), errors);
    }
    let compensation =
        compensation.map(|filter| validate_compensation(filter, &path.at("compensation"), errors));
    if let Some(agreement) = &mut agreement {
        let AgreementFilter {
            components,
            nature_of_work,
            kinds,
            runs_from,
            runs_until,
            start_precision,
        } = agreement;
        let at = path.at("agreement");
        let from = runs_from.as_ref();
        let from = from.and_then(|typed| validate_date(typed, &at.at("runsFrom"), errors));
        let until = runs_until.as_ref();
        let until = until.and_then(|typed| validate_date(typed, &at.at("runsUntil"), errors));
        if from.zip(until).is_some_and(|(from, until)| from > until) {
            errors.add(&at.at("runsUntil"), UserMessage::RunsRangeEmpty);
        }
        // Compared as text, so without the blanks that may be around a typed day.
        (*runs_from, *runs_until) = (from.map(Date::from), until.map(Date::from));
        let lengths = [components.len(), nature_of_work.len(), kinds.len(), start_precision.len()];
        validate_list_length(lengths.iter().sum(), &at, errors);
    }
    if let Some(arrangement) = &arrangement {
        let ArrangementFilter {
            recipient_kinds,
            data_categories,
            includes_city_data: _,
            onward_to_dhs,
        } = arrangement;
        let length = recipient_kinds.len() + data_categories.len() + onward_to_dhs.len();
        validate_list_length(length, &path.at("arrangement"), errors);
    }
    let words = text.map(|text| search::validate_words(&text, &path.at("text"), errors));
    DisclosureCriteria { components, agreement, compensation, withheld, paper, arrangement, words }
}

/// Adds an error if a reviewer's subject could not be the subject of a token.
pub fn validate_reviewer(given: Option<&str>, path: &FieldPath, errors: &mut InputErrors) {
    if let Some(given) = given {
        validate_required(given, MAX_LINE_CHARS, path, errors);
    }
}

fn validate_components(components: &ComponentsFilter, path: &FieldPath, errors: &mut InputErrors) {
    let ComponentsFilter { any, all, none } = components;
    let contradiction = all.iter().find(|it| none.contains(it));
    if let Some(component) = contradiction {
        let component = Kinds::named(component.as_str(), component.label());
        let message = UserMessage::ComponentInBoth { component };
        errors.add(&path.at("none"), message);
    }
    if !any.is_empty() && any.iter().all(|it| none.contains(it)) {
        errors.add(&path.at("none"), UserMessage::ComponentsExclude);
    }
    validate_list_length(any.len() + all.len() + none.len(), path, errors);
}

fn validate_compensation(
    given: CompensationFilter,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> CompensationRange {
    let CompensationFilter { at_least, at_most, unknown } = given;
    let parse = |given: Option<&money::MoneyText>, name: &str, errors: &mut InputErrors| {
        given.and_then(|given| money::validate_money(given, &path.at(name), errors))
    };
    let at_least = parse(at_least.as_ref(), "atLeast", errors);
    let at_most = parse(at_most.as_ref(), "atMost", errors);
    if let (Some(least), Some(most)) = (&at_least, &at_most) {
        if least.currency != most.currency {
            errors.add(&path.at("atMost"), UserMessage::RangeCurrencies);
        } else if least.cents > most.cents {
            errors.add(&path.at("atMost"), UserMessage::RangeEmpty);
        }
    }
    CompensationRange { at_least, at_most, unknown }
}

#[cfg(test)]
mod tests {
    use super::{BidFilter, validate_bid_filter};
    use crate::disclosure::model::{AgreementFilter, CompensationFilter, ComponentsFilter};
    use crate::fault::Fault;
    use crate::gate::DhsComponent;
    use crate::money::MoneyText;

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
