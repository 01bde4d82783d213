//! The match of a federal award with an organization, and its states.
mod evidence;
mod transitions;

use chrono::{DateTime, Utc};

use super::{AwardId, MatchId, RecipientId};
use crate::disclosure::model::DisclosureId;
use crate::gate::{EntityScope, MatchBand};
use crate::organization::model::OrganizationId;
use crate::principal::Principal;

pub use evidence::{Evidence, EvidenceItem, round_to_thousandths};

string_enum! {
    /// The status of a match.
    pub enum MatchStatus {
        /// Not reviewed, and no disclosed agreement covers the award.
        Open,
        /// A reviewer confirmed it, and the firm received notice.
        Confirmed,
        /// The award is not the firm's, or does not have to be disclosed.
        Dismissed,
        /// A disclosed agreement covers the award.
        Covered,
    }

    /// How a disclosed agreement covers an award.
    pub enum CoverageKind {
        /// The agreement names the award's number.
        Number,
        /// The agreement names the award's vehicle and the same component.
        Vehicle,
        /// The agreement names the same component, its dates overlap the award's, and the amounts are
        /// compatible.
        Terms,
        /// A reviewer linked the agreement to the award.
        Linked,
    }
}

/// A match of a federal award with an organization. There is at most one for each pair.
#[derive(Clone, Debug, PartialEq)]
pub struct AwardMatch {
    pub id: MatchId,
    pub organization_id: OrganizationId,
    pub award_id: AwardId,
    /// The award's recipient.
    pub recipient_id: RecipientId,
    pub assessment: MatchAssessment,
    pub found_at: DateTime<Utc>,
    /// None if no reviewer linked the award to the organization.
    pub link: Option<MatchLink>,
    pub state: MatchState,
}

/// How the award's recipient is related to the organization, and how certain that is.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchAssessment {
    pub relation: EntityScope,
    pub band: MatchBand,
    /// The matcher's score, 0 to 1,000; `None` if a person linked the award.
    pub score_thousandths: Option<i64>,
    pub reasons: Evidence,
    /// SHA-256 of the compared data of organization and recipient; empty if there was none. A
    /// dismissal remains valid while it is unchanged.
    pub evidence_sha256: String,
}

/// A reviewer's link of an award to an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchLink {
    pub by: Principal,
    /// SHA-256 of the canonical JSON of the agreement that the reviewer linked to the award, if any.
    pub agreement_sha256: Option<String>,
}

/// The state of a match, with the data of its review. A confirmation remains known after the match
/// is covered or dismissed: a covered match returns to it when its coverage ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatchState {
    Open,
    Confirmed(Confirmation),
    Dismissed { dismissal: Dismissal, confirmation: Option<Confirmation> },
    Covered { coverage: Coverage, confirmation: Option<Confirmation> },
}

/// A reviewer's confirmation of a match, of which the firm received notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    pub by: Principal,
    pub at: DateTime<Utc>,
    /// The text of the notice to the firm.
    pub notice: String,
    /// When the firm's time to respond ends: UTC, a local midnight, exclusive.
    pub respond_by: DateTime<Utc>,
    /// When the firm's time to appeal ends: UTC, a local midnight, exclusive.
    pub appeal_by: DateTime<Utc>,
    pub answer: Option<FirmAnswer>,
}

/// A firm's answer to the notice of a confirmed match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirmAnswer {
    pub text: String,
    pub by: Principal,
    pub at: DateTime<Utc>,
    /// None until a reviewer considers the answer and upholds the confirmation.
    pub consideration: Option<Consideration>,
}

/// The reviewer who considered a firm's answer and upheld the confirmation, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consideration {
    pub by: Principal,
    pub at: DateTime<Utc>,
}

/// A dismissal of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dismissal {
    /// A person, or the service if the matcher no longer finds the match.
    pub by: Principal,
    pub at: DateTime<Utc>,
    pub reason: String,
    /// Whether every award of the same recipient was dismissed with it.
    pub with_recipient: bool,
}

/// The disclosed agreement that covers an award.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    pub disclosure_id: DisclosureId,
    /// Index of the agreement in the filing, from 0.
    pub agreement: i64,
    pub kind: CoverageKind,
}

impl MatchState {
    /// The status, without data.
    #[must_use]
    pub const fn status(&self) -> MatchStatus {
        match self {
            Self::Open => MatchStatus::Open,
            Self::Confirmed(_) => MatchStatus::Confirmed,
            Self::Dismissed { .. } => MatchStatus::Dismissed,
            Self::Covered { .. } => MatchStatus::Covered,
        }
    }

    /// The confirmation, also of a match that was covered or dismissed later.
    #[must_use]
    pub const fn confirmation(&self) -> Option<&Confirmation> {
        match self {
            Self::Open => None,
            Self::Confirmed(confirmation) => Some(confirmation),
            Self::Dismissed { confirmation, .. } | Self::Covered { confirmation, .. } => {
                confirmation.as_ref()
            }
        }
    }

    fn into_confirmation(self) -> Option<Confirmation> {
        match self {
            Self::Open => None,
            Self::Confirmed(confirmation) => Some(confirmation),
            Self::Dismissed { confirmation, .. } | Self::Covered { confirmation, .. } => {
                confirmation
            }
        }
    }

    /// The dismissal; `None` in every other state.
    #[must_use]
    pub const fn dismissal(&self) -> Option<&Dismissal> {
        if let Self::Dismissed { dismissal, .. } = self { Some(dismissal) } else { None }
    }

    /// The coverage; `None` in every other state.
    #[must_use]
    pub const fn coverage(&self) -> Option<&Coverage> {
        if let Self::Covered { coverage, .. } = self { Some(coverage) } else { None }
    }
}

impl AwardMatch {
    /// The status, without data.
    #[must_use]
    pub const fn status(&self) -> MatchStatus {
        self.state.status()
    }

    /// Whether the firm received notice of the match.
    #[must_use]
    pub const fn is_notified(&self) -> bool {
        self.state.confirmation().is_some()
    }
}
