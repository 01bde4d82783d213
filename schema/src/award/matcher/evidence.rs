//! What two names, laid side by side, say for and against being one firm's.
use crate::award::matcher::align::{Alignment, WordPair, Tie, align, positions};
use crate::award::matcher::unmatched::{
    is_negligible, is_governing_word, has_class, has_initials, precedes_matched_word, is_truncated_prefix, is_institution, words_at,
};
use crate::award::matcher::lexicon::WordClass;
use crate::award::matcher::name::{Name, Word};
use crate::award::matcher::reason::{ReasonKind, ReasonSink};
use crate::award::matcher::weights::Weights;

/// Where every comparison of names starts, in log-odds.
const START_LOG_ODDS: f32 = -0.3;
/// What an agreeing word adds for each bit it tells.
const LOG_ODDS_PER_BIT: f32 = 0.2;
/// More agreement than this, in bits, adds nothing.
const MAX_AGREED_BITS: f32 = 26.0;
/// What fewer distinctive bits than these agree on is carried by nothing.
const MIN_DISTINCTIVE_BITS: f32 = 7.5;
/// The most a match that nothing distinctive carries may reach: below PROBABLE.
const MAX_INDISTINCT_LOG_ODDS: f32 = 0.9;
/// What a firm's regional sister and a city's department come to at most, in log-odds, where the
/// words alone say less.
const MIN_PART_LOG_ODDS: f32 = 0.3;
/// Above this, in log-odds, what names say counts less and less: they are no identifiers.
const DAMPING_START_LOG_ODDS: f32 = 3.5;
/// What is left of what names say above that.
const DAMPING_FACTOR: f32 = 0.3;

