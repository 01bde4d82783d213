//! Filters as JSON: the same values as the variable of the GraphQL query.
use async_graphql::{InputType, Pos, Value};

use super::ExportError;

/// The largest filter, in bytes.
pub const MAX_FILTER_BYTES: usize = 16 * 1024;
/// The longest message of a parser in an answer, in characters. It quotes the input.
const MAX_QUOTED_CHARS: usize = 300;

/// Parses a filter; all rows without one.
///
/// # Errors
/// `Malformed` if it is too large, is not a JSON object, or has an unknown name or a malformed value.
pub fn parse<T: InputType<RawValueType = T> + Default>(
    text: Option<&str>,
) -> Result<T, ExportError> {
    let Some(text) = text else { return Ok(T::default()) };
    let malformed = |message: String| {
        let message = message.chars().take(MAX_QUOTED_CHARS).collect::<String>();
        ExportError::Malformed(format!("filter: {message}"))
    };
    if text.len() > MAX_FILTER_BYTES {
        let message = format!("it is larger than {} KiB.", MAX_FILTER_BYTES / 1024);
        return Err(malformed(message));
    }
    let shape = "send a JSON object with the names of the GraphQL filter, as in \
                 {\"status\": [\"HELD\"]}.";
    let json: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| malformed(format!("it is not JSON ({error}); {shape}")))?;
    if !json.is_object() {
        return Err(malformed(format!("it is not a JSON object; {shape}")));
    }
    let value = Value::from_json(json).map_err(|error| malformed(error.to_string()))?;
    let filter = T::parse(Some(value.clone()))
        .map_err(|error| malformed(error.into_server_error(Pos::default()).message))?;
    match find_unknown(&value, &filter.to_value(), "filter") {
        Some(path) => Err(malformed(format!(
            "{path} is not a name of {}; GraphQL's schema has them all.",
            T::type_name()
        ))),
        None => Ok(filter),
    }
}

/// Returns the path of a name in `given` that is not in the value read from it: parsing ignores it, and a
/// filter with a misspelled condition would export more than was asked for.
fn find_unknown(given: &Value, known: &Value, path: &str) -> Option<String> {
    match (given, known) {
        (Value::Object(given), Value::Object(known)) => given.iter().find_map(|(name, value)| {
            let path = format!("{path}.{name}");
            match known.get(name) {
                None => Some(path),
                Some(known) => find_unknown(value, known, &path),
            }
        }),
        (Value::List(given), Value::List(known)) => {
            let pairs = given.iter().zip(known).enumerate();
            pairs.into_iter().find_map(|(index, (given, known))| {
                find_unknown(given, known, &format!("{path}.{index}"))
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use candor_schema::screening::model::{BidFilter, ContractFilter};

    use super::{ExportError, MAX_FILTER_BYTES, parse};

    fn refusal(text: &str) -> String {
        match parse::<BidFilter>(Some(text)) {
            Err(ExportError::Malformed(message)) => message,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_filter_has_the_names_and_values_of_graphql() {
        let filter = r#"{"status": ["HELD"], "agreement": {"components": ["ICE"]},
            "compensation": {"atLeast": {"amount": "10", "currency": "USD"}},
            "submittedFrom": "2026-01-01T00:00:00Z", "text": null}"#;
        let filter: BidFilter = parse(Some(filter)).expect("a filter");
        assert_eq!(filter.status.len(), 1);
        assert_eq!(filter.agreement.expect("an agreement").components.len(), 1);
        assert!(filter.submitted_from.is_some() && filter.text.is_none());
        let all: ContractFilter = parse(None).expect("no filter");
        assert!(all.department_id.is_none());
    }

    #[test]
    fn a_malformed_filter_is_refused_with_words() {
        let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        let large = format!("{{\"text\": \"{}\"}}", "a".repeat(MAX_FILTER_BYTES));
        for (text, words) in [
            ("", "not JSON"),
            ("x", "not JSON"),
            (&*deep, "not JSON"),
            ("[]", "not a JSON object"),
            ("null", "not a JSON object"),
            ("{\"status\": [\"WAITING\"]}", "WAITING"),
            ("{\"departmentId\": \"org_01kb0000000000000000000000\"}", "dep"),
            ("{\"stauts\": [\"HELD\"]}", "filter.stauts is not a name"),
            ("{\"agreement\": {\"component\": [\"ICE\"]}}", "filter.agreement.component is not"),
            (&*large, "larger than 16 KiB"),
        ] {
            let message = refusal(text);
            assert!(message.contains(words), "{words}: {message}");
            assert!(message.chars().count() < 400, "{message}");
        }
    }
}
