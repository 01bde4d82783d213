//! Compares two firms: identifiers decide, names, seat and parent weigh.
use crate::award::matcher::evidence::weigh_names;
use crate::award::matcher::name::Name;
use crate::award::matcher::reason::{Reason, ReasonKind, ReasonList, ReasonSink, ScoreSum};
use crate::award::matcher::record::Profile;
use crate::award::matcher::weights::Weights;
use crate::gate::MatchBand;

/// From this score on, the identifiers say that two are one. Names alone never reach it.
pub const EXACT_SCORE: f32 = 0.995;
/// From this score on, two are held to be one until someone looked. Of top hits this good, 0.96
/// are right among patent assignees' names clustered by hand, on the half not tuned on, and 24 of
/// 24 among a city's vendors; 0.81 of the former are found so.
pub const PROBABLE_SCORE: f32 = 0.8;
/// From this score on, two are worth a look: regional sisters, departments, parents, misspelt
/// single words. Of the assignees' top hits this good 0.96 are right, and 0.89 are found so. Of
/// 1,281 vendors 11 more have one: a department, a joint venture's member, two sister firms, and
/// seven others.
pub const POSSIBLE_SCORE: f32 = 0.5;

/// What equal identifiers weigh, in log-odds.
const IDENTIFIER_LOG_ODDS: f32 = 7.0;
/// The most that anything but an identifier may reach: below EXACT.
const MAX_NAME_LOG_ODDS: f32 = 4.9;
/// The most that a firm which is only related may reach: below PROBABLE.
const MAX_RELATED_LOG_ODDS: f32 = 0.95;

impl MatchBand {
    /// The band of a score, if it is worth a look at all.
    #[must_use]
    pub fn from_score(score: f32) -> Option<Self> {
        match score {
            score if score >= EXACT_SCORE => Some(Self::Exact),
            score if score >= PROBABLE_SCORE => Some(Self::Probable),
            score if score >= POSSIBLE_SCORE => Some(Self::Possible),
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
    let (_, best) = best_log_odds(asked, known, weights);
    explain(asked, known, weights, best)
}

/// What carries a comparison best.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Basis<'a> {
    /// Identifiers alone.
    Identifier,
    /// These names.
    Names(Relation, &'a Name, &'a Name),
    /// No name agrees.
    Nothing,
}

/// The log-odds of the best way to compare the two.
pub(crate) fn best_log_odds<'a>(
    asked: &'a Profile,
    known: &'a Profile,
    weights: &Weights,
) -> (f32, Basis<'a>) {
    if shared_identifier(asked, known).is_some() {
        return (IDENTIFIER_LOG_ODDS, Basis::Identifier);
    }
    let mut best = (f32::NEG_INFINITY, Basis::Nothing);
    let mut compare_names = |relation, mine: &'a [Name], theirs: &'a [Name]| {
        for mine in mine {
            for theirs in theirs {
                let mut sum = ScoreSum::default();
                weigh_names(mine, theirs, weights, &mut sum);
                weigh_context(asked, known, relation, theirs, &mut sum);
                if sum.total() > best.0 {
                    best = (sum.total(), Basis::Names(relation, mine, theirs));
                }
            }
        }
    };
    compare_names(Relation::Same, &asked.names, &known.names);
    compare_names(Relation::Subsidiary, &asked.names, &known.parents);
    compare_names(Relation::Owner, &asked.parents, &known.names);
    compare_names(Relation::JointVentureMember, &asked.names, &known.members);
    compare_names(Relation::JointVentureMember, &asked.members, &known.names);
    if best.0 < MAX_RELATED_LOG_ODDS && parent_link(asked, known).is_some() {
        return (MAX_RELATED_LOG_ODDS, Basis::Nothing);
    }
    best
}

/// Says why.
pub(crate) fn explain(
    asked: &Profile,
    known: &Profile,
    weights: &Weights,
    best: Basis<'_>,
) -> Comparison {
    let mut sink = ReasonList::default();
    let mut relation = Relation::Same;
    match best {
        Basis::Identifier => {
            if let Some((kind, code)) = shared_identifier(asked, known) {
                sink.add(kind, IDENTIFIER_LOG_ODDS, || code.into());
            }
        }
        Basis::Names(name_relation, mine, theirs) => {
            relation = name_relation;
            weigh_names(mine, theirs, weights, &mut sink);
            weigh_context(asked, known, name_relation, theirs, &mut sink);
        }
        Basis::Nothing => {
            if let Some((name_relation, code)) = parent_link(asked, known) {
                relation = name_relation;
                sink.add(ReasonKind::ParentUei, MAX_RELATED_LOG_ODDS, || code.into());
            } else {
                sink.add(ReasonKind::Start, -IDENTIFIER_LOG_ODDS, String::new);
            }
        }
    }
    Comparison { score: logistic(sink.total()), relation, reasons: sink.reasons }
}

/// The score of a sum of weights, in [0, 1].
pub(crate) fn logistic(log_odds: f32) -> f32 {
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
fn weigh_context(asked: &Profile, known: &Profile, relation: Relation, name: &Name, sink: &mut impl ReasonSink) {
    let is_same_firm = relation == Relation::Same;
    if is_same_firm && let (Some(mine), Some(theirs)) = (&asked.uei, &known.uei) {
        if parent_link(asked, known).is_some() {
            sink.add(ReasonKind::ParentUei, 0.5, || theirs.to_string());
        } else if mine != theirs {
            sink.add(ReasonKind::DifferentUei, -3.6, || format!("{mine} / {theirs}"));
        }
    }
    if is_same_firm {
        weigh_location(asked, known, name, sink);
        let has_same_parent = asked.parents.iter().any(|mine| {
            known.parents.iter().any(|theirs| mine.words == theirs.words && !mine.is_empty())
        });
        if has_same_parent {
            sink.add(ReasonKind::SameParent, 1.0, String::new);
        }
        sink.cap(MAX_NAME_LOG_ODDS, ReasonKind::NamesOnly);
    } else {
        sink.cap(MAX_RELATED_LOG_ODDS, ReasonKind::RelatedOnly);
    }
}

fn weigh_location(asked: &Profile, known: &Profile, name: &Name, sink: &mut impl ReasonSink) {
    use crate::award::matcher::lexicon::WordClass;
    let agree = |mine: Option<u64>, theirs: Option<u64>| Some(mine? == theirs?);
    let states = agree(asked.state, known.state);
    let cities = agree(asked.city, known.city);
    if agree(asked.address, known.address) == Some(true) && cities != Some(false) {
        // Many firms share a building, and few a building and half a name.
        let has_partial_name_match = sink.total() > -2.0;
        sink.add(ReasonKind::SameAddress, if has_partial_name_match { 2.0 } else { 1.0 }, String::new);
    }
    match states {
        Some(true) => sink.add(ReasonKind::SameState, 0.3, String::new),
        Some(false) => {
            // There is a Glendale in many states, and a Rapiscan in many offices.
            let is_public_body = name.words.iter().any(|word| word.class == WordClass::PublicBody);
            let weight = if is_public_body || name.is_person { -3.0 } else { -0.5 };
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
