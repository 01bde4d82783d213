//! Enums of words: each is declared once and serves the database, GraphQL and JSON.

/// Declares the enums of one module. A word is the variant's name in `SCREAMING_SNAKE_CASE`; the test
/// that comes with the macro compares the spellings of the four libraries, which differ at digits.
/// [`str::parse`] reads a word exactly as it is stored.
#[macro_export]
macro_rules! string_enum {
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
                strum::EnumString, strum::IntoStaticStr, strum::VariantArray,
            )]
            #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
            #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
            #[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
            $visibility enum $name {
                $($(#[doc = $word_doc])* $word,)+
            }

            impl $name {
                /// All variants, in the order of their declaration.
                pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

                /// Returns the word as the database, GraphQL and JSON spell it.
                #[must_use]
                pub fn as_str(self) -> &'static str {
                    self.into()
                }
            }
        )+

        #[cfg(test)]
        mod spellings_agree {
            #[test]
            fn in_the_database_graphql_and_json() {
                $(for variant in super::$name::ALL {
                    let word = variant.as_str();
                    let graphql = async_graphql::resolver_utils::enum_value(*variant).to_string();
                    assert_eq!(graphql, word);
                    assert_eq!(serde_json::to_value(variant).expect("JSON"), word);
                    assert_eq!(sea_orm::ActiveEnum::to_value(variant), word);
                    assert_eq!(word.parse(), Ok(*variant));
                })+
            }
        }
    };
}
