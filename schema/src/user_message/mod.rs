//! The messages of user errors, in one table: keys, codes and the English text. Another language is
//! another `english`; keys and values stay.
use std::fmt;

use async_graphql::SimpleObject;
use chrono::NaiveDate;
use strum::IntoStaticStr;

use crate::gate::wording::{format_date, word_to_prose};

/// The kind of a user error, for programs: the `code` of [`UserError`](crate::fault::UserError).
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum UserErrorCode {
    /// The solicitation is canceled.
    Canceled,
    /// Two inputs exclude each other.
    Contradiction,
    /// The value is malformed or not allowed.
    Invalid,
    /// The solicitation is not published yet.
    NotPublished,
    /// The deadline has passed.
    PastDue,
    /// The value is probably wrong; the sender can confirm it.
    Questioned,
    /// A policy text breaks the rules for policies.
    Refused,
    /// A value is missing.
    Required,
    /// Another object already has this value.
    Taken,
    /// A text or list exceeds its limit.
    TooLong,
    /// The policy does not offer the choice.
    Unavailable,
}

/// A Unicode character by its number, displayed as `U+202E`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodePoint(pub char);

impl fmt::Display for CodePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "U+{:04X}", u32::from(self.0))
    }
}

/// Kinds that a message names: each word as the API spells it, which is its value for programs, and its
/// name in prose, which people read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds(Vec<(&'static str, String)>);

impl Kinds {
    /// Names one kind by its word.
    #[must_use]
    pub fn of(word: &'static str) -> Self {
        Self::list([word])
    }

    /// Names kinds by their words.
    #[must_use]
    pub fn list(words: impl IntoIterator<Item = &'static str>) -> Self {
        Self(words.into_iter().map(|word| (word, word_to_prose(word))).collect())
    }

    /// Names one kind whose name in prose is not its word.
    #[must_use]
    pub fn named(word: &'static str, name: &str) -> Self {
        Self(vec![(word, name.to_owned())])
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|(word, _)| *word).collect();
        f.write_str(&words.join(", "))
    }
}

impl InEnglish for Kinds {
    fn in_english(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|(_, name)| name.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }
}

/// A value that a message contains, as text.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct MessageValue {
    /// The name of the value in the message, such as `max`.
    pub name: &'static str,
    /// The value as text, the same for every language: a date as `2026-11-24`, a kind as its word.
    pub value: String,
}

/// Declares [`UserMessage`] with the code and the English text of each variant. A field that the
/// text does not use is a compiler warning.
macro_rules! user_messages {
    ($(
        #[doc = $doc:literal]
        $name:ident $({ $($field:ident: $type:ty),+ })? => $code:ident, $text:literal;
    )+) => {
        /// What a person has to correct in a request, with the values that the message shows.
        #[derive(Clone, Debug, PartialEq, Eq, IntoStaticStr)]
        #[strum(serialize_all = "snake_case")]
        pub enum UserMessage {
            $(
                #[doc = $doc]
                $name $({ $($field: $type),+ })?,
            )+
        }

        /// The text of each message, with the names of its values in braces.
        #[cfg(test)]
        pub(super) const TEXTS: &[(&str, &str)] = &[$((stringify!($name), $text),)+];

        /// The values of each message: their names and types.
        #[cfg(test)]
        pub(super) const VALUES: &[(&str, &[(&str, &str)])] = &[$(
            (stringify!($name), &[$($((stringify!($field), stringify!($type))),+)?]),
        )+];

        impl UserMessage {
            /// Returns the kind of error.
            #[must_use]
            pub const fn code(&self) -> UserErrorCode {
                match self {
                    $(Self::$name { .. } => UserErrorCode::$code,)+
                }
            }

            /// Returns the values of the message, in the order of their declaration.
            #[must_use]
            pub fn values(&self) -> Vec<MessageValue> {
                match self {
                    $(Self::$name $({ $($field),+ })? => vec![$($(MessageValue {
                        name: stringify!($field),
                        value: $field.to_string(),
                    }),+)?],)+
                }
            }

            /// Renders the message in English.
            #[must_use]
            pub fn english(&self) -> String {
                match self {
                    $(Self::$name $({ $($field),+ })? => {
                        $($(let $field = $field.in_english();)+)?
                        format!($text)
                    })+
                }
            }
        }
    };
}

