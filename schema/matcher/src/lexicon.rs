//! Classifies words of organizations' names (trade, place, person, public body) and maps their
//! abbreviations and plurals to a common key.
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use crate::wordlists as lists;

/// The class of a word in a name, from most to least distinctive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WordClass {
    /// Distinguishes firms: an invented word, a rare surname.
    Distinctive,
    /// A number or an ordinal, which must agree: `Local 12`, `1st`.
    Number,
    /// A word that many firms use in their names: `Apex`, `Pacific`, `Smith`.
    Common,
    /// A given name.
    GivenName,
    /// A place, or a point of the compass.
    Place,
    /// A public body or a part of one: `city`, `county`, `department`.
    PublicBody,
    /// A trade or a kind of firm: `services`, `group`, `construction`.
    Generic,
    /// One or two letters.
    Initial,
}

impl WordClass {
    /// The prior frequency among names of a word of this class, in (0, 1).
    #[must_use]
    pub const fn frequency(self) -> f32 {
        match self {
            Self::Distinctive => 0.000_15,
            Self::Number => 0.000_5,
            Self::Common => 0.003,
            Self::GivenName => 0.006,
            Self::Place => 0.01,
            Self::PublicBody => 0.015,
            Self::Generic => 0.018,
            Self::Initial => 0.03,
        }
    }
}

type StaticMap<V> = HashMap<&'static str, V, FixedState>;

static FULL_FORMS: LazyLock<StaticMap<&'static str>> = LazyLock::new(|| {
    let lines = lists::ABBREVIATIONS.lines().filter_map(|line| line.split_once(':'));
    let pairs =
        lines.flat_map(|(long, short)| short.split_whitespace().map(move |s| (s, long.trim())));
    pairs.collect()
});

/// The words that a short form may stand for, by short form.
static AMBIGUOUS: LazyLock<StaticMap<Vec<&'static str>>> = LazyLock::new(|| {
    let lines = lists::AMBIGUOUS_ABBREVIATIONS.lines().filter_map(|line| line.split_once(':'));
    lines.map(|(short, long)| (short, long.split_whitespace().collect())).collect()
});

/// Numbers in words, by their digits.
static NUMBERS: LazyLock<StaticMap<&'static str>> = LazyLock::new(|| {
    let pairs = lists::NUMBERS.split_whitespace().filter_map(|pair| pair.split_once('='));
    pairs.collect()
});

static CLASSES: LazyLock<HashMap<String, WordClass, FixedState>> = LazyLock::new(|| {
    let lists = [
        (lists::GIVEN_NAMES, WordClass::GivenName),
        (lists::COMMON_WORDS, WordClass::Common),
        (lists::PLACES, WordClass::Place),
        (lists::GENERIC_WORDS, WordClass::Generic),
        (lists::PUBLIC_BODIES, WordClass::PublicBody),
    ];
    let words = lists.into_iter().flat_map(|(words, class)| {
        words.split_whitespace().map(move |word| (word_key(word), class))
    });
    let mut classes = HashMap::default();
    for (word, class) in words {
        // `Roberts` is a surname, but its key `robert` is a given name, which weighs less.
        if classes.get(&word) != Some(&WordClass::GivenName) {
            classes.insert(word, class);
        }
    }
    classes
});

static PLACEHOLDER_WORDS: LazyLock<HashSet<&'static str, FixedState>> =
    LazyLock::new(|| lists::PLACEHOLDER_WORDS.split_whitespace().collect());

static PLACEHOLDER_FILLERS: LazyLock<HashSet<&'static str, FixedState>> =
    LazyLock::new(|| lists::PLACEHOLDER_FILLERS.split_whitespace().collect());

static JOINING_WORDS: LazyLock<HashSet<&'static str, FixedState>> =
    LazyLock::new(|| lists::JOINING_WORDS.split_whitespace().collect());

/// Whether a word only joins others, such as `of`, `and`, `der`.
pub(crate) fn is_joining_word(word: &str) -> bool {
    JOINING_WORDS.contains(word)
}

/// The common key of all forms of a word: `international` for `intl` and `internationals`.
pub(crate) fn word_key(word: &str) -> String {
    let long = FULL_FORMS.get(word).copied().unwrap_or(word);
    let singular = singular(long);
    FULL_FORMS.get(&*singular).map_or(singular, |long| (*long).to_owned())
}

/// The words that a short form may stand for; none if it has at most one meaning.
pub(crate) fn abbreviated_words(short: &str) -> &'static [&'static str] {
    AMBIGUOUS.get(short).map(Vec::as_slice).unwrap_or_default()
}

