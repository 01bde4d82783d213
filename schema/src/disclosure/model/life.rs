//! A disclosure's life: drafted, filed, superseded or withdrawn.
use async_graphql::InputObject;

use super::Statement;
use crate::organization::model::OrganizationId;

typed_id! {
    /// A disclosure, through its whole life.
    DisclosureId, "disc"
}

vocabulary! {
    /// Where a disclosure is in its life.
    pub enum DisclosureStatus {
        /// Being written; binds nobody.
        Draft,
        /// A legal statement, frozen: the one that counts for its organization.
        Filed,
        /// Replaced by a later filing; still stands for what rests on it.
        Superseded,
        /// Taken back.
        Withdrawn,
    }

    /// How a filing came to be.
    pub enum FilingKind {
        /// The organization's first.
        Original,
        /// A new statement in place of an older one.
        Amendment,
        /// A certificate of no change: the last statement, newly attested.
        NoChange,
    }
}

/// A step that the present status does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTransition {
    /// The status that does not allow it.
    pub from: DisclosureStatus,
}

impl DisclosureStatus {
    /// # Errors
    /// Unless it is a draft.
    pub fn file(self) -> Result<Self, InvalidTransition> {
        if self == Self::Draft { Ok(Self::Filed) } else { Err(InvalidTransition { from: self }) }
    }

    /// # Errors
    /// Unless it is filed: a later filing supersedes only the one that counts.
    pub fn supersede(self) -> Result<Self, InvalidTransition> {
        if self == Self::Filed {
            Ok(Self::Superseded)
        } else {
            Err(InvalidTransition { from: self })
        }
    }

    /// # Errors
    /// Unless it is filed: what was superseded stays on the record, what was withdrawn is.
    pub fn withdraw(self) -> Result<Self, InvalidTransition> {
        if self == Self::Filed {
            Ok(Self::Withdrawn)
        } else {
            Err(InvalidTransition { from: self })
        }
    }
}

/// A draft as it is saved: the whole statement each time, however incomplete.
#[derive(Clone, Debug, InputObject)]
pub struct DisclosureDraftInput {
    /// The organization that discloses.
    pub organization_id: OrganizationId,
    /// The revision that was read; leave it out to begin a draft.
    pub revision: Option<i64>,
    /// What is stated so far, as typed.
    pub statement: Option<Statement>,
    /// Begin with the statement of this earlier filing instead.
    pub copy_from: Option<DisclosureId>,
}
