//! Why two names are held to be one firm, or not: what a reviewer reads.
use crate::award::matcher::align::Tie;

/// What a reason rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReasonKind {
    /// Where every comparison starts: most pairs of names are two firms.
    Start,
    /// Both carry this UEI.
    SameUei,
    /// Both carry this DUNS number.
    SameDuns,
    /// Both carry this CAGE code.
    SameCage,
    /// Each carries a valid UEI, and they differ.
    DifferentUei,
    /// One's UEI is that of the other's parent.
    ParentUei,
    /// A word stands in both names.
    Word,
    /// A word stands in both, in the singular and the plural or spelled out and shortened.
    WordForm,
    /// Words are written as one in the other name.
    JoinedWords,
    /// A word is cut short in one name.
    CutWord,
    /// A word is spelled with a wrong letter or two.
    Misspelling,
    /// Letters of one name are the initials of the other's words.
    Acronym,
    /// An initial stands for a word.
    Initial,
    /// A distinctive word stands in one name only.
    MissingWord,
    /// A word of the trade stands in one name only.
    MissingGeneric,
    /// A place stands in one name only: it may be a regional sister.
    MissingPlace,
    /// A public body or a part of one stands in one name only.
    MissingPublic,
    /// Each has a number, and they differ.
    DifferentNumber,
    /// Each name has words where the other has different ones.
    Conflict,
    /// Both carry the same legal form.
    SameForm,
    /// They carry different legal forms.
    DifferentForm,
    /// The names are the same, typography aside.
    SameName,
    /// One name is the other and a place, a part or a trade: worth a look.
    PartOf,
    /// The words come in another order.
    Order,
    /// Persons of one name are often two.
    Person,
    /// Each has a place, and they differ.
    DifferentPlace,
    /// Each has initials, and they differ.
    DifferentInitials,
    /// However well names agree, they are no identifier.
    NamesOnly,
    /// Only one of the two is a person, or a joint venture.
    DifferentKind,
    /// Nothing but general words, places or given names agree, which carries no match.
    NothingDistinctive,
    /// The same address.
    SameAddress,
    /// The same city.
    SameCity,
    /// Different cities.
    DifferentCity,
    /// The same state.
    SameState,
    /// Different states.
    DifferentState,
    /// The parents' names agree.
    SameParent,
    /// The names agree, but one is only related to the other: a parent, a member, a predecessor.
    RelatedOnly,
    /// One of the other's awards passed to it.
    AwardPassed,
}

impl ReasonKind {
    /// It in a few words, as a table of matches has them.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Start => "most names are two firms",
            Self::SameUei => "same UEI",
            Self::SameDuns => "same DUNS",
            Self::SameCage => "same CAGE",
            Self::DifferentUei => "different UEI",
            Self::ParentUei => "parent's UEI",
            Self::Word => "word",
            Self::WordForm => "word in another form",
            Self::JoinedWords => "words joined",
            Self::CutWord => "word cut short",
            Self::Misspelling => "misspelled",
            Self::Acronym => "acronym",
            Self::Initial => "initial",
            Self::MissingWord => "word missing",
            Self::MissingGeneric => "general word missing",
            Self::MissingPlace => "place missing",
            Self::MissingPublic => "public body missing",
            Self::DifferentNumber => "different number",
            Self::Conflict => "different words",
            Self::SameForm => "same legal form",
            Self::DifferentForm => "different legal form",
            Self::SameName => "same name",
            Self::PartOf => "part of the other",
            Self::Order => "another order",
            Self::Person => "person's name",
            Self::DifferentPlace => "different place",
            Self::DifferentInitials => "different initials",
            Self::NamesOnly => "names are no identifier",
            Self::DifferentKind => "different kind",
            Self::NothingDistinctive => "nothing distinctive",
            Self::SameAddress => "same address",
            Self::SameCity => "same city",
            Self::DifferentCity => "different city",
            Self::SameState => "same state",
            Self::DifferentState => "different state",
            Self::SameParent => "same parent",
            Self::RelatedOnly => "only related",
            Self::AwardPassed => "award passed on",
        }
    }
}

/// One reason. The score is the logistic function of the sum of the weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// What it rests on.
    pub kind: ReasonKind,
    /// In log-odds: what speaks for one firm is positive. Two thirds double the odds.
    pub weight: f32,
    /// The words, as they are written on either side.
    pub words: String,
}

impl From<Tie> for ReasonKind {
    fn from(tie: Tie) -> Self {
        match tie {
            Tie::Same => Self::Word,
            Tie::Form => Self::WordForm,
            Tie::Joined => Self::JoinedWords,
            Tie::Truncated => Self::CutWord,
            Tie::Misspelled(_) => Self::Misspelling,
            Tie::Acronym => Self::Acronym,
            Tie::Initial => Self::Initial,
        }
    }
}

/// Sums evidence, and keeps the words only for those who will read them.
pub(crate) trait ReasonSink {
    fn add(&mut self, kind: ReasonKind, weight: f32, words: impl FnOnce() -> String);
    fn total(&self) -> f32;

    /// Lets the sum be little more than `most`: a tenth of what is over it stays, so that the
    /// better of two is still before the other.
    fn cap(&mut self, most: f32, kind: ReasonKind) {
        let over = self.total() - most;
        if over > 0.0 {
            self.add(kind, -0.9 * over, String::new);
        }
    }
}

/// The sum alone.
#[derive(Default)]
pub(crate) struct ScoreSum(f32);

impl ReasonSink for ScoreSum {
    fn add(&mut self, _: ReasonKind, weight: f32, _: impl FnOnce() -> String) {
        self.0 += weight;
    }

    fn total(&self) -> f32 {
        self.0
    }
}

/// The sum with its reasons.
#[derive(Default)]
pub(crate) struct ReasonList {
    total: f32,
    pub reasons: Vec<Reason>,
}

impl ReasonSink for ReasonList {
    fn add(&mut self, kind: ReasonKind, weight: f32, words: impl FnOnce() -> String) {
        self.total += weight;
        self.reasons.push(Reason { kind, weight, words: words() });
    }

    fn total(&self) -> f32 {
        self.total
    }
}
