//! The terms of compensation, which the directive asks for by name (Executive Directive 17,
//! section E).
use super::place::FieldChecker;
use crate::disclosure::model::{Certainty, Compensation, Pricing, StatedAmount};

/// The compensation, cleaned; none if nothing was typed.
pub fn clean(typed: &Compensation, place: &mut FieldChecker<'_>) -> Option<Compensation> {
    let mut place = place.at("compensation");
    let cleaned = Compensation {
        pricing: typed.pricing,
        obligated: stated("obligated", typed.obligated.as_ref(), &mut place),
        current: stated("current", typed.current.as_ref(), &mut place),
        ceiling: stated("ceiling", typed.ceiling.as_ref(), &mut place),
        terms: place.prose("terms", typed.terms.as_ref()),
        paid_to_date: place.normalize_money("paidToDate", typed.paid_to_date.as_ref()),
    };
    (cleaned != Compensation::default()).then_some(cleaned)
}

fn stated(
    field: &str,
    typed: Option<&StatedAmount>,
    place: &mut FieldChecker<'_>,
) -> Option<StatedAmount> {
    let typed = typed?;
    let mut place = place.at(field);
    let cleaned = StatedAmount {
        certainty: typed.certainty,
        amount: place.normalize_money("amount", typed.amount.as_ref()),
        reason: place.prose("reason", typed.reason.as_ref()),
    };
    (cleaned != StatedAmount::default()).then_some(cleaned)
}

/// Notes what an agreement must say of its compensation: pricing, terms, and one amount at the
/// least, or why there is none. A small firm is not made to tell an order's ceiling.
pub fn needs(compensation: Option<&Compensation>, place: &mut FieldChecker<'_>) {
    let nothing = Compensation::default();
    let compensation = compensation.unwrap_or(&nothing);
    let pricing = compensation.pricing;
    place.require("compensation.pricing", pricing.is_some(), "Choose the form of pricing.");
    if pricing == Some(Pricing::Unpaid) {
        return;
    }
    let terms = compensation.terms.is_some();
    place.require("compensation.terms", terms, "Say in words how and when it is paid.");
    let is_stated = amounts(compensation)
        .iter()
        .any(|(part, stated)| stated.is_some() || place.is_withheld(part));
    let told = "State what it is worth: the current amount, or the obligated one or the ceiling, \
        known or estimated, or unknown with the reason.";
    place.require("compensation.current", is_stated, told);
}

/// Notes the amounts that do not agree with how well they are said to be known.
pub fn agree(compensation: &Compensation, place: &mut FieldChecker<'_>) {
    for (part, stated) in amounts(compensation) {
        let Some(stated) = stated else { continue };
        let amount = format!("{part}.amount");
        match stated.certainty {
            None => {
                let told = "Say whether the amount is known, estimated or unknown.";
                place.require(&format!("{part}.certainty"), false, told);
            }
            Some(Certainty::Known | Certainty::Estimated) => {
                let told = "Give the amount, or say that it is unknown and why.";
                place.require(&amount, stated.amount.is_some(), told);
            }
            Some(Certainty::Unknown) => {
                let told = "Say why the amount is unknown.";
                place.require(&format!("{part}.reason"), stated.reason.is_some(), told);
                if stated.amount.is_some() {
                    let told = "It is called unknown; take the amount away, or say that it is \
                        known or estimated.";
                    place.add_error(&amount, "contradiction", told);
                }
            }
        }
    }
}

/// The three amounts with their parts' names, the one that counts first.
pub fn amounts(compensation: &Compensation) -> [(&'static str, Option<&StatedAmount>); 3] {
    [
        ("compensation.current", compensation.current.as_ref()),
        ("compensation.obligated", compensation.obligated.as_ref()),
        ("compensation.ceiling", compensation.ceiling.as_ref()),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::disclosure::rules::file::answer;
    use crate::disclosure::rules::samples::{changed, detention, questions, with_agreements};

    /// What is told of a detention contract paid so, by paths within its compensation.
    fn told(compensation: &Value) -> Vec<String> {
        let agreement = changed(&detention(), json!({ "compensation": compensation }));
        let errors = answer(&with_agreements([agreement]), &questions()).err().unwrap_or_default();
        let inside = errors.iter().map(|it| format!("{} {}", it.path[5..].join("."), it.code));
        inside.collect()
    }

    fn current(stated: &Value) -> Vec<String> {
        told(&json!({ "pricing": "FIRM_FIXED", "terms": "At the end.", "current": stated }))
    }

    #[test]
    fn pricing_terms_and_one_amount_are_asked() {
        assert_eq!(told(&json!({})), ["pricing required", "terms required", "current required"]);
        let stated = json!({
            "pricing": "ORDER_DEPENDENT", "terms": "By order.",
            "ceiling": { "certainty": "UNKNOWN", "reason": "It sets none." }
        });
        assert!(told(&stated).is_empty());
        assert!(told(&json!({ "pricing": "UNPAID" })).is_empty());
    }

    #[test]
    fn an_amount_agrees_with_how_well_it_is_known() {
        let amount = json!({ "amount": "5", "currency": "USD" });
        assert_eq!(current(&json!({ "amount": amount })), ["current.certainty required"]);
        assert_eq!(current(&json!({ "certainty": "ESTIMATED" })), ["current.amount required"]);
        assert_eq!(current(&json!({ "certainty": "UNKNOWN" })), ["current.reason required"]);
        let both = json!({ "certainty": "UNKNOWN", "reason": "Lost.", "amount": amount });
        assert_eq!(current(&both), ["current.amount contradiction"]);
        assert_eq!(current(&json!({})), ["current required"]);
    }

    #[test]
    fn what_is_no_amount_is_refused_by_path() {
        for amount in ["1e400", "-1", "0.001", "1,000", "NaN", "99999999999999999999"] {
            let amount = json!({ "amount": amount, "currency": "USD" });
            let told = current(&json!({ "certainty": "KNOWN", "amount": amount }));
            assert_eq!(told, ["current.amount.amount invalid"], "{amount}");
        }
        let amount = json!({ "amount": "1", "currency": "dollars" });
        let told = current(&json!({ "certainty": "KNOWN", "amount": amount }));
        assert_eq!(told, ["current.amount.currency invalid"]);
    }
}
