//! The statement of a filing, answered from its stored canonical text.
//!
//! Lists of filings spend most of their time on statements: as a value of type [`Statement`] each is
//! parsed whole, and async-graphql then allocates a future for each field of each agreement. A stored
//! statement is JSON with the names of the schema, so the answer is read from its text instead: parts
//! that were not selected are skipped, and the rest becomes the answer at once. The types of the schema
//! say what each field is, and a test compares both ways.
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::{MetaField, MetaType, MetaTypeName, Registry};
use async_graphql::{ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value};
use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::budget::{charge_written_fields, write_json, written_value};
use crate::disclosure::model::{DisclosureId, Statement};
use crate::disclosure::service::parse_statement;

/// A statement as canonical JSON. In GraphQL it has the type [`Statement`].
#[derive(Clone, Copy, Debug)]
pub struct StoredStatement<'a> {
    /// The disclosure, named if the text is damaged.
    pub id: DisclosureId,
    pub text: &'a str,
}

#[async_graphql::async_trait::async_trait]
impl OutputType for StoredStatement<'_> {
    fn type_name() -> Cow<'static, str> {
        Statement::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Statement::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        if let Some(selected) = SelectedFields::of_request(ctx)
            && let Some(written) = selected.write(self.text)
        {
            charge_written_fields(ctx, written.fields, field.pos)?;
            return Ok(written_value(written.json));
        }
        let statement = parse_statement(self.id, self.text);
        let statement = statement
            .map_err(|fault| async_graphql::Error::from(fault).into_server_error(field.pos))?;
        statement.resolve(ctx, field).await
    }
}

/// The selections of a request's statements, compiled once for all statements of a list.
#[derive(Debug, Default)]
pub struct CompiledSelections(Mutex<HashMap<usize, Option<Arc<SelectedFields>>>>);

/// The selected fields of an object, in the order of the answer.
#[derive(Debug, Default)]
struct SelectedFields(Vec<SelectedField>);

/// A selected field.
#[derive(Debug)]
struct SelectedField {
    /// The key in the answer: the alias, or the name.
    key: Name,
    /// The name in the schema and in the stored text.
    name: String,
    shape: Shape,
    /// The value of a field that the text omits, as JSON.
    absent: Vec<u8>,
}

/// What the value of a field is.
#[derive(Debug)]
enum Shape {
    /// A scalar, an enum, or a list of them.
    Plain,
    /// An object, or a list of objects.
    Object(SelectedFields),
}

impl SelectedFields {
    /// The selection of a statement; none if it needs what only async-graphql does.
    fn of_request(ctx: &ContextSelectionSet<'_>) -> Option<Arc<Self>> {
        let compile = || {
            let registry = &ctx.schema_env.registry;
            let statement = registry.types.get(&*Statement::type_name())?;
            Self::compile(ctx, &ctx.item.node, statement).map(Arc::new)
        };
        let Some(compiled) = ctx.data_opt::<CompiledSelections>() else { return compile() };
        // The document outlives the request, so its addresses identify its selections.
        let address = std::ptr::from_ref(&ctx.item.node).addr();
        let mut compiled = compiled.0.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.entry(address).or_insert_with(compile).clone()
    }

    /// Compiles the selection of an object. None with a directive, or with a field that is selected twice.
    fn compile(ctx: &ContextSelectionSet<'_>, set: &SelectionSet, of: &MetaType) -> Option<Self> {
        let mut compiled = Self::default();
        compiled.add(ctx, set, of)?;
        Some(compiled)
    }

