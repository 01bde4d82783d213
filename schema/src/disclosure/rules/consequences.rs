//! What each gap and each answer of a disclosure leads to.
use crate::disclosure::model::{
    Agreement, Answer, Arrangement, Certainty, Consequence, DataSharingSection, DhsSection,
    StartPrecision, Statement, Withheld,
};
use crate::gate::OnwardToDhs;
use crate::gate::wording::describe_part;
use crate::scalar::PartialDate;

/// What an error that prevents filing leads to, by its path.
#[must_use]
pub fn gap_consequence(path: &[String]) -> Consequence {
    let mut steps = path.iter().map(String::as_str).filter(|step| *step != "statement");
    match (steps.next(), steps.next(), steps.next()) {
        (Some("dhs"), Some("agreements"), Some(_))
        | (Some("dataSharing"), Some("arrangements"), Some(_)) => Consequence::GapInItem,
        (Some("dhs" | "dataSharing"), ..) => Consequence::GapInSection,
        (Some("attachments" | "confidentialityClaims"), ..) => Consequence::GapInEvidence,
        _ => Consequence::GapInSignature,
    }
}

/// The answers of a statement in its order, and what each leads to.
#[must_use]
pub fn list_answers(statement: &Statement) -> Vec<Answer> {
    let Statement {
        dhs: DhsSection { none_attested: has_no_agreements, agreements },
        data_sharing: DataSharingSection { none_attested: has_no_arrangements, arrangements },
        attachments,
        confidentiality_claims,
    } = statement;
    let mut answers = Answers::default();
    if *has_no_agreements {
        answers.add("dhs.noneAttested", Consequence::NoneStated);
    }
    for (index, agreement) in agreements.iter().enumerate() {
        answers.add_agreement(&format!("dhs.agreements.{index}"), agreement);
    }
    if *has_no_arrangements {
        answers.add("dataSharing.noneAttested", Consequence::NoneStated);
    }
    for (index, arrangement) in arrangements.iter().enumerate() {
        answers.add_arrangement(&format!("dataSharing.arrangements.{index}"), arrangement);
    }
    for index in 0..attachments.len() {
        answers.add(&format!("attachments.{index}"), Consequence::DocumentAttached);
    }
    for index in 0..confidentiality_claims.len() {
        let path = format!("confidentialityClaims.{index}");
        answers.add(&path, Consequence::ConfidentialityClaimed);
    }
    answers.0
}

#[derive(Default)]
struct Answers(Vec<Answer>);

impl Answers {
    /// Adds the answer at a dotted path.
    fn add(&mut self, path: &str, consequence: Consequence) {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        let leads_to = consequence.english();
        self.0.push(Answer { part: describe_part(&path), path, consequence, leads_to });
    }

    fn add_agreement(&mut self, at: &str, agreement: &Agreement) {
        self.add(at, Consequence::AgreementListed);
        let Agreement { start_date, start_unknown_reason, .. } = agreement;
        self.add_start(at, start_date.as_ref(), start_unknown_reason.as_ref());
        if let Some(compensation) = &agreement.compensation {
            let amounts = [
                ("obligated", &compensation.obligated),
                ("current", &compensation.current),
                ("ceiling", &compensation.ceiling),
            ];
            for (name, amount) in amounts {
                let certainty = amount.as_ref().and_then(|amount| amount.certainty);
                if matches!(certainty, Some(Certainty::Unknown | Certainty::Estimated)) {
                    self.add(&format!("{at}.compensation.{name}"), Consequence::NotKnown);
                }
            }
        }
        self.add_withheld(at, &agreement.withheld);
    }

    fn add_arrangement(&mut self, at: &str, arrangement: &Arrangement) {
        self.add(at, Consequence::ArrangementListed);
        let Arrangement { start_date, start_unknown_reason, .. } = arrangement;
        self.add_start(at, start_date.as_ref(), start_unknown_reason.as_ref());
        if arrangement.onward_to_dhs == Some(OnwardToDhs::Unknown) {
            self.add(&format!("{at}.onwardToDhs"), Consequence::NotKnown);
        }
        self.add_withheld(at, &arrangement.withheld);
    }

