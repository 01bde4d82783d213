//! The statement whole: what is filed, or all that keeps it from being filed.
use serde_json::Value;

use super::place::FieldChecker;
use super::{agreement, arrangement, evidence};
use crate::disclosure::model::{DataSharingSection, DhsSection, Statement};
use crate::fault::{InputErrors, UserError};
use crate::gate::{Policy, Questions};

/// The most agreements, and the most arrangements, of one statement.
const ITEMS: usize = 1_000;
/// The most attachments, and the most claims, of one statement.
const EVIDENCE: usize = 1_000;

/// The statement as it is filed under a policy: texts trimmed and normalised, amounts with two
/// decimals, what is empty left out. Filing it again changes nothing.
///
/// # Errors
/// All that is missing or wrong, at once, each with its path from `statement` inwards.
pub fn file(typed: &Statement, policy: &Policy) -> Result<Statement, Vec<UserError>> {
    answer(typed, &policy.questions())
}

/// The statement as it is filed in answer to these questions.
pub fn answer(typed: &Statement, questions: &Questions) -> Result<Statement, Vec<UserError>> {
    let mut problems = InputErrors::default();
    let mut place = FieldChecker::statement(&mut problems);
    let mut cleaned = Statement {
        dhs: dhs(&typed.dhs, questions, &mut place.at("dhs")),
        data_sharing: data_sharing(&typed.data_sharing, questions, &mut place.at("dataSharing")),
        ..Statement::default()
    };
    if place.require_max_items("attachments", &typed.attachments, EVIDENCE) {
        let mut list = place.at("attachments");
        let read = typed.attachments.iter().enumerate();
        let read = read.map(|(index, it)| evidence::attachment(it, &mut list.at(index)));
        cleaned.attachments = read.collect();
    }
    let json = serde_json::to_value(&cleaned).unwrap_or(Value::Null);
    for (index, attachment) in cleaned.attachments.iter().enumerate() {
        evidence::is_about(attachment, &json, &mut place.at("attachments").at(index));
    }
    if place.require_max_items("confidentialityClaims", &typed.confidentiality_claims, EVIDENCE) {
        let claims = &typed.confidentiality_claims;
        let mut list = place.at("confidentialityClaims");
        cleaned.confidentiality_claims = evidence::claims(claims, &json, &mut list);
    }
    let errors = problems.into_errors();
    if errors.is_empty() { Ok(cleaned) } else { Err(errors) }
}

fn dhs(typed: &DhsSection, questions: &Questions, place: &mut FieldChecker<'_>) -> DhsSection {
    one_or_the_other(typed.none_attested, typed.agreements.len(), "agreements", place);
    let mut cleaned = DhsSection { none_attested: typed.none_attested, ..DhsSection::default() };
    if place.require_max_items("agreements", &typed.agreements, ITEMS) {
        let mut list = place.at("agreements");
        let read = typed.agreements.iter().enumerate();
        let read = read.map(|(index, it)| agreement::file(it, questions, &mut list.at(index)));
        cleaned.agreements = read.collect();
    }
    cleaned
}

fn data_sharing(
    typed: &DataSharingSection,
    questions: &Questions,
    place: &mut FieldChecker<'_>,
) -> DataSharingSection {
    one_or_the_other(typed.none_attested, typed.arrangements.len(), "arrangements", place);
    let mut cleaned =
        DataSharingSection { none_attested: typed.none_attested, ..DataSharingSection::default() };
    if place.require_max_items("arrangements", &typed.arrangements, ITEMS) {
        let mut list = place.at("arrangements");
        let read = typed.arrangements.iter().enumerate();
        let read = read.map(|(index, it)| arrangement::file(it, questions, &mut list.at(index)));
        cleaned.arrangements = read.collect();
    }
    cleaned
}

