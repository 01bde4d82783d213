//! Validates a whole statement: returns what is filed, or every error that prevents it.
use serde_json::Value;

use super::field_checker::FieldChecker;
use super::{agreement, arrangement, evidence};
use crate::disclosure::model::{DataSharingSection, DhsSection, Statement};
use crate::fault::{InputErrors, UserError};
use crate::gate::{Policy, Questions};
use crate::user_message::UserMessage;

/// The most agreements, and the most arrangements, in one statement.
const MAX_ITEMS: usize = 1_000;
/// The most attachments, and the most confidentiality claims, in one statement.
const MAX_EVIDENCE_ITEMS: usize = 1_000;

/// The statement as it is filed under a policy: texts trimmed and NFC-normalized, amounts with two
/// decimals, empty fields omitted. Validating the result again does not change it.
///
/// # Errors
/// All missing and invalid fields at once, each with its path starting at `statement`.
pub fn validate_statement(input: &Statement, policy: &Policy) -> Result<Statement, Vec<UserError>> {
    validate_answers(input, &policy.questions())
}

/// The statement as it is filed in answer to these questions; see [`validate_statement`].
pub fn validate_answers(
    input: &Statement,
    questions: &Questions,
) -> Result<Statement, Vec<UserError>> {
    let mut input_errors = InputErrors::default();
    let mut checker = FieldChecker::statement(&mut input_errors);
    let Statement { dhs, data_sharing, attachments, confidentiality_claims } = input;
    let mut normalized = Statement {
        dhs: validate_dhs_section(dhs, questions, &mut checker.at("dhs")),
        data_sharing: validate_data_sharing_section(
            data_sharing,
            questions,
            &mut checker.at("dataSharing"),
        ),
        attachments: Vec::new(),
        confidentiality_claims: Vec::new(),
    };
    if checker.require_max_items("attachments", attachments, MAX_EVIDENCE_ITEMS) {
        let mut list = checker.at("attachments");
        let attachments = attachments.iter().enumerate();
        let attachments =
            attachments.map(|(index, it)| evidence::validate_attachment(it, &mut list.at(index)));
        normalized.attachments = attachments.collect();
    }
    // Attachments and claims refer to parts of the statement as it is filed.
    let json = serde_json::to_value(&normalized).unwrap_or(Value::Null);
    for (index, attachment) in normalized.attachments.iter().enumerate() {
        evidence::check_about(attachment, &json, &mut checker.at("attachments").at(index));
    }
    let claims = confidentiality_claims;
    if checker.require_max_items("confidentialityClaims", claims, MAX_EVIDENCE_ITEMS) {
        let mut list = checker.at("confidentialityClaims");
        normalized.confidentiality_claims = evidence::validate_claims(claims, &json, &mut list);
    }
    let errors = input_errors.into_errors();
    if errors.is_empty() { Ok(normalized) } else { Err(errors) }
}

fn validate_dhs_section(
    input: &DhsSection,
    questions: &Questions,
    checker: &mut FieldChecker<'_>,
) -> DhsSection {
    let DhsSection { none_attested, agreements } = input;
    check_none_attested(*none_attested, agreements.len(), "agreements", checker);
    let mut normalized = DhsSection { none_attested: *none_attested, agreements: Vec::new() };
    if checker.require_max_items("agreements", agreements, MAX_ITEMS) {
        let mut list = checker.at("agreements");
        let agreements = agreements.iter().enumerate();
        let agreements =
            agreements.map(|(index, it)| agreement::validate(it, questions, &mut list.at(index)));
        normalized.agreements = agreements.collect();
    }
    normalized
}

