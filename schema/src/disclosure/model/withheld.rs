//! Withheld parts of a statement, each with its ground.
use crate::gate::WithheldGround;

parts! {
    /// A part that the organization withholds. A withheld part is not a missing one.
    #[graphql(input_name = "WithheldInput")]
    pub struct Withheld {
        /// The path of the part, starting at the item, such as `["compensation", "current"]`. It
        /// includes everything inside the part.
        #[graphql(default)]
        pub path: Vec<String>,
        /// The ground for withholding.
        pub ground: Option<WithheldGround>,
        /// Further information, such as the court order or the marking.
        pub note: Option<String>,
    }
}