    fn add(
        &mut self,
        ctx: &ContextSelectionSet<'_>,
        set: &SelectionSet,
        of: &MetaType,
    ) -> Option<()> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.directives.is_empty() => {
                    self.add_field(ctx, &field.node, of)?;
                }
                // No type here is an interface or a union, so every fragment applies.
                Selection::InlineFragment(fragment) if fragment.node.directives.is_empty() => {
                    self.add(ctx, &fragment.node.selection_set.node, of)?;
                }
                Selection::FragmentSpread(spread) if spread.node.directives.is_empty() => {
                    let name = &spread.node.fragment_name.node;
                    let fragment = &ctx.query_env.fragments.get(name)?.node;
                    self.add(ctx, &fragment.selection_set.node, of)?;
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn add_field(
        &mut self,
        ctx: &ContextSelectionSet<'_>,
        field: &Field,
        of: &MetaType,
    ) -> Option<()> {
        let (key, name) = (&field.response_key().node, field.name.node.to_string());
        let MetaType::Object { fields, .. } = of else { return None };
        // `__typename` is not among them.
        let its_type = fields.get(&name)?;
        if self.0.iter().any(|other| other.name == name || other.key == *key) {
            return None;
        }
        let inner = ctx.schema_env.registry.concrete_type_by_name(&its_type.ty)?;
        let shape = match inner {
            MetaType::Object { .. } => {
                Shape::Object(Self::compile(ctx, &field.selection_set.node, inner)?)
            }
            MetaType::Scalar { .. } | MetaType::Enum { .. } => Shape::Plain,
            _ => return None,
        };
        let mut absent = Vec::new();
        write_json(&shape.absent_value(its_type), &mut absent).ok()?;
        self.0.push(SelectedField { key: key.clone(), name, shape, absent });
        Some(())
    }

    /// Writes the selected fields of a text as JSON; none if it is damaged.
    fn write(&self, text: &str) -> Option<WrittenFields> {
        let mut written = WrittenFields::default();
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let object = ObjectSeed { selected: self, written: &mut written };
        object.deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(written)
    }

    /// The object of which every field is absent.
    fn absent_object(&self) -> Value {
        let field =
            |field: &SelectedField| (field.key.clone(), written_value(field.absent.clone()));
        Value::Object(self.0.iter().map(field).collect())
    }
}

impl Shape {
    /// The value of a field that the stored text omits because it has its default value, by its type.
    fn absent_value(&self, field: &MetaField) -> Value {
        let MetaTypeName::NonNull(of) = MetaTypeName::create(&field.ty) else {
            return Value::Null;
        };
        match (MetaTypeName::create(of), self) {
            (MetaTypeName::List(_), _) => Value::List(Vec::new()),
            (_, Self::Object(fields)) => fields.absent_object(),
            (MetaTypeName::Named("Boolean"), _) => Value::Boolean(false),
            // The parts of an amount, which are always written together.
            _ => Value::Null,
        }
    }
}

/// The JSON of the fields of a statement that were written so far.
#[derive(Debug, Default)]
struct WrittenFields {
    json: Vec<u8>,
    /// The number of fields, at every depth.
    fields: usize,
}

impl WrittenFields {
    fn write<E: serde::de::Error>(&mut self, scalar: impl Serialize) -> Result<(), E> {
        serde_json::to_writer(&mut self.json, &scalar).map_err(E::custom)
    }

    /// Writes the items of a list, each with `write_item`.
    fn write_list<'de, A: SeqAccess<'de>>(
        &mut self,
        mut items: A,
        mut write_item: impl FnMut(&mut Self, &mut A) -> Result<Option<()>, A::Error>,
    ) -> Result<(), A::Error> {
        self.json.push(b'[');
        let start = self.json.len();
        loop {
            let end = self.json.len();
            if end > start {
                self.json.push(b',');
            }
            if write_item(self, &mut items)?.is_none() {
                self.json.truncate(end);
                break;
            }
        }
        self.json.push(b']');
        Ok(())
    }
}

/// Writes the selected fields of an object, or of each object of a list.
struct ObjectSeed<'a> {
    selected: &'a SelectedFields,
    written: &'a mut WrittenFields,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { selected: SelectedFields(fields), written } = self;
        // The values come in the order of the text, and are then put in that of the answer.
        let start = written.json.len();
        let mut values = vec![None; fields.len()];
        while let Some(position) = map.next_key_seed(NameSeed(fields))? {
            let Some(position) = position else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let begin = written.json.len() - start;
            match &fields[position].shape {
                Shape::Plain => map.next_value_seed(PlainSeed(&mut *written))?,
                Shape::Object(selected) => {
                    map.next_value_seed(ObjectSeed { selected, written: &mut *written })?;
                }
            }
            values[position] = Some(begin..written.json.len() - start);
        }
        let texts = written.json.split_off(start);
        let mut separator = b'{';
        for (field, value) in fields.iter().zip(values) {
            written.json.push(separator);
            separator = b',';
            written.write(field.key.as_str())?;
            written.json.push(b':');
            let text = value.map_or(&field.absent[..], |value| &texts[value]);
            written.json.extend_from_slice(text);
        }
        written.json.push(b'}');
        written.fields += fields.len();
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        let selected = self.selected;
        self.written.write_list(items, |written, items| {
            items.next_element_seed(ObjectSeed { selected, written })
        })
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.written.write(())
    }
}

/// Reads a key; returns the position of the field with that name, if it is selected.
struct NameSeed<'a>(&'a [SelectedField]);

impl<'de> DeserializeSeed<'de> for NameSeed<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<usize>, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|field| field.name == name))
    }
}

/// Writes a scalar, or a list of scalars.
struct PlainSeed<'a>(&'a mut WrittenFields);

