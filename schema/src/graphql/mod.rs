//! The GraphQL schema: merges the features' operations, and adds to a request the data that resolvers read.
pub mod connection;
pub mod context;
pub mod guard;
pub mod lookahead;
mod node;
pub mod payload;
mod root;
mod trail;
mod trail_entry;
mod validation;

use std::fmt;
use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::indexmap::IndexMap;
use async_graphql::{
    EmptySubscription, MergedObject, Name, Request, Response, Schema, SchemaBuilder, ServerError,
    ValidationMode, Value,
};

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tracing::Instrument;

use crate::award::graphql::{AwardMutation, AwardQuery};
use crate::bidding::graphql::{BiddingMutation, BiddingQuery, SolicitationBidsLoader};
use crate::budget::AnswerBudget;
use crate::contracting::graphql::{ContractingMutation, ContractingQuery};
use crate::contracting::service::{ReevaluationBudget, process_queued_by};
use crate::database::Database;
use crate::decision::graphql::{DecisionQuery, DecisionsOfSubjects};
use crate::disclosure::graphql::{
    CompiledSelections, DisclosureLoader, DisclosureMutation, DisclosureQuery, OrganizationLoader,
    PreloadedFilings, ReviewLoader, ReviewMutation,
};
use crate::organization::graphql::{
    DepartmentOfficersLoader, OrganizationMutation, OrganizationQuery, PersonNameLoader,
};
use crate::organization::model::Viewer;
use crate::policy::graphql::{PolicyDraftLoader, PolicyMutation, PolicyQuery};
use crate::screening::graphql::{ContractScreeningQuery, ScreeningQuery};
use crate::service_account::graphql::{ServiceAccountMutation, ServiceAccountQuery};
use crate::waiver::graphql::{WaiverMutation, WaiverQuery};
use guard::Admitted;
use node::NodeQuery;
use root::Root;

/// All queries.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    OrganizationQuery,
    PolicyQuery,
    DisclosureQuery,
    BiddingQuery,
    DecisionQuery,
    AwardQuery,
    ContractingQuery,
    WaiverQuery,
    ScreeningQuery,
    ContractScreeningQuery,
    ServiceAccountQuery,
    NodeQuery,
);

/// All mutations.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    OrganizationMutation,
    PolicyMutation,
    DisclosureMutation,
    ReviewMutation,
    AwardMutation,
    BiddingMutation,
    ContractingMutation,
    WaiverMutation,
    ServiceAccountMutation,
);

/// The schema that Candor serves, twice over the same types.
#[derive(Clone)]
pub struct CandorSchema {
    /// Validates the documents that it executes.
    validating: RootSchema,
    /// Executes documents that have passed validation, with the checks that protect the execution alone.
    repeating: RootSchema,
}

type QueryRoot = Root<Query>;
type MutationRoot = Root<Mutation>;
type RootSchema = Schema<QueryRoot, MutationRoot, EmptySubscription>;

impl CandorSchema {
    /// Returns the schema in the schema definition language.
    #[must_use]
    pub fn sdl(&self) -> String {
        self.validating.sdl()
    }
}

impl fmt::Debug for CandorSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CandorSchema")
    }
}

/// The maximum depth of selections. The document guard checks it first.
const MAX_SELECTION_DEPTH: usize = 24;

fn builder() -> SchemaBuilder<QueryRoot, MutationRoot, EmptySubscription> {
    Schema::build(Root::default(), Root::default(), EmptySubscription)
}

/// Returns the schema in the schema definition language, as committed in `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    builder().finish().sdl()
}

/// Returns the schema over a database. Documents are validated strictly: async-graphql's fast mode silently
/// drops unknown fields of input objects in variables.
#[must_use]
pub fn schema(database: Database) -> CandorSchema {
    let database = Arc::new(database);
    let schema = |mode| {
        let builder = builder().validation_mode(mode).limit_depth(MAX_SELECTION_DEPTH);
        builder.data(Arc::clone(&database)).finish()
    };
    CandorSchema {
        validating: schema(ValidationMode::Strict),
        repeating: schema(ValidationMode::Fast),
    }
}

/// Executes the request of an admitted document.
///
/// The future is boxed because the code of an async function is generated in each crate that polls it:
/// without the box, the API and the tests would each compile every resolver and use case again.
#[must_use]
pub fn execute(
    schema: &CandorSchema,
    admitted: &Admitted,
    request: Request,
) -> BoxFuture<'static, Response> {
    let validating = admitted.validating_request(&request);
    let is_valid = admitted.is_executed_without_validation();
    let root_keys = admitted.root_keys().to_vec();
    let CandorSchema { validating: strict, repeating } = schema.clone();
    async move {
        if let Some(validating) = validating {
            let validated = strict.execute(validating).await;
            if !validated.errors.is_empty() {
                return validated;
            }
        }
        let schema = if is_valid { repeating } else { strict };
        let mut response = schema.execute(request).await;
        finish_root(&mut response, &root_keys);
        response.errors.iter_mut().for_each(reword_time_error);
        response
    }
    .boxed()
}

