//! How often one field stands in what is answered as one object.
use std::collections::HashMap;

use async_graphql::ServerError;
use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

use super::limit;

/// How often a field may stand in one selection set, whatever its aliases. Root fields have a
/// number of their own: `node` may stand there as often as any root field.
const MAX_REPEATS: u32 = 20;

/// Bounds how often one field is asked for in one object of the answer: fragments are spread out,
/// and the selections of fields with one response key are taken together.
///
/// Walks each selection as often as it is spread, so the document must be bounded before.
///
/// # Errors
/// `LIMIT_EXCEEDED` with the field's name.
pub(super) fn check(document: &ExecutableDocument) -> Result<(), ServerError> {
    for (_, operation) in document.operations.iter() {
        for (_, sets) in merged(document, &[&operation.node.selection_set.node], false)? {
            check_sets(document, &sets)?;
        }
    }
    Ok(())
}

fn check_sets(document: &ExecutableDocument, sets: &[&SelectionSet]) -> Result<(), ServerError> {
    for (_, inner) in merged(document, sets, true)? {
        check_sets(document, &inner)?;
    }
    Ok(())
}

/// The selections below each response key of some sets that are answered as one object.
fn merged<'a>(
    document: &'a ExecutableDocument,
    sets: &[&'a SelectionSet],
    is_bounded: bool,
) -> Result<HashMap<&'a str, Vec<&'a SelectionSet>>, ServerError> {
    let mut fields = Vec::new();
    for set in sets {
        spread(document, set, &mut fields);
    }
    let mut repeats = HashMap::<&str, u32>::new();
    let mut below = HashMap::<&str, Vec<&SelectionSet>>::new();
    for field in fields {
        let name = field.name.node.as_str();
        let count = repeats.entry(name).or_default();
        *count += 1;
        if is_bounded && *count > MAX_REPEATS {
            return Err(limit(format!(
                "the field {name} stands in one selection more than {MAX_REPEATS} times; ask for \
                 it once, or for the rest in another request"
            )));
        }
        if !field.selection_set.node.items.is_empty() {
            let key = field.response_key().node.as_str();
            below.entry(key).or_default().push(&field.selection_set.node);
        }
    }
    Ok(below)
}

/// Adds the fields of a set, fragments spread out. Fragments contain no cycle: they were weighed.
fn spread<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    fields: &mut Vec<&'a Field>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => fields.push(&field.node),
            Selection::InlineFragment(fragment) => {
                spread(document, &fragment.node.selection_set.node, fields);
            }
            Selection::FragmentSpread(named) => {
                let name = &named.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name) {
                    spread(document, &fragment.node.selection_set.node, fields);
                }
            }
        }
    }
}
