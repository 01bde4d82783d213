//! An in-memory index of firms, searchable by name and identifiers.
use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::blocking::BlockingIndex;
use crate::compare::{
    Basis, POSSIBLE_SCORE, PROBABLE_SCORE, Relation, band_of_score, best_log_odds, compare,
    explain, logistic,
};
use crate::identity::Identities;
use crate::name::Name;
use crate::reason::{Reason, ReasonKind};
use crate::record::{Profile, Record};
use crate::weights::Weights;
use candor_gate::MatchBand;

/// The number of records that one search compares fully; twice its limit, if that is more.
const MAX_COMPARED_RECORDS: usize = 40;

/// The number of a record in its index, from 0 in the order of insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(u32);

impl RecordId {
    /// The number of the record, from 0.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// A firm that a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// The best matching record of the firm.
    pub record: RecordId,
    /// The probability of the relation, in [0, 1].
    pub score: f32,
    /// The band of the score; `None` below [`POSSIBLE_SCORE`].
    pub band: Option<MatchBand>,
    /// The firm's relation to the searched one.
    pub relation: Relation,
    /// The reasons. The score is the logistic function of the sum of their weights.
    pub reasons: Vec<Reason>,
}

/// An index of firms.
#[derive(Clone, Debug, Default)]
pub struct Index {
    profiles: Vec<Profile>,
    /// The number of words in each record's shortest name, to rank candidates cheaply.
    min_word_counts: Vec<u8>,
    weights: Weights,
    candidates: BlockingIndex,
    identities: Identities,
}

