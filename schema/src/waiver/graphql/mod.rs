//! GraphQL types, queries and mutations of waivers and exemptions. The features that own the subjects define
//! the mutations that request a waiver or claim an exemption.
mod queries;

pub use queries::WaiverQuery;

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::fault::{Result, UserError};
use crate::gate::ExemptionKind;
use crate::graphql::context::request_context;
use crate::graphql::payload::split_user_errors;
use crate::money::MoneyText;
use crate::organization::graphql::person_name;
use crate::organization::model::DepartmentId;
use crate::principal::Principal;
use crate::scalar::Date;
use crate::waiver::model::{
    self, Approval, ExemptionApproval, ExemptionId, Revocation, WaiverId, WaiverStatus,
};
use crate::waiver::service;

/// A waiver of one rule for one subject.
#[derive(Clone, Debug)]
pub struct Waiver(model::Waiver);

impl From<model::Waiver> for Waiver {
    fn from(waiver: model::Waiver) -> Self {
        Self(waiver)
    }
}

impl Waiver {
    /// Returns the department that the subject belongs to.
    #[must_use]
    pub const fn department_id(&self) -> DepartmentId {
        self.0.subject.department
    }

    const fn approval(&self) -> Option<&Approval> {
        self.0.state.approval()
    }

    const fn revoked(&self) -> Option<&Revocation> {
        self.0.state.revocation()
    }
}

/// A waiver lowers one rule to a note for one subject until it expires. One person requests it and
/// another approves it.
#[Object(crate = "crate::budget")]
impl Waiver {
    /// The waiver's identifier.
    pub async fn id(&self) -> WaiverId {
        self.0.id
    }
    /// The code of the rule that the waiver lowers.
    async fn rule(&self) -> &str {
        &self.0.rule
    }
    /// The waiver's status; an expired waiver keeps the status APPROVED.
    async fn status(&self) -> WaiverStatus {
        self.0.state.status()
    }
    /// Whether the waiver is approved and has not expired.
    async fn in_effect(&self, ctx: &Context<'_>) -> Result<bool> {
        let (_, viewer) = request_context(ctx)?;
        Ok(self.0.is_in_effect(viewer.now))
    }
    /// The number of the contract, which may not be awarded yet; null if the subject is a bid.
    async fn contract_number(&self) -> Option<&str> {
        self.0.subject.number.as_deref()
    }
    /// What the contract is for, and why it needs the waiver.
    async fn purpose(&self) -> &str {
        &self.0.purpose
    }
    /// The alternative suppliers that were considered.
    async fn alternatives(&self) -> &str {
        &self.0.alternatives
    }
    /// What an alternative supplier would cost, in words.
    async fn cost(&self) -> &str {
        &self.0.cost
    }
    /// What an alternative supplier would cost, as an amount.
    async fn cost_amount(&self) -> Option<MoneyText> {
        self.0.cost_amount.clone().map(MoneyText::from)
    }
    /// The code section or Council file that allows the waiver.
    async fn authority(&self) -> &str {
        &self.0.authority
    }
    /// The last local day on which the waiver is in effect.
    async fn expires_on(&self) -> Date {
        self.0.expires_on.into()
    }
    /// When the waiver expires (UTC): the local midnight that ends `expiresOn`.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
    /// The token subject of the person who requested the waiver.
    async fn requested_by(&self) -> &str {
        self.0.requested_by.subject()
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn requested_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, Some(&self.0.requested_by)).await
    }
    /// When the waiver was requested (UTC).
    async fn requested_at(&self) -> DateTime<Utc> {
        self.0.requested_at
    }
    /// The token subject of the person who approved the waiver, never the requester.
    async fn approved_by(&self) -> Option<&str> {
        self.approval().map(|it| it.by.subject())
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn approved_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.approval().map(|it| &it.by)).await
    }
    /// When the waiver was approved (UTC).
    async fn approved_at(&self) -> Option<DateTime<Utc>> {
        self.approval().map(|it| it.at)
    }
    /// The token subject of the person who declined or revoked the waiver.
    async fn revoked_by(&self) -> Option<&str> {
        self.revoked().map(|it| it.by.subject())
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn revoked_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.revoked().map(|it| &it.by)).await
    }
    /// When the waiver was declined or revoked (UTC).
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.revoked().map(|it| it.at)
    }
    /// The reason for declining or revoking the waiver.
    async fn revocation(&self) -> Option<&str> {
        self.revoked().map(|it| it.reason.as_str())
    }
}

/// An exemption claimed for one subject.
#[derive(Clone, Debug)]
pub struct Exemption(service::Exemption);

impl From<service::Exemption> for Exemption {
    fn from(row: service::Exemption) -> Self {
        Self(row)
    }
}

impl Exemption {
    /// Returns the department that the subject belongs to.
    #[must_use]
    pub const fn department_id(&self) -> DepartmentId {
        self.0.department_id
    }
}

