//! A bidder drafts a disclosure, and a signatory files it.
use candor_tests::fixtures::{agreements_statement, no_dealings};
use candor_tests::steps::{
    FILE_DISCLOSURE, SAVE_DRAFT, WITHDRAW_DISCLOSURE, detention_agreement, format_user_errors,
    signatory_attestation, text,
};
use candor_tests::{Role, TestApp, first_policy, stories};
use serde_json::{Value, json};

stories![
    a_draft_is_stored_as_typed,
    all_gaps_are_reported_at_once,
    a_stale_revision_is_refused,
    a_preparer_cannot_file,
    the_signed_digest_is_of_the_canonical_text,
    a_filing_supersedes_the_last_and_history_is_complete,
    a_withdrawn_disclosure_is_not_current,
    a_draft_is_private_to_its_organization,
];

const DRAFT: &str =
    "query($id: ID!) { disclosure(id: $id) { status revision version sha256 gaps { path code }
    statement {
        dhs { noneAttested agreements {
            component program kind office startDate endDate ongoing description identifier
            compensation { current { certainty amount { amount currency } reason } } } }
        dataSharing { noneAttested arrangements { recipientName recipientCount } } } } }";

/// Returns a statement with invalid values; none may be lost before it is fixed.
fn malformed_statement() -> Value {
    json!({
        "dhs": { "agreements": [{
            "component": "USCIS",
            "program": "  E\u{2011}Verify \u{202E}?\u{200B}\u{0} ",
            "office": "Cafe\u{301}",
            "startDate": "0000-00-00",
            "endDate": "soon",
            "description": "two\nlines\t& 'quotes' \"double\" \\ 😀",
            "identifier": " 70-cdcr/24 ",
            "compensation": { "current": { "amount": { "amount": "1e400", "currency": "$" } } },
        }] },
        "dataSharing": { "noneAttested": true, "arrangements": [{ "recipientCount": -3 }] },
    })
}

async fn a_draft_is_stored_as_typed(app: TestApp) {
    let firm = app.register_firm("Acosta Sweeping").await;
    let mut typed = malformed_statement();
    // PostgreSQL text cannot contain NUL; drafts are stored as JSON, where it is escaped.
    let (id, revision) = app.save_draft(&firm, typed.clone()).await;
    assert_eq!(revision, 1);
    let draft = app.query(&firm.token, DRAFT, json!({ "id": id })).await["disclosure"].take();
    assert_eq!(draft["status"], "DRAFT");
    assert_eq!((&draft["version"], &draft["sha256"]), (&Value::Null, &Value::Null));
    let agreement = &mut typed["dhs"]["agreements"][0];
    let read = &draft["statement"]["dhs"]["agreements"][0];
    let fields =
        ["component", "program", "office", "startDate", "endDate", "description", "identifier"];
    for field in fields {
        assert_eq!(read[field], agreement[field], "{field}");
    }
    let amount = &read["compensation"]["current"]["amount"];
    assert_eq!(amount, &agreement["compensation"]["current"]["amount"]);
    let sharing = &draft["statement"]["dataSharing"];
    assert_eq!(sharing["noneAttested"], true);
    assert_eq!(sharing["arrangements"][0]["recipientCount"], -3);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM filing").await, 0);
    let entries = "SELECT COUNT(*) FROM ledger WHERE subject LIKE 'disc_%'";
    assert_eq!(app.select_number(entries).await, 0, "a draft save adds no ledger entry");
}

async fn all_gaps_are_reported_at_once(app: TestApp) {
    let firm = app.register_firm("Acosta Sweeping").await;
    let (id, _) = app.save_draft(&firm, malformed_statement()).await;
    let read = app.query(&firm.token, DRAFT, json!({ "id": id })).await;
    let gaps = format_user_errors(&read["disclosure"]["gaps"]);
    let of_agreement = |part: &str| format!("statement.dhs.agreements.0.{part}");
    for (part, code) in [
        ("program", "invalid"),
        ("startDate", "invalid"),
        ("endDate", "invalid"),
        ("kind", "required"),
        ("holder", "required"),
        ("stateAtSigning", "required"),
        ("natureOfWork", "required"),
        ("compensation.pricing", "required"),
        ("compensation.terms", "required"),
        ("compensation.current.amount.amount", "invalid"),
        ("compensation.current.certainty", "required"),
    ] {
        let gap = format!("{} {code}", of_agreement(part));
        assert!(gaps.contains(&gap), "{gap} is not among {gaps:#?}");
    }
    let contradiction = "statement.dataSharing.noneAttested contradiction".to_owned();
    assert!(gaps.contains(&contradiction), "{gaps:#?}");

    // Filing reports the same gaps and those of the attestation, and files nothing.
    let mut unsigned = signatory_attestation("Acosta Sweeping");
    unsigned["agreed"] = json!(false);
    unsigned["title"] = json!(" ");
    let input = json!({ "id": id, "revision": 1, "attestation": unsigned });
    let refused =
        app.mutation_errors(&firm.token, FILE_DISCLOSURE, json!({ "input": input })).await;
    let signing = ["input.attestation.agreed required", "input.attestation.title required"];
    assert_eq!(refused, [gaps, signing.map(str::to_owned).to_vec()].concat());
    assert_eq!(app.select_number("SELECT COUNT(*) FROM filing").await, 0);
    assert_eq!(
        app.select_number("SELECT COUNT(*) FROM disclosure_draft WHERE revision = 1").await,
        1
    );
}

