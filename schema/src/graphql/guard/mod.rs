//! The document guard: bounds the cost of a GraphQL document before validation and execution.
//!
//! async-graphql's own limits visit a fragment each time it is spread: 900 bytes of fragments occupy a
//! worker for twenty seconds whatever the limits are, and no timeout stops it. The guard also refuses a
//! missing required variable, because async-graphql would still run the other root fields, and gives variables
//! that were not sent the meaning of the specification.
mod repeats;
mod scan;
mod table;
#[cfg(test)]
mod tests;
mod variables;
mod weight;

use std::sync::Arc;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use async_graphql::parser::types::{OperationType, Selection, SelectionSet, VariableDefinition};
use async_graphql::parser::{Error as ParseError, parse_query};
use async_graphql::{
    ErrorExtensionValues, Name, Pos, Positioned, Request, ServerError, Value, Variables,
};
use quick_cache::{Weighter, sync::Cache};

use super::validation::DocumentValidation;
use table::FieldTable;
use weight::Weigher;

/// The maximum length of a document, in bytes; long values belong in variables.
const MAX_DOCUMENT_BYTES: usize = 64 * 1024;
/// The maximum number of operations in a document; validation visits all of them.
const MAX_OPERATIONS: usize = 10;
/// The maximum number of fragments in a document.
const MAX_FRAGMENTS: usize = 100;
/// The maximum number of root fields of a query, with fragments expanded.
const MAX_QUERY_ROOT_FIELDS: u64 = 50;
/// The maximum number of root fields of a mutation; each is a transaction.
const MAX_MUTATION_ROOT_FIELDS: u64 = 10;
/// The maximum number of selections in a document that validation visits, with fragments expanded.
const MAX_SELECTIONS: u64 = 5_000;
/// The maximum number of values in the answer of an operation, as estimated from page sizes and ten rows
/// for every other list. A page of 100 screened bids with everything that a reviewer reads has about
/// 150,000; the answer budget bounds its bytes.
const MAX_COST: u64 = 250_000;
/// The maximum nesting of the fields `fields`, `interfaces`, `possibleTypes` and `inputFields` of
/// introspection.
const MAX_INTROSPECTION_LISTS: u32 = 3;
/// The maximum estimated size of an answer to introspection, in bytes: about twice that of the
/// standard introspection query.
const MAX_INTROSPECTION_BYTES: u64 = 8 * 1024 * 1024;
/// The maximum size of all arguments, in bytes. A variable counts at each use, because it is copied there.
const MAX_ARGUMENT_BYTES: u64 = 16 * 1024 * 1024;
/// The capacity of the cache of documents that passed validation, in bytes.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;
/// The memory of one token of a parsed document, in bytes, rounded up.
const TOKEN_BYTES: u64 = 128;
/// The approximate number of documents in a full cache.
const CACHE_DOCUMENTS: usize = 2_000;

/// Admits documents that are small enough to validate and execute.
#[derive(Debug)]
pub struct Guard {
    fields: FieldTable,
    documents: Cache<Arc<str>, Parsed, MemoryBytes>,
}

/// A parsed document, with the state of its validation.
#[derive(Clone, Debug)]
struct Parsed {
    validation: Arc<DocumentValidation>,
    /// Its estimated size in memory.
    bytes: u64,
}

/// Weighs the documents of the cache by their size in memory.
#[derive(Clone, Debug)]
struct MemoryBytes;

impl Weighter<Arc<str>, Parsed> for MemoryBytes {
    fn weight(&self, text: &Arc<str>, parsed: &Parsed) -> u64 {
        parsed.bytes + text.len() as u64
    }
}

/// A document that may be validated and executed.
#[derive(Debug)]
pub struct Admitted {
    parsed: Parsed,
    /// Its text, unless it is in the cache.
    uncached_text: Option<Arc<str>>,
    /// The variables of the request, with the defaults of those that were not sent.
    variables: Variables,
    operation_name: Option<String>,
    /// The document without what omitted variables give, if there are any.
    reduced: Option<ExecutableDocument>,
    /// The keys of the answer's root, in the order of the selection.
    root_keys: Vec<Name>,
    /// Whether the document has passed validation before and passes it with its variables too.
    is_valid: bool,
    is_mutation: bool,
    has_introspection: bool,
}

