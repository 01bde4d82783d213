//! The transitions of a match. Each takes the match by value and returns the next one.
use super::{
    AwardMatch, Confirmation, Consideration, Coverage, Dismissal, FirmAnswer, MatchState,
    MatchStatus,
};
use crate::transition::InvalidTransition;

impl AwardMatch {
    /// The refused transition to `to`.
    const fn refused(&self, to: MatchStatus) -> InvalidTransition<MatchStatus> {
        InvalidTransition { from: self.status(), to }
    }

    /// Confirms an open match.
    ///
    /// # Errors
    /// Any other state. A dismissed match must be linked first.
    pub fn confirm(
        self,
        confirmation: Confirmation,
    ) -> Result<Self, InvalidTransition<MatchStatus>> {
        match self.state {
            MatchState::Open => Ok(Self { state: MatchState::Confirmed(confirmation), ..self }),
            MatchState::Confirmed(_)
            | MatchState::Dismissed { .. }
            | MatchState::Covered { .. } => Err(self.refused(MatchStatus::Confirmed)),
        }
    }

    /// Records the firm's answer to a confirmed match.
    ///
    /// # Errors
    /// A match that is not confirmed, or that the firm answered before.
    pub fn answer(self, answer: FirmAnswer) -> Result<Self, InvalidTransition<MatchStatus>> {
        let refused = self.refused(MatchStatus::Confirmed);
        match self.state {
            MatchState::Confirmed(confirmation @ Confirmation { answer: None, .. }) => {
                let confirmation = Confirmation { answer: Some(answer), ..confirmation };
                Ok(Self { state: MatchState::Confirmed(confirmation), ..self })
            }
            _ => Err(refused),
        }
    }

    /// Upholds a confirmation that the firm answered. Its deadlines remain.
    ///
    /// # Errors
    /// A match that is not confirmed, was not answered, or was upheld before.
    pub fn uphold(
        self,
        consideration: Consideration,
    ) -> Result<Self, InvalidTransition<MatchStatus>> {
        let refused = self.refused(MatchStatus::Confirmed);
        match self.state {
            MatchState::Confirmed(
                confirmation @ Confirmation {
                    answer: Some(FirmAnswer { consideration: None, .. }),
                    ..
                },
            ) => {
                let answer = confirmation
                    .answer
                    .map(|answer| FirmAnswer { consideration: Some(consideration), ..answer });
                let confirmation = Confirmation { answer, ..confirmation };
                Ok(Self { state: MatchState::Confirmed(confirmation), ..self })
            }
            _ => Err(refused),
        }
    }

    /// Dismisses a match: its link and its coverage end.
    ///
    /// # Errors
    /// A match that is already dismissed.
    pub fn dismiss(self, dismissal: Dismissal) -> Result<Self, InvalidTransition<MatchStatus>> {
        if self.status() == MatchStatus::Dismissed {
            return Err(self.refused(MatchStatus::Dismissed));
        }
        let confirmation = self.state.into_confirmation();
        Ok(Self { link: None, state: MatchState::Dismissed { dismissal, confirmation }, ..self })
    }

    /// Reopens a dismissed match, so that a new confirmation starts new deadlines. The earlier review
    /// remains in the ledger and in the appeals.
    ///
    /// # Errors
    /// A match that is not dismissed.
    pub fn reopen(self) -> Result<Self, InvalidTransition<MatchStatus>> {
        match self.state {
            MatchState::Dismissed { .. } => {
                Ok(Self { link: None, state: MatchState::Open, ..self })
            }
            MatchState::Open | MatchState::Confirmed(_) | MatchState::Covered { .. } => {
                Err(self.refused(MatchStatus::Open))
            }
        }
    }