/// Weighs two names against each other.
pub(crate) fn weigh_names(mine: &Name, theirs: &Name, weights: &Weights, sink: &mut impl ReasonSink) {
    let alignment = align(mine, theirs);
    let pair = NamePair { mine, theirs, weights };
    sink.add(ReasonKind::Start, START_LOG_ODDS, String::new);
    let agreed = pair.weigh_agreeing_words(&alignment, sink);
    let missing = pair.weigh_missing_words(&alignment, sink);
    pair.weigh_kinds(&agreed, sink);
    pair.legal_forms(&agreed, missing, sink);
    let is_complete = is_negligible(theirs, mine, alignment.mine_unmatched) && is_negligible(mine, theirs, alignment.theirs_unmatched);
    pair.weigh_word_order(&alignment, &agreed, sink);
    let words = alignment.pairs.len();
    if agreed.distinctive > 0.0 && agreed.spelled < MIN_DISTINCTIVE_BITS {
        // All that tells the firm is spelled otherwise.
        sink.add(ReasonKind::NothingDistinctive, -0.8, String::new);
    }
    let has_unmatched_initials = has_initials(mine, alignment.mine_unmatched) || has_initials(theirs, alignment.theirs_unmatched);
    if agreed.rare == 0.0 && (missing > 1.0 || has_unmatched_initials) {
        // `Premier Consulting` and `Premier Consulting Group` or `C E Premier`: any two firms.
        sink.add(ReasonKind::NothingDistinctive, -0.6, String::new);
    }
    let is_supported = agreed.distinctive >= MIN_DISTINCTIVE_BITS || (is_complete && pair.agrees_as_whole(&agreed, words));
    if !is_supported {
        sink.cap(MAX_INDISTINCT_LOG_ODDS, ReasonKind::NothingDistinctive);
    }
    if pair.is_institution_and_part(&alignment, missing) {
        sink.cap(MAX_INDISTINCT_LOG_ODDS, ReasonKind::PartOf);
    }
    if pair.is_name_and_extension(&alignment, &agreed) && sink.total() < MIN_PART_LOG_ODDS {
        // Never less than POSSIBLE, and the nearer the more.
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

/// How much agrees, in bits.
#[derive(Default)]
struct AgreedBits {
    all: f32,
    distinctive: f32,
    /// Of the distinctive, what is spelled alike.
    spelled: f32,
    /// Of the distinctive, what few firms choose.
    rare: f32,
    /// Whether an initial is among what agrees.
    has_initial: bool,
    is_exact: bool,
}

/// How much of an agreeing word's worth each kind of tie keeps, and what it costs at once.
const fn tie_weights(tie: Tie) -> (f32, f32) {
    match tie {
        Tie::Same => (1.0, 0.0),
        Tie::Form => (0.97, -0.05),
        Tie::Joined => (0.95, -0.1),
        Tie::Truncated => (0.8, -0.4),
        Tie::Misspelled(1) => (0.85, -0.5),
        Tie::Misspelled(_) => (0.75, -1.2),
        Tie::Acronym => (0.5, -1.0),
        Tie::Initial => (0.3, -0.2),
    }
}

/// What a word that only one name has takes away for each bit it tells.
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
    fn weigh_agreeing_words(&self, alignment: &Alignment, sink: &mut impl ReasonSink) -> AgreedBits {
        let mut agreed = AgreedBits { is_exact: true, ..AgreedBits::default() };
        for pair in &alignment.pairs {
            let (mine, theirs) = (words_of(self.mine, pair.mine), words_of(self.theirs, pair.theirs));
            let bits = self.bits(mine).min(self.bits(theirs));
            let (kept, cost) = tie_weights(pair.tie);
            let counted_bits = (bits * kept).min(MAX_AGREED_BITS - agreed.all).max(0.0);
            let mut weight = LOG_ODDS_PER_BIT * counted_bits + cost;
            match pair.tie {
                // `Tech` may be short for more than one word.
                Tie::Form if mine[0].text.len().abs_diff(theirs[0].text.len()) > 3 => {
                    weight -= 0.1;
                }
                Tie::Misspelled(_) => weight += self.misspelling_penalty(&mine[0], &theirs[0]),
                // Three letters are many firms' initials.
                Tie::Acronym if mine.len().max(theirs.len()) == 3 => {
                    let (mine, theirs) = (self.mine.legal_forms, self.theirs.legal_forms);
                    weight -= if mine == theirs && !mine.is_empty() { 0.0 } else { 0.8 };
                }
                _ => {}
            }
            agreed.all += counted_bits;
            let distinctive = |words: &[Word]| {
                words.iter().any(|word| matches!(word.class, WordClass::Distinctive | WordClass::Common))
            };
            let is_distinctive = distinctive(mine) && distinctive(theirs);
            if is_distinctive && !matches!(pair.tie, Tie::Initial | Tie::Acronym) {
                agreed.distinctive += bits * kept;
                if !matches!(pair.tie, Tie::Misspelled(_)) {
                    agreed.spelled += bits;
                }
                if mine[0].class == WordClass::Distinctive {
                    agreed.rare += bits;
                }
            }
            agreed.is_exact &= pair.tie == Tie::Same;
            agreed.has_initial |= pair.tie == Tie::Same && mine[0].class == WordClass::Initial;
            sink.add(pair.tie.into(), weight, || {
                let (mine, theirs) = (joined_text(mine), joined_text(theirs));
                if mine == theirs { mine } else { format!("{mine} = {theirs}") }
            });
        }
        agreed
    }

    /// The bits of words that stand for one: as many as the rarest and a little of the others.
    fn bits(&self, words: &[Word]) -> f32 {
        let bits = words.iter().map(|word| self.weights.bits(word));
        let (most, sum) = bits.fold((0.0_f32, 0.0), |(most, sum), b| (most.max(b), sum + b));
        most + 0.3 * (sum - most)
    }

    /// A wrong letter is less likely one where both are words that others use too, and at the
    /// beginning.
    fn misspelling_penalty(&self, mine: &Word, theirs: &Word) -> f32 {
        let mut penalty = 0.0;
        let is_known = |word: &Word| word.class != WordClass::Distinctive || self.weights.record_count(word) > 2;
        if is_known(mine) && is_known(theirs) {
            penalty -= 1.2;
        }
        if mine.text.bytes().next() != theirs.text.bytes().next() {
            penalty -= 0.7;
        }
        penalty -= match mine.text.len().min(theirs.text.len()) {
            ..5 => 1.6,
            5 | 6 => 0.6,
            _ => 0.0,
        };
        penalty
    }

    /// Words that only one name has. Returns what those outside of parentheses
    /// take away.
    fn weigh_missing_words(&self, alignment: &Alignment, sink: &mut impl ReasonSink) -> f32 {
        let (mine, mine_outside) = self.weigh_one_sided_words(self.mine, self.theirs, alignment.mine_unmatched, sink);
        let (theirs, theirs_outside) =
            self.weigh_one_sided_words(self.theirs, self.mine, alignment.theirs_unmatched, sink);
        let conflict = mine.min(theirs);
        if conflict > 0.0 {
            sink.add(ReasonKind::Conflict, -0.5 * conflict, || {
                let (mine, theirs) =
                    (words_at(self.mine, alignment.mine_unmatched), words_at(self.theirs, alignment.theirs_unmatched));
                format!("{mine} / {theirs}")
            });
        }
        let both = |class| {
            has_class(self.mine, alignment.mine_unmatched, class) && has_class(self.theirs, alignment.theirs_unmatched, class)
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

    /// What the words of one name that the other has not take away: all of them, and those outside
    /// of parentheses.
    fn weigh_one_sided_words(&self, name: &Name, other: &Name, set: u32, sink: &mut impl ReasonSink) -> (f32, f32) {
        let (mut lost, mut outside) = (0.0, 0.0);
        let is_truncated = is_truncated_prefix(other, name, set);
        // `University of X` and its laboratory, `County of X` and its jail.
        let body = is_institution(name);
        for at in positions(set) {
            let word = &name.words[at];
            let mut weight = loss_per_bit(word.class) * self.weights.bits(word);
            if body && is_governing_word(word) {
                weight *= 0.3;
            } else if word.class == WordClass::Generic && (body || precedes_matched_word(name, set, at)) {
                weight *= INNER_WORD_FACTOR;
            }
            if word.is_incidental {
                // A shop's own number tells nothing of the firm.
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

    /// Persons, joint ventures and public bodies are told apart by more than their words.
    fn weigh_kinds(&self, agreed: &AgreedBits, sink: &mut impl ReasonSink) {
        let (mine, theirs) = (self.mine, self.theirs);
        if mine.is_person && theirs.is_person {
            // The commoner the surname, the more persons have the name.
            let weight = match agreed {
                AgreedBits { has_initial: true, .. } => -1.2,
                AgreedBits { rare, .. } if *rare > 0.0 => -1.6,
                _ => -2.2,
            };
            sink.add(ReasonKind::Person, weight, String::new);
        } else if mine.is_person || theirs.is_person {
            // `Garcia, Maria` is a person for certain, of whom there may be many.
            let is_inverted_person = (mine.is_person && mine.is_inverted) || (theirs.is_person && theirs.is_inverted);
            let weight = if is_inverted_person && agreed.rare == 0.0 { -2.0 } else { -0.8 };
            sink.add(ReasonKind::DifferentKind, weight, String::new);
        }
        if mine.is_joint_venture() != theirs.is_joint_venture() {
            sink.add(ReasonKind::DifferentKind, -2.5, String::new);
        }
    }

    /// Whether the names are a body's and one of its parts'.
    fn is_institution_and_part(&self, alignment: &Alignment, missing: f32) -> bool {
        let one_sided = alignment.mine_unmatched == 0 || alignment.theirs_unmatched == 0;
        one_sided && missing > 1.5 && is_institution(self.mine) && is_institution(self.theirs)
    }

    /// Whether one name stands whole in the other, which goes on with general words only.
    fn is_name_and_extension(&self, alignment: &Alignment, agreed: &AgreedBits) -> bool {
        let (name, left) = match (alignment.mine_unmatched, alignment.theirs_unmatched) {
            (0, left) if left != 0 => (self.theirs, left),
            (left, 0) if left != 0 => (self.mine, left),
            _ => return false,
        };
        let general = positions(left).all(|at| {
            matches!(name.words[at].class, WordClass::Place | WordClass::PublicBody | WordClass::Generic)
        });
        // What is whole begins the longer name; a city may stand anywhere in it.
        let begins = left & 1 == 0;
        let body = alignment.pairs.len() >= 2
            && alignment.pairs.iter().any(|pair| {
                words_of(self.mine, pair.mine).iter().any(|word| word.class == WordClass::PublicBody)
            });
        let tied = alignment.pairs.iter().all(|pair| matches!(pair.tie, Tie::Same | Tie::Form));
        general
            && tied
            && (body || (begins && agreed.distinctive >= MIN_DISTINCTIVE_BITS))
            && !self.mine.is_person
            && !self.theirs.is_person
    }

    /// Whether general words that agree to the last carry a match: many do, and fewer where the
    /// legal form is the same. A public body has no others.
    fn agrees_as_whole(&self, agreed: &AgreedBits, words: usize) -> bool {
        let (mine, theirs) = (self.mine.legal_forms, self.theirs.legal_forms);
        let min_bits = if mine.is_compatible_with(theirs) { 10.5 } else { 12.5 + if words > 2 { 2.5 } else { 0.0 } };
        let same = agreed.is_exact && mine == theirs && !mine.is_empty();
        let enough = words >= 2 && agreed.all >= min_bits;
        same || enough || (words >= 2 && is_institution(self.mine))
    }

    fn weigh_legal_forms(&self, agreed: &AgreedBits, missing: f32, sink: &mut impl ReasonSink) {
        let (mine, theirs) = (self.mine.legal_forms, self.theirs.legal_forms);
        if !mine.is_compatible_with(theirs) {
            // The less the words tell, the more the form does.
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

    fn weigh_word_order(&self, alignment: &Alignment, agreed: &AgreedBits, sink: &mut impl ReasonSink) {
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
        let mut pairs: Vec<&WordPair> = alignment.pairs.iter().collect();
        pairs.sort_unstable_by_key(|pair| pair.mine.0);
        if !pairs.is_sorted_by_key(|pair| pair.theirs.0) {
            // `General Vacuum` is not `Vacuum General`.
            let weight = if agreed.distinctive < 12.0 { -1.8 } else { -0.3 };
            sink.add(ReasonKind::Order, weight, String::new);
        }
    }
}

/// What a word of the trade that is missing within a name, not at its end, costs more.
const INNER_WORD_FACTOR: f32 = 2.2;

fn words_of(name: &Name, (start, count): (u8, u8)) -> &[Word] {
    &name.words[usize::from(start)..usize::from(start) + usize::from(count)]
}

fn joined_text(words: &[Word]) -> String {
    words.iter().map(|word| &*word.text).collect::<Vec<_>>().join(" ")
}
