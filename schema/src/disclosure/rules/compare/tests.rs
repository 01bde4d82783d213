//! Tests of statement comparison, by example and by property.
use proptest::prelude::*;
use serde_json::{Value, json};

use super::compare_statements;
use crate::disclosure::model::{
    Agreement, Arrangement, Difference, FieldDifference, ItemChange, ItemDifference, Statement,
};
use crate::disclosure::rules::samples::{
    any_statement, detention_agreement, e_verify_agreement, from_json, full_statement,
    none_attested, plate_reads_arrangement, with_agreements, with_arrangements, with_fields,
};

fn paths(fields: &[FieldDifference]) -> Vec<String> {
    fields.iter().map(|field| field.path.join(".")).collect()
}

/// Each item's change, its indexes, and the fields that differ.
fn summaries<T: async_graphql::OutputType>(items: &[ItemDifference<T>]) -> Vec<String> {
    let summaries = items.iter().map(|it| {
        let index = |index: Option<usize>| index.map_or("-".to_owned(), |index| index.to_string());
        let (before, after) = (index(it.before_index), index(it.after_index));
        format!("{} {before} {after} {}", it.change.as_str(), paths(&it.fields).join(" "))
    });
    summaries.map(|summary| summary.trim_end().to_owned()).collect()
}

fn agreement_summaries(before: &[Agreement], after: &[Agreement]) -> Vec<String> {
    summaries(&compare_statements(&with_agreements(before), &with_agreements(after)).agreements)
}

#[test]
fn fields_outside_the_lists_are_reported_by_path() {
    let difference = compare_statements(&none_attested(), &with_agreements([e_verify_agreement()]));
    assert_eq!(paths(&difference.fields), ["dhs.noneAttested"]);
    let field = &difference.fields[0];
    assert_eq!(field.before.as_ref().map(|it| &it.0), Some(&json!(true)));
    assert_eq!(field.after, None);
    assert_eq!(summaries(&difference.agreements), ["ADDED - 0"]);
}

#[test]
fn items_are_paired_by_content() {
    let (contract, later) = (
        detention_agreement(),
        with_fields(&e_verify_agreement(), json!({ "startDate": "2020-01-01" })),
    );
    let dearer = json!({ "compensation": { "pricing": "UNIT_PRICE", "current": {
        "certainty": "KNOWN", "amount": { "amount": "1300000", "currency": "USD" } },
        "terms": "A price for each bed and night, invoiced monthly." } });
    let dearer = with_fields(&contract, dearer);
    assert_eq!(
        agreement_summaries(&[contract, e_verify_agreement()], &[later, dearer]),
        ["CHANGED 1 0 startDate", "CHANGED 0 1 compensation.current.amount.amount",]
    );
}

#[test]
fn a_start_by_year_is_the_same_start_as_a_day_in_it() {
    let enrolled = |program: &str, start: &str| {
        with_fields(&e_verify_agreement(), json!({ "program": program, "startDate": start }))
    };
    // The start alone tells which of the two enrollments was renamed.
    let before = [enrolled("Bond 1", "2009"), enrolled("Bond 2", "2019")];
    let after = [enrolled("Bond A", "2019-03-01"), enrolled("Bond B", "2009-06")];
    assert_eq!(
        agreement_summaries(&before, &after),
        ["CHANGED 1 0 program startDate", "CHANGED 0 1 program startDate"]
    );
    let unknown = json!({ "startDate": null, "startUnknownReason": "Lost." });
    let unknown = with_fields(&e_verify_agreement(), unknown);
    assert_eq!(
        agreement_summaries(&[e_verify_agreement()], &[unknown]),
        ["CHANGED 0 0 startDate startUnknownReason"]
    );
}