/// An empty section is never "none", and none beside items says two things.
fn one_or_the_other(none_attested: bool, items: usize, what: &str, place: &mut FieldChecker<'_>) {
    if !none_attested && items == 0 {
        let told = format!(
            "List the {what}, or state that there are none by setting noneAttested to true."
        );
        place.add_error("", "required", told);
    }
    if none_attested && items > 0 {
        let told = format!("It states that there are none and lists {what}; keep one of the two.");
        place.add_error("noneAttested", "contradiction", told);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::answer;
    use crate::canonical::canonical;
    use crate::disclosure::model::{
        Agreement, AgreementKind, Arrangement, ConfidentialityClaim, Statement, Withheld,
    };
    use crate::disclosure::rules::samples::{
        any_statement, detention, e_verify, everything, none, questions, refused, with_agreements,
    };
    use crate::gate::WithheldGround;

    fn filed(statement: &Statement) -> Statement {
        answer(statement, &questions()).expect("it is complete")
    }

    #[test]
    fn none_of_either_is_filed() {
        assert_eq!(
            canonical(&filed(&none())).expect("JSON").text,
            r#"{"dataSharing":{"noneAttested":true},"dhs":{"noneAttested":true}}"#
        );
    }

    #[test]
    fn an_empty_section_is_never_none() {
        let told = refused(&Statement::default());
        assert_eq!(told, ["statement.dhs required", "statement.dataSharing required"]);
    }

    #[test]
    fn none_beside_items_is_a_contradiction() {
        let mut statement = everything();
        statement.dhs.none_attested = true;
        statement.data_sharing.none_attested = true;
        assert_eq!(
            refused(&statement),
            [
                "statement.dhs.noneAttested contradiction",
                "statement.dataSharing.noneAttested contradiction"
            ]
        );
    }

    #[test]
    fn a_one_person_firm_with_e_verify_files_the_short_form() {
        let statement = filed(&with_agreements([e_verify()]));
        assert_eq!(
            canonical(&statement.dhs).expect("JSON").text,
            r#"{"agreements":[{"component":"USCIS","kind":"PROGRAM_PARTICIPATION","program":"E-Verify","startDate":"2019-03-01"}]}"#
        );
    }

    #[test]
    fn a_classified_agreement_files_with_parts_withheld() {
        let mark = |path: &str| Withheld {
            path: path.split('.').map(str::to_owned).collect(),
            ground: Some(WithheldGround::Classified),
            note: None,
        };
        let told =
            ["component", "natureOfWork", "description", "startDate", "endDate", "compensation"];
        let mut agreement = Agreement {
            holder: detention().holder,
            kind: Some(AgreementKind::Contract),
            state_at_signing: detention().state_at_signing,
            withheld: told.map(mark).into(),
            ..Agreement::default()
        };
        filed(&with_agreements([agreement.clone()]));
        agreement.withheld.pop();
        assert_eq!(
            refused(&with_agreements([agreement])),
            [
                "statement.dhs.agreements.0.compensation.pricing required",
                "statement.dhs.agreements.0.compensation.terms required",
                "statement.dhs.agreements.0.compensation.current required"
            ]
        );
    }

    #[test]
    fn all_that_is_missing_is_told_at_once() {
        let mut statement = with_agreements([detention(), Agreement::default()]);
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
        assert_eq!(refused(&statement), all.concat());
    }

    #[test]
    fn what_is_filed_is_clean_and_stays_so() {
        let mut typed = everything();
        let agreement = &mut typed.dhs.agreements[0];
        agreement.description = Some("  Cafe\u{301} for\n60 beds ".into());
        agreement.office = Some("   ".into());
        agreement.psc = Some("s206".into());
        let clean = filed(&typed);
        let agreement = &clean.dhs.agreements[0];
        assert_eq!(agreement.description.as_deref(), Some("Café for\n60 beds"));
        assert_eq!((agreement.office.as_deref(), agreement.psc.as_deref()), (None, Some("S206")));
        let current = agreement.compensation.as_ref().and_then(|it| it.current.clone());
        let amount = current.and_then(|it| it.amount).expect("an amount");
        assert_eq!(amount.amount.as_str(), "1250000.00");
        assert_eq!(filed(&clean), clean);
    }

    #[test]
    fn a_claim_leads_to_what_is_there() {
        let mut statement = everything();
        let claim = |path: &[&str], ground: &str| ConfidentialityClaim {
            path: path.iter().map(|&step| step.to_owned()).collect(),
            ground: Some(ground.to_owned()),
        };
        let there = ["dhs", "agreements", "0", "compensation", "terms"];
        statement.confidentiality_claims = vec![
            claim(&there, "Evidence Code 1060"),
            claim(&there, "the same once more"),
            claim(&["dhs", "agreements", "00"], "an index that is none"),
            claim(&["dhs", "agreements", "0", "placeOfPerformance"], "not told at all"),
            claim(&[], " "),
        ];
        assert_eq!(
            refused(&statement),
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
    fn too_many_are_refused_unread() {
        let statement = with_agreements(vec![Agreement::default(); 1_001]);
        assert_eq!(refused(&statement), ["statement.dhs.agreements too_long"]);
    }

    #[test]
    fn an_unknown_field_is_refused() {
        for json in [r#"{"dsh":{}}"#, r#"{"dhs":{"agreements":[{"kindd":"CONTRACT"}]}}"#] {
            assert!(serde_json::from_str::<Statement>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn no_statement_panics_and_what_is_filed_is_stable(statement in any_statement()) {
            if let Ok(clean) = answer(&statement, &questions()) {
                prop_assert_eq!(answer(&clean, &questions()), Ok(clean));
            }
        }

        #[test]
        fn a_draft_comes_back_as_typed(statement in any_statement()) {
            let json = serde_json::to_string(&statement).expect("a statement is JSON");
            prop_assert_eq!(serde_json::from_str::<Statement>(&json).expect("back"), statement);
        }
    }
}
