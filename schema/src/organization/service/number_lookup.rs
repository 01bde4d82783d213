//! Look-up by number: the department that is meant, and the choice among several with one number.
use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;

use super::store;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::organization::model::{DepartmentId, Lookup, LookupArguments, NumberLookup};
use crate::text::{MAX_LINE_CHARS, validate_required};
use crate::user_message::UserMessage;

/// Validates the arguments of a look-up and finds the department.
///
/// # Errors
/// `Invalid` unless exactly one of the identifier and the number is given, for a department beside an
/// identifier, an empty or too long value, and an unknown department.
pub async fn parse_lookup<I>(
    db: &impl ConnectionTrait,
    arguments: LookupArguments<I>,
) -> Result<Lookup<I>> {
    let (number_path, department_path) =
        (FieldPath::argument("number"), FieldPath::argument("department"));
    let LookupArguments { id, number, department } = arguments;
    let number = match (id, number) {
        (Some(id), None) => {
            if department.is_some() {
                let message = UserMessage::DepartmentWithoutNumber;
                return Err(Fault::invalid(&department_path, message));
            }
            return Ok(Lookup::Id(id));
        }
        (None, Some(number)) => number,
        (Some(_), Some(_)) | (None, None) => {
            return Err(Fault::invalid(&number_path, UserMessage::LookupUnclear));
        }
    };
    let mut errors = InputErrors::default();
    let number = validate_required(&number, MAX_LINE_CHARS, &number_path, &mut errors);
    let department = department
        .map(|given| validate_required(&given, MAX_LINE_CHARS, &department_path, &mut errors));
    errors.finish()?;
    let department = match department {
        Some(given) => Some(find_department(db, &given, &department_path).await?),
        None => None,
    };
    Ok(Lookup::Number(NumberLookup { number, department }))
}

/// Validates a number that a field of an input gives, and the department beside it: see [`parse_lookup`].
/// Errors of the number are at `field` instead of `number`.
///
/// # Errors
/// As [`parse_lookup`].
pub async fn parse_number<I>(
    db: &impl ConnectionTrait,
    number: &str,
    department: Option<&str>,
    field: &str,
) -> Result<NumberLookup> {
    let (number, department) = (Some(number.to_owned()), department.map(str::to_owned));
    let arguments = LookupArguments::<I> { id: None, number, department };
    match parse_lookup(db, arguments).await {
        Ok(Lookup::Number(lookup)) => Ok(lookup),
        Ok(Lookup::Id(_)) => Err(Fault::NotFound),
        Err(fault) => Err(rename_number(fault, field)),
    }
}

/// Moves the errors of a number to the field that gives it.
#[must_use]
pub fn rename_number(fault: Fault, field: &str) -> Fault {
    let Fault::Invalid(errors) = fault else { return fault };
    let errors = errors.into_iter().map(|error| match error.path.first() {
        Some(name) if name == "number" => FieldPath::argument(field).user_error(error.message),
        _ => error,
    });
    Fault::Invalid(errors.collect())
}

/// Finds the department that an input names by its identifier, its code or its name; a code counts before
/// a name. `path` is the field of the input.
///
/// # Errors
/// `Invalid` for an empty or too long text and an unknown department.
pub async fn require_department(
    db: &impl ConnectionTrait,
    given: &str,
    path: &FieldPath,
) -> Result<DepartmentId> {
    let mut errors = InputErrors::default();
    let given = validate_required(given, MAX_LINE_CHARS, path, &mut errors);
    errors.finish()?;
    find_department(db, &given, path).await
}

/// Finds a department by its identifier, its code or its name; a code counts before a name.
async fn find_department(
    db: &impl ConnectionTrait,
    given: &str,
    path: &FieldPath,
) -> Result<DepartmentId> {
    let rows = match given.parse::<DepartmentId>() {
        Ok(id) => store::load_departments(db, vec![id.uuid()]).await?,
        Err(_) => store::list_departments_named(db, given).await?,
    };
    let has_code = rows.iter().find(|row| row.code.eq_ignore_ascii_case(given));
    let found = has_code.or(rows.first());
    found.map(|row| row.id).ok_or_else(|| {
        Fault::invalid(path, UserMessage::NoSuchDepartment { given: given.to_owned() })
    })
}

/// Chooses the row that a number means. `key` returns a row's department and number.
///
/// # Errors
/// `Invalid` if several departments have the number, with their codes, and if one department has it
/// in several spellings, of which the given one is none.
pub async fn choose_by_number<T>(
    db: &impl ConnectionTrait,
    lookup: &NumberLookup,
    mut found: Vec<T>,
    key: fn(&T) -> (DepartmentId, &String),
) -> Result<Option<T>> {
    if found.len() <= 1 {
        return Ok(found.pop());
    }
    let departments: BTreeSet<_> = found.iter().map(|row| key(row).0.uuid()).collect();
    if departments.len() > 1 {
        let rows = store::load_departments(db, departments.into_iter().collect()).await?;
        let codes: BTreeSet<String> = rows.into_iter().map(|row| row.code).collect();
        let departments = codes.into_iter().collect::<Vec<_>>().join(", ");
        let message = UserMessage::NumberAmbiguous { departments };
        return Err(Fault::invalid(&FieldPath::argument("department"), message));
    }
    if let Some(exact) = found.iter().position(|row| *key(row).1 == lookup.number) {
        return Ok(Some(found.swap_remove(exact)));
    }
    let spellings: BTreeSet<&str> = found.iter().map(|row| key(row).1.as_str()).collect();
    let numbers = spellings.into_iter().collect::<Vec<_>>().join(", ");
    Err(Fault::invalid(&FieldPath::argument("number"), UserMessage::NumberSpellings { numbers }))
}
