//! What gaps and answers of a disclosure lead to.
use async_graphql::SimpleObject;

use crate::fault::UserError;

string_enum! {
    /// What a gap or an answer of a disclosure leads to. It holds under every policy: none can be published
    /// in which what a firm truthfully discloses refuses a bid.
    pub enum Consequence {
        /// A section says neither what there is nor that there is nothing.
        GapInSection,
        /// An agreement or arrangement lacks an answer, or has one that cannot be filed.
        GapInItem,
        /// An attachment or a confidentiality claim is incomplete.
        GapInEvidence,
        /// An answer is missing that is given when signing.
        GapInSignature,
        /// There are no agreements, or no data is shared.
        NoneStated,
        /// An agreement is listed.
        AgreementListed,
        /// An arrangement is listed.
        ArrangementListed,
        /// The firm does not know, or knows it only roughly.
        NotKnown,
        /// A part is withheld.
        PartWithheld,
        /// A document is attached.
        DocumentAttached,
        /// A part is claimed to be confidential.
        ConfidentialityClaimed,
    }
}

impl Consequence {
    /// The text for people, in English.
    #[must_use]
    pub const fn english(self) -> &'static str {
        match self {
            Self::GapInSection => {
                "Until you answer, nothing can be filed. Neither listing something nor stating that \
                there is none counts against your bid."
            }
            Self::GapInItem => {
                "Until you answer, nothing can be filed. Listing it never counts against your bid, \
                whatever the true answer is."
            }
            Self::GapInEvidence => {
                "Until you complete or remove it, nothing can be filed. It is optional."
            }
            Self::GapInSignature => {
                "The statement can be signed once you enter this when you sign. It does not count \
                for or against your bid."
            }
            Self::NoneStated => {
                "You state that there are none, which does not count against your bid. If public \
                records show one, the City asks you first, and you have time to answer or to correct \
                your statement."
            }
            Self::AgreementListed => {
                "It is part of your statement. Listing it never counts against your bid: decisions \
                only note it."
            }
            Self::ArrangementListed => {
                "It is part of your statement. Listing it never counts against your bid: decisions at \
                most note it."
            }
            Self::NotKnown => {
                "Not knowing it exactly is an answer. It never counts against your bid, and where it is \
                compared, doubt counts in your favor."
            }
            Self::PartWithheld => {
                "A reviewer may look at the ground before a contract is awarded. A part that is withheld \
                openly, with its ground, never refuses your bid."
            }
            Self::DocumentAttached => "It supports your statement. No decision depends on it.",
            Self::ConfidentialityClaimed => {
                "The City weighs the claim before anybody outside it may read this part. The claim \
                never counts against your bid."
            }
        }
    }
}

/// What prevents filing a draft: an error, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub error: UserError,
    pub consequence: Consequence,
}

/// An answer of a statement, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct Answer {
    /// The path of the answer, starting at the statement; list items by their index from 0.
    pub path: Vec<String>,
    /// The answer's place in words, such as `agreement 2, start`.
    pub part: String,
    /// What the answer leads to, for programs.
    pub consequence: Consequence,
    /// What the answer leads to, for people.
    pub leads_to: &'static str,
}
