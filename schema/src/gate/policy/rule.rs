//! What a rule weighs.
use serde::{Deserialize, Serialize};

use crate::gate::{Severity, SubjectKind};

/// What a rule weighs at each subject, how long its defect can be mended, and its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// At the submission of a bid; none where the rule does not apply.
    #[serde(with = "weight")]
    pub bid: Option<Severity>,
    /// At an award.
    #[serde(with = "weight")]
    pub award: Option<Severity>,
    /// At a renewal, or another way of carrying a contract on.
    #[serde(with = "weight")]
    pub renewal: Option<Severity>,
    /// Business days after the due date within which a bid's defect can be mended, 0 for none:
    /// told exactly where `bid` is `BLOCK`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure_days: Option<u32>,
    /// Where the rule comes from.
    pub citation: String,
}

impl Rule {
    /// What it weighs at a subject; none where it does not apply.
    #[must_use]
    pub const fn severity(&self, subject: SubjectKind) -> Option<Severity> {
        match subject {
            SubjectKind::BidSubmission => self.bid,
            SubjectKind::ContractAward => self.award,
            SubjectKind::ContractRenewal => self.renewal,
        }
    }
}

/// A severity, or the words that the rule does not apply: silence would be too easy a slip.
mod weight {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::gate::Severity;

    const DOES_NOT_APPLY: &str = "DOES_NOT_APPLY";

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands fields over by reference"
    )]
    pub fn serialize<S: Serializer>(weight: &Option<Severity>, to: S) -> Result<S::Ok, S::Error> {
        let word = weight.map(Severity::word);
        to.serialize_str(word.as_deref().unwrap_or(DOES_NOT_APPLY))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Severity>, D::Error> {
        let text = String::deserialize(from)?;
        if text == DOES_NOT_APPLY {
            return Ok(None);
        }
        let severity = Severity::ALL.iter().find(|severity| severity.word() == text);
        severity.copied().map(Some).ok_or_else(|| {
            D::Error::custom(format!(
                "a rule is NOTE, REVIEW, BLOCK or {DOES_NOT_APPLY}, not {text:?}"
            ))
        })
    }
}
