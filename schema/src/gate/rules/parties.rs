//! Members of a joint venture and named subcontractors, who file their own.
use std::collections::HashMap;

use super::Case;
use crate::gate::facts::{PartyFacts, FilingStatus, SubcontractorFacts};
use crate::gate::{Finding, Money, RuleCode};
use crate::money::decimal;

/// Findings name a party as the bidder does: an identifier that a name was resolved to would tell
/// the bidder more of the other than whether it is current.
pub(super) fn findings(case: &Case<'_>) -> Vec<Option<Finding>> {
    let mut found = Vec::new();
    for member in &case.facts.members {
        let code = RuleCode::MemberMissingDisclosure;
        let standing = judged(case, code, member);
        if !case.is_current(standing) {
            let values = [("name", member.name.clone())];
            let path = ["members", &*member.name];
            found.push(case.finding(code, &path, values));
        }
    }
    for entries in each_once(&case.facts.subcontractors) {
        let code = RuleCode::SubcontractorMissingDisclosure;
        let mut standing = entries.iter().map(|it| judged(case, code, &it.party));
        if !standing.all(|it| case.is_current(it)) && counts(case, &entries) {
            let name = entries.iter().map(|it| &it.party.name).min().cloned().unwrap_or_default();
            let path = ["subcontractors", &*name];
            let values = [("name", name.clone()), ("amount", total(&entries))];
            found.push(case.finding(code, &path, values));
        }
    }
    found
}

/// The filing that a party is judged on: the one that stands at the moment that counts, or a later
/// one that mends it in time.
fn judged<'a>(case: &Case<'_>, code: RuleCode, party: &'a PartyFacts<FilingStatus>) -> Option<&'a FilingStatus> {
    let standing = party.disclosure.as_ref();
    if case.is_current(standing) {
        return standing;
    }
    case.mended(&[code], &party.later_filings, |it| it.filed_at).or(standing)
}

/// By what two rows are told to name one subcontractor.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Organization(&'a str),
    Identifier(&'a str),
    /// The folded name, of who is not resolved.
    Name(&'a str),
    /// The folded name, of who is resolved: two organizations of one name are two.
    NameOfResolved(&'a str),
}

/// What a row is known by. Facts without a resolution were kept before several spellings counted
/// together, and are replayed as they were: by the organization, else by the name to the letter.
fn keys(party: &PartyFacts<FilingStatus>) -> Vec<Key<'_>> {
    let organization = party.id.as_deref().map(Key::Organization);
    let Some(resolution) = &party.resolution else {
        return vec![organization.unwrap_or(Key::Name(&party.name))];
    };
    let name = match organization {
        Some(_) => Key::NameOfResolved(&resolution.folded_name),
        None => Key::Name(&resolution.folded_name),
    };
    let identifier = resolution.identifier.as_deref().map(Key::Identifier);
    organization.into_iter().chain(identifier).chain([name]).collect()
}

/// The subcontractors, each once, with every row that names it. Rows of one organization, of one
/// identifier, or of one name where one of the two is not resolved, are one; so are rows that a
/// third one joins. Who splits its work over rows and spellings counts with all of it.
fn each_once(rows: &[SubcontractorFacts]) -> Vec<Vec<&SubcontractorFacts>> {
    // The first row that each row is one with, by their places: a forest whose roots stand for one.
    let mut joined: Vec<usize> = (0..rows.len()).collect();
    let mut first = HashMap::<Key<'_>, usize>::new();
    for (place, row) in rows.iter().enumerate() {
        for key in keys(&row.party) {
            if !matches!(key, Key::NameOfResolved(_)) {
                let other = *first.entry(key).or_insert(place);
                join(&mut joined, other, place);
            }
        }
    }
    for (place, row) in rows.iter().enumerate() {
        for key in keys(&row.party) {
            if let Key::NameOfResolved(name) = key
                && let Some(other) = first.get(&Key::Name(name))
            {
                join(&mut joined, *other, place);
            }
        }
    }
    let mut each = vec![Vec::new(); rows.len()];
    for (place, row) in rows.iter().enumerate() {
        each[root(&joined, place)].push(row);
    }
    each.retain(|rows| !rows.is_empty());
    each
}

/// The row that stands for all that one is joined with.
fn root(joined: &[usize], mut place: usize) -> usize {
    while joined[place] != place {
        place = joined[place];
    }
    place
}

/// Makes two rows one; the earlier stands for both.
fn join(joined: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(joined, one), root(joined, other));
    joined[one.max(other)] = one.min(other);
}

/// Whether a subcontractor is at or over the threshold: the policy's amount or, for public works,
/// its share of the bid where that is lower. Where the amounts cannot be compared, since one is
/// not known or is in another currency, it counts: the safe side is to ask.
fn counts(case: &Case<'_>, entries: &[&SubcontractorFacts]) -> bool {
    let threshold = &case.policy.parameters().subcontractor_threshold.value;
    let cents = |amount: &Option<Money>| {
        let amount = amount.as_ref()?;
        let comparable = amount.currency == threshold.amount.currency;
        comparable.then_some(i128::from(amount.cents))
    };
    let Some(work) = entries.iter().map(|it| cents(&it.amount)).sum::<Option<i128>>() else {
        return true;
    };
    if work >= i128::from(threshold.amount.cents) {
        return true;
    }
    // Multiplied, not divided: half a percent of an odd amount is no whole cent.
    let points = i128::from(threshold.public_works_basis_points);
    case.facts.is_public_works
        && cents(&case.facts.amount).is_none_or(|bid| work * 10_000 >= bid * points)
}