fn validate_data_sharing_section(
    input: &DataSharingSection,
    questions: &Questions,
    checker: &mut FieldChecker<'_>,
) -> DataSharingSection {
    let DataSharingSection { none_attested, arrangements } = input;
    check_none_attested(*none_attested, arrangements.len(), "arrangements", checker);
    let mut normalized =
        DataSharingSection { none_attested: *none_attested, arrangements: Vec::new() };
    if checker.require_max_items("arrangements", arrangements, MAX_ITEMS) {
        let mut list = checker.at("arrangements");
        let arrangements = arrangements.iter().enumerate();
        let arrangements = arrangements
            .map(|(index, it)| arrangement::validate(it, questions, &mut list.at(index)));
        normalized.arrangements = arrangements.collect();
    }
    normalized
}

/// Records an error for an empty section without `noneAttested`, and for one that has both.
fn check_none_attested(
    none_attested: bool,
    count: usize,
    items: &str,
    checker: &mut FieldChecker<'_>,
) {
    if !none_attested && count == 0 {
        checker.add_error("", UserMessage::SectionRequired { items: items.to_owned() });
    }
    if none_attested && count > 0 {
        let message = UserMessage::SectionContradictory { items: items.to_owned() };
        checker.add_error("noneAttested", message);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::validate_answers;
    use crate::canonical::canonical;
    use crate::disclosure::model::{
        Agreement, AgreementKind, Arrangement, ConfidentialityClaim, Statement, Withheld,
    };
    use crate::disclosure::rules::samples::{
        any_statement, detention_agreement, e_verify_agreement, filing_errors, full_statement,
        none_attested, version_1_questions, with_agreements,
    };
    use crate::gate::WithheldGround;

    fn filed(statement: &Statement) -> Statement {
        validate_answers(statement, &version_1_questions()).expect("a complete statement")
    }

    #[test]
    fn a_statement_with_none_of_either_is_filed() {
        assert_eq!(
            canonical(&filed(&none_attested())).expect("JSON").text,
            r#"{"dataSharing":{"noneAttested":true},"dhs":{"noneAttested":true}}"#
        );
    }

    #[test]
    fn an_empty_section_is_refused() {
        let errors = filing_errors(&Statement::default());
        assert_eq!(errors, ["statement.dhs required", "statement.dataSharing required"]);
    }

    #[test]
    fn none_beside_items_is_a_contradiction() {
        let mut statement = full_statement();
        statement.dhs.none_attested = true;
        statement.data_sharing.none_attested = true;
        assert_eq!(
            filing_errors(&statement),
            [
                "statement.dhs.noneAttested contradiction",
                "statement.dataSharing.noneAttested contradiction"
            ]
        );
    }

    #[test]
    fn e_verify_alone_files_the_short_form() {
        let statement = filed(&with_agreements([e_verify_agreement()]));
        assert_eq!(
            canonical(&statement.dhs).expect("JSON").text,
            r#"{"agreements":[{"component":"USCIS","kind":"PROGRAM_PARTICIPATION","program":"E-Verify","startDate":"2019-03-01"}]}"#
        );
    }

    #[test]
    fn a_classified_agreement_files_with_parts_withheld() {
        let withheld = |path: &str| Withheld {
            path: path.split('.').map(str::to_owned).collect(),
            ground: Some(WithheldGround::Classified),
            note: None,
        };
        let parts =
            ["component", "natureOfWork", "description", "startDate", "endDate", "compensation"];
        let mut agreement = Agreement {
            holder: detention_agreement().holder,
            kind: Some(AgreementKind::Contract),
            state_at_signing: detention_agreement().state_at_signing,
            withheld: parts.map(withheld).into(),
            ..Agreement::default()
        };
        filed(&with_agreements([agreement.clone()]));
        agreement.withheld.pop();
        assert_eq!(
            filing_errors(&with_agreements([agreement])),
            [
                "statement.dhs.agreements.0.compensation.pricing required",
                "statement.dhs.agreements.0.compensation.terms required",
                "statement.dhs.agreements.0.compensation.current required"
            ]
        );
    }

    #[test]
    fn all_missing_fields_are_reported_at_once() {
        let mut statement = with_agreements([detention_agreement(), Agreement::default()]);
        statement.data_sharing.none_attested = false;
        statement.data_sharing.arrangements = vec![Arrangement::default()];
        let missing = |item: &str, parts: &[&str]| {
            parts.iter().map(|part| format!("statement.{item}.{part} required")).collect::<Vec<_>>()
        };
        let agreement = [
            "kind",
            "component",
            "startDate",
            "holder",
            "endDate",
            "stateAtSigning",
            "natureOfWork",
            "description",
            "compensation.pricing",
            "compensation.terms",
            "compensation.current",
        ];
        let arrangement = [
            "recipientKind",
            "recipientName",
            "dataCategories",
            "whoseData",
            "includesCityData",
            "purpose",
            "channel",
            "basis",
            "onwardToDhs",
            "startDate",
        ];
        let all = [
            missing("dhs.agreements.1", &agreement),
            missing("dataSharing.arrangements.0", &arrangement),
        ];
        assert_eq!(filing_errors(&statement), all.concat());
    }

    #[test]
    fn validating_normalizes_and_is_idempotent() {
        let mut input = full_statement();
        let agreement = &mut input.dhs.agreements[0];
        agreement.description = Some("  Cafe\u{301} for\n60 beds ".into());
        agreement.office = Some("   ".into());
        agreement.psc = Some("s206".into());
        let normalized = filed(&input);
        let agreement = &normalized.dhs.agreements[0];
        assert_eq!(agreement.description.as_deref(), Some("Café for\n60 beds"));
        assert_eq!((agreement.office.as_deref(), agreement.psc.as_deref()), (None, Some("S206")));
        let current = agreement.compensation.as_ref().and_then(|it| it.current.clone());
        let amount = current.and_then(|it| it.amount).expect("an amount");
        assert_eq!(amount.amount.as_str(), "1250000.00");
        assert_eq!(filed(&normalized), normalized);
    }

    #[test]
    fn a_claim_names_an_existing_part_once() {
        let mut statement = full_statement();
        let claim = |path: &[&str], ground: &str| ConfidentialityClaim {
            path: path.iter().map(|&step| step.to_owned()).collect(),
            ground: Some(ground.to_owned()),
        };
        let existing = ["dhs", "agreements", "0", "compensation", "terms"];
        statement.confidentiality_claims = vec![
            claim(&existing, "Evidence Code 1060"),
            claim(&existing, "the same part again"),
            claim(&["dhs", "agreements", "00"], "an invalid index"),
            claim(&["dhs", "agreements", "0", "placeOfPerformance"], "an absent field"),
            claim(&[], " "),
        ];
        assert_eq!(
            filing_errors(&statement),
            [
                "statement.confidentialityClaims.1.path invalid",
                "statement.confidentialityClaims.2.path invalid",
                "statement.confidentialityClaims.3.path invalid",
                "statement.confidentialityClaims.4.ground required",
                "statement.confidentialityClaims.4.path required"
            ]
        );
    }

    #[test]
    fn too_many_items_are_refused_unchecked() {
        let statement = with_agreements(vec![Agreement::default(); 1_001]);
        assert_eq!(filing_errors(&statement), ["statement.dhs.agreements too_long"]);
    }

    #[test]
    fn an_unknown_field_is_refused() {
        for json in [r#"{"dsh":{}}"#, r#"{"dhs":{"agreements":[{"kindd":"CONTRACT"}]}}"#] {
            assert!(serde_json::from_str::<Statement>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn no_statement_panics_and_validating_is_idempotent(statement in any_statement()) {
            if let Ok(normalized) = validate_answers(&statement, &version_1_questions()) {
                prop_assert_eq!(validate_answers(&normalized, &version_1_questions()), Ok(normalized));
            }
        }

        #[test]
        fn a_draft_round_trips_unchanged(statement in any_statement()) {
            let json = serde_json::to_string(&statement).expect("a statement is JSON");
            prop_assert_eq!(serde_json::from_str::<Statement>(&json).expect("back"), statement);
        }
    }
}
