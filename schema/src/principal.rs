//! The actor of an operation: a person, or the service itself.
use serde::{Deserialize, Serialize};

use crate::id::SubjectId;
use crate::text::{CharacterClass, class_of};

/// The maximum length of a token subject, in characters (OpenID Connect Core 1.0, section 2).
const MAX_SUBJECT_CHARS: usize = 255;

/// The beginning of the stored form of an API key. No issuer is named `candor`, so no person has it.
const API_KEY_PREFIX: &str = "candor key_";

/// An actor that is not a person. The ledger records its name as the actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceActor {
    /// The running service.
    Service,
    /// The operator, through an option of the command line.
    Operator,
    /// `candor token`.
    TokenCommand,
    /// `candor import contracts`.
    ImportContractsCommand,
    /// `candor import vendors`.
    ImportVendorsCommand,
}

impl ServiceActor {
    /// All service actors. No token may use one of their names as its subject.
    pub const ALL: [Self; 5] = [
        Self::Service,
        Self::Operator,
        Self::TokenCommand,
        Self::ImportContractsCommand,
        Self::ImportVendorsCommand,
    ];

    /// Returns the name that the ledger records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Service => "candor",
            Self::Operator => "operator",
            Self::TokenCommand => "candor token",
            Self::ImportContractsCommand => "candor import contracts",
            Self::ImportVendorsCommand => "candor import vendors",
        }
    }
}

/// A person, identified by the issuer and the subject of a token, a [`ServiceActor`], or an API key. The
/// same subject of another issuer is another person.
///
/// Stored as text: a person as `<issuer> <subject>` with one space (issuers contain none, so the
/// first space separates them), a service actor as its name, an API key as `candor key_…`.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    sea_orm::DeriveValueType,
)]
#[serde(transparent)]
pub struct Principal(String);

impl Principal {
    /// Creates the person with this issuer and subject.
    ///
    /// # Errors
    /// A message that names the claim (`iss` or `sub`) and why it is refused.
    pub fn person(issuer: &str, subject: &str) -> Result<Self, &'static str> {
        validate_issuer(issuer)?;
        validate_subject(subject)?;
        Ok(Self(format!("{issuer} {subject}")))
    }

    /// Returns the API key with this identifier as an actor.
    #[must_use]
    pub fn api_key(id: &SubjectId) -> Self {
        Self(format!("candor {}", id.text))
    }

    /// Returns the person with `subject` at the same issuer; none if no token may have that subject.
    #[must_use]
    pub fn colleague(&self, subject: &str) -> Option<Self> {
        Self::person(self.issuer()?, subject).ok()
    }

    /// Returns the people that this person may mean by `name`: the colleague with that subject, or the
    /// person stored under that text, which is the form that [`Self::name_for`] shows for another issuer.
    #[must_use]
    pub fn named(&self, name: &str) -> Vec<Self> {
        self.colleague(name).into_iter().chain([Self(name.to_owned())]).collect()
    }

    /// Returns the person that this person means by `name`, in the form that [`Self::name_for`] shows: a
    /// URL, a space and a subject is a person of that issuer, anything else the colleague with that
    /// subject. None if no token may have that subject.
    #[must_use]
    pub fn find_person(&self, name: &str) -> Option<Self> {
        match name.split_once(' ') {
            Some((issuer, subject)) if issuer.contains("://") => Self::person(issuer, subject).ok(),
            _ => self.colleague(name),
        }
    }

    /// Returns the issuer of a person; none for a service actor and an API key.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        if self.is_service() {
            return None;
        }
        self.0.split_once(' ').map(|(issuer, _)| issuer)
    }

    /// Returns the subject of a person, or the stored form of a service actor or an API key.
    #[must_use]
    pub fn subject(&self) -> &str {
        if self.is_service() {
            return &self.0;
        }
        self.0.split_once(' ').map_or(&self.0, |(_, subject)| subject)
    }

    /// Returns the stored form: `<issuer> <subject>`, or the name of a service actor.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name to show to `reader`: the subject alone if both have the same issuer.
    #[must_use]
    pub fn name_for(&self, reader: &Self) -> &str {
        if self.issuer() == reader.issuer() { self.subject() } else { self.as_str() }
    }

    /// Returns whether this is a service actor or an API key, and no person.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.0.starts_with(API_KEY_PREFIX)
            || ServiceActor::ALL.iter().any(|actor| actor.name() == self.0)
    }
}

impl From<ServiceActor> for Principal {
    fn from(actor: ServiceActor) -> Self {
        Self(actor.name().to_owned())
    }
}

