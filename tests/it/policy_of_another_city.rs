//! A city of another state has its own words for a declaration: no code knows those of the first policy.
use candor_schema::gate::Policy;
use candor_schema::policy::service::list_differences;
use candor_tests::fixtures::{list_finding_codes, no_dealings};
use candor_tests::steps::{FILE_DISCLOSURE, signatory_attestation, text};
use candor_tests::{TestApp, stories};
use serde_json::json;

stories![new_york: a_firm_declares_in_the_words_of_its_city];

const DUE: &str = "2026-02-20T20:00:00Z";

/// So that a story which names no city passes under both.
#[test]
fn new_yorks_policy_differs_from_version_1_in_words_alone() {
    let [first, other] =
        [include_str!("../../policies/version-1.toml"), include_str!("../policies/new-york.toml")]
            .map(|text| Policy::parse(text).expect("a policy"));
    let differences = list_differences(&first, &other);
    let names: Vec<_> = differences.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["declarationWords", "attestation"]);
    assert_ne!(first.city(), other.city());
    for policy in [&first, &other] {
        for words in policy.parameters().declaration_words().expect("words") {
            assert!(policy.attestation().text.contains(words), "{words}");
        }
    }
}

async fn a_firm_declares_in_the_words_of_its_city(app: TestApp) {
    let department = app.create_department("DOT").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_firm("Prime Paving").await;
    let refused = app.submit_bid(&firm, &solicitation, "100000").await;
    assert_eq!(list_finding_codes(&refused["decision"]), ["disclosure.missing"]);
    let (id, revision) = app.save_draft(&firm, no_dealings()).await;
    let attestation = signatory_attestation("Prime Paving");
    let input = json!({ "id": id, "revision": revision, "attestation": attestation });
    let filed = app.mutate_ok(&firm.token, FILE_DISCLOSURE, json!({ "input": input })).await;
    let signed = text(&filed["disclosure"]["attestation"]["text"]);
    assert!(
        signed.contains("under the penalties of perjury under the laws of New York"),
        "{signed}"
    );
    assert!(
        signed.contains("may be filed in an action or proceeding in a court of law"),
        "{signed}"
    );
    assert!(!signed.contains("California"), "{signed}");
    app.submit_admitted_bid(&firm, &solicitation, "100000").await;
    app.assert_verifies().await;
}
