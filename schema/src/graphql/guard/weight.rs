//! Weighs a document: the size of what it requests, with each fragment weighed once.
use std::collections::HashMap;

use async_graphql::parser::types::{Directive, ExecutableDocument, Field, OperationDefinition};
use async_graphql::parser::types::{Selection, SelectionSet};
use async_graphql::{Positioned, ServerError, Value, Variables};
use async_graphql_value::Value as Argument;

use super::table::SIZE_ARGUMENTS;
use super::{
    Guard, MAX_ARGUMENT_BYTES, MAX_COST, MAX_INTROSPECTION_BYTES, MAX_INTROSPECTION_LISTS,
    MAX_SELECTIONS, invalid, limit, max_root_fields,
};
use crate::page::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

/// The maximum depth of selections with fragments expanded; async-graphql recurses for each level.
const MAX_DOCUMENT_DEPTH: u32 = 24;
/// The memory of a value in addition to its text, in bytes.
const VALUE_BYTES: u64 = 16;
/// The fields of introspection that contain types again.
const TYPE_LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];
/// The estimated size of a field of introspection in addition to its key, in bytes.
const INTROSPECTION_VALUE_BYTES: u64 = 30;

/// The size of a selection set with fragments expanded.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    /// The number of fields of the set itself.
    fields: u64,
    /// The number of fields, fragments and directives at every level, which validation visits.
    nodes: u64,
    /// The estimated number of values in the answer: the nodes inside a list count once per row.
    cost: u64,
    /// The bytes of all arguments; a variable counts at each use.
    arguments: u64,
    /// The number of nested sets, including this one.
    depth: u32,
    /// The estimated bytes of the answer if every field were introspection.
    described: u64,
    /// The estimated bytes of the answer to introspection.
    introspection: u64,
    /// The nesting of [`TYPE_LISTS`].
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

    /// Adds nodes of the set itself.
    fn add_nodes(&mut self, nodes: u64) {
        self.nodes = self.nodes.saturating_add(nodes);
        self.cost = self.cost.saturating_add(nodes);
    }
}

/// Weighs one document with the variables of its request.
pub(super) struct Weigher<'a> {
    guard: &'a Guard,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// The weight of each fragment; none while it is being weighed, so that a cycle is detected.
    fragments: HashMap<&'a str, Option<Weight>>,
    /// The bytes of each variable used so far.
    variable_bytes: HashMap<&'a str, u64>,
}

impl<'a> Weigher<'a> {
    pub(super) fn new(
        guard: &'a Guard,
        document: &'a ExecutableDocument,
        operation: &'a OperationDefinition,
        variables: &'a Variables,
    ) -> Self {
        let (fragments, variable_bytes) = (HashMap::new(), HashMap::new());
        Self { guard, document, operation, variables, fragments, variable_bytes }
    }

    /// Weighs the operation to execute, and the other operations and unused fragments, which validation
    /// visits too. Returns whether the operation contains introspection.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` above a limit, `BAD_USER_INPUT` for a fragment that contains itself.
    pub(super) fn weigh(&mut self) -> Result<bool, ServerError> {
        let (document, operation) = (self.document, self.operation);
        let own = self.weigh_operation(operation)?;
        let max_fields = max_root_fields(operation.ty);
        if own.fields > max_fields {
            return Err(limit(format!(
                "the operation has more than {max_fields} root fields; send the others in another request"
            )));
        }
        if own.cost > MAX_COST {
            return Err(limit(format!(
                "the answer may have more than {MAX_COST} values; request fewer rows per page, or \
                 fewer fields"
            )));
        }
        if own.introspection > MAX_INTROSPECTION_BYTES {
            return Err(limit(
                "the answer to the introspection would be too large; request fewer fields of it, or \
                 each only once",
            ));
        }
        let mut all = Weight::default();
        for (_, other) in document.operations.iter() {
            let is_own = std::ptr::eq(&raw const other.node, operation);
            all.add(if is_own { own } else { self.weigh_operation(&other.node)? });
        }
        for name in document.fragments.keys() {
            let is_weighed = self.fragments.contains_key(name.as_str());
            if !is_weighed {
                all.add(self.weigh_fragment(name, 0)?);
            }
        }
        if all.nodes > MAX_SELECTIONS {
            return Err(limit(format!(
                "the document has more than {MAX_SELECTIONS} selections with fragments expanded; \
                 split it into several requests"
            )));
        }
        if all.arguments > MAX_ARGUMENT_BYTES {
            return Err(limit(
                "the arguments are too large for the number of times that they are used; split the \
                 document into several requests",
            ));
        }
        Ok(own.introspection > 0)
    }

    fn weigh_operation(
        &mut self,
        operation: &'a OperationDefinition,
    ) -> Result<Weight, ServerError> {
        let mut weight = self.weigh_set(&operation.selection_set.node, 0)?;
        self.add_directives(&mut weight, &operation.directives);
        for definition in &operation.variable_definitions {
            weight.add_nodes(1);
            self.add_directives(&mut weight, &definition.node.directives);
        }
        Ok(weight)
    }

