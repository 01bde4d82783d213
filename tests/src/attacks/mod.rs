//! Documents for this schema that exceed what a client needs.
mod cost;
mod selections;
mod values;

use serde_json::{Value, json};

/// A request and its expected result.
#[derive(Debug)]
pub struct Attack {
    pub name: String,
    /// The body of the request.
    pub body: String,
    /// Code of the expected refusal; none if the request is executed, with any result.
    pub refused: Option<&'static str>,
}

/// Identifiers of existing objects that the documents query.
#[derive(Clone, Copy, Debug)]
pub struct Targets<'a> {
    pub organization: &'a str,
    pub disclosure: &'a str,
    pub solicitation: &'a str,
    pub bid: &'a str,
}

const LIMIT: Option<&str> = Some("LIMIT_EXCEEDED");
const INVALID: Option<&str> = Some("BAD_USER_INPUT");

/// Concatenates what `part` returns for each number from 0 to `count`.
fn times(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

/// Wraps `inner` in `levels` pairs of `open` and `close`.
fn nested(levels: usize, open: &str, inner: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
}

/// Returns every attack.
#[must_use]
pub fn attacks(targets: Targets<'_>) -> Vec<Attack> {
    let mut all = Vec::new();
    selections::introspection(&mut all);
    selections::aliases(&mut all, targets);
    selections::fragments(&mut all);
    selections::floods(&mut all, targets);
    values::texts(&mut all);
    values::arguments(&mut all);
    cost::lists(&mut all, targets);
    cost::heavy(&mut all, targets);
    cost::mutations(&mut all, targets);
    values::requests(&mut all);
    all
}

fn query(all: &mut Vec<Attack>, name: &str, refused: Option<&'static str>, document: &str) {
    with(all, name, refused, document, &json!({}));
}

fn with(
    all: &mut Vec<Attack>,
    name: &str,
    refused: Option<&'static str>,
    document: &str,
    variables: &Value,
) {
    let body = json!({ "query": document, "variables": variables }).to_string();
    all.push(Attack { name: name.to_owned(), body, refused });
}