/// Sorts the fields of an answer's root by `keys`: async-graphql has those of a query in the order in which they
/// end. A root whose fields were all skipped is an empty object, and not null.
fn finish_root(response: &mut Response, keys: &[Name]) {
    match &mut response.data {
        Value::Object(fields) if fields.len() > 1 => {
            let position = |key: &Name| keys.iter().position(|it| it == key);
            fields.sort_by(|one, _, other, _| position(one).cmp(&position(other)));
        }
        data @ Value::Null if response.errors.is_empty() => *data = Value::Object(IndexMap::new()),
        _ => {}
    }
}

/// Replaces the parser's words about a malformed time, such as "premature end of input".
fn reword_time_error(error: &mut ServerError) {
    if error.message.starts_with("Failed to parse \"DateTime\"") {
        "Enter a day and a time with the offset of its zone, such as 2026-03-10T14:00:00-08:00."
            .clone_into(&mut error.message);
    }
}

/// Adds the data that resolvers read from the context: the database, the viewer, the answer budget, and
/// loaders that live as long as the request.
#[must_use]
pub fn with_request_data(
    request: Request,
    viewer: Viewer,
    budget: Arc<AnswerBudget>,
    database: &Database,
) -> Request {
    // Shared by the loaders: a handle has many parts, and most requests need few of the loaders.
    let (db, viewer) = (Arc::new(database.clone()), Arc::new(viewer));
    let organizations = OrganizationLoader { db: Arc::clone(&db), viewer: Arc::clone(&viewer) };
    let officers = DepartmentOfficersLoader { db: Arc::clone(&db), viewer: Arc::clone(&viewer) };
    let disclosures = DisclosureLoader { db: Arc::clone(&db), viewer: Arc::clone(&viewer) };
    let reviews = ReviewLoader { db: Arc::clone(&db) };
    let decisions = DecisionsOfSubjects { db: Arc::clone(&db), viewer: Arc::clone(&viewer) };
    let names = PersonNameLoader { db: Arc::clone(&db) };
    let drafts = PolicyDraftLoader { db: Arc::clone(&db) };
    let bids = SolicitationBidsLoader { db: Arc::clone(&db), viewer: Arc::clone(&viewer) };
    request
        .data(DataLoader::new(organizations, spawn_in_request_span))
        .data(DataLoader::new(officers, spawn_in_request_span))
        .data(DataLoader::new(disclosures, spawn_in_request_span))
        .data(DataLoader::new(reviews, spawn_in_request_span))
        .data(DataLoader::new(decisions, spawn_in_request_span))
        .data(DataLoader::new(bids, spawn_in_request_span))
        .data(DataLoader::new(names, spawn_in_request_span))
        .data(DataLoader::new(drafts, spawn_in_request_span))
        .data(CompiledSelections::default())
        .data(PreloadedFilings::default())
        // Replaces the schema's database: saved changes and queued items are recorded per request.
        .data(db)
        .data(budget)
        .data(viewer)
}

/// Spawns a loader's task in the span of its request, so that its log lines name the request.
fn spawn_in_request_span(task: BoxFuture<'static, ()>) {
    drop(tokio::spawn(task.in_current_span()));
}

/// Processes the re-evaluations that a mutation has queued, within `budget`, before its answer is sent.
/// Returns whether some remain. A failure is logged and left to the workers, because the mutation's own
/// change is committed.
pub async fn reevaluate_after(
    database: &Database,
    now: DateTime<Utc>,
    budget: ReevaluationBudget,
) -> bool {
    let queued = database.take_queued();
    if queued.is_empty() {
        return false;
    }
    match process_queued_by(database, now, queued, budget).await {
        Ok(summary) => summary.has_remaining,
        Err(fault) => {
            tracing::error!(?fault, "a re-evaluation failed and is left to the workers");
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_schema;
    use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};

    #[test]
    fn the_committed_sdl_is_what_is_served() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(committed, super::sdl(), "run `candor schema > schema/schema.graphql`");
    }

    #[test]
    fn everything_has_a_description() {
        let document = parse_schema(super::sdl()).expect("the schema's own SDL can be parsed");
        let mut undescribed = Vec::new();
        let mut count = 0;
        let mut note = |is_described: bool, name: String| {
            count += 1;
            if !is_described {
                undescribed.push(name);
            }
        };
        for definition in document.definitions {
            let TypeSystemDefinition::Type(kind) = definition else { continue };
            let kind = kind.node;
            let name = kind.name.node.to_string();
            note(kind.description.is_some(), name.clone());
            let (fields, inputs, words) = match kind.kind {
                TypeKind::Object(object) => (object.fields, vec![], vec![]),
                TypeKind::Interface(interface) => (interface.fields, vec![], vec![]),
                TypeKind::InputObject(input) => (vec![], input.fields, vec![]),
                TypeKind::Enum(list) => (vec![], vec![], list.values),
                TypeKind::Scalar | TypeKind::Union(_) => (vec![], vec![], vec![]),
            };
            for field in fields {
                let field = field.node;
                note(field.description.is_some(), format!("{name}.{}", field.name.node));
                for argument in field.arguments {
                    let full = format!("{name}.{}({})", field.name.node, argument.node.name.node);
                    note(argument.node.description.is_some(), full);
                }
            }
            for input in inputs {
                note(input.node.description.is_some(), format!("{name}.{}", input.node.name.node));
            }
            for word in words {
                note(word.node.description.is_some(), format!("{name}.{}", word.node.value.node));
            }
        }
        assert!(count > 500, "{count}");
        assert_eq!(undescribed, Vec::<String>::new());
    }
}
