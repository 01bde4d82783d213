//! JSON in which no object has a member twice. RFC 8725 (section 2.8) and RFC 7515 (section 4) demand
//! it of tokens: two parsers that read different ones of two members disagree about who signs in.
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A JSON value without repeated members, at any depth.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct UniqueJson(pub(super) Value);

impl UniqueJson {
    /// Returns the value.
    pub(crate) fn into_value(self) -> Value {
        self.0
    }
}

impl<'de> Deserialize<'de> for UniqueJson {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("a number is not finite"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(UniqueJson(value)) = from.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, UniqueJson(value))) = from.next_entry::<String, UniqueJson>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("an object has two members of the same name"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::UniqueJson;

    fn parse(text: &str) -> Result<Value, serde_json::Error> {
        serde_json::from_str::<UniqueJson>(text).map(|UniqueJson(value)| value)
    }

    #[test]
    fn a_repeated_member_is_refused_at_any_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"a":null}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"[{"x":[{"a":1,"a":2}]}]"#,
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains("two members of the same name"), "{text}: {error}");
        }
        let nested = r#"{"a":{"a":{"a":[{"a":1},{"a":1}]}}}"#;
        assert_eq!(parse(nested).expect("distinct"), json!({"a":{"a":{"a":[{"a":1},{"a":1}]}}}));
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(parse(&format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))).is_err());
    }

    proptest! {
        /// Without repeated members, it reads what `serde_json` reads.
        #[test]
        fn other_json_is_read_as_it_is(names in prop::collection::btree_set("[a-z]{0,3}", 0..6),
            number in any::<i64>(), fraction in -1e9_f64..1e9, word in "\\PC{0,8}") {
            let values = [json!(number), json!(fraction), json!(word), json!(null), json!([true])];
            let members = names.into_iter().zip(values.into_iter().cycle());
            let value = Value::Object(members.collect());
            prop_assert_eq!(parse(&value.to_string()).expect("valid"), value);
        }
    }
}
