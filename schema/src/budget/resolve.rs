//! Resolves the fields of objects and the rows of lists, and charges them to the answer budget.
//!
//! async-graphql wraps the resolver of each field in a future and a task of its own, and each row of a
//! list in another. Most fields only read a value that is there, and a list has hundreds of them, so that
//! the wrapping costs more than the values. Here a resolver is polled at once, and only the one that must
//! wait becomes a task.
use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use async_graphql::indexmap::IndexMap;
use async_graphql::indexmap::map::Entry;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::ContainerType;
use async_graphql::{
    Context, ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value,
};
use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::{AnswerBudget, Metered, key_bytes};

type BoxedResolver<'a, T> = Pin<Box<dyn Future<Output = ServerResult<T>> + Send + 'a>>;

/// Resolves the fields of an object, concurrently, and charges each to the request's budget. The answer
/// has them in the order of the selection.
///
/// # Errors
/// `LIMIT_EXCEEDED` from the field that exceeds the budget, and the errors of the fields.
pub async fn resolve_container<'a, T: ContainerType + ?Sized>(
    ctx: &ContextSelectionSet<'a>,
    object: &'a T,
) -> ServerResult<Value> {
    let Some(budget) = ctx.data_opt::<Arc<AnswerBudget>>() else {
        return async_graphql::resolver_utils::resolve_container(ctx, object).await;
    };
    if budget.is_exceeded() {
        return Ok(Value::Null);
    }
    let mut fields = Vec::with_capacity(ctx.item.node.items.len());
    if collect_fields(ctx, object, &ctx.item.node, &mut fields).is_none() {
        let name_bytes = object.introspection_type_name().len();
        budget.charge_type_names(ctx, &ctx.item.node, name_bytes);
        let metered = Metered { object, budget };
        return async_graphql::resolver_utils::resolve_container(ctx, &metered).await;
    }
    // A field without a value has failed: its error is added to those of the answer.
    let (mut values, mut waiting) = (Vec::with_capacity(fields.len()), Vec::new());
    let value_of = |field: &Context<'_>, result| match budget.charge_result(field, result) {
        Ok(value) => Some(value.unwrap_or_default()),
        Err(error) => {
            ctx.add_error(error);
            None
        }
    };
    for (position, field) in fields.iter().enumerate() {
        let value = if is_type_name(&field.item.node) {
            let name = object.introspection_type_name().into_owned();
            // If this exceeds the budget, the whole answer is replaced.
            budget.charge(key_bytes(&field.item.node) + name.len() + 2);
            Some(Value::String(name))
        } else if budget.is_exceeded() {
            // Only the field that exceeds it returns the error, so that errors are bounded.
            Some(Value::Null)
        } else {
            let mut resolver = object.resolve_field(field);
            match poll_once(&mut resolver).await {
                Poll::Ready(result) => value_of(field, result),
                Poll::Pending => {
                    waiting.push((position, resolver));
                    None
                }
            }
        };
        values.push(value);
    }
    let mut waiting = concurrently(waiting);
    while let Some((position, result)) = waiting.next().await {
        values[position] = value_of(&fields[position], result);
    }
    let mut answer = IndexMap::with_capacity(fields.len());
    for (field, value) in fields.iter().zip(values) {
        if let Some(value) = value {
            insert(&mut answer, field.item.node.response_key().node.clone(), value);
        }
    }
    Ok(if answer.is_empty() { Value::Null } else { Value::Object(answer) })
}

