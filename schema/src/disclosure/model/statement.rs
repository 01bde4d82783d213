//! The statement and its sections.
use super::{Agreement, Arrangement, Attachment, ConfidentialityClaim};

parts! {
    /// An organization's statement about its agreements with the Department of Homeland Security and
    /// its data sharing with third parties, or that it has none.
    #[graphql(input_name = "StatementInput")]
    pub struct Statement {
        /// Agreements with the Department of Homeland Security.
        #[graphql(default)]
        pub dhs: DhsSection,
        /// Data shared with third parties.
        #[graphql(default)]
        pub data_sharing: DataSharingSection,
        /// Supporting documents, by name, digest and link; the organization keeps the files.
        #[graphql(default)]
        pub attachments: Vec<Attachment>,
        /// The parts that the organization claims are confidential, each with its ground.
        #[graphql(default)]
        pub confidentiality_claims: Vec<ConfidentialityClaim>,
    }

    /// Agreements with the Department of Homeland Security, or an explicit "none". An empty section
    /// states neither and cannot be filed.
    #[graphql(input_name = "DhsSectionInput")]
    pub struct DhsSection {
        /// Whether the organization states that it has no agreements.
        #[graphql(default)]
        pub none_attested: bool,
        /// All agreements that the policy requires.
        #[graphql(default)]
        pub agreements: Vec<Agreement>,
    }

    /// Data shared with third parties, or an explicit "none". An empty section states neither and
    /// cannot be filed.
    #[graphql(input_name = "DataSharingSectionInput")]
    pub struct DataSharingSection {
        /// Whether the organization states that it shares no data.
        #[graphql(default)]
        pub none_attested: bool,
        /// All arrangements that the policy requires. A legal demand that may not be disclosed is
        /// not an arrangement.
        #[graphql(default)]
        pub arrangements: Vec<Arrangement>,
    }
}
