//! Validates the withheld parts of an item: each names one empty part, with a ground.
use serde::Serialize;
use serde_json::Value;

use super::field_checker::FieldChecker;
use crate::disclosure::model::Withheld;
use crate::user_message::UserMessage;

/// The parts of an agreement that may be withheld.
pub const AGREEMENT_PARTS: &[&str] = &[
    "holder",
    "holder.relation",
    "holder.name",
    "component",
    "componentName",
    "office",
    "program",
    "kind",
    "kindName",
    "tier",
    "prime",
    "primeAward",
    "identifier",
    "parentIdentifier",
    "startDate",
    "endDate",
    "stateAtSigning",
    "natureOfWork",
    "description",
    "naics",
    "psc",
    "placeOfPerformance",
    "compensation",
    "compensation.pricing",
    "compensation.obligated",
    "compensation.obligated.amount",
    "compensation.obligated.reason",
    "compensation.current",
    "compensation.current.amount",
    "compensation.current.reason",
    "compensation.ceiling",
    "compensation.ceiling.amount",
    "compensation.ceiling.reason",
    "compensation.terms",
    "compensation.paidToDate",
];

/// The parts of an arrangement that may be withheld.
pub const ARRANGEMENT_PARTS: &[&str] = &[
    "recipientName",
    "recipientClass",
    "recipientCount",
    "recipientKind",
    "recipientComponent",
    "dataCategories",
    "whoseData",
    "includesCityData",
    "purpose",
    "channel",
    "basis",
    "compensation",
    "compensation.terms",
    "compensation.amount",
    "onwardToDhs",
    "onwardComponent",
    "onwardToOthers",
    "safeguards",
    "startDate",
    "endDate",
];

/// The normalized withheld parts of an item. `parts` are the dotted paths that may be withheld.
pub fn validate_withheld(
    input: &[Withheld],
    parts: &[&str],
    checker: &mut FieldChecker<'_>,
) -> Vec<Withheld> {
    if !checker.require_max_items("withheld", input, parts.len()) {
        return Vec::new();
    }
    let mut list = checker.at("withheld");
    let mut seen = Vec::new();
    let mut normalized = Vec::new();
    for (index, entry) in input.iter().enumerate() {
        let mut at = list.at(index);
        if entry.path.is_empty() {
            at.add_user_error("path", UserMessage::WithheldPathRequired);
        } else if !parts.iter().any(|part| part.split('.').eq(&entry.path)) {
            let message = UserMessage::WithheldPathUnknown { parts: parts.join(", ") };
            at.add_user_error("path", message);
        } else if seen.contains(&&entry.path) {
            at.add_user_error("path", UserMessage::WithheldRepeated);
        }
        at.require_field("ground", entry.ground.is_some(), UserMessage::WithheldGroundRequired);
        let note = at.normalize_prose("note", entry.note.as_ref());
        seen.push(&entry.path);
        normalized.push(Withheld { path: entry.path.clone(), ground: entry.ground, note });
    }
    normalized
}

/// Records an error for each withheld part that has a value.
pub fn check_withheld_is_empty(
    entries: &[Withheld],
    parts: &[&str],
    item: &impl Serialize,
    checker: &mut FieldChecker<'_>,
) {
    let item = serde_json::to_value(item).unwrap_or(Value::Null);
    for part in parts {
        let is_part = |entry: &&Withheld| part.split('.').eq(&entry.path);
        let has_value = |entry: &Withheld| find_at_path(&item, &entry.path).is_some();
        if entries.iter().find(is_part).is_some_and(has_value) {
            checker.add_user_error(part, UserMessage::WithheldHasValue);
        }
    }
}