#[test]
fn a_number_is_compared_without_dashes_and_case() {
    let change = json!({
        "identifier": " 70cdcr-24d 00000004", "component": "CBP", "kind": "LEASE",
        "startDate": "2001-01-01", "description": "Cars.", "natureOfWork": ["LEGAL"]
    });
    let moved = with_fields(&detention_agreement(), change);
    let fields = "CHANGED 0 0 component description identifier kind natureOfWork startDate";
    assert_eq!(agreement_summaries(&[detention_agreement()], &[moved]), [fields]);
    // An equal number outweighs all other equal fields.
    let other = with_fields(&detention_agreement(), json!({ "identifier": "70CDCR24D00000005" }));
    let same =
        with_fields(&detention_agreement(), json!({ "description": "Buses.", "component": "CBP" }));
    let summaries = agreement_summaries(&[detention_agreement()], &[other, same]);
    assert_eq!(summaries, ["ADDED - 0", "CHANGED 0 1 component description"]);
}

#[test]
fn items_without_identifying_fields_in_common_are_not_paired() {
    let other = json!({
        "identifier": "70CDCR11P00000009", "startDate": "2011-05-01", "endDate": "2012-05-01",
        "description": "Legal advice."
    });
    let other = with_fields(&detention_agreement(), other);
    assert_eq!(
        agreement_summaries(&[detention_agreement()], &[other]),
        ["ADDED - 0", "REMOVED 0 -"]
    );
    let broker = json!({ "recipientName": "Vehicle Data Pool", "purpose": "Parking." });
    let before = with_arrangements([plate_reads_arrangement()]);
    let after = with_arrangements([with_fields(&plate_reads_arrangement(), broker)]);
    assert_eq!(
        summaries(&compare_statements(&before, &after).arrangements),
        ["ADDED - 0", "REMOVED 0 -"]
    );
}

#[test]
fn an_arrangement_is_identified_by_its_recipient() {
    let more = json!({ "dataCategories": ["GEOLOCATION", "LICENSE_PLATE_READS"], "basis": null });
    let before = with_arrangements([plate_reads_arrangement()]);
    let after = with_arrangements([with_fields(&plate_reads_arrangement(), more)]);
    let summaries = summaries(&compare_statements(&before, &after).arrangements);
    assert_eq!(summaries, ["CHANGED 0 0 basis dataCategories"]);
}

#[test]
fn blanks_order_and_decimals_are_no_difference() {
    let statement = with_fields(&full_statement(), json!({}));
    let mut statement: Value = serde_json::to_value(statement).expect("JSON");
    let agreement = &mut statement["dhs"]["agreements"][0];
    agreement["natureOfWork"] = json!(["FOOD", "DETENTION"]);
    agreement["office"] = json!("  ");
    agreement["identifier"] = json!(" 70CDCR24D00000004 ");
    agreement["compensation"]["current"]["amount"]["amount"] = json!(" 1250000.00");
    assert_eq!(compare_statements(&full_statement(), &from_json(statement)), Difference::default());
}

#[test]
fn attachments_and_claims_follow_the_item_they_refer_to() {
    let mut other = full_statement();
    other.dhs.agreements.reverse();
    other.attachments[0].about[2] = "1".into();
    other.confidentiality_claims[0].path[2] = "1".into();
    assert_eq!(compare_statements(&full_statement(), &other), Difference::default());
    // With unchanged paths, they refer to the other agreement.
    let mut other = full_statement();
    other.dhs.agreements.reverse();
    let difference = compare_statements(&full_statement(), &other);
    assert_eq!(summaries(&difference.attachments), ["CHANGED 0 0 about"]);
    let about = difference.attachments[0].fields[0].before.as_ref().map(|it| &it.0);
    assert_eq!(about, Some(&json!(["dhs", "agreements", "0"])));
    let claims = summaries(&difference.confidentiality_claims);
    assert_eq!(claims, ["ADDED - 0", "REMOVED 0 -"]);
    let mut other = full_statement();
    other.attachments[0].sha256 = other.attachments[0].sha256.as_ref().map(|it| it.to_uppercase());
    other.attachments[0].link = Some("https://files.example.com/elsewhere.pdf".into());
    other.confidentiality_claims[0].ground = Some("Another ground.".into());
    let difference = compare_statements(&full_statement(), &other);
    assert_eq!(summaries(&difference.attachments), ["CHANGED 0 0 link sha256"]);
    assert_eq!(summaries(&difference.confidentiality_claims), ["CHANGED 0 0 ground"]);
}