impl<'de> DeserializeSeed<'de> for PlainSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PlainSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scalar or a list of scalars")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.0.write(value)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.0.write(value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.0.write(value)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.0.write(value)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.0.write(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        self.0.write_list(items, |written, items| items.next_element_seed(PlainSeed(written)))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::registry::{MetaType, MetaTypeName, Registry};
    use async_graphql::{EmptyMutation, EmptySubscription, Object, OutputType, Schema};
    use serde_json::{Map, Value as Json, json};

    use super::StoredStatement;
    use crate::budget::write_response;
    use crate::disclosure::model::{DisclosureId, Statement};

    /// Answers the same statement in both ways.
    struct Both(String);

    #[Object(crate = "crate::budget")]
    impl Both {
        async fn stored(&self) -> StoredStatement<'_> {
            StoredStatement { id: DisclosureId::generate(), text: &self.0 }
        }

        async fn typed(&self) -> Statement {
            serde_json::from_str(&self.0).expect("a statement")
        }
    }

    type TestSchema = Schema<Both, EmptyMutation, EmptySubscription>;

    fn schema(text: String) -> TestSchema {
        Schema::build(Both(text), EmptyMutation, EmptySubscription).finish()
    }

    /// The types of a statement.
    fn registry() -> Registry {
        let mut registry = Registry::default();
        Statement::create_type_info(&mut registry);
        registry
    }

    async fn answers(schema: &TestSchema, selection: &str) -> [Json; 2] {
        let query = format!("{{ stored {selection} typed {selection} }}");
        let answer = schema.execute(query).await;
        assert_eq!(answer.errors, [], "{selection}");
        let written = write_response(&answer, 0).expect("JSON");
        let written: Json = serde_json::from_slice(&written).expect("JSON");
        ["stored", "typed"].map(|field| written["data"][field].clone())
    }

    /// The selection of every field, at every depth.
    fn select_all(registry: &Registry, of: &str) -> String {
        let Some(MetaType::Object { fields, .. }) = registry.types.get(of) else {
            return String::new();
        };
        let field = |(name, field): (&String, &async_graphql::registry::MetaField)| {
            format!("{name} {}", select_all(registry, MetaTypeName::concrete_typename(&field.ty)))
        };
        format!("{{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join(" "))
    }

    /// A value of every field; of an enum, the value with this number, counted round.
    fn example(registry: &Registry, of: &str, number: usize) -> Json {
        match MetaTypeName::create(of) {
            MetaTypeName::NonNull(of) => example(registry, of, number),
            MetaTypeName::List(of) => {
                json!([example(registry, of, number), example(registry, of, number + 1)])
            }
            MetaTypeName::Named(name) => match registry.types.get(name) {
                Some(MetaType::Object { fields, .. }) => {
                    let field = |(name, field): (&String, &async_graphql::registry::MetaField)| {
                        (name.clone(), example(registry, &field.ty, number))
                    };
                    Json::from(fields.iter().map(field).collect::<Map<_, _>>())
                }
                Some(MetaType::Enum { enum_values, .. }) => {
                    let values: Vec<&String> = enum_values.keys().collect();
                    json!(values[number % values.len()])
                }
                _ => match name {
                    "Boolean" => json!(number.is_multiple_of(2)),
                    "Int" => json!(number),
                    "Date" | "PartialDate" => json!("2026-01-02"),
                    _ => json!("text \"with\" quotes \u{e9}\n"),
                },
            },
        }
    }

    #[tokio::test]
    async fn a_stored_statement_is_answered_as_a_typed_one() {
        let empty = schema("{}".to_owned());
        let registry = &registry();
        let all = select_all(registry, "Statement");
        for number in 0..40 {
            let text = example(registry, "Statement", number).to_string();
            // The names of the enums and fields in JSON are those of the schema.
            let canonical: Statement = serde_json::from_str(&text).expect(&text);
            let canonical = serde_json::to_string(&canonical).expect("JSON");
            for text in [text, canonical] {
                let [stored, typed] = answers(&schema(text), &all).await;
                assert_eq!(stored, typed);
            }
        }
        let [stored, typed] = answers(&empty, &all).await;
        assert_eq!(stored, typed);
    }

    #[tokio::test]
    async fn every_form_of_selection_is_answered() {
        let empty = schema("{}".to_owned());
        let text = example(&registry(), "Statement", 3).to_string();
        let full = schema(text);
        for selection in [
            "{ __typename }",
            "{ dhs { __typename agreements { kind } } }",
            "{ dhs { a: agreements { kind } b: agreements { component } } }",
            "{ dhs { agreements { kind } agreements { component } } }",
            "{ dhs { agreements { work: natureOfWork ...on Agreement { office } } } }",
            "{ dhs { agreements { kind @skip(if: true) component @include(if: true) } } }",
            "{ dhs { ... @include(if: false) { noneAttested } agreements { kind } } }",
            "{ dataSharing { noneAttested arrangements { recipientCount ongoing } } }",
        ] {
            let [stored, typed] = answers(&full, selection).await;
            assert_eq!(stored, typed, "{selection}");
            let [stored, typed] = answers(&empty, selection).await;
            assert_eq!(stored, typed, "{selection}");
        }
    }
}
