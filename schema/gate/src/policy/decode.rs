//! Reads a policy from a tree of values, and says in the words of policy files what is malformed and
//! where. The texts of parsers and of derived code are for programmers, so none of them is passed on.
use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

use super::check::{Violation, shorten};
use super::stored::field_names;
use super::{Parameters, Rule, Texts, UncheckedPolicy};
use crate::RuleCode;
use crate::money::ParseMoneyJsonError;

/// The longest list of allowed names that a message contains.
const MAX_LISTED_NAMES: usize = 12;

/// How the types of other crates call a text of their own, and what a policy file's author calls it.
const TEXT_KINDS: [(&str, &str); 4] = [
    ("a string", "a text"),
    ("a formatted date string", "a date such as \"2026-07-01\""),
    ("an IANA timezone string", "a time zone such as \"America/New_York\""),
    ("Weekday", "a day of the week such as \"Monday\""),
];

/// Reads a policy. Every malformed part is listed: each value of the root, each parameter, each rule and
/// each text.
pub(super) fn decode(tree: &Value) -> Result<UncheckedPolicy, Vec<Violation>> {
    UncheckedPolicy::deserialize(Node(tree)).map_err(|first| {
        let malformed = find_malformed_parts(tree);
        if malformed.is_empty() { vec![first.into()] } else { malformed }
    })
}

/// Lists the names that a publication must have and the policy lacks.
pub(super) fn find_omissions(tree: &Value) -> Vec<Violation> {
    let mut omissions = Vec::new();
    let mut require = |table: Option<&Value>, path: &[&str], names: &[&str]| {
        let Some(table) = table.and_then(Value::as_object) else { return };
        let missing = names.iter().filter(|name| !table.contains_key(**name));
        omissions.extend(missing.map(|name| missing_name(path, name)));
    };
    let is_required = |name: &&str| *name != "form";
    let root: Vec<_> =
        field_names::<UncheckedPolicy>().iter().copied().filter(is_required).collect();
    require(Some(tree), &[], &root);
    let is_required = |name: &&str| !Parameters::RETIRED_NAMES.contains(name);
    let parameters: Vec<_> =
        field_names::<Parameters>().iter().copied().filter(is_required).collect();
    require(tree.get("parameters"), &["parameters"], &parameters);
    require(tree.get("texts"), &["texts"], field_names::<Texts>());
    let codes: Vec<_> = RuleCode::ALL.iter().map(|code| code.as_str()).collect();
    require(tree.get("rules"), &["rules"], &codes);
    omissions
}

/// Lists the parameters that this build only reads in stored policies.
pub(super) fn find_retired_names(tree: &Value) -> Vec<Violation> {
    let parameters = tree.get("parameters").and_then(Value::as_object);
    let names = parameters.into_iter().flat_map(Map::keys);
    let retired = names.filter(|name| Parameters::RETIRED_NAMES.contains(&name.as_str()));
    retired
        .map(|name| Violation {
            path: vec!["parameters".to_owned(), name.clone()],
            message: unknown_name(&[]),
        })
        .collect()
}

fn missing_name(path: &[&str], name: &str) -> Violation {
    let path = path.iter().map(|step| (*step).to_owned()).collect();
    Violation { path, message: format!("{name} is missing") }
}

fn unknown_name(known: &[&str]) -> String {
    if (1..=MAX_LISTED_NAMES).contains(&known.len()) {
        return format!("this name is not known here; the names are {}", known.join(", "));
    }
    "this name is not known here; check its spelling, or remove it".to_owned()
}

fn find_malformed_parts(tree: &Value) -> Vec<Violation> {
    let Some(root) = tree.as_object() else { return Vec::new() };
    let mut malformed = Vec::new();
    for (name, part) in root {
        let Some(table) = part.as_object() else {
            malformed.extend(find_malformed_fields::<UncheckedPolicy>(&single(name, part)));
            continue;
        };
        let found = match name.as_str() {
            "parameters" => find_malformed_fields::<Parameters>(table),
            "rules" => find_malformed_fields::<BTreeMap<RuleCode, Rule>>(table),
            "texts" => find_malformed_fields::<Texts>(table),
            _ => {
                malformed.extend(find_malformed_fields::<UncheckedPolicy>(&single(name, part)));
                continue;
            }
        };
        malformed.extend(found.into_iter().map(|error| error.at(name)));
    }
    malformed.into_iter().map(Violation::from).collect()
}

/// Reads each field of a table by itself. What is missing beside it is not an error of the field.
fn find_malformed_fields<T: for<'de> Deserialize<'de>>(
    table: &Map<String, Value>,
) -> Vec<FormError> {
    let error_of = |(name, value): (&String, &Value)| {
        let field = Value::Object(single(name, value));
        let error = T::deserialize(Node(&field)).err()?;
        (error.path.last() == Some(name)).then_some(error)
    };
    table.iter().filter_map(error_of).collect()
}

fn single(name: &str, value: &Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value.clone())])
}

/// What is malformed, and where.
#[derive(Debug)]
struct FormError {
    /// The steps to the value, the innermost first.
    path: Vec<String>,
    /// None for an error in the words of another crate.
    message: Option<String>,
}

impl FormError {
    fn new(message: impl Into<String>) -> Self {
        Self { path: Vec::new(), message: Some(message.into()) }
    }

    fn foreign() -> Self {
        Self { path: Vec::new(), message: None }
    }

    fn at(mut self, step: &str) -> Self {
        self.path.push(step.to_owned());
        self
    }

    /// Gives an error that has no words of ours these words.
    fn or_message(self, message: impl FnOnce() -> String) -> Self {
        Self { message: self.message.or_else(|| Some(message())), ..self }
    }
}

