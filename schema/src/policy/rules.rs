//! Pure rules: validates a suspension and lists the differences between two policies.
use std::collections::BTreeSet;

use async_graphql::Json;
use serde_json::Value;

use super::model::{PolicyDifference, PolicyPart, SuspensionInput};
use crate::fault::{FieldPath, InputErrors, Result};
use crate::filter::parse_rule_codes;
use crate::gate::{Policy, RuleCode};
use crate::text::{MAX_LINE_CHARS, validate_required};
use crate::user_message::UserMessage;

/// Lists the parameters (with their sources), rules and texts in which two policies differ.
#[must_use]
pub fn list_differences(before: &Policy, after: &Policy) -> Vec<PolicyDifference> {
    let (before, after) = (before.to_json_value(), after.to_json_value());
    let parts = [
        (PolicyPart::Parameter, "parameters"),
        (PolicyPart::Rule, "rules"),
        (PolicyPart::Text, "texts"),
    ];
    let mut differences = Vec::new();
    for (part, field) in parts {
        let names = |policy: &Value| -> BTreeSet<String> {
            policy[field].as_object().into_iter().flat_map(|parts| parts.keys().cloned()).collect()
        };
        for name in names(&before).union(&names(&after)) {
            let (old, new) = (&before[field][name], &after[field][name]);
            if old != new {
                let non_null = |it: &Value| (!it.is_null()).then(|| Json(it.clone()));
                differences.push(PolicyDifference {
                    part,
                    name: name.clone(),
                    before: non_null(old),
                    after: non_null(new),
                });
            }
        }
    }
    differences
}

/// A suspension whose input is valid.
#[derive(Clone, Debug)]
pub struct ValidSuspension {
    /// The rules to suspend; empty for the whole policy.
    pub rules: BTreeSet<RuleCode>,
    /// The citation of the order.
    pub citation: String,
}

/// Validates the rules and the citation of a suspension.
///
/// # Errors
/// `Invalid` with every unknown code, and without a citation.
pub fn validate_suspension(input: &SuspensionInput) -> Result<ValidSuspension> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let rules = validate_rules(&input.rules, &path.at("rules"), &mut errors);
    let citation =
        validate_required(&input.citation, MAX_LINE_CHARS, &path.at("citation"), &mut errors);
    errors.finish()?;
    Ok(ValidSuspension { rules, citation })
}

/// Validates the codes of the rules to suspend.
pub fn validate_rules(
    codes: &[String],
    path: &FieldPath,
    errors: &mut InputErrors,
) -> BTreeSet<RuleCode> {
    let rules: BTreeSet<RuleCode> = parse_rule_codes(codes, path, errors).into_iter().collect();
    if rules.contains(&RuleCode::PolicySuspended) {
        let code = RuleCode::PolicySuspended.as_str();
        let index = codes.iter().position(|given| given == code).unwrap_or_default();
        errors.add(&path.at(index), UserMessage::RuleNotSuspendable);
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::{PolicyPart, list_differences};
    use crate::gate::Policy;

    #[test]
    fn each_changed_parameter_and_rule_is_listed() {
        let text = include_str!("../../../policies/version-1.toml");
        let first = Policy::parse(text).expect("a policy");
        assert_eq!(list_differences(&first, &first), []);
        let mut json = first.to_json_value();
        json["parameters"]["freshnessDays"]["value"] = 182.into();
        json["rules"]["disclosure.missing"]["cureDays"] = 3.into();
        let second = Policy::from_json(&json.to_string()).expect("a policy");
        let listed = list_differences(&first, &second);
        let listed: Vec<_> = listed.iter().map(|it| (it.part, it.name.as_str())).collect();
        let expected =
            [(PolicyPart::Parameter, "freshnessDays"), (PolicyPart::Rule, "disclosure.missing")];
        assert_eq!(listed, expected);
    }
}
