//! Compares two firms: a shared identifier decides; otherwise names, location and parent are weighed.
use crate::evidence::weigh_names;
use crate::name::Name;
use crate::reason::{Reason, ReasonKind, ReasonList, ReasonSink, ScoreSum};
use crate::record::Profile;
use crate::weights::Weights;
use candor_gate::MatchBand;

/// The minimum score of `Exact`: a shared identifier. Names alone never reach it.
pub const EXACT_SCORE: f32 = 0.995;
/// The minimum score of `Probable`: the same firm, subject to review. Measured precision of top hits:
/// 0.96 on patent assignees' names clustered by hand (the half not used for tuning; recall 0.81), and
/// 24 of 24 on a city's vendors.
pub const PROBABLE_SCORE: f32 = 0.8;
/// The minimum score of `Possible`, worth a review: regional affiliates, departments, parents,
/// misspelled single words. Measured on the assignees' names: precision 0.96, recall 0.89. Of 1,281
/// vendors, 11 more have such a hit: a department, a joint venture's member, two affiliates and seven
/// false ones.
pub const POSSIBLE_SCORE: f32 = 0.5;

/// The weight of a shared identifier, in log-odds.
const IDENTIFIER_LOG_ODDS: f32 = 7.0;
/// The soft maximum without a shared identifier, in log-odds: below `EXACT_SCORE`.
const MAX_NAME_LOG_ODDS: f32 = 4.9;
/// The soft maximum of a firm that is only related, in log-odds: below `PROBABLE_SCORE`.
const MAX_RELATED_LOG_ODDS: f32 = 0.95;

/// The band of a score in [0, 1]; `None` below [`POSSIBLE_SCORE`].
#[must_use]
pub fn band_of_score(score: f32) -> Option<MatchBand> {
    match score {
        score if score >= EXACT_SCORE => Some(MatchBand::Exact),
        score if score >= PROBABLE_SCORE => Some(MatchBand::Probable),
        score if score >= POSSIBLE_SCORE => Some(MatchBand::Possible),
        _ => None,
    }
}

/// The relation of the found firm to the searched one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The same firm.
    Same,
    /// Its owner.
    Owner,
    /// Its subsidiary.
    Subsidiary,
    /// A joint venture that it is a member of, or a member of the joint venture that it is.
    JointVentureMember,
    /// A firm from which or to which an award was transferred.
    Predecessor,
}

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The probability of the relation, in [0, 1].
    pub score: f32,
    /// The known firm's relation to the searched one.
    pub relation: Relation,
    /// The reasons in the order of weighing. The score is the logistic function of their sum.
    pub reasons: Vec<Reason>,
}

/// Compares a searched firm with a known one.
#[must_use]
pub fn compare(searched: &Profile, known: &Profile, weights: &Weights) -> Comparison {
    let (_, best) = best_log_odds(searched, known, weights);
    explain(searched, known, weights, best)
}

/// The basis of the best score.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Basis<'a> {
    /// A shared identifier.
    Identifier,
    /// These names.
    Names(Relation, &'a Name, &'a Name),
    /// No name agrees.
    Nothing,
}

/// The highest log-odds over all pairs of names, and their basis.
pub(crate) fn best_log_odds<'a>(
    searched: &'a Profile,
    known: &'a Profile,
    weights: &Weights,
) -> (f32, Basis<'a>) {
    if shared_identifier(searched, known).is_some() {
        return (IDENTIFIER_LOG_ODDS, Basis::Identifier);
    }
    let mut best = (f32::NEG_INFINITY, Basis::Nothing);
    let mut compare_names = |relation, mine: &'a [Name], theirs: &'a [Name]| {
        for mine in mine {
            for theirs in theirs {
                // Many firms have the same initials.
                if mine.is_acronym && theirs.is_acronym {
                    continue;
                }
                let mut sum = ScoreSum::default();
                weigh_names(mine, theirs, weights, &mut sum);
                weigh_context(searched, known, relation, theirs, &mut sum);
                if sum.total() > best.0 {
                    best = (sum.total(), Basis::Names(relation, mine, theirs));
                }
            }
        }
    };
    compare_names(Relation::Same, &searched.names, &known.names);
    compare_names(Relation::Subsidiary, &searched.names, &known.parents);
    compare_names(Relation::Owner, &searched.parents, &known.names);
    compare_names(Relation::JointVentureMember, &searched.names, &known.members);
    compare_names(Relation::JointVentureMember, &searched.members, &known.names);
    if best.0 < MAX_RELATED_LOG_ODDS && parent_link(searched, known).is_some() {
        return (MAX_RELATED_LOG_ODDS, Basis::Nothing);
    }
    best
}

