//! The ground that every other story stands on.
use candor_tests::affairs::{agreements, codes, e_verify};
use candor_tests::{City, Method, Role, StatusCode, cluster, is_promised, stories};
use serde_json::{Value, json};

stories![
    the_service_stands,
    the_time_is_the_storys,
    what_is_written_by_hand_is_told_apart,
    the_usual_steps_lead_to_a_bid,
];

async fn the_service_stands(city: City) {
    for path in ["/healthz", "/readyz"] {
        let answer = city.http(Method::GET, path).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    let question = json!({ "query": "{ viewer { subject } }" });
    let answer = city.http(Method::POST, "/graphql").json(&question).send().await;
    assert_eq!(answer.expect("an answer").status(), StatusCode::UNAUTHORIZED);

    let auditor = city.token("aud", &[Role::Auditor]);
    let schema =
        city.data(&auditor, "{ __schema { queryType { fields { name } } } }", json!({})).await;
    let fields = schema["__schema"]["queryType"]["fields"].as_array().expect("fields").clone();
    let has = |name: &str| fields.iter().any(|field| field["name"] == name);
    assert!(has("viewer") && has("node") && has("policy"), "{fields:?}");
}

async fn the_time_is_the_storys(city: City) {
    let began = city.now();
    city.advance_to("2026-03-08T10:00:00.123456Z");
    assert!(city.now() > began);
    assert_eq!(city.now().to_rfc3339(), "2026-03-08T10:00:00.123456+00:00");
    // A token is made at the story's time and taken at it.
    let auditor = city.token("aud", &[Role::Auditor]);
    let answer = city.ask(&auditor, "{ __typename }", json!({})).await;
    assert_eq!(answer, json!({ "data": { "__typename": "Query" } }));
}

async fn what_is_written_by_hand_is_told_apart(city: City) {
    let before = city.statements();
    assert_eq!(city.count("SELECT COUNT(*) FROM organization").await, 0);
    assert!(city.count("SELECT COUNT(*) FROM policy").await > 0);
    city.sql("UPDATE organization SET legal_name = legal_name").await.expect("nothing to refuse");
    let refused = city.sql("DELETE FROM ledger").await.expect_err("what is written stays");
    assert!(!refused.is_empty());
    assert_eq!(city.statements(), before, "only what the service does is counted");
    let auditor = city.token("aud", &[Role::Auditor]);
    let policies = city.data(&auditor, "{ policies(first: 5) { nodes { id } } }", json!({})).await;
    assert_ne!(policies["policies"]["nodes"], Value::Array(Vec::new()));
    assert!(city.statements() > before);
}

async fn the_usual_steps_lead_to_a_bid(city: City) {
    let department = city.department("BOE").await;
    let solicitation = city.solicitation(&department, "BOE-1", "2026-02-20T22:00:00Z").await;
    let firm = city.firm("Ortiz & Daughters, Inc.").await;
    let refused = city.bid(&firm, &solicitation).await;
    assert_eq!(refused["bid"], Value::Null);
    assert_eq!(codes(&refused["decision"]), ["disclosure.missing"]);
    city.file(&firm, agreements(&[e_verify()])).await;
    let admitted = city.bid(&firm, &solicitation).await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED", "{admitted:#}");
    assert_eq!(codes(&admitted["decision"]), ["dhs.agreement_disclosed"]);
}

#[test]
fn the_postgresql_of_this_run() {
    match cluster::binaries() {
        Some(binaries) => eprintln!("stories are told on PostgreSQL too: {}", binaries.display()),
        None if is_promised() => panic!("{}", cluster::MISSING),
        None => eprintln!("ATTENTION: {}", cluster::MISSING),
    }
}