    /// The match after its award was compared with the disclosed agreements. A match whose coverage
    /// ended returns to its confirmation, or else is open. A dismissed match stays dismissed.
    #[must_use]
    pub fn with_coverage(self, coverage: Option<Coverage>) -> Self {
        let state = match (self.state, coverage) {
            (dismissed @ MatchState::Dismissed { .. }, _) => dismissed,
            (state, Some(coverage)) => {
                MatchState::Covered { coverage, confirmation: state.into_confirmation() }
            }
            (state, None) => {
                state.into_confirmation().map_or(MatchState::Open, MatchState::Confirmed)
            }
        };
        Self { state, ..self }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::{
        AwardMatch, Confirmation, Consideration, Coverage, Dismissal, FirmAnswer, MatchState,
        MatchStatus,
    };
    use crate::award::model::{
        AwardId, CoverageKind, Evidence, MatchAssessment, MatchId, RecipientId,
    };
    use crate::disclosure::model::DisclosureId;
    use crate::gate::{EntityScope, MatchBand};
    use crate::organization::model::OrganizationId;
    use crate::principal::ServiceActor;
    use crate::transition::InvalidTransition;

    const fn refused(from: MatchStatus, to: MatchStatus) -> InvalidTransition<MatchStatus> {
        InvalidTransition { from, to }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn open_match() -> AwardMatch {
        AwardMatch {
            id: MatchId::generate(),
            organization_id: OrganizationId::generate(),
            award_id: AwardId::generate(),
            recipient_id: RecipientId::generate(),
            assessment: MatchAssessment {
                relation: EntityScope::Own,
                band: MatchBand::Probable,
                score_thousandths: Some(900),
                reasons: Evidence::default(),
                evidence_sha256: "ab".to_owned(),
            },
            found_at: at("2026-02-02T08:00:00Z"),
            link: None,
            state: MatchState::Open,
        }
    }

    fn confirmation() -> Confirmation {
        Confirmation {
            by: ServiceActor::Operator.into(),
            at: at("2026-02-03T08:00:00Z"),
            notice: "The award is yours.".to_owned(),
            respond_by: at("2026-02-11T08:00:00Z"),
            appeal_by: at("2026-02-13T08:00:00Z"),
            answer: None,
        }
    }

    fn dismissal() -> Dismissal {
        Dismissal {
            by: ServiceActor::Operator.into(),
            at: at("2026-02-04T08:00:00Z"),
            reason: "Another firm.".to_owned(),
            with_recipient: false,
        }
    }

    fn coverage() -> Coverage {
        let (disclosure_id, kind) = (DisclosureId::generate(), CoverageKind::Number);
        Coverage { disclosure_id, agreement: 0, kind }
    }

    fn confirmed_match() -> AwardMatch {
        open_match().confirm(confirmation()).expect("an open match")
    }

    #[test]
    fn coverage_changes_the_state_of_undismissed_matches_only() {
        assert_eq!(open_match().with_coverage(Some(coverage())).status(), MatchStatus::Covered);
        let covered = open_match().with_coverage(Some(coverage()));
        assert_eq!(covered.with_coverage(None).state, MatchState::Open);
        let covered = confirmed_match().with_coverage(Some(coverage()));
        assert_eq!(covered.state.confirmation(), Some(&confirmation()));
        assert_eq!(covered.with_coverage(None).state, MatchState::Confirmed(confirmation()));
        let dismissed = confirmed_match().dismiss(dismissal()).expect("not dismissed yet");
        assert_eq!(dismissed.clone().with_coverage(Some(coverage())), dismissed);
    }

    #[test]
    fn an_invalid_transition_is_refused() {
        let covered = || open_match().with_coverage(Some(coverage()));
        let dismissed = || open_match().dismiss(dismissal()).expect("not dismissed yet");
        for match_that_is_not_open in [covered(), confirmed_match(), dismissed()] {
            let refused = refused(match_that_is_not_open.status(), MatchStatus::Confirmed);
            assert_eq!(match_that_is_not_open.confirm(confirmation()), Err(refused));
        }
        let twice = refused(MatchStatus::Dismissed, MatchStatus::Dismissed);
        assert_eq!(dismissed().dismiss(dismissal()), Err(twice));
        for undismissed in [open_match(), covered(), confirmed_match()] {
            let refused = refused(undismissed.status(), MatchStatus::Open);
            assert_eq!(undismissed.reopen(), Err(refused));
        }
        assert_eq!(dismissed().reopen().map(|it| it.state), Ok(MatchState::Open));
    }

    #[test]
    fn a_confirmation_is_answered_once_and_upheld_once() {
        let answer = || FirmAnswer {
            text: "It is not ours.".to_owned(),
            by: ServiceActor::Service.into(),
            at: at("2026-02-05T08:00:00Z"),
            consideration: None,
        };
        let consideration =
            || Consideration { by: ServiceActor::Operator.into(), at: at("2026-02-06T08:00:00Z") };
        let from_open = refused(MatchStatus::Open, MatchStatus::Confirmed);
        let twice = refused(MatchStatus::Confirmed, MatchStatus::Confirmed);
        assert_eq!(open_match().answer(answer()), Err(from_open));
        assert_eq!(confirmed_match().uphold(consideration()), Err(twice));
        let answered = confirmed_match().answer(answer()).expect("the first answer");
        assert_eq!(answered.clone().answer(answer()), Err(twice));
        let upheld = answered.uphold(consideration()).expect("the first consideration");
        assert_eq!(upheld.uphold(consideration()), Err(twice));
    }
}