async fn a_stale_revision_is_refused(app: TestApp) {
    let firm = app.register_firm("Acosta Sweeping").await;
    let preparer = app.invite_member(&firm, "PREPARER").await;
    let (id, _) = app.save_draft(&firm, json!({ "dhs": { "noneAttested": true } })).await;
    let save = |revision: Value| {
        let statement = json!({ "dataSharing": { "noneAttested": true } });
        let mut input = json!({ "organizationId": firm.id, "statement": statement });
        input["revision"] = revision;
        json!({ "input": input })
    };
    let saved = app.mutate_ok(&preparer, SAVE_DRAFT, save(json!(1))).await;
    assert_eq!(saved["disclosure"]["revision"], 2);
    // A client that read revision 1, or none, has not seen the other save.
    for revision in [json!(1), json!(3), json!(-1), Value::Null] {
        let fault = app.fault_code(&firm.token, SAVE_DRAFT, save(revision.clone())).await;
        assert_eq!(fault, "CONFLICT", "{revision}");
    }
    let input =
        json!({ "id": id, "revision": 1, "attestation": signatory_attestation("Acosta Sweeping") });
    assert_eq!(
        app.fault_code(&firm.token, FILE_DISCLOSURE, json!({ "input": input })).await,
        "CONFLICT"
    );
    let discard = "mutation($id: ID!, $revision: Int!) {
        discardDisclosureDraft(id: $id, revision: $revision) { discardedId userErrors { code path } } }";
    let old = json!({ "id": id, "revision": 1 });
    assert_eq!(app.fault_code(&firm.token, discard, old).await, "CONFLICT");

    let draft = app.query(&firm.token, DRAFT, json!({ "id": id })).await["disclosure"].take();
    assert_eq!(draft["revision"], 2);
    assert_eq!(draft["statement"]["dhs"]["noneAttested"], false);
    assert_eq!(draft["statement"]["dataSharing"]["noneAttested"], true);

    let withdrawn = app.mutate_ok(&firm.token, discard, json!({ "id": id, "revision": 2 })).await;
    assert_eq!(withdrawn["discardedId"], json!(id));
    assert_eq!(app.fault_code(&firm.token, SAVE_DRAFT, save(json!(2))).await, "CONFLICT");
    app.mutate_ok(&firm.token, SAVE_DRAFT, save(Value::Null)).await;
}

async fn a_preparer_cannot_file(app: TestApp) {
    let firm = app.register_firm("Acosta Sweeping").await;
    let preparer = app.invite_member(&firm, "PREPARER").await;
    let signatory = app.invite_member(&firm, "SIGNATORY").await;
    let (id, revision) = app.save_draft(&firm, no_dealings()).await;
    let input = json!({ "id": id, "revision": revision, "attestation": signatory_attestation("Acosta Sweeping") });
    let input = json!({ "input": input });
    assert_eq!(app.fault_code(&preparer, FILE_DISCLOSURE, input.clone()).await, "FORBIDDEN");
    let stranger = app.register_firm("Rival Sweeping").await;
    assert_eq!(app.fault_code(&stranger.token, FILE_DISCLOSURE, input.clone()).await, "NOT_FOUND");
    for role in [Role::BcaReviewer, Role::Admin, Role::ContractOfficer] {
        let staff = app.token("staff", &[role]);
        assert_eq!(
            app.fault_code(&staff, FILE_DISCLOSURE, input.clone()).await,
            "NOT_FOUND",
            "{role:?}"
        );
    }
    assert_eq!(app.select_number("SELECT COUNT(*) FROM filing").await, 0);

    let filed = app.mutate_ok(&signatory, FILE_DISCLOSURE, input.clone()).await;
    assert_eq!(filed["disclosure"]["status"], "FILED");
    assert_eq!(filed["disclosure"]["id"], json!(id), "the draft's identifier stays");
    assert_eq!(
        app.fault_code(&signatory, FILE_DISCLOSURE, input).await,
        "CONFLICT",
        "it is filed once"
    );
    assert_eq!(app.select_number("SELECT COUNT(*) FROM disclosure_draft").await, 0);
    let reason = json!({ "id": id, "reason": "Filed by mistake." });
    assert_eq!(app.fault_code(&preparer, WITHDRAW_DISCLOSURE, reason).await, "FORBIDDEN");
}

