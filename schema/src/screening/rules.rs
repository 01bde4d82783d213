//! What a filter must be like. Pure.
use std::collections::BTreeSet;

use chrono::Datelike;

use super::model::{BidFilter, ComponentsFilter};
use crate::fault::{Path, Problems, Result};
use crate::gate::RuleCode;
use crate::money::{self, Money};
use crate::search;
use crate::text::{LINE, day, required};

/// The most words of one list of a filter.
const MOST: usize = 50;

/// A filter that says something that can be so, in the forms that are asked with.
#[derive(Clone, Debug)]
pub struct Checked {
    pub filter: BidFilter,
    pub findings: Vec<RuleCode>,
    pub at_least: Option<Money>,
    pub at_most: Option<Money>,
    /// The words that are searched for; none if no text was given.
    pub words: Option<BTreeSet<String>>,
}

/// Reads a filter.
///
/// # Errors
/// `Invalid` with everything that is unknown, cannot be read, or contradicts itself.
pub fn filter(filter: BidFilter) -> Result<Checked> {
    let (path, mut problems) = (Path::argument("filter"), Problems::default());
    let mut findings = Vec::new();
    for (index, code) in filter.findings.iter().enumerate() {
        match code.parse::<RuleCode>() {
            Ok(code) => findings.push(code),
            Err(unknown) => {
                let told = format!("{unknown}; the policy lists its rules by their codes.");
                problems.add(&path.at("findings").at(index), "invalid", told);
            }
        }
    }
    if let Some(components) = &filter.components {
        contradictions(components, &path.at("components"), &mut problems);
    }
    let (at_least, at_most) = compensation(&filter, &path.at("compensation"), &mut problems);
    if let Some(agreement) = &filter.agreement {
        let at = path.at("agreement");
        let from = agreement.runs_from.as_ref();
        let from = from.and_then(|typed| day(typed, &at.at("runsFrom"), &mut problems));
        let until = agreement.runs_until.as_ref();
        let until = until.and_then(|typed| day(typed, &at.at("runsUntil"), &mut problems));
        if from.zip(until).is_some_and(|(from, until)| from > until) {
            let told = "It is before runsFrom: no agreement runs then.";
            problems.add(&at.at("runsUntil"), "contradiction", told);
        }
    }
    let submitted = filter.submitted_from.zip(filter.submitted_before);
    if submitted.is_some_and(|(from, before)| from >= before) {
        let told = "It is not after submittedFrom: nothing was submitted then.";
        problems.add(&path.at("submittedBefore"), "contradiction", told);
    }
    for (name, at) in
        [("submittedFrom", filter.submitted_from), ("submittedBefore", filter.submitted_before)]
    {
        if at.is_some_and(|at| !(1..=9_999).contains(&at.year())) {
            problems.add(&path.at(name), "invalid", "Give a time of the years 1 to 9999.");
        }
    }
    reviewer(filter.reviewer.as_deref(), &path.at("reviewer"), &mut problems);
    if filter.reviewer.is_some() && filter.taken == Some(false) {
        let told = "What a reviewer is on is taken; leave one of the two out.";
        problems.add(&path.at("taken"), "contradiction", told);
    }
    let words = filter.text.as_ref().map(|text| words(text, &path.at("text"), &mut problems));
    lengths(&filter, &path, &mut problems);
    problems.finish()?;
    Ok(Checked { filter, findings, at_least, at_most, words })
}

/// Notes it if a reviewer's subject is none that a token could have.
pub fn reviewer(given: Option<&str>, path: &Path, problems: &mut Problems) {
    if let Some(given) = given {
        required(given, LINE, path, problems);
    }
}

fn contradictions(components: &ComponentsFilter, path: &Path, problems: &mut Problems) {
    let wanted = components.all.iter().find(|it| components.none.contains(it));
    if let Some(both) = wanted {
        let told = format!("{} stands in all and in none; no disclosure meets both.", both.word());
        problems.add(&path.at("none"), "contradiction", told);
    }
    let any = &components.any;
    if !any.is_empty() && any.iter().all(|it| components.none.contains(it)) {
        let told = "Every component of any stands in none; no disclosure meets both.";
        problems.add(&path.at("none"), "contradiction", told);
    }
}

