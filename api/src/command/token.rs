//! `candor token`
use anyhow::{Result, anyhow, ensure};
use candor_schema::organization::model::{DepartmentId, MemberRole, OrganizationId, Role};
use candor_schema::organization::service::{enroll_member, enroll_officer};
use candor_schema::principal::Principal;
use chrono::TimeDelta;
use clap::{Args, ValueEnum};

use super::{open, told};
use crate::auth::{AUDIENCE, Claims, ISSUER};
use crate::config::Config;

/// Makes a token with the local development key.
///
/// Refused where an issuer is configured: it makes the tokens then.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  candor token --role bca_reviewer\n  \
                        candor token --role bidder --organization org_… --as preparer\n  \
                        candor token --role contract_officer --department dep_…")]
pub struct Arguments {
    /// What it lets its subject do: bidder, bca_reviewer, bca_supervisor, contract_officer,
    /// cao_analyst, auditor, admin, procurement_system.
    #[arg(long = "role", value_name = "ROLE", required = true, num_args = 1.., value_parser = role)]
    roles: Vec<Role>,
    /// Make the subject a member of this organization (role bidder).
    #[arg(long, value_name = "ORG")]
    organization: Option<OrganizationId>,
    /// What the subject is in the organization.
    #[arg(long = "as", value_enum, default_value = "signatory", requires = "organization")]
    place: Place,
    /// Make the subject an officer of this department (role contract_officer).
    #[arg(long, value_name = "DEP")]
    department: Option<DepartmentId>,
    /// Whom the token names; by default, whom else its arguments name.
    #[arg(long)]
    subject: Option<String>,
    /// The subject's e-mail address, said to be verified.
    #[arg(long)]
    email: Option<String>,
    /// How long the token holds.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=8_760))]
    hours: u16,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Place {
    Signatory,
    Preparer,
}

impl From<Place> for MemberRole {
    fn from(place: Place) -> Self {
        match place {
            Place::Signatory => Self::Signatory,
            Place::Preparer => Self::Preparer,
        }
    }
}

fn role(text: &str) -> Result<Role, String> {
    let found = Role::ALL.iter().copied().find(|role| Claims::role(*role) == text);
    found.ok_or_else(|| {
        let known = Role::ALL.iter().map(|role| Claims::role(*role)).collect::<Vec<_>>();
        format!("the roles are {}", known.join(", "))
    })
}

impl Arguments {
    /// One name for the same arguments: a person has one place in an organization.
    fn subject(&self) -> String {
        if let Some(subject) = &self.subject {
            return subject.clone();
        }
        let mut words = vec!["development".to_owned()];
        words.extend(self.roles.iter().map(|role| Claims::role(*role)));
        if let Some(organization) = self.organization {
            words.push(MemberRole::from(self.place).word().to_lowercase());
            words.push(organization.to_string());
        }
        words.extend(self.department.map(|department| department.to_string()));
        words.join(":")
    }
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> Result<()> {
    let key = config.development_key()?;
    let has = |role| arguments.roles.contains(&role);
    ensure!(
        arguments.organization.is_none() || has(Role::Bidder),
        "--organization counts for bidders only; add --role bidder"
    );
    ensure!(
        arguments.department.is_none() || has(Role::ContractOfficer),
        "--department counts for contract officers only; add --role contract_officer"
    );
    let (subject, now) = (arguments.subject(), config.clock.now());
    let person = Principal::person(ISSUER, &subject).map_err(|why| anyhow!("{why}"))?;
    if arguments.organization.is_some() || arguments.department.is_some() {
        let database = open(config).await?;
        if let Some(organization) = arguments.organization {
            let place = arguments.place.into();
            enroll_member(&database, &person, organization, place, now).await.map_err(told)?;
        }
        if let Some(department) = arguments.department {
            enroll_officer(&database, &person, department, now).await.map_err(told)?;
        }
    }
    let claims = Claims {
        sub: subject,
        iss: ISSUER.to_owned(),
        aud: vec![AUDIENCE.to_owned()],
        exp: (now + TimeDelta::hours(arguments.hours.into())).timestamp(),
        nbf: None,
        iat: Some(now.timestamp()),
        email_verified: arguments.email.is_some(),
        email: arguments.email,
        name: None,
        roles: arguments.roles.iter().map(|role| Claims::role(*role)).collect(),
    };
    println!("{}", key.sign(&claims)?);
    Ok(())
}