    fn add_start(&mut self, at: &str, start: Option<&PartialDate>, reason: Option<&String>) {
        match StartPrecision::of(start, reason) {
            Some(StartPrecision::Unknown) => {
                self.add(&format!("{at}.startUnknownReason"), Consequence::NotKnown);
            }
            Some(StartPrecision::Month | StartPrecision::Year) => {
                self.add(&format!("{at}.startDate"), Consequence::NotKnown);
            }
            Some(StartPrecision::Day) | None => {}
        }
    }

    fn add_withheld(&mut self, at: &str, withheld: &[Withheld]) {
        for entry in withheld.iter().filter(|entry| !entry.path.is_empty()) {
            self.add(&format!("{at}.{}", entry.path.join(".")), Consequence::PartWithheld);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{gap_consequence, list_answers};
    use crate::disclosure::model::{Consequence, Statement};
    use crate::disclosure::rules::samples::{
        any_statement, detention_agreement, full_statement, none_attested, version_1_questions,
        with_agreements, with_fields,
    };
    use crate::disclosure::rules::statement::validate_answers;

    fn summaries(statement: &Statement) -> Vec<String> {
        let answers = list_answers(statement).into_iter();
        answers.map(|it| format!("{}: {}", it.part, it.consequence.as_str())).collect()
    }

    #[test]
    fn each_answer_says_what_it_leads_to() {
        assert_eq!(
            summaries(&none_attested()),
            [
                "the section about agreements with Homeland Security, the statement that there are \
                none: NONE_STATED",
                "the section about data sharing, the statement that there are none: NONE_STATED",
            ]
        );
        assert_eq!(
            summaries(&full_statement()),
            [
                "agreement 1: AGREEMENT_LISTED",
                "agreement 2: AGREEMENT_LISTED",
                "data-sharing arrangement 1: ARRANGEMENT_LISTED",
                "attachment 1: DOCUMENT_ATTACHED",
                "confidentiality claim 1: CONFIDENTIALITY_CLAIMED",
            ]
        );
        let unknown = json!({
            "startDate": null, "startUnknownReason": "Lost.", "description": null,
            "withheld": [{ "path": ["description"], "ground": "CLASSIFIED" }]
        });
        let by_year = json!({ "startDate": "2024", "compensation": {
            "pricing": "COST", "terms": "t", "current": { "certainty": "UNKNOWN", "reason": "r" } } });
        let agreements =
            [unknown, by_year].map(|fields| with_fields(&detention_agreement(), fields));
        assert_eq!(
            summaries(&with_agreements(agreements))[..6],
            [
                "agreement 1: AGREEMENT_LISTED",
                "agreement 1, reason why the start is not known: NOT_KNOWN",
                "agreement 1, description: PART_WITHHELD",
                "agreement 2: AGREEMENT_LISTED",
                "agreement 2, start: NOT_KNOWN",
                "agreement 2, compensation, current: NOT_KNOWN",
            ]
        );
    }

    #[test]
    fn listing_never_counts_against_a_bid() {
        for listed in
            [Consequence::GapInItem, Consequence::AgreementListed, Consequence::ArrangementListed]
        {
            assert!(listed.english().contains("Listing it never counts against your bid"));
        }
    }

    proptest! {
        #[test]
        fn every_gap_of_a_statement_is_in_one_of_its_parts(statement in any_statement()) {
            let gaps = validate_answers(&statement, &version_1_questions()).err();
            for gap in gaps.unwrap_or_default() {
                prop_assert_ne!(gap_consequence(&gap.path), Consequence::GapInSignature);
            }
            let items = statement.dhs.agreements.len() + statement.data_sharing.arrangements.len();
            prop_assert!(list_answers(&statement).len() >= items);
        }
    }
}
