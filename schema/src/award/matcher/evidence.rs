//! What two names, laid side by side, say for and against being one firm's.
use crate::award::matcher::align::{Alignment, Pair, Tie, align, positions};
use crate::award::matcher::leftover::{
    beside, governs, has, has_initials, inner, is_beginning, is_body, left,
};
use crate::award::matcher::lexicon::Class;
use crate::award::matcher::name::{Name, Word};
use crate::award::matcher::reason::{ReasonKind, Sink};
use crate::award::matcher::weights::Weights;

/// Where every comparison of names starts, in log-odds.
const START: f32 = -0.3;
/// What an agreeing word adds for each bit it tells.
const PER_BIT: f32 = 0.2;
/// More agreement than this, in bits, adds nothing.
const ENOUGH: f32 = 26.0;
/// What fewer distinctive bits than these agree on is carried by nothing.
const CARRIED: f32 = 7.5;
/// The most a match that nothing distinctive carries may reach: below PROBABLE.
const UNCARRIED: f32 = 0.9;
/// What a firm's regional sister and a city's department come to at most, in log-odds, where the
/// words alone say less.
const LOOKED_AT: f32 = 0.3;
/// Above this, in log-odds, what names say counts less and less: they are no identifiers.
const SURE: f32 = 3.5;
/// What is left of what names say above that.
const BEYOND: f32 = 0.3;

/// Weighs two names against each other.
pub(crate) fn weigh(mine: &Name, theirs: &Name, weights: &Weights, sink: &mut impl Sink) {
    let laid = align(mine, theirs);
    let pair = Weighed { mine, theirs, weights };
    sink.add(ReasonKind::Start, START, String::new);
    let agreed = pair.agreeing(&laid, sink);
    let missing = pair.missing(&laid, sink);
    pair.kinds(&agreed, sink);
    pair.forms(&agreed, missing, sink);
    let whole = beside(theirs, mine, laid.mine_left) && beside(mine, theirs, laid.theirs_left);
    pair.order(&laid, &agreed, sink);
    let words = laid.pairs.len();
    if agreed.distinctive > 0.0 && agreed.spelled < CARRIED {
        // All that tells the firm is spelled otherwise.
        sink.add(ReasonKind::NothingDistinctive, -0.8, String::new);
    }
    let initials = has_initials(mine, laid.mine_left) || has_initials(theirs, laid.theirs_left);
    if agreed.rare == 0.0 && (missing > 1.0 || initials) {
        // `Premier Consulting` and `Premier Consulting Group` or `C E Premier`: any two firms.
        sink.add(ReasonKind::NothingDistinctive, -0.6, String::new);
    }
    let carried = agreed.distinctive >= CARRIED || (whole && pair.carries_whole(&agreed, words));
    if !carried {
        sink.cap(UNCARRIED, ReasonKind::NothingDistinctive);
    }
    if pair.is_part_of_body(&laid, missing) {
        sink.cap(UNCARRIED, ReasonKind::PartOf);
    }
    if pair.is_part(&laid, &agreed) && sink.total() < LOOKED_AT {
        // Never less than POSSIBLE, and the nearer the more.
        let at_least = LOOKED_AT * ((sink.total() - LOOKED_AT) / 3.0).exp();
        sink.add(ReasonKind::PartOf, at_least - sink.total(), String::new);
    }
    let over = sink.total() - SURE;
    if over > 0.0 {
        sink.add(ReasonKind::NamesOnly, (BEYOND - 1.0) * over, String::new);
    }
}

struct Weighed<'a> {
    mine: &'a Name,
    theirs: &'a Name,
    weights: &'a Weights,
}

/// How much agrees, in bits.
#[derive(Default)]
struct Agreed {
    all: f32,
    distinctive: f32,
    /// Of the distinctive, what is spelled alike.
    spelled: f32,
    /// Of the distinctive, what few firms choose.
    rare: f32,
    /// Whether an initial is among what agrees.
    initials: bool,
    exact: bool,
}

/// How much of an agreeing word's worth each kind of tie keeps, and what it costs at once.
const fn worth(tie: Tie) -> (f32, f32) {
    match tie {
        Tie::Same => (1.0, 0.0),
        Tie::Form => (0.97, -0.05),
        Tie::Joined => (0.95, -0.1),
        Tie::Cut => (0.8, -0.4),
        Tie::Misspelt(1) => (0.85, -0.5),
        Tie::Misspelt(_) => (0.75, -1.2),
        Tie::Acronym => (0.5, -1.0),
        Tie::Initial => (0.3, -0.2),
    }
}

/// What a word that only one name has takes away for each bit it tells.
const fn loss(class: Class) -> f32 {
    match class {
        Class::Distinct | Class::Number => 0.48,
        Class::Common | Class::Given => 0.42,
        Class::Public => 0.4,
        Class::Place => 0.34,
        Class::Generic => 0.22,
        Class::Initial => 0.12,
    }
}

