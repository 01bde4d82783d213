//! How much a document asks for, each fragment weighed once.
use std::collections::HashMap;

use async_graphql::parser::types::{Directive, ExecutableDocument, Field, OperationDefinition};
use async_graphql::parser::types::{Selection, SelectionSet};
use async_graphql::{Positioned, ServerError, Value, Variables};
use async_graphql_value::Value as Argument;

use super::table::SIZES;
use super::{
    ARGUMENTS, COST, Guard, INTROSPECTION_BYTES, INTROSPECTION_LISTS, NODES, invalid, limit,
    root_fields,
};
use crate::page::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

/// The deepest selection, fragments spread out: what async-graphql calls itself for.
const MAX_DOCUMENT_DEPTH: u32 = 24;
/// What a value takes beside its text, in bytes.
const VALUE: u64 = 16;
/// The lists of introspection that lead back to types.
const LISTS_OF_TYPES: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];
/// What a field of introspection is answered with beside its key, in bytes.
const INTROSPECTION_VALUE: u64 = 30;

/// What a selection set asks for, fragments spread out.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    /// The fields of the set itself.
    fields: u64,
    /// All fields, fragments and directives in it: what validation walks.
    nodes: u64,
    /// The same, with what is inside a page counted once a row: what running it leads to.
    cost: u64,
    /// The bytes of all arguments, a variable's at each of its uses.
    arguments: u64,
    /// How many sets are inside one another, itself counted.
    depth: u32,
    /// What it would be answered with if it were all introspection, in bytes.
    described: u64,
    /// What its introspection is answered with, in bytes.
    introspection: u64,
    /// How many of [`LISTS_OF_TYPES`] are inside one another.
    type_lists: u32,
}

impl Weight {
    fn add(&mut self, other: Self) {
        self.fields = self.fields.saturating_add(other.fields);
        self.nodes = self.nodes.saturating_add(other.nodes);
        self.cost = self.cost.saturating_add(other.cost);
        self.arguments = self.arguments.saturating_add(other.arguments);
        self.depth = self.depth.max(other.depth);
        self.described = self.described.saturating_add(other.described);
        self.introspection = self.introspection.saturating_add(other.introspection);
        self.type_lists = self.type_lists.max(other.type_lists);
    }

    /// Some more nodes of the set itself.
    fn count(&mut self, nodes: u64) {
        self.nodes = self.nodes.saturating_add(nodes);
        self.cost = self.cost.saturating_add(nodes);
    }
}

/// Weighs one document with the variables that came with it.
pub(super) struct Weigher<'a> {
    guard: &'a Guard,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// Nothing for a fragment that is being weighed: to meet it again is a cycle.
    fragments: HashMap<&'a str, Option<Weight>>,
    /// The bytes of the variables met so far.
    sizes: HashMap<&'a str, u64>,
}

impl<'a> Weigher<'a> {
    pub(super) fn new(
        guard: &'a Guard,
        document: &'a ExecutableDocument,
        operation: &'a OperationDefinition,
        variables: &'a Variables,
    ) -> Self {
        let (fragments, sizes) = (HashMap::new(), HashMap::new());
        Self { guard, document, operation, variables, fragments, sizes }
    }

