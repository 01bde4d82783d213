//! What is written in two items, and where it differs.
use std::collections::BTreeSet;

use async_graphql::Json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::disclosure::model::FieldDifference;
use crate::money::{self, MoneyText};

/// Lists whose order counts: the steps of a path.
const ORDERED: [&str; 2] = ["path", "about"];

/// A part as JSON.
pub fn written(part: &impl Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}

/// A value in the one form in which two are compared: lists as sets, texts without blanks around
/// them, amounts to the cent, and nothing that holds nothing.
pub fn settled(value: &Value) -> Value {
    match value {
        Value::String(text) => text.trim().into(),
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(settled).collect();
            items.sort_by_cached_key(Value::to_string);
            items.dedup();
            items.into()
        }
        Value::Object(fields) => amount(value).unwrap_or_else(|| {
            let settled = fields.iter().map(|(name, value)| {
                let ordered = ORDERED.contains(&name.as_str());
                (name.clone(), if ordered { value.clone() } else { settled(value) })
            });
            let is_something = |(_, value): &(String, Value)| !is_nothing(value);
            Value::Object(settled.filter(is_something).collect())
        }),
        other => other.clone(),
    }
}

fn amount(value: &Value) -> Option<Value> {
    let written = MoneyText::deserialize(value).ok()?;
    Some(self::written(&MoneyText::from(money::parse_money(&written).ok()?)))
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// The fields in which two parts differ, each as it was written.
pub fn differing(before: &Value, after: &Value) -> Vec<FieldDifference> {
    differing_as(before, &settled(before), after, &settled(after))
}

/// As [`differing`], of parts that were settled otherwise.
pub fn differing_as(
    before: &Value,
    settled_before: &Value,
    after: &Value,
    settled_after: &Value,
) -> Vec<FieldDifference> {
    let mut paths = Vec::new();
    leaves(&mut Vec::new(), Some(settled_before), Some(settled_after), &mut paths);
    let at = |part: &Value, path: &[String]| {
        let inner = path.iter().try_fold(part, |part, field| part.get(field.as_str()));
        inner.cloned().map(Json)
    };
    let told = paths.into_iter().map(|path| FieldDifference {
        before: at(before, &path),
        after: at(after, &path),
        path,
    });
    told.collect()
}

fn leaves(
    path: &mut Vec<String>,
    before: Option<&Value>,
    after: Option<&Value>,
    found: &mut Vec<Vec<String>>,
) {
    if before == after {
        return;
    }
    // Fields against nothing are told one by one, too.
    let nothing = Value::Object(Map::new());
    let (one, other) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else {
        found.push(path.clone());
        return;
    };
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    for name in names {
        path.push(name.clone());
        leaves(path, one.get(name), other.get(name), found);
        path.pop();
    }
}
