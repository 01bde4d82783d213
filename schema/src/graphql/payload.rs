//! Payloads of mutations: a value or the errors in the input.
use crate::fault::{Fault, Result, UserError};

/// Splits a result into value and user errors. Only `Invalid` becomes user errors; every other fault
/// propagates.
///
/// # Errors
/// Every fault except `Invalid`.
pub fn split_user_errors<T, N: From<T>>(result: Result<T>) -> Result<(Option<N>, Vec<UserError>)> {
    match result {
        Ok(value) => Ok((Some(value.into()), Vec::new())),
        Err(Fault::Invalid(errors)) => Ok((None, errors)),
        Err(fault) => Err(fault),
    }
}