    /// Weighs the operation that is to run, and all others with the fragments that nobody spreads,
    /// since validation walks them too. Returns whether the operation asks for introspection.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` for what is too much; `BAD_USER_INPUT` for a fragment inside itself.
    pub(super) fn weigh(&mut self) -> Result<bool, ServerError> {
        let (document, operation) = (self.document, self.operation);
        let own = self.weight(operation)?;
        let most = root_fields(operation.ty);
        if own.fields > most {
            return Err(limit(format!(
                "the operation has more than {most} root fields; send the others in another request"
            )));
        }
        if own.cost > COST {
            return Err(limit(format!(
                "the operation may lead to more than {COST} values; ask for fewer rows a page, or \
                 for fewer fields"
            )));
        }
        if own.introspection > INTROSPECTION_BYTES {
            return Err(limit(
                "the introspection would be answered with more than the schema has to tell; ask \
                 for fewer fields of it, or for each once",
            ));
        }
        let mut all = Weight::default();
        for (_, other) in document.operations.iter() {
            let is_own = std::ptr::eq(&raw const other.node, operation);
            all.add(if is_own { own } else { self.weight(&other.node)? });
        }
        for name in document.fragments.keys() {
            let weighed = self.fragments.contains_key(name.as_str());
            if !weighed {
                all.add(self.fragment(name, 0)?);
            }
        }
        if all.nodes > NODES {
            return Err(limit(format!(
                "the document has more than {NODES} selections, fragments spread out; ask for \
                 less at once"
            )));
        }
        if all.arguments > ARGUMENTS {
            return Err(limit(
                "the arguments of the document are too large for how often they are used; ask for \
                 less at once",
            ));
        }
        Ok(own.introspection > 0)
    }

    fn weight(&mut self, operation: &'a OperationDefinition) -> Result<Weight, ServerError> {
        let mut weight = self.set(&operation.selection_set.node, 0)?;
        self.directives(&mut weight, &operation.directives);
        for definition in &operation.variable_definitions {
            weight.count(1);
            self.directives(&mut weight, &definition.node.directives);
        }
        Ok(weight)
    }

    fn set(&mut self, set: &'a SelectionSet, above: u32) -> Result<Weight, ServerError> {
        deep(above + 1)?;
        let mut weight = Weight { depth: 1, ..Weight::default() };
        for selection in &set.items {
            self.directives(&mut weight, selection.node.directives());
            weight.count(1);
            match &selection.node {
                Selection::Field(field) => self.field(&mut weight, &field.node, above)?,
                Selection::InlineFragment(fragment) => {
                    let inner = self.set(&fragment.node.selection_set.node, above + 1)?;
                    weight.add(Weight { depth: inner.depth + 1, ..inner });
                }
                Selection::FragmentSpread(spread) => {
                    let inner = self.fragment(&spread.node.fragment_name.node, above + 1)?;
                    weight.add(Weight { depth: inner.depth + 1, ..inner });
                }
            }
        }
        Ok(weight)
    }

    fn field(
        &mut self,
        weight: &mut Weight,
        field: &'a Field,
        above: u32,
    ) -> Result<(), ServerError> {
        let name = field.name.node.as_str();
        let of_name = self.guard.fields.weight(name);
        weight.fields = weight.fields.saturating_add(1);
        // Its node counts already.
        weight.cost = weight.cost.saturating_add(of_name.cost - 1);
        let key = field.response_key().node.len() as u64;
        weight.described = weight.described.saturating_add(key + INTROSPECTION_VALUE);
        for (_, value) in &field.arguments {
            let bytes = self.bytes(&value.node);
            weight.arguments = weight.arguments.saturating_add(bytes);
        }
        if field.selection_set.node.items.is_empty() {
            return Ok(());
        }
        let inner = self.set(&field.selection_set.node, above + 1)?;
        let described = inner.described.saturating_mul(self.guard.fields.introspection_rows(name));
        let type_lists = inner.type_lists + u32::from(LISTS_OF_TYPES.contains(&name));
        let is_introspection = matches!(name, "__schema" | "__type");
        if is_introspection && type_lists > INTROSPECTION_LISTS {
            return Err(limit(format!(
                "the introspection has more than {INTROSPECTION_LISTS} of fields, interfaces, \
                 possibleTypes and inputFields inside one another; ask for the inner types by \
                 their names, with __type"
            )));
        }
        weight.add(Weight {
            fields: 0,
            cost: inner.cost.saturating_mul(self.rows(field, of_name.rows)),
            depth: inner.depth + 1,
            described,
            introspection: if is_introspection { described } else { inner.introspection },
            type_lists,
            ..inner
        });
        Ok(())
    }

