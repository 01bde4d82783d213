//! Validates attachments and confidentiality claims.
use serde_json::Value;
use validator::ValidateUrl;

use super::field_checker::FieldChecker;
use super::withheld::find_at_path;
use crate::disclosure::model::{Attachment, ConfidentialityClaim};
use crate::fault::{FieldPath, InputErrors};
use crate::text::Limit;
use crate::user_message::UserMessage;

/// The longest link in characters.
const MAX_LINK_CHARS: Limit = Limit::line(2_000);

/// The normalized attachment; invalid and missing fields are recorded as errors.
pub fn validate_attachment(input: &Attachment, checker: &mut FieldChecker<'_>) -> Attachment {
    let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let digest = checker.normalize_code(
        "sha256",
        input.sha256.as_ref(),
        is_digest,
        UserMessage::FileDigestInvalid,
    );
    let normalized = Attachment {
        name: checker.normalize_line("name", input.name.as_ref()),
        sha256: digest.map(|digest| digest.to_ascii_lowercase()),
        link: checker.normalize_text("link", input.link.as_ref(), MAX_LINK_CHARS),
        about: input.about.clone(),
    };
    checker.require("name", normalized.name.is_some(), UserMessage::FileNameRequired);
    checker.require("sha256", normalized.sha256.is_some(), UserMessage::FileDigestRequired);
    checker.require("link", normalized.link.is_some(), UserMessage::LinkRequired);
    if normalized
        .link
        .as_ref()
        .is_some_and(|link| !link.starts_with("https://") || !link.validate_url())
    {
        checker.add_error("link", UserMessage::LinkInvalid);
    }
    normalized
}

/// The normalized attachment of a signed paper form; errors are recorded under `path`.
pub fn validate_paper_form(
    input: &Attachment,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Attachment {
    validate_attachment(input, &mut FieldChecker::argument(path, errors))
}

/// Records an error if the part that an attachment is about is not in the statement.
pub fn check_about(attachment: &Attachment, statement: &Value, checker: &mut FieldChecker<'_>) {
    if !attachment.about.is_empty() && find_at_path(statement, &attachment.about).is_none() {
        checker.add_error("about", UserMessage::PathUnknown);
    }
}

/// The normalized claims; invalid and missing fields are recorded as errors.
pub fn validate_claims(
    input: &[ConfidentialityClaim],
    statement: &Value,
    checker: &mut FieldChecker<'_>,
) -> Vec<ConfidentialityClaim> {
    let mut seen = std::collections::BTreeSet::new();
    let claims = input.iter().enumerate().map(|(index, claim)| {
        let mut at = checker.at(index);
        let ground = at.normalize_prose("ground", claim.ground.as_ref());
        at.require("ground", ground.is_some(), UserMessage::ClaimGroundRequired);
        if claim.path.is_empty() {
            at.add_error("path", UserMessage::ClaimPathRequired);
        } else if find_at_path(statement, &claim.path).is_none() {
            at.add_error("path", UserMessage::PathUnknown);
        } else if !seen.insert(&claim.path) {
            at.add_error("path", UserMessage::ClaimRepeated);
        }
        ConfidentialityClaim { path: claim.path.clone(), ground }
    });
    claims.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::disclosure::rules::samples::{full_statement, version_1_questions, with_fields};
    use crate::disclosure::rules::statement::validate_answers;

    /// The errors for an attachment with these fields changed: path within it, and code.
    fn errors_after(changes: Value) -> Vec<String> {
        let mut statement = full_statement();
        statement.attachments[0] = with_fields(&statement.attachments[0], changes);
        let errors = validate_answers(&statement, &version_1_questions()).err().unwrap_or_default();
        let errors = errors.iter().map(|it| format!("{} {}", it.path[3..].join("."), it.code()));
        errors.collect()
    }

    #[test]
    fn an_attachment_has_a_name_a_digest_and_a_link() {
        let blank = json!({ "name": null, "sha256": null, "link": "" });
        assert_eq!(errors_after(blank), ["name required", "sha256 required", "link required"]);
        assert_eq!(errors_after(json!({ "sha256": "9f86" })), ["sha256 invalid"]);
        assert!(errors_after(json!({ "sha256": "AB".repeat(32) })).is_empty());
    }

    #[test]
    fn a_link_is_an_https_address() {
        for link in ["http://example.com/a", "https://", "javascript:alert(1)", "C:\\paper.pdf"] {
            assert_eq!(errors_after(json!({ "link": link })), ["link invalid"], "{link}");
        }
        assert!(errors_after(json!({ "link": "https://example.com/a?b=c#d" })).is_empty());
    }

    #[test]
    fn the_part_it_is_about_must_exist() {
        assert_eq!(errors_after(json!({ "about": ["dhs", "agreements", "7"] })), ["about invalid"]);
        assert!(errors_after(json!({ "about": [] })).is_empty());
    }
}
