//! The policies that were parsed last. A write reads the same policy several times, and the same text is always
//! the same policy: it is parsed once in a process, and still read from the database each time.
use std::sync::{Mutex, PoisonError};

use crate::gate::{Policy, PolicyProblem};

/// How many policies are kept. Few are in force, and open solicitations and running contracts name some more.
const MAX_PARSED_POLICIES: usize = 8;

static PARSED: Mutex<ParsedPolicies> = Mutex::new(ParsedPolicies(Vec::new()));

/// Returns the policy of a stored text, as [`Policy::from_stored`] reads it.
///
/// # Errors
/// As [`Policy::from_stored`].
pub(super) fn parse_stored(text: &str) -> Result<Policy, Vec<PolicyProblem>> {
    let parsed = || PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(policy) = parsed().find(text) {
        return Ok(policy);
    }
    // Without the lock, so that no other policy waits.
    let policy = Policy::from_stored(text)?;
    parsed().keep(text, policy.clone());
    Ok(policy)
}

/// The texts with their policies, the last used one last.
struct ParsedPolicies(Vec<(String, Policy)>);

impl ParsedPolicies {
    /// Finds a policy by its whole text, and makes it the last used one.
    fn find(&mut self, text: &str) -> Option<Policy> {
        let place = self.0.iter().position(|(kept, _)| kept == text)?;
        self.0[place..].rotate_left(1);
        self.0.last().map(|(_, policy)| policy.clone())
    }

    /// Keeps a policy instead of the one that was not used for the longest time.
    fn keep(&mut self, text: &str, policy: Policy) {
        // Another request may have parsed it meanwhile.
        if self.find(text).is_some() {
            return;
        }
        if self.0.len() == MAX_PARSED_POLICIES {
            self.0.remove(0);
        }
        self.0.push((text.to_owned(), policy));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy_text(version: usize) -> String {
        let text = include_str!("../../../../policies/version-1.toml");
        let mut policy = Policy::parse(text).expect("a policy").to_json_value();
        policy["version"] = version.into();
        policy.to_string()
    }

    #[test]
    fn a_text_is_always_its_own_policy() {
        let (mut parsed, mut missed) = (ParsedPolicies(Vec::new()), Vec::new());
        // More than are kept, twice, and one that is used between all others.
        for version in (1..=2 * MAX_PARSED_POLICIES).chain(1..=2 * MAX_PARSED_POLICIES) {
            for version in [1, version] {
                let text = policy_text(version);
                let policy = Policy::from_stored(&text).expect("a policy");
                if parsed.find(&text).is_none() {
                    missed.push(version);
                    parsed.keep(&text, policy.clone());
                    parsed.keep(&text, policy.clone());
                }
                assert_eq!(parsed.find(&text), Some(policy), "it is kept now");
            }
            assert!(parsed.0.len() <= MAX_PARSED_POLICIES, "{}", parsed.0.len());
        }
        let times = |version: usize| missed.iter().filter(|it| **it == version).count();
        assert_eq!([times(1), times(2)], [1, 2], "what is used again stays: {missed:?}");
    }

    #[test]
    fn a_text_that_cannot_be_read_is_refused_each_time() {
        let text = policy_text(1).replace("\"version\"", "\"verzion\"");
        for _ in 0..2 {
            assert!(parse_stored(&text).is_err());
        }
    }
}
