//! What the policy has people read and sign.
use serde::{Deserialize, Serialize};

/// The texts of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Stands in every solicitation.
    pub notice: PolicyText,
    /// Stands in every contract.
    pub clause: PolicyText,
    /// Is signed with every disclosure.
    pub attestation: PolicyText,
}

/// One text, in one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyText {
    /// Counts up when the text changes.
    pub version: u32,
    /// What it says of itself as long as it is a draft, wherever it is shown; none once adopted.
    pub draft: Option<String>,
    /// The text.
    pub text: String,
}

impl PolicyText {
    /// The text as it is shown: a draft says so first.
    #[must_use]
    pub fn shown(&self) -> String {
        let text = self.text.trim();
        self.draft.as_ref().map_or_else(|| text.to_owned(), |draft| format!("[{draft}]\n\n{text}"))
    }
}