fn mirrored_fields(fields: Vec<FieldDifference>) -> Vec<FieldDifference> {
    let mirrored = fields.into_iter().map(|it| {
        let FieldDifference { path, before, after } = it;
        FieldDifference { path, before: after, after: before }
    });
    mirrored.collect()
}

/// The differences with the statements exchanged, sorted.
fn mirrored<T: async_graphql::OutputType>(items: Vec<ItemDifference<T>>) -> Vec<ItemDifference<T>> {
    let mirrored = items.into_iter().map(|it| ItemDifference {
        change: match it.change {
            ItemChange::Added => ItemChange::Removed,
            ItemChange::Removed => ItemChange::Added,
            ItemChange::Changed => ItemChange::Changed,
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

/// Statements in which many agreements and arrangements are similar.
fn similar_items_statement() -> impl Strategy<Value = Statement> {
    let agreement = (
        prop::sample::select(vec![
            detention_agreement(),
            e_verify_agreement(),
            Agreement::default(),
        ]),
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
        with_fields(&item, fields)
    });
    let arrangement = (
        prop::sample::select(vec![plate_reads_arrangement(), Arrangement::default()]),
        prop::sample::select(vec!["Regional Plate Exchange", "Vehicle Data Pool"]),
        prop::sample::select(vec!["Finding vehicles.", "Finding people.", "Pay."]),
    );
    let arrangement = arrangement.prop_map(|(item, name, purpose)| {
        with_fields(&item, json!({ "recipientName": name, "purpose": purpose }))
    });
    let lists = (prop::collection::vec(agreement, 0..7), prop::collection::vec(arrangement, 0..5));
    lists.prop_map(|(agreements, arrangements)| {
        let mut statement = with_agreements(agreements);
        statement.data_sharing = with_arrangements(arrangements).data_sharing;
        statement
    })
}

fn any_statement_or_similar() -> impl Strategy<Value = Statement> {
    prop_oneof![any_statement(), similar_items_statement()]
}

proptest! {
    #[test]
    fn a_statement_equals_itself(statement in any_statement_or_similar()) {
        prop_assert_eq!(compare_statements(&statement, &statement), Difference::default());
    }

    #[test]
    fn the_order_of_items_does_not_matter(
        (statement, agreements, arrangements) in any_statement_or_similar().prop_flat_map(|statement| {
            let agreements = Just(statement.dhs.agreements.clone()).prop_shuffle();
            let arrangements = Just(statement.data_sharing.arrangements.clone()).prop_shuffle();
            (Just(statement), agreements, arrangements)
        })
    ) {
        // Paths by index would refer to other items after shuffling.
        let without_paths = Statement { attachments: vec![], confidentiality_claims: vec![], ..statement };
        let mut shuffled = without_paths.clone();
        shuffled.dhs.agreements = agreements;
        shuffled.data_sharing.arrangements = arrangements;
        prop_assert_eq!(compare_statements(&without_paths, &shuffled), Difference::default());
    }

    #[test]
    fn exchanging_the_statements_mirrors_the_differences(before in any_statement_or_similar(), after in any_statement_or_similar()) {
        let forward = compare_statements(&before, &after);
        let back = compare_statements(&after, &before);
        prop_assert_eq!(mirrored_fields(forward.fields), back.fields);
        prop_assert_eq!(mirrored(forward.agreements), sorted(back.agreements));
        prop_assert_eq!(mirrored(forward.arrangements), sorted(back.arrangements));
        prop_assert_eq!(mirrored(forward.attachments), sorted(back.attachments));
        let claims = back.confidentiality_claims;
        prop_assert_eq!(mirrored(forward.confidentiality_claims), sorted(claims));
    }

    #[test]
    fn every_item_is_paired_added_or_removed(before in any_statement_or_similar(), after in any_statement_or_similar()) {
        let differences = compare_statements(&before, &after).agreements;
        let count = |change| differences.iter().filter(|it| it.change == change).count();
        let paired = before.dhs.agreements.len() - count(ItemChange::Removed);
        prop_assert_eq!(paired, after.dhs.agreements.len() - count(ItemChange::Added));
        prop_assert!(differences.iter().all(|it| (it.change == ItemChange::Changed) != it.fields.is_empty()));
    }
}
