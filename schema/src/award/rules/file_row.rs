//! Validates rows of award files.
use crate::award::model::AwardFileRow;

/// The maximum length of a name, number or code. Longer text means that columns were misread.
const MAX_FIELD_CHARS: usize = 1_000;
/// The maximum length of an award's key.
const MAX_KEY_CHARS: usize = 500;

/// The reason why a row cannot be imported, for a person; `None` if it can.
#[must_use]
pub fn problem(row: &AwardFileRow) -> Option<String> {
    let AwardFileRow { key, award_id, parent_award_id, prime, recipient, description, .. } = row;
    let fields = [
        ("the award's number", Some(award_id)),
        ("the parent award's number", parent_award_id.as_ref()),
        ("the prime's name", prime.as_ref()),
        ("the recipient's name", Some(&recipient.name)),
        ("the recipient's raw name", recipient.raw_name.as_ref()),
        ("the name it does business as", recipient.doing_business_as.as_ref()),
        ("the UEI", recipient.uei.as_ref()),
        ("the DUNS number", recipient.duns.as_ref()),
        ("the CAGE code", recipient.cage.as_ref()),
        ("the parent's name", recipient.parent.as_ref()),
        ("the parent's UEI", recipient.parent_uei.as_ref()),
        ("the address", recipient.address.as_ref()),
        ("the city", recipient.city.as_ref()),
        ("the state", recipient.state.as_ref()),
        ("the NAICS code", row.naics.as_ref()),
        ("the PSC", row.psc.as_ref()),
    ];
    if recipient.name.trim().is_empty() {
        return Some("the recipient's name is empty".to_owned());
    }
    if key.is_empty() || key.chars().count() > MAX_KEY_CHARS {
        return Some(format!(
            "the award's key has {} characters; it must have 1 to {MAX_KEY_CHARS}",
            key.chars().count()
        ));
    }
    let named_texts = fields.into_iter().filter_map(|(what, text)| text.map(|text| (what, text)));
    let mut named_texts =
        named_texts.chain(description.iter().map(|text| ("the description", text)));
    named_texts.find_map(|(what, text)| {
        let length = text.chars().count();
        if text.contains('\0') {
            Some(format!("{what} contains the character U+0000, which cannot be stored"))
        } else if what != "the description" && length > MAX_FIELD_CHARS {
            Some(format!("{what} has {length} characters; at most {MAX_FIELD_CHARS} are allowed"))
        } else {
            None
        }
    })
}
