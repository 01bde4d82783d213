//! Parts that are not told: each mark names a part of its item, with a ground, and stands where
//! nothing is filled in.
use serde::Serialize;
use serde_json::Value;

use super::place::FieldChecker;
use crate::disclosure::model::Withheld;

/// The parts of an agreement that may be withheld.
pub const OF_AGREEMENT: &[&str] = &[
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
pub const OF_ARRANGEMENT: &[&str] = &[
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

/// The marks of an item, cleaned. `parts` are those that the item has.
pub fn marks(typed: &[Withheld], parts: &[&str], place: &mut FieldChecker<'_>) -> Vec<Withheld> {
    if !place.require_max_items("withheld", typed, parts.len()) {
        return Vec::new();
    }
    let mut list = place.at("withheld");
    let mut seen = Vec::new();
    let mut cleaned = Vec::new();
    for (index, mark) in typed.iter().enumerate() {
        let mut at = list.at(index);
        if mark.path.is_empty() {
            at.add_error("path", "required", "Say which part is withheld.");
        } else if !parts.iter().any(|part| part.split('.').eq(&mark.path)) {
            let told = format!("It has no such part; name one of: {}.", parts.join(", "));
            at.add_error("path", "invalid", told);
        } else if seen.contains(&&mark.path) {
            at.add_error("path", "invalid", "This part is marked twice; keep one of the marks.");
        }
        at.require("ground", mark.ground.is_some(), "Say on what ground it is withheld.");
        let note = at.prose("note", mark.note.as_ref());
        seen.push(&mark.path);
        cleaned.push(Withheld { path: mark.path.clone(), ground: mark.ground, note });
    }
    cleaned
}

/// Notes every part that is marked as withheld and filled in all the same.
pub fn contradictions(
    marks: &[Withheld],
    parts: &[&str],
    item: &impl Serialize,
    place: &mut FieldChecker<'_>,
) {
    let item = serde_json::to_value(item).unwrap_or(Value::Null);
    for part in parts {
        let is_part = |mark: &&Withheld| part.split('.').eq(&mark.path);
        let filled = |mark: &Withheld| lookup(&item, &mark.path).is_some();
        if marks.iter().find(is_part).is_some_and(filled) {
            let told = "It is filled in and marked as withheld; empty it, or take the mark away.";
            place.add_error(part, "contradiction", told);
        }
    }
}

/// What is at a path, fields by their name and list items by their index from 0.
pub fn lookup<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
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

    use super::{OF_AGREEMENT, OF_ARRANGEMENT};
    use crate::disclosure::model::{Agreement, Arrangement};
    use crate::disclosure::rules::file::answer;
    use crate::disclosure::rules::samples::{
        changed, detention, plate_reads, questions, with_agreements,
    };

    /// What is told of a detention contract with these marks, by paths within it.
    fn told(marks: &Value) -> Vec<String> {
        let agreement = changed(&detention(), json!({ "withheld": marks }));
        let errors = answer(&with_agreements([agreement]), &questions()).err().unwrap_or_default();
        let inside = errors.iter().map(|it| format!("{} {}", it.path[4..].join("."), it.code));
        inside.collect()
    }

    #[test]
    fn a_mark_names_one_part_once_with_its_ground() {
        let marks = json!([
            { "path": ["tier"], "ground": "CLASSIFIED" },
            { "path": ["tier"], "ground": "TRADE_SECRET" },
            { "path": ["colour"], "ground": "CLASSIFIED" },
            { "path": ["compensation.ceiling"], "ground": "CLASSIFIED" },
            { "path": ["natureOfWork", "0"], "ground": "CLASSIFIED" },
            { "path": [], "ground": "CLASSIFIED" },
            { "path": ["office"] }
        ]);
        assert_eq!(
            told(&marks),
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
    fn what_is_filled_in_is_not_withheld() {
        let marks = json!([
            { "path": ["component"], "ground": "CLASSIFIED" },
            { "path": ["compensation"], "ground": "CLASSIFIED" }
        ]);
        assert_eq!(told(&marks), ["component contradiction", "compensation contradiction"]);
    }

    #[test]
    fn there_are_no_more_marks_than_parts() {
        let marks = vec![json!({ "path": ["tier"] }); OF_AGREEMENT.len() + 1];
        assert_eq!(told(&json!(marks)), ["withheld too_long"]);
    }

    /// The fields of a JSON value with dots between, but those that say how the rest is to be
    /// read.
    fn fields(json: &Value, inside: &str) -> Vec<String> {
        let fields = json.as_object().into_iter().flatten();
        let fields =
            fields.filter(|(name, _)| !["withheld", "ongoing", "certainty"].contains(&&***name));
        let all = fields.flat_map(|(name, value)| {
            let name = format!("{inside}{name}");
            let money = value.get("currency").is_some();
            let inner = if money { Vec::new() } else { self::fields(value, &format!("{name}.")) };
            std::iter::once(name).chain(inner)
        });
        all.collect()
    }

    fn same(json: &Value, parts: &[&str]) {
        let (mut fields, mut parts) = (fields(json, ""), parts.to_vec());
        fields.sort();
        parts.sort_unstable();
        assert_eq!(fields, parts);
    }

    #[test]
    fn every_field_is_a_part() {
        let money = json!({ "amount": "1", "currency": "USD" });
        let stated = json!({ "certainty": "KNOWN", "amount": money, "reason": "r" });
        let agreement: Agreement = changed(
            &detention(),
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
        same(&serde_json::to_value(agreement).expect("JSON"), OF_AGREEMENT);
        let arrangement: Arrangement = changed(
            &plate_reads(),
            json!({
                "recipientClass": "c", "recipientCount": 1, "recipientComponent": "ICE",
                "compensation": { "terms": "t", "amount": money }, "onwardComponent": "ICE",
                "onwardToOthers": "KNOWN", "safeguards": "s", "endDate": "2026-01-01"
            }),
        );
        same(&serde_json::to_value(arrangement).expect("JSON"), OF_ARRANGEMENT);
    }
}