/// The text's SHA-256, by sha256sum:
/// 61831a717c36ae39f2a77b4cf29cac70f4ed710f51f92c36c71d04a4db5938aa.
const CANONICAL: &str = r#"{"dataSharing":{"noneAttested":true},"dhs":{"agreements":[{"component":"USCIS","kind":"PROGRAM_PARTICIPATION","program":"E-Verify","startDate":"2019-03-01"}]}}"#;

async fn the_signed_digest_is_of_the_canonical_text(app: TestApp) {
    let firm = app.register_firm("Acosta Sweeping").await;
    let e_verify = json!({
        "component": "USCIS", "kind": "PROGRAM_PARTICIPATION", "program": " E-Verify ",
        "startDate": "2019-03-01", "office": "  ",
    });
    let (id, revision) = app.save_draft(&firm, agreements_statement(&[e_verify])).await;
    let input = json!({ "id": id, "revision": revision, "attestation": signatory_attestation("Acosta Sweeping") });
    let filed =
        app.mutate_ok(&firm.token, FILE_DISCLOSURE, json!({ "input": input })).await["disclosure"]
            .take();
    let digest = "61831a717c36ae39f2a77b4cf29cac70f4ed710f51f92c36c71d04a4db5938aa";
    assert_eq!(filed["canonical"], CANONICAL);
    assert_eq!(filed["sha256"], digest);
    assert_eq!((&filed["kind"], &filed["version"]), (&json!("ORIGINAL"), &json!(1)));
    let attestation = &filed["attestation"];
    assert_eq!(attestation["digest"], digest);
    assert_eq!(attestation["name"], "Owner of Acosta Sweeping");
    let message = text(&attestation["text"]);
    assert!(message.starts_with("I am Owner of Acosta Sweeping and am authorized"), "{message}");
    let policy = first_policy();
    for words in policy.parameters().declaration_words().expect("words of the policy") {
        assert!(message.contains(words), "{message}");
    }
    assert!(message.ends_with("Signed on February 2, 2026 at Los Angeles, CA."), "{message}");
    app.assert_verifies().await;
}

const HISTORY: &str = "query($id: ID!) { organization(id: $id) { draft { id }
    disclosures(first: 10) { totalCount nodes { id version status kind canonical withdrawalReason } } } }";

async fn a_filing_supersedes_the_last_and_history_is_complete(app: TestApp) {
    let firm = app.register_firm("Acosta Sweeping").await;
    let first = app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.advance_to("2026-03-02T20:00:00Z");

    // An amendment starts from the last filing.
    let input = json!({ "organizationId": firm.id, "copyFrom": first["id"] });
    let draft =
        app.mutate_ok(&firm.token, SAVE_DRAFT, json!({ "input": input })).await["disclosure"]
            .take();
    let read = app.query(&firm.token, DRAFT, json!({ "id": draft["id"] })).await;
    assert_eq!(read["disclosure"]["statement"]["dhs"]["noneAttested"], true);
    assert_ne!(draft["id"], first["id"]);
    let statement = agreements_statement(&[detention_agreement()]);
    let input = json!({ "organizationId": firm.id, "revision": 1, "statement": statement });
    app.mutate_ok(&firm.token, SAVE_DRAFT, json!({ "input": input })).await;
    let input = json!({ "id": draft["id"], "revision": 2, "attestation": signatory_attestation("Acosta Sweeping") });
    let second =
        app.mutate_ok(&firm.token, FILE_DISCLOSURE, json!({ "input": input })).await["disclosure"]
            .take();
    assert_eq!((&second["kind"], &second["version"]), (&json!("AMENDMENT"), &json!(2)));

    for token in [firm.token.clone(), app.reviewer_token()] {
        let data = app.query(&token, HISTORY, json!({ "id": firm.id })).await;
        let organization = &data["organization"];
        assert_eq!(organization["draft"], Value::Null);
        let versions = organization["disclosures"]["nodes"].as_array().expect("versions");
        let states: Vec<_> = versions.iter().map(|it| (&it["version"], &it["status"])).collect();
        let states = json!(states);
        assert_eq!(states, json!([[2, "FILED"], [1, "SUPERSEDED"]]));
        assert_eq!(
            versions[1]["canonical"], first["canonical"],
            "an earlier filing does not change"
        );
        assert_eq!(organization["disclosures"]["totalCount"], 2);
    }
    let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { action data } } }";
    let trail = app.query(&app.reviewer_token(), trail, json!({ "id": first["id"] })).await;
    let nodes = &trail["auditTrail"]["nodes"];
    assert_eq!(nodes[0]["action"], "disclosure.filed");
    assert_eq!(nodes[1]["action"], "disclosure.superseded");
    assert_eq!(nodes[1]["data"]["by"], second["id"]);
    assert_eq!(nodes[2], Value::Null);

    // A superseded disclosure cannot be withdrawn, nor copied by another firm.
    let reason = json!({ "id": first["id"], "reason": "Too late." });
    assert_eq!(app.fault_code(&firm.token, WITHDRAW_DISCLOSURE, reason).await, "CONFLICT");
    let rival = app.register_firm("Rival Sweeping").await;
    let input = json!({ "organizationId": rival.id, "copyFrom": second["id"] });
    let errors = app.mutation_errors(&rival.token, SAVE_DRAFT, json!({ "input": input })).await;
    assert_eq!(errors, ["input.copyFrom invalid"]);
    app.assert_verifies().await;
}