    /// Weighs a set that has `above` sets around it.
    fn weigh_set(&mut self, set: &'a SelectionSet, above: u32) -> Result<Weight, ServerError> {
        require_depth(above + 1)?;
        let mut weight = Weight { depth: 1, ..Weight::default() };
        for selection in &set.items {
            self.add_directives(&mut weight, selection.node.directives());
            weight.add_nodes(1);
            match &selection.node {
                Selection::Field(field) => self.add_field(&mut weight, &field.node, above)?,
                Selection::InlineFragment(fragment) => {
                    let inner = self.weigh_set(&fragment.node.selection_set.node, above + 1)?;
                    weight.add(Weight { depth: inner.depth + 1, ..inner });
                }
                Selection::FragmentSpread(spread) => {
                    let inner = self.weigh_fragment(&spread.node.fragment_name.node, above + 1)?;
                    weight.add(Weight { depth: inner.depth + 1, ..inner });
                }
            }
        }
        Ok(weight)
    }

    fn add_field(
        &mut self,
        weight: &mut Weight,
        field: &'a Field,
        above: u32,
    ) -> Result<(), ServerError> {
        let name = field.name.node.as_str();
        let of_name = self.guard.fields.weight(name);
        weight.fields = weight.fields.saturating_add(1);
        // The node of the field is already counted as 1.
        weight.cost = weight.cost.saturating_add(of_name.cost - 1);
        let key = field.response_key().node.len() as u64;
        weight.described = weight.described.saturating_add(key + INTROSPECTION_VALUE_BYTES);
        for (_, value) in &field.arguments {
            let bytes = self.argument_bytes(&value.node);
            weight.arguments = weight.arguments.saturating_add(bytes);
        }
        if field.selection_set.node.items.is_empty() {
            return Ok(());
        }
        let inner = self.weigh_set(&field.selection_set.node, above + 1)?;
        let described = inner.described.saturating_mul(self.guard.fields.introspection_rows(name));
        let type_lists = inner.type_lists + u32::from(TYPE_LISTS.contains(&name));
        let is_introspection = matches!(name, "__schema" | "__type");
        if is_introspection && type_lists > MAX_INTROSPECTION_LISTS {
            return Err(limit(format!(
                "the introspection nests more than {MAX_INTROSPECTION_LISTS} of fields, interfaces, \
                 possibleTypes and inputFields; request the inner types by name, with __type"
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

    /// Weighs a fragment. One that the document does not define has no weight; validation refuses it.
    fn weigh_fragment(&mut self, name: &'a str, above: u32) -> Result<Weight, ServerError> {
        match self.fragments.get(name) {
            Some(Some(weight)) => {
                require_depth(above + weight.depth)?;
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
        let mut weight = self.weigh_set(&fragment.node.selection_set.node, above)?;
        self.add_directives(&mut weight, &fragment.node.directives);
        self.fragments.insert(name, Some(weight));
        Ok(weight)
    }

    fn add_directives(&mut self, weight: &mut Weight, directives: &'a [Positioned<Directive>]) {
        weight.add_nodes(directives.len() as u64);
        for (_, value) in directives.iter().flat_map(|directive| &directive.node.arguments) {
            let bytes = self.argument_bytes(&value.node);
            weight.arguments = weight.arguments.saturating_add(bytes);
        }
    }

    /// Returns the maximum number of rows of a field; `rows` if no argument bounds them. The field itself
    /// refuses a page above the maximum size.
    fn rows(&self, field: &Field, rows: u64) -> u64 {
        let mut sizes = SIZE_ARGUMENTS.iter().filter_map(|name| field.get_argument(name));
        let size = sizes.find_map(|size| match &size.node {
            Argument::Null => None,
            Argument::Variable(name) => match self.variables.get(name)? {
                Value::Null => None,
                Value::Number(number) => Some(number.as_u64()),
                _ => Some(None),
            },
            Argument::Number(number) => Some(number.as_u64()),
            _ => Some(None),
        });
        // Validation or the field refuses an argument that is not a size.
        size.map_or(rows, |size| size.unwrap_or(DEFAULT_PAGE_SIZE).min(MAX_PAGE_SIZE))
    }

    fn argument_bytes(&mut self, value: &'a Argument) -> u64 {
        match value {
            Argument::Variable(name) => {
                if let Some(bytes) = self.variable_bytes.get(name.as_str()) {
                    return *bytes;
                }
                let bytes = self.variables.get(name).map_or(0, value_bytes);
                self.variable_bytes.insert(name, bytes);
                bytes
            }
            Argument::String(text) => VALUE_BYTES + text.len() as u64,
            Argument::List(values) => {
                VALUE_BYTES + values.iter().map(|it| self.argument_bytes(it)).sum::<u64>()
            }
            Argument::Object(members) => {
                let members = members.iter().map(|(name, value)| (name.len(), value));
                let members = members
                    .map(|(name, value)| VALUE_BYTES + name as u64 + self.argument_bytes(value));
                VALUE_BYTES + members.sum::<u64>()
            }
            Argument::Enum(name) => VALUE_BYTES + name.len() as u64,
            _ => VALUE_BYTES,
        }
    }
}

/// Returns the bytes of a variable's value, which counts at each use.
fn value_bytes(value: &Value) -> u64 {
    match value {
        Value::String(text) => VALUE_BYTES + text.len() as u64,
        Value::List(values) => VALUE_BYTES + values.iter().map(value_bytes).sum::<u64>(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.len() as u64, value));
            VALUE_BYTES
                + members.map(|(name, value)| VALUE_BYTES + name + value_bytes(value)).sum::<u64>()
        }
        _ => VALUE_BYTES,
    }
}

fn require_depth(depth: u32) -> Result<(), ServerError> {
    if depth <= MAX_DOCUMENT_DEPTH {
        return Ok(());
    }
    Err(limit(format!(
        "the document nests selections deeper than {MAX_DOCUMENT_DEPTH}; request the inner ones in a \
         request of their own"
    )))
}
