//! Compares two firms: identifiers decide, names, seat and parent weigh.
use crate::award::matcher::evidence::weigh;
use crate::award::matcher::name::Name;
use crate::award::matcher::reason::{Reason, ReasonKind, Reasons, Sink, Sum};
use crate::award::matcher::record::Profile;
use crate::award::matcher::weights::Weights;
use crate::gate::MatchBand;

/// From this score on, the identifiers say that two are one. Names alone never reach it.
pub const EXACT: f32 = 0.995;
/// From this score on, two are held to be one until someone looked. Of top hits this good, 0.96
/// are right among patent assignees' names clustered by hand, on the half not tuned on, and 24 of
/// 24 among a city's vendors; 0.81 of the former are found so.
pub const PROBABLE: f32 = 0.8;
/// From this score on, two are worth a look: regional sisters, departments, parents, misspelt
/// single words. Of the assignees' top hits this good 0.96 are right, and 0.89 are found so. Of
/// 1,281 vendors 11 more have one: a department, a joint venture's member, two sister firms, and
/// seven others.
pub const POSSIBLE: f32 = 0.5;

/// What equal identifiers weigh, in log-odds.
const IDENTIFIED: f32 = 7.0;
/// The most that anything but an identifier may reach: below EXACT.
const MOST: f32 = 4.9;
/// The most that a firm which is only related may reach: below PROBABLE.
const RELATED: f32 = 0.95;

impl MatchBand {
    /// The band of a score, if it is worth a look at all.
    #[must_use]
    pub fn of(score: f32) -> Option<Self> {
        match score {
            score if score >= EXACT => Some(Self::Exact),
            score if score >= PROBABLE => Some(Self::Probable),
            score if score >= POSSIBLE => Some(Self::Possible),
            _ => None,
        }
    }
}

/// What the firm found is to the firm that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The same firm.
    Same,
    /// Its owner.
    Owner,
    /// One it owns.
    Subsidiary,
    /// A joint venture it is a member of, or a member of the joint venture it is.
    JointVentureMember,
    /// A firm whose award passed to it, or the other way round.
    Predecessor,
}

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// How likely the relation holds, in [0, 1].
    pub score: f32,
    /// What one is to the other.
    pub relation: Relation,
    /// Why, in the order it was weighed. The score is the logistic function of their sum.
    pub reasons: Vec<Reason>,
}

/// Compares the firm asked for with one that is known.
#[must_use]
pub fn compare(asked: &Profile, known: &Profile, weights: &Weights) -> Comparison {
    let (_, best) = rate(asked, known, weights);
    explain(asked, known, weights, best)
}

/// What carries a comparison best.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Best<'a> {
    /// Identifiers alone.
    Identified,
    /// These names.
    Names(Relation, &'a Name, &'a Name),
    /// No name agrees.
    Nothing,
}

/// The log-odds of the best way to compare the two.
pub(crate) fn rate<'a>(
    asked: &'a Profile,
    known: &'a Profile,
    weights: &Weights,
) -> (f32, Best<'a>) {
    if identified(asked, known).is_some() {
        return (IDENTIFIED, Best::Identified);
    }
    let mut best = (f32::NEG_INFINITY, Best::Nothing);
    let mut consider = |relation, mine: &'a [Name], theirs: &'a [Name]| {
        for mine in mine {
            for theirs in theirs {
                let mut sum = Sum::default();
                weigh(mine, theirs, weights, &mut sum);
                around(asked, known, relation, theirs, &mut sum);
                if sum.total() > best.0 {
                    best = (sum.total(), Best::Names(relation, mine, theirs));
                }
            }
        }
    };
    consider(Relation::Same, &asked.names, &known.names);
    consider(Relation::Subsidiary, &asked.names, &known.parents);
    consider(Relation::Owner, &asked.parents, &known.names);
    consider(Relation::JointVentureMember, &asked.names, &known.members);
    consider(Relation::JointVentureMember, &asked.members, &known.names);
    if best.0 < RELATED && kin(asked, known).is_some() {
        return (RELATED, Best::Nothing);
    }
    best
}

