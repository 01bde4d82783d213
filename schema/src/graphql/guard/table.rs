//! The cost of each field: read from the schema, with two tables of exceptions.
use std::collections::HashMap;

use async_graphql::Value;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};

use crate::page::DEFAULT_PAGE_SIZE;

/// The number of rows of a list without `first`, unless [`SHORT_AND_LONG_LISTS`] has another number.
const LIST_ROWS: u64 = 10;

/// The fields of a connection that contain the rows of its page.
const PAGE_LISTS: [&str; 2] = ["edges", "nodes"];

/// Lists without `first` that are shorter or longer than most, with their numbers of rows.
pub(super) const SHORT_AND_LONG_LISTS: &[(&str, u64)] = &[
    // One amount per currency.
    ("DisclosedCompensation.known", 2),
    ("ExposureRow.contractValue", 2),
    // Rarely more than one or two.
    ("Agreement.withheld", 2),
    ("Arrangement.withheld", 2),
    ("Disclosure.appeals", 2),
    ("AwardMatch.appeals", 2),
    ("Policy.suspensions", 2),
    ("ReviewItem.organizations", 2),
    ("ScreenedBid.waivers", 2),
    ("ScreenedContract.waivers", 2),
    ("ScreenedContract.exemptions", 2),
    ("Contract.waivers", 2),
    ("Contract.exemptions", 2),
    // One row per rule, parameter, group or subject.
    ("Policy.rules", 40),
    ("Policy.parameters", 40),
    ("Exposure.groups", 50),
    ("PolicySimulation.changedSubjects", 1),
    // One row per disclosure of the request.
    ("AcceptDisclosuresPayload.failures", 100),
];

/// Fields that are expensive to resolve, with their cost in values each time they are resolved.
pub(super) const HEAVY_FIELDS: &[(&str, u64)] = &[
    // Reads every contract in effect on each requested day.
    ("Query.exposure", 10_000),
    // Evaluates every subject in its scope.
    ("Query.simulatePolicy", 10_000),
    ("Query.previewSuspension", 10_000),
    // Compares the name with every recipient that shares a word with it.
    ("Query.screenName", 6_000),
    // Compares the items of two statements of up to 1 MiB each, both in memory: at most ten in a document.
    ("Query.compareDisclosures", 25_000),
    ("ScreenedBid.changedSinceLastFiling", 200),
    // Collect the facts of a decision and evaluate it.
    ("Query.bidReadiness", 500),
    ("Query.renewalReadiness", 500),
    ("ScreenedContract.ifRenewedToday", 100),
    // Validates a complete statement.
    ("Disclosure.gaps", 200),
    // Parse a stored text of up to 1 MiB.
    ("Disclosure.statement", 50),
    ("Disclosure.answers", 50),
    ("Disclosure.receipt", 50),
    ("Decision.facts", 50),
    // Render a letter.
    ("Decision.letter", 20),
    ("Readiness.letter", 20),
    // Aggregate every row that matches the filter. They run once, but everything in a connection counts
    // for each row of the page.
    ("BidScreeningConnection.facets", 500),
    ("ContractScreeningConnection.counts", 500),
    ("ContractScreeningConnection.countsByDepartment", 500),
    ("ContractScreeningConnection.facets", 500),
    ("RenewalsDueConnection.counts", 500),
    ("RenewalsDueConnection.countsByDepartment", 500),
    ("RenewalsDueConnection.facets", 500),
];

/// The arguments that bound the list of a field; the first that is given counts.
pub(super) const SIZE_ARGUMENTS: [&str; 3] = ["first", "last", "limit"];

/// The cost of the fields of one name: the maximum over all types that have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FieldWeight {
    /// The number of rows if no argument bounds them.
    pub(super) rows: u64,
    /// The cost of the field itself, in values.
    pub(super) cost: u64,
}

/// The cost of the fields of a schema by name, because a document is weighed before validation determines
/// the types.
#[derive(Debug)]
pub(super) struct FieldTable {
    fields: HashMap<String, FieldWeight>,
    introspection: HashMap<&'static str, u64>,
}

impl FieldTable {
    /// Reads the fields of a schema in SDL.
    ///
    /// # Panics
    /// If `sdl` does not parse.
    pub(super) fn new(sdl: &str) -> Self {
        let types = types(sdl);
        let mut fields = HashMap::<String, FieldWeight>::new();
        for definition in &types {
            for field in fields_of(definition) {
                let name = field.name.node.as_str();
                let full = format!("{}.{name}", definition.name.node);
                let (rows, cost) = (rows(field, &full), cost(&full));
                let weight = fields.entry(name.to_owned()).or_insert(FieldWeight { rows, cost });
                weight.rows = weight.rows.max(rows);
                weight.cost = weight.cost.max(cost);
            }
        }
        Self { fields, introspection: introspection(&types) }
    }

    /// Returns the cost of the fields of a name.
    pub(super) fn weight(&self, name: &str) -> FieldWeight {
        self.fields.get(name).copied().unwrap_or(FieldWeight { rows: 1, cost: 1 })
    }

    /// Returns the average number of rows of a field of introspection.
    pub(super) fn introspection_rows(&self, name: &str) -> u64 {
        self.introspection.get(name).copied().unwrap_or(1)
    }
}

