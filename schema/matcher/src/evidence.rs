//! Weighs the alignment of two names as evidence that they belong to one firm.
use crate::align::{Alignment, Tie, WordPair, align, positions};
use crate::lexicon::WordClass;
use crate::name::{Name, Word};
use crate::reason::{ReasonKind, ReasonSink};
use crate::unmatched::{
    Side, has_class, has_initials, is_department_word, is_governing_word, is_negligible,
    is_truncated_prefix, precedes_matched_word, words_at,
};
use crate::weights::Weights;

/// The prior of every comparison of names, in log-odds.
const START_LOG_ODDS: f32 = -0.3;
/// The log-odds that an agreeing word adds for each bit of information.
const LOG_ODDS_PER_BIT: f32 = 0.2;
/// The maximum agreement that counts, in bits.
const MAX_AGREED_BITS: f32 = 26.0;
/// The distinctive agreement that a probable match needs, in bits.
const MIN_DISTINCTIVE_BITS: f32 = 7.5;
/// The soft maximum without enough distinctive agreement, in log-odds: below `PROBABLE_SCORE`.
const MAX_INDISTINCT_LOG_ODDS: f32 = 0.9;
/// The upper limit, in log-odds, to which the score of a regional affiliate or a city's department
/// is raised if the words alone score less.
const MIN_PART_LOG_ODDS: f32 = 0.3;
/// Above this value, in log-odds, evidence of names is damped, because names are no identifiers.
const DAMPING_START_LOG_ODDS: f32 = 3.5;
/// The share of the evidence above the damping start that counts.
const DAMPING_FACTOR: f32 = 0.3;

/// Weighs two names and adds the reasons to `sink`.
pub(crate) fn weigh_names(
    mine: &Name,
    theirs: &Name,
    weights: &Weights,
    sink: &mut impl ReasonSink,
) {
    let alignment = align(mine, theirs);
    let pair = NamePair { mine, theirs, weights };
    sink.add(ReasonKind::Start, START_LOG_ODDS, String::new);
    let agreed = pair.weigh_agreeing_words(&alignment, sink);
    let missing = pair.weigh_missing_words(&alignment, sink);
    pair.weigh_kinds(&agreed, sink);
    pair.weigh_legal_forms(&agreed, missing, sink);
    let (mine_side, theirs_side) = pair.sides(&alignment);
    let is_complete =
        is_negligible(theirs_side, mine_side) && is_negligible(mine_side, theirs_side);
    pair.weigh_word_order(&alignment, &agreed, sink);
    let words = alignment.pairs.len();
    if agreed.distinctive > 0.0
        && agreed.spelled < MIN_DISTINCTIVE_BITS
        && !pair.is_one_long_misspelled_word(&alignment)
    {
        // The distinctive words agree only by correction of their spelling.
        sink.add(ReasonKind::NothingDistinctive, -0.8, String::new);
    }
    let has_unmatched_initials = has_initials(mine, alignment.mine_unmatched)
        || has_initials(theirs, alignment.theirs_unmatched);
    if agreed.rare == 0.0 && (missing > 1.0 || has_unmatched_initials) {
        // `Premier Consulting`, `Premier Consulting Group`, `C E Premier`: common words alone.
        sink.add(ReasonKind::NothingDistinctive, -0.6, String::new);
    }
    let is_supported = agreed.distinctive >= MIN_DISTINCTIVE_BITS
        || (is_complete && pair.agrees_as_whole(&agreed, words));
    if !is_supported {
        sink.cap(MAX_INDISTINCT_LOG_ODDS, ReasonKind::NothingDistinctive);
    }
    if !agreed.is_distinctive_exact && !mine.legal_forms.is_compatible_with(theirs.legal_forms) {
        // `Jäger Rigging LLC` may be another firm than `Jaeger Rigging Corp`.
        sink.cap(MAX_INDISTINCT_LOG_ODDS, ReasonKind::DifferentForm);
    }
    if pair.is_institution_and_part(&alignment, missing) {
        sink.cap(MAX_INDISTINCT_LOG_ODDS, ReasonKind::PartOf);
    }
    if pair.is_name_and_extension(&alignment, &agreed) && sink.total() < MIN_PART_LOG_ODDS {
        // At least POSSIBLE, and the closer, the higher.
        let at_least = MIN_PART_LOG_ODDS * ((sink.total() - MIN_PART_LOG_ODDS) / 3.0).exp();
        sink.add(ReasonKind::PartOf, at_least - sink.total(), String::new);
    }
    let over = sink.total() - DAMPING_START_LOG_ODDS;
    if over > 0.0 {
        sink.add(ReasonKind::NamesOnly, (DAMPING_FACTOR - 1.0) * over, String::new);
    }
}

