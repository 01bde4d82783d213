//! The document guard: bounds the cost of a GraphQL document before anything walks it.
//!
//! async-graphql's own limits walk fragment spreads without a memo: 900 bytes of fragments hold a
//! worker for twenty seconds, whatever the limits say, and no timeout stops it. And a required
//! variable that is missing fails one root field only, so that the others still run.
mod repeats;
mod scan;
mod table;
#[cfg(test)]
mod tests;
mod weight;

use std::sync::Arc;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use async_graphql::parser::types::{OperationType, VariableDefinition};
use async_graphql::parser::{Error as ParseError, parse_query};
use async_graphql::{
    ErrorExtensionValues, Pos, Positioned, Request, ServerError, Value, Variables,
};
use quick_cache::{Weighter, sync::Cache};

use table::FieldTable;
use weight::Weigher;

/// The maximum length of a document, in bytes; long values belong in variables.
const LONGEST: usize = 64 * 1024;
/// The maximum number of operations in a document; validation walks all of them.
const OPERATIONS: usize = 10;
/// The maximum number of fragments in a document.
const FRAGMENTS: usize = 100;
/// The maximum number of root fields of a query, with fragments expanded.
const QUERIES: u64 = 50;
/// The maximum number of root fields of a mutation; each is a transaction.
const MUTATIONS: u64 = 10;
/// The maximum number of selections in a document, with fragments expanded, which validation walks.
const NODES: u64 = 5_000;
/// The most values that an operation may lead to, each page counted by its size and each other
/// list as ten rows. A page of 100 screened bids with everything that a reviewer reads of each
/// comes to about 150,000; the answer's own budget bounds what such a page may hold.
const COST: u64 = 250_000;
/// The most of `fields`, `interfaces`, `possibleTypes` and `inputFields` inside one another.
const INTROSPECTION_LISTS: u32 = 3;
/// The most that introspection is answered with, in bytes, as the guard estimates it: about three
/// times what the standard introspection query comes to.
const INTROSPECTION_BYTES: u64 = 4 * 1024 * 1024;
/// The most bytes of arguments, a variable counted at each of its uses: each is copied there.
const ARGUMENTS: u64 = 16 * 1024 * 1024;
/// The cache of documents that once passed validation, in bytes.
const CACHE: u64 = 16 * 1024 * 1024;
/// What one token of a document takes when parsed, in bytes, rounded up.
const TOKEN: u64 = 128;
/// About how many documents the cache has room for.
const DOCUMENTS: usize = 2_000;

/// Admits documents that are small enough to validate and execute.
#[derive(Debug)]
pub struct Guard {
    fields: FieldTable,
    documents: Cache<Arc<str>, Parsed, Bytes>,
}

/// A document and what it takes in memory.
#[derive(Clone, Debug)]
struct Parsed {
    document: Arc<ExecutableDocument>,
    bytes: u64,
}

/// Weighs what the cache keeps.
#[derive(Clone, Debug)]
struct Bytes;

impl Weighter<Arc<str>, Parsed> for Bytes {
    fn weight(&self, text: &Arc<str>, parsed: &Parsed) -> u64 {
        parsed.bytes + text.len() as u64
    }
}

/// A document that may be validated and, if it is valid, run.
#[derive(Debug)]
pub struct Admitted {
    parsed: Parsed,
    /// Its text, unless the cache has it already.
    new: Option<Arc<str>>,
    /// The operation that is run changes something.
    mutates: bool,
    /// It asks what the schema is.
    introspects: bool,
}

impl Admitted {
    /// Whether the operation that is run is a mutation.
    #[must_use]
    pub const fn mutates(&self) -> bool {
        self.mutates
    }

    /// Whether the operation that is run asks for introspection, whose answer the library makes by
    /// itself: it is bounded here, and charged to no budget.
    #[must_use]
    pub const fn introspects(&self) -> bool {
        self.introspects
    }

    /// The request to run, with the document parsed already.
    #[must_use]
    pub fn request(&self, operation_name: Option<String>, variables: Variables) -> Request {
        let mut request = Request::new(String::new()).variables(variables);
        request.operation_name = operation_name;
        request.set_parsed_query((*self.parsed.document).clone());
        request
    }
}

impl Guard {
    /// A guard for the documents of a schema (as SDL): what its fields weigh is read from it.
    ///
    /// # Panics
    /// If `sdl` is not a schema.
    #[must_use]
    pub fn new(sdl: &str) -> Self {
        let documents = Cache::with_weighter(DOCUMENTS, CACHE, Bytes);
        Self { fields: FieldTable::new(sdl), documents }
    }

    /// Parses a document unless that was done before, and settles whether it may go on.
    ///
    /// # Errors
    /// Request errors, none of which has run anything: `LIMIT_EXCEEDED` for what is too much,
    /// `BAD_USER_INPUT` for a document that is none, an operation that is not in it, a required
    /// variable that is missing.
    pub fn admit(
        &self,
        query: &str,
        operation_name: Option<&str>,
        variables: &Variables,
    ) -> Result<Admitted, ServerError> {
        let (parsed, new) = match self.documents.get(query) {
            Some(parsed) => (parsed, None),
            None => (parse(query)?, Some(query.into())),
        };
        let document = &parsed.document;
        let operation = chosen(document, operation_name)?;
        let mutates = operation.ty == OperationType::Mutation;
        let introspects = Weigher::new(self, document, operation, variables).weigh()?;
        if new.is_some() {
            // Only now: it walks each selection as often as it is spread.
            repeats::check(document)?;
        }
        for definition in &operation.variable_definitions {
            provided(definition, variables)?;
        }
        Ok(Admitted { parsed, new, mutates, introspects })
    }

    /// Keeps a document, so that it is not parsed again. Call it only once the document has passed
    /// validation: what is refused anyway would push out what is asked every day.
    pub fn remember(&self, admitted: Admitted) {
        if let Some(text) = admitted.new {
            self.documents.insert(text, admitted.parsed);
        }
    }
}

fn parse(query: &str) -> Result<Parsed, ServerError> {
    if query.len() > LONGEST {
        return Err(limit(format!(
            "the document is longer than {LONGEST} bytes; move its values into variables"
        )));
    }
    let tokens = scan::tokens(query)?;
    let document = parse_query(query).map_err(|error| unparsed(&error))?;
    let operations = document.operations.iter().len();
    if operations > OPERATIONS {
        return Err(limit(format!(
            "the document has {operations} operations; send at most {OPERATIONS} at once"
        )));
    }
    let fragments = document.fragments.len();
    if fragments > FRAGMENTS {
        return Err(limit(format!(
            "the document has {fragments} fragments; send at most {FRAGMENTS} at once"
        )));
    }
    Ok(Parsed { document: Arc::new(document), bytes: tokens * TOKEN })
}

/// The error of a document that does not parse. The parser's own words repeat the line, which may
/// be all that was sent.
fn unparsed(error: &ParseError) -> ServerError {
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

/// The operation to run, by the rules of the specification.
fn chosen<'a>(
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
fn root_fields(operation: OperationType) -> u64 {
    if operation == OperationType::Mutation { MUTATIONS } else { QUERIES }
}

fn provided(
    definition: &Positioned<VariableDefinition>,
    variables: &Variables,
) -> Result<(), ServerError> {
    let VariableDefinition { name, var_type, default_value, .. } = &definition.node;
    let given = variables.get(&name.node);
    let missing = match given {
        None => default_value.is_none(),
        Some(value) => *value == Value::Null,
    };
    if var_type.node.nullable || !missing {
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
