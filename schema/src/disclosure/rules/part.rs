//! Parts of a filed statement that a question or a rejection is about. Pure.
use serde_json::Value;

use super::withheld::lookup;
use crate::fault::{FieldPath, InputErrors};

/// Notes it at `at` if the path leads nowhere in the statement. A field that was left out can be
/// asked about: what it would stand in must be there.
pub fn names_a_part(statement: &str, path: &[String], at: &FieldPath, problems: &mut InputErrors) {
    let Some((_, inside)) = path.split_last() else { return };
    let statement: Value = serde_json::from_str(statement).unwrap_or(Value::Null);
    let is_there = lookup(&statement, path).is_some();
    let could_be = || {
        let around = if inside.is_empty() { Some(&statement) } else { lookup(&statement, inside) };
        around.is_some_and(Value::is_object)
    };
    if !is_there && !could_be() {
        let told = "There is nothing in the statement at this path; write it from the statement \
            inwards, list items by their index from 0, such as dhs, agreements, 0, description.";
        problems.add(at, "invalid", told);
    }
}
