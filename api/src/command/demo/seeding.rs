//! What everything in the demonstration city is made with: who does it, when, and what is there by
//! then.
use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use candor_schema::bidding::model::SolicitationId;
use candor_schema::database::Database;
use candor_schema::disclosure::model::{
    AttestationInput, DisclosureDraftInput, DisclosureId, FilingInput, Statement,
};
use candor_schema::disclosure::service as disclosure;
use candor_schema::money::MoneyText;
use candor_schema::organization::model::{EmailAddress, OrganizationId, Role, SignIn, Viewer};
use candor_schema::organization::service as organization;
use candor_schema::policy::model::SuspensionId;
use candor_schema::principal::Principal;
use chrono::{DateTime, TimeDelta, Utc};

use super::city::FIRMS;
use crate::auth::DEVELOPMENT_ISSUER;
use crate::command::fault_message;

/// What is there by now, by its place in the lists of [`super::city`].
pub(super) struct There {
    pub(super) firms: Vec<OrganizationId>,
    pub(super) solicitations: Vec<SolicitationId>,
    /// What each firm has filed last.
    pub(super) filed: Vec<Option<DisclosureId>>,
    /// The suspension of rules that stands.
    pub(super) suspension: Option<SuspensionId>,
}

/// The subject of a firm's signatory.
pub(super) fn signatory(firm: usize) -> String {
    format!("demo:firm:{firm}")
}

/// The subject of a department's contract officer.
pub(super) fn officer(code: &str) -> String {
    format!("demo:officer:{}", code.to_lowercase())
}

pub(super) struct Seeding<'a> {
    pub(super) database: &'a Database,
    pub(super) now: DateTime<Utc>,
}

impl Seeding<'_> {
    pub(super) fn at(&self, days: i64) -> DateTime<Utc> {
        self.now + TimeDelta::days(days)
    }

    /// Whoever signs in with these roles at a time.
    pub(super) async fn viewer(
        &self,
        subject: &str,
        email: Option<String>,
        role: Role,
        at: DateTime<Utc>,
    ) -> Result<Viewer> {
        let roles = BTreeSet::from([role]);
        let subject =
            Principal::person(DEVELOPMENT_ISSUER, subject).map_err(|why| anyhow!("{why}"))?;
        let email = email.and_then(|email| EmailAddress::parse(&email).ok());
        let who = SignIn { subject, email, roles };
        organization::sign_in(self.database, &who, at).await.map_err(fault_message)
    }

    pub(super) async fn signs_for(&self, firm: usize, at: DateTime<Utc>) -> Result<Viewer> {
        let email = format!("signatory{firm}@firms.example");
        self.viewer(&signatory(firm), Some(email), Role::Bidder, at).await
    }

    pub(super) async fn buys_for(&self, code: &str, at: DateTime<Utc>) -> Result<Viewer> {
        let email = format!("{}.officer@city.example", code.to_lowercase());
        self.viewer(&officer(code), Some(email), Role::ContractOfficer, at).await
    }

    pub(super) async fn draft(
        &self,
        viewer: &Viewer,
        firm: OrganizationId,
        statement: Statement,
    ) -> Result<(DisclosureId, i64)> {
        let input = DisclosureDraftInput {
            organization_id: firm,
            revision: None,
            statement: Some(statement),
            copy_from: None,
        };
        let draft =
            disclosure::save_draft(self.database, viewer, input).await.map_err(fault_message)?;
        Ok((draft.id, draft.revision))
    }

    pub(super) async fn file(
        &self,
        viewer: &Viewer,
        firm: OrganizationId,
        statement: Statement,
    ) -> Result<DisclosureId> {
        let (id, revision) = self.draft(viewer, firm, statement).await?;
        let place =
            viewer.subject.subject().rsplit(':').next().and_then(|place| place.parse().ok());
        let attestation = signature(place.unwrap_or_default());
        let input = FilingInput { id, revision, attestation };
        let filed = disclosure::file(self.database, viewer, &input).await.map_err(fault_message)?;
        Ok(filed.row.id)
    }
}

pub(super) fn amount(dollars: u32) -> MoneyText {
    MoneyText { amount: format!("{dollars}.00").into(), currency: "USD".to_owned().into() }
}

/// A firm signs by its office: the demonstration names nobody.
pub(super) fn signature(firm: usize) -> AttestationInput {
    AttestationInput {
        agreed: true,
        name: format!("Owner of {}", FIRMS[firm].0),
        title: "Owner".to_owned(),
        authority: "Ownership".to_owned(),
        email: None,
        city: "Los Angeles".to_owned(),
        state: "CA".to_owned(),
    }
}