/// A value in an English sentence.
trait InEnglish {
    fn in_english(&self) -> String;
}

impl InEnglish for NaiveDate {
    fn in_english(&self) -> String {
        format_date(*self)
    }
}

/// Types whose values read the same in every language.
macro_rules! plain_in_english {
    ($($type:ty),+) => {
        $(impl InEnglish for $type {
            fn in_english(&self) -> String {
                self.to_string()
            }
        })+
    };
}
plain_in_english!(CodePoint, String, i32, i64, u32, u64, usize);

mod table;

pub use table::UserMessage;
#[cfg(test)]
use table::{TEXTS, VALUES};

impl UserMessage {
    /// Returns the stable key of the message: the variant's name in snake case, such as
    /// `text_too_long`.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::{Kinds, TEXTS, UserMessage, VALUES};

    /// Names of fields are for programs: they are in the path of an error, not in its message.
    #[test]
    fn no_message_names_a_field_of_the_api() {
        for (name, text) in TEXTS {
            let mut words = text.split(|letter: char| !letter.is_alphanumeric());
            let field = words.find(|word| {
                let mut letters = word.chars();
                letters.next().is_some_and(char::is_lowercase) && letters.any(char::is_uppercase)
            });
            assert_eq!(field, None, "{name}: {text}");
            for word in [": true", ": false", " to true", " to false", "UTC", "null", "`", "{{"] {
                assert!(!text.contains(word), "{name}: {text}");
            }
        }
    }

    /// People read the names of kinds, not the words of enums.
    #[test]
    fn no_message_has_a_word_of_an_enum() {
        const ABBREVIATIONS: &[&str] =
            &["CAGE", "DHS", "ISO", "NAICS", "PSC", "SAM", "SHA", "UEI", "USD"];
        for (name, text) in TEXTS {
            let mut words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            let word = words.find(|word| {
                word.len() > 1
                    && word.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
                    && !ABBREVIATIONS.contains(word)
            });
            assert_eq!(word, None, "{name}: {text}");
        }
    }

    /// A value that is a kind has the type [`Kinds`], which renders prose. These texts are typed or chosen
    /// by people, written in prose, or identify one object.
    #[test]
    fn only_texts_of_people_and_identifiers_are_strings() {
        const TEXT: &[&str] = &[
            // What was sent.
            "given",
            // Names and numbers of objects.
            "citation",
            "code",
            "departments",
            "name",
            "numbers",
            "parameter",
            "rule",
            "solicitations",
            // Identifiers, and the numbers that issuers gave.
            "decision",
            "expected",
            "holder",
            "holders",
            "id",
            "into",
            "open",
            "retired",
            "surviving",
            // ISO 4217.
            "currency",
            // Prose.
            "due",
            "items",
            "now",
            "parts",
            "reason",
            "reasons",
            "received",
            "violation",
            // A number of a policy version, with the word draft if it is one.
            "version",
            // A cell of a list, as a spreadsheet wrote it.
            "text",
            // What stands in a policy, and what rests on it.
            "mark",
            "problem",
            "uses",
        ];
        for (name, values) in VALUES {
            for (value, kind) in *values {
                assert!(*kind != "String" || TEXT.contains(value), "{name}: {value}");
            }
        }
    }

    #[test]
    fn a_kind_is_a_word_for_programs_and_prose_for_people() {
        let kinds =
            |kinds| UserMessage::ExemptionKindUnavailable { version: "1".to_owned(), kinds };
        let message = kinds(Kinds::list(["SOLE_SOURCE", "EMERGENCY"]));
        assert!(message.english().ends_with("It allows: sole source, emergency."));
        let values = message.values();
        let value = values.iter().find(|it| it.name == "kinds").map(|it| it.value.as_str());
        assert_eq!(value, Some("SOLE_SOURCE, EMERGENCY"));
        assert!(kinds(Kinds::default()).english().ends_with("It allows: none."));
        let component = Kinds::named("ICE", "U.S. Immigration and Customs Enforcement");
        let message = UserMessage::ComponentInBoth { component };
        assert!(message.english().starts_with("U.S. Immigration and Customs Enforcement is"));
    }
}
