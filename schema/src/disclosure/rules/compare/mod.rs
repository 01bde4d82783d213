//! Compares two statements. The order of items, blanks around texts and the decimals of amounts are
//! ignored, so that a draft equals the filing made from it.
mod lists;
mod pairing;
mod similarity;
#[cfg(test)]
mod tests;
mod values;

use self::lists::{ItemList, ItemNames, PairedLists};
use self::similarity::{AgreementTraits, ArrangementTraits, WordIds};
use self::values::{diff_fields, to_json};
use crate::disclosure::model::{
    Agreement, Arrangement, DataSharingSection, DhsSection, Difference, FieldDifference, Statement,
};

/// The differences from one statement to a later one. Exchanging the two gives the mirror image.
#[must_use]
pub fn compare_statements(before: &Statement, after: &Statement) -> Difference {
    let agreements = pair_agreements(&before.dhs.agreements, &after.dhs.agreements);
    let arrangements =
        pair_arrangements(&before.data_sharing.arrangements, &after.data_sharing.arrangements);
    let [earlier, later] = ItemNames::of_both(&agreements, &arrangements);
    let attachments = PairedLists::pair_by_field(
        ItemList::with_named_paths(&before.attachments, "about", &earlier),
        ItemList::with_named_paths(&after.attachments, "about", &later),
        "sha256",
    );
    let claims = PairedLists::pair_by_field(
        ItemList::with_named_paths(&before.confidentiality_claims, "path", &earlier),
        ItemList::with_named_paths(&after.confidentiality_claims, "path", &later),
        "path",
    );
    Difference {
        fields: diff_outside_lists(before, after),
        agreements: agreements.differences(),
        arrangements: arrangements.differences(),
        attachments: attachments.differences(),
        confidentiality_claims: claims.differences(),
    }
}

fn pair_agreements<'a>(
    before: &'a [Agreement],
    after: &'a [Agreement],
) -> PairedLists<'a, Agreement> {
    let mut words = WordIds::default();
    let mut traits = |items: &[Agreement]| -> Vec<_> {
        items.iter().map(|item| AgreementTraits::new(item, &mut words)).collect()
    };
    let (earlier, later) = (traits(before), traits(after));
    let keys =
        |traits: &[AgreementTraits]| traits.iter().map(AgreementTraits::keys).collect::<Vec<_>>();
    let keys = [keys(&earlier), keys(&later)];
    let similarity = |before: usize, after: usize| earlier[before].similarity(&later[after]);
    PairedLists::pair_by_keys(ItemList::new(before), ItemList::new(after), &keys, similarity)
}

fn pair_arrangements<'a>(
    before: &'a [Arrangement],
    after: &'a [Arrangement],
) -> PairedLists<'a, Arrangement> {
    let mut words = WordIds::default();
    let mut traits = |items: &[Arrangement]| -> Vec<_> {
        items.iter().map(|item| ArrangementTraits::new(item, &mut words)).collect()
    };
    let (earlier, later) = (traits(before), traits(after));
    let keys = |traits: &[ArrangementTraits]| {
        traits.iter().map(ArrangementTraits::keys).collect::<Vec<_>>()
    };
    let keys = [keys(&earlier), keys(&later)];
    let similarity = |before: usize, after: usize| earlier[before].similarity(&later[after]);
    PairedLists::pair_by_keys(ItemList::new(before), ItemList::new(after), &keys, similarity)
}

/// The fields that differ outside the lists of items.
fn diff_outside_lists(before: &Statement, after: &Statement) -> Vec<FieldDifference> {
    let outside = |statement: &Statement| {
        let Statement {
            dhs: DhsSection { none_attested: has_no_agreements, agreements: _ },
            data_sharing: DataSharingSection { none_attested: has_no_arrangements, arrangements: _ },
            attachments: _,
            confidentiality_claims: _,
        } = statement;
        to_json(&Statement {
            dhs: DhsSection { none_attested: *has_no_agreements, agreements: Vec::new() },
            data_sharing: DataSharingSection {
                none_attested: *has_no_arrangements,
                arrangements: Vec::new(),
            },
            attachments: Vec::new(),
            confidentiality_claims: Vec::new(),
        })
    };
    diff_fields(&outside(before), &outside(after))
}