/// Collects the selected fields with their contexts, those of fragments in their place. None if `T` is an
/// interface, of which only async-graphql knows to what objects a fragment applies.
fn collect_fields<'a, T: ContainerType + ?Sized>(
    ctx: &'a ContextSelectionSet<'a>,
    object: &T,
    set: &'a SelectionSet,
    fields: &mut Vec<Context<'a>>,
) -> Option<()> {
    for selection in &set.items {
        let (condition, set) = match &selection.node {
            // `@skip` and `@include` were applied and removed before; there are no other directives.
            Selection::Field(field) => {
                fields.push(ctx.with_field(field));
                continue;
            }
            Selection::InlineFragment(fragment) => {
                (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = ctx.query_env.fragments.get(&spread.node.fragment_name.node)?;
                (Some(&fragment.node.type_condition), &fragment.node.selection_set)
            }
        };
        if let Some(condition) = condition {
            let (condition, name) = (condition.node.on.node.as_str(), T::type_name());
            if name != object.introspection_type_name() {
                return None;
            }
            let interfaces = ctx.schema_env.registry.implements.get(&*name);
            let has_interface = interfaces.is_some_and(|names| names.contains(condition));
            if name != condition && !has_interface {
                continue;
            }
        }
        collect_fields(ctx, object, &set.node, fields)?;
    }
    Some(())
}

fn is_type_name(field: &Field) -> bool {
    field.name.node == "__typename"
}

/// Polls a resolver once, in the task that polls this.
async fn poll_once<T>(resolver: &mut BoxedResolver<'_, T>) -> Poll<ServerResult<T>> {
    poll_fn(|task| Poll::Ready(resolver.as_mut().poll(task))).await
}

/// Runs the resolvers that must wait; each result comes with the position of its resolver.
fn concurrently<'a, T: Send + 'a>(
    waiting: Vec<(usize, BoxedResolver<'a, T>)>,
) -> FuturesUnordered<impl Future<Output = (usize, ServerResult<T>)> + Send + 'a> {
    let with_position = |(position, resolver): (usize, BoxedResolver<'a, T>)| {
        resolver.map(move |result| (position, result))
    };
    waiting.into_iter().map(with_position).collect()
}

/// Inserts a value. Selections of one key are merged (GraphQL specification, section 6.4.3).
fn insert(answer: &mut IndexMap<Name, Value>, key: Name, value: Value) {
    match answer.entry(key) {
        Entry::Vacant(entry) => {
            entry.insert(value);
        }
        Entry::Occupied(mut entry) => merge(entry.get_mut(), value),
    }
}

fn merge(earlier: &mut Value, later: Value) {
    match (earlier, later) {
        (Value::Object(earlier), Value::Object(later)) => {
            for (key, value) in later {
                insert(earlier, key, value);
            }
        }
        (Value::List(earlier), Value::List(later)) => {
            for (earlier, later) in earlier.iter_mut().zip(later) {
                merge(earlier, later);
            }
        }
        // Scalars of one key are equal, and a value that is written already has its key to itself.
        _ => {}
    }
}

/// The rows of a list.
#[derive(Debug)]
pub struct Rows<'a, T>(Vec<&'a T>);

impl<'a, T> FromIterator<&'a T> for Rows<'a, T> {
    fn from_iter<I: IntoIterator<Item = &'a T>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

