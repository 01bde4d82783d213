//! The root types of the schema: what happens to each of their fields.
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::ContainerType;
use async_graphql::{
    Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value,
};

use super::validation::{self, Enumerations};
use crate::budget::AnswerBudget;

/// A root type whose fields are charged when they are resolved, because async-graphql resolves them without
/// `crate::budget`, and which has the validation of the request's document remembered.
#[derive(Default)]
pub struct Root<T> {
    root: T,
    enumerations: OnceLock<Enumerations>,
}

impl<T> fmt::Debug for Root<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Root")
    }
}

#[async_graphql::async_trait::async_trait]
impl<T: ObjectType> OutputType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.root.resolve(ctx, field).await
    }
}

#[async_graphql::async_trait::async_trait]
impl<T: ObjectType> ContainerType for Root<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        validation::mark_validated(ctx, &self.enumerations);
        let resolved = self.root.resolve_field(ctx);
        match ctx.data_opt::<Arc<AnswerBudget>>() {
            Some(budget) => budget.meter(ctx, resolved).await,
            None => resolved.await,
        }
    }
}

impl<T: ObjectType> ObjectType for Root<T> {}
