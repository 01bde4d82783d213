//! Reading of policies that another build may have written.
use serde::de::value::Error as FieldError;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

use super::check::Violation;
use super::decode::decode;
use super::file::parse_tree;
use super::{CURRENT_FORM, Parameters, Policy, PolicyProblem, UncheckedPolicy, check};
use crate::RuleCode;

pub(super) fn from_json(json: &str) -> Result<Policy, Vec<PolicyProblem>> {
    from_value(parse_json(json)?)
}

pub(super) fn from_file(text: &str) -> Result<Policy, Vec<PolicyProblem>> {
    from_value(parse_tree(text)?)
}

/// Parses JSON to the tree of its values.
pub(super) fn parse_json(json: &str) -> Result<Value, Vec<PolicyProblem>> {
    serde_json::from_str(json).map_err(|error| {
        let message = "the text is not complete JSON from this line on".to_owned();
        vec![PolicyProblem { line: Some(error.line()), message }]
    })
}

/// Reads a policy of this build's form or an older one. Forms differ in what a value looks like; a form
/// that changes a value converts the older ones here.
fn from_value(mut value: Value) -> Result<Policy, Vec<PolicyProblem>> {
    let problem = |message: String| vec![PolicyProblem { line: None, message }];
    let form = value.get("form").unwrap_or(&Value::Null);
    if !form.is_null() && form.as_u64().is_none_or(|form| form > u64::from(CURRENT_FORM)) {
        return Err(problem(format!(
            "form: {form} is not from 1 to {CURRENT_FORM}; a newer version of the service reads it"
        )));
    }
    retain(Some(&mut value), |name| field_names::<UncheckedPolicy>().contains(&name));
    retain(value.get_mut("parameters"), |name| field_names::<Parameters>().contains(&name));
    retain(value.get_mut("rules"), |code| code.parse::<RuleCode>().is_ok());
    let unchecked = decode(&value).map_err(|malformed| problems_of(&malformed))?;
    let violations = check::find_excessive_severities(&unchecked);
    if violations.is_empty() {
        return Ok(Policy(unchecked));
    }
    Err(problems_of(&violations))
}

/// Returns the problems of a policy that is no file.
pub(super) fn problems_of(violations: &[Violation]) -> Vec<PolicyProblem> {
    let problem = |it: &Violation| PolicyProblem { line: None, message: it.to_string() };
    violations.iter().map(problem).collect()
}

/// Leaves out the fields of an object whose names this build does not know.
fn retain(object: Option<&mut Value>, is_known: impl Fn(&str) -> bool) {
    if let Some(fields) = object.and_then(Value::as_object_mut) {
        let known = std::mem::take(fields).into_iter().filter(|(name, _)| is_known(name));
        *fields = known.collect::<Map<_, _>>();
    }
}

/// Returns the names of a struct's fields, as its `Deserialize` declares them.
pub(super) fn field_names<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // Always an error, since nothing is read.
    drop(T::deserialize(FieldNames(&mut names)));
    names
}

struct FieldNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldNames<'_> {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, FieldError> {
        Err(serde::de::Error::custom("not a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, FieldError> {
        *self.0 = fields;
        Err(serde::de::Error::custom("only the names are read"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
