//! What a newcomer is told: the address, a token for each role, and what to ask first.
use std::fmt::Write;
use std::net::SocketAddr;

use anyhow::Result;
use candor_schema::organization::model::Role;
use chrono::{DateTime, TimeDelta, Utc};

use super::Seeded;
use crate::auth::{Claims, DEFAULT_AUDIENCE, DEVELOPMENT_ISSUER, DevelopmentKey};

/// How long the tokens hold, in hours.
const HOURS: i64 = 12;

/// The welcome, ready to be pasted into a shell.
///
/// # Errors
/// If a token cannot be signed.
pub fn text(
    city: &Seeded,
    address: SocketAddr,
    key: &DevelopmentKey,
    now: DateTime<Utc>,
) -> Result<String> {
    let tokens = [
        ("BIDDER", &*city.signatory, Role::Bidder),
        ("OFFICER", &*city.officer, Role::ContractOfficer),
        ("REVIEWER", "demo:reviewer", Role::BcaReviewer),
        ("SUPERVISOR", "demo:supervisor", Role::BcaSupervisor),
        ("ANALYST", "demo:analyst", Role::CaoAnalyst),
        ("AUDITOR", "demo:auditor", Role::Auditor),
        ("ADMIN", "demo:admin", Role::Admin),
        ("PROCUREMENT", "demo:procurement", Role::ProcurementSystem),
    ];
    let mut text = String::new();
    writeln!(text, "# Candor's demonstration city is at http://{address}/graphql")?;
    writeln!(text, "# A token for each role, for {HOURS} hours. Paste this into a shell:")?;
    writeln!(text, "export CANDOR=http://{address}/graphql")?;
    for (name, subject, role) in tokens {
        let claims = Claims {
            sub: subject.to_owned(),
            iss: DEVELOPMENT_ISSUER.to_owned(),
            aud: vec![DEFAULT_AUDIENCE.to_owned()],
            exp: (now + TimeDelta::hours(HOURS)).timestamp(),
            nbf: None,
            iat: Some(now.timestamp()),
            email: (role == Role::Bidder).then(|| "signatory0@firms.example".to_owned()),
            email_verified: true,
            name: None,
            roles: vec![Claims::role(role)],
        };
        writeln!(text, "export {name}={}", key.sign(&claims)?)?;
    }
    writeln!(
        text,
        "export FIRM={}          # {}, which has never filed",
        city.firm, city.firm_name
    )?;
    writeln!(text, "export OPEN={}          # takes bids", city.open)?;
    writeln!(text, "export OPENED={}        # its bids are open", city.opened)?;
    writeln!(
        text,
        "export CLOSING={}       # sealed until {} (UTC)",
        city.closing,
        city.closes_at.format("%H:%M:%S")
    )?;
    text.push_str(ASK);
    Ok(text)
}

const ASK: &str = r#"
# 1. The firm that has never filed asks what the gate would say of its bid:
curl -s $CANDOR -H "Authorization: Bearer $BIDDER" -H 'Content-Type: application/json' -d '{"query":
  "query($in: BidInput!) { bidReadiness(input: $in) { outcome findings { code severity message remedy } } }",
  "variables": {"in": {"organizationId": "'$FIRM'", "solicitationId": "'$OPEN'", "amount": {"amount": "98000.00", "currency": "USD"}}}}'

# 2. A reviewer looks at bids that are open, and why each stands where it does:
curl -s $CANDOR -H "Authorization: Bearer $REVIEWER" -H 'Content-Type: application/json' -d '{"query":
  "query($id: ID!) { solicitation(id: $id) { title bids(first: 5) { totalCount nodes { status organization { legalName } decision { outcome findings { code severity } } } } } }",
  "variables": {"id": "'$OPENED'"}}'

# 3. The reviewer asks for sealed bids: none, and no count. Ask again once they are due:
curl -s $CANDOR -H "Authorization: Bearer $REVIEWER" -H 'Content-Type: application/json' -d '{"query":
  "query($id: ID!) { solicitation(id: $id) { dueAt open bids { totalCount nodes { status organization { legalName } } } } }",
  "variables": {"id": "'$CLOSING'"}}'

"#;
