//! Invisible characters and every kind of white space, in every text field.
use candor_tests::fixtures::{agreements_statement, usd};
use candor_tests::steps::{
    CREATE_ORGANIZATION, CREATE_SOLICITATION, FILE_DISCLOSURE, INVITE_MEMBER, REJECT_DISCLOSURE,
    REQUEST_CLARIFICATION, SAVE_DRAFT, SUBMIT_BID, detention_agreement, signatory_attestation,
    text,
};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

use super::scene::{Mutation, Scene};
use super::{assert_unharmed, count_rows, dotted, with};

stories![a_hidden_character_is_reported, white_space_is_one_blank_or_a_line_break];

/// One of each kind that is refused: zero-width space, direction embedding and override, isolate,
/// soft hyphen, byte order mark, variation selector, filler, tag, private use, unassigned.
const HIDDEN: [char; 12] = [
    '\u{200B}',
    '\u{202A}',
    '\u{202E}',
    '\u{2066}',
    '\u{AD}',
    '\u{FEFF}',
    '\u{FE0F}',
    '\u{3164}',
    '\u{E0041}',
    '\u{2800}',
    '\u{E000}',
    '\u{378}',
];

/// A line as typed and as stored: any white space becomes one blank, and joiners remain only inside
/// words.
const LINE_TYPED_AND_STORED: [&str; 2] = [
    "\u{200D}\n Prime\u{A0}\u{2003}\r\nPaving\t\u{3000}می\u{200C}خواهم\u{2028}क्\u{200D}ष\u{200C} Co\u{85}",
    "Prime Paving می\u{200C}خواهم क्\u{200D}ष Co",
];
/// Several lines as typed and as stored.
const PROSE_TYPED_AND_STORED: [&str; 2] = [
    "\u{A0}\r\nFirst\u{A0}line\u{200D}\r\n\u{2028}\tsecond می\u{200C}خواهم\rthird\u{85}",
    "First line\n\n\tsecond می\u{200C}خواهم\nthird",
];

async fn a_hidden_character_is_reported(app: TestApp) {
    let scene = Scene::create(&app).await;
    let before = count_rows(&app).await;
    let reviewer = app.reviewer_token();
    let mut mutations = scene.mutations();
    mutations.extend([
        Mutation {
            token: &reviewer,
            document: REQUEST_CLARIFICATION,
            variables: json!({ "input": {
                "disclosureId": scene.disclosure, "question": "Which office?",
                "dueOn": "2026-02-18",
            } }),
            texts: &["/input/question"],
        },
        Mutation {
            token: &reviewer,
            document: REJECT_DISCLOSURE,
            variables: json!({ "input": {
                "disclosureId": scene.disclosure, "reasons": ["NOT_AUTHORIZED"],
                "explanation": "No resolution.",
            } }),
            texts: &["/input/explanation"],
        },
    ]);
    for (index, mutation) in mutations.iter().enumerate() {
        for (place, pointer) in mutation.texts.iter().enumerate() {
            // Each text with three of them, so that all are sent within a few texts.
            for step in 0..3 {
                let hidden = HIDDEN[(index + place + step * 4) % HIDDEN.len()];
                let typed = json!(format!("a\u{301}{hidden}b"));
                let variables = with(&mutation.variables, pointer, &typed);
                let payload = app.mutate(mutation.token, mutation.document, variables).await;
                let errors = payload["userErrors"].as_array().expect("errors");
                let [error] = &errors[..] else { panic!("{pointer} {typed}: {payload:#}") };
                assert_eq!(steps(&error["path"]), dotted(pointer), "{payload:#}");
                let expected = format!("Character 3 is U+{:04X},", u32::from(hidden));
                let message = text(&error["message"]);
                assert!(
                    message.starts_with(&expected),
                    "{} {pointer}: {message}",
                    mutation.document
                );
            }
        }
    }
    assert_unharmed(&app, before).await;
}

fn steps(path: &Value) -> String {
    let path = path.as_array().expect("a path").iter();
    path.map(text).collect::<Vec<_>>().join(".")
}

