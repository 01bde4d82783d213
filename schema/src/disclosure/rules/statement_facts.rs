//! Derives the gate's facts from a filed statement.
use super::compensation::amounts;
use super::field_checker::is_withheld;
use crate::disclosure::model::{
    Agreement, AgreementKind, Arrangement, Certainty, Compensation, DataSharingSection, DhsSection,
    Pricing, StatedAmount, Statement, Withheld,
};
use crate::gate::facts::{AgreementFacts, ArrangementFacts, WithheldPart};
use crate::gate::{Money, OnwardToDhs};
use crate::money;

/// The gate's facts about a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementFacts {
    /// The withheld parts, by their paths from the statement.
    pub withheld: Vec<WithheldPart>,
    /// The agreements, in the statement's order.
    pub agreements: Vec<AgreementFacts>,
    /// The arrangements, in the statement's order.
    pub arrangements: Vec<ArrangementFacts>,
}

/// The gate's facts about any statement, including one that could not be filed today.
#[must_use]
pub fn statement_facts(statement: &Statement) -> StatementFacts {
    // An empty section cannot be filed, so that an empty list means that there are none.
    let Statement {
        dhs: DhsSection { none_attested: _, agreements },
        data_sharing: DataSharingSection { none_attested: _, arrangements },
        attachments: _,
        confidentiality_claims: _,
    } = statement;
    let agreement_parts = agreements.iter().enumerate().flat_map(|(index, agreement)| {
        withheld_parts(
            ["dhs".to_owned(), "agreements".to_owned(), index.to_string()],
            &agreement.withheld,
        )
    });
    let arrangement_parts = arrangements.iter().enumerate().flat_map(|(index, arrangement)| {
        let item = ["dataSharing".to_owned(), "arrangements".to_owned(), index.to_string()];
        withheld_parts(item, &arrangement.withheld)
    });
    StatementFacts {
        withheld: agreement_parts.chain(arrangement_parts).collect(),
        agreements: agreements.iter().map(agreement_facts).collect(),
        arrangements: arrangements.iter().map(arrangement_facts).collect(),
    }
}

/// The withheld parts of one item, with their paths from the statement.
fn withheld_parts(item: [String; 3], withheld: &[Withheld]) -> impl Iterator<Item = WithheldPart> {
    withheld.iter().filter_map(move |entry| {
        let path = item.iter().chain(&entry.path).cloned().collect();
        Some(WithheldPart { path, ground: entry.ground? })
    })
}

fn agreement_facts(agreement: &Agreement) -> AgreementFacts {
    let Agreement {
        holder: _,
        component,
        component_name,
        office: _,
        program: _,
        kind,
        kind_name: _,
        tier: _,
        prime: _,
        prime_award: _,
        identifier: _,
        parent_identifier: _,
        start_date: _,
        start_unknown_reason: _,
        end_date: _,
        ongoing: _,
        state_at_signing: _,
        nature_of_work,
        description: _,
        naics: _,
        psc: _,
        place_of_performance: _,
        compensation,
        withheld,
    } = agreement;
    let is_program = *kind == Some(AgreementKind::ProgramParticipation);
    let states_compensation = compensation.is_some() || is_withheld(withheld, "compensation");
    AgreementFacts {
        component: *component,
        component_name: component_name.clone(),
        natures: nature_of_work.clone(),
        compensation: compensation.as_ref().and_then(|it| agreement_value(it, withheld)),
        is_short_form: is_program && !states_compensation,
    }
}

/// The value of an agreement: the current amount, else the obligated one, else the ceiling. None
/// if it is unknown or withheld: a withheld amount is never replaced by 0 or by another amount.
fn agreement_value(compensation: &Compensation, withheld: &[Withheld]) -> Option<Money> {
    for (part, stated) in amounts(compensation) {
        if is_withheld(withheld, &format!("{part}.amount")) {
            return None;
        }
        if let Some(amount) = stated.and_then(known_amount) {
            return Some(amount);
        }
    }
    let is_stated = amounts(compensation).iter().any(|(_, stated)| stated.is_some());
    let is_unpaid = compensation.pricing == Some(Pricing::Unpaid) && !is_stated;
    is_unpaid.then(|| Money { cents: 0, currency: "USD".to_owned() })
}

fn known_amount(stated: &StatedAmount) -> Option<Money> {
    let StatedAmount { certainty, amount, reason: _ } = stated;
    let has_value = matches!(certainty, Some(Certainty::Known | Certainty::Estimated));
    let amount = amount.as_ref().filter(|_| has_value);
    money::parse_money(amount?).ok()
}

