//! Identifiers: a UUIDv7 in the database, a TypeID such as `disc_01h2…` in the API.
use sha2::{Digest, Sha256};

/// Declares one newtype per entity: mixing two kinds does not compile, and `org_…` sent for `disc_…`
/// is refused with a message that names both prefixes.
macro_rules! typed_id {
    ($(#[doc = $doc:literal])* $name:ident, $prefix:literal) => {
        $(#[doc = $doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sea_orm::DeriveValueType,
        )]
        pub struct $name(uuid::Uuid);

        const _: () = {
            use async_graphql::{ContextSelectionSet, ID, InputType, InputValueError, OutputType};
            use async_graphql::{InputValueResult, Positioned, ServerResult, Value};
            use async_graphql::{parser::types::Field, registry::Registry};
            use std::borrow::Cow;
            use type_safe_id::{StaticType, TypeSafeId};

            #[derive(Default)]
            struct Tag;

            impl StaticType for Tag {
                const TYPE: &'static str = $prefix;
            }

            impl $name {
                /// The TypeID prefix, without the underscore.
                pub const PREFIX: &'static str = $prefix;

                /// Generates an identifier that sorts after earlier ones (UUIDv7).
                #[must_use]
                pub fn generate() -> Self {
                    Self(uuid::Uuid::now_v7())
                }

                /// Returns the bare UUID, for columns that store identifiers of several kinds.
                #[must_use]
                pub const fn uuid(self) -> uuid::Uuid {
                    self.0
                }

                /// Wraps a bare UUID from a column that stores identifiers of several kinds.
                #[must_use]
                pub const fn from_uuid(uuid: uuid::Uuid) -> Self {
                    Self(uuid)
                }
            }
            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    TypeSafeId::<Tag>::from_uuid(self.0).fmt(f)
                }
            }
            impl From<$name> for $crate::id::SubjectId {
                fn from(id: $name) -> Self {
                    Self { uuid: id.0, text: id.to_string() }
                }
            }
            impl std::str::FromStr for $name {
                type Err = $crate::id::ParseIdError;
                fn from_str(text: &str) -> Result<Self, Self::Err> {
                    text.parse::<TypeSafeId<Tag>>()
                        .map(|id| Self(id.uuid()))
                        .map_err(|_| $crate::id::ParseIdError::new(Self::PREFIX, text))
                }
            }
            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                    to.collect_str(self)
                }
            }
            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    let text = String::deserialize(from)?;
                    text.parse().map_err(serde::de::Error::custom)
                }
            }
            impl sea_orm::TryFromU64 for $name {
                fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                    Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
                }
            }
            impl InputType for $name {
                type RawValueType = Self;
                fn type_name() -> Cow<'static, str> {
                    "ID".into()
                }
                fn create_type_info(registry: &mut Registry) -> String {
                    <ID as InputType>::create_type_info(registry)
                }
                fn parse(value: Option<Value>) -> InputValueResult<Self> {
                    match value.unwrap_or_default() {
                        Value::String(text) => Ok(text.parse::<Self>()?),
                        other => Err(InputValueError::expected_type(other)),
                    }
                }
                fn to_value(&self) -> Value {
                    self.to_string().into()
                }
                fn as_raw_value(&self) -> Option<&Self> {
                    Some(self)
                }
            }
            #[async_graphql::async_trait::async_trait]
            impl OutputType for $name {
                fn type_name() -> Cow<'static, str> {
                    "ID".into()
                }
                fn create_type_info(registry: &mut Registry) -> String {
                    <ID as OutputType>::create_type_info(registry)
                }
                async fn resolve(
                    &self,
                    _: &ContextSelectionSet<'_>,
                    _: &Positioned<Field>,
                ) -> ServerResult<Value> {
                    Ok(self.to_value())
                }
            }
        };
    };
}

/// Returns the UUIDv8 (RFC 9562) made of the SHA-256 of some bytes.
#[must_use]
pub(crate) fn uuid_of_digest(bytes: &[u8]) -> uuid::Uuid {
    let mut first = [0; 16];
    first.copy_from_slice(&Sha256::digest(bytes)[..16]);
    uuid::Builder::from_custom_bytes(first).into_uuid()
}

/// An identifier of any kind: the subject of a decision or a ledger entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectId {
    /// The UUID in the database.
    pub uuid: uuid::Uuid,
    /// The TypeID that clients see.
    pub text: String,
}

impl SubjectId {
    /// Parses a TypeID of any kind; none if the text is malformed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        /// Parses any prefix: the original is replaced first, because the library panics on some
        /// unknown prefixes.
        #[derive(Default)]
        struct AnyKind;
        impl type_safe_id::StaticType for AnyKind {
            const TYPE: &'static str = "any";
        }
        let (_, suffix) = text.rsplit_once('_')?;
        let id = format!("any_{suffix}").parse::<type_safe_id::TypeSafeId<AnyKind>>().ok()?;
        Some(Self { uuid: id.uuid(), text: text.to_owned() })
    }
}

/// A text that is not an identifier of the expected kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseIdError {
    expected: &'static str,
    given: String,
}

impl ParseIdError {
    /// The maximum of the given text that the error repeats, in characters.
    const QUOTED: usize = 40;

    #[doc(hidden)]
    #[must_use]
    pub fn new(expected: &'static str, given: &str) -> Self {
        Self { expected, given: given.chars().take(Self::QUOTED).collect() }
    }

    /// Returns the message for the person who sent the identifier.
    #[must_use]
    pub fn message(&self) -> crate::user_message::UserMessage {
        crate::user_message::UserMessage::IdOfOtherKind {
            expected: self.expected.to_owned(),
            given: format!("{:?}", self.given),
        }
    }
}

impl std::fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message().english())
    }
}

impl std::error::Error for ParseIdError {}
