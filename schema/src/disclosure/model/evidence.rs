//! Attachments and confidentiality claims of a statement.
parts! {
    /// A document that supports the statement. Only its name, digest and link are stored.
    #[graphql(input_name = "AttachmentInput")]
    pub struct Attachment {
        /// The name of the file.
        pub name: Option<String>,
        /// SHA-256 of the file, 64 hexadecimal digits.
        pub sha256: Option<String>,
        /// The `https` address of the file.
        pub link: Option<String>,
        /// The path of the part that it supports, starting at the statement; empty for the whole
        /// statement.
        #[graphql(default)]
        pub about: Vec<String>,
    }

    /// A claim that a part of the statement is confidential. The City decides the claim.
    #[graphql(input_name = "ConfidentialityClaimInput")]
    pub struct ConfidentialityClaim {
        /// The path of the part, starting at the statement, with list items by index from 0, such as
        /// `["dhs", "agreements", "0", "compensation"]`.
        #[graphql(default)]
        pub path: Vec<String>,
        /// The law or reason for the claim, in words.
        pub ground: Option<String>,
    }
}
