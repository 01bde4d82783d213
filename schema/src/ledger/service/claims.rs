//! Comparing what is stored elsewhere with what the ledger says of it.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr};
use serde_json::Value;
use uuid::Uuid;

use super::store;
use crate::fault::{Fault, Result};
use crate::ledger::model::{Claim, LedgerAction, Life, Said};

/// How many rows are compared at once.
const BATCH: u64 = 500;

/// All that was done to some subjects, oldest first; those of which nothing is known are not in
/// it. Ask for a bounded number.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn said_of(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Said>>> {
    let mut said = HashMap::<Uuid, Vec<Said>>::new();
    for (subject, action, data) in store::of_subjects(db, subjects).await? {
        let data = serde_json::from_str(&data)
            .map_err(|error| Fault::Internal(format!("ledger of {subject}: {error}").into()))?;
        said.entry(subject).or_default().push(Said { action, data });
    }
    Ok(said)
}

/// Walks a table, whose rows after an id `batch` reads, and compares what each row claims with
/// the ledger. Answers the number of rows and what is wrong with the first wrong one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn borne_out<R>(
    db: &impl ConnectionTrait,
    batch: impl AsyncFn(Option<Uuid>, u64) -> Result<Vec<R>, DbErr>,
    claim: impl Fn(&R) -> Claim,
) -> Result<(u64, Option<String>)> {
    let (mut checked, mut last) = (0, None);
    loop {
        let claims: Vec<Claim> = batch(last, BATCH).await?.iter().map(&claim).collect();
        let Some(end) = claims.last() else {
            return Ok((checked, None));
        };
        last = Some(end.row);
        let said = said_of(db, claims.iter().map(|claim| claim.subject).collect()).await?;
        for claim in claims {
            checked += 1;
            let said = said.get(&claim.subject).map_or(&[][..], Vec::as_slice);
            if let Some(wrong) = wrong(&claim, said) {
                return Ok((checked, Some(format!("{}: {wrong}", claim.name))));
            }
        }
    }
}

fn wrong(claim: &Claim, said: &[Said]) -> Option<String> {
    let Claim { made_by, made_with, life, .. } = claim;
    let mut makers = said.iter().filter(|said| said.action == made_by.as_str()).peekable();
    if makers.peek().is_none() {
        return Some(format!("the ledger has no entry {made_by} of it"));
    }
    if !makers.any(|said| says(&said.data, made_with)) {
        return Some(format!("the ledger's entry {made_by} says otherwise"));
    }
    let Life { status, set_by } = life.as_ref()?;
    let last = said.iter().rev().find_map(|said| sets(said, set_by));
    let told = last.unwrap_or("nothing");
    (told != status)
        .then(|| format!("its status is {status}, and the ledger's last word is {told}"))
}

/// Whether an entry's data has all of these fields, with these values.
fn says(data: &Value, fields: &Value) -> bool {
    let fields = fields.as_object().into_iter().flatten();
    fields.into_iter().all(|(name, value)| data.get(name) == Some(value))
}

/// The status that an entry leads to: the one in its data, else its action's.
fn sets<'a>(said: &'a Said, set_by: &[(LedgerAction, &'static str)]) -> Option<&'a str> {
    let by_action = || set_by.iter().find(|(action, _)| action.as_str() == said.action);
    said.data["status"].as_str().or_else(|| by_action().map(|(_, status)| *status))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::wrong;
    use crate::ledger::model::{Claim, LedgerAction, Life, Said};

    fn claim(status: &str) -> Claim {
        Claim {
            row: Uuid::nil(),
            name: "bid".to_owned(),
            subject: Uuid::nil(),
            made_by: LedgerAction::BidSubmitted,
            made_with: json!({ "solicitation": "sol_1" }),
            life: Some(Life {
                status: status.to_owned(),
                set_by: &[(LedgerAction::BidWithdrawn, "WITHDRAWN")],
            }),
        }
    }

    fn said(entries: &[(&str, serde_json::Value)]) -> Vec<Said> {
        let said = |(action, data): &(&str, serde_json::Value)| Said {
            action: (*action).to_owned(),
            data: data.clone(),
        };
        entries.iter().map(said).collect()
    }

    #[test]
    fn the_last_entry_with_a_status_counts() {
        let made = ("bid.submitted", json!({ "solicitation": "sol_1", "status": "HELD" }));
        let anew = ("bid.decided_anew", json!({ "status": "ADMITTED" }));
        let taken = ("bid.withdrawn", json!({}));
        let noted = ("decision.made", json!({ "outcome": "ADMIT" }));
        let chain = [made, noted, anew, taken];
        for (length, status) in [(1, "HELD"), (2, "HELD"), (3, "ADMITTED"), (4, "WITHDRAWN")] {
            assert_eq!(wrong(&claim(status), &said(&chain[..length])), None);
            assert!(wrong(&claim("CLOSED"), &said(&chain[..length])).is_some());
        }
    }

    #[test]
    fn the_entry_that_made_it_says_the_same() {
        let none = wrong(&claim("HELD"), &[]);
        assert_eq!(none.as_deref(), Some("the ledger has no entry bid.submitted of it"));
        let other =
            said(&[("bid.submitted", json!({ "solicitation": "sol_2", "status": "HELD" }))]);
        let told = "the ledger's entry bid.submitted says otherwise";
        assert_eq!(wrong(&claim("HELD"), &other).as_deref(), Some(told));
    }
}
