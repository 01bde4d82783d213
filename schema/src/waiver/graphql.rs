//! How clients see waivers and exemptions. What asks for them is with the features that have their
//! subjects.
use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::model::{ExemptionId, WaiverId, WaiverStatus};
use super::service;
use crate::fault::{Result, UserError};
use crate::gate::ExemptionKind;
use crate::money::{Money, MoneyText};
use crate::organization::graphql::{request_context, split_user_errors};
use crate::organization::model::DepartmentId;
use crate::principal::Principal;
use crate::scalar::Date;

/// A waiver of one rule for one subject.
#[derive(Clone, Debug)]
pub struct Waiver(service::Waiver);

impl From<service::Waiver> for Waiver {
    fn from(row: service::Waiver) -> Self {
        Self(row)
    }
}

impl Waiver {
    /// The identifier of the department whose subject it is for.
    #[must_use]
    pub const fn department_id(&self) -> DepartmentId {
        self.0.department_id
    }
}

/// A waiver: it lowers one rule to a note for one subject, until it expires. One person asks for
/// it, another approves it.
#[Object(crate = "crate::budget")]
impl Waiver {
    /// Its identifier.
    pub async fn id(&self) -> WaiverId {
        self.0.id
    }
    /// The rule that it lowers, by its code.
    async fn rule(&self) -> &str {
        &self.0.rule
    }
    /// Where it is in its life; one that has expired stays approved.
    async fn status(&self) -> WaiverStatus {
        self.0.status
    }
    /// Whether it lowers its rule now.
    async fn in_effect(&self, ctx: &Context<'_>) -> Result<bool> {
        let (_, viewer) = request_context(ctx)?;
        Ok(self.0.status == WaiverStatus::Approved && viewer.now < self.0.expires_at)
    }
    /// The number of the contract that it is for, awarded or to be; null if it is for a bid.
    async fn contract_number(&self) -> Option<&str> {
        self.0.contract_number.as_deref()
    }
    /// What the contract is for, and why it cannot go without.
    async fn purpose(&self) -> &str {
        &self.0.purpose
    }
    /// Which other suppliers were looked for.
    async fn alternatives(&self) -> &str {
        &self.0.alternatives
    }
    /// What it would cost to use one of them, in words.
    async fn cost(&self) -> &str {
        &self.0.cost
    }
    /// The same as an amount.
    async fn cost_amount(&self) -> Option<MoneyText> {
        let cost = self.0.cost_cents.zip(self.0.cost_currency.clone());
        cost.map(|(cents, currency)| Money { cents, currency }.into())
    }
    /// The code section or the Council file that allows it.
    async fn authority(&self) -> &str {
        &self.0.authority
    }
    /// The last local day on which it holds.
    async fn expires_on(&self) -> Date {
        self.0.expires_on.into()
    }
    /// Until when it holds, exclusive (UTC, a local midnight).
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
    /// Who asked for it: the subject of the token.
    async fn requested_by(&self) -> &str {
        self.0.requested_by.subject()
    }
    /// When it was asked for (UTC).
    async fn requested_at(&self) -> DateTime<Utc> {
        self.0.requested_at
    }
    /// Who approved it: never who asked for it.
    async fn approved_by(&self) -> Option<&str> {
        self.0.approved_by.as_ref().map(Principal::subject)
    }
    /// When it was approved (UTC).
    async fn approved_at(&self) -> Option<DateTime<Utc>> {
        self.0.approved_at
    }
    /// Who declined it or took it back.
    async fn revoked_by(&self) -> Option<&str> {
        self.0.revoked_by.as_ref().map(Principal::subject)
    }
    /// When it was declined or taken back (UTC).
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }
    /// Why.
    async fn revocation(&self) -> Option<&str> {
        self.0.revocation.as_deref()
    }
}

/// An exemption that was claimed.
#[derive(Clone, Debug)]
pub struct Exemption(service::Exemption);

impl From<service::Exemption> for Exemption {
    fn from(row: service::Exemption) -> Self {
        Self(row)
    }
}

impl Exemption {
    /// The identifier of the department whose subject it is for.
    #[must_use]
    pub const fn department_id(&self) -> DepartmentId {
        self.0.department_id
    }
}

/// An exemption: the disclosure is put off, or is not asked, for one subject.
#[Object(crate = "crate::budget")]
impl Exemption {
    /// Its identifier.
    pub async fn id(&self) -> ExemptionId {
        self.0.id
    }
    /// Which one.
    async fn kind(&self) -> ExemptionKind {
        self.0.kind
    }
    /// The number of the contract that it is for, awarded or to be; null if it is for a bid.
    async fn contract_number(&self) -> Option<&str> {
        self.0.contract_number.as_deref()
    }
    /// It is for a renewal of the contract, not for its award.
    async fn of_renewal(&self) -> bool {
        self.0.renewal_id.is_some()
    }
    /// Why it holds here.
    async fn reason(&self) -> &str {
        &self.0.reason
    }
    /// The law that allows it.
    async fn authority(&self) -> &str {
        &self.0.authority
    }
    /// Who claimed it: the subject of the token.
    async fn claimed_by(&self) -> &str {
        self.0.claimed_by.subject()
    }
    /// When it was claimed (UTC).
    async fn claimed_at(&self) -> DateTime<Utc> {
        self.0.claimed_at
    }
}

/// The waiver, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct WaiverPayload {
    /// As it is now; null if anything is to mend.
    waiver: Option<Waiver>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

/// What came of a change to a waiver.
///
/// # Errors
/// Whatever the caller cannot mend.
pub fn waiver_payload(result: Result<service::Waiver>) -> Result<WaiverPayload> {
    let (waiver, user_errors) = split_user_errors(result)?;
    Ok(WaiverPayload { waiver, user_errors })
}

/// Mutations of waivers.
#[derive(Debug, Default)]
pub struct WaiverMutation;

#[Object(crate = "crate::budget")]
impl WaiverMutation {
    /// Approves a waiver that somebody else asked for. For supervisors.
    async fn approve_waiver(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The waiver's identifier.")] id: WaiverId,
    ) -> Result<WaiverPayload> {
        let (db, viewer) = request_context(ctx)?;
        waiver_payload(service::approve(db, viewer, id).await)
    }

    /// Declines a waiver that was asked for, or takes one back. For supervisors.
    async fn revoke_waiver(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The waiver's identifier.")] id: WaiverId,
        #[graphql(desc = "Why.")] reason: String,
    ) -> Result<WaiverPayload> {
        let (db, viewer) = request_context(ctx)?;
        waiver_payload(service::revoke(db, viewer, id, &reason).await)
    }
}
