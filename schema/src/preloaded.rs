//! Children loaded together with their parents, one statement a level.
use std::collections::HashMap;
use std::hash::Hash;

use crate::fault::{Fault, Result};

/// A child that is present only if the request asked for it. Reading one that was not loaded is an
/// error, never an empty list: a missing look-ahead must not read as "no agreements".
#[derive(Clone, Debug, Default)]
pub struct Preloaded<T>(Option<T>);

/// Merges what two selections of one child include.
pub fn merge<T>(left: Option<T>, right: Option<T>, merge: fn(T, T) -> T) -> Option<T> {
    match (left, right) {
        (Some(left), Some(right)) => Some(merge(left, right)),
        (left, right) => left.or(right),
    }
}

impl<T> Preloaded<T> {
    /// Calls `load` if the child `is_requested`.
    pub fn if_requested(is_requested: bool, load: impl FnOnce() -> T) -> Self {
        Self(is_requested.then(load))
    }

    /// Takes the children of the parent `id` out of `loaded` if they were requested; a parent that
    /// is not in the map has the default value.
    pub fn from_map<K: Eq + Hash>(is_requested: bool, loaded: &mut HashMap<K, T>, id: &K) -> Self
    where
        T: Default,
    {
        Self::if_requested(is_requested, || loaded.remove(id).unwrap_or_default())
    }

    /// # Errors
    /// `Internal` if the look-ahead did not load the child of this field.
    pub fn get(&self) -> Result<&T> {
        self.0.as_ref().ok_or_else(|| {
            Fault::Internal(format!("not preloaded: {}", std::any::type_name::<T>()).into())
        })
    }
}

impl<T: Clone> Preloaded<Option<T>> {
    /// Returns the child as its GraphQL type; `None` if there is none.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn get_as<U: From<T>>(&self) -> Result<Option<U>> {
        Ok(self.get()?.clone().map(U::from))
    }
}
