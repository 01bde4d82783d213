//! The GraphQL type of a substitution of a subcontractor.
use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};

use super::Subcontractor;
use crate::decision::model;
use crate::fault::Result;
use crate::gate::SubstitutionGround;
use crate::graphql::context::request_context;
use crate::organization::graphql::person_name;
use crate::policy::graphql::policy_draft;
use crate::principal::Principal;

/// The substitution of a named subcontractor by another, after bids were due.
#[derive(Clone, Debug)]
pub struct Substitution(model::Substitution);

impl From<model::Substitution> for Substitution {
    fn from(substitution: model::Substitution) -> Self {
        Self(substitution)
    }
}

impl Substitution {
    /// The officer, whom a firm does not see.
    fn officer(&self, ctx: &Context<'_>) -> Result<Option<&Principal>> {
        let (_, viewer) = request_context(ctx)?;
        Ok(viewer.is_staff().then_some(&self.0.by))
    }
}

/// The substitution of a named subcontractor by another, after bids were due.
#[Object(crate = "crate::budget")]
impl Substitution {
    /// The subcontractor that was replaced.
    async fn replaced(&self) -> Subcontractor {
        self.0.replaced.clone().into()
    }
    /// The subcontractor that took its place; a later substitution may have replaced it too.
    async fn replacement(&self) -> Subcontractor {
        self.0.replacement.clone().into()
    }
    /// The ground.
    async fn ground(&self) -> SubstitutionGround {
        self.0.ground
    }
    /// The officer's explanation.
    async fn explanation(&self) -> &str {
        &self.0.explanation
    }
    /// The law that allowed it.
    async fn citation(&self) -> &str {
        &self.0.citation
    }
    /// The version of the policy that allowed it.
    async fn policy_version(&self) -> i64 {
        self.0.policy_version
    }
    /// The mark of the draft texts of that version; null once they are adopted.
    async fn policy_draft(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        policy_draft(ctx, Some(self.0.policy_version)).await
    }
    /// When it was granted (UTC).
    async fn substituted_at(&self) -> DateTime<Utc> {
        self.0.at
    }
    /// The contract officer who granted it: the subject of the token; null unless you are City staff.
    async fn substituted_by(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        Ok(self.officer(ctx)?.map(Principal::subject))
    }
    /// The name of that person, as the token gave it at the last sign-in; null if it gave none, and
    /// unless you are City staff.
    async fn substituted_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        person_name(ctx, self.officer(ctx)?).await
    }
}