#[async_graphql::async_trait::async_trait]
impl<T: OutputType> OutputType for Rows<'_, T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    /// Resolves the rows concurrently. An error of a row is that of the list.
    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let contexts: Vec<_> = (0..self.0.len()).map(|position| ctx.with_index(position)).collect();
        let (mut values, mut waiting) = (Vec::with_capacity(self.0.len()), Vec::new());
        for (position, (row, ctx)) in self.0.iter().zip(&contexts).enumerate() {
            let mut resolver = row.resolve(ctx, field);
            let value = match poll_once(&mut resolver).await {
                Poll::Ready(value) => value.map_err(|error| ctx.set_error_path(error))?,
                Poll::Pending => {
                    waiting.push((position, resolver));
                    Value::Null
                }
            };
            values.push(value);
        }
        let mut waiting = concurrently(waiting);
        while let Some((position, value)) = waiting.next().await {
            values[position] = value.map_err(|error| contexts[position].set_error_path(error))?;
        }
        Ok(Value::List(values))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_graphql::{EmptyMutation, EmptySubscription, Interface, Object, Request, Schema};
    use serde_json::Value as Json;

    use super::Rows;
    use crate::budget::{AnswerBudget, write_response};

    /// An object of which some fields must wait, and some fail.
    struct Node(i32);

    #[Object(crate = "crate::budget")]
    impl Node {
        async fn id(&self) -> i32 {
            self.0
        }
        async fn late(&self) -> i32 {
            for _ in 0..self.0 {
                tokio::task::yield_now().await;
            }
            self.0
        }
        async fn failing(&self) -> async_graphql::Result<Option<i32>> {
            Err("wrong".into())
        }
        async fn required(&self) -> async_graphql::Result<i32> {
            tokio::task::yield_now().await;
            if self.0 == 1 { Err("wrong".into()) } else { Ok(self.0) }
        }
        async fn inner(&self) -> Node {
            Self(self.0 + 1)
        }
        async fn rows(&self) -> Vec<Node> {
            (0..40).map(Self).collect()
        }
    }

    #[derive(Interface)]
    #[graphql(crate = "crate::budget", field(name = "id", ty = "i32"))]
    enum Any {
        Node(Node),
    }

    #[derive(Default)]
    struct Query(Vec<Node>);

    #[Object(crate = "crate::budget")]
    impl Query {
        async fn node(&self) -> Node {
            Node(1)
        }
        async fn any(&self) -> Any {
            Node(1).into()
        }
        async fn rows(&self) -> Rows<'_, Node> {
            self.0.iter().collect()
        }
    }

    type TestSchema = Schema<Query, EmptyMutation, EmptySubscription>;

    fn schema(rows: i32) -> TestSchema {
        let query = Query((0..rows).map(Node).collect());
        Schema::build(query, EmptyMutation, EmptySubscription).finish()
    }

    /// The answer, and its errors by message and path, with or without a budget: without one,
    /// async-graphql resolves the fields.
    async fn answer(schema: &TestSchema, query: &str, has_budget: bool) -> (Json, Vec<String>) {
        let mut request = Request::new(query);
        if has_budget {
            request = request.data(Arc::<AnswerBudget>::default());
        }
        let response = schema.execute(request).await;
        let mut errors: Vec<_> =
            response.errors.iter().map(|it| format!("{} {:?}", it.message, it.path)).collect();
        errors.sort();
        (response.data.into_json().expect("JSON"), errors)
    }

    #[tokio::test]
    async fn fields_are_resolved_as_async_graphql_resolves_them() {
        let schema = schema(50);
        for query in [
            "{ node { id late } }",
            "{ node { late id inner { late inner { id } } __typename } }",
            "{ a: node { id } b: node { id: late } }",
            "{ node { failing id } }",
            "{ node { id required late } }",
            "{ node { required } }",
            "{ node { inner { id } inner { late inner { id } } rows { id } rows { late } } }",
            "{ node { ... { id } ... on Node { late } ... on Any { inner { id } } ...F } }
                fragment F on Node { inner { late } }",
            "{ any { id __typename } }",
            "{ any { ... on Any { id } } }",
            "query($no: Boolean = false) { node { id @skip(if: $no) late @include(if: $no) } }",
            "{ rows { id late } }",
            "{ rows { inner { id } inner { late } __typename } }",
            "{ rows { id required } }",
        ] {
            let (own, own_errors) = answer(&schema, query, true).await;
            let (library, library_errors) = answer(&schema, query, false).await;
            assert_eq!(own, library, "{query}");
            assert_eq!(own_errors, library_errors, "{query}");
        }
    }

    #[tokio::test]
    async fn fields_are_in_the_order_of_the_selection() {
        let request = Request::new("{ node { late inner { late id } id } }");
        let response = schema(0).execute(request.data(Arc::<AnswerBudget>::default())).await;
        let written = write_response(&response, 0).expect("JSON");
        let expected = r#"{"data":{"node":{"late":1,"inner":{"late":2,"id":2},"id":1}}}"#;
        assert_eq!(String::from_utf8_lossy(&written), expected);
    }

    #[test]
    fn values_of_one_key_are_merged() {
        let mut earlier = async_graphql::value!({ "a": [{ "b": 1 }, { "b": 2 }], "c": 3 });
        super::merge(
            &mut earlier,
            async_graphql::value!({ "a": [{ "d": 4 }, { "b": 2 }], "e": 5 }),
        );
        let expected =
            async_graphql::value!({ "a": [{ "b": 1, "d": 4 }, { "b": 2 }], "c": 3, "e": 5 });
        assert_eq!(earlier, expected);
    }
}
