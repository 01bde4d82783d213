//! Mutations, each with the full selection of its payload.
use std::collections::BTreeSet;

use candor_tests::fixtures::{Department, Firm, attestation, usd};
use candor_tests::steps::{bid_input, text};
use candor_tests::{Role, TestApp};
use serde_json::{Value, json};

use super::edges::Schema;

/// Creates the test data and records the edges that payloads returned.
pub struct Maker<'a> {
    pub app: &'a TestApp,
    pub schema: &'a Schema,
    /// Payload edges that returned an object.
    pub walked: BTreeSet<String>,
    pub wrong: Vec<String>,
}

impl Maker<'_> {
    /// Sends a mutation with its full payload selection, and compares the payload with what `node`
    /// then shows the same caller.
    pub async fn mutate_and_compare(
        &mut self,
        token: &str,
        mutation: &str,
        variables: Value,
    ) -> Value {
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
            let (object, content) = (edge.target(), self.schema.content(edge.target()));
            let node = format!(
                "query($id: ID!) {{ node(id: $id) {{ ... on {object} {{ __typename {content} }} }} }}"
            );
            let value = &payload[&edge.path[1].name];
            let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for returned in list.iter().filter(|returned| !returned.is_null()) {
                self.walked.insert(edge.name("Mutation"));
                let shown = self.app.query(token, &node, json!({ "id": returned["id"] })).await;
                if shown["node"] != *returned {
                    let name = edge.name("Mutation");
                    self.wrong.push(format!("{name} returned\n{returned}\nnode {}", shown["node"]));
                }
            }
        }
        payload
    }

    pub async fn file_disclosure(&mut self, firm: &Firm, statement: Value) -> Value {
        let draft = json!({ "input": { "organizationId": firm.id, "statement": statement } });
        let mut saved = self.mutate_and_compare(&firm.token, "saveDisclosureDraft", draft).await;
        let draft = saved["disclosure"].take();
        let input = json!({
            "id": draft["id"], "revision": draft["revision"], "attestation": attestation(),
        });
        let mut filed =
            self.mutate_and_compare(&firm.token, "fileDisclosure", json!({ "input": input })).await;
        filed["disclosure"]["id"].take()
    }

    pub async fn register_firm(&mut self, person: &str, input: Value) -> Firm {
        let token = self.app.token(person, &[Role::Bidder]);
        let created =
            self.mutate_and_compare(&token, "createOrganization", json!({ "input": input })).await;
        Firm { id: text(&created["organization"]["id"]), token }
    }

    pub async fn register_corporation(
        &mut self,
        person: &str,
        name: &str,
        uei: Option<&str>,
    ) -> Firm {
        let identifiers: Vec<Value> =
            uei.iter().map(|id| json!({ "scheme": "UEI", "id": id })).collect();
        let input = json!({
            "kind": "CORPORATION", "legalName": name, "identifiers": identifiers,
            "identifiersChecked": true,
        });
        self.register_firm(person, input).await
    }

    /// Publishes a solicitation.
    pub async fn publish_solicitation(
        &mut self,
        of: &Department,
        number: &str,
        due: &str,
    ) -> String {
        let id = self.create_solicitation(of, number, due).await;
        self.mutate_and_compare(&of.token, "publishSolicitation", json!({ "id": id })).await;
        id
    }

    pub async fn create_solicitation(
        &mut self,
        of: &Department,
        number: &str,
        due: &str,
    ) -> String {
        let input = json!({
            "departmentId": of.id, "number": number, "title": format!("Paving {number}"),
            "method": "BIDS", "dueAt": due, "publicWorks": number == "RFB-1",
        });
        let created = self
            .mutate_and_compare(&of.token, "createSolicitation", json!({ "input": input }))
            .await;
        text(&created["solicitation"]["id"])
    }

    pub async fn submit_bid(&mut self, firm: &Firm, on: &str, subcontractors: Value) -> Value {
        let input = bid_input(firm, on, "100000", &subcontractors);
        self.mutate_and_compare(&firm.token, "submitBid", json!({ "input": input })).await
    }

    pub async fn record_contract(
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
        let created =
            self.mutate_and_compare(&of.token, "recordContract", json!({ "input": input })).await;
        text(&created["contract"]["id"])
    }

    pub async fn propose_renewal(&mut self, of: &Department, input: Value) -> String {
        let created =
            self.mutate_and_compare(&of.token, "proposeRenewal", json!({ "input": input })).await;
        text(&created["renewal"]["id"])
    }

    pub async fn request_waiver(&mut self, token: &str, subject: Value, rule: &str) -> Value {
        let mut input = subject;
        let grounds = json!({
            "rule": rule, "expiresOn": "2026-06-30", "authority": "Council File 26-0417",
            "purpose": "The pumps must not stop.", "alternatives": "Three suppliers were consulted.",
            "cost": "A rented pump.", "costAmount": usd("410000"),
        });
        input.as_object_mut().expect("a subject").extend(grounds.as_object().cloned().expect("it"));
        let mut payload =
            self.mutate_and_compare(token, "requestWaiver", json!({ "input": input })).await;
        payload["waiver"]["id"].take()
    }
}
