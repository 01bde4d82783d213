//! `candor token`: signs a development token.
use anyhow::{Result, anyhow, ensure};
use candor_schema::organization::model::{DepartmentId, MemberRole, OrganizationId, Role};
use candor_schema::organization::service::{enroll_member, enroll_officer};
use candor_schema::principal::Principal;
use chrono::TimeDelta;
use clap::{Args, ValueEnum};

use super::{fault_message, open_database};
use crate::auth::{Claims, DEFAULT_AUDIENCE, DEVELOPMENT_ISSUER};
use crate::config::Config;

/// Signs a token with the local development key.
///
/// It is refused if an issuer is configured, because the issuer signs the tokens then.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  candor token --role bca_reviewer --name \"First Reviewer\"\n  \
                        candor token --role bidder --organization org_… --as preparer\n  \
                        candor token --role contract_officer --department dep_…"
)]
pub struct Arguments {
    /// The roles of the subject: bidder, bca_reviewer, bca_supervisor, contract_officer,
    /// cao_analyst, auditor, admin, procurement_system.
    #[arg(long = "role", value_name = "ROLE", required = true, num_args = 1.., value_parser = role)]
    roles: Vec<Role>,
    /// Make the subject a member of this organization (role bidder).
    #[arg(long, value_name = "ORG")]
    organization: Option<OrganizationId>,
    /// The subject's role in the organization.
    #[arg(long = "as", value_enum, default_value = "signatory", requires = "organization")]
    member_role: MemberRoleArgument,
    /// Make the subject an officer of this department (role contract_officer).
    #[arg(long, value_name = "DEP")]
    department: Option<DepartmentId>,
    /// The subject of the token. The default is made from the other arguments.
    #[arg(long)]
    subject: Option<String>,
    /// The subject's e-mail address, as verified.
    #[arg(long)]
    email: Option<String>,
    /// The subject's name, shown to staff beside the subject.
    #[arg(long)]
    name: Option<String>,
    /// The hours until the token expires.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=8_760))]
    hours: u16,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MemberRoleArgument {
    Signatory,
    Preparer,
}

impl From<MemberRoleArgument> for MemberRole {
    fn from(member_role: MemberRoleArgument) -> Self {
        match member_role {
            MemberRoleArgument::Signatory => Self::Signatory,
            MemberRoleArgument::Preparer => Self::Preparer,
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
    /// Returns the subject: the same for the same arguments, because a person has one role in an
    /// organization.
    fn subject(&self) -> String {
        if let Some(subject) = &self.subject {
            return subject.clone();
        }
        let mut words = vec!["development".to_owned()];
        words.extend(self.roles.iter().map(|role| Claims::role(*role)));
        if let Some(organization) = self.organization {
            words.push(MemberRole::from(self.member_role).as_str().to_lowercase());
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
        "--organization needs --role bidder; add it"
    );
    ensure!(
        arguments.department.is_none() || has(Role::ContractOfficer),
        "--department needs --role contract_officer; add it"
    );
    let (subject, now) = (arguments.subject(), config.clock.now());
    let person = Principal::person(DEVELOPMENT_ISSUER, &subject).map_err(|why| anyhow!("{why}"))?;
    if arguments.organization.is_some() || arguments.department.is_some() {
        let database = open_database(config).await?;
        if let Some(organization) = arguments.organization {
            let member_role = arguments.member_role.into();
            enroll_member(&database, &person, organization, member_role, now)
                .await
                .map_err(fault_message)?;
        }
        if let Some(department) = arguments.department {
            enroll_officer(&database, &person, department, now).await.map_err(fault_message)?;
        }
    }
    let claims = Claims {
        sub: subject,
        iss: DEVELOPMENT_ISSUER.to_owned(),
        aud: vec![DEFAULT_AUDIENCE.to_owned()],
        exp: (now + TimeDelta::hours(arguments.hours.into())).timestamp(),
        nbf: None,
        iat: Some(now.timestamp()),
        email_verified: arguments.email.is_some(),
        email: arguments.email,
        name: arguments.name,
        roles: arguments.roles.iter().map(|role| Claims::role(*role)).collect(),
    };
    println!("{}", key.sign(&claims)?);
    Ok(())
}
