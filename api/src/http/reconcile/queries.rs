//! The batch of queries of the reconciliation API (version 0.2, section 4.2).
use axum::http::StatusCode;
use candor_matcher::Record;
use candor_schema::fault::FieldPath;
use candor_schema::organization::model::{Identifier, IdentifierScheme};
use candor_schema::organization::service::validate_searched_identifier;
use candor_schema::screening::service::ReconcileQuery;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::manifest::parse_kind;
use crate::http::problem::Problem;

/// The most queries in a batch.
pub(super) const MAX_QUERIES: usize = 50;
/// The number of candidates if a query does not say.
const DEFAULT_LIMIT: usize = 5;
/// The most candidates of a query.
const MAX_LIMIT: usize = 50;
/// The longest name of a query, in characters.
const MAX_NAME_CHARS: usize = 300;
/// The longest key of a query in a batch, in characters.
const MAX_KEY_CHARS: usize = 100;
/// The most properties of a query.
const MAX_PROPERTIES: usize = 20;

/// A query. Fields that the specification does not know are ignored, as it asks.
#[derive(Debug, Deserialize)]
struct SentQuery {
    query: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<OneOrMany>,
    #[serde(default)]
    limit: Option<u64>,
    #[serde(default)]
    properties: Vec<Property>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Deserialize)]
struct Property {
    pid: String,
    v: Value,
}

/// Parses a batch: the queries with their keys, in their order.
///
/// # Errors
/// 400 for a text that is not a JSON object of queries, too many queries, and a query with an unknown type
/// or a value out of its bounds.
pub(super) fn parse(text: &str) -> Result<Vec<(String, ReconcileQuery)>, Problem> {
    let malformed = |message: String| Problem::new(StatusCode::BAD_REQUEST, message);
    let shape = "send a JSON object such as {\"q0\": {\"query\": \"Perennial Paving\"}}.";
    let batch: Map<String, Value> = serde_json::from_str(text)
        .map_err(|_| malformed(format!("queries: it is not a JSON object; {shape}")))?;
    if batch.len() > MAX_QUERIES {
        return Err(malformed(format!("queries: send at most {MAX_QUERIES} in one batch.")));
    }
    let queries = batch.into_iter().map(|(key, value)| {
        if key.chars().count() > MAX_KEY_CHARS {
            let message = format!("queries: a key has more than {MAX_KEY_CHARS} characters.");
            return Err(malformed(message));
        }
        let query: SentQuery = serde_json::from_value(value)
            .map_err(|_| malformed(format!("queries.{key}: it is not a query; {shape}")))?;
        let query = validate(query).map_err(|what| malformed(format!("queries.{key}.{what}")))?;
        Ok((key, query))
    });
    queries.collect()
}

