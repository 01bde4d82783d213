//! Validates a document that is sent again only once.
//!
//! Validation visits every selection with 22 rules, which takes a tenth of the processor time of a request
//! for one row. Only one of the rules depends on the request: the values of the variables must fit the
//! arguments. async-graphql does not compare the type of a variable with the types of the arguments that it is
//! used for, so that each value is compared with the types of the arguments here too.
use std::sync::{Arc, OnceLock};

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextParseQuery, NextValidation,
};
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, OperationType, Selection, SelectionSet,
};
use async_graphql::registry::{MetaInputValue, MetaType, MetaTypeName, Registry};
use async_graphql::{
    Name, Positioned, ServerError, ServerResult, ValidationResult, Value, Variables,
};
use async_graphql_value::Value as Argument;

/// Whether a document has passed validation, for all requests that send it.
#[derive(Debug)]
pub struct DocumentValidation {
    document: Arc<ExecutableDocument>,
    passed: OnceLock<Passed>,
}

/// A validation that a document has passed.
#[derive(Debug)]
struct Passed {
    result: ValidationResult,
    /// What of another request decides whether it passes too.
    uses: Vec<VariableUse>,
}

/// A variable that is the value of an argument.
#[derive(Debug)]
struct VariableUse {
    variable: Name,
    /// The type of the argument, as in SDL.
    argument_type: String,
}

impl DocumentValidation {
    /// Returns the state of a document that was not validated yet.
    #[must_use]
    pub const fn new(document: Arc<ExecutableDocument>) -> Self {
        Self { document, passed: OnceLock::new() }
    }

    /// Returns how the document passed earlier, if it passes with these variables too.
    fn earlier(&self, variables: &Variables, registry: &Registry) -> Option<ValidationResult> {
        let passed = self.passed.get()?;
        let mut uses = passed.uses.iter();
        let fit = uses.all(|it| {
            let value = variables.get(&it.variable);
            value.is_none_or(|value| fits(value, &it.argument_type, registry))
        });
        fit.then_some(passed.result)
    }

    /// Remembers that the document has passed, if nothing but its variables decides that for other requests.
    fn remember(&self, result: ValidationResult, registry: &Registry) {
        if let Some(uses) = find_uses(&self.document, registry) {
            self.passed.get_or_init(|| Passed { result, uses });
        }
    }
}

/// Returns the variables among the arguments of a document. None if each request selects one of several
/// operations, or if a list or an object contains a variable: the rest of it is not validated in a request
/// without the variable.
fn find_uses(document: &ExecutableDocument, registry: &Registry) -> Option<Vec<VariableUse>> {
    let mut operations = document.operations.iter();
    let (Some((_, operation)), None) = (operations.next(), operations.next()) else { return None };
    let mut uses = Uses { registry, found: Vec::new() };
    uses.add_directives(&operation.node.directives)?;
    let root = match operation.node.ty {
        OperationType::Query => Some(&registry.query_type),
        OperationType::Mutation => registry.mutation_type.as_ref(),
        OperationType::Subscription => registry.subscription_type.as_ref(),
    };
    let root = root.and_then(|name| registry.types.get(name));
    uses.add_set(&operation.node.selection_set.node, root)?;
    for fragment in document.fragments.values() {
        uses.add_directives(&fragment.node.directives)?;
        let on = registry.types.get(fragment.node.type_condition.node.on.node.as_str());
        uses.add_set(&fragment.node.selection_set.node, on)?;
    }
    Some(uses.found)
}

/// Collects the uses of variables. Its methods return none for a list or an object with a variable.
struct Uses<'a> {
    registry: &'a Registry,
    found: Vec<VariableUse>,
}

