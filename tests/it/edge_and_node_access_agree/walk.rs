//! Queries every edge as one user, and compares the result with `node`.
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt::Write;
use std::slice;

use candor_tests::TestApp;
use serde_json::{Map, Value, json};

use super::edges::{CONNECTION_PAGE_SIZE, Edge, Schema, lacks_arguments, takes_an_id};

/// Number of objects queried in one document; halved if the limits refuse it.
const BATCH: usize = 8;
/// Leaves that identify an object: they name only objects that the viewer may see.
const ID_LEAVES: &[(&str, &str)] = &[("amendments", "/disclosureId"), ("bidId", "")];

/// Reached edges, and differences.
#[derive(Debug, Default)]
pub struct Findings {
    /// Edges that returned an object to some user.
    pub walked: BTreeSet<String>,
    pub wrong: Vec<String>,
}

/// A user who queries every edge.
pub struct Walker<'a> {
    pub app: &'a TestApp,
    pub schema: &'a Schema,
    pub who: &'a str,
    pub token: &'a str,
    /// All object identifiers, by type.
    pub ids: &'a BTreeMap<String, Vec<String>>,
    /// What `node` shows, by identifier.
    shown: HashMap<String, Value>,
}

impl<'a> Walker<'a> {
    pub fn new(
        app: &'a TestApp,
        schema: &'a Schema,
        (who, token): (&'a str, &'a str),
        ids: &'a BTreeMap<String, Vec<String>>,
    ) -> Self {
        Self { app, schema, who, token, ids, shown: HashMap::new() }
    }

    /// Queries every edge of every visible object, and every list of the query type.
    pub async fn walk(mut self, findings: &mut Findings) {
        for (object, ids) in self.ids {
            let content = [format!("__typename {}", self.schema.content(object))];
            for (id, found) in self.nodes(object, ids, &content).await {
                if !found.is_null() {
                    self.shown.entry(id).or_insert(found);
                }
            }
        }
        self.compare_inside(findings);
        for (object, ids) in self.ids {
            let seen: Vec<String> =
                ids.iter().filter(|id| self.shown.contains_key(*id)).cloned().collect();
            let edges = self.schema.edges(object);
            let selections: Vec<String> =
                edges.iter().map(|edge| self.schema.selection(edge)).collect();
            for (id, owner) in self.nodes(object, &seen, &selections).await {
                for edge in &edges {
                    self.compare(edge, object, &id, &owner, findings);
                }
            }
        }
        for edge in self.schema.edges("Query") {
            if takes_an_id(&edge) {
                self.walk_by_id(&edge, findings).await;
            } else {
                self.walk_list(&edge, findings).await;
            }
        }
    }

    /// A root list returns what `node` shows, or is refused.
    async fn walk_list(&self, edge: &Edge, findings: &mut Findings) {
        let name = edge.name("Query");
        if lacks_arguments(edge) {
            findings.wrong.push(format!("{name}: give it arguments"));
            return;
        }
        let document = format!("{{ {} }}", self.schema.selection(edge));
        let answer = self.app.execute(self.token, &document, json!({})).await;
        match answer.get("errors") {
            None => self.compare(edge, "Query", "", &answer["data"], findings),
            Some(errors) if errors[0]["extensions"]["code"] == "FORBIDDEN" => {}
            Some(errors) => findings.wrong.push(format!("{}: {name}: {errors}", self.who)),
        }
    }

    /// A root query by identifier returns what `node` returns.
    async fn walk_by_id(&self, edge: &Edge, findings: &mut Findings) {
        let name = &edge.path[0].name;
        let content = self.schema.content(edge.target());
        let ids = self.ids.get(edge.target()).map_or(&[][..], Vec::as_slice);
        let of = |at: &str, content: &str| format!("{name}(id: ${at}) {{ {content} }}");
        let content = [format!("__typename {content}")];
        for (id, found) in self.batches(ids, &content, &of).await {
            let shown = self.shown.get(&id).unwrap_or(&Value::Null);
            if found != *shown {
                let problem = format!("{}: {name}({id}) is {found}, its node {shown}", self.who);
                findings.wrong.push(problem);
            }
            if !found.is_null() {
                findings.walked.insert(edge.name("Query"));
            }
        }
    }

    /// Queries `node` for each identifier and selection.
    async fn nodes(
        &self,
        object: &str,
        ids: &[String],
        selections: &[String],
    ) -> Vec<(String, Value)> {
        let of = |at: &str, selection: &str| {
            format!("node(id: ${at}) {{ ... on {object} {{ {selection} }} }}")
        };
        self.batches(ids, selections, &of).await
    }

    /// Sends the same query for each identifier, many identifiers and selections in one document as
    /// far as the limits allow. An identifier has one response for each part of its divided
    /// selections.
    async fn batches(
        &self,
        ids: &[String],
        selections: &[String],
        of: &dyn Fn(&str, &str) -> String,
    ) -> Vec<(String, Value)> {
        let mut found = Vec::new();
        let mut left: VecDeque<(&[String], &[String])> =
            ids.chunks(BATCH).map(|ids| (ids, selections)).collect();
        while let Some((ids, selections)) = left.pop_front() {
            if selections.is_empty() {
                continue;
            }
            let (mut declared, mut selected) = (String::new(), String::new());
            let mut variables = Map::new();
            for (index, id) in ids.iter().enumerate() {
                let at = format!("id{index}");
                write!(declared, "${at}: ID! ").expect("a string takes all");
                let of_one = of(&at, &selections.join(" "));
                write!(selected, "n{index}: {of_one} ").expect("a string takes all");
                variables.insert(at, json!(id));
            }
            let document = format!("query({declared}) {{ {selected} }}");
            let mut answer =
                self.app.execute(self.token, &document, Value::Object(variables)).await;
            if let Some(errors) = answer.get("errors") {
                assert_eq!(
                    errors[0]["extensions"]["code"], "LIMIT_EXCEEDED",
                    "{document} {errors}"
                );
                if ids.len() > 1 {
                    let (one, other) = ids.split_at(ids.len() / 2);
                    left.extend([(one, selections), (other, selections)]);
                } else {
                    assert!(selections.len() > 1, "too much for one document: {document}");
                    let (one, other) = selections.split_at(selections.len() / 2);
                    left.extend([(ids, one), (ids, other)]);
                }
                continue;
            }
            for (index, id) in ids.iter().enumerate() {
                found.push((id.clone(), answer["data"][format!("n{index}")].take()));
            }
        }
        found
    }

