//! Values that were written as JSON when they were resolved, and answers that contain them.
//!
//! Most of a list of filings is the text of their statements. Its values need not become objects of
//! async-graphql, with an allocation for each key and value, only to be written as JSON at the end.
use async_graphql::Value;
use async_graphql::indexmap::IndexMap;

/// Returns the value that a JSON text stands for. The text is copied into the answer as it is.
///
/// No scalar of the schema is binary, so that a binary value stands for one of these alone.
#[must_use]
pub fn written_value(json: Vec<u8>) -> Value {
    Value::Binary(json.into())
}

/// Appends a value as JSON.
///
/// # Errors
/// If a scalar cannot be serialized.
pub fn write_json(value: &Value, json: &mut Vec<u8>) -> serde_json::Result<()> {
    match value {
        Value::Binary(written) => json.extend_from_slice(written),
        Value::Object(fields) => write_object(fields, json)?,
        Value::List(values) => {
            json.push(b'[');
            for (position, value) in values.iter().enumerate() {
                if position > 0 {
                    json.push(b',');
                }
                write_json(value, json)?;
            }
            json.push(b']');
        }
        scalar => serde_json::to_writer(json, scalar)?,
    }
    Ok(())
}

fn write_object(
    fields: &IndexMap<async_graphql::Name, Value>,
    json: &mut Vec<u8>,
) -> serde_json::Result<()> {
    json.push(b'{');
    for (position, (key, value)) in fields.iter().enumerate() {
        if position > 0 {
            json.push(b',');
        }
        serde_json::to_writer(&mut *json, key.as_str())?;
        json.push(b':');
        write_json(value, json)?;
    }
    json.push(b'}');
    Ok(())
}

/// Writes a response as JSON (GraphQL specification, section 7.1), with room for `capacity` bytes.
///
/// # Errors
/// As [`write_json`].
pub fn write_response(
    response: &async_graphql::Response,
    capacity: usize,
) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(capacity);
    json.extend_from_slice(b"{\"data\":");
    write_json(&response.data, &mut json)?;
    if !response.extensions.is_empty() {
        json.extend_from_slice(b",\"extensions\":");
        serde_json::to_writer(&mut json, &response.extensions)?;
    }
    if !response.errors.is_empty() {
        json.extend_from_slice(b",\"errors\":");
        serde_json::to_writer(&mut json, &response.errors)?;
    }
    json.push(b'}');
    Ok(json)
}

#[cfg(test)]
mod tests {
    use async_graphql::{Response, ServerError, value};

    use super::{write_response, written_value};

    #[test]
    fn a_response_is_written_as_serde_writes_it() {
        let text = "\u{0}\"\\/<é漢\u{2028}𝄞";
        let data = value!({ "a\"": [{ "b": text }, {}, [], null, true, -1.5, 7], "c": { "d": 1 } });
        let mut response = Response::new(data);
        for _ in 0..2 {
            let written = write_response(&response, 16).expect("JSON");
            let expected = serde_json::to_vec(&response).expect("JSON");
            let read =
                |json: &[u8]| serde_json::from_slice::<serde_json::Value>(json).expect("JSON");
            assert_eq!(read(&written), read(&expected));
            response.errors.push(ServerError::new("wrong", None));
            response.extensions.insert("id".to_owned(), value!("x"));
        }
    }

    #[test]
    fn a_written_value_stands_for_its_json() {
        let json = br#"{"a":[1,{"b":"c"}]}"#;
        let response = Response::new(written_value(json.to_vec()));
        let written = write_response(&response, 0).expect("JSON");
        assert_eq!(written, br#"{"data":{"a":[1,{"b":"c"}]}}"#);
    }
}
