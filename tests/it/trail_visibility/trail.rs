//! Readers, subjects, and how a trail is read.
use std::collections::BTreeSet;

use candor_schema::canonical::canonical;
use candor_tests::TestApp;
use candor_tests::steps::{find_fault_code, text};
use serde_json::{Value, json};

/// An entry in a response.
pub type Entry = Value;

pub const TRAIL: &str =
    "query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    auditTrail(subject: $id, first: $first, after: $after, last: $last, before: $before) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes { id subject sequence at actor action data previous hash } } }";
const NODE: &str = "query($id: ID!) { node(id: $id) { id } }";
const SUBJECT: &str = "query($id: ID!) { node(id: $id) { __typename id
    ... on Disclosure { organization { id } } ... on Bid { organization { id } }
    ... on Renewal { organization { id } } ... on AwardMatch { organization { id } }
    ... on Solicitation { department { id } } } }";
const VIEWER: &str = "{ viewer { issuer subject roles
    memberships { organizationId role } departmentIds } }";

/// A reader of trails.
pub struct Person {
    pub who: &'static str,
    pub token: String,
    /// `<issuer> <subject>`.
    pub principal: String,
    /// Role of the token.
    pub kind: String,
    pub organizations: BTreeSet<String>,
    departments: BTreeSet<String>,
}

impl Person {
    pub async fn of(app: &TestApp, who: &'static str, token: String) -> Self {
        let response = app.query(&token, VIEWER, json!({})).await;
        let viewer = &response["viewer"];
        let organizations = viewer["memberships"].as_array().expect("memberships").iter();
        let departments = viewer["departmentIds"].as_array().expect("departments").iter();
        Self {
            who,
            principal: match viewer["issuer"].as_str() {
                Some(issuer) => format!("{issuer} {}", text(&viewer["subject"])),
                // An API key has no issuer.
                None => text(&viewer["subject"]),
            },
            kind: text(&viewer["roles"][0]),
            organizations: organizations.map(|it| text(&it["organizationId"])).collect(),
            departments: departments.map(text).collect(),
            token,
        }
    }

    /// Returns the column of `access.toml` that applies to this person for an entry.
    pub fn column(&self, subject: &Subject, concerned: Option<&str>) -> &'static str {
        let is_of = |department: &String| self.departments.contains(department);
        match &*self.kind {
            "BIDDER" if concerned.is_some_and(|it| self.organizations.contains(it)) => "signatory",
            "BIDDER" => "rival",
            // Other entries that an officer sees were submitted to its own department.
            "CONTRACT_OFFICER" if subject.department.as_ref().is_none_or(is_of) => "officer",
            "CONTRACT_OFFICER" => "other_officer",
            "BCA_REVIEWER" => "bca_reviewer",
            "BCA_SUPERVISOR" => "bca_supervisor",
            "CAO_ANALYST" => "cao_analyst",
            "AUDITOR" => "auditor",
            "ADMIN" => "admin",
            "PROCUREMENT_SYSTEM" => "procurement_system",
            "EXPORT_READER" => "exports_key",
            "EVENT_READER" => "events_key",
            other => panic!("{other}"),
        }
    }
}

/// The subject of a trail.
pub struct Subject {
    /// Owner, if an organization owns the subject.
    pub organization: Option<String>,
    /// Department, if others see the subject too.
    pub department: Option<String>,
    /// Whether an entry concerns the organization only if it names it.
    is_match: bool,
}

impl Subject {
    pub async fn of(app: &TestApp, auditor: &Person, id: &str) -> Self {
        let response = app.query(&auditor.token, SUBJECT, json!({ "id": id })).await;
        let node = &response["node"];
        let own = |kind: &str| (node["__typename"] == kind).then(|| id.to_owned());
        let of = |edge: &str| node[edge]["id"].as_str().map(str::to_owned);
        Self {
            organization: own("Organization").or_else(|| of("organization")),
            department: own("Department").or_else(|| of("department")),
            is_match: node["__typename"] == "AwardMatch",
        }
    }

    /// Returns the organization that an entry concerns.
    pub fn concerned(&self, whole: &Entry) -> Option<String> {
        let data = &whole["data"];
        if data["notified"] == json!(false) {
            return None;
        }
        let named = data["organization"].as_str().map(str::to_owned);
        named.or_else(|| self.organization.clone().filter(|_| !self.is_match))
    }
}

/// Loads a whole trail; none if the subject is not visible to the person, to whom `node` shows
/// nothing either.
pub async fn trail(
    app: &TestApp,
    person: &Person,
    id: &str,
    wrong: &mut Vec<String>,
) -> Option<Vec<Entry>> {
    let mut answer = app.execute(&person.token, TRAIL, json!({ "id": id, "first": 100 })).await;
    let node = app.query(&person.token, NODE, json!({ "id": id })).await;
    if let Some(code) = find_fault_code(&answer) {
        if code != "NOT_FOUND" || node["node"] != Value::Null {
            wrong.push(format!("{id} {}: {code}, node {node}", person.who));
        }
        return None;
    }
    let trail = &mut answer["data"]["auditTrail"];
    let Value::Array(entries) = trail["nodes"].take() else { panic!("no entries: {trail}") };
    if node["node"] == Value::Null || trail["totalCount"] != json!(entries.len()) {
        wrong.push(format!("{id} {}: {} entries, node {node}, {trail}", person.who, entries.len()));
    }
    Some(entries)
}

/// Recomputes a hash chain from whole entries.
///
/// Where the chain breaks.
pub fn recomputed(entries: &[Entry]) -> Result<(), String> {
    let mut previous = json!("");
    for (entry, sequence) in entries.iter().zip(1..) {
        let hashed = json!({
            "subject": entry["subject"], "sequence": sequence, "previous": previous,
            "at": entry["at"], "actor": entry["actor"], "action": entry["action"],
            "data": entry["data"],
        });
        let digest = canonical(&hashed).map_err(|_| "no JSON".to_owned())?.sha256;
        let is_linked = entry["sequence"] == json!(sequence) && entry["previous"] == previous;
        if !is_linked || entry["hash"] != json!(digest) {
            return Err(format!("{digest} is not the hash of {entry}"));
        }
        previous = entry["hash"].clone();
    }
    Ok(())
}
