//! Members of a joint venture and named subcontractors, who file their own.
use std::collections::BTreeMap;

use super::Case;
use crate::gate::facts::{Party, Standing, SubcontractorFacts};
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
    for entries in named(case).into_values() {
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
fn judged<'a>(case: &Case<'_>, code: RuleCode, party: &'a Party<Standing>) -> Option<&'a Standing> {
    let standing = party.disclosure.as_ref();
    if case.is_current(standing) {
        return standing;
    }
    case.mended(&[code], &party.later, |it| it.filed_at).or(standing)
}

/// Its identifier; its name while that is not resolved.
fn key(party: &Party<Standing>) -> &str {
    party.id.as_deref().unwrap_or(&party.name)
}

/// The subcontractors, each once: one named for two parts of the work counts with both.
fn named<'a>(case: &Case<'a>) -> BTreeMap<&'a str, Vec<&'a SubcontractorFacts>> {
    let mut named: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for subcontractor in &case.facts.subcontractors {
        named.entry(key(&subcontractor.party)).or_default().push(subcontractor);
    }
    named
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
    case.facts.public_works
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
