//! Validates an agreement's compensation, whose terms Executive Directive 17, section E, requires.
use super::field_checker::FieldChecker;
use crate::disclosure::model::{Certainty, Compensation, Pricing, StatedAmount};
use crate::user_message::UserMessage;

/// The normalized compensation; none if no field was entered.
pub fn normalize(input: &Compensation, checker: &mut FieldChecker<'_>) -> Option<Compensation> {
    let mut checker = checker.at("compensation");
    let normalized = Compensation {
        pricing: input.pricing,
        obligated: normalize_amount("obligated", input.obligated.as_ref(), &mut checker),
        current: normalize_amount("current", input.current.as_ref(), &mut checker),
        ceiling: normalize_amount("ceiling", input.ceiling.as_ref(), &mut checker),
        terms: checker.normalize_prose("terms", input.terms.as_ref()),
        paid_to_date: checker.normalize_money("paidToDate", input.paid_to_date.as_ref()),
    };
    (normalized != Compensation::default()).then_some(normalized)
}

fn normalize_amount(
    field: &str,
    input: Option<&StatedAmount>,
    checker: &mut FieldChecker<'_>,
) -> Option<StatedAmount> {
    let input = input?;
    let mut checker = checker.at(field);
    let normalized = StatedAmount {
        certainty: input.certainty,
        amount: checker.normalize_money("amount", input.amount.as_ref()),
        reason: checker.normalize_prose("reason", input.reason.as_ref()),
    };
    (normalized != StatedAmount::default()).then_some(normalized)
}

/// Records an error for missing pricing, missing terms, or no amount at all. One amount, or the
/// reason why it is unknown, is enough: a small firm may not know an order's ceiling.
pub fn require_fields(compensation: Option<&Compensation>, checker: &mut FieldChecker<'_>) {
    let empty = Compensation::default();
    let compensation = compensation.unwrap_or(&empty);
    let Compensation { pricing, obligated: _, current: _, ceiling: _, terms, paid_to_date: _ } =
        compensation;
    checker.require("compensation.pricing", pricing.is_some(), UserMessage::PricingRequired);
    if *pricing == Some(Pricing::Unpaid) {
        return;
    }
    let has_terms = terms.is_some();
    checker.require("compensation.terms", has_terms, UserMessage::CompensationTermsRequired);
    let is_stated = amounts(compensation)
        .iter()
        .any(|(part, stated)| stated.is_some() || checker.is_withheld(part));
    checker.require("compensation.current", is_stated, UserMessage::CompensationAmountRequired);
}

/// Records an error for each amount that contradicts its certainty.
pub fn check_consistency(compensation: &Compensation, checker: &mut FieldChecker<'_>) {
    for (part, stated) in amounts(compensation) {
        let Some(StatedAmount { certainty, amount, reason }) = stated else { continue };
        let amount_part = format!("{part}.amount");
        match certainty {
            None => {
                checker.require(
                    &format!("{part}.certainty"),
                    false,
                    UserMessage::CertaintyRequired,
                );
            }
            Some(Certainty::Known | Certainty::Estimated) => {
                let is_stated = amount.is_some();
                checker.require(&amount_part, is_stated, UserMessage::StatedAmountRequired);
            }
            Some(Certainty::Unknown) => {
                checker.require(
                    &format!("{part}.reason"),
                    reason.is_some(),
                    UserMessage::UnknownReasonRequired,
                );
                if amount.is_some() {
                    checker.add_error(&amount_part, UserMessage::UnknownAmountHasValue);
                }
            }
        }
    }
}

/// The three amounts with their dotted paths, in order of precedence.
pub fn amounts(compensation: &Compensation) -> [(&'static str, Option<&StatedAmount>); 3] {
    let Compensation { pricing: _, obligated, current, ceiling, terms: _, paid_to_date: _ } =
        compensation;
    [
        ("compensation.current", current.as_ref()),
        ("compensation.obligated", obligated.as_ref()),
        ("compensation.ceiling", ceiling.as_ref()),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::disclosure::rules::samples::{
        detention_agreement, version_1_questions, with_agreements, with_fields,
    };
    use crate::disclosure::rules::statement::validate_answers;

    /// The errors for a detention contract with this compensation: path within it, and code.
    fn errors_with(compensation: &Value) -> Vec<String> {
        let agreement =
            with_fields(&detention_agreement(), json!({ "compensation": compensation }));
        let errors = validate_answers(&with_agreements([agreement]), &version_1_questions())
            .err()
            .unwrap_or_default();
        let errors = errors.iter().map(|it| format!("{} {}", it.path[5..].join("."), it.code()));
        errors.collect()
    }

    fn errors_with_current(stated: &Value) -> Vec<String> {
        errors_with(&json!({ "pricing": "FIRM_FIXED", "terms": "At the end.", "current": stated }))
    }

    #[test]
    fn pricing_terms_and_one_amount_are_required() {
        assert_eq!(
            errors_with(&json!({})),
            ["pricing required", "terms required", "current required"]
        );
        let stated = json!({
            "pricing": "ORDER_DEPENDENT", "terms": "By order.",
            "ceiling": { "certainty": "UNKNOWN", "reason": "It sets none." }
        });
        assert!(errors_with(&stated).is_empty());
        assert!(errors_with(&json!({ "pricing": "UNPAID" })).is_empty());
    }

    #[test]
    fn an_amount_must_agree_with_its_certainty() {
        let amount = json!({ "amount": "5", "currency": "USD" });
        assert_eq!(
            errors_with_current(&json!({ "amount": amount })),
            ["current.certainty required"]
        );
        assert_eq!(
            errors_with_current(&json!({ "certainty": "ESTIMATED" })),
            ["current.amount required"]
        );
        assert_eq!(
            errors_with_current(&json!({ "certainty": "UNKNOWN" })),
            ["current.reason required"]
        );
        let both = json!({ "certainty": "UNKNOWN", "reason": "Lost.", "amount": amount });
        assert_eq!(errors_with_current(&both), ["current.amount contradiction"]);
        assert_eq!(errors_with_current(&json!({})), ["current required"]);
    }

    #[test]
    fn an_invalid_amount_is_refused_by_path() {
        for amount in ["1e400", "-1", "0.001", "1,000", "NaN", "99999999999999999999"] {
            let amount = json!({ "amount": amount, "currency": "USD" });
            let errors = errors_with_current(&json!({ "certainty": "KNOWN", "amount": amount }));
            assert_eq!(errors, ["current.amount.amount invalid"], "{amount}");
        }
        let amount = json!({ "amount": "1", "currency": "dollars" });
        let errors = errors_with_current(&json!({ "certainty": "KNOWN", "amount": amount }));
        assert_eq!(errors, ["current.amount.currency invalid"]);
    }
}
