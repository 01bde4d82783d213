//! Attachments, and claims that parts of the statement are confidential.
use serde_json::Value;
use validator::ValidateUrl;

use super::place::FieldChecker;
use super::withheld::lookup;
use crate::disclosure::model::{Attachment, ConfidentialityClaim};
use crate::fault::{FieldPath, InputErrors};
use crate::text::Limit;

/// An address, in characters.
const LINK: Limit = Limit::line(2_000);

/// The attachment, cleaned; what is wrong or missing is noted.
pub fn attachment(typed: &Attachment, place: &mut FieldChecker<'_>) -> Attachment {
    let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let told = "Write the file's SHA-256 in 64 hexadecimal digits.";
    let digest = place.normalize_code("sha256", typed.sha256.as_ref(), is_digest, told);
    let cleaned = Attachment {
        name: place.normalize_line("name", typed.name.as_ref()),
        sha256: digest.map(|digest| digest.to_ascii_lowercase()),
        link: place.normalize_text("link", typed.link.as_ref(), LINK),
        about: typed.about.clone(),
    };
    place.require("name", cleaned.name.is_some(), "Say what the file is called.");
    place.require("sha256", cleaned.sha256.is_some(), told);
    let told = "Give the file's address, beginning with https://.";
    place.require("link", cleaned.link.is_some(), told);
    if cleaned
        .link
        .as_ref()
        .is_some_and(|link| !link.starts_with("https://") || !link.validate_url())
    {
        place.add_error("link", "invalid", told);
    }
    cleaned
}

/// The paper form that was signed, cleaned; what is wrong or missing is noted at `at`, a field of
/// the operation's argument.
pub fn paper(typed: &Attachment, at: &FieldPath, problems: &mut InputErrors) -> Attachment {
    attachment(typed, &mut FieldChecker::argument(at, problems))
}

/// Notes it if what an attachment is about is not in the statement.
pub fn is_about(attachment: &Attachment, statement: &Value, place: &mut FieldChecker<'_>) {
    if !attachment.about.is_empty() && lookup(statement, &attachment.about).is_none() {
        place.add_error("about", "invalid", NOTHING_THERE);
    }
}

/// The claims, cleaned; what is wrong or missing is noted.
pub fn claims(
    typed: &[ConfidentialityClaim],
    statement: &Value,
    place: &mut FieldChecker<'_>,
) -> Vec<ConfidentialityClaim> {
    let mut seen = std::collections::BTreeSet::new();
    let claims = typed.iter().enumerate().map(|(index, claim)| {
        let mut at = place.at(index);
        let ground = at.prose("ground", claim.ground.as_ref());
        at.require("ground", ground.is_some(), "Say on what law or reason the claim rests.");
        if claim.path.is_empty() {
            at.add_error("path", "required", "Say which part is confidential.");
        } else if lookup(statement, &claim.path).is_none() {
            at.add_error("path", "invalid", NOTHING_THERE);
        } else if !seen.insert(&claim.path) {
            at.add_error("path", "invalid", "This part is claimed twice; keep one of the claims.");
        }
        ConfidentialityClaim { path: claim.path.clone(), ground }
    });
    claims.collect()
}

const NOTHING_THERE: &str = "There is nothing in the statement at this path; write it from the \
    statement inwards, list items by their index from 0, such as dhs, agreements, 0, description.";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::disclosure::rules::file::answer;
    use crate::disclosure::rules::samples::{changed, everything, questions};

    /// What is told of an attachment after these changes, by paths within it.
    fn told(changes: Value) -> Vec<String> {
        let mut statement = everything();
        statement.attachments[0] = changed(&statement.attachments[0], changes);
        let errors = answer(&statement, &questions()).err().unwrap_or_default();
        let inside = errors.iter().map(|it| format!("{} {}", it.path[3..].join("."), it.code));
        inside.collect()
    }

    #[test]
    fn an_attachment_has_a_name_a_digest_and_a_link() {
        let nothing = json!({ "name": null, "sha256": null, "link": "" });
        assert_eq!(told(nothing), ["name required", "sha256 required", "link required"]);
        assert_eq!(told(json!({ "sha256": "9f86" })), ["sha256 invalid"]);
        assert!(told(json!({ "sha256": "AB".repeat(32) })).is_empty());
    }

    #[test]
    fn a_link_is_an_https_address() {
        for link in ["http://example.com/a", "https://", "javascript:alert(1)", "C:\\paper.pdf"] {
            assert_eq!(told(json!({ "link": link })), ["link invalid"], "{link}");
        }
        assert!(told(json!({ "link": "https://example.com/a?b=c#d" })).is_empty());
    }

    #[test]
    fn what_it_is_about_is_there() {
        assert_eq!(told(json!({ "about": ["dhs", "agreements", "7"] })), ["about invalid"]);
        assert!(told(json!({ "about": [] })).is_empty());
    }
}
