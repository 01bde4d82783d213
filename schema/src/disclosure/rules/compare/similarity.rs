//! Scores the similarity of two items in points, by the traits that identify them.
use std::collections::{BTreeSet, HashMap};

use super::pairing::ItemKeys;
use crate::disclosure::model::{Agreement, AgreementKind, Arrangement, Holder};
use crate::gate::{DhsComponent, NatureOfWork, RecipientKind};
use crate::scalar::{DayRange, PartialDate};

/// The points of two identical items: more than any other similarity can reach.
pub const IDENTICAL_POINTS: u32 = 100;
/// The most distinct words of a description that are compared, from its start.
const MAX_DESCRIPTION_WORDS: usize = 100;
/// The fewest points of two corresponding agreements: more than the same component, kind and
/// holder give, which unrelated agreements often share.
const MIN_AGREEMENT_POINTS: u32 = 6;
/// The fewest points of two corresponding arrangements: more than the same recipient kind and
/// component give.
const MIN_ARRANGEMENT_POINTS: u32 = 5;

/// A number for each distinct word, so that texts compare as sets of numbers.
#[derive(Debug, Default)]
pub struct WordIds(HashMap<String, usize>);

impl WordIds {
    fn ids(&mut self, text: Option<&String>) -> BTreeSet<usize> {
        let text = text.map(|text| text.to_lowercase()).unwrap_or_default();
        let words = text.split(|it: char| !it.is_alphanumeric()).filter(|word| !word.is_empty());
        let mut numbers = BTreeSet::new();
        for word in words {
            if numbers.len() == MAX_DESCRIPTION_WORDS {
                break;
            }
            let next = self.0.len();
            numbers.insert(*self.0.entry(word.to_owned()).or_insert(next));
        }
        numbers
    }
}

/// The traits that identify an agreement.
#[derive(Debug)]
pub struct AgreementTraits {
    identifier: Option<String>,
    parent: Option<String>,
    component: Option<(DhsComponent, Option<String>)>,
    kind: Option<AgreementKind>,
    holder: Option<String>,
    start: Option<DayRange>,
    program: Option<String>,
    nature: BTreeSet<NatureOfWork>,
    description: BTreeSet<usize>,
    /// The description, as a sort key.
    text: String,
}

impl AgreementTraits {
    pub fn new(item: &Agreement, words: &mut WordIds) -> Self {
        let Agreement {
            holder,
            component,
            component_name,
            office: _,
            program,
            kind,
            kind_name: _,
            tier: _,
            prime: _,
            prime_award: _,
            identifier,
            parent_identifier,
            start_date,
            start_unknown_reason: _,
            end_date: _,
            ongoing: _,
            state_at_signing: _,
            nature_of_work,
            description,
            naics: _,
            psc: _,
            place_of_performance: _,
            compensation: _,
            withheld: _,
        } = item;
        let holder = holder.as_ref().and_then(|Holder { relation, name }| {
            let name = normalize_name(name.as_ref()).unwrap_or_default();
            relation.map(|relation| format!("{relation:?} {name}"))
        });
        Self {
            identifier: normalize_number(identifier.as_ref()),
            parent: normalize_number(parent_identifier.as_ref()),
            component: component.map(|it| (it, normalize_name(component_name.as_ref()))),
            kind: *kind,
            holder,
            start: start_date.as_ref().and_then(PartialDate::days),
            program: normalize_name(program.as_ref()),
            nature: nature_of_work.iter().copied().collect(),
            description: words.ids(description.as_ref()),
            text: normalize_name(description.as_ref()).unwrap_or_default(),
        }
    }

    /// Its number identifies it; its component is its group.
    pub fn keys(&self) -> ItemKeys {
        ItemKeys {
            identifiers: self.identifier.iter().cloned().collect(),
            group: Some(format!("{:?}", self.component)),
            sort_keys: [format!("{:?} {:?}", self.start, self.program), self.text.clone()],
        }
    }

    /// The points of two items that may correspond; none if they have too little in common.
    pub fn similarity(&self, other: &Self) -> Option<u32> {
        let Self {
            identifier,
            parent,
            component,
            kind,
            holder,
            start,
            program,
            nature,
            description,
            text: _,
        } = self;
        let has_same_number = are_equal(identifier.as_ref(), other.identifier.as_ref());
        if has_same_number && *parent == other.parent {
            return Some(IDENTICAL_POINTS);
        }
        let has_other_number =
            !has_same_number && identifier.is_some() && other.identifier.is_some();
        let points = points_if(are_equal(component.as_ref(), other.component.as_ref()), 3)
            + points_if(are_equal(kind.as_ref(), other.kind.as_ref()), 1)
            + points_if(are_equal(holder.as_ref(), other.holder.as_ref()), 1)
            + points_if(
                start.zip(other.start).is_some_and(|(left, right)| left.overlaps(right)),
                3,
            )
            + points_if(are_equal(program.as_ref(), other.program.as_ref()), 4)
            + points_if(has_same_number, 6)
            + overlap_points(nature, &other.nature, 2)
            + overlap_points(description, &other.description, 4);
        // Different numbers count against a match, but one of them may be mistyped.
        let points = points.saturating_sub(if has_other_number { 4 } else { 0 });
        (points >= MIN_AGREEMENT_POINTS).then_some(points)
    }
}

