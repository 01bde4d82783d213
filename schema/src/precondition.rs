//! The version of an object that a change requires (RFC 9110, section 13), checked under the lock of the
//! change.
use std::collections::BTreeSet;

use serde::Serialize;

use crate::canonical::canonical;
use crate::fault::{Fault, Result};

/// The number of hexadecimal digits of a version: 128 bits.
const VERSION_DIGITS: usize = 32;

/// The version of an object: a digest of what is shown of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectVersion(String);

impl ObjectVersion {
    /// Returns the version of an object from what is shown of it.
    ///
    /// # Errors
    /// `Internal` if it cannot be JSON.
    pub fn of(shown: &impl Serialize) -> Result<Self> {
        let mut digest = canonical(shown)?.sha256;
        digest.truncate(VERSION_DIGITS);
        Ok(Self(digest))
    }

    /// Returns the version that a client names, which no object may have.
    #[must_use]
    pub fn named(text: &str) -> Self {
        Self(text.to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a change requires of the object before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    #[default]
    None,
    /// There is none yet.
    Absent,
    /// There is one, in any version.
    Present,
    /// It has one of these versions.
    Versions(BTreeSet<ObjectVersion>),
}

impl Precondition {
    /// Checks the object before the change; none if there is none. Call it under the lock of the change.
    ///
    /// # Errors
    /// `PreconditionFailed`, in words that say what to do.
    pub fn check(&self, current: Option<&ObjectVersion>) -> Result<()> {
        let problem = match (self, current) {
            (Self::None, _) | (Self::Absent, None) | (Self::Present, Some(_)) => None,
            (Self::Versions(versions), Some(current)) if versions.contains(current) => None,
            (Self::Absent, Some(_)) => {
                Some("there is one already, and nothing was changed; read it and decide again")
            }
            (Self::Present | Self::Versions(_), None) => {
                Some("there is none yet, and nothing was changed; send it without the condition")
            }
            (Self::Versions(_), Some(_)) => Some(
                "it has changed since the version that you name, and nothing was changed; read it again \
                and decide again",
            ),
        };
        problem.map_or(Ok(()), |problem| Err(Fault::PreconditionFailed(problem)))
    }
}

#[cfg(test)]
mod tests {
    use super::{ObjectVersion, Precondition};
    use crate::fault::Fault;

    #[test]
    fn a_condition_holds_or_fails_with_words() {
        let [one, other] = ["one", "other"].map(|it| ObjectVersion::of(&it).expect("a version"));
        assert_eq!(one.as_str().len(), 32);
        let versions = |them: &[&ObjectVersion]| {
            Precondition::Versions(them.iter().map(|it| (*it).clone()).collect())
        };
        for (condition, current, holds) in [
            (Precondition::None, None, true),
            (Precondition::None, Some(&one), true),
            (Precondition::Absent, None, true),
            (Precondition::Absent, Some(&one), false),
            (Precondition::Present, None, false),
            (Precondition::Present, Some(&one), true),
            (versions(&[&one]), Some(&one), true),
            (versions(&[&other, &one]), Some(&one), true),
            (versions(&[&other]), Some(&one), false),
            (versions(&[&one]), None, false),
            (versions(&[]), Some(&one), false),
        ] {
            let result = condition.check(current);
            assert_eq!(result.is_ok(), holds, "{condition:?} {current:?}");
            assert!(holds || matches!(result, Err(Fault::PreconditionFailed(_))));
        }
    }
}