fn validate(query: SentQuery) -> Result<ReconcileQuery, String> {
    let SentQuery { query, kind, limit, properties } = query;
    let name = query.unwrap_or_default();
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(format!("query: it has more than {MAX_NAME_CHARS} characters."));
    }
    if properties.len() > MAX_PROPERTIES {
        return Err(format!("properties: send at most {MAX_PROPERTIES}."));
    }
    let kinds = match kind {
        None => Vec::new(),
        Some(OneOrMany::One(kind)) => vec![kind],
        Some(OneOrMany::Many(kinds)) => kinds,
    };
    let kinds = kinds.iter().map(|word| {
        parse_kind(word).ok_or("type: the types are organization and recipient.".to_owned())
    });
    let kinds = kinds.collect::<Result<Vec<_>, String>>()?;
    // Several types are the same as none, because there are two.
    let kind = kinds.first().copied().filter(|first| kinds.iter().all(|kind| kind == first));
    let limit = match limit.map(usize::try_from) {
        None => DEFAULT_LIMIT,
        Some(Ok(limit)) if (1..=MAX_LIMIT).contains(&limit) => limit,
        Some(_) => return Err(format!("limit: send a number from 1 to {MAX_LIMIT}.")),
    };
    let mut record = Record::from_name(name);
    let mut numbers = Vec::new();
    for Property { pid, v } in properties {
        let Some(value) = property_text(&v) else { continue };
        let scheme = match pid.as_str() {
            "city" => {
                record.city = Some(value);
                continue;
            }
            "state" => {
                record.state = Some(value);
                continue;
            }
            "uei" => IdentifierScheme::Uei,
            "cage" => IdentifierScheme::Cage,
            "vendorNumber" => IdentifierScheme::CityVendor,
            // A column of the list that this service knows nothing of.
            _ => continue,
        };
        match scheme {
            IdentifierScheme::Uei => record.uei = Some(value.clone()),
            IdentifierScheme::Cage => record.cage = Some(value.clone()),
            IdentifierScheme::CityVendor | IdentifierScheme::CityTaxRegistration => {}
        }
        // A number that cannot be one is left out; the name may still find somebody.
        let given = Identifier { scheme, id: value };
        numbers.extend(validate_searched_identifier(&given, &FieldPath::default()).ok());
    }
    Ok(ReconcileQuery { kind, record, numbers, limit })
}

/// Returns the text of a property's value: a text, a number, or the id or name of an entity.
fn property_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Object(entity) => {
            entity.get("id").or_else(|| entity.get("name"))?.as_str()?.to_owned()
        }
        Value::Array(values) => return values.first().and_then(property_text),
        Value::Null | Value::Bool(_) => return None,
    };
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= MAX_NAME_CHARS).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use candor_schema::screening::service::ReconciledKind;
    use serde_json::{Value, json};

    use super::{MAX_QUERIES, parse};

    #[test]
    fn a_query_has_a_name_a_type_and_properties() {
        let batch = json!({
            "q0": { "query": "Perennial Paving", "type": "organization", "limit": 3,
                "type_strict": "should", "unknown": 1,
                "properties": [{ "pid": "vendorNumber", "v": "v-1" }, { "pid": "city", "v": "Vernon" },
                    { "pid": "uei", "v": "not one" }, { "pid": "color", "v": { "id": "red" } }] },
            "q1": { "query": "X", "type": ["organization", "recipient"] },
        });
        let queries = parse(&batch.to_string()).expect("a batch");
        let keys: Vec<&str> = queries.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["q0", "q1"]);
        let first = &queries[0].1;
        assert_eq!((first.kind, first.limit), (Some(ReconciledKind::Organization), 3));
        assert_eq!(first.record.city.as_deref(), Some("Vernon"));
        // Numbers of any form are looked for; properties that are not known are left out.
        assert_eq!(first.numbers.len(), 2);
        assert_eq!(first.numbers[0].id, "V-1");
        assert_eq!((queries[1].1.kind, queries[1].1.limit), (None, 5));
    }

    #[test]
    fn a_malformed_batch_is_refused() {
        let many: Value =
            (0..=MAX_QUERIES).map(|n| (n.to_string(), json!({"query": "x"}))).collect();
        for batch in [
            String::new(),
            "[]".to_owned(),
            "{\"q0\": 1}".to_owned(),
            "{\"q0\": {\"query\": 1}}".to_owned(),
            "{\"q0\": {\"query\": \"x\", \"limit\": 0}}".to_owned(),
            "{\"q0\": {\"query\": \"x\", \"limit\": 51}}".to_owned(),
            "{\"q0\": {\"query\": \"x\", \"limit\": -1}}".to_owned(),
            "{\"q0\": {\"query\": \"x\", \"type\": \"person\"}}".to_owned(),
            json!({ "q0": { "query": "x".repeat(301) } }).to_string(),
            json!({ "k".repeat(101): { "query": "x" } }).to_string(),
            many.to_string(),
        ] {
            assert!(parse(&batch).is_err(), "{batch}");
        }
    }
}
