//! Whether a row of an award file can be kept.
use crate::award::model::AwardFileRow;

/// The longest name, number or code that is believed, in characters.
const LINE: usize = 1_000;
/// The longest key, in characters.
const KEY: usize = 500;

/// Why a row cannot be kept, in words; none if it can.
#[must_use]
pub fn problem(row: &AwardFileRow) -> Option<String> {
    let AwardFileRow { key, award_id, parent_award_id, prime, recipient, description, .. } = row;
    let lines = [
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
        return Some("it names no recipient".to_owned());
    }
    if key.is_empty() || key.chars().count() > KEY {
        return Some(format!("its key has {} characters, not 1 to {KEY}", key.chars().count()));
    }
    let told = lines.into_iter().filter_map(|(what, text)| text.map(|text| (what, text)));
    let mut told = told.chain(description.iter().map(|text| ("the description", text)));
    told.find_map(|(what, text)| {
        let length = text.chars().count();
        if text.contains('\0') {
            Some(format!("{what} holds the character U+0000, which no database keeps"))
        } else if what != "the description" && length > LINE {
            Some(format!("{what} has {length} characters, more than {LINE}: check the row"))
        } else {
            None
        }
    })
}
