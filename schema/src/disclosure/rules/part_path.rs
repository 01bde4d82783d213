//! Validates the paths that a clarification or a rejection names.
use serde_json::Value;

use super::withheld::find_at_path;
use crate::fault::{FieldPath, InputErrors};
use crate::user_message::UserMessage;

/// Records an error at `at` if `path` names no part of the statement. The last step may be a field
/// that the filing left empty, since a reviewer may ask about it.
pub fn validate_part_path(
    statement: &str,
    path: &[String],
    at: &FieldPath,
    errors: &mut InputErrors,
) {
    let Some((_, parent)) = path.split_last() else { return };
    let statement: Value = serde_json::from_str(statement).unwrap_or(Value::Null);
    let exists = find_at_path(&statement, path).is_some();
    let is_empty_field = || {
        let parent =
            if parent.is_empty() { Some(&statement) } else { find_at_path(&statement, parent) };
        parent.is_some_and(Value::is_object)
    };
    if !exists && !is_empty_field() {
        errors.add(at, UserMessage::PathUnknown);
    }
}
