//! How a person refers to a party that a bid or contract names.
use candor_matcher::fold::folded;

use crate::fault::{FieldPath, Result};
use crate::organization::model::{Identifier, Party};
use crate::organization::service::validate_searched_identifier;

/// A party's name, without regard to case, blanks and punctuation, and the identifier that was given with
/// it, if there is more than one of the name.
#[derive(Clone, Debug)]
pub struct PartyReference {
    folded_name: String,
    identifier: Option<Identifier>,
}

impl PartyReference {
    /// Validates a reference in the fields `name` and `identifier` of the input at `path`.
    ///
    /// # Errors
    /// `Invalid` for a malformed identifier.
    pub fn validate(name: &str, identifier: Option<&Identifier>, path: &FieldPath) -> Result<Self> {
        let identifier = identifier
            .map(|given| validate_searched_identifier(given, &path.at("identifier")))
            .transpose()?;
        Ok(Self { folded_name: folded(name), identifier })
    }

    /// Whether it refers to a party.
    pub fn names(&self, party: &Party) -> bool {
        folded(&party.name) == self.folded_name
            && self.identifier.as_ref().is_none_or(|given| party.identifier.as_ref() == Some(given))
    }
}