async fn a_withdrawn_disclosure_is_not_current(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, "2026-03-10T22:00:00Z").await;
    let firm = app.register_firm("Acosta Sweeping").await;
    let filed = app.file_and_load_disclosure(&firm, no_dealings()).await;
    let bid = app.submit_admitted_bid(&firm, &solicitation, "100000").await;

    let reason = |reason: &str| json!({ "id": filed["id"], "reason": reason });
    let errors = app.mutation_errors(&firm.token, WITHDRAW_DISCLOSURE, reason(" ")).await;
    assert_eq!(errors, ["reason required"]);
    let fault = app.fault_code(&firm.token, WITHDRAW_DISCLOSURE, reason("A part was wrong.")).await;
    assert_eq!(fault, "CONFLICT", "a live bid references it");
    app.mutate_ok(&firm.token, candor_tests::steps::WITHDRAW_BID, json!({ "id": bid })).await;
    let withdrawn =
        app.mutate_ok(&firm.token, WITHDRAW_DISCLOSURE, reason("A part was wrong.")).await;
    assert_eq!(withdrawn["disclosure"]["status"], "WITHDRAWN");
    assert_eq!(withdrawn["disclosure"]["withdrawalReason"], "A part was wrong.");
    assert_eq!(
        app.fault_code(&firm.token, WITHDRAW_DISCLOSURE, reason("Again.")).await,
        "CONFLICT"
    );

    let refused = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(refused["bid"], Value::Null);
    assert_eq!(refused["decision"]["findings"][0]["code"], "disclosure.missing");
    // The next filing continues the version numbers, and the withdrawn one remains in the record.
    let next = app.file_and_load_disclosure(&firm, no_dealings()).await;
    assert_eq!((&next["version"], &next["kind"]), (&json!(2), &json!("AMENDMENT")));
    let data = app.query(&app.reviewer_token(), HISTORY, json!({ "id": firm.id })).await;
    let versions = &data["organization"]["disclosures"]["nodes"];
    assert_eq!(versions[1]["status"], "WITHDRAWN");
    assert_eq!(versions[1]["withdrawalReason"], "A part was wrong.");
    app.submit_admitted_bid(&firm, &solicitation, "100000").await;
    app.assert_verifies().await;
}

async fn a_draft_is_private_to_its_organization(app: TestApp) {
    let firm = app.register_firm("Acosta Sweeping").await;
    let rival = app.register_firm("Rival Sweeping").await;
    let (id, _) = app.save_draft(&firm, no_dealings()).await;
    let own = app.query(&firm.token, HISTORY, json!({ "id": firm.id })).await;
    assert_eq!(own["organization"]["draft"]["id"], json!(id));
    let mut others = vec![rival.token.clone()];
    let staff = [
        Role::BcaReviewer,
        Role::BcaSupervisor,
        Role::CaoAnalyst,
        Role::Auditor,
        Role::Admin,
        Role::ContractOfficer,
        Role::ProcurementSystem,
    ];
    others.extend(staff.map(|role| app.token("staff", &[role])));
    let node = "query($id: ID!) { node(id: $id) { id } disclosure(id: $id) { id } }";
    for token in others {
        let data = app.query(&token, node, json!({ "id": id })).await;
        assert_eq!(data, json!({ "node": null, "disclosure": null }));
        let data = app.query(&token, HISTORY, json!({ "id": firm.id })).await;
        let drafted = data["organization"].get("draft").unwrap_or(&Value::Null);
        assert_eq!(drafted, &Value::Null);
        let input = json!({ "organizationId": firm.id, "revision": 1, "statement": no_dealings() });
        let fault = app.fault_code(&token, SAVE_DRAFT, json!({ "input": input })).await;
        assert_eq!(fault, "NOT_FOUND");
    }
}
