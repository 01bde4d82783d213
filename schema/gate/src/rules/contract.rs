//! The contract clause, and whether the gate decides on an award or contract action at all.
use super::Case;
use crate::facts::ContractFacts;
use crate::{AwardMethod, ContractAction, Finding, FindingDetail, Money, Policy};

/// Whether the policy requires a decision for an award (by `method`) or for a contract action (by
/// `method` and `action`). Small purchases below the policy's minimum value need none. What is not
/// gated is recorded without a decision.
#[must_use]
pub fn is_gated(
    policy: &Policy,
    method: Option<AwardMethod>,
    action: Option<ContractAction>,
    amount: &Money,
) -> bool {
    let parameters = policy.parameters();
    let minimum = &parameters.minimum_value.value;
    // An amount in another currency cannot be compared, so it counts as not small.
    let is_small = method == Some(AwardMethod::SmallPurchase)
        && amount.currency == minimum.currency
        && amount.cents < minimum.cents;
    let is_gated_method = method.is_none_or(|it| parameters.gated_methods.value.contains(&it));
    let is_gated_action = action.is_none_or(|it| parameters.gated_actions.value.contains(&it));
    is_gated_method && is_gated_action && !is_small
}

/// Finds a contract without the clause, or with an older version than the policy requires.
pub(super) fn clause_finding(case: &Case<'_>) -> Option<Finding> {
    let ContractFacts { clause_version, .. } = *case.facts.contract.as_ref()?;
    let required = case.policy.parameters().clause_version.value;
    if clause_version.is_some_and(|version| version >= required) {
        return None;
    }
    case.finding(&["contract", "clause"], FindingDetail::ClauseMissing { clause_version })
}
