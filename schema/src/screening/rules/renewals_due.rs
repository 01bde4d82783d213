//! Validation of a query of the contracts that end in a window.
use super::validate_contract_filter;
use crate::fault::{FieldPath, InputErrors, Result};
use crate::screening::model::{ContractFilter, RenewalsDueQuery, ValidContractFilter};
use crate::text::validate_date;
use crate::user_message::UserMessage;

/// Validates a query of the contracts that end in a window, and combines its conditions into one
/// filter.
///
/// # Errors
/// `Invalid` with one error for each malformed date, an empty window, and each condition that is
/// given twice; otherwise as [`validate_contract_filter`].
pub fn validate_renewals_due(query: RenewalsDueQuery) -> Result<ValidContractFilter> {
    let RenewalsDueQuery { from, to, department, readiness, filter, order: _ } = query;
    let mut errors = InputErrors::default();
    let first = validate_date(&from, &FieldPath::argument("from"), &mut errors);
    let last = validate_date(&to, &FieldPath::argument("to"), &mut errors);
    if first.zip(last).is_some_and(|(first, last)| first > last) {
        errors.add(&FieldPath::argument("to"), UserMessage::DateRangeEmpty);
    }
    for (name, is_repeated) in [
        ("endsFrom", filter.ends_from.is_some()),
        ("endsUntil", filter.ends_until.is_some()),
        ("departmentId", filter.department_id.is_some() && department.is_some()),
        ("readiness", !filter.readiness.is_empty() && !readiness.is_empty()),
    ] {
        if is_repeated {
            errors.add(&FieldPath::argument("filter").at(name), UserMessage::ConditionRepeated);
        }
    }
    errors.finish()?;
    validate_contract_filter(ContractFilter {
        ends_from: Some(from),
        ends_until: Some(to),
        department_id: department.or(filter.department_id),
        readiness: if readiness.is_empty() { filter.readiness.clone() } else { readiness },
        ..filter
    })
}
