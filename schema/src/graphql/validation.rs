//! Whether a document that has passed validation passes again, so that it is executed without the rules.
//!
//! The rules visit every selection 22 times, which takes a tenth of the processor time of a request for one row.
//! Only one of them depends on the request: the value of each variable must fit the arguments that it is used
//! for. A document passes again if its variables fit again. Each value is compared with the types of the
//! arguments and not with the variable's own: async-graphql has a rule that compares both types, and never
//! applies it (`VisitorCons` in its sources does not forward `enter_input_value`). Values of input objects are
//! not compared here; a request with one is validated each time.
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, OperationType, Selection, SelectionSet,
};
use async_graphql::registry::{
    MetaInputValue, MetaType, MetaTypeName, Registry, ScalarValidatorFn,
};
use async_graphql::{Context, Name, Positioned, Value, Variables};
use async_graphql_value::Value as Argument;

/// A document, and whether it has passed validation. All requests that send it share this.
#[derive(Debug)]
pub struct DocumentValidation {
    document: ExecutableDocument,
    /// Set when the document has passed: the variables whose values must fit again; none if it is validated
    /// for each request.
    passed: OnceLock<Option<Vec<VariableUse>>>,
}

/// A variable that is the value of an argument.
#[derive(Debug)]
struct VariableUse {
    variable: Name,
    /// The type of the argument, as in SDL.
    argument_type: String,
    leaf: Leaf,
}

/// The scalar or enumeration of an argument or of its list; none for an input object.
struct Leaf(Option<ScalarValidatorFn>);

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Leaf").field(&self.0.is_some()).finish()
    }
}

impl DocumentValidation {
    /// Returns the state of a document that was not validated yet.
    #[must_use]
    pub const fn new(document: ExecutableDocument) -> Self {
        Self { document, passed: OnceLock::new() }
    }

    /// Returns the document.
    #[must_use]
    pub const fn document(&self) -> &ExecutableDocument {
        &self.document
    }

    /// Returns whether the document has passed validation and passes it with these variables too.
    #[must_use]
    pub fn passes_again(&self, variables: &Variables) -> bool {
        let Some(Some(uses)) = self.passed.get() else { return false };
        uses.iter().all(|it| {
            let value = variables.get(&it.variable);
            value.is_none_or(|value| fits(value, &it.argument_type, &it.leaf))
        })
    }

    /// Remembers that the document has passed.
    fn remember(&self, types: Types<'_>) {
        self.passed.get_or_init(|| find_uses(&self.document, types));
    }
}

/// Returns whether a value fits an argument, as async-graphql's rule decides it (`is_valid_input_value` in its
/// sources).
fn fits(value: &Value, argument_type: &str, leaf: &Leaf) -> bool {
    match (MetaTypeName::create(argument_type), value) {
        (MetaTypeName::NonNull(inner), value) => *value != Value::Null && fits(value, inner, leaf),
        (_, Value::Null) => true,
        (MetaTypeName::List(item), Value::List(values)) => {
            values.iter().all(|value| fits(value, item, leaf))
        }
        (MetaTypeName::List(item), value) => fits(value, item, leaf),
        (MetaTypeName::Named(_), value) => leaf.0.as_ref().is_some_and(|fits| fits(value)),
    }
}

/// Decides for each enumeration whether a value is one of its words.
pub(super) type Enumerations = HashMap<String, ScalarValidatorFn>;

/// The types of a schema.
#[derive(Clone, Copy)]
struct Types<'a> {
    registry: &'a Registry,
    enumerations: &'a Enumerations,
}

impl Types<'_> {
    fn leaf(self, argument_type: &str) -> Leaf {
        let name = MetaTypeName::concrete_typename(argument_type);
        Leaf(match self.registry.types.get(name) {
            Some(MetaType::Scalar { is_valid: Some(is_valid), .. }) => Some(Arc::clone(is_valid)),
            Some(MetaType::Scalar { is_valid: None, .. }) => Some(Arc::new(|_| true)),
            Some(MetaType::Enum { .. }) => self.enumerations.get(name).cloned(),
            _ => None,
        })
    }
}

