//! Validates one agreement.
use super::field_checker::FieldChecker;
use super::{compensation, withheld};
use crate::disclosure::model::{Agreement, AgreementKind, AgreementState, Holder};
use crate::gate::{DhsComponent, EntityScope, ProgramParticipation, Questions};
use crate::user_message::UserMessage;

/// The normalized agreement; invalid and missing fields are recorded as errors.
pub fn validate(
    input: &Agreement,
    questions: &Questions,
    checker: &mut FieldChecker<'_>,
) -> Agreement {
    let normalized = normalize(input, checker);
    let parts = withheld::agreement_parts(&normalized);
    withheld::check_withheld_is_empty(&normalized.withheld, &parts, checker);
    let mut checker = checker.with_withheld(&normalized.withheld);
    require_fields(&normalized, questions, &mut checker);
    check_consistency(&normalized, &mut checker);
    normalized
}

fn normalize(input: &Agreement, checker: &mut FieldChecker<'_>) -> Agreement {
    let six_digits = |code: &str| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    let four_characters =
        |code: &str| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    checker.require_distinct("natureOfWork", &input.nature_of_work);
    Agreement {
        holder: input.holder.as_ref().and_then(|holder| normalize_holder(holder, checker)),
        component: input.component,
        component_name: checker.normalize_line("componentName", input.component_name.as_ref()),
        office: checker.normalize_line("office", input.office.as_ref()),
        program: checker.normalize_line("program", input.program.as_ref()),
        kind: input.kind,
        kind_name: checker.normalize_line("kindName", input.kind_name.as_ref()),
        tier: input.tier,
        prime: checker.normalize_line("prime", input.prime.as_ref()),
        prime_award: checker.normalize_number("primeAward", input.prime_award.as_ref()),
        identifier: checker.normalize_number("identifier", input.identifier.as_ref()),
        parent_identifier: checker
            .normalize_number("parentIdentifier", input.parent_identifier.as_ref()),
        start_date: checker.normalize_partial_date("startDate", input.start_date.as_ref()),
        start_unknown_reason: checker
            .normalize_prose("startUnknownReason", input.start_unknown_reason.as_ref()),
        end_date: checker.normalize_date("endDate", input.end_date.as_ref()),
        ongoing: input.ongoing,
        state_at_signing: input.state_at_signing,
        nature_of_work: input.nature_of_work.clone(),
        description: checker.normalize_prose("description", input.description.as_ref()),
        naics: checker.normalize_code(
            "naics",
            input.naics.as_ref(),
            six_digits,
            UserMessage::NaicsMalformed,
        ),
        psc: checker.normalize_code(
            "psc",
            input.psc.as_ref(),
            four_characters,
            UserMessage::PscMalformed,
        ),
        place_of_performance: checker
            .normalize_line("placeOfPerformance", input.place_of_performance.as_ref()),
        compensation: input
            .compensation
            .as_ref()
            .and_then(|it| compensation::normalize(it, checker)),
        withheld: withheld::validate_withheld(
            &input.withheld,
            &withheld::agreement_parts(input),
            checker,
        ),
    }
}

fn normalize_holder(input: &Holder, checker: &mut FieldChecker<'_>) -> Option<Holder> {
    let name = checker.at("holder").normalize_line("name", input.name.as_ref());
    let normalized = Holder { relation: input.relation, name };
    (normalized != Holder::default()).then_some(normalized)
}

/// Records an error for each missing field. Executive Directive 17, section E, requires the agency,
/// the nature of the work and the terms of compensation; the other fields identify the agreement.
fn require_fields(agreement: &Agreement, questions: &Questions, checker: &mut FieldChecker<'_>) {
    let Agreement {
        holder,
        component,
        component_name,
        office: _,
        program,
        kind,
        kind_name,
        tier,
        prime,
        prime_award,
        identifier: _,
        parent_identifier: _,
        start_date,
        start_unknown_reason,
        end_date,
        ongoing,
        state_at_signing,
        nature_of_work,
        description,
        naics: _,
        psc: _,
        place_of_performance: _,
        compensation,
        withheld: _,
    } = agreement;
    checker.require("kind", kind.is_some(), UserMessage::AgreementKindRequired);
    if *kind == Some(AgreementKind::Other) {
        let is_named = kind_name.is_some();
        checker.require("kindName", is_named, UserMessage::AgreementKindNameRequired);
    }
    checker.require("component", component.is_some(), UserMessage::ComponentRequired);
    if *component == Some(DhsComponent::Other) {
        let is_named = component_name.is_some();
        checker.require("componentName", is_named, UserMessage::ComponentNameRequired);
    }
    if *kind == Some(AgreementKind::ProgramParticipation) {
        checker.require("program", program.is_some(), UserMessage::ProgramRequired);
    }
    let is_proposed = *state_at_signing == Some(AgreementState::Proposed);
    if !is_proposed {
        checker.require_start(start_date.as_ref(), start_unknown_reason.as_ref());
    }
    let is_short = *kind == Some(AgreementKind::ProgramParticipation)
        && questions.program_participation != ProgramParticipation::FullForm;
    if is_short {
        return;
    }
    require_holder(holder.as_ref(), checker);
    if !is_proposed {
        let has_end = end_date.is_some() || *ongoing;
        checker.require("endDate", has_end, UserMessage::EndDateRequired);
    }
    let has_state = state_at_signing.is_some();
    checker.require("stateAtSigning", has_state, UserMessage::StateAtSigningRequired);
    let has_nature = !nature_of_work.is_empty();
    checker.require("natureOfWork", has_nature, UserMessage::NatureOfWorkRequired);
    let is_described = description.is_some();
    checker.require("description", is_described, UserMessage::WorkDescriptionRequired);
    compensation::require_fields(compensation.as_ref(), checker);
    if kind.is_some_and(AgreementKind::is_subaward) {
        checker.require("tier", tier.is_some(), UserMessage::TierRequired);
        checker.require("prime", prime.is_some(), UserMessage::PrimeRequired);
        checker.require("primeAward", prime_award.is_some(), UserMessage::PrimeAwardRequired);
    }
}

