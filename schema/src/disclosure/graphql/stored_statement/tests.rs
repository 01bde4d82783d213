//! A stored statement is answered as the same statement with all types.
use std::sync::Arc;

use async_graphql::registry::{MetaType, MetaTypeName, Registry};
use async_graphql::{
    EmptyMutation, EmptySubscription, Interface, Object, OutputType, Request, Schema,
};
use serde_json::{Map, Value as Json, json};

use super::StoredStatement;
use crate::budget::{AnswerBudget, write_response};
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

    /// Whose fields are not those of the root.
    async fn below(&self) -> Self {
        Self(self.0.clone())
    }

    async fn any(&self) -> Any {
        Self(self.0.clone()).into()
    }

    async fn kind(&self) -> &'static str {
        "both"
    }
}

#[derive(Interface)]
#[graphql(crate = "crate::budget", field(name = "kind", ty = "&'static str"))]
enum Any {
    Both(Both),
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

/// The values of one key are merged: by async-graphql at the root and in interfaces, and by [`crate::budget`] elsewhere.
#[tokio::test]
async fn selections_of_one_key_are_merged() {
    let schema = schema(example(&registry(), "Statement", 3).to_string());
    let execute = async |query: String| {
        let request = Request::new(query).data(Arc::new(AnswerBudget::default()));
        let answer = schema.execute(request).await;
        assert_eq!(answer.errors, []);
        let written = write_response(&answer, 0).expect("JSON");
        serde_json::from_slice::<Json>(&written).expect("JSON")
    };
    let parts = [
        ["{ dhs { noneAttested } }", "{ dataSharing { noneAttested } }"],
        ["{ __typename }", "{ dhs { noneAttested } }"],
        ["{ dhs { agreements { kind kind } } }", "{ dhs { agreements { component } } }"],
        ["{ dhs { agreements { kind } } }", "{ dhs { agreements { component } noneAttested } }"],
    ];
    let orders = parts.into_iter().flat_map(|[one, other]| [[one, other], [other, one]]);
    for [one, other] in orders {
        for query in [
            format!("{{ it: FIELD {one} it: FIELD {other} }}"),
            format!("{{ below {{ it: FIELD {one} it: FIELD {other} }} }}"),
            format!("{{ any {{ ... on Both {{ it: FIELD {one} it: FIELD {other} }} }} }}"),
            format!("{{ below {{ it: FIELD {one} }} below {{ it: FIELD {other} }} }}"),
            format!("{{ below {{ below {{ it: FIELD {one} }} below {{ it: FIELD {other} }} }} }}"),
            format!(
                "{{ ...One ... {{ ...Other }} }} fragment One on Both {{ it: FIELD {one} }}
                fragment Other on Both {{ it: FIELD {other} }}"
            ),
        ] {
            let stored = execute(query.replace("FIELD", "stored")).await;
            assert_eq!(stored, execute(query.replace("FIELD", "typed")).await, "{query}");
        }
    }
}
