//! What was read together with its parent, one statement a level.
use std::collections::HashMap;
use std::hash::Hash;

use crate::fault::{Fault, Result};

/// A child that is there only if it was asked for. Asked for but not loaded is an error, never an
/// empty list: "no agreements" must never be an accident.
#[derive(Clone, Debug, Default)]
pub struct Preloaded<T>(Option<T>);

/// What either of two readers asks for of a child.
pub fn merge<T>(one: Option<T>, other: Option<T>, both: fn(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(both(one, other)),
        (one, other) => one.or(other),
    }
}

impl<T> Preloaded<T> {
    /// What `read` gives, if it was `asked` for.
    pub fn if_requested(asked: bool, read: impl FnOnce() -> T) -> Self {
        Self(asked.then(read))
    }

    /// What was read for the parent `id`, if it was `asked` for at all; a parent that has none has
    /// the empty value.
    pub fn from_map<K: Eq + Hash>(asked: bool, read: &mut HashMap<K, T>, id: &K) -> Self
    where
        T: Default,
    {
        Self::if_requested(asked, || read.remove(id).unwrap_or_default())
    }

    /// # Errors
    /// `Internal` if the look-ahead that reads it does not know of the field that asks.
    pub fn get(&self) -> Result<&T> {
        self.0.as_ref().ok_or_else(|| {
            Fault::Internal(format!("not preloaded: {}", std::any::type_name::<T>()).into())
        })
    }
}