impl Admitted {
    /// Returns the keys of the answer's root, in the order of the selection.
    #[must_use]
    pub fn root_keys(&self) -> &[Name] {
        &self.root_keys
    }

    /// Returns whether the operation to execute is a mutation.
    #[must_use]
    pub const fn is_mutation(&self) -> bool {
        self.is_mutation
    }

    /// Returns whether the operation to execute contains introspection. async-graphql answers it without
    /// charging the answer budget, so the guard bounds its size.
    #[must_use]
    pub const fn has_introspection(&self) -> bool {
        self.has_introspection
    }

    /// Returns the request to execute, with the parsed document and the state of its validation. It takes the
    /// variables.
    #[must_use]
    pub fn take_request(&mut self) -> Request {
        let variables = std::mem::take(&mut self.variables);
        let document = self.reduced.as_ref().unwrap_or_else(|| self.parsed.validation.document());
        self.request(document.clone(), variables).data(Arc::clone(&self.parsed.validation))
    }

    fn request(&self, document: ExecutableDocument, variables: Variables) -> Request {
        let mut request = Request::new(String::new()).variables(variables);
        request.operation_name.clone_from(&self.operation_name);
        request.set_parsed_query(document);
        request
    }

    /// Returns a request that validates the document as it was sent, and executes nothing, if this has to come
    /// before `request`: one without its omitted variables is another document.
    #[must_use]
    pub fn validating_request(&self, request: &Request) -> Option<Request> {
        if self.is_valid || self.reduced.is_none() {
            return None;
        }
        let mut document = self.parsed.validation.document().clone();
        variables::skip_everything(&mut document);
        Some(self.request(document, request.variables.clone()))
    }

    /// Returns whether `take_request` returns a document that has passed validation.
    #[must_use]
    pub const fn is_executed_without_validation(&self) -> bool {
        self.is_valid && self.reduced.is_none()
    }
}

impl Guard {
    /// Returns a guard for the documents of a schema, whose SDL gives the cost of each field.
    ///
    /// # Panics
    /// If `sdl` does not parse.
    #[must_use]
    pub fn new(sdl: &str) -> Self {
        let documents = Cache::with_weighter(CACHE_DOCUMENTS, CACHE_BYTES, MemoryBytes);
        Self { fields: FieldTable::new(sdl), documents }
    }

    /// Parses a document, or takes it from the cache, and checks every limit. Nothing is executed.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` above a limit, `BAD_USER_INPUT` for a document that does not parse, an unknown
    /// operation or a missing required variable.
    pub fn admit(
        &self,
        query: &str,
        operation_name: Option<&str>,
        mut variables: Variables,
    ) -> Result<Admitted, ServerError> {
        let (parsed, uncached_text) = match self.documents.get(query) {
            Some(parsed) => (parsed, None),
            None => (parse(query)?, Some(query.into())),
        };
        let document = parsed.validation.document();
        let operation = find_operation(document, operation_name)?;
        let is_mutation = operation.ty == OperationType::Mutation;
        variables::fill_defaults(operation, &mut variables);
        let has_introspection = Weigher::new(self, document, operation, &variables).weigh()?;
        if uncached_text.is_some() {
            // After the limits, because it visits a fragment each time it is spread.
            repeats::check_repeats(document)?;
        }
        for definition in &operation.variable_definitions {
            require_variable(definition, &variables)?;
        }
        let omitted = variables::find_omitted(operation, &variables);
        let reduced = if omitted.is_empty() {
            None
        } else {
            if let Some(name) = variables::find_omitted_condition(document, operation, &omitted) {
                let missing =
                    format!("the variable ${name} is missing; send a value of type Boolean!");
                return Err(invalid(missing, None));
            }
            Some(variables::without_omitted(document, operation, &omitted))
        };
        let mut root_keys = Vec::new();
        add_keys(document, &operation.selection_set.node, &mut root_keys);
        let is_valid = parsed.validation.passes_again(&variables);
        Ok(Admitted {
            parsed,
            uncached_text,
            variables,
            operation_name: operation_name.map(ToOwned::to_owned),
            reduced,
            root_keys,
            is_valid,
            is_mutation,
            has_introspection,
        })
    }

    /// Adds a document to the cache. Call it only after the document has passed validation, so that refused
    /// documents do not evict useful ones.
    pub fn cache(&self, admitted: Admitted) {
        if let Some(text) = admitted.uncached_text {
            self.documents.insert(text, admitted.parsed);
        }
    }
}

