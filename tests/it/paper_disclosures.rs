//! A firm that cannot sign in submits a signed paper form, and a reviewer enters it.
use candor_tests::fixtures::{
    Firm, agreements_statement, attestation, e_verify_agreement, no_dealings,
};
use candor_tests::steps::{
    ACCEPT_DISCLOSURE, DECIDE_APPEAL, ENTER_PAPER_DISCLOSURE, REJECT_DISCLOSURE, REOPEN_REVIEW,
    REQUEST_CLARIFICATION, TAKE_REVIEW, text,
};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_paper_form_counts_and_is_marked,
    gaps_of_a_paper_form_are_reported,
    only_a_supervisor_replaces_a_filing_with_a_paper_form,
    the_person_who_entered_a_paper_form_cannot_review_it,
    the_database_refuses_a_review_by_the_filer,
];

const FIRM_READS: &str = "query($id: ID!) { organization(id: $id) {
    paperOnFile { id paper paperEntry { enteredAt enteredBy } }
    disclosures { nodes { id status paper paperEntry { enteredAt enteredBy }
        supersededBy { id paper paperEntry { enteredAt enteredBy } } } } } }";
const TRAIL: &str = "query($id: ID!) { auditTrail(subject: $id) { nodes { action data } } }";

async fn enter_paper(app: &TestApp, token: &str, firm: &Firm) -> Value {
    let mut payload =
        app.mutate_ok(token, ENTER_PAPER_DISCLOSURE, paper_input(&firm.id, &no_dealings())).await;
    payload["disclosure"]["id"].take()
}

async fn only_a_supervisor_replaces_a_filing_with_a_paper_form(app: TestApp) {
    let firm = app.register_firm("Old Paving").await;
    let reviewer = app.reviewer_token();
    // A reviewer enters a paper form if none or only a paper form is on file.
    enter_paper(&app, &reviewer, &firm).await;
    enter_paper(&app, &reviewer, &firm).await;
    let filed =
        app.file_and_load_disclosure(&firm, agreements_statement(&[e_verify_agreement()])).await;
    let data = app.query(&firm.token, FIRM_READS, json!({ "id": firm.id })).await;
    assert_eq!(data["organization"]["paperOnFile"], Value::Null);
    let refused =
        app.execute(&reviewer, ENTER_PAPER_DISCLOSURE, paper_input(&firm.id, &no_dealings())).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused:#}");
    let message = text(&refused["errors"][0]["message"]);
    assert!(message.contains("only a supervisor may replace it by a paper form"), "{message}");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM filing").await, 3);
    app.mutate_ok(&reviewer, TAKE_REVIEW, json!({ "id": filed["id"] })).await;

    app.advance_to("2026-02-03T18:00:00Z");
    let boss = app.supervisor_token("boss");
    let on_paper = enter_paper(&app, &boss, &firm).await;
    // The firm sees it at once: on the organization, in its list, and by `node`.
    let entry = json!({ "enteredAt": "2026-02-03T18:00:00+00:00", "enteredBy": "CITY_STAFF" });
    let marked = json!({ "id": on_paper, "paper": true, "paperEntry": entry });
    let mut data = app.query(&firm.token, FIRM_READS, json!({ "id": firm.id })).await;
    let data = data["organization"].take();
    assert_eq!(data["paperOnFile"], marked);
    let newest = json!({
        "id": on_paper, "status": "FILED", "paper": true, "paperEntry": entry, "supersededBy": null,
    });
    let own = json!({
        "id": filed["id"], "status": "SUPERSEDED", "paper": false, "paperEntry": null,
        "supersededBy": marked,
    });
    assert_eq!(data["disclosures"]["nodes"][0], newest);
    assert_eq!(data["disclosures"]["nodes"][1], own);
    let trail = app.query(&firm.token, TRAIL, json!({ "id": filed["id"] })).await;
    let last = trail["auditTrail"]["nodes"].as_array().and_then(|nodes| nodes.last());
    let last = last.expect("an entry");
    assert_eq!(last["action"], "disclosure.superseded");
    assert_eq!(last["data"], json!({ "by": on_paper, "form": "PAPER" }));
    let trail = app.query(&firm.token, TRAIL, json!({ "id": on_paper })).await;
    let first = &trail["auditTrail"]["nodes"][0];
    assert_eq!(first["action"], "disclosure.filed");
    assert_eq!(first["data"]["form"], "PAPER");
    // A rival does not see it, and the reviewer of the firm's filing is assigned to the form too.
    let rival = app.register_firm("Rival Paving").await;
    let hidden = app.query(&rival.token, FIRM_READS, json!({ "id": firm.id })).await;
    assert_eq!(hidden["organization"], Value::Null);
    let on_it = "query($id: ID!) { disclosure(id: $id) { reviewer } }";
    let on_it = app.query(&boss, on_it, json!({ "id": on_paper })).await;
    assert_eq!(on_it["disclosure"]["reviewer"], "reviewer");
    // The firm replaces it with its own filing.
    app.file_and_load_disclosure(&firm, agreements_statement(&[e_verify_agreement()])).await;
    let data = app.query(&firm.token, FIRM_READS, json!({ "id": firm.id })).await;
    assert_eq!(data["organization"]["paperOnFile"], Value::Null);
    app.assert_verifies().await;
}

