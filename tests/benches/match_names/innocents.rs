//! Firms that hold no award: how many are flagged all the same.
use std::collections::BTreeSet;
use std::path::Path;

use candor_matcher::{Index, PROBABLE_SCORE, Profile, Record};

use crate::identities::recipients;
use crate::rows::rows;
use crate::speed::PAYMENTS;

/// Prints the payees of a city that are flagged as recipients of federal awards, for a person to judge:
/// some of them are recipients.
pub fn innocents(folder: &Path) {
    let mut index = Index::new();
    let recipients: Vec<String> = recipients(folder).into_iter().collect();
    for name in &recipients {
        index.insert(&Record::from_name(&**name));
    }
    let payees = rows(&folder.join(PAYMENTS));
    let payees: BTreeSet<&str> = payees.iter().map(|row| row.text("VENDOR NAME")).collect();
    println!("\n{} payees of a city among {} recipients:", payees.len(), recipients.len());
    let mut flagged = 0;
    for payee in &payees {
        let found = index.search(&Profile::from_name(payee), 1, PROBABLE_SCORE);
        let Some(found) = found.first() else { continue };
        flagged += 1;
        let known = usize::try_from(found.record.number()).ok().and_then(|at| recipients.get(at));
        println!("  {:.3} {payee} | {}", found.score, known.map_or("", String::as_str));
    }
    println!("  {flagged} are PROBABLE");
}