/// The number in words: `three` for `3`, `first` for `1st`.
pub(crate) fn number_in_words(digits: &str) -> Option<&'static str> {
    NUMBERS.get(digits).copied()
}

/// The digits of a number of two words: `21st` for `twenty first`.
pub(crate) fn digits_of_words(tens: &str, unit: &str) -> Option<String> {
    const TENS: [&str; 8] =
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let tens = TENS.iter().position(|word| *word == tens)? + 2;
    let unit = NUMBERS.iter().find(|(digits, word)| {
        **word == unit && digits.bytes().filter(u8::is_ascii_digit).count() == 1
    })?;
    Some(format!("{tens}{}", unit.0))
}

/// The class of a word, by its [`word_key`].
pub(crate) fn class_of_key(key: &str) -> WordClass {
    if let Some(class) = CLASSES.get(key) {
        return *class;
    }
    if is_number(key) {
        return WordClass::Number;
    }
    let alphabetic = key.is_ascii() && !key.bytes().any(|byte| byte.is_ascii_digit());
    if alphabetic && key.len() <= 2 {
        return WordClass::Initial;
    }
    WordClass::Distinctive
}

/// Whether a key is in a list of words.
pub(crate) fn is_listed(key: &str) -> bool {
    CLASSES.contains_key(key)
}

/// Whether the words are those of a recipient that stands for others who are not named, such as
/// `FOREIGN AWARDEES (UNDISCLOSED)`. One other word makes it a firm's name: `Redacted Binding`.
pub(crate) fn is_placeholder<'a>(mut words: impl Iterator<Item = &'a str> + Clone) -> bool {
    let is_core = |word: &str| PLACEHOLDER_WORDS.contains(&*singular(word));
    let is_filler = |word: &str| PLACEHOLDER_FILLERS.contains(&*singular(word));
    words.clone().any(is_core) && words.all(|word| is_core(word) || is_filler(word))
}

/// Whether the word is digits, an ordinal or a Roman numeral: `12`, `2nd`, `III`.
fn is_number(word: &str) -> bool {
    if matches!(word, "ii" | "iii" | "iv" | "vi" | "vii" | "viii" | "ix" | "xi" | "xii") {
        return true;
    }
    let tail = word.trim_start_matches(|character: char| character.is_numeric());
    tail.len() < word.len() && matches!(tail, "" | "st" | "nd" | "rd" | "th")
}

/// Removes an English plural ending; short words and Latin endings are unchanged.
fn singular(word: &str) -> String {
    if word.len() < 5 || !word.is_ascii() {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    if word.ends_with("sses") || word.ends_with("xes") || word.ends_with("ches") {
        return word[..word.len() - 2].to_owned();
    }
    match word.strip_suffix('s') {
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{WordClass, class_of_key, is_joining_word, word_key};

    #[test]
    fn forms_of_a_word_share_a_key() {
        for (word, same) in [
            ("intl", "international"),
            ("svcs", "services"),
            ("mgmt", "management"),
            ("univ", "university"),
            ("techs", "technologies"),
            ("mfg", "manufacturing"),
            ("natl", "national"),
            ("dept", "department"),
            ("assn", "association"),
            ("specialties", "specialty"),
        ] {
            assert_eq!(word_key(word), word_key(same), "{word}");
        }
        assert_eq!(word_key("gas"), "gas");
        assert_eq!(word_key("glass"), "glass");
        assert_eq!(word_key("campus"), "campus");
        assert_ne!(word_key("service"), word_key("system"));
    }

    #[test]
    fn words_have_classes() {
        assert_eq!(class_of_key(&word_key("holdings")), WordClass::Generic);
        assert_eq!(class_of_key(&word_key("california")), WordClass::Place);
        assert_eq!(class_of_key(&word_key("smith")), WordClass::Common);
        assert_eq!(class_of_key(&word_key("jennifer")), WordClass::GivenName);
        assert_eq!(class_of_key(&word_key("sheriffs")), WordClass::PublicBody);
        assert_eq!(class_of_key("18"), WordClass::Number);
        assert_eq!(class_of_key("2nd"), WordClass::Number);
        assert_eq!(class_of_key("3m"), WordClass::Distinctive);
        assert_eq!(class_of_key("q"), WordClass::Initial);
        assert_eq!(class_of_key("rapiscan"), WordClass::Distinctive);
        assert!(is_joining_word("of") && !is_joining_word("ofin"));
    }
}
