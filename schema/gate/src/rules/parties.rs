//! Findings about joint venture members and named subcontractors, who file their own disclosures.
//!
//! Whether a firm has a disclosure can only be said of a known firm: a party that is not one known firm
//! is unidentified, never missing.
use std::collections::HashMap;

use super::Case;
use crate::facts::{FilingStatus, PartyFacts, SubcontractorFacts};
use crate::{AwardMethod, Finding, FindingDetail, Money, PartyRole, ResolvedBy, RuleCode};

/// Finds members and subcontractors that are not identified, or that have no current disclosure. A
/// finding uses the name that the
/// bidder gave, so that the bidder learns nothing else about the other firm.
pub(super) fn findings(case: &Case<'_>) -> Vec<Option<Finding>> {
    let mut findings = Vec::new();
    for member in &case.facts.members {
        if is_unidentified(case, member) {
            let detail = FindingDetail::PartyUnidentified {
                name: member.name.clone(),
                role: PartyRole::Member,
            };
            findings.push(case.finding(&["members", &*member.name], detail));
            continue;
        }
        let code = RuleCode::MemberMissingDisclosure;
        let filing = applicable_filing_of(case, code, member);
        if !case.is_current(filing) {
            let detail = FindingDetail::MemberMissingDisclosure { name: member.name.clone() };
            findings.push(case.finding(&["members", &*member.name], detail));
        }
    }
    for entries in group_by_subcontractor(&case.facts.subcontractors) {
        if !reaches_threshold(case, &entries) {
            continue;
        }
        let (unidentified, identified): (Vec<&SubcontractorFacts>, Vec<&SubcontractorFacts>) =
            entries.iter().copied().partition(|it| is_unidentified(case, &it.party));
        let name_of = |rows: &[&SubcontractorFacts]| {
            rows.iter().map(|it| &it.party.name).min().cloned().unwrap_or_default()
        };
        let code = RuleCode::SubcontractorMissingDisclosure;
        let mut filings = identified.iter().map(|it| applicable_filing_of(case, code, &it.party));
        if !filings.all(|it| case.is_current(it)) {
            let name = name_of(&identified);
            let path = ["subcontractors", &*name.clone()];
            let amount = total(&entries);
            let detail = FindingDetail::SubcontractorMissingDisclosure { name, amount };
            findings.push(case.finding(&path, detail));
        }
        if !unidentified.is_empty() {
            let name = name_of(&unidentified);
            let path = ["subcontractors", &*name.clone()];
            let detail = FindingDetail::PartyUnidentified { name, role: PartyRole::Subcontractor };
            findings.push(case.finding(&path, detail));
        }
    }
    findings
}

/// Whether a party was looked for and is not one known firm. Facts without a resolution predate the
/// search. Under a policy whose build did not have the rule, such a party lacks a disclosure, as then.
fn is_unidentified(case: &Case<'_>, party: &PartyFacts<FilingStatus>) -> bool {
    let has_rule = case.policy.rule(RuleCode::PartyUnidentified).is_some();
    has_rule && party.resolution.as_ref().is_some_and(|it| it.by == ResolvedBy::Unresolved)
}

/// The filing that applies to a party: the one in effect at the reference time, or a later one that
/// cures its defects in time.
fn applicable_filing_of<'a>(
    case: &Case<'_>,
    code: RuleCode,
    party: &'a PartyFacts<FilingStatus>,
) -> Option<&'a FilingStatus> {
    let in_effect = party.disclosure.as_ref();
    if case.is_current(in_effect) {
        return in_effect;
    }
    case.find_curing_filing(&[code], &party.later_filings, |it| it.filed_at).or(in_effect)
}