impl Uses<'_> {
    /// Adds those of a selection set on a type; none of async-graphql's own fields has a type here.
    fn add_set(&mut self, set: &SelectionSet, on: Option<&MetaType>) -> Option<()> {
        for selection in &set.items {
            self.add_directives(selection.node.directives())?;
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let declared = on.and_then(|it| it.field_by_name(&field.name.node));
                    self.add_arguments(&field.arguments, declared.map(|it| &it.args))?;
                    let name = declared.map(|it| MetaTypeName::concrete_typename(&it.ty));
                    let inner = name.and_then(|name| self.registry.types.get(name));
                    self.add_set(&field.selection_set.node, inner)?;
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let inner =
                        condition.map(|it| self.registry.types.get(it.node.on.node.as_str()));
                    self.add_set(&fragment.node.selection_set.node, inner.unwrap_or(on))?;
                }
                // Its definition is visited on its own.
                Selection::FragmentSpread(_) => {}
            }
        }
        Some(())
    }

    fn add_directives(&mut self, directives: &[Positioned<Directive>]) -> Option<()> {
        for directive in directives {
            let declared = self.registry.directives.get(directive.node.name.node.as_str());
            self.add_arguments(&directive.node.arguments, declared.map(|it| &it.args))?;
        }
        Some(())
    }

    fn add_arguments(
        &mut self,
        arguments: &[(Positioned<Name>, Positioned<Argument>)],
        declared: Option<&IndexMap<String, MetaInputValue>>,
    ) -> Option<()> {
        for (name, value) in arguments {
            let Argument::Variable(variable) = &value.node else {
                value.node.clone().into_const()?;
                continue;
            };
            if let Some(declared) = declared.and_then(|it| it.get(name.node.as_str())) {
                let (variable, argument_type) = (variable.clone(), declared.ty.clone());
                self.found.push(VariableUse { variable, argument_type });
            }
        }
        Some(())
    }
}

/// Returns whether a variable's value fits an argument, as async-graphql's rule decides it; false for input
/// objects, which that rule alone checks.
fn fits(value: &Value, argument_type: &str, registry: &Registry) -> bool {
    match (MetaTypeName::create(argument_type), value) {
        (MetaTypeName::NonNull(inner), value) => {
            *value != Value::Null && fits(value, inner, registry)
        }
        (_, Value::Null) => true,
        (MetaTypeName::List(item), Value::List(values)) => {
            values.iter().all(|value| fits(value, item, registry))
        }
        (MetaTypeName::List(item), value) => fits(value, item, registry),
        (MetaTypeName::Named(name), value) => match (registry.types.get(name), value) {
            (Some(MetaType::Scalar { is_valid, .. }), value) => {
                is_valid.as_ref().is_none_or(|is_valid| is_valid(value))
            }
            (Some(MetaType::Enum { enum_values, .. }), Value::String(word)) => {
                enum_values.contains_key(word)
            }
            _ => false,
        },
    }
}

/// Creates the part of a request that validates its document, unless it passed before.
#[derive(Debug)]
pub(super) struct ValidateOnce;

impl ExtensionFactory for ValidateOnce {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(RequestValidation::default())
    }
}

/// The validation of a request's document.
#[derive(Debug, Default)]
struct RequestValidation {
    earlier: OnceLock<ValidationResult>,
}

#[async_graphql::async_trait::async_trait]
impl Extension for RequestValidation {
    /// Looks for an earlier validation: only here, an extension sees the document and its variables.
    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let document = next.run(ctx, query, variables).await?;
        if let Some(validation) = validation(ctx)
            && let Some(passed) = validation.earlier(variables, &ctx.schema_env.registry)
        {
            self.earlier.get_or_init(|| passed);
        }
        Ok(document)
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        if let Some(passed) = self.earlier.get() {
            return Ok(*passed);
        }
        let passed = next.run(ctx).await?;
        if let Some(validation) = validation(ctx) {
            validation.remember(passed, &ctx.schema_env.registry);
        }
        Ok(passed)
    }
}