fn arrangement_facts(arrangement: &Arrangement) -> ArrangementFacts {
    let Arrangement {
        recipient_name: _,
        recipient_class: _,
        recipient_count: _,
        recipient_kind,
        recipient_component,
        data_categories: _,
        whose_data: _,
        includes_city_data,
        purpose: _,
        channel: _,
        basis: _,
        compensation: _,
        onward_to_dhs,
        onward_component: _,
        onward_to_others: _,
        safeguards: _,
        start_date: _,
        start_unknown_reason: _,
        end_date: _,
        ongoing: _,
        withheld: _,
    } = arrangement;
    ArrangementFacts {
        recipient_kind: *recipient_kind,
        recipient_component: *recipient_component,
        // A withheld answer counts as no here; the statement's `withheld` lists it.
        includes_city_data: *includes_city_data == Some(true),
        onward_to_dhs: onward_to_dhs.unwrap_or(OnwardToDhs::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::statement_facts;
    use crate::disclosure::rules::samples::{
        any_statement, detention_agreement, e_verify_agreement, from_json, full_statement,
        none_attested, with_agreements,
    };
    use crate::gate::{DhsComponent, NatureOfWork, OnwardToDhs, RecipientKind, WithheldGround};

    /// The value of an agreement with this compensation.
    fn value_of(compensation: &Value) -> Option<String> {
        let agreement = from_json(json!({ "component": "ICE", "compensation": compensation }));
        let facts = statement_facts(&with_agreements([agreement]));
        facts.agreements[0].compensation.as_ref().map(ToString::to_string)
    }

    #[test]
    fn facts_follow_the_statement() {
        let facts = statement_facts(&full_statement());
        let [detention, e_verify] = &facts.agreements[..] else { panic!("two agreements") };
        assert_eq!(detention.component, Some(DhsComponent::Ice));
        assert_eq!(detention.natures, [NatureOfWork::Detention, NatureOfWork::Food]);
        let cents = detention.compensation.as_ref().map(|amount| amount.cents);
        assert_eq!((cents, detention.is_short_form), (Some(125_000_000), false));
        assert_eq!((e_verify.compensation.as_ref(), e_verify.is_short_form), (None, true));
        let [arrangement] = &facts.arrangements[..] else { panic!("one arrangement") };
        assert_eq!(arrangement.recipient_kind, Some(RecipientKind::DataBroker));
        assert!(arrangement.includes_city_data);
        assert_eq!(arrangement.onward_to_dhs, OnwardToDhs::Allowed);
        assert_eq!(facts.withheld, []);
        assert_eq!(statement_facts(&none_attested()), super::StatementFacts::default());
    }

    #[test]
    fn the_first_known_amount_counts() {
        let known = |amount| json!({ "certainty": "KNOWN", "amount": { "amount": amount, "currency": "USD" } });
        let unknown = json!({ "certainty": "UNKNOWN", "reason": "Ordered as needed." });
        let three =
            json!({ "obligated": known("1"), "current": known("2"), "ceiling": known("3") });
        assert_eq!(value_of(&three).as_deref(), Some("USD 2.00"));
        let two = json!({ "obligated": known("1"), "current": unknown, "ceiling": known("3") });
        assert_eq!(value_of(&two).as_deref(), Some("USD 1.00"));
        assert_eq!(value_of(&json!({ "current": unknown })), None);
        assert_eq!(value_of(&json!({ "pricing": "COST" })), None);
        assert_eq!(value_of(&json!({ "pricing": "UNPAID" })).as_deref(), Some("USD 0.00"));
        assert_eq!(value_of(&json!({ "current": known("1e400") })), None);
    }

    #[test]
    fn a_withheld_amount_is_unknown_and_not_replaced() {
        let mut agreement = detention_agreement();
        let compensation = agreement.compensation.as_mut().expect("compensation");
        compensation.ceiling = compensation.current.take();
        agreement.withheld = from_json(json!([
            { "path": ["compensation", "current"], "ground": "CLASSIFIED" }, { "path": ["office"] }
        ]));
        let facts = statement_facts(&with_agreements([e_verify_agreement(), agreement]));
        assert_eq!(facts.agreements[1].compensation, None);
        let [part] = &facts.withheld[..] else { panic!("an entry without a ground is left out") };
        assert_eq!(part.path, ["dhs", "agreements", "1", "compensation", "current"]);
        assert_eq!(part.ground, WithheldGround::Classified);
    }

    proptest! {
        #[test]
        fn no_statement_panics(statement in any_statement()) {
            let facts = statement_facts(&statement);
            prop_assert_eq!(facts.agreements.len(), statement.dhs.agreements.len());
        }
    }
}
