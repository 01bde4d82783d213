//! The reasons of a comparison, as a reviewer reads them.
use crate::align::Tie;

/// The kind of a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReasonKind {
    /// The prior: most pairs of names belong to two firms.
    Start,
    /// Both have this UEI.
    SameUei,
    /// Both have this DUNS number.
    SameDuns,
    /// Both have this CAGE code.
    SameCage,
    /// Both have a valid UEI, and they differ.
    DifferentUei,
    /// One firm's UEI is the UEI of the other's parent.
    ParentUei,
    /// A word is in both names.
    Word,
    /// A word is in both names, in different forms: plural or abbreviation.
    WordForm,
    /// Words of one name are one word in the other.
    JoinedWords,
    /// A word is truncated in one name.
    CutWord,
    /// A word has one or two spelling errors.
    Misspelling,
    /// Letters of one name are the initials of the other's words.
    Acronym,
    /// An initial abbreviates a word.
    Initial,
    /// A distinctive word is in one name only.
    MissingWord,
    /// A generic word is in one name only.
    MissingGeneric,
    /// A place is in one name only: it may be a regional affiliate.
    MissingPlace,
    /// A word for a public body or its department is in one name only.
    MissingPublic,
    /// Both have a number, and they differ.
    DifferentNumber,
    /// Each name has words that the other lacks.
    Conflict,
    /// Both have the same legal form.
    SameForm,
    /// They have incompatible legal forms.
    DifferentForm,
    /// The names are equal except for typography.
    SameName,
    /// One name is the other with an added place, department or trade.
    PartOf,
    /// The words are in a different order.
    Order,
    /// Different persons often share a name.
    Person,
    /// Both have a place, and they differ.
    DifferentPlace,
    /// Both have initials, and they differ.
    DifferentInitials,
    /// The limit on evidence from names, which are no identifiers.
    NamesOnly,
    /// Only one of the two is a person, or a joint venture.
    DifferentKind,
    /// Only general words, places or given names agree.
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
    /// The limit on related firms: a parent, a member, a predecessor.
    RelatedOnly,
    /// An award was transferred between the firms.
    AwardPassed,
}

impl ReasonKind {
    /// The kind in a few words, as shown to reviewers and stored with a match.
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
    /// The kind of the reason.
    pub kind: ReasonKind,
    /// The weight in log-odds; positive supports one firm. About 0.7 doubles the odds.
    pub weight: f32,
    /// The compared words or identifier, as written.
    pub words: String,
}

impl From<Tie> for ReasonKind {
    fn from(tie: Tie) -> Self {
        match tie {
            Tie::Same => Self::Word,
            Tie::Form | Tie::Respelled => Self::WordForm,
            Tie::Joined => Self::JoinedWords,
            Tie::Truncated => Self::CutWord,
            Tie::Misspelled(_) => Self::Misspelling,
            Tie::Acronym => Self::Acronym,
            Tie::Initial => Self::Initial,
        }
    }
}

/// Collects weights. Implementations store or ignore the words.
pub(crate) trait ReasonSink {
    fn add(&mut self, kind: ReasonKind, weight: f32, words: impl FnOnce() -> String);
    fn total(&self) -> f32;

    /// Reduces the excess of the total over `max` to a tenth, so that the better of two matches still
    /// ranks first.
    fn cap(&mut self, max: f32, kind: ReasonKind) {
        let over = self.total() - max;
        if over > 0.0 {
            self.add(kind, -0.9 * over, String::new);
        }
    }
}

/// Sums the weights without storing reasons.
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

/// Sums the weights and stores the reasons.
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
