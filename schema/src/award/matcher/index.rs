//! Firms in memory, to be searched by name and identifiers, and added to one by one.
use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::award::matcher::blocking::BlockingIndex;
use crate::award::matcher::compare::{
    Basis, POSSIBLE_SCORE, PROBABLE_SCORE, Relation, compare, explain, best_log_odds, logistic,
};
use crate::award::matcher::identity::Identities;
use crate::award::matcher::reason::{Reason, ReasonKind};
use crate::award::matcher::record::{Profile, Record};
use crate::award::matcher::weights::Weights;
use crate::gate::MatchBand;

/// How many firms are compared in full for one search, if no more are asked for.
const MAX_COMPARED_RECORDS: usize = 40;

/// The number of a record in its index, from 0 in the order of insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(u32);

impl RecordId {
    /// The number, for whoever keeps the records.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// A firm that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// The record that matches best of all that are the same firm.
    pub record: RecordId,
    /// How likely the relation holds, in [0, 1].
    pub score: f32,
    /// How sure that is; none below [`POSSIBLE`].
    pub band: Option<MatchBand>,
    /// What the firm is to the one asked for.
    pub relation: Relation,
    /// Why. The score is the logistic function of the sum of their weights.
    pub reasons: Vec<Reason>,
}

/// Firms that can be searched.
#[derive(Clone, Debug, Default)]
pub struct Index {
    profiles: Vec<Profile>,
    /// How many words the shortest name of each has: looked at for many more than are compared.
    min_word_counts: Vec<u8>,
    weights: Weights,
    candidates: BlockingIndex,
    identities: Identities,
}