fn require_holder(holder: Option<&Holder>, checker: &mut FieldChecker<'_>) {
    let Some(Holder { relation, name }) = holder else {
        return checker.require("holder", false, UserMessage::HolderRequired);
    };
    let has_relation = relation.is_some();
    checker.require("holder.relation", has_relation, UserMessage::HolderRelationRequired);
    if relation.is_some_and(|relation| relation != EntityScope::Own) {
        checker.require("holder.name", name.is_some(), UserMessage::HolderNameRequired);
    }
}

/// Records an error for each pair of fields that contradict each other.
fn check_consistency(agreement: &Agreement, checker: &mut FieldChecker<'_>) {
    let Agreement {
        holder: _,
        component,
        component_name,
        office: _,
        program: _,
        kind,
        kind_name,
        tier,
        prime,
        prime_award,
        identifier: _,
        parent_identifier: _,
        start_date,
        start_unknown_reason,
        end_date,
        ongoing,
        state_at_signing,
        nature_of_work: _,
        description: _,
        naics: _,
        psc: _,
        place_of_performance: _,
        compensation,
        withheld: _,
    } = agreement;
    checker.check_start(start_date.as_ref(), start_unknown_reason.as_ref());
    checker.check_dates(start_date.as_ref(), end_date.as_ref(), *ongoing);
    if *ongoing && *state_at_signing == Some(AgreementState::Ended) {
        checker.add_error("stateAtSigning", UserMessage::EndedIsOngoing);
    }
    let allows_component_name = component.is_none_or(|it| it == DhsComponent::Other);
    if component_name.is_some() && !allows_component_name {
        checker.add_error("componentName", UserMessage::ComponentNameUnexpected);
    }
    let allows_kind_name = kind.is_none_or(|it| it == AgreementKind::Other);
    if kind_name.is_some() && !allows_kind_name {
        checker.add_error("kindName", UserMessage::KindNameUnexpected);
    }
    if kind.is_some_and(|kind| !kind.is_subaward()) {
        let under_prime = [
            ("tier", tier.is_some()),
            ("prime", prime.is_some()),
            ("primeAward", prime_award.is_some()),
        ];
        for (part, _) in under_prime.into_iter().filter(|(_, is_present)| *is_present) {
            checker.add_error(part, UserMessage::PrimeUnexpected);
        }
    }
    if let Some(compensation) = compensation {
        compensation::check_consistency(compensation, checker);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::disclosure::model::Agreement;
    use crate::disclosure::rules::samples::{
        detention_agreement, e_verify_agreement, filing_errors, from_json, version_1_questions,
        with_agreements, with_fields,
    };
    use crate::disclosure::rules::statement::validate_answers;
    use crate::gate::ProgramParticipation;

    /// The errors for a detention contract with these fields changed: path within it, and code.
    fn errors_after(changes: Value) -> Vec<String> {
        errors_of(&detention_agreement(), changes)
    }

    fn errors_of(agreement: &Agreement, changes: Value) -> Vec<String> {
        let statement = with_agreements([with_fields(agreement, changes)]);
        let errors = validate_answers(&statement, &version_1_questions()).err().unwrap_or_default();
        let errors = errors.iter().map(|it| format!("{} {}", it.path[4..].join("."), it.code()));
        errors.collect()
    }

    #[test]
    fn other_component_and_other_kind_require_a_name() {
        let unnamed = json!({ "component": "OTHER", "kind": "OTHER" });
        assert_eq!(errors_after(unnamed), ["kindName required", "componentName required"]);
        let named = json!({ "componentName": "An office", "kindName": "A pledge" });
        assert_eq!(errors_after(named), ["componentName contradiction", "kindName contradiction"]);
        let named = json!({
            "component": "OTHER", "componentName": "An office", "kind": "OTHER", "kindName": "A pledge"
        });
        assert!(errors_after(named).is_empty());
    }

    #[test]
    fn a_holder_other_than_the_filer_requires_a_name() {
        assert_eq!(errors_after(json!({ "holder": null })), ["holder required"]);
        assert_eq!(
            errors_after(json!({ "holder": { "name": "A. & Co" } })),
            ["holder.relation required"]
        );
        let holder = json!({ "holder": { "relation": "JOINT_VENTURE_MEMBER" } });
        assert_eq!(errors_after(holder), ["holder.name required"]);
    }

    #[test]
    fn a_subcontract_requires_its_prime() {
        let missing = ["tier required", "prime required", "primeAward required"];
        for kind in ["SUBCONTRACT", "SUBGRANT"] {
            assert_eq!(errors_after(json!({ "kind": kind })), missing, "{kind}");
        }
        let under = json!({
            "kind": "SUBCONTRACT", "tier": "FIRST", "prime": "Prime, Inc.",
            "withheld": [{ "path": ["primeAward"], "ground": "NON_DISCLOSURE_AGREEMENT" }]
        });
        assert!(errors_after(under).is_empty());
        assert_eq!(errors_after(json!({ "prime": "Prime, Inc." })), ["prime contradiction"]);
    }

    #[test]
    fn program_participation_uses_the_short_form_if_the_policy_allows_it() {
        assert!(errors_of(&e_verify_agreement(), json!({})).is_empty());
        assert_eq!(
            errors_of(&e_verify_agreement(), json!({ "program": " " })),
            ["program required"]
        );
        let mut full = version_1_questions();
        full.program_participation = ProgramParticipation::FullForm;
        let errors = validate_answers(&with_agreements([e_verify_agreement()]), &full)
            .expect_err("it is too short");
        assert!(errors.iter().any(|error| error.path.ends_with(&["stateAtSigning".to_owned()])));
    }

    #[test]
    fn dates_are_valid_and_in_order() {
        let days = json!({ "startDate": "0000-00-00", "endDate": "9999-12-31" });
        assert_eq!(errors_after(days), ["startDate invalid", "endDate invalid"]);
        assert_eq!(errors_after(json!({ "startDate": "2027-10-01" })), ["endDate contradiction"]);
        assert!(errors_after(json!({ "startDate": "2027-09-30" })).is_empty());
        assert_eq!(errors_after(json!({ "endDate": null })), ["endDate required"]);
        assert!(errors_after(json!({ "endDate": null, "ongoing": true })).is_empty());
        assert_eq!(errors_after(json!({ "ongoing": true })), ["endDate contradiction"]);
        let ended = json!({ "endDate": null, "ongoing": true, "stateAtSigning": "ENDED" });
        assert_eq!(errors_after(ended), ["stateAtSigning contradiction"]);
    }

    #[test]
    fn a_start_is_known_by_day_month_or_year_or_unknown_for_a_reason() {
        for start in ["2024", "2024-10", "2024-10-01", "2027"] {
            assert!(errors_after(json!({ "startDate": start })).is_empty(), "{start}");
        }
        // It ends on 2027-09-30, which may be before a start in the year, not in a later month.
        assert_eq!(errors_after(json!({ "startDate": "2027-10" })), ["endDate contradiction"]);
        assert_eq!(errors_after(json!({ "startDate": "2024-1" })), ["startDate invalid"]);
        assert_eq!(errors_after(json!({ "startDate": null })), ["startDate required"]);
        let unknown = json!({ "startDate": null, "startUnknownReason": " Bought with the firm. " });
        assert!(errors_after(unknown).is_empty());
        let both = json!({ "startUnknownReason": "Bought with the firm." });
        assert_eq!(errors_after(both), ["startUnknownReason contradiction"]);
        let short = json!({ "startDate": null, "startUnknownReason": "Enrolled by the founder." });
        assert!(errors_of(&e_verify_agreement(), short).is_empty());
    }

    #[test]
    fn a_proposed_agreement_needs_no_dates() {
        let days = json!({ "startDate": null, "endDate": null, "stateAtSigning": "PROPOSED" });
        assert!(errors_after(days).is_empty());
    }

    #[test]
    fn codes_have_a_fixed_format_and_numbers_any_format() {
        let codes = json!({ "naics": "56161", "psc": "S2066" });
        assert_eq!(errors_after(codes), ["naics invalid", "psc invalid"]);
        for number in ["HSCEDM-15-D-00015", "70CDCR18P00000017/P00003", "IGSA: Droigsa 08 0029"] {
            assert!(
                errors_after(json!({ "identifier": number, "parentIdentifier": number }))
                    .is_empty()
            );
        }
        assert_eq!(errors_after(json!({ "identifier": "7".repeat(51) })), ["identifier too_long"]);
    }

    #[test]
    fn misleading_texts_are_refused_by_path() {
        let texts = json!({ "office": "a\u{202E}b", "description": "x".repeat(1_000_000) });
        assert_eq!(errors_after(texts), ["office invalid", "description too_long"]);
        let twice = json!({ "natureOfWork": ["FOOD", "FOOD"] });
        assert_eq!(errors_after(twice), ["natureOfWork invalid"]);
    }

    #[test]
    fn an_error_path_starts_at_the_statement() {
        let statement =
            with_agreements([detention_agreement(), from_json(json!({ "component": "OTHER" }))]);
        let errors = filing_errors(&statement);
        assert!(errors.contains(&"statement.dhs.agreements.1.componentName required".to_owned()));
    }
}