fn validation<'a>(ctx: &'a ExtensionContext<'_>) -> Option<&'a DocumentValidation> {
    ctx.data_opt::<Arc<DocumentValidation>>().map(Arc::as_ref)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_graphql::parser::parse_query;
    use async_graphql::{
        EmptyMutation, EmptySubscription, Enum, InputObject, Object, Request, Schema, value,
    };

    use super::*;
    use crate::budget::{AnswerBudget, Root};

    #[derive(Clone, Copy, PartialEq, Eq, Enum)]
    #[graphql(crate = "crate::budget")]
    enum Kind {
        First,
    }

    #[derive(InputObject)]
    #[graphql(crate = "crate::budget")]
    struct Filter {
        number: Option<i32>,
        kinds: Option<Vec<Kind>>,
    }

    #[derive(Default)]
    struct Query;

    #[Object(crate = "crate::budget")]
    impl Query {
        async fn number(&self, number: Option<i32>) -> Option<i32> {
            number
        }
        async fn required(&self, number: i32) -> i32 {
            number
        }
        async fn usual(&self, #[graphql(default = 3)] number: i32) -> i32 {
            number
        }
        async fn ids(&self, ids: Option<Vec<async_graphql::ID>>) -> usize {
            ids.unwrap_or_default().len()
        }
        async fn kind(&self, kind: Option<Kind>) -> bool {
            kind.is_some()
        }
        async fn filter(&self, filter: Option<Filter>) -> usize {
            filter.map_or(0, |it| {
                it.kinds.unwrap_or_default().len() + usize::from(it.number.is_some())
            })
        }
    }

    type TestSchema = Schema<Root<Query>, EmptyMutation, EmptySubscription>;

    /// Counts the validations that are not spared.
    #[derive(Clone, Default)]
    struct Count(Arc<AtomicUsize>);

    impl ExtensionFactory for Count {
        fn create(&self) -> Arc<dyn Extension> {
            Arc::new(self.clone())
        }
    }

    #[async_graphql::async_trait::async_trait]
    impl Extension for Count {
        async fn validation(
            &self,
            ctx: &ExtensionContext<'_>,
            next: NextValidation<'_>,
        ) -> Result<ValidationResult, Vec<ServerError>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            next.run(ctx).await
        }
    }

    fn schema(count: Count) -> TestSchema {
        let schema = Schema::build(Root::<Query>::default(), EmptyMutation, EmptySubscription);
        schema.extension(ValidateOnce).extension(count).finish()
    }

    /// Documents that differ by the type and the place of the variable `$v`.
    const DOCUMENTS: [&str; 17] = [
        "{ number(number: 1) }",
        "{ absent }",
        "query($v: Int) { number(number: $v) }",
        "query($v: Int! = 4) { required(number: $v) }",
        "query($v: Int = 4) { required(number: $v) }",
        "query($v: Int) { usual(number: $v) }",
        "query($v: ID) { ids(ids: [$v]) }",
        "query($v: [ID!]) { ids(ids: $v) }",
        "query($v: [[Int]]) { number @skip(if: $v) }",
        "query($v: Boolean!) { number(number: 1) kind @include(if: $v) }",
        "query($v: Kind) { kind(kind: $v) }",
        "query($v: Filter) { filter(filter: $v) }",
        "query($v: Int) { filter(filter: { number: $v, absent: 1 }) }",
        "query($v: Int) { filter(filter: { number: $v, kinds: [FIRST] }) }",
        "query($v: Int) { ...f } fragment f on Query { number(number: $v) kind(kind: FIRST) }",
        "query($v: Int) { ...f } fragment f on Query { filter(filter: { number: $v, kinds: [NO] }) }",
        "query a($v: Int) { number(number: $v) } query b($v: Kind) { kind(kind: $v) }",
    ];

    fn variables() -> Vec<Variables> {
        let given = [
            value!(null),
            value!(7),
            value!(-1),
            value!(3_000_000_000_u64),
            value!(1.5),
            value!(true),
            value!("FIRST"),
            value!("7"),
            value!([]),
            value!(["a", 7]),
            value!(["a", null]),
            value!([[1]]),
            value!({ "number": 1 }),
            value!({ "number": 1, "absent": 2 }),
            value!({ "kinds": ["FIRST", "NO"] }),
        ];
        let mut all = vec![Variables::default()];
        for value in given {
            all.push(Variables::from_value(value!({ "v": value })));
        }
        all
    }

    async fn answer(
        schema: &TestSchema,
        document: &ExecutableDocument,
        validation: Option<&Arc<DocumentValidation>>,
        variables: Variables,
    ) -> String {
        let mut request =
            Request::new("").variables(variables).data(Arc::<AnswerBudget>::default());
        request.set_parsed_query(document.clone());
        if document.operations.iter().len() > 1 {
            request = request.operation_name("b");
        }
        if let Some(validation) = validation {
            request = request.data(Arc::clone(validation));
        }
        let answer = schema.execute(request).await;
        format!("{:?} {:?}", answer.data, answer.errors)
    }

    #[tokio::test]
    async fn a_document_is_answered_alike_if_it_passed_before() {
        let count = Count::default();
        let schema = schema(count.clone());
        let (mut pairs, mut spared) = (0, 0);
        for text in DOCUMENTS {
            let document = Arc::new(parse_query(text).expect(text));
            for before in variables() {
                for now in variables() {
                    let validation = Arc::new(DocumentValidation::new(Arc::clone(&document)));
                    answer(&schema, &document, Some(&validation), before.clone()).await;
                    let before_again = count.0.load(Ordering::Relaxed);
                    let again = answer(&schema, &document, Some(&validation), now.clone()).await;
                    pairs += 1;
                    spared += usize::from(count.0.load(Ordering::Relaxed) == before_again);
                    let afresh = answer(&schema, &document, None, now.clone()).await;
                    assert_eq!(again, afresh, "{text} with {before:?}, then {now:?}");
                }
            }
        }
        assert!(spared > pairs / 10 && spared < pairs, "{spared} of {pairs}");
    }
}