/// What the work comes to, such as `30000.00 USD`; empty if it is not all known in one currency.
fn total(entries: &[&SubcontractorFacts]) -> String {
    let mut cents = 0;
    let mut currencies = std::collections::BTreeSet::new();
    for entry in entries {
        let Some(amount) = &entry.amount else { return String::new() };
        cents += i128::from(amount.cents);
        currencies.insert(&amount.currency);
    }
    match currencies.pop_first() {
        Some(currency) if currencies.is_empty() => format!("{} {currency}", decimal(cents)),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::option::of;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::each_once;
    use crate::gate::facts::{ResolutionFacts, SubcontractorFacts};
    use crate::gate::samples::{facts, policy, standing, subcontractor};
    use crate::gate::{Outcome, ResolvedBy, decide};

    /// A row of a bid that names somebody; resolved to the organization, if one is given.
    fn row(
        organization: Option<&str>,
        identifier: Option<&str>,
        folded_name: &str,
        cents: i64,
    ) -> SubcontractorFacts {
        let mut row = subcontractor(folded_name, cents, None);
        row.party.id = organization.map(Into::into);
        row.party.resolution = Some(ResolutionFacts {
            by: if organization.is_some() { ResolvedBy::Identifier } else { ResolvedBy::Nobody },
            identifier: identifier.map(Into::into),
            folded_name: folded_name.into(),
        });
        row
    }

    fn rows() -> impl Strategy<Value = Vec<SubcontractorFacts>> {
        let organization = of(select(vec!["org_a", "org_b"]));
        let identifier = of(select(vec!["UEI A", "UEI B", "CAGE C"]));
        let one = (organization, identifier, select(vec!["paint", "weld", "haul"]), 0..100_i64);
        vec(one.prop_map(|(id, given, name, cents)| row(id, given, name, cents)), 0..9)
    }

    /// Whether two rows by themselves name one subcontractor, as the rule is told in words.
    fn are_one(one: &SubcontractorFacts, other: &SubcontractorFacts) -> bool {
        let (one, other) = (&one.party, &other.party);
        let of = |party: &super::PartyFacts<super::FilingStatus>| {
            party.resolution.clone().expect("rows of today tell how they were resolved")
        };
        let (by, to) = (of(one), of(other));
        let both = one.id.is_some() && other.id.is_some();
        (both && one.id == other.id)
            || (by.identifier.is_some() && by.identifier == to.identifier)
            || (!both && by.folded_name == to.folded_name)
    }

    proptest! {
        #[test]
        fn rows_are_one_exactly_if_a_chain_of_rows_joins_them(rows in rows()) {
            let mut closed: Vec<BTreeSet<usize>> = Vec::new();
            for place in 0..rows.len() {
                let (with, without): (Vec<_>, Vec<_>) = closed
                    .into_iter()
                    .partition(|all| all.iter().any(|it| are_one(&rows[*it], &rows[place])));
                closed = without;
                closed.push(with.into_iter().flatten().chain([place]).collect());
            }
            let found: BTreeSet<BTreeSet<usize>> = each_once(&rows)
                .into_iter()
                .map(|all| {
                    let place = |it: &SubcontractorFacts| {
                        rows.iter().position(|row| std::ptr::eq(row, it))
                    };
                    all.into_iter().filter_map(place).collect()
                })
                .collect();
            prop_assert_eq!(found, closed.into_iter().collect::<BTreeSet<_>>());
        }

        #[test]
        fn work_that_is_split_over_rows_counts_like_the_whole(
            parts in vec(1..2_000_000_i64, 1..6),
            by_name in any::<bool>(),
        ) {
            let outcome = |rows| {
                let mut facts = facts();
                facts.subcontractors = rows;
                decide(&policy(), &facts).outcome
            };
            let whole = outcome(vec![row(None, Some("UEI A"), "paint", parts.iter().sum())]);
            let split = parts.iter().enumerate().map(|(index, cents)| {
                if by_name {
                    return row(None, None, "paint", *cents);
                }
                row(None, Some("UEI A"), ["paint", "harborpaint"][index % 2], *cents)
            });
            prop_assert_eq!(outcome(split.collect()), whole);
        }
    }

    #[test]
    fn a_row_that_is_not_resolved_is_not_current_beside_one_that_is() {
        let mut facts = facts();
        let mut current = row(Some("org_a"), Some("UEI A"), "paint", 2_000_000);
        current.party.disclosure = Some(standing());
        facts.subcontractors = vec![current, row(None, Some("UEI A"), "harborpaint", 1_000_000)];
        assert_eq!(decide(&policy(), &facts).outcome, Outcome::Review);
        facts.subcontractors.pop();
        assert_eq!(decide(&policy(), &facts).outcome, Outcome::Admit);
    }

    #[test]
    fn rows_of_facts_that_were_kept_before_count_as_they_did() {
        let mut facts = facts();
        facts.subcontractors = ["Harbor Paint", "HARBOR PAINT"]
            .map(|name| {
                let mut row = subcontractor(name, 1_500_000, None);
                row.party.id = None;
                row
            })
            .into();
        assert_eq!(decide(&policy(), &facts).outcome, Outcome::Admit);
    }
}