async fn white_space_is_one_blank_or_a_line_break(app: TestApp) {
    let [line, stored_line] = LINE_TYPED_AND_STORED;
    let [prose, stored_prose] = PROSE_TYPED_AND_STORED;
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Acosta Sweeping").await;

    let input = json!({ "input": { "kind": "CORPORATION", "legalName": line } });
    let created = app.mutate_ok(&firm.token, CREATE_ORGANIZATION, input).await;
    assert_eq!(created["organization"]["legalName"], stored_line);

    let input = json!({ "input": {
        "departmentId": department.id, "number": " RFB\u{A0}\n7 ", "title": line,
        "description": prose, "method": "BIDS", "dueAt": "2026-03-10T22:00:00Z",
    } });
    let created = app.mutate_ok(&department.token, CREATE_SOLICITATION, input).await;
    assert_eq!(created["solicitation"]["number"], "RFB 7");
    let drafted = "query($id: ID!) { solicitation(id: $id) { title description } }";
    let id = json!({ "id": created["solicitation"]["id"] });
    let data = app.query(&department.token, drafted, id).await;
    assert_eq!(data["solicitation"], json!({ "title": stored_line, "description": stored_prose }));

    let mut statement = agreements_statement(&[detention_agreement()]);
    statement["dhs"]["agreements"][0]["office"] = json!(line);
    statement["dhs"]["agreements"][0]["description"] = json!(prose);
    let input = json!({ "organizationId": firm.id, "statement": statement });
    let saved = app.mutate_ok(&firm.token, SAVE_DRAFT, json!({ "input": input })).await;
    let mut attestation = signatory_attestation("Acosta Sweeping");
    attestation["name"] = json!(line);
    attestation["city"] = json!("Los\u{A0}\nAngeles");
    let input = json!({
        "id": saved["disclosure"]["id"], "revision": saved["disclosure"]["revision"],
        "attestation": attestation,
    });
    let filed = app.mutate_ok(&firm.token, FILE_DISCLOSURE, json!({ "input": input })).await;
    let filed = &filed["disclosure"];
    assert_eq!(filed["attestation"]["name"], stored_line);
    let signed = text(&filed["attestation"]["text"]);
    assert!(signed.ends_with(" at Los Angeles, CA."), "{signed}");
    let canonical = text(&filed["canonical"]);
    let stated: Value = serde_json::from_str(&canonical).expect("a statement");
    let agreement = &stated["dhs"]["agreements"][0];
    assert_eq!(agreement["office"], stored_line);
    assert_eq!(agreement["description"], stored_prose);

    let published = app.publish_solicitation(&department, "2026-03-10T22:00:00Z").await;
    let input = json!({ "input": {
        "solicitationId": published, "organizationId": firm.id, "amount": usd("100000"),
        "subcontractors": [{ "name": line, "amount": usd("30000") }],
    } });
    let bid = app.mutate_ok(&firm.token, SUBMIT_BID, input).await;
    let named = "query($id: ID!) { node(id: $id) { ... on Bid {
        subcontractors { party { name } } } } }";
    let data = app.query(&firm.token, named, json!({ "id": bid["bid"]["id"] })).await;
    assert_eq!(data["node"]["subcontractors"][0]["party"]["name"], stored_line);

    // White space around an address is ignored; inside, the address is invalid.
    let invite = |email: &str| {
        let input = json!({ "organizationId": firm.id, "email": email, "role": "PREPARER" });
        json!({ "input": input })
    };
    let invited =
        app.mutate_ok(&firm.token, INVITE_MEMBER, invite("\u{A0}new@firm.example\r\n")).await;
    assert_eq!(invited["member"]["email"], "new@firm.example");
    for inside in ["ne\nw@firm.example", "ne\u{A0}w@firm.example", "ne\u{200C}w@firm.example"] {
        let errors = app.mutation_errors(&firm.token, INVITE_MEMBER, invite(inside)).await;
        assert_eq!(errors, ["input.email invalid"], "{inside:?}");
    }

    let reviewer = app.reviewer_token();
    let input = json!({ "disclosureId": filed["id"], "question": prose, "dueOn": "2026-02-18" });
    let payload = app.mutate_ok(&reviewer, REQUEST_CLARIFICATION, json!({ "input": input })).await;
    assert_eq!(payload["disclosure"]["clarifications"][0]["question"], stored_prose);
    let rival = app.register_firm("Rival Paving").await;
    let other =
        app.file_and_load_disclosure(&rival, agreements_statement(&[detention_agreement()])).await;
    let input = json!({
        "disclosureId": other["id"], "reasons": ["NOT_AUTHORIZED"], "explanation": prose,
    });
    let rejected = app.mutate_ok(&reviewer, REJECT_DISCLOSURE, json!({ "input": input })).await;
    assert_eq!(rejected["disclosure"]["reviews"][0]["explanation"], stored_prose);
    app.assert_verifies().await;
}
