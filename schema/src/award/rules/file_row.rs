//! Validates rows of award files.
use crate::award::model::{Agency, AwardFileEntry, AwardFileRow, Recipient, TransactionDeletion};

/// The maximum length of a name, number or code. Longer text means that columns were misread.
const MAX_FIELD_CHARS: usize = 1_000;
/// The maximum length of an award's key.
const MAX_KEY_CHARS: usize = 500;

/// The reason why an entry cannot be imported, for a person; `None` if it can.
#[must_use]
pub fn problem(entry: &AwardFileEntry) -> Option<String> {
    match entry {
        AwardFileEntry::Row(row) => problem_of_row(row),
        AwardFileEntry::Deletion(deletion) => problem_of_deletion(deletion),
    }
}

fn problem_of_deletion(deletion: &TransactionDeletion) -> Option<String> {
    let TransactionDeletion { line: _, award_keys, transaction, modified_on: _ } = deletion;
    if award_keys.is_empty() {
        return Some(
            "the deleted transaction's award is unknown; the row needs the key of the award"
                .to_owned(),
        );
    }
    let mut keys = award_keys.iter().chain([transaction]);
    let is_wrong =
        |key: &String| key.is_empty() || key.contains('\0') || key.chars().count() > MAX_KEY_CHARS;
    keys.any(is_wrong)
        .then(|| format!("the transaction's key must have 1 to {MAX_KEY_CHARS} characters"))
}

fn problem_of_row(row: &AwardFileRow) -> Option<String> {
    // Every text is limited; numbers and days need no limit.
    let AwardFileRow {
        line: _,
        scope: _,
        is_base_action: _,
        key,
        kind: _,
        award_id,
        parent_award_id,
        prime,
        recipient,
        awarding,
        funding,
        signed_on: _,
        starts_on: _,
        ends_on: _,
        latest_on: _,
        modified_on: _,
        obligated_cents: _,
        current_cents: _,
        ceiling_cents: _,
        naics,
        psc,
        description,
    } = row;
    let Recipient {
        name,
        raw_name,
        doing_business_as,
        uei,
        duns,
        cage,
        parent,
        parent_uei,
        address,
        city,
        state,
    } = recipient;
    let [awarding, funding] = [awarding, funding].map(|agency| {
        let Agency { code, sub_code, sub_name } = agency;
        [code.as_ref(), sub_code.as_ref(), sub_name.as_ref()]
    });
    let agencies = [("the awarding agency", awarding), ("the funding agency", funding)];
    let agencies = agencies.into_iter().flat_map(|(what, texts)| texts.map(|text| (what, text)));
    let fields = [
        ("the award's number", Some(award_id)),
        ("the parent award's number", parent_award_id.as_ref()),
        ("the prime's name", prime.as_ref()),
        ("the recipient's name", Some(name)),
        ("the recipient's raw name", raw_name.as_ref()),
        ("the name it does business as", doing_business_as.as_ref()),
        ("the UEI", uei.as_ref()),
        ("the DUNS number", duns.as_ref()),
        ("the CAGE code", cage.as_ref()),
        ("the parent's name", parent.as_ref()),
        ("the parent's UEI", parent_uei.as_ref()),
        ("the address", address.as_ref()),
        ("the city", city.as_ref()),
        ("the state", state.as_ref()),
        ("the NAICS code", naics.as_ref()),
        ("the PSC", psc.as_ref()),
    ];
    let fields = fields.into_iter().chain(agencies);
    if name.trim().is_empty() {
        return Some("the recipient's name is empty".to_owned());
    }
    if key.is_empty() || key.chars().count() > MAX_KEY_CHARS {
        return Some(format!(
            "the award's key has {} characters; it must have 1 to {MAX_KEY_CHARS}",
            key.chars().count()
        ));
    }
    let named_texts = fields.filter_map(|(what, text)| text.map(|text| (what, text)));
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
