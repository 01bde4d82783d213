//! Sample statements for the unit tests of the rules.
use proptest::prelude::*;
use serde_json::{Value, json};

use super::statement::validate_answers;
use crate::disclosure::model::{Agreement, Arrangement, Statement};
use crate::gate::{DhsComponent, EntityScope, Questions, RecipientKind, WithheldGround};

/// The questions of policy version 1.
pub fn version_1_questions() -> Questions {
    let questions = json!({
        "entityScope": ["SELF", "JOINT_VENTURE_MEMBER"],
        "lookBackMonths": 0,
        "askProposed": false,
        "programParticipation": "SHORT_FORM",
        "includeSubawards": true,
        "mustBeNamed": [
            "FEDERAL_AGENCY", "STATE_OR_LOCAL_AGENCY", "LAW_ENFORCEMENT", "DATA_BROKER", "BUYER",
            "AFFILIATE"
        ]
    });
    from_json(questions)
}

/// The errors that prevent filing: each dotted path, and its code.
pub fn filing_errors(statement: &Statement) -> Vec<String> {
    let errors =
        validate_answers(statement, &version_1_questions()).expect_err("an invalid statement");
    errors.iter().map(|error| format!("{} {}", error.path.join("."), error.code())).collect()
}

/// A statement that attests neither agreements nor data sharing.
pub fn none_attested() -> Statement {
    from_json(json!({ "dhs": { "noneAttested": true }, "dataSharing": { "noneAttested": true } }))
}

/// A statement with these agreements and no data sharing.
pub fn with_agreements(agreements: impl Into<Vec<Agreement>>) -> Statement {
    let mut statement = none_attested();
    statement.dhs.none_attested = false;
    statement.dhs.agreements = agreements.into();
    statement
}

/// A statement with these arrangements and no agreements.
pub fn with_arrangements(arrangements: impl Into<Vec<Arrangement>>) -> Statement {
    let mut statement = none_attested();
    statement.data_sharing.none_attested = false;
    statement.data_sharing.arrangements = arrangements.into();
    statement
}

/// An enrollment in a program, with the required fields only.
pub fn e_verify_agreement() -> Agreement {
    from_json(json!({
        "component": "USCIS", "kind": "PROGRAM_PARTICIPATION", "program": "E-Verify",
        "startDate": "2019-03-01"
    }))
}

/// A contract with the required fields, an identifier and a NAICS code.
pub fn detention_agreement() -> Agreement {
    from_json(json!({
        "holder": { "relation": "SELF" },
        "component": "ICE",
        "kind": "CONTRACT",
        "identifier": "70CDCR24D00000004",
        "startDate": "2024-10-01",
        "endDate": "2027-09-30",
        "stateAtSigning": "IN_FORCE",
        "natureOfWork": ["DETENTION", "FOOD"],
        "description": "Beds and meals for 60 people in custody.",
        "naics": "561612",
        "compensation": {
            "pricing": "UNIT_PRICE",
            "current": {
                "certainty": "KNOWN", "amount": { "amount": "1250000", "currency": "USD" }
            },
            "terms": "A price for each bed and night, invoiced monthly."
        }
    }))
}

/// An arrangement with a named recipient, with the required fields only.
pub fn plate_reads_arrangement() -> Arrangement {
    from_json(json!({
        "recipientName": "Regional Plate Exchange",
        "recipientKind": "DATA_BROKER",
        "dataCategories": ["LICENSE_PLATE_READS"],
        "whoseData": ["PASSERS_BY"],
        "includesCityData": true,
        "purpose": "Finding vehicles that are under a lien.",
        "channel": "API",
        "basis": "SALE",
        "onwardToDhs": "ALLOWED",
        "startDate": "2025-01-01",
        "ongoing": true
    }))
}

/// A statement with items in both sections, an attachment and a claim.
pub fn full_statement() -> Statement {
    let mut statement = with_agreements([detention_agreement(), e_verify_agreement()]);
    statement.data_sharing = with_arrangements([plate_reads_arrangement()]).data_sharing;
    statement.attachments = from_json(json!([{
        "name": "Contract, redacted.pdf",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "link": "https://files.example.com/contract.pdf",
        "about": ["dhs", "agreements", "0"]
    }]));
    statement.confidentiality_claims = from_json(json!([{
        "path": ["dhs", "agreements", "0", "compensation", "terms"],
        "ground": "A trade secret (Evidence Code 1060)."
    }]));
    statement
}

/// The item with these fields replaced; null removes a field.
pub fn with_fields<T: serde::Serialize + serde::de::DeserializeOwned>(
    item: &T,
    fields: Value,
) -> T {
    let mut json = serde_json::to_value(item).expect("a part is JSON");
    let Value::Object(fields) = fields else { panic!("changes are fields") };
    for (name, value) in fields {
        json[name] = value;
    }
    let parts = json.as_object_mut().expect("a part has fields");
    parts.retain(|_, value| !value.is_null());
    from_json(json)
}