fn compensation(
    filter: &BidFilter,
    path: &Path,
    problems: &mut Problems,
) -> (Option<Money>, Option<Money>) {
    let Some(given) = &filter.compensation else { return (None, None) };
    let read = |given: Option<&money::Written>, name: &str, problems: &mut Problems| {
        given.and_then(|given| money::read(given, &path.at(name), problems))
    };
    let at_least = read(given.at_least.as_ref(), "atLeast", problems);
    let at_most = read(given.at_most.as_ref(), "atMost", problems);
    if let (Some(least), Some(most)) = (&at_least, &at_most) {
        if least.currency != most.currency {
            let told = "Give both amounts in one currency.";
            problems.add(&path.at("atMost"), "contradiction", told);
        } else if least.cents > most.cents {
            let told = "It is below atLeast: nothing comes to that.";
            problems.add(&path.at("atMost"), "contradiction", told);
        }
    }
    (at_least, at_most)
}

/// Whatever is typed is a search, unless it is too long for one.
fn words(text: &str, path: &Path, problems: &mut Problems) -> BTreeSet<String> {
    let length = text.chars().count();
    if length > search::LONGEST {
        let most = search::LONGEST;
        let told = format!("It has {length} characters; search for {most} at the most.");
        problems.add(path, "too_long", told);
        return BTreeSet::new();
    }
    let words = search::words(text);
    if words.len() > search::WORDS {
        let most = search::WORDS;
        let told = format!("It has {} words; search for {most} at the most.", words.len());
        problems.add(path, "too_long", told);
    }
    words
}

fn lengths(filter: &BidFilter, path: &Path, problems: &mut Problems) {
    let none = ComponentsFilter::default();
    let components = filter.components.as_ref().unwrap_or(&none);
    let lists = [
        ("findings", filter.findings.len()),
        ("status", filter.status.len()),
        ("outcome", filter.outcome.len()),
        ("review", filter.review.len()),
        ("components", components.any.len() + components.all.len() + components.none.len()),
        (
            "agreement",
            filter
                .agreement
                .as_ref()
                .map_or(0, |it| it.components.len() + it.nature_of_work.len() + it.kinds.len()),
        ),
        (
            "arrangement",
            filter.arrangement.as_ref().map_or(0, |it| {
                it.recipient_kinds.len() + it.data_categories.len() + it.onward_to_dhs.len()
            }),
        ),
    ];
    for (name, length) in lists.into_iter().filter(|(_, length)| *length > MOST) {
        let told = format!("It has {length} words; give {MOST} at the most.");
        problems.add(&path.at(name), "too_long", told);
    }
}

#[cfg(test)]
mod tests {
    use super::{BidFilter, filter};
    use crate::fault::Fault;
    use crate::gate::DhsComponent;
    use crate::money::Written;
    use crate::screening::model::{AgreementFilter, CompensationFilter, ComponentsFilter};

    fn told(given: BidFilter) -> Vec<String> {
        match filter(given) {
            Err(Fault::Invalid(errors)) => errors
                .into_iter()
                .map(|error| format!("{} {}", error.path.join("."), error.code))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn usd(amount: &str) -> Written {
        Written { amount: amount.to_owned().into(), currency: "USD".to_owned().into() }
    }

    #[test]
    fn what_cannot_be_so_is_told_at_once() {
        let wrong = BidFilter {
            findings: vec!["disclosure.missing".into(), "disclosure.absent".into()],
            components: Some(ComponentsFilter {
                all: vec![DhsComponent::Ice],
                none: vec![DhsComponent::Ice],
                ..ComponentsFilter::default()
            }),
            compensation: Some(CompensationFilter {
                at_least: Some(usd("2")),
                at_most: Some(usd("1")),
                unknown: None,
            }),
            agreement: Some(AgreementFilter {
                runs_from: Some("2026-02-30".to_owned().into()),
                ..AgreementFilter::default()
            }),
            text: Some("a".repeat(10_000)),
            ..BidFilter::default()
        };
        let expected = [
            "filter.findings.1 invalid",
            "filter.components.none contradiction",
            "filter.compensation.atMost contradiction",
            "filter.agreement.runsFrom invalid",
            "filter.text too_long",
        ];
        assert_eq!(told(wrong), expected);
        assert_eq!(told(BidFilter::default()), Vec::<String>::new());
    }
}