    /// Every object inside another is one that `node` shows too.
    fn compare_inside(&self, findings: &mut Findings) {
        for (owner, shown) in &self.shown {
            let mut inside = Vec::new();
            collect_ids(shown, true, &mut inside);
            for (field, leaf) in ID_LEAVES {
                let one = shown.get(field).into_iter();
                let all = one.flat_map(|it| it.as_array().map_or(slice::from_ref(it), |it| it));
                let leaves = all.filter_map(|it| it.pointer(leaf)).filter_map(Value::as_str);
                inside.extend(leaves.map(str::to_owned));
            }
            for id in inside {
                if self.is_known(&id) && !self.shown.contains_key(&id) {
                    let problem = format!("{}: {owner} contains {id}, which node hides", self.who);
                    findings.wrong.push(problem);
                }
            }
        }
    }

    /// Returns whether an identifier is of a type that `node` returns.
    fn is_known(&self, id: &str) -> bool {
        let kind = |id: &str| id.rsplit_once('_').map(|(kind, _)| kind.to_owned());
        self.ids.values().filter_map(|ids| ids.first()).any(|known| kind(known) == kind(id))
    }

    /// Compares what an edge shows of each object with what `node` shows.
    fn compare(&self, edge: &Edge, owner: &str, id: &str, from: &Value, findings: &mut Findings) {
        let name = edge.name(owner);
        let names: Vec<&str> = edge.path.iter().map(|field| &*field.name).collect();
        let mut reached = Reached::default();
        reach(from, &names, &mut reached);
        for (rows, total) in reached.pages {
            if total.is_some_and(|total| total != rows as u64) && rows < CONNECTION_PAGE_SIZE {
                let problem =
                    format!("{}: {name} of {id} has {rows} rows, not {total:?}", self.who);
                findings.wrong.push(problem);
            }
            if rows == CONNECTION_PAGE_SIZE {
                findings
                    .wrong
                    .push(format!("{name} of {id} fills a page of {CONNECTION_PAGE_SIZE}"));
            }
        }
        for object_id in reached.wrappers {
            if self.is_known(&object_id) && !self.shown.contains_key(&object_id) {
                let problem = format!("{}: {name} names {object_id}, hidden by node", self.who);
                findings.wrong.push(problem);
            }
        }
        for child in reached.objects {
            findings.walked.insert(name.clone());
            match self.shown.get(&as_text(&child["id"])) {
                None => findings.wrong.push(format!(
                    "{}: {name} of {id} leads to {}, which node hides",
                    self.who, child["id"]
                )),
                Some(shown) if shown != child => findings.wrong.push(format!(
                    "{}: {name} of {id} shows of {} another thing than node\n{child}\n{shown}",
                    self.who, child["id"]
                )),
                Some(_) => {}
            }
        }
    }
}

/// Objects at the end of a path.
#[derive(Default)]
struct Reached<'a> {
    objects: Vec<&'a Value>,
    /// Identifiers of the objects on the path.
    wrappers: Vec<String>,
    /// Rows of a connection's page, and the total count.
    pages: Vec<(usize, Option<u64>)>,
}

fn reach<'a>(from: &'a Value, path: &[&str], reached: &mut Reached<'a>) {
    match from {
        Value::Array(rows) => rows.iter().for_each(|row| reach(row, path, reached)),
        Value::Object(fields) => {
            let Some((next, rest)) = path.split_first() else {
                reached.objects.push(from);
                return;
            };
            if let Some(id) = fields.get("id").and_then(Value::as_str) {
                reached.wrappers.push(id.to_owned());
            }
            // Another part of a divided selection has it.
            let Some(inside) = fields.get(*next) else { return };
            if let (Some(total), Some(rows)) = (fields.get("totalCount"), inside.as_array()) {
                reached.pages.push((rows.len(), total.as_u64()));
            }
            reach(inside, rest, reached);
        }
        _ => {}
    }
}

/// Collects the identifiers of objects inside a value.
fn collect_ids(value: &Value, outermost: bool, ids: &mut Vec<String>) {
    match value {
        Value::Array(rows) => rows.iter().for_each(|row| collect_ids(row, false, ids)),
        Value::Object(fields) => {
            for (name, inside) in fields {
                match inside.as_str() {
                    // An identifier with a scheme, such as a UEI, is not of an object.
                    Some(id) if name == "id" && !outermost && !fields.contains_key("scheme") => {
                        ids.push(id.to_owned());
                    }
                    // The facts of a decision are stored as submitted.
                    _ if name == "facts" => {}
                    _ => collect_ids(inside, false, ids),
                }
            }
        }
        _ => {}
    }
}

fn as_text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
