//! Compares the JSON values of two items, field by field.
use std::collections::BTreeSet;

use async_graphql::Json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::disclosure::model::FieldDifference;
use crate::money::{self, MoneyText};

/// The fields whose list order matters: the steps of a path.
const ORDERED_LIST_FIELDS: [&str; 2] = ["path", "about"];

/// A part of a statement as JSON.
pub fn to_json(part: &impl Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}

/// The normal form of a value for comparison: lists as sets, trimmed texts, amounts to the cent,
/// empty fields omitted.
pub fn normalize(value: &Value) -> Value {
    match value {
        Value::String(text) => text.trim().into(),
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(normalize).collect();
            items.sort_by_cached_key(Value::to_string);
            items.dedup();
            items.into()
        }
        Value::Object(fields) => normalize_amount(value).unwrap_or_else(|| {
            let normalized = fields.iter().map(|(name, value)| {
                let is_ordered = ORDERED_LIST_FIELDS.contains(&name.as_str());
                (name.clone(), if is_ordered { value.clone() } else { normalize(value) })
            });
            let has_value = |(_, value): &(String, Value)| !is_empty(value);
            Value::Object(normalized.filter(has_value).collect())
        }),
        other => other.clone(),
    }
}

fn normalize_amount(value: &Value) -> Option<Value> {
    let amount = MoneyText::deserialize(value).ok()?;
    Some(to_json(&MoneyText::from(money::parse_money(&amount).ok()?)))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// A value as written, and the normalized value by which it is compared.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    pub as_written: &'a Value,
    pub normalized: &'a Value,
}

/// The fields in which two values differ, as written.
pub fn diff_fields(before: &Value, after: &Value) -> Vec<FieldDifference> {
    diff_normalized_fields(
        Compared { as_written: before, normalized: &normalize(before) },
        Compared { as_written: after, normalized: &normalize(after) },
    )
}

/// The fields in which two values differ, as written; the caller supplies the normalized values.
pub fn diff_normalized_fields(before: Compared<'_>, after: Compared<'_>) -> Vec<FieldDifference> {
    let mut paths = Vec::new();
    collect_differing_paths(
        &mut Vec::new(),
        Some(before.normalized),
        Some(after.normalized),
        &mut paths,
    );
    let at = |part: &Value, path: &[String]| {
        let inner = path.iter().try_fold(part, |part, field| part.get(field.as_str()));
        inner.cloned().map(Json)
    };
    let differences = paths.into_iter().map(|path| FieldDifference {
        before: at(before.as_written, &path),
        after: at(after.as_written, &path),
        path,
    });
    differences.collect()
}

fn collect_differing_paths(
    path: &mut Vec<String>,
    before: Option<&Value>,
    after: Option<&Value>,
    paths: &mut Vec<Vec<String>>,
) {
    if before == after {
        return;
    }
    // If one side is absent, the fields of the other are still reported one by one.
    let empty = Value::Object(Map::new());
    let (before, after) = (before.unwrap_or(&empty), after.unwrap_or(&empty));
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else {
        paths.push(path.clone());
        return;
    };
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        path.push(name.clone());
        collect_differing_paths(path, before.get(name), after.get(name), paths);
        path.pop();
    }
}
