//! Names of firms that are known to be one by their identifiers, and spelt differently.
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use candor_schema::award::matcher::{Index, PROBABLE, Profile, Record, Relation, compare};

use crate::accuracy::share;
use crate::rows::{Row, rows};

/// The file that has an identifier to each name.
pub const AWARDS: &str = "federal-awards/usaspending_PrimeAwardSummaries_contracts_ice.csv";
/// Files that have names alone: how often words are seen is counted in them.
const LISTINGS: [&str; 3] = [
    "federal-awards/CBP_ICE_FY2021_Contract_Obligations.csv",
    "federal-awards/CBP_ICE_FY2022_Contract_Obligations.csv",
    "federal-awards/CBP_ICE_FY2023_Contract_Obligations.csv",
];

/// The names in the listings, each once.
pub fn recipients(folder: &Path) -> BTreeSet<String> {
    let listed = LISTINGS.iter().flat_map(|file| rows(&folder.join(file)));
    listed.map(|row| row.text("Recipient Name").to_owned()).collect()
}

/// All that a row of the awards says of its recipient.
fn recipient(row: &Row) -> Record {
    let aliases = ["recipient_name_raw", "recipient_doing_business_as_name"];
    Record {
        name: row.text("recipient_name").into(),
        aliases: aliases.into_iter().filter_map(|column| row.given(column)).collect(),
        uei: row.given("recipient_uei"),
        duns: row.given("recipient_duns"),
        cage: row.given("cage_code"),
        app: row.given("recipient_city_name"),
        state: row.given("recipient_state_code"),
        address: row.given("recipient_address_line_1"),
        parent: row.given("recipient_parent_name"),
        parent_uei: row.given("recipient_parent_uei"),
    }
}

/// Tells of how many pairs of a firm's names one finds the firm by the other: in an index of all
/// its records, and comparing nothing but the two.
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
        alone.insert(&Record::named(name));
    }
    let is_found = |name: &str, firm: &String| {
        let found = index.search(&Profile::named(name), 1, PROBABLE);
        let same = found.iter().find(|found| found.relation == Relation::Same);
        same.is_some_and(|same| {
            index.identity(same.record).any(|record| {
                let at = usize::try_from(record.number()).expect("a record's place");
                firms.get(at).is_some_and(|known| known.as_ref() == Some(firm))
            })
        })
    };
    let (mut pairs, mut found, mut alike) = (0, 0, 0);
    for (firm, names) in &names {
        let names: Vec<(&String, Profile)> =
            names.iter().map(|name| (name, Profile::named(name))).collect();
        for (at, (one, mine)) in names.iter().enumerate() {
            for (other, theirs) in &names[at + 1..] {
                pairs += 1;
                found += [one, other].iter().filter(|name| is_found(name, firm)).count();
                let compared = compare(mine, theirs, alone.weights());
                alike += usize::from(compared.score >= PROBABLE);
            }
        }
    }
    println!("\n{pairs} pairs of names of one firm by its UEI or DUNS number, spelt differently:");
    println!("  one firm by its records' identifiers {:>6.3} (goal 0.95)", share(found, 2 * pairs));
    println!("  one firm by the two names alone      {:>6.3} (goal 0.5)", share(alike, pairs));
}