/// Says why.
pub(crate) fn explain(
    asked: &Profile,
    known: &Profile,
    weights: &Weights,
    best: Best<'_>,
) -> Comparison {
    let mut sink = Reasons::default();
    let mut relation = Relation::Same;
    match best {
        Best::Identified => {
            if let Some((kind, code)) = identified(asked, known) {
                sink.add(kind, IDENTIFIED, || code.into());
            }
        }
        Best::Names(as_what, mine, theirs) => {
            relation = as_what;
            weigh(mine, theirs, weights, &mut sink);
            around(asked, known, as_what, theirs, &mut sink);
        }
        Best::Nothing => {
            if let Some((as_what, code)) = kin(asked, known) {
                relation = as_what;
                sink.add(ReasonKind::ParentUei, RELATED, || code.into());
            } else {
                sink.add(ReasonKind::Start, -IDENTIFIED, String::new);
            }
        }
    }
    Comparison { score: score(sink.total()), relation, reasons: sink.reasons }
}

/// The score of a sum of weights, in [0, 1].
pub(crate) fn score(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

fn identified<'a>(asked: &'a Profile, known: &Profile) -> Option<(ReasonKind, &'a str)> {
    let equal = |mine: &'a Option<Box<str>>, theirs: &Option<Box<str>>, kind| {
        mine.as_deref().filter(|mine| theirs.as_deref() == Some(mine)).map(|code| (kind, code))
    };
    equal(&asked.uei, &known.uei, ReasonKind::SameUei)
        .or_else(|| equal(&asked.cage, &known.cage, ReasonKind::SameCage))
        .or_else(|| equal(&asked.duns, &known.duns, ReasonKind::SameDuns))
}

/// Whether one's UEI is that of the other's parent.
fn kin<'a>(asked: &'a Profile, known: &Profile) -> Option<(Relation, &'a str)> {
    let equal = |mine: &'a Option<Box<str>>, theirs: &Option<Box<str>>, relation| {
        mine.as_deref().filter(|mine| theirs.as_deref() == Some(mine)).map(|code| (relation, code))
    };
    if asked.uei.is_some() && asked.uei == known.uei {
        return None;
    }
    equal(&asked.uei, &known.parent_uei, Relation::Subsidiary)
        .or_else(|| equal(&asked.parent_uei, &known.uei, Relation::Owner))
}

/// What stands around the names: seats, parents, identifiers that differ.
fn around(asked: &Profile, known: &Profile, relation: Relation, name: &Name, sink: &mut impl Sink) {
    let same = relation == Relation::Same;
    if same && let (Some(mine), Some(theirs)) = (&asked.uei, &known.uei) {
        if kin(asked, known).is_some() {
            sink.add(ReasonKind::ParentUei, 0.5, || theirs.to_string());
        } else if mine != theirs {
            sink.add(ReasonKind::DifferentUei, -3.6, || format!("{mine} / {theirs}"));
        }
    }
    if same {
        seat(asked, known, name, sink);
        let parent = asked.parents.iter().any(|mine| {
            known.parents.iter().any(|theirs| mine.words == theirs.words && !mine.is_empty())
        });
        if parent {
            sink.add(ReasonKind::SameParent, 1.0, String::new);
        }
        sink.cap(MOST, ReasonKind::NamesOnly);
    } else {
        sink.cap(RELATED, ReasonKind::RelatedOnly);
    }
}

fn seat(asked: &Profile, known: &Profile, name: &Name, sink: &mut impl Sink) {
    use crate::award::matcher::lexicon::Class;
    let agree = |mine: Option<u64>, theirs: Option<u64>| Some(mine? == theirs?);
    let states = agree(asked.state, known.state);
    let cities = agree(asked.city, known.city);
    if agree(asked.address, known.address) == Some(true) && cities != Some(false) {
        // Many firms share a building, and few a building and half a name.
        let half = sink.total() > -2.0;
        sink.add(ReasonKind::SameAddress, if half { 2.0 } else { 1.0 }, String::new);
    }
    match states {
        Some(true) => sink.add(ReasonKind::SameState, 0.3, String::new),
        Some(false) => {
            // There is a Glendale in many states, and a Rapiscan in many offices.
            let public = name.words.iter().any(|word| word.class == Class::Public);
            let weight = if public || name.person { -3.0 } else { -0.5 };
            sink.add(ReasonKind::DifferentState, weight, String::new);
        }
        None => {}
    }
    match cities {
        Some(true) => sink.add(ReasonKind::SameCity, 0.5, String::new),
        Some(false) => sink.add(ReasonKind::DifferentCity, -0.2, String::new),
        None => {}
    }
}
