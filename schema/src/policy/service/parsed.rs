//! The policies that were parsed last. A write reads the same policy several times, and a long text is always
//! the same policy: it is parsed once in a process, and still read from the database each time.
use std::sync::{Mutex, PoisonError};

use crate::gate::{Policy, PolicyProblem};

/// How many policies are kept. A city has few in force, and the oldest contracts name some more.
const KEPT: usize = 8;

/// The texts with their policies, the last used one last.
static PARSED: Mutex<Vec<(String, Policy)>> = Mutex::new(Vec::new());

/// Returns the policy of a stored text, as [`Policy::from_stored`] reads it.
///
/// # Errors
/// As [`Policy::from_stored`].
pub(super) fn parse_stored(text: &str) -> Result<Policy, Vec<PolicyProblem>> {
    if let Some(policy) = find(text) {
        return Ok(policy);
    }
    let policy = Policy::from_stored(text)?;
    let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if parsed.len() == KEPT {
        parsed.remove(0);
    }
    parsed.push((text.to_owned(), policy.clone()));
    Ok(policy)
}

/// Finds a policy by its whole text, and makes it the last used one.
fn find(text: &str) -> Option<Policy> {
    let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    let place = parsed.iter().position(|(kept, _)| kept == text)?;
    parsed[place..].rotate_left(1);
    parsed.last().map(|(_, policy)| policy.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(version: usize) -> String {
        let text = include_str!("../../../../policies/version-1.toml");
        let mut policy = Policy::parse(text).expect("a policy").to_json_value();
        policy["version"] = version.into();
        policy.to_string()
    }

    #[test]
    fn a_text_is_always_its_own_policy() {
        // More than are kept, again and again, and one that is used between all others.
        for version in (1..=2 * KEPT).chain(1..=KEPT) {
            for version in [version, 1] {
                let text = text_of(version);
                let parsed = parse_stored(&text).expect("a policy");
                assert_eq!(parsed, Policy::from_stored(&text).expect("a policy"));
                assert_eq!(parsed.version() as usize, version);
            }
            let kept = PARSED.lock().expect("an unpoisoned lock").len();
            assert!(kept <= KEPT, "{kept}");
        }
        assert!(find(&text_of(1)).is_some(), "the one that is used most is kept");
    }

    #[test]
    fn a_text_that_cannot_be_read_is_not_kept() {
        let text = text_of(1).replace("\"version\"", "\"verzion\"");
        assert!(parse_stored(&text).is_err());
        assert!(find(&text).is_none());
    }
}
