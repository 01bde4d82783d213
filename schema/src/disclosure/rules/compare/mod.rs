//! How two statements differ. The order of their items does not count, nor do blanks around a
//! text or the decimals of an amount, so that a draft compares with what is filed of it.
mod likeness;
mod lists;
mod pairing;
#[cfg(test)]
mod tests;
mod values;

use serde_json::Value;

use self::likeness::{AgreementTraits, ArrangementTraits, Words};
use self::lists::{List, Places, Side};
use self::values::{differing, written};
use crate::disclosure::model::{Agreement, Arrangement, Difference, FieldDifference, Statement};

/// The difference from one statement to a later one; the other way around it is the mirror image.
#[must_use]
pub fn compare(before: &Statement, after: &Statement) -> Difference {
    let agreements = agreements(&before.dhs.agreements, &after.dhs.agreements);
    let arrangements =
        arrangements(&before.data_sharing.arrangements, &after.data_sharing.arrangements);
    let [earlier, later] = Places::of(&agreements, &arrangements);
    let attachments = List::paired_by_field(
        Side::evidence(&before.attachments, "about", &earlier),
        Side::evidence(&after.attachments, "about", &later),
        "sha256",
    );
    let claims = List::paired_by_field(
        Side::evidence(&before.confidentiality_claims, "path", &earlier),
        Side::evidence(&after.confidentiality_claims, "path", &later),
        "path",
    );
    Difference {
        fields: fields(before, after),
        agreements: agreements.differences(),
        arrangements: arrangements.differences(),
        attachments: attachments.differences(),
        confidentiality_claims: claims.differences(),
    }
}

fn agreements<'a>(before: &'a [Agreement], after: &'a [Agreement]) -> List<'a, Agreement> {
    let mut words = Words::default();
    let mut traits = |items: &[Agreement]| -> Vec<_> {
        items.iter().map(|item| AgreementTraits::of(item, &mut words)).collect()
    };
    let (earlier, later) = (traits(before), traits(after));
    let keys =
        |traits: &[AgreementTraits]| traits.iter().map(AgreementTraits::keys).collect::<Vec<_>>();
    let keys = [keys(&earlier), keys(&later)];
    let likeness = |before: usize, after: usize| earlier[before].likeness(&later[after]);
    List::paired(Side::of(before), Side::of(after), &keys, likeness)
}

fn arrangements<'a>(before: &'a [Arrangement], after: &'a [Arrangement]) -> List<'a, Arrangement> {
    let mut words = Words::default();
    let mut traits = |items: &[Arrangement]| -> Vec<_> {
        items.iter().map(|item| ArrangementTraits::of(item, &mut words)).collect()
    };
    let (earlier, later) = (traits(before), traits(after));
    let keys = |traits: &[ArrangementTraits]| {
        traits.iter().map(ArrangementTraits::keys).collect::<Vec<_>>()
    };
    let keys = [keys(&earlier), keys(&later)];
    let likeness = |before: usize, after: usize| earlier[before].likeness(&later[after]);
    List::paired(Side::of(before), Side::of(after), &keys, likeness)
}

/// What differs outside the lists of items.
fn fields(before: &Statement, after: &Statement) -> Vec<FieldDifference> {
    let outside = |statement: &Statement| {
        let mut outside = written(statement);
        for (section, list) in [
            ("/dhs", "agreements"),
            ("/dataSharing", "arrangements"),
            ("", "attachments"),
            ("", "confidentialityClaims"),
        ] {
            let section = outside.pointer_mut(section).and_then(Value::as_object_mut);
            section.map(|section| section.remove(list));
        }
        outside
    };
    differing(&outside(before), &outside(after))
}
