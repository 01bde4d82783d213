//! Memberships in organizations and departments.
use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};

use crate::organization::model::{MemberId, MemberRole};
use crate::organization::service;

/// A person's membership in an organization or a department. The person is invited by e-mail and becomes
/// a member at the first sign-in with that verified address.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct Member {
    /// The membership's identifier.
    id: MemberId,
    /// The person's role in an organization; null in a department.
    role: Option<MemberRole>,
    /// The invited e-mail address.
    email: Option<String>,
    /// Whether the person has signed in and accepted the invitation.
    is_bound: bool,
    /// When the person was invited (UTC).
    invited_at: DateTime<Utc>,
    /// When the person first signed in (UTC); null before.
    bound_at: Option<DateTime<Utc>>,
    /// When the membership ended (UTC); null while it lasts.
    removed_at: Option<DateTime<Utc>>,
}

impl From<service::Member> for Member {
    fn from(row: service::Member) -> Self {
        Self {
            id: row.id,
            role: row.role,
            email: row.email,
            is_bound: row.subject.is_some(),
            invited_at: row.invited_at,
            bound_at: row.bound_at,
            removed_at: row.removed_at,
        }
    }
}