/// A key that two rows share if they name the same subcontractor.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum PartyKey<'a> {
    Organization(&'a str),
    Identifier(&'a str),
    /// The folded name of an unresolved row.
    Name(&'a str),
    /// The folded name of a resolved row. Two resolved rows do not match by name alone.
    NameOfResolved(&'a str),
}

/// Lists the keys of a row. Facts without a resolution predate the grouping of spellings; they are
/// replayed as they were decided: by organization, else by the exact name.
fn identity_keys(party: &PartyFacts<FilingStatus>) -> Vec<PartyKey<'_>> {
    let organization = party.id.as_deref().map(PartyKey::Organization);
    let Some(resolution) = &party.resolution else {
        return vec![organization.unwrap_or(PartyKey::Name(&party.name))];
    };
    let name = match organization {
        Some(_) => PartyKey::NameOfResolved(&resolution.folded_name),
        None => PartyKey::Name(&resolution.folded_name),
    };
    let identifier = resolution.identifier.as_deref().map(PartyKey::Identifier);
    organization.into_iter().chain(identifier).chain([name]).collect()
}

/// Groups the rows by subcontractor. Two rows name the same one if they share the organization, the
/// identifier, or the name where at least one of them is unresolved, directly or through other
/// rows. So work that is split over rows and spellings counts as a whole.
fn group_by_subcontractor(rows: &[SubcontractorFacts]) -> Vec<Vec<&SubcontractorFacts>> {
    // A union-find forest over row indexes: rows with the same root name one subcontractor.
    let mut parents: Vec<usize> = (0..rows.len()).collect();
    let mut first_row = HashMap::<PartyKey<'_>, usize>::new();
    for (index, row) in rows.iter().enumerate() {
        for key in identity_keys(&row.party) {
            if !matches!(key, PartyKey::NameOfResolved(_)) {
                let other = *first_row.entry(key).or_insert(index);
                union(&mut parents, other, index);
            }
        }
    }
    for (index, row) in rows.iter().enumerate() {
        for key in identity_keys(&row.party) {
            if let PartyKey::NameOfResolved(name) = key
                && let Some(other) = first_row.get(&PartyKey::Name(name))
            {
                union(&mut parents, *other, index);
            }
        }
    }
    let mut groups = vec![Vec::new(); rows.len()];
    for (index, row) in rows.iter().enumerate() {
        groups[find_root(&parents, index)].push(row);
    }
    groups.retain(|rows| !rows.is_empty());
    groups
}

/// The index of the first row of a row's group.
fn find_root(parents: &[usize], mut index: usize) -> usize {
    while parents[index] != index {
        index = parents[index];
    }
    index
}

/// Merges the groups of two rows; the earlier root remains.
fn union(parents: &mut [usize], left: usize, right: usize) {
    let (left, right) = (find_root(parents, left), find_root(parents, right));
    parents[left.max(right)] = left.min(right);
}

/// Whether a subcontractor's work is at or over the threshold: the policy's amount or, for public
/// works, a share of the bid if that is lower. Amounts that are unknown or in another currency
/// cannot be compared and count as over; a proposal without an amount has no share.
fn reaches_threshold(case: &Case<'_>, entries: &[&SubcontractorFacts]) -> bool {
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
    // Multiplied instead of divided, since half a percent of an amount may not be a whole cent.
    let points = i128::from(threshold.public_works_basis_points);
    case.facts.is_public_works
        && !is_proposal_without_amount(case)
        && cents(&case.facts.amount).is_none_or(|bid| work * 10_000 >= bid * points)
}

/// Whether the bid was made without an amount, as a solicitation for proposals allows. Every other bid
/// has one.
fn is_proposal_without_amount(case: &Case<'_>) -> bool {
    case.facts.amount.is_none() && case.facts.method == Some(AwardMethod::Proposals)
}

/// The total of the work; none if an amount is unknown or the currencies differ.
fn total(entries: &[&SubcontractorFacts]) -> Option<Money> {
    let amounts = entries.iter().map(|entry| entry.amount.clone());
    let mut sums = Money::sum_by_currency(amounts.collect::<Option<Vec<_>>>()?);
    let sum = sums.next();
    sum.filter(|_| sums.next().is_none())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::option::of;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::group_by_subcontractor;
    use crate::facts::{ResolutionFacts, SubcontractorFacts};
    use crate::samples::{facts, filing_status, policy, subcontractor};
    use crate::{FindingDetail, Outcome, PartyRole, ResolvedBy, decide};

    /// A subcontractor row, resolved to the organization if one is given.
    fn row(
        organization: Option<&str>,
        identifier: Option<&str>,
        folded_name: &str,
        cents: i64,
    ) -> SubcontractorFacts {
        let mut row = subcontractor(folded_name, cents, None);
        row.party.id = organization.map(Into::into);
        row.party.resolution = Some(ResolutionFacts {
            by: if organization.is_some() {
                ResolvedBy::Identifier
            } else {
                ResolvedBy::Unresolved
            },
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

    /// Whether two rows alone name the same subcontractor: the rule written pair by pair.
    fn is_same_party(left: &SubcontractorFacts, right: &SubcontractorFacts) -> bool {
        let (left, right) = (&left.party, &right.party);
        let resolution = |party: &super::PartyFacts<super::FilingStatus>| {
            party.resolution.clone().expect("the row has a resolution")
        };
        let are_both_resolved = left.id.is_some() && right.id.is_some();
        let is_same_id = left.id == right.id;
        let (left, right) = (resolution(left), resolution(right));
        (are_both_resolved && is_same_id)
            || (left.identifier.is_some() && left.identifier == right.identifier)
            || (!are_both_resolved && left.folded_name == right.folded_name)
    }

    proptest! {
        #[test]
        fn rows_are_grouped_exactly_if_a_chain_of_shared_keys_connects_them(rows in rows()) {
            let mut expected: Vec<BTreeSet<usize>> = Vec::new();
            for index in 0..rows.len() {
                let (with, without): (Vec<_>, Vec<_>) = expected
                    .into_iter()
                    .partition(|all| all.iter().any(|it| is_same_party(&rows[*it], &rows[index])));
                expected = without;
                expected.push(with.into_iter().flatten().chain([index]).collect());
            }
            let groups: BTreeSet<BTreeSet<usize>> = group_by_subcontractor(&rows)
                .into_iter()
                .map(|all| {
                    let index_of = |it: &SubcontractorFacts| {
                        rows.iter().position(|row| std::ptr::eq(row, it))
                    };
                    all.into_iter().filter_map(index_of).collect()
                })
                .collect();
            prop_assert_eq!(groups, expected.into_iter().collect::<BTreeSet<_>>());
        }

        #[test]
        fn split_work_has_the_same_outcome_as_one_row(
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
    fn an_unresolved_row_makes_its_subcontractor_unidentified() {
        let mut facts = facts();
        let mut current = row(Some("org_a"), Some("UEI A"), "paint", 2_000_000);
        current.party.disclosure = Some(filing_status());
        facts.subcontractors = vec![current, row(None, Some("UEI A"), "harborpaint", 1_000_000)];
        let decision = decide(&policy(), &facts);
        let detail = &decision.findings.first().expect("a finding").detail;
        let (name, role) = ("harborpaint".to_owned(), PartyRole::Subcontractor);
        assert_eq!(detail, &FindingDetail::PartyUnidentified { name, role });
        assert_eq!(decision.findings.len(), 1);
        facts.subcontractors.pop();
        assert_eq!(decide(&policy(), &facts).outcome, Outcome::Admit);
    }

    #[test]
    fn a_proposal_without_an_amount_has_the_policys_amount_as_its_only_threshold() {
        let mut facts = facts();
        facts.is_public_works = true;
        // Half a percent of the sample's bid would be reached.
        facts.subcontractors = vec![subcontractor("paint", 2_999_999, None)];
        let outcome = |facts: &crate::Facts| decide(&policy(), facts).outcome;
        assert_ne!(outcome(&facts), Outcome::Admit, "a bid with an amount");
        facts.amount = None;
        assert_ne!(outcome(&facts), Outcome::Admit, "an unknown amount counts as over");
        facts.method = Some(crate::AwardMethod::Proposals);
        assert_eq!(outcome(&facts), Outcome::Admit);
        facts.subcontractors = vec![subcontractor("paint", 3_000_000, None)];
        assert_ne!(outcome(&facts), Outcome::Admit, "the policy's amount");
    }

    #[test]
    fn facts_without_resolution_are_grouped_by_exact_name() {
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