struct NamePair<'a> {
    mine: &'a Name,
    theirs: &'a Name,
    weights: &'a Weights,
}

/// The agreement of two names, in bits.
#[derive(Default)]
struct AgreedBits {
    all: f32,
    distinctive: f32,
    /// The part of `distinctive` that is spelled alike.
    spelled: f32,
    /// The part of `distinctive` from words that few firms use.
    rare: f32,
    /// Whether an initial agrees.
    has_initial: bool,
    /// Whether every word that distinguishes the firm is spelled alike.
    is_distinctive_exact: bool,
    is_exact: bool,
}

/// How a tie weighs an agreeing word.
struct TieWeights {
    /// The share of the word's bits that counts, in [0, 1].
    share: f32,
    /// A fixed cost in log-odds, zero or negative.
    cost: f32,
}

/// The weights of each kind of tie.
const fn tie_weights(tie: Tie) -> TieWeights {
    let (share, cost) = match tie {
        Tie::Same => (1.0, 0.0),
        Tie::Form => (0.97, -0.05),
        Tie::Joined => (0.95, -0.1),
        Tie::Truncated => (0.8, -0.4),
        Tie::Misspelled(1) => (0.85, -0.5),
        Tie::Misspelled(_) => (0.75, -1.2),
        Tie::Acronym => (0.5, -1.0),
        Tie::Initial => (0.3, -0.2),
        Tie::Respelled => (0.85, -0.4),
    };
    TieWeights { share, cost }
}

/// The log-odds that a word in only one name subtracts for each bit of information.
const fn loss_per_bit(class: WordClass) -> f32 {
    match class {
        WordClass::Distinctive | WordClass::Number => 0.48,
        WordClass::Common | WordClass::GivenName => 0.42,
        WordClass::PublicBody => 0.4,
        WordClass::Place => 0.34,
        WordClass::Generic => 0.22,
        WordClass::Initial => 0.12,
    }
}