/// All documents share them.
fn enumerations(registry: &Registry) -> Enumerations {
    let read = |(name, kind): (&String, &MetaType)| {
        let MetaType::Enum { enum_values, .. } = kind else { return None };
        let words: HashSet<String> = enum_values.keys().cloned().collect();
        let is_word = move |value: &Value| match value {
            Value::String(word) => words.contains(word),
            // The default of a variable.
            Value::Enum(word) => words.contains(word.as_str()),
            _ => false,
        };
        Some((name.clone(), Arc::new(is_word) as ScalarValidatorFn))
    };
    registry.types.iter().filter_map(read).collect()
}

/// Returns the variables among the arguments of a document. None if each request selects one of several
/// operations, or if a list or an object contains a variable: its other parts are not validated in a request
/// without the variable.
fn find_uses(document: &ExecutableDocument, types: Types<'_>) -> Option<Vec<VariableUse>> {
    let registry = types.registry;
    let mut operations = document.operations.iter();
    let (Some((_, operation)), None) = (operations.next(), operations.next()) else { return None };
    let mut uses = Uses { types, found: Vec::new() };
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
    types: Types<'a>,
    found: Vec<VariableUse>,
}

impl Uses<'_> {
    /// Adds the uses in a selection set on a type. `__typename` is no field of a type and takes no argument.
    fn add_set(&mut self, set: &SelectionSet, on: Option<&MetaType>) -> Option<()> {
        for selection in &set.items {
            self.add_directives(selection.node.directives())?;
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let declared = on.and_then(|it| it.field_by_name(&field.name.node));
                    self.add_arguments(&field.arguments, declared.map(|it| &it.args))?;
                    let name = declared.map(|it| MetaTypeName::concrete_typename(&it.ty));
                    let inner = name.and_then(|name| self.types.registry.types.get(name));
                    self.add_set(&field.selection_set.node, inner)?;
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let inner =
                        condition.map(|it| self.types.registry.types.get(it.node.on.node.as_str()));
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
            let declared = self.types.registry.directives.get(directive.node.name.node.as_str());
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
                if contains_variable(&value.node) {
                    return None;
                }
                continue;
            };
            if let Some(declared) = declared.and_then(|it| it.get(name.node.as_str())) {
                self.found.push(VariableUse {
                    variable: variable.clone(),
                    leaf: self.types.leaf(&declared.ty),
                    argument_type: declared.ty.clone(),
                });
            }
        }
        Some(())
    }
}

fn contains_variable(value: &Argument) -> bool {
    match value {
        Argument::Variable(_) => true,
        Argument::List(values) => values.iter().any(contains_variable),
        Argument::Object(members) => members.values().any(contains_variable),
        _ => false,
    }
}

