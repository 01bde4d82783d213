//! How like two items are: by what tells one from another, in points.
use std::collections::{BTreeSet, HashMap};

use super::pairing::Keys;
use crate::disclosure::model::{Agreement, AgreementKind, Arrangement};
use crate::gate::{DhsComponent, NatureOfWork, RecipientKind};
use crate::scalar::Date;

/// How like two items are of which both are the same: more than all that can be alike otherwise.
pub const SAME: u32 = 100;
/// The most different words of a description that are compared: the first ones.
const WORDS: usize = 100;
/// The fewest points of two agreements that are one: more than a component, a kind and a holder,
/// which any two may share.
const AGREEMENT: u32 = 6;
/// The fewest points of two arrangements that are one: more than a kind and a component.
const ARRANGEMENT: u32 = 5;

/// A number for each word that was met.
#[derive(Debug, Default)]
pub struct Words(HashMap<String, usize>);

impl Words {
    fn of(&mut self, text: Option<&String>) -> BTreeSet<usize> {
        let text = text.map(|text| text.to_lowercase()).unwrap_or_default();
        let words = text.split(|it: char| !it.is_alphanumeric()).filter(|word| !word.is_empty());
        let mut numbers = BTreeSet::new();
        for word in words {
            if numbers.len() == WORDS {
                break;
            }
            let next = self.0.len();
            numbers.insert(*self.0.entry(word.to_owned()).or_insert(next));
        }
        numbers
    }
}

/// What tells one agreement from another.
#[derive(Debug)]
pub struct AgreementTraits {
    identifier: Option<String>,
    parent: Option<String>,
    component: Option<(DhsComponent, Option<String>)>,
    kind: Option<AgreementKind>,
    holder: Option<String>,
    start: Option<Date>,
    program: Option<String>,
    nature: BTreeSet<NatureOfWork>,
    description: BTreeSet<usize>,
    /// The description, to sort by.
    text: String,
}

impl AgreementTraits {
    pub fn of(item: &Agreement, words: &mut Words) -> Self {
        let holder = item.holder.as_ref().and_then(|holder| {
            let name = name(holder.name.as_ref()).unwrap_or_default();
            holder.relation.map(|relation| format!("{relation:?} {name}"))
        });
        let component = item.component;
        Self {
            identifier: number(item.identifier.as_ref()),
            parent: number(item.parent_identifier.as_ref()),
            component: component.map(|it| (it, name(item.component_name.as_ref()))),
            kind: item.kind,
            holder,
            start: item.start_date.clone(),
            program: name(item.program.as_ref()),
            nature: item.nature_of_work.iter().copied().collect(),
            description: words.of(item.description.as_ref()),
            text: name(item.description.as_ref()).unwrap_or_default(),
        }
    }

    /// A number identifies it; other agreements are compared with those of the same component.
    pub fn keys(&self) -> Keys {
        Keys {
            identifiers: self.identifier.iter().cloned().collect(),
            group: Some(format!("{:?}", self.component)),
            orders: [format!("{:?} {:?}", self.start, self.program), self.text.clone()],
        }
    }

    /// The points of two that may be one; nothing if too little is alike.
    pub fn likeness(&self, other: &Self) -> Option<u32> {
        let same_number = both(self.identifier.as_ref(), other.identifier.as_ref());
        if same_number && self.parent == other.parent {
            return Some(SAME);
        }
        let told_apart = !same_number && self.identifier.is_some() && other.identifier.is_some();
        let points = points(both(self.component.as_ref(), other.component.as_ref()), 3)
            + points(both(self.kind.as_ref(), other.kind.as_ref()), 1)
            + points(both(self.holder.as_ref(), other.holder.as_ref()), 1)
            + points(both(self.start.as_ref(), other.start.as_ref()), 3)
            + points(both(self.program.as_ref(), other.program.as_ref()), 4)
            + points(same_number, 6)
            + overlap(&self.nature, &other.nature, 2)
            + overlap(&self.description, &other.description, 4);
        // Numbers that differ speak against it, and may still be one that was mistyped.
        let points = points.saturating_sub(if told_apart { 4 } else { 0 });
        (points >= AGREEMENT).then_some(points)
    }
}

/// What tells one arrangement from another.
#[derive(Debug)]
pub struct ArrangementTraits {
    recipient: Option<String>,
    class: Option<String>,
    kind: Option<RecipientKind>,
    component: Option<DhsComponent>,
    purpose: BTreeSet<usize>,
    /// The purpose, to sort by.
    text: String,
}

impl ArrangementTraits {
    pub fn of(item: &Arrangement, words: &mut Words) -> Self {
        Self {
            recipient: name(item.recipient_name.as_ref()),
            class: name(item.recipient_class.as_ref()),
            kind: item.recipient_kind,
            component: item.recipient_component,
            purpose: words.of(item.purpose.as_ref()),
            text: name(item.purpose.as_ref()).unwrap_or_default(),
        }
    }

    /// A recipient's name or class identifies it; other arrangements are compared with those of the
    /// same kind of recipient.
    pub fn keys(&self) -> Keys {
        let name = self.recipient.iter().map(|name| format!("name {name}"));
        let class = self.class.iter().map(|class| format!("class {class}"));
        Keys {
            identifiers: name.chain(class).collect(),
            group: Some(format!("{:?}", self.kind)),
            orders: [self.text.clone(), format!("{:?} {:?}", self.component, self.recipient)],
        }
    }

    /// The points of two that may be one; nothing if too little is alike.
    pub fn likeness(&self, other: &Self) -> Option<u32> {
        let (name, its) = (self.recipient.as_ref(), other.recipient.as_ref());
        let told_apart = name.is_some() && its.is_some() && name != its;
        let points = points(both(name, its), 6)
            + points(both(self.class.as_ref(), other.class.as_ref()), 6)
            + points(both(self.kind.as_ref(), other.kind.as_ref()), 1)
            + points(both(self.component.as_ref(), other.component.as_ref()), 2)
            + overlap(&self.purpose, &other.purpose, 4);
        let points = points.saturating_sub(if told_apart { 2 } else { 0 });
        (points >= ARRANGEMENT).then_some(points)
    }
}

/// Whether both are there and the same.
fn both<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.is_some() && one == other
}

fn points(alike: bool, points: u32) -> u32 {
    if alike { points } else { 0 }
}

/// As many of the points as the two have in common of all that they have.
fn overlap<T: Ord>(one: &BTreeSet<T>, other: &BTreeSet<T>, points: u32) -> u32 {
    let common = one.intersection(other).count();
    let all = one.len() + other.len() - common;
    let share = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    (points * share(common)).checked_div(share(all)).unwrap_or_default()
}

/// A name as it is compared: without regard to case and blanks.
fn name(text: Option<&String>) -> Option<String> {
    let words = text?.split_whitespace().map(str::to_lowercase);
    Some(words.collect::<Vec<_>>().join(" ")).filter(|name| !name.is_empty())
}

/// A number as it is compared: in upper case, without dashes and blanks.
fn number(text: Option<&String>) -> Option<String> {
    let dash = |it: char| matches!(it, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let kept = text?.chars().filter(|it| !it.is_whitespace() && !dash(*it));
    let number: String = kept.flat_map(char::to_uppercase).collect();
    Some(number).filter(|number| !number.is_empty())
}
