//! What two statements are told to differ in, and what always holds of it.
use proptest::prelude::*;
use serde_json::{Value, json};

use super::compare;
use crate::disclosure::model::{
    Agreement, Arrangement, Change, Difference, FieldDifference, ItemDifference, Statement,
};
use crate::disclosure::rules::samples::{
    any_statement, changed, detention, e_verify, everything, none, plate_reads, read,
    with_agreements, with_arrangements,
};

fn paths(fields: &[FieldDifference]) -> Vec<String> {
    fields.iter().map(|field| field.path.join(".")).collect()
}

/// What became of each item: the change, its places, and the fields that differ.
fn told<T: async_graphql::OutputType>(items: &[ItemDifference<T>]) -> Vec<String> {
    let told = items.iter().map(|it| {
        let place = |index: Option<usize>| index.map_or("-".to_owned(), |index| index.to_string());
        let (one, other) = (place(it.before_index), place(it.after_index));
        format!("{} {one} {other} {}", it.change.word(), paths(&it.fields).join(" "))
    });
    told.map(|told| told.trim_end().to_owned()).collect()
}

fn agreements(before: &[Agreement], after: &[Agreement]) -> Vec<String> {
    told(&compare(&with_agreements(before), &with_agreements(after)).agreements)
}

#[test]
fn what_is_outside_the_lists_is_told_by_its_path() {
    let difference = compare(&none(), &with_agreements([e_verify()]));
    assert_eq!(paths(&difference.fields), ["dhs.noneAttested"]);
    let field = &difference.fields[0];
    assert_eq!(field.before.as_ref().map(|it| &it.0), Some(&json!(true)));
    assert_eq!(field.after, None);
    assert_eq!(told(&difference.agreements), ["ADDED - 0"]);
}

#[test]
fn items_are_matched_by_what_they_are() {
    let (order, later) = (detention(), changed(&e_verify(), json!({ "startDate": "2020-01-01" })));
    let dearer = json!({ "compensation": { "pricing": "UNIT_PRICE", "current": {
        "certainty": "KNOWN", "amount": { "amount": "1300000", "currency": "USD" } },
        "terms": "A price for each bed and night, invoiced monthly." } });
    let dearer = changed(&order, dearer);
    assert_eq!(
        agreements(&[order, e_verify()], &[later, dearer]),
        ["CHANGED 1 0 startDate", "CHANGED 0 1 compensation.current.amount.amount",]
    );
}

#[test]
fn a_number_is_the_same_however_it_is_written() {
    let change = json!({
        "identifier": " 70cdcr-24d 00000004", "component": "CBP", "kind": "LEASE",
        "startDate": "2001-01-01", "description": "Cars.", "natureOfWork": ["LEGAL"]
    });
    let moved = changed(&detention(), change);
    let fields = "CHANGED 0 0 component description identifier kind natureOfWork startDate";
    assert_eq!(agreements(&[detention()], &[moved]), [fields]);
    // A number outweighs all else that is alike.
    let other = changed(&detention(), json!({ "identifier": "70CDCR24D00000005" }));
    let same = changed(&detention(), json!({ "description": "Buses.", "component": "CBP" }));
    let told = agreements(&[detention()], &[other, same]);
    assert_eq!(told, ["ADDED - 0", "CHANGED 0 1 component description"]);
}

#[test]
fn two_that_share_nothing_telling_are_two() {
    let other = json!({
        "identifier": "70CDCR11P00000009", "startDate": "2011-05-01", "endDate": "2012-05-01",
        "description": "Legal advice."
    });
    let other = changed(&detention(), other);
    assert_eq!(agreements(&[detention()], &[other]), ["ADDED - 0", "REMOVED 0 -"]);
    let broker = json!({ "recipientName": "Vehicle Data Pool", "purpose": "Parking." });
    let one = with_arrangements([plate_reads()]);
    let other = with_arrangements([changed(&plate_reads(), broker)]);
    assert_eq!(told(&compare(&one, &other).arrangements), ["ADDED - 0", "REMOVED 0 -"]);
}

#[test]
fn a_recipient_is_known_by_its_name() {
    let more = json!({ "dataCategories": ["GEOLOCATION", "LICENCE_PLATE_READS"], "basis": null });
    let one = with_arrangements([plate_reads()]);
    let other = with_arrangements([changed(&plate_reads(), more)]);
    let told = told(&compare(&one, &other).arrangements);
    assert_eq!(told, ["CHANGED 0 0 basis dataCategories"]);
}

#[test]
fn what_is_typed_otherwise_and_means_the_same_is_no_difference() {
    let typed = changed(&everything(), json!({}));
    let mut typed: Value = serde_json::to_value(typed).expect("JSON");
    let agreement = &mut typed["dhs"]["agreements"][0];
    agreement["natureOfWork"] = json!(["FOOD", "DETENTION"]);
    agreement["office"] = json!("  ");
    agreement["identifier"] = json!(" 70CDCR24D00000004 ");
    agreement["compensation"]["current"]["amount"]["amount"] = json!(" 1250000.00");
    assert_eq!(compare(&everything(), &read(typed)), Difference::default());
}

