//! A firm's appeal against the confirmation of a match.
use super::MatchId;
use crate::disclosure::model::{Appeal, AppealedDecision};
use crate::principal::Principal;

/// The confirmation of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppealedConfirmation {
    pub match_id: MatchId,
    /// Who confirmed the match; this person may not decide the appeal.
    pub confirmed_by: Principal,
}

/// A firm's appeal against the confirmation of a match.
pub type ConfirmationAppeal = Appeal<AppealedConfirmation>;

impl AppealedDecision for AppealedConfirmation {
    const ONLY_ONCE: &'static str = "each confirmation may be appealed once";
    const AFTER_DEADLINE: &'static str = "amend your disclosure";
}
