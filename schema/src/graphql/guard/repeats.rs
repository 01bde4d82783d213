//! Bounds how often one field occurs in one object of the answer.
use std::collections::HashMap;

use async_graphql::ServerError;
use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

use super::limit;

/// The maximum number of times that a field occurs in one selection set, under any alias. Root fields have
/// a limit of their own, so that `node` may be the only root field.
const MAX_REPEATS: u32 = 20;

/// Checks how often each field occurs in one object of the answer, with fragments expanded and the
/// selections of fields with the same response key merged.
///
/// Visits a fragment each time it is spread, so the other limits must be checked before.
///
/// # Errors
/// `LIMIT_EXCEEDED` with the field's name.
pub(super) fn check_repeats(document: &ExecutableDocument) -> Result<(), ServerError> {
    for (_, operation) in document.operations.iter() {
        for (_, sets) in merged_selections(document, &[&operation.node.selection_set.node], false)?
        {
            check_sets(document, &sets)?;
        }
    }
    Ok(())
}

fn check_sets(document: &ExecutableDocument, sets: &[&SelectionSet]) -> Result<(), ServerError> {
    for (_, inner) in merged_selections(document, sets, true)? {
        check_sets(document, &inner)?;
    }
    Ok(())
}

/// Returns the selections below each response key of the sets that form one object of the answer.
fn merged_selections<'a>(
    document: &'a ExecutableDocument,
    sets: &[&'a SelectionSet],
    is_bounded: bool,
) -> Result<HashMap<&'a str, Vec<&'a SelectionSet>>, ServerError> {
    let mut fields = Vec::new();
    for set in sets {
        add_fields(document, set, &mut fields);
    }
    let mut repeats = HashMap::<&str, u32>::new();
    let mut below = HashMap::<&str, Vec<&SelectionSet>>::new();
    for field in fields {
        let name = field.name.node.as_str();
        let count = repeats.entry(name).or_default();
        *count += 1;
        if is_bounded && *count > MAX_REPEATS {
            return Err(limit(format!(
                "the field {name} occurs more than {MAX_REPEATS} times in one selection; request it \
                 once, or the rest in another request"
            )));
        }
        if !field.selection_set.node.items.is_empty() {
            let key = field.response_key().node.as_str();
            below.entry(key).or_default().push(&field.selection_set.node);
        }
    }
    Ok(below)
}

/// Adds the fields of a set with fragments expanded. The weigher has checked that fragments contain no cycle.
fn add_fields<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    fields: &mut Vec<&'a Field>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => fields.push(&field.node),
            Selection::InlineFragment(fragment) => {
                add_fields(document, &fragment.node.selection_set.node, fields);
            }
            Selection::FragmentSpread(named) => {
                let name = &named.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name) {
                    add_fields(document, &fragment.node.selection_set.node, fields);
                }
            }
        }
    }
}
