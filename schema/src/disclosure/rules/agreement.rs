//! What one agreement must say.
use super::place::FieldChecker;
use super::{compensation, withheld};
use crate::disclosure::model::{Agreement, AgreementKind, AgreementState, Holder};
use crate::gate::{DhsComponent, EntityScope, ProgramParticipation, Questions};

/// The agreement, cleaned; what is wrong or missing is noted.
pub fn file(typed: &Agreement, questions: &Questions, place: &mut FieldChecker<'_>) -> Agreement {
    let cleaned = clean(typed, place);
    withheld::contradictions(&cleaned.withheld, withheld::OF_AGREEMENT, &cleaned, place);
    let mut place = place.with_withheld(&cleaned.withheld);
    needs(&cleaned, questions, &mut place);
    agree(&cleaned, &mut place);
    cleaned
}

fn clean(typed: &Agreement, place: &mut FieldChecker<'_>) -> Agreement {
    let six_digits = |code: &str| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    let four_characters =
        |code: &str| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    place.require_distinct("natureOfWork", &typed.nature_of_work);
    Agreement {
        holder: typed.holder.as_ref().and_then(|holder| clean_holder(holder, place)),
        component: typed.component,
        component_name: place.normalize_line("componentName", typed.component_name.as_ref()),
        office: place.normalize_line("office", typed.office.as_ref()),
        program: place.normalize_line("program", typed.program.as_ref()),
        kind: typed.kind,
        kind_name: place.normalize_line("kindName", typed.kind_name.as_ref()),
        tier: typed.tier,
        prime: place.normalize_line("prime", typed.prime.as_ref()),
        prime_award: place.number("primeAward", typed.prime_award.as_ref()),
        identifier: place.number("identifier", typed.identifier.as_ref()),
        parent_identifier: place.number("parentIdentifier", typed.parent_identifier.as_ref()),
        start_date: place.normalize_date("startDate", typed.start_date.as_ref()),
        end_date: place.normalize_date("endDate", typed.end_date.as_ref()),
        ongoing: typed.ongoing,
        state_at_signing: typed.state_at_signing,
        nature_of_work: typed.nature_of_work.clone(),
        description: place.prose("description", typed.description.as_ref()),
        naics: place.normalize_code(
            "naics",
            typed.naics.as_ref(),
            six_digits,
            "Write the NAICS code with its six digits, such as 561612, or leave it empty.",
        ),
        psc: place.normalize_code(
            "psc",
            typed.psc.as_ref(),
            four_characters,
            "Write the PSC with its four letters and digits, such as S206, or leave it empty.",
        ),
        place_of_performance: place.normalize_line("placeOfPerformance", typed.place_of_performance.as_ref()),
        compensation: typed.compensation.as_ref().and_then(|it| compensation::clean(it, place)),
        withheld: withheld::marks(&typed.withheld, withheld::OF_AGREEMENT, place),
    }
}

fn clean_holder(typed: &Holder, place: &mut FieldChecker<'_>) -> Option<Holder> {
    let name = place.at("holder").normalize_line("name", typed.name.as_ref());
    let cleaned = Holder { relation: typed.relation, name };
    (cleaned != Holder::default()).then_some(cleaned)
}

