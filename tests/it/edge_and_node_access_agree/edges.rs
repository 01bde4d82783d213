//! The schema's edges, read from its SDL: each path from a type to an object that `node` returns.
use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition,
};

const SDL: &str = include_str!("../../../schema/schema.graphql");
/// Page size of connections: more rows than any list here has, and few enough for the document
/// limits.
pub const CONNECTION_PAGE_SIZE: usize = 20;
/// Required arguments of root fields. Identifiers are queried one by one.
const ROOT_ARGUMENTS: &[(&str, &str)] = &[
    ("screenName", "(name: \"Quillwort Paving\", limit: 3)"),
    ("renewalsDue", "(from: \"2024-01-01\", to: \"2030-12-31\", first: 20)"),
];
/// The query that the edges are compared with.
const ORACLE: &str = "node";

/// A field and its type.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    /// The type without list and non-null wrappers.
    pub returns: String,
    /// Names and types of arguments, as SDL.
    arguments: Vec<(String, String)>,
    /// Whether an argument is required.
    pub needs_arguments: bool,
}

/// A path from an object, through objects that `node` does not return, to one that it does.
#[derive(Clone, Debug)]
pub struct Edge {
    pub path: Vec<Field>,
}

impl Edge {
    /// Returns the type of the object at the end.
    pub fn target(&self) -> &str {
        self.path.last().map_or("", |field| &field.returns)
    }

    /// Returns the dotted path.
    pub fn name(&self, owner: &str) -> String {
        let path: Vec<&str> = self.path.iter().map(|field| &*field.name).collect();
        format!("{owner}.{}", path.join("."))
    }
}

/// The schema's object types and which of them `node` returns.
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

    /// Returns every edge of an object.
    pub fn edges(&self, object: &str) -> Vec<Edge> {
        let mut edges = Vec::new();
        for field in self.fields(object) {
            if !(object == "Query" && field.name == ORACLE) {
                self.follow(vec![field.clone()], &mut edges);
            }
        }
        edges
    }

    fn follow(&self, path: Vec<Field>, edges: &mut Vec<Edge>) {
        let Some(last) = path.last() else { return };
        if self.nodes.contains(&last.returns) {
            edges.push(Edge { path });
            return;
        }
        for next in self.fields(&last.returns) {
            // An object inside itself adds no new edge.
            if path.iter().any(|before| before.returns == next.returns) {
                continue;
            }
            self.follow(path.iter().cloned().chain([next.clone()]).collect(), edges);
        }
    }

    /// Returns a selection of an object's content up to other nodes: its leaves, and nested objects
    /// that `node` does not return.
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

    /// Returns a selection of an edge with the full content of the object at its end, and the total
    /// count of a connection.
    pub fn selection(&self, edge: &Edge) -> String {
        let mut selection = format!("__typename {}", self.content(edge.target()));
        for (at, field) in edge.path.iter().enumerate().rev() {
            let total = self.fields(&field.returns).iter().any(|it| it.name == "totalCount");
            let beside = match (at + 1 < edge.path.len(), total) {
                (true, true) => "totalCount ",
                (true, false) if self.has_id(&field.returns) => "id ",
                _ => "",
            };
            selection = format!("{}{} {{ {beside}{selection} }}", field.name, arguments_of(field));
        }
        selection
    }

    /// Returns a mutation's variable declarations and arguments.
    pub fn variables(&self, mutation: &str) -> (String, String) {
        let field = self.fields("Mutation").iter().find(|field| field.name == mutation);
        let arguments = &field.unwrap_or_else(|| panic!("no mutation {mutation}")).arguments;
        let declared = arguments.iter().map(|(name, ty)| format!("${name}: {ty}"));
        let passed = arguments.iter().map(|(name, _)| format!("{name}: ${name}"));
        (declared.collect::<Vec<_>>().join(", "), passed.collect::<Vec<_>>().join(", "))
    }
}

/// Returns a field's arguments.
fn arguments_of(field: &Field) -> String {
    if let Some((_, arguments_of)) = ROOT_ARGUMENTS.iter().find(|(name, _)| *name == field.name) {
        return (*arguments_of).to_owned();
    }
    let pages = field.arguments.iter().any(|(name, _)| name == "first");
    if pages { format!("(first: {CONNECTION_PAGE_SIZE})") } else { String::new() }
}

/// Returns whether a root edge requires arguments that are not defined here.
pub fn lacks_arguments(edge: &Edge) -> bool {
    let root = &edge.path[0];
    root.needs_arguments && !ROOT_ARGUMENTS.iter().any(|(name, _)| *name == root.name)
}

/// Returns whether a root edge takes an identifier, perhaps among other arguments.
pub fn takes_an_id(edge: &Edge) -> bool {
    let root = &edge.path[0];
    root.arguments.first().is_some_and(|(name, _)| name == "id") && edge.path.len() == 1
}
