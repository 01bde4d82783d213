//! Changes, each asked for with all that its payload can hold.
use std::collections::BTreeSet;

use candor_tests::fixtures::{Department, Firm, attestation, usd};
use candor_tests::steps::{bid_input, text};
use candor_tests::{TestApp, Role};
use serde_json::{Value, json};

use super::edges::Schema;

/// Makes the world, and notes what mutations returned.
pub struct Maker<'a> {
    pub app: &'a TestApp,
    pub schema: &'a Schema,
    /// The edges of payloads that led to something.
    pub walked: BTreeSet<String>,
    pub wrong: Vec<String>,
}

impl Maker<'_> {
    /// Asks for a change with all that its payload can hold, and compares that with what `node`
    /// shows the same caller afterwards.
    pub async fn done(&mut self, token: &str, mutation: &str, variables: Value) -> Value {
        let edges = self.schema.edges("Mutation").into_iter();
        let edges: Vec<_> = edges.filter(|edge| edge.path[0].name == mutation).collect();
        let objects = edges.iter().map(|edge| {
            let content = self.schema.content(edge.target());
            format!("{} {{ __typename {content} }}", edge.path[1].name)
        });
        let objects = objects.collect::<Vec<_>>().join(" ");
        let (declared, passed) = self.schema.variables(mutation);
        let document = format!(
            "mutation({declared}) {{ {mutation}({passed}) {{ {objects}
                userErrors {{ path code message }} }} }}"
        );
        let payload = self.app.mutate_ok(token, &document, variables).await;
        for edge in &edges {
            let returned = &payload[&edge.path[1].name];
            if returned.is_null() {
                continue;
            }
            self.walked.insert(edge.name("Mutation"));
            let (object, content) = (edge.target(), self.schema.content(edge.target()));
            let node = format!(
                "query($id: ID!) {{ node(id: $id) {{ ... on {object} {{ __typename {content} }} }} }}"
            );
            let shown = self.app.query(token, &node, json!({ "id": returned["id"] })).await;
            if shown["node"] != *returned {
                let name = edge.name("Mutation");
                self.wrong.push(format!("{name} returned\n{returned}\nnode {}", shown["node"]));
            }
        }
        payload
    }

    pub async fn filed(&mut self, firm: &Firm, statement: Value) -> Value {
        let draft = json!({ "input": { "organizationId": firm.id, "statement": statement } });
        let mut saved = self.done(&firm.token, "saveDisclosureDraft", draft).await;
        let draft = saved["disclosure"].take();
        let input = json!({
            "id": draft["id"], "revision": draft["revision"], "attestation": attestation(),
        });
        let mut filed = self.done(&firm.token, "fileDisclosure", json!({ "input": input })).await;
        filed["disclosure"]["id"].take()
    }

    pub async fn firm(&mut self, person: &str, input: Value) -> Firm {
        let token = self.app.token(person, &[Role::Bidder]);
        let made = self.done(&token, "createOrganization", json!({ "input": input })).await;
        Firm { id: text(&made["organization"]["id"]), token }
    }

    pub async fn corporation(&mut self, person: &str, name: &str, uei: Option<&str>) -> Firm {
        let identifiers: Vec<Value> =
            uei.iter().map(|id| json!({ "scheme": "UEI", "id": id })).collect();
        let input = json!({
            "kind": "CORPORATION", "legalName": name, "identifiers": identifiers,
            "identifiersChecked": true,
        });
        self.firm(person, input).await
    }

    /// A published solicitation.
    pub async fn solicited(&mut self, of: &Department, number: &str, due: &str) -> String {
        let id = self.drafted(of, number, due).await;
        self.done(&of.token, "publishSolicitation", json!({ "id": id })).await;
        id
    }

    pub async fn drafted(&mut self, of: &Department, number: &str, due: &str) -> String {
        let input = json!({
            "departmentId": of.id, "number": number, "title": format!("Paving {number}"),
            "method": "BIDS", "dueAt": due,
        });
        let made = self.done(&of.token, "createSolicitation", json!({ "input": input })).await;
        text(&made["solicitation"]["id"])
    }

    pub async fn bid(&mut self, firm: &Firm, on: &str, subcontractors: Value) -> Value {
        let input = bid_input(firm, on, "100000", &subcontractors);
        self.done(&firm.token, "submitBid", json!({ "input": input })).await
    }

    pub async fn recorded(
        &mut self,
        of: &Department,
        holder: &Firm,
        number: &str,
        parts: Value,
    ) -> String {
        let mut input = json!({
            "departmentId": of.id, "organizationId": holder.id, "number": number,
            "title": format!("Contract {number}"), "value": usd("250000.00"),
            "startDate": "2025-06-01", "endDate": "2026-12-31",
        });
        let parts = parts.as_object().expect("parts of the input").clone();
        input.as_object_mut().expect("an input").extend(parts);
        let made = self.done(&of.token, "recordContract", json!({ "input": input })).await;
        text(&made["contract"]["id"])
    }

    pub async fn proposed(&mut self, of: &Department, input: Value) -> String {
        let made = self.done(&of.token, "proposeRenewal", json!({ "input": input })).await;
        text(&made["renewal"]["id"])
    }

    pub async fn waiver(&mut self, token: &str, subject: Value, rule: &str) -> Value {
        let mut input = subject;
        let grounds = json!({
            "rule": rule, "expiresOn": "2026-06-30", "authority": "Council File 26-0417",
            "purpose": "The pumps must not stop.", "alternatives": "Three were asked.",
            "cost": "A rented pump.", "costAmount": usd("410000"),
        });
        input.as_object_mut().expect("a subject").extend(grounds.as_object().cloned().expect("it"));
        let mut asked = self.done(token, "requestWaiver", json!({ "input": input })).await;
        asked["waiver"]["id"].take()
    }
}