/// Validates the name of a token issuer: not empty, no spaces, not a service actor's.
///
/// # Errors
/// A message that says what is wrong.
pub fn validate_issuer(issuer: &str) -> Result<(), &'static str> {
    if issuer.is_empty() {
        return Err("its issuer (iss) is empty");
    }
    if issuer.chars().any(|it| class_of(it) != CharacterClass::Visible) {
        return Err("its issuer (iss) has a blank or a character that cannot be seen");
    }
    // Otherwise `candor token` could be the subject `token` of an issuer `candor`.
    let is_reserved = |actor: &ServiceActor| actor.name().split(' ').next() == Some(issuer);
    if ServiceActor::ALL.iter().any(is_reserved) {
        return Err("its issuer (iss) has a name that the service uses for itself");
    }
    Ok(())
}

/// Validates a subject, which people read and the ledger records.
fn validate_subject(subject: &str) -> Result<(), &'static str> {
    if subject.is_empty() {
        return Err("its subject (sub) is empty");
    }
    if subject.chars().count() > MAX_SUBJECT_CHARS {
        return Err("its subject (sub) has more than 255 characters");
    }
    let is_readable = |it: char| it == ' ' || class_of(it) == CharacterClass::Visible;
    if !subject.chars().all(is_readable) {
        return Err(
            "its subject (sub) has a character that cannot be seen or changes the order of the \
             text",
        );
    }
    if subject.starts_with(' ') || subject.ends_with(' ') {
        return Err("its subject (sub) begins or ends with a blank");
    }
    let is_key = subject.to_ascii_lowercase().starts_with(API_KEY_PREFIX);
    if is_key || ServiceActor::ALL.iter().any(|it| it.name().eq_ignore_ascii_case(subject)) {
        return Err("its subject (sub) is a name that the service uses for itself");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Principal, ServiceActor, validate_issuer};
    use crate::id::SubjectId;

    fn person(issuer: &str, subject: &str) -> Principal {
        Principal::person(issuer, subject).expect(subject)
    }

    #[test]
    fn a_person_is_an_issuer_with_a_subject() {
        let one = person("https://a.example", "mary ann");
        assert_eq!(one.as_str(), "https://a.example mary ann");
        assert_eq!((one.issuer(), one.subject()), (Some("https://a.example"), "mary ann"));
        let other = person("https://b.example", "mary ann");
        assert_ne!(one, other);
        assert_eq!(one.colleague("bob"), Some(person("https://a.example", "bob")));
        assert_eq!(other.name_for(&one), "https://b.example mary ann");
        assert_eq!(one.find_person("mary ann"), Some(one.clone()));
        assert_eq!(one.find_person(other.name_for(&one)), Some(other.clone()));
        assert_eq!(one.find_person("candor token"), None);
        assert_eq!(one.name_for(&one), "mary ann");
    }

    #[test]
    fn no_person_is_a_service_actor() {
        for actor in ServiceActor::ALL {
            let service = Principal::from(actor);
            assert_eq!((service.issuer(), service.subject()), (None, actor.name()));
            assert!(service.colleague("somebody").is_none());
            for name in [actor.name().to_owned(), actor.name().to_uppercase()] {
                assert!(Principal::person("https://a.example", &name).is_err(), "{name}");
            }
            let (issuer, subject) = actor.name().split_once(' ').unwrap_or((actor.name(), "x"));
            assert!(Principal::person(issuer, subject).is_err(), "{issuer} {subject}");
        }
    }

    #[test]
    fn no_person_is_an_api_key() {
        let id = SubjectId { uuid: uuid::Uuid::nil(), text: "key_01h2".to_owned() };
        let key = Principal::api_key(&id);
        assert_eq!((key.issuer(), key.subject()), (None, "candor key_01h2"));
        assert!(key.is_service() && key.colleague("somebody").is_none());
        let reader = person("https://a.example", "mary");
        assert_eq!(key.name_for(&reader), "candor key_01h2");
        assert!(Principal::person("candor", "key_01h2").is_err());
        for subject in ["candor key_01h2", "Candor KEY_x"] {
            assert!(Principal::person("https://a.example", subject).is_err(), "{subject}");
        }
    }

    #[test]
    fn an_issuer_has_no_blank() {
        for issuer in ["", "a b", "a\tb", "a\u{A0}b", "a\u{200B}", "candor", "operator"] {
            assert!(validate_issuer(issuer).is_err(), "{issuer:?}");
        }
        assert!(validate_issuer("candor-development").is_ok());
    }
}