/// Repeats the best comparison with reasons.
pub(crate) fn explain(
    searched: &Profile,
    known: &Profile,
    weights: &Weights,
    best: Basis<'_>,
) -> Comparison {
    let mut sink = ReasonList::default();
    let mut relation = Relation::Same;
    match best {
        Basis::Identifier => {
            if let Some((kind, code)) = shared_identifier(searched, known) {
                sink.add(kind, IDENTIFIER_LOG_ODDS, || code.into());
            }
        }
        Basis::Names(name_relation, mine, theirs) => {
            relation = name_relation;
            weigh_names(mine, theirs, weights, &mut sink);
            weigh_context(searched, known, name_relation, theirs, &mut sink);
        }
        Basis::Nothing => {
            if let Some((name_relation, code)) = parent_link(searched, known) {
                relation = name_relation;
                sink.add(ReasonKind::ParentUei, MAX_RELATED_LOG_ODDS, || code.into());
            } else {
                sink.add(ReasonKind::Start, -IDENTIFIER_LOG_ODDS, String::new);
            }
        }
    }
    Comparison { score: logistic(sink.total()), relation, reasons: sink.reasons }
}

/// Converts log-odds to a score in [0, 1].
pub(crate) fn logistic(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

fn shared_identifier<'a>(searched: &'a Profile, known: &Profile) -> Option<(ReasonKind, &'a str)> {
    let equal = |mine: &'a Option<Box<str>>, theirs: &Option<Box<str>>, kind| {
        mine.as_deref().filter(|mine| theirs.as_deref() == Some(mine)).map(|code| (kind, code))
    };
    equal(&searched.uei, &known.uei, ReasonKind::SameUei)
        .or_else(|| equal(&searched.cage, &known.cage, ReasonKind::SameCage))
        .or_else(|| equal(&searched.duns, &known.duns, ReasonKind::SameDuns))
}

/// The relation if one firm's UEI is the UEI of the other's parent.
fn parent_link<'a>(searched: &'a Profile, known: &Profile) -> Option<(Relation, &'a str)> {
    let equal = |mine: &'a Option<Box<str>>, theirs: &Option<Box<str>>, relation| {
        mine.as_deref().filter(|mine| theirs.as_deref() == Some(mine)).map(|code| (relation, code))
    };
    if searched.uei.is_some() && searched.uei == known.uei {
        return None;
    }
    equal(&searched.uei, &known.parent_uei, Relation::Subsidiary)
        .or_else(|| equal(&searched.parent_uei, &known.uei, Relation::Owner))
}

/// Weighs the evidence beside names: locations, parents, different UEIs.
fn weigh_context(
    searched: &Profile,
    known: &Profile,
    relation: Relation,
    name: &Name,
    sink: &mut impl ReasonSink,
) {
    let is_same_firm = relation == Relation::Same;
    if is_same_firm && let (Some(mine), Some(theirs)) = (&searched.uei, &known.uei) {
        if parent_link(searched, known).is_some() {
            sink.add(ReasonKind::ParentUei, 0.5, || theirs.to_string());
        } else if mine != theirs {
            sink.add(ReasonKind::DifferentUei, -3.6, || format!("{mine} / {theirs}"));
        }
    }
    if is_same_firm {
        weigh_location(searched, known, name, sink);
        let has_same_parent = searched.parents.iter().any(|mine| {
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

fn weigh_location(searched: &Profile, known: &Profile, name: &Name, sink: &mut impl ReasonSink) {
    use crate::lexicon::WordClass;
    let agree = |mine: Option<u64>, theirs: Option<u64>| Some(mine? == theirs?);
    let states = agree(searched.state, known.state);
    let cities = agree(searched.city, known.city);
    if agree(searched.address, known.address) == Some(true) && cities != Some(false) {
        // Many firms share a building; few also share half a name.
        let has_partial_name_match = sink.total() > -2.0;
        sink.add(
            ReasonKind::SameAddress,
            if has_partial_name_match { 2.0 } else { 1.0 },
            String::new,
        );
    }
    match states {
        Some(true) => sink.add(ReasonKind::SameState, 0.3, String::new),
        Some(false) => {
            // Public bodies of one name exist in many states; firms have offices in several.
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