impl Index {
    /// An index without firms.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many records it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.profiles.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.profiles.is_empty()
    }

    /// Adds a record. It becomes one firm with those that share an identifier with it.
    ///
    /// # Panics
    /// At four billion records.
    pub fn insert(&mut self, record: &Record) -> RecordId {
        let profile = Profile::new(record);
        let number = u32::try_from(self.profiles.len()).expect("four billion records fit nowhere");
        self.weights.count_words(profile.names.iter().flat_map(|name| &name.words));
        for name in profile.names.iter().chain(&profile.parents).chain(&profile.members) {
            self.candidates.insert(number, name);
        }
        self.identities.insert(number, &profile);
        self.min_word_counts.push(min_word_count(&profile));
        self.profiles.push(profile);
        RecordId(number)
    }

    /// Puts another record in the place of one: what is known of a firm has changed. It stays one
    /// firm with those that it was one with.
    pub fn replace(&mut self, id: RecordId, record: &Record) {
        let Some(stored) = self.profiles.get_mut(id.0 as usize) else { return };
        let profile = Profile::new(record);
        // What the old names are found by is left: whoever finds it is compared with the new ones.
        for name in profile.names.iter().chain(&profile.parents).chain(&profile.members) {
            self.candidates.insert(id.0, name);
        }
        self.identities.link_identifiers(id.0, &profile);
        *stored = profile;
        self.min_word_counts[id.0 as usize] = min_word_count(stored);
    }

    /// Notes that one award is under both records: it passed from one to the other. They become
    /// one firm if their identifiers allow it and their names say so; else each is the other's
    /// predecessor.
    pub fn record_award_transfer(&mut self, earlier: RecordId, later: RecordId) {
        let (one, other) = (earlier.0, later.0);
        let (Some(mine), Some(theirs)) =
            (self.profiles.get(one as usize), self.profiles.get(other as usize))
        else {
            return;
        };
        if self.identities.root(one) == self.identities.root(other) {
            return;
        }
        let differ = mine.uei.is_some() && theirs.uei.is_some() && mine.uei != theirs.uei;
        let named = compare(mine, theirs, &self.weights);
        if !differ && named.relation == Relation::Same && named.score >= PROBABLE_SCORE {
            self.identities.join(one, other);
        } else {
            self.identities.link_transfer(one, other);
        }
    }

    /// The records that are the same firm by their identifiers, beginning with the given one.
    pub fn same_firm(&self, record: RecordId) -> impl Iterator<Item = RecordId> {
        self.identities.members(record.0).map(RecordId)
    }

    /// How much each word tells here.
    #[must_use]
    pub const fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The profile of a record.
    #[must_use]
    pub fn profile(&self, record: RecordId) -> Option<&Profile> {
        self.profiles.get(record.0 as usize)
    }

    /// The firms most like the one asked for, best first, each once, and at most `limit` of them.
    /// `min_score` is in [0, 1].
    #[must_use]
    pub fn search(&self, asked: &Profile, limit: usize, min_score: f32) -> Vec<Match> {
        let mut rated: Vec<(f32, u32, Basis<'_>)> = Vec::with_capacity(MAX_COMPARED_RECORDS);
        for record in self.list_candidates(asked, limit) {
            let Some(known) = self.profiles.get(record as usize) else { continue };
            let (log_odds, best) = best_log_odds(asked, known, &self.weights);
            if logistic(log_odds) >= min_score {
                rated.push((log_odds, record, best));
            }
        }
        rated.sort_unstable_by(|one, other| {
            other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1))
        });
        let mut firms: Vec<u32> = Vec::with_capacity(limit.min(self.profiles.len()));
        let mut matches = Vec::with_capacity(limit.min(self.profiles.len()));
        for (_, record, best) in rated {
            if matches.len() >= limit {
                break;
            }
            let firm = self.identities.root(record);
            if !firms.contains(&firm) {
                firms.push(firm);
                matches.extend(self.explain_match(asked, record, best));
            }
        }
        self.add_predecessors(&mut matches, limit, min_score);
        matches
    }

    fn explain_match(&self, asked: &Profile, record: u32, best: Basis<'_>) -> Option<Match> {
        let known = self.profiles.get(record as usize)?;
        let found = explain(asked, known, &self.weights, best);
        let band = MatchBand::from_score(found.score);
        let (score, relation, reasons) = (found.score, found.relation, found.reasons);
        Some(Match { record: RecordId(record), score, band, relation, reasons })
    }

    /// Adds the firms that awards of a sure match passed to or from.
    fn add_predecessors(&self, matches: &mut Vec<Match>, limit: usize, min_score: f32) {
        let sure = matches
            .iter()
            .filter(|found| found.score >= PROBABLE_SCORE && found.relation == Relation::Same);
        let passed: Vec<u32> = sure
            .flat_map(|found| self.identities.members(found.record.0))
            .flat_map(|member| self.identities.transferred(member))
            .copied()
            .collect();
        for record in passed {
            let known = matches
                .iter()
                .any(|found| self.identities.root(found.record.0) == self.identities.root(record));
            if known || matches.len() >= limit || POSSIBLE_SCORE < min_score {
                continue;
            }
            let reason =
                Reason { kind: ReasonKind::AwardPassed, weight: 0.0, words: String::new() };
            matches.push(Match {
                record: RecordId(record),
                score: POSSIBLE_SCORE,
                band: Some(MatchBand::Possible),
                relation: Relation::Predecessor,
                reasons: vec![reason],
            });
        }
    }

    /// The records to compare in full.
    fn list_candidates(&self, asked: &Profile, limit: usize) -> Vec<u32> {
        let compared = MAX_COMPARED_RECORDS.max(limit.saturating_mul(2));
        let mut found: HashMap<u32, f32, FixedState> =
            HashMap::with_capacity_and_hasher(256, FixedState::default());
        for name in asked.names.iter().chain(&asked.parents).chain(&asked.members) {
            self.candidates.collect_records(name, &self.weights, &mut found);
        }
        let mut found: Vec<(f32, u32)> = found
            .into_iter()
            .map(|(record, bits)| {
                let words = self.min_word_counts.get(record as usize).copied().unwrap_or_default();
                (bits - f32::from(words), record)
            })
            .collect();
        let order = |one: &(f32, u32), other: &(f32, u32)| {
            other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1))
        };
        if found.len() > compared {
            found.select_nth_unstable_by(compared, order);
            found.truncate(compared);
        }
        let mut records: Vec<u32> = found.into_iter().map(|(_, record)| record).collect();
        if let Some(uei) = &asked.uei {
            records.extend(self.identities.children(uei).iter().take(MAX_COMPARED_RECORDS));
        }
        let codes = [&asked.uei, &asked.duns, &asked.cage, &asked.parent_uei];
        for code in codes.into_iter().flatten() {
            records.extend(self.identities.find_by_code(code));
        }
        records.sort_unstable();
        records.dedup();
        records
    }
}