impl Index {
    /// Creates an empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.profiles.len()
    }

    /// Whether the index has no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.profiles.is_empty()
    }

    /// Adds a record. Records that share an identifier become one firm.
    ///
    /// # Panics
    /// At four billion records.
    pub fn insert(&mut self, record: &Record) -> RecordId {
        let profile = self.parse(record);
        let number = u32::try_from(self.profiles.len()).expect("four billion records fit nowhere");
        self.weights.count_words(profile.names.iter().flat_map(|name| &name.words));
        for name in profile.names.iter().chain(&profile.parents).chain(&profile.members) {
            self.candidates.insert(number, name);
        }
        self.identities.insert(number, &profile);
        self.min_word_counts.push(min_word_count(&profile));
        self.profiles.push(profile);
        self.find_generic_codes(number);
        RecordId(number)
    }

    /// Parses a record without codes that many recipients share.
    fn parse(&self, record: &Record) -> Profile {
        let mut profile = Profile::new(record);
        profile.forget_codes(|code| self.identities.is_generic(code));
        profile
    }

    /// Counts the bearers of the record's codes. If too many different recipients have one, no record keeps
    /// it.
    fn find_generic_codes(&mut self, number: u32) {
        let Some(profile) = self.profiles.get(number as usize) else { return };
        let codes = [&profile.uei, &profile.duns, &profile.cage].into_iter().flatten();
        let codes: Vec<Box<str>> = codes.cloned().collect();
        let mut has_generic = false;
        for code in &codes {
            let are_alike = |one: u32, other: u32| {
                let (one, other) =
                    (&self.profiles[one as usize].names, &self.profiles[other as usize].names);
                have_common_word(one, other)
            };
            has_generic |= self.identities.count_bearer(code, number, are_alike);
        }
        if has_generic {
            for profile in &mut self.profiles {
                profile.forget_codes(|code| self.identities.is_generic(code));
            }
            self.identities.rebuild(&self.profiles);
        }
    }

    /// Replaces a record's data. It remains part of its firm.
    pub fn replace(&mut self, id: RecordId, record: &Record) {
        let profile = self.parse(record);
        let Some(stored) = self.profiles.get_mut(id.0 as usize) else { return };
        // Entries of the old names remain; they only cost a comparison with the new names.
        for name in profile.names.iter().chain(&profile.parents).chain(&profile.members) {
            self.candidates.insert(id.0, name);
        }
        self.identities.link_identifiers(id.0, &profile);
        *stored = profile;
        self.min_word_counts[id.0 as usize] = min_word_count(stored);
        self.find_generic_codes(id.0);
    }

    /// Records that an award was transferred between two records. They become one firm if their
    /// UEIs do not differ and their names match as probable; otherwise each is found as the other's
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
            self.identities.join_named(one, other);
        } else {
            self.identities.link_transfer(one, other);
        }
    }

    /// All records of the same firm, the given one first.
    pub fn same_firm(&self, record: RecordId) -> impl Iterator<Item = RecordId> {
        self.identities.members(record.0).map(RecordId)
    }

    /// The word weights of this index.
    #[must_use]
    pub const fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The profile of a record.
    #[must_use]
    pub fn profile(&self, record: RecordId) -> Option<&Profile> {
        self.profiles.get(record.0 as usize)
    }

    /// Returns up to `limit` firms most similar to the searched one, best first, each once.
    /// `min_score` is in [0, 1].
    #[must_use]
    pub fn search(&self, searched: &Profile, limit: usize, min_score: f32) -> Vec<Match> {
        let is_generic = |code: &str| self.identities.is_generic(code);
        if searched.codes().any(&is_generic) {
            let mut searched = searched.clone();
            searched.forget_codes(is_generic);
            return self.search(&searched, limit, min_score);
        }
        let mut rated: Vec<(f32, u32, Basis<'_>)> = Vec::with_capacity(MAX_COMPARED_RECORDS);
        for record in self.list_candidates(searched, limit) {
            let Some(known) = self.profiles.get(record as usize) else { continue };
            let (log_odds, best) = best_log_odds(searched, known, &self.weights);
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
                matches.extend(self.explain_match(searched, record, best));
            }
        }
        self.add_predecessors(&mut matches, limit, min_score);
        matches
    }

    fn explain_match(&self, searched: &Profile, record: u32, best: Basis<'_>) -> Option<Match> {
        let known = self.profiles.get(record as usize)?;
        let found = explain(searched, known, &self.weights, best);
        let band = band_of_score(found.score);
        let (score, relation, reasons) = (found.score, found.relation, found.reasons);
        Some(Match { record: RecordId(record), score, band, relation, reasons })
    }

    /// Adds the firms from which or to which awards of a probable match were transferred.
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

    /// The records to compare fully.
    fn list_candidates(&self, searched: &Profile, limit: usize) -> Vec<u32> {
        let compared = MAX_COMPARED_RECORDS.max(limit.saturating_mul(2));
        let mut found: HashMap<u32, f32, FixedState> =
            HashMap::with_capacity_and_hasher(256, FixedState::default());
        for name in searched.names.iter().chain(&searched.parents).chain(&searched.members) {
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
        if let Some(uei) = &searched.uei {
            records.extend(self.identities.children(uei).iter().take(MAX_COMPARED_RECORDS));
        }
        let codes = [&searched.uei, &searched.duns, &searched.cage, &searched.parent_uei];
        for code in codes.into_iter().flatten() {
            records.extend(self.identities.find_by_code(code));
        }
        records.sort_unstable();
        records.dedup();
        records
    }
}

/// Whether two records have a name with a common word.
fn have_common_word(one: &[Name], other: &[Name]) -> bool {
    let words = |names: &[Name]| -> Vec<u64> {
        names.iter().flat_map(|name| &name.words).map(|word| word.hash).collect()
    };
    let (one, other) = (words(one), words(other));
    one.iter().any(|word| other.contains(word))
}

