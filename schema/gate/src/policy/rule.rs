//! The policy's settings of a rule.
use serde::{Deserialize, Serialize};

use crate::{Severity, SubjectKind};

/// A rule's severity for each kind of subject, its cure period and its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// The severity at the submission of a bid; none where the rule does not apply.
    #[serde(with = "severity_word")]
    pub bid: Option<Severity>,
    /// The severity at an award; none where the rule does not apply.
    #[serde(with = "severity_word")]
    pub award: Option<Severity>,
    /// The severity at a renewal or other contract action; none where the rule does not apply.
    #[serde(with = "severity_word")]
    pub renewal: Option<Severity>,
    /// Business days after the due date in which a bid's defect can be cured, 0 to 366; 0 for none.
    /// Present exactly if `bid` is `BLOCK`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure_days: Option<u32>,
    /// The citation of the rule's source.
    pub citation: String,
    /// The citation for public works, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_works_citation: Option<String>,
}

impl Rule {
    /// The severity for a kind of subject; none where the rule does not apply.
    #[must_use]
    pub const fn severity(&self, subject: SubjectKind) -> Option<Severity> {
        match subject {
            SubjectKind::BidSubmission => self.bid,
            SubjectKind::ContractAward => self.award,
            SubjectKind::ContractRenewal => self.renewal,
        }
    }
}

/// Serde format of an optional severity. `DOES_NOT_APPLY` must be written out, so that an omitted
/// severity is an error.
mod severity_word {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::Severity;

    const DOES_NOT_APPLY: &str = "DOES_NOT_APPLY";
    const ALLOWED: &[&str] = &["NOTE", "REVIEW", "BLOCK", DOES_NOT_APPLY];

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands fields over by reference"
    )]
    pub fn serialize<S: Serializer>(severity: &Option<Severity>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(severity.map_or(DOES_NOT_APPLY, Severity::as_str))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Severity>, D::Error> {
        let text = String::deserialize(from)?;
        if text == DOES_NOT_APPLY {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| D::Error::unknown_variant(&text, ALLOWED))
    }
}
