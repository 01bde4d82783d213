//! Closed lists of words: each is declared once and serves the database, GraphQL and JSON alike.

/// Declares the enums of one module. A word is written `SCREAMING_SNAKE_CASE` everywhere; the
/// test that comes with the macro compares the three spellings, which differ at digits.
#[macro_export]
macro_rules! vocabulary {
    ($(
        $(#[doc = $doc:literal])*
        $visibility:vis enum $name:ident {
            $($(#[doc = $word_doc:literal])* $word:ident,)+
        }
    )+) => {
        $(
            $(#[doc = $doc])*
            #[derive(
                Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
                serde::Serialize, serde::Deserialize,
                sea_orm::EnumIter, sea_orm::DeriveActiveEnum, async_graphql::Enum,
            )]
            #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
            #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
            $visibility enum $name {
                $($(#[doc = $word_doc])* $word,)+
            }

            impl $name {
                /// Every word of the list, in the order of its declaration.
                pub const ALL: &'static [Self] = &[$(Self::$word),+];

                /// The word as the database, GraphQL and JSON spell it.
                #[must_use]
                pub fn word(self) -> String {
                    sea_orm::ActiveEnum::to_value(&self)
                }
            }
        )+

        #[cfg(test)]
        mod words_agree {
            #[test]
            fn in_the_database_graphql_and_json() {
                $(for word in super::$name::ALL {
                    let graphql = async_graphql::resolver_utils::enum_value(*word).to_string();
                    let json = serde_json::to_value(word).expect("a word is JSON");
                    assert_eq!(Some(graphql.as_str()), json.as_str());
                    assert_eq!(graphql, word.word());
                })+
            }
        }
    };
}
