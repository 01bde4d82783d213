//! Validates identifiers.
use std::collections::BTreeSet;

use super::validate_list;
use crate::fault::{FieldPath, InputErrors, Result};
use crate::organization::model::{
    Identifier, IdentifierDecisionInput, IdentifierScheme, has_valid_check_digit,
};
use crate::spreadsheet::is_shortened_number;
use crate::text::{Limit, MAX_PROSE_CHARS, validate_required};
use crate::user_message::UserMessage;

/// The length limit of an identifier, such as a UEI.
const IDENTIFIER_LIMIT: Limit = Limit::line(50);

/// Which UEIs are accepted although their check digit is wrong.
#[derive(Clone, Copy, Debug)]
pub enum CheckedUeis<'a> {
    /// All: the sender has compared them.
    All,
    /// Those on record, which were accepted before.
    OnRecord(&'a [Identifier]),
}

impl CheckedUeis<'_> {
    fn includes(self, identifier: &Identifier) -> bool {
        match self {
            Self::All => true,
            Self::OnRecord(known) => known.contains(identifier),
        }
    }
}

/// Validates and normalizes the identifiers of a vendor in the City's records, which are not questioned,
/// and reports duplicates.
pub fn validate_vendor_identifiers(
    given: Vec<Identifier>,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Vec<Identifier> {
    validate_identifiers(given, CheckedUeis::All, path, errors)
}

/// Validates and normalizes an identifier to search by.
///
/// # Errors
/// `Invalid` with every error in it.
pub fn validate_searched_identifier(given: &Identifier, path: &FieldPath) -> Result<Identifier> {
    let mut errors = InputErrors::default();
    let identifier = validate_identifier(given, CheckedUeis::All, path, &mut errors);
    errors.finish()?;
    Ok(identifier)
}

/// Whether `own` numbers, such as the undisputed ones of a firm, hold another number than `given` of the
/// same issuer: then what was given names another firm of the same name.
pub fn has_other_number<'a>(
    own: impl IntoIterator<Item = &'a Identifier>,
    given: &[Identifier],
) -> bool {
    own.into_iter().any(|own| {
        let is_same_issuer = given.iter().any(|it| it.scheme == own.scheme);
        is_same_issuer && !given.contains(own)
    })
}

pub fn validate_identifiers(
    given: Vec<Identifier>,
    checked: CheckedUeis<'_>,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Vec<Identifier> {
    let cleaned = validate_list(given, path, errors, |given, at, errors| {
        validate_identifier(&given, checked, at, errors)
    });
    let mut seen = BTreeSet::new();
    for (index, identifier) in cleaned.iter().enumerate() {
        if !identifier.id.is_empty() && !seen.insert(identifier) {
            errors.add(&path.at(index), UserMessage::IdentifierRepeated);
        }
    }
    cleaned
}

pub fn validate_identifier(
    given: &Identifier,
    checked: CheckedUeis<'_>,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Identifier {
    let id_path = path.at("id");
    let id = validate_required(&given.id, IDENTIFIER_LIMIT, &id_path, errors).to_uppercase();
    let digits =
        |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = id.split('-').collect();
    if let [area, group, serial] = parts[..]
        && digits(area, 3)
        && digits(group, 2)
        && digits(serial, 4)
    {
        errors.add(&id_path, UserMessage::IdentifierLooksLikeSsn);
    }
    if is_shortened_number(&id) {
        errors.add(&id_path, UserMessage::NumberShortened { text: id.clone() });
    }
    let identifier = Identifier { scheme: given.scheme, id };
    let id = &identifier.id;
    match given.scheme {
        IdentifierScheme::Uei
            if !id.is_empty() && !checked.includes(&identifier) && !has_valid_check_digit(id) =>
        {
            errors.add(&id_path, UserMessage::UeiCheckFailed);
        }
        IdentifierScheme::Cage
            if !id.is_empty()
                && (id.len() != 5 || !id.bytes().all(|b| b.is_ascii_alphanumeric())) =>
        {
            errors.add(&id_path, UserMessage::CageMalformed);
        }
        _ => {}
    }
    identifier
}

/// Validates and normalizes the identifier and the reason of a decision about a claim.
///
/// # Errors
/// `Invalid` with every error in the input.
pub fn validate_identifier_decision(
    input: &IdentifierDecisionInput,
) -> Result<(Identifier, String)> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let identifier = validate_identifier(
        &input.identifier,
        CheckedUeis::All,
        &path.at("identifier"),
        &mut errors,
    );
    let reason = validate_required(&input.reason, MAX_PROSE_CHARS, &path.at("reason"), &mut errors);
    errors.finish()?;
    Ok((identifier, reason))
}