/// Notes what is missing. The directive asks which agency, the nature of the work and the terms
/// of compensation (Executive Directive 17, section E); the rest tells one agreement from
/// another.
fn needs(agreement: &Agreement, questions: &Questions, place: &mut FieldChecker<'_>) {
    let kind = agreement.kind;
    place.require("kind", kind.is_some(), "Choose the kind of agreement.");
    if kind == Some(AgreementKind::Other) {
        place.require("kindName", agreement.kind_name.is_some(), "Say what kind it is.");
    }
    let component = agreement.component;
    place.require("component", component.is_some(), "Choose the component that it is with.");
    if component == Some(DhsComponent::Other) {
        place.require("componentName", agreement.component_name.is_some(), "Name the component.");
    }
    if kind == Some(AgreementKind::ProgramParticipation) {
        let told = "Name the program, such as E-Verify.";
        place.require("program", agreement.program.is_some(), told);
    }
    let is_proposed = agreement.state_at_signing == Some(AgreementState::Proposed);
    if !is_proposed {
        let told = "Give the day on which it begins or began.";
        place.require("startDate", agreement.start_date.is_some(), told);
    }
    let is_short = kind == Some(AgreementKind::ProgramParticipation)
        && questions.program_participation != ProgramParticipation::FullForm;
    if is_short {
        return;
    }
    need_holder(agreement.holder.as_ref(), place);
    if !is_proposed {
        let has_end = agreement.end_date.is_some() || agreement.ongoing;
        place.require("endDate", has_end, "Give the day on which it ends, or say that it is ongoing.");
    }
    let state = agreement.state_at_signing.is_some();
    place.require("stateAtSigning", state, "Say how it stands on the day of signing.");
    let nature = !agreement.nature_of_work.is_empty();
    place.require("natureOfWork", nature, "Choose at least one category of work.");
    let description = agreement.description.is_some();
    place.require("description", description, "Say in words what the work is.");
    compensation::needs(agreement.compensation.as_ref(), place);
    if kind.is_some_and(AgreementKind::is_subaward) {
        place.require("tier", agreement.tier.is_some(), "Say how far below the prime it stands.");
        place.require("prime", agreement.prime.is_some(), "Name the holder of the prime award.");
        let told = "Give the number of the prime award; if you do not know it, write so.";
        place.require("primeAward", agreement.prime_award.is_some(), told);
    }
}

fn need_holder(holder: Option<&Holder>, place: &mut FieldChecker<'_>) {
    let Some(holder) = holder else {
        let told = "Say who holds it: your own organization, or one related to it.";
        return place.require("holder", false, told);
    };
    let told = "Say what the holder is to your organization.";
    place.require("holder.relation", holder.relation.is_some(), told);
    if holder.relation.is_some_and(|relation| relation != EntityScope::Own) {
        place.require("holder.name", holder.name.is_some(), "Name the holder.");
    }
}

