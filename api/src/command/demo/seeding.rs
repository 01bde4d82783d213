//! Helpers of the seeding: viewers, times, and the identifiers of what exists so far.
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

/// The identifiers of what exists so far, by index in the lists of [`super::city`].
pub(super) struct CityState {
    pub(super) firms: Vec<OrganizationId>,
    pub(super) solicitations: Vec<SolicitationId>,
    /// Each firm's last filing.
    pub(super) filed: Vec<Option<DisclosureId>>,
    /// The current suspension of a rule.
    pub(super) suspension: Option<SuspensionId>,
}

/// Returns the token subject of a firm's signatory.
pub(super) fn signatory(firm: usize) -> String {
    format!("demo:firm:{firm}")
}

/// Returns the token subject of a department's contract officer.
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

    /// Signs a person in with one role at a time (UTC), and returns the viewer.
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
        let who = SignIn { subject, email, name: None, roles };
        let signed_in = organization::sign_in(self.database, &who, at).await;
        signed_in.map(|it| it.viewer).map_err(fault_message)
    }

    pub(super) async fn firm_viewer(&self, firm: usize, at: DateTime<Utc>) -> Result<Viewer> {
        let email = format!("signatory{firm}@firms.example");
        self.viewer(&signatory(firm), Some(email), Role::Bidder, at).await
    }

    pub(super) async fn officer_viewer(&self, code: &str, at: DateTime<Utc>) -> Result<Viewer> {
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
        Ok(filed.record.id)
    }
}

pub(super) fn amount(dollars: u32) -> MoneyText {
    MoneyText { amount: format!("{dollars}.00").into(), currency: "USD".to_owned().into() }
}

/// Returns a firm's attestation. It is signed by an office, because the demonstration names no person.
pub(super) fn signature(firm: usize) -> AttestationInput {
    AttestationInput {
        agreed: true,
        name: format!("Owner of {}", FIRMS[firm].0),
        title: "Owner".to_owned(),
        authority: "Ownership".to_owned(),
        email: None,
        city: "Los Angeles".to_owned(),
        state: Some("CA".to_owned()),
        country: None,
    }
}
