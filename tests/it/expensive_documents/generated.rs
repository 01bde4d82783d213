//! Documents generated from the whole schema, with a fixed seed.
use std::collections::BTreeMap;
use std::fmt::Write;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};
use candor_schema::budget::MAX_ANSWER_BYTES;
use candor_schema::graphql::sdl;
use candor_tests::memory::{peak_bytes, reset_peak, resident_bytes};
use candor_tests::process::ServiceProcess;
use candor_tests::{TestApp, stories};
use fastrand::Rng;
use serde_json::json;

use super::{MAX_ERROR_BYTES, MAX_GROWTH, Scene, check_answer, send};

stories![generated_documents_are_bounded];

const DOCUMENTS: usize = 1_000;
/// Number of documents sent before memory is measured.
const WARMUP_DOCUMENTS: usize = 100;
const SEED: u64 = 20_260_202;
/// Maximum depth of selections.
const MAX_SELECTION_DEPTH: usize = 9;
/// Approximate number of fields in a document.
const TARGET_FIELDS: usize = 150;

async fn generated_documents_are_bounded(app: TestApp) {
    let scene = Scene::create(&app).await;
    let ids = [&scene.firm.id, &scene.disclosure, &scene.solicitation, &scene.bid];
    let schema = Schema::of_the_service();
    let mut generator =
        Generator { rng: Rng::with_seed(SEED), schema: &schema, ids, keys: 0, fields: 0 };
    let service = ServiceProcess::start(&app).await;
    // Caches (the database's pages, parsed documents) are filled first.
    let mut warm =
        Generator { rng: Rng::with_seed(SEED + 1), schema: &schema, ids, keys: 0, fields: 0 };
    for _ in 0..WARMUP_DOCUMENTS {
        send(&service, &scene.staff, &json!({ "query": warm.document() }).to_string()).await;
    }
    reset_peak(service.id());
    let before = resident_bytes(service.id());
    let (mut with_data, mut too_large) = (0, 0);
    for number in 0..DOCUMENTS {
        let document = generator.document();
        let token = if number % 2 == 0 { &scene.staff } else { &scene.firm.token };
        let body = json!({ "query": document }).to_string();
        let (answer, _) = send(&service, token, &body).await;
        assert!(answer.len() <= MAX_ANSWER_BYTES + MAX_ERROR_BYTES, "{document}");
        if let Err(problem) = check_answer(&answer, None) {
            panic!("{problem}\n{document}");
        }
        with_data += usize::from(answer.starts_with(b"{\"data\":{"));
        too_large += usize::from(answer.starts_with(b"{\"data\":null"));
    }
    let growth = peak_bytes(service.id()).saturating_sub(before);
    println!("{with_data} with data, {too_large} without, {} MiB more at the peak", growth >> 20);
    // If all documents were refused, the test would show nothing.
    assert!(with_data > DOCUMENTS / 3, "{with_data}");
    assert!(growth <= MAX_GROWTH, "{} MiB more", growth >> 20);
}

/// The schema's types, by name.
struct Schema(BTreeMap<String, TypeKind>);

impl Schema {
    fn of_the_service() -> Self {
        let document = parse_schema(sdl()).expect("the schema's own SDL");
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(it) => Some((it.node.name.node.to_string(), it.node.kind)),
            _ => None,
        });
        Self(types.collect())
    }

    fn fields(&self, name: &str) -> Vec<&FieldDefinition> {
        match self.0.get(name) {
            Some(TypeKind::Object(object)) => object.fields.iter().map(|it| &it.node).collect(),
            Some(TypeKind::Interface(it)) => it.fields.iter().map(|it| &it.node).collect(),
            _ => Vec::new(),
        }
    }

    fn implementers(&self, interface: &str) -> Vec<&str> {
        let implements = |kind: &TypeKind| match kind {
            TypeKind::Object(object) => object.implements.iter().any(|it| it.node == interface),
            _ => false,
        };
        let all = self.0.iter().filter(|(_, kind)| implements(kind));
        all.map(|(name, _)| name.as_str()).collect()
    }
}

fn type_name(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => type_name(inner),
    }
}

struct Generator<'a> {
    rng: Rng,
    schema: &'a Schema,
    ids: [&'a String; 4],
    keys: usize,
    fields: usize,
}

