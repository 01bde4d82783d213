//! The GraphQL schema: the roots that the features' operations merge into, and what a request
//! carries.
pub mod connection;
pub mod guard;
mod node;

use std::collections::BTreeSet;

use async_graphql::dataloader::DataLoader;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use async_graphql::{EmptySubscription, MergedObject, Request, Schema, ValidationMode};

use crate::bidding::graphql::{BiddingMutation, BiddingQuery, BidsOfSolicitations};
use crate::database::Database;
use crate::decision::graphql::DecisionQuery;
use crate::disclosure::graphql::{
    DisclosureMutation, DisclosureQuery, DisclosuresOfOrganizations, Organizations,
};
use crate::organization::graphql::{
    OfficersOfDepartments, OrganizationMutation, OrganizationQuery,
};
use crate::organization::model::Viewer;
use crate::policy::graphql::PolicyQuery;
use node::NodeQuery;

/// Everything that can be asked.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    OrganizationQuery,
    PolicyQuery,
    DisclosureQuery,
    BiddingQuery,
    DecisionQuery,
    NodeQuery,
);

/// Everything that can be done.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(OrganizationMutation, DisclosureMutation, BiddingMutation);

/// The schema that Candor serves.
pub type CandorSchema = Schema<Query, Mutation, EmptySubscription>;

/// The deepest selection that is answered: a second line behind the document guard.
const DEEPEST: usize = 24;

/// The schema over a database. Validation is strict: the fast kind drops unknown fields of input
/// objects in variables without a word.
#[must_use]
pub fn schema(database: Database) -> CandorSchema {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .validation_mode(ValidationMode::Strict)
        .limit_depth(DEEPEST)
        .data(database)
        .finish()
}

/// The request with who asks, and loaders that live no longer than it does.
#[must_use]
pub fn asked_by(request: Request, viewer: Viewer, database: &Database) -> Request {
    let db = database.clone();
    let organizations = Organizations { db: db.clone() };
    let officers = OfficersOfDepartments { db: db.clone(), viewer: viewer.clone() };
    let disclosures = DisclosuresOfOrganizations { db: db.clone(), viewer: viewer.clone() };
    let bids = BidsOfSolicitations { db, viewer: viewer.clone() };
    request
        .data(DataLoader::new(organizations, tokio::spawn))
        .data(DataLoader::new(officers, tokio::spawn))
        .data(DataLoader::new(disclosures, tokio::spawn))
        .data(DataLoader::new(bids, tokio::spawn))
        .data(viewer)
}

/// The names of the fields that answer with pages: those that take `first`.
#[must_use]
pub fn connections(schema: &CandorSchema) -> BTreeSet<String> {
    let document = parse_schema(schema.sdl()).expect("the schema's own SDL can be parsed");
    let mut names = BTreeSet::new();
    for definition in document.definitions {
        if let TypeSystemDefinition::Type(kind) = definition
            && let TypeKind::Object(object) = kind.node.kind
        {
            let paged = object.fields.into_iter().filter(|field| {
                field.node.arguments.iter().any(|argument| argument.node.name.node == "first")
            });
            names.extend(paged.map(|field| field.node.name.node.to_string()));
        }
    }
    names
}
