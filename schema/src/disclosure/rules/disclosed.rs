//! What the gate needs to know of a filed statement.
use super::compensation::amounts;
use super::place::is_withheld;
use crate::disclosure::model::{
    Agreement, AgreementKind, Arrangement, Certainty, Pricing, StatedAmount, Statement, Withheld,
};
use crate::gate::facts::{AgreementFacts, ArrangementFacts, WithheldPart};
use crate::gate::{Money, OnwardToDhs};
use crate::money;

/// What a statement says, as the gate is told it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disclosed {
    /// The parts that are not told, by their paths from the statement inwards.
    pub withheld: Vec<WithheldPart>,
    /// The agreements, in the statement's order.
    pub agreements: Vec<AgreementFacts>,
    /// The arrangements, in the statement's order.
    pub arrangements: Vec<ArrangementFacts>,
}

/// What a statement says. Takes any, also one that would not be filed today.
#[must_use]
pub fn disclosed(statement: &Statement) -> Disclosed {
    let agreements = &statement.dhs.agreements;
    let arrangements = &statement.data_sharing.arrangements;
    let marks = agreements.iter().enumerate().flat_map(|(index, agreement)| {
        parts(["dhs".to_owned(), "agreements".to_owned(), index.to_string()], &agreement.withheld)
    });
    let more = arrangements.iter().enumerate().flat_map(|(index, arrangement)| {
        let at = ["dataSharing".to_owned(), "arrangements".to_owned(), index.to_string()];
        parts(at, &arrangement.withheld)
    });
    Disclosed {
        withheld: marks.chain(more).collect(),
        agreements: agreements.iter().map(disclosed_agreement).collect(),
        arrangements: arrangements.iter().map(disclosed_arrangement).collect(),
    }
}

/// The marks of one item with their paths from the statement inwards.
fn parts(at: [String; 3], marks: &[Withheld]) -> impl Iterator<Item = WithheldPart> {
    marks.iter().filter_map(move |mark| {
        let path = at.iter().chain(&mark.path).cloned().collect();
        Some(WithheldPart { path, ground: mark.ground? })
    })
}

fn disclosed_agreement(agreement: &Agreement) -> AgreementFacts {
    let is_program = agreement.kind == Some(AgreementKind::ProgramParticipation);
    let is_paid =
        agreement.compensation.is_some() || is_withheld(&agreement.withheld, "compensation");
    AgreementFacts {
        component: agreement.component,
        component_name: agreement.component_name.clone(),
        natures: agreement.nature_of_work.clone(),
        compensation: worth(agreement),
        is_short_form: is_program && !is_paid,
    }
}

/// What an agreement is worth: the current amount, else the obligated one, else the ceiling.
/// None if it is unknown, and none if the amount that counts is withheld: never 0, and never
/// another amount in its stead.
fn worth(agreement: &Agreement) -> Option<Money> {
    let compensation = agreement.compensation.as_ref()?;
    for (part, stated) in amounts(compensation) {
        if is_withheld(&agreement.withheld, &format!("{part}.amount")) {
            return None;
        }
        if let Some(amount) = stated.and_then(amount) {
            return Some(amount);
        }
    }
    let is_stated = amounts(compensation).iter().any(|(_, stated)| stated.is_some());
    let is_unpaid = compensation.pricing == Some(Pricing::Unpaid) && !is_stated;
    is_unpaid.then(|| Money { cents: 0, currency: "USD".to_owned() })
}

fn amount(stated: &StatedAmount) -> Option<Money> {
    let is_told = matches!(stated.certainty, Some(Certainty::Known | Certainty::Estimated));
    let written = stated.amount.as_ref().filter(|_| is_told);
    money::parse_money(written?).ok()
}