fn parse(query: &str) -> Result<Parsed, ServerError> {
    if query.len() > MAX_DOCUMENT_BYTES {
        return Err(limit(format!(
            "the document is longer than {MAX_DOCUMENT_BYTES} bytes; move its values into variables"
        )));
    }
    let tokens = scan::count_tokens(query)?;
    let document = parse_query(query).map_err(|error| parse_error(&error))?;
    let operations = document.operations.iter().len();
    if operations > MAX_OPERATIONS {
        return Err(limit(format!(
            "the document has {operations} operations; send at most {MAX_OPERATIONS} at once"
        )));
    }
    let fragments = document.fragments.len();
    if fragments > MAX_FRAGMENTS {
        return Err(limit(format!(
            "the document has {fragments} fragments; send at most {MAX_FRAGMENTS} at once"
        )));
    }
    let validation = Arc::new(DocumentValidation::new(document));
    Ok(Parsed { validation, bytes: tokens * TOKEN_BYTES })
}

/// Returns the error for a document that does not parse, without the parser's quotation of the line, which
/// may be the whole document.
fn parse_error(error: &ParseError) -> ServerError {
    let mut positions = error.positions();
    let at = positions.next();
    let message = error.to_string();
    let message = match (error, message.rsplit_once("= ")) {
        (ParseError::Syntax { .. }, Some((_, expected))) => {
            let place = at.map(|at| format!(" at line {}, column {}", at.line, at.column));
            let expected = expected.trim_end();
            format!("the document does not parse{}: {expected}", place.unwrap_or_default())
        }
        _ => message,
    };
    invalid(message, at)
}

/// Finds the operation to execute (GraphQL specification, section 6.1, `GetOperation`).
fn find_operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, ServerError> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() > 1 => {
            return Err(invalid(
                "the document has several operations; name one of them in operationName",
                None,
            ));
        }
        (DocumentOperations::Multiple(operations), None) => operations.values().next(),
    };
    found.map(|operation| &operation.node).ok_or_else(|| {
        let named = name.map(|name| name.chars().take(64).collect::<String>()).unwrap_or_default();
        invalid(format!("the document has no operation named {named:?}"), None)
    })
}

/// Returns the maximum number of root fields of an operation.
fn max_root_fields(operation: OperationType) -> u64 {
    match operation {
        OperationType::Mutation => MAX_MUTATION_ROOT_FIELDS,
        OperationType::Query | OperationType::Subscription => MAX_QUERY_ROOT_FIELDS,
    }
}

/// Adds the keys that a selection has in the answer. No fragment contains itself here.
fn add_keys(document: &ExecutableDocument, set: &SelectionSet, keys: &mut Vec<Name>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let key = &field.node.response_key().node;
                if !keys.contains(key) {
                    keys.push(key.clone());
                }
            }
            Selection::InlineFragment(fragment) => {
                add_keys(document, &fragment.node.selection_set.node, keys);
            }
            Selection::FragmentSpread(spread) => {
                let fragment = document.fragments.get(&spread.node.fragment_name.node);
                if let Some(fragment) = fragment {
                    add_keys(document, &fragment.node.selection_set.node, keys);
                }
            }
        }
    }
}

/// Requires a value, which may be its default, for a variable that is not nullable.
fn require_variable(
    definition: &Positioned<VariableDefinition>,
    variables: &Variables,
) -> Result<(), ServerError> {
    let VariableDefinition { name, var_type, .. } = &definition.node;
    let given = variables.get(&name.node);
    if var_type.node.nullable || given.is_some_and(|value| *value != Value::Null) {
        return Ok(());
    }
    let problem = if given.is_some() { "is null" } else { "is missing" };
    let message =
        format!("the variable ${} {problem}; send a value of type {}", name.node, var_type.node);
    Err(invalid(message, Some(definition.pos)))
}

fn code(code: &str) -> ErrorExtensionValues {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    extensions
}

fn limit(message: impl Into<String>) -> ServerError {
    let error = ServerError::new(message, None);
    ServerError { extensions: Some(code("LIMIT_EXCEEDED")), ..error }
}

fn invalid(message: impl Into<String>, at: Option<Pos>) -> ServerError {
    let error = ServerError::new(message, at);
    ServerError { extensions: Some(code("BAD_USER_INPUT")), ..error }
}