/// How many words the shortest of the names has: of two names that share as much with a third, the
/// shorter one is nearer.
fn min_word_count(profile: &Profile) -> u8 {
    let words = profile.names.iter().map(|name| name.words.len()).min();
    u8::try_from(words.unwrap_or_default()).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Index, RecordId};
    use crate::award::matcher::compare::Relation;
    use crate::award::matcher::record::{Profile, Record};
    use crate::gate::MatchBand;

    fn with_uei(name: &str, uei: &str) -> Record {
        Record { uei: Some(uei.into()), ..Record::from_name(name) }
    }

    #[test]
    fn an_identity_is_found_by_any_of_its_names() {
        let mut index = Index::new();
        index.insert(&with_uei("VF IMAGEWEAR INC", "LN3NM7H7GWA4"));
        let later = index.insert(&with_uei("WORKWEAR OUTFITTERS LLC", "LN3NM7H7GWA4"));
        let found = index.search(&Profile::from_name("VF Imagewear"), 5, 0.5);
        assert_eq!(found.len(), 1);
        let mut firm: Vec<RecordId> = index.same_firm(found[0].record).collect();
        firm.sort_unstable();
        assert_eq!(firm, [RecordId(0), later]);
    }

    #[test]
    fn an_identifier_decides() {
        let mut index = Index::new();
        index.insert(&with_uei("Quorvath Systems Inc", "LN3NM7H7GWA4"));
        let asked = Profile::new(&with_uei("Zimbel Holdings", "LN3NM7H7GWA4"));
        let found = index.search(&asked, 1, 0.0);
        assert_eq!(found[0].band, Some(MatchBand::Exact));
        let asked = Profile::new(&with_uei("Quorvath Systems Inc", "KN3NM7H7GWA5"));
        assert!(index.search(&asked, 1, 0.0)[0].band < Some(MatchBand::Probable));
    }

    #[test]
    fn records_change() {
        let mut index = Index::new();
        let id = index.insert(&Record::from_name("Quorvath Systems Inc"));
        index.replace(id, &Record::from_name("Zimbel Holdings LLC"));
        assert_eq!(index.search(&Profile::from_name("Quorvath Systems"), 1, 0.5), []);
        assert_eq!(index.search(&Profile::from_name("Zimbel Holdings"), 1, 0.5)[0].record, id);
    }

    #[test]
    fn relatives_are_possible_and_say_what_they_are() {
        let mut index = Index::new();
        let mut subsidiary = with_uei("Zimbel Fortress LLC", "LN3NM7H7GWA4");
        subsidiary.parent = Some("Quorvath Armoring Corporation".into());
        subsidiary.parent_uei = Some("KN3NM7H7GWA5".into());
        index.insert(&subsidiary);
        index.insert(&Record::from_name("Wexley Dredging & Tambor Marine JV"));
        let first = |asked: &Profile| index.search(asked, 1, 0.5).remove(0);
        for asked in [
            Profile::from_name("Quorvath Armoring Corp"),
            Profile::new(&with_uei("Something Else", "KN3NM7H7GWA5")),
        ] {
            let found = first(&asked);
            assert_eq!(
                (found.relation, found.band),
                (Relation::Subsidiary, Some(MatchBand::Possible))
            );
        }
        let found = first(&Profile::from_name("Tambor Marine"));
        assert_eq!(found.relation, Relation::JointVentureMember);
        assert_eq!(found.band, Some(MatchBand::Possible));
    }

    #[test]
    fn an_award_that_passed_names_the_predecessor() {
        let mut index = Index::new();
        let earlier = index.insert(&Record::from_name("Quorvath Armoring LLC"));
        let later = index.insert(&Record::from_name("Zimbel Fortress LLC"));
        index.record_award_transfer(earlier, later);
        let found = index.search(&Profile::from_name("Zimbel Fortress"), 5, 0.5);
        let relations: Vec<_> = found.iter().map(|found| (found.record, found.relation)).collect();
        assert_eq!(relations, [(later, Relation::Same), (earlier, Relation::Predecessor)]);
    }
}
