//! Whose agreements count. `SELF` is spelled like a word of Rust, which sea-orm's derive cannot
//! hold: this one list is written out where the others are declared through `vocabulary!`, and is
//! no type of a column.
use async_graphql::Enum;
use serde::{Deserialize, Serialize};

/// Whose agreements a disclosure lists, seen from the organization that files.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Enum,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntityScope {
    /// The organization itself: `SELF`.
    #[serde(rename = "SELF")]
    #[graphql(name = "SELF")]
    Own,
    /// A member of the joint venture that files.
    JointVentureMember,
    /// A firm that it owns.
    Subsidiary,
    /// A firm that owns it.
    Parent,
    /// A firm under the same owner.
    Affiliate,
    /// A firm whose business it took over.
    Predecessor,
}

impl EntityScope {
    /// Every word of the list, in the order of its declaration.
    pub const ALL: &'static [Self] = &[
        Self::Own,
        Self::JointVentureMember,
        Self::Subsidiary,
        Self::Parent,
        Self::Affiliate,
        Self::Predecessor,
    ];

    /// What a word stands for; none if it is no word of the list.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.word() == word)
    }

    /// The word as GraphQL and JSON spell it.
    #[must_use]
    pub const fn word(self) -> &'static str {
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
    fn words_agree_in_graphql_and_json() {
        for word in EntityScope::ALL {
            let graphql = async_graphql::resolver_utils::enum_value(*word).to_string();
            let json = serde_json::to_value(word).expect("a word is JSON");
            assert_eq!(Some(graphql.as_str()), json.as_str());
            assert_eq!(graphql, word.word());
            assert_eq!(EntityScope::of(word.word()), Some(*word));
        }
    }
}