impl Weighed<'_> {
    fn agreeing(&self, laid: &Alignment, sink: &mut impl Sink) -> Agreed {
        let mut agreed = Agreed { exact: true, ..Agreed::default() };
        for pair in &laid.pairs {
            let (mine, theirs) = (part(self.mine, pair.mine), part(self.theirs, pair.theirs));
            let bits = self.bits(mine).min(self.bits(theirs));
            let (kept, cost) = worth(pair.tie);
            let told = (bits * kept).min(ENOUGH - agreed.all).max(0.0);
            let mut weight = PER_BIT * told + cost;
            match pair.tie {
                // `Tech` may be short for more than one word.
                Tie::Form if mine[0].text.len().abs_diff(theirs[0].text.len()) > 3 => {
                    weight -= 0.1;
                }
                Tie::Misspelt(_) => weight += self.doubt(&mine[0], &theirs[0]),
                // Three letters are many firms' initials.
                Tie::Acronym if mine.len().max(theirs.len()) == 3 => {
                    let (mine, theirs) = (self.mine.forms, self.theirs.forms);
                    weight -= if mine == theirs && !mine.is_empty() { 0.0 } else { 0.8 };
                }
                _ => {}
            }
            agreed.all += told;
            let distinctive = |words: &[Word]| {
                words.iter().any(|word| matches!(word.class, Class::Distinct | Class::Common))
            };
            let carries = distinctive(mine) && distinctive(theirs);
            if carries && !matches!(pair.tie, Tie::Initial | Tie::Acronym) {
                agreed.distinctive += bits * kept;
                if !matches!(pair.tie, Tie::Misspelt(_)) {
                    agreed.spelled += bits;
                }
                if mine[0].class == Class::Distinct {
                    agreed.rare += bits;
                }
            }
            agreed.exact &= pair.tie == Tie::Same;
            agreed.initials |= pair.tie == Tie::Same && mine[0].class == Class::Initial;
            sink.add(pair.tie.into(), weight, || {
                let (mine, theirs) = (text(mine), text(theirs));
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
    fn doubt(&self, mine: &Word, theirs: &Word) -> f32 {
        let mut doubt = 0.0;
        let known = |word: &Word| word.class != Class::Distinct || self.weights.seen(word) > 2;
        if known(mine) && known(theirs) {
            doubt -= 1.2;
        }
        if mine.text.bytes().next() != theirs.text.bytes().next() {
            doubt -= 0.7;
        }
        doubt -= match mine.text.len().min(theirs.text.len()) {
            ..5 => 1.6,
            5 | 6 => 0.6,
            _ => 0.0,
        };
        doubt
    }

    /// Words that only one name has. Returns what those outside of parentheses
    /// take away.
    fn missing(&self, laid: &Alignment, sink: &mut impl Sink) -> f32 {
        let (mine, mine_outside) = self.one_sided(self.mine, self.theirs, laid.mine_left, sink);
        let (theirs, theirs_outside) =
            self.one_sided(self.theirs, self.mine, laid.theirs_left, sink);
        let conflict = mine.min(theirs);
        if conflict > 0.0 {
            sink.add(ReasonKind::Conflict, -0.5 * conflict, || {
                let (mine, theirs) =
                    (left(self.mine, laid.mine_left), left(self.theirs, laid.theirs_left));
                format!("{mine} / {theirs}")
            });
        }
        let both = |class| {
            has(self.mine, laid.mine_left, class) && has(self.theirs, laid.theirs_left, class)
        };
        if both(Class::Number) {
            sink.add(ReasonKind::DifferentNumber, -4.0, String::new);
        }
        if both(Class::Place) {
            sink.add(ReasonKind::DifferentPlace, -3.0, String::new);
        }
        if both(Class::Initial) {
            sink.add(ReasonKind::DifferentInitials, -3.0, String::new);
        }
        mine_outside + theirs_outside
    }

    /// What the words of one name that the other has not take away: all of them, and those outside
    /// of parentheses.
    fn one_sided(&self, name: &Name, other: &Name, set: u32, sink: &mut impl Sink) -> (f32, f32) {
        let (mut lost, mut outside) = (0.0, 0.0);
        let cut = is_beginning(other, name, set);
        // `University of X` and its laboratory, `County of X` and its jail.
        let body = is_body(name);
        for at in positions(set) {
            let word = &name.words[at];
            let mut weight = loss(word.class) * self.weights.bits(word);
            if body && governs(word) {
                weight *= 0.3;
            } else if word.class == Class::Generic && (body || inner(name, set, at)) {
                weight *= INNER;
            }
            if word.aside {
                // A shop's own number tells nothing of the firm.
                weight *= if word.class == Class::Number { 0.1 } else { 0.4 };
            }
            if cut {
                weight *= 0.3;
            }
            let kind = match word.class {
                Class::Generic => ReasonKind::MissingGeneric,
                Class::Place => ReasonKind::MissingPlace,
                Class::Public => ReasonKind::MissingPublic,
                _ => ReasonKind::MissingWord,
            };
            sink.add(kind, -weight, || word.text.to_string());
            lost += weight;
            if !(word.aside || body && governs(word)) {
                outside += weight;
            }
        }
        (lost, outside)
    }

    /// Persons, joint ventures and public bodies are told apart by more than their words.
    fn kinds(&self, agreed: &Agreed, sink: &mut impl Sink) {
        let (mine, theirs) = (self.mine, self.theirs);
        if mine.person && theirs.person {
            // The commoner the surname, the more persons have the name.
            let weight = match agreed {
                Agreed { initials: true, .. } => -1.2,
                Agreed { rare, .. } if *rare > 0.0 => -1.6,
                _ => -2.2,
            };
            sink.add(ReasonKind::Person, weight, String::new);
        } else if mine.person || theirs.person {
            // `Garcia, Maria` is a person for certain, of whom there may be many.
            let turned = (mine.person && mine.turned) || (theirs.person && theirs.turned);
            let weight = if turned && agreed.rare == 0.0 { -2.0 } else { -0.8 };
            sink.add(ReasonKind::DifferentKind, weight, String::new);
        }
        if mine.is_joint_venture() != theirs.is_joint_venture() {
            sink.add(ReasonKind::DifferentKind, -2.5, String::new);
        }
    }

    /// Whether the names are a body's and one of its parts'.
    fn is_part_of_body(&self, laid: &Alignment, missing: f32) -> bool {
        let one_sided = laid.mine_left == 0 || laid.theirs_left == 0;
        one_sided && missing > 1.5 && is_body(self.mine) && is_body(self.theirs)
    }

    /// Whether one name stands whole in the other, which goes on with general words only.
    fn is_part(&self, laid: &Alignment, agreed: &Agreed) -> bool {
        let (name, left) = match (laid.mine_left, laid.theirs_left) {
            (0, left) if left != 0 => (self.theirs, left),
            (left, 0) if left != 0 => (self.mine, left),
            _ => return false,
        };
        let general = positions(left).all(|at| {
            matches!(name.words[at].class, Class::Place | Class::Public | Class::Generic)
        });
        // What is whole begins the longer name; a city may stand anywhere in it.
        let begins = left & 1 == 0;
        let body = laid.pairs.len() >= 2
            && laid.pairs.iter().any(|pair| {
                part(self.mine, pair.mine).iter().any(|word| word.class == Class::Public)
            });
        let tied = laid.pairs.iter().all(|pair| matches!(pair.tie, Tie::Same | Tie::Form));
        general
            && tied
            && (body || (begins && agreed.distinctive >= CARRIED))
            && !self.mine.person
            && !self.theirs.person
    }

    /// Whether general words that agree to the last carry a match: many do, and fewer where the
    /// legal form is the same. A public body has no others.
    fn carries_whole(&self, agreed: &Agreed, words: usize) -> bool {
        let (mine, theirs) = (self.mine.forms, self.theirs.forms);
        let told = if mine.agree(theirs) { 10.5 } else { 12.5 + if words > 2 { 2.5 } else { 0.0 } };
        let same = agreed.exact && mine == theirs && !mine.is_empty();
        let enough = words >= 2 && agreed.all >= told;
        same || enough || (words >= 2 && is_body(self.mine))
    }

    fn forms(&self, agreed: &Agreed, missing: f32, sink: &mut impl Sink) {
        let (mine, theirs) = (self.mine.forms, self.theirs.forms);
        if !mine.agree(theirs) {
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
        let person = self.mine.person || self.theirs.person;
        if agreed.exact && missing == 0.0 && mine.agree(theirs) && !person {
            sink.add(ReasonKind::SameName, 0.5, String::new);
        }
    }

    fn order(&self, laid: &Alignment, agreed: &Agreed, sink: &mut impl Sink) {
        // `Imperial County` is the `County of Imperial`.
        let public = self.mine.words.iter().any(|word| word.class == Class::Public);
        let persons = self.mine.person && self.theirs.person;
        if self.mine.turned || self.theirs.turned || public || persons {
            return;
        }
        let sorted = |start: fn(&Pair) -> u8| laid.pairs.is_sorted_by_key(start);
        if sorted(|pair| pair.mine.0) && sorted(|pair| pair.theirs.0) {
            return;
        }
        let mut pairs: Vec<&Pair> = laid.pairs.iter().collect();
        pairs.sort_unstable_by_key(|pair| pair.mine.0);
        if !pairs.is_sorted_by_key(|pair| pair.theirs.0) {
            // `General Vacuum` is not `Vacuum General`.
            let weight = if agreed.distinctive < 12.0 { -1.8 } else { -0.3 };
            sink.add(ReasonKind::Order, weight, String::new);
        }
    }
}

/// What a word of the trade that is missing within a name, not at its end, costs more.
const INNER: f32 = 2.2;

fn part(name: &Name, (start, count): (u8, u8)) -> &[Word] {
    &name.words[usize::from(start)..usize::from(start) + usize::from(count)]
}

fn text(words: &[Word]) -> String {
    words.iter().map(|word| &*word.text).collect::<Vec<_>>().join(" ")
}