/// The number of words in the shortest name. Of two candidates that share as much with the searched
/// name, the shorter one is more similar.
fn min_word_count(profile: &Profile) -> u8 {
    let words = profile.names.iter().map(|name| name.words.len()).min();
    u8::try_from(words.unwrap_or_default()).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Index, RecordId};
    use crate::compare::Relation;
    use crate::record::{Profile, Record};
    use candor_gate::MatchBand;

    fn with_uei(name: &str, uei: &str) -> Record {
        Record { uei: Some(uei.into()), ..Record::from_name(name) }
    }

    #[test]
    fn a_firm_is_found_by_any_of_its_names() {
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
    fn a_shared_uei_is_exact_and_a_different_uei_is_not_probable() {
        let mut index = Index::new();
        index.insert(&with_uei("Quorvath Systems Inc", "LN3NM7H7GWA4"));
        let searched = Profile::new(&with_uei("Zimbel Holdings", "LN3NM7H7GWA4"));
        let found = index.search(&searched, 1, 0.0);
        assert_eq!(found[0].band, Some(MatchBand::Exact));
        let searched = Profile::new(&with_uei("Quorvath Systems Inc", "KN3NM7H7GWA5"));
        assert!(index.search(&searched, 1, 0.0)[0].band < Some(MatchBand::Probable));
    }

    #[test]
    fn a_uei_that_many_recipients_share_is_nobodys() {
        let mut index = Index::new();
        let names = ["Quorvath", "Zimbel", "Tambor", "Wexley", "Hollick", "Drevane"];
        let searched = Profile::new(&with_uei("Ostermark Foods", "LN3NM7H7GWA4"));
        let band = |index: &Index| index.search(&searched, 1, 0.0).first().and_then(|it| it.band);
        for (at, name) in names.into_iter().enumerate() {
            assert_eq!(band(&index), (1..=4).contains(&at).then_some(MatchBand::Exact), "{at}");
            index.insert(&with_uei(&format!("{name} Ltd"), "LN3NM7H7GWA4"));
        }
        assert_eq!(index.same_firm(RecordId(0)).count(), 1);
        let found = index.search(&Profile::from_name("Zimbel Ltd"), 1, 0.5);
        assert_eq!(found[0].record, RecordId(1));
    }

    #[test]
    fn a_uei_of_one_firm_with_many_spellings_stays_its_own() {
        let mut index = Index::new();
        for name in
            ["Tambor Inc", "Tambor Corp", "Tambor Foods", "Tambor USA", "Tambor Labs", "Tambor"]
        {
            index.insert(&with_uei(name, "LN3NM7H7GWA4"));
        }
        let searched = Profile::new(&with_uei("Ostermark Foods", "LN3NM7H7GWA4"));
        assert_eq!(index.search(&searched, 1, 0.5)[0].band, Some(MatchBand::Exact));
    }

    #[test]
    fn a_replaced_record_is_found_by_its_new_name() {
        let mut index = Index::new();
        let id = index.insert(&Record::from_name("Quorvath Systems Inc"));
        index.replace(id, &Record::from_name("Zimbel Holdings LLC"));
        assert_eq!(index.search(&Profile::from_name("Quorvath Systems"), 1, 0.5), []);
        assert_eq!(index.search(&Profile::from_name("Zimbel Holdings"), 1, 0.5)[0].record, id);
    }

    #[test]
    fn related_firms_are_possible_with_their_relation() {
        let mut index = Index::new();
        let mut subsidiary = with_uei("Zimbel Fortress LLC", "LN3NM7H7GWA4");
        subsidiary.parent = Some("Quorvath Armoring Corporation".into());
        subsidiary.parent_uei = Some("KN3NM7H7GWA5".into());
        index.insert(&subsidiary);
        index.insert(&Record::from_name("Wexley Dredging & Tambor Marine JV"));
        let first = |searched: &Profile| index.search(searched, 1, 0.5).remove(0);
        for searched in [
            Profile::from_name("Quorvath Armoring Corp"),
            Profile::new(&with_uei("Something Else", "KN3NM7H7GWA5")),
        ] {
            let found = first(&searched);
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
    fn a_transferred_award_finds_the_predecessor() {
        let mut index = Index::new();
        let earlier = index.insert(&Record::from_name("Quorvath Armoring LLC"));
        let later = index.insert(&Record::from_name("Zimbel Fortress LLC"));
        index.record_award_transfer(earlier, later);
        let found = index.search(&Profile::from_name("Zimbel Fortress"), 5, 0.5);
        let relations: Vec<_> = found.iter().map(|found| (found.record, found.relation)).collect();
        assert_eq!(relations, [(later, Relation::Same), (earlier, Relation::Predecessor)]);
    }
}
