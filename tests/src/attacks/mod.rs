//! Documents that ask for more than anybody needs, written for this schema.
mod cost;
mod selections;
mod values;

use serde_json::{Value, json};

/// What is sent, and what comes of it.
#[derive(Debug)]
pub struct Attack {
    pub name: String,
    /// The body of the request.
    pub body: String,
    /// The code of the error that refuses it; none if it is answered, however that ends.
    pub refused: Option<&'static str>,
}

/// What the documents ask about: identifiers of things that there are.
#[derive(Clone, Copy, Debug)]
pub struct Targets<'a> {
    pub organization: &'a str,
    pub disclosure: &'a str,
    pub solicitation: &'a str,
    pub bid: &'a str,
}

const LIMIT: Option<&str> = Some("LIMIT_EXCEEDED");
const INVALID: Option<&str> = Some("BAD_USER_INPUT");

/// `count` times what `part` makes of each number from 0.
fn times(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

/// `inner` inside `levels` of `open` and `close`.
fn nested(levels: usize, open: &str, inner: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
}

/// All of them.
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
