//! Validates searches among organizations.
use std::collections::BTreeSet;

use super::validate_searched_identifier;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::organization::model::{Identifier, OrganizationSearch};
use crate::search::validate_words;
use crate::user_message::UserMessage;

/// The smallest number of letters and digits that parties are searched by.
pub const MIN_PARTY_SEARCH_CHARS: usize = 3;

/// A validated search among organizations. Every criterion that is present must fit.
#[derive(Clone, Debug, Default)]
pub struct SearchCriteria {
    pub text: Option<SearchText>,
    /// An identifier that the organization claims, including a disputed one.
    pub identifier: Option<Identifier>,
}

/// A validated search text.
#[derive(Clone, Debug)]
pub struct SearchText {
    /// The words that the names must have, each as the beginning of a word.
    pub words: BTreeSet<String>,
    /// The text in upper case, with which a number may begin; none if it is no beginning of a number.
    pub number: Option<String>,
}

/// Validates a search of the City's staff.
///
/// # Errors
/// `Invalid` for a text without letters and digits or a malformed identifier.
pub fn validate_search(search: &OrganizationSearch) -> Result<SearchCriteria> {
    let text = search.text.as_deref();
    let path = FieldPath::argument("text");
    let text = text.map(|it| validate_search_text(it, 1, &path)).transpose()?;
    let path = FieldPath::argument("identifier");
    let identifier = search.identifier.as_ref();
    let identifier = identifier.map(|it| validate_searched_identifier(it, &path)).transpose()?;
    Ok(SearchCriteria { text, identifier })
}

/// Validates a search text with at least `min_chars` letters and digits.
///
/// # Errors
/// `Invalid` for a text that is too short, too long, or has too many words.
pub fn validate_search_text(text: &str, min_chars: usize, path: &FieldPath) -> Result<SearchText> {
    let mut errors = InputErrors::default();
    let words = validate_words(text, path, &mut errors);
    errors.finish()?;
    if text.chars().filter(|it| it.is_alphanumeric()).count() < min_chars || words.is_empty() {
        return Err(Fault::invalid(path, UserMessage::SearchTextTooShort { min: min_chars }));
    }
    let number = text.trim().to_ascii_uppercase();
    let is_number = number.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    Ok(SearchText { words, number: is_number.then_some(number) })
}
