//! Application of simulated policy changes.
use chrono::NaiveDate;

use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::policy::Parameters;
use crate::gate::{Policy, Severity};
use crate::screening::model::{ParameterChange, PolicyChange, RuleChange};
use crate::user_message::UserMessage;

/// Returns the policy with a change applied; with `from`, as the next version in effect from that
/// local day.
///
/// # Errors
/// `Invalid` for an unknown parameter or rule, and for a change that makes the policy invalid, with
/// the messages of its publication.
pub fn apply_policy_change(
    policy: &Policy,
    change: &PolicyChange,
    from: Option<NaiveDate>,
) -> Result<Policy> {
    let (path, mut errors) = (FieldPath::argument("change"), InputErrors::default());
    // The service validates the day and passes it as `from`.
    let PolicyChange { parameters, rules, effective_from: _ } = change;
    let mut json = policy.to_json_value();
    for (index, ParameterChange { name, value }) in parameters.iter().enumerate() {
        let is_read = !Parameters::RETIRED_NAMES.contains(&name.as_str());
        if let Some(parameter) = json["parameters"].get_mut(name).filter(|_| is_read) {
            parameter["value"] = value.0.clone();
        } else {
            errors.add(
                &path.at("parameters").at(index).at("name"),
                UserMessage::PolicyParameterUnknown,
            );
        }
    }
    for (index, RuleChange { code, bid, award, renewal, cure_days }) in rules.iter().enumerate() {
        let at = path.at("rules").at(index);
        let Some(rule) = json["rules"].get_mut(code) else {
            errors.add(&at.at("code"), UserMessage::PolicyRuleUnknown);
            continue;
        };
        for (name, weight) in [("bid", bid), ("award", award), ("renewal", renewal)] {
            if let Some(weight) = weight {
                rule[name] = weight.as_str().into();
            }
        }
        if let Some(days) = cure_days {
            rule["cureDays"] = (*days).into();
        } else if bid.is_some_and(|bid| bid != Severity::Block) {
            // A finding that does not block needs no cure period.
            rule.as_object_mut().map(|rule| rule.remove("cureDays"));
        } else if *bid == Some(Severity::Block) && rule.get("cureDays").is_none() {
            rule["cureDays"] = 0.into();
        }
    }
    errors.finish()?;
    if let Some(from) = from {
        json["version"] = (policy.version() + 1).into();
        json["parameters"]["effectiveFrom"]["value"] = from.to_string().into();
    }
    // The version of the clause's text must equal the required version.
    let required = json["parameters"]["clauseVersion"]["value"].clone();
    json["texts"]["clause"]["version"] = required;
    Policy::from_json(&json.to_string()).map_err(|refused| {
        let errors = refused.iter().map(|error| {
            path.user_error(UserMessage::PolicyRefused { violation: error.message.clone() })
        });
        Fault::Invalid(errors.collect())
    })
}