/// The value at a path of field names and list indexes from 0; none if there is none.
pub fn find_at_path<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, step| match value {
        Value::Object(fields) => fields.get(step),
        Value::Array(items) => {
            let index = step.parse::<usize>().ok().filter(|index| index.to_string() == *step);
            items.get(index?)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{AGREEMENT_PARTS, ARRANGEMENT_PARTS};
    use crate::disclosure::model::{Agreement, Arrangement};
    use crate::disclosure::rules::samples::{
        detention_agreement, plate_reads_arrangement, version_1_questions, with_agreements,
        with_fields,
    };
    use crate::disclosure::rules::statement::validate_answers;

    /// The errors for a detention contract with these withheld parts: path within it, and code.
    fn errors_with(entries: &Value) -> Vec<String> {
        let agreement = with_fields(&detention_agreement(), json!({ "withheld": entries }));
        let errors = validate_answers(&with_agreements([agreement]), &version_1_questions())
            .err()
            .unwrap_or_default();
        let errors = errors.iter().map(|it| format!("{} {}", it.path[4..].join("."), it.code()));
        errors.collect()
    }

    #[test]
    fn an_entry_names_one_part_once_with_its_ground() {
        let entries = json!([
            { "path": ["tier"], "ground": "CLASSIFIED" },
            { "path": ["tier"], "ground": "TRADE_SECRET" },
            { "path": ["color"], "ground": "CLASSIFIED" },
            { "path": ["compensation.ceiling"], "ground": "CLASSIFIED" },
            { "path": ["natureOfWork", "0"], "ground": "CLASSIFIED" },
            { "path": [], "ground": "CLASSIFIED" },
            { "path": ["office"] }
        ]);
        assert_eq!(
            errors_with(&entries),
            [
                "withheld.1.path invalid",
                "withheld.2.path invalid",
                "withheld.3.path invalid",
                "withheld.4.path invalid",
                "withheld.5.path required",
                "withheld.6.ground required"
            ]
        );
    }

    #[test]
    fn a_withheld_part_has_no_value() {
        let entries = json!([
            { "path": ["component"], "ground": "CLASSIFIED" },
            { "path": ["compensation"], "ground": "CLASSIFIED" }
        ]);
        assert_eq!(
            errors_with(&entries),
            ["component contradiction", "compensation contradiction"]
        );
    }

    #[test]
    fn there_are_at_most_as_many_entries_as_parts() {
        let entries = vec![json!({ "path": ["tier"] }); AGREEMENT_PARTS.len() + 1];
        assert_eq!(errors_with(&json!(entries)), ["withheld too_long"]);
    }

    /// The dotted paths of a JSON value's fields, except those that cannot be withheld.
    fn field_paths(json: &Value, inside: &str) -> Vec<String> {
        let fields = json.as_object().into_iter().flatten();
        let fields =
            fields.filter(|(name, _)| !["withheld", "ongoing", "certainty"].contains(&&***name));
        let all = fields.flat_map(|(name, value)| {
            let name = format!("{inside}{name}");
            let money = value.get("currency").is_some();
            let inner =
                if money { Vec::new() } else { self::field_paths(value, &format!("{name}.")) };
            std::iter::once(name).chain(inner)
        });
        all.collect()
    }

    fn assert_same_parts(json: &Value, parts: &[&str]) {
        let (mut fields, mut parts) = (field_paths(json, ""), parts.to_vec());
        fields.sort();
        parts.sort_unstable();
        assert_eq!(fields, parts);
    }

    #[test]
    fn every_field_can_be_withheld() {
        let money = json!({ "amount": "1", "currency": "USD" });
        let stated = json!({ "certainty": "KNOWN", "amount": money, "reason": "r" });
        let agreement: Agreement = with_fields(
            &detention_agreement(),
            json!({
                "holder": { "relation": "PARENT", "name": "n" }, "componentName": "n",
                "office": "o", "program": "p", "kindName": "n", "tier": "FIRST", "prime": "p",
                "primeAward": "p", "parentIdentifier": "p", "psc": "S206",
                "placeOfPerformance": "p",
                "compensation": {
                    "pricing": "COST", "obligated": stated, "current": stated, "ceiling": stated,
                    "terms": "t", "paidToDate": money
                }
            }),
        );
        assert_same_parts(&serde_json::to_value(agreement).expect("JSON"), AGREEMENT_PARTS);
        let arrangement: Arrangement = with_fields(
            &plate_reads_arrangement(),
            json!({
                "recipientClass": "c", "recipientCount": 1, "recipientComponent": "ICE",
                "compensation": { "terms": "t", "amount": money }, "onwardComponent": "ICE",
                "onwardToOthers": "KNOWN", "safeguards": "s", "endDate": "2026-01-01"
            }),
        );
        assert_same_parts(&serde_json::to_value(arrangement).expect("JSON"), ARRANGEMENT_PARTS);
    }
}
