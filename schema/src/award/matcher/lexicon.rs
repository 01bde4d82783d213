//! What words of organizations' names are worth: which say the trade, a place, a person or a
//! public body, which are short for another, and which forms of a word are one word.
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use crate::award::matcher::wordlists as lists;

/// What a word does in a name. The order is from what tells firms apart best to what does least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Tells firms apart: an invented word, a rare surname.
    Distinct,
    /// A number or an ordinal, which must agree: `Local 12`, `1st`.
    Number,
    /// Distinctive in a sentence, not in a register of firms: `Apex`, `Pacific`, `Smith`.
    Common,
    /// A given name.
    Given,
    /// A place, or a point of the compass.
    Place,
    /// A public body or a part of one: `city`, `county`, `department`.
    Public,
    /// A trade or a kind of firm: `services`, `group`, `construction`.
    Generic,
    /// One letter or two, which begin many names.
    Initial,
}

impl Class {
    /// How frequent a word of this class is among names when nothing else is known, in (0, 1).
    #[must_use]
    pub const fn frequency(self) -> f32 {
        match self {
            Self::Distinct => 0.000_15,
            Self::Number => 0.000_5,
            Self::Common => 0.003,
            Self::Given => 0.006,
            Self::Place => 0.01,
            Self::Public => 0.015,
            Self::Generic => 0.018,
            Self::Initial => 0.03,
        }
    }
}

type Map<V> = HashMap<&'static str, V, FixedState>;

static SHORT: LazyLock<Map<&'static str>> = LazyLock::new(|| {
    let lines = lists::SHORT.lines().filter_map(|line| line.split_once(':'));
    let pairs =
        lines.flat_map(|(long, short)| short.split_whitespace().map(move |s| (s, long.trim())));
    pairs.collect()
});

static CLASSES: LazyLock<HashMap<String, Class, FixedState>> = LazyLock::new(|| {
    let lists = [
        (lists::GIVEN, Class::Given),
        (lists::COMMON, Class::Common),
        (lists::PLACES, Class::Place),
        (lists::GENERIC, Class::Generic),
        (lists::PUBLIC, Class::Public),
    ];
    let words = lists
        .into_iter()
        .flat_map(|(words, class)| words.split_whitespace().map(move |word| (key(word), class)));
    let mut classes = HashMap::default();
    for (word, class) in words {
        // `Roberts` is a surname, its key a given name, which carries less.
        if classes.get(&word) != Some(&Class::Given) {
            classes.insert(word, class);
        }
    }
    classes
});

static STOP: LazyLock<HashSet<&'static str, FixedState>> =
    LazyLock::new(|| lists::STOP.split_whitespace().collect());

/// Whether a word only joins others: `of`, `and`, `der`.
pub(crate) fn joins(word: &str) -> bool {
    STOP.contains(word)
}

/// What stands for all forms of a word: `intl` and `internationals` are `international`.
pub(crate) fn key(word: &str) -> String {
    let long = SHORT.get(word).copied().unwrap_or(word);
    let singular = singular(long);
    SHORT.get(&*singular).map_or(singular, |long| (*long).to_owned())
}

/// The class of a word by its [`key`].
pub(crate) fn class(key: &str) -> Class {
    if let Some(class) = CLASSES.get(key) {
        return *class;
    }
    if is_number(key) {
        return Class::Number;
    }
    let alphabetic = key.is_ascii() && !key.bytes().any(|byte| byte.is_ascii_digit());
    if alphabetic && key.len() <= 2 {
        return Class::Initial;
    }
    Class::Distinct
}

/// Digits alone, an ordinal, or a Roman numeral: `12`, `2nd`, `III`.
fn is_number(word: &str) -> bool {
    if matches!(word, "ii" | "iii" | "iv" | "vi" | "vii" | "viii" | "ix" | "xi" | "xii") {
        return true;
    }
    let tail = word.trim_start_matches(|character: char| character.is_numeric());
    tail.len() < word.len() && matches!(tail, "" | "st" | "nd" | "rd" | "th")
}

/// English plurals, by their endings; what is short or looks Latin is left alone.
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
    use super::{Class, class, joins, key};

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
            assert_eq!(key(word), key(same), "{word}");
        }
        assert_eq!(key("gas"), "gas");
        assert_eq!(key("glass"), "glass");
        assert_eq!(key("campus"), "campus");
        assert_ne!(key("service"), key("system"));
    }

    #[test]
    fn words_have_classes() {
        assert_eq!(class(&key("holdings")), Class::Generic);
        assert_eq!(class(&key("california")), Class::Place);
        assert_eq!(class(&key("smith")), Class::Common);
        assert_eq!(class(&key("jennifer")), Class::Given);
        assert_eq!(class(&key("sheriffs")), Class::Public);
        assert_eq!(class("18"), Class::Number);
        assert_eq!(class("2nd"), Class::Number);
        assert_eq!(class("3m"), Class::Distinct);
        assert_eq!(class("q"), Class::Initial);
        assert_eq!(class("rapiscan"), Class::Distinct);
        assert!(joins("of") && !joins("ofin"));
    }
}
