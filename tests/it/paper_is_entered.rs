//! A firm that cannot sign in hands in a signed paper form, and a reviewer enters it.
use candor_tests::affairs::{agreements, attestation, e_verify, nothing};
use candor_tests::steps::{PAPER, text};
use candor_tests::{City, Role, stories};
use serde_json::{Value, json};

stories![a_paper_form_counts_and_is_marked, what_a_paper_form_lacks_is_told];

fn form(organization: &str, statement: &Value) -> Value {
    json!({ "input": {
        "organizationId": organization, "statement": statement, "signedOn": "2026-01-30",
        "attestation": attestation(),
        "paper": {
            "name": "disclosure-form.pdf", "sha256": "ab".repeat(32),
            "link": "https://files.city.example/forms/17.pdf",
        },
    } })
}

async fn a_paper_form_counts_and_is_marked(city: City) {
    let department = city.department("BSS").await;
    let solicitation = city.solicited(&department, "2026-02-11T22:00:00Z").await;
    let firm = city.firm("Old Paving").await;
    let (draft, _) = city.draft(&firm, json!({ "dhs": { "noneAttested": true } })).await;
    let entered =
        city.done(&city.reviewer(), PAPER, form(&firm.id, &agreements(&[e_verify()]))).await;
    let disclosure = &entered["disclosure"];
    assert_eq!((&disclosure["status"], &disclosure["paper"]), (&json!("FILED"), &json!(true)));
    let signed = &disclosure["attestation"];
    assert_eq!((&signed["form"], &signed["subject"]), (&json!("PAPER"), &json!("reviewer")));
    assert_eq!(signed["signedAt"], "2026-01-30T08:00:00+00:00");
    assert_eq!(signed["paper"]["name"], "disclosure-form.pdf");
    // The draft that the firm is writing stays; its bid rests on the paper form.
    let seen = "query($id: ID!) { disclosure(id: $id) { status } }";
    let seen = city.data(&firm.token, seen, json!({ "id": draft })).await;
    assert_eq!(seen["disclosure"]["status"], "DRAFT");
    let bid = city.submit(&firm, &solicitation, "100000").await;
    assert_eq!(bid["bid"]["status"], "ADMITTED");
    city.advance_to("2026-02-11T22:00:15Z");
    let decision = "query($id: ID!) { decision(id: $id) { facts } }";
    let decision =
        city.data(&city.reviewer(), decision, json!({ "id": bid["decision"]["id"] })).await;
    let standing = &decision["decision"]["facts"]["organization"]["disclosure"]["standing"];
    assert_eq!(standing["paper"], true);
    let screen = "{ screenBids(filter: { paper: true }) { nodes { paper disclosureVersion } } }";
    let rows = city.data(&city.reviewer(), screen, json!({})).await;
    assert_eq!(rows["screenBids"]["nodes"], json!([{ "paper": true, "disclosureVersion": 1 }]));
    city.verified().await;
}

async fn what_a_paper_form_lacks_is_told(city: City) {
    let firm = city.firm("Old Paving").await;
    let reviewer = city.reviewer();
    let mut wrong = form(&firm.id, &json!({ "dhs": { "noneAttested": true } }));
    wrong["input"]["signedOn"] = json!("2026-02-03");
    wrong["input"]["paper"] = json!({ "name": "form.pdf", "link": "ftp://files" });
    wrong["input"]["attestation"]["agreed"] = json!(false);
    let told = city.to_mend(&reviewer, PAPER, wrong).await;
    let all = [
        "input.signedOn invalid",
        "input.paper.sha256 required",
        "input.paper.link invalid",
        "input.statement.dataSharing required",
        "input.attestation.agreed required",
    ];
    assert_eq!(told, all);
    for role in [Role::Bidder, Role::ContractOfficer, Role::Auditor, Role::Admin] {
        let other = city.token("other", &[role]);
        let fault = city.fault(&other, PAPER, form(&firm.id, &nothing())).await;
        assert_eq!(fault, "FORBIDDEN", "{role:?}");
    }
    let nobody = text(&json!("org_01h455vb4pex5vsknk084sn02q"));
    assert_eq!(city.fault(&reviewer, PAPER, form(&nobody, &nothing())).await, "NOT_FOUND");
    assert_eq!(city.count("SELECT COUNT(*) FROM filing").await, 0);
}