#[test]
fn evidence_follows_what_it_is_about() {
    let mut other = everything();
    other.dhs.agreements.reverse();
    other.attachments[0].about[2] = "1".into();
    other.confidentiality_claims[0].path[2] = "1".into();
    assert_eq!(compare(&everything(), &other), Difference::default());
    // Left as they were, they are about the other agreement now.
    let mut other = everything();
    other.dhs.agreements.reverse();
    let difference = compare(&everything(), &other);
    assert_eq!(told(&difference.attachments), ["CHANGED 0 0 about"]);
    let about = difference.attachments[0].fields[0].before.as_ref().map(|it| &it.0);
    assert_eq!(about, Some(&json!(["dhs", "agreements", "0"])));
    let claims = told(&difference.confidentiality_claims);
    assert_eq!(claims, ["ADDED - 0", "REMOVED 0 -"]);
    let mut other = everything();
    other.attachments[0].sha256 = other.attachments[0].sha256.as_ref().map(|it| it.to_uppercase());
    other.attachments[0].link = Some("https://files.example.com/elsewhere.pdf".into());
    other.confidentiality_claims[0].ground = Some("Another ground.".into());
    let difference = compare(&everything(), &other);
    assert_eq!(told(&difference.attachments), ["CHANGED 0 0 link sha256"]);
    assert_eq!(told(&difference.confidentiality_claims), ["CHANGED 0 0 ground"]);
}

fn mirrored_fields(fields: Vec<FieldDifference>) -> Vec<FieldDifference> {
    let mirrored = fields.into_iter().map(|it| {
        let FieldDifference { path, before, after } = it;
        FieldDifference { path, before: after, after: before }
    });
    mirrored.collect()
}

/// As the comparison the other way around would tell it, in an order of their own.
fn mirrored<T: async_graphql::OutputType>(items: Vec<ItemDifference<T>>) -> Vec<ItemDifference<T>> {
    let mirrored = items.into_iter().map(|it| ItemDifference {
        change: match it.change {
            Change::Added => Change::Removed,
            Change::Removed => Change::Added,
            Change::Changed => Change::Changed,
        },
        before: it.after,
        after: it.before,
        before_index: it.after_index,
        after_index: it.before_index,
        fields: mirrored_fields(it.fields),
    });
    sorted(mirrored.collect())
}

fn sorted<T: async_graphql::OutputType>(
    mut items: Vec<ItemDifference<T>>,
) -> Vec<ItemDifference<T>> {
    items.sort_by_key(|it| (it.before_index, it.after_index));
    items
}

/// Agreements and arrangements of which many are much alike.
fn many() -> impl Strategy<Value = Statement> {
    let agreement = (
        prop::sample::select(vec![detention(), e_verify(), Agreement::default()]),
        prop::sample::select(vec!["ICE", "CBP"]),
        prop::sample::select(vec!["2024-10-01", "2020-01-01", "soon"]),
        prop::sample::select(vec!["A-1", "a1", "B-2", ""]),
        prop::sample::select(vec!["Beds for 60 people.", "Beds for 80 people.", "Cars."]),
    );
    let agreement = agreement.prop_map(|(item, component, start, number, description)| {
        let fields = json!({
            "component": component, "startDate": start, "identifier": number,
            "description": description
        });
        changed(&item, fields)
    });
    let arrangement = (
        prop::sample::select(vec![plate_reads(), Arrangement::default()]),
        prop::sample::select(vec!["Regional Plate Exchange", "Vehicle Data Pool"]),
        prop::sample::select(vec!["Finding vehicles.", "Finding people.", "Pay."]),
    );
    let arrangement = arrangement.prop_map(|(item, name, purpose)| {
        changed(&item, json!({ "recipientName": name, "purpose": purpose }))
    });
    let lists = (prop::collection::vec(agreement, 0..7), prop::collection::vec(arrangement, 0..5));
    lists.prop_map(|(agreements, arrangements)| {
        let mut statement = with_agreements(agreements);
        statement.data_sharing = with_arrangements(arrangements).data_sharing;
        statement
    })
}

fn any() -> impl Strategy<Value = Statement> {
    prop_oneof![any_statement(), many()]
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(statement in any()) {
        prop_assert_eq!(compare(&statement, &statement), Difference::default());
    }

    #[test]
    fn the_order_of_items_does_not_count(
        (statement, agreements, arrangements) in any().prop_flat_map(|statement| {
            let agreements = Just(statement.dhs.agreements.clone()).prop_shuffle();
            let arrangements = Just(statement.data_sharing.arrangements.clone()).prop_shuffle();
            (Just(statement), agreements, arrangements)
        })
    ) {
        // What is about an item by its place would be about another one.
        let bare = Statement { attachments: vec![], confidentiality_claims: vec![], ..statement };
        let mut shuffled = bare.clone();
        shuffled.dhs.agreements = agreements;
        shuffled.data_sharing.arrangements = arrangements;
        prop_assert_eq!(compare(&bare, &shuffled), Difference::default());
    }

    #[test]
    fn the_other_way_around_is_the_mirror_image(one in any(), other in any()) {
        let (there, back) = (compare(&one, &other), compare(&other, &one));
        prop_assert_eq!(mirrored_fields(there.fields), back.fields);
        prop_assert_eq!(mirrored(there.agreements), sorted(back.agreements));
        prop_assert_eq!(mirrored(there.arrangements), sorted(back.arrangements));
        prop_assert_eq!(mirrored(there.attachments), sorted(back.attachments));
        let (claims, its) = (there.confidentiality_claims, back.confidentiality_claims);
        prop_assert_eq!(mirrored(claims), sorted(its));
    }

    #[test]
    fn every_item_of_either_is_told_or_is_in_both(one in any(), other in any()) {
        let told = compare(&one, &other).agreements;
        let of = |change| told.iter().filter(|it| it.change == change).count();
        let kept = one.dhs.agreements.len() - of(Change::Removed);
        prop_assert_eq!(kept, other.dhs.agreements.len() - of(Change::Added));
        prop_assert!(told.iter().all(|it| (it.change == Change::Changed) != it.fields.is_empty()));
    }
}