    /// What a fragment weighs; one that is not there weighs nothing, and validation refuses it.
    fn fragment(&mut self, name: &'a str, above: u32) -> Result<Weight, ServerError> {
        match self.fragments.get(name) {
            Some(Some(weight)) => {
                deep(above + weight.depth)?;
                return Ok(*weight);
            }
            Some(None) => {
                let message = format!("the fragment {name} contains itself");
                return Err(invalid(message, None));
            }
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Weight::default());
        };
        self.fragments.insert(name, None);
        let mut weight = self.set(&fragment.node.selection_set.node, above)?;
        self.directives(&mut weight, &fragment.node.directives);
        self.fragments.insert(name, Some(weight));
        Ok(weight)
    }

    fn directives(&mut self, weight: &mut Weight, directives: &'a [Positioned<Directive>]) {
        weight.count(directives.len() as u64);
        for (_, value) in directives.iter().flat_map(|directive| &directive.node.arguments) {
            let bytes = self.bytes(&value.node);
            weight.arguments = weight.arguments.saturating_add(bytes);
        }
    }

    /// How many rows a field answers at most; `rows` if no argument says. A page larger than the
    /// largest is refused by the field itself, in better words.
    fn rows(&self, field: &Field, rows: u64) -> u64 {
        let mut sizes = SIZES.iter().filter_map(|name| field.get_argument(name));
        let size = sizes.find_map(|size| match &size.node {
            Argument::Null => None,
            Argument::Variable(name) => match self.variable(name)? {
                Value::Null => None,
                Value::Number(number) => Some(number.as_u64()),
                _ => Some(None),
            },
            Argument::Number(number) => Some(number.as_u64()),
            _ => Some(None),
        });
        // What is no size is refused by validation or by the field.
        size.map_or(rows, |size| size.unwrap_or(DEFAULT_PAGE_SIZE).min(MAX_PAGE_SIZE))
    }

    fn variable(&self, name: &str) -> Option<&'a Value> {
        let definitions = &self.operation.variable_definitions;
        self.variables.get(name).or_else(|| {
            let named = definitions.iter().find(|definition| definition.node.name.node == name)?;
            Some(&named.node.default_value.as_ref()?.node)
        })
    }

    fn bytes(&mut self, value: &'a Argument) -> u64 {
        match value {
            Argument::Variable(name) => {
                if let Some(bytes) = self.sizes.get(name.as_str()) {
                    return *bytes;
                }
                let bytes = self.variable(name).map_or(0, size);
                self.sizes.insert(name, bytes);
                bytes
            }
            Argument::String(text) => VALUE + text.len() as u64,
            Argument::List(values) => VALUE + values.iter().map(|it| self.bytes(it)).sum::<u64>(),
            Argument::Object(members) => {
                let members = members.iter().map(|(name, value)| (name.len(), value));
                let members = members.map(|(name, value)| VALUE + name as u64 + self.bytes(value));
                VALUE + members.sum::<u64>()
            }
            Argument::Enum(name) => VALUE + name.len() as u64,
            _ => VALUE,
        }
    }
}

/// What a variable takes at each of its uses, in bytes.
fn size(value: &Value) -> u64 {
    match value {
        Value::String(text) => VALUE + text.len() as u64,
        Value::List(values) => VALUE + values.iter().map(size).sum::<u64>(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.len() as u64, value));
            VALUE + members.map(|(name, value)| VALUE + name + size(value)).sum::<u64>()
        }
        _ => VALUE,
    }
}

fn deep(depth: u32) -> Result<(), ServerError> {
    if depth <= MAX_DOCUMENT_DEPTH {
        return Ok(());
    }
    Err(limit(format!(
        "the document nests selections deeper than {MAX_DOCUMENT_DEPTH}; ask for the inner ones in a request \
         of their own"
    )))
}