impl Generator<'_> {
    fn document(&mut self) -> String {
        (self.keys, self.fields) = (0, self.rng.usize(1..TARGET_FIELDS));
        let (keyword, root) =
            if self.rng.u8(..20) == 0 { ("mutation", "Mutation") } else { ("query", "Query") };
        let mut fragments = String::new();
        let selection = self.selection(root, MAX_SELECTION_DEPTH, &mut fragments);
        format!("{keyword} {selection}{fragments}")
    }

    /// Returns a selection of a type's fields, with required arguments.
    fn selection(&mut self, of: &str, levels: usize, fragments: &mut String) -> String {
        let fields = self.schema.fields(of);
        let implementers = self.schema.implementers(of);
        let mut selection = String::from("{ __typename ");
        // Select few root fields and many fields of rows.
        let count = self.rng.usize(1..=if levels == MAX_SELECTION_DEPTH { 4 } else { 12 });
        for _ in 0..count {
            if self.fields == 0 {
                break;
            }
            if !implementers.is_empty() && levels > 0 {
                let index = self.rng.usize(..implementers.len());
                let inner = self.selection(implementers[index], levels - 1, fragments);
                write!(selection, "... on {} {inner} ", implementers[index]).expect("a String");
                continue;
            }
            let Some(field) = self.rng.choice(fields.iter().copied()) else { break };
            let Some(selected) = self.field(field, levels, fragments) else { continue };
            match self.rng.u8(..10) {
                0 => write!(selection, "... on {of} {{ {selected} }} "),
                1 => {
                    self.keys += 1;
                    let name = self.keys;
                    write!(fragments, " fragment f{name} on {of} {{ {selected} }}")
                        .expect("a String");
                    write!(selection, "...f{name} ")
                }
                _ => write!(selection, "{selected} "),
            }
            .expect("a String");
        }
        selection + "}"
    }

    fn field(
        &mut self,
        field: &FieldDefinition,
        levels: usize,
        fragments: &mut String,
    ) -> Option<String> {
        let of = type_name(&field.ty.node);
        let is_object = !self.schema.fields(of).is_empty();
        if is_object && levels == 0 {
            return None;
        }
        self.fields = self.fields.saturating_sub(1);
        self.keys += 1;
        // A unique key: fields with different arguments never share one.
        let length = if self.rng.u8(..10) == 0 { 90 } else { 1 };
        let mut selected = format!("{}{}: {}", "k".repeat(length), self.keys, field.name.node);
        let mut arguments = String::new();
        for argument in &field.arguments {
            if let Some(value) = self.argument(&argument.node) {
                write!(arguments, "{}: {value}, ", argument.node.name.node).expect("a String");
            }
        }
        if !arguments.is_empty() {
            write!(selected, "({arguments})").expect("a String");
        }
        if is_object {
            write!(selected, " {}", self.selection(of, levels - 1, fragments)).expect("a String");
        }
        Some(selected)
    }

    /// Returns a value for an argument or input field; none if it is optional and omitted.
    fn argument(&mut self, argument: &InputValueDefinition) -> Option<String> {
        let is_required = !argument.ty.node.nullable && argument.default_value.is_none();
        let name = argument.name.node.as_str();
        if name == "after" || name == "before" || (name == "last" && !is_required) {
            return None;
        }
        let odds = if name == "first" { 8 } else { 3 };
        if !is_required && self.rng.u8(..10) >= odds {
            return None;
        }
        if name == "first" || name == "limit" {
            return Some(self.rng.u8(..=100).to_string());
        }
        Some(self.value(&argument.ty.node))
    }

    fn value(&mut self, of: &Type) -> String {
        let name = match &of.base {
            BaseType::List(inner) => {
                let count = self.rng.usize(..3);
                let items: Vec<_> = (0..count).map(|_| self.value(inner)).collect();
                return format!("[{}]", items.join(", "));
            }
            BaseType::Named(name) => name.as_str(),
        };
        match self.schema.0.get(name) {
            Some(TypeKind::Enum(words)) => {
                let index = self.rng.usize(..words.values.len());
                words.values[index].node.value.node.to_string()
            }
            Some(TypeKind::InputObject(input)) => {
                let mut members = String::new();
                for field in &input.fields {
                    if let Some(value) = self.argument(&field.node) {
                        write!(members, "{}: {value}, ", field.node.name.node).expect("a String");
                    }
                }
                format!("{{ {members} }}")
            }
            _ => match name {
                "ID" => format!("\"{}\"", self.ids[self.rng.usize(..4)]),
                "Int" => self.rng.i32(-1..200).to_string(),
                "Float" => "0.5".to_owned(),
                "Boolean" => self.rng.bool().to_string(),
                "Date" => "\"2026-02-02\"".to_owned(),
                "DateTime" => "\"2026-02-02T20:00:00Z\"".to_owned(),
                "Decimal" => "\"100.00\"".to_owned(),
                "CurrencyCode" => "\"USD\"".to_owned(),
                "JSON" => "180".to_owned(),
                _ => "\"Acosta Sweeping\"".to_owned(),
            },
        }
    }
}