impl From<FormError> for Violation {
    fn from(mut error: FormError) -> Self {
        error.path.reverse();
        let message = error.message.unwrap_or_else(|| "this value is not allowed here".to_owned());
        Self { path: error.path, message }
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.as_deref().unwrap_or("this value is not allowed here"))
    }
}

impl std::error::Error for FormError {}

impl Error for FormError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        if message == ParseMoneyJsonError.to_string() {
            Self::new(message)
        } else {
            Self::foreign()
        }
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::foreign()
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::foreign()
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::foreign()
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("\"{}\" is not known here; {}", shorten(variant), one_of(expected)))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(unknown_name(expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(missing_name(&[], field).message)
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self::new("this name is written twice; keep one")
    }
}

fn one_of(allowed: &[&str]) -> String {
    if (1..=MAX_LISTED_NAMES).contains(&allowed.len()) {
        return format!("write one of {}", allowed.join(", "));
    }
    "check its spelling, or remove it".to_owned()
}

/// A value of the tree, which can be read as any type of a policy.
#[derive(Clone, Copy)]
struct Node<'a>(&'a Value);

impl<'de> Node<'de> {
    fn visit_text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        let expected = (&visitor as &dyn Expected).to_string();
        let kind = TEXT_KINDS.iter().find(|(name, _)| *name == expected);
        let kind = kind.map_or("a text that is allowed here", |(_, kind)| kind);
        let Some(text) = self.0.as_str() else {
            return Err(FormError::new(format!("must be {kind}, in quotes")));
        };
        visitor.visit_borrowed_str(text).map_err(|error: FormError| {
            error.or_message(|| format!("\"{}\" is not {kind}", shorten(text)))
        })
    }

    fn visit_number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        let number = self.0.as_u64();
        let number = number.ok_or_else(|| FormError::new("must be a whole number, 0 or more"))?;
        visitor
            .visit_u64(number)
            .map_err(|error: FormError| error.or_message(|| format!("{number} is too large")))
    }

    fn visit_list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        let items = self.0.as_array();
        let items = items.ok_or_else(|| FormError::new("must be a list, in square brackets"))?;
        visitor.visit_seq(Items(items.iter().enumerate()))
    }

    fn visit_table<V: Visitor<'de>>(
        self,
        names: &[&str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        let Some(fields) = self.0.as_object() else {
            let names = if (1..=MAX_LISTED_NAMES).contains(&names.len()) {
                format!(" with {}", names.join(", "))
            } else {
                String::new()
            };
            return Err(FormError::new(format!("must be a table{names}")));
        };
        visitor.visit_map(Fields { rest: fields.iter(), last: None })
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
            self.visit_number(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = FormError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, number) => visitor.visit_f64(number.unwrap_or_default()),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(_) => self.visit_list(visitor),
            Value::Object(_) => self.visit_table(&[], visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        let truth = self.0.as_bool();
        visitor.visit_bool(truth.ok_or_else(|| FormError::new("must be true or false"))?)
    }

    numbers! {
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        self.visit_text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        self.visit_text(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        self.visit_list(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        self.visit_table(&[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        self.visit_table(fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        let (variant, content) = match self.0 {
            Value::String(variant) => (variant, None),
            Value::Object(fields) if fields.len() == 1 => {
                let (variant, content) = fields.iter().next().ok_or_else(FormError::foreign)?;
                (variant, Some(Node(content)))
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => {
                return Err(FormError::new(one_of(variants)));
            }
        };
        visitor.visit_enum(Choice { variant, content })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FormError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
        ignored_any
    }
}

/// The items of a list.
struct Items<'a>(std::iter::Enumerate<std::slice::Iter<'a, Value>>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = FormError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, FormError> {
        let Some((index, item)) = self.0.next() else { return Ok(None) };
        seed.deserialize(Node(item)).map(Some).map_err(|error| error.at(&index.to_string()))
    }
}

/// The fields of a table.
struct Fields<'a> {
    rest: serde_json::map::Iter<'a>,
    last: Option<(&'a String, &'a Value)>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = FormError;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, FormError> {
        self.last = self.rest.next();
        let Some((name, _)) = self.last else { return Ok(None) };
        let name_value = BorrowedStrDeserializer::new(name);
        seed.deserialize(name_value).map(Some).map_err(|error: FormError| error.at(name))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, FormError> {
        let (name, value) = self.last.ok_or_else(FormError::foreign)?;
        seed.deserialize(Node(value)).map_err(|error| error.at(name))
    }
}

/// A variant of an enum: a text, or a table with the variant as its only name.
struct Choice<'a> {
    variant: &'a str,
    content: Option<Node<'a>>,
}

impl<'de> EnumAccess<'de> for Choice<'de> {
    type Error = FormError;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), FormError> {
        let variant = seed.deserialize(BorrowedStrDeserializer::new(self.variant))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'de> {
    type Error = FormError;

    fn unit_variant(self) -> Result<(), FormError> {
        match self.content {
            None => Ok(()),
            Some(_) => Err(FormError::new("must be a text, in quotes")),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, FormError> {
        let content = self.content.ok_or_else(FormError::foreign)?;
        seed.deserialize(content).map_err(|error| error.at(self.variant))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, FormError> {
        let content = self.content.ok_or_else(FormError::foreign)?;
        content.visit_list(visitor).map_err(|error| error.at(self.variant))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        let Some(content) = self.content else {
            let message = format!("must be {} with {}", self.variant, names.join(", "));
            return Err(FormError::new(message));
        };
        content.visit_table(names, visitor).map_err(|error| error.at(self.variant))
    }
}
