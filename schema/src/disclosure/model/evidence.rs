//! What goes with a statement: papers, and claims that parts of it are confidential.
parts! {
    /// A paper that supports the statement. Only its name, digest and link are kept here.
    #[graphql(input_name = "AttachmentInput")]
    pub struct Attachment {
        /// What it is called.
        pub name: Option<String>,
        /// SHA-256 of the file, 64 hexadecimal digits.
        pub sha256: Option<String>,
        /// Where the file is, an `https` address.
        pub link: Option<String>,
        /// The part that it is about, by its fields from the statement inwards; the whole
        /// statement if empty.
        #[graphql(default)]
        pub about: Vec<String>,
    }

    /// A claim that a part of the statement is confidential. Whether it is, the City decides.
    #[graphql(input_name = "ConfidentialityClaimInput")]
    pub struct ConfidentialityClaim {
        /// The part, by its fields from the statement inwards, list items by their index from 0,
        /// such as `["dhs", "agreements", "0", "compensation"]`.
        #[graphql(default)]
        pub path: Vec<String>,
        /// The law or the reason that it rests on, in words.
        pub ground: Option<String>,
    }
}
