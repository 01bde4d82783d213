//! The edges of the schema, read from its SDL: each way from a type to an object that `node` knows.
use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition,
};

const SDL: &str = include_str!("../../../schema/schema.graphql");
/// How many rows are asked of a connection: more than any list of the story has, and few enough
/// for the limits on documents.
pub const PAGE: usize = 20;
/// The arguments of root fields that need some. Identifiers are asked of one by one.
const ROOT_ARGUMENTS: &[(&str, &str)] = &[
    ("screenName", "(name: \"Quillwort Paving\", limit: 3)"),
    ("renewalsDue", "(from: \"2024-01-01\", to: \"2030-12-31\", first: 20)"),
];
/// The oracle itself.
const ORACLE: &str = "node";

/// A field that returns an object, or a leaf.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    /// The type without its wrappers.
    pub returns: String,
    /// Names and types, as SDL.
    arguments: Vec<(String, String)>,
    /// An argument must be given.
    pub needs_arguments: bool,
}

/// A way from an object through objects that `node` does not know to one that it does.
#[derive(Clone, Debug)]
pub struct Edge {
    pub path: Vec<Field>,
}

impl Edge {
    /// The type of the object that it leads to.
    pub fn target(&self) -> &str {
        self.path.last().map_or("", |field| &field.returns)
    }

    /// The path with dots between.
    pub fn name(&self, owner: &str) -> String {
        let path: Vec<&str> = self.path.iter().map(|field| &*field.name).collect();
        format!("{owner}.{}", path.join("."))
    }
}

/// The schema's object types and which of them `node` knows.
#[derive(Debug)]
pub struct Schema {
    objects: BTreeMap<String, Vec<Field>>,
    nodes: BTreeSet<String>,
}

fn base(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => base(inner),
    }
}

fn field(field: &FieldDefinition) -> Field {
    let arguments = field.arguments.iter().map(|it| &it.node);
    Field {
        name: field.name.node.to_string(),
        returns: base(&field.ty.node),
        needs_arguments: arguments
            .clone()
            .any(|it| !it.ty.node.nullable && it.default_value.is_none()),
        arguments: arguments.map(|it| (it.name.node.to_string(), it.ty.node.to_string())).collect(),
    }
}

impl Schema {
    pub fn read() -> Self {
        let (mut objects, mut nodes) = (BTreeMap::new(), BTreeSet::new());
        for definition in parse_schema(SDL).expect("the committed schema").definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let TypeKind::Object(object) = definition.node.kind else { continue };
            let name = definition.node.name.node.to_string();
            if object.implements.iter().any(|it| it.node == "Node") {
                nodes.insert(name.clone());
            }
            objects.insert(name, object.fields.iter().map(|it| field(&it.node)).collect());
        }
        Self { objects, nodes }
    }

    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(String::as_str)
    }

    pub fn fields(&self, object: &str) -> &[Field] {
        self.objects.get(object).map_or(&[], Vec::as_slice)
    }

    fn has_id(&self, object: &str) -> bool {
        self.fields(object).iter().any(|field| field.name == "id")
    }

    /// Every edge of an object.
    pub fn edges(&self, object: &str) -> Vec<Edge> {
        let mut found = Vec::new();
        for field in self.fields(object) {
            if !(object == "Query" && field.name == ORACLE) {
                self.follow(vec![field.clone()], &mut found);
            }
        }
        found
    }

    fn follow(&self, path: Vec<Field>, found: &mut Vec<Edge>) {
        let Some(last) = path.last() else { return };
        if self.nodes.contains(&last.returns) {
            found.push(Edge { path });
            return;
        }
        for next in self.fields(&last.returns) {
            // An object inside itself leads nowhere new.
            if path.iter().any(|before| before.returns == next.returns) {
                continue;
            }
            self.follow(path.iter().cloned().chain([next.clone()]).collect(), found);
        }
    }

    /// Everything of an object that is not behind another node: its leaves, and the objects in it
    /// that `node` does not know.
    pub fn content(&self, object: &str) -> String {
        let fields = self.fields(object).iter().filter_map(|field| {
            if !field.arguments.is_empty() || self.nodes.contains(&field.returns) {
                return None;
            }
            if !self.objects.contains_key(&field.returns) {
                return Some(field.name.clone());
            }
            let inside = self.content(&field.returns);
            (!inside.is_empty()).then(|| format!("{} {{ {inside} }}", field.name))
        });
        fields.collect::<Vec<_>>().join(" ")
    }

    /// An edge as it is selected, with all that the object at its end holds; of a connection, the
    /// number of its rows besides.
    pub fn selection(&self, edge: &Edge) -> String {
        let mut selection = format!("__typename {}", self.content(edge.target()));
        for (at, field) in edge.path.iter().enumerate().rev() {
            let total = self.fields(&field.returns).iter().any(|it| it.name == "totalCount");
            let beside = match (at + 1 < edge.path.len(), total) {
                (true, true) => "totalCount ",
                (true, false) if self.has_id(&field.returns) => "id ",
                _ => "",
            };
            selection = format!("{}{} {{ {beside}{selection} }}", field.name, given(field));
        }
        selection
    }

    /// A mutation's variables as its document declares them, and as they are passed on.
    pub fn variables(&self, mutation: &str) -> (String, String) {
        let field = self.fields("Mutation").iter().find(|field| field.name == mutation);
        let arguments = &field.unwrap_or_else(|| panic!("no mutation {mutation}")).arguments;
        let declared = arguments.iter().map(|(name, ty)| format!("${name}: {ty}"));
        let passed = arguments.iter().map(|(name, _)| format!("{name}: ${name}"));
        (declared.collect::<Vec<_>>().join(", "), passed.collect::<Vec<_>>().join(", "))
    }
}

/// The arguments that a field gets.
fn given(field: &Field) -> String {
    if let Some((_, given)) = ROOT_ARGUMENTS.iter().find(|(name, _)| *name == field.name) {
        return (*given).to_owned();
    }
    let pages = field.arguments.iter().any(|(name, _)| name == "first");
    if pages { format!("(first: {PAGE})") } else { String::new() }
}

/// Whether an edge of the query type needs arguments that nobody wrote here.
pub fn lacks_arguments(edge: &Edge) -> bool {
    let root = &edge.path[0];
    root.needs_arguments && !ROOT_ARGUMENTS.iter().any(|(name, _)| *name == root.name)
}

/// Whether an edge of the query type is asked for each identifier of its type.
pub fn takes_an_id(edge: &Edge) -> bool {
    let root = &edge.path[0];
    matches!(&root.arguments[..], [(name, _)] if name == "id") && edge.path.len() == 1
}