/// Notes what cannot be true together.
fn agree(agreement: &Agreement, place: &mut FieldChecker<'_>) {
    let (start, end) = (agreement.start_date.as_ref(), agreement.end_date.as_ref());
    place.check_dates(start, end, agreement.ongoing);
    if agreement.ongoing && agreement.state_at_signing == Some(AgreementState::Ended) {
        let told = "It cannot have ended and be ongoing; correct one of them.";
        place.add_error("stateAtSigning", "contradiction", told);
    }
    let names_component = agreement.component.is_none_or(|it| it == DhsComponent::Other);
    if agreement.component_name.is_some() && !names_component {
        let told = "Only a component that the list lacks is named; take the name away, or choose \
            OTHER.";
        place.add_error("componentName", "contradiction", told);
    }
    let names_kind = agreement.kind.is_none_or(|it| it == AgreementKind::Other);
    if agreement.kind_name.is_some() && !names_kind {
        let told = "Only a kind that the list lacks is named; take the name away, or choose OTHER.";
        place.add_error("kindName", "contradiction", told);
    }
    if agreement.kind.is_some_and(|kind| !kind.is_subaward()) {
        let under_prime = [
            ("tier", agreement.tier.is_some()),
            ("prime", agreement.prime.is_some()),
            ("primeAward", agreement.prime_award.is_some()),
        ];
        for (part, _) in under_prime.into_iter().filter(|(_, is_there)| *is_there) {
            let told = "Only a subcontract or subgrant stands under a prime award; take this \
                away, or change the kind.";
            place.add_error(part, "contradiction", told);
        }
    }
    if let Some(compensation) = &agreement.compensation {
        compensation::agree(compensation, place);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::disclosure::model::Agreement;
    use crate::disclosure::rules::file::answer;
    use crate::disclosure::rules::samples::{
        changed, detention, e_verify, questions, read, refused, with_agreements,
    };
    use crate::gate::ProgramParticipation;

    /// What is told of a detention contract after these changes, by paths within it.
    fn told(changes: Value) -> Vec<String> {
        told_of(&detention(), changes)
    }

    fn told_of(agreement: &Agreement, changes: Value) -> Vec<String> {
        let statement = with_agreements([changed(agreement, changes)]);
        let errors = answer(&statement, &questions()).err().unwrap_or_default();
        let inside = errors.iter().map(|it| format!("{} {}", it.path[4..].join("."), it.code));
        inside.collect()
    }

    #[test]
    fn what_the_list_lacks_is_named() {
        let lacking = json!({ "component": "OTHER", "kind": "OTHER" });
        assert_eq!(told(lacking), ["kindName required", "componentName required"]);
        let named = json!({ "componentName": "An office", "kindName": "A pledge" });
        assert_eq!(told(named), ["componentName contradiction", "kindName contradiction"]);
        let named = json!({
            "component": "OTHER", "componentName": "An office", "kind": "OTHER", "kindName": "A pledge"
        });
        assert!(told(named).is_empty());
    }

    #[test]
    fn another_holder_is_named() {
        assert_eq!(told(json!({ "holder": null })), ["holder required"]);
        assert_eq!(told(json!({ "holder": { "name": "A. & Co" } })), ["holder.relation required"]);
        let holder = json!({ "holder": { "relation": "JOINT_VENTURE_MEMBER" } });
        assert_eq!(told(holder), ["holder.name required"]);
    }

    #[test]
    fn a_subcontract_names_its_prime() {
        let missing = ["tier required", "prime required", "primeAward required"];
        for kind in ["SUBCONTRACT", "SUBGRANT"] {
            assert_eq!(told(json!({ "kind": kind })), missing, "{kind}");
        }
        let under = json!({
            "kind": "SUBCONTRACT", "tier": "FIRST", "prime": "Prime, Inc.",
            "withheld": [{ "path": ["primeAward"], "ground": "NON_DISCLOSURE_AGREEMENT" }]
        });
        assert!(told(under).is_empty());
        assert_eq!(told(json!({ "prime": "Prime, Inc." })), ["prime contradiction"]);
    }

    #[test]
    fn program_participation_is_short_where_the_policy_says_so() {
        assert!(told_of(&e_verify(), json!({})).is_empty());
        assert_eq!(told_of(&e_verify(), json!({ "program": " " })), ["program required"]);
        let mut full = questions();
        full.program_participation = ProgramParticipation::FullForm;
        let errors = answer(&with_agreements([e_verify()]), &full).expect_err("it is too short");
        assert!(errors.iter().any(|error| error.path.ends_with(&["stateAtSigning".to_owned()])));
    }

    #[test]
    fn days_exist_and_come_in_order() {
        let days = json!({ "startDate": "0000-00-00", "endDate": "9999-12-31" });
        assert_eq!(told(days), ["startDate invalid", "endDate invalid"]);
        assert_eq!(told(json!({ "startDate": "2027-10-01" })), ["endDate contradiction"]);
        assert!(told(json!({ "startDate": "2027-09-30" })).is_empty());
        assert_eq!(told(json!({ "endDate": null })), ["endDate required"]);
        assert!(told(json!({ "endDate": null, "ongoing": true })).is_empty());
        assert_eq!(told(json!({ "ongoing": true })), ["endDate contradiction"]);
        let ended = json!({ "endDate": null, "ongoing": true, "stateAtSigning": "ENDED" });
        assert_eq!(told(ended), ["stateAtSigning contradiction"]);
    }

    #[test]
    fn what_is_only_proposed_has_no_days_yet() {
        let days = json!({ "startDate": null, "endDate": null, "stateAtSigning": "PROPOSED" });
        assert!(told(days).is_empty());
    }

    #[test]
    fn codes_have_their_form_and_numbers_have_any() {
        let codes = json!({ "naics": "56161", "psc": "S2066" });
        assert_eq!(told(codes), ["naics invalid", "psc invalid"]);
        for number in ["HSCEDM-15-D-00015", "70CDCR18P00000017/P00003", "IGSA: Droigsa 08 0029"] {
            assert!(told(json!({ "identifier": number, "parentIdentifier": number })).is_empty());
        }
        assert_eq!(told(json!({ "identifier": "7".repeat(51) })), ["identifier too_long"]);
    }

    #[test]
    fn texts_that_mislead_are_refused_by_path() {
        let texts = json!({ "office": "a\u{202E}b", "description": "x".repeat(1_000_000) });
        assert_eq!(told(texts), ["office invalid", "description too_long"]);
        let twice = json!({ "natureOfWork": ["FOOD", "FOOD"] });
        assert_eq!(told(twice), ["natureOfWork invalid"]);
    }

    #[test]
    fn a_refusal_names_its_place_from_the_statement_inwards() {
        let statement = with_agreements([detention(), read(json!({ "component": "OTHER" }))]);
        let told = refused(&statement);
        assert!(told.contains(&"statement.dhs.agreements.1.componentName required".to_owned()));
    }
}
