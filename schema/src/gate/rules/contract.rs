//! What is found of the contract itself, and whether the gate decides on it at all.
use super::Case;
use crate::gate::facts::ContractFacts;
use crate::gate::{Action, Finding, Method, Money, Policy, RuleCode};

/// Whether the policy has the gate decide: on an award by its method, on a renewal by its action
/// too. What it does not gate is recorded only.
#[must_use]
pub fn is_gated(
    policy: &Policy,
    method: Option<Method>,
    action: Option<Action>,
    amount: &Money,
) -> bool {
    let parameters = policy.parameters();
    let least = &parameters.minimum_value.value;
    // In another currency it cannot be told to be small: the safe side is to ask.
    let is_small = method == Some(Method::SmallPurchase)
        && amount.currency == least.currency
        && amount.cents < least.cents;
    let by_method = method.is_none_or(|it| parameters.gated_methods.value.contains(&it));
    let by_action = action.is_none_or(|it| parameters.gated_actions.value.contains(&it));
    by_method && by_action && !is_small
}

/// An older clause than the policy requires is none.
pub(super) fn clause(case: &Case<'_>) -> Option<Finding> {
    let ContractFacts { clause_version, .. } = case.facts.contract.as_ref()?;
    let required = case.policy.parameters().clause_version.value;
    if clause_version.is_some_and(|version| version >= required) {
        return None;
    }
    let carried = clause_version.map_or_else(String::new, |version| version.to_string());
    case.finding(RuleCode::ClauseMissing, &["contract", "clause"], [("carried", carried)])
}
