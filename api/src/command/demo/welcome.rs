//! What `candor demo` prints: the address, a token for each role, and example requests.
use std::fmt::Write;
use std::net::SocketAddr;

use anyhow::Result;
use candor_schema::organization::model::Role;
use chrono::{DateTime, TimeDelta, Utc};

use super::Seeded;
use crate::auth::{Claims, DEFAULT_AUDIENCE, DEVELOPMENT_ISSUER, DevelopmentKey};

/// Lifetime of the tokens, in hours.
const TOKEN_HOURS: i64 = 12;

/// The text of `demo.env`: `export` lines for a shell to source, and the function `ask`.
///
/// # Errors
/// If a token cannot be signed.
pub fn environment(
    city: &Seeded,
    address: SocketAddr,
    key: &DevelopmentKey,
    now: DateTime<Utc>,
    database: &str,
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
    writeln!(text, "# Candor's demonstration city, at http://{address}/graphql")?;
    writeln!(
        text,
        "# A token for each role, for {TOKEN_HOURS} hours from {}",
        now.format("%F %T UTC")
    )?;
    writeln!(text, "export CANDOR=http://{address}/graphql")?;
    writeln!(text, "export DEMO_DATABASE='{database}'")?;
    for (name, subject, role) in tokens {
        let claims = Claims {
            sub: subject.to_owned(),
            iss: DEVELOPMENT_ISSUER.to_owned(),
            aud: vec![DEFAULT_AUDIENCE.to_owned()],
            exp: (now + TimeDelta::hours(TOKEN_HOURS)).timestamp(),
            nbf: None,
            iat: Some(now.timestamp()),
            email: (role == Role::Bidder).then(|| "signatory0@firms.example".to_owned()),
            email_verified: true,
            name: None,
            roles: vec![Claims::role(role)],
        };
        writeln!(text, "export {name}={}", key.sign(&claims)?)?;
    }
    for (name, id, meaning) in [
        ("FIRM", city.firm.to_string(), format!("{}, which has never filed", city.firm_name)),
        ("OPEN", city.open.to_string(), "a solicitation that takes bids".to_owned()),
        ("OPENED", city.opened.to_string(), "one whose bids are opened".to_owned()),
        (
            "CLOSING",
            city.closing.to_string(),
            format!("one that takes bids until {}", city.closes_at.format("%T UTC")),
        ),
    ] {
        writeln!(text, "export {name}={id} # {meaning}")?;
    }
    text.push_str(ASK);
    Ok(text)
}

/// The shell function `ask`. It joins the lines of the document into one JSON string.
const ASK: &str = r#"
# ask TOKEN: sends the GraphQL document on standard input with that token.
ask() {
    printf '{"query": "%s"}' "$(sed -e 's/[\\"]/\\&/g' -e 's/$/\\n/' | tr -d '\n')" |
        curl -s "$CANDOR" -H "Authorization: Bearer $1" -H 'Content-Type: application/json' -d @-
    echo
}
"#;

/// First requests to try.
pub const EXAMPLES: &str = r#"
# In another shell: . .candor/demo.env
# What would the gate decide about a bid of the firm that has never filed?
#   ask $BIDDER <<END
#   { bidReadiness(input: {organizationId: "$FIRM", solicitationId: "$OPEN",
#       amount: {amount: "98000.00", currency: "USD"}}) { outcome findings { message remedy } } }
#   END
# Which opened bids does a reviewer see, and what was decided about each?
#   ask $REVIEWER <<END
#   { solicitation(id: "$OPENED") { title bids(first: 5) { totalCount nodes {
#       status organization { legalName } decision { outcome findings { code severity } } } } } }
#   END
# A browser gets GraphiQL at the same address; docs/tour-bidder.md goes on from here.
"#;
