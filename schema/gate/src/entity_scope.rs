//! Whose agreements a disclosure lists. `SELF` is a Rust keyword that sea-orm's derive cannot
//! represent, so this enum is written out by hand and is not a column type.
use async_graphql::Enum;
use serde::{Deserialize, Serialize};

/// The relation of an agreement's holder to the organization that files.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Enum,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntityScope {
    /// The organization itself: `SELF`.
    #[serde(rename = "SELF")]
    #[graphql(name = "SELF")]
    Own,
    /// A member of the filing joint venture.
    JointVentureMember,
    /// A firm that the organization owns.
    Subsidiary,
    /// A firm that owns the organization.
    Parent,
    /// A firm with the same owner.
    Affiliate,
    /// A firm whose business the organization acquired.
    Predecessor,
}

impl EntityScope {
    /// Every variant, in the order of declaration.
    pub const ALL: &'static [Self] = &[
        Self::Own,
        Self::JointVentureMember,
        Self::Subsidiary,
        Self::Parent,
        Self::Affiliate,
        Self::Predecessor,
    ];

    /// The variant that GraphQL and JSON spell as `word`, if there is one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == word)
    }

    /// The name in GraphQL and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "SELF",
            Self::JointVentureMember => "JOINT_VENTURE_MEMBER",
            Self::Subsidiary => "SUBSIDIARY",
            Self::Parent => "PARENT",
            Self::Affiliate => "AFFILIATE",
            Self::Predecessor => "PREDECESSOR",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::EntityScope;

    #[test]
    fn graphql_and_json_use_the_same_words() {
        for word in EntityScope::ALL {
            let graphql = async_graphql::resolver_utils::enum_value(*word).to_string();
            let json = serde_json::to_value(word).expect("an enum value is JSON");
            assert_eq!(Some(graphql.as_str()), json.as_str());
            assert_eq!(graphql, word.as_str());
            assert_eq!(EntityScope::from_word(word.as_str()), Some(*word));
        }
    }
}