/// An exemption defers the disclosure of one subject, or removes the duty to file one.
#[Object(crate = "crate::budget")]
impl Exemption {
    /// The exemption's identifier.
    pub async fn id(&self) -> ExemptionId {
        self.0.id
    }
    /// The kind of exemption.
    async fn kind(&self) -> ExemptionKind {
        self.0.kind
    }
    /// The number of the contract, which may not be awarded yet; null if the subject is a bid.
    async fn contract_number(&self) -> Option<&str> {
        self.0.contract_number.as_deref()
    }
    /// Whether the exemption is for a renewal of the contract rather than its award.
    async fn is_for_renewal(&self) -> bool {
        self.0.renewal_id.is_some()
    }
    /// Why the exemption applies.
    async fn reason(&self) -> &str {
        &self.0.reason
    }
    /// The law that allows the exemption.
    async fn authority(&self) -> &str {
        &self.0.authority
    }
    /// The token subject of the person who claimed the exemption.
    async fn claimed_by(&self) -> &str {
        self.0.claimed_by.subject()
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn claimed_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, Some(&self.0.claimed_by)).await
    }
    /// When the exemption was claimed (UTC).
    async fn claimed_at(&self) -> DateTime<Utc> {
        self.0.claimed_at
    }
    /// When the disclosure that the exemption puts off is due, by the policy at the claim: UTC, a local
    /// midnight, exclusive. Null if none need follow.
    async fn follow_up_by(&self) -> Option<DateTime<Utc>> {
        self.0.follow_up_by
    }
    /// Whether the exemption is in effect: its claim needs no approval, or has it.
    async fn in_effect(&self) -> bool {
        self.0.is_in_effect()
    }
    /// Whether a second person has approved the claim; null if it needs no approval.
    async fn approval(&self) -> Option<ExemptionApproval> {
        self.0.approval
    }
    /// The token subject of the person who approved or declined the claim; null before that.
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_ref().map(Principal::subject)
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none.
    async fn decided_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.0.decided_by.as_ref()).await
    }
    /// When the claim was approved or declined (UTC); null before that.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
    /// The reason for declining the claim; null unless it was declined.
    async fn decline_reason(&self) -> Option<&str> {
        self.0.decline_reason.as_deref()
    }
}

/// Result of a mutation of a waiver.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct WaiverPayload {
    /// The waiver after the change; null if there are user errors.
    waiver: Option<Waiver>,
    /// Every error in the input.
    user_errors: Vec<UserError>,
}

/// Converts the result of a waiver use case into its payload.
///
/// # Errors
/// Every fault except `Invalid`, which becomes user errors.
pub fn waiver_payload(result: Result<model::Waiver>) -> Result<WaiverPayload> {
    let (waiver, user_errors) = split_user_errors(result)?;
    Ok(WaiverPayload { waiver, user_errors })
}

/// Result of a mutation of an exemption.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ExemptionPayload {
    /// The exemption after the change; null if there are user errors.
    exemption: Option<Exemption>,
    /// Every error in the input.
    user_errors: Vec<UserError>,
}

/// Converts the result of an exemption use case into its payload.
///
/// # Errors
/// Every fault except `Invalid`, which becomes user errors.
pub fn exemption_payload(result: Result<service::Exemption>) -> Result<ExemptionPayload> {
    let (exemption, user_errors) = split_user_errors(result)?;
    Ok(ExemptionPayload { exemption, user_errors })
}

/// Mutations of waivers and exemptions.
#[derive(Debug, Default)]
pub struct WaiverMutation;

#[Object(crate = "crate::budget")]
impl WaiverMutation {
    /// Approves a waiver that another person requested. For supervisors.
    async fn approve_waiver(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The waiver's identifier.")] id: WaiverId,
    ) -> Result<WaiverPayload> {
        let (db, viewer) = request_context(ctx)?;
        waiver_payload(service::approve_waiver(db, viewer, id).await)
    }

    /// Declines a requested waiver or revokes an approved one. For supervisors.
    async fn revoke_waiver(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The waiver's identifier.")] id: WaiverId,
        #[graphql(desc = "The reason for declining or revoking.")] reason: String,
    ) -> Result<WaiverPayload> {
        let (db, viewer) = request_context(ctx)?;
        waiver_payload(service::revoke_waiver(db, viewer, id, &reason).await)
    }

    /// Approves an exemption that another person claimed and that the policy lets nobody claim alone:
    /// from now on it is in effect. For supervisors and contract officers of the department.
    async fn approve_exemption(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The exemption's identifier.")] id: ExemptionId,
    ) -> Result<ExemptionPayload> {
        let (db, viewer) = request_context(ctx)?;
        exemption_payload(service::approve_exemption(db, viewer, id).await)
    }

    /// Declines an exemption that awaits approval. For supervisors and contract officers of the
    /// department, its claimant included.
    async fn decline_exemption(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The exemption's identifier.")] id: ExemptionId,
        #[graphql(desc = "The reason for declining.")] reason: String,
    ) -> Result<ExemptionPayload> {
        let (db, viewer) = request_context(ctx)?;
        exemption_payload(service::decline_exemption(db, viewer, id, &reason).await)
    }
}
