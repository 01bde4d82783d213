//! An edge shows exactly what `node` shows: every edge of the schema is queried as every user.
pub mod edges;
pub mod maker;
pub mod objects;
mod walk;
mod world;

use std::collections::BTreeSet;

use candor_tests::{Method, TestApp, stories};
use serde_json::{Value, json};

use edges::Schema;
use maker::Maker;
use objects::load_all_ids;
use walk::{Findings, Walker};

stories![every_edge_agrees_with_node];

/// Edges that return nothing for any user here, and why.
const UNREACHED_EDGES: &[(&str, &str)] = &[
    ("Query.reviewQueue.edges.node.organizations", "no operation of this story proposes a merge"),
    ("Query.reviewQueue.nodes.organizations", "no operation of this story proposes a merge"),
    ("Mutation.confirmPolicyProposal.policy", "one person publishes in this story"),
];

/// Creates an object of every kind, for stories that need them all.
pub async fn make_world(app: &TestApp) {
    let schema = Schema::read();
    let mut maker = Maker { app, schema: &schema, walked: BTreeSet::new(), wrong: Vec::new() };
    Box::pin(maker.make()).await;
}

async fn every_edge_agrees_with_node(app: TestApp) {
    let schema = Schema::read();
    let mut maker =
        Maker { app: &app, schema: &schema, walked: BTreeSet::new(), wrong: Vec::new() };
    let viewers = Box::pin(maker.make()).await;
    let Maker { walked, wrong, .. } = maker;
    let mut findings = Findings { walked, wrong };
    let ids = load_all_ids(&app).await;
    let kinds: Vec<&str> = ids.keys().map(String::as_str).collect();
    assert_eq!(kinds, schema.nodes().collect::<Vec<_>>(), "there is something of every kind");

    for id in ids.values().filter_map(|ids| ids.first()) {
        let node = json!({
            "query": "query($id: ID!) { node(id: $id) { id } }", "variables": { "id": id },
        });
        let answer = app.http_request(Method::POST, "/graphql").json(&node).send().await;
        let answer = answer.expect("an answer").text().await.expect("a text");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer}");
        assert_eq!(answer["data"].get("node").unwrap_or(&Value::Null), &Value::Null, "{answer}");
    }
    // Two at a time, so that the service is busy while responses are compared.
    let (some, others) = viewers.split_at(viewers.len() / 2);
    let walk = async |viewers: &[(&str, String)]| {
        let mut findings = Findings::default();
        for (who, token) in viewers {
            let walker = Walker::new(&app, &schema, (who, token), &ids);
            walker.walk(&mut findings).await;
        }
        findings
    };
    let (some, others) = tokio::join!(walk(some), walk(others));
    for mut of_half in [some, others] {
        findings.walked.append(&mut of_half.walked);
        findings.wrong.append(&mut of_half.wrong);
    }

    let Findings { walked, mut wrong } = findings;
    let owners = schema.nodes().chain(["Query", "Mutation"]);
    let all: BTreeSet<String> = owners
        .flat_map(|owner| schema.edges(owner).into_iter().map(move |edge| edge.name(owner)))
        .collect();
    let left_out: BTreeSet<String> =
        UNREACHED_EDGES.iter().map(|(edge, _)| (*edge).to_owned()).collect();
    wrong.extend(
        all.difference(&walked)
            .filter(|edge| !left_out.contains(*edge))
            .map(|edge| format!("{edge} leads to nothing for anybody")),
    );
    wrong.extend(left_out.intersection(&walked).map(|edge| format!("{edge} is walked after all")));
    wrong.extend(left_out.difference(&all).map(|edge| format!("there is no edge {edge}")));
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    app.assert_verifies().await;
}