fn disclosed_arrangement(arrangement: &Arrangement) -> ArrangementFacts {
    ArrangementFacts {
        recipient_kind: arrangement.recipient_kind,
        recipient_component: arrangement.recipient_component,
        // What is withheld shows as withheld.
        includes_city_data: arrangement.includes_city_data == Some(true),
        onward_to_dhs: arrangement.onward_to_dhs.unwrap_or(OnwardToDhs::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::disclosed;
    use crate::disclosure::rules::samples::{
        any_statement, detention, e_verify, everything, none, read, with_agreements,
    };
    use crate::gate::{DhsComponent, NatureOfWork, OnwardToDhs, RecipientKind, WithheldGround};

    /// What a detention agreement with this compensation is worth.
    fn worth(compensation: &Value) -> Option<String> {
        let agreement = read(json!({ "component": "ICE", "compensation": compensation }));
        let told = disclosed(&with_agreements([agreement]));
        told.agreements[0].compensation.as_ref().map(ToString::to_string)
    }

    #[test]
    fn what_is_told_is_what_stands_there() {
        let told = disclosed(&everything());
        let [detention, e_verify] = &told.agreements[..] else { panic!("two agreements") };
        assert_eq!(detention.component, Some(DhsComponent::Ice));
        assert_eq!(detention.natures, [NatureOfWork::Detention, NatureOfWork::Food]);
        let worth = detention.compensation.as_ref().map(|amount| amount.cents);
        assert_eq!((worth, detention.is_short_form), (Some(125_000_000), false));
        assert_eq!((e_verify.compensation.as_ref(), e_verify.is_short_form), (None, true));
        let [arrangement] = &told.arrangements[..] else { panic!("one arrangement") };
        assert_eq!(arrangement.recipient_kind, Some(RecipientKind::DataBroker));
        assert!(arrangement.includes_city_data);
        assert_eq!(arrangement.onward_to_dhs, OnwardToDhs::Allowed);
        assert_eq!(told.withheld, []);
        assert_eq!(disclosed(&none()), super::Disclosed::default());
    }

    #[test]
    fn the_first_amount_that_is_told_counts() {
        let known = |amount| json!({ "certainty": "KNOWN", "amount": { "amount": amount, "currency": "USD" } });
        let unknown = json!({ "certainty": "UNKNOWN", "reason": "Ordered as needed." });
        let three =
            json!({ "obligated": known("1"), "current": known("2"), "ceiling": known("3") });
        assert_eq!(worth(&three).as_deref(), Some("USD 2.00"));
        let two = json!({ "obligated": known("1"), "current": unknown, "ceiling": known("3") });
        assert_eq!(worth(&two).as_deref(), Some("USD 1.00"));
        assert_eq!(worth(&json!({ "current": unknown })), None);
        assert_eq!(worth(&json!({ "pricing": "COST" })), None);
        assert_eq!(worth(&json!({ "pricing": "UNPAID" })).as_deref(), Some("USD 0.00"));
        assert_eq!(worth(&json!({ "current": known("1e400") })), None);
    }

    #[test]
    fn a_withheld_amount_is_unknown_and_no_other_stands_in_for_it() {
        let mut agreement = detention();
        let compensation = agreement.compensation.as_mut().expect("it is told");
        compensation.ceiling = compensation.current.take();
        agreement.withheld = read(json!([
            { "path": ["compensation", "current"], "ground": "CLASSIFIED" }, { "path": ["office"] }
        ]));
        let told = disclosed(&with_agreements([e_verify(), agreement]));
        assert_eq!(told.agreements[1].compensation, None);
        let [part] = &told.withheld[..] else { panic!("a mark without a ground is none yet") };
        assert_eq!(part.path, ["dhs", "agreements", "1", "compensation", "current"]);
        assert_eq!(part.ground, WithheldGround::Classified);
    }

    proptest! {
        #[test]
        fn no_statement_panics(statement in any_statement()) {
            let told = disclosed(&statement);
            prop_assert_eq!(told.agreements.len(), statement.dhs.agreements.len());
        }
    }
}