async fn the_person_who_entered_a_paper_form_cannot_review_it(app: TestApp) {
    let firm = app.register_firm("Old Paving").await;
    let boss = app.supervisor_token("boss");
    // The reviewer of the last form is not assigned to a form that this reviewer entered.
    let first = enter_paper(&app, &app.reviewer_token(), &firm).await;
    app.mutate_ok(&boss, TAKE_REVIEW, json!({ "id": first })).await;
    let on_paper = enter_paper(&app, &boss, &firm).await;
    let on_it = "query($id: ID!) { disclosure(id: $id) { reviewer review } }";
    let data = app.query(&boss, on_it, json!({ "id": on_paper })).await;
    assert_eq!(data["disclosure"]["reviewer"], Value::Null);
    let rejection = json!({
        "disclosureId": on_paper, "reasons": ["NOT_AUTHORIZED"], "explanation": "No resolution.",
    });
    let question = json!({
        "disclosureId": on_paper, "question": "Which office is it with?", "dueOn": "2026-02-18",
    });
    for (act, variables) in [
        (ACCEPT_DISCLOSURE, json!({ "id": on_paper })),
        (REJECT_DISCLOSURE, json!({ "input": rejection })),
        (REQUEST_CLARIFICATION, json!({ "input": question })),
        (TAKE_REVIEW, json!({ "id": on_paper })),
        (TAKE_REVIEW, json!({ "id": on_paper, "from": "reviewer" })),
        (REOPEN_REVIEW, json!({ "id": on_paper, "reason": "A mistake." })),
    ] {
        let refused = app.execute(&boss, act, variables).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{act} {refused:#}");
        let message = text(&refused["errors"][0]["message"]);
        assert!(message.contains("you entered this paper form; another reviewer"), "{message}");
    }
    let data = app.query(&boss, on_it, json!({ "id": on_paper })).await;
    assert_eq!(data["disclosure"], json!({ "reviewer": null, "review": "UNREVIEWED" }));
    // Another reviewer decides; the person who entered it can neither reopen that nor decide the
    // appeal.
    app.reject_disclosure(&app.reviewer_token(), &on_paper).await;
    let reopening = json!({ "id": on_paper, "reason": "To accept it." });
    assert_eq!(app.fault_code(&boss, REOPEN_REVIEW, reopening).await, "FORBIDDEN");
    let appeal = app.appeal_rejection(&firm, &on_paper).await;
    let decision = json!({ "appealId": appeal, "outcome": "REOPENED", "explanation": "Seen." });
    let decision = json!({ "input": decision });
    assert_eq!(app.fault_code(&boss, DECIDE_APPEAL, decision.clone()).await, "FORBIDDEN");
    app.mutate_ok(&app.supervisor_token("second boss"), DECIDE_APPEAL, decision).await;
    assert_eq!(
        app.fault_code(&boss, ACCEPT_DISCLOSURE, json!({ "id": on_paper })).await,
        "FORBIDDEN"
    );
    let accepted =
        app.mutate_ok(&app.reviewer_token(), ACCEPT_DISCLOSURE, json!({ "id": on_paper })).await;
    assert_eq!(accepted["disclosure"]["review"], "ACCEPTED");
    app.assert_verifies().await;
}

async fn the_database_refuses_a_review_by_the_filer(app: TestApp) {
    let firm = app.register_firm("Old Paving").await;
    let on_paper = enter_paper(&app, &app.supervisor_token("boss"), &firm).await;
    app.reject_disclosure(&app.reviewer_token(), &on_paper).await;
    app.appeal_rejection(&firm, &on_paper).await;
    let decided = "outcome = 'REOPENED', explanation = 'by hand', decided_at = filed_at";
    for (statement, what) in [
        ("UPDATE review SET decided_by = filed_by".to_owned(), "check"),
        ("UPDATE review SET filed_by = 'somebody else'".to_owned(), "foreign key"),
        (
            "UPDATE review SET reopen_reason = 'by hand', reopened_at = decided_at, \
             reopened_by = filed_by"
                .to_owned(),
            "check",
        ),
        (format!("UPDATE appeal SET {decided}, decided_by = disclosure_filed_by"), "check"),
        (format!("UPDATE appeal SET {decided}, decided_by = rejected_by"), "check"),
        ("UPDATE appeal SET disclosure_filed_by = 'somebody else'".to_owned(), "foreign key"),
        ("UPDATE appeal SET rejected_by = 'somebody else'".to_owned(), "foreign key"),
    ] {
        let message = app.run_sql(&statement).await.expect_err(&statement).to_lowercase();
        assert!(message.contains(what), "{statement}\n{message}");
    }
    app.assert_verifies().await;
}

fn paper_input(organization: &str, statement: &Value) -> Value {
    json!({ "input": {
        "organizationId": organization, "statement": statement, "signedOn": "2026-01-30",
        "attestation": attestation(),
        "paper": {
            "name": "disclosure-on_paper.pdf", "sha256": "ab".repeat(32),
            "link": "https://files.city.example/forms/17.pdf",
        },
    } })
}

async fn a_paper_form_counts_and_is_marked(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, "2026-02-11T22:00:00Z").await;
    let firm = app.register_firm("Old Paving").await;
    let (draft, _) = app.save_draft(&firm, json!({ "dhs": { "noneAttested": true } })).await;
    let enter_paper = app
        .mutate_ok(
            &app.reviewer_token(),
            ENTER_PAPER_DISCLOSURE,
            paper_input(&firm.id, &agreements_statement(&[e_verify_agreement()])),
        )
        .await;
    let disclosure = &enter_paper["disclosure"];
    assert_eq!((&disclosure["status"], &disclosure["paper"]), (&json!("FILED"), &json!(true)));
    let signed = &disclosure["attestation"];
    assert_eq!((&signed["form"], &signed["subject"]), (&json!("PAPER"), &json!("reviewer")));
    assert_eq!(signed["signedAt"], "2026-01-30T08:00:00+00:00");
    assert_eq!(signed["paper"]["name"], "disclosure-on_paper.pdf");
    // The firm's draft remains; its bid references the paper form.
    let data = "query($id: ID!) { disclosure(id: $id) { status } }";
    let data = app.query(&firm.token, data, json!({ "id": draft })).await;
    assert_eq!(data["disclosure"]["status"], "DRAFT");
    let bid = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(bid["bid"]["status"], "ADMITTED");
    app.advance_to("2026-02-11T22:00:15Z");
    let decision = "query($id: ID!) { decision(id: $id) { facts } }";
    let decision =
        app.query(&app.reviewer_token(), decision, json!({ "id": bid["decision"]["id"] })).await;
    let filing = &decision["decision"]["facts"]["organization"]["disclosure"]["filing"];
    assert_eq!(filing["isPaper"], true);
    let screen = "{ screenBids(filter: { paper: true }) { nodes { paper disclosureVersion } } }";
    let rows = app.query(&app.reviewer_token(), screen, json!({})).await;
    assert_eq!(rows["screenBids"]["nodes"], json!([{ "paper": true, "disclosureVersion": 1 }]));
    app.assert_verifies().await;
}