fn types(sdl: &str) -> Vec<TypeDefinition> {
    let schema = parse_schema(sdl).expect("the service's own SDL parses");
    let types = schema.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(definition.node),
        TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
    });
    types.collect()
}

fn fields_of(definition: &TypeDefinition) -> impl Iterator<Item = &FieldDefinition> {
    let fields = match &definition.kind {
        TypeKind::Object(object) => &*object.fields,
        TypeKind::Interface(interface) => &*interface.fields,
        _ => &[],
    };
    fields.iter().map(|field| &field.node)
}

fn is_list(field: &FieldDefinition) -> bool {
    matches!(field.ty.node.base, BaseType::List(_))
}

fn rows(field: &FieldDefinition, full: &str) -> u64 {
    let sizes = SIZE_ARGUMENTS.iter().filter_map(|size| {
        let argument = field.arguments.iter().find(|it| it.node.name.node == *size)?;
        let default = argument.node.default_value.as_ref().map(|it| &it.node);
        Some(match default {
            Some(Value::Number(number)) => number.as_u64().unwrap_or(DEFAULT_PAGE_SIZE),
            _ => DEFAULT_PAGE_SIZE,
        })
    });
    let exception = SHORT_AND_LONG_LISTS.iter().find(|(name, _)| *name == full);
    match (sizes.max(), exception) {
        (Some(page), _) => page,
        (None, Some((_, rows))) => *rows,
        // The rows of the page are counted at the field that returns the connection.
        (None, None) if PAGE_LISTS.contains(&field.name.node.as_str()) => 1,
        (None, None) if is_list(field) => LIST_ROWS,
        (None, None) => 1,
    }
}

fn cost(full: &str) -> u64 {
    HEAVY_FIELDS.iter().find(|(name, _)| *name == full).map_or(1, |(_, cost)| *cost)
}

/// Returns the average length of each list of introspection, computed from this schema.
fn introspection(types: &[TypeDefinition]) -> HashMap<&'static str, u64> {
    let average = |all: usize, of: usize| (all as u64).div_ceil((of as u64).max(1)).max(1);
    let fields: usize = types.iter().map(|it| fields_of(it).count()).sum();
    let arguments: usize =
        types.iter().flat_map(fields_of).map(|field| field.arguments.len()).sum();
    let members = |count: fn(&TypeKind) -> usize| types.iter().map(|it| count(&it.kind)).sum();
    let inputs = members(|kind| match kind {
        TypeKind::InputObject(input) => input.fields.len(),
        _ => 0,
    });
    let values = members(|kind| match kind {
        TypeKind::Enum(list) => list.values.len(),
        _ => 0,
    });
    let implementers = members(|kind| match kind {
        TypeKind::Object(object) => object.implements.len(),
        _ => 0,
    });
    // The SDL does not contain the types of introspection.
    let all = types.len() + 13;
    HashMap::from([
        ("types", all as u64),
        ("fields", average(fields, all)),
        ("args", average(arguments, fields)),
        ("inputFields", average(inputs, all)),
        ("enumValues", average(values, all)),
        ("possibleTypes", average(implementers, all)),
        ("interfaces", 1),
        ("directives", 5),
    ])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_list_is_known_and_every_exception_is_there() {
        let sdl = crate::graphql::sdl();
        let table = FieldTable::new(&sdl);
        let types = types(&sdl);
        let (mut lists, mut all) = (BTreeSet::new(), BTreeSet::new());
        for definition in &types {
            for field in fields_of(definition) {
                let name = format!("{}.{}", definition.name.node, field.name.node);
                let is_sized = field
                    .arguments
                    .iter()
                    .any(|it| SIZE_ARGUMENTS.contains(&it.node.name.node.as_str()));
                if is_list(field) && !is_sized {
                    let rows = table.weight(field.name.node.as_str()).rows;
                    let exception = SHORT_AND_LONG_LISTS.iter().any(|(it, _)| *it == name);
                    let holds_page = PAGE_LISTS.contains(&field.name.node.as_str())
                        && definition.name.node.ends_with("Connection");
                    assert!(rows > 1 || exception || holds_page, "{name} counts as {rows}");
                    lists.insert(name.clone());
                }
                all.insert(name);
            }
        }
        assert!(lists.len() > 50, "{lists:?}");
        for (name, _) in SHORT_AND_LONG_LISTS {
            assert!(lists.contains(*name), "{name} is no list without `first`");
        }
        for (name, _) in HEAVY_FIELDS {
            assert!(all.contains(*name), "there is no {name}");
        }
    }

    #[test]
    fn the_size_of_a_page_is_read_from_the_schema() {
        let table = FieldTable::new(
            "type Query { a(first: Int): Int b(x: Int): Int c(first: Int! = 100): Int d: [Int!]! } \
             interface I { e(after: String, last: Int): Int } enum E { F }",
        );
        let rows = |name| table.weight(name).rows;
        assert_eq!(
            ["a", "b", "c", "d", "e", "f"].map(rows),
            [DEFAULT_PAGE_SIZE, 1, 100, LIST_ROWS, DEFAULT_PAGE_SIZE, 1]
        );
    }
}