/// The traits that identify an arrangement.
#[derive(Debug)]
pub struct ArrangementTraits {
    recipient: Option<String>,
    class: Option<String>,
    kind: Option<RecipientKind>,
    component: Option<DhsComponent>,
    purpose: BTreeSet<usize>,
    /// The purpose, as a sort key.
    text: String,
}

impl ArrangementTraits {
    pub fn new(item: &Arrangement, words: &mut WordIds) -> Self {
        let Arrangement {
            recipient_name,
            recipient_class,
            recipient_count: _,
            recipient_kind,
            recipient_component,
            data_categories: _,
            whose_data: _,
            includes_city_data: _,
            purpose,
            channel: _,
            basis: _,
            compensation: _,
            onward_to_dhs: _,
            onward_component: _,
            onward_to_others: _,
            safeguards: _,
            start_date: _,
            start_unknown_reason: _,
            end_date: _,
            ongoing: _,
            withheld: _,
        } = item;
        Self {
            recipient: normalize_name(recipient_name.as_ref()),
            class: normalize_name(recipient_class.as_ref()),
            kind: *recipient_kind,
            component: *recipient_component,
            purpose: words.ids(purpose.as_ref()),
            text: normalize_name(purpose.as_ref()).unwrap_or_default(),
        }
    }

    /// The recipient's name or class identifies it; the kind of recipient is its group.
    pub fn keys(&self) -> ItemKeys {
        let name = self.recipient.iter().map(|name| format!("name {name}"));
        let class = self.class.iter().map(|class| format!("class {class}"));
        ItemKeys {
            identifiers: name.chain(class).collect(),
            group: Some(format!("{:?}", self.kind)),
            sort_keys: [self.text.clone(), format!("{:?} {:?}", self.component, self.recipient)],
        }
    }

    /// The points of two items that may correspond; none if they have too little in common.
    pub fn similarity(&self, other: &Self) -> Option<u32> {
        let Self { recipient, class, kind, component, purpose, text: _ } = self;
        let (left, right) = (recipient.as_ref(), other.recipient.as_ref());
        let has_other_name = left.is_some() && right.is_some() && left != right;
        let points = points_if(are_equal(left, right), 6)
            + points_if(are_equal(class.as_ref(), other.class.as_ref()), 6)
            + points_if(are_equal(kind.as_ref(), other.kind.as_ref()), 1)
            + points_if(are_equal(component.as_ref(), other.component.as_ref()), 2)
            + overlap_points(purpose, &other.purpose, 4);
        let points = points.saturating_sub(if has_other_name { 2 } else { 0 });
        (points >= MIN_ARRANGEMENT_POINTS).then_some(points)
    }
}

/// Whether both are present and equal.
fn are_equal<T: PartialEq>(left: Option<&T>, right: Option<&T>) -> bool {
    left.is_some() && left == right
}

fn points_if(is_equal: bool, points: u32) -> u32 {
    if is_equal { points } else { 0 }
}

/// The share of `points` that equals the elements in common over all elements of both sets.
fn overlap_points<T: Ord>(left: &BTreeSet<T>, right: &BTreeSet<T>, points: u32) -> u32 {
    let common = left.intersection(right).count();
    let all = left.len() + right.len() - common;
    let to_u32 = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    (points * to_u32(common)).checked_div(to_u32(all)).unwrap_or_default()
}

/// A name for comparison: in lower case, with single blanks; none if it is blank.
fn normalize_name(text: Option<&String>) -> Option<String> {
    let words = text?.split_whitespace().map(str::to_lowercase);
    Some(words.collect::<Vec<_>>().join(" ")).filter(|name| !name.is_empty())
}

/// A number for comparison: in upper case, without dashes and blanks; none if nothing is left.
fn normalize_number(text: Option<&String>) -> Option<String> {
    let dash = |it: char| matches!(it, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let characters = text?.chars().filter(|it| !it.is_whitespace() && !dash(*it));
    let number: String = characters.flat_map(char::to_uppercase).collect();
    Some(number).filter(|number| !number.is_empty())
}