async fn gaps_of_a_paper_form_are_reported(app: TestApp) {
    let firm = app.register_firm("Old Paving").await;
    let reviewer = app.reviewer_token();
    let mut wrong = paper_input(&firm.id, &json!({ "dhs": { "noneAttested": true } }));
    wrong["input"]["signedOn"] = json!("2026-02-03");
    wrong["input"]["paper"] = json!({ "name": "form.pdf", "link": "ftp://files" });
    wrong["input"]["attestation"]["agreed"] = json!(false);
    let errors = app.mutation_errors(&reviewer, ENTER_PAPER_DISCLOSURE, wrong).await;
    let all = [
        "input.signedOn invalid",
        "input.paper.sha256 required",
        "input.paper.link invalid",
        "input.statement.dataSharing required",
        "input.attestation.agreed required",
    ];
    assert_eq!(errors, all);
    for role in [Role::Bidder, Role::ContractOfficer, Role::Auditor, Role::Admin] {
        let other = app.token("other", &[role]);
        let fault = app
            .fault_code(&other, ENTER_PAPER_DISCLOSURE, paper_input(&firm.id, &no_dealings()))
            .await;
        assert_eq!(fault, "FORBIDDEN", "{role:?}");
    }
    let unknown_organization = text(&json!("org_01h455vb4pex5vsknk084sn02q"));
    assert_eq!(
        app.fault_code(
            &reviewer,
            ENTER_PAPER_DISCLOSURE,
            paper_input(&unknown_organization, &no_dealings())
        )
        .await,
        "NOT_FOUND"
    );
    assert_eq!(app.select_number("SELECT COUNT(*) FROM filing").await, 0);
}
