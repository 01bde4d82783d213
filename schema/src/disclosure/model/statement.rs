//! The statement whole.
use super::{Agreement, Arrangement, Attachment, ConfidentialityClaim};

parts! {
    /// What an organization states: its agreements with the Department of Homeland Security and
    /// its data sharing with third parties, or that there are none of either.
    #[graphql(input_name = "StatementInput")]
    pub struct Statement {
        /// Agreements with the Department of Homeland Security.
        #[graphql(default)]
        pub dhs: DhsSection,
        /// Data shared with third parties.
        #[graphql(default)]
        pub data_sharing: DataSharingSection,
        /// Papers and evidence, by name, digest and link; the files stay with the organization.
        #[graphql(default)]
        pub attachments: Vec<Attachment>,
        /// The parts that the organization believes are confidential, each with its ground.
        #[graphql(default)]
        pub confidentiality_claims: Vec<ConfidentialityClaim>,
    }

    /// Agreements with the Department of Homeland Security, or the word that there are none.
    /// Leaving the section empty says neither.
    #[graphql(input_name = "DhsSectionInput")]
    pub struct DhsSection {
        /// The organization states that it has none. Never beside agreements.
        #[graphql(default)]
        pub none_attested: bool,
        /// Every agreement that the policy asks for.
        #[graphql(default)]
        pub agreements: Vec<Agreement>,
    }

    /// Data shared with third parties, or the word that none is. Leaving the section empty says
    /// neither.
    #[graphql(input_name = "DataSharingSectionInput")]
    pub struct DataSharingSection {
        /// The organization states that it shares none. Never beside arrangements.
        #[graphql(default)]
        pub none_attested: bool,
        /// Every arrangement that the policy asks for. A legal demand that may not be revealed is
        /// not an arrangement.
        #[graphql(default)]
        pub arrangements: Vec<Arrangement>,
    }
}