/// Marks the document of a request as one that has passed validation: a field of a root is resolved only then. The
/// context has the types of the schema, whose enumerations are read once.
pub(super) fn mark_validated(ctx: &Context<'_>, schema_enumerations: &OnceLock<Enumerations>) {
    if let Some(validation) = ctx.data_opt::<Arc<DocumentValidation>>()
        && validation.passed.get().is_none()
    {
        let registry = &ctx.schema_env.registry;
        let enumerations = schema_enumerations.get_or_init(|| enumerations(registry));
        validation.remember(Types { registry, enumerations });
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::{
        EmptyMutation, EmptySubscription, Enum, ID, InputObject, Object, Request, Schema,
        ValidationMode, value,
    };
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::budget::AnswerBudget;
    use crate::graphql::root::Root;

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
        async fn ids(&self, ids: Option<Vec<ID>>) -> usize {
            ids.unwrap_or_default().len()
        }
        async fn required_ids(&self, ids: Vec<ID>) -> usize {
            ids.len()
        }
        async fn at(&self, at: Option<DateTime<Utc>>) -> bool {
            at.is_some()
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

    fn schema(mode: ValidationMode) -> TestSchema {
        let schema = Schema::build(Root::default(), EmptyMutation, EmptySubscription);
        schema.validation_mode(mode).finish()
    }

    /// Documents that differ by the type and the place of the variable `$v`, and whether some request for each
    /// is not validated.
    const DOCUMENTS: [(&str, bool); 24] = [
        ("{ number(number: 1) }", true),
        ("{ absent }", false),
        ("query($v: Int) { number(number: $v) }", true),
        ("query a($v: Int) { number(number: $v) }", true),
        ("query($v: Int! = 4) { required(number: $v) }", true),
        ("query($v: Int = 4) { required(number: $v) }", true),
        ("query($v: Int) { usual(number: $v) }", true),
        ("query($v: ID) { ids(ids: [$v]) }", false),
        ("query($v: [ID!]) { ids(ids: $v) }", true),
        ("query($v: [ID!]!) { requiredIds(ids: $v) }", true),
        ("query($v: String) { at(at: $v) }", true),
        ("query($v: [[Int]]) { number @skip(if: $v) }", true),
        ("query($v: Boolean!) { number(number: 1) kind @include(if: $v) }", true),
        ("query($v: Kind) { kind(kind: $v) }", true),
        ("query($v: Filter) { filter(filter: $v) }", true),
        ("query($v: Int) { filter(filter: { number: $v, absent: 1 }) }", false),
        ("query($v: Int) { filter(filter: { number: $v, kinds: [FIRST] }) }", false),
        (
            "query($v: Int) { ...f } fragment f on Query { number(number: $v) kind(kind: FIRST) }",
            true,
        ),
        (
            "query($v: Int) { ...f } fragment f on Query { filter(filter: { kinds: [NO] }) usual(number: $v) }",
            false,
        ),
        ("query($v: Int) { ... on Query { number(number: $v) } ... { usual(number: $v) } }", true),
        (
            "query($v: Boolean) { ...f @skip(if: $v) required(number: 1) } fragment f on Query { number }",
            true,
        ),
        ("query($v: String!) { __type(name: $v) { name } number }", true),
        (
            "query($v: Int) { __schema { types { fields(includeDeprecated: $v) { name } } } number }",
            true,
        ),
        ("query a($v: Int) { number(number: $v) } query b($v: Kind) { kind(kind: $v) }", false),
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
            value!("Kind"),
            value!("7"),
            value!("2026-01-01T00:00:00Z"),
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
        validation: &Arc<DocumentValidation>,
        variables: Variables,
    ) -> String {
        let mut request = Request::new("").variables(variables);
        request.set_parsed_query(validation.document.clone());
        request.operation_name = match validation.document.operations.iter().count() {
            1 => None,
            _ => Some("b".to_owned()),
        };
        request = request.data(Arc::<AnswerBudget>::default()).data(Arc::clone(validation));
        let answer = schema.execute(request).await;
        format!("{:?} {:?}", answer.data, answer.errors)
    }

    #[tokio::test]
    async fn a_document_is_answered_alike_if_it_passes_again() {
        let (validating, repeating) =
            (schema(ValidationMode::Strict), schema(ValidationMode::Fast));
        for (text, expected) in DOCUMENTS {
            let document = parse_query(text).expect(text);
            let mut spared = false;
            for before in variables() {
                let validation = Arc::new(DocumentValidation::new(document.clone()));
                answer(&validating, &validation, before.clone()).await;
                for now in variables() {
                    if validation.passes_again(&now) {
                        spared = true;
                        let again = answer(&repeating, &validation, now.clone()).await;
                        let afresh = answer(&validating, &validation, now.clone()).await;
                        assert_eq!(again, afresh, "{text} with {before:?}, then {now:?}");
                    }
                }
            }
            assert_eq!(spared, expected, "{text}");
        }
    }
}
