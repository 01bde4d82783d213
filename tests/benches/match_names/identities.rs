//! Different spellings of firms known by their identifiers.
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use candor_matcher::{Index, PROBABLE_SCORE, Profile, Record, Relation, compare};

use crate::accuracy::share;
use crate::rows::{Row, rows};

/// The file with an identifier for each name.
pub const AWARDS: &str = "federal-awards/usaspending_PrimeAwardSummaries_contracts_ice.csv";
/// Files with only names, used to count word frequencies.
const LISTINGS: [&str; 3] = [
    "federal-awards/CBP_ICE_FY2021_Contract_Obligations.csv",
    "federal-awards/CBP_ICE_FY2022_Contract_Obligations.csv",
    "federal-awards/CBP_ICE_FY2023_Contract_Obligations.csv",
];

/// Returns the distinct names in the listings.
pub fn recipients(folder: &Path) -> BTreeSet<String> {
    let listed = LISTINGS.iter().flat_map(|file| rows(&folder.join(file)));
    listed.map(|row| row.text("Recipient Name").to_owned()).collect()
}

/// Returns the recipient in a row of the awards.
fn recipient(row: &Row) -> Record {
    let aliases = ["recipient_name_raw", "recipient_doing_business_as_name"];
    Record {
        name: row.text("recipient_name").into(),
        aliases: aliases.into_iter().filter_map(|column| row.non_empty(column)).collect(),
        uei: row.non_empty("recipient_uei"),
        duns: row.non_empty("recipient_duns"),
        cage: row.non_empty("cage_code"),
        city: row.non_empty("recipient_city_name"),
        state: row.non_empty("recipient_state_code"),
        address: row.non_empty("recipient_address_line_1"),
        parent: row.non_empty("recipient_parent_name"),
        parent_uei: row.non_empty("recipient_parent_uei"),
    }
}

/// Prints for how many pairs of a firm's names a search for one finds the other: in an index of all
/// records, and comparing only the two.
pub fn identities(folder: &Path) {
    let records: BTreeMap<String, Record> = rows(&folder.join(AWARDS))
        .iter()
        .map(recipient)
        .map(|record| (format!("{record:?}"), record))
        .collect();
    let mut index = Index::new();
    let (mut firms, mut names) = (Vec::new(), BTreeMap::<String, BTreeSet<String>>::new());
    for record in records.into_values() {
        index.insert(&record);
        let identifier = record.uei.or(record.duns);
        if let Some(identifier) = &identifier {
            let known = names.entry(identifier.clone()).or_default();
            known.insert(record.name);
            known.extend(record.aliases);
        }
        firms.push(identifier);
    }
    let mut alone = Index::new();
    for name in recipients(folder) {
        alone.insert(&Record::from_name(name));
    }
    let is_found = |name: &str, firm: &String| {
        let found = index.search(&Profile::from_name(name), 1, PROBABLE_SCORE);
        let same = found.iter().find(|found| found.relation == Relation::Same);
        same.is_some_and(|same| {
            index.same_firm(same.record).any(|record| {
                let at = usize::try_from(record.number()).expect("a record's place");
                firms.get(at).is_some_and(|known| known.as_ref() == Some(firm))
            })
        })
    };
    let (mut pairs, mut found, mut alike) = (0, 0, 0);
    for (firm, names) in &names {
        let names: Vec<(&String, Profile)> =
            names.iter().map(|name| (name, Profile::from_name(name))).collect();
        for (at, (one, mine)) in names.iter().enumerate() {
            for (other, theirs) in &names[at + 1..] {
                pairs += 1;
                found += [one, other].iter().filter(|name| is_found(name, firm)).count();
                let compared = compare(mine, theirs, alone.weights());
                alike += usize::from(compared.score >= PROBABLE_SCORE);
            }
        }
    }
    println!("\n{pairs} pairs of names of one firm by its UEI or DUNS number, spelt differently:");
    println!("  one firm by its records' identifiers {:>6.3} (goal 0.95)", share(found, 2 * pairs));
    println!("  one firm by the two names alone      {:>6.3} (goal 0.5)", share(alike, pairs));
}