impl NamePair<'_> {
    fn weigh_agreeing_words(
        &self,
        alignment: &Alignment,
        sink: &mut impl ReasonSink,
    ) -> AgreedBits {
        let mut agreed =
            AgreedBits { is_exact: true, is_distinctive_exact: true, ..AgreedBits::default() };
        for pair in &alignment.pairs {
            let (mine, theirs) =
                (words_of(self.mine, pair.mine), words_of(self.theirs, pair.theirs));
            let bits = self.bits(mine).min(self.bits(theirs));
            let TieWeights { share, cost } = tie_weights(pair.tie);
            let counted_bits = (bits * share).min(MAX_AGREED_BITS - agreed.all).max(0.0);
            let mut weight = LOG_ODDS_PER_BIT * counted_bits + cost;
            match pair.tie {
                // `Tech` may abbreviate several words.
                Tie::Form if mine[0].text.len().abs_diff(theirs[0].text.len()) > 3 => {
                    weight -= 0.1;
                }
                Tie::Misspelled(_) => weight += self.misspelling_penalty(&mine[0], &theirs[0]),
                // Many firms share three initials.
                Tie::Acronym if mine.len().max(theirs.len()) == 3 => {
                    let (mine, theirs) = (self.mine.legal_forms, self.theirs.legal_forms);
                    weight -= if mine == theirs && !mine.is_empty() { 0.0 } else { 0.8 };
                }
                _ => {}
            }
            agreed.all += counted_bits;
            let has_distinctive_word = |words: &[Word]| {
                words
                    .iter()
                    .any(|word| matches!(word.class, WordClass::Distinctive | WordClass::Common))
            };
            let is_distinctive = has_distinctive_word(mine) && has_distinctive_word(theirs);
            if is_distinctive && !matches!(pair.tie, Tie::Initial | Tie::Acronym) {
                agreed.distinctive += bits * share;
                if !matches!(pair.tie, Tie::Misspelled(_)) {
                    agreed.spelled += bits;
                }
                if mine[0].class == WordClass::Distinctive {
                    agreed.rare += bits;
                }
            }
            agreed.is_exact &= pair.tie == Tie::Same;
            agreed.is_distinctive_exact &= pair.tie == Tie::Same
                || !mine.iter().any(|word| word.class == WordClass::Distinctive);
            agreed.has_initial |= pair.tie == Tie::Same && mine[0].class == WordClass::Initial;
            sink.add(pair.tie.into(), weight, || {
                let (mine, theirs) = (joined_text(mine), joined_text(theirs));
                if mine == theirs { mine } else { format!("{mine} = {theirs}") }
            });
        }
        agreed
    }

    fn sides(&self, alignment: &Alignment) -> (Side<'_>, Side<'_>) {
        let (mine_is_cut, theirs_is_cut) = alignment.is_cut;
        let (mine, theirs) = (self.mine, self.theirs);
        (
            Side { name: mine, unmatched: alignment.mine_unmatched, is_cut: mine_is_cut },
            Side { name: theirs, unmatched: alignment.theirs_unmatched, is_cut: theirs_is_cut },
        )
    }

    /// The bits of words that count as one: the rarest word's, plus 0.3 of the others'.
    fn bits(&self, words: &[Word]) -> f32 {
        let bits = words.iter().map(|word| self.weights.bits(word));
        let (most, sum) = bits.fold((0.0_f32, 0.0), |(most, sum), b| (most.max(b), sum + b));
        most + 0.3 * (sum - most)
    }

    /// The penalty for assuming a misspelling, in log-odds: higher if both words are known, if the
    /// first letters differ, and for short words.
    fn misspelling_penalty(&self, mine: &Word, theirs: &Word) -> f32 {
        let mut penalty = 0.0;
        let is_known = |word: &Word| {
            word.class != WordClass::Distinctive || self.weights.record_count(word) > 2
        };
        if is_known(mine) && is_known(theirs) {
            penalty -= 1.2;
        }
        if mine.text.bytes().next() != theirs.text.bytes().next() {
            penalty -= 0.7;
            // `Parker` and `Barker` are two surnames.
            if mine.class == WordClass::Common || theirs.class == WordClass::Common {
                penalty -= 1.0;
            }
        }
        penalty -= match mine.text.len().min(theirs.text.len()) {
            ..5 => 1.6,
            5 | 6 => 0.6,
            _ => 0.0,
        };
        penalty
    }

    /// Subtracts for the words that only one name has. Returns the loss from words that are not
    /// incidental, in log-odds.
    fn weigh_missing_words(&self, alignment: &Alignment, sink: &mut impl ReasonSink) -> f32 {
        let (mine, theirs) = self.sides(alignment);
        // `City of Wexley, Department of Water` is the `Wexley Department of Water`.
        let has_department = alignment
            .pairs
            .iter()
            .any(|pair| words_of(self.mine, pair.mine).iter().any(is_department_word));
        let (mine, mine_outside, theirs, theirs_outside) = {
            let (one, one_outside) = self.weigh_one_sided_words(mine, theirs, has_department, sink);
            let (other, other_outside) =
                self.weigh_one_sided_words(theirs, mine, has_department, sink);
            (one, one_outside, other, other_outside)
        };
        let conflict = mine.min(theirs);
        if conflict > 0.0 {
            sink.add(ReasonKind::Conflict, -0.5 * conflict, || {
                let (mine, theirs) = (
                    words_at(self.mine, alignment.mine_unmatched),
                    words_at(self.theirs, alignment.theirs_unmatched),
                );
                format!("{mine} / {theirs}")
            });
        }
        let both = |class| {
            has_class(self.mine, alignment.mine_unmatched, class)
                && has_class(self.theirs, alignment.theirs_unmatched, class)
        };
        if both(WordClass::Number) {
            sink.add(ReasonKind::DifferentNumber, -4.0, String::new);
        }
        if both(WordClass::Place) {
            sink.add(ReasonKind::DifferentPlace, -3.0, String::new);
        }
        if both(WordClass::Initial) {
            sink.add(ReasonKind::DifferentInitials, -3.0, String::new);
        }
        mine_outside + theirs_outside
    }

    /// Subtracts for the words of one name that the other lacks, less if the other was truncated before
    /// them. Returns the loss of all of them, and of those that are not incidental, in log-odds.
    fn weigh_one_sided_words(
        &self,
        side: Side<'_>,
        other: Side<'_>,
        has_department: bool,
        sink: &mut impl ReasonSink,
    ) -> (f32, f32) {
        let Side { name, unmatched: set, .. } = side;
        if set == 0 {
            return (0.0, 0.0);
        }
        let is_truncated = is_truncated_prefix(other, side);
        let (mut lost, mut outside) = (0.0, 0.0);
        // `University of X` and its laboratory, `County of X` and its jail.
        let body = name.is_institution;
        for at in positions(set) {
            let word = &name.words[at];
            let mut weight = loss_per_bit(word.class) * self.weights.bits(word);
            if body && is_governing_word(word) || has_department && &*word.key == "city" {
                weight *= 0.3;
            } else if word.class == WordClass::Generic
                && (body || precedes_matched_word(name, set, at))
            {
                weight *= INNER_WORD_FACTOR;
            }
            if word.is_incidental {
                // A branch number says little about the firm.
                weight *= if word.class == WordClass::Number { 0.1 } else { 0.4 };
            }
            if is_truncated {
                weight *= 0.3;
            }
            let kind = match word.class {
                WordClass::Generic => ReasonKind::MissingGeneric,
                WordClass::Place => ReasonKind::MissingPlace,
                WordClass::PublicBody => ReasonKind::MissingPublic,
                _ => ReasonKind::MissingWord,
            };
            sink.add(kind, -weight, || word.text.to_string());
            lost += weight;
            if !(word.is_incidental || body && is_governing_word(word)) {
                outside += weight;
            }
        }
        (lost, outside)
    }

    /// Weighs whether the names are persons' or joint ventures'.
    fn weigh_kinds(&self, agreed: &AgreedBits, sink: &mut impl ReasonSink) {
        let (mine, theirs) = (self.mine, self.theirs);
        if mine.is_person && theirs.is_person {
            // The more common the surname, the more persons share the name.
            let weight = match agreed {
                AgreedBits { has_initial: true, .. } => -1.2,
                AgreedBits { rare, .. } if *rare > 0.0 => -1.6,
                _ => -2.2,
            };
            sink.add(ReasonKind::Person, weight, String::new);
        } else if mine.is_person || theirs.is_person {
            // `Garcia, Maria` is certainly a person, and others may share the name.
            let is_inverted_person =
                (mine.is_person && mine.is_inverted) || (theirs.is_person && theirs.is_inverted);
            let weight = if is_inverted_person && agreed.rare == 0.0 { -2.0 } else { -0.8 };
            sink.add(ReasonKind::DifferentKind, weight, String::new);
        }
        if mine.is_joint_venture() != theirs.is_joint_venture() {
            sink.add(ReasonKind::DifferentKind, -2.5, String::new);
        }
    }

    /// Whether both names are one long word with one spelling error, and have the same legal form.
    fn is_one_long_misspelled_word(&self, alignment: &Alignment) -> bool {
        const MIN_BYTES: usize = 8;
        let (mine, theirs) = (self.mine, self.theirs);
        let [pair] = &*alignment.pairs else { return false };
        let is_long = mine.words[0].text.len().min(theirs.words[0].text.len()) >= MIN_BYTES;
        is_long
            && pair.tie == Tie::Misspelled(1)
            && mine.words.len() == 1
            && theirs.words.len() == 1
            && mine.legal_forms == theirs.legal_forms
            && !mine.legal_forms.is_empty()
    }

    /// Whether one name is an institution's and the other a department's of it.
    fn is_institution_and_part(&self, alignment: &Alignment, missing: f32) -> bool {
        let one_sided = alignment.mine_unmatched == 0 || alignment.theirs_unmatched == 0;
        one_sided && missing > 1.5 && self.mine.is_institution && self.theirs.is_institution
    }

    /// Whether one name is contained in the other, which adds only general words.
    fn is_name_and_extension(&self, alignment: &Alignment, agreed: &AgreedBits) -> bool {
        let (name, left) = match (alignment.mine_unmatched, alignment.theirs_unmatched) {
            (0, left) if left != 0 => (self.theirs, left),
            (left, 0) if left != 0 => (self.mine, left),
            _ => return false,
        };
        let general = positions(left).all(|at| {
            matches!(
                name.words[at].class,
                WordClass::Place | WordClass::PublicBody | WordClass::Generic
            )
        });
        // The shorter name begins the longer one; a city's name may be anywhere in it.
        let begins = left & 1 == 0;
        let body = alignment.pairs.len() >= 2
            && alignment.pairs.iter().any(|pair| {
                words_of(self.mine, pair.mine)
                    .iter()
                    .any(|word| word.class == WordClass::PublicBody)
            });
        let tied = alignment.pairs.iter().all(|pair| matches!(pair.tie, Tie::Same | Tie::Form));
        general
            && tied
            && (body || (begins && agreed.distinctive >= MIN_DISTINCTIVE_BITS))
            && !self.mine.is_person
            && !self.theirs.is_person
    }

    /// Whether complete agreement on general words suffices for a match: with enough bits, with fewer
    /// if the legal forms agree, and always for an institution, whose names have only such words.
    fn agrees_as_whole(&self, agreed: &AgreedBits, words: usize) -> bool {
        let (mine, theirs) = (self.mine.legal_forms, self.theirs.legal_forms);
        let min_bits = if mine.is_compatible_with(theirs) {
            10.5
        } else {
            12.5 + if words > 2 { 2.5 } else { 0.0 }
        };
        let same = agreed.is_exact && mine == theirs && !mine.is_empty();
        let enough = words >= 2 && agreed.all >= min_bits;
        same || enough || (words >= 2 && self.mine.is_institution)
    }

    fn weigh_legal_forms(&self, agreed: &AgreedBits, missing: f32, sink: &mut impl ReasonSink) {
        let (mine, theirs) = (self.mine.legal_forms, self.theirs.legal_forms);
        if !mine.is_compatible_with(theirs) {
            // The less information the words have, the more the legal form matters.
            let weight = match agreed.all {
                _ if missing > 0.0 => -1.5,
                bits if bits < 11.0 => -0.9,
                bits if bits < 14.0 => -0.6,
                _ => -0.3,
            };
            sink.add(ReasonKind::DifferentForm, weight, String::new);
        } else if mine == theirs && !mine.is_empty() {
            sink.add(ReasonKind::SameForm, 0.3, String::new);
        }
        let person = self.mine.is_person || self.theirs.is_person;
        if agreed.is_exact && missing == 0.0 && mine.is_compatible_with(theirs) && !person {
            sink.add(ReasonKind::SameName, 0.5, String::new);
        }
    }

    fn weigh_word_order(
        &self,
        alignment: &Alignment,
        agreed: &AgreedBits,
        sink: &mut impl ReasonSink,
    ) {
        // `Imperial County` is the `County of Imperial`.
        let public = self.mine.words.iter().any(|word| word.class == WordClass::PublicBody);
        let persons = self.mine.is_person && self.theirs.is_person;
        if self.mine.is_inverted || self.theirs.is_inverted || public || persons {
            return;
        }
        let sorted = |start: fn(&WordPair) -> u8| alignment.pairs.is_sorted_by_key(start);
        if sorted(|pair| pair.mine.0) && sorted(|pair| pair.theirs.0) {
            return;
        }
        // A legal form may be before or after the name.
        let counts = |pair: &&WordPair| {
            let [mine, theirs] =
                [words_of(self.mine, pair.mine), words_of(self.theirs, pair.theirs)];
            !mine.iter().chain(theirs).any(|word| word.is_incidental)
        };
        let mut pairs: Vec<&WordPair> = alignment.pairs.iter().filter(counts).collect();
        pairs.sort_unstable_by_key(|pair| pair.mine.0);
        if !pairs.is_sorted_by_key(|pair| pair.theirs.0) {
            // `General Vacuum` is not `Vacuum General`.
            let weight = if agreed.distinctive < 12.0 { -1.8 } else { -0.3 };
            sink.add(ReasonKind::Order, weight, String::new);
        }
    }
}

/// The factor on the loss of a generic word that is missing inside a name, not at its end.
const INNER_WORD_FACTOR: f32 = 2.2;

fn words_of(name: &Name, (start, count): (u8, u8)) -> &[Word] {
    &name.words[usize::from(start)..usize::from(start) + usize::from(count)]
}

fn joined_text(words: &[Word]) -> String {
    words.iter().map(|word| &*word.text).collect::<Vec<_>>().join(" ")
}
