//! The variables of a request as the GraphQL specification reads them. async-graphql (7.2) differs in two ways:
//! `@skip` and `@include` take a variable that was not sent for false, whatever its default is, so that a mutation
//! runs that must be skipped; and a nullable variable that was not sent is null. As a field of a change, null removes
//! what is on file.
use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, Field, InlineFragment, OperationDefinition,
    Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::Value as Argument;

/// Gives each variable that has a default and was not sent its default (section 6.1.2, `CoerceVariableValues`).
pub(super) fn fill_defaults(operation: &OperationDefinition, variables: &mut Variables) {
    for definition in &operation.variable_definitions {
        let name = &definition.node.name.node;
        if let Some(default) = &definition.node.default_value
            && !variables.contains_key(name)
        {
            variables.insert(name.clone(), default.node.clone());
        }
    }
}

/// Returns the nullable variables that were not sent and have no default.
pub(super) fn find_omitted(operation: &OperationDefinition, variables: &Variables) -> Vec<Name> {
    let definitions = operation.variable_definitions.iter().map(|it| &it.node);
    let omitted = definitions.filter(|it| {
        it.var_type.node.nullable
            && it.default_value.is_none()
            && !variables.contains_key(&it.name.node)
    });
    omitted.map(|it| it.name.node.clone()).collect()
}

/// Finds the first variable that was omitted and is the condition of a `@skip` or `@include` of the operation.
pub(super) fn find_omitted_condition<'a>(
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    omitted: &[Name],
) -> Option<&'a Name> {
    let fragments = list_fragments(document, &operation.selection_set.node);
    let used = fragments.iter().filter_map(|name| document.fragments.get(*name));
    let used = used.map(|fragment| &fragment.node.selection_set.node);
    [&operation.selection_set.node]
        .into_iter()
        .chain(used)
        .find_map(|set| in_directives(set, omitted))
}

fn in_directives<'a>(set: &'a SelectionSet, omitted: &[Name]) -> Option<&'a Name> {
    set.items.iter().find_map(|selection| {
        let directives = selection.node.directives().iter();
        let mut values = directives.flat_map(|it| &it.node.arguments).map(|(_, value)| &value.node);
        let condition = values.find_map(|value| match value {
            Argument::Variable(name) if omitted.contains(name) => Some(name),
            _ => None,
        });
        let inner = match &selection.node {
            Selection::Field(field) => &field.node.selection_set.node,
            Selection::InlineFragment(fragment) => &fragment.node.selection_set.node,
            Selection::FragmentSpread(_) => return condition,
        };
        condition.or_else(|| in_directives(inner, omitted))
    })
}

/// Lists the fragments that a selection spreads, also within others. No fragment contains itself here.
fn list_fragments<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet) -> Vec<&'a Name> {
    fn add<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, names: &mut Vec<&'a Name>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => add(document, &field.node.selection_set.node, names),
                Selection::InlineFragment(fragment) => {
                    add(document, &fragment.node.selection_set.node, names);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = document.fragments.get(name)
                        && !names.contains(&name)
                    {
                        names.push(name);
                        add(document, &fragment.node.selection_set.node, names);
                    }
                }
            }
        }
    }
    let mut names = Vec::new();
    add(document, set, &mut names);
    names
}

/// Returns a document with the operation alone, without what its omitted variables give: the arguments and the
/// fields of input objects that they are; in lists they are null (sections 6.4.1, `CoerceArgumentValues`, and 3.10,
/// "Input Coercion").
pub(super) fn without_omitted(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    omitted: &[Name],
) -> ExecutableDocument {
    let mut fragments = HashMap::new();
    for name in list_fragments(document, &operation.selection_set.node) {
        if let Some(fragment) = document.fragments.get(name) {
            let mut fragment = fragment.clone();
            remove_from_set(&mut fragment.node.selection_set.node, omitted);
            fragments.insert(name.clone(), fragment);
        }
    }
    let mut reduced = operation.clone();
    reduced.variable_definitions.retain(|it| !omitted.contains(&it.node.name.node));
    remove_from_set(&mut reduced.selection_set.node, omitted);
    let reduced = Positioned::new(reduced, operation.selection_set.pos);
    let operations = match &document.operations {
        DocumentOperations::Single(_) => DocumentOperations::Single(reduced),
        DocumentOperations::Multiple(all) => {
            let named = all.iter().find(|(_, it)| std::ptr::eq(&raw const it.node, operation));
            let named = named.map(|(name, _)| (name.clone(), reduced));
            DocumentOperations::Multiple(named.into_iter().collect())
        }
    };
    ExecutableDocument { operations, fragments }
}

fn remove_from_set(set: &mut SelectionSet, omitted: &[Name]) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                let Field { arguments, selection_set, .. } = &mut field.node;
                arguments.retain(|(_, value)| !is_omitted(&value.node, omitted));
                for (_, value) in arguments {
                    remove_from_value(&mut value.node, omitted);
                }
                remove_from_set(&mut selection_set.node, omitted);
            }
            Selection::InlineFragment(fragment) => {
                remove_from_set(&mut fragment.node.selection_set.node, omitted);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn remove_from_value(value: &mut Argument, omitted: &[Name]) {
    match value {
        Argument::Object(members) => {
            members.retain(|_, value| !is_omitted(value, omitted));
            for value in members.values_mut() {
                remove_from_value(value, omitted);
            }
        }
        Argument::List(values) => {
            for value in values {
                if is_omitted(value, omitted) {
                    *value = Argument::Null;
                } else {
                    remove_from_value(value, omitted);
                }
            }
        }
        _ => {}
    }
}

fn is_omitted(value: &Argument, omitted: &[Name]) -> bool {
    matches!(value, Argument::Variable(name) if omitted.contains(name))
}

/// Has every operation skip all that it selects: it is validated, and nothing is executed.
pub(super) fn skip_everything(document: &mut ExecutableDocument) {
    match &mut document.operations {
        DocumentOperations::Single(operation) => skip_all_of(&mut operation.node),
        DocumentOperations::Multiple(operations) => {
            for operation in operations.values_mut() {
                skip_all_of(&mut operation.node);
            }
        }
    }
}

fn skip_all_of(operation: &mut OperationDefinition) {
    let selected = std::mem::take(&mut operation.selection_set);
    let at = selected.pos;
    let at_start = |name| Positioned::new(Name::new(name), at);
    let condition = (at_start("if"), Positioned::new(Argument::Boolean(true), at));
    let skip = Directive { name: at_start("skip"), arguments: vec![condition] };
    let skipped = InlineFragment {
        type_condition: None,
        directives: vec![Positioned::new(skip, at)],
        selection_set: selected,
    };
    let skipped = Selection::InlineFragment(Positioned::new(skipped, at));
    let items = vec![Positioned::new(skipped, at)];
    operation.selection_set = Positioned::new(SelectionSet { items }, at);
}