/// A value parsed from JSON.
pub fn from_json<T: serde::de::DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).expect("the sample has this shape")
}

/// Arbitrary statements: complete ones with parts removed, replaced, duplicated and filled with
/// arbitrary input.
pub fn any_statement() -> impl Strategy<Value = Statement> {
    let start = prop_oneof![
        Just(full_statement()),
        Just(none_attested()),
        Just(Statement::default()),
        Just(with_agreements([Agreement::default()])),
        Just(with_arrangements([Arrangement::default()])),
    ];
    let absent = [
        "office",
        "componentName",
        "kindName",
        "tier",
        "prime",
        "primeAward",
        "psc",
        "ongoing",
        "placeOfPerformance",
        "obligated",
        "ceiling",
        "paidToDate",
        "reason",
        "withheld",
        "endDate",
        "startUnknownReason",
        "recipientClass",
        "recipientCount",
        "recipientComponent",
        "onwardComponent",
        "safeguards",
        "compensation",
        "certainty",
        "amount",
        "note",
        "holder",
        "agreements",
        "arrangements",
    ];
    let absent = prop::sample::select(absent.to_vec());
    let change = (any::<prop::sample::Index>(), absent, any_leaf());
    (start, prop::collection::vec(change, 0..12)).prop_map(|(start, changes)| {
        changes.into_iter().fold(start, |statement, (index, absent, leaf)| {
            let mut json = serde_json::to_value(&statement).expect("a statement is JSON");
            let pointers = pointers(&json);
            let pointer = &pointers[index.index(pointers.len())];
            match json.pointer_mut(pointer).expect("a value at its pointer") {
                Value::Object(fields) if !fields.contains_key(absent) => {
                    fields.insert(absent.to_owned(), leaf);
                }
                value => *value = leaf,
            }
            // If the leaf does not fit, keep the previous statement.
            serde_json::from_value(json).unwrap_or(statement)
        })
    })
}

fn any_leaf() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        " ",
        "\u{0}",
        "\u{200B}",
        "\u{202E}x",
        "e\u{301}",
        "\u{1F468}\u{200D}\u{1F33E}",
        "-1",
        "0.001",
        "1e400",
        "NaN",
        "12",
        "99999999999999999999",
        "0000-00-00",
        "9999-12-31",
        "2023-02-29",
        "2023-01-01",
        "2023-01",
        "2023",
        "ICE",
        "OTHER",
        "UNKNOWN",
        "KNOWN",
        "UNPAID",
        "SUBCONTRACT",
        "PROGRAM_PARTICIPATION",
        "PROCESSOR",
        "usd",
        "JPY",
        "http://x",
        "https://",
        "https://[",
        "dhs",
        "compensation",
        "compensation.current",
        "withheld",
    ];
    let parts = ["component", "compensation", "compensation.current", "startDate", "purpose", ""];
    let withheld = |path: &str| {
        let path: Vec<_> = path.split('.').collect();
        json!({ "path": path, "ground": WithheldGround::Classified.as_str() })
    };
    prop_oneof![
        4 => prop::sample::select(texts.to_vec()).prop_map(Value::from),
        2 => any::<String>().prop_map(Value::from),
        1 => "[a\\u{301} ]{290,320}".prop_map(Value::from),
        1 => any::<i32>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!([])),
        1 => Just(json!({})),
        1 => prop::collection::vec(prop::sample::select(texts.to_vec()), 0..4).prop_map(Value::from),
        2 => prop::sample::subsequence(parts.to_vec(), 0..4)
            .prop_map(move |paths| paths.into_iter().map(withheld).collect()),
        1 => prop::sample::select(RecipientKind::ALL).prop_map(|it| it.as_str().into()),
        1 => prop::sample::select(DhsComponent::ALL).prop_map(|it| it.as_str().into()),
        1 => prop::sample::select(EntityScope::ALL).prop_map(|it| it.as_str().into()),
        1 => Just(from_json(serde_json::to_value([detention_agreement(), e_verify_agreement()]).expect("JSON"))),
    ]
}

/// The JSON pointers to every value inside a JSON value, itself first.
fn pointers(json: &Value) -> Vec<String> {
    let mut all = vec![String::new()];
    let inner: Vec<(String, &Value)> = match json {
        Value::Object(fields) => fields.iter().map(|(name, it)| (name.clone(), it)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, it)| (index.to_string(), it)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in inner {
        all.extend(pointers(value).into_iter().map(|rest| format!("/{name}{rest}")));
    }
    all
}
