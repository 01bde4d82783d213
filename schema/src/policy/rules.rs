//! What may be published and suspended, and in what two versions differ. Pure.
use std::collections::BTreeSet;

use async_graphql::Json;
use serde_json::Value;

use super::model::{PolicyDifference, PolicyPart, SuspensionInput};
use crate::fault::{FieldPath, InputErrors, Result};
use crate::gate::{Policy, RuleCode};
use crate::text::{MAX_LINE_CHARS, validate_required};

/// What of a policy differs from another version, part by part: parameters with their sources,
/// rules, texts.
#[must_use]
pub fn differences(before: &Policy, after: &Policy) -> Vec<PolicyDifference> {
    let (before, after) = (before.to_json_value(), after.to_json_value());
    let parts = [
        (PolicyPart::Parameter, "parameters"),
        (PolicyPart::Rule, "rules"),
        (PolicyPart::Text, "texts"),
    ];
    let mut found = Vec::new();
    for (part, field) in parts {
        let names = |of: &Value| -> BTreeSet<String> {
            of[field].as_object().into_iter().flat_map(|parts| parts.keys().cloned()).collect()
        };
        for name in names(&before).union(&names(&after)) {
            let (old, new) = (&before[field][name], &after[field][name]);
            if old != new {
                let there = |it: &Value| (!it.is_null()).then(|| Json(it.clone()));
                found.push(PolicyDifference {
                    part,
                    name: name.clone(),
                    before: there(old),
                    after: there(new),
                });
            }
        }
    }
    found
}

/// The rules that a suspension lifts, and its order, cleaned.
///
/// # Errors
/// `Invalid` with every code that names no rule, and without an order.
pub fn suspension(input: &SuspensionInput) -> Result<(BTreeSet<RuleCode>, String)> {
    let (path, mut problems) = (FieldPath::argument("input"), InputErrors::default());
    let mut rules = BTreeSet::new();
    for (index, code) in input.rules.iter().enumerate() {
        let at = path.at("rules").at(index);
        match code.parse::<RuleCode>() {
            Ok(RuleCode::PolicySuspended) => {
                problems.add(&at, "invalid", "That a rule is suspended is always told.");
            }
            Ok(code) => {
                rules.insert(code);
            }
            Err(unknown) => {
                let told = format!("{unknown}; the policy's rules list them by their codes.");
                problems.add(&at, "invalid", told);
            }
        }
    }
    let citation = validate_required(&input.citation, MAX_LINE_CHARS, &path.at("citation"), &mut problems);
    problems.finish()?;
    Ok((rules, citation))
}

#[cfg(test)]
mod tests {
    use super::{PolicyPart, differences};
    use crate::gate::Policy;

    #[test]
    fn versions_differ_part_by_part() {
        let text = include_str!("../../../policies/version-1.toml");
        let first = Policy::parse(text).expect("a policy");
        assert_eq!(differences(&first, &first), []);
        let mut json = first.to_json_value();
        json["parameters"]["freshnessDays"]["value"] = 182.into();
        json["rules"]["disclosure.missing"]["cureDays"] = 3.into();
        let second = Policy::from_json(&json.to_string()).expect("a policy");
        let told = differences(&first, &second);
        let told: Vec<_> = told.iter().map(|it| (it.part, it.name.as_str())).collect();
        let expected =
            [(PolicyPart::Parameter, "freshnessDays"), (PolicyPart::Rule, "disclosure.missing")];
        assert_eq!(told, expected);
    }
}
