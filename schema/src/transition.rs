//! Transitions between the states of an object.

/// A transition that the current state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTransition<S> {
    /// The current state.
    pub from: S,
    /// The requested state.
    pub to: S,
}

/// Returns the state `to` if the current state is one of `allowed`.
///
/// # Errors
/// `InvalidTransition` with both states if it is not.
pub fn transition<S: Copy + PartialEq>(
    from: S,
    allowed: &[S],
    to: S,
) -> Result<S, InvalidTransition<S>> {
    if allowed.contains(&from) { Ok(to) } else { Err(InvalidTransition { from, to }) }
}
