//! What is not told, and why: withheld is not missing, and never silent.
use crate::gate::WithheldGround;

parts! {
    /// A part that the organization may not or will not tell.
    #[graphql(input_name = "WithheldInput")]
    pub struct Withheld {
        /// The part, by its fields from the item inwards, such as `["compensation", "current"]`.
        /// A part holds all that is inside it.
        #[graphql(default)]
        pub path: Vec<String>,
        /// Why it is not told.
        pub ground: Option<WithheldGround>,
        /// What else may be said of it, such as the order or the marking.
        pub note: Option<String>,
    }
}
