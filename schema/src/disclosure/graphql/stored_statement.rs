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
use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value, indexmap,
};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::budget::charge_fields;
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
            && let Some(value) = selected.read(self.text)
        {
            charge_fields(ctx, &value, field.pos)?;
            return Ok(value);
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
    /// The value of a field that the text omits.
    absent: Absent,
}

/// What the value of a field is.
#[derive(Debug)]
enum Shape {
    /// A scalar, an enum, or a list of them.
    Plain,
    /// An object, or a list of objects.
    Object(SelectedFields),
}

/// The value of a field that the stored text omits because it has its default value.
#[derive(Clone, Copy, Debug)]
enum Absent {
    Null,
    EmptyList,
    False,
    /// An object all of whose fields are absent.
    Object,
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
        let (key, name) = (field.response_key().node.clone(), field.name.node.to_string());
        let is_known = |other: &SelectedField| other.name == name || other.key == key;
        let MetaType::Object { fields, .. } = of else { return None };
        // `__typename` is not among them.
        let its_type = fields.get(&name)?;
        if self.0.iter().any(is_known) {
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
        let absent = Absent::of(its_type, &shape);
        self.0.push(SelectedField { key, name, shape, absent });
        Some(())
    }

    /// Reads the selected fields from a text; none if it is damaged.
    fn read(&self, text: &str) -> Option<Value> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = ObjectSeed(self).deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(value)
    }

    /// The object of which every field is absent.
    fn absent_object(&self) -> Value {
        self.in_order(&mut vec![None; self.0.len()])
    }

    /// The object with the values that were read.
    fn in_order(&self, values: &mut [Option<Value>]) -> Value {
        let mut object = indexmap::IndexMap::with_capacity(self.0.len());
        for (field, value) in self.0.iter().zip(values) {
            let value = value.take().unwrap_or_else(|| field.absent_value());
            object.insert(field.key.clone(), value);
        }
        Value::Object(object)
    }
}

impl SelectedField {
    fn absent_value(&self) -> Value {
        match (self.absent, &self.shape) {
            (Absent::Object, Shape::Object(fields)) => fields.absent_object(),
            (Absent::EmptyList, _) => Value::List(Vec::new()),
            (Absent::False, _) => Value::Boolean(false),
            _ => Value::Null,
        }
    }
}

impl Absent {
    /// The value of an omitted field, by its type.
    fn of(field: &MetaField, shape: &Shape) -> Self {
        let MetaTypeName::NonNull(of) = MetaTypeName::create(&field.ty) else {
            return Self::Null;
        };
        match (MetaTypeName::create(of), shape) {
            (MetaTypeName::List(_), _) => Self::EmptyList,
            (_, Shape::Object(_)) => Self::Object,
            (MetaTypeName::Named("Boolean"), _) => Self::False,
            // The parts of an amount, which are always written together.
            _ => Self::Null,
        }
    }
}

/// Reads an object, or a list of objects, with the selected fields.
#[derive(Clone, Copy)]
struct ObjectSeed<'a>(&'a SelectedFields);

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let fields = &self.0.0;
        let mut values = vec![None; fields.len()];
        while let Some(at) = map.next_key_seed(NameSeed(fields))? {
            let Some(at) = at else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            values[at] = Some(match &fields[at].shape {
                Shape::Plain => map.next_value_seed(PlainSeed)?,
                Shape::Object(inner) => map.next_value_seed(ObjectSeed(inner))?,
            });
        }
        Ok(self.0.in_order(&mut values))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
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

/// Reads a scalar, or a list of scalars.
struct PlainSeed;

impl<'de> DeserializeSeed<'de> for PlainSeed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PlainSeed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scalar or a list of scalars")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            list.push(item);
        }
        Ok(Value::List(list))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::registry::{MetaType, MetaTypeName, Registry};
    use async_graphql::{EmptyMutation, EmptySubscription, Object, OutputType, Schema};
    use serde_json::{Map, Value as Json, json};

    use super::StoredStatement;
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
        let data = answer.data.into_json().expect("JSON");
        ["stored", "typed"].map(|field| data[field].clone())
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
