//! Texts with hidden, reordering or too many characters, in every text field.
use candor_tests::fixtures::{agreements_statement, usd};
use candor_tests::steps::{
    FILE_DISCLOSURE, SAVE_DRAFT, detention_agreement, format_user_errors, signatory_attestation,
};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

use super::scene::{Mutation, Scene};
use super::{Case, assert_each_is_refused, assert_unharmed, count_rows, dotted, with};

stories![hidden_and_oversized_texts_are_refused, an_invalid_draft_is_saved_and_not_filed];

/// Returns a megabyte of letters, which still fits a request.
fn flood() -> Value {
    "a".repeat(1_000_000).into()
}

/// Control characters, zero-width and right-to-left marks, in the middle, where trimming does not
/// remove them.
const HIDDEN: &[&str] = &[
    "a\u{0}b",
    "a\u{7}b",
    "a\u{1B}[2Jb",
    "a\u{7F}b",
    "a\u{200B}b",
    "a\u{2060}b",
    "a\u{FEFF}b",
    "a\u{200F}b",
    "a\u{202E}b",
    "a\u{2067}b",
];

async fn hidden_and_oversized_texts_are_refused(app: TestApp) {
    let scene = Scene::create(&app).await;
    let before = count_rows(&app).await;
    for mutation in scene.mutations() {
        for pointer in mutation.texts {
            let case = |value: Value, code: &str| Case {
                token: mutation.token,
                document: mutation.document,
                variables: with(&mutation.variables, pointer, &value),
                expected: vec![format!("{} {code}", dotted(pointer))],
            };
            let hidden = HIDDEN.iter().map(|text| case(json!(text), "invalid"));
            assert_each_is_refused(&app, hidden.chain([case(flood(), "too_long")])).await;
        }
    }
    // All errors are reported at once.
    for mutation in scene.mutations() {
        let all = mutation.texts.iter().fold(mutation.variables.clone(), |all, pointer| {
            with(&all, pointer, &json!("a\u{202E}b"))
        });
        let expected =
            mutation.texts.iter().map(|text| format!("{} invalid", dotted(text))).collect();
        let Mutation { token, document, .. } = mutation;
        assert_each_is_refused(&app, [Case { token, document, variables: all, expected }]).await;
    }
    assert_unharmed(&app, before).await;
}

/// Returns a statement with a value at every path in the next table.
fn statement() -> Value {
    let mut statement = agreements_statement(&[detention_agreement()]);
    statement["dhs"]["agreements"][0]["office"] = json!("Los Angeles");
    statement["dataSharing"] = json!({ "arrangements": [{
        "recipientName": "Regional Plate Exchange", "recipientKind": "DATA_BROKER",
        "dataCategories": ["LICENSE_PLATE_READS"], "whoseData": ["PASSERS_BY"],
        "includesCityData": true, "purpose": "Liens.", "channel": "API", "basis": "SALE",
        "onwardToDhs": "ALLOWED", "startDate": "2025-01-01", "endDate": "2027-01-01",
        "compensation": { "terms": "A fee.", "amount": usd("12") },
    }] });
    statement["attachments"] = json!([{
        "name": "Contract.pdf", "sha256": "ab".repeat(32), "link": "https://files.example/c.pdf",
        "about": ["dhs"],
    }]);
    let ground = "A trade secret.";
    statement["confidentialityClaims"] =
        json!([{ "path": ["dhs", "agreements"], "ground": ground }]);
    statement
}

/// Values typed at a path of the statement, and the expected code.
fn typed() -> Vec<(&'static str, Value, &'static str)> {
    let mut all = Vec::new();
    for pointer in [
        "/dhs/agreements/0/office",
        "/dhs/agreements/0/identifier",
        "/dhs/agreements/0/description",
        "/dhs/agreements/0/compensation/terms",
        "/dataSharing/arrangements/0/recipientName",
        "/dataSharing/arrangements/0/purpose",
        "/dataSharing/arrangements/0/compensation/terms",
        "/attachments/0/name",
        "/confidentialityClaims/0/ground",
    ] {
        all.extend(HIDDEN.iter().map(|text| (pointer, json!(text), "invalid")));
        all.push((pointer, flood(), "too_long"));
    }
    for pointer in [
        "/dhs/agreements/0/compensation/current/amount/amount",
        "/dataSharing/arrangements/0/compensation/amount/amount",
    ] {
        all.extend(AMOUNTS.iter().map(|text| (pointer, json!(text), "invalid")));
        all.push((pointer, "9".repeat(1_000_000).into(), "invalid"));
    }
    for pointer in ["/dhs/agreements/0/startDate", "/dataSharing/arrangements/0/endDate"] {
        all.extend(DAYS.iter().map(|text| (pointer, json!(text), "invalid")));
        all.push((pointer, flood(), "invalid"));
    }
    for pointer in ["/dhs/agreements/0/endDate", "/dataSharing/arrangements/0/endDate"] {
        all.push((pointer, json!("2019-12-31"), "contradiction"));
    }
    let nowhere =
        [json!([]), json!(["dhs", "agreements", "1"]), json!(["\u{0}"]), json!([flood()])];
    let codes = ["required", "invalid", "invalid", "invalid"];
    let nowhere = nowhere.into_iter().zip(codes);
    all.extend(nowhere.map(|(path, code)| ("/confidentialityClaims/0/path", path, code)));
    all.push(("/attachments/0/sha256", flood(), "too_long"));
    all.push(("/attachments/0/link", json!("https://\u{202E}x"), "invalid"));
    all.push(("/dhs/agreements/0/compensation/current/amount/currency", json!("$"), "invalid"));
    all
}

pub const AMOUNTS: &[&str] =
    &["1e400", "-1", "0.001", "NaN", "1,000", "$5", "\u{661}\u{662}", "1\u{200B}", "1\u{0}"];
const DAYS: &[&str] = &["0000-00-00", "9999-12-31", "2026-02-30", "2026-2-3", "soon", "\u{0}"];

/// A draft is stored as typed and reports its gaps; the filing is refused.
async fn an_invalid_draft_is_saved_and_not_filed(app: TestApp) {
    let scene = Scene::create(&app).await;
    let (firm, before) = (&scene.firm, count_rows(&app).await);
    let mut revision = scene.revision;
    for (pointer, value, code) in typed() {
        let statement = with(&statement(), pointer, &value);
        let input = json!({
            "organizationId": firm.id, "revision": revision, "statement": statement
        });
        let saved = app.mutate_ok(&firm.token, SAVE_DRAFT, json!({ "input": input })).await;
        revision += 1;
        assert_eq!(saved["disclosure"]["revision"], revision);
        let expected = format!("statement{} {code}", pointer.replace('/', "."));
        let gaps = format_user_errors(&saved["disclosure"]["gaps"]);
        let typed = value.to_string().chars().take(80).collect::<String>();
        assert!(gaps.contains(&expected), "{pointer} {typed}: {gaps:?}");
        let attestation = signatory_attestation("Acosta Sweeping");
        let input = json!({ "id": scene.draft, "revision": revision, "attestation": attestation });
        let variables = json!({ "input": input });
        let case =
            Case { token: &firm.token, document: FILE_DISCLOSURE, variables, expected: gaps };
        assert_each_is_refused(&app, [case]).await;
    }
    assert_unharmed(&app, before).await;
}
