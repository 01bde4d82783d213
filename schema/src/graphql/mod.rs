//! The GraphQL schema: the roots that the features' operations merge into, and what a request
//! carries.
pub mod connection;
pub mod guard;
mod node;
mod trail;

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{
    EmptySubscription, MergedObject, Request, Schema, SchemaBuilder, ValidationMode,
};

use chrono::{DateTime, Utc};

use crate::award::graphql::{AwardMutation, AwardQuery};
use crate::bidding::graphql::{BiddingMutation, BiddingQuery, SolicitationBidsLoader};
use crate::budget::{AnswerBudget, Root};
use crate::contracting::graphql::{ContractingMutation, ContractingQuery};
use crate::contracting::service::{ReevaluationBudget, process_queued_by};
use crate::database::Database;
use crate::decision::graphql::{DecisionQuery, DecisionsOfSubjects};
use crate::disclosure::graphql::{
    DisclosureLoader, DisclosureMutation, DisclosureQuery, OrganizationLoader, ReviewLoader,
    ReviewMutation,
};
use crate::organization::graphql::{
    DepartmentOfficersLoader, OrganizationMutation, OrganizationQuery,
};
use crate::organization::model::Viewer;
use crate::policy::graphql::{PolicyMutation, PolicyQuery};
use crate::screening::graphql::{ContractScreeningQuery, ScreeningQuery};
use crate::waiver::graphql::WaiverMutation;
use node::NodeQuery;

/// Everything that can be asked.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    OrganizationQuery,
    PolicyQuery,
    DisclosureQuery,
    BiddingQuery,
    DecisionQuery,
    AwardQuery,
    ContractingQuery,
    ScreeningQuery,
    ContractScreeningQuery,
    NodeQuery,
);

/// Everything that can be done.
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
);

/// The schema that Candor serves.
pub type CandorSchema = Schema<Root<Query>, Root<Mutation>, EmptySubscription>;

/// The deepest selection that is answered: a second line behind the document guard.
const MAX_SELECTION_DEPTH: usize = 24;

fn build() -> SchemaBuilder<Root<Query>, Root<Mutation>, EmptySubscription> {
    Schema::build(Root::default(), Root::default(), EmptySubscription)
}

/// The schema in the schema definition language, as it is committed in `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    build().finish().sdl()
}

/// The schema over a database. Validation is strict: the fast kind drops unknown fields of input
/// objects in variables without a word.
#[must_use]
pub fn schema(database: Database) -> CandorSchema {
    build()
        .validation_mode(ValidationMode::Strict)
        .limit_depth(MAX_SELECTION_DEPTH)
        .data(database)
        .finish()
}

/// The request with who asks, what counts its answer, and loaders that live no longer than it does.
#[must_use]
pub fn with_request_data(
    request: Request,
    viewer: Viewer,
    budget: Arc<AnswerBudget>,
    database: &Database,
) -> Request {
    let db = database.clone();
    let organizations = OrganizationLoader { db: db.clone(), viewer: viewer.clone() };
    let officers = DepartmentOfficersLoader { db: db.clone(), viewer: viewer.clone() };
    let disclosures = DisclosureLoader { db: db.clone(), viewer: viewer.clone() };
    let reviews = ReviewLoader { db: db.clone() };
    let decisions = DecisionsOfSubjects { db: db.clone(), viewer: viewer.clone() };
    let bids = SolicitationBidsLoader { db, viewer: viewer.clone() };
    request
        .data(DataLoader::new(organizations, tokio::spawn))
        .data(DataLoader::new(officers, tokio::spawn))
        .data(DataLoader::new(disclosures, tokio::spawn))
        .data(DataLoader::new(reviews, tokio::spawn))
        .data(DataLoader::new(decisions, tokio::spawn))
        .data(DataLoader::new(bids, tokio::spawn))
        // Instead of the schema's: what this one saves and sets off is the request's own.
        .data(database.clone())
        .data(budget)
        .data(viewer)
}

/// After a mutation, before its answer: processes what it has set off, within `budget`. What fails
/// is logged and left to the workers, since the change itself is done; whether anything is left.
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
        Ok(settled) => settled.has_remaining,
        Err(fault) => {
            tracing::error!(?fault, "what a change set off is left to the workers");
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
        let mut bare = Vec::new();
        let mut seen = 0;
        let mut note = |described: bool, what: String| {
            seen += 1;
            if !described {
                bare.push(what);
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
                    let place = format!("{name}.{}({})", field.name.node, argument.node.name.node);
                    note(argument.node.description.is_some(), place);
                }
            }
            for input in inputs {
                note(input.node.description.is_some(), format!("{name}.{}", input.node.name.node));
            }
            for word in words {
                note(word.node.description.is_some(), format!("{name}.{}", word.node.value.node));
            }
        }
        assert!(seen > 500, "{seen}");
        assert_eq!(bare, Vec::<String>::new());
    }
}
